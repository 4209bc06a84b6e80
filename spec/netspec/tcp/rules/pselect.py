"""pselect: waiting until a descriptor is ready."""

from __future__ import annotations

from collections.abc import Callable

from netspec.base.base_types import FAIL, FD, OK_fdlisttriple
from netspec.base.choose import FAPPLY, Choose, require
from netspec.base.errors import EBADF, EINVAL, ENOTSOCK
from netspec.base.timers import timer_expires
from netspec.base.utils import INSERT_ORDERED, MAX, MIN
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.readiness import soexceptional, soreadable, sowriteable
from netspec.tcp.errata.sockets import BAD_DESCRIPTORS_ON_BSD, EMPTY_SETS_ON_WINDOWS, FULL_SET_ON_WINDOWS
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import Host, Socket
from netspec.tcp.params import FD_SETSIZE, Arch, FT_Socket, corrected, pselect_timeo_t_max
from netspec.tcp.pre_host_types import (
    PSelect2,
    Ret,
    bsd_arch,
    kern_timer,
    sched_timer,
    time_of_tltimeopt,
    tltimeopt_wf,
    windows_arch,
)
from netspec.tcp.rule import block, fail, fast, nonurgent, rp_all, rule, slow, succeed
from netspec.tcp.rules.prelude import a_call, blocked, running, with_thread

Fds = tuple[FD, ...]
Triple = tuple[Fds, Fds, Fds]


def _triple(sets: lib.pselect | PSelect2) -> Triple:
    """The descriptors to be watched: readfds, writefds and exceptfds."""
    return sets.readfds, sets.writefds, sets.exceptfds


def _beyond_set_size(arch: Arch, fds: Triple) -> bool:
    """Whether some descriptor is beyond the size of a set; on Windows, whether some set has too many.

    The source writes this out in three rules.
    """
    readfds, writefds, exceptfds = fds
    if windows_arch(arch):
        n = MAX(len(readfds), MAX(len(writefds), len(exceptfds)))
        return any(fds) and (
            n > FD_SETSIZE(arch) or (n == FD_SETSIZE(arch) and not corrected(arch, FULL_SET_ON_WINDOWS))
        )
    else:
        return any(fd.n >= FD_SETSIZE(arch) for some in fds for fd in some)


def _some_not_open(h: Host, fds: Triple) -> bool:
    """Whether some descriptor is not one of the process."""
    return any(fd not in h.fds for some in fds for fd in some)


def _open(h: Host, fds: Triple) -> None:
    """State the premise that all descriptors are ones of the process."""
    if not (bsd_arch(h.arch) and corrected(h.arch, BAD_DESCRIPTORS_ON_BSD)):
        require(not _some_not_open(h, fds))


def _not_empty(arch: Arch, fds: Triple) -> None:
    """State the premise that, on Windows, the sets are not empty."""
    if windows_arch(arch):
        require(any(fds) if corrected(arch, EMPTY_SETS_ON_WINDOWS) else all(fds))


def _bad(h: Host, fds: Triple) -> Triple:
    """The descriptors that are not ones of the process (badreadfds, badwritefds, badexceptfds)."""
    readfds, writefds, exceptfds = (tuple(fd for fd in some if fd not in h.fds) for some in fds)
    return readfds, writefds, exceptfds


def _ready(h: Host, fds: Triple) -> Triple:
    """The descriptors of sockets that are ready (readfds', writefds', exceptfds')."""

    def those(some: Fds, ready: Callable[[Arch, Socket], bool]) -> Fds:
        return tuple(fd for fd in some if is_ready(fd, ready))

    def is_ready(fd: FD, ready: Callable[[Arch, Socket], bool]) -> bool:
        if fd not in h.fds:
            return False
        ft = FAPPLY(h.files, h.fds[fd]).ft
        return isinstance(ft, FT_Socket) and ready(h.arch, FAPPLY(h.socks, ft.sid))

    readfds, writefds, exceptfds = fds
    return those(readfds, soreadable), those(writefds, sowriteable), those(exceptfds, soexceptional)


def _returned(arch: Arch, ready: Triple, fds: Triple, bad: Triple) -> Triple:
    """The descriptors that the call returns (readfds'', writefds'', exceptfds'')."""
    if windows_arch(arch):
        return ready
    readfds, writefds, exceptfds = map(INSERT_ORDERED, ready, fds, bad)
    return readfds, writefds, exceptfds


@rule(rp_all, {Lh_call: fast(succeed)})
def pselect_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A descriptor is ready, or the call was not to wait: pselect returns what is ready.

    Source: TCP1_hostLTSScript.sml, pselect_1.
    """
    tid, opn = a_call(lbl, lib.pselect)
    running(h, tid)
    fds = _triple(opn)
    require(tltimeopt_wf(opn.timeout) or windows_arch(h.arch))
    require(opn.sigmask is None)
    require(not _beyond_set_size(h.arch, fds))
    bad = _bad(h, fds)
    require(bsd_arch(h.arch) or bad == ((), (), ()))
    _open(h, fds)
    ready = _ready(h, fds)
    _not_empty(h.arch, fds)
    require(any(ready) or opn.timeout == (0, 0))
    return with_thread(h, tid, Ret(OK_fdlisttriple(*_returned(h.arch, ready, fds, bad))), sched_timer)


@rule(rp_all, {Lh_call: block})
def pselect_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """The call waits, at most until its timeout.

    Source: TCP1_hostLTSScript.sml, pselect_2.
    """
    tid, opn = a_call(lbl, lib.pselect)
    running(h, tid)
    fds = _triple(opn)
    require(tltimeopt_wf(opn.timeout))
    d_ = MIN(time_of_tltimeopt(opn.timeout), pselect_timeo_t_max)
    require(opn.sigmask is None)
    require(not _beyond_set_size(h.arch, fds))
    _open(h, fds)
    _not_empty(h.arch, fds)
    return with_thread(h, tid, PSelect2(*fds), kern_timer(h.arch, d_))


@rule(rp_all, {Lh_tau: slow(nonurgent, succeed)})
def pselect_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A call that waits returns, because a descriptor is ready or its time is over.

    Source: TCP1_hostLTSScript.sml, pselect_3.
    """
    tid, state = blocked(h, lbl, PSelect2, choose)
    d = h.ts[tid].timer
    fds = _triple(state)
    ready = _ready(h, fds)
    require(any(ready) or timer_expires(d))
    bad = _bad(h, fds)
    return with_thread(h, tid, Ret(OK_fdlisttriple(*_returned(h.arch, ready, fds, bad))), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def pselect_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """The timeout is not well-formed.

    Source: TCP1_hostLTSScript.sml, pselect_4.
    """
    tid, opn = a_call(lbl, lib.pselect)
    running(h, tid)
    require(not tltimeopt_wf(opn.timeout))
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def pselect_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A descriptor is beyond the size of a set; on Windows, a set has too many or all are empty.

    Source: TCP1_hostLTSScript.sml, pselect_5.
    """
    tid, opn = a_call(lbl, lib.pselect)
    running(h, tid)
    fds = _triple(opn)
    require(_beyond_set_size(h.arch, fds) or (windows_arch(h.arch) and fds == ((), (), ())))
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def pselect_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """A descriptor is not one of the process.

    Source: TCP1_hostLTSScript.sml, pselect_6.
    """
    tid, opn = a_call(lbl, lib.pselect)
    running(h, tid)
    require(not bsd_arch(h.arch))
    require(_some_not_open(h, _triple(opn)))
    err = ENOTSOCK if windows_arch(h.arch) else EBADF
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)
