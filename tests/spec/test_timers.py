from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import ts_seq
from netspec.base.time import time_infty
from netspec.base.timers import (
    Stopwatch,
    Ticker,
    Time_Pass_stopwatch,
    Time_Pass_ticker,
    Time_Pass_timed,
    Time_Pass_timer,
    Time_Pass_timewindow,
    Timed,
    Timer,
    TimeWindow,
    TimeWindowClosed,
    fuzzy_timer,
    never_timer,
    sharp_timer,
    stopwatch_val_of,
    tick_imax,
    tick_imin,
    ticker_ok,
    ticks_of,
    timed_expires,
    timed_timer_of,
    timed_val_of,
    timer_expires,
    timewindow_open,
    timewindow_val_of,
    upper_timer,
)

ZERO, ONE, TWO = Fraction(0), Fraction(1), Fraction(2)
DURATIONS = st.fractions(min_value=0, max_value=4)


def test_kinds_of_timer() -> None:
    assert fuzzy_timer(TWO, ONE, Fraction(1, 2)) == Timer(ZERO, ONE, Fraction(5, 2))
    assert sharp_timer(TWO) == Timer(ZERO, TWO, TWO)
    assert upper_timer(TWO) == Timer(ZERO, ZERO, TWO)
    assert fuzzy_timer(time_infty, ONE, ONE) == never_timer


@given(DURATIONS)
def test_time_passes_up_to_the_deadline(dur: Fraction) -> None:
    timer = Timer(ZERO, ONE, TWO)
    if dur <= 2:
        assert Time_Pass_timer(dur, timer) == Timer(dur, ONE, TWO)
        assert timer_expires(Time_Pass_timer(dur, timer)) == (dur >= 1)
    else:
        with pytest.raises(PremiseFailed):
            Time_Pass_timer(dur, timer)


@given(DURATIONS, DURATIONS)
def test_passage_of_time_adds_up(dur1: Fraction, dur2: Fraction) -> None:
    timer = Timer(ZERO, ONE, Fraction(8))
    assert Time_Pass_timer(dur2, Time_Pass_timer(dur1, timer)) == Time_Pass_timer(dur1 + dur2, timer)


def test_a_timer_that_never_expires() -> None:
    later = Time_Pass_timer(Fraction(10**9), never_timer)
    assert not timer_expires(later)


def test_deadlines() -> None:
    timed = Timed("x", sharp_timer(ONE))
    assert (timed_val_of(timed), timed_timer_of(timed)) == ("x", sharp_timer(ONE))
    assert not timed_expires(timed)
    later = Time_Pass_timed(ONE, timed)
    assert timed_val_of(later) == "x" and timed_expires(later)
    with pytest.raises(PremiseFailed):
        Time_Pass_timed(TWO, timed)


CLOSES = {"tw' = TimeWindowClosed": True}


@pytest.mark.parametrize(
    ("dur", "script", "open_"),
    [
        (Fraction(1, 2), {}, True),
        (Fraction(1, 2), CLOSES, True),
        (ONE, {}, True),
        (ONE, CLOSES, False),
        (TWO, {}, True),
        (TWO, CLOSES, False),
        (Fraction(3), {}, False),
    ],
)
def test_windows(dur: Fraction, script: dict[str, Any], open_: bool) -> None:
    tw = Time_Pass_timewindow(dur, TimeWindow("x", Timer(ZERO, ONE, TWO)), Scripted(**script))
    assert timewindow_open(tw) is open_
    assert timewindow_val_of(tw) == ("x" if open_ else None)
    if open_:
        assert tw == TimeWindow("x", Timer(dur, ONE, TWO))


def test_a_closed_window_stays_closed() -> None:
    assert Time_Pass_timewindow(ONE, TimeWindowClosed, Scripted()) is TimeWindowClosed
    assert timewindow_val_of(TimeWindowClosed) is None


TICKER = Ticker(ts_seq(2**32 - 1), ZERO, Fraction(9, 1000), Fraction(11, 1000))


def test_a_ticker_ticks() -> None:
    later = Time_Pass_ticker(Fraction(1, 10), TICKER, Scripted(delta=10))
    assert ticks_of(later) == ts_seq(9)
    assert ticker_ok(later)
    assert (tick_imin(later), tick_imax(later)) == (TICKER.intvlmin, TICKER.intvlmax)


@pytest.mark.parametrize(
    ("delta", "remdr"),
    [(8, ZERO), (12, ZERO), (0, ZERO), (10, Fraction(11, 1000)), (9, Fraction(1, 10**6))],
)
def test_a_ticker_ticks_neither_too_slow_nor_too_fast(delta: int, remdr: Fraction) -> None:
    with pytest.raises(PremiseFailed):
        Time_Pass_ticker(Fraction(1, 10), TICKER, Scripted(**{"delta": delta, "remdr'": remdr}))


@pytest.mark.parametrize("fields", [{"remdr": -ONE}, {"remdr": ONE}, {"intvlmin": ONE}, {"intvlmin": ZERO}])
def test_tickers_that_make_no_sense(fields: dict[str, Fraction]) -> None:
    assert ticker_ok(TICKER)
    assert not ticker_ok(replace(TICKER, **fields))  # type: ignore[arg-type]


STOPWATCH = Stopwatch(ONE, Fraction(9, 10), Fraction(11, 10))


@pytest.mark.parametrize("elapsed", [Fraction(28, 10), Fraction(3), Fraction(32, 10)])
def test_a_stopwatch_counts(elapsed: Fraction) -> None:
    later = Time_Pass_stopwatch(TWO, STOPWATCH, Scripted(**{"t_idletime'": elapsed}))
    assert later == replace(STOPWATCH, elapsed=elapsed)
    assert stopwatch_val_of(later) == elapsed


@pytest.mark.parametrize("elapsed", [Fraction(27, 10), Fraction(33, 10)])
def test_a_stopwatch_has_bounds(elapsed: Fraction) -> None:
    with pytest.raises(PremiseFailed):
        Time_Pass_stopwatch(TWO, STOPWATCH, Scripted(**{"t_idletime'": elapsed}))
