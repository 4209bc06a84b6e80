"""Connectives and functions of functions, which evaluate what they are applied to in ways of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import immutables

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.evaluator import Evaluator
from netoracle.transcription.evaluate.values import (
    Delayed,
    Env,
    Int,
    Unspecified,
    Value,
    as_list,
    deep,
    distinct,
    need,
    option_of,
)


class Forms(Evaluator):
    """The names that stand for a way to evaluate, not for a function of values."""

    # -- names whose arguments are not all evaluated first

    def _formula(self, name: str, arguments: Sequence[s.Term], env: Env) -> Value:
        return self.holds(s.Apply(s.Apply(s.Name(name), arguments[0]), arguments[1]), env)

    def and_(self, arguments: Sequence[s.Term], env: Env) -> Value:
        r"""`a /\ b`."""
        return self._formula("/\\", arguments, env)

    def or_(self, arguments: Sequence[s.Term], env: Env) -> Value:
        r"""`a \/ b`."""
        return self._formula("\\/", arguments, env)

    def implies(self, arguments: Sequence[s.Term], env: Env) -> Value:
        """`a ==> b`."""
        return self._formula("==>", arguments, env)

    def equals(self, arguments: Sequence[s.Term], env: Env) -> Value:
        """`a = b`."""
        return self._formula("=", arguments, env)

    def differs(self, arguments: Sequence[s.Term], env: Env) -> Value:
        """`a <> b`."""
        return not self._formula("=", arguments, env)

    def member(self, arguments: Sequence[s.Term], env: Env) -> Value:
        """`x IN s`."""
        return self._formula("IN", arguments, env)

    def not_member(self, arguments: Sequence[s.Term], env: Env) -> Value:
        """`x NOTIN s`."""
        return not self._formula("IN", arguments, env)

    def negation(self, arguments: Sequence[s.Term], env: Env) -> Value:
        """`~x`: of a truth value or of a number."""
        value = need(self.value(arguments[0], env))
        return (not value) if isinstance(value, bool) else library.negated(value)

    def int_max(self, arguments: Sequence[s.Term], env: Env) -> Value:
        """`INT_MAX(:32)`."""
        return Int(2 ** (need(self.value(arguments[0], env)) - 1) - 1)

    # -- functions of functions

    def map(self, function: Value, xs: Value) -> Value:
        """`MAP function xs`."""
        return tuple(self.apply(function, (x,)) for x in as_list(xs))

    def filter(self, predicate: Value, xs: Value) -> Value:
        """`FILTER predicate xs`."""
        items = need(xs)
        kept = tuple(x for x in items if need(self.apply(predicate, (x,))))
        return bytes(kept) if isinstance(items, bytes) else kept

    def every(self, predicate: Value, xs: Value) -> Value:
        """`EVERY predicate xs`."""
        return all(need(self.apply(predicate, (x,))) for x in as_list(xs))

    def foldl(self, function: Value, start: Value, xs: Value) -> Value:
        """`FOLDL function start xs`."""
        for x in as_list(xs):
            start = self.apply(function, (start, x))
        return start

    def option_map(self, function: Value, option: Value) -> Value:
        """`OPTION_MAP function option`."""
        option = need(option)
        return None if option is None else option_of(self.apply(function, (library.the(option),)))

    def option_case(self, option: Value, default: Value, function: Value) -> Value:
        """`option_CASE option default function`."""
        option = need(option)
        return default if option is None else self.apply(function, (library.the(option),))

    def composed(self, function: Value, fm: Value) -> Value:
        """`f o_f fm`: a function after a finite map."""
        return immutables.Map({key: self.apply(function, (item,)) for key, item in need(fm).items()})

    def map2(self, function: Value, xs: Value, ys: Value) -> Value:
        """`MAP2 function xs ys`."""
        left, right = as_list(xs), as_list(ys)
        if len(left) != len(right):
            raise Unspecified("MAP2 of lists of different lengths")
        applied = s.Apply(s.Apply(s.Name("f"), s.Name("x")), s.Name("y"))
        return tuple(Delayed(applied, {"f": function, "x": x, "y": y}) for x, y in zip(left, right, strict=True))

    def cardinality(self, collection: Value) -> Value:
        """`CARD collection`, of a set whose elements can be listed."""
        return len(distinct(self.same, self.elements(collection)))

    def image(self, function: Value, collection: Value) -> Value:
        """`IMAGE function collection`, of a set whose elements can be listed."""
        return frozenset(deep(self.apply(function, (element,))) for element in self.elements(collection))

    def domain_restricted(self, fm: Value, wanted: Value) -> Value:
        """`DRESTRICT fm wanted`."""
        return immutables.Map({key: item for key, item in need(fm).items() if self.contains(wanted, key)})

    def identity(self, x: Value) -> Value:
        """`I x`."""
        return x

    def constant(self, x: Value, _: Value) -> Value:
        """`K x _`."""
        return x


FORMS: Final[dict[tuple[str, int], str]] = {
    ("/\\", 2): "and_",
    ("\\/", 2): "or_",
    ("==>", 2): "implies",
    ("=", 2): "equals",
    ("<=>", 2): "equals",
    ("<>", 2): "differs",
    ("IN", 2): "member",
    ("NOTIN", 2): "not_member",
    ("IN'", 2): "member",
    ("NOTIN'", 2): "not_member",
    ("~", 1): "negation",
    ("INT_MAX", 1): "int_max",
}
"""Names whose arguments are not all evaluated first."""

HIGHER_ORDER: Final[dict[str, tuple[int, str]]] = {
    "MAP": (2, "map"),
    "FILTER": (2, "filter"),
    "EVERY": (2, "every"),
    "FOLDL": (3, "foldl"),
    "OPTION_MAP": (2, "option_map"),
    "option_CASE": (3, "option_case"),
    "MAP2": (3, "map2"),
    "CARD": (1, "cardinality"),
    "IMAGE": (2, "image"),
    "DRESTRICT": (2, "domain_restricted"),
    "o_f": (2, "composed"),
    "I": (1, "identity"),
    "K": (2, "constant"),
}
"""Names of functions that take functions, or sets, with the number of their arguments."""
