"""The answer of RFC 5961 to a reset or SYN that may be forged."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import SOME, Choose
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.base.timers import ticks_of
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail
from netspec.tcp.aux_fns.segments import make_ack_segment
from netspec.tcp.host_types import Host, Socket, tcp_proto
from netspec.tcp.net_types import TCP, TcpSegment


def challenge(h: Host, sock: Socket, seg: TcpSegment, choose: Choose) -> Host:
    """Acknowledge what was received so far; a reset outside the receive window is dropped instead.

    Source: RFC 5961, sections 3.2 and 4.2; RFC 9293, section 3.10.7.4.
    """
    cb = tcp_proto(sock).cb
    seq = tcp_seq_flip_sense(seg.seq)
    if seg.RST and not (cb.rcv_nxt <= seq and seq < cb.rcv_nxt + cb.rcv_wnd):
        return h
    quad = (SOME(sock.is1), SOME(sock.is2), SOME(sock.ps1), SOME(sock.ps2))
    seg_ = make_ack_segment(h.arch, cb, False, quad, ticks_of(h.ticks), choose)
    return replace(h, oq=enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, (TCP(seg_),), h.oq, choose))
