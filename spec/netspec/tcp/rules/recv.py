"""Receiving from TCP sockets."""

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
    SO_OOBINLINE,
    SO_RCVBUF,
    SO_RCVLOWAT,
    MsgBFlag,
    OK_string_ipportpair_pair,
)
from netspec.base.choose import FAPPLY, SOME, Choose, PremiseFailed, require
from netspec.base.errors import EAGAIN, EINVAL, ENOTCONN, ESHUTDOWN
from netspec.base.timers import never_timer
from netspec.base.utils import MIN, SPLIT, clip_int_to_num, num_minus
from netspec.tcp import lib_interface as lib
from netspec.tcp.errata.sockets import PEEK_KEEPS_MARK
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import (
    HAD_OOBDATA,
    NO_OOBDATA,
    OOBDATA,
    TCP_PROTO,
    Host,
    Socket,
    TcpSocket,
    tcp_proto,
)
from netspec.tcp.params import Arch, FileFlags, SockFlags, corrected
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
    Recv2,
    Ret,
    bsd_arch,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import block, fail, fast, nonurgent, rp_tcp, rule, slow, succeed, urgent
from netspec.tcp.rules.patterns import connected_sock
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, with_sock, with_thread


def _data_available(arch: Arch, sf: SockFlags, n: int, opts: Set[MsgBFlag], tcp_sock: TcpSocket) -> bool:
    """Whether the receive queue lets a request for `n` bytes return."""
    rcvq = tcp_sock.rcvq
    om = tcp_sock.rcvurp
    have_all_data = len(rcvq) >= n
    have_enough_data = len(rcvq) >= sf.n[SO_RCVLOWAT]
    partial_data_ok = MSG_WAITALL not in opts or n > sf.n[SO_RCVBUF] or (not bsd_arch(arch) and MSG_PEEK in opts)
    urgent_data_ahead = om is not None and om > 0 and om <= len(rcvq)
    return bool(have_all_data or (have_enough_data and partial_data_ok) or urgent_data_ahead)


def _blocking(opts: Set[MsgBFlag], ff: FileFlags) -> bool:
    """Whether a receive may wait."""
    return not (MSG_DONTWAIT in opts or ff.b[O_NONBLOCK])


def _receive(arch: Arch, n: int, opts: Set[MsgBFlag], sock: Socket, tcp_sock: TcpSocket) -> tuple[bytes, Socket]:
    """Take up to `n` bytes from the receive queue, not beyond the urgent mark: them and the socket."""
    rcvq = tcp_sock.rcvq
    om = tcp_sock.rcvurp
    at_most = len(rcvq) if om is None or om == 0 else MIN(om, len(rcvq))
    string, rcvq_ = SPLIT(MIN(n, at_most), rcvq)
    rcvq__ = rcvq if MSG_PEEK in opts else rcvq_
    rcvurp_: int | None
    if om is None or om == 0:
        rcvurp_ = None
    elif MSG_PEEK in opts and corrected(arch, PEEK_KEEPS_MARK):
        rcvurp_ = om
    elif om <= len(string):
        rcvurp_ = 0
    else:
        rcvurp_ = num_minus(om, len(string))
    return string, replace(sock, pr=TCP_PROTO(replace(tcp_sock, rcvq=rcvq__, rcvurp=rcvurp_)))


def _may_receive(sock: Socket, tcp_sock: TcpSocket) -> bool:
    """Whether the socket is, or once was, connected, so that data may be read from it."""
    return (
        tcp_sock.st in {ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSING, TIME_WAIT, CLOSE_WAIT, LAST_ACK}
        and sock.is1 is not None
        and sock.ps1 is not None
        and sock.is2 is not None
        and sock.ps2 is not None
    ) or tcp_sock.st == CLOSED


@rule(rp_tcp, {Lh_call: fast(succeed)})
def recv_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive returns data, or nothing at the end of the stream, without blocking.

    Source: TCP1_hostLTSScript.sml, recv_1.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    n = clip_int_to_num(opn.n)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    require(_may_receive(sock, tcp_sock))
    require(MSG_OOB not in opts)
    require(_data_available(h.arch, sock.sf, n, opts, tcp_sock) or sock.cantrcvmore)
    string, sock_ = _receive(h.arch, n, opts, sock, tcp_sock)
    h_ = with_sock(h, sid, sock_)
    return with_thread(h_, tid, Ret(OK_string_ipportpair_pair(string, None)), sched_timer)


@rule(rp_tcp, {Lh_call: block})
def recv_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive blocks, as there is too little data yet.

    Source: TCP1_hostLTSScript.sml, recv_2.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    n = clip_int_to_num(opn.n)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(tcp_sock.st in {ESTABLISHED, SYN_SENT, SYN_RECEIVED, FIN_WAIT_1, FIN_WAIT_2})
    require(MSG_OOB not in opts)
    require(_blocking(opts, ff))
    require(not (_data_available(h.arch, sock.sf, n, opts, tcp_sock) or sock.cantrcvmore))
    require(sock.es is None)
    return with_thread(h, tid, Recv2(sid, n, opts), never_timer)


@rule(rp_tcp, {Lh_tau: slow(nonurgent, succeed)})
def recv_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked receive returns data, or nothing at the end of the stream.

    Source: TCP1_hostLTSScript.sml, recv_3.
    """
    tid, state = blocked(h, lbl, Recv2, choose)
    sid, n, opts = state.sid, state.n, state.opts
    sock = FAPPLY(h.socks, sid)
    require(sock.fid is not None)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    require(_may_receive(sock, tcp_sock))
    require(_data_available(h.arch, sock.sf, n, opts, tcp_sock) or sock.cantrcvmore)
    string, sock_ = _receive(h.arch, n, opts, sock, tcp_sock)
    h_ = with_sock(h, sid, sock_)
    return with_thread(h_, tid, Ret(OK_string_ipportpair_pair(string, None)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def recv_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive that may not block fails with EAGAIN, as there is too little data yet.

    Source: TCP1_hostLTSScript.sml, recv_4.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    n = clip_int_to_num(opn.n)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(tcp_sock.st in {ESTABLISHED, SYN_SENT, SYN_RECEIVED, FIN_WAIT_1, FIN_WAIT_2})
    require(MSG_OOB not in opts)
    require(not _blocking(opts, ff))
    require(not (_data_available(h.arch, sock.sf, n, opts, tcp_sock) or sock.cantrcvmore))
    require(tcp_sock.rcvq != b"" or sock.es is None)
    return with_thread(h, tid, Ret(FAIL(EAGAIN)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def recv_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive of out-of-band data returns the byte that is there.

    Source: TCP1_hostLTSScript.sml, recv_5.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    n = clip_int_to_num(opn.n)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(sock.es is None)
    require(MSG_OOB in opts)
    require(not sock.sf.b[SO_OOBINLINE])
    iobc = tcp_sock.iobc
    if not isinstance(iobc, OOBDATA):
        raise PremiseFailed
    string = b"" if n == 0 else bytes([iobc.v])
    iobc_ = iobc if MSG_PEEK in opts else HAD_OOBDATA
    h_ = with_sock(h, sid, replace(sock, pr=TCP_PROTO(replace(tcp_sock, iobc=iobc_))))
    return with_thread(h_, tid, Ret(OK_string_ipportpair_pair(string, None)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def recv_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive of out-of-band data fails, as there is none, or it is inline, or it has been read.

    Source: TCP1_hostLTSScript.sml, recv_6.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    opts = frozenset(opn.opts)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock, tcp_sock = connected_sock(h, sid, fid)
    require(sock.es is None)
    require(MSG_OOB in opts)
    if sock.sf.b[SO_OOBINLINE]:
        e = EINVAL
    elif tcp_sock.iobc == NO_OOBDATA:
        e = EINVAL if tcp_sock.rcvurp is None else EAGAIN
    else:
        require(tcp_sock.iobc == HAD_OOBDATA)
        e = EINVAL
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def recv_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive fails with ENOTCONN, as the socket listens or was never connected.

    Source: TCP1_hostLTSScript.sml, recv_7.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == LISTEN or (tcp_sock.st == CLOSED and not sock.cantrcvmore))
    return with_thread(h, tid, Ret(FAIL(ENOTCONN)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def recv_8(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive fails with the pending error, as there is no data to return in its stead.

    Source: TCP1_hostLTSScript.sml, recv_8.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    opts = frozenset(opn.opts)
    n = clip_int_to_num(opn.n)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    e = SOME(sock.es)
    tcp_sock = tcp_proto(sock)
    require(
        (tcp_sock.st not in {CLOSED, LISTEN} and sock.is2 is not None and sock.ps2 is not None) or tcp_sock.st == CLOSED
    )
    require(not _data_available(h.arch, sock.sf, n, opts, tcp_sock))
    require(_blocking(opts, ff) or tcp_sock.rcvq == b"")
    h_ = with_sock(h, sid, replace(sock, es=e if MSG_PEEK in opts else None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_tcp, {Lh_tau: slow(urgent, fail)})
def recv_8a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked receive fails with the pending error, as there is no data to return in its stead.

    Source: TCP1_hostLTSScript.sml, recv_8a.
    """
    tid, state = blocked(h, lbl, Recv2, choose)
    sid, n, opts = state.sid, state.n, state.opts
    sock = FAPPLY(h.socks, sid)
    e = SOME(sock.es)
    tcp_sock = tcp_proto(sock)
    require(not _data_available(h.arch, sock.sf, n, opts, tcp_sock))
    h_ = with_sock(h, sid, replace(sock, es=e if MSG_PEEK in opts else None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def recv_9(h: Host, lbl: Label, choose: Choose) -> Host:
    """A receive on WinXP fails with ESHUTDOWN, as the socket is shut down for reading.

    Source: TCP1_hostLTSScript.sml, recv_9.
    """
    tid, opn = a_call(lbl, lib.recv)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.cantrcvmore)
    tcp_proto(sock)
    return with_thread(h, tid, Ret(FAIL(ESHUTDOWN)), sched_timer)
