"""Resets that arrive."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import SOME, Choose, PremiseFailed, require
from netspec.base.errors import ECONNREFUSED, ECONNRESET
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.base.timers import Timed
from netspec.tcp.aux_fns.buffers import calculate_bsd_rcv_wnd
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.matching import tcp_socket_best_match
from netspec.tcp.deviations import CHALLENGE_ACK, RESET_IN_WINDOW
from netspec.tcp.errata.input import IDLE_TIME_IN_SYN_SENT, RESET_LEAVES_QUEUE, RESET_WITHOUT_FILE
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, Tcpcb, TcpSocket, tcp_proto
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SID, TCPTV_KEEP_IDLE, Arch, corrected, deviates, stopwatch_zero
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    bsd_arch,
    is_broadormulticast,
    local_ips,
    slow_timer,
    windows_arch,
)
from netspec.tcp.rule import network, nonurgent, rp_tcp, rule
from netspec.tcp.rules.challenge import challenge
from netspec.tcp.rules.input_segment import dequeue_segment


def _own_segment(arch: Arch, sock: Socket, seg: TcpSegment) -> TcpSocket:
    """Match a socket with a full quad that does not listen, and a segment from its peer.

    The pattern is `Sock(SOME fid,sf,SOME i1,SOME p1,SOME i2,SOME p2,..,TCP_Sock(st,cb,NONE,..))`.
    """
    require(sock.fid is not None or corrected(arch, RESET_WITHOUT_FILE))
    i1, p1, i2, p2 = SOME(sock.is1), SOME(sock.ps1), SOME(sock.is2), SOME(sock.ps2)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    require(seg.is1 == i2)
    require(seg.is2 == i1)
    require(seg.ps1 == p2)
    require(seg.ps2 == p1)
    return tcp_sock


def _in_window(arch: Arch, cb: Tcpcb, seg: TcpSegment) -> None:
    """State the premise of FreeBSD-CURRENT that the reset is in the window last acknowledged."""
    if deviates(arch, RESET_IN_WINDOW):
        seq = tcp_seq_flip_sense(seg.seq)
        require(cb.last_ack_sent <= seq)
        require(seq < cb.last_ack_sent + cb.rcv_wnd)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A reset ends a connection.

    The source quantifies a thread, which keeps its state: all it says is that there is one.

    Source: TCP1_hostLTSScript.sml, deliver_in_7.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(len(h.ts) > 0)
    require(seg.RST)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    tcp_sock = _own_segment(h.arch, sock, seg)
    st = tcp_sock.st
    require(st not in {CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, TIME_WAIT})
    if deviates(h.arch, CHALLENGE_ACK) and tcp_seq_flip_sense(seg.seq) != tcp_sock.cb.rcv_nxt:
        return challenge(replace(h, iq=iq_), sock, seg, choose)
    _in_window(h.arch, tcp_sock.cb, seg)
    err = ECONNRESET if st in {ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT} else sock.es
    sock_ = tcp_close(h.arch, replace(sock, es=err))
    return replace(h, socks=h.socks.set(sid, sock_), iq=iq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_7a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A reset ends a connection that is being set up, which may leave its listener's queue.

    Source: TCP1_hostLTSScript.sml, deliver_in_7a.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(seg.RST)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    tcp_sock = _own_segment(h.arch, sock, seg)
    require(tcp_sock.st == SYN_RECEIVED)
    _in_window(h.arch, tcp_sock.cb, seg)
    socks = h.socks.delete(sid)
    queued = tuple((sid_, n) for sid_, lsock in socks.items() for n in _places(sid, lsock))
    exclusive = corrected(h.arch, RESET_LEAVES_QUEUE)
    place = choose.one_of("q0L", queued if queued and exclusive else (*queued, None))
    if place is not None:
        sid_, n = place
        lsock = socks[sid_]
        tcp_lsock = tcp_proto(lsock)
        lis = SOME(tcp_lsock.lis)
        lis_ = replace(lis, q0=lis.q0[:n] + lis.q0[n + 1 :])
        socks = socks.set(sid_, replace(lsock, pr=TCP_PROTO(replace(tcp_lsock, lis=lis_))))
    sock_ = replace(tcp_close(h.arch, sock), ps1=None if bsd_arch(h.arch) else sock.ps1)
    return replace(h, socks=socks.set(sid, sock_), iq=iq_)


def _places(sid: SID, lsock: Socket) -> tuple[int, ...]:
    """Where a socket stands in the queue of connections of a listening one."""
    if not isinstance(lsock.pr, TCP_PROTO) or lsock.pr.v.st != LISTEN or lsock.pr.v.lis is None:
        return ()
    return tuple(n for n, one in enumerate(lsock.pr.v.lis.q0) if one == sid)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_7b(h: Host, lbl: Label, choose: Choose) -> Host:
    """A reset for a listening socket is ignored.

    Source: TCP1_hostLTSScript.sml, deliver_in_7b.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(seg.RST)
    i2, i1, p2, p1 = SOME(seg.is1), SOME(seg.is2), SOME(seg.ps1), SOME(seg.ps2)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    require(sock.fid is not None)
    require(sock.ps1 == p1)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == LISTEN)
    require((sock.is2 is None and sock.ps2 is None) or (bsd_arch(h.arch) and sock.is2 == i2 and sock.ps2 == p2))
    require(i1 in local_ips(h.ifds))
    require(not is_broadormulticast(h.ifds, i1))
    require(not is_broadormulticast(h.ifds, i2))
    require(sock.is1 is None or sock.is1 == i1)
    require(tcp_socket_best_match(h.socks.delete(sid), (sid, sock), seg, h.arch))
    return replace(h, iq=iq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_7c(h: Host, lbl: Label, choose: Choose) -> Host:
    """A reset is ignored by a connection in TIME_WAIT, and while opening unless it answers the SYN.

    Source: TCP1_hostLTSScript.sml, deliver_in_7c.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(seg.RST)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    tcp_sock = _own_segment(h.arch, sock, seg)
    st, cb = tcp_sock.st, tcp_sock.cb
    require(st in {SYN_SENT, TIME_WAIT})
    ack = tcp_seq_flip_sense(seg.ack)
    require(st != SYN_SENT or not seg.ACK or not (cb.iss < ack and ack <= cb.snd_max))
    if st == SYN_SENT and corrected(h.arch, IDLE_TIME_IN_SYN_SENT):
        cb = replace(cb, t_idletime=stopwatch_zero)
    if st == TIME_WAIT:
        cb_ = replace(cb, t_idletime=stopwatch_zero, tt_keep=Timed((), slow_timer(h.arch, TCPTV_KEEP_IDLE)))
    elif bsd_arch(h.arch):
        rcv_window = calculate_bsd_rcv_wnd(sock.sf, tcp_sock, h.arch)
        cb_ = replace(cb, rcv_wnd=rcv_window, rcv_adv=cb.rcv_nxt + rcv_window)
    else:
        cb_ = cb
    sock_ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=cb_)))
    return replace(h, socks=h.socks.set(sid, sock_), iq=iq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_7d(h: Host, lbl: Label, choose: Choose) -> Host:
    """A reset that answers the SYN refuses the connection.

    Source: TCP1_hostLTSScript.sml, deliver_in_7d.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(seg.RST)
    require(seg.ACK)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    tcp_sock = _own_segment(h.arch, sock, seg)
    require(tcp_sock.st == SYN_SENT)
    cb = tcp_sock.cb
    _in_window(h.arch, cb, seg)
    ack = tcp_seq_flip_sense(seg.ack)
    require(cb.iss < ack)
    require(ack <= cb.snd_max)
    if windows_arch(h.arch):
        sock_ = sock
    else:
        err = choose.one_of("err", (ECONNREFUSED, ECONNRESET))
        ps1 = None if bsd_arch(h.arch) else sock.ps1
        sock_ = replace(tcp_close(h.arch, sock), ps1=ps1, es=err)
    return replace(h, socks=h.socks.set(sid, sock_), iq=iq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_7e(h: Host, lbl: Label, choose: Choose) -> Host:
    """A reset outside the window last acknowledged is ignored; this rule is of FreeBSD-CURRENT only.

    Source: TCP1_hostLTSScript.sml, deliver_in_7e.
    """
    require(deviates(h.arch, RESET_IN_WINDOW))
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(seg.RST)
    sid = choose.one_of("sid", h.socks)
    cb = _own_segment(h.arch, h.socks[sid], seg).cb
    seq = tcp_seq_flip_sense(seg.seq)
    require(seq < cb.last_ack_sent or seq >= cb.last_ack_sent + cb.rcv_wnd)
    return replace(h, iq=iq_)
