"""Making sockets listen."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, OK_one
from netspec.base.choose import FAPPLY, SOME, Choose, require
from netspec.base.errors import EADDRINUSE, EINVAL, EISCONN, EOPNOTSUPP
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.ports import autobind
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import TCP_PROTO, Host, proto_of, tcp_proto
from netspec.tcp.net_types import PROTO_TCP, PROTO_UDP
from netspec.tcp.pre_host_types import (
    CLOSED,
    LISTEN,
    Ret,
    SocketListen,
    bsd_arch,
    linux_arch,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import fail, fast, rp_tcp, rp_udp, rule, succeed
from netspec.tcp.rules.no_data import no_data
from netspec.tcp.rules.prelude import a_call, file_socket, running, with_sock, with_thread


@rule(rp_tcp, {Lh_call: fast(succeed)})
def listen_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen makes a closed socket listen, and binds it to a port where it has none.

    Source: TCP1_hostLTSScript.sml, listen_1.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(not sock.cantsndmore)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == CLOSED)
    require(tcp_sock.lis is None)
    no_data(tcp_sock)
    require(bsd_arch(h.arch) or not sock.cantrcvmore)
    require(not (windows_arch(h.arch) and sock.ps1 is None))
    require(not bsd_arch(h.arch) or not tcp_sock.cb.bsd_cantconnect)
    p1 = choose.one_of("p1", autobind(sock.ps1, PROTO_TCP, h, h.socks.delete(sid)))
    bound = (sid, *h.bound) if sock.ps1 is None else h.bound
    lis = SocketListen(q0=(), q=(), qlimit=opn.n)
    sock_ = replace(sock, ps1=p1, pr=TCP_PROTO(replace(tcp_sock, st=LISTEN, lis=lis)))
    h_ = replace(with_sock(h, sid, sock_), listen=(sid, *h.listen), bound=bound)
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def listen_1b(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen changes the backlog of a socket that listens already.

    Source: TCP1_hostLTSScript.sml, listen_1b.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(not sock.cantsndmore)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == LISTEN)
    lis = SOME(tcp_sock.lis)
    no_data(tcp_sock)
    require(bsd_arch(h.arch) or not sock.cantrcvmore)
    lis_ = replace(lis, qlimit=opn.n)
    sock_ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, lis=lis_)))
    h_ = replace(with_sock(h, sid, sock_), listen=(sid, *h.listen))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def listen_1c(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen makes even a connected socket listen, on FreeBSD.

    Source: TCP1_hostLTSScript.sml, listen_1c.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is not None)
    require(sock.ps1 is not None)
    require(sock.is2 is not None)
    require(sock.ps2 is not None)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st not in {CLOSED, LISTEN})
    lis = SocketListen(q0=(), q=(), qlimit=opn.n)
    sock_ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, st=LISTEN, lis=lis)))
    h_ = replace(with_sock(h, sid, sock_), listen=(sid, *h.listen))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def listen_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen on a socket without a port fails with EINVAL on WinXP.

    Source: TCP1_hostLTSScript.sml, listen_2.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(proto_of(sock.pr) == PROTO_TCP)
    require(sock.ps1 is None)
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def listen_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen on a connected socket fails: EISCONN on WinXP, EINVAL on Linux.

    Source: TCP1_hostLTSScript.sml, listen_3.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st not in {CLOSED, LISTEN})
    require(not bsd_arch(h.arch))
    if windows_arch(h.arch):
        err = EISCONN
    else:
        require(linux_arch(h.arch))
        err = EINVAL
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def listen_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen fails with EADDRINUSE on Linux, as another socket listens at an address in common.

    Source: TCP1_hostLTSScript.sml, listen_4.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(linux_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == CLOSED)
    require(sock.ps1 is not None)
    require(
        any(
            isinstance(sock_.pr, TCP_PROTO)
            and sock_.pr.v.st == LISTEN
            and sock_.ps1 == sock.ps1
            and (sock.is1 is None or sock_.is1 is None or sock.is1 == sock_.is1)
            for sock_ in h.socks.values()
        )
    )
    return with_thread(h, tid, Ret(FAIL(EADDRINUSE)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def listen_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen fails with EINVAL on FreeBSD, as the socket is shut down or past connecting.

    Source: TCP1_hostLTSScript.sml, listen_5.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st in {CLOSED, LISTEN})
    require(sock.cantsndmore or tcp_sock.cb.bsd_cantconnect)
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def listen_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listen on a UDP socket fails with EOPNOTSUPP.

    Source: TCP1_hostLTSScript.sml, listen_7.
    """
    tid, opn = a_call(lbl, lib.listen)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(proto_of(FAPPLY(h.socks, sid).pr) == PROTO_UDP)
    return with_thread(h, tid, Ret(FAIL(EOPNOTSUPP)), sched_timer)
