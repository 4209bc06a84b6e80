"""What passes the recorder: TCP segments, and ICMP errors about them, as a stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from netoracle.trace.capture.icmp import ICMP, quoted_segment
from netoracle.trace.capture.packets import TCP, Packet
from netoracle.trace.capture.tcp import tcp_segment
from netspec.wire.event import Event

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
            event = Event(packet.frame, packet.time, segment)
            yield Passing((packet.src, sport), (packet.dst, dport), event)
        elif packet.protocol == ICMP:
            quoted = quoted_segment(packet)
            if quoted is not None and quoted.src == packet.dst:
                source, target = (quoted.src, quoted.sport), (quoted.dst, quoted.dport)
                yield Unreachable(source, target, packet.time, quoted.hard)
