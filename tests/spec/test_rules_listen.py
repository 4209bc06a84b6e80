from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import BSD, I1, I2, LINUX, WINXP, a_cb
from socket_hosts import (
    SOCK_FD,
    SOCKET,
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

from netspec.base.base_types import FAIL, OK_one, Port
from netspec.base.errors import EADDRINUSE, EINVAL, EISCONN, EOPNOTSUPP
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import Host, Socket, tcp_sock_of
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import CLOSED, ESTABLISHED, LISTEN, SYN_SENT, SocketListen
from netspec.tcp.rules.listen import (
    listen_1,
    listen_1b,
    listen_1c,
    listen_2,
    listen_3,
    listen_4,
    listen_5,
    listen_7,
)

CALL = call(lib.listen(SOCK_FD, 7))
DONE = returning(OK_one())
OTHER = SID(9)
CANT = a_cb(bsd_cantconnect=True)


def closed(**fields: Any) -> Socket:
    return a_tcp(**{"st": CLOSED, "is2": None, "ps2": None, **fields})


def listening(**fields: Any) -> Socket:
    return closed(**{"st": LISTEN, "lis": SocketListen((SID(5),), (SID(6),), 3), **fields})


def test_listen_1() -> None:
    h = a_host(BSD, closed(), listen=(OTHER,), bound=(SOCKET, OTHER))
    h_ = listen_1(h, CALL, Scripted())
    assert state_of(h_) == DONE
    tcp_sock = tcp_sock_of(sock_of(h_))
    assert (tcp_sock.st, tcp_sock.lis) == (LISTEN, SocketListen((), (), 7))
    assert (h_.listen, h_.bound) == ((SOCKET, OTHER), (SOCKET, OTHER))


def test_listen_1_binds_to_a_free_port_except_on_winxp() -> None:
    sock = closed(is1=None, ps1=None)
    h = a_host(LINUX, sock, bound=(OTHER,))
    h = replace(h, socks=h.socks.set(OTHER, closed(fid=None, ps1=Port(1024))))
    h_ = listen_1(h, CALL, Scripted())
    assert (sock_of(h_).ps1, h_.bound) == (Port(1025), (SOCKET, OTHER))
    forbids(listen_1, h, CALL, p1=Port(1024))
    forbids(listen_1, a_host(WINXP, sock), CALL)
    assert state_of(listen_1(a_host(WINXP, closed()), CALL, Scripted())) == DONE


def test_listen_1_forbids_other_sockets() -> None:
    forbids(listen_1, a_host(BSD, closed(cantsndmore=True)), CALL)
    forbids(listen_1, a_host(LINUX, closed(cantrcvmore=True)), CALL)
    assert state_of(listen_1(a_host(BSD, closed(cantrcvmore=True)), CALL, Scripted())) == DONE
    forbids(listen_1, a_host(BSD, closed(cb=CANT)), CALL)
    assert state_of(listen_1(a_host(LINUX, closed(cb=CANT)), CALL, Scripted())) == DONE
    forbids(listen_1, a_host(BSD, closed(rcvq=b"a")), CALL)
    forbids(listen_1, a_host(BSD, listening()), CALL)
    forbids(listen_1, a_host(BSD, a_udp()), CALL)


def test_listen_1b() -> None:
    h_ = listen_1b(a_host(BSD, listening(), listen=(SOCKET,)), CALL, Scripted())
    assert state_of(h_) == DONE
    assert tcp_sock_of(sock_of(h_)).lis == SocketListen((SID(5),), (SID(6),), 7)
    assert h_.listen == (SOCKET, SOCKET)
    forbids(listen_1b, a_host(BSD, closed()), CALL)
    forbids(listen_1b, a_host(BSD, listening(cantsndmore=True)), CALL)
    forbids(listen_1b, a_host(LINUX, listening(cantrcvmore=True)), CALL)


def test_listen_1c() -> None:
    h_ = listen_1c(a_host(BSD, a_tcp(rcvq=b"abc")), CALL, Scripted())
    assert state_of(h_) == DONE
    tcp_sock = tcp_sock_of(sock_of(h_))
    assert (tcp_sock.st, tcp_sock.lis) == (LISTEN, SocketListen((), (), 7))
    assert (sock_of(h_).is2, tcp_sock.rcvq, h_.listen) == (I2, b"abc", (SOCKET,))
    forbids(listen_1c, a_host(LINUX, a_tcp()), CALL)
    forbids(listen_1c, a_host(BSD, a_tcp(st=CLOSED)), CALL)
    forbids(listen_1c, a_host(BSD, a_tcp(ps2=None)), CALL)


def test_listen_2() -> None:
    h = a_host(WINXP, closed(ps1=None))
    assert state_of(listen_2(h, CALL, Scripted())) == returning(FAIL(EINVAL))
    forbids(listen_2, a_host(WINXP, closed()), CALL)
    forbids(listen_2, a_host(LINUX, closed(ps1=None)), CALL)
    forbids(listen_2, a_host(WINXP, a_udp(ps1=None)), CALL)


def test_listen_3() -> None:
    for arch, e in ((WINXP, EISCONN), (LINUX, EINVAL)):
        for st in (ESTABLISHED, SYN_SENT):
            h_ = listen_3(a_host(arch, a_tcp(st=st)), CALL, Scripted())
            assert state_of(h_) == returning(FAIL(e))
        forbids(listen_3, a_host(arch, closed()), CALL)
        forbids(listen_3, a_host(arch, listening()), CALL)
    forbids(listen_3, a_host(BSD, a_tcp()), CALL)


def with_other(h: Host, sock: Socket) -> Host:
    return replace(h, socks=h.socks.set(OTHER, replace(sock, fid=None)))


@pytest.mark.parametrize(
    ("is1", "other", "allowed"),
    [
        (I1, listening(is1=I1), True),
        (I1, listening(is1=None), True),
        (None, listening(is1=I2), True),
        (I1, listening(is1=I2), False),
        (I1, listening(is1=I1, ps1=Port(9)), False),
        (I1, closed(is1=I1), False),
        (I1, a_udp(), False),
    ],
)
def test_listen_4(is1: Any, other: Socket, allowed: bool) -> None:
    h = with_other(a_host(LINUX, closed(is1=is1)), other)
    if allowed:
        assert state_of(listen_4(h, CALL, Scripted())) == returning(FAIL(EADDRINUSE))
    else:
        forbids(listen_4, h, CALL)


def test_listen_4_forbids_other_sockets() -> None:
    forbids(listen_4, with_other(a_host(BSD, closed()), listening()), CALL)
    forbids(listen_4, with_other(a_host(LINUX, listening()), listening()), CALL)
    forbids(listen_4, with_other(a_host(LINUX, closed(ps1=None)), listening(ps1=None)), CALL)


def test_listen_5() -> None:
    for sock in (closed(cantsndmore=True), listening(cantsndmore=True), closed(cb=CANT)):
        h = a_host(BSD, sock)
        h_ = listen_5(h, CALL, Scripted())
        assert state_of(h_) == returning(FAIL(EINVAL))
        assert h_.socks == h.socks
        forbids(listen_5, a_host(LINUX, sock), CALL)
    forbids(listen_5, a_host(BSD, closed()), CALL)
    forbids(listen_5, a_host(BSD, a_tcp(cantsndmore=True)), CALL)


def test_listen_7() -> None:
    h_ = listen_7(a_host(BSD, a_udp()), CALL, Scripted())
    assert state_of(h_) == returning(FAIL(EOPNOTSUPP))
    forbids(listen_7, a_host(BSD, closed()), CALL)
