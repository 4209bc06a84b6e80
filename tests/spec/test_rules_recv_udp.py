from __future__ import annotations

from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I2, LINUX, P2, WINXP
from socket_hosts import (
    SOCK_FD,
    SOCKET,
    TAU,
    a_dgram,
    a_host,
    a_tcp,
    a_udp,
    call,
    forbids,
    returning,
    sock_of,
    state_of,
    unnamed_udp,
)
from support import Scripted

from netspec.base.base_types import (
    FAIL,
    MSG_DONTWAIT,
    MSG_OOB,
    MSG_PEEK,
    MSG_WAITALL,
    O_NONBLOCK,
    OK_string_ipportpair_pair,
    Port,
    TLang,
)
from netspec.base.errors import (
    EADDRNOTAVAIL,
    EAGAIN,
    ECONNREFUSED,
    EINVAL,
    EOPNOTSUPP,
    ESHUTDOWN,
)
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import udp_sock_of
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import Dgram_error, DgramError, HostParams, Recv2
from netspec.tcp.rules.recv_udp import (
    recv_11,
    recv_12,
    recv_13,
    recv_14,
    recv_15,
    recv_16,
    recv_17,
    recv_20,
    recv_21,
    recv_22,
    recv_23,
    recv_24,
)

REFUSED = Dgram_error(DgramError(ECONNREFUSED))
NO_PORTS = HostParams(min_eph_port=2, max_eph_port=1)


def a_recv(n: int = 10, *opts: Any) -> Any:
    return call(lib.recv(SOCK_FD, n, opts))


def blocked(n: int = 10, *opts: Any) -> Recv2:
    return Recv2(SOCKET, n, frozenset(opts))


def data(string: bytes, complete: bool) -> TLang:
    return OK_string_ipportpair_pair(string, ((I2, P2), complete))


def no_data(b: bool) -> TLang:
    return OK_string_ipportpair_pair(b"", ((None, None), b))


@pytest.mark.parametrize("b", [False, True])
def test_recv_11(b: bool) -> None:
    for arch in (BSD, LINUX):
        h = a_host(arch, a_udp(a_dgram(b"abcd"), a_dgram(b"e")))
        h_ = recv_11(h, a_recv(4), Scripted(b=b))
        assert state_of(h_) == returning(data(b"abcd", b))
        assert udp_sock_of(sock_of(h_)).rcvq == (a_dgram(b"e"),)
        assert state_of(recv_11(h, a_recv(2), Scripted(b=b))) == returning(data(b"ab", b))
        assert sock_of(recv_11(h, a_recv(4, MSG_PEEK), Scripted())) == sock_of(h)
    h = a_host(WINXP, a_udp(a_dgram(b"abcd")))
    assert state_of(recv_11(h, a_recv(), Scripted(b=b))) == returning(data(b"abcd", True))
    forbids(recv_11, h, a_recv(2))


def test_recv_11_forbids_pending_errors_and_shutdown() -> None:
    forbids(recv_11, a_host(BSD, a_udp()), a_recv())
    forbids(recv_11, a_host(WINXP, a_udp(REFUSED)), a_recv())
    forbids(recv_11, a_host(BSD, a_udp(a_dgram(b"a"), es=ECONNREFUSED)), a_recv())
    forbids(recv_11, a_host(BSD, a_udp(a_dgram(b"a"), ps1=None)), a_recv())
    forbids(recv_11, a_host(BSD, a_udp(a_dgram(b"a"), cantrcvmore=True)), a_recv())
    assert recv_11(a_host(LINUX, a_udp(a_dgram(b"a"), cantrcvmore=True)), a_recv(), Scripted())


def test_recv_12() -> None:
    h_ = recv_12(a_host(BSD, unnamed_udp()), a_recv(5), Scripted(**{"p1'": Port(1025)}))
    assert state_of(h_) == Timed(blocked(5), never_timer)
    assert sock_of(h_).ps1 == Port(1025)
    assert h_.bound == (SOCKET,)
    h_ = recv_12(a_host(BSD, a_udp(), bound=(SID(7),)), a_recv(5), Scripted())
    assert h_.bound == (SID(7),)
    assert recv_12(a_host(LINUX, a_udp()), a_recv(0), Scripted())
    assert recv_12(a_host(BSD, a_udp()), a_recv(5, MSG_DONTWAIT), Scripted())
    forbids(recv_12, a_host(BSD, a_udp()), a_recv(0))
    forbids(recv_12, a_host(LINUX, a_udp()), a_recv(5, MSG_DONTWAIT))
    forbids(recv_12, a_host(BSD, a_udp(), flags={O_NONBLOCK}), a_recv())
    forbids(recv_12, a_host(BSD, a_udp(a_dgram(b"a"))), a_recv())
    forbids(recv_12, a_host(BSD, a_udp(es=ECONNREFUSED)), a_recv())
    forbids(recv_12, a_host(BSD, a_udp(cantrcvmore=True)), a_recv())
    forbids(recv_12, a_host(BSD, unnamed_udp(), params=NO_PORTS), a_recv())


def test_recv_13() -> None:
    h = a_host(BSD, a_udp(), flags={O_NONBLOCK})
    assert state_of(recv_13(h, a_recv(), Scripted())) == returning(FAIL(EAGAIN))
    assert recv_13(a_host(LINUX, a_udp()), a_recv(10, MSG_DONTWAIT), Scripted())
    forbids(recv_13, a_host(BSD, a_udp()), a_recv(10, MSG_DONTWAIT))
    forbids(recv_13, a_host(BSD, a_udp(a_dgram(b"a")), flags={O_NONBLOCK}), a_recv())
    forbids(recv_13, a_host(BSD, a_udp(es=ECONNREFUSED), flags={O_NONBLOCK}), a_recv())


def test_recv_14() -> None:
    h = a_host(BSD, unnamed_udp(), params=NO_PORTS)
    h_ = recv_14(h, a_recv(), Scripted(e=EADDRNOTAVAIL))
    assert state_of(h_) == returning(FAIL(EADDRNOTAVAIL))
    forbids(recv_14, a_host(BSD, unnamed_udp()), a_recv())
    forbids(recv_14, a_host(BSD, a_udp(), params=NO_PORTS), a_recv())


def test_recv_15() -> None:
    for arch in ARCHS:
        h = a_host(arch, a_udp(a_dgram(b"abcd")), blocked())
        h_ = recv_15(h, TAU, Scripted(b=True))
        assert state_of(h_) == returning(data(b"abcd", True))
        assert udp_sock_of(sock_of(h_)).rcvq == ()
    h = a_host(BSD, a_udp(a_dgram(b"abcd")), blocked(10, MSG_PEEK))
    assert sock_of(recv_15(h, TAU, Scripted())) == sock_of(h)
    forbids(recv_15, a_host(BSD, a_udp(), blocked()), TAU)
    forbids(recv_15, a_host(BSD, a_udp(a_dgram(b"a"), es=ECONNREFUSED), blocked()), TAU)
    forbids(recv_15, a_host(BSD, a_udp(a_dgram(b"a"))), TAU)


def test_recv_15_returns_any_bytes_in_place_of_a_datagram_that_is_too_long() -> None:
    h = a_host(BSD, a_udp(a_dgram(b"abcd")), blocked(2))
    for data_ in (b"ab", b"xy"):
        h_ = recv_15(h, TAU, Scripted(**{"data'": data_}))
        assert state_of(h_) == returning(data(data_, False))
    for data_ in (b"a", b"abc"):
        forbids(recv_15, h, TAU, **{"data'": data_})
    forbids(recv_15, a_host(WINXP, a_udp(a_dgram(b"abcd")), blocked(2)), TAU, **{"data'": b"ab"})


def test_recv_16() -> None:
    for arch, opt in ((BSD, MSG_OOB), (WINXP, MSG_OOB), (WINXP, MSG_WAITALL)):
        h_ = recv_16(a_host(arch, a_udp()), a_recv(10, opt), Scripted())
        assert state_of(h_) == returning(FAIL(EOPNOTSUPP))
    for arch, opt in ((LINUX, MSG_OOB), (BSD, MSG_WAITALL), (LINUX, MSG_WAITALL), (WINXP, MSG_PEEK)):
        forbids(recv_16, a_host(arch, a_udp()), a_recv(10, opt))
    forbids(recv_16, a_host(BSD, a_tcp()), a_recv(10, MSG_OOB))


def test_recv_17() -> None:
    h = a_host(WINXP, a_udp(a_dgram(b"a"), cantrcvmore=True, es=ECONNREFUSED))
    assert state_of(recv_17(h, a_recv(), Scripted())) == returning(FAIL(ESHUTDOWN))
    h = a_host(BSD, a_udp(a_dgram(b"a"), cantrcvmore=True))
    assert state_of(recv_17(h, a_recv(), Scripted(b=True))) == returning(no_data(True))
    h = a_host(LINUX, a_udp(cantrcvmore=True))
    assert state_of(recv_17(h, a_recv(), Scripted(b=False))) == returning(no_data(False))
    forbids(recv_17, a_host(LINUX, a_udp(a_dgram(b"a"), cantrcvmore=True)), a_recv())
    for arch in ARCHS:
        forbids(recv_17, a_host(arch, a_udp()), a_recv())
    for arch in (BSD, LINUX):
        forbids(recv_17, a_host(arch, a_udp(cantrcvmore=True, es=ECONNREFUSED)), a_recv())


def test_recv_20() -> None:
    sock = a_udp(a_dgram(b"abcd"))
    for h, lbl in ((a_host(WINXP, sock), a_recv(3)), (a_host(WINXP, sock, blocked(3)), TAU)):
        h_ = recv_20(h, lbl, Scripted())
        assert state_of(h_) == returning(data(b"abc", False))
        assert udp_sock_of(sock_of(h_)).rcvq == ()
    h = a_host(WINXP, sock)
    assert sock_of(recv_20(h, a_recv(3, MSG_PEEK), Scripted())) == sock_of(h)
    forbids(recv_20, a_host(WINXP, sock), a_recv(4))
    forbids(recv_20, a_host(WINXP, sock, blocked(4)), TAU)
    forbids(recv_20, a_host(BSD, sock), a_recv(3))
    forbids(recv_20, a_host(BSD, sock, blocked(3)), TAU)


def test_recv_21() -> None:
    h_ = recv_21(a_host(BSD, a_udp()), a_recv(0), Scripted(b=True))
    assert state_of(h_) == returning(no_data(True))
    forbids(recv_21, a_host(BSD, a_udp()), a_recv(1))
    forbids(recv_21, a_host(BSD, a_udp(a_dgram(b"a"))), a_recv(0))
    forbids(recv_21, a_host(LINUX, a_udp()), a_recv(0))


def test_recv_22() -> None:
    h_ = recv_22(a_host(WINXP, unnamed_udp()), a_recv(), Scripted())
    assert state_of(h_) == returning(FAIL(EINVAL))
    forbids(recv_22, a_host(WINXP, a_udp()), a_recv())
    forbids(recv_22, a_host(BSD, unnamed_udp()), a_recv())


def test_recv_23() -> None:
    sock = a_udp(REFUSED, a_dgram(b"a"))
    for h, lbl in ((a_host(WINXP, sock), a_recv()), (a_host(WINXP, sock, blocked()), TAU)):
        h_ = recv_23(h, lbl, Scripted())
        assert state_of(h_) == returning(FAIL(ECONNREFUSED))
        assert udp_sock_of(sock_of(h_)).rcvq == (a_dgram(b"a"),)
    forbids(recv_23, a_host(WINXP, a_udp(a_dgram(b"a"), REFUSED)), a_recv())
    forbids(recv_23, a_host(WINXP, a_udp(), blocked()), TAU)
    forbids(recv_23, a_host(BSD, sock), a_recv())


def test_recv_24() -> None:
    h = a_host(BSD, a_udp(a_dgram(b"a"), es=ECONNREFUSED))
    h_ = recv_24(h, a_recv(), Scripted())
    assert state_of(h_) == returning(FAIL(ECONNREFUSED))
    assert sock_of(h_).es is None
    assert sock_of(recv_24(h, a_recv(10, MSG_PEEK), Scripted())).es == ECONNREFUSED
    assert recv_24(a_host(LINUX, a_udp(ps2=None, es=ECONNREFUSED)), a_recv(), Scripted())
    forbids(recv_24, a_host(BSD, a_udp(ps2=None, es=ECONNREFUSED)), a_recv())
    forbids(recv_24, a_host(BSD, a_udp(is1=None, es=ECONNREFUSED)), a_recv())
    forbids(recv_24, a_host(BSD, a_udp()), a_recv())
