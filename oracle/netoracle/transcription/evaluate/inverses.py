"""The inverses of functions of HOL4's library."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations
from typing import Final

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.goals import Alternatives, Equation, Goal
from netoracle.transcription.evaluate.unification import Unification
from netoracle.transcription.evaluate.values import Env, NotEvaluated, Unknown, Value, as_list, distinct, need
from netspec.base.seq32 import Seq32

LONGEST: Final = 4096
"""The longest list of unknowns."""

MOST_ORDERED: Final = 6
"""The largest set of which all orders are tried."""


class Inverses(Unification):
    """Solves `function arguments = value` for functions of HOL4's library, each in its own way.

    Each returns the ways in which the equation may hold, and raises Unknown where more must be known first.
    """

    @abstractmethod
    def inverted(self, term: s.Term, env: Env, value: Value, premise: int) -> Alternatives:
        """The ways in which a term may have a value.  Raises Unknown where more must be known first."""

    def items(self, terms: Sequence[s.Term], env: Env, values: Sequence[Value] | None, premise: int) -> Alternatives:
        """Goals for terms to have values, one by one; no way where there are no values for them."""
        if values is None:
            return iter([])
        return iter([tuple(self.goal(t, env, v, premise) for t, v in zip(terms, values, strict=True))])

    def goal(self, term: s.Term, env: Env, value: Value, premise: int) -> Goal:
        """`term = value`, from the premise of that number."""
        return Equation(term, env, value, premise)

    def first_unknown(self, arguments: Sequence[s.Term], env: Env) -> Exception:
        """What to raise where nothing but the value of an argument helps."""
        for argument in arguments:
            try:
                need(self.later(argument, env))
            except Unknown as unknown:
                return unknown
        return NotEvaluated("an equation with an unknown inside a function")

    # -- options, lists, numbers, pairs

    def _some_of(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        if value is None:
            return iter([])
        return self.inverted(arguments[0], env, library.the(value), premise)

    def _cons(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        items = need(value)
        return self.items(arguments, env, (items[0], items[1:]) if len(items) else None, premise)

    def _append(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        items = need(value)
        for count in range(len(items) + 1):
            yield tuple(
                self.goal(t, env, v, premise) for t, v in zip(arguments, (items[:count], items[count:]), strict=True)
            )

    def _successor(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        return self.inverted(arguments[0], env, value - 1, premise) if value > 0 else iter([])

    def _sum(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        """`a + b = value` with one of them known, for numbers."""
        for known, other in ((0, 1), (1, 0)):
            try:
                number = need(self.value(arguments[known], env))
            except Unknown:
                continue
            if isinstance(number, Seq32) and isinstance(value, Seq32) and number.side is value.side:
                return self.inverted(arguments[other], env, (value.n - number.n) % library.MODULUS, premise)
            if not isinstance(number, int | Fraction) or not isinstance(value, int | Fraction):
                break
            if type(value) is int and value < number:
                return iter([])
            return self.inverted(arguments[other], env, value - number, premise)
        raise self.first_unknown(arguments, env)

    def _product(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        """`a * b = value` with one of them known, for reals."""
        for known, other in ((0, 1), (1, 0)):
            try:
                factor = need(self.value(arguments[known], env))
            except Unknown:
                continue
            if not isinstance(factor, Fraction) or not isinstance(value, Fraction):
                break
            if factor == 0:
                return iter([()] if value == 0 else [])
            return self.inverted(arguments[other], env, value / factor, premise)
        raise self.first_unknown(arguments, env)

    def _length(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        """`LENGTH xs = n`: xs is a list of n unknowns."""
        if value > LONGEST:
            raise self.first_unknown(arguments, env)
        return self.inverted(arguments[0], env, tuple(self.store.fresh("item") for _ in range(value)), premise)

    def _ordering(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        """`LIST_TO_SET xs = s`, of lists without repetition: the orders of the elements of s."""
        elements = distinct(self.same, self.elements(value))
        if len(elements) > MOST_ORDERED:
            raise NotEvaluated(f"the orders of {len(elements)} elements")
        for order in permutations(elements):
            yield (self.goal(arguments[0], env, order, premise),)

    def _option_map(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        if value is None:
            return self.inverted(arguments[1], env, None, premise)
        inner = self.store.fresh("option")
        names = {**env, "option": inner}
        applied = s.Apply(arguments[0], s.Name("option"))
        return iter(
            [
                (
                    Equation(arguments[1], env, inner, premise),
                    Equation(applied, names, library.the(value), premise),
                )
            ]
        )

    def _mapped(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        items = as_list(value)
        unknowns = tuple(self.store.fresh("item") for _ in items)
        goals: list[Goal] = [Equation(arguments[1], env, unknowns, premise)]
        for unknown, item in zip(unknowns, items, strict=True):
            applied = s.Apply(arguments[0], s.Name("item"))
            goals.append(Equation(applied, {**env, "item": unknown}, item, premise))
        return iter([tuple(goals)])

    def _first(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        return self.inverted(arguments[0], env, (value, self.store.fresh("second")), premise)

    def _second(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        return self.inverted(arguments[0], env, (self.store.fresh("first"), value), premise)

    def _flip(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        return self.inverted(arguments[0], env, library.flipped(value), premise)

    # -- finite maps

    def _updated_map(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        """`fm |+ (k, v) = value`: the key is one of the value's, and fm is the value with or without it."""
        fm, entry = arguments
        if not isinstance(entry, s.Pair):
            raise NotEvaluated("an equation with an unknown entry of a finite map")
        item = entry.items[1] if len(entry.items) == 2 else s.Pair(entry.items[1:])
        for key in self._keys(entry.items[0], env, value):
            without = value.delete(key)
            goals: list[Goal] = [
                self.goal(entry.items[0], env, key, premise),
                self.goal(item, env, value[key], premise),
            ]
            for rest in (without, without.set(key, self.store.fresh(f"overwritten {key}"))):
                yield (*goals, self.goal(fm, env, rest, premise))

    def _keys(self, term: s.Term, env: Env, value: Value) -> list[Value]:
        try:
            key = need(self.value(term, env))
        except Unknown:
            return list(value)
        return [key] if key in value else []

    def _updated_list(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        fm, entries = arguments
        if not isinstance(entries, s.ListOf):
            raise self.first_unknown(arguments, env)
        nested = fm
        for entry in entries.items:
            nested = s.Apply(s.Apply(s.Name("|+"), nested), entry)
        return self.inverted(nested, env, value, premise)

    def _without(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        r"""`fm \\ k = value`: fm is the value, with or without something at the key."""
        key = need(self.value(arguments[1], env))
        if key in value:
            return
        yield (self.goal(arguments[0], env, value, premise),)
        yield (self.goal(arguments[0], env, value.set(key, self.store.fresh(f"overwritten {key}")), premise),)


INVERSES: Final = {
    ("SOME", 1): "_some_of",
    ("::", 2): "_cons",
    ("CONS", 2): "_cons",
    ("APPEND", 2): "_append",
    ("++", 2): "_append",
    ("SUC", 1): "_successor",
    ("+", 2): "_sum",
    ("*", 2): "_product",
    ("LENGTH", 1): "_length",
    ("LIST_TO_SET", 1): "_ordering",
    ("OPTION_MAP", 2): "_option_map",
    ("MAP", 2): "_mapped",
    ("FST", 1): "_first",
    ("SND", 1): "_second",
    ("tcp_seq_flip_sense", 1): "_flip",
    ("|+", 2): "_updated_map",
    ("FUPDATE", 2): "_updated_map",
    ("|++", 2): "_updated_list",
    ("\\\\", 2): "_without",
}
"""The method for each function, by its name and the number of its arguments."""
