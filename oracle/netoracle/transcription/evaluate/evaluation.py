"""Terms to values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import immutables

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.theory import Opaque, Theory, python_field
from netoracle.transcription.evaluate.values import (
    BigUnion,
    Builtin,
    Closure,
    Combined,
    Constructed,
    Defined,
    Delayed,
    Described,
    Env,
    Int,
    NotEvaluated,
    Partial,
    Store,
    Unknown,
    Unspecified,
    Value,
    Variable,
    Word32,
    as_list,
    components,
    deep,
    equal,
    is_record,
    need,
    option_of,
    parts,
    tagged,
    walk,
)
from netspec.base import base_types
from netspec.base.errors import Error
from netspec.base.seq32 import Seq32
from netspec.base.signals import Signal
from netspec.base.time import TimeInfty, time_infty
from netspec.tcp.net_types import ICMP, TCP, UDP
from netspec.tcp.params import Arch

LEAST_LIMIT: Final = 5000
"""How far LEAST counts before it gives up."""


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf:
    """The values of an overloaded name: HOL's types say which is meant, so one of them is."""

    values: tuple[Value, ...]


def bound_names(pattern: s.Term, theory: Theory) -> Iterator[str]:
    """The variables of a pattern."""
    if isinstance(pattern, s.Name):
        if pattern.name not in theory.constructors and pattern.name not in library.CONSTANTS:
            yield pattern.name
    elif isinstance(pattern, s.Annotated):
        yield from bound_names(pattern.term, theory)
    elif isinstance(pattern, s.Apply):
        yield from bound_names(pattern.argument, theory)
        if isinstance(pattern.function, s.Apply):
            yield from bound_names(pattern.function, theory)
    else:
        for child in s.children(pattern):
            yield from bound_names(child, theory)  # type: ignore[arg-type]


def binder_names(pattern: s.Term) -> Iterator[str]:
    """The variables of a binder, whatever else has their names."""
    if isinstance(pattern, s.Name):
        yield pattern.name
    elif isinstance(pattern, s.Annotated):
        yield from binder_names(pattern.term)
    else:
        for child in s.children(pattern):
            yield from binder_names(child)  # type: ignore[arg-type]


def free_names(term: object) -> Iterator[str]:
    """The names that stand free in a term, constants too."""
    if isinstance(term, s.Name):
        yield term.name
    elif isinstance(term, s.Quantified):
        bound = {name for pattern in term.patterns for name in free_names(pattern)}
        yield from (name for name in free_names(term.body) if name not in bound)
        if term.domain is not None:
            yield from free_names(term.domain)
    elif isinstance(term, s.Let):
        bound = {name for binding in term.bindings for name in free_names(binding.pattern)}
        yield from (name for name in free_names(term.body) if name not in bound)
        for binding in term.bindings:
            yield from free_names(binding.value)
    elif isinstance(term, s.Case):
        yield from free_names(term.scrutinee)
        for arm in term.arms:
            bound = set(free_names(arm.pattern))
            yield from (name for name in free_names(arm.value) if name not in bound)
    else:
        for child in s.children(term):
            yield from free_names(child)


class Evaluation(ABC):
    """Evaluates terms, in a theory, under an environment."""

    def __init__(self, theory: Theory) -> None:
        self.theory = theory
        self.store = Store()
        self._constants: dict[str, Value] = {}

    @abstractmethod
    def holds(self, term: s.Term, env: Env) -> bool:
        """Whether a formula holds.  Raises Unknown, NotEvaluated."""

    @abstractmethod
    def elements(self, collection: Value) -> list[Value]:
        """The elements of a set that has finitely many.  Raises NotEvaluated."""

    @abstractmethod
    def contains(self, collection: Value, element: Value) -> bool:
        """Whether a set has an element.  Raises Unknown, NotEvaluated."""

    @abstractmethod
    def solutions(self, term: s.Term, env: Env, names: Sequence[str]) -> list[tuple[Value, ...]]:
        """The values of variables for which a formula holds.  Raises NotEvaluated."""

    # -- terms

    def value(self, term: s.Term, env: Env) -> Value:
        """The value of a term; parts of it may be unknown.  Raises Unknown, NotEvaluated."""
        match term:
            case s.Name():
                return self._named(term.name, env)
            case s.Number(value=number):
                return number
            case s.String(value=text):
                return text.encode()
            case s.Apply():
                return self._applied(term, env)
            case s.Pair(items=items) | s.ListOf(items=items):
                return tuple(self.later(item, env) for item in items)
            case s.SetOf(items=items):
                return frozenset(deep(self.value(item, env)) for item in items)
            case s.Comprehension():
                return self._described(term, env)
            case s.Record():
                return self._record(term, env)
            case s.With():
                return self._with(term, env)
            case s.Field():
                return self.field(need(self.value(term.record, env)), term.name)
            case s.If():
                return self.value(term.then if self.holds(term.condition, env) else term.otherwise, env)
            case s.Let():
                return self.value(term.body, self.let(term, env))
            case s.Case():
                arm, inner = self.arm(term, env)
                return self.value(arm, inner)
            case s.Annotated():
                return tagged(self.value(term.term, env), self.theory.expanded(term.type))
            case s.Quantified():
                return self._quantified(term, env)
            case s.TypeArgument():
                return int(term.type.name)
            case _:
                raise NotEvaluated("a transition of a host is not a value")

    def later(self, term: s.Term, env: Env) -> Value:
        """The value of a term, or an unknown one where it is a variable."""
        if isinstance(term, s.Name) and term.name in env:
            return self.forced(env[term.name], soft=True)
        return self.value(term, env)

    def forced(self, value: Value, soft: bool = False) -> Value:
        """The value of a delayed term."""
        value = walk(value)
        if not isinstance(value, Delayed):
            return value
        if value.known is not None and self.store.holds_still(value.known):
            return walk(value.value)
        result = self.later(value.term, value.env) if soft else self.value(value.term, value.env)
        value.value, value.known = result, self.store.now()
        return walk(result)

    def _named(self, name: str, env: Env) -> Value:
        if name in env:
            return self.forced(env[name])
        if name in library.CONSTANTS:
            return library.CONSTANTS[name]
        if name == "time_infty":
            return time_infty
        if name == "ARB":
            raise Unspecified("ARB")
        if name in library.FUNCTIONS_BY_NAME:
            return Builtin(name, *library.FUNCTIONS_BY_NAME[name])
        if name in HIGHER_ORDER:
            arity, method = HIGHER_ORDER[name]
            return Builtin(name, arity, getattr(self, method))
        overloaded = self.theory.overloads.get(name)
        if overloaded is not None:
            return self._overloaded(name, overloaded, env)
        return self._declared(name)

    def _overloaded(self, name: str, meanings: Sequence[str], env: Env) -> Value:
        names = [*([name] if self._is_declared(name) else []), *meanings]
        if len(names) == 1:
            return self._named(names[0], env)
        return AnyOf(tuple(self._named(meaning, {}) if meaning != name else self._declared(name) for meaning in names))

    def _is_declared(self, name: str) -> bool:
        return name in self.theory.constructors or name in self.theory.definitions

    def _declared(self, name: str) -> Value:
        definition = self.theory.definitions.get(name)
        if definition is not None:
            if definition.clauses[0].parameters:
                return Defined(definition)
            if name not in self._constants:
                self._constants[name] = self.value(definition.clauses[0].value, {})
            return self._constants[name]
        return self._constructor(name)

    def _constructor(self, name: str) -> Value:
        constructor = self.theory.constructors.get(name)
        if constructor is None:
            if name == "time":
                return Constructed("time", Fraction, 1)
            raise NotEvaluated(f"{name} is not declared")
        if not constructor.arguments:
            python = constructor.python if constructor.python is not None else Opaque(name, ())
            return python() if isinstance(python, type) else python
        return Constructed(name, constructor, len(constructor.arguments))

    # -- application

    def _applied(self, term: s.Apply, env: Env) -> Value:
        head, arguments = s.spine(term)
        if isinstance(head, s.Name) and head.name not in env:
            form = FORMS.get((head.name, len(arguments)))
            if form is not None:
                return getattr(self, form)(arguments, env)
        function = self.value(head, env)
        return self.apply(function, tuple(self.delayed(argument, env) for argument in arguments))

    def delayed(self, term: s.Term, env: Env) -> Value:
        """The value of an argument, computed when it is needed."""
        if isinstance(term, s.Number | s.String):
            return self.value(term, env)
        if isinstance(term, s.Name) and term.name in env:
            return env[term.name]
        return Delayed(term, env)

    def apply(self, function: Value, arguments: tuple[Value, ...]) -> Value:
        """A function applied to arguments, which may be delayed."""
        while arguments:
            function = need(self.forced(function))
            if isinstance(function, Partial):
                function, arguments = function.function, (*function.arguments, *arguments)
            arity = self._arity(function)
            if len(arguments) < arity:
                return Partial(function, arguments)
            function, arguments = self._call(function, arguments[:arity]), arguments[arity:]
        return function

    def _arity(self, function: Value) -> int:
        match function:
            case Builtin(arity=arity) | Constructed(arity=arity):
                return arity
            case Defined():
                return function.arity
            case Closure(patterns=patterns):
                return len(patterns)
            case _:
                return 1

    def _call(self, function: Value, arguments: tuple[Value, ...]) -> Value:
        match function:
            case Builtin():
                return function.function(*(self.forced(argument, soft=True) for argument in arguments))
            case Constructed():
                return self.construct(function, tuple(self.forced(argument, soft=True) for argument in arguments))
            case Defined() | Closure():
                body, env = self.entered(function, arguments)
                return self.value(body, env)
            case immutables.Map():
                return library.apply_map(function, self.forced(arguments[0]))
            case AnyOf():
                return self._any_application(function, arguments)
            case _:
                return self.contains(function, self.forced(arguments[0], soft=True))

    def _any_application(self, function: AnyOf, arguments: tuple[Value, ...]) -> Value:
        results = []
        for meaning in function.values:
            try:
                results.append(deep(self.apply(meaning, arguments)))
            except NotEvaluated:
                continue
        return AnyOf(tuple(results))

    def entered(self, function: Defined | Closure, arguments: tuple[Value, ...]) -> tuple[s.Term, Env]:
        """The body of a function and its environment.  Raises Unknown where the clause is not determined."""
        if isinstance(function, Closure):
            env = dict(function.env)
            for pattern, argument in zip(function.patterns, arguments, strict=True):
                if isinstance(pattern, s.Name):
                    env[pattern.name] = argument
                else:
                    env.update(self.opened(pattern, argument))
            return function.body, env
        clauses = function.definition.clauses
        if len(clauses) == 1:
            env = {}
            for pattern, argument in zip(clauses[0].parameters, arguments, strict=True):
                env.update(self.opened(pattern, argument))
            return clauses[0].value, env
        for clause in clauses:
            found: dict[str, Value] | None = {}
            for pattern, argument in zip(clause.parameters, arguments, strict=True):
                more = self.matched(pattern, argument)
                found = None if more is None or found is None else {**found, **more}
                if found is None:
                    break
            if found is not None:
                return clause.value, found
        raise Unspecified(f"{function.definition.name} has no clause for its arguments")

    # -- patterns

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
                return {} if self._same(self.value(pattern, {}), value) else None
            case s.ListOf(items=items):
                return self._matched_all(items, value) if len(value) == len(items) else None
            case s.Apply():
                return self._matched_application(pattern, value)
            case _:
                raise NotEvaluated(f"a pattern of this form ({type(pattern).__name__})")

    def _same(self, constant: Value, value: Value) -> bool:
        return self.same(constant, value)

    def same(self, a: Value, b: Value) -> bool:
        """Whether two values are the same.  Raises Unknown, NotEvaluated."""
        a, b = self.forced(a, soft=True), self.forced(b, soft=True)
        if a is None or b is None:
            return equal(a, b)
        if isinstance(a, AnyOf) or isinstance(b, AnyOf):
            return any(self.same(x, y) for x in _meanings(a) for y in _meanings(b))
        if isinstance(a, immutables.Map) and isinstance(b, Closure | Partial | Defined):
            return all(self.same(item, self.apply(b, (key,))) for key, item in a.items())
        if isinstance(b, immutables.Map) and isinstance(a, Closure | Partial | Defined):
            return self.same(b, a)
        if isinstance(a, Described | Combined | BigUnion) or isinstance(b, Described | Combined | BigUnion):
            return frozenset(map(deep, self.elements(a))) == frozenset(map(deep, self.elements(b)))
        if isinstance(a, immutables.Map) and isinstance(b, immutables.Map):
            keys = list(a)
            return set(a) == set(b) and all_equal_by(self.same, [a[key] for key in keys], [b[key] for key in keys])
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
            return all_equal_by(self.same, a, b)
        if is_record(a) and type(a) is type(b) and not isinstance(a, Arch | AnyOf):
            return all_equal_by(self.same, parts(a), parts(b))
        return equal(a, b)

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

    # -- records

    def construct(self, function: Constructed, arguments: tuple[Value, ...]) -> Value:
        """A constructor applied to all its arguments."""
        if function.name == "time":
            return Fraction(need(arguments[0]))
        if function.name == "SEQ32":
            return Seq32(need(arguments[0]), int(need(arguments[1])))
        constructor = function.make
        if constructor.python is None:
            return Opaque(function.name, arguments)
        cls = constructor.python
        argument = tagged(walk(arguments[0]), self.theory.expanded(constructor.arguments[0]))
        if function.name == "TL_string":
            argument = library.as_string(argument)
        self._check_tlang(function.name, argument)
        count = len(cls.__dataclass_fields__)
        if count == 1:
            return cls(argument)
        found = components(argument, count)
        if found is None:
            found = self._split_unknown(function.name, walk(argument), count)
        return cls(*found)

    def _split_unknown(self, name: str, argument: Value, count: int) -> tuple[Value, ...]:
        """An argument as a tuple of `count`, where it, or its last component, is unknown as a whole."""
        known = argument[:-1] if isinstance(argument, tuple) and argument else ()
        unknown = walk(argument[-1]) if known else argument
        if not isinstance(unknown, Variable):
            raise NotEvaluated(f"{name} of something that is no tuple of {count}")
        rest = tuple(self.store.fresh(unknown.name) for _ in range(count - len(known)))
        self.store.bind(unknown, rest)
        return (*known, *rest)

    def _check_tlang(self, name: str, argument: Value) -> None:
        """Rule out the meanings of an overloaded constructor whose argument has another type."""
        wanted = TLANG.get(name)
        if wanted is None or isinstance(argument, Variable):
            return
        if isinstance(argument, bool) and wanted is not bool:
            raise NotEvaluated(f"{name} of a truth value")
        if not isinstance(argument, wanted):
            raise NotEvaluated(f"{name} of another type")

    def _record(self, term: s.Record, env: Env) -> Value:
        found = self.theory.record_of(item.name for item in term.fields)
        if found is None:
            raise Unspecified(f"a record with only the fields {', '.join(item.name for item in term.fields)}")
        record, cls = found
        types = dict(record.fields)
        values = {
            python_field(cls, item.name): self._typed(self.later(item.value, env), types[item.name])
            for item in term.fields
        }
        return cls(**values)

    def _typed(self, value: Value, t: s.HolType) -> Value:
        return tagged(walk(value), self.theory.expanded(t))

    def _with(self, term: s.With, env: Env) -> Value:
        record = need(self.value(term.record, env))
        declared = self.theory.record_types.get(type(record))
        types = dict(declared.fields) if declared else {}
        changes: dict[str, Value] = {}
        for item in term.fields:
            name = python_field(type(record), item.name)
            if item.operator == ":=":
                new = self.later(item.value, env)
            else:
                new = self._updated_by(item.value, env, getattr(record, name))
            changes[name] = self._typed(new, types[item.name]) if item.name in types else new
        return replace(record, **changes)

    def _updated_by(self, update: s.Term, env: Env, old: Value) -> Value:
        head, arguments = s.spine(update)
        if isinstance(head, s.Name) and head.name == "onlywhen" and "onlywhen" not in env:
            # (x onlywhen b) = if b then K x else I
            return self.later(arguments[0], env) if self.holds(arguments[1], env) else old
        return self.apply(self.value(update, env), (old,))

    def field(self, record: Value, name: str) -> Value:
        """`record.name`."""
        if isinstance(record, TCP | UDP | ICMP) and name in ("is1", "is2"):
            return self.apply(self._declared(f"msg_{name}"), (record,))
        try:
            value = walk(getattr(record, python_field(type(record), name)))
        except AttributeError as error:
            raise Unspecified(f"the field {name}") from error
        declared = self.theory.record_types.get(type(record))
        if declared is not None:
            value = self._typed(value, dict(declared.fields)[name])
        return value

    # -- let, case, binders

    def let(self, term: s.Let, env: Env) -> Env:
        """The environment of the body of a let."""
        inner = dict(env)
        for binding in term.bindings:
            if binding.parameters:
                inner.update(self.opened(binding.pattern, Closure(binding.parameters, binding.value, env)))
            elif isinstance(binding.pattern, s.Name):
                inner[binding.pattern.name] = self.delayed(binding.value, env)
            else:
                whole = self.delayed(binding.value, env)
                inner.update(self._lazily(binding.pattern, whole))
        return inner

    def _lazily(self, pattern: s.Term, whole: Value) -> dict[str, Value]:
        """The variables of a let's pattern, each computed when it is needed."""
        names = list(bound_names(pattern, self.theory))
        holder = {"whole of the let": whole}
        return {
            name: Delayed(s.Case(s.Name("whole of the let"), (s.Arm(pattern, s.Name(name)),)), holder) for name in names
        }

    def arm(self, term: s.Case, env: Env) -> tuple[s.Term, Env]:
        """The alternative of a case that applies.  Raises Unknown."""
        scrutinee = self.later(term.scrutinee, env)
        for arm in term.arms:
            found = self.matched(arm.pattern, scrutinee)
            if found is not None:
                return arm.value, {**env, **found}
        raise Unspecified("a case without an alternative that fits")

    def _quantified(self, term: s.Quantified, env: Env) -> Value:
        match term.binder:
            case "\\":
                return Closure(term.patterns, term.body, env)
            case "LEAST":
                return self._least(Closure(term.patterns, term.body, env))
            case "leastfd":
                return self.apply(self._declared("leastfd"), (Closure(term.patterns, term.body, env),))
            case "@":
                return self._some(term, env)
            case _:
                return self.holds(term, env)

    def _least(self, predicate: Value) -> Value:
        for number in range(LEAST_LIMIT):
            if need(self.apply(predicate, (number,))):
                return number
        raise NotEvaluated(f"LEAST beyond {LEAST_LIMIT}")

    def _some(self, term: s.Quantified, env: Env) -> Value:
        names = [name for pattern in term.patterns for name in binder_names(pattern)]
        body = term.body
        if term.domain is not None:
            body = _and(s.Apply(s.Apply(s.Name("IN"), term.patterns[0]), term.domain), body)
        found = self.solutions(body, env, names)
        values = [values[0] if len(values) == 1 else values for values in found]
        if not values:
            raise Unspecified("@ of a predicate that nothing satisfies")
        if any(not self.same(values[0], other) for other in values[1:]):
            raise Unspecified("@ of a predicate that several things satisfy")
        return values[0]

    # -- sets

    def _described(self, term: s.Comprehension, env: Env) -> Value:
        inside = [name for name in dict.fromkeys(bound_names(term.element, self.theory)) if self._is_local(name)]
        outside = set(free_names(term.condition))
        shared = [name for name in inside if name in outside]
        return Described(term.element, term.condition, tuple(shared or inside), env)

    def _is_local(self, name: str) -> bool:
        return not (
            name in self.theory.definitions or name in library.FUNCTIONS_BY_NAME or name in self.theory.constructors
        )

    # -- special forms

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


def _meanings(value: Value) -> tuple[Value, ...]:
    return value.values if isinstance(value, AnyOf) else (value,)


def _and(left: s.Term, right: s.Term) -> s.Term:
    return s.Apply(s.Apply(s.Name("/\\"), left), right)


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

TLANG: Final[dict[str, Any]] = {
    "TL_int": int,
    "TL_bool": bool,
    "TL_string": bytes,
    "TL_one": tuple,
    "TL_pair": tuple,
    "TL_list": tuple,
    "TL_fd": base_types.FD,
    "TL_ip": base_types.Ip,
    "TL_port": base_types.Port,
    "TL_error": Error,
    "TL_netmask": base_types.NETMASK,
    "TL_ifid": base_types.Loopback | base_types.ETH,
    "TL_filebflag": base_types.FileBFlag,
    "TL_sockbflag": base_types.SockBFlag,
    "TL_socknflag": base_types.SockNFlag,
    "TL_socktflag": base_types.SockTFlag,
    "TL_socktype": base_types.SockType,
    "TL_tid": base_types.TID,
    "TL_signal": Signal,
    "TL_err": base_types.Ok | base_types.Fail,
    "TL_option": base_types.TLang | None,
}
"""The types of the arguments of some constructors, by which meanings of OK are told apart."""
