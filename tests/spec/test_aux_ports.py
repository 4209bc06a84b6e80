from __future__ import annotations

from dataclasses import replace
from typing import Any

import immutables
import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, WINXP
from socket_hosts import a_host, a_tcp, a_udp
from support import Scripted

from netspec.base.base_types import SO_REUSEADDR, Ip, Port
from netspec.base.choose import PremiseFailed
from netspec.tcp.aux_fns.ports import (
    autobind,
    bound_after,
    bound_port_allowed,
    bound_ports_protocol_autobind,
    sane_socket,
)
from netspec.tcp.host_types import Socket
from netspec.tcp.net_types import PROTO_TCP, PROTO_UDP
from netspec.tcp.params import SID, Arch
from netspec.tcp.pre_host_types import ESTABLISHED, LISTEN

MAX_WINDOW = 65535 << 14


class Long(bytes):
    """Bytes of a length that nobody wants to store."""

    def __len__(self) -> int:
        return self.length

    def __new__(cls, length: int) -> Long:
        self = super().__new__(cls)
        self.length = length
        return self

    length: int


def test_a_receive_queue_holds_a_window_at_most() -> None:
    assert sane_socket(a_tcp(rcvq=Long(MAX_WINDOW)))
    assert not sane_socket(a_tcp(rcvq=Long(MAX_WINDOW + 1)))


def test_any_udp_socket_is_sane() -> None:
    assert sane_socket(a_udp())


def socks(*sockets: Socket) -> immutables.Map[SID, Socket]:
    return immutables.Map({SID(n): sock for n, sock in enumerate(sockets)})


def reuse(sock: Socket) -> Socket:
    return replace(sock, sf=replace(sock.sf, b=sock.sf.b.set(SO_REUSEADDR, True)))


def test_bound_ports_are_those_of_the_protocol() -> None:
    some = socks(a_tcp(ps1=Port(1)), a_udp(ps1=Port(2)), a_tcp(ps1=None), a_tcp(ps1=Port(3)))
    assert set(bound_ports_protocol_autobind(PROTO_TCP, some)) == {Port(1), Port(3)}
    assert set(bound_ports_protocol_autobind(PROTO_UDP, some)) == {Port(2)}


def test_autobind_takes_the_port_asked_for_even_where_it_is_bound() -> None:
    some = socks(a_tcp(ps1=Port(1024)))
    assert tuple(autobind(Port(1024), PROTO_TCP, a_host(BSD, a_tcp()), some)) == (Port(1024),)


def test_autobind_takes_any_ephemeral_port_that_the_protocol_has_not_bound() -> None:
    h = a_host(BSD, a_tcp())  # the ephemeral ports are 1024 to 1026
    some = socks(a_tcp(ps1=Port(1024)), a_udp(ps1=Port(1025)), a_tcp(ps1=Port(80)))
    free = autobind(None, PROTO_TCP, h, some)
    assert list(free) == [Port(1025), Port(1026)]
    assert Port(1025) in free and Port(1024) not in free and Port(80) not in free and Port(1027) not in free
    assert list(autobind(None, PROTO_UDP, h, some)) == [Port(1024), Port(1026)]


def test_autobind_can_be_empty() -> None:
    some = socks(*(a_tcp(ps1=Port(n)) for n in (1024, 1025, 1026)))
    free = autobind(None, PROTO_TCP, a_host(BSD, a_tcp()), some)
    assert not free
    with pytest.raises(PremiseFailed):
        Scripted().one_of("p1'", free)


def allowed(arch: Arch, ours: Socket, is1: Ip | None, *others: Socket, port: Port = P1) -> bool:
    return bound_port_allowed(ours.pr, socks(*others), ours.sf, arch, is1, port)


def a_listener(**fields: Any) -> Socket:
    return a_tcp(**({"st": LISTEN, "is2": None, "ps2": None} | fields))


@pytest.mark.parametrize("arch", ARCHS)
def test_without_the_option_addresses_must_differ(arch: Arch) -> None:
    ours, other = a_tcp(), a_tcp(st=ESTABLISHED)
    assert not allowed(arch, ours, I1, other)
    assert not allowed(arch, ours, None, other)
    assert not allowed(arch, ours, I1, replace(other, is1=None))
    assert allowed(arch, ours, I2, other)
    assert allowed(arch, ours, I1, other, port=P2)
    assert allowed(arch, ours, I1, replace(other, ps1=None))
    assert allowed(arch, ours, I1, a_udp())
    assert allowed(arch, ours, I1)


def test_bsd_reuses_unless_the_same_address_is_bound_without_a_peer() -> None:
    ours = reuse(a_tcp())
    assert not allowed(BSD, ours, I1, a_listener())
    assert allowed(BSD, ours, None, a_listener())
    assert not allowed(BSD, ours, None, a_listener(is1=None))
    assert allowed(BSD, ours, I1, a_listener(is1=None))
    assert allowed(BSD, ours, I1, a_tcp())
    assert allowed(BSD, ours, I1, a_udp(is2=None))


def test_linux_reuses_where_both_have_the_option_and_nobody_listens() -> None:
    ours = reuse(a_tcp())
    assert allowed(LINUX, ours, I1, reuse(a_tcp()))
    assert not allowed(LINUX, ours, I1, a_tcp())
    assert not allowed(LINUX, ours, I1, reuse(a_listener()))
    assert not allowed(LINUX, a_tcp(), I1, reuse(a_tcp()))
    assert allowed(LINUX, reuse(a_udp()), I1, reuse(a_udp()))
    assert not allowed(LINUX, reuse(a_udp()), I1, a_udp())


def test_windows_reuses_anything() -> None:
    assert allowed(WINXP, reuse(a_tcp()), I1, a_listener())
    assert not allowed(WINXP, a_tcp(), I1, reuse(a_listener()))


def test_one_socket_in_the_way_is_enough() -> None:
    assert not allowed(BSD, a_tcp(), I1, a_tcp(is1=I2), a_tcp())


def test_the_latest_bound_is_first() -> None:
    bound = (SID(3), SID(2), SID(1))
    assert bound_after(SID(3), SID(1), bound)
    assert not bound_after(SID(1), SID(3), bound)
    assert bound_after(SID(2), SID(9), bound)
    assert not bound_after(SID(9), SID(2), bound)


def test_of_two_that_are_not_bound_neither_is_later() -> None:
    assert not bound_after(SID(8), SID(9), (SID(1),))
    assert not bound_after(SID(8), SID(9), ())
