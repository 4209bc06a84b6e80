"""Shutting down one or both directions of a socket."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, OK_one
from netspec.base.choose import FAPPLY, Choose, require
from netspec.base.errors import ENOTCONN
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import TCP_PROTO, Host, tcp_proto, tcp_sock_of, udp_proto
from netspec.tcp.pre_host_types import (
    CLOSED,
    ESTABLISHED,
    LISTEN,
    Ret,
    bsd_arch,
    linux_arch,
    sched_timer,
)
from netspec.tcp.rule import fail, fast, rp_tcp, rp_udp, rule, succeed
from netspec.tcp.rules.prelude import a_call, file_socket, running, with_sock, with_thread


@rule(rp_tcp, {Lh_call: fast(succeed)})
def shutdown_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A shutdown of a TCP socket succeeds; FreeBSD closes one that is not connected.

    Source: TCP1_hostLTSScript.sml, shutdown_1.
    """
    tid, opn = a_call(lbl, lib.shutdown)
    running(h, tid)
    r, w = opn.r, opn.w
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    tcp_sock = tcp_proto(sock)
    if bsd_arch(h.arch) and tcp_sock.st in {CLOSED, LISTEN} and w:
        sock__ = tcp_close(h.arch, sock)
        closed = tcp_sock_of(sock__)
        sock_ = replace(
            sock__,
            cantsndmore=w or sock.cantsndmore,
            cantrcvmore=r or sock.cantrcvmore,
            pr=TCP_PROTO(replace(closed, cb=replace(closed.cb, bsd_cantconnect=True), lis=None)),
        )
    else:
        if not bsd_arch(h.arch):
            require(tcp_sock.st == ESTABLISHED)
            require(sock.is1 is not None)
            require(sock.ps1 is not None)
            require(sock.is2 is not None)
            require(sock.ps2 is not None)
            require(tcp_sock.lis is None)
        pr_ = TCP_PROTO(
            replace(
                tcp_sock,
                rcvq=b"" if r else tcp_sock.rcvq,
                cb=replace(
                    tcp_sock.cb,
                    tf_shouldacknow=True if w else tcp_sock.cb.tf_shouldacknow,
                ),
            )
        )
        sock_ = replace(sock, cantsndmore=w or sock.cantsndmore, cantrcvmore=r or sock.cantrcvmore, pr=pr_)
    return with_thread(with_sock(h, sid, sock_), tid, Ret(OK_one()), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed)})
def shutdown_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A shutdown of a UDP socket succeeds, on Linux only where it has a peer.

    Source: TCP1_hostLTSScript.sml, shutdown_2.
    """
    tid, opn = a_call(lbl, lib.shutdown)
    running(h, tid)
    r, w = opn.r, opn.w
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    udp_proto(sock)
    require(not linux_arch(h.arch) or sock.is2 is not None)
    sock_ = replace(sock, cantrcvmore=r or sock.cantrcvmore, cantsndmore=w or sock.cantsndmore)
    return with_thread(with_sock(h, sid, sock_), tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def shutdown_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A shutdown of a TCP socket that is not connected fails with ENOTCONN, except on FreeBSD.

    Source: TCP1_hostLTSScript.sml, shutdown_3.
    """
    tid, opn = a_call(lbl, lib.shutdown)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    tcp_sock = tcp_proto(FAPPLY(h.socks, sid))
    require(tcp_sock.st != ESTABLISHED)
    require(not bsd_arch(h.arch))
    return with_thread(h, tid, Ret(FAIL(ENOTCONN)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def shutdown_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A shutdown of a UDP socket without a peer fails on Linux, and takes effect nevertheless.

    Source: TCP1_hostLTSScript.sml, shutdown_4.
    """
    tid, opn = a_call(lbl, lib.shutdown)
    running(h, tid)
    r, w = opn.r, opn.w
    require(linux_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.is2 is None)
    udp_proto(sock)
    sock_ = replace(sock, cantsndmore=w or sock.cantsndmore, cantrcvmore=r or sock.cantrcvmore)
    return with_thread(with_sock(h, sid, sock_), tid, Ret(FAIL(ENOTCONN)), sched_timer)
