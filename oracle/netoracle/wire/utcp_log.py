"""µTCP's trace log as what the host itself saw: segments it processed, segments it handed out, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Literal

from netoracle.trace.model import ApiCall, Flow
from netoracle.trace.utcp import read_utcp_log
from netoracle.wire.passing import Passing, Side
from netspec.base.base_types import Ip
from netspec.tcp.host0 import Lh_recvdatagram, Lh_senddatagram
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.wire.event import Event
from netspec.wire.segment import ACK, FIN, PSH, RST, SYN, URG, Options, Segment

_SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log: its number, the host's clock in nanoseconds, the connection, and what happened.

    `kind` is "in" or "out" with a segment, else the word for a call, with the octets that were offered if it takes any.
    """

    line: int
    time: int
    host: Side
    peer: Side
    kind: str
    segment: Segment | None = None
    data: bytes = b""


Direction = Literal["in", "out"]


def read_log(path: str | PathLike[str]) -> list[Logged]:
    """Read a log, gzipped or not.  Raises TraceError where it is none."""
    return list(_lines(path))


def _lines(path: str | PathLike[str]) -> Iterator[Logged]:
    for entry in read_utcp_log(path).labels:
        time = int((entry.time or 0) * _SECOND)
        match entry.label:
            case Lh_recvdatagram(TCP(segment)):
                yield Logged(entry.line, time, *_ends(segment)[::-1], "in", wire_segment(segment))
            case Lh_senddatagram(TCP(segment)):
                yield Logged(entry.line, time, *_ends(segment), "out", wire_segment(segment))
            case ApiCall(kind, flow, data):
                yield Logged(entry.line, time, *_sides(flow), kind, None, data or b"")


def logged_segment(line: Logged, clock: Callable[[int], int]) -> Passing:
    """The segment of a line as if it had passed a recorder with a clock.

    For the number of a frame it has the negative number of the line.
    """
    assert line.segment is not None
    ends = (line.host, line.peer) if line.kind == "out" else (line.peer, line.host)
    return Passing(*ends, Event(-line.line, clock(line.time), line.segment))


def wire_segment(seg: TcpSegment) -> Segment:
    """A segment of the model as it is on the wire."""
    flags = sum(
        bit
        for bit, on in (
            (URG, seg.URG),
            (ACK, seg.ACK),
            (PSH, seg.PSH),
            (RST, seg.RST),
            (SYN, seg.SYN),
            (FIN, seg.FIN),
        )
        if on
    )
    ts = None if seg.ts is None else (seg.ts[0].n, seg.ts[1].n)
    options = Options(mss=seg.mss, ws=seg.ws, ts=ts)
    return Segment(seg.seq.n, seg.ack.n, flags, seg.win, len(seg.data), seg.data, seg.urp, options)


def address(ip: Ip) -> bytes:
    """An address of the model as the capture has it."""
    return ip.n.to_bytes(4)


def _ends(seg: TcpSegment) -> tuple[Side, Side]:
    assert seg.is1 is not None and seg.is2 is not None
    source = address(seg.is1), seg.ps1.n if seg.ps1 else 0
    return source, (address(seg.is2), seg.ps2.n if seg.ps2 else 0)


def _sides(flow: Flow) -> tuple[Side, Side]:
    return (address(flow.local_ip), flow.local_port.n), (address(flow.remote_ip), flow.remote_port.n)
