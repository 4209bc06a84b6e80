from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, UNROUTABLE, WINXP, a_cb, a_segment, a_sock, foreign
from deliver_in_hosts import (
    S0,
    S1,
    S2,
    TAU,
    a_connecting_sock,
    a_host,
    a_listener,
    deliver,
    sent,
    tcp,
    with_tcp,
)
from support import Scripted

from netspec.base.base_types import Port
from netspec.base.choose import PremiseFailed
from netspec.base.errors import ECONNREFUSED, ECONNRESET, ETIMEDOUT
from netspec.base.timers import Timed
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Socket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SID, TCPTV_KEEP_IDLE, Arch, stopwatch_zero
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    IP,
    LAST_ACK,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    SocketListen,
    TcpState,
    slow_timer,
)
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_in_7 import (
    deliver_in_7,
    deliver_in_7a,
    deliver_in_7b,
    deliver_in_7c,
    deliver_in_7d,
)

RULES = {
    "7": (deliver_in_7, a_sock()),
    "7a": (deliver_in_7a, a_sock(SYN_RECEIVED)),
    "7b": (deliver_in_7b, a_listener()),
    "7c": (deliver_in_7c, a_sock(TIME_WAIT)),
    "7d": (deliver_in_7d, a_connecting_sock()),
}


def a_rst(**fields: Any) -> TcpSegment:
    """A RST of the peer's that acknowledges the SYN."""
    return a_segment(**{"RST": True, **fields})


def forbids(rule: Rule, socks: dict[SID, Socket], seg: TcpSegment, arch: Arch = BSD) -> None:
    with pytest.raises(PremiseFailed):
        deliver(rule, socks, seg, Scripted(sid=S0), arch)


@pytest.mark.parametrize("name", RULES)
def test_forbids_what_is_no_rst_from_the_peer(name: str) -> None:
    rule, sock = RULES[name]
    assert sent(deliver(rule, {S0: sock}, a_rst(), Scripted())) == []
    forbids(rule, {S0: sock}, a_segment())
    forbids(rule, {S0: sock}, a_rst(is2=UNROUTABLE))
    forbids(rule, {S0: sock}, a_rst(ps2=Port(77)))
    forbids(rule, {S0: sock}, a_rst(is1=None))
    forbids(rule, {S0: sock}, a_rst(ps1=None))
    forbids(rule, {S0: replace(sock, fid=None)}, a_rst())
    forbids(rule, {}, a_rst())
    h = a_host({S0: sock}, a_rst())
    with pytest.raises(PremiseFailed):
        rule(replace(h, iq=replace(h.iq, value=())), TAU, Scripted())
    with pytest.raises(PremiseFailed):
        rule(h, Lh_interface(next(iter(h.ifds)), True), Scripted())


@pytest.mark.parametrize("name", ["7", "7a", "7c", "7d"])
def test_forbids_another_peer(name: str) -> None:
    rule, sock = RULES[name]
    forbids(rule, {S0: sock}, a_rst(is1=UNROUTABLE))
    forbids(rule, {S0: sock}, a_rst(ps1=Port(77)))


@pytest.mark.parametrize("st", [ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT])
def test_deliver_in_7_resets_a_connection(st: TcpState) -> None:
    for arch in ARCHS:
        h = deliver(deliver_in_7, {S0: a_sock(st, es=ETIMEDOUT)}, a_rst(), Scripted(), arch)
        assert (h.socks[S0].es, tcp(h, S0).st, h.socks[S0].cantrcvmore) == (ECONNRESET, CLOSED, True)
        assert h.socks[S0].is1 == (None if arch == BSD else I1)


@pytest.mark.parametrize("st", [CLOSING, LAST_ACK])
def test_deliver_in_7_leaves_the_error_of_a_connection_that_both_ends_close(st: TcpState) -> None:
    for es in (None, ETIMEDOUT):
        h = deliver(deliver_in_7, {S0: a_sock(st, es=es)}, a_rst(), Scripted())
        assert (h.socks[S0].es, tcp(h, S0).st) == (es, CLOSED)


@pytest.mark.parametrize("st", [CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, TIME_WAIT])
def test_deliver_in_7_forbids(st: TcpState) -> None:
    forbids(deliver_in_7, {S0: a_sock(st)}, a_rst())


def test_deliver_in_7a_closes_what_a_simultaneous_open_made() -> None:
    for arch in ARCHS:
        h = deliver(deliver_in_7a, {S0: a_sock(SYN_RECEIVED, es=ETIMEDOUT)}, a_rst(), Scripted(), arch)
        assert (tcp(h, S0).st, h.socks[S0].es) == (CLOSED, ETIMEDOUT)
        assert h.socks[S0].ps1 == (None if arch == BSD else P1)


def test_deliver_in_7a_may_take_the_socket_from_the_listening_one() -> None:
    lis = SocketListen((S2, S0, SID(7)), (), 5)
    socks = {S0: a_sock(SYN_RECEIVED), S1: a_listener(lis)}
    h = deliver(deliver_in_7a, socks, a_rst(), Scripted(sid=S0))
    assert (tcp(h, S0).st, tcp(h, S1).lis) == (CLOSED, SocketListen((S2, SID(7)), (), 5))
    h = deliver(deliver_in_7a, socks, a_rst(), Scripted(sid=S0, q0L=None))
    assert (tcp(h, S0).st, h.socks[S1]) == (CLOSED, socks[S1])


def test_deliver_in_7a_forbids() -> None:
    for st in (CLOSED, SYN_SENT, ESTABLISHED, TIME_WAIT):
        forbids(deliver_in_7a, {S0: a_sock(st)}, a_rst())


def test_deliver_in_7b_ignores_it() -> None:
    for arch in ARCHS:
        for sock in (a_listener(), a_listener(is1=I1)):
            h = deliver(deliver_in_7b, {S0: sock}, a_rst(), Scripted(), arch)
            assert h.socks[S0] == sock


def test_deliver_in_7b_knows_that_bsd_may_listen_on_a_connected_socket() -> None:
    sock = a_listener(is1=I1, is2=I2, ps2=P2)
    assert deliver(deliver_in_7b, {S0: sock}, a_rst(), Scripted()).socks[S0] == sock
    forbids(deliver_in_7b, {S0: sock}, a_rst(), LINUX)
    forbids(deliver_in_7b, {S0: sock}, a_rst(ps1=Port(77)))


def test_deliver_in_7b_forbids() -> None:
    forbids(deliver_in_7b, {S0: a_sock()}, a_rst())
    forbids(deliver_in_7b, {S0: a_listener(is1=IP(127, 0, 0, 1))}, a_rst())
    forbids(deliver_in_7b, {S0: a_listener(is2=I2)}, a_rst(), WINXP)
    forbids(deliver_in_7b, {S0: a_listener()}, a_rst(is1=IP(224, 0, 0, 1)))
    # The connection matches better.
    forbids(deliver_in_7b, {S0: a_listener(), S1: a_sock()}, a_rst())


def test_deliver_in_7c_ignores_it_in_time_wait() -> None:
    cb = a_cb(t_idletime=replace(stopwatch_zero, elapsed=stopwatch_zero.ratemax))
    for arch in ARCHS:
        for ACK in (True, False):
            h = deliver(deliver_in_7c, {S0: a_sock(TIME_WAIT, cb=cb)}, a_rst(ACK=ACK), Scripted(), arch)
            idle = {"t_idletime": stopwatch_zero, "tt_keep": Timed((), slow_timer(BSD, TCPTV_KEEP_IDLE))}
            assert tcp(h, S0) == tcp_of(a_sock(TIME_WAIT, cb=replace(cb, **idle)))


def tcp_of(sock: Socket) -> Any:
    return tcp(a_host({S0: sock}, a_rst()), S0)


@pytest.mark.parametrize("fields", [{"ACK": False}, {"ack": foreign(1000)}, {"ack": foreign(1002)}], ids=str)
def test_deliver_in_7c_ignores_what_acknowledges_no_syn(fields: dict[str, Any]) -> None:
    for arch in ARCHS:
        sock = a_connecting_sock(arch, rcv_wnd=7)
        h = deliver(deliver_in_7c, {S0: sock}, a_rst(**fields), Scripted(), arch)
        assert tcp(h, S0).st == SYN_SENT
        if arch == BSD:
            window = tcp(h, S0).cb.rcv_wnd
            assert window == 57344
            assert tcp(h, S0).cb.rcv_adv == tcp_of(sock).cb.rcv_nxt + window
        else:
            assert h.socks[S0] == sock


def test_deliver_in_7c_forbids() -> None:
    forbids(deliver_in_7c, {S0: a_connecting_sock()}, a_rst())
    for st in (CLOSED, SYN_RECEIVED, ESTABLISHED, LAST_ACK):
        forbids(deliver_in_7c, {S0: a_sock(st)}, a_rst())


@pytest.mark.parametrize("err", [ECONNREFUSED, ECONNRESET])
def test_deliver_in_7d_refuses_the_connection(err: Any) -> None:
    for arch in (BSD, LINUX):
        h = deliver(deliver_in_7d, {S0: a_connecting_sock(arch)}, a_rst(), Scripted(err=err), arch)
        assert (tcp(h, S0).st, h.socks[S0].es) == (CLOSED, err)
        assert h.socks[S0].ps1 == (None if arch == BSD else P1)


def test_deliver_in_7d_is_ignored_by_windows() -> None:
    sock = a_connecting_sock(WINXP)
    assert deliver(deliver_in_7d, {S0: sock}, a_rst(), Scripted(), WINXP).socks[S0] == sock


def test_deliver_in_7d_forbids() -> None:
    for seg in (a_rst(ACK=False), a_rst(ack=foreign(1000)), a_rst(ack=foreign(1002))):
        forbids(deliver_in_7d, {S0: a_connecting_sock()}, seg)
    forbids(deliver_in_7d, {S0: a_sock()}, a_rst())
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_7d, {S0: a_connecting_sock()}, a_rst(), Scripted(err=ETIMEDOUT))
    forbids(deliver_in_7d, {S0: with_tcp(a_connecting_sock(), st=SYN_RECEIVED)}, a_rst())
