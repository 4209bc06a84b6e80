from __future__ import annotations

from dataclasses import replace

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, P2, UNROUTABLE, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, S1, S2, TAU, a_host, a_listener, deliver, sent, with_tcp
from socket_hosts import a_udp
from support import Scripted

from netspec.base.base_types import Ip, Port
from netspec.base.choose import PremiseFailed
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Socket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SID, Arch
from netspec.tcp.pre_host_types import BANDLIM_RST_CLOSEDPORT, CLOSED, IP
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_in_drop import deliver_in_4, deliver_in_5, deliver_in_6

BROADCAST, MULTICAST = IP(192, 168, 0, 255), IP(224, 0, 0, 1)
QUEUED = Scripted(queued=True)
CLOSED_SOCK = with_tcp(a_sock(), st=CLOSED)
BOUND = replace(CLOSED_SOCK, is1=None, is2=None, ps2=None)


def forbids(rule: Rule, socks: dict[SID, Socket], seg: TcpSegment, arch: Arch = BSD) -> None:
    with pytest.raises(PremiseFailed):
        deliver(rule, socks, seg, QUEUED, arch)


@pytest.mark.parametrize("is1", [None, BROADCAST, MULTICAST])
def test_deliver_in_4_drops_segments_from_nowhere(is1: Ip | None) -> None:
    for arch in ARCHS:
        h = deliver(deliver_in_4, {S0: a_sock()}, a_segment(is1=is1), QUEUED, arch)
        assert (h.socks[S0], sent(h)) == (a_sock(), [])


def test_deliver_in_4_forbids() -> None:
    forbids(deliver_in_4, {}, a_segment())
    forbids(deliver_in_4, {}, a_segment(is1=BROADCAST, is2=UNROUTABLE))
    forbids(deliver_in_4, {}, a_segment(is1=BROADCAST, is2=None))


@pytest.mark.parametrize("arch", ARCHS)
def test_deliver_in_5_answers_with_a_rst(arch: Arch) -> None:
    socks = {S0: replace(a_sock(), ps1=Port(77)), S1: a_udp()}
    h = deliver(deliver_in_5, socks, a_segment(), QUEUED, arch)
    (seg,) = sent(h)
    assert (seg.RST, seg.ACK, seg.seq) == (True, False, local(1001))
    assert (seg.is1, seg.is2, seg.ps2) == (I1, I2, P2)
    assert h.bndlm[0][2] == BANDLIM_RST_CLOSEDPORT
    h = deliver(deliver_in_5, {}, a_segment(SYN=True, ACK=False, data=b"ab"), QUEUED, arch)
    (seg,) = sent(h)
    assert (seg.RST, seg.ACK, seg.ack) == (True, True, foreign(5004))


def test_deliver_in_5_does_not_answer_a_rst() -> None:
    h = deliver(deliver_in_5, {}, a_segment(RST=True), QUEUED)
    assert (sent(h), h.bndlm) == ([], ())


def test_deliver_in_5_forbids() -> None:
    for sock in (a_sock(), CLOSED_SOCK, a_listener()):
        forbids(deliver_in_5, {S0: sock}, a_segment())
    for seg in (
        a_segment(is2=UNROUTABLE),
        a_segment(is2=None),
        a_segment(is1=None),
        a_segment(ps1=None),
        a_segment(ps2=None),
    ):
        forbids(deliver_in_5, {}, seg)


@pytest.mark.parametrize("sock", [CLOSED_SOCK, BOUND])
def test_deliver_in_6_answers_with_a_rst(sock: Socket) -> None:
    for arch in ARCHS:
        h = deliver(deliver_in_6, {S0: sock}, a_segment(), QUEUED, arch)
        (seg,) = sent(h)
        assert (seg.RST, seg.seq, h.socks[S0]) == (True, local(1001), sock)


def test_deliver_in_6_forbids() -> None:
    forbids(deliver_in_6, {}, a_segment())
    forbids(deliver_in_6, {S0: a_sock()}, a_segment())
    forbids(deliver_in_6, {S0: a_udp()}, a_segment())
    forbids(deliver_in_6, {S0: replace(CLOSED_SOCK, ps1=Port(77))}, a_segment())
    # Another socket matches better.
    forbids(deliver_in_6, {S0: BOUND, S1: a_sock()}, a_segment())
    forbids(deliver_in_6, {S0: BOUND, S2: a_udp()}, a_segment())
    other_host = {S0: replace(CLOSED_SOCK, is1=UNROUTABLE)}
    forbids(deliver_in_6, other_host, a_segment(is2=UNROUTABLE))


@pytest.mark.parametrize("rule", [deliver_in_4, deliver_in_5, deliver_in_6])
def test_only_internal_steps_take_a_segment(rule: Rule) -> None:
    h = a_host({S0: BOUND}, a_segment())
    with pytest.raises(PremiseFailed):
        rule(h, Lh_interface(next(iter(h.ifds)), True), QUEUED)
    with pytest.raises(PremiseFailed):
        rule(replace(h, iq=replace(h.iq, value=())), TAU, QUEUED)
