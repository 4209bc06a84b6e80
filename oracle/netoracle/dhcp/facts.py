"""Just enough of a message to say whose it is and what it does to leases, even where it breaks the encoding rules.

What the rules say of a message is the specification's to judge; this reading only sorts messages to parties and
books leases, so it takes what it can find and leaves out the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

_FIXED = 236
_COOKIE = bytes((99, 130, 83, 99))
_PAD, _OVERLOAD, _END = 0, 52, 255
_FILE, _SNAME = slice(108, 236), slice(44, 108)
_NONE = bytes(4)


class Kind(IntEnum):
    """Values of option 53 (RFC 2132 section 9.6)."""

    discover = 1
    offer = 2
    request = 3
    decline = 4
    ack = 5
    nak = 6
    release = 7
    inform = 8


REPLIES = frozenset({Kind.offer, Kind.ack, Kind.nak})


@dataclass(frozen=True, slots=True)
class Facts:
    """Who and what: addresses as four octets, all zero for none; `lease` in seconds, None where not said.

    `reply` goes by option 53, by `op` only without it: a party is not taken for another for a wrong `op`.
    """

    kind: Kind | None
    reply: bool
    xid: int
    hardware: bytes
    identifier: bytes | None
    ciaddr: bytes
    yiaddr: bytes
    giaddr: bytes
    server: bytes | None
    requested: bytes | None
    lease: int | None
    relayed: bool

    @property
    def client(self) -> bytes:
        """Whose client machine: hardware type and address."""
        return self.hardware

    @property
    def binding(self) -> bytes:
        """What a server keys the binding with as far as the message says: the identifier, else the hardware."""
        return b"\x3d" + self.identifier if self.identifier is not None else self.hardware


def facts(payload: bytes) -> Facts | None:
    """The facts in a payload; None where it is too short to be BOOTP."""
    if len(payload) < _FIXED:
        return None
    options = _options(payload)
    kind = options.get(53)
    length = min(payload[2], 16)
    known = Kind(kind[0]) if kind is not None and len(kind) == 1 and 1 <= kind[0] <= 8 else None
    return Facts(
        known,
        known in REPLIES if known is not None else payload[0] == 2,
        int.from_bytes(payload[4:8]),
        payload[1:2] + payload[28 : 28 + length],
        options.get(61),
        payload[12:16],
        payload[16:20],
        payload[24:28],
        _address(options.get(54)),
        _address(options.get(50)),
        int.from_bytes(options[51]) if len(options.get(51, b"")) == 4 else None,
        payload[24:28] != _NONE,
    )


def _options(payload: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    if payload[_FIXED : _FIXED + 4] != _COOKIE:
        return found
    _collect(payload[_FIXED + 4 :], found)
    overload = found.get(_OVERLOAD, b"\0")[:1]
    if overload in (b"\1", b"\3"):
        _collect(payload[_FILE], found)
    if overload in (b"\2", b"\3"):
        _collect(payload[_SNAME], found)
    return found


def _collect(area: bytes, found: dict[int, bytes]) -> None:
    """Options up to END, or to the first that does not fit; instances of one code are joined (RFC 3396)."""
    at = 0
    while at + 1 < len(area) and (code := area[at]) != _END:
        if code == _PAD:
            at += 1
            continue
        end = at + 2 + area[at + 1]
        if end > len(area):
            return
        value = area[at + 2 : end]
        found[code] = found[code] + value if code in found else value
        at = end


def _address(value: bytes | None) -> bytes | None:
    return value if value is not None and len(value) == 4 else None
