"""Each erratum of UDP and ICMP: what the text says, and what the host does once it is corrected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, UNROUTABLE, WINXP, local
from deliver_in_hosts import S0, S1, TAU, a_listener, sent, tcp
from socket_hosts import a_dgram, a_udp, unnamed_udp
from support import Scripted
from test_rules_deliver_in_icmp import FOR_SOCKETS, REDIRECTS, TAKES, about_udp, an_icmp, sending
from test_rules_deliver_in_icmp import a_host as an_icmp_host
from test_rules_deliver_in_udp import DGRAM
from test_rules_deliver_in_udp import a_host as a_udp_host

from netspec.base.choose import PremiseFailed
from netspec.base.errors import ECONNREFUSED
from netspec.tcp.aux_fns.matching import lookup_icmp
from netspec.tcp.errata import datagrams as errata
from netspec.tcp.errata.erratum import Erratum
from netspec.tcp.host_types import Host, Socket, udp_sock_of
from netspec.tcp.net_types import ICMP_UNREACH, NEEDFRAG, PORT, IcmpDatagram, IcmpType
from netspec.tcp.params import MSSDFLT, SID, Arch
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_in_icmp import (
    deliver_in_icmp_2,
    deliver_in_icmp_3,
    deliver_in_icmp_6,
    deliver_in_icmp_7,
)
from netspec.tcp.rules.deliver_in_udp import deliver_in_udp_1, deliver_in_udp_2

NEEDFRAGS = TAKES["deliver_in_icmp_2"]


def fixed(*corrections: Erratum, arch: Arch = BSD) -> Arch:
    """An architecture with errata corrected."""
    return replace(arch, deviations=frozenset(erratum.name for erratum in corrections))


def takes(rule: Rule, h: Host, **choices: Any) -> Host:
    h_ = rule(h, TAU, Scripted(**{"sid": S0, "queued": True, **choices}))
    assert h_.iq.value == ()
    return h_


def forbids(rule: Rule, h: Host, **choices: Any) -> None:
    with pytest.raises(PremiseFailed):
        rule(h, TAU, Scripted(**{"sid": S0, "queued": True, **choices}))


def test_every_erratum_is_tested_here() -> None:
    tested = {name for name in globals() if name.startswith("test_")}
    assert {f"test_{erratum.name.replace('-', '_')}" for erratum in errata.ERRATA} <= tested


# -- UDP -------------------------------------------------------------------------------------------


def test_lookup_of_udp() -> None:
    for arch in ARCHS:
        on = fixed(errata.LOOKUP_OF_UDP, arch=arch)
        alone: dict[SID, Socket] = {S0: a_listener()}
        for rule in (deliver_in_udp_1, deliver_in_udp_2):
            forbids(rule, a_udp_host(alone, arch=arch))
        forbids(deliver_in_udp_1, a_udp_host(alone, arch=on))
        takes(deliver_in_udp_2, a_udp_host(alone, arch=on))
    # A TCP socket bound to the address is no better match than a UDP socket that is not.
    socks = {S0: replace(unnamed_udp(), ps1=P1), S1: replace(a_listener(), is1=I1)}
    forbids(deliver_in_udp_1, a_udp_host(socks))
    h_ = takes(deliver_in_udp_1, a_udp_host(socks, arch=fixed(errata.LOOKUP_OF_UDP)))
    assert udp_sock_of(h_.socks[S0]).rcvq == (a_dgram(b"hello"),)


def test_port_unreachable_routed() -> None:
    on, unreachable = fixed(errata.PORT_UNREACHABLE_ROUTED), replace(DGRAM, is1=UNROUTABLE)
    for arch, dgram, answers in ((BSD, unreachable, 1), (on, DGRAM, 1), (on, unreachable, 0)):
        h = a_udp_host({}, dgram, arch)
        if answers:
            assert len(takes(deliver_in_udp_2, h, icmp_to_go=True).oq.value) == 1
        else:
            forbids(deliver_in_udp_2, h, icmp_to_go=True)
        assert takes(deliver_in_udp_2, h, icmp_to_go=False).oq.value == ()


# -- ICMP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mtu", "mss"), [(700, 660), (None, 966), (1500, None)])
def test_path_mtu_discovery(mtu: int | None, mss: int | None) -> None:
    icmp = an_icmp(ICMP_UNREACH(NEEDFRAG(mtu)))
    h = takes(deliver_in_icmp_2, an_icmp_host({S0: sending()}, icmp))
    assert (tcp(h, S0).cb.t_maxseg, sent(h)) == (MSSDFLT, [])
    h = takes(deliver_in_icmp_2, an_icmp_host({S0: sending()}, icmp, fixed(errata.PATH_MTU_DISCOVERY)))
    if mss is None:
        assert (h.socks[S0], sent(h)) == (sending(), [])
    else:
        assert tcp(h, S0).cb.t_maxseg == mss
        assert [(seg.seq, len(seg.data)) for seg in sent(h)] == [(local(1001), 100)]


@pytest.mark.parametrize("t", REDIRECTS, ids=str)
def test_redirect_ignored(t: IcmpType) -> None:
    forbids(deliver_in_icmp_6, an_icmp_host({S0: sending()}, an_icmp(t)))
    h = an_icmp_host({S0: sending()}, an_icmp(t), fixed(errata.REDIRECT_IGNORED))
    assert takes(deliver_in_icmp_6, h).socks == h.socks
    forbids(deliver_in_icmp_6, an_icmp_host({}, an_icmp(ICMP_UNREACH(PORT)), fixed(errata.REDIRECT_IGNORED)))


def test_no_socket_by_lookup() -> None:
    unconnected = replace(unnamed_udp(), ps1=P1, is1=I1, is2=I2)
    cases: list[tuple[Arch, Socket, IcmpDatagram]] = [
        (LINUX, unconnected, about_udp(ICMP_UNREACH(PORT))),
        (WINXP, replace(unnamed_udp(), ps1=P1), about_udp(ICMP_UNREACH(PORT))),
    ]
    for arch, sock, icmp in cases:
        on = fixed(errata.NO_SOCKET_BY_LOOKUP, arch=arch)
        assert lookup_icmp({S0: sock}, icmp, arch, (S0,))
        takes(deliver_in_icmp_7, an_icmp_host({S0: sock}, icmp, arch))
        forbids(deliver_in_icmp_7, an_icmp_host({S0: sock}, icmp, on))
        takes(deliver_in_icmp_3, an_icmp_host({S0: sock}, icmp, on))
        takes(deliver_in_icmp_7, an_icmp_host({}, icmp, on))
    # FreeBSD finds no other sockets than those with all addresses and ports.
    h = an_icmp_host({S0: unconnected}, about_udp(ICMP_UNREACH(PORT)), fixed(errata.NO_SOCKET_BY_LOOKUP))
    takes(deliver_in_icmp_7, h)
    assert takes(deliver_in_icmp_3, replace(h, socks=h.socks.set(S0, a_udp()))).socks[S0].es == ECONNREFUSED


@pytest.mark.parametrize("t", NEEDFRAGS, ids=str)
@pytest.mark.parametrize("is3", [I1, None])
def test_needfrag_about_no_socket(t: IcmpType, is3: Any) -> None:
    icmp = an_icmp(t, ps4=None, is3=is3)
    for also in ((), (errata.NO_SOCKET_BY_LOOKUP,)):
        on = fixed(errata.NEEDFRAG_ABOUT_NO_SOCKET, *also)
        forbids(deliver_in_icmp_7, an_icmp_host({S0: sending()}, icmp, fixed(*also)))
        takes(deliver_in_icmp_7, an_icmp_host({S0: sending()}, icmp, on))
        forbids(deliver_in_icmp_7, an_icmp_host({S0: sending()}, an_icmp(t), on))


@pytest.mark.parametrize("rule", FOR_SOCKETS, ids=lambda rule: rule.name)
def test_icmp_without_sequence_number(rule: Rule) -> None:
    on = fixed(errata.ICMP_WITHOUT_SEQUENCE_NUMBER)
    t = TAKES[rule.name][0]
    for arch in (BSD, on):
        forbids(rule, an_icmp_host({S0: sending()}, an_icmp(t, seq=None), arch))
    forbids(deliver_in_icmp_7, an_icmp_host({S0: sending()}, an_icmp(t, seq=None)))
    h = an_icmp_host({S0: sending()}, an_icmp(t, seq=None), on)
    assert takes(deliver_in_icmp_7, h).socks == h.socks
    forbids(deliver_in_icmp_7, an_icmp_host({S0: sending()}, an_icmp(t), on))
    # A UDP datagram has no sequence number to quote.
    forbids(deliver_in_icmp_7, an_icmp_host({S0: a_udp()}, about_udp(t), on))
