from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, LINUX, P1, WINXP, a_cb
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
)
from support import Scripted

from netspec.base.base_types import (
    FAIL,
    MSG_DONTWAIT,
    MSG_OOB,
    MSG_PEEK,
    MSG_WAITALL,
    O_NONBLOCK,
    SO_SNDBUF,
    SO_SNDLOWAT,
    OK_string,
)
from netspec.base.errors import EAGAIN, ECONNRESET, ENOTCONN, EOPNOTSUPP, EPIPE, ESHUTDOWN, Error
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import Host, Socket, tcp_sock_of
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    FIN_WAIT_1,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    Send2,
    SocketListen,
)
from netspec.tcp.rules.send import (
    send_1,
    send_2,
    send_3,
    send_3a,
    send_4,
    send_5,
    send_5a,
    send_6,
    send_7,
    send_8,
)

LIS = SocketListen((), (), 5)


def a_send(data: bytes = b"xyz", *opts: Any) -> Any:
    return call(lib.send(SOCK_FD, None, data, opts))


def blocked(data: bytes = b"xyz", *opts: Any) -> Send2:
    return Send2(SOCKET, None, data, frozenset(opts))


def with_options(sock: Socket, **options: int) -> Socket:
    """A socket with numeric options changed, by the last part of their names."""
    n = sock.sf.n
    for name, value in options.items():
        n = n.set({"sndbuf": SO_SNDBUF, "sndlowat": SO_SNDLOWAT}[name], value)
    return replace(sock, sf=replace(sock.sf, n=n))


def space(n: int) -> dict[str, int]:
    return {"space": n}


def queue(h: Host) -> tuple[bytes, int | None]:
    """The send queue and the urgent pointer."""
    tcp_sock = tcp_sock_of(sock_of(h))
    return tcp_sock.sndq, tcp_sock.sndurp


@pytest.mark.parametrize("st", [None, CLOSE_WAIT])
def test_send_1_takes_all(st: Any) -> None:
    fields = {} if st is None else {"st": st}
    h_ = send_1(a_host(BSD, a_tcp(sndq=b"ab", **fields)), a_send(), Scripted(**space(3)))
    assert state_of(h_) == returning(OK_string(b""))
    assert queue(h_) == (b"abxyz", None)


def test_send_1_takes_what_fits() -> None:
    sock = with_options(a_tcp(sndq=b"ab"), sndlowat=2)
    h_ = send_1(a_host(BSD, sock, flags={O_NONBLOCK}), a_send(), Scripted(**space(2)))
    assert state_of(h_) == returning(OK_string(b"z"))
    assert queue(h_) == (b"abxy", None)
    h_ = send_1(a_host(WINXP, sock), a_send(b"xyz", MSG_DONTWAIT), Scripted(**space(1)))
    assert state_of(h_) == returning(OK_string(b"yz"))
    forbids(send_1, a_host(BSD, sock), a_send(), **space(2))
    forbids(send_1, a_host(BSD, sock), a_send(b"xyz", MSG_DONTWAIT), **space(2))
    forbids(send_1, a_host(BSD, sock, flags={O_NONBLOCK}), a_send(), **space(1))
    forbids(send_1, a_host(WINXP, sock, flags={O_NONBLOCK}), a_send(), **space(0))


@pytest.mark.parametrize(("at_end", "sndurp_"), [(True, 4), (False, 0)])
def test_send_1_may_set_the_urgent_pointer(at_end: bool, sndurp_: int) -> None:
    h = a_host(BSD, a_tcp(sndq=b"ab", sndurp=0))
    choose = Scripted(**{"n = LENGTH str": at_end}, **space(3))
    assert queue(send_1(h, a_send(b"xyz", MSG_OOB), choose)) == (b"abxyz", sndurp_)
    assert queue(send_1(h, a_send(b"xyz"), choose)) == (b"abxyz", 0)


def test_send_1_on_linux_has_a_set_amount_of_space() -> None:
    # Twice 1000 bytes and as many again for each full 1888 of the 3000 - 1890 that are left.
    sock = with_options(a_tcp(cb=a_cb(t_maxseg=1000)), sndbuf=3000)
    assert send_1(a_host(LINUX, sock), a_send(bytes(2000)), Scripted())
    forbids(send_1, a_host(LINUX, sock), a_send(bytes(2001)))


def test_send_1_forbids() -> None:
    for arch in (LINUX, WINXP):
        for opt in (MSG_PEEK, MSG_WAITALL):
            forbids(send_1, a_host(arch, a_tcp()), a_send(b"", opt))
    assert send_1(a_host(BSD, a_tcp()), a_send(b"", MSG_PEEK), Scripted())
    for sock in (
        a_tcp(st=FIN_WAIT_1),
        a_tcp(es=ECONNRESET),
        a_tcp(cantsndmore=True),
        a_tcp(is2=None),
        a_udp(),
    ):
        forbids(send_1, a_host(BSD, sock), a_send(b""))
    forbids(send_1, a_host(BSD, a_tcp()), call(lib.send(SOCK_FD, (I1, P1), b"", ())))


def test_send_2() -> None:
    h = a_host(BSD, a_tcp())
    h_ = send_2(h, a_send(b"xyz", MSG_OOB), Scripted(**space(2)))
    assert state_of(h_) == Timed(blocked(b"xyz", MSG_OOB), never_timer)
    assert sock_of(h_) == sock_of(h)
    for st in (SYN_SENT, SYN_RECEIVED):
        assert send_2(a_host(LINUX, a_tcp(st=st)), a_send(), Scripted())
        forbids(send_2, a_host(BSD, a_tcp(st=st)), a_send(), **space(2))
    forbids(send_2, h, a_send(), **space(3))
    forbids(send_2, a_host(BSD, a_tcp(), flags={O_NONBLOCK}), a_send(), **space(2))
    forbids(send_2, a_host(WINXP, a_tcp()), a_send(b"xyz", MSG_DONTWAIT), **space(2))
    forbids(send_2, a_host(WINXP, a_tcp()), a_send(b"xyz", MSG_PEEK), **space(2))
    assert send_2(h, a_send(b"xyz", MSG_DONTWAIT, MSG_PEEK), Scripted(**space(2)))


def test_send_3() -> None:
    h_ = send_3(a_host(BSD, a_tcp(sndq=b"ab"), blocked()), TAU, Scripted(**space(3)))
    assert state_of(h_) == returning(OK_string(b""))
    assert queue(h_) == (b"abxyz", None)
    urgent = a_host(BSD, a_tcp(sndq=b"ab"), blocked(b"xyz", MSG_OOB))
    assert queue(send_3(urgent, TAU, Scripted(**space(3)))) == (b"abxyz", 4)
    forbids(send_3, a_host(BSD, a_tcp(), blocked()), TAU, **space(2))
    forbids(send_3, a_host(BSD, a_tcp(st=FIN_WAIT_1), blocked()), TAU, **space(3))
    forbids(send_3, a_host(BSD, a_tcp(es=ECONNRESET), blocked()), TAU, **space(3))
    forbids(send_3, a_host(BSD, a_tcp()), TAU, **space(3))


def test_send_3a() -> None:
    h_ = send_3a(a_host(BSD, a_tcp(sndq=b"ab"), blocked()), TAU, Scripted(**space(2)))
    assert state_of(h_) == Timed(blocked(b"z"), never_timer)
    assert queue(h_) == (b"abxy", None)
    urgent = a_host(BSD, a_tcp(), blocked(b"xyz", MSG_OOB))
    assert queue(send_3a(urgent, TAU, Scripted(**space(2)))) == (b"xy", 1)
    forbids(send_3a, a_host(BSD, a_tcp(), blocked()), TAU, **space(3))
    forbids(send_3a, a_host(BSD, a_tcp(), blocked()), TAU, **space(0))
    forbids(send_3a, a_host(BSD, a_tcp(cantsndmore=True), blocked()), TAU, **space(2))


def test_send_4() -> None:
    sock = with_options(a_tcp(), sndlowat=2)
    h_ = send_4(a_host(BSD, sock, flags={O_NONBLOCK}), a_send(), Scripted(**space(1)))
    assert state_of(h_) == returning(FAIL(EAGAIN))
    assert send_4(a_host(WINXP, sock), a_send(b"xyz", MSG_DONTWAIT), Scripted(**space(0)))
    forbids(send_4, a_host(BSD, sock), a_send(), **space(1))
    forbids(send_4, a_host(BSD, sock), a_send(b"xyz", MSG_DONTWAIT), **space(1))
    forbids(send_4, a_host(BSD, sock, flags={O_NONBLOCK}), a_send(), **space(2))
    forbids(send_4, a_host(BSD, sock, flags={O_NONBLOCK}), a_send(b"x"), **space(1))
    forbids(send_4, a_host(WINXP, sock, flags={O_NONBLOCK}), a_send(), **space(1))
    connecting = a_tcp(st=SYN_SENT)
    assert send_4(a_host(LINUX, connecting, flags={O_NONBLOCK}), a_send(), Scripted())
    forbids(send_4, a_host(BSD, connecting, flags={O_NONBLOCK}), a_send(), **space(1))


def test_send_5() -> None:
    for arch in ARCHS:
        h_ = send_5(a_host(arch, a_tcp(st=CLOSED, es=ECONNRESET)), a_send(), Scripted())
        assert state_of(h_) == returning(FAIL(ECONNRESET))
        assert sock_of(h_).es is None
    forbids(send_5, a_host(BSD, a_tcp()), a_send())
    forbids(send_5, a_host(BSD, a_udp(es=ECONNRESET)), a_send())


def test_send_5a() -> None:
    h_ = send_5a(a_host(BSD, a_tcp(es=ECONNRESET), blocked()), TAU, Scripted())
    assert state_of(h_) == returning(FAIL(ECONNRESET))
    assert sock_of(h_).es is None
    forbids(send_5a, a_host(BSD, a_tcp(), blocked()), TAU)
    forbids(send_5a, a_host(BSD, a_udp(es=ECONNRESET), blocked()), TAU)


@pytest.mark.parametrize(("arch", "err"), [(BSD, ENOTCONN), (LINUX, EPIPE), (WINXP, ENOTCONN)])
def test_send_6(arch: Arch, err: Error) -> None:
    for sock in (a_tcp(st=CLOSED), a_tcp(st=LISTEN, lis=LIS)):
        assert state_of(send_6(a_host(arch, sock), a_send(), Scripted())) == returning(FAIL(err))
    if arch == LINUX:
        forbids(send_6, a_host(arch, a_tcp(st=SYN_SENT)), a_send())
    else:
        assert send_6(a_host(arch, a_tcp(st=SYN_SENT)), a_send(), Scripted())
    forbids(send_6, a_host(arch, a_tcp()), a_send())
    forbids(send_6, a_host(arch, a_tcp(st=CLOSED, es=ECONNRESET)), a_send())


@pytest.mark.parametrize(("arch", "err"), [(BSD, EPIPE), (LINUX, EPIPE), (WINXP, ESHUTDOWN)])
def test_send_7(arch: Arch, err: Error) -> None:
    sock = a_tcp(st=FIN_WAIT_1, cantsndmore=True)
    assert state_of(send_7(a_host(arch, sock), a_send(), Scripted())) == returning(FAIL(err))
    assert state_of(send_7(a_host(arch, sock, blocked()), TAU, Scripted())) == returning(FAIL(err))
    forbids(send_7, a_host(arch, a_tcp()), a_send())
    forbids(send_7, a_host(arch, a_tcp(), blocked()), TAU)
    forbids(send_7, a_host(arch, replace(sock, is2=None)), a_send())
    forbids(send_7, a_host(arch, replace(sock, is1=None)), a_send())
    assert send_7(a_host(arch, a_tcp(st=CLOSED, is1=None, cantsndmore=True)), a_send(), Scripted())
    assert send_7(a_host(arch, replace(sock, is2=None), blocked()), TAU, Scripted())


def test_send_8() -> None:
    for opt in (MSG_PEEK, MSG_WAITALL):
        h_ = send_8(a_host(LINUX, a_tcp()), a_send(b"", opt), Scripted())
        assert state_of(h_) == returning(FAIL(EOPNOTSUPP))
        forbids(send_8, a_host(BSD, a_tcp()), a_send(b"", opt))
        forbids(send_8, a_host(LINUX, a_udp()), a_send(b"", opt))
    forbids(send_8, a_host(LINUX, a_tcp()), a_send(b"", MSG_OOB))
