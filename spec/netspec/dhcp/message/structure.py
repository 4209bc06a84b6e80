"""Values that have a structure of their own: what is wrong with one, None where nothing is."""

from __future__ import annotations

import re
from collections.abc import Callable

_COMPRESSED = 0xC0
_LONGEST_NAME = 255
_AGENT_SIZES = {4: 4, 5: 4, 10: 1, 11: 4, 19: 0}
"""Octets of suboptions of option 82 that have a fixed size (RFC 3256, RFC 3527, RFC 5010, RFC 5107, RFC 8357)."""

RELAY_PORT = 19
"""The suboption of option 82 by which a relay asks for replies to the port that it sends from (RFC 8357)."""

_VENDOR_FREE = frozenset({0, 255})
"""Codes whose format each vendor chooses (RFC 3925 section 4)."""

_URI = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]*")
_ENCODED = 0x04
_RESERVED = 0xF0


def routes(value: bytes) -> str | None:
    """Classless routes: prefix length, as many octets of the prefix as it needs, router (RFC 3442)."""
    at = 0
    while at < len(value):
        width = value[at]
        if width > 32:
            return f"a prefix of {width} bits"
        at += 1 + (width + 7) // 8 + 4
    return None if at == len(value) else "the last route is cut short"


def names(value: bytes) -> str | None:
    """Domain names of labels, each ended by an empty label or a pointer to a label of a name before (RFC 3397).

    A name, read through its pointer, has at most 255 octets (RFC 1035 sections 3.1, 4.1.4).
    """
    sizes: dict[int, int] = {}
    name: list[int] = []
    at = 0
    while at < len(value):
        size = value[at]
        if 63 < size < _COMPRESSED:
            return f"a label of {size} octets"
        if size < _COMPRESSED and size:
            name.append(at)
            at += 1 + size
            continue
        after = at + (2 if size else 1)
        if after > len(value):
            return "a pointer is cut short"
        to = int.from_bytes(value[at:after]) & 0x3FFF
        if size and to not in sizes:
            return f"a pointer at {at} to {to}, where no earlier name has a label"
        rest = sizes[to] if size else 1
        name.append(at)
        sizes |= {start: rest + at - start for start in name}
        if sizes[name[0]] > _LONGEST_NAME:
            return f"a name of more than {_LONGEST_NAME} octets"
        name, at = [], after
    return "the last name has no end" if name else None


def enterprises(value: bytes) -> str | None:
    """Enterprise number, length, that many octets, again and again (RFC 3925 section 2).

    That an enterprise is there once is a SHOULD (sections 3, 4), and not looked at.
    """
    at = 0
    while at < len(value):
        if at + 5 > len(value):
            return "an enterprise number or length is cut short"
        at += 5 + value[at + 4]
    return None if at == len(value) else "the data of the last enterprise is cut short"


def vendor_classes(value: bytes) -> str | None:
    """Like `enterprises`, the data being items of a length and that many octets (RFC 3925 section 3)."""
    return _of_each_enterprise(value, _items)


def vendor_options(value: bytes) -> str | None:
    """Like `enterprises`, the data being options; from codes 0 and 255 on, the vendor's own (RFC 3925 section 4)."""
    return _of_each_enterprise(value, _vendor_data)


def parts(value: bytes) -> tuple[tuple[int, bytes], ...]:
    """The suboptions of a value, as far as they are whole (RFC 3046 section 2.0)."""
    found, at = [], 0
    while at + 2 <= len(value) and at + 2 + value[at + 1] <= len(value):
        found.append((value[at], value[at + 2 : at + 2 + value[at + 1]]))
        at += 2 + value[at + 1]
    return tuple(found)


def agent(value: bytes) -> str | None:
    """Suboptions; those with a fixed size have it (RFC 3046 section 2.0)."""
    wrong = suboptions(value)
    at = 0
    while wrong is None and at < len(value):
        code, size = value[at], value[at + 1]
        if _AGENT_SIZES.get(code, size) != size:
            return f"suboption {code} of {size} octets"
        at += 2 + size
    return wrong


def suboptions(value: bytes) -> str | None:
    """Code, length, that many octets, again and again (RFC 3046 section 2.0)."""
    at = 0
    while at < len(value):
        if at + 2 > len(value):
            return f"suboption {value[at]} has no length"
        at += 2 + value[at + 1]
    return None if at == len(value) else "the last suboption is cut short"


def fqdn(value: bytes) -> str | None:
    """Flags, two RCODEs, a name (RFC 4702 section 2)."""
    if len(value) < 3:
        return None
    if value[0] & _RESERVED:
        return f"reserved flags {value[0]:#04x}"
    if value[0] & 8 and value[0] & 1:
        return "flags N and S together"
    if value[0] & _ENCODED:
        return _partial_name(value[3:])
    return None


def identifier(value: bytes) -> str | None:
    """An identifier of type 255: an IAID of four octets and a DUID of more than two (RFC 4361 section 6.1)."""
    return f"an identifier of type 255 of {len(value)} octets" if value[:1] == b"\xff" and len(value) < 8 else None


def uri(value: bytes) -> str | None:
    """A URI: a scheme, then octets that may stand in one, so no NUL (RFC 8910 section 2.1, RFC 3986)."""
    return None if _URI.fullmatch(value) else f"no URI: {value[:64]!r}"


def user_classes(value: bytes) -> str | None:
    """User classes, each with its length before it, which is not 0 (RFC 3004 section 4)."""
    at = 0
    while at < len(value):
        if value[at] == 0:
            return "a user class of no octets"
        at += 1 + value[at]
    return None if at == len(value) else "the last user class is cut short"


def _of_each_enterprise(value: bytes, wrong_data: Callable[[bytes], str | None]) -> str | None:
    wrong = enterprises(value)
    at = 0
    while wrong is None and at < len(value):
        size = value[at + 4]
        wrong = wrong_data(value[at + 5 : at + 5 + size])
        at += 5 + size
    return wrong


def _items(value: bytes) -> str | None:
    at = 0
    while at < len(value):
        at += 1 + value[at]
    return None if at == len(value) else "the last item of a vendor class is cut short"


def _vendor_data(value: bytes) -> str | None:
    at = 0
    while at < len(value) and value[at] not in _VENDOR_FREE:
        if at + 2 > len(value):
            return f"option {value[at]} of a vendor has no length"
        at += 2 + value[at + 1]
    return None if at <= len(value) else "the last option of a vendor is cut short"


def _partial_name(value: bytes) -> str | None:
    """Labels, which need not be ended (RFC 4702 section 2.3.1)."""
    at = 0
    while at < len(value) and value[at]:
        if value[at] > 63:
            return f"a label of {value[at]} octets"
        at += 1 + value[at]
    return None if at <= len(value) else "a label is cut short"


STRUCTURES: dict[int, tuple[int, Callable[[bytes], str | None]]] = {
    61: (108, identifier),
    77: (4, user_classes),
    81: (110, fqdn),
    82: (114, agent),
    114: (117, uri),
    119: (112, names),
    121: (111, routes),
    124: (113, vendor_classes),
    125: (113, vendor_options),
}
"""By option, the requirement that its structure belongs to, and what looks at it."""
