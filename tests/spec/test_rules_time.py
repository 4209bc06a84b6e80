from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from aux_sockets import BSD, TICKS, a_cb
from socket_hosts import SOCKET, TAU, THREAD, a_dgram, a_host, a_tcp, a_udp, sock_of, state_of
from support import Scripted

import netspec.tcp.rules  # noqa: F401  (the urgent rules have to be known)
from netspec.base.base_types import OK_one
from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed, Timer, TimeWindow, TimeWindowClosed, sharp_timer, upper_timer
from netspec.tcp.host0 import Label, Lh_epsilon
from netspec.tcp.host_types import Host, Socket, Tcpcb, tcp_sock_of
from netspec.tcp.params import stopwatch_zero
from netspec.tcp.pre_host_types import CLOSED, Recv2, Ret, Run, sched_timer
from netspec.tcp.rule import COMPOSITE_RULES, RULES
from netspec.tcp.rules.time import epsilon_1, epsilon_2, urgent_rules

ONE = Fraction(1)
AFTER_A_SECOND = Timer(ONE, Fraction(2), Fraction(2))
A_SECOND = {"delta": 100}
"""The number of ticks in one second."""


def wait(h: Host, dur: Fraction = ONE, **choices: Any) -> Host:
    return epsilon_1(h, Lh_epsilon(dur), Scripted(**A_SECOND, **choices))


def forbids(h: Host, lbl: Label, **choices: Any) -> None:
    with pytest.raises(PremiseFailed):
        epsilon_1(h, lbl, Scripted(**{**A_SECOND, **choices}))


def connection(**fields: Any) -> Socket:
    return a_tcp(cb=a_cb(**fields))


def cb_of(h: Host) -> Tcpcb:
    return tcp_sock_of(sock_of(h)).cb


def test_time_passes_for_every_timer() -> None:
    timers = ("tt_keep", "tt_2msl", "tt_delack", "tt_conn_est", "tt_fin_wait_2")
    running = Timed((), sharp_timer(Fraction(2)))
    h = a_host(BSD, connection(**dict.fromkeys(timers, running)))
    h = replace(h, iq=Timed((), sharp_timer(Fraction(2))), oq=Timed((), sharp_timer(Fraction(2))))
    h = replace(h, ts=h.ts.set(THREAD, Timed(Ret(OK_one()), sharp_timer(Fraction(2)))))
    h_ = wait(h)
    assert {getattr(cb_of(h_), timer) for timer in timers} == {Timed((), AFTER_A_SECOND)}
    assert h_.iq == h_.oq == Timed((), AFTER_A_SECOND)
    assert state_of(h_) == Timed(Ret(OK_one()), AFTER_A_SECOND)
    assert h_.ticks == replace(h.ticks, ticks=TICKS + 100)
    assert cb_of(h_).t_idletime == replace(stopwatch_zero, elapsed=stopwatch_zero.ratemin)


def test_a_window_closes_in_time() -> None:
    h = a_host(BSD, connection(t_badrxtwin=TimeWindow((), sharp_timer(ONE / 2))))
    assert cb_of(wait(h)).t_badrxtwin == TimeWindowClosed


def test_time_does_not_pass_a_deadline() -> None:
    late = upper_timer(ONE / 2)
    for sock in (connection(tt_keep=Timed((), late)), connection(tt_rexmt=Timed((), late))):
        forbids(a_host(BSD, sock), Lh_epsilon(ONE))
    h = a_host(BSD, connection())
    forbids(replace(h, oq=Timed((), late)), Lh_epsilon(ONE))
    forbids(replace(h, iq=Timed((), late)), Lh_epsilon(ONE))
    forbids(replace(h, ts=h.ts.set(THREAD, Timed(Run, late))), Lh_epsilon(ONE))
    assert wait(replace(h, ts=h.ts.set(THREAD, Timed(Run, sched_timer))))


def test_the_clock_keeps_its_rate() -> None:
    h = a_host(BSD, connection())
    assert wait(h).ticks.remdr == 0
    for delta in (94, 106):
        forbids(h, Lh_epsilon(ONE), delta=delta)
    forbids(h, TAU)


def test_time_waits_for_urgent_rules() -> None:
    blocked = Recv2(SOCKET, 10, frozenset())
    assert wait(a_host(BSD, a_udp(), blocked))
    forbids(a_host(BSD, a_udp(a_dgram(b"a")), blocked), Lh_epsilon(ONE))
    assert wait(a_host(BSD, a_udp(a_dgram(b"a"))))


def test_urgent_rules() -> None:
    names = {rule.name for rule in urgent_rules()}
    assert {"recv_15", "recv_20", "connect_2"} <= names
    assert not {"recv_3", "accept_6", "deliver_out_1"} & names


IN_THE_MIDDLE = {
    "dur'": ONE / 3,
    "rn of 'before'": "epsilon_1",
    "delta of 'before'": 33,
    "rn of 'tau'": "timer_tt_2msl_1",
    "rn of 'after'": "epsilon_1",
    "delta of 'after'": 67,
}


def test_epsilon_2_lets_a_deadline_pass_with_its_step_inside() -> None:
    two_msl = connection(tt_2msl=Timed((), sharp_timer(ONE / 3)))
    h = a_host(BSD, two_msl)
    forbids(h, Lh_epsilon(ONE))
    h_ = epsilon_2(h, Lh_epsilon(ONE), Scripted(**IN_THE_MIDDLE))
    assert tcp_sock_of(sock_of(h_)).st == CLOSED
    assert h_.ticks == replace(h.ticks, ticks=TICKS + 100)


@pytest.mark.parametrize(
    "other", [{"dur'": ONE}, {"dur'": ONE / 2}, {"rn of 'tau'": "timer_tt_delack_1"}, {"delta of 'after'": 167}]
)
def test_epsilon_2_forbids(other: dict[str, Any]) -> None:
    h = a_host(BSD, connection(tt_2msl=Timed((), sharp_timer(ONE / 3))))
    with pytest.raises(PremiseFailed):
        epsilon_2(h, Lh_epsilon(ONE), Scripted(**(IN_THE_MIDDLE | other)))
    with pytest.raises(PremiseFailed):
        epsilon_2(h, TAU, Scripted(**IN_THE_MIDDLE))


def test_epsilon_2_is_in_no_run_of_the_search() -> None:
    assert "epsilon_2" in COMPOSITE_RULES
    assert "epsilon_2" not in RULES
