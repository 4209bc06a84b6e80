from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import immutables
import pytest
from aux_sockets import BSD, LINUX, P1, WINXP
from socket_hosts import (
    FILE,
    SOCK_FD,
    SOCKET,
    TAU,
    THREAD,
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

from netspec.base.base_types import FAIL, FD, O_NONBLOCK, SO_LINGER, OK_one, Port
from netspec.base.errors import EAGAIN, ECONNRESET
from netspec.base.time import Time, time_infty, time_zero
from netspec.base.timers import Timed, Timer, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_types import Host, Socket, tcp_sock_of
from netspec.tcp.net_types import TCP
from netspec.tcp.params import SID, Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    Close2,
    SocketListen,
    slow_timer,
)
from netspec.tcp.rules.close import (
    close_1,
    close_2,
    close_3,
    close_4,
    close_5,
    close_6,
    close_7,
    close_8,
    close_10,
)

CALL = call(lib.close(SOCK_FD))
DONE = returning(OK_one())
QUEUED = Scripted(queued=True)
LINGER: Time = Fraction(5)


def a_sock(linger: Time = time_infty, **fields: Any) -> Socket:
    sock = a_tcp(**fields)
    return replace(sock, sf=replace(sock.sf, t=sock.sf.t.set(SO_LINGER, linger)))


def with_another_descriptor(h: Host) -> Host:
    return replace(h, fds=h.fds.set(FD(4), FILE))


def has_no_file(h: Host) -> bool:
    return SOCK_FD not in h.fds and FILE not in h.files


def test_close_1() -> None:
    h = with_another_descriptor(a_host(BSD, a_sock()))
    h_ = close_1(h, CALL, Scripted())
    assert state_of(h_) == DONE
    assert h_.fds == h.fds.delete(SOCK_FD)
    assert (h_.files, h_.socks) == (h.files, h.socks)
    forbids(close_1, a_host(BSD, a_sock()), CALL)
    forbids(close_1, h, call(lib.close(FD(9))))


def test_close_2_leaves_the_connection_to_tcp() -> None:
    h_ = close_2(a_host(BSD, a_sock(sndq=b"abc", rcvq=b"def")), CALL, Scripted())
    assert state_of(h_) == DONE
    assert has_no_file(h_)
    left = a_sock(sndq=b"abc", cantsndmore=True, cantrcvmore=True)
    assert sock_of(h_) == replace(left, fid=None)


@pytest.mark.parametrize(
    ("arch", "st", "linger", "flags", "allowed"),
    [
        (BSD, TIME_WAIT, time_infty, (), True),
        (BSD, SYN_RECEIVED, time_infty, (), False),
        (LINUX, SYN_RECEIVED, time_infty, (), True),
        (BSD, SYN_SENT, time_infty, (), False),
        (BSD, ESTABLISHED, LINGER, (), False),
        (BSD, ESTABLISHED, LINGER, (O_NONBLOCK,), True),
        (LINUX, ESTABLISHED, LINGER, (O_NONBLOCK,), False),
        (BSD, ESTABLISHED, time_zero, (O_NONBLOCK,), False),
    ],
)
def test_close_2_depends_on_state_and_linger_time(arch: Arch, st: Any, linger: Time, flags: Any, allowed: bool) -> None:
    h = a_host(arch, a_sock(linger, st=st), flags=flags)
    if allowed:
        assert state_of(close_2(h, CALL, Scripted())) == DONE
    else:
        forbids(close_2, h, CALL)


def test_close_2_forbids_sockets_with_other_descriptors() -> None:
    forbids(close_2, with_another_descriptor(a_host(BSD, a_sock())), CALL)
    forbids(close_2, a_host(BSD, a_sock(lis=SocketListen((), (), 5))), CALL)
    forbids(close_2, a_host(BSD, a_sock(is2=None)), CALL)


def test_close_3_sends_a_rst() -> None:
    sock = a_sock(time_zero)
    h_ = close_3(a_host(LINUX, sock), CALL, QUEUED)
    assert state_of(h_) == DONE
    assert has_no_file(h_)
    assert (sock_of(h_).fid, sock_of(h_).ps1, tcp_sock_of(sock_of(h_)).st) == (None, P1, CLOSED)
    (msg,) = h_.oq.value
    assert isinstance(msg, TCP)
    assert (msg.v.RST, msg.v.ps1, msg.v.seq) == (True, P1, tcp_sock_of(sock).cb.snd_nxt)
    assert sock_of(close_3(a_host(BSD, sock), CALL, QUEUED)).ps1 is None


def test_close_3_forbids_other_linger_times_and_states() -> None:
    forbids(close_3, a_host(BSD, a_sock()), CALL, queued=True)
    forbids(close_3, a_host(BSD, a_sock(LINGER)), CALL, queued=True)
    forbids(close_3, a_host(BSD, a_sock(time_zero, st=SYN_RECEIVED)), CALL, queued=True)
    forbids(close_3, with_another_descriptor(a_host(BSD, a_sock(time_zero))), CALL, queued=True)


def test_close_4_blocks_for_the_linger_time() -> None:
    h_ = close_4(a_host(BSD, a_sock(LINGER, sndq=b"abc", rcvq=b"def")), CALL, Scripted())
    assert state_of(h_) == Timed(Close2(SOCKET), slow_timer(BSD, LINGER))
    assert has_no_file(h_)
    left = a_sock(LINGER, sndq=b"abc", cantsndmore=True, cantrcvmore=True)
    assert sock_of(h_) == replace(left, fid=None)
    h = a_host(LINUX, a_sock(LINGER), flags={O_NONBLOCK})
    assert state_of(close_4(h, CALL, Scripted())).value == Close2(SOCKET)


def test_close_4_forbids_other_linger_times_and_states() -> None:
    forbids(close_4, a_host(BSD, a_sock()), CALL)
    forbids(close_4, a_host(BSD, a_sock(time_zero)), CALL)
    forbids(close_4, a_host(BSD, a_sock(LINGER), flags={O_NONBLOCK}), CALL)
    forbids(close_4, a_host(BSD, a_sock(LINGER, st=SYN_SENT)), CALL)


def lingering(timer: Timer = never_timer, **fields: Any) -> Host:
    sock = replace(a_tcp(**{"cantsndmore": True, "cantrcvmore": True, **fields}), fid=None)
    h = a_host(BSD, sock)
    return replace(h, ts=h.ts.set(THREAD, Timed(Close2(SOCKET), timer)), socks=h.socks.set(SOCKET, sock))


def test_close_5() -> None:
    assert state_of(close_5(lingering(st=FIN_WAIT_2), TAU, Scripted())) == DONE
    assert state_of(close_5(lingering(st=CLOSED), TAU, Scripted())) == DONE
    forbids(close_5, lingering(st=FIN_WAIT_1), TAU)
    forbids(close_5, lingering(st=FIN_WAIT_2, sndq=b"a"), TAU)
    forbids(close_5, lingering(st=FIN_WAIT_2, rcvq=b"a"), TAU)
    forbids(close_5, lingering(st=FIN_WAIT_2, cantrcvmore=False), TAU)
    forbids(close_5, lingering(st=CLOSED, is1=None, ps1=None), TAU)
    forbids(close_5, a_host(BSD, a_tcp(st=FIN_WAIT_2)), TAU)


def test_close_6() -> None:
    expired = Timer(LINGER, LINGER, LINGER)
    again = returning(FAIL(EAGAIN))
    assert state_of(close_6(lingering(expired, st=FIN_WAIT_1, sndq=b"a"), TAU, Scripted())) == again
    assert state_of(close_6(lingering(expired, st=FIN_WAIT_2), TAU, Scripted())) == again
    forbids(close_6, lingering(expired, st=TIME_WAIT), TAU)
    forbids(close_6, lingering(slow_timer(BSD, LINGER), st=FIN_WAIT_1), TAU)


def test_close_7() -> None:
    for arch, st in ((LINUX, CLOSED), (BSD, SYN_SENT), (WINXP, SYN_RECEIVED)):
        h_ = close_7(a_host(arch, a_sock(st=st, es=ECONNRESET)), CALL, Scripted())
        assert state_of(h_) == DONE
        assert has_no_file(h_)
        assert SOCKET not in h_.socks
    forbids(close_7, a_host(LINUX, a_sock(st=SYN_RECEIVED)), CALL)
    forbids(close_7, a_host(BSD, a_sock()), CALL)
    forbids(close_7, a_host(BSD, a_udp()), CALL)


WAITING, HALF, STILL_CLOSED = SID(7), SID(8), SID(9)
OTHER = SID(5)


def listening(**fields: Any) -> Socket:
    lis = SocketListen((STILL_CLOSED,), (HALF, WAITING), 5)
    return a_tcp(**{"st": LISTEN, "lis": lis, "is2": None, "ps2": None, **fields})


def with_queues(arch: Arch, sock: Socket, **fields: Any) -> Host:
    h = a_host(arch, sock, listen=(OTHER, SOCKET))
    of = immutables.Map(
        {
            WAITING: a_tcp(fid=None, ps2=Port(81)),
            HALF: a_tcp(fid=None, ps2=Port(82), **{"st": CLOSE_WAIT, **fields}),
            STILL_CLOSED: a_tcp(fid=None, st=SYN_RECEIVED),
        }
    )
    return replace(h, socks=h.socks.update(of))


def ports(h: Host) -> list[Any]:
    return [msg.v.ps2 for msg in h.oq.value if isinstance(msg, TCP) and msg.v.RST]


def test_close_8_resets_the_completed_connections_in_some_order() -> None:
    h = with_queues(BSD, listening())
    h_ = close_8(h, CALL, QUEUED)
    assert state_of(h_) == DONE
    assert has_no_file(h_)
    assert not {SOCKET, WAITING, HALF, STILL_CLOSED} & set(h_.socks)
    assert h_.listen == (OTHER,)
    assert ports(h_) == [Port(82), Port(81)]
    order = {"socks_to_rst_list of 0": WAITING, "socks_to_rst_list of 1": HALF}
    assert ports(close_8(h, CALL, Scripted(queued=True, **order))) == [Port(81), Port(82)]


def test_close_8_resets_no_connection_that_is_not_there() -> None:
    h_ = close_8(with_queues(LINUX, listening(), st=CLOSED), CALL, QUEUED)
    assert ports(h_) == [Port(81)]


def test_close_8_forbids_other_sockets() -> None:
    forbids(close_8, with_queues(LINUX, listening(cantrcvmore=True)), CALL, queued=True)
    assert state_of(close_8(with_queues(BSD, listening(cantrcvmore=True)), CALL, QUEUED)) == DONE
    forbids(close_8, with_queues(BSD, listening(ps1=None)), CALL, queued=True)
    forbids(close_8, with_queues(BSD, listening(st=CLOSED)), CALL, queued=True)
    forbids(close_8, a_host(BSD, a_tcp()), CALL, queued=True)


def test_close_10() -> None:
    h_ = close_10(a_host(BSD, a_udp()), CALL, Scripted())
    assert state_of(h_) == DONE
    assert has_no_file(h_)
    assert SOCKET not in h_.socks
    forbids(close_10, a_host(BSD, a_tcp()), CALL)
    forbids(close_10, with_another_descriptor(a_host(BSD, a_udp())), CALL)
