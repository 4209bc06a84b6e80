"""Values that have a structure of their own: what is wrong with one, None where nothing is."""

from __future__ import annotations

from collections.abc import Callable

_COMPRESSED = 0xC0
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
    """Domain names of labels, each ended by an empty label or a pointer to an earlier place (RFC 3397, RFC 1035)."""
    at = 0
    inside = False
    while at < len(value):
        size = value[at]
        if size >= _COMPRESSED:
            if at + 1 >= len(value):
                return "a pointer is cut short"
            to = int.from_bytes(value[at : at + 2]) & 0x3FFF
            if to >= at:
                return f"a pointer at {at} to {to}"
            at, inside = at + 2, False
        elif size > 63:
            return f"a label of {size} octets"
        else:
            at, inside = at + 1 + size, size != 0
    return "the last name has no end" if inside or at != len(value) else None


def enterprises(value: bytes) -> str | None:
    """Enterprise number, length, that many octets, again and again; each enterprise once (RFC 3925)."""
    at = 0
    seen = set()
    while at < len(value):
        if at + 5 > len(value):
            return "an enterprise number or length is cut short"
        number = value[at : at + 4]
        if number in seen:
            return f"enterprise {int.from_bytes(number)} twice"
        seen.add(number)
        at += 5 + value[at + 4]
    return None if at == len(value) else "the data of the last enterprise is cut short"


def vendor_options(value: bytes) -> str | None:
    """Like `enterprises`, the data being options (RFC 3925 section 4)."""
    wrong = enterprises(value)
    at = 0
    while wrong is None and at < len(value):
        size = value[at + 4]
        wrong = suboptions(value[at + 5 : at + 5 + size])
        at += 5 + size
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
    """A URI: a scheme, no NUL, no control characters (RFC 8910 section 2)."""
    if any(octet < 0x21 or octet == 0x7F for octet in value):
        return "octets that no URI has"
    return None if b":" in value else "no scheme"


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
    81: (110, fqdn),
    82: (114, suboptions),
    114: (117, uri),
    119: (112, names),
    121: (111, routes),
    124: (113, enterprises),
    125: (113, vendor_options),
}
"""By option, the requirement that its structure belongs to, and what looks at it."""
