"""Patterns: what a value must be to fit one, and what its variables are then."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.evaluator import Evaluator
from netoracle.transcription.evaluate.names import bound_names
from netoracle.transcription.evaluate.theory import Opaque
from netoracle.transcription.evaluate.values import (
    Delayed,
    Env,
    NotEvaluated,
    Unknown,
    Unspecified,
    Value,
    Variable,
    Word32,
    components,
    need,
    parts,
    tagged,
    walk,
)
from netspec.base.time import TimeInfty


class Patterns(Evaluator):
    """Values taken apart by patterns."""

    def opened(self, pattern: s.Term, value: Value) -> dict[str, Value]:
        """A pattern that has no alternative: an unknown value is taken to have its form."""
        if isinstance(pattern, s.Annotated):
            t = self.theory.expanded(pattern.type)
            if isinstance(value, Delayed):
                value = Delayed(s.Annotated(value.term, t), value.env)
            else:
                value = tagged(walk(value), t)
            return self.opened(pattern.term, value)
        if isinstance(pattern, s.Name) and self._is_variable(pattern.name):
            return {pattern.name: value}
        if isinstance(pattern, s.Pair) and isinstance(value, Delayed) and value.known is None:
            written = value.term
            if isinstance(written, s.Pair) and len(written.items) == len(pattern.items):
                return self._opened_items(pattern.items, written.items, value.env)
        value = self.forced(value, soft=True)
        if isinstance(value, Variable) and not value.bound:
            shape = self._shape(pattern)
            if shape is None:
                raise Unknown(value)
            self.store.bind(value, shape)
            value = shape
        found = self.matched(pattern, value)
        if found is None:
            raise Unspecified("a pattern that does not fit")
        return found

    def _opened_items(self, patterns: Sequence[s.Term], terms: Sequence[s.Term], env: Env) -> dict[str, Value]:
        """A tuple of patterns and a tuple as it is written: nothing needs to be known yet."""
        found: dict[str, Value] = {}
        for pattern, term in zip(patterns, terms, strict=True):
            found.update(self.opened(pattern, self.delayed(term, env)))
        return found

    def _shape(self, pattern: s.Term) -> Value | None:
        """A value with unknown parts of the only form that a pattern's type has."""
        if isinstance(pattern, s.Pair):
            return tuple(self.store.fresh(self._label(item)) for item in pattern.items)
        head, arguments = s.spine(pattern)
        if isinstance(head, s.Name) and len(arguments) == 1:
            constructor = self.theory.constructors.get(head.name)
            if constructor and len(constructor.datatype.constructors) == 1 and isinstance(constructor.python, type):
                names = constructor.python.__dataclass_fields__  # type: ignore[attr-defined]
                return constructor.python(*(self.store.fresh(name) for name in names))
        return None

    def _label(self, term: s.Term) -> str:
        return next(iter(bound_names(term, self.theory)), "_")

    def _is_variable(self, name: str) -> bool:
        return name not in self.theory.constructors and name not in library.CONSTANTS

    def matched(self, pattern: s.Term, value: Value) -> dict[str, Value] | None:
        """The variables of a pattern that a value fits, else None.  Raises Unknown where that is open."""
        if isinstance(pattern, s.Name) and self._is_variable(pattern.name):
            return {pattern.name: value}
        if isinstance(pattern, s.Annotated):
            return self.matched(pattern.term, value)
        value = self.forced(value, soft=True)
        if isinstance(pattern, s.Pair):
            return self._matched_pair(pattern, value)
        value = need(value)
        match pattern:
            case s.Name(name="time_infty"):
                return {} if isinstance(value, TimeInfty) else None
            case s.Name() | s.Number():
                return {} if self.same(self.value(pattern, {}), value) else None
            case s.ListOf(items=items):
                return self._matched_all(items, value) if len(value) == len(items) else None
            case s.Apply():
                return self._matched_application(pattern, value)
            case _:
                raise NotEvaluated(f"a pattern of this form ({type(pattern).__name__})")

    def _matched_pair(self, pattern: s.Pair, value: Value) -> dict[str, Value] | None:
        if isinstance(value, Variable):
            value = need(value)
        if not pattern.items:
            return {}
        found = components(value, len(pattern.items))
        if found is None and isinstance(value, tuple) and value and isinstance(walk(value[-1]), Variable):
            raise Unknown(walk(value[-1]))
        return None if found is None else self._matched_all(pattern.items, found)

    def _matched_all(self, patterns: Sequence[s.Term], values: Sequence[Value]) -> dict[str, Value] | None:
        found: dict[str, Value] = {}
        for pattern, value in zip(patterns, values, strict=True):
            more = self.matched(pattern, value)
            if more is None:
                return None
            found.update(more)
        return found

    def _matched_application(self, pattern: s.Apply, value: Value) -> dict[str, Value] | None:
        head, arguments = s.spine(pattern)
        name = head.name if isinstance(head, s.Name) else ""
        if name == "SOME":
            return None if value is None else self.matched(arguments[0], library.the(value))
        if name in ("::", "CONS"):
            items = value
            return self._matched_all(arguments, (items[0], items[1:])) if len(items) else None
        if name == "SUC":
            return self.matched(arguments[0], value - 1) if value > 0 else None
        if name == "time":
            return None if isinstance(value, TimeInfty) else self.matched(arguments[0], Fraction(value))
        if name == "SEQ32":
            return self._matched_all(arguments, (value.side, Word32(need(value.n))))
        return self._matched_constructor(name, arguments, value)

    def _matched_constructor(self, name: str, arguments: Sequence[s.Term], value: Value) -> dict[str, Value] | None:
        candidates = [name, *self.theory.overloads.get(name, ())]
        for candidate in candidates:
            constructor = self.theory.constructors.get(candidate)
            if constructor is None:
                continue
            if isinstance(value, Opaque) and value.name == candidate:
                return self._matched_all(arguments, value.arguments)
            if isinstance(constructor.python, type) and isinstance(value, constructor.python):
                return self.matched(arguments[0], self.argument_of(value, constructor.arguments))
        return None

    def argument_of(self, value: Value, types: tuple[s.HolType, ...]) -> Value:
        """What a constructor was applied to."""
        items = parts(value)
        argument = items[0] if len(items) == 1 else items
        return tagged(argument, self.theory.expanded(types[0])) if len(types) == 1 else argument
