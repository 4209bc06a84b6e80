"""Accepting connections."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, O_NONBLOCK, TID, OK_fdipport
from netspec.base.choose import FAPPLY, SOME, Choose, require
from netspec.base.errors import EAGAIN, ECONNABORTED, EINVAL, EMFILE, EOPNOTSUPP
from netspec.base.timers import never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, TcpSocket, proto_of, tcp_proto
from netspec.tcp.net_types import PROTO_TCP, PROTO_UDP
from netspec.tcp.params import FID, OPEN_MAX, SID, File, FT_Socket, ff_default
from netspec.tcp.pre_host_types import (
    CLOSED,
    ESTABLISHED,
    LISTEN,
    Accept2,
    Ret,
    SocketListen,
    bsd_arch,
    nextfd,
    sched_timer,
)
from netspec.tcp.rule import block, fail, fast, nonurgent, rp_tcp, rp_udp, rule, slow, succeed, urgent
from netspec.tcp.rules.no_data import no_data
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, with_sock, with_thread


def _accepting(h: Host, lbl: Label, choose: Choose) -> tuple[TID, SID, FID | None]:
    """Match an accept that is called or blocked: its thread and socket and, where it is called, the file."""
    if isinstance(lbl, Lh_call):
        tid, opn = a_call(lbl, lib.accept)
        running(h, tid)
        require(opn.fd in h.fds)
        fid = h.fds[opn.fd]
        sid, _ = file_socket(h, fid)
        return tid, sid, fid
    tid, state = blocked(h, lbl, Accept2, choose)
    return tid, state.sid, None


def _listening(h: Host, sid: SID, fid: FID | None) -> tuple[Socket, TcpSocket, SocketListen]:
    """Match a TCP socket with listen queues, a local port, no peer and no data, of a file if one is given.

    The pattern is `Sock(SOME fid,sf,is1,SOME p1,NONE,NONE,es,..,TCP_Sock(st,cb,SOME lis,[],NONE,..))`.
    """
    sock = FAPPLY(h.socks, sid)
    if fid is None:
        require(sock.fid is not None)
    else:
        require(sock.fid == fid)
    require(sock.ps1 is not None)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    tcp_sock = tcp_proto(sock)
    lis = SOME(tcp_sock.lis)
    no_data(tcp_sock)
    return sock, tcp_sock, lis


@rule(rp_tcp, {Lh_call: fast(succeed), Lh_tau: slow(urgent, succeed)})
def accept_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """An accept, just called or blocked, takes the completed connection that has waited longest.

    Source: TCP1_hostLTSScript.sml, accept_1.
    """
    tid, sid, called = _accepting(h, lbl, choose)
    sock, tcp_sock, lis = _listening(h, sid, called)
    fid = SOME(sock.fid)
    require(tcp_sock.st == LISTEN)
    require(len(lis.q) > 0)
    q, sid_ = lis.q[:-1], lis.q[-1]
    sock_ = FAPPLY(h.socks, sid_)
    require(sock_.fid is None)
    i1_ = SOME(sock_.is1)
    require(sock_.ps1 == sock.ps1)
    i2 = SOME(sock_.is2)
    p2 = SOME(sock_.ps2)
    tcp_sock_ = tcp_proto(sock_)
    require(tcp_sock_.st == ESTABLISHED)
    require(tcp_sock_.lis is None)
    require(sid != sid_)
    require(sock_.es != ECONNABORTED)
    fid_ = choose.fresh("fid'", FID, {*h.files, fid})
    fd_ = nextfd(h.arch, h.fds, choose)
    require(sock.is1 is None or sock.is1 == i1_)
    h_ = with_sock(h, sid, replace(sock, pr=TCP_PROTO(replace(tcp_sock, lis=replace(lis, q=q)))))
    h_ = with_sock(h_, sid_, replace(sock_, fid=fid_))
    h_ = replace(h_, fds=h.fds.set(fd_, fid_), files=h.files.set(fid_, File(FT_Socket(sid_), ff_default)))
    return with_thread(h_, tid, Ret(OK_fdipport(fd_, i2, p2)), sched_timer)


@rule(rp_tcp, {Lh_call: block})
def accept_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """An accept blocks, as no connection is complete.

    Source: TCP1_hostLTSScript.sml, accept_2.
    """
    tid, opn = a_call(lbl, lib.accept)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    require(not ff.b[O_NONBLOCK])
    require(sid in h.socks)
    sock, tcp_sock, lis = _listening(h, sid, fid)
    require(not sock.cantsndmore)
    require(tcp_sock.st == LISTEN)
    require(len(lis.q) == 0)
    return with_thread(h, tid, Accept2(sid), never_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def accept_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A non-blocking accept fails with EAGAIN, as no connection is complete.

    Source: TCP1_hostLTSScript.sml, accept_3.
    """
    tid, opn = a_call(lbl, lib.accept)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    require(ff.b[O_NONBLOCK])
    require(sid in h.socks)
    _, tcp_sock, lis = _listening(h, sid, fid)
    require(tcp_sock.st == LISTEN)
    require(len(lis.q) == 0)
    return with_thread(h, tid, Ret(FAIL(EAGAIN)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail), Lh_tau: slow(urgent, fail)})
def accept_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """An accept fails with ECONNABORTED, as the listening socket was shut down or closed.

    Source: TCP1_hostLTSScript.sml, accept_4.
    """
    tid, sid, called = _accepting(h, lbl, choose)
    sock, tcp_sock, _ = _listening(h, sid, called)
    if isinstance(lbl, Lh_call):
        require(tcp_sock.st == LISTEN)
        require(sock.cantsndmore)
    else:
        require((sock.cantrcvmore and tcp_sock.st == LISTEN) or tcp_sock.st == CLOSED)
    return with_thread(h, tid, Ret(FAIL(ECONNABORTED)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail), Lh_tau: slow(urgent, fail)})
def accept_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """An accept fails with EINVAL, as the socket does not listen, or no longer.

    Source: TCP1_hostLTSScript.sml, accept_5.
    """
    tid, sid, _ = _accepting(h, lbl, choose)
    require(sid in h.socks)
    tcp_sock = tcp_proto(h.socks[sid])
    require(tcp_sock.st != LISTEN)
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail), Lh_tau: slow(nonurgent, fail)})
def accept_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """An accept fails with EMFILE, as the process has no descriptor left.

    Source: TCP1_hostLTSScript.sml, accept_6.
    """
    tid, sid, _ = _accepting(h, lbl, choose)
    if isinstance(lbl, Lh_call):
        require(sid in h.socks)
        sock = h.socks[sid]
        require(proto_of(sock.pr) == PROTO_TCP)
    require(len(h.fds) >= OPEN_MAX)
    return with_thread(h, tid, Ret(FAIL(EMFILE)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def accept_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """An accept on a UDP socket fails: EINVAL on FreeBSD, EOPNOTSUPP elsewhere.

    Source: TCP1_hostLTSScript.sml, accept_7.
    """
    tid, opn = a_call(lbl, lib.accept)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(sid in h.socks)
    require(proto_of(h.socks[sid].pr) == PROTO_UDP)
    err = EINVAL if bsd_arch(h.arch) else EOPNOTSUPP
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)
