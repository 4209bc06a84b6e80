"""Reading and setting the options of a socket: booleans, numbers and times."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import (
    FAIL,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_OOBINLINE,
    SO_RCVLOWAT,
    SO_RCVTIMEO,
    SO_SNDBUF,
    SO_SNDLOWAT,
    SO_SNDTIMEO,
    OK_bool,
    OK_int,
    OK_intpair_option,
    OK_one,
)
from netspec.base.choose import FAPPLY, Choose, require
from netspec.base.errors import EDOM, EINVAL, ENOPROTOOPT
from netspec.base.time import time_infty, time_zero
from netspec.base.utils import MAX, MIN, clip_int_to_num, funupd
from netspec.tcp import lib_interface as lib
from netspec.tcp.errata.sockets import LINGER_IN_SECONDS
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import Host, proto_of, udp_proto
from netspec.tcp.net_types import PROTO_UDP
from netspec.tcp.params import corrected, sf_max_n, sf_min_n, sndrcv_timeo_t_max
from netspec.tcp.pre_host_types import (
    Ret,
    bsd_arch,
    linux_arch,
    sched_timer,
    time_of_tltimeopt,
    tltimeopt_of_time,
    tltimeopt_wf,
    windows_arch,
)
from netspec.tcp.rule import fail, fast, rp_all, rp_udp, rule, succeed
from netspec.tcp.rules.prelude import a_call, file_socket, running, with_sock, with_thread


@rule(rp_all, {Lh_call: fast(succeed)})
def getsockbopt_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A boolean option is returned.

    Source: TCP1_hostLTSScript.sml, getsockbopt_1.
    """
    tid, opn = a_call(lbl, lib.getsockbopt)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    if windows_arch(h.arch) and proto_of(sock.pr) == PROTO_UDP:
        require(opn.f not in {SO_KEEPALIVE, SO_OOBINLINE})
    return with_thread(h, tid, Ret(OK_bool(sock.sf.b[opn.f])), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed)})
def getsockbopt_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A UDP socket on WinXP lacks the boolean option, so reading it fails with ENOPROTOOPT.

    Source: TCP1_hostLTSScript.sml, getsockbopt_2.
    """
    tid, opn = a_call(lbl, lib.getsockbopt)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    udp_proto(FAPPLY(h.socks, sid))
    require(opn.f in {SO_KEEPALIVE, SO_OOBINLINE})
    return with_thread(h, tid, Ret(FAIL(ENOPROTOOPT)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def getsocknopt_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A numeric option is returned.

    Source: TCP1_hostLTSScript.sml, getsocknopt_1.
    """
    tid, opn = a_call(lbl, lib.getsocknopt)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sf = FAPPLY(h.socks, sid).sf
    if windows_arch(h.arch):
        require(opn.f not in {SO_RCVLOWAT, SO_SNDLOWAT})
    return with_thread(h, tid, Ret(OK_int(sf.n[opn.f])), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def getsocknopt_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """WinXP lacks the numeric option, so reading it fails with ENOPROTOOPT.

    Source: TCP1_hostLTSScript.sml, getsocknopt_4.
    """
    tid, opn = a_call(lbl, lib.getsocknopt)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.f in {SO_RCVLOWAT, SO_SNDLOWAT})
    return with_thread(h, tid, Ret(FAIL(ENOPROTOOPT)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def getsocktopt_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A time option is returned.

    Source: TCP1_hostLTSScript.sml, getsocktopt_1.
    """
    tid, opn = a_call(lbl, lib.getsocktopt)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    t = tltimeopt_of_time(sock.sf.t[opn.f])
    require(not (windows_arch(h.arch) and proto_of(sock.pr) == PROTO_UDP and opn.f == SO_LINGER))
    return with_thread(h, tid, Ret(OK_intpair_option(t)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def getsocktopt_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A UDP socket on WinXP does not linger, so reading that fails with ENOPROTOOPT.

    Source: TCP1_hostLTSScript.sml, getsocktopt_4.
    """
    tid, opn = a_call(lbl, lib.getsocktopt)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(proto_of(FAPPLY(h.socks, sid).pr) == PROTO_UDP)
    require(opn.f == SO_LINGER)
    return with_thread(h, tid, Ret(FAIL(ENOPROTOOPT)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def setsockbopt_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A boolean option is set.

    Source: TCP1_hostLTSScript.sml, setsockbopt_1.
    """
    tid, opn = a_call(lbl, lib.setsockbopt)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    sock_ = replace(sock, sf=replace(sock.sf, b=funupd(sock.sf.b, opn.f, opn.b)))
    if windows_arch(h.arch) and proto_of(sock.pr) == PROTO_UDP:
        require(opn.f not in {SO_KEEPALIVE, SO_OOBINLINE})
    return with_thread(with_sock(h, sid, sock_), tid, Ret(OK_one()), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def setsockbopt_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A UDP socket on WinXP lacks the boolean option, so setting it fails with ENOPROTOOPT.

    Source: TCP1_hostLTSScript.sml, setsockbopt_2.
    """
    tid, opn = a_call(lbl, lib.setsockbopt)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    udp_proto(FAPPLY(h.socks, sid))
    require(opn.f in {SO_KEEPALIVE, SO_OOBINLINE})
    return with_thread(h, tid, Ret(FAIL(ENOPROTOOPT)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def setsocknopt_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A numeric option is set, within the bounds of the architecture.

    FreeBSD keeps the low-water mark of sending within the size of the buffer.

    Source: TCP1_hostLTSScript.sml, setsocknopt_1.
    """
    tid, opn = a_call(lbl, lib.setsocknopt)
    running(h, tid)
    f = opn.f
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    n_ = MAX(sf_min_n(h.arch, f), MIN(sf_max_n(h.arch, f), clip_int_to_num(opn.n)))
    if bsd_arch(h.arch) and f == SO_SNDBUF and n_ < sock.sf.n[SO_SNDLOWAT]:
        ns = funupd(funupd(sock.sf.n, f, n_), SO_SNDLOWAT, n_)
    else:
        ns = funupd(sock.sf.n, f, n_)
    sock_ = replace(sock, sf=replace(sock.sf, n=ns))
    return with_thread(with_sock(h, sid, sock_), tid, Ret(OK_one()), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def setsocknopt_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """Setting a numeric option to nothing fails with EINVAL on FreeBSD.

    Source: TCP1_hostLTSScript.sml, setsocknopt_2.
    """
    tid, opn = a_call(lbl, lib.setsocknopt)
    running(h, tid)
    require(clip_int_to_num(opn.n) == 0)
    require(bsd_arch(h.arch))
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def setsocknopt_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """Setting the low-water mark of sending fails with ENOPROTOOPT on Linux.

    Source: TCP1_hostLTSScript.sml, setsocknopt_4.
    """
    tid, opn = a_call(lbl, lib.setsocknopt)
    running(h, tid)
    require(linux_arch(h.arch))
    require(opn.f == SO_SNDLOWAT)
    return with_thread(h, tid, Ret(FAIL(ENOPROTOOPT)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def setsocktopt_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A time option is set; a timeout of zero stands for none.

    Source: TCP1_hostLTSScript.sml, setsocktopt_1.
    """
    tid, opn = a_call(lbl, lib.setsocktopt)
    running(h, tid)
    f, t = opn.f, opn.t
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(tltimeopt_wf(t))
    t_ = time_of_tltimeopt(t)
    require(t_ >= time_zero)
    t__ = time_infty if f in {SO_RCVTIMEO, SO_SNDTIMEO} and t_ == time_zero else t_
    # The model quantifies s and ns over the whole rule, so that they need not be those of t.
    if f == SO_LINGER and t is not None and (corrected(h.arch, LINGER_IN_SECONDS) or choose.boolean("t = SOME(s,ns)")):
        _, ns = t
        require(ns == 0)
    if f in {SO_RCVTIMEO, SO_SNDTIMEO}:
        require(t__ == time_infty or t__ <= sndrcv_timeo_t_max)
    sock_ = replace(sock, sf=replace(sock.sf, t=funupd(sock.sf.t, f, t__)))
    return with_thread(with_sock(h, sid, sock_), tid, Ret(OK_one()), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def setsocktopt_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A UDP socket on WinXP does not linger, so setting that fails with ENOPROTOOPT.

    Source: TCP1_hostLTSScript.sml, setsocktopt_4.
    """
    tid, opn = a_call(lbl, lib.setsocktopt)
    running(h, tid)
    require(windows_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    require(proto_of(FAPPLY(h.socks, sid).pr) == PROTO_UDP)
    require(opn.f == SO_LINGER)
    return with_thread(h, tid, Ret(FAIL(ENOPROTOOPT)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def setsocktopt_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """Setting a timeout beyond the bound fails with EDOM.

    Source: TCP1_hostLTSScript.sml, setsocktopt_5.
    """
    tid, opn = a_call(lbl, lib.setsocktopt)
    running(h, tid)
    require(opn.f in {SO_RCVTIMEO, SO_SNDTIMEO})
    require(tltimeopt_wf(opn.t))
    t_ = time_of_tltimeopt(opn.t)
    t__ = time_infty if t_ == time_zero else t_
    require(not (t__ == time_infty or t__ <= sndrcv_timeo_t_max))
    return with_thread(h, tid, Ret(FAIL(EDOM)), sched_timer)
