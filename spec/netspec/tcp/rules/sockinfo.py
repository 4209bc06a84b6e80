"""Reading the names and the state of a socket, the flags of a file, and the interfaces."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import immutables

from netspec.base.base_types import (
    FAIL,
    FileBFlag,
    Ip,
    OK_bool,
    OK_fileflags,
    OK_getifaddrs_ret,
    OK_ipport,
    OK_ipportlift,
    OK_one,
    Port,
)
from netspec.base.choose import FAPPLY, SOME, Choose, PremiseFailed, require
from netspec.base.errors import ECONNRESET, EINVAL, ENOPROTOOPT, ENOTCONN
from netspec.tcp import lib_interface as lib
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import TCP_PROTO, Host, proto_of, tcp_proto
from netspec.tcp.net_types import PROTO_UDP
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    LISTEN,
    SYN_RECEIVED,
    IpSet,
    Ret,
    bsd_arch,
    linux_arch,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import fail, fast, rp_all, rp_tcp, rp_udp, rule, succeed
from netspec.tcp.rules.patterns import connected_sock
from netspec.tcp.rules.prelude import a_call, file_socket, running, with_sock, with_thread


@rule(rp_all, {Lh_call: fast(succeed)})
def getfileflags_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The flags of a file are returned, in any order.

    Source: TCP1_hostLTSScript.sml, getfileflags_1.
    """
    tid, opn = a_call(lbl, lib.getfileflags)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    ff = FAPPLY(h.files, fid).ff
    flags = choose.one_of("flags", permutations(flag for flag in FileBFlag if ff.b[flag]))
    return with_thread(h, tid, Ret(OK_fileflags(flags)), sched_timer)


def _ordering(ipset: IpSet, choose: Choose) -> tuple[Ip, ...]:
    """Pick `ipslist`, a list of the addresses of an interface."""
    # A list of a whole subnet, such as the 16 million addresses of loopback, is not worth making.
    if not isinstance(ipset, frozenset):
        raise PremiseFailed
    return choose.one_of("ipslist", permutations(sorted(ipset, key=lambda i: i.n)))


@rule(rp_all, {Lh_call: fast(succeed)})
def getifaddrs_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The interfaces and the addresses of each are returned, in any order.

    Source: TCP1_hostLTSScript.sml, getifaddrs_1.
    """
    tid, _ = a_call(lbl, lib.getifaddrs)
    running(h, tid)
    ifidlist = choose.one_of("ifidlist", permutations(h.ifds.items()))
    iflist = tuple((ifid, hifd.primary, _ordering(hifd.ipset, choose), hifd.netmask) for ifid, hifd in ifidlist)
    return with_thread(h, tid, Ret(OK_getifaddrs_ret(iflist)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def getpeername_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The address and port of the peer are returned.

    Source: TCP1_hostLTSScript.sml, getpeername_1.
    """
    tid, opn = a_call(lbl, lib.getpeername)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    i2 = SOME(sock.is2)
    if sock.ps2 is not None:
        p2 = sock.ps2
    else:
        require(windows_arch(h.arch))
        p2 = Port(0)
        require(proto_of(sock.pr) == PROTO_UDP)
    if isinstance(sock.pr, TCP_PROTO):
        st = sock.pr.v.st
        require(
            st in {ESTABLISHED, CLOSE_WAIT, LAST_ACK, FIN_WAIT_1, CLOSING}
            or (not sock.cantrcvmore and st == FIN_WAIT_2)
            or (linux_arch(h.arch) and st == SYN_RECEIVED)
            or (bsd_arch(h.arch) and st == LISTEN)
            or windows_arch(h.arch)
        )
    return with_thread(h, tid, Ret(OK_ipport(i2, p2)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def getpeername_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """Asking for the peer fails with ENOTCONN, as there is none, or no longer.

    Source: TCP1_hostLTSScript.sml, getpeername_2.
    """
    tid, opn = a_call(lbl, lib.getpeername)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    if isinstance(sock.pr, TCP_PROTO):
        st = sock.pr.v.st
        has_connection = (
            st in {ESTABLISHED, CLOSE_WAIT, LAST_ACK, FIN_WAIT_1, CLOSING}
            or (not sock.cantrcvmore and st == FIN_WAIT_2)
            or (linux_arch(h.arch) and st == SYN_RECEIVED)
            or windows_arch(h.arch)
        )
    else:
        has_connection = True
    require(
        not (
            sock.is2 is not None
            and (sock.ps2 is not None or (windows_arch(h.arch) and proto_of(sock.pr) == PROTO_UDP))
            and has_connection
        )
    )
    return with_thread(h, tid, Ret(FAIL(ENOTCONN)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def getsockerr_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """There is no pending error.

    Source: TCP1_hostLTSScript.sml, getsockerr_1.
    """
    tid, opn = a_call(lbl, lib.getsockerr)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(FAPPLY(h.socks, sid).es is None)
    return with_thread(h, tid, Ret(OK_one()), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def getsockerr_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """The call fails with the pending error, which is then no longer pending.

    Source: TCP1_hostLTSScript.sml, getsockerr_2.
    """
    tid, opn = a_call(lbl, lib.getsockerr)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    e = SOME(sock.es)
    h_ = with_sock(h, sid, replace(sock, es=None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def getsocklistening_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """Whether a TCP socket listens is returned, except on FreeBSD.

    Source: TCP1_hostLTSScript.sml, getsocklistening_1.
    """
    tid, opn = a_call(lbl, lib.getsocklistening)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    tcp_sock = tcp_proto(FAPPLY(h.socks, sid))
    b = tcp_sock.st == LISTEN
    require(not bsd_arch(h.arch))
    return with_thread(h, tid, Ret(OK_bool(b)), sched_timer)


@rule(rp_udp, {Lh_call: (fast(succeed), fast(fail))})
def getsocklistening_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A UDP socket does not listen on Linux; elsewhere the call fails with ENOPROTOOPT.

    Source: TCP1_hostLTSScript.sml, getsocklistening_2.
    """
    tid, opn = a_call(lbl, lib.getsocklistening)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(proto_of(FAPPLY(h.socks, sid).pr) == PROTO_UDP)
    ret = OK_bool(False) if linux_arch(h.arch) else FAIL(ENOPROTOOPT)
    return with_thread(h, tid, Ret(ret), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def getsocklistening_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """FreeBSD cannot tell whether a TCP socket listens: the call fails with ENOPROTOOPT.

    Source: TCP1_hostLTSScript.sml, getsocklistening_3.
    """
    tid, opn = a_call(lbl, lib.getsocklistening)
    running(h, tid)
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    tcp_proto(FAPPLY(h.socks, sid))
    return with_thread(h, tid, Ret(FAIL(ENOPROTOOPT)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def getsockname_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The local address and port are returned, as far as there are any.

    Source: TCP1_hostLTSScript.sml, getsockname_1.
    """
    tid, opn = a_call(lbl, lib.getsockname)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    if isinstance(sock.pr, TCP_PROTO) and bsd_arch(h.arch):
        require(not (sock.pr.v.cb.bsd_cantconnect and sock.ps1 is None))
    if windows_arch(h.arch):
        require(sock.is1 is not None or sock.ps1 is not None)
    return with_thread(h, tid, Ret(OK_ipportlift(sock.is1, sock.ps1)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def getsockname_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """FreeBSD has lost the local name of a socket that failed to connect: ECONNRESET.

    Source: TCP1_hostLTSScript.sml, getsockname_2.
    """
    tid, opn = a_call(lbl, lib.getsockname)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(bsd_arch(h.arch))
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.cb.bsd_cantconnect)
    require(sock.ps1 is None)
    return with_thread(h, tid, Ret(FAIL(ECONNRESET)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def getsockname_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A socket without local address and port has no name on WinXP: EINVAL.

    Source: TCP1_hostLTSScript.sml, getsockname_3.
    """
    tid, opn = a_call(lbl, lib.getsockname)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.is1 is None)
    require(sock.ps1 is None)
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def setfileflags_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """Exactly the flags of the call are set on the file.

    Source: TCP1_hostLTSScript.sml, setfileflags_1.
    """
    tid, opn = a_call(lbl, lib.setfileflags)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    file = FAPPLY(h.files, fid)
    ffb_ = immutables.Map({flag: flag in opn.flags for flag in FileBFlag})
    file_ = replace(file, ff=replace(file.ff, b=ffb_))
    return with_thread(replace(h, files=h.files.set(fid, file_)), tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_call: fast(succeed)})
def sockatmark_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """Whether the receive queue is at the urgent mark is returned.

    Source: TCP1_hostLTSScript.sml, sockatmark_1.
    """
    tid, opn = a_call(lbl, lib.sockatmark)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    _, tcp_sock = connected_sock(h, sid, fid)
    require(tcp_sock.st == ESTABLISHED)
    b = tcp_sock.rcvurp is not None and bool(tcp_sock.rcvurp == 0)
    return with_thread(h, tid, Ret(OK_bool(b)), sched_timer)


@rule(rp_udp, {Lh_call: (fast(succeed), fast(fail))})
def sockatmark_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A UDP socket has no urgent mark: never at it on FreeBSD, EINVAL elsewhere.

    Source: TCP1_hostLTSScript.sml, sockatmark_2.
    """
    tid, opn = a_call(lbl, lib.sockatmark)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(proto_of(FAPPLY(h.socks, sid).pr) == PROTO_UDP)
    ret = OK_bool(False) if bsd_arch(h.arch) else FAIL(EINVAL)
    return with_thread(h, tid, Ret(ret), sched_timer)
