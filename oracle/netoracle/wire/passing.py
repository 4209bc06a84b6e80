"""What passes the recorder: TCP segments, and ICMP errors about them, as a stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from netoracle.trace.capture.icmp import ICMP, quoted_segment
from netoracle.trace.capture.packets import TCP, Packet
from netoracle.trace.capture.tcp import tcp_segment
from netspec.wire.event import Event
from netspec.wire.segment import FROM_NO_HOST, TO_NO_HOST

_IPV4 = 4
_GROUPS = range(224, 240)

Side = tuple[bytes, int]
"""An address and a port."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A segment on its way from one side to another.

    Where both are the same it was forged: the host receives it, and did not send it.
    """

    source: Side
    target: Side
    event: Event

    @property
    def forged(self) -> bool:
        """Whether the segment says that a socket sent it to itself."""
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Unreachable:
    """An ICMP error on its way to the host that sent a segment from `source` to `target`; `hard`: it says "never"."""

    source: Side
    target: Side
    time: int
    hard: bool


def passing(stream: Iterable[Packet], checksums: Counter[str] | None = None) -> Iterator[Passing | Unreachable]:
    """What of a stream of packets is TCP, or an ICMP error about it."""
    for packet in stream:
        if packet.protocol == TCP:
            sport, dport, segment = tcp_segment(packet, checksums)
            if not packet.checksum_ok:
                segment = replace(segment, fault="IP checksum")
            elif segment.fault is None and not (_of_host(packet.src) and _of_host(packet.dst)):
                segment = replace(segment, fault=TO_NO_HOST if _of_host(packet.src) else FROM_NO_HOST)
            event = Event(packet.frame, packet.time, segment)
            yield Passing((packet.src, sport), (packet.dst, dport), event)
        elif packet.protocol == ICMP:
            quoted = quoted_segment(packet)
            if quoted is not None and quoted.src == packet.dst:
                source, target = (quoted.src, quoted.sport), (quoted.dst, quoted.dport)
                yield Unreachable(source, target, packet.time, quoted.hard)


def _of_host(address: bytes) -> bool:
    """Whether an address may be a host's: no group's, not the limited broadcast, and not unspecified."""
    if not any(address):
        return False
    if len(address) > _IPV4:
        return address[0] != 0xFF
    return address[0] not in _GROUPS and address != b"\xff" * _IPV4
