from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import BSD, I1, I2, LINUX, P1, UNROUTABLE, WINXP, a_cb
from socket_hosts import (
    FILE,
    SOCK_FD,
    SOCKET,
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

from netspec.base.base_types import FAIL, Ip, OK_one, Port
from netspec.base.errors import EACCES, EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import Host, Socket
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import CLOSED, LISTEN
from netspec.tcp.rules.bind import bind_1, bind_2, bind_3, bind_5, bind_7, bind_9

OTHER = SID(9)
EPHEMERAL = (Port(1024), Port(1025), Port(1026))


def a_bind(is1: Ip | None = None, ps1: Port | None = None) -> Any:
    return call(lib.bind(SOCK_FD, is1, ps1))


def fresh(**fields: Any) -> Socket:
    return a_tcp(**{"st": CLOSED, "is1": None, "ps1": None, "is2": None, "ps2": None, **fields})


def with_ports(h: Host, sock: Socket, *ports: Port) -> Host:
    """Other sockets like this one, with these ports."""
    for k, p in enumerate(ports):
        h = replace(h, socks=h.socks.set(SID(OTHER.n + k), replace(sock, fid=None, ps1=p)))
    return h


def test_bind_1_sets_the_address_and_port() -> None:
    h_ = bind_1(a_host(BSD, fresh(), bound=(OTHER,)), a_bind(I1, Port(2000)), Scripted())
    assert state_of(h_) == returning(OK_one())
    assert sock_of(h_) == fresh(fid=FILE, is1=I1, ps1=Port(2000))
    assert h_.bound == (SOCKET, OTHER)


def test_bind_1_takes_any_free_port() -> None:
    h = with_ports(a_host(BSD, fresh()), fresh(), Port(1024))
    assert sock_of(bind_1(h, a_bind(), Scripted())).ps1 == Port(1025)
    assert sock_of(bind_1(h, a_bind(), Scripted(p1=Port(1026)))).ps1 == Port(1026)
    forbids(bind_1, h, a_bind(), p1=Port(1024))
    h = with_ports(a_host(BSD, unnamed_udp()), fresh(), Port(1024))
    assert sock_of(bind_1(h, a_bind(), Scripted())).ps1 == Port(1024)


def test_bind_1_needs_the_privilege_for_low_ports() -> None:
    forbids(bind_1, a_host(BSD, fresh()), a_bind(None, Port(80)))
    h_ = bind_1(a_host(BSD, fresh(), privs=True), a_bind(None, Port(80)), Scripted())
    assert sock_of(h_).ps1 == Port(80)


def test_bind_1_forbids_other_sockets_and_addresses() -> None:
    forbids(bind_1, a_host(BSD, fresh()), a_bind(UNROUTABLE, P1))
    forbids(bind_1, with_ports(a_host(BSD, fresh()), fresh(), P1), a_bind(I1, P1))
    forbids(bind_1, a_host(BSD, fresh(is1=I1)), a_bind(I1, P1))
    forbids(bind_1, a_host(BSD, fresh(ps1=P1)), a_bind(I1, P1))
    forbids(bind_1, a_host(BSD, fresh(st=LISTEN)), a_bind(I1, P1))
    forbids(bind_1, a_host(BSD, fresh(rcvq=b"a")), a_bind(I1, P1))
    forbids(bind_1, a_host(BSD, unnamed_udp(pr=a_udp(a_dgram(b"a")).pr)), a_bind(I1, P1))


@pytest.mark.parametrize("fields", [{"cantsndmore": True}, {"cb": a_cb(bsd_cantconnect=True)}])
def test_bind_1_forbids_sockets_past_connecting_on_bsd_only(fields: dict[str, Any]) -> None:
    forbids(bind_1, a_host(BSD, fresh(**fields)), a_bind(I1, P1))
    assert sock_of(bind_1(a_host(LINUX, fresh(**fields)), a_bind(I1, P1), Scripted())).ps1 == P1


def test_bind_2() -> None:
    h = with_ports(a_host(BSD, fresh()), fresh(is1=I1), P1)
    assert state_of(bind_2(h, a_bind(I1, P1), Scripted())) == returning(FAIL(EADDRINUSE))
    assert state_of(bind_2(h, a_bind(None, P1), Scripted())) == returning(FAIL(EADDRINUSE))
    forbids(bind_2, h, a_bind(I1, Port(2000)))
    forbids(bind_2, h, a_bind(I1, None))
    forbids(bind_2, a_host(BSD, fresh(ps1=P1)), a_bind(I1, P1))


def test_bind_2_does_not_look_at_the_address_on_winxp() -> None:
    sock = fresh(is1=UNROUTABLE)
    lbl = a_bind(UNROUTABLE, P1)
    forbids(bind_2, with_ports(a_host(LINUX, fresh()), sock, P1), lbl)
    h_ = bind_2(with_ports(a_host(WINXP, fresh()), sock, P1), lbl, Scripted())
    assert state_of(h_) == returning(FAIL(EADDRINUSE))


def test_bind_3() -> None:
    h = a_host(LINUX, fresh())
    assert state_of(bind_3(h, a_bind(I2, None), Scripted())) == returning(FAIL(EADDRNOTAVAIL))
    forbids(bind_3, h, a_bind(I1, None))
    forbids(bind_3, h, a_bind(None, None))


def test_bind_5() -> None:
    invalid = returning(FAIL(EINVAL))
    assert state_of(bind_5(a_host(LINUX, fresh(ps1=P1)), a_bind(), Scripted())) == invalid
    assert state_of(bind_5(a_host(WINXP, a_udp()), a_bind(), Scripted())) == invalid
    assert state_of(bind_5(a_host(BSD, fresh(cantsndmore=True)), a_bind(), Scripted())) == invalid
    past = fresh(cb=a_cb(bsd_cantconnect=True))
    assert state_of(bind_5(a_host(BSD, past), a_bind(), Scripted())) == invalid
    forbids(bind_5, a_host(LINUX, past), a_bind())
    forbids(bind_5, a_host(BSD, fresh()), a_bind())
    forbids(bind_5, a_host(BSD, unnamed_udp(cantsndmore=True)), a_bind())


def test_bind_7() -> None:
    lbl = a_bind(None, Port(1023))
    assert state_of(bind_7(a_host(BSD, fresh()), lbl, Scripted())) == returning(FAIL(EACCES))
    forbids(bind_7, a_host(BSD, fresh(), privs=True), lbl)
    forbids(bind_7, a_host(BSD, fresh()), a_bind(None, Port(1024)))
    forbids(bind_7, a_host(BSD, fresh()), a_bind(None, None))


def test_bind_9() -> None:
    full = with_ports(a_host(BSD, fresh()), fresh(), *EPHEMERAL)
    assert state_of(bind_9(full, a_bind(I1), Scripted())) == returning(FAIL(ENOBUFS))
    forbids(bind_9, full, a_bind(I1, P1))
    forbids(bind_9, with_ports(a_host(BSD, fresh()), fresh(), *EPHEMERAL[1:]), a_bind(I1))
    forbids(bind_9, with_ports(a_host(BSD, unnamed_udp()), fresh(), *EPHEMERAL), a_bind(I1))
    assert state_of(bind_9(a_host(WINXP, fresh()), a_bind(), Scripted())) == returning(FAIL(ENOBUFS))


def test_a_socket_of_another_file_is_not_bound() -> None:
    h = a_host(BSD, fresh())
    h = replace(h, socks=h.socks.set(SOCKET, replace(h.socks[SOCKET], fid=None)))
    forbids(bind_1, h, a_bind(I1, P1))
