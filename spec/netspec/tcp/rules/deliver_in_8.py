"""SYN segments that arrive for a connection that has got past them."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import SOME, Choose, PremiseFailed, require
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.base.timers import Timed, ticks_of
from netspec.tcp.aux_fns.queueing import enqueue_each_and_ignore_fail
from netspec.tcp.aux_fns.reset import dropwithreset
from netspec.tcp.aux_fns.segments import make_rst_segment_from_cb
from netspec.tcp.deviations import CHALLENGE_ACK
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, TcpSocket, tcp_proto
from netspec.tcp.net_types import TCP, Msg, TcpSegment
from netspec.tcp.params import TCPTV_KEEP_IDLE, TCPTV_MAXIDLE, deviates, stopwatch_zero
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    BANDLIM_UNLIMITED,
    CLOSED,
    FIN_WAIT_2,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    BandlimReason,
    bsd_arch,
    slow_timer,
)
from netspec.tcp.rule import network, nonurgent, rp_tcp, rule
from netspec.tcp.rules.challenge import challenge
from netspec.tcp.rules.input_segment import dequeue_segment


def _own_syn(sock: Socket, seg: TcpSegment) -> TcpSocket:
    """Match a socket with a full quad that does not listen, and a SYN from its peer that is no reset."""
    require(sock.fid is not None)
    i1, p1, i2, p2 = SOME(sock.is1), SOME(sock.ps1), SOME(sock.is2), SOME(sock.ps2)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    require(seg.is1 == i2)
    require(seg.is2 == i1)
    require(seg.ps1 == p2)
    require(seg.ps2 == p1)
    require(not seg.RST)
    require(seg.SYN)
    return tcp_sock


def _answer(h: Host, sock: Socket, seg: TcpSegment, reason: BandlimReason, choose: Choose) -> Host:
    """The resets that answer the segment, queued; on BSD there is one more, made from the control block."""
    i1, p1, i2, p2 = SOME(sock.is1), SOME(sock.ps1), SOME(sock.is2), SOME(sock.ps2)
    first: tuple[Msg, ...] = ()
    if bsd_arch(h.arch):
        seg_ = make_rst_segment_from_cb(tcp_proto(sock).cb, (i1, i2, p1, p2), choose)
        first = (TCP(seg_),)
    bndlm_, outsegs = dropwithreset(seg, h.ifds, ticks_of(h.ticks), reason, h.bndlm, choose)
    oq_ = enqueue_each_and_ignore_fail(h.arch, h.rttab, h.ifds, first + outsegs, h.oq, choose)
    return replace(h, bndlm=bndlm_, oq=oq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_8(h: Host, lbl: Label, choose: Choose) -> Host:
    """A SYN for a connection that is set up, or being set up passively, is answered with resets.

    Source: TCP1_hostLTSScript.sml, deliver_in_8.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(seg.SYN)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    tcp_sock = _own_syn(sock, seg)
    if deviates(h.arch, CHALLENGE_ACK):
        require(tcp_sock.st not in {CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED})
        return challenge(replace(h, iq=iq_), sock, seg, choose)
    require(tcp_sock.st not in {CLOSED, LISTEN, SYN_SENT, TIME_WAIT})
    tt_keep_ = Timed((), slow_timer(TCPTV_KEEP_IDLE)) if tcp_sock.st != SYN_RECEIVED else tcp_sock.cb.tt_keep
    tt_fin_wait_2_ = Timed((), slow_timer(TCPTV_MAXIDLE)) if tcp_sock.st == FIN_WAIT_2 else tcp_sock.cb.tt_fin_wait_2
    cb_ = replace(tcp_sock.cb, tt_keep=tt_keep_, tt_fin_wait_2=tt_fin_wait_2_, t_idletime=stopwatch_zero)
    sock_ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=cb_)))
    h_ = replace(h, socks=h.socks.set(sid, sock_), iq=iq_)
    return _answer(h_, sock, seg, BANDLIM_UNLIMITED, choose)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_9(h: Host, lbl: Label, choose: Choose) -> Host:
    """A SYN for a connection in TIME_WAIT that is old, or that nobody listens for, is answered with resets.

    Source: TCP1_hostLTSScript.sml, deliver_in_9.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(seg.SYN)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    tcp_sock = _own_syn(sock, seg)
    require(tcp_sock.st == TIME_WAIT)
    require(not deviates(h.arch, CHALLENGE_ACK))
    seq = tcp_seq_flip_sense(seg.seq)
    require(seq <= tcp_sock.cb.rcv_nxt or not _listened_for(h, sock))
    return _answer(replace(h, iq=iq_), sock, seg, BANDLIM_RST_CLOSEDPORT, choose)


def _listened_for(h: Host, sock: Socket) -> bool:
    """Whether another socket listens at the local address and port of a socket."""
    return any(
        isinstance(other.pr, TCP_PROTO)
        and other.pr.v.st == LISTEN
        and (other.is1 is None or other.is1 == sock.is1)
        and other.ps1 == sock.ps1
        for other in h.socks.values()
        if other is not sock
    )
