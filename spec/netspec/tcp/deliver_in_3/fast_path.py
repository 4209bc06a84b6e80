"""Whether BSD's header prediction takes a segment, as the erratum fast-path-before-acknowledgement has it."""

from __future__ import annotations

from netspec.base.base_types import SO_RCVBUF
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.base.utils import num_minus, w2n
from netspec.tcp.host_types import TcpSocket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SockFlags
from netspec.tcp.pre_host_types import ESTABLISHED


def predicted_header(tcp_sock_0: TcpSocket, seg: TcpSegment) -> bool:
    """Whether the header is the one expected next, by the socket before the segment."""
    cb_0 = tcp_sock_0.cb
    return bool(
        tcp_sock_0.st == ESTABLISHED
        and not seg.SYN
        and not seg.FIN
        and not seg.RST
        and not seg.URG
        and seg.ACK
        and tcp_seq_flip_sense(seg.seq) == cb_0.rcv_nxt
        and cb_0.snd_wnd == w2n(seg.win) << cb_0.snd_scale
        and cb_0.snd_max == cb_0.snd_nxt
    )


def predicted_acknowledgement(tcp_sock_0: TcpSocket, seg: TcpSegment) -> bool:
    """Whether header prediction takes a pure acknowledgement of new data."""
    cb_0 = tcp_sock_0.cb
    ack = tcp_seq_flip_sense(seg.ack)
    return bool(
        predicted_header(tcp_sock_0, seg)
        and seg.data == b""
        and ack > cb_0.snd_una
        and ack <= cb_0.snd_max
        and cb_0.snd_cwnd >= cb_0.snd_wnd
        and cb_0.t_dupacks < 3
    )


def predicted_data(tcp_sock_0: TcpSocket, sf: SockFlags, seg: TcpSegment) -> bool:
    """Whether header prediction takes data that acknowledges nothing new."""
    return bool(
        predicted_header(tcp_sock_0, seg)
        and seg.data != b""
        and tcp_seq_flip_sense(seg.ack) == tcp_sock_0.cb.snd_una
        and tcp_sock_0.cb.t_segq == ()
        and len(seg.data) < num_minus(sf.n[SO_RCVBUF], len(tcp_sock_0.rcvq))
    )
