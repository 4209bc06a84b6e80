from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, LINUX, UNROUTABLE, WINXP, a_cb, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, S1, TAU, a_host, a_listener, deliver, sent, tcp, with_tcp
from support import Scripted

from netspec.base.base_types import Port
from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Socket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SID, TCPTV_KEEP_IDLE, TCPTV_MAXIDLE, Arch, stopwatch_zero
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    BANDLIM_UNLIMITED,
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    TcpState,
    slow_timer,
)
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_in_8 import deliver_in_8, deliver_in_9

RULES = {"8": (deliver_in_8, a_sock()), "9": (deliver_in_9, a_sock(TIME_WAIT))}
KEEP = Timed((), slow_timer(BSD, TCPTV_KEEP_IDLE))


def a_syn(**fields: Any) -> TcpSegment:
    return a_segment(**{"SYN": True, "ACK": False, "seq": local(6000), "ack": foreign(0), **fields})


def choices() -> Scripted:
    return Scripted(sid=S0, queued=True)


def forbids(rule: Rule, socks: dict[SID, Socket], seg: TcpSegment, arch: Arch = BSD) -> None:
    with pytest.raises(PremiseFailed):
        deliver(rule, socks, seg, choices(), arch)


@pytest.mark.parametrize("name", RULES)
def test_a_rst_answers_and_bsd_sends_another_from_the_connection(name: str) -> None:
    rule, sock = RULES[name]
    for arch in ARCHS:
        *first, answer = sent(deliver(rule, {S0: sock}, a_syn(), choices(), arch))
        assert (answer.RST, answer.ACK, answer.ack) == (True, True, foreign(6001))
        assert [(seg.RST, seg.seq, seg.ack) for seg in first] == (
            [(True, local(1001), foreign(5001))] if arch == BSD else []
        )
    *_, answer = sent(deliver(rule, {S0: sock}, a_syn(ACK=True, ack=foreign(1001)), choices()))
    assert (answer.RST, answer.ACK, answer.seq) == (True, False, local(1001))


@pytest.mark.parametrize("name", RULES)
def test_forbids_what_is_no_syn_of_the_peer(name: str) -> None:
    rule, sock = RULES[name]
    for seg in (
        a_segment(),
        a_syn(RST=True),
        a_syn(is1=UNROUTABLE),
        a_syn(is2=UNROUTABLE),
        a_syn(ps1=Port(77)),
        a_syn(ps2=Port(77)),
    ):
        forbids(rule, {S0: sock}, seg)
    forbids(rule, {S0: replace(sock, fid=None)}, a_syn())
    forbids(rule, {}, a_syn())
    h = a_host({S0: sock}, a_syn())
    with pytest.raises(PremiseFailed):
        rule(replace(h, iq=replace(h.iq, value=())), TAU, choices())
    with pytest.raises(PremiseFailed):
        rule(h, Lh_interface(next(iter(h.ifds)), True), choices())


@pytest.mark.parametrize("st", [SYN_RECEIVED, ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK])
def test_deliver_in_8_restarts_the_timers_of_silence(st: TcpState) -> None:
    cb = a_cb(t_idletime=replace(stopwatch_zero, elapsed=stopwatch_zero.ratemax))
    for arch in ARCHS:
        h = deliver(deliver_in_8, {S0: a_sock(st, cb=cb)}, a_syn(), choices(), arch)
        cb_ = replace(
            cb,
            t_idletime=stopwatch_zero,
            tt_keep=None if st == SYN_RECEIVED else KEEP,
            tt_fin_wait_2=Timed((), slow_timer(BSD, TCPTV_MAXIDLE)) if st == FIN_WAIT_2 else None,
        )
        assert h.socks[S0] == a_sock(st, cb=cb_)
        assert [reason for _, _, reason in h.bndlm] == [BANDLIM_UNLIMITED]


@pytest.mark.parametrize("st", [CLOSED, LISTEN, SYN_SENT, TIME_WAIT])
def test_deliver_in_8_forbids(st: TcpState) -> None:
    forbids(deliver_in_8, {S0: a_sock(st)}, a_syn())


def test_deliver_in_9_answers_where_nobody_listens() -> None:
    elsewhere = [
        a_listener(is1=UNROUTABLE),
        a_listener(ps1=Port(77)),
        with_tcp(a_listener(), st=CLOSED),
    ]
    for arch in ARCHS:
        for other in elsewhere:
            socks = {S0: a_sock(TIME_WAIT), S1: other}
            h = deliver(deliver_in_9, socks, a_syn(), choices(), arch)
            assert h.socks[S0] == socks[S0]
            assert [reason for _, _, reason in h.bndlm] == [BANDLIM_RST_CLOSEDPORT]


@pytest.mark.parametrize("arch", [LINUX, WINXP])
def test_deliver_in_9_answers_an_old_syn_though_somebody_listens(arch: Arch) -> None:
    for listener in (a_listener(), a_listener(is1=I1)):
        socks = {S0: a_sock(TIME_WAIT), S1: listener}
        for n in (4000, 5001):
            assert len(sent(deliver(deliver_in_9, socks, a_syn(seq=local(n)), choices(), arch))) == 1
        forbids(deliver_in_9, socks, a_syn(seq=local(5002)), arch)


@pytest.mark.parametrize("st", [CLOSED, SYN_RECEIVED, ESTABLISHED, LAST_ACK])
def test_deliver_in_9_forbids(st: TcpState) -> None:
    forbids(deliver_in_9, {S0: a_sock(st)}, a_syn())
    assert tcp(deliver(deliver_in_9, {S0: a_sock(TIME_WAIT)}, a_syn(), choices()), S0).st == TIME_WAIT
