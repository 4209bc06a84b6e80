"""What a host's receives returned: a log of calls has lengths only, the capture has the bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from netspec.base.base_types import Ip, Port
from netspec.tcp.net_types import TCP, UDP, Msg, TcpSegment, UdpDatagram

Endpoint = tuple[Ip | None, Port | None]


class NotReceived(Exception):
    """The capture does not show what a receive returned; the message says what is missing."""


@dataclass(slots=True)
class Stream:
    """The bytes of one direction of a TCP connection.

    `known` bytes have come without a gap, `pieces` are those behind a gap, and `read` bytes were read.
    """

    began: Fraction
    start: int
    data: bytearray = field(default_factory=bytearray)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    known: int = 0
    read: int = 0
    urgent: bool = False

    def put(self, segment: TcpSegment) -> None:
        """Add a segment's bytes at their place."""
        offset = (segment.seq.n + segment.SYN - self.start) % 2**32
        if offset >= 2**31:
            return
        end = offset + len(segment.data)
        self.data.extend(bytes(max(0, end - len(self.data))))
        self.data[offset:end] = segment.data
        self.pieces.append((offset, end))
        for begin, until in sorted(self.pieces):
            if begin <= self.known:
                self.known = max(self.known, until)
        self.pieces = [(begin, until) for begin, until in self.pieces if begin > self.known]
        self.urgent = self.urgent or segment.URG

    def take(self, n: int, peek: bool) -> bytes:
        """The next `n` bytes."""
        if self.urgent:
            raise NotReceived("after urgent data the log does not say which bytes were returned")
        if self.read + n > self.known:
            raise NotReceived(f"{n} bytes were returned, the capture has {self.known - self.read}")
        data = bytes(self.data[self.read : self.read + n])
        self.read += 0 if peek else n
        return data


class Received:
    """The UDP datagrams and the TCP streams that arrived at a host."""

    def __init__(self, messages: Iterable[tuple[Fraction, Msg]]) -> None:
        self._datagrams: dict[Port | None, list[UdpDatagram]] = defaultdict(list)
        self._streams: dict[tuple[Endpoint, Port | None], list[Stream]] = defaultdict(list)
        for time, msg in messages:
            if isinstance(msg, UDP):
                self._datagrams[msg.v.ps2].append(msg.v)
            elif isinstance(msg, TCP):
                self._segment(time, msg.v)

    def _segment(self, time: Fraction, segment: TcpSegment) -> None:
        streams = self._streams[(segment.is1, segment.ps1), segment.ps2]
        start = (segment.seq.n + segment.SYN) % 2**32
        if not streams or (segment.SYN and streams[-1].start != start):
            streams.append(Stream(time, start))
        streams[-1].put(segment)

    def datagram(self, port: Port | None, peer: Endpoint | None, peek: bool) -> UdpDatagram:
        """The next datagram to a port, from the peer where that is known."""
        queue = self._datagrams[port]
        for index, datagram in enumerate(queue):
            if peer is None or peer == (datagram.is1, datagram.ps1):
                return datagram if peek else queue.pop(index)
        raise NotReceived("the capture has no such datagram")

    def stream(self, peer: Endpoint, port: Port | None, by: Fraction) -> Stream:
        """The latest stream from a peer to a port that began by a time."""
        streams = [stream for stream in self._streams[peer, port] if stream.began <= by]
        if not streams:
            raise NotReceived("the capture has no such connection")
        return streams[-1]
