"""Equations read from right to left: what the unknowns in a term must be for it to have a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from typing import Final

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.goals import Alternatives, Equation, Goal
from netoracle.transcription.evaluate.inverses import INVERSES, Inverses
from netoracle.transcription.evaluate.theory import Opaque, python_field
from netoracle.transcription.evaluate.values import (
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
    need,
    walk,
)
from netspec.base.time import TimeInfty

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


class Inversion(Inverses):
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

    def _structure(self, term: s.Term, env: Env, value: Value, premise: int) -> Alternatives:
        match term:
            case s.Name():
                return self._name(term, env, value, premise)
            case s.Annotated():
                return self.inverted(term.term, env, value, premise)
            case s.Pair(items=items):
                return self.items(items, env, components(value, len(items)), premise)
            case s.ListOf(items=items):
                values = as_list(value)
                return self.items(items, env, values if len(values) == len(items) else None, premise)
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

    def _record_fields(self, term: s.Record, env: Env, value: Value, premise: int) -> Alternatives:
        found = self.theory.record_of(item.name for item in term.fields)
        if found is None or not isinstance(value, found[1]):
            return iter([])
        goals = [self.goal(item.value, env, self.field(value, item.name), premise) for item in term.fields]
        return iter([tuple(goals)])

    def _with_fields(self, term: s.With, env: Env, value: Value, premise: int) -> Alternatives:
        """`r with <| f := t |> = value`: t is the field of the value, and r agrees with it elsewhere."""
        changed = {python_field(type(value), item.name): item for item in term.fields}
        goals: list[Goal] = []
        for name, item in changed.items():
            if item.operator != ":=":
                raise NotEvaluated("an equation with an unknown in updated_by")
            goals.append(self.goal(item.value, env, getattr(value, name), premise))
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
        method = INVERSES.get((name, len(arguments)))
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
        if isinstance(function, Defined | Closure) and len(arguments) == self.arity(function):
            body, inner = self.entered(function, tuple(self.delayed(argument, env) for argument in arguments))
            return self.inverted(body, inner, value, premise)
        raise self.first_unknown(arguments, env)

    def _constructed(
        self, function: Constructed, arguments: Sequence[s.Term], env: Env, value: Value, premise: int
    ) -> Alternatives:
        if function.name == "time":
            if isinstance(value, TimeInfty):
                return iter([])
            return self.inverted(arguments[0], env, Fraction(value), premise)
        if function.name == "SEQ32":
            return self.items(arguments, env, (value.side, value.n), premise)
        python = function.make.python
        if python is None:
            fits = isinstance(value, Opaque) and value.name == function.name
            return self.items(arguments, env, value.arguments if fits else None, premise)
        if not isinstance(value, python):
            return iter([])
        argument = self.argument_of(value, function.make.arguments)
        return iter([(self.goal(arguments[0], env, argument, premise),)])

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
                yield from self._inverse_of(self.declared(meaning), arguments, env, value, premise)
            except NotEvaluated:
                continue
            except Unknown as unknown:
                waiting = waiting or unknown
        if waiting is not None:
            raise waiting
