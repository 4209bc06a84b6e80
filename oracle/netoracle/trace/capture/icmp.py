"""ICMP errors about TCP segments (RFC 792, RFC 1122 section 4.2.3.9)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from netoracle.trace.capture.packets import TCP, Packet

ICMP = 1
"""The protocol number."""

_UNREACHABLE = 3
_ERRORS = frozenset({_UNREACHABLE, 4, 11, 12})
_HARD_CODES = frozenset({2, 3})
"""Protocol unreachable, port unreachable (RFC 1122 section 4.2.3.9)."""

_PORTS = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class Quoted:
    """The segment that an error is about, and whether the error says that the connection cannot be."""

    src: bytes
    sport: int
    dst: bytes
    dport: int
    hard: bool


def quoted_segment(packet: Packet) -> Quoted | None:
    """The TCP segment that an ICMP packet quotes, None where it is no error or quotes none."""
    payload = packet.payload
    if len(payload) < 8 + 20 + 4 or payload[0] not in _ERRORS or payload[8] >> 4 != 4 or payload[17] != TCP:
        return None
    header = 8 + (payload[8] & 0x0F) * 4
    if len(payload) < header + 4:
        return None
    sport, dport = _PORTS.unpack_from(payload, header)
    hard = payload[0] == _UNREACHABLE and payload[1] in _HARD_CODES
    return Quoted(payload[20:24], sport, payload[24:28], dport, hard)
