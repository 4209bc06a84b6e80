"""Terms to values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import immutables

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.forms import FORMS, HIGHER_ORDER, Forms
from netoracle.transcription.evaluate.names import binder_names, bound_names, free_names
from netoracle.transcription.evaluate.patterns import Patterns
from netoracle.transcription.evaluate.records import Records
from netoracle.transcription.evaluate.theory import Opaque, Theory
from netoracle.transcription.evaluate.values import (
    AnyOf,
    Builtin,
    Closure,
    Constructed,
    Defined,
    Delayed,
    Described,
    Env,
    NotEvaluated,
    Partial,
    Unspecified,
    Value,
    deep,
    need,
    tagged,
    walk,
)
from netspec.base.time import time_infty

LEAST_LIMIT: Final = 5000
"""How far LEAST counts before it gives up."""


class Evaluation(Patterns, Records, Forms):
    """Evaluates terms, in a theory, under an environment."""

    def __init__(self, theory: Theory) -> None:
        super().__init__(theory)
        self._constants: dict[str, Value] = {}

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
                return self.record(term, env)
            case s.With():
                return self.with_(term, env)
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
        return self.declared(name)

    def _overloaded(self, name: str, meanings: Sequence[str], env: Env) -> Value:
        names = [*([name] if self._is_declared(name) else []), *meanings]
        if len(names) == 1:
            return self._named(names[0], env)
        return AnyOf(tuple(self._named(meaning, {}) if meaning != name else self.declared(name) for meaning in names))

    def _is_declared(self, name: str) -> bool:
        return name in self.theory.constructors or name in self.theory.definitions

    def declared(self, name: str) -> Value:
        """What a name means that the theory declares.  Raises NotEvaluated where it declares none."""
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
            arity = self.arity(function)
            if len(arguments) < arity:
                return Partial(function, arguments)
            function, arguments = self._call(function, arguments[:arity]), arguments[arity:]
        return function

    def arity(self, function: Value) -> int:
        """How many arguments a function takes before it has a value."""
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
                return self.apply(self.declared("leastfd"), (Closure(term.patterns, term.body, env),))
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


def _and(left: s.Term, right: s.Term) -> s.Term:
    return s.Apply(s.Apply(s.Name("/\\"), left), right)
