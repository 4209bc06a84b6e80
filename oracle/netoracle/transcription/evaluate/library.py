"""What the functions of HOL4's library mean, on values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import immutables

from netoracle.transcription.evaluate.values import (
    UNIV,
    BigUnion,
    Combined,
    Int,
    NotEvaluated,
    Unspecified,
    Value,
    Word,
    Word32,
    as_list,
    components,
    deep,
    equal,
    need,
    option_of,
    same_list_kind,
)
from netspec.base.base_types import FD
from netspec.base.seq32 import Seq32, TcpForeign, TcpLocal
from netspec.base.time import TimeInfty
from netspec.base.utils import Some

MODULUS: Final = 2**32


# -- numbers ----------------------------------------------------------------------------------------


def _whole(value: int) -> int:
    return value.whole if isinstance(value, Word) else int(value)


def _signed(n: int) -> int:
    return (n + 2**31) % MODULUS - 2**31


def plus(a: Value, b: Value) -> Value:
    """`a + b` of numbers, words, times and durations, sequence numbers and numbers."""
    a, b = need(a), need(b)
    if isinstance(a, Seq32):
        return Seq32(a.side, (need(a.n) + b) % MODULUS)
    if isinstance(a, Word32) or isinstance(b, Word32):
        return Word32((_whole(a) + _whole(b)) % MODULUS)
    if isinstance(a, TimeInfty) or isinstance(b, TimeInfty):
        return a if isinstance(a, TimeInfty) else b
    return _number(a, b, a + b)


def minus(a: Value, b: Value) -> Value:
    """`a - b`: on natural numbers it stops at zero; of two sequence numbers it is signed."""
    a, b = need(a), need(b)
    if isinstance(a, Seq32) and isinstance(b, Seq32):
        if a.side is not b.side:
            raise NotEvaluated("the difference of sequence numbers of different sides has no type")
        return Int(_signed(need(a.n) - need(b.n)))
    if isinstance(a, Seq32):
        return Seq32(a.side, (need(a.n) - b) % MODULUS)
    if isinstance(a, Word32) or isinstance(b, Word32):
        return Word32((_whole(a) - _whole(b)) % MODULUS)
    if isinstance(a, TimeInfty):
        return a
    if _natural(a) and _natural(b):
        return max(int(a) - int(b), 0)
    return _number(a, b, a - b)


def times(a: Value, b: Value) -> Value:
    """`a * b` of numbers, and of a real and a time."""
    a, b = need(a), need(b)
    if isinstance(b, TimeInfty) or isinstance(a, TimeInfty):
        return b if isinstance(b, TimeInfty) else a
    return _number(a, b, a * b)


def divided(a: Value, b: Value) -> Value:
    """`a / b` of reals."""
    a, b = need(a), need(b)
    if b == 0:
        raise Unspecified("a division by zero")
    return Fraction(a) / Fraction(b)


def _natural(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, Int | bool)


def _number(a: Value, b: Value, result: Value) -> Value:
    if isinstance(a, Fraction) or isinstance(b, Fraction):
        return Fraction(result)
    return Int(result) if isinstance(a, Int) or isinstance(b, Int) else int(result)


def negated(a: Value) -> Value:
    """`~a` of a number."""
    a = need(a)
    return -a if isinstance(a, Fraction) else Int(-a)


def _div(a: Value, b: Value) -> Value:
    a, b = need(a), need(b)
    if b == 0:
        raise Unspecified("a division by zero")
    return _number(a, b, a // b)


def _mod(a: Value, b: Value) -> Value:
    a, b = need(a), need(b)
    if b == 0:
        raise Unspecified("a division by zero")
    return _number(a, b, a % b)


def _to_num(i: Value) -> int:
    i = need(i)
    if i < 0:
        raise Unspecified("Num of a negative number")
    return int(i)


def less(a: Value, b: Value) -> bool:
    """`a < b` of numbers, times, sequence numbers and file descriptors."""
    a, b = need(a), need(b)
    if isinstance(a, Seq32):
        return bool(minus(a, b) < 0)
    if isinstance(a, FD):
        return bool(need(a.n) < need(b.n))
    return bool(a < b)


def less_or_equal(a: Value, b: Value) -> bool:
    """`a <= b`, likewise."""
    a, b = need(a), need(b)
    if isinstance(a, Seq32):
        return bool(minus(a, b) <= 0)
    if isinstance(a, FD):
        return bool(need(a.n) <= need(b.n))
    return bool(a <= b)


def greater(a: Value, b: Value) -> bool:
    """`a > b`: of sequence numbers the sign of `a - b`, which at half the space is not `b < a`."""
    a, b = need(a), need(b)
    return bool(minus(a, b) > 0) if isinstance(a, Seq32) else less(b, a)


def greater_or_equal(a: Value, b: Value) -> bool:
    """`a >= b`, likewise."""
    a, b = need(a), need(b)
    return bool(minus(a, b) >= 0) if isinstance(a, Seq32) else less_or_equal(b, a)


def _minimum(a: Value, b: Value) -> Value:
    return need(a) if less(a, b) else need(b)


def _maximum(a: Value, b: Value) -> Value:
    return need(b) if less(a, b) else need(a)


def _absolute(a: Value) -> Value:
    a = need(a)
    return abs(a) if isinstance(a, Fraction) else Int(abs(a))


def flipped(value: Value) -> Value:
    """`tcp_seq_flip_sense value`: the same number of the other side."""
    value = need(value)
    return Seq32(TcpForeign if value.side is TcpLocal else TcpLocal, value.n)


# -- options ----------------------------------------------------------------------------------------


def the(option: Value) -> Value:
    """`THE option`, and of a time its real."""
    option = need(option)
    if option is None or isinstance(option, TimeInfty):
        raise Unspecified("THE NONE")
    return option.value if isinstance(option, Some) else option


# -- lists ------------------------------------------------------------------------------------------


def as_string(value: Value) -> Value:
    """A list of characters as the bytes that stand for a string.  Raises Unknown."""
    if not isinstance(value, tuple):
        return value
    items = tuple(map(need, value))
    return bytes(items) if all(type(item) is int for item in items) else value


def append(a: Value, b: Value) -> Value:
    """`a ++ b`."""
    left, right = need(a), need(b)
    return same_list_kind((*left, *right), left, right)


def cons(x: Value, xs: Value) -> Value:
    """`x :: xs`."""
    rest = need(xs)
    return same_list_kind((x, *rest), rest)


def _head(xs: Value) -> Value:
    items = as_list(xs)
    if not items:
        raise Unspecified("HD []")
    return items[0]


def _tail(xs: Value) -> Value:
    items = need(xs)
    if not items:
        raise Unspecified("TL []")
    return items[1:]


def _element(n: Value, xs: Value) -> Value:
    n, items = need(n), as_list(xs)
    if n >= len(items):
        raise Unspecified("EL beyond the end of a list")
    return items[n]


# -- finite maps ------------------------------------------------------------------------------------


def apply_map(fm: Value, key: Value) -> Value:
    """`fm ' key`."""
    fm, key = need(fm), deep(key)
    if key not in fm:
        raise Unspecified("a finite map outside its domain")
    return fm[key]


def updated(fm: Value, entry: Value) -> Value:
    """`fm |+ (key, value)`."""
    fm = need(fm)
    pair = components(entry, 2)
    if pair is None:
        need(entry)
        raise NotEvaluated("a finite map is updated with a pair")
    return fm.set(deep(pair[0]), pair[1])


def updated_with_all(fm: Value, entries: Value) -> Value:
    """`fm |++ entries`."""
    for entry in as_list(entries):
        fm = updated(fm, entry)
    return need(fm)


def without_key(fm: Value, key: Value) -> Value:
    r"""`fm \\ key`."""
    fm, key = need(fm), deep(key)
    return fm.delete(key) if key in fm else fm


def _range_restricted(fm: Value, wanted: Value) -> Value:
    fm, wanted = need(fm), need(wanted)
    return immutables.Map({key: item for key, item in fm.items() if deep(item) in wanted})


# -- sets -------------------------------------------------------------------------------------------


def is_finite(value: Value) -> bool:
    """Whether a set is a finite list of known values."""
    return isinstance(value, frozenset)


def _list_to_set(xs: Value) -> Value:
    return frozenset(deep(item) for item in as_list(xs))


def _range_of(fm: Value) -> Value:
    return tuple(need(fm).values())


def _domain_of(fm: Value) -> Value:
    return frozenset(need(fm))


def combination(operator: str) -> Callable[[Value, Value], Value]:
    """`UNION`, `INTER` or `DIFF`: computed where both sets are finite lists, else kept as it is."""

    def combine(a: Value, b: Value) -> Value:
        a, b = need(a), need(b)
        if is_finite(a) and is_finite(b):
            return {"UNION": a | b, "INTER": a & b, "DIFF": a - b}[operator]
        return Combined(operator, a, b)

    return combine


# -- the table --------------------------------------------------------------------------------------


def _pair_part(position: int) -> Callable[[Value], Value]:
    def part(value: Value) -> Value:
        pair = components(need(value), 2)
        if pair is None:
            raise NotEvaluated("FST or SND of something that is not a pair")
        return pair[position]

    return part


def _word_to_int(w: Value) -> Value:
    w = need(w)
    return Int(_signed(w))


FUNCTIONS_BY_NAME: Final[dict[str, tuple[int, Callable[..., Any]]]] = {
    "+": (2, plus),
    "-": (2, minus),
    "*": (2, times),
    "/": (2, divided),
    "DIV": (2, _div),
    "MOD": (2, _mod),
    "EXP": (2, lambda a, b: need(a) ** need(b)),
    "<": (2, less),
    "<=": (2, less_or_equal),
    ">": (2, greater),
    ">=": (2, greater_or_equal),
    "MIN": (2, _minimum),
    "MAX": (2, _maximum),
    "int_min": (2, _minimum),
    "int_max": (2, _maximum),
    "abs": (1, _absolute),
    "SUC": (1, lambda n: need(n) + 1),
    "Num": (1, _to_num),
    "int_of_num": (1, lambda n: Int(need(n))),
    "real_of_num": (1, lambda n: Fraction(need(n))),
    "&": (1, lambda n: Fraction(need(n))),
    "n2w": (1, lambda n: Word.of(need(n))),
    "i2w": (1, lambda n: Word.of(need(n))),
    "w2n": (1, lambda w: int(need(w))),
    "w2i": (1, _word_to_int),
    "CHR": (1, lambda n: need(n) % 256),  # beyond 255 some character, whose number is not n
    "tcp_seq_flip_sense": (1, flipped),
    "ORD": (1, need),
    "STRLEN": (1, lambda text: len(need(text))),
    "IMPLODE": (1, need),
    "EXPLODE": (1, need),
    "SOME": (1, option_of),
    "THE": (1, the),
    "IS_SOME": (1, lambda o: need(o) is not None),
    "IS_NONE": (1, lambda o: need(o) is None),
    "FST": (1, _pair_part(0)),
    "SND": (1, _pair_part(1)),
    "LENGTH": (1, lambda xs: len(need(xs))),
    "APPEND": (2, append),
    "++": (2, append),
    "::": (2, cons),
    "CONS": (2, cons),
    "HD": (1, _head),
    "TL": (1, _tail),
    "EL": (2, _element),
    "REVERSE": (1, lambda xs: need(xs)[::-1]),
    "LIST_TO_SET": (1, _list_to_set),
    "MEM": (2, lambda x, xs: any(equal(x, y) for y in as_list(xs))),
    "FAPPLY": (2, apply_map),
    "'": (2, apply_map),
    "FUPDATE": (2, updated),
    "|+": (2, updated),
    "|++": (2, updated_with_all),
    "\\\\": (2, without_key),
    "FDOM": (1, _domain_of),
    "FRANGE": (1, _range_of),
    "RRESTRICT": (2, _range_restricted),
    "UNION": (2, combination("UNION")),
    "INTER": (2, combination("INTER")),
    "DIFF": (2, combination("DIFF")),
    "BIGUNION": (1, lambda sets: BigUnion(need(sets))),
}
"""Functions that need nothing but the values of their arguments; functions of functions are the evaluator's."""

CONSTANTS: Final[dict[str, Value]] = {
    "T": True,
    "F": False,
    "NONE": None,
    "FEMPTY": immutables.Map(),
    "EMPTY": frozenset(),
    "UNIV": UNIV,
    "one": (),
}
