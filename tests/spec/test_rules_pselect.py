from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, LINUX, WINXP
from socket_hosts import (
    SOCK_FD,
    TAU,
    THREAD,
    a_dgram,
    a_host,
    a_tcp,
    a_udp,
    call,
    forbids,
    returning,
    state_of,
)
from support import Scripted

from netspec.base.base_types import FAIL, FD, OK_fdlisttriple
from netspec.base.errors import EBADF, EINVAL, ENOTSOCK
from netspec.base.signals import SIGALRM
from netspec.base.timers import Timed, never_timer, sharp_timer, upper_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import OOBDATA, Host, Socket
from netspec.tcp.params import FD_SETSIZE, FID, File, FT_Console, ff_default, pselect_timeo_t_max
from netspec.tcp.pre_host_types import PSelect2, Run, kern_timer
from netspec.tcp.rules.pselect import pselect_1, pselect_2, pselect_3, pselect_4, pselect_5, pselect_6

S = SOCK_FD
READY = a_udp(a_dgram(b"a"))
"""A socket that can be read from and written to."""
QUIET = a_udp()
"""A socket that can be written to."""


def a_pselect(
    r: tuple[FD, ...] = (S,),
    w: tuple[FD, ...] = (S,),
    x: tuple[FD, ...] = (S,),
    timeout: tuple[int, int] | None = None,
    sigmask: Any = None,
) -> Any:
    return call(lib.pselect(r, w, x, timeout, sigmask))


def waiting(
    arch: Any, sock: Socket, fds: tuple[FD, ...], others: tuple[FD, ...] = (), timer: Any = never_timer
) -> Host:
    """A host whose thread waits to read from `fds`, and for `others` to be exceptional."""
    h = a_host(arch, sock)
    return replace(h, ts=h.ts.set(THREAD, Timed(PSelect2(fds, (), others), timer)))


def test_pselect_1_returns_what_is_ready() -> None:
    for arch in ARCHS:
        h_ = pselect_1(a_host(arch, READY), a_pselect(), Scripted())
        assert state_of(h_) == returning(OK_fdlisttriple((S,), (S,), ()))
        h_ = pselect_1(a_host(arch, QUIET), a_pselect(timeout=(5, 0)), Scripted())
        assert state_of(h_) == returning(OK_fdlisttriple((), (S,), ()))
    h_ = pselect_1(a_host(BSD, a_tcp(iobc=OOBDATA(7))), a_pselect((), (), (S,)), Scripted())
    assert state_of(h_) == returning(OK_fdlisttriple((), (), (S,)))


def test_pselect_1_does_not_wait() -> None:
    for arch in (BSD, LINUX):
        h_ = pselect_1(a_host(arch, QUIET), a_pselect((S,), (), (), timeout=(0, 0)), Scripted())
        assert state_of(h_) == returning(OK_fdlisttriple((), (), ()))
    forbids(pselect_1, a_host(BSD, QUIET), a_pselect((S,), (), (), timeout=(0, 1)))
    forbids(pselect_1, a_host(BSD, QUIET), a_pselect((S,), (), ()))


def test_pselect_1_ignores_files_that_are_not_sockets() -> None:
    h = a_host(BSD, READY)
    console = File(FT_Console, ff_default)
    h = replace(h, fds=h.fds.set(FD(9), FID(9)), files=h.files.set(FID(9), console))
    h_ = pselect_1(h, a_pselect((FD(9), S), (), ()), Scripted())
    assert state_of(h_) == returning(OK_fdlisttriple((S,), (), ()))


def test_pselect_1_forbids() -> None:
    for arch in ARCHS:
        h = a_host(arch, READY)
        forbids(pselect_1, h, a_pselect(sigmask=(SIGALRM,)))
        forbids(pselect_1, h, a_pselect((S, FD(77)), (S,), (S,)))
        forbids(pselect_1, h, TAU)
        forbids(pselect_1, a_host(arch, READY, PSelect2((), (), ())), a_pselect())
    for arch in (BSD, LINUX):
        forbids(pselect_1, a_host(arch, READY), a_pselect(timeout=(-1, 0)))
        assert pselect_1(a_host(arch, READY), a_pselect((S,), (), ()), Scripted())
    assert pselect_1(a_host(WINXP, READY), a_pselect(timeout=(-1, 0)), Scripted())
    forbids(pselect_1, a_host(WINXP, READY), a_pselect((S,), (S,), ()))
    forbids(pselect_1, a_host(WINXP, READY), a_pselect((S,) * FD_SETSIZE(WINXP)))


@pytest.mark.parametrize(
    ("timeout", "d"),
    [
        ((2, 500000000), Fraction(5, 2)),
        ((0, 0), Fraction(0)),
        ((32 * 24 * 3600, 0), pselect_timeo_t_max),
        (None, pselect_timeo_t_max),
    ],
)
def test_pselect_2(timeout: tuple[int, int] | None, d: Fraction) -> None:
    for arch in ARCHS:
        h_ = pselect_2(a_host(arch, QUIET), a_pselect(timeout=timeout), Scripted())
        assert state_of(h_) == Timed(PSelect2((S,), (S,), (S,)), kern_timer(BSD, d))


def test_pselect_2_forbids() -> None:
    for arch in ARCHS:
        h = a_host(arch, QUIET)
        forbids(pselect_2, h, a_pselect(timeout=(0, 1000000000)))
        forbids(pselect_2, h, a_pselect(sigmask=(SIGALRM,)))
        forbids(pselect_2, h, a_pselect((S, FD(77)), (S,), (S,)))
        forbids(pselect_2, a_host(arch, READY, PSelect2((), (), ())), a_pselect())
    forbids(pselect_2, a_host(WINXP, QUIET), a_pselect((S,), (), (S,)))
    assert pselect_2(a_host(LINUX, QUIET), a_pselect((S,), (), (S,)), Scripted())
    h = a_host(LINUX, QUIET)
    large = FD(FD_SETSIZE(LINUX))
    forbids(pselect_2, replace(h, fds=h.fds.set(large, h.fds[S])), a_pselect((large,)))


def test_pselect_3() -> None:
    for arch in ARCHS:
        h_ = pselect_3(waiting(arch, READY, (S,)), TAU, Scripted())
        assert state_of(h_) == returning(OK_fdlisttriple((S,), (), ()))
        h_ = pselect_3(waiting(arch, QUIET, (S,), timer=upper_timer(Fraction(1))), TAU, Scripted())
        assert state_of(h_) == returning(OK_fdlisttriple((), (), ()))


def test_pselect_3_returns_descriptors_that_were_closed_meanwhile() -> None:
    gone = FD(77)
    for arch in (BSD, LINUX):
        h_ = pselect_3(waiting(arch, READY, (gone, S), (gone,)), TAU, Scripted())
        assert state_of(h_) == returning(OK_fdlisttriple((gone, S), (), (gone,)))
        forbids(pselect_3, waiting(arch, READY, (gone,)), TAU)
    h_ = pselect_3(waiting(WINXP, READY, (gone, S), (gone,)), TAU, Scripted())
    assert state_of(h_) == returning(OK_fdlisttriple((S,), (), ()))


def test_pselect_3_forbids() -> None:
    for arch in ARCHS:
        forbids(pselect_3, waiting(arch, QUIET, (S,), timer=sharp_timer(Fraction(1))), TAU)
        forbids(pselect_3, a_host(arch, READY, Run), TAU)
        forbids(pselect_3, waiting(arch, READY, (S,)), a_pselect())


@pytest.mark.parametrize("timeout", [(-1, 0), (0, -1), (0, 1000000000)])
def test_pselect_4(timeout: tuple[int, int]) -> None:
    for arch in ARCHS:
        h_ = pselect_4(a_host(arch, QUIET), a_pselect(timeout=timeout), Scripted())
        assert state_of(h_) == returning(FAIL(EINVAL))
        forbids(pselect_4, a_host(arch, QUIET), a_pselect(timeout=(0, 999999999)))
        forbids(pselect_4, a_host(arch, QUIET, PSelect2((), (), ())), a_pselect(timeout=timeout))
        forbids(pselect_4, a_host(arch, QUIET), a_pselect())


def test_pselect_5_where_a_descriptor_is_too_large() -> None:
    for arch in (BSD, LINUX):
        size = FD_SETSIZE(arch)
        h_ = pselect_5(a_host(arch, QUIET), a_pselect((S,), (FD(size),)), Scripted())
        assert state_of(h_) == returning(FAIL(EINVAL))
        forbids(pselect_5, a_host(arch, QUIET), a_pselect((S,), (FD(size - 1),)))
        forbids(pselect_5, a_host(arch, QUIET), a_pselect((), (), ()))
        forbids(pselect_5, a_host(arch, QUIET), a_pselect((S,) * size))


def test_pselect_5_where_a_set_of_windows_is_too_large_or_all_are_empty() -> None:
    size = FD_SETSIZE(WINXP)
    for opn in (a_pselect((S,), (), (S,) * size), a_pselect((), (), ())):
        assert state_of(pselect_5(a_host(WINXP, QUIET), opn, Scripted())) == returning(FAIL(EINVAL))
        forbids(pselect_5, a_host(WINXP, QUIET, PSelect2((), (), ())), opn)
    forbids(pselect_5, a_host(WINXP, QUIET), a_pselect((S,), (), (S,) * (size - 1)))
    forbids(pselect_5, a_host(WINXP, QUIET), a_pselect((FD(5000),)))


@pytest.mark.parametrize(("arch", "e"), [(LINUX, EBADF), (WINXP, ENOTSOCK)])
def test_pselect_6(arch: Any, e: Any) -> None:
    for sets in (((FD(77),), (), ()), ((), (S, FD(77)), ()), ((), (), (FD(77),))):
        h_ = pselect_6(a_host(arch, QUIET), a_pselect(*sets), Scripted())
        assert state_of(h_) == returning(FAIL(e))
        forbids(pselect_6, a_host(BSD, QUIET), a_pselect(*sets))
        forbids(pselect_6, a_host(arch, QUIET, PSelect2((), (), ())), a_pselect(*sets))
    forbids(pselect_6, a_host(arch, QUIET), a_pselect())
