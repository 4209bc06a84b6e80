from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, LINUX, WINXP, a_cb
from socket_hosts import (
    SOCK_FD,
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

from netspec.base.base_types import FAIL, OK_one
from netspec.base.errors import ENOTCONN
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import tcp_sock_of
from netspec.tcp.pre_host_types import CLOSE_WAIT, CLOSED, LISTEN, SocketListen
from netspec.tcp.rules.shutdown import shutdown_1, shutdown_2, shutdown_3, shutdown_4

LIS = SocketListen((), (), 5)
DONE = returning(OK_one())


def a_shutdown(r: bool = True, w: bool = True) -> Any:
    return call(lib.shutdown(SOCK_FD, r, w))


@pytest.mark.parametrize("r", [False, True])
@pytest.mark.parametrize("w", [False, True])
def test_shutdown_1_of_a_connection(r: bool, w: bool) -> None:
    sock = a_tcp(rcvq=b"abcd", sndq=b"xyz", cb=a_cb(tf_shouldacknow=False))
    for arch in ARCHS:
        h_ = shutdown_1(a_host(arch, sock), a_shutdown(r, w), Scripted())
        assert state_of(h_) == DONE
        assert (sock_of(h_).cantrcvmore, sock_of(h_).cantsndmore) == (r, w)
        assert tcp_sock_of(sock_of(h_)).rcvq == (b"" if r else b"abcd")
        assert tcp_sock_of(sock_of(h_)).sndq == b"xyz"
        assert tcp_sock_of(sock_of(h_)).cb.tf_shouldacknow == w


def test_shutdown_1_of_a_listening_socket_closes_it_on_bsd() -> None:
    sock = a_tcp(st=LISTEN, lis=LIS, is2=None, ps2=None)
    h_ = shutdown_1(a_host(BSD, sock), a_shutdown(False, True), Scripted())
    assert state_of(h_) == DONE
    sock_ = sock_of(h_)
    assert (sock_.is1, sock_.ps1, sock_.cantrcvmore, sock_.cantsndmore) == (None, None, False, True)
    assert (tcp_sock_of(sock_).st, tcp_sock_of(sock_).lis) == (CLOSED, None)
    assert tcp_sock_of(sock_).cb.bsd_cantconnect
    h_ = shutdown_1(a_host(BSD, sock), a_shutdown(True, False), Scripted())
    assert (tcp_sock_of(sock_of(h_)).st, tcp_sock_of(sock_of(h_)).lis) == (LISTEN, LIS)
    assert (sock_of(h_).cantrcvmore, sock_of(h_).cantsndmore) == (True, False)


def test_shutdown_1_forbids() -> None:
    for arch in (LINUX, WINXP):
        forbids(shutdown_1, a_host(arch, a_tcp(st=CLOSE_WAIT)), a_shutdown())
        forbids(shutdown_1, a_host(arch, a_tcp(is2=None)), a_shutdown())
    for arch in ARCHS:
        forbids(shutdown_1, a_host(arch, a_udp()), a_shutdown())


def test_shutdown_2() -> None:
    for arch in ARCHS:
        sock = a_udp(a_dgram(b"a"), cantsndmore=True)
        h_ = shutdown_2(a_host(arch, sock), a_shutdown(True, False), Scripted())
        assert state_of(h_) == DONE
        assert sock_of(h_) == replace(sock_of(a_host(arch, sock)), cantrcvmore=True)
        forbids(shutdown_2, a_host(arch, a_tcp()), a_shutdown())
    assert shutdown_2(a_host(BSD, unnamed_udp()), a_shutdown(), Scripted())
    forbids(shutdown_2, a_host(LINUX, unnamed_udp()), a_shutdown())


def test_shutdown_3() -> None:
    for arch in (LINUX, WINXP):
        h_ = shutdown_3(a_host(arch, a_tcp(st=CLOSE_WAIT)), a_shutdown(), Scripted())
        assert state_of(h_) == returning(FAIL(ENOTCONN))
        forbids(shutdown_3, a_host(arch, a_tcp()), a_shutdown())
    forbids(shutdown_3, a_host(BSD, a_tcp(st=CLOSE_WAIT)), a_shutdown())


def test_shutdown_4() -> None:
    h_ = shutdown_4(a_host(LINUX, unnamed_udp()), a_shutdown(False, True), Scripted())
    assert state_of(h_) == returning(FAIL(ENOTCONN))
    assert (sock_of(h_).cantrcvmore, sock_of(h_).cantsndmore) == (False, True)
    forbids(shutdown_4, a_host(LINUX, a_udp()), a_shutdown())
    forbids(shutdown_4, a_host(BSD, unnamed_udp()), a_shutdown())
