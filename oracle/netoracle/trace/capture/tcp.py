"""TCP segments from packets (RFC 9293 section 3.1), and what is wrong with them."""

from __future__ import annotations

import struct
from collections import Counter

from netoracle.trace.capture.checksum import checksum_state
from netoracle.trace.capture.packets import TCP, Packet
from netoracle.trace.capture.tcp_options import read_options
from netspec.wire.segment import FIN, NO_OPTIONS, RST, SYN, Segment

_HEADER = struct.Struct("!HHIIBBHHH")
_LEAST = 20


def tcp_segment(packet: Packet, checksums: Counter[str] | None = None) -> tuple[int, int, Segment]:
    """Source port, destination port and segment of a packet of protocol 6 that `packets` gave.

    `fault` is the first of: a packet shorter than a TCP header (what it lacks is zero), a wrong checksum, a data offset
    that cannot be, an option that cannot be, flags or ports that cannot be.  A checksum that the sender left to its
    network card is no fault; `checksums` counts the segments by `checksum.State`.
    """
    payload, length = packet.payload, packet.length
    if len(payload) < _LEAST:
        if length >= _LEAST:
            raise ValueError("a TCP header that was not captured")
        return _too_short(payload)
    sport, dport, seq, ack, offset, flags, win, field, urp = _HEADER.unpack_from(payload)
    state = checksum_state(packet.src, packet.dst, TCP, payload, length, field)
    if checksums is not None:
        checksums[state] += 1
    size = (offset >> 4) * 4
    fault = "checksum" if state == "wrong" else None
    options = NO_OPTIONS
    if size < _LEAST:
        fault = fault or "data offset below 5"
        size = _LEAST
    elif size > length:
        fault = fault or "data offset beyond the segment"
        size = length
    elif size > _LEAST:
        options, problem = read_options(payload[_LEAST:size])
        fault = fault or problem
    if fault is None:
        fault = _contradiction(sport, dport, flags)
    carried = length - size, payload[size:], urp, options, fault
    return sport, dport, Segment(seq, ack, flags, win, *carried, offset & 15, size - _LEAST, state == "right")


def _contradiction(sport: int, dport: int, flags: int) -> str | None:
    """What no segment can mean: flags (RFC 9293 section 3.10.7), or a port that is reserved (RFC 6335 section 6)."""
    if flags & SYN and flags & (FIN | RST):
        return "SYN with FIN" if flags & FIN else "SYN with RST"
    if not flags:
        return "no flags"
    if not sport or not dport:
        return "port 0"
    return None


def _too_short(payload: bytes) -> tuple[int, int, Segment]:
    sport, dport, seq, ack, _, flags, win, _, urp = _HEADER.unpack(payload.ljust(_LEAST, b"\0"))
    return sport, dport, Segment(seq, ack, flags, win, 0, b"", urp, NO_OPTIONS, "shorter than a TCP header")
