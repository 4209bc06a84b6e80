from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, UNROUTABLE, WINXP, a_cb, a_segment, a_sock, local
from deliver_in_hosts import S0, S1, TAU, a_connecting_sock, sent, tcp
from deliver_in_hosts import a_host as a_tcp_host
from socket_hosts import a_dgram, a_udp
from support import Scripted

from netspec.base.base_types import SO_BSDCOMPAT, SO_SNDBUF, Port
from netspec.base.choose import PremiseFailed
from netspec.base.errors import (
    ECONNREFUSED,
    ECONNRESET,
    EHOSTUNREACH,
    EMSGSIZE,
    ENETUNREACH,
    ENOPROTOOPT,
    ETIMEDOUT,
    Error,
)
from netspec.base.timers import Timed, never_timer
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Host, Rexmt, Socket, udp_sock_of
from netspec.tcp.net_types import (
    BADHDR,
    FILTER_PROHIB,
    HOST,
    HOST_PROHIB,
    HOST_UNKNOWN,
    ICMP,
    ICMP_PARAMPROB,
    ICMP_REDIRECT,
    ICMP_SOURCE_QUENCH,
    ICMP_TIME_EXCEEDED,
    ICMP_UNREACH,
    INTRANS,
    ISOLATED,
    NEEDFRAG,
    NEEDOPT,
    NET,
    NET_PROHIB,
    NET_UNKNOWN,
    OTHER,
    PORT,
    PP_OTHER,
    PREC_CUTOFF,
    PREC_VIOLATION,
    PROTO_TCP,
    PROTO_UDP,
    PROTOCOL,
    QUENCH,
    RD_HOST,
    RD_OTHER,
    REASS,
    SQ_OTHER,
    SRCFAIL,
    TOSHOST,
    TOSNET,
    TX_OTHER,
    IcmpDatagram,
    IcmpType,
)
from netspec.tcp.params import MSSDFLT, SID, Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_1,
    IP,
    SYN_RECEIVED,
    SYN_SENT,
    Dgram_error,
    DgramError,
    TcpState,
    inqueue_timer,
)
from netspec.tcp.rule import RULES, Rule
from netspec.tcp.rules import deliver_in_icmp
from netspec.tcp.rules.deliver_in_icmp import (
    deliver_in_icmp_1,
    deliver_in_icmp_2,
    deliver_in_icmp_3,
    deliver_in_icmp_4,
    deliver_in_icmp_5,
    deliver_in_icmp_7,
)

MULTICAST = IP(224, 0, 0, 1)
FRAGMENT = ICMP_UNREACH(NEEDFRAG(None))
SOURCE_QUENCH = ICMP_SOURCE_QUENCH(QUENCH)
TRANSIENT = [
    NET,
    HOST,
    SRCFAIL,
    NET_UNKNOWN,
    HOST_UNKNOWN,
    ISOLATED,
    TOSNET,
    TOSHOST,
    PREC_VIOLATION,
    PREC_CUTOFF,
]
PERMANENT = [PROTOCOL, PORT, NET_PROHIB, HOST_PROHIB, FILTER_PROHIB]
# The messages that each rule takes.
TAKES: dict[str, list[IcmpType]] = {
    "deliver_in_icmp_1": [ICMP_UNREACH(code) for code in TRANSIENT],
    "deliver_in_icmp_2": [FRAGMENT, ICMP_UNREACH(NEEDFRAG(1400))],
    "deliver_in_icmp_3": [ICMP_UNREACH(code) for code in PERMANENT],
    "deliver_in_icmp_4": [ICMP_PARAMPROB(BADHDR), ICMP_PARAMPROB(NEEDOPT)],
    "deliver_in_icmp_5": [SOURCE_QUENCH],
    "deliver_in_icmp_6": [
        ICMP_TIME_EXCEEDED(INTRANS),
        ICMP_TIME_EXCEEDED(REASS),
        ICMP_UNREACH(OTHER(77, 0)),
        ICMP_SOURCE_QUENCH(SQ_OTHER(77, 0)),
        ICMP_TIME_EXCEEDED(TX_OTHER(77, 0)),
        ICMP_PARAMPROB(PP_OTHER(77, 0)),
    ],
}
FOR_SOCKETS = [RULES[name] for name in list(TAKES)[:5]]
REDIRECTS: list[IcmpType] = [ICMP_REDIRECT(RD_HOST), ICMP_REDIRECT(RD_OTHER(77, 0))]
ALL = [t for types in TAKES.values() for t in types] + REDIRECTS


def an_icmp(t: IcmpType, **fields: Any) -> IcmpDatagram:
    """A message from the peer about the segment with number 1001 of the connection."""
    return replace(IcmpDatagram(I2, I1, I1, I2, P1, P2, PROTO_TCP, local(1001), t), **fields)


def about_udp(t: IcmpType, **fields: Any) -> IcmpDatagram:
    return an_icmp(t, proto=PROTO_UDP, seq=None, **fields)


def a_host(socks: dict[SID, Socket], icmp: IcmpDatagram, arch: Arch = BSD) -> Host:
    """A host with one message on its input queue."""
    h = a_tcp_host(socks, a_segment(), arch)
    return replace(h, bound=tuple(socks), iq=Timed((ICMP(icmp),), inqueue_timer))


def deliver(rule: Rule, socks: dict[SID, Socket], icmp: IcmpDatagram, arch: Arch = BSD) -> Host:
    h_ = rule(a_host(socks, icmp, arch), TAU, Scripted(sid=S0, queued=True))
    assert h_.iq.value == ()
    return h_


def forbids(rule: Rule, socks: dict[SID, Socket], icmp: IcmpDatagram, arch: Arch = BSD) -> None:
    with pytest.raises(PremiseFailed):
        rule(a_host(socks, icmp, arch), TAU, Scripted(sid=S0, queued=True))


def sending(st: TcpState = ESTABLISHED, **fields: Any) -> Socket:
    """A connection that has sent 100 bytes from number 1001 on."""
    cb = a_cb(**{"snd_nxt": local(1101), "snd_max": local(1101), **fields})
    return a_sock(st, sndq=bytes(100), cb=cb)


def connecting(**fields: Any) -> Socket:
    """A socket whose SYN, which has number 1000, is not yet acknowledged."""
    return a_connecting_sock(**fields)


def about_syn(t: IcmpType, **fields: Any) -> IcmpDatagram:
    return an_icmp(t, seq=local(1000), **fields)


def given_up(st: TcpState) -> Socket:
    """A socket with an error noted that has retransmitted four times."""
    cb = {"tt_rexmt": Timed((Rexmt, 4), never_timer), "t_softerror": ENETUNREACH}
    return connecting(**cb) if st == SYN_SENT else sending(st, **cb)


# -- which messages, for which sockets ----------------------------------------------------------


@pytest.mark.parametrize("rule", [RULES[name] for name in TAKES], ids=lambda rule: rule.name)
def test_each_rule_takes_its_own_messages_only(rule: Rule) -> None:
    for t in ALL:
        for socks, icmp in (({S0: sending()}, an_icmp(t)), ({S0: a_udp()}, about_udp(t))):
            if t in TAKES[rule.name]:
                assert deliver(rule, socks, icmp)
            else:
                forbids(rule, socks, icmp)


@pytest.mark.parametrize("rule", [*(RULES[name] for name in TAKES), deliver_in_icmp_7], ids=lambda rule: rule.name)
def test_only_internal_steps_take_a_message(rule: Rule) -> None:
    t = TAKES.get(rule.name, [SOURCE_QUENCH])[0]
    socks = {} if rule is deliver_in_icmp_7 else {S0: sending()}
    h = a_host(socks, an_icmp(t))
    assert rule(h, TAU, Scripted())
    for h_, lbl in (
        (h, Lh_interface(next(iter(h.ifds)), True)),
        (replace(h, iq=replace(h.iq, value=())), TAU),
        (replace(h, iq=a_tcp_host({}, a_segment()).iq), TAU),
    ):
        with pytest.raises(PremiseFailed):
            rule(h_, lbl, Scripted())


@pytest.mark.parametrize("rule", FOR_SOCKETS, ids=lambda rule: rule.name)
def test_the_message_has_to_be_about_the_socket(rule: Rule) -> None:
    t = TAKES[rule.name][0]
    for arch in ARCHS:
        forbids(rule, {}, an_icmp(t), arch)
        forbids(rule, {S0: sending()}, an_icmp(t, ps3=Port(77)), arch)
        forbids(rule, {S0: sending()}, about_udp(t), arch)
        forbids(rule, {S0: sending()}, an_icmp(t, is3=MULTICAST), arch)
        # A message about a TCP segment has to name it.
        forbids(rule, {S0: sending()}, an_icmp(t, seq=None), arch)
    for arch in (BSD, LINUX):
        forbids(rule, {S0: sending()}, an_icmp(t, is4=UNROUTABLE), arch)
        forbids(rule, {S0: sending()}, an_icmp(t, ps4=Port(77)), arch)
    assert deliver(rule, {S0: sending()}, an_icmp(t, is4=UNROUTABLE), WINXP)


@pytest.mark.parametrize("rule", FOR_SOCKETS, ids=lambda rule: rule.name)
def test_the_host_that_sent_the_datagram_has_to_be_known(rule: Rule) -> None:
    sock = sending()
    if rule is deliver_in_icmp_2:
        assert deliver(rule, {S0: sock}, an_icmp(FRAGMENT, is3=None), WINXP).socks[S0] == sock
    else:
        forbids(rule, {S0: sock}, an_icmp(TAKES[rule.name][0], is3=None), WINXP)


@pytest.mark.parametrize("rule", FOR_SOCKETS, ids=lambda rule: rule.name)
@pytest.mark.parametrize("seq", [1000, 1101])
def test_a_message_about_an_acknowledged_segment_is_ignored(rule: Rule, seq: int) -> None:
    for st in (ESTABLISHED, SYN_RECEIVED, CLOSE_WAIT):
        h = deliver(rule, {S0: sending(st)}, an_icmp(TAKES[rule.name][0], seq=local(seq)))
        assert (h.socks[S0], sent(h)) == (sending(st), [])


# -- TCP ------------------------------------------------------------------------------------------


def test_deliver_in_icmp_1_is_ignored_by_an_established_connection() -> None:
    sock = given_up(ESTABLISHED)
    assert deliver(deliver_in_icmp_1, {S0: sock}, an_icmp(ICMP_UNREACH(NET))).socks[S0] == sock


@pytest.mark.parametrize(
    ("rule", "t", "e"),
    [
        (deliver_in_icmp_1, ICMP_UNREACH(NET), EHOSTUNREACH),
        (deliver_in_icmp_4, ICMP_PARAMPROB(BADHDR), ENOPROTOOPT),
    ],
)
def test_an_error_is_noted_or_ends_an_attempt_to_connect(rule: Rule, t: IcmpType, e: Error) -> None:
    for arch in ARCHS:
        for st in (FIN_WAIT_1, SYN_RECEIVED):
            h = deliver(rule, {S0: sending(st)}, an_icmp(t), arch)
            assert h.socks[S0] == sending(st, t_softerror=e)
        shift_3 = {"tt_rexmt": Timed((Rexmt, 3), never_timer), "t_softerror": ENETUNREACH}
        no_error = {"tt_rexmt": Timed((Rexmt, 4), never_timer), "t_softerror": None}
        no_timer = {"tt_rexmt": None, "t_softerror": ENETUNREACH}
        for fields in (shift_3, no_error, no_timer):
            h = deliver(rule, {S0: connecting(**fields)}, about_syn(t), arch)
            assert h.socks[S0] == connecting(**{**fields, "t_softerror": e})
        h = deliver(rule, {S0: given_up(SYN_SENT)}, about_syn(t), arch)
        assert (tcp(h, S0).st, h.socks[S0].es, sent(h)) == (CLOSED, e, [])
        h = deliver(rule, {S0: given_up(SYN_RECEIVED)}, an_icmp(t), arch)
        assert (tcp(h, S0).st, h.socks[S0].es, [seg.RST for seg in sent(h)]) == (CLOSED, e, [True])
        h = deliver(rule, {S0: given_up(FIN_WAIT_1)}, an_icmp(t), arch)
        assert (tcp(h, S0).st, tcp(h, S0).cb.t_softerror) == (FIN_WAIT_1, e)


def test_deliver_in_icmp_4_is_noted_by_an_established_connection() -> None:
    h = deliver(deliver_in_icmp_4, {S0: sending()}, an_icmp(ICMP_PARAMPROB(NEEDOPT)))
    assert h.socks[S0] == sending(t_softerror=ENOPROTOOPT)


@pytest.mark.parametrize("mtu", [None, 1400])
def test_deliver_in_icmp_2_falls_back_to_the_default_size(mtu: int | None) -> None:
    for arch in ARCHS:
        h = deliver(deliver_in_icmp_2, {S0: sending()}, an_icmp(ICMP_UNREACH(NEEDFRAG(mtu))), arch)
        assert (h.socks[S0], sent(h)) == (sending(t_maxseg=MSSDFLT), [])


@pytest.mark.parametrize(
    ("mtu", "tstmp", "mss"), [(700, False, 660), (700, True, 648), (295, False, None), (None, False, 966)]
)
def test_deliver_in_icmp_2_would_retransmit_if_there_were_a_route_to_the_host(
    monkeypatch: pytest.MonkeyPatch, mtu: int | None, tstmp: bool, mss: int | None
) -> None:
    monkeypatch.setattr(deliver_in_icmp, "HOST_ROUTE", True)
    monkeypatch.setattr(deliver_in_icmp, "MTU_NOT_LOCKED", True)
    sock = sending(tf_doing_tstmp=tstmp)
    h = deliver(deliver_in_icmp_2, {S0: sock}, an_icmp(ICMP_UNREACH(NEEDFRAG(mtu))))
    if mss is None:
        # The MTU stays as it was, which is no smaller than the segments.
        assert (h.socks[S0], sent(h)) == (sock, [])
    else:
        assert tcp(h, S0).cb.t_maxseg == mss
        assert [(seg.seq, len(seg.data)) for seg in sent(h)] == [(local(1001), 100)]
    small = replace(sock, sf=replace(sock.sf, n=sock.sf.n.set(SO_SNDBUF, 100)))
    assert tcp(deliver(deliver_in_icmp_2, {S0: small}, an_icmp(FRAGMENT)), S0).cb.t_maxseg == 100


@pytest.mark.parametrize("code", PERMANENT)
def test_deliver_in_icmp_3_ends_an_attempt_to_connect(code: Any) -> None:
    for arch in ARCHS:
        h = deliver(deliver_in_icmp_3, {S0: connecting()}, about_syn(ICMP_UNREACH(code)), arch)
        assert (tcp(h, S0).st, h.socks[S0].es, sent(h)) == (CLOSED, ECONNREFUSED, [])
        for st in (SYN_RECEIVED, ESTABLISHED):
            h = deliver(deliver_in_icmp_3, {S0: sending(st)}, an_icmp(ICMP_UNREACH(code)), arch)
            assert h.socks[S0] == sending(st)


def test_deliver_in_icmp_5_shrinks_the_congestion_window() -> None:
    for arch in ARCHS:
        h = deliver(deliver_in_icmp_5, {S0: sending(snd_cwnd=4000)}, an_icmp(SOURCE_QUENCH), arch)
        assert h.socks[S0] == sending(snd_cwnd=1000)


# -- UDP --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "e", "on_windows"),
    [
        (deliver_in_icmp_1, ECONNREFUSED, ECONNRESET),
        (deliver_in_icmp_2, EMSGSIZE, EMSGSIZE),
        (deliver_in_icmp_3, ECONNREFUSED, ECONNRESET),
        (deliver_in_icmp_4, ENOPROTOOPT, ENOPROTOOPT),
        (deliver_in_icmp_5, EHOSTUNREACH, EHOSTUNREACH),
    ],
)
def test_a_udp_socket_has_an_error(rule: Rule, e: Error, on_windows: Error) -> None:
    sock = a_udp(a_dgram(b"a"), es=ETIMEDOUT)
    for arch in (BSD, LINUX):
        h = deliver(rule, {S0: sock}, about_udp(TAKES[rule.name][0]), arch)
        assert h.socks[S0] == replace(sock, es=e)
    h = deliver(rule, {S0: sock}, about_udp(TAKES[rule.name][0]), WINXP)
    assert h.socks[S0].es == ETIMEDOUT
    assert udp_sock_of(h.socks[S0]).rcvq == (a_dgram(b"a"), Dgram_error(DgramError(on_windows)))


@pytest.mark.parametrize("rule", [deliver_in_icmp_1, deliver_in_icmp_3])
def test_bsd_compatibility_hides_errors_from_an_unconnected_socket(rule: Rule) -> None:
    sock = a_udp(is2=None, ps2=None)
    compatible = replace(sock, sf=replace(sock.sf, b=sock.sf.b.set(SO_BSDCOMPAT, True)))
    icmp = about_udp(TAKES[rule.name][0], is4=None, ps4=None)
    assert deliver(rule, {S0: sock}, icmp, LINUX).socks[S0].es == ECONNREFUSED
    assert deliver(rule, {S0: compatible}, icmp, LINUX).socks[S0] == compatible
    connected = replace(compatible, is2=I2, ps2=P2)
    h = deliver(rule, {S0: connected}, about_udp(TAKES[rule.name][0]), LINUX)
    assert h.socks[S0].es == ECONNREFUSED


# -- messages that are ignored --------------------------------------------------------------------


@pytest.mark.parametrize("t", [t for t in ALL if t not in TAKES["deliver_in_icmp_6"] + REDIRECTS], ids=str)
def test_deliver_in_icmp_7_ignores_what_is_about_no_socket(t: IcmpType) -> None:
    socks = {S0: sending(), S1: a_udp()}
    for is3 in (I1, None):
        icmp = an_icmp(t, ps4=Port(77), is3=is3)
        if t in TAKES["deliver_in_icmp_2"]:
            # A message about fragments is ignored only if a multicast address sent the datagram.
            forbids(deliver_in_icmp_7, socks, icmp)
        else:
            assert deliver(deliver_in_icmp_7, socks, icmp).socks[S0] == socks[S0]
    assert deliver(deliver_in_icmp_7, socks, an_icmp(t, is3=MULTICAST))
    forbids(deliver_in_icmp_7, socks, an_icmp(t))
    forbids(deliver_in_icmp_7, socks, about_udp(t))


@pytest.mark.parametrize("t", TAKES["deliver_in_icmp_6"] + REDIRECTS, ids=str)
def test_deliver_in_icmp_7_forbids(t: IcmpType) -> None:
    forbids(deliver_in_icmp_7, {}, an_icmp(t))
