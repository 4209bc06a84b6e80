"""The timers of the host state, which the passage of time updates.

There are deadlines, which stop time, windows, which close when they expire, tickers, which
count, and stopwatches.  All times are in seconds.  The functions `Time_Pass_*` return the
timer after `dur` seconds; the premise fails where the timer does not let time pass so far.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Final, Generic, TypeAlias, TypeVar

from netspec.base.choose import Choose, require
from netspec.base.seq32 import Seq32
from netspec.base.time import Duration, Time, time_infty, time_zero

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

ZERO: Final = Fraction(0)


# -- the basic timer --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Timer:
    """Expires once `elapsed` is at least `deadmin`; time cannot pass beyond `deadmax`.

    Source: TCP1_timersScript.sml, timer.
    """

    elapsed: Duration
    deadmin: Time
    deadmax: Time


def fuzzy_timer(d: Time, eps: Duration, fuz: Duration) -> Timer:
    """A timer that expires in the interval [d - eps, d + fuz] from now.

    Source: TCP1_timersScript.sml, fuzzy_timer.
    """
    return Timer(ZERO, d - eps, d + fuz)


def sharp_timer(d: Time) -> Timer:
    """A timer that expires exactly `d` from now.

    Source: TCP1_timersScript.sml, sharp_timer.
    """
    return fuzzy_timer(d, ZERO, ZERO)


never_timer: Final = Timer(ZERO, time_infty, time_infty)
"""A timer that does not expire.  Source: TCP1_timersScript.sml, never_timer."""


def upper_timer(d: Time) -> Timer:
    """A timer that expires between now and `d` from now.

    Source: TCP1_timersScript.sml, upper_timer.
    """
    return Timer(ZERO, time_zero, d)


def timer_expires(timer: Timer) -> bool:
    """Whether the timer may expire now; once true, it stays so.

    Source: TCP1_timersScript.sml, timer_expires.
    """
    return timer.elapsed >= timer.deadmin


def Time_Pass_timer(dur: Duration, timer: Timer) -> Timer:
    """A timer after `dur`; the premise fails beyond its latest expiry.

    Source: TCP1_timersScript.sml, Time_Pass_timer.
    """
    e_ = timer.elapsed + dur
    require(e_ <= timer.deadmax)
    return replace(timer, elapsed=e_)


# -- deadlines ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Timed(Generic[T_co]):
    """A value with a deadline.

    Source: TCP1_timersScript.sml, timed.
    """

    value: T_co
    timer: Timer


def timed_val_of(timed: Timed[T]) -> T:
    """The value.

    Source: TCP1_timersScript.sml, timed_val_of.
    """
    return timed.value


def timed_timer_of(timed: Timed[T]) -> Timer:
    """The deadline.

    Source: TCP1_timersScript.sml, timed_timer_of.
    """
    return timed.timer


def timed_expires(timed: Timed[T]) -> bool:
    """Whether the deadline may be now.

    Source: TCP1_timersScript.sml, timed_expires.
    """
    return timer_expires(timed.timer)


def Time_Pass_timed(dur: Duration, timed: Timed[T]) -> Timed[T]:
    """A value with its deadline after `dur`; the premise fails beyond the deadline.

    Source: TCP1_timersScript.sml, Time_Pass_timed.
    """
    return Timed(timed.value, Time_Pass_timer(dur, timed.timer))


# -- windows ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TimeWindow(Generic[T_co]):
    """A value that is lost when its timer expires.

    Source: TCP1_timersScript.sml, timewindow.
    """

    value: T_co
    timer: Timer


class ClosedTimeWindow(Enum):
    """What is left of a value that was lost.

    Source: TCP1_timersScript.sml, timewindow.
    """

    TimeWindowClosed = "TimeWindowClosed"


TimeWindowClosed: Final = ClosedTimeWindow.TimeWindowClosed

Timewindow: TypeAlias = TimeWindow[T] | ClosedTimeWindow


def timewindow_val_of(tw: Timewindow[T]) -> T | None:
    """The value, or None where it was lost.

    Source: TCP1_timersScript.sml, timewindow_val_of.
    """
    return tw.value if isinstance(tw, TimeWindow) else None


def timewindow_open(tw: Timewindow[T]) -> bool:
    """Whether there still is a value.

    Source: TCP1_timersScript.sml, timewindow_open.
    """
    return isinstance(tw, TimeWindow)


def Time_Pass_timewindow(dur: Duration, tw: Timewindow[T], choose: Choose) -> Timewindow[T]:
    """A window after `dur`: where its timer may have expired, it is open or closed.

    Source: TCP1_timersScript.sml, Time_Pass_timewindow.
    """
    if not isinstance(tw, TimeWindow):
        return TimeWindowClosed
    e_ = tw.timer.elapsed + dur
    if not (e_ <= tw.timer.deadmax):
        return TimeWindowClosed
    d_ = replace(tw.timer, elapsed=e_)
    if timer_expires(d_) and choose.boolean("tw' = TimeWindowClosed"):
        return TimeWindowClosed
    return TimeWindow(tw.value, d_)


# -- tickers -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ticker:
    """A counter that goes up at most once in `intvlmin` and at least once in `intvlmax`.

    `remdr` is the time since it last went up; it may be zero.

    Source: TCP1_timersScript.sml, ticker.
    """

    ticks: Seq32
    remdr: Duration
    intvlmin: Duration
    intvlmax: Duration


def ticks_of(ticker: Ticker) -> Seq32:
    """The count.

    Source: TCP1_timersScript.sml, ticks_of.
    """
    return ticker.ticks


def tick_imin(ticker: Ticker) -> Duration:
    """The least interval between ticks.

    Source: TCP1_timersScript.sml, tick_imin.
    """
    return ticker.intvlmin


def tick_imax(ticker: Ticker) -> Duration:
    """The greatest interval between ticks.

    Source: TCP1_timersScript.sml, tick_imax.
    """
    return ticker.intvlmax


def ticker_ok(ticker: Ticker) -> bool:
    """Whether the remainder and the intervals make sense.

    Source: TCP1_timersScript.sml, ticker_ok.
    """
    return (
        ticker.remdr >= 0
        and ticker.remdr < ticker.intvlmax
        and ticker.intvlmin <= ticker.intvlmax
        and ticker.intvlmin > 0
    )


def Time_Pass_ticker(dur: Duration, ticker: Ticker, choose: Choose) -> Ticker:
    """A ticker after `dur`: the number of ticks and the remainder are open within its intervals.

    Source: TCP1_timersScript.sml, Time_Pass_ticker.
    """
    d = ticker.remdr + dur
    delta = choose.integer("delta", 0, None)
    remdr_ = choose.real("remdr'", ZERO, ticker.intvlmax)
    require(d - delta * ticker.intvlmax <= remdr_)
    require(remdr_ <= d - delta * ticker.intvlmin)
    require(remdr_ >= 0)
    require(remdr_ < ticker.intvlmax)
    return replace(ticker, ticks=ticker.ticks + delta, remdr=remdr_)


# -- stopwatches ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """The time since it was started, counted at a rate from `ratemin` to `ratemax`.

    Source: TCP1_timersScript.sml, stopwatch.
    """

    elapsed: Duration
    ratemin: Fraction
    ratemax: Fraction


def stopwatch_val_of(stopwatch: Stopwatch) -> Duration:
    """The time counted.

    Source: TCP1_timersScript.sml, stopwatch_val_of.
    """
    return stopwatch.elapsed


def Time_Pass_stopwatch(dur: Duration, stopwatch: Stopwatch, choose: Choose) -> Stopwatch:
    """A stopwatch after `dur`, at some rate.

    The time that it shows is chosen instead of the rate: the product of the rate and a
    duration would not be linear.

    Source: TCP1_timersScript.sml, Time_Pass_stopwatch.
    """
    d = stopwatch.elapsed
    d_ = choose.real("t_idletime'", d + dur * stopwatch.ratemin, d + dur * stopwatch.ratemax)
    return replace(stopwatch, elapsed=d_)
