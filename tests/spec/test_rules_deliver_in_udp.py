from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, UNROUTABLE, WINXP, a_segment
from deliver_in_hosts import S0, S1, TAU
from deliver_in_hosts import a_host as a_tcp_host
from socket_hosts import a_dgram, a_udp, unnamed_udp
from support import Scripted

from netspec.base.base_types import Ip, Port
from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Host, Socket, udp_sock_of
from netspec.tcp.net_types import ICMP, ICMP_UNREACH, PORT, PROTO_UDP, UDP, IcmpDatagram, UdpDatagram
from netspec.tcp.params import SID, Arch
from netspec.tcp.pre_host_types import IP, inqueue_timer, outqueue_timer
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_in_udp import deliver_in_udp_1, deliver_in_udp_2, deliver_in_udp_3

BROADCAST, MULTICAST = IP(192, 168, 0, 255), IP(224, 0, 0, 1)
DGRAM = UdpDatagram(I2, I1, P2, P1, b"hello")
BOUND = replace(unnamed_udp(), ps1=P1)


def a_host(socks: dict[SID, Socket], dgram: UdpDatagram = DGRAM, arch: Arch = BSD) -> Host:
    """A host with one datagram on its input queue."""
    h = a_tcp_host(socks, a_segment(), arch)
    return replace(h, bound=tuple(socks), iq=Timed((UDP(dgram),), inqueue_timer))


def forbids(rule: Rule, h: Host, **choices: Any) -> None:
    with pytest.raises(PremiseFailed):
        rule(h, TAU, Scripted(**choices))


@pytest.mark.parametrize("arch", ARCHS)
def test_deliver_in_udp_1_queues_the_datagram(arch: Arch) -> None:
    for sock in (a_udp(a_dgram(b"first")), a_udp(a_dgram(b"first"), is1=None, is2=None, ps2=None)):
        h_ = deliver_in_udp_1(a_host({S0: sock}, arch=arch), TAU, Scripted())
        assert udp_sock_of(h_.socks[S0]).rcvq == (a_dgram(b"first"), a_dgram(b"hello"))
        assert h_.iq.value == ()


def test_deliver_in_udp_1_picks_the_best_match() -> None:
    socks = {S0: BOUND, S1: a_udp()}
    for arch in ARCHS:
        h_ = deliver_in_udp_1(a_host(socks, arch=arch), TAU, Scripted(sid=S1))
        assert (h_.socks[S0], udp_sock_of(h_.socks[S1]).rcvq) == (BOUND, (a_dgram(b"hello"),))
        forbids(deliver_in_udp_1, a_host(socks, arch=arch), sid=S0)


def test_deliver_in_udp_1_may_have_a_choice_on_windows() -> None:
    h = a_host({S0: replace(BOUND, is1=I1), S1: a_udp()}, arch=WINXP)
    for sid in (S0, S1):
        assert udp_sock_of(deliver_in_udp_1(h, TAU, Scripted(sid=sid)).socks[sid]).rcvq
    forbids(deliver_in_udp_1, replace(h, arch=BSD), sid=S0)
    forbids(deliver_in_udp_1, replace(h, arch=LINUX), sid=S0)


def test_deliver_in_udp_1_forbids() -> None:
    forbids(deliver_in_udp_1, a_host({}))
    forbids(deliver_in_udp_1, a_host({S0: a_udp(ps1=Port(77))}))
    forbids(deliver_in_udp_1, a_host({S0: BOUND}, replace(DGRAM, is2=UNROUTABLE)))
    forbids(deliver_in_udp_1, a_host({S0: BOUND}, replace(DGRAM, is2=None)))
    forbids(deliver_in_udp_1, a_host({S0: BOUND}, replace(DGRAM, is1=None)))
    forbids(deliver_in_udp_1, a_host({S0: BOUND}, replace(DGRAM, is1=BROADCAST)))


@pytest.mark.parametrize("arch", ARCHS)
def test_deliver_in_udp_2_may_tell_the_sender(arch: Arch) -> None:
    for socks in ({}, {S0: a_udp(ps1=Port(77))}):
        h = a_host(socks, arch=arch)
        silent = deliver_in_udp_2(h, TAU, Scripted(icmp_to_go=False))
        assert (silent.iq.value, silent.oq, silent.socks) == ((), h.oq, h.socks)
        told = deliver_in_udp_2(h, TAU, Scripted(icmp_to_go=True))
        icmp = IcmpDatagram(I1, I2, I2, I1, P2, P1, PROTO_UDP, None, ICMP_UNREACH(PORT))
        assert told == replace(silent, oq=Timed((ICMP(icmp),), outqueue_timer))


def test_deliver_in_udp_2_forbids() -> None:
    for choices in ({}, {"icmp_to_go": True}):
        forbids(deliver_in_udp_2, a_host({S0: BOUND}), **choices)
        for dgram in (
            replace(DGRAM, is1=None),
            replace(DGRAM, is1=BROADCAST),
            replace(DGRAM, is2=None),
            replace(DGRAM, is2=UNROUTABLE),
        ):
            forbids(deliver_in_udp_2, a_host({}, dgram), **choices)


@pytest.mark.parametrize("is1", [None, BROADCAST, MULTICAST])
def test_deliver_in_udp_3_drops_what_comes_from_nowhere(is1: Ip | None) -> None:
    for arch in ARCHS:
        h = a_host({S0: BOUND}, replace(DGRAM, is1=is1), arch)
        h_ = deliver_in_udp_3(h, TAU, Scripted())
        assert (h_.iq.value, h_.oq, h_.socks) == ((), h.oq, h.socks)


def test_deliver_in_udp_3_forbids() -> None:
    forbids(deliver_in_udp_3, a_host({}))
    forbids(deliver_in_udp_3, a_host({}, replace(DGRAM, is1=BROADCAST, is2=UNROUTABLE)))
    forbids(deliver_in_udp_3, a_host({}, replace(DGRAM, is1=BROADCAST, is2=None)))


@pytest.mark.parametrize(
    ("rule", "h"),
    [
        (deliver_in_udp_1, a_host({S0: BOUND})),
        (deliver_in_udp_2, a_host({})),
        (deliver_in_udp_3, a_host({}, replace(DGRAM, is1=BROADCAST))),
    ],
)
def test_only_internal_steps_take_a_datagram(rule: Rule, h: Host) -> None:
    assert rule(h, TAU, Scripted())
    forbids(rule, replace(h, iq=replace(h.iq, value=())))
    forbids(rule, replace(h, iq=a_tcp_host({}, a_segment()).iq))
    with pytest.raises(PremiseFailed):
        rule(h, Lh_interface(next(iter(h.ifds)), True), Scripted())
