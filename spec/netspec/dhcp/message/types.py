"""A DHCP message as it stands on the wire (RFC 2131 section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple

COOKIE = bytes((99, 130, 83, 99))
"""The first four octets of the options field (RFC 2131 section 3)."""

PAD, OVERLOAD, MESSAGE_TYPE, END = 0, 52, 53, 255
BROADCAST = 0x8000
"""The one bit of `flags` that has a meaning (RFC 2131 section 2)."""


class Field(Enum):
    """Where options stand, in the order in which they are interpreted (RFC 2131 section 4.1)."""

    options = "options"
    file = "file"
    sname = "sname"


class Kind(IntEnum):
    """Values of option 53 that section 4 speaks of (RFC 2132 section 9.6)."""

    discover = 1
    offer = 2
    request = 3
    decline = 4
    ack = 5
    nak = 6
    release = 7
    inform = 8


REPLIES = frozenset({Kind.offer, Kind.ack, Kind.nak})


class Option(NamedTuple):
    """One instance of an option; `pads` counts the zero octets before it."""

    code: int
    data: bytes
    field: Field = Field.options
    pads: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """The fields of a message; addresses and `xid` are 32 bit numbers, `secs` and `flags` 16 bit, the rest octets.

    `chaddr` has all 16 octets, `sname` 64 and `file` 128; a field that option 52 gives to options is empty here.
    `tails` is, for each area of options that is there, what follows its last option: pads, END, what comes after.
    """

    op: int
    htype: int
    hlen: int
    hops: int
    xid: int
    secs: int
    flags: int
    ciaddr: int
    yiaddr: int
    siaddr: int
    giaddr: int
    chaddr: bytes
    sname: bytes
    file: bytes
    cookie: bytes = COOKIE
    options: tuple[Option, ...] = ()
    tails: tuple[tuple[Field, bytes], ...] = ((Field.options, b"\xff"),)

    def joined(self) -> dict[int, bytes]:
        """The value of each option: instances of one code are joined, over all areas (RFC 3396 section 7)."""
        found: dict[int, bytes] = {}
        for option in self.options:
            found[option.code] = found[option.code] + option.data if option.code in found else option.data
        return found

    def tail(self, field: Field) -> bytes | None:
        """What follows the last option of an area; None where the area holds no options."""
        return next((tail for area, tail in self.tails if area is field), None)
