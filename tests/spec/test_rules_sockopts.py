from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, LINUX, WINXP
from socket_hosts import (
    SOCK_FD,
    a_host,
    a_tcp,
    a_udp,
    call,
    forbids,
    returning,
    sock_of,
    state_of,
)
from support import Scripted

from netspec.base.base_types import (
    FAIL,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_OOBINLINE,
    SO_RCVBUF,
    SO_RCVLOWAT,
    SO_RCVTIMEO,
    SO_REUSEADDR,
    SO_SNDBUF,
    SO_SNDLOWAT,
    SO_SNDTIMEO,
    OK_bool,
    OK_int,
    OK_intpair_option,
    OK_one,
)
from netspec.base.errors import EDOM, EINVAL, ENOPROTOOPT
from netspec.base.time import time_infty
from netspec.tcp import lib_interface as lib
from netspec.tcp.params import sf_max_n
from netspec.tcp.rules.sockopts import (
    getsockbopt_1,
    getsockbopt_2,
    getsocknopt_1,
    getsocknopt_4,
    getsocktopt_1,
    getsocktopt_4,
    setsockbopt_1,
    setsockbopt_2,
    setsocknopt_1,
    setsocknopt_2,
    setsocknopt_4,
    setsocktopt_1,
    setsocktopt_4,
    setsocktopt_5,
)

DONE = returning(OK_one())
NOT_ON_WINXP_UDP = (SO_KEEPALIVE, SO_OOBINLINE)


def get_b(f: Any) -> Any:
    return call(lib.getsockbopt(SOCK_FD, f))


def get_n(f: Any) -> Any:
    return call(lib.getsocknopt(SOCK_FD, f))


def get_t(f: Any) -> Any:
    return call(lib.getsocktopt(SOCK_FD, f))


def set_b(f: Any, b: bool = True) -> Any:
    return call(lib.setsockbopt(SOCK_FD, f, b))


def set_n(f: Any, n: int = 5000) -> Any:
    return call(lib.setsocknopt(SOCK_FD, f, n))


def set_t(f: Any, t: tuple[int, int] | None = (5, 0)) -> Any:
    return call(lib.setsocktopt(SOCK_FD, f, t))


def test_getsockbopt() -> None:
    sock = a_tcp()
    keepalive = replace(sock, sf=replace(sock.sf, b=sock.sf.b.set(SO_KEEPALIVE, True)))
    for arch in ARCHS:
        for s, b in ((sock, False), (keepalive, True)):
            h_ = getsockbopt_1(a_host(arch, s), get_b(SO_KEEPALIVE), Scripted())
            assert state_of(h_) == returning(OK_bool(b))
        forbids(getsockbopt_2, a_host(arch, sock), get_b(SO_KEEPALIVE))


@pytest.mark.parametrize("f", NOT_ON_WINXP_UDP)
def test_getsockbopt_fails_for_udp_on_winxp(f: Any) -> None:
    forbids(getsockbopt_1, a_host(WINXP, a_udp()), get_b(f))
    h_ = getsockbopt_2(a_host(WINXP, a_udp()), get_b(f), Scripted())
    assert state_of(h_) == returning(FAIL(ENOPROTOOPT))
    forbids(getsockbopt_2, a_host(WINXP, a_udp()), get_b(SO_REUSEADDR))
    forbids(getsockbopt_2, a_host(BSD, a_udp()), get_b(f))


def test_getsocknopt() -> None:
    for arch in ARCHS:
        h_ = getsocknopt_1(a_host(arch, a_tcp()), get_n(SO_RCVBUF), Scripted())
        assert state_of(h_) == returning(OK_int(57344))
        forbids(getsocknopt_4, a_host(arch, a_tcp()), get_n(SO_RCVBUF))
    for f in (SO_RCVLOWAT, SO_SNDLOWAT):
        h_ = getsocknopt_4(a_host(WINXP, a_tcp()), get_n(f), Scripted())
        assert state_of(h_) == returning(FAIL(ENOPROTOOPT))
        forbids(getsocknopt_1, a_host(WINXP, a_tcp()), get_n(f))
        forbids(getsocknopt_4, a_host(BSD, a_tcp()), get_n(f))


def test_getsocktopt() -> None:
    sock = a_tcp()
    short = replace(sock, sf=replace(sock.sf, t=sock.sf.t.set(SO_RCVTIMEO, Fraction(3, 2))))
    for s, v in ((sock, None), (short, (1, 500000000))):
        h_ = getsocktopt_1(a_host(BSD, s), get_t(SO_RCVTIMEO), Scripted())
        assert state_of(h_) == returning(OK_intpair_option(v))
    forbids(getsocktopt_1, a_host(WINXP, a_udp()), get_t(SO_LINGER))
    h_ = getsocktopt_4(a_host(WINXP, a_udp()), get_t(SO_LINGER), Scripted())
    assert state_of(h_) == returning(FAIL(ENOPROTOOPT))
    forbids(getsocktopt_4, a_host(WINXP, a_tcp()), get_t(SO_LINGER))
    forbids(getsocktopt_4, a_host(WINXP, a_udp()), get_t(SO_RCVTIMEO))
    forbids(getsocktopt_4, a_host(BSD, a_udp()), get_t(SO_LINGER))


def test_setsockbopt() -> None:
    for arch in ARCHS:
        h_ = setsockbopt_1(a_host(arch, a_tcp()), set_b(SO_KEEPALIVE), Scripted())
        assert state_of(h_) == DONE
        assert sock_of(h_).sf.b == a_tcp().sf.b.set(SO_KEEPALIVE, True)
        forbids(setsockbopt_2, a_host(arch, a_tcp()), set_b(SO_KEEPALIVE))
    for f in NOT_ON_WINXP_UDP:
        forbids(setsockbopt_1, a_host(WINXP, a_udp()), set_b(f))
        h_ = setsockbopt_2(a_host(WINXP, a_udp()), set_b(f), Scripted())
        assert state_of(h_) == returning(FAIL(ENOPROTOOPT))
        forbids(setsockbopt_2, a_host(LINUX, a_udp()), set_b(f))
    forbids(setsockbopt_2, a_host(WINXP, a_udp()), set_b(SO_REUSEADDR))


def test_setsocknopt_1() -> None:
    h_ = setsocknopt_1(a_host(BSD, a_tcp()), set_n(SO_RCVBUF, 5000), Scripted())
    assert state_of(h_) == DONE
    assert sock_of(h_).sf.n == a_tcp().sf.n.set(SO_RCVBUF, 5000)
    for arch in ARCHS:
        h_ = setsocknopt_1(a_host(arch, a_tcp()), set_n(SO_RCVBUF, 10**9), Scripted())
        assert sock_of(h_).sf.n[SO_RCVBUF] == sf_max_n(arch, SO_RCVBUF)
    h_ = setsocknopt_1(a_host(LINUX, a_tcp()), set_n(SO_RCVBUF, -1), Scripted())
    assert sock_of(h_).sf.n[SO_RCVBUF] == 256
    forbids(setsocknopt_1, a_host(BSD, a_tcp()), call(lib.setsocknopt(lib.FD(9), SO_RCVBUF, 5000)))


def test_setsocknopt_1_keeps_the_low_water_mark_within_the_buffer_on_bsd() -> None:
    for arch, lowat in ((BSD, 100), (WINXP, 2048)):
        h_ = setsocknopt_1(a_host(arch, a_tcp()), set_n(SO_SNDBUF, 100), Scripted())
        assert sock_of(h_).sf.n[SO_SNDBUF] == 100
        assert sock_of(h_).sf.n[SO_SNDLOWAT] == lowat


def test_setsocknopt_2() -> None:
    for n in (0, -1):
        h_ = setsocknopt_2(a_host(BSD, a_tcp()), set_n(SO_SNDBUF, n), Scripted())
        assert state_of(h_) == returning(FAIL(EINVAL))
        forbids(setsocknopt_2, a_host(LINUX, a_tcp()), set_n(SO_SNDBUF, n))
    forbids(setsocknopt_2, a_host(BSD, a_tcp()), set_n(SO_SNDBUF, 1))


def test_setsocknopt_4() -> None:
    h_ = setsocknopt_4(a_host(LINUX, a_tcp()), set_n(SO_SNDLOWAT), Scripted())
    assert state_of(h_) == returning(FAIL(ENOPROTOOPT))
    forbids(setsocknopt_4, a_host(LINUX, a_tcp()), set_n(SO_RCVLOWAT))
    forbids(setsocknopt_4, a_host(BSD, a_tcp()), set_n(SO_SNDLOWAT))


@pytest.mark.parametrize(
    ("f", "t", "t_"),
    [
        (SO_RCVTIMEO, (1, 500000000), Fraction(3, 2)),
        (SO_RCVTIMEO, (0, 0), time_infty),
        (SO_SNDTIMEO, None, time_infty),
        (SO_SNDTIMEO, (655350000, 0), Fraction(655350000)),
        (SO_LINGER, (0, 0), Fraction(0)),
        (SO_LINGER, (10**9, 0), Fraction(10**9)),
    ],
)
def test_setsocktopt_1(f: Any, t: tuple[int, int] | None, t_: Any) -> None:
    h_ = setsocktopt_1(a_host(BSD, a_tcp()), set_t(f, t), Scripted(**{"t = SOME(s,ns)": True}))
    assert state_of(h_) == DONE
    assert sock_of(h_).sf.t == a_tcp().sf.t.set(f, t_)


def test_setsocktopt_1_forbids() -> None:
    for t in ((-1, 0), (0, -1), (0, 10**9), (655350000, 1)):
        forbids(setsocktopt_1, a_host(BSD, a_tcp()), set_t(SO_RCVTIMEO, t))
    forbids(setsocktopt_1, a_host(BSD, a_tcp()), set_t(SO_LINGER, (1, 1)), **{"t = SOME(s,ns)": True})


def test_setsocktopt_1_lets_a_fractional_linger_pass_as_s_and_ns_are_free() -> None:
    h_ = setsocktopt_1(a_host(BSD, a_tcp()), set_t(SO_LINGER, (1, 500000000)), Scripted())
    assert sock_of(h_).sf.t[SO_LINGER] == Fraction(3, 2)


def test_setsocktopt_4() -> None:
    h_ = setsocktopt_4(a_host(WINXP, a_udp()), set_t(SO_LINGER), Scripted())
    assert state_of(h_) == returning(FAIL(ENOPROTOOPT))
    forbids(setsocktopt_4, a_host(WINXP, a_tcp()), set_t(SO_LINGER))
    forbids(setsocktopt_4, a_host(WINXP, a_udp()), set_t(SO_RCVTIMEO))
    forbids(setsocktopt_4, a_host(LINUX, a_udp()), set_t(SO_LINGER))


def test_setsocktopt_5() -> None:
    h_ = setsocktopt_5(a_host(BSD, a_tcp()), set_t(SO_RCVTIMEO, (655350000, 1)), Scripted())
    assert state_of(h_) == returning(FAIL(EDOM))
    for t in ((655350000, 0), (0, 0), None, (655350000, 10**9)):
        forbids(setsocktopt_5, a_host(BSD, a_tcp()), set_t(SO_RCVTIMEO, t))
    forbids(setsocktopt_5, a_host(BSD, a_tcp()), set_t(SO_LINGER, (655350001, 0)))
