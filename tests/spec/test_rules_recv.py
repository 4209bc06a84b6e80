from __future__ import annotations

from typing import Any

import pytest
from aux_sockets import BSD, LINUX, WINXP
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
    SO_OOBINLINE,
    OK_string_ipportpair_pair,
    TLang,
)
from netspec.base.errors import EAGAIN, ECONNRESET, EINVAL, ENOTCONN, ESHUTDOWN
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import HAD_OOBDATA, OOBDATA, tcp_sock_of
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    FIN_WAIT_2,
    LISTEN,
    SYN_SENT,
    Recv2,
    SocketListen,
)
from netspec.tcp.rules.recv import (
    recv_1,
    recv_2,
    recv_3,
    recv_4,
    recv_5,
    recv_6,
    recv_7,
    recv_8,
    recv_8a,
    recv_9,
)


def a_recv(n: int = 10, *opts: Any) -> Any:
    return call(lib.recv(SOCK_FD, n, opts))


def blocked(n: int = 10, *opts: Any) -> Recv2:
    return Recv2(SOCKET, n, frozenset(opts))


def data(string: bytes) -> TLang:
    return OK_string_ipportpair_pair(string, None)


LIS = SocketListen((), (), 5)
INLINE = a_tcp().sf.b.set(SO_OOBINLINE, True)


def with_inline(**fields: Any) -> Any:
    sock = a_tcp(**fields)
    return a_tcp(sf=type(sock.sf)(INLINE, sock.sf.n, sock.sf.t), **fields)


@pytest.mark.parametrize(
    ("n", "rcvurp", "got", "left", "rcvurp_"),
    [
        (10, None, b"abcd", b"", None),
        (3, None, b"abc", b"d", None),
        (0, None, b"", b"abcd", None),
        (-1, None, b"", b"abcd", None),
        (10, 2, b"ab", b"cd", 0),
        (1, 2, b"a", b"bcd", 1),
        (10, 0, b"abcd", b"", None),
        (10, 7, b"abcd", b"", 3),
    ],
)
def test_recv_1_takes_data_up_to_the_urgent_mark(
    n: int, rcvurp: int | None, got: bytes, left: bytes, rcvurp_: int | None
) -> None:
    h_ = recv_1(a_host(BSD, a_tcp(rcvq=b"abcd", rcvurp=rcvurp)), a_recv(n), Scripted())
    assert state_of(h_) == returning(data(got))
    assert tcp_sock_of(sock_of(h_)).rcvq == left
    assert tcp_sock_of(sock_of(h_)).rcvurp == rcvurp_


def test_recv_1_peeks() -> None:
    h_ = recv_1(a_host(BSD, a_tcp(rcvq=b"abcd")), a_recv(2, MSG_PEEK), Scripted())
    assert state_of(h_) == returning(data(b"ab"))
    assert tcp_sock_of(sock_of(h_)).rcvq == b"abcd"


def test_recv_1_returns_nothing_at_the_end_of_the_stream() -> None:
    closed = a_tcp(st=CLOSED, is1=None, ps1=None, is2=None, ps2=None, cantrcvmore=True)
    assert state_of(recv_1(a_host(BSD, closed), a_recv(), Scripted())) == returning(data(b""))
    half_closed = a_tcp(st=CLOSE_WAIT, cantrcvmore=True)
    assert state_of(recv_1(a_host(BSD, half_closed), a_recv(), Scripted())) == returning(data(b""))


@pytest.mark.parametrize(
    ("arch", "opts", "allowed"),
    [
        (BSD, (), True),
        (BSD, (MSG_WAITALL,), False),
        (BSD, (MSG_WAITALL, MSG_PEEK), False),
        (LINUX, (MSG_WAITALL,), False),
        (LINUX, (MSG_WAITALL, MSG_PEEK), True),
        (WINXP, (MSG_WAITALL, MSG_PEEK), True),
        (BSD, (MSG_OOB,), False),
    ],
)
def test_recv_1_returns_part_of_the_data_unless_it_must_wait(arch: Arch, opts: Any, allowed: bool) -> None:
    h = a_host(arch, a_tcp(rcvq=b"abcd"))
    if allowed:
        assert state_of(recv_1(h, a_recv(10, *opts), Scripted())) == returning(data(b"abcd"))
    else:
        forbids(recv_1, h, a_recv(10, *opts))


def test_recv_1_forbids_an_empty_queue_and_other_states() -> None:
    forbids(recv_1, a_host(BSD, a_tcp()), a_recv())
    forbids(recv_1, a_host(BSD, a_tcp(st=SYN_SENT, rcvq=b"abcd")), a_recv())
    forbids(recv_1, a_host(BSD, a_tcp(lis=LIS, rcvq=b"abcd")), a_recv())
    forbids(recv_1, a_host(BSD, a_tcp(rcvq=b"abcd"), blocked()), a_recv())
    forbids(recv_1, a_host(BSD, a_udp()), a_recv(0))


def test_recv_2() -> None:
    h_ = recv_2(a_host(BSD, a_tcp()), a_recv(5, MSG_WAITALL), Scripted())
    assert state_of(h_) == Timed(Recv2(SOCKET, 5, frozenset({MSG_WAITALL})), never_timer)
    forbids(recv_2, a_host(BSD, a_tcp(rcvq=b"abcd")), a_recv())
    forbids(recv_2, a_host(BSD, a_tcp(cantrcvmore=True)), a_recv())
    forbids(recv_2, a_host(BSD, a_tcp(es=ECONNRESET)), a_recv())
    forbids(recv_2, a_host(BSD, a_tcp(st=CLOSE_WAIT)), a_recv())
    forbids(recv_2, a_host(BSD, a_tcp(), flags={O_NONBLOCK}), a_recv())
    forbids(recv_2, a_host(BSD, a_tcp()), a_recv(10, MSG_DONTWAIT))
    forbids(recv_2, a_host(BSD, a_tcp()), a_recv(10, MSG_OOB))


def test_recv_3() -> None:
    h_ = recv_3(a_host(BSD, a_tcp(rcvq=b"abcd", rcvurp=3), blocked()), TAU, Scripted())
    assert state_of(h_) == returning(data(b"abc"))
    assert (tcp_sock_of(sock_of(h_)).rcvq, tcp_sock_of(sock_of(h_)).rcvurp) == (b"d", 0)
    h_ = recv_3(a_host(BSD, a_tcp(st=FIN_WAIT_2, cantrcvmore=True), blocked()), TAU, Scripted())
    assert state_of(h_) == returning(data(b""))
    forbids(recv_3, a_host(BSD, a_tcp(), blocked()), TAU)
    forbids(recv_3, a_host(BSD, a_tcp(rcvq=b"abcd"), blocked(10, MSG_WAITALL)), TAU)
    forbids(recv_3, a_host(BSD, a_tcp(rcvq=b"abcd")), TAU)


def test_recv_4() -> None:
    h = a_host(BSD, a_tcp(), flags={O_NONBLOCK})
    assert state_of(recv_4(h, a_recv(), Scripted())) == returning(FAIL(EAGAIN))
    h = a_host(BSD, a_tcp(rcvq=b"abcd", es=ECONNRESET))
    h_ = recv_4(h, a_recv(10, MSG_DONTWAIT, MSG_WAITALL), Scripted())
    assert state_of(h_) == returning(FAIL(EAGAIN))
    forbids(recv_4, a_host(BSD, a_tcp()), a_recv())
    forbids(recv_4, a_host(BSD, a_tcp(es=ECONNRESET), flags={O_NONBLOCK}), a_recv())
    forbids(recv_4, a_host(BSD, a_tcp(rcvq=b"abcd"), flags={O_NONBLOCK}), a_recv())
    forbids(recv_4, a_host(BSD, a_tcp(cantrcvmore=True), flags={O_NONBLOCK}), a_recv())


def test_recv_5() -> None:
    h = a_host(BSD, a_tcp(iobc=OOBDATA(65), rcvurp=0))
    h_ = recv_5(h, a_recv(10, MSG_OOB), Scripted())
    assert state_of(h_) == returning(data(b"A"))
    assert tcp_sock_of(sock_of(h_)).iobc == HAD_OOBDATA
    h_ = recv_5(h, a_recv(10, MSG_OOB, MSG_PEEK), Scripted())
    assert tcp_sock_of(sock_of(h_)).iobc == OOBDATA(65)
    assert state_of(recv_5(h, a_recv(0, MSG_OOB), Scripted())) == returning(data(b""))
    forbids(recv_5, h, a_recv(10))
    forbids(recv_5, a_host(BSD, a_tcp(iobc=HAD_OOBDATA)), a_recv(10, MSG_OOB))
    forbids(recv_5, a_host(BSD, with_inline(iobc=OOBDATA(65))), a_recv(10, MSG_OOB))
    forbids(recv_5, a_host(BSD, a_tcp(iobc=OOBDATA(65), es=ECONNRESET)), a_recv(10, MSG_OOB))


def test_recv_6() -> None:
    for sock, e in (
        (a_tcp(), EINVAL),
        (a_tcp(rcvurp=3), EAGAIN),
        (a_tcp(iobc=HAD_OOBDATA, rcvurp=3), EINVAL),
        (with_inline(iobc=OOBDATA(65)), EINVAL),
    ):
        h_ = recv_6(a_host(BSD, sock), a_recv(10, MSG_OOB), Scripted())
        assert state_of(h_) == returning(FAIL(e))
    forbids(recv_6, a_host(BSD, a_tcp(iobc=OOBDATA(65))), a_recv(10, MSG_OOB))
    forbids(recv_6, a_host(BSD, a_tcp()), a_recv(10))


def test_recv_7() -> None:
    for sock in (a_tcp(st=LISTEN, lis=LIS, cantrcvmore=True), a_tcp(st=CLOSED)):
        h_ = recv_7(a_host(BSD, sock), a_recv(), Scripted())
        assert state_of(h_) == returning(FAIL(ENOTCONN))
    forbids(recv_7, a_host(BSD, a_tcp(st=CLOSED, cantrcvmore=True)), a_recv())
    forbids(recv_7, a_host(BSD, a_tcp()), a_recv())


def test_recv_8() -> None:
    h = a_host(BSD, a_tcp(es=ECONNRESET), flags={O_NONBLOCK})
    h_ = recv_8(h, a_recv(), Scripted())
    assert state_of(h_) == returning(FAIL(ECONNRESET))
    assert sock_of(h_).es is None
    assert sock_of(recv_8(h, a_recv(10, MSG_PEEK), Scripted())).es == ECONNRESET
    unconnected = a_tcp(st=CLOSED, is2=None, ps2=None, es=ECONNRESET)
    assert state_of(recv_8(a_host(BSD, unconnected), a_recv(), Scripted())) == returning(FAIL(ECONNRESET))
    forbids(recv_8, a_host(BSD, a_tcp()), a_recv())
    forbids(recv_8, a_host(BSD, a_tcp(es=ECONNRESET, rcvq=b"abcd")), a_recv())
    forbids(recv_8, a_host(BSD, a_tcp(st=LISTEN, es=ECONNRESET)), a_recv())
    waiting = a_host(BSD, a_tcp(es=ECONNRESET, rcvq=b"abcd"), flags={O_NONBLOCK})
    forbids(recv_8, waiting, a_recv(10, MSG_WAITALL))


def test_recv_8a() -> None:
    h = a_host(BSD, a_tcp(es=ECONNRESET, rcvq=b"abcd"), blocked(10, MSG_WAITALL))
    h_ = recv_8a(h, TAU, Scripted())
    assert state_of(h_) == returning(FAIL(ECONNRESET))
    assert sock_of(h_).es is None
    peeking = a_host(BSD, a_tcp(es=ECONNRESET), blocked(10, MSG_PEEK))
    assert sock_of(recv_8a(peeking, TAU, Scripted())).es == ECONNRESET
    forbids(recv_8a, a_host(BSD, a_tcp(), blocked()), TAU)
    forbids(recv_8a, a_host(BSD, a_tcp(es=ECONNRESET, rcvq=b"abcd"), blocked()), TAU)


def test_recv_9() -> None:
    h_ = recv_9(a_host(WINXP, a_tcp(cantrcvmore=True)), a_recv(), Scripted())
    assert state_of(h_) == returning(FAIL(ESHUTDOWN))
    forbids(recv_9, a_host(BSD, a_tcp(cantrcvmore=True)), a_recv())
    forbids(recv_9, a_host(WINXP, a_tcp()), a_recv())
