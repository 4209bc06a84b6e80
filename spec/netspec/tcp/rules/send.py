"""Sending on TCP sockets."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from netspec.base.base_types import (
    FAIL,
    MSG_DONTWAIT,
    MSG_OOB,
    MSG_PEEK,
    MSG_WAITALL,
    O_NONBLOCK,
    SO_SNDBUF,
    SO_SNDLOWAT,
    MsgBFlag,
    OK_string,
)
from netspec.base.choose import FAPPLY, SOME, Choose, require
from netspec.base.errors import EAGAIN, ENOTCONN, EOPNOTSUPP, EPIPE, ESHUTDOWN
from netspec.base.timers import never_timer
from netspec.base.utils import SPLIT, num_minus
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.buffers import send_queue_space
from netspec.tcp.errata.sockets import URGENT_END_OF_SEND
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, TcpSocket, proto_of, tcp_proto
from netspec.tcp.net_types import PROTO_TCP
from netspec.tcp.params import Arch, corrected
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    Ret,
    Send2,
    bsd_arch,
    linux_arch,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import block, fail, fast, nonurgent, rp_tcp, rule, slow, succeed, urgent
from netspec.tcp.rules.patterns import connected_sock
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, with_sock, with_thread


def _space(arch: Arch, sock: Socket, tcp_sock: TcpSocket, opts: Set[MsgBFlag], choose: Choose) -> int:
    """Pick `space`, the number of bytes that the send queue takes."""
    return send_queue_space(
        sock.sf.n[SO_SNDBUF],
        len(tcp_sock.sndq),
        MSG_OOB in opts,
        arch,
        tcp_sock.cb.t_maxseg,
        SOME(sock.is2),
        choose,
    )


def _with_sndq(sock: Socket, tcp_sock: TcpSocket, sndq: bytes, urgent_at_end: bool) -> Socket:
    """Replace the send queue, and where asked let the urgent pointer point at its last byte."""
    sndurp_ = num_minus(len(sndq), 1) if urgent_at_end else tcp_sock.sndurp
    return replace(sock, pr=TCP_PROTO(replace(tcp_sock, sndq=sndq, sndurp=sndurp_)))


@rule(rp_tcp, {Lh_call: fast(succeed)})
def send_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send puts all data in the queue, or what fits of it where it may not block.

    The call returns the part of the data that it did not take.

    Source: TCP1_hostLTSScript.sml, send_1.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.addr is None)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(sock.es is None)
    require(not sock.cantsndmore)
    require(tcp_sock.st in {ESTABLISHED, CLOSE_WAIT})
    space = _space(h.arch, sock, tcp_sock, opts, choose)
    require({MSG_PEEK, MSG_WAITALL}.isdisjoint(opts) or bsd_arch(h.arch))
    if space >= len(opn.data):
        str_, str__ = opn.data, b""
    else:
        require(ff.b[O_NONBLOCK] or (MSG_DONTWAIT in opts and not bsd_arch(h.arch)))
        if bsd_arch(h.arch):
            require(space >= sock.sf.n[SO_SNDLOWAT])
        else:
            require(space > 0)
        str_, str__ = SPLIT(space, opn.data)
    # The model ties n to nothing, so the urgent pointer may or may not be set.
    urgent_at_end = MSG_OOB in opts and (corrected(h.arch, URGENT_END_OF_SEND) or choose.boolean("n = LENGTH str"))
    h_ = with_sock(h, sid, _with_sndq(sock, tcp_sock, tcp_sock.sndq + str_, urgent_at_end))
    return with_thread(h_, tid, Ret(OK_string(str__)), sched_timer)


@rule(rp_tcp, {Lh_call: block})
def send_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send blocks, as the queue lacks space or, on Linux, the connection is not yet there.

    Source: TCP1_hostLTSScript.sml, send_2.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.addr is None)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(sock.es is None)
    require(not sock.cantsndmore)
    require(not ((not bsd_arch(h.arch) and MSG_DONTWAIT in opts) or ff.b[O_NONBLOCK]))
    space = _space(h.arch, sock, tcp_sock, opts, choose)
    require({MSG_PEEK, MSG_WAITALL}.isdisjoint(opts) or bsd_arch(h.arch))
    require(
        (tcp_sock.st in {ESTABLISHED, CLOSE_WAIT} and space < len(opn.data))
        or (linux_arch(h.arch) and tcp_sock.st in {SYN_SENT, SYN_RECEIVED})
    )
    return with_thread(h, tid, Send2(sid, None, opn.data, opts), never_timer)


@rule(rp_tcp, {Lh_tau: slow(nonurgent, succeed)})
def send_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked send puts the rest of its data in the queue and returns.

    Source: TCP1_hostLTSScript.sml, send_3.
    """
    tid, state = blocked(h, lbl, Send2, choose)
    sid, opts = state.sid, state.opts
    require(state.addr is None)
    fid = SOME(FAPPLY(h.socks, sid).fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(sock.es is None)
    require(not sock.cantsndmore)
    require(tcp_sock.st in {ESTABLISHED, CLOSE_WAIT})
    space = _space(h.arch, sock, tcp_sock, opts, choose)
    require(space >= len(state.data))
    str_, str__ = state.data, b""
    h_ = with_sock(h, sid, _with_sndq(sock, tcp_sock, tcp_sock.sndq + str_, MSG_OOB in opts))
    return with_thread(h_, tid, Ret(OK_string(str__)), sched_timer)


@rule(rp_tcp, {Lh_tau: block})
def send_3a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked send puts in the queue what fits of its data, and stays blocked.

    Source: TCP1_hostLTSScript.sml, send_3a.
    """
    tid, state = blocked(h, lbl, Send2, choose)
    sid, opts = state.sid, state.opts
    require(state.addr is None)
    fid = SOME(FAPPLY(h.socks, sid).fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(sock.es is None)
    require(not sock.cantsndmore)
    require(tcp_sock.st in {ESTABLISHED, CLOSE_WAIT})
    space = _space(h.arch, sock, tcp_sock, opts, choose)
    require(space < len(state.data))
    require(space > 0)
    str_, str__ = SPLIT(space, state.data)
    h_ = with_sock(h, sid, _with_sndq(sock, tcp_sock, tcp_sock.sndq + str_, MSG_OOB in opts))
    return with_thread(h_, tid, Send2(sid, None, str__, opts), never_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def send_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send that may not block fails with EAGAIN, where `send_2` would block and nothing fits.

    Source: TCP1_hostLTSScript.sml, send_4.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.addr is None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(sock.es is None)
    require(not sock.cantsndmore)
    opts = frozenset(opn.opts)
    require({MSG_PEEK, MSG_WAITALL}.isdisjoint(opts) or bsd_arch(h.arch))
    require((not bsd_arch(h.arch) and MSG_DONTWAIT in opts) or ff.b[O_NONBLOCK])
    if tcp_sock.st in {ESTABLISHED, CLOSE_WAIT}:
        space = _space(h.arch, sock, tcp_sock, opts, choose)
        require(space < len(opn.data))
        if bsd_arch(h.arch):
            require(space < sock.sf.n[SO_SNDLOWAT])
        else:
            require(space <= 0)
    else:
        require(tcp_sock.st in {SYN_SENT, SYN_RECEIVED})
        require(linux_arch(h.arch))
    return with_thread(h, tid, Ret(FAIL(EAGAIN)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def send_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send fails with the pending error.

    Source: TCP1_hostLTSScript.sml, send_5.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    e = SOME(sock.es)
    require(proto_of(sock.pr) == PROTO_TCP)
    h_ = with_sock(h, sid, replace(sock, es=None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_tcp, {Lh_tau: slow(urgent, fail)})
def send_5a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked send fails with the pending error.

    Source: TCP1_hostLTSScript.sml, send_5a.
    """
    tid, state = blocked(h, lbl, Send2, choose)
    sid = state.sid
    require(state.addr is None)
    sock = FAPPLY(h.socks, sid)
    e = SOME(sock.es)
    require(proto_of(sock.pr) == PROTO_TCP)
    h_ = with_sock(h, sid, replace(sock, es=None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def send_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send fails, as the socket is not connected.

    Source: TCP1_hostLTSScript.sml, send_6.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.addr is None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    tcp_sock = tcp_proto(sock)
    require(sock.es is None)
    require(tcp_sock.st in {CLOSED, LISTEN} or (tcp_sock.st in {SYN_SENT, SYN_RECEIVED} and not linux_arch(h.arch)))
    err = EPIPE if linux_arch(h.arch) else ENOTCONN
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail), Lh_tau: slow(urgent, fail)})
def send_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send, blocked or not, fails, as the socket is shut down for writing.

    Source: TCP1_hostLTSScript.sml, send_7.
    """
    if isinstance(lbl, Lh_call):
        tid, opn = a_call(lbl, lib.send)
        running(h, tid)
        require(opn.addr is None)
        require(opn.fd in h.fds)
        fid = h.fds[opn.fd]
        sid, _ = file_socket(h, fid)
        sock = FAPPLY(h.socks, sid)
        require(sock.fid == fid)
        require(sock.cantsndmore)
        tcp = tcp_proto(sock)
        require(sock.is2 is not None)
        require(sock.ps2 is not None)
        require(tcp.st == CLOSED or sock.is1 is not None)
        require(tcp.st == CLOSED or sock.ps1 is not None)
    else:
        tid, state = blocked(h, lbl, Send2, choose)
        require(state.addr is None)
        sock = FAPPLY(h.socks, state.sid)
        require(sock.fid is not None)
        require(sock.cantsndmore)
        tcp_proto(sock)
    err = ESHUTDOWN if windows_arch(h.arch) else EPIPE
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def send_8(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send fails with EOPNOTSUPP on an option that makes no sense for it, except on FreeBSD.

    Source: TCP1_hostLTSScript.sml, send_8.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.addr is None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(proto_of(FAPPLY(h.socks, sid).pr) == PROTO_TCP)
    opts = frozenset(opn.opts)
    require(MSG_PEEK in opts or MSG_WAITALL in opts)
    require(not bsd_arch(h.arch))
    return with_thread(h, tid, Ret(FAIL(EOPNOTSUPP)), sched_timer)
