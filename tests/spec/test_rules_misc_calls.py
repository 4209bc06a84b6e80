from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import BSD, I1, I2, LINUX, P1, P2, WINXP
from socket_hosts import (
    SOCK_FD,
    SOCKET,
    TAU,
    a_host,
    a_tcp,
    a_udp,
    call,
    forbids,
    returning,
    state_of,
)
from support import Scripted

from netspec.base.base_types import FAIL, FD, SO_KEEPALIVE, SOCK_STREAM, TID
from netspec.base.errors import EBADF, EINTR, EINVAL, ENFILE, ENOBUFS, ENOMEM, ENOTSOCK
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.pre_host_types import (
    Accept2,
    Close2,
    Connect2,
    PSelect2,
    Recv2,
    Ret,
    Run,
    Send2,
)
from netspec.tcp.rules import misc_calls
from netspec.tcp.rules.misc_calls import badf_1, intr_1, notsock_1, resourcefail_1, resourcefail_2

CONSOLE, UNUSED = FD(0), FD(9)


def test_badf_1() -> None:
    for opn in (lib.close(UNUSED), lib.recv(UNUSED, 1, ()), lib.dupfd(UNUSED, 5)):
        for arch, e in ((BSD, EBADF), (LINUX, EBADF), (WINXP, ENOTSOCK)):
            h_ = badf_1(a_host(arch, a_tcp()), call(opn), Scripted())
            assert state_of(h_) == returning(FAIL(e))
    forbids(badf_1, a_host(BSD, a_tcp()), call(lib.close(SOCK_FD)))
    forbids(badf_1, a_host(BSD, a_tcp()), call(lib.socket(SOCK_STREAM)))
    forbids(badf_1, a_host(BSD, a_tcp()), TAU)
    forbids(badf_1, a_host(BSD, a_tcp(), Accept2(SOCKET)), call(lib.close(UNUSED)))


def test_notsock_1() -> None:
    h = a_host(BSD, a_tcp())
    for opn in (lib.listen(CONSOLE, 1), lib.getsockbopt(CONSOLE, SO_KEEPALIVE)):
        assert state_of(notsock_1(h, call(opn), Scripted())) == returning(FAIL(ENOTSOCK))
    forbids(notsock_1, h, call(lib.close(CONSOLE)))
    forbids(notsock_1, h, call(lib.listen(SOCK_FD, 1)))
    forbids(notsock_1, h, call(lib.listen(UNUSED, 1)))
    forbids(notsock_1, h, call(lib.getifaddrs()))


@pytest.mark.parametrize(
    "state",
    [
        Close2(SOCKET),
        Connect2(SOCKET),
        Recv2(SOCKET, 5, frozenset()),
        Send2(SOCKET, None, b"", frozenset()),
        PSelect2((), (), ()),
        Accept2(SOCKET),
    ],
)
def test_intr_1(state: Any) -> None:
    h = a_host(BSD, a_tcp(), state)
    h = replace(h, ts=h.ts.set(TID(5), Timed(Run, never_timer)))
    h_ = intr_1(h, TAU, Scripted())
    assert state_of(h_) == returning(FAIL(EINTR))
    assert h_.ts[TID(5)] == h.ts[TID(5)]
    gone = replace(h, socks=h.socks.delete(SOCKET))
    assert state_of(intr_1(gone, TAU, Scripted())) == returning(FAIL(EINTR))
    forbids(intr_1, h, TAU, tid=TID(5))
    forbids(intr_1, h, call(lib.close(SOCK_FD)))


def test_intr_1_interrupts_only_blocked_threads() -> None:
    forbids(intr_1, a_host(BSD, a_tcp()), TAU)
    forbids(intr_1, a_host(BSD, a_tcp(), Ret(FAIL(EINTR))), TAU)


CALLS = [
    (lib.socket(SOCK_STREAM), (ENFILE, ENOBUFS, ENOMEM)),
    (lib.bind(SOCK_FD, I1, P1), (ENOBUFS,)),
    (lib.connect(SOCK_FD, I2, P2), (ENOBUFS,)),
    (lib.listen(SOCK_FD, 5), (ENOBUFS,)),
    (lib.recv(SOCK_FD, 5, ()), (ENOMEM, ENOBUFS)),
    (lib.getsockname(SOCK_FD), (ENOBUFS,)),
    (lib.getpeername(SOCK_FD), (ENOBUFS,)),
    (lib.shutdown(SOCK_FD, True, False), (ENOBUFS,)),
    (lib.accept(SOCK_FD), (ENFILE, ENOBUFS, ENOMEM)),
]


@pytest.mark.parametrize(("opn", "errors"), CALLS)
def test_resourcefail_1(opn: Any, errors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    h = a_host(BSD, a_tcp())
    forbids(resourcefail_1, h, call(opn))
    monkeypatch.setattr(misc_calls, "INFINITE_RESOURCES", False)
    for e in errors:
        assert state_of(resourcefail_1(h, call(opn), Scripted(e=e))) == returning(FAIL(e))
    if len(errors) > 1:
        forbids(resourcefail_1, h, call(opn), e=EINVAL)


def test_resourcefail_1_forbids_other_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misc_calls, "INFINITE_RESOURCES", False)
    h = a_host(BSD, a_tcp())
    forbids(resourcefail_1, h, call(lib.close(SOCK_FD)))
    forbids(resourcefail_1, h, call(lib.connect(SOCK_FD, I2, None)))
    forbids(resourcefail_1, h, call(lib.listen(CONSOLE, 5)))
    forbids(resourcefail_1, h, call(lib.getifaddrs()))
    forbids(resourcefail_1, a_host(BSD, a_udp()), call(lib.accept(SOCK_FD)))
    without = replace(h, fds=h.fds.delete(SOCK_FD))
    forbids(resourcefail_1, without, call(lib.socket(SOCK_STREAM)))


@pytest.mark.parametrize(
    ("state", "errors"),
    [
        (Accept2(SOCKET), (ENFILE, ENOBUFS, ENOMEM)),
        (Connect2(SOCKET), (ENOBUFS,)),
        (Recv2(SOCKET, 5, frozenset()), (ENOBUFS, ENOMEM)),
    ],
)
def test_resourcefail_2(state: Any, errors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    h = a_host(BSD, a_tcp(), state)
    forbids(resourcefail_2, h, TAU)
    monkeypatch.setattr(misc_calls, "INFINITE_RESOURCES", False)
    for e in errors:
        assert state_of(resourcefail_2(h, TAU, Scripted(e=e))) == returning(FAIL(e))
    forbids(resourcefail_2, h, call(lib.close(SOCK_FD)))
    forbids(resourcefail_2, a_host(BSD, a_tcp(), Close2(SOCKET)), TAU)
