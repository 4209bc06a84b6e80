from __future__ import annotations

from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, LINUX, WINXP, a_sock
from socket_hosts import a_dgram, a_tcp, a_udp

from netspec.base.base_types import SO_RCVLOWAT, SO_SNDBUF, SO_SNDLOWAT
from netspec.base.errors import ECONNRESET
from netspec.tcp.aux_fns.readiness import soexceptional, soreadable, sowriteable
from netspec.tcp.host_types import HAD_OOBDATA, OOBDATA
from netspec.tcp.params import SID, Arch, SockFlags
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_1,
    LISTEN,
    SYN_SENT,
    SocketListen,
)


def numbers(**values: int) -> SockFlags:
    """Options with the numbers of the receive mark, the send mark and the send buffer."""
    sf = a_sock().sf
    n = sf.n.set(SO_RCVLOWAT, values.get("rcv", 1)).set(SO_SNDLOWAT, values.get("snd", 2048))
    return SockFlags(sf.b, n.set(SO_SNDBUF, values.get("buf", 32768)), sf.t)


@pytest.mark.parametrize("arch", ARCHS)
def test_reading_waits_for_enough_data(arch: Arch) -> None:
    assert not soreadable(arch, a_tcp(rcvq=b"", sf=numbers()))
    assert soreadable(arch, a_tcp(rcvq=b"x", sf=numbers()))
    assert not soreadable(arch, a_tcp(rcvq=b"xx", sf=numbers(rcv=3)))
    assert soreadable(arch, a_tcp(rcvq=b"xxx", sf=numbers(rcv=3)))


@pytest.mark.parametrize("arch", ARCHS)
def test_reading_does_not_wait_after_the_end_or_an_error(arch: Arch) -> None:
    assert soreadable(arch, a_tcp(sf=numbers(), cantrcvmore=True))
    assert soreadable(arch, a_tcp(sf=numbers(), es=ECONNRESET))


@pytest.mark.parametrize("arch", ARCHS)
def test_a_listening_socket_is_readable_when_a_connection_is_complete(arch: Arch) -> None:
    def listening(*q: SID, st: Any = LISTEN) -> Any:
        return a_tcp(st=st, lis=SocketListen((SID(9),), q, 5), sf=numbers())

    assert not soreadable(arch, listening())
    assert soreadable(arch, listening(SID(8)))
    assert not soreadable(arch, listening(SID(8), st=ESTABLISHED))
    assert not soreadable(arch, a_tcp(st=LISTEN, lis=None, sf=numbers()))


@pytest.mark.parametrize(("arch", "ready"), [(BSD, False), (LINUX, True), (WINXP, False)])
def test_a_closed_socket_is_readable_on_linux(arch: Arch, ready: bool) -> None:
    assert soreadable(arch, a_tcp(st=CLOSED, sf=numbers())) is ready


@pytest.mark.parametrize("arch", ARCHS)
def test_a_udp_socket_is_readable_with_a_datagram_or_an_error(arch: Arch) -> None:
    assert not soreadable(arch, a_udp())
    assert soreadable(arch, a_udp(a_dgram(b"")))
    assert soreadable(arch, a_udp(es=ECONNRESET))


@pytest.mark.parametrize(("arch", "ready"), [(BSD, True), (LINUX, True), (WINXP, False)])
def test_a_udp_socket_shut_down_is_readable_but_on_windows(arch: Arch, ready: bool) -> None:
    assert soreadable(arch, a_udp(cantrcvmore=True)) is ready


@pytest.mark.parametrize("arch", [BSD, WINXP])
@pytest.mark.parametrize(
    ("st", "sndq", "ready"),
    [
        (ESTABLISHED, 32768 - 2048, True),
        (ESTABLISHED, 32768 - 2047, False),
        (ESTABLISHED, 40000, False),
        (CLOSE_WAIT, 0, True),
        (SYN_SENT, 0, False),
        (FIN_WAIT_1, 0, False),
        (CLOSED, 0, False),
    ],
)
def test_writing_waits_for_a_connection_and_space(arch: Arch, st: Any, sndq: int, ready: bool) -> None:
    assert sowriteable(arch, a_tcp(st=st, sndq=b"x" * sndq, sf=numbers())) is ready


@pytest.mark.parametrize("arch", [BSD, WINXP])
def test_writing_does_not_wait_after_a_shutdown_or_an_error(arch: Arch) -> None:
    assert sowriteable(arch, a_tcp(st=SYN_SENT, sf=numbers(), cantsndmore=True))
    assert sowriteable(arch, a_tcp(st=SYN_SENT, sf=numbers(), es=ECONNRESET))


def test_space_in_a_queue_that_is_too_long_is_zero() -> None:
    assert sowriteable(BSD, a_tcp(sndq=b"xx", sf=numbers(buf=1, snd=0)))


def test_on_linux_only_a_shutdown_makes_writing_wait() -> None:
    assert sowriteable(LINUX, a_tcp(st=SYN_SENT, sf=numbers()))
    assert not sowriteable(LINUX, a_tcp(st=SYN_SENT, sf=numbers(), cantsndmore=True))
    assert sowriteable(LINUX, a_tcp(st=CLOSED, sf=numbers(), cantsndmore=True))
    assert sowriteable(LINUX, a_tcp(st=SYN_SENT, sf=numbers(), cantsndmore=True, es=ECONNRESET))
    assert sowriteable(LINUX, a_tcp(st=ESTABLISHED, sf=numbers(), cantsndmore=True))


@pytest.mark.parametrize("arch", ARCHS)
def test_a_udp_socket_is_always_writeable(arch: Arch) -> None:
    assert sowriteable(arch, a_udp(cantsndmore=True))


@pytest.mark.parametrize("arch", ARCHS)
def test_urgent_data_are_exceptional_when_connected(arch: Arch) -> None:
    assert soexceptional(arch, a_tcp(rcvurp=0))
    assert soexceptional(arch, a_tcp(iobc=OOBDATA(7)))
    assert not soexceptional(arch, a_tcp())
    assert not soexceptional(arch, a_tcp(rcvurp=1))
    assert not soexceptional(arch, a_tcp(iobc=HAD_OOBDATA))
    assert not soexceptional(arch, a_tcp(st=CLOSE_WAIT, rcvurp=0, iobc=OOBDATA(7)))
    assert not soexceptional(arch, a_udp(a_dgram(b"x")))
