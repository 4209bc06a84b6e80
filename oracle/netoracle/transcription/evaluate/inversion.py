"""Equations read from right to left: what the unknowns in a term must be for it to have a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from itertools import permutations
from typing import Any, Final

import immutables

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.evaluation import AnyOf, Evaluation, distinct
from netoracle.transcription.evaluate.goals import Alternatives, Equation, Goal
from netoracle.transcription.evaluate.theory import Opaque, python_field
from netoracle.transcription.evaluate.values import (
    FUNCTIONS,
    Closure,
    Constructed,
    Defined,
    Delayed,
    Env,
    NotEvaluated,
    Unknown,
    Value,
    Variable,
    as_list,
    components,
    is_record,
    need,
    parts,
    walk,
)
from netspec.base.seq32 import Seq32
from netspec.base.time import TimeInfty
from netspec.base.utils import Some
from netspec.tcp.host_types import TraceRecord

IDENTITIES: Final[dict[str, int | None]] = {
    "w2n": 2**16,
    "ORD": 2**8,
    "CHR": 2**8,
    "int_of_num": None,
    "Num": None,
    "real_of_num": None,
    "IMPLODE": None,
    "EXPLODE": None,
}
"""Functions between types that leave the number, or the list of characters, what it is; below which bound."""

LONGEST: Final = 4096
"""The longest list of unknowns."""

MOST_ORDERED: Final = 6
"""The largest set of which all orders are tried."""


class Inversion(Evaluation):
    """Solves `term = value` for what is unknown in the term."""

    def inverted(self, term: s.Term, env: Env, value: Value, premise: int) -> Alternatives:
        """The ways in which a term may have a value.  Raises Unknown where more must be known first."""
        value = walk(value)
        try:
            found = self.later(term, env)
        except Unknown:
            if isinstance(value, Variable):
                raise
            return self._structure(term, env, value, premise)
        return iter([()] if self.unify(found, value) else [])

    # -- values against values

    def unify(self, a: Value, b: Value) -> bool:
        """Bind unknowns so that two values are the same; False where they cannot be."""
        a, b = self.forced(a, soft=True), self.forced(b, soft=True)
        if a is b:
            return True
        if isinstance(a, Variable):
            self.store.bind(a, b)
            return True
        if isinstance(b, Variable):
            self.store.bind(b, a)
            return True
        if isinstance(a, AnyOf) or isinstance(b, AnyOf):
            return self.same(a, b)
        if isinstance(a, TraceRecord) and isinstance(b, tuple):
            a = parts(a)
        if isinstance(b, TraceRecord) and isinstance(a, tuple):
            b = parts(b)
        if isinstance(a, tuple | bytes) and isinstance(b, tuple | bytes):
            return self._unify_tuples(a, b)
        if isinstance(a, immutables.Map) and isinstance(b, immutables.Map):
            return set(a) == set(b) and all(self.unify(a[key], b[key]) for key in a)
        if isinstance(a, Some) or isinstance(b, Some):
            if a is None or b is None:
                return False
            return self.unify(a.value if isinstance(a, Some) else a, b.value if isinstance(b, Some) else b)
        if is_record(a) and type(a) is type(b) and not isinstance(a, FUNCTIONS):
            if type(a).__name__ == "Arch":
                return self.same(a, b)
            return all(self.unify(x, y) for x, y in zip(parts(a), parts(b), strict=True))
        return self.same(a, b)

    def _unify_tuples(self, a: Any, b: Any) -> bool:
        if len(a) == len(b):
            return all(self.unify(x, y) for x, y in zip(a, b, strict=True))
        count = max(len(a), len(b))
        short, long = (a, b) if len(a) < len(b) else (b, a)
        found = components(short, count)
        if found is None or isinstance(a, bytes) or isinstance(b, bytes):
            last = walk(short[-1]) if short else None
            if isinstance(last, Variable):
                return self.unify(short, (*long[: len(short) - 1], long[len(short) - 1 :]))
            return False
        return all(self.unify(x, y) for x, y in zip(found, long, strict=True))

    # -- terms against values

    def _structure(self, term: s.Term, env: Env, value: Value, premise: int) -> Alternatives:
        match term:
            case s.Name():
                return self._name(term, env, value, premise)
            case s.Annotated():
                return self.inverted(term.term, env, value, premise)
            case s.Pair(items=items):
                return self._items(items, env, components(value, len(items)), premise)
            case s.ListOf(items=items):
                values = as_list(value)
                return self._items(items, env, values if len(values) == len(items) else None, premise)
            case s.Record():
                return self._record_fields(term, env, value, premise)
            case s.With():
                return self._with_fields(term, env, value, premise)
            case s.If():
                branch = term.then if self.holds(term.condition, env) else term.otherwise
                return self.inverted(branch, env, value, premise)
            case s.Let():
                return self.inverted(term.body, self.let(term, env), value, premise)
            case s.Case():
                arm, inner = self.arm(term, env)
                return self.inverted(arm, inner, value, premise)
            case s.Apply():
                return self._application(term, env, value, premise)
            case s.Field():
                return self._field_of_unknown(term, env, value, premise)
            case _:
                raise NotEvaluated(f"an equation with an unknown in a {type(term).__name__}")

    def _name(self, term: s.Name, env: Env, value: Value, premise: int) -> Alternatives:
        bound = walk(env.get(term.name))
        if isinstance(bound, Delayed):
            return self.inverted(bound.term, bound.env, value, premise)
        return iter([()] if self.unify(self.value(term, env), value) else [])

    def _items(self, terms: Sequence[s.Term], env: Env, values: Sequence[Value] | None, premise: int) -> Alternatives:
        if values is None:
            return iter([])
        return iter([tuple(self._goal(t, env, v, premise) for t, v in zip(terms, values, strict=True))])

    def _goal(self, term: s.Term, env: Env, value: Value, premise: int) -> Goal:
        return Equation(term, env, value, premise)

    def _record_fields(self, term: s.Record, env: Env, value: Value, premise: int) -> Alternatives:
        found = self.theory.record_of(item.name for item in term.fields)
        if found is None or not isinstance(value, found[1]):
            return iter([])
        goals = [self._goal(item.value, env, self.field(value, item.name), premise) for item in term.fields]
        return iter([tuple(goals)])

    def _with_fields(self, term: s.With, env: Env, value: Value, premise: int) -> Alternatives:
        """`r with <| f := t |> = value`: t is the field of the value, and r agrees with it elsewhere."""
        changed = {python_field(type(value), item.name): item for item in term.fields}
        goals: list[Goal] = []
        for name, item in changed.items():
            if item.operator != ":=":
                raise NotEvaluated("an equation with an unknown in updated_by")
            goals.append(self._goal(item.value, env, getattr(value, name), premise))
        overwritten = {name: self.store.fresh(f"overwritten {name}") for name in changed}
        rest = Equation(term.record, env, replace(value, **overwritten), premise)
        return iter([(rest, *goals)])

    def _field_of_unknown(self, term: s.Field, env: Env, value: Value, premise: int) -> Alternatives:
        """`r.f = value` with r unknown: r is some record with that field, if only one type has it."""
        unknown = self.later(term.record, env)
        if not isinstance(walk(unknown), Variable):
            return iter([()] if self.unify(self.field(need(unknown), term.name), value) else [])
        owners = [
            cls for record, cls in self.theory.records.values() if any(name == term.name for name, _ in record.fields)
        ]
        if len(owners) != 1:
            raise Unknown(walk(unknown))
        names = [f.name for f in fields(owners[0])]
        record = owners[0](**{name: self.store.fresh(f"{term.name}.{name}") for name in names})
        self.store.bind(walk(unknown), record)
        del premise
        return iter([()] if self.unify(getattr(record, python_field(owners[0], term.name)), value) else [])

    def _application(self, term: s.Apply, env: Env, value: Value, premise: int) -> Alternatives:
        head, arguments = s.spine(term)
        name = head.name if isinstance(head, s.Name) and head.name not in env else ""
        method = _BY_NAME.get((name, len(arguments)))
        if method is not None:
            ways: Alternatives = getattr(self, method)(arguments, env, value, premise)
            return ways
        if name in IDENTITIES and len(arguments) == 1:
            bound = IDENTITIES[name]
            return self.inverted(arguments[0], env, value, premise) if bound is None or value < bound else iter([])
        if name in self.theory.overloads and name not in library.FUNCTIONS_BY_NAME:
            return self._overloaded_application(name, arguments, env, value, premise)
        function = self.value(head, env)
        return self._inverse_of(function, arguments, env, value, premise)

    def _inverse_of(
        self, function: Value, arguments: Sequence[s.Term], env: Env, value: Value, premise: int
    ) -> Alternatives:
        if isinstance(function, Constructed):
            return self._constructed(function, arguments, env, value, premise)
        if isinstance(function, Defined | Closure) and len(arguments) == self._arity(function):
            body, inner = self.entered(function, tuple(self.delayed(argument, env) for argument in arguments))
            return self.inverted(body, inner, value, premise)
        raise self._first_unknown(arguments, env)

    def _first_unknown(self, arguments: Sequence[s.Term], env: Env) -> Exception:
        for argument in arguments:
            try:
                need(self.later(argument, env))
            except Unknown as unknown:
                return unknown
        return NotEvaluated("an equation with an unknown inside a function")

    def _constructed(
        self, function: Constructed, arguments: Sequence[s.Term], env: Env, value: Value, premise: int
    ) -> Alternatives:
        if function.name == "time":
            if isinstance(value, TimeInfty):
                return iter([])
            return self.inverted(arguments[0], env, Fraction(value), premise)
        if function.name == "SEQ32":
            return self._items(arguments, env, (value.side, value.n), premise)
        python = function.make.python
        if python is None:
            fits = isinstance(value, Opaque) and value.name == function.name
            return self._items(arguments, env, value.arguments if fits else None, premise)
        if not isinstance(value, python):
            return iter([])
        argument = self.argument_of(value, function.make.arguments)
        return iter([(self._goal(arguments[0], env, argument, premise),)])

    def _overloaded_application(
        self, name: str, arguments: Sequence[s.Term], env: Env, value: Value, premise: int
    ) -> Alternatives:
        """One alternative for each meaning of an overloaded name that fits."""
        meanings = [*([name] if name in self.theory.constructors else []), *self.theory.overloads[name]]
        waiting: Unknown | None = None
        mark = len(self.store.trail)
        for meaning in meanings:
            self.store.undo(mark)
            try:
                yield from self._inverse_of(self._declared(meaning), arguments, env, value, premise)
            except NotEvaluated:
                continue
            except Unknown as unknown:
                waiting = waiting or unknown
        if waiting is not None:
            raise waiting

    # -- particular functions

    def _some_of(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        if value is None:
            return iter([])
        return self.inverted(arguments[0], env, library.the(value), premise)

    def _cons(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        items = need(value)
        return self._items(arguments, env, (items[0], items[1:]) if len(items) else None, premise)

    def _append(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        items = need(value)
        for count in range(len(items) + 1):
            yield tuple(
                self._goal(t, env, v, premise) for t, v in zip(arguments, (items[:count], items[count:]), strict=True)
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
        raise self._first_unknown(arguments, env)

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
        raise self._first_unknown(arguments, env)

    def _length(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        """`LENGTH xs = n`: xs is a list of n unknowns."""
        if value > LONGEST:
            raise self._first_unknown(arguments, env)
        return self.inverted(arguments[0], env, tuple(self.store.fresh("item") for _ in range(value)), premise)

    def _ordering(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        """`LIST_TO_SET xs = s`, of lists without repetition: the orders of the elements of s."""
        elements = distinct(self.same, self.elements(value))
        if len(elements) > MOST_ORDERED:
            raise NotEvaluated(f"the orders of {len(elements)} elements")
        for order in permutations(elements):
            yield (self._goal(arguments[0], env, order, premise),)

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
                self._goal(entry.items[0], env, key, premise),
                self._goal(item, env, value[key], premise),
            ]
            for rest in (without, without.set(key, self.store.fresh(f"overwritten {key}"))):
                yield (*goals, self._goal(fm, env, rest, premise))

    def _keys(self, term: s.Term, env: Env, value: Value) -> list[Value]:
        try:
            key = need(self.value(term, env))
        except Unknown:
            return list(value)
        return [key] if key in value else []

    def _updated_list(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        fm, entries = arguments
        if not isinstance(entries, s.ListOf):
            raise self._first_unknown(arguments, env)
        nested = fm
        for entry in entries.items:
            nested = s.Apply(s.Apply(s.Name("|+"), nested), entry)
        return self.inverted(nested, env, value, premise)

    def _without(self, arguments: Sequence[s.Term], env: Env, value: Value, premise: int) -> Alternatives:
        r"""`fm \\ k = value`: fm is the value, with or without something at the key."""
        key = need(self.value(arguments[1], env))
        if key in value:
            return
        yield (self._goal(arguments[0], env, value, premise),)
        yield (self._goal(arguments[0], env, value.set(key, self.store.fresh(f"overwritten {key}")), premise),)


_BY_NAME = {
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
