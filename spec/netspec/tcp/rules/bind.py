"""Binding sockets to local addresses and ports."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, OK_one
from netspec.base.choose import FAPPLY, SOME, Choose, require
from netspec.base.errors import EACCES, EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.ports import autobind, bound_port_allowed
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import TCP_PROTO, Host, privileged_ports, proto_of, tcp_proto
from netspec.tcp.pre_host_types import CLOSED, Ret, bsd_arch, local_ips, sched_timer, windows_arch
from netspec.tcp.rule import badfail, fail, fast, rp_all, rule, succeed
from netspec.tcp.rules.no_data import no_data
from netspec.tcp.rules.prelude import a_call, file_socket, running, with_sock, with_thread


@rule(rp_all, {Lh_call: fast(succeed)})
def bind_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A bind gives a fresh socket its local address and port, or some free port where none is asked for.

    Source: TCP1_hostLTSScript.sml, bind_1.
    """
    tid, opn = a_call(lbl, lib.bind)
    running(h, tid)
    is1 = opn.is1
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is None)
    require(sock.ps1 is None)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    socks = h.socks.delete(sid)
    require(is1 is None or is1 in local_ips(h.ifds))
    p1 = choose.one_of("p1", autobind(opn.ps1, proto_of(sock.pr), h, socks))
    bound = (sid, *h.bound)
    require(h.privs or p1 not in privileged_ports(h))
    require(bound_port_allowed(sock.pr, socks, sock.sf, h.arch, is1, p1))
    if isinstance(sock.pr, TCP_PROTO):
        tcp_sock = sock.pr.v
        require(tcp_sock.st == CLOSED)
        require(tcp_sock.lis is None)
        no_data(tcp_sock)
        if bsd_arch(h.arch):
            require(not sock.cantsndmore)
            require(not tcp_sock.cb.bsd_cantconnect)
    else:
        udp_sock = sock.pr.v
        require(udp_sock.rcvq == ())
    h_ = with_sock(replace(h, bound=bound), sid, replace(sock, is1=is1, ps1=p1))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def bind_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A bind fails with EADDRINUSE, as another socket stands in the way.

    Source: TCP1_hostLTSScript.sml, bind_2.
    """
    tid, opn = a_call(lbl, lib.bind)
    running(h, tid)
    is1 = opn.is1
    p1 = SOME(opn.ps1)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(not bound_port_allowed(sock.pr, h.socks.delete(sid), sock.sf, h.arch, is1, p1))
    require(is1 is None or is1 in local_ips(h.ifds) or windows_arch(h.arch))
    return with_thread(h, tid, Ret(FAIL(EADDRINUSE)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def bind_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A bind fails with EADDRNOTAVAIL, as no interface has the address.

    Source: TCP1_hostLTSScript.sml, bind_3.
    """
    tid, opn = a_call(lbl, lib.bind)
    running(h, tid)
    i1 = SOME(opn.is1)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    file_socket(h, fid)
    require(i1 not in local_ips(h.ifds))
    return with_thread(h, tid, Ret(FAIL(EADDRNOTAVAIL)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def bind_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A bind fails with EINVAL, as the socket has a port already or, on FreeBSD, is past connecting.

    Source: TCP1_hostLTSScript.sml, bind_5.
    """
    tid, opn = a_call(lbl, lib.bind)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    if sock.ps1 is None:
        require(bsd_arch(h.arch))
        tcp_sock = tcp_proto(sock)
        require(sock.cantsndmore or tcp_sock.cb.bsd_cantconnect)
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def bind_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A bind to a privileged port fails with EACCES, as the process lacks the privilege.

    Source: TCP1_hostLTSScript.sml, bind_7.
    """
    tid, opn = a_call(lbl, lib.bind)
    running(h, tid)
    p1 = SOME(opn.ps1)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    file_socket(h, fid)
    require(not h.privs)
    require(p1 in privileged_ports(h))
    return with_thread(h, tid, Ret(FAIL(EACCES)), sched_timer)


@rule(rp_all, {Lh_call: fast(badfail)})
def bind_9(h: Host, lbl: Label, choose: Choose) -> Host:
    """A bind to any port fails with ENOBUFS, as none is left; WinXP may fail so at any time.

    Source: TCP1_hostLTSScript.sml, bind_9.
    """
    tid, opn = a_call(lbl, lib.bind)
    running(h, tid)
    ps1 = opn.ps1
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(ps1 is None)
    sock = FAPPLY(h.socks, sid)
    require(not autobind(ps1, proto_of(sock.pr), h, h.socks) or windows_arch(h.arch))
    return with_thread(h, tid, Ret(FAIL(ENOBUFS)), sched_timer)
