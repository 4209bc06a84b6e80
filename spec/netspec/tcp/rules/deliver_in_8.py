"""SYN segments that arrive for a connection that has got past them."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import SOME, Choose, PremiseFailed, require
from netspec.base.errors import ECONNRESET
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.base.timers import Timed, ticks_of
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.queueing import enqueue_each_and_ignore_fail
from netspec.tcp.aux_fns.reset import dropwithreset
from netspec.tcp.aux_fns.segments import make_ack_segment, make_rst_segment_from_cb
from netspec.tcp.deviations import ACK_FOR_SYN, CHALLENGE_ACK, ONE_RESET_FOR_SYN
from netspec.tcp.errata.input import SIMULTANEOUS_OPEN_NOT_RESET, SYN_BY_WINDOW, SYN_WITHOUT_FILE
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, TcpSocket, tcp_proto
from netspec.tcp.net_types import TCP, Msg, TcpSegment
from netspec.tcp.params import SID, TCPTV_KEEP_IDLE, TCPTV_MAXIDLE, Arch, corrected, deviates, stopwatch_zero
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    BANDLIM_RST_OPENPORT,
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


def _own_syn(arch: Arch, sock: Socket, seg: TcpSegment) -> TcpSocket:
    """Match a socket with a full quad that does not listen, and a SYN from its peer that is no reset."""
    require(sock.fid is not None or corrected(arch, SYN_WITHOUT_FILE))
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
    bndlm_, outsegs = dropwithreset(h.arch, seg, h.ifds, ticks_of(h.ticks), reason, h.bndlm, choose)
    outsegs_ = first if bsd_arch(h.arch) and deviates(h.arch, ONE_RESET_FOR_SYN) else first + outsegs
    oq_ = enqueue_each_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs_, h.oq, choose)
    return replace(h, bndlm=bndlm_, oq=oq_)


def _reset(h: Host, seg: TcpSegment, reason: BandlimReason, choose: Choose) -> Host:
    """The reset that answers the segment alone, queued."""
    bndlm_, outsegs = dropwithreset(h.arch, seg, h.ifds, ticks_of(h.ticks), reason, h.bndlm, choose)
    oq_ = enqueue_each_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs, h.oq, choose)
    return replace(h, bndlm=bndlm_, oq=oq_)


def _acknowledge(h: Host, sock: Socket, choose: Choose) -> Host:
    """An acknowledgement, queued.

    FreeBSD-CURRENT leaves open what the state of the band limiter is then; here it is that of before.
    """
    quad = (SOME(sock.is1), SOME(sock.is2), SOME(sock.ps1), SOME(sock.ps2))
    seg_ = make_ack_segment(h.arch, tcp_proto(sock).cb, False, quad, ticks_of(h.ticks), choose)
    return replace(h, oq=enqueue_each_and_ignore_fail(h.arch, h.rttab, h.ifds, (TCP(seg_),), h.oq, choose))


def _opens(tcp_sock: TcpSocket, seg: TcpSegment) -> bool:
    """Whether the SYN is the one that opened the connection, sent again, with an acknowledgement that is good."""
    cb = tcp_sock.cb
    ack = tcp_seq_flip_sense(seg.ack)
    return bool(
        tcp_sock.st == SYN_RECEIVED
        and tcp_seq_flip_sense(seg.seq) == cb.irs
        and (not seg.ACK or (cb.snd_una < ack and ack <= cb.snd_max))
    )


def _by_window(h: Host, sid: SID, seg: TcpSegment, choose: Choose) -> Host:
    """The connection acknowledges a SYN outside the window, and ends by one inside."""
    sock = h.socks[sid]
    tcp_sock = tcp_proto(sock)
    cb = tcp_sock.cb
    seq = tcp_seq_flip_sense(seg.seq)
    if cb.rcv_nxt <= seq and seq < cb.rcv_nxt + cb.rcv_wnd:
        h_ = _answer(h, sock, seg, BANDLIM_UNLIMITED, choose)
        return replace(h_, socks=h.socks.set(sid, tcp_close(h.arch, replace(sock, es=ECONNRESET))))
    if tcp_sock.st == SYN_RECEIVED:
        return _reset(h, seg, BANDLIM_RST_OPENPORT, choose)
    return _acknowledge(h, sock, choose)


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
    tcp_sock = _own_syn(h.arch, sock, seg)
    if deviates(h.arch, CHALLENGE_ACK):
        require(tcp_sock.st not in {CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED})
        return challenge(replace(h, iq=iq_), sock, seg, choose)
    require(tcp_sock.st not in {CLOSED, LISTEN, SYN_SENT, TIME_WAIT})
    if corrected(h.arch, SIMULTANEOUS_OPEN_NOT_RESET) or sock.fid is None:
        require(not _opens(tcp_sock, seg))
    tt_keep_ = Timed((), slow_timer(h.arch, TCPTV_KEEP_IDLE)) if tcp_sock.st != SYN_RECEIVED else tcp_sock.cb.tt_keep
    tt_fin_wait_2_ = (
        Timed((), slow_timer(h.arch, TCPTV_MAXIDLE)) if tcp_sock.st == FIN_WAIT_2 else tcp_sock.cb.tt_fin_wait_2
    )
    cb_ = replace(tcp_sock.cb, tt_keep=tt_keep_, tt_fin_wait_2=tt_fin_wait_2_, t_idletime=stopwatch_zero)
    sock_ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=cb_)))
    h_ = replace(h, socks=h.socks.set(sid, sock_), iq=iq_)
    if corrected(h.arch, SYN_BY_WINDOW):
        return _by_window(h_, sid, seg, choose)
    if deviates(h.arch, ACK_FOR_SYN):
        if choose.boolean("seg' is an ACK"):
            return _acknowledge(h_, sock, choose)
        seq = tcp_seq_flip_sense(seg.seq)
        require(tcp_sock.cb.last_ack_sent <= seq)
        require(seq < tcp_sock.cb.last_ack_sent + tcp_sock.cb.rcv_wnd)
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
    tcp_sock = _own_syn(h.arch, sock, seg)
    require(tcp_sock.st == TIME_WAIT)
    require(not deviates(h.arch, CHALLENGE_ACK))
    seq = tcp_seq_flip_sense(seg.seq)
    require(seq <= tcp_sock.cb.rcv_nxt or not _listened_for(h, sock))
    h_ = replace(h, iq=iq_)
    if corrected(h.arch, SYN_BY_WINDOW):
        if seq <= tcp_sock.cb.rcv_nxt:
            return _acknowledge(h_, sock, choose)
        h_ = replace(h_, socks=h.socks.set(sid, tcp_close(h.arch, sock)))
        return _reset(h_, seg, BANDLIM_RST_CLOSEDPORT, choose)
    return _answer(h_, sock, seg, BANDLIM_RST_CLOSEDPORT, choose)


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
