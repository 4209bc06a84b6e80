"""Functions on numbers, maps and lists that the whole specification uses.

None of them asks a number for its type, so that a stand-in for an unknown number passes
through.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, NoReturn, TypeVar, overload

import immutables

from netspec.base.choose import PremiseFailed, require
from netspec.base.seq32 import Seq32
from netspec.base.time import Time, TimeInfty, time_infty

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Some(Generic[T_co]):
    """`SOME x` where x is an option itself; elsewhere a value stands for `SOME` of it."""

    value: T_co


# -- functions and maps -------------------------------------------------------


def funupd(f: immutables.Map[K, V], x: K, y: V) -> immutables.Map[K, V]:
    """Change a function at one point.

    Source: TCP1_utilsScript.sml, funupd.
    """
    return f.set(x, y)


def funupd_list(f: immutables.Map[K, V], xys: Iterable[tuple[K, V]]) -> immutables.Map[K, V]:
    """Change a function at several points, in turn.

    Source: TCP1_utilsScript.sml, funupd_list.
    """
    for x, y in xys:
        f = funupd(f, x, y)
    return f


def fm_exists(fm: immutables.Map[K, V], P: Callable[[K, V], bool]) -> bool:
    """Whether some entry of a finite map satisfies `P`.

    Source: TCP1_utilsScript.sml, fm_exists.
    """
    return any(P(k, v) for k, v in fm.items())


# -- numbers --------------------------------------------------------------------


def num_minus(a: int, b: int) -> int:
    """Subtraction of natural numbers: zero where `b` is the larger."""
    return MAX(a - b, 0)


def Num(i: int) -> int:
    """An integer as a natural number; the premise fails where it is negative."""
    require(i >= 0)
    return i


def clip_int_to_num(i: int) -> int:
    """An integer, or zero where it is negative.

    Source: TCP1_utilsScript.sml, clip_int_to_num.
    """
    return MAX(i, 0)


def n2w(v: int, bits: int) -> int:
    """A number as a word of `bits` bits: its value modulo 2**bits."""
    return v % (1 << bits)


def w2n(w: int) -> int:
    """The value of a word, which is the word itself."""
    return w


def CHR(n: int) -> int:
    """The byte of a number; the premise fails outside 0..255."""
    require(n >= 0)
    require(n < 256)
    return n


def ORD(c: int) -> int:
    """The number of a byte, which is the byte itself."""
    return c


def DIV(a: int, b: int) -> int:
    """`a DIV b`; 0 where b is 0, which the model leaves open and multiplies by 0 wherever it can come up."""
    try:
        return a // b
    except ZeroDivisionError:
        return 0


def rounddown(bs: int, v: int) -> int:
    """The largest multiple of `bs` up to `v`, but `v` itself where it is below `bs`.

    Source: TCP1_utilsScript.sml, rounddown.
    """
    return v if v < bs else (v // bs) * bs


def roundup(bs: int, v: int) -> int:
    """The smallest multiple of `bs` from `v` on.

    Source: TCP1_utilsScript.sml, roundup.
    """
    return DIV(v + num_minus(bs, 1), bs) * bs


def real_of_int(i: int) -> Fraction:
    """An integer as a real.

    Source: TCP1_utilsScript.sml, real_of_int.
    """
    return i * Fraction(1)


def num_floor(x: Fraction) -> int:
    """The natural number below a real; zero for a negative one.

    Source: TCP1_utilsScript.sml, num_floor.
    """
    return clip_int_to_num(x // 1)


def num_floor_and_frac(x: Fraction) -> tuple[int, Fraction]:
    """The natural number below a real, and what remains.

    Source: TCP1_utilsScript.sml, num_floor_and_frac.
    """
    n = num_floor(x)
    return n, x - n


@overload
def MAX(a: int, b: int) -> int: ...


@overload
def MAX(a: Fraction, b: Fraction) -> Fraction: ...


@overload
def MAX(a: Time, b: Time) -> Time: ...


@overload
def MAX(a: Seq32, b: Seq32) -> Seq32: ...


def MAX(a: Any, b: Any) -> Any:
    """The larger of two numbers, times or sequence numbers.

    A number that stands for an unknown answers for itself, so that no case is split.

    Source: TCP1_baseTypesScript.sml, time_max and seq32_max.
    """
    if isinstance(a, TimeInfty) or isinstance(b, TimeInfty):
        return time_infty
    if hasattr(a, "max_with"):
        return a.max_with(b)
    if hasattr(b, "max_with"):
        return b.max_with(a)
    return a if a >= b else b


@overload
def MIN(a: int, b: int) -> int: ...


@overload
def MIN(a: Fraction, b: Fraction) -> Fraction: ...


@overload
def MIN(a: Time, b: Time) -> Time: ...


@overload
def MIN(a: Seq32, b: Seq32) -> Seq32: ...


def MIN(a: Any, b: Any) -> Any:
    """The smaller of two numbers, times or sequence numbers.

    A number that stands for an unknown answers for itself, so that no case is split.

    Source: TCP1_baseTypesScript.sml, time_min and seq32_min.
    """
    if isinstance(a, TimeInfty):
        return b
    if isinstance(b, TimeInfty):
        return a
    if hasattr(a, "min_with"):
        return a.min_with(b)
    if hasattr(b, "min_with"):
        return b.min_with(a)
    return a if a < b else b


@overload
def ABS(a: int) -> int: ...


@overload
def ABS(a: Fraction) -> Fraction: ...


def ABS(a: Any) -> Any:
    """The absolute value of a number.

    A number that stands for an unknown answers for itself, so that no case is split.
    """
    if hasattr(a, "abs_value"):
        return a.abs_value()
    return a if a >= 0 else -a


# -- lists ------------------------------------------------------------------------


@overload
def SPLIT(n: int, rs: bytes) -> tuple[bytes, bytes]: ...


@overload
def SPLIT(n: int, rs: tuple[T, ...]) -> tuple[tuple[T, ...], tuple[T, ...]]: ...


def SPLIT(n: int, rs: Any) -> tuple[Any, Any]:
    """The first `n` elements, or all where there are fewer, and the rest.

    Source: TCP1_utilsScript.sml, SPLIT.
    """
    return rs[:n], rs[n:]


@overload
def TAKE(n: int, rs: bytes) -> bytes: ...


@overload
def TAKE(n: int, rs: tuple[T, ...]) -> tuple[T, ...]: ...


def TAKE(n: int, rs: Any) -> Any:
    """The first `n` elements, or all where there are fewer.

    Source: TCP1_utilsScript.sml, TAKE.
    """
    return rs[:n]


@overload
def DROP(n: int, rs: bytes) -> bytes: ...


@overload
def DROP(n: int, rs: tuple[T, ...]) -> tuple[T, ...]: ...


def DROP(n: int, rs: Any) -> Any:
    """What is left after the first `n` elements.

    Source: TCP1_utilsScript.sml, DROP.
    """
    return rs[n:]


def TAKEWHILE(p: Callable[[T], bool], rs: tuple[T, ...]) -> tuple[T, ...]:
    """The elements that satisfy `p`: all of them, for the model does not stop at the first that fails.

    Source: TCP1_utilsScript.sml, TAKEWHILE.
    """
    return tuple(r for r in rs if p(r))


def REPLICATE(n: int, x: T) -> tuple[T, ...]:
    """A list of `n` times `x`.

    Source: TCP1_utilsScript.sml, REPLICATE.
    """
    return (x,) * n


def decr_list(d: int, ns: tuple[int, ...]) -> tuple[int, ...]:
    """Each number less `d`, without those that would be negative.

    Source: TCP1_utilsScript.sml, decr_list.
    """
    return tuple(n - d for n in ns if not n < d)


def MAP_OPTIONAL(f: Callable[[T], U | None], xs: Iterable[T]) -> tuple[U, ...]:
    """The results of `f` without the None among them.

    Source: TCP1_utilsScript.sml, MAP_OPTIONAL.
    """
    return tuple(y for y in map(f, xs) if y is not None)


def CONCAT_OPTIONAL(xs: Iterable[T | None]) -> tuple[T, ...]:
    """The elements without the None among them.

    Source: TCP1_utilsScript.sml, CONCAT_OPTIONAL.
    """
    return tuple(x for x in xs if x is not None)


def ORDERINGS(s: frozenset[T], l: Sequence[T]) -> bool:  # noqa: E741
    """Whether a list has every element of a set exactly once and no other.

    Source: TCP1_utilsScript.sml, ORDERINGS.
    """
    return frozenset(l) == s and len(l) == len(s)


def INSERT_ORDERED(new: Collection[T], old: Iterable[T], bad: Collection[T]) -> tuple[T, ...]:
    """The elements of `old` that are in `new` or in `bad`, in their order.

    Source: TCP1_utilsScript.sml, INSERT_ORDERED.
    """
    return tuple(fd for fd in old if fd in new or fd in bad)


# -- assertions --------------------------------------------------------------------


def ASSERTION_FAILURE(s: str) -> NoReturn:
    """A premise that never holds, in a place that the model holds to be impossible.

    Source: TCP1_utilsScript.sml, ASSERTION_FAILURE.
    """
    raise PremiseFailed(f"assertion failure: {s}")
