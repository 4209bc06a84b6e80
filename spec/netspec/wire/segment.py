"""A TCP segment as it was on the wire."""

from __future__ import annotations

from dataclasses import dataclass

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
"""The control bits, as in the octet of the header (RFC 9293 section 3.1, RFC 3168)."""

FROM_NO_HOST = "from the address of no host"
TO_NO_HOST = "to the address of no host"
"""Faults of a segment between addresses of which one is unspecified, or that of a group (RFC 1122 section 3.2.1.3)."""

PADDING = "padding that is not zero"
"""The fault of a header that goes on behind the end-of-options mark."""

SackBlock = tuple[int, int]
"""Left and right edge of a SACK block: 32-bit sequence numbers (RFC 2018 section 3)."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a TCP header (RFC 9293 section 3.1, RFC 7323, RFC 2018).

    `mss` is in octets; `ws` is the shift count as sent (0..255); `ts` is (TSval, TSecr); `sack` is in the order sent;
    `other` has (kind, contents) of each option not known here, in the order sent.
    """

    mss: int | None = None
    ws: int | None = None
    sack_permitted: bool = False
    ts: tuple[int, int] | None = None
    sack: tuple[SackBlock, ...] = ()
    other: tuple[tuple[int, bytes], ...] = ()


NO_OPTIONS = Options()


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment, its ports and addresses left to the connection it belongs to.

    `seq`, `ack`: 32 bits; `flags`: the eight control bits; `win`: the window field, unscaled; `urp`: the urgent
    pointer; `length`: octets of payload that the headers announce; `data`: those of them that were captured,
    from the first on; `fault`: why a receiver has to drop or answer it specially, such as "checksum", else None;
    `reserved`: the four bits before the control bits; `options_length`: the octets of the header behind the first 20;
    `summed`: whether the checksum is right over all of it, so that no interface has put it together, or takes it apart.
    """

    seq: int
    ack: int
    flags: int
    win: int
    length: int = 0
    data: bytes = b""
    urp: int = 0
    options: Options = NO_OPTIONS
    fault: str | None = None
    reserved: int = 0
    options_length: int = 0
    summed: bool = False


def span(seg: Segment) -> int:
    """The sequence numbers a segment takes up: its octets, SYN and FIN (RFC 9293 section 3.4)."""
    return seg.length + bool(seg.flags & SYN) + bool(seg.flags & FIN)
