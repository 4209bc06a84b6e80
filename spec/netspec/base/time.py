"""Times, which may be infinite, and durations, which may not; both in seconds.

A finite time is the number itself.  `time_infty` compares, adds and scales like infinity,
also against values that merely behave like numbers.
"""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from netspec.base.choose import require


class TimeInfty(Enum):
    """The infinite time.

    Source: TCP1_baseTypesScript.sml, time.
    """

    time_infty = "time_infty"

    def __lt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return other is self

    def __gt__(self, other: object) -> bool:
        return other is not self

    def __ge__(self, other: object) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return other is self

    def __ne__(self, other: object) -> bool:
        return other is not self

    def __hash__(self) -> int:
        return hash("time_infty")

    def __add__(self, dur: object) -> TimeInfty:
        return self

    __radd__ = __add__

    def __sub__(self, dur: object) -> TimeInfty:
        return NotImplemented if dur is self else self

    def __mul__(self, factor: object) -> TimeInfty:
        return self

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return "time_infty"

    __str__ = __repr__


time_infty = TimeInfty.time_infty

Duration: TypeAlias = Fraction
"""A span of time.  Source: TCP1_baseTypesScript.sml, duration."""

Time: TypeAlias = Fraction | TimeInfty
"""A time, finite or not.  Source: TCP1_baseTypesScript.sml, time."""


def time_lt(xs: Time, ys: Time) -> bool:
    """Whether one time is before another.

    Source: TCP1_baseTypesScript.sml, time_lt.
    """
    return xs < ys


def time_lte(xs: Time, ys: Time) -> bool:
    """Whether one time is not after another.

    Source: TCP1_baseTypesScript.sml, time_lte.
    """
    return xs <= ys


def time_gt(xs: Time, ys: Time) -> bool:
    """Whether one time is after another.

    Source: TCP1_baseTypesScript.sml, time_gt.
    """
    return time_lt(ys, xs)


def time_gte(xs: Time, ys: Time) -> bool:
    """Whether one time is not before another.

    Source: TCP1_baseTypesScript.sml, time_gte.
    """
    return time_lte(ys, xs)


def time_min(x: Time, y: Time) -> Time:
    """The earlier of two times.

    Source: TCP1_baseTypesScript.sml, time_min.
    """
    return x if time_lte(x, y) else y


def time_max(x: Time, y: Time) -> Time:
    """The later of two times.

    Source: TCP1_baseTypesScript.sml, time_max.
    """
    return y if time_lte(x, y) else x


def time_plus_dur(t: Time, dur: Duration) -> Time:
    """A time moved later by a duration.

    Source: TCP1_baseTypesScript.sml, time_plus_dur.
    """
    return t + dur


def time_minus_dur(t: Time, dur: Duration) -> Time:
    """A time moved earlier by a duration.

    Source: TCP1_baseTypesScript.sml, time_minus_dur.
    """
    return t - dur


def real_mult_time(x: Fraction, t: Time) -> Time:
    """A time scaled by a real; infinity stays infinite, even times zero.

    Source: TCP1_baseTypesScript.sml, real_mult_time.
    """
    return x * t


time_zero: Time = Fraction(0)
"""The time zero.  Source: TCP1_baseTypesScript.sml, time_zero."""


def duration(sec: int, usec: int) -> Duration:
    """A duration from whole seconds and microseconds.

    Source: TCP1_baseTypesScript.sml, duration.
    """
    return sec + Fraction(1, 1000000) * usec


def abstime(sec: int, usec: int) -> Duration:
    """A point in time from whole seconds and microseconds since the epoch.

    Source: TCP1_baseTypesScript.sml, abstime.
    """
    return sec + Fraction(1, 1000000) * usec


def realopt_of_time(t: Time) -> Fraction | None:
    """The seconds of a finite time, None for infinity.

    Source: TCP1_baseTypesScript.sml, realopt_of_time.
    """
    return None if isinstance(t, TimeInfty) else t


def the_time(t: Time) -> Fraction:
    """The seconds of a finite time; the premise fails on infinity, which the model leaves open.

    Source: TCP1_baseTypesScript.sml, the_time.
    """
    require(not isinstance(t, TimeInfty))
    return t  # type: ignore[return-value]
