"""Segments of a capture as those of the model, named by their sender as HOL traces have them."""

from __future__ import annotations

from netoracle.wire.passing import Side
from netspec.base.base_types import Ip, Port
from netspec.base.seq32 import tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.tcp.net_types import TcpSegment
from netspec.wire.segment import ACK, FIN, PSH, RST, SYN, URG, Segment


def ip_of(address: bytes) -> Ip:
    """An address of IPv4 in the model."""
    return Ip(int.from_bytes(address))


def model_segment(seg: Segment, source: Side, target: Side) -> TcpSegment:
    """A segment in the model, which has no SACK, no ECN and no port 0 (None there)."""
    ts = seg.options.ts
    return TcpSegment(
        is1=ip_of(source[0]),
        is2=ip_of(target[0]),
        ps1=Port(source[1]) if source[1] else None,
        ps2=Port(target[1]) if target[1] else None,
        seq=tcp_seq_local(seg.seq),
        ack=tcp_seq_foreign(seg.ack),
        URG=bool(seg.flags & URG),
        ACK=bool(seg.flags & ACK),
        PSH=bool(seg.flags & PSH),
        RST=bool(seg.flags & RST),
        SYN=bool(seg.flags & SYN),
        FIN=bool(seg.flags & FIN),
        win=seg.win,
        ws=seg.options.ws,
        urp=seg.urp,
        mss=seg.options.mss,
        ts=None if ts is None else (ts_seq(ts[0]), ts_seq(ts[1])),
        data=seg.data,
    )
