"""Making further descriptors of files, on Unix."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, FD, OK_fd
from netspec.base.choose import SOME, Choose, require
from netspec.base.errors import EBADF, EINVAL, EMFILE, Error
from netspec.base.utils import Num
from netspec.tcp import lib_interface as lib
from netspec.tcp.errata.sockets import DUPFD_NONE_FREE, DUPFD_NUMBER
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import Host
from netspec.tcp.params import OPEN_MAX, OPEN_MAX_FD, corrected
from netspec.tcp.pre_host_types import Ret, bsd_arch, fdlt, nextfd, sched_timer, unix_arch
from netspec.tcp.rule import fail, fast, rp_all, rule, succeed
from netspec.tcp.rules.prelude import a_call, running, with_thread


@rule(rp_all, {Lh_call: fast(succeed)})
def dup_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A dup returns the next descriptor, for the same file.

    Source: TCP1_hostLTSScript.sml, dup_1.
    """
    tid, opn = a_call(lbl, lib.dup)
    running(h, tid)
    require(unix_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    fd_ = nextfd(h.arch, h.fds, choose)
    require(fdlt(fd_, OPEN_MAX_FD))
    h_ = replace(h, fds=h.fds.set(fd_, fid))
    return with_thread(h_, tid, Ret(OK_fd(fd_)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def dup_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A dup fails with EMFILE, as the process has no descriptor left.

    Source: TCP1_hostLTSScript.sml, dup_2.
    """
    tid, opn = a_call(lbl, lib.dup)
    running(h, tid)
    require(unix_arch(h.arch))
    require(opn.fd in h.fds)
    require(len(h.fds) + 1 >= OPEN_MAX)
    return with_thread(h, tid, Ret(FAIL(EMFILE)), sched_timer)


@rule(rp_all, {Lh_call: fast(succeed)})
def dupfd_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A dupfd returns the least free descriptor from `n` on, for the same file.

    Source: TCP1_hostLTSScript.sml, dupfd_1.
    """
    tid, opn = a_call(lbl, lib.dupfd)
    running(h, tid)
    require(unix_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    n = opn.n
    require(n >= 0)
    require(fdlt(FD(Num(n)), OPEN_MAX_FD))
    # Where none is free the model leaves the least one open; the premise fails.
    free = (FD(n_) for n_ in range(OPEN_MAX_FD.n) if Num(n) <= n_ and FD(n_) not in h.fds)
    fd_ = SOME(next(free, None))
    h_ = replace(h, fds=h.fds.set(fd_, fid))
    return with_thread(h_, tid, Ret(OK_fd(fd_)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def dupfd_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A dupfd fails, as `n` is negative or too large.

    Source: TCP1_hostLTSScript.sml, dupfd_3.
    """
    tid, opn = a_call(lbl, lib.dupfd)
    running(h, tid)
    n = opn.n
    if corrected(h.arch, DUPFD_NUMBER):
        require(unix_arch(h.arch))
        require(n < 0 or Num(n) >= OPEN_MAX)
        err = EBADF if bsd_arch(h.arch) else EINVAL
        return with_thread(h, tid, Ret(FAIL(err)), sched_timer)
    # The model's premises are `(unix_arch h.arch /\ n < 0) \/ (Num n >= OPEN_MAX /\ err = ..)`:
    # a negative n leaves the error open, and a large one is no matter of the architecture.
    if n < 0:
        require(unix_arch(h.arch))
        err = choose.one_of("err", Error)
    else:
        require(Num(n) >= OPEN_MAX)
        err = EBADF if bsd_arch(h.arch) else EINVAL
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def dupfd_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A dupfd fails with EMFILE, whether or not a descriptor is free.

    Source: TCP1_hostLTSScript.sml, dupfd_4.
    """
    tid, opn = a_call(lbl, lib.dupfd)
    running(h, tid)
    require(unix_arch(h.arch))
    require(opn.fd in h.fds)
    # The model also names the least free descriptor beyond the greatest one, and does not use it.
    require(opn.n >= 0)
    if corrected(h.arch, DUPFD_NONE_FREE):
        require(fdlt(FD(Num(opn.n)), OPEN_MAX_FD))
        require(all(FD(n_) in h.fds for n_ in range(OPEN_MAX_FD.n) if Num(opn.n) <= n_))
    return with_thread(h, tid, Ret(FAIL(EMFILE)), sched_timer)
