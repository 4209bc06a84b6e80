"""What may become of many calls: a bad descriptor, an interruption, a lack of resources."""

from __future__ import annotations

from netspec.base.base_types import FAIL, FD, TID
from netspec.base.choose import FAPPLY, Choose, PremiseFailed, require
from netspec.base.errors import EBADF, EINTR, ENFILE, ENOBUFS, ENOMEM, ENOTSOCK
from netspec.tcp import lib_interface as lib
from netspec.tcp.errata.sockets import SOCKET_NEEDS_NO_SOCKET
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import Host, proto_of
from netspec.tcp.lib_interface import LIB_interface, fd_op, fd_sockop
from netspec.tcp.net_types import PROTO_TCP
from netspec.tcp.params import INFINITE_RESOURCES, SID, FT_Socket, corrected
from netspec.tcp.pre_host_types import (
    Accept2,
    Close2,
    Connect2,
    PSelect2,
    Recv2,
    Ret,
    Send2,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import badfail, fail, fast, nonurgent, rp_all, rule, slow
from netspec.tcp.rules.prelude import file_socket, running, with_thread


def _any_call(lbl: Label) -> tuple[TID, LIB_interface]:
    """Match `lbl = Lh_call(tid, opn)`."""
    if not isinstance(lbl, Lh_call):
        raise PremiseFailed
    return lbl.tid, lbl.call


def _fd_of(opn: LIB_interface) -> FD:
    """The descriptor that a call is on; the premise fails where it is not on one."""
    if isinstance(opn, lib.getifaddrs | lib.pselect | lib.socket):
        raise PremiseFailed
    return opn.fd


@rule(rp_all, {Lh_call: fast(fail)})
def badf_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A call on a descriptor that is not open fails with EBADF, or ENOTSOCK on WinXP.

    Source: TCP1_hostLTSScript.sml, badf_1.
    """
    tid, opn = _any_call(lbl)
    running(h, tid)
    fd = _fd_of(opn)
    require(fd_op(fd, opn))
    require(fd not in h.fds)
    e = ENOTSOCK if windows_arch(h.arch) else EBADF
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def notsock_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A call that only sockets have fails with ENOTSOCK on another file.

    Source: TCP1_hostLTSScript.sml, notsock_1.
    """
    tid, opn = _any_call(lbl)
    running(h, tid)
    fd = _fd_of(opn)
    require(fd_sockop(fd, opn))
    require(fd in h.fds)
    fid = h.fds[fd]
    file = FAPPLY(h.files, fid)
    require(not isinstance(file.ft, FT_Socket))
    return with_thread(h, tid, Ret(FAIL(ENOTSOCK)), sched_timer)


_BLOCKED = (Close2, Connect2, Recv2, Send2, PSelect2, Accept2)


@rule(rp_all, {Lh_tau: slow(nonurgent, fail)})
def intr_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked call fails with EINTR, as a signal interrupted it.

    Source: TCP1_hostLTSScript.sml, intr_1.
    """
    require(isinstance(lbl, Lh_tau))
    tids = tuple(tid for tid, timed in h.ts.items() if isinstance(timed.value, _BLOCKED))
    tid = choose.one_of("tid", tids)
    return with_thread(h, tid, Ret(FAIL(EINTR)), sched_timer)


def _is_socket(h: Host, fd: FD) -> bool:
    """Whether a descriptor is one of a socket."""
    fid = h.fds[fd]
    return fid in h.files and isinstance(h.files[fid].ft, FT_Socket)


def _called_on(h: Host, opn: LIB_interface) -> SID:
    """The socket that a call is on."""
    fd = _fd_of(opn)
    require(fd in h.fds)
    fid = h.fds[fd]
    sid, _ = file_socket(h, fid)
    return sid


@rule(rp_all, {Lh_call: fast(badfail)})
def resourcefail_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A call fails for want of resources, where they are not taken to be infinite.

    Source: TCP1_hostLTSScript.sml, resourcefail_1.
    """
    tid, call = _any_call(lbl)
    running(h, tid)
    require(not INFINITE_RESOURCES)
    if isinstance(call, lib.socket):
        # The model has the descriptor of a socket here too, which the call does not name.
        require(corrected(h.arch, SOCKET_NEEDS_NO_SOCKET) or any(_is_socket(h, fd) for fd in h.fds))
        e = choose.one_of("e", (ENFILE, ENOBUFS, ENOMEM))
    else:
        sid = _called_on(h, call)
        match call:
            case lib.bind() | lib.listen() | lib.getsockname() | lib.getpeername() | lib.shutdown():
                e = ENOBUFS
            case lib.connect():
                require(call.ps2 is not None)
                e = ENOBUFS
            case lib.recv():
                e = choose.one_of("e", (ENOMEM, ENOBUFS))
            case lib.accept():
                e = choose.one_of("e", (ENFILE, ENOBUFS, ENOMEM))
                require(proto_of(FAPPLY(h.socks, sid).pr) == PROTO_TCP)
            case _:
                raise PremiseFailed
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_all, {Lh_tau: slow(nonurgent, badfail)})
def resourcefail_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked call fails for want of resources, where they are not taken to be infinite.

    Source: TCP1_hostLTSScript.sml, resourcefail_2.
    """
    require(isinstance(lbl, Lh_tau))
    require(not INFINITE_RESOURCES)
    states = {tid: timed.value for tid, timed in h.ts.items() if isinstance(timed.value, Accept2 | Connect2 | Recv2)}
    tid = choose.one_of("tid", states)
    match states[tid]:
        case Accept2():
            e = choose.one_of("e", (ENFILE, ENOBUFS, ENOMEM))
        case Connect2():
            e = ENOBUFS
        case _:
            e = choose.one_of("e", (ENOBUFS, ENOMEM))
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)
