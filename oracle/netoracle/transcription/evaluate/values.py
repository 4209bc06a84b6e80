"""The values that terms have, beside those of the specification."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias

import immutables

from netoracle.transcription import syntax as s
from netspec.base.seq32 import Seq32
from netspec.base.utils import Some
from netspec.tcp.host_types import TraceRecord
from netspec.tcp.params import Arch

Value: TypeAlias = Any
"""Numbers are int (num), Int (int), Fraction (real), Word32; lists and pairs are tuples or bytes."""

Env: TypeAlias = Mapping[str, Value]


class NotEvaluated(Exception):
    """The evaluator cannot decide this; the message says why."""


class Unspecified(NotEvaluated):
    """HOL leaves open what this is (`THE NONE`, `HD []`, `ARB`, a field that a record omits)."""


class Unknown(Exception):
    """A value is needed that is not known yet."""

    def __init__(self, variable: Variable) -> None:
        super().__init__(variable.name)
        self.variable = variable


class Int(int):
    """An integer of HOL's type int, whose subtraction does not stop at zero."""


class Word32(int):
    """A 32-bit word, 0 <= n < 2**32."""


class Word(int):
    """The word of a number, of 16 bits unless it meets a 32-bit one; `whole` is the number."""

    whole: int

    @classmethod
    def of(cls, number: int) -> Word:
        """`n2w number`."""
        word = cls(number % 2**16)
        word.whole = number
        return word


@dataclass(eq=False, slots=True)
class Variable:
    """A variable that may get a value; `serial` orders them by when they came up."""

    name: str
    serial: int
    value: Value = None
    bound: bool = False

    def __repr__(self) -> str:
        return f"?{self.name}"


@dataclass(eq=False, slots=True)
class Delayed:
    """A term whose value is computed when it is needed, and then kept."""

    term: s.Term
    env: Env
    value: Value = None
    known: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    r"""`\\p1 p2. body`."""

    patterns: tuple[s.Term, ...]
    body: s.Term
    env: Env


@dataclass(frozen=True, slots=True, eq=False)
class Defined:
    """A function that the text defines."""

    definition: s.Definition

    @property
    def arity(self) -> int:
        """How many curried arguments its clauses have."""
        return len(self.definition.clauses[0].parameters)


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A function of HOL4's library."""

    name: str
    arity: int
    function: Callable[..., Value]


@dataclass(frozen=True, slots=True, eq=False)
class Constructed:
    """A constructor as a function: it makes `make(*components)`."""

    name: str
    make: Any
    arity: int


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """A function with some of its arguments."""

    function: Value
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The set `{element | condition}`."""

    element: s.Term
    condition: s.Term
    variables: tuple[str, ...]
    env: Env


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """A union, intersection or difference of which some part is not a finite list."""

    operator: str
    left: Value
    right: Value


@dataclass(frozen=True, slots=True, eq=False)
class Everything:
    """UNIV."""


@dataclass(frozen=True, slots=True, eq=False)
class BigUnion:
    """The union of a set of sets."""

    sets: Value


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf:
    """The values of an overloaded name: HOL's types say which is meant, so one of them is."""

    values: tuple[Value, ...]


UNIV = Everything()

FUNCTIONS = (Closure, Defined, Builtin, Constructed, Partial)


def walk(value: Value) -> Value:
    """The value of a variable, or the variable where it has none.

    `SOME x` is x itself, but where x is an option, or not known: only then there is a wrapper.
    """
    while isinstance(value, Variable) and value.bound:
        value = value.value
    if isinstance(value, Some) and isinstance(value.value, Variable):
        return option_of(value.value)
    return value


def need(value: Value) -> Value:
    """The value itself.  Raises Unknown where it is a variable without one."""
    value = walk(value)
    if isinstance(value, Variable):
        raise Unknown(value)
    return value


def is_record(value: Value) -> bool:
    """Whether the value is a record or the application of a constructor."""
    return is_dataclass(value) and not isinstance(value, type | Variable | Delayed)


def parts(value: Value) -> tuple[Value, ...]:
    """The fields of a record, in order."""
    return tuple(getattr(value, f.name) for f in fields(value))


def deep(value: Value) -> Value:
    """The value with all variables in it replaced.  Raises Unknown."""
    value = need(value)
    if isinstance(value, tuple):
        return tuple(map(deep, value))
    if isinstance(value, immutables.Map):
        return immutables.Map({key: deep(item) for key, item in value.items()})
    if is_record(value) and not isinstance(value, (*FUNCTIONS, Described, Combined, Everything, BigUnion, Arch)):
        return type(value)(*map(deep, parts(value)))
    return value


def components(value: Value, count: int) -> tuple[Value, ...] | None:
    """A tuple as `count` components: HOL's tuples are nested pairs, so the last may hold the rest."""
    value = walk(value)
    if isinstance(value, TraceRecord):
        value = parts(value)
    if not isinstance(value, tuple):
        return None
    while len(value) < count and value:
        last = walk(value[-1])
        if not isinstance(last, tuple) or len(last) < 2:
            return None
        value = (*value[:-1], *last)
    if len(value) > count:
        value = (*value[: count - 1], value[count - 1 :])
    return value if len(value) == count else None


def as_list(value: Value) -> tuple[Value, ...]:
    """A list as a tuple."""
    value = need(value)
    return tuple(value) if isinstance(value, bytes | tuple) else _no_list(value)


def _no_list(value: Value) -> tuple[Value, ...]:
    raise NotEvaluated(f"{value!r} is not a list")


def same_list_kind(items: tuple[Value, ...], *like: Value) -> Value:
    """Bytes where one of the values is bytes and all items are known, else a tuple."""
    if any(isinstance(value, bytes) for value in like) and all(
        isinstance(walk(item), int) and not isinstance(walk(item), bool) for item in items
    ):
        return bytes(map(walk, items))
    return items


def option_of(value: Value) -> Value:
    """`SOME value`."""
    inner = walk(value)
    return Some(inner) if inner is None or isinstance(inner, Some | Variable) else inner


def meanings(value: Value) -> tuple[Value, ...]:
    """The values of an overloaded name; of any other value, itself."""
    return value.values if isinstance(value, AnyOf) else (value,)


def tagged(value: Value, t: s.HolType) -> Value:
    """A value of a declared type: integers and reals as such.  Other values stay as they are."""
    if isinstance(t, s.TypeName) and type(value) in (int, Fraction, Word):
        if t.name == "int":
            return Int(value)
        if t.name in ("real", "duration", "time"):
            return Fraction(value)
    if isinstance(t, s.TypeName) and isinstance(value, tuple):
        if t.name == "#" and len(value) == len(t.arguments):
            return tuple(tagged(item, argument) for item, argument in zip(value, t.arguments, strict=True))
        if t.name == "list":
            return tuple(tagged(item, t.arguments[0]) for item in value)
    if isinstance(t, s.TypeName) and t.name == "option" and value is not None:
        return tagged(value, t.arguments[0])
    return value


def equal(a: Value, b: Value) -> bool:
    """Whether two values are the same.  Raises Unknown where that is open, NotEvaluated for functions."""
    a, b = walk(a), walk(b)
    if a is b:
        return True
    if isinstance(a, Variable):
        raise Unknown(a)
    if isinstance(b, Variable):
        raise Unknown(b)
    return _same(a, b)


def _same(a: Value, b: Value) -> bool:
    if a is None or b is None:
        return False
    if isinstance(a, Some) or isinstance(b, Some):
        return _same_options(a, b)
    if isinstance(a, TraceRecord) and isinstance(b, tuple):
        a = parts(a)
    if isinstance(b, TraceRecord) and isinstance(a, tuple):
        b = parts(b)
    if isinstance(a, bytes | tuple) and isinstance(b, bytes | tuple):
        return all_equal_by(equal, a, b) if len(a) == len(b) else _nested_pairs(a, b)
    if isinstance(a, immutables.Map) and isinstance(b, immutables.Map):
        return set(a) == set(b) and all_equal_by(equal, [a[key] for key in a], [b[key] for key in a])
    if isinstance(a, Arch) and isinstance(b, Arch):
        return a.base is b.base
    if isinstance(a, FUNCTIONS) or isinstance(b, FUNCTIONS):
        raise NotEvaluated("functions are not compared")
    if is_record(a) and type(a) is type(b):
        return all_equal_by(equal, parts(a), parts(b))
    if isinstance(a, frozenset) and isinstance(b, frozenset):
        return a == b
    if isinstance(a, Enum) or isinstance(b, Enum) or is_record(a) or is_record(b):
        return bool(a == b) if type(a) is type(b) else False
    return bool(a == b)


def _same_options(a: Value, b: Value) -> bool:
    if a is None or b is None:
        return False
    return equal(a.value if isinstance(a, Some) else a, b.value if isinstance(b, Some) else b)


def _nested_pairs(a: Any, b: Any) -> bool:
    if isinstance(a, bytes) or isinstance(b, bytes) or not a or not b:
        return False
    count = max(len(a), len(b))
    left, right = components(a, count), components(b, count)
    return left is not None and right is not None and len(left) == len(right) and all_equal_by(equal, left, right)


def all_equal_by(same: Any, a: Sequence[Value], b: Sequence[Value]) -> bool:
    """Whether values are the same, pair by pair: one difference decides, whatever is unknown."""
    unknown: Unknown | None = None
    for x, y in zip(a, b, strict=True):
        try:
            if not same(x, y):
                return False
        except Unknown as open_question:
            unknown = unknown or open_question
    if unknown is not None:
        raise unknown
    return True


def distinct(same: Any, values: Sequence[Value]) -> list[Value]:
    """The values, each once."""
    kept: list[Value] = []
    for value in values:
        if not any(same(value, other) for other in kept):
            kept.append(value)
    return kept


def variables_in(value: Value) -> Iterator[Variable]:
    """The variables without a value that stand in a value."""
    value = walk(value)
    if isinstance(value, Variable):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from variables_in(item)
    elif isinstance(value, immutables.Map):
        for item in value.values():
            yield from variables_in(item)
    elif is_record(value) and not isinstance(
        value, (*FUNCTIONS, Described, Combined, Everything, BigUnion, Arch, Seq32)
    ):
        for item in parts(value):
            yield from variables_in(item)
