from __future__ import annotations

from typing import Any

import immutables
import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, WINXP, a_segment
from socket_hosts import a_tcp, a_udp

from netspec.base.base_types import Port
from netspec.base.choose import PremiseFailed
from netspec.tcp.aux_fns.matching import lookup_icmp, lookup_udp, match_score, tcp_socket_best_match
from netspec.tcp.host_types import Socket
from netspec.tcp.net_types import ICMP_SOURCE_QUENCH, PROTO_TCP, PROTO_UDP, IcmpDatagram, IcmpSourceQuench
from netspec.tcp.params import SID, Arch
from netspec.tcp.pre_host_types import IP

I3, P3 = IP(192, 168, 0, 3), Port(90)
FROM_PEER = (I2, P2, I1, P1)
A, B, C = SID(1), SID(2), SID(3)

FULL = {"is1": I1, "ps1": P1, "is2": I2, "ps2": P2}
TO_HOST = {"is1": I1, "ps1": P1, "is2": I2, "ps2": None}
NAMED = {"is1": I1, "ps1": P1, "is2": None, "ps2": None}
ANY = {"is1": None, "ps1": P1, "is2": None, "ps2": None}
UNBOUND = {"is1": None, "ps1": None, "is2": None, "ps2": None}


@pytest.mark.parametrize(
    ("quad", "score"),
    [
        ((None, None, None, None), 0),
        ((I1, None, I2, P2), 0),
        ((None, P1, None, None), 1),
        ((None, P3, None, None), 0),
        ((I1, P1, None, None), 2),
        ((I3, P1, None, None), 0),
        ((I1, P3, None, None), 0),
        ((I1, P1, I2, None), 3),
        ((I1, P1, I3, None), 0),
        ((I3, P1, I2, None), 0),
        ((I1, P3, I2, None), 0),
        ((I1, P1, I2, P2), 4),
        ((I1, P1, I2, P3), 0),
        ((I1, P1, I3, P2), 0),
        ((I3, P1, I2, P2), 0),
        ((I1, P3, I2, P2), 0),
        # left open by the model
        ((None, P1, I2, P2), 0),
        ((None, P1, None, P2), 0),
        ((I1, P1, None, P2), 0),
    ],
)
def test_match_score(quad: Any, score: int) -> None:
    assert match_score(quad, FROM_PEER) == score


def test_a_datagram_without_ports_matches_nothing() -> None:
    for quad in ((None, P1, None, None), (I1, P1, None, None), (I1, P1, I2, None), (I1, P1, I2, P2)):
        assert match_score(quad, (I2, None, I1, None)) == 0
    assert match_score((I1, P1, I2, None), (I2, None, I1, P1)) == 3


def udp(**quads: dict[str, Any]) -> immutables.Map[SID, Socket]:
    """UDP sockets: a, b and c are those of A, B and C."""
    return immutables.Map({{"a": A, "b": B, "c": C}[name]: a_udp(**quad) for name, quad in quads.items()})


@pytest.mark.parametrize("arch", ARCHS)
def test_a_datagram_for_nobody_finds_no_socket(arch: Arch) -> None:
    assert lookup_udp(udp(a=UNBOUND, b=FULL | {"ps2": P3}), FROM_PEER, (B,), arch) == frozenset()


@pytest.mark.parametrize("arch", ARCHS)
def test_the_least_match_is_enough_where_there_is_no_better(arch: Arch) -> None:
    assert lookup_udp(udp(a=ANY, b=UNBOUND), FROM_PEER, (A,), arch) == {A}


@pytest.mark.parametrize(("arch", "found"), [(BSD, {B}), (LINUX, {B}), (WINXP, {B, C})])
def test_a_better_match_goes_first_but_windows_looks_only_past_the_least(arch: Arch, found: set[SID]) -> None:
    assert lookup_udp(udp(a=ANY, b=FULL, c=NAMED), FROM_PEER, (A, B, C), arch) == found


@pytest.mark.parametrize(("arch", "found"), [(BSD, {A, B}), (LINUX, {B}), (WINXP, {A, B})])
def test_the_least_match_may_be_that_of_two(arch: Arch, found: set[SID]) -> None:
    assert lookup_udp(udp(a=ANY, b=ANY, c=UNBOUND), FROM_PEER, (B, A), arch) == found


@pytest.mark.parametrize("arch", ARCHS)
def test_one_better_match_among_others_is_enough(arch: Arch) -> None:
    assert lookup_udp(udp(a=ANY, b=FULL, c=UNBOUND), FROM_PEER, (A, B), arch) == {B}


@pytest.mark.parametrize(("arch", "found"), [(BSD, {A, B}), (LINUX, {B}), (WINXP, {A, B})])
def test_of_equal_matches_linux_takes_the_last_bound(arch: Arch, found: set[SID]) -> None:
    assert lookup_udp(udp(a=NAMED, b=NAMED), FROM_PEER, (B, A), arch) == found


def test_of_equal_matches_whose_binding_is_unknown_linux_takes_all() -> None:
    assert lookup_udp(udp(a=NAMED, b=NAMED), FROM_PEER, (), LINUX) == {A, B}


@pytest.mark.parametrize("arch", ARCHS)
def test_the_protocol_of_a_socket_is_not_looked_at(arch: Arch) -> None:
    some = udp(a=ANY).set(B, a_tcp())
    assert lookup_udp(some, FROM_PEER, (A, B), arch) == {B}


def best(sid: SID, some: immutables.Map[SID, Socket], **fields: Any) -> bool:
    return tcp_socket_best_match(some, (sid, some[sid]), a_segment(**fields), BSD)


def test_best_match() -> None:
    some = immutables.Map({A: a_tcp(**FULL), B: a_tcp(**NAMED), C: a_tcp(**NAMED)})
    assert best(A, some)
    assert not best(B, some)
    assert best(B, some.delete(A)) and best(C, some.delete(A))


def test_best_match_does_not_need_to_match() -> None:
    assert best(A, immutables.Map({A: a_tcp(**UNBOUND), B: a_tcp(ps1=P3)}))


def test_best_match_compares_with_udp_sockets_too() -> None:
    assert not best(A, immutables.Map({A: a_tcp(**NAMED), B: a_udp(**FULL)}))


def test_best_match_of_a_segment_without_addresses_is_open() -> None:
    some = immutables.Map({A: a_tcp(**FULL)})
    for field in ("is1", "is2"):
        with pytest.raises(PremiseFailed):
            best(A, some, **{field: None})


def icmp(**fields: Any) -> IcmpDatagram:
    """About a datagram that we sent to the peer by UDP."""
    quench = ICMP_SOURCE_QUENCH(next(iter(IcmpSourceQuench)))
    about: dict[str, Any] = {"is3": I1, "is4": I2, "ps3": P1, "ps4": P2, "proto": PROTO_UDP, "seq": None}
    return IcmpDatagram(**(about | {"is1": I2, "is2": I1, "t": quench} | fields))


@pytest.mark.parametrize("arch", ARCHS)
def test_icmp_finds_the_socket_that_sent(arch: Arch) -> None:
    some = udp(a=FULL, b=FULL | {"ps1": P3}).set(C, a_tcp())
    assert lookup_icmp(some, icmp(), arch, (A, B)) == {A}
    assert lookup_icmp(some, icmp(proto=PROTO_TCP), arch, (A, B)) == {C}
    assert lookup_icmp(some, icmp(ps3=P2), arch, (A, B)) == frozenset()


@pytest.mark.parametrize("quad", [FULL | {"is1": I3}, FULL | {"is2": I3}, FULL | {"ps2": P3}, ANY])
def test_windows_looks_at_the_local_port_only(quad: dict[str, Any]) -> None:
    found = [lookup_icmp(udp(a=quad), icmp(), arch, (A,)) for arch in (BSD, LINUX, WINXP)]
    assert found == [frozenset(), frozenset(), {A}]


def test_linux_finds_a_udp_socket_without_a_peer_port() -> None:
    assert [lookup_icmp(udp(a=TO_HOST), icmp(), arch, (A,)) for arch in (BSD, LINUX)] == [frozenset(), {A}]
    tcp = immutables.Map({A: a_tcp(**TO_HOST)})
    assert lookup_icmp(tcp, icmp(proto=PROTO_TCP), LINUX, (A,)) == frozenset()


def test_linux_prefers_a_socket_with_the_peer_port_that_was_bound_later() -> None:
    some = udp(a=TO_HOST, b=FULL)
    assert lookup_icmp(some, icmp(), LINUX, (B, A)) == {B}
    assert lookup_icmp(some, icmp(), LINUX, (A, B)) == {A, B}
    assert lookup_icmp(some, icmp(), LINUX, ()) == {A, B}
    assert lookup_icmp(udp(a=TO_HOST, b=TO_HOST), icmp(), LINUX, (B, A)) == {A, B}


@pytest.mark.parametrize(
    "other",
    [
        a_udp(**FULL | {"is1": I3}),
        a_udp(**FULL | {"is1": None}),
        a_udp(**FULL | {"is2": I3}),
        a_udp(**FULL | {"ps1": P3}),
        a_udp(**FULL | {"ps2": P3}),
        a_tcp(**FULL),
    ],
)
def test_linux_does_not_prefer_a_later_socket_that_the_message_is_not_about(other: Socket) -> None:
    some = immutables.Map({A: a_udp(**TO_HOST), B: other})
    assert lookup_icmp(some, icmp(), LINUX, (B, A)) == {A}
