"""UDP datagrams from packets (RFC 768), and what is wrong with them."""

from __future__ import annotations

import struct
from collections import Counter

from netoracle.trace.capture.checksum import checksum_state
from netoracle.trace.capture.packets import UDP, Packet

_HEADER = struct.Struct("!HHHH")


def udp_datagram(packet: Packet, checksums: Counter[str] | None = None) -> tuple[int, int, int, bytes, str | None]:
    """Source port, destination port, length of the data, what was captured of them, and the fault of a datagram.

    The packet is one of protocol 17 that `packets` gave.  A checksum of 0 stands for none, which is a fault over IPv6
    (RFC 8200 section 8.1); `checksums` counts the datagrams by `checksum.State`, or as `none`.
    """
    payload, length = packet.payload, packet.length
    if len(payload) < _HEADER.size:
        if length >= _HEADER.size:
            raise ValueError("a UDP header that was not captured")
        sport, dport, _, _ = _HEADER.unpack(payload.ljust(_HEADER.size, b"\0"))
        return sport, dport, 0, b"", "shorter than a UDP header"
    sport, dport, size, field = _HEADER.unpack_from(payload)
    if size < _HEADER.size or size > length:
        problem = "length below 8" if size < _HEADER.size else "length beyond the packet"
        return sport, dport, length - _HEADER.size, payload[_HEADER.size :], problem
    payload = payload[:size]
    state = checksum_state(packet.src, packet.dst, UDP, payload, size, field) if field else "none"
    if checksums is not None:
        checksums[state] += 1
    fault: str | None = None
    if state == "wrong":
        fault = "checksum"
    elif state == "none" and len(packet.src) == 16:
        fault = "no checksum"
    elif not dport:
        fault = "port 0"
    return sport, dport, size - _HEADER.size, payload[_HEADER.size :], fault
