from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import immutables
import pytest
from aux_sockets import BSD, a_cb
from hypothesis import given
from hypothesis import strategies as st
from socket_hosts import SOCKET, THREAD, a_host, a_tcp, a_udp
from support import Scripted

from netspec.base.choose import Choose, PremiseFailed, require
from netspec.base.seq32 import ts_seq
from netspec.base.timers import Stopwatch, Timed, Timer, TimeWindow, TimeWindowClosed, never_timer
from netspec.tcp.host_types import tcp_sock_of
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import Run
from netspec.tcp.time_passage import (
    Time_Pass_host,
    Time_Pass_socket,
    Time_Pass_tcpcb,
    Time_Pass_timedoption,
    fmap_every,
    fmap_every_pred,
)

TIMERS = ("tt_rexmt", "tt_keep", "tt_2msl", "tt_delack", "tt_conn_est", "tt_fin_wait_2")
HALF, ONE, TWO, THREE = Fraction(1, 2), Fraction(1), Fraction(2), Fraction(3)
CLOSING = "tw' = TimeWindowClosed"


def due(seconds: Fraction, value: Any = (), elapsed: Fraction = Fraction(0)) -> Timed[Any]:
    """Runs out at any time, but at `seconds` in all."""
    return Timed(value, Timer(elapsed, Fraction(0), seconds))


def window(seconds: Fraction, deadmin: Fraction = ONE, elapsed: Fraction = Fraction(0)) -> TimeWindow[Any]:
    return TimeWindow((), Timer(elapsed, deadmin, seconds))


def test_a_timer_that_is_not_running_lets_time_pass() -> None:
    assert Time_Pass_timedoption(ONE, None) is None


def test_a_running_timer_counts_up_to_its_deadline() -> None:
    assert Time_Pass_timedoption(ONE, due(ONE)) == due(ONE, elapsed=ONE)
    with pytest.raises(PremiseFailed):
        Time_Pass_timedoption(TWO, due(ONE))


@pytest.mark.parametrize("name", TIMERS)
def test_each_timer_of_a_control_block_counts_and_stops_time(name: str) -> None:
    cb = a_cb(**{name: due(ONE)})
    assert getattr(Time_Pass_tcpcb(ONE, cb, Scripted()), name) == due(ONE, elapsed=ONE)
    with pytest.raises(PremiseFailed):
        Time_Pass_tcpcb(TWO, cb, Scripted())


@pytest.mark.parametrize("name", ["ts_recent", "t_badrxtwin"])
def test_each_window_of_a_control_block_closes_and_does_not_stop_time(name: str) -> None:
    cb = a_cb(**{name: window(TWO)})

    def after(dur: Fraction, **choices: Any) -> Any:
        return getattr(Time_Pass_tcpcb(dur, cb, Scripted(**choices)), name)

    # It may not close yet, may be either, and must be closed.
    assert after(HALF, **{CLOSING: True}) == window(TWO, elapsed=HALF)
    assert after(ONE) == window(TWO, elapsed=ONE)
    assert after(ONE, **{CLOSING: True}) == TimeWindowClosed
    assert after(THREE) == TimeWindowClosed


def test_the_idle_time_goes_at_a_rate_within_bounds() -> None:
    cb = a_cb(t_idletime=Stopwatch(ONE, Fraction(9, 10), Fraction(11, 10)))

    def after(t: Fraction) -> object:
        return Time_Pass_tcpcb(TWO, cb, Scripted(**{"t_idletime'": t})).t_idletime.elapsed

    for t in (Fraction(28, 10), THREE, Fraction(32, 10)):
        assert after(t) == t
    for t in (Fraction(279, 100), Fraction(321, 100)):
        with pytest.raises(PremiseFailed):
            after(t)


def test_nothing_else_of_a_control_block_changes() -> None:
    cb = a_cb(t_idletime=Stopwatch(Fraction(0), ONE, ONE), **{name: due(ONE) for name in TIMERS})
    passed = Time_Pass_tcpcb(ONE, cb, Scripted())
    clocks: dict[str, Any] = {"t_idletime": cb.t_idletime, **dict.fromkeys(TIMERS)}
    assert replace(passed, **clocks) == replace(cb, **clocks)


def test_time_passes_for_the_control_block_of_a_tcp_socket() -> None:
    sock = a_tcp(cb=a_cb(tt_keep=due(ONE)), rcvq=b"data")
    passed = Time_Pass_socket(ONE, sock, Scripted())
    assert tcp_sock_of(passed).cb.tt_keep == due(ONE, elapsed=ONE)
    assert tcp_sock_of(passed).rcvq == b"data"
    with pytest.raises(PremiseFailed):
        Time_Pass_socket(TWO, sock, Scripted())


def test_time_does_not_change_a_udp_socket() -> None:
    assert Time_Pass_socket(Fraction(10**6), a_udp(), Scripted()) == a_udp()


def halve(n: int) -> int:
    require(n % 2 == 0)
    return n // 2


@given(st.dictionaries(st.integers(), st.integers(0, 9)))
def test_fmap_every(entries: dict[int, int]) -> None:
    fm = immutables.Map(entries)
    if any(n % 2 for n in entries.values()):
        with pytest.raises(PremiseFailed):
            fmap_every(halve, fm)
    else:
        assert fmap_every(halve, fm) == immutables.Map({k: n // 2 for k, n in entries.items()})


def up_to(n: int, choose: Choose) -> int:
    require(n >= 0)
    return choose.integer("n", 0, n)


def test_fmap_every_pred_chooses_for_each_entry_on_its_own() -> None:
    fm = immutables.Map({"a": 5, "b": 5})
    script = {"n of 'a'": 1, "n of 'b'": 5}
    assert fmap_every_pred(up_to, fm, Scripted(**script)) == immutables.Map({"a": 1, "b": 5})
    with pytest.raises(PremiseFailed):
        fmap_every_pred(up_to, fm, Scripted(**(script | {"n of 'b'": 6})))


def test_fmap_every_pred_fails_where_one_entry_does() -> None:
    with pytest.raises(PremiseFailed):
        fmap_every_pred(up_to, immutables.Map({"a": 5, "b": -1}), Scripted())
    assert fmap_every_pred(up_to, immutables.Map[str, int](), Scripted()) == immutables.Map()


# -- the host ----------------------------------------------------------------------------------------

# The ticker goes up at intervals of 1/105 to 105/10000 seconds: of one second, 100 ticks may leave any remainder
# from 1 - 100 * 105/10000 < 0 to 1 - 100/105.
TICKING = {"delta": 100, "remdr'": Fraction(0)}


def a_quiet_host(**fields: Any) -> Any:
    return a_host(BSD, a_tcp(cb=a_cb(tt_keep=due(TWO))), **fields)


def test_time_passes_for_every_part_of_a_host() -> None:
    h = a_quiet_host(iq=due(TWO, ()), oq=due(THREE, ()))
    h = replace(h, ts=h.ts.set(THREAD, due(TWO, Run)))
    passed = Time_Pass_host(ONE, h, Scripted(**TICKING))
    assert passed.ts[THREAD] == due(TWO, Run, elapsed=ONE)
    assert tcp_sock_of(passed.socks[SOCKET]).cb.tt_keep == due(TWO, elapsed=ONE)
    assert passed.iq == due(TWO, (), elapsed=ONE)
    assert passed.oq == due(THREE, (), elapsed=ONE)
    assert passed.ticks == replace(h.ticks, ticks=h.ticks.ticks + 100, remdr=Fraction(0))
    clocks = {"ts": h.ts, "socks": h.socks, "iq": h.iq, "oq": h.oq, "ticks": h.ticks}
    assert replace(passed, **clocks) == h


def test_each_part_of_a_host_stops_time() -> None:
    h = a_quiet_host()
    Time_Pass_host(ONE, h, Scripted(**TICKING))
    overdue = due(HALF)
    stopping = (
        replace(h, ts=h.ts.set(THREAD, due(HALF, Run))),
        replace(h, socks=h.socks.set(SID(7), a_tcp(cb=a_cb(tt_2msl=overdue)))),
        replace(h, iq=overdue),
        replace(h, oq=overdue),
    )
    for stopped in stopping:
        with pytest.raises(PremiseFailed):
            Time_Pass_host(ONE, stopped, Scripted(**TICKING))


@pytest.mark.parametrize(("delta", "ok"), [(94, False), (95, True), (105, True), (106, False)])
def test_a_ticker_counts_within_its_intervals(delta: int, ok: bool) -> None:
    # The remainder is from 1 - delta * 105/10000 to 1 - delta/105, not negative, and below 105/10000.
    # 94 ticks leave at least 130/10000, 95 leave 25/10000, 105 leave nothing, and 106 less.
    h = a_quiet_host()
    remdr = max(Fraction(0), 1 - delta * Fraction(105, 10000))
    choose = Scripted(**{"delta": delta, "remdr'": remdr})
    if ok:
        assert Time_Pass_host(ONE, h, choose).ticks.ticks == h.ticks.ticks + delta
    else:
        with pytest.raises(PremiseFailed):
            Time_Pass_host(ONE, h, choose)


def test_each_socket_has_its_own_clock() -> None:
    watch = Stopwatch(Fraction(0), HALF, TWO)
    h = a_host(BSD, a_tcp(cb=a_cb(t_idletime=watch)))
    h = replace(h, socks=h.socks.set(SID(7), a_tcp(cb=a_cb(t_idletime=watch))))
    script = {f"t_idletime' of {SOCKET!r}": HALF, f"t_idletime' of {SID(7)!r}": TWO}
    passed = Time_Pass_host(ONE, h, Scripted(**TICKING, **script))
    idle = [tcp_sock_of(passed.socks[sid]).cb.t_idletime.elapsed for sid in (SOCKET, SID(7))]
    assert idle == [HALF, TWO]


def test_a_window_of_a_timestamp_keeps_its_value() -> None:
    cb = a_cb(ts_recent=TimeWindow(ts_seq(9), never_timer))
    recent = Time_Pass_tcpcb(ONE, cb, Scripted()).ts_recent
    assert isinstance(recent, TimeWindow)
    assert (recent.value, recent.timer.elapsed) == (ts_seq(9), ONE)
