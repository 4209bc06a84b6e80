"""Closing descriptors."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, FD, O_NONBLOCK, SO_LINGER, TID, OK_one
from netspec.base.choose import FAPPLY, SOME, Choose, Of, require
from netspec.base.errors import EAGAIN
from netspec.base.time import time_infty, time_zero
from netspec.base.timers import timer_expires
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail, enqueue_each_and_ignore_fail
from netspec.tcp.aux_fns.segments import make_rst_segment_from_cb
from netspec.tcp.errata.sockets import LINGER_ENDS_CLOSED
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, TcpSocket, tcp_proto, udp_proto
from netspec.tcp.net_types import TCP
from netspec.tcp.params import FID, SID, Arch, FileFlags, corrected
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    Close2,
    Ret,
    TcpState,
    bsd_arch,
    fid_ref_count,
    linux_arch,
    sched_timer,
    slow_timer,
)
from netspec.tcp.rule import (
    block,
    fail,
    fast,
    nonurgent,
    rp_all,
    rp_tcp,
    rp_udp,
    rule,
    slow,
    succeed,
    urgent,
)
from netspec.tcp.rules.patterns import connected_sock
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, with_sock, with_thread


def _last_close(h: Host, lbl: Label) -> tuple[TID, FD, FID, SID, FileFlags]:
    """Match a close of the last descriptor of a socket: thread, descriptor, file, socket and file flags."""
    tid, opn = a_call(lbl, lib.close)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    require(fid_ref_count(h.fds, fid) == 1)
    return tid, opn.fd, fid, sid, ff


def _without(h: Host, fd: FD, fid: FID) -> Host:
    """The host without a descriptor and the file that it was the last descriptor of."""
    return replace(h, fds=h.fds.delete(fd), files=h.files.delete(fid))


def _closed_for_user(sock: Socket, tcp_sock: TcpSocket) -> Socket:
    """The socket left to TCP alone: without its file, shut down both ways, with nothing to be read."""
    return replace(
        sock,
        fid=None,
        cantsndmore=True,
        cantrcvmore=True,
        pr=TCP_PROTO(replace(tcp_sock, rcvq=b"")),
    )


def _has_connection(st: TcpState, arch: Arch) -> bool:
    """Whether a close in this state has to end a connection in order, or by a RST."""
    return st in {
        ESTABLISHED,
        FIN_WAIT_1,
        CLOSING,
        FIN_WAIT_2,
        TIME_WAIT,
        CLOSE_WAIT,
        LAST_ACK,
    } or (st == SYN_RECEIVED and linux_arch(arch))


@rule(rp_all, {Lh_call: fast(succeed)})
def close_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A close removes one of several descriptors of a file.

    Source: TCP1_hostLTSScript.sml, close_1.
    """
    tid, opn = a_call(lbl, lib.close)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    require(fid_ref_count(h.fds, fid) > 1)
    h_ = replace(h, fds=h.fds.delete(opn.fd))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def close_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A close returns at once, and the connection is ended in order in the background.

    Source: TCP1_hostLTSScript.sml, close_2.
    """
    tid, fd, fid, sid, ff = _last_close(h, lbl)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(_has_connection(tcp_sock.st, h.arch))
    linger = sock.sf.t[SO_LINGER]
    require(linger == time_infty or (ff.b[O_NONBLOCK] and linger != time_zero and not linux_arch(h.arch)))
    h_ = with_sock(_without(h, fd, fid), sid, _closed_for_user(sock, tcp_sock))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def close_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A close with a linger time of zero aborts the connection with a RST.

    Source: TCP1_hostLTSScript.sml, close_3.
    """
    tid, fd, fid, sid, _ = _last_close(h, lbl)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(_has_connection(tcp_sock.st, h.arch))
    quad = (SOME(sock.is1), SOME(sock.is2), SOME(sock.ps1), SOME(sock.ps2))
    require(sock.sf.t[SO_LINGER] == time_zero)
    sock_ = replace(tcp_close(h.arch, sock), fid=None)
    seg = make_rst_segment_from_cb(tcp_sock.cb, quad, choose)
    oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, (TCP(seg),), h.oq, choose)
    h_ = with_sock(replace(_without(h, fd, fid), oq=oq_), sid, sock_)
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: block})
def close_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A close waits for the end of the connection, up to the linger time.

    Source: TCP1_hostLTSScript.sml, close_4.
    """
    tid, fd, fid, sid, ff = _last_close(h, lbl)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(_has_connection(tcp_sock.st, h.arch))
    linger = sock.sf.t[SO_LINGER]
    require(linger != time_zero)
    require(linger != time_infty)
    require(not ff.b[O_NONBLOCK] or linux_arch(h.arch))
    h_ = with_sock(_without(h, fd, fid), sid, _closed_for_user(sock, tcp_sock))
    return with_thread(h_, tid, Close2(sid), slow_timer(h.arch, linger))


def _full_quad(sock: Socket) -> None:
    """Match `Sock(..,SOME i1,SOME p1,SOME i2,SOME p2,..)`."""
    require(sock.is1 is not None)
    require(sock.ps1 is not None)
    require(sock.is2 is not None)
    require(sock.ps2 is not None)


def _lingering(h: Host, sid: SID) -> TcpSocket:
    """Match the socket of a blocked close: a full quad, no file, shut down both ways, nothing to be read.

    The pattern is `Sock(NONE,sf,SOME i1,SOME p1,SOME i2,SOME p2,es,T,T,TCP_Sock(st,cb,NONE,..,[],..))`.
    """
    sock = FAPPLY(h.socks, sid)
    require(sock.fid is None)
    tcp_sock = tcp_proto(sock)
    if not (corrected(h.arch, LINGER_ENDS_CLOSED) and tcp_sock.st == CLOSED):
        _full_quad(sock)
    require(sock.cantsndmore)
    require(sock.cantrcvmore)
    require(tcp_sock.lis is None)
    require(tcp_sock.rcvq == b"")
    return tcp_sock


@rule(rp_tcp, {Lh_tau: slow(urgent, succeed)})
def close_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked close returns, as the peer has acknowledged all data and the end.

    Source: TCP1_hostLTSScript.sml, close_5.
    """
    tid, state = blocked(h, lbl, Close2, choose)
    tcp_sock = _lingering(h, state.sid)
    require(tcp_sock.sndq == b"")
    require(tcp_sock.st in {TIME_WAIT, CLOSED, FIN_WAIT_2})
    return with_thread(h, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_tau: slow(nonurgent, fail)})
def close_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked close fails with EAGAIN, as its linger time is over.

    Source: TCP1_hostLTSScript.sml, close_6.
    """
    tid, state = blocked(h, lbl, Close2, choose)
    tcp_sock = _lingering(h, state.sid)
    require(timer_expires(h.ts[tid].timer))
    require(tcp_sock.st not in {TIME_WAIT, CLOSED})
    return with_thread(h, tid, Ret(FAIL(EAGAIN)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def close_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A close removes a TCP socket that has no connection, or not yet.

    Source: TCP1_hostLTSScript.sml, close_7.
    """
    tid, fd, fid, sid, _ = _last_close(h, lbl)
    tcp_sock = tcp_proto(FAPPLY(h.socks, sid))
    require(tcp_sock.st in {CLOSED, SYN_SENT} or (tcp_sock.st == SYN_RECEIVED and not linux_arch(h.arch)))
    h_ = replace(_without(h, fd, fid), socks=h.socks.delete(sid))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


def _an_ordering(sids: tuple[SID, ...], choose: Choose) -> tuple[SID, ...]:
    """Pick `socks_to_rst_list`, a list of all the sockets."""
    # Picked one by one: there may be far too many lists to make them all.
    ordering: list[SID] = []
    while len(ordering) < len(sids):
        left = tuple(sid for sid in sids if sid not in ordering)
        ordering.append(Of(choose, len(ordering)).one_of("socks_to_rst_list", left))
    return tuple(ordering)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def close_8(h: Host, lbl: Label, choose: Choose) -> Host:
    """A close removes a listening socket, and ends the connections in its queues with RSTs.

    Source: TCP1_hostLTSScript.sml, close_8.
    """
    tid, fd, fid, sid, _ = _last_close(h, lbl)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.ps1 is not None)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == LISTEN)
    lis = SOME(tcp_sock.lis)
    socks = h.socks.delete(sid)
    require(bsd_arch(h.arch) or (not sock.cantsndmore and not sock.cantrcvmore))
    socks_to_rst: dict[SID, tuple[Socket, TcpSocket]] = {}
    for sid_ in lis.q:
        sock_ = FAPPLY(socks, sid_)
        if isinstance(sock_.pr, TCP_PROTO) and sock_.pr.v.st not in {CLOSED, LISTEN, SYN_SENT}:
            # The model has a set of the sockets themselves, so equal ones count once.
            if not any(sock_ == other for other, _ in socks_to_rst.values()):
                socks_to_rst[sid_] = (sock_, sock_.pr.v)
    segs = []
    for position, sid_ in enumerate(_an_ordering(tuple(socks_to_rst), choose)):
        sock_, tcp_sock_ = socks_to_rst[sid_]
        quad = (SOME(sock_.is1), SOME(sock_.is2), SOME(sock_.ps1), SOME(sock_.ps2))
        segs.append(TCP(make_rst_segment_from_cb(tcp_sock_.cb, quad, Of(choose, position))))
    oq_ = enqueue_each_and_ignore_fail(h.arch, h.rttab, h.ifds, tuple(segs), h.oq, choose)
    listen_ = tuple(sid_ for sid_ in h.listen if sid_ != sid)
    for sid_ in lis.q0 + lis.q:
        if sid_ in socks:
            socks = socks.delete(sid_)
    h_ = replace(_without(h, fd, fid), socks=socks, listen=listen_, oq=oq_)
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed)})
def close_10(h: Host, lbl: Label, choose: Choose) -> Host:
    """A close removes a UDP socket.

    Source: TCP1_hostLTSScript.sml, close_10.
    """
    tid, fd, fid, sid, _ = _last_close(h, lbl)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    udp_proto(sock)
    h_ = replace(_without(h, fd, fid), socks=h.socks.delete(sid))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)
