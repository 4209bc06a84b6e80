from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, UNROUTABLE, WINXP
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
    O_NONBLOCK,
    SO_SNDBUF,
    OK_string,
    Port,
)
from netspec.base.errors import (
    EADDRINUSE,
    EAGAIN,
    ECONNREFUSED,
    EDESTADDRREQ,
    EISCONN,
    EMSGSIZE,
    ENOBUFS,
    ENOTCONN,
    EOPNOTSUPP,
    EPIPE,
    ESHUTDOWN,
    Error,
)
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import Host, Socket
from netspec.tcp.net_types import UDP, UdpDatagram
from netspec.tcp.params import SID, Arch, UDPpayloadMax
from netspec.tcp.pre_host_types import Send2, outqueue_timer
from netspec.tcp.rules import send_udp
from netspec.tcp.rules.send_udp import (
    send_9,
    send_10,
    send_11,
    send_12,
    send_13,
    send_14,
    send_15,
    send_16,
    send_17,
    send_18,
    send_19,
    send_21,
    send_22,
    send_23,
)

TO_PEER = (I2, P2)
QUAD = (I1, P1, I2, P2)
A_PORT = {"p1'": Port(1025)}


def a_send(data: bytes = b"xyz", addr: Any = None, opts: Any = ()) -> Any:
    return call(lib.send(SOCK_FD, addr, data, opts))


def blocked(data: bytes = b"xyz", addr: Any = None, quad: Any = QUAD) -> Send2:
    return Send2(SOCKET, (addr, *quad), data, frozenset())


def queued(h: Host) -> tuple[UdpDatagram, ...]:
    assert h.oq.timer == (outqueue_timer if h.oq.value else never_timer)
    return tuple(msg.v for msg in h.oq.value if isinstance(msg, UDP))


def with_sndbuf(sock: Socket, n: int) -> Socket:
    return replace(sock, sf=replace(sock.sf, n=sock.sf.n.set(SO_SNDBUF, n)))


@pytest.fixture
def full_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no datagram be queued, which the model's infinite resources rule out."""

    def dosend(ifds: Any, rttab: Any, what: Any, quad: Any, oq: Any, choose: Any) -> Any:
        return oq, False

    monkeypatch.setattr(send_udp, "dosend", dosend)


def test_send_9_queues_a_datagram() -> None:
    for arch in ARCHS:
        h_ = send_9(a_host(arch, a_udp()), a_send(), Scripted())
        assert state_of(h_) == returning(OK_string(b""))
        assert queued(h_) == (UdpDatagram(I1, I2, P1, P2, b"xyz"),)
        assert h_.bound == ()
        h_ = send_9(a_host(arch, unnamed_udp(), bound=(SID(7),)), a_send(b"", TO_PEER), Scripted(**A_PORT))
        assert queued(h_) == (UdpDatagram(I1, I2, Port(1025), P2, b""),)
        assert sock_of(h_) == replace(sock_of(a_host(arch, unnamed_udp())), ps1=Port(1025))
        assert h_.bound == (SOCKET, SID(7))


def test_send_9_forbids() -> None:
    for arch in ARCHS:
        forbids(send_9, a_host(arch, unnamed_udp()), a_send())
        forbids(send_9, a_host(arch, unnamed_udp()), a_send(b"", (UNROUTABLE, P2)))
        forbids(send_9, a_host(arch, a_udp(cantsndmore=True)), a_send())
        too_long = bytes(UDPpayloadMax(arch) + 1)
        forbids(send_9, a_host(arch, with_sndbuf(a_udp(), 100000)), a_send(too_long))
        forbids(send_9, a_host(arch, a_tcp()), a_send())
    pending = a_udp(es=ECONNREFUSED)
    for arch in (BSD, LINUX):
        forbids(send_9, a_host(arch, pending), a_send())
    assert sock_of(send_9(a_host(WINXP, pending), a_send(), Scripted())).es == ECONNREFUSED
    forbids(send_9, a_host(BSD, with_sndbuf(a_udp(), 2)), a_send())
    assert send_9(a_host(LINUX, with_sndbuf(a_udp(), 2)), a_send(), Scripted())
    forbids(send_9, a_host(LINUX, a_udp()), a_send(opts=(MSG_OOB,)))
    assert send_9(a_host(BSD, a_udp()), a_send(opts=(MSG_OOB,)), Scripted())


@pytest.mark.usefixtures("full_queue")
def test_send_10() -> None:
    h_ = send_10(a_host(BSD, a_udp(ps1=None)), a_send(), Scripted(**A_PORT))
    quad = (I1, Port(1025), I2, P2)
    assert state_of(h_) == Timed(blocked(quad=quad), never_timer)
    assert sock_of(h_).ps1 == Port(1025)
    assert h_.bound == (SOCKET,)
    assert send_10(a_host(BSD, a_udp()), a_send(opts=(MSG_DONTWAIT, MSG_OOB)), Scripted())
    forbids(send_10, a_host(BSD, a_udp(), flags={O_NONBLOCK}), a_send())
    forbids(send_10, a_host(LINUX, a_udp()), a_send(opts=(MSG_DONTWAIT,)))
    forbids(send_10, a_host(LINUX, a_udp()), a_send(opts=(MSG_OOB,)))
    forbids(send_10, a_host(LINUX, a_udp(es=ECONNREFUSED)), a_send())
    forbids(send_10, a_host(LINUX, a_udp(is2=None)), a_send())


@pytest.mark.usefixtures("full_queue")
def test_send_11() -> None:
    h_ = send_11(a_host(BSD, a_udp(ps1=None), flags={O_NONBLOCK}), a_send(), Scripted(**A_PORT))
    assert state_of(h_) == returning(FAIL(EAGAIN))
    assert sock_of(h_).ps1 == Port(1025)
    assert h_.bound == (SOCKET,)
    assert send_11(a_host(LINUX, a_udp()), a_send(opts=(MSG_DONTWAIT,)), Scripted())
    forbids(send_11, a_host(BSD, a_udp()), a_send(opts=(MSG_DONTWAIT,)))
    forbids(send_11, a_host(LINUX, a_udp(es=ECONNREFUSED), flags={O_NONBLOCK}), a_send())


def test_send_10_and_11_never_apply_as_a_datagram_can_always_be_queued() -> None:
    forbids(send_10, a_host(BSD, a_udp()), a_send())
    forbids(send_11, a_host(BSD, a_udp(), flags={O_NONBLOCK}), a_send())


def test_send_12() -> None:
    for arch, err in ((BSD, EDESTADDRREQ), (LINUX, ENOTCONN), (WINXP, ENOTCONN)):
        h_ = send_12(a_host(arch, unnamed_udp()), a_send(), Scripted(**A_PORT))
        assert state_of(h_) == returning(FAIL(err))
        assert sock_of(h_).ps1 == (Port(1025) if arch == LINUX else None)
        assert h_.bound == ((SOCKET,) if arch == LINUX else ())
        forbids(send_12, a_host(arch, a_udp()), a_send())
        forbids(send_12, a_host(arch, unnamed_udp()), a_send(b"", TO_PEER))
    forbids(send_12, a_host(BSD, unnamed_udp(es=ECONNREFUSED)), a_send())
    assert send_12(a_host(WINXP, unnamed_udp(es=ECONNREFUSED)), a_send(), Scripted())


def test_send_13() -> None:
    for arch in ARCHS:
        too_long = a_send(bytes(UDPpayloadMax(arch) + 1), TO_PEER)
        h = a_host(arch, with_sndbuf(unnamed_udp(), 100000))
        for bind, ps1 in ((False, None), (True, Port(1025))):
            h_ = send_13(h, too_long, Scripted(**{"ps1' is SOME": bind}, **A_PORT))
            assert state_of(h_) == returning(FAIL(EMSGSIZE))
            assert sock_of(h_).ps1 == ps1
            assert h_.bound == ((SOCKET,) if bind else ())
        h_ = send_13(a_host(arch, a_udp()), too_long, Scripted(**{"ps1' is SOME": True}))
        assert (sock_of(h_).ps1, h_.bound) == (P1, ())
        forbids(send_13, h, a_send(bytes(UDPpayloadMax(arch)), TO_PEER))
    assert send_13(a_host(BSD, with_sndbuf(a_udp(), 2)), a_send(), Scripted())
    forbids(send_13, a_host(LINUX, with_sndbuf(a_udp(), 2)), a_send())


def test_send_14() -> None:
    h_ = send_14(a_host(BSD, unnamed_udp()), a_send(b"", TO_PEER), Scripted(e=ENOBUFS))
    assert state_of(h_) == returning(FAIL(ENOBUFS))
    forbids(send_14, a_host(BSD, a_udp()), a_send())
    forbids(send_14, a_host(BSD, unnamed_udp(cantsndmore=True)), a_send(b"", TO_PEER))
    forbids(send_14, a_host(BSD, unnamed_udp(es=ECONNREFUSED)), a_send(b"", TO_PEER))
    forbids(send_14, a_host(BSD, unnamed_udp()), a_send(b"", TO_PEER), e=EMSGSIZE)


def test_send_15_sends_to_the_peer_of_then_or_of_now() -> None:
    now = replace(a_udp(), ps2=Port(81))
    for of_now, p in ((False, P2), (True, Port(81))):
        choose = Scripted(**{"the addresses are those of now": of_now})
        h_ = send_15(a_host(BSD, now, blocked()), TAU, choose)
        assert state_of(h_) == returning(OK_string(b""))
        assert queued(h_) == (UdpDatagram(I1, I2, P1, p, b"xyz"),)


def test_send_15_forbids() -> None:
    too_long = bytes(UDPpayloadMax(BSD) + 1)
    forbids(send_15, a_host(BSD, a_udp(), blocked(too_long)), TAU)
    forbids(send_15, a_host(BSD, a_udp(cantsndmore=True), blocked()), TAU)
    forbids(send_15, a_host(BSD, a_udp(es=ECONNREFUSED), blocked()), TAU)
    forbids(send_15, a_host(BSD, a_udp()), TAU)
    forbids(send_15, a_host(BSD, a_tcp(), blocked()), TAU)
    forbids(send_15, a_host(BSD, a_udp(), blocked(quad=(I1, P1, None, None))), TAU)


def test_send_16() -> None:
    for arch in (BSD, LINUX):
        h_ = send_16(a_host(arch, a_udp(es=ECONNREFUSED), blocked()), TAU, Scripted())
        assert state_of(h_) == returning(FAIL(ECONNREFUSED))
        assert sock_of(h_).es is None
    forbids(send_16, a_host(WINXP, a_udp(es=ECONNREFUSED), blocked()), TAU)
    forbids(send_16, a_host(BSD, a_udp(), blocked()), TAU)


def test_send_17() -> None:
    for arch in ARCHS:
        h = a_host(arch, a_udp(), blocked(bytes(UDPpayloadMax(arch) + 1)))
        assert state_of(send_17(h, TAU, Scripted())) == returning(FAIL(EMSGSIZE))
        forbids(send_17, h, TAU, e=ENOTCONN)
        h = a_host(arch, a_udp(is2=None, ps2=None), blocked())
        assert state_of(send_17(h, TAU, Scripted())) == returning(FAIL(ENOTCONN))
        forbids(send_17, a_host(arch, a_udp(), blocked()), TAU)
    assert send_17(a_host(BSD, with_sndbuf(a_udp(), 2), blocked()), TAU, Scripted())
    forbids(send_17, a_host(LINUX, with_sndbuf(a_udp(), 2), blocked()), TAU)
    forbids(send_17, a_host(BSD, a_udp(is2=None, es=ECONNREFUSED), blocked()), TAU)


@pytest.mark.parametrize(
    ("arch", "opts", "cantsndmore", "allowed"),
    [
        (WINXP, (MSG_PEEK,), True, True),
        (WINXP, (MSG_OOB,), False, True),
        (LINUX, (MSG_OOB,), False, True),
        (LINUX, (MSG_OOB,), True, False),
        (LINUX, (MSG_PEEK,), False, False),
        (BSD, (MSG_OOB, MSG_PEEK), False, False),
    ],
)
def test_send_18(arch: Arch, opts: Any, cantsndmore: bool, allowed: bool) -> None:
    h = a_host(arch, unnamed_udp(cantsndmore=cantsndmore))
    if allowed:
        h_ = send_18(h, a_send(b"", TO_PEER, opts), Scripted(**A_PORT))
        assert state_of(h_) == returning(FAIL(EOPNOTSUPP))
        assert sock_of(h_).ps1 == (Port(1025) if arch == LINUX else None)
        assert h_.bound == ((SOCKET,) if arch == LINUX else ())
    else:
        forbids(send_18, h, a_send(b"", TO_PEER, opts), **A_PORT)


def test_send_19() -> None:
    other = replace(a_udp(), ps1=Port(1025))
    h = a_host(BSD, unnamed_udp())
    h = replace(h, socks=h.socks.set(SID(2), other), bound=(SID(2),))
    forbids(send_19, h, a_send(b"", TO_PEER), **A_PORT)
    sharing = replace(h, socks=h.socks.set(SOCKET, replace(sock_of(h), ps1=Port(1025))))
    h_ = send_19(sharing, a_send(b"", TO_PEER), Scripted())
    assert state_of(h_) == returning(FAIL(EADDRINUSE))
    assert h_.bound == (SID(2),)
    forbids(send_19, sharing, a_send(b"", (I2, Port(81))))
    forbids(send_19, sharing, a_send())
    forbids(send_19, replace(sharing, arch=LINUX), a_send(b"", TO_PEER))


def test_send_21() -> None:
    h_ = send_21(a_host(BSD, a_udp()), a_send(b"", TO_PEER), Scripted())
    assert state_of(h_) == returning(FAIL(EISCONN))
    forbids(send_21, a_host(BSD, a_udp()), a_send())
    forbids(send_21, a_host(BSD, a_udp(es=ECONNREFUSED)), a_send(b"", TO_PEER))
    forbids(send_21, a_host(BSD, unnamed_udp()), a_send(b"", TO_PEER))
    forbids(send_21, a_host(LINUX, a_udp()), a_send(b"", TO_PEER))


@pytest.mark.parametrize(("arch", "err"), [(BSD, EPIPE), (LINUX, EPIPE), (WINXP, ESHUTDOWN)])
def test_send_22(arch: Arch, err: Error) -> None:
    h_ = send_22(a_host(arch, unnamed_udp(cantsndmore=True)), a_send(), Scripted())
    assert state_of(h_) == returning(FAIL(err))
    forbids(send_22, a_host(arch, unnamed_udp()), a_send())


def test_send_23() -> None:
    for arch in (BSD, LINUX):
        h_ = send_23(a_host(arch, a_udp(es=ECONNREFUSED)), a_send(), Scripted())
        assert state_of(h_) == returning(FAIL(ECONNREFUSED))
        assert sock_of(h_).es is None
        forbids(send_23, a_host(arch, a_udp()), a_send())
        forbids(send_23, a_host(arch, a_tcp(es=ECONNREFUSED)), a_send())
    forbids(send_23, a_host(WINXP, a_udp(es=ECONNREFUSED)), a_send())
