from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import BSD, I2, LINUX, P2, WINXP
from socket_hosts import (
    FILE,
    SOCK_FD,
    SOCKET,
    TAU,
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

from netspec.base.base_types import FAIL, FD, O_NONBLOCK, OK_fdipport, Port
from netspec.base.errors import EAGAIN, ECONNABORTED, ECONNRESET, EINVAL, EMFILE, EOPNOTSUPP
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import Host, Socket, tcp_sock_of
from netspec.tcp.params import FID, OPEN_MAX, SID, Arch, File, FT_Socket, ff_default
from netspec.tcp.pre_host_types import CLOSED, LISTEN, SYN_RECEIVED, Accept2, SocketListen
from netspec.tcp.rules.accept import (
    accept_1,
    accept_2,
    accept_3,
    accept_4,
    accept_5,
    accept_6,
    accept_7,
)

CALL = call(lib.accept(SOCK_FD))
BLOCKED = Accept2(SOCKET)
OLDER, NEWER = SID(7), SID(8)


def listening(*q: SID, **fields: Any) -> Socket:
    defaults: dict[str, Any] = {"st": LISTEN, "lis": SocketListen((), q, 5), "is2": None, "ps2": None}
    return a_tcp(**{**defaults, **fields})


def with_connections(h: Host, **fields: Any) -> Host:
    """Two connections in the queue, the older one with fields changed."""
    older = a_tcp(**{"rcvq": b"abc", "fid": None, **fields})
    newer = a_tcp(fid=None, ps2=Port(81))
    return replace(h, socks=h.socks.set(OLDER, older).set(NEWER, newer))


def with_all_descriptors(h: Host) -> Host:
    fds = h.fds
    for n in range(OPEN_MAX):
        fds = fds.set(FD(n), FILE if FD(n) == SOCK_FD else FID(0))
    return replace(h, fds=fds)


def test_accept_1_takes_the_connection_that_has_waited_longest() -> None:
    h = with_connections(a_host(BSD, listening(NEWER, OLDER)))
    h_ = accept_1(h, CALL, Scripted())
    assert state_of(h_) == returning(OK_fdipport(FD(4), I2, P2))
    assert tcp_sock_of(sock_of(h_)).lis == SocketListen((), (NEWER,), 5)
    assert h_.socks[OLDER] == replace(h.socks[OLDER], fid=FID(2))
    assert h_.socks[NEWER] == h.socks[NEWER]
    assert h_.fds == h.fds.set(FD(4), FID(2))
    assert h_.files == h.files.set(FID(2), File(FT_Socket(OLDER), ff_default))


def test_accept_1_wakes_a_blocked_accept_with_any_descriptor_on_winxp() -> None:
    h = with_connections(a_host(WINXP, listening(OLDER, is1=None), BLOCKED))
    h_ = accept_1(h, TAU, Scripted(**{"fd'": FD(99)}))
    assert state_of(h_) == returning(OK_fdipport(FD(99), I2, P2))


@pytest.mark.parametrize(
    "fields",
    [
        {"es": ECONNABORTED},
        {"fid": FID(5)},
        {"ps1": Port(9)},
        {"is1": I2},
        {"is2": None},
        {"ps2": None},
        {"st": SYN_RECEIVED},
        {"lis": SocketListen((), (), 1)},
    ],
)
def test_accept_1_forbids_other_connections(fields: dict[str, Any]) -> None:
    h = with_connections(a_host(BSD, listening(OLDER)), **fields)
    forbids(accept_1, h, CALL)


def test_accept_1_allows_another_pending_error() -> None:
    h = with_connections(a_host(BSD, listening(OLDER)), es=ECONNRESET)
    assert accept_1(h, CALL, Scripted()).socks[OLDER].es == ECONNRESET


def test_accept_1_forbids_an_empty_queue_and_other_sockets() -> None:
    forbids(accept_1, a_host(BSD, listening()), CALL)
    forbids(accept_1, with_connections(a_host(BSD, listening(OLDER, st=CLOSED))), CALL)
    forbids(accept_1, with_connections(a_host(BSD, listening(OLDER, rcvq=b"a"))), CALL)
    forbids(accept_1, with_connections(a_host(BSD, listening(OLDER, ps1=None))), CALL)
    forbids(accept_1, with_connections(a_host(BSD, listening(OLDER), BLOCKED)), CALL)
    forbids(accept_1, a_host(BSD, a_udp()), CALL)


def test_accept_2() -> None:
    assert state_of(accept_2(a_host(BSD, listening()), CALL, Scripted())) == Timed(BLOCKED, never_timer)
    forbids(accept_2, with_connections(a_host(BSD, listening(OLDER))), CALL)
    forbids(accept_2, a_host(BSD, listening(), flags={O_NONBLOCK}), CALL)
    forbids(accept_2, a_host(BSD, listening(cantsndmore=True)), CALL)


def test_accept_3() -> None:
    h = a_host(BSD, listening(), flags={O_NONBLOCK})
    assert state_of(accept_3(h, CALL, Scripted())) == returning(FAIL(EAGAIN))
    forbids(accept_3, a_host(BSD, listening()), CALL)
    forbids(accept_3, with_connections(a_host(BSD, listening(OLDER), flags={O_NONBLOCK})), CALL)


def test_accept_4() -> None:
    aborted = returning(FAIL(ECONNABORTED))
    h = a_host(BSD, listening(cantsndmore=True))
    assert state_of(accept_4(h, CALL, Scripted())) == aborted
    forbids(accept_4, a_host(BSD, listening(cantrcvmore=True)), CALL)
    h = a_host(BSD, listening(cantrcvmore=True), BLOCKED)
    assert state_of(accept_4(h, TAU, Scripted())) == aborted
    assert state_of(accept_4(a_host(BSD, listening(st=CLOSED), BLOCKED), TAU, Scripted())) == aborted
    forbids(accept_4, a_host(BSD, listening(cantsndmore=True), BLOCKED), TAU)


def test_accept_5() -> None:
    assert state_of(accept_5(a_host(LINUX, a_tcp()), CALL, Scripted())) == returning(FAIL(EINVAL))
    h = a_host(LINUX, a_tcp(st=CLOSED), BLOCKED)
    assert state_of(accept_5(h, TAU, Scripted())) == returning(FAIL(EINVAL))
    forbids(accept_5, a_host(LINUX, listening()), CALL)
    forbids(accept_5, a_host(LINUX, a_udp()), CALL)


def test_accept_6() -> None:
    h = with_all_descriptors(a_host(BSD, listening()))
    assert state_of(accept_6(h, CALL, Scripted())) == returning(FAIL(EMFILE))
    h = with_all_descriptors(a_host(BSD, listening(), BLOCKED))
    assert state_of(accept_6(h, TAU, Scripted())) == returning(FAIL(EMFILE))
    forbids(accept_6, a_host(BSD, listening()), CALL)
    forbids(accept_6, with_all_descriptors(a_host(BSD, a_udp())), CALL)


@pytest.mark.parametrize(("arch", "e"), [(BSD, EINVAL), (LINUX, EOPNOTSUPP), (WINXP, EOPNOTSUPP)])
def test_accept_7(arch: Arch, e: Any) -> None:
    assert state_of(accept_7(a_host(arch, a_udp()), CALL, Scripted())) == returning(FAIL(e))
    forbids(accept_7, a_host(arch, listening()), CALL)
