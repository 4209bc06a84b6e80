"""Disconnecting sockets: the use of connect that takes the peer away."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, OK_one
from netspec.base.choose import FAPPLY, Choose, require
from netspec.base.errors import (
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EAGAIN,
    EALREADY,
    EINVAL,
    EISCONN,
    ENOBUFS,
    EOPNOTSUPP,
    Error,
)
from netspec.base.utils import ASSERTION_FAILURE
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.close import tcp_drop_and_close
from netspec.tcp.aux_fns.ports import autobind
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import Host, Socket, TcpSocket, tcp_proto, udp_proto
from netspec.tcp.net_types import PROTO_UDP
from netspec.tcp.params import FID, SID, Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    SYN_RECEIVED,
    Ret,
    TcpState,
    bsd_arch,
    linux_arch,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import fail, fast, rp_tcp, rp_udp, rule, succeed
from netspec.tcp.rules.prelude import a_call, file_socket, running, with_sock, with_thread


def _err_of_state(arch: Arch, tcp_sock: TcpSocket) -> Error:
    """The error of a disconnect of a TCP socket."""
    match tcp_sock.st:
        case TcpState.CLOSED:
            if bsd_arch(arch):
                return EINVAL if tcp_sock.cb.bsd_cantconnect else EAFNOSUPPORT
            else:
                return EAFNOSUPPORT
        case TcpState.LISTEN:
            if windows_arch(arch):
                return EAFNOSUPPORT
            elif bsd_arch(arch):
                return EOPNOTSUPP
            else:
                return ASSERTION_FAILURE("disconnect_4:1")
        case TcpState.SYN_SENT | TcpState.SYN_RECEIVED:
            return EALREADY
        case TcpState.TIME_WAIT:
            if windows_arch(arch):
                return EISCONN
            elif bsd_arch(arch):
                return EAFNOSUPPORT
            else:
                return ASSERTION_FAILURE("disconnect_4:2")
        case _:
            return EISCONN


@rule(rp_tcp, {Lh_call: fast(fail)})
def disconnect_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A disconnect of a TCP socket fails, except on Linux.

    Source: TCP1_hostLTSScript.sml, disconnect_4.
    """
    tid, opn = a_call(lbl, lib.disconnect)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    tcp_sock = tcp_proto(FAPPLY(h.socks, sid))
    require(not linux_arch(h.arch))
    err = _err_of_state(h.arch, tcp_sock)
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def disconnect_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A disconnect of a TCP socket succeeds on Linux, and drops a connection that there is.

    Source: TCP1_hostLTSScript.sml, disconnect_5.
    """
    tid, opn = a_call(lbl, lib.disconnect)
    running(h, tid)
    require(linux_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    tcp_sock = tcp_proto(sock)
    if tcp_sock.st in {SYN_RECEIVED, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT}:
        sock_, outsegs = tcp_drop_and_close(h.arch, None, sock, choose)
        oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs, h.oq, choose)
    else:
        sock_ = sock
        oq_ = h.oq
    h_ = replace(with_sock(h, sid, sock_), oq=oq_)
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed)})
def disconnect_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A disconnect of a UDP socket that has a port leaves it the port alone, whatever it returns.

    Source: TCP1_hostLTSScript.sml, disconnect_1.
    """
    tid, opn = a_call(lbl, lib.disconnect)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.ps1 is not None)
    udp_proto(sock)
    if linux_arch(h.arch):
        ret = OK_one()
    elif windows_arch(h.arch) and sock.is2 is not None:
        ret = OK_one()
    else:
        ret = FAIL(EAFNOSUPPORT)
    h_ = with_sock(h, sid, replace(sock, is1=None, is2=None, ps2=None))
    return with_thread(h_, tid, Ret(ret), sched_timer)


def _unnamed_udp(h: Host, sid: SID, fid: FID) -> Socket:
    """Match `Sock(SOME fid,sf,NONE,NONE,NONE,NONE,es,cantsndmore,cantrcvmore,UDP_PROTO(udp))`."""
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is None)
    require(sock.ps1 is None)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    udp_proto(sock)
    return sock


@rule(rp_udp, {Lh_call: fast(succeed)})
def disconnect_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A disconnect of a UDP socket without a port may bind it, whatever it returns.

    Source: TCP1_hostLTSScript.sml, disconnect_2.
    """
    tid, opn = a_call(lbl, lib.disconnect)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = _unnamed_udp(h, sid, fid)
    if choose.boolean("ps1 is SOME"):
        ps1 = choose.one_of("p1", autobind(None, PROTO_UDP, h, h.socks))
    else:
        ps1 = None
    ret = OK_one() if linux_arch(h.arch) else FAIL(EAFNOSUPPORT)
    h_ = replace(with_sock(h, sid, replace(sock, ps1=ps1)), bound=(sid, *h.bound))
    return with_thread(h_, tid, Ret(ret), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def disconnect_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A disconnect of a UDP socket without a port fails, as no port is left to bind it to.

    Source: TCP1_hostLTSScript.sml, disconnect_3.
    """
    tid, opn = a_call(lbl, lib.disconnect)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    _unnamed_udp(h, sid, fid)
    require(not autobind(None, PROTO_UDP, h, h.socks))
    e = choose.one_of("e", (EAGAIN, EADDRNOTAVAIL, ENOBUFS))
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)
