from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import BSD, LINUX, P1, WINXP, a_cb
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
    unnamed_udp,
)
from support import Scripted

from netspec.base.base_types import FAIL, OK_one, Port
from netspec.base.errors import (
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EALREADY,
    EINVAL,
    EISCONN,
    ENOBUFS,
    EOPNOTSUPP,
)
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import Host, tcp_sock_of
from netspec.tcp.net_types import TCP
from netspec.tcp.params import SID, Arch
from netspec.tcp.pre_host_types import (
    CLOSED,
    CLOSING,
    ESTABLISHED,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
)
from netspec.tcp.rules.disconnect import (
    disconnect_1,
    disconnect_2,
    disconnect_3,
    disconnect_4,
    disconnect_5,
)

CALL = call(lib.disconnect(SOCK_FD))
DONE = returning(OK_one())
UNSUPPORTED = returning(FAIL(EAFNOSUPPORT))
OTHER = SID(9)


@pytest.mark.parametrize(
    ("arch", "st", "e"),
    [
        (BSD, CLOSED, EAFNOSUPPORT),
        (WINXP, CLOSED, EAFNOSUPPORT),
        (WINXP, LISTEN, EAFNOSUPPORT),
        (BSD, LISTEN, EOPNOTSUPP),
        (BSD, SYN_SENT, EALREADY),
        (WINXP, SYN_RECEIVED, EALREADY),
        (BSD, ESTABLISHED, EISCONN),
        (WINXP, TIME_WAIT, EISCONN),
        (BSD, TIME_WAIT, EAFNOSUPPORT),
        (BSD, CLOSING, EISCONN),
    ],
)
def test_disconnect_4(arch: Arch, st: Any, e: Any) -> None:
    h = a_host(arch, a_tcp(st=st))
    assert state_of(disconnect_4(h, CALL, Scripted())) == returning(FAIL(e))
    forbids(disconnect_4, a_host(LINUX, a_tcp(st=st)), CALL)


def test_disconnect_4_of_a_socket_past_connecting() -> None:
    past = a_tcp(st=CLOSED, cb=a_cb(bsd_cantconnect=True))
    h_ = disconnect_4(a_host(BSD, past), CALL, Scripted())
    assert state_of(h_) == returning(FAIL(EINVAL))
    assert state_of(disconnect_4(a_host(WINXP, past), CALL, Scripted())) == UNSUPPORTED
    forbids(disconnect_4, a_host(BSD, a_udp()), CALL)


def test_disconnect_5() -> None:
    h_ = disconnect_5(a_host(LINUX, a_tcp()), CALL, Scripted(queued=True))
    assert state_of(h_) == DONE
    assert tcp_sock_of(sock_of(h_)).st == CLOSED
    (msg,) = h_.oq.value
    assert isinstance(msg, TCP)
    assert msg.v.RST
    h = a_host(LINUX, a_tcp(st=SYN_SENT))
    h_ = disconnect_5(h, CALL, Scripted())
    assert state_of(h_) == DONE
    assert (h_.socks, h_.oq) == (h.socks, h.oq)
    forbids(disconnect_5, a_host(BSD, a_tcp()), CALL, queued=True)
    forbids(disconnect_5, a_host(LINUX, a_udp()), CALL)


@pytest.mark.parametrize(
    ("arch", "fields", "state"),
    [
        (LINUX, {}, DONE),
        (LINUX, {"is2": None}, DONE),
        (WINXP, {}, DONE),
        (WINXP, {"is2": None, "ps2": None}, UNSUPPORTED),
        (BSD, {}, UNSUPPORTED),
    ],
)
def test_disconnect_1(arch: Arch, fields: dict[str, Any], state: Any) -> None:
    h_ = disconnect_1(a_host(arch, a_udp(**fields)), CALL, Scripted())
    assert state_of(h_) == state
    sock = sock_of(h_)
    assert (sock.is1, sock.ps1, sock.is2, sock.ps2) == (None, P1, None, None)


def test_disconnect_1_forbids_other_sockets() -> None:
    forbids(disconnect_1, a_host(BSD, unnamed_udp()), CALL)
    forbids(disconnect_1, a_host(BSD, a_tcp()), CALL)


def test_disconnect_2() -> None:
    for arch, state in ((LINUX, DONE), (BSD, UNSUPPORTED), (WINXP, UNSUPPORTED)):
        h = a_host(arch, unnamed_udp(), bound=(OTHER,))
        h_ = disconnect_2(h, CALL, Scripted())
        assert state_of(h_) == state
        assert (sock_of(h_).ps1, h_.bound) == (None, (SOCKET, OTHER))
        h_ = disconnect_2(h, CALL, Scripted(**{"ps1 is SOME": True}))
        assert (sock_of(h_).ps1, h_.bound) == (Port(1024), (SOCKET, OTHER))
    forbids(disconnect_2, h, CALL, **{"ps1 is SOME": True, "p1": Port(9)})
    forbids(disconnect_2, a_host(BSD, a_udp()), CALL)
    forbids(disconnect_2, a_host(BSD, a_tcp(is1=None, ps1=None, is2=None, ps2=None)), CALL)


def test_disconnect_3() -> None:
    def full(h: Host) -> Host:
        ports = {SID(20 + p): a_udp(fid=None, ps1=Port(p)) for p in (1024, 1025, 1026)}
        return replace(h, socks=h.socks.update(ports))

    h = full(a_host(BSD, unnamed_udp()))
    for e in (EADDRNOTAVAIL, ENOBUFS):
        h_ = disconnect_3(h, CALL, Scripted(e=e))
        assert state_of(h_) == returning(FAIL(e))
        assert h_.socks == h.socks
    forbids(disconnect_3, h, CALL, e=EINVAL)
    forbids(disconnect_3, a_host(BSD, unnamed_udp()), CALL)
    forbids(disconnect_3, full(a_host(BSD, a_udp())), CALL)
