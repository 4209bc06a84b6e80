"""Receiving from UDP sockets."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import (
    FAIL,
    MSG_DONTWAIT,
    MSG_OOB,
    MSG_PEEK,
    MSG_WAITALL,
    O_NONBLOCK,
    OK_string_ipportpair_pair,
)
from netspec.base.choose import FAPPLY, SOME, Choose, PremiseFailed, require
from netspec.base.errors import EADDRNOTAVAIL, EAGAIN, EINVAL, ENOBUFS, EOPNOTSUPP, ESHUTDOWN
from netspec.base.timers import never_timer
from netspec.base.utils import ASSERTION_FAILURE, TAKE, clip_int_to_num
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.ports import autobind
from netspec.tcp.errata.sockets import DATA_OF_DATAGRAM
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import Host, Socket, UDP_Sock, udp_proto
from netspec.tcp.net_types import PROTO_UDP
from netspec.tcp.params import corrected
from netspec.tcp.pre_host_types import (
    Dgram_error,
    Dgram_msg,
    DgramMsg,
    Recv2,
    Ret,
    bsd_arch,
    linux_arch,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import block, fail, fast, rp_udp, rule, slow, succeed, urgent
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, with_sock, with_thread


def _msg_at_head(sock: Socket) -> tuple[DgramMsg, Socket]:
    """Match a receive queue `Dgram_msg(<| .. |>)::rcvq''`: the message, and the socket without it."""
    rcvq = udp_proto(sock).rcvq
    require(len(rcvq) > 0)
    head, rcvq__ = rcvq[0], rcvq[1:]
    if not isinstance(head, Dgram_msg):
        raise PremiseFailed
    return head.v, replace(sock, pr=UDP_Sock(rcvq__))


@rule(rp_udp, {Lh_call: fast(succeed)})
def recv_11(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive returns the datagram at the head of the queue, cut to size except on WinXP.

    Source: TCP1_hostLTSScript.sml, recv_11.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.ps1 is not None)
    require(sock.es is None)
    require(linux_arch(h.arch) or not sock.cantrcvmore)
    msg, sock_without = _msg_at_head(sock)
    n = clip_int_to_num(opn.n)
    if len(msg.data) <= n:
        data_ = msg.data
    else:
        data_ = TAKE(n, msg.data)
        require(len(data_) == n)
        require(not windows_arch(h.arch))
    b = True if windows_arch(h.arch) else choose.boolean("b")
    opts = frozenset(opn.opts)
    h_ = with_sock(h, sid, sock if MSG_PEEK in opts else sock_without)
    v = OK_string_ipportpair_pair(data_, ((msg.is_, msg.ps), b))
    return with_thread(h_, tid, Ret(v), sched_timer)


@rule(rp_udp, {Lh_call: block})
def recv_12(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive binds the socket if need be and blocks, as no datagram has come.

    Source: TCP1_hostLTSScript.sml, recv_12.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    n = clip_int_to_num(opn.n)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.es is None)
    require(not sock.cantrcvmore)
    require(len(udp_proto(sock).rcvq) == 0)
    p1_ = choose.one_of("p1'", autobind(sock.ps1, PROTO_UDP, h, h.socks))
    bound = (sid, *h.bound) if sock.ps1 is None else h.bound
    require(not ((MSG_DONTWAIT in opts and linux_arch(h.arch)) or ff.b[O_NONBLOCK]))
    require(not bsd_arch(h.arch) or n != 0)
    h_ = replace(with_sock(h, sid, replace(sock, ps1=p1_)), bound=bound)
    return with_thread(h_, tid, Recv2(sid, n, opts), never_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def recv_13(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive that may not block fails with EAGAIN, as no datagram has come.

    Source: TCP1_hostLTSScript.sml, recv_13.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.es is None)
    require(len(udp_proto(sock).rcvq) == 0)
    opts = frozenset(opn.opts)
    require((MSG_DONTWAIT in opts and linux_arch(h.arch)) or ff.b[O_NONBLOCK])
    return with_thread(h, tid, Ret(FAIL(EAGAIN)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def recv_14(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive on a socket without addresses fails, as no port is left to bind it to.

    Source: TCP1_hostLTSScript.sml, recv_14.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is None)
    require(sock.ps1 is None)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    require(sock.es is None)
    require(len(udp_proto(sock).rcvq) == 0)
    require(not autobind(None, PROTO_UDP, h, h.socks))
    e = choose.one_of("e", (EAGAIN, EADDRNOTAVAIL, ENOBUFS))
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_udp, {Lh_tau: slow(urgent, succeed)})
def recv_15(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked receive returns a datagram; where that is too long, any bytes of the right number.

    Source: TCP1_hostLTSScript.sml, recv_15.
    """
    tid, state = blocked(h, lbl, Recv2, choose)
    sid, n, opts = state.sid, state.n, state.opts
    sock = FAPPLY(h.socks, sid)
    require(sock.ps1 is not None)
    require(sock.es is None)
    msg, sock_without = _msg_at_head(sock)
    if len(msg.data) <= n:
        data_ = msg.data
    else:
        require(not windows_arch(h.arch))
        if corrected(h.arch, DATA_OF_DATAGRAM):
            data_ = TAKE(n, msg.data)
        else:
            # The model takes from data', the result itself, so that it does not depend on the datagram.
            data_ = choose.data("data'")
            require(data_ == TAKE(n, data_))
        require(len(data_) == n)
    b = True if windows_arch(h.arch) else choose.boolean("b")
    h_ = with_sock(h, sid, sock if MSG_PEEK in opts else sock_without)
    v = OK_string_ipportpair_pair(data_, ((msg.is_, msg.ps), b))
    return with_thread(h_, tid, Ret(v), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def recv_16(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive fails with EOPNOTSUPP, as UDP has no such option on this architecture.

    Source: TCP1_hostLTSScript.sml, recv_16.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    udp_proto(FAPPLY(h.socks, sid))
    opts = frozenset(opn.opts)
    require((MSG_OOB in opts and not linux_arch(h.arch)) or (MSG_WAITALL in opts and windows_arch(h.arch)))
    return with_thread(h, tid, Ret(FAIL(EOPNOTSUPP)), sched_timer)


@rule(rp_udp, {Lh_call: (fast(succeed), fast(fail))})
def recv_17(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive on a socket shut down for reading returns nothing, or fails on WinXP.

    Source: TCP1_hostLTSScript.sml, recv_17.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.cantrcvmore)
    rcvq = udp_proto(sock).rcvq
    if windows_arch(h.arch):
        ret = FAIL(ESHUTDOWN)
    elif bsd_arch(h.arch):
        ret = OK_string_ipportpair_pair(b"", ((None, None), choose.boolean("b")))
        require(sock.es is None)
    elif linux_arch(h.arch):
        require(len(rcvq) == 0)
        ret = OK_string_ipportpair_pair(b"", ((None, None), choose.boolean("b")))
        require(sock.es is None)
    else:
        ASSERTION_FAILURE("recv_17")
    return with_thread(h, tid, Ret(ret), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed), Lh_tau: slow(urgent, succeed)})
def recv_20(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive on WinXP, blocked or not, returns a part of the datagram and says so.

    Source: TCP1_hostLTSScript.sml, recv_20.
    """
    if isinstance(lbl, Lh_call):
        tid, opn = a_call(lbl, lib.recv)
        running(h, tid)
        require(windows_arch(h.arch))
        require(opn.fd in h.fds)
        fid = h.fds[opn.fd]
        sid, _ = file_socket(h, fid)
        n = clip_int_to_num(opn.n)
        opts = frozenset(opn.opts)
        sock = FAPPLY(h.socks, sid)
        require(sock.fid == fid)
    else:
        tid, state = blocked(h, lbl, Recv2, choose)
        require(windows_arch(h.arch))
        sid, n, opts = state.sid, state.n, state.opts
        sock = FAPPLY(h.socks, sid)
        require(sock.fid is not None)
    msg, sock_without = _msg_at_head(sock)
    require(sock.ps1 is not None)
    require(sock.es is None)
    require(n < len(msg.data))
    data_ = TAKE(n, msg.data)
    h_ = with_sock(h, sid, sock if MSG_PEEK in opts else sock_without)
    v = OK_string_ipportpair_pair(data_, ((msg.is_, msg.ps), False))
    return with_thread(h_, tid, Ret(v), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed)})
def recv_21(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive of no bytes on FreeBSD returns at once, without a datagram.

    Source: TCP1_hostLTSScript.sml, recv_21.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(len(udp_proto(FAPPLY(h.socks, sid)).rcvq) == 0)
    require(clip_int_to_num(opn.n) == 0)
    v = OK_string_ipportpair_pair(b"", ((None, None), choose.boolean("b")))
    return with_thread(h, tid, Ret(v), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def recv_22(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive on WinXP fails with EINVAL, as the socket has no local port.

    Source: TCP1_hostLTSScript.sml, recv_22.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.ps1 is None)
    udp_proto(sock)
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail), Lh_tau: slow(urgent, fail)})
def recv_23(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive on WinXP, blocked or not, fails with the error at the head of the queue.

    Source: TCP1_hostLTSScript.sml, recv_23.
    """
    if isinstance(lbl, Lh_call):
        tid, opn = a_call(lbl, lib.recv)
        running(h, tid)
        require(windows_arch(h.arch))
        require(opn.fd in h.fds)
        fid = h.fds[opn.fd]
        sid, _ = file_socket(h, fid)
    else:
        tid, state = blocked(h, lbl, Recv2, choose)
        require(windows_arch(h.arch))
        sid = state.sid
    sock = FAPPLY(h.socks, sid)
    rcvq = udp_proto(sock).rcvq
    require(len(rcvq) > 0)
    head, rcvq_ = rcvq[0], rcvq[1:]
    if not isinstance(head, Dgram_error):
        raise PremiseFailed
    h_ = with_sock(h, sid, replace(sock, pr=UDP_Sock(rcvq_)))
    return with_thread(h_, tid, Ret(FAIL(head.v.e)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def recv_24(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive on a bound socket fails with the pending error.

    Source: TCP1_hostLTSScript.sml, recv_24.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is not None)
    require(sock.ps1 is not None)
    e = SOME(sock.es)
    udp_proto(sock)
    opts = frozenset(opn.opts)
    require(linux_arch(h.arch) or sock.ps2 is not None)
    h_ = with_sock(h, sid, replace(sock, es=e if MSG_PEEK in opts else None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)
