"""Formulas: whether they hold, and for which values of their unknowns.

A goal is a formula, an equation between a term and a value, or a membership.  Goals are
taken as soon as what they need is known; one that needs an unknown waits for it, and one
that has several ways to hold waits until nothing else can be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import immutables

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.evaluation import AnyOf, binder_names
from netoracle.transcription.evaluate.goals import Alternatives, Equation, Formula, Goal, Membership, Test
from netoracle.transcription.evaluate.inversion import Inversion
from netoracle.transcription.evaluate.theory import Theory
from netoracle.transcription.evaluate.values import (
    BigUnion,
    Builtin,
    Closure,
    Combined,
    Defined,
    Delayed,
    Described,
    Env,
    Everything,
    NotEvaluated,
    Partial,
    Unknown,
    Unspecified,
    Value,
    Variable,
    as_list,
    components,
    deep,
    need,
    walk,
)

STEPS: Final = 20_000
"""How many goals one formula may take."""

WITNESSES: Final = 8
"""How many values from a lower bound on are tried."""

ENUMERATED: Final = 2000
"""Below which bound all numbers are tried."""


@dataclass(slots=True)
class _Branch:
    """A goal with alternatives, and what else was to be shown when it was taken."""

    alternatives: Iterator[Sequence[Goal]]
    rest: tuple[Goal, ...]
    mark: int


class Machine(Inversion):
    """Evaluates the text of a theory.

    `hints` are the values of unknowns that nothing else determines, by name (for those up to the
    serial number `hinted`, also of unknowns that have several possible values); `witnesses` are
    values to try for others: where these do not do, nothing is known (`guessed`).
    """

    def __init__(self, theory: Theory) -> None:
        super().__init__(theory)
        self.hints: Mapping[str, Sequence[Value]] = {}
        self.hinted = 0
        self.witnesses: Mapping[str, Sequence[Value]] = {}
        self.furthest: tuple[int, Goal | None] = (0, None)
        self.steps = 0
        self.guessed = False

    # -- solving

    def solve(self, goals: Sequence[Goal]) -> Iterator[None]:
        """Stop once for every way in which all goals hold, with the unknowns bound accordingly.

        Unknowns up to the store's floor belong to an enclosing question.

        Raises Unknown where it depends on an unknown from before, NotEvaluated where it cannot tell.
        """
        first = self.store.floor
        branches: list[_Branch] = []
        current: tuple[Goal, ...] | None = tuple(goals)
        stuck: NotEvaluated | None = None
        while True:
            try:
                if current is None:
                    following = self._next_alternative(branches)
                    if following is None:
                        break
                    current = following
                step = self._step(current, branches, first)
            except NotEvaluated as reason:
                stuck = stuck or reason
                current = None
                continue
            if step == ():
                mark = len(self.store.trail)
                yield
                self.store.undo(mark)
                current = None
            else:
                current = step
        if stuck is not None:
            raise stuck

    def _next_alternative(self, branches: list[_Branch]) -> tuple[Goal, ...] | None:
        while branches:
            branch = branches[-1]
            self.store.undo(branch.mark)
            try:
                more = next(branch.alternatives, None)
            except Unknown as unknown:
                branches.pop()
                raise NotEvaluated(f"an alternative needs {unknown}") from unknown
            except NotEvaluated:
                branches.pop()
                raise
            if more is not None:
                return (*more, *branch.rest)
            branches.pop()
        return None

    def _step(self, goals: tuple[Goal, ...], branches: list[_Branch], first: int) -> tuple[Goal, ...] | None:
        """One goal less, or several more in its place; None where one cannot hold."""
        self.steps += 1
        if self.steps > STEPS:
            raise NotEvaluated(f"more than {STEPS} goals")
        waiting: list[Unknown] = []
        open_reason: NotEvaluated | None = None
        several: int | None = None
        for position, goal in enumerate(goals):
            mark = len(self.store.trail)
            try:
                alternatives = list(self._at_most_two(goal))
            except Unknown as needed:
                self.store.undo(mark)
                waiting.append(needed)
                continue
            except NotEvaluated as reason:
                self.store.undo(mark)
                open_reason = open_reason or reason
                continue
            self.store.undo(mark)
            rest = goals[:position] + goals[position + 1 :]
            if not alternatives:
                self._note_failure(goal)
                return None
            if alternatives == [1]:
                more = next(iter(self.ways(goal)))
                return (*more, *rest)
            if several is None:
                several = position
        for unknown in waiting:
            hint = self.hints.get(unknown.variable.name)
            if hint and unknown.variable.serial <= self.hinted:
                return self._try(unknown.variable, hint, goals, branches)
        if several is not None:
            branch = _Branch(self.ways(goals[several]), goals[:several] + goals[several + 1 :], len(self.store.trail))
            branches.append(branch)
            return self._next_alternative(branches)
        return self._stuck(goals, waiting, open_reason, branches, first)

    def _at_most_two(self, goal: Goal) -> Iterator[int]:
        """One mark for each way in which a goal may hold, up to two."""
        mark = len(self.store.trail)
        for _ in islice(self.ways(goal), 2):
            self.store.undo(mark)
            yield 1

    def _note_failure(self, goal: Goal) -> None:
        if self.furthest[1] is None or goal.premise >= self.furthest[0]:
            self.furthest = (goal.premise, goal)

    def _stuck(
        self,
        goals: tuple[Goal, ...],
        waiting: Sequence[Unknown],
        reason: NotEvaluated | None,
        branches: list[_Branch],
        first: int,
    ) -> tuple[Goal, ...] | None:
        """Every goal waits: for an unknown from before, or for a value to be tried."""
        for unknown in waiting:
            hint = self.hints.get(unknown.variable.name)
            if hint and unknown.variable.serial > first:
                return self._try(unknown.variable, hint, goals, branches)
        for goal in goals:
            key = self._at_key(goal)
            if key is not None:
                self.guessed = True
                return self._try(key[0], key[1], goals, branches)
        for unknown in waiting:
            witnesses = self.witnesses.get(unknown.variable.name)
            if witnesses and unknown.variable.serial > first:
                self.guessed = True
                return self._try(unknown.variable, witnesses, goals, branches)
        for position, goal in enumerate(goals):
            split = self._split(goal)
            if split is not None:
                rest = goals[:position] + goals[position + 1 :]
                branches.append(_Branch(split, rest, len(self.store.trail)))
                return self._next_alternative(branches)
        for unknown in waiting:
            if unknown.variable.serial <= first:
                raise unknown
        for goal in goals:
            witness = self._at_bound(goal)
            if witness is not None:
                self.guessed = True
                return self._try(witness[0], witness[1], goals, branches)
        if isinstance(reason, Unspecified):
            raise reason
        if waiting:
            raise NotEvaluated(f"nothing determines {', '.join(sorted({str(u) for u in waiting}))}")
        raise reason or NotEvaluated("no goal can be taken")

    def _try(
        self, variable: Variable, values: Sequence[Value], goals: tuple[Goal, ...], branches: list[_Branch]
    ) -> tuple[Goal, ...] | None:
        branches.append(_Branch(self._each(variable, values), goals, len(self.store.trail)))
        return self._next_alternative(branches)

    def _split(self, goal: Goal) -> Iterator[Sequence[Goal]] | None:
        """Both sides of an `if` whose condition is open, or the numbers below a bound."""
        if isinstance(goal, Formula) and isinstance(goal.term, s.Apply):
            return self._below(goal.term, goal.env)
        if isinstance(goal, Formula) and isinstance(goal.term, s.If):
            term, env, premise = goal.term, goal.env, goal.premise
            return iter(
                [
                    (Formula(term.condition, env, premise), Formula(term.then, env, premise)),
                    (
                        Formula(s.Apply(s.Name("~"), term.condition), env, premise),
                        Formula(term.otherwise, env, premise),
                    ),
                ]
            )
        return None

    def _below(self, term: s.Apply, env: Env) -> Iterator[Sequence[Goal]] | None:
        """`n < bound` with an unknown n: each number below the bound, if there are not too many."""
        head, arguments = s.spine(term)
        if not (isinstance(head, s.Name) and head.name == "<" and isinstance(arguments[0], s.Name)):
            return None
        variable = walk(env.get(arguments[0].name))
        try:
            bound = need(self.value(arguments[1], env))
        except (Unknown, NotEvaluated):
            return None
        if not isinstance(variable, Variable) or type(bound) is not int or bound > ENUMERATED:
            return None
        return self._each(variable, range(bound))

    def _each(self, variable: Variable, values: Iterable[Value]) -> Iterator[Sequence[Goal]]:
        for value in values:
            self.store.bind(variable, value)
            yield ()

    def _at_key(self, goal: Goal) -> tuple[Variable, Sequence[Value]] | None:
        """`fm ' k = x` with nothing else known about k: the keys are witnesses to try."""
        if not isinstance(goal, Formula):
            return None
        head, sides = s.spine(goal.term)
        if not (isinstance(head, s.Name) and head.name == "="):
            return None
        for side in sides:
            name, arguments = s.spine(side)
            if not (isinstance(name, s.Name) and name.name in ("'", "FAPPLY") and isinstance(arguments[1], s.Name)):
                continue
            variable = walk(goal.env.get(arguments[1].name))
            if isinstance(variable, Variable) and variable.serial > self.store.floor:
                try:
                    return variable, list(need(self.value(arguments[0], goal.env)))
                except (Unknown, NotEvaluated):
                    continue
        return None

    def _at_bound(self, goal: Goal) -> tuple[Variable, Sequence[Value]] | None:
        """`bound <= x` with nothing else known about x: what is at the bound are witnesses to try."""
        if not isinstance(goal, Formula):
            return None
        head, arguments = s.spine(goal.term)
        if not (isinstance(head, s.Name) and head.name in ("<=", ">=")):
            return None
        low, high = arguments if head.name == "<=" else (arguments[1], arguments[0])
        variable = walk(goal.env.get(high.name)) if isinstance(high, s.Name) else None
        if not isinstance(variable, Variable) or variable.serial <= self.store.floor:
            return None
        try:
            bound = need(self.value(low, goal.env))
        except (Unknown, NotEvaluated):
            return None
        return variable, [library.plus(bound, step) for step in range(WITNESSES)]

    # -- goals

    def ways(self, goal: Goal) -> Alternatives:
        """The ways in which a goal may hold: each binds unknowns and leaves further goals."""
        match goal:
            case Formula():
                return self._formula_ways(goal)
            case Equation():
                return self.inverted(goal.term, goal.env, goal.value, goal.premise)
            case Membership():
                return self._membership_ways(goal)
            case Test():
                return iter([()] if goal.test() else [])

    def _formula_ways(self, goal: Formula) -> Alternatives:
        term, env, premise = goal.term, goal.env, goal.premise
        match term:
            case s.Quantified(binder="?" | "choose"):
                return iter([self._opened(term, env, premise)])
            case s.If():
                branch = term.then if self.holds(term.condition, env) else term.otherwise
                return iter([(Formula(branch, env, premise),)])
            case s.Let():
                return iter([(Formula(term.body, self.let(term, env), premise),)])
            case s.Case():
                arm, inner = self.arm(term, env)
                return iter([(Formula(arm, inner, premise),)])
            case s.Annotated():
                return iter([(Formula(term.term, env, premise),)])
            case s.Name() if term.name in env:
                return self._delayed_formula(term, env, premise)
            case s.Transition():
                return self._transition_ways(term, env, premise)
            case s.Apply():
                return self._application_ways(term, env, premise)
            case _:
                return iter([()] if self._truth(self.value(term, env)) else [])

    def _transition_ways(self, term: s.Transition, env: Env, premise: int) -> Alternatives:
        """`rule /* protocol, category */ before -- label --> after`: one alternative for each rule."""
        before = deep(self.value(term.before, env))
        for text in self.theory.rules.values():
            rule = text.transition
            if rule.long is term.long and text.name in self.theory.constructors:
                yield self._as_instance_of(text, term, env, before, premise)

    def _as_instance_of(
        self, text: s.RuleText, term: s.Transition, env: Env, before: Value, premise: int
    ) -> tuple[Goal, ...]:
        rule = text.transition
        inner = {name: self.store.fresh(name) for pattern in text.variables for name in binder_names(pattern)}
        parts = ((term.rule, rule.rule), (term.category, rule.category), (term.label, rule.label))
        meeting = [self._meeting(outer, env, within, inner, premise) for outer, within in parts]
        return (
            *meeting,
            Equation(rule.before, inner, before, premise),
            *(Formula(part, inner, premise) for part in text.premises),
            self._meeting(term.after, env, rule.after, inner, premise),
        )

    def _meeting(self, outer: s.Term, env: Env, within: s.Term, inner: Env, premise: int) -> Goal:
        """A term of a formula equals a term of the rule that it speaks of."""
        names = {"outer": Delayed(outer, env), "within": Delayed(within, inner)}
        return Formula(s.Apply(s.Apply(s.Name("="), s.Name("outer")), s.Name("within")), names, premise)

    def _delayed_formula(self, term: s.Name, env: Env, premise: int) -> Alternatives:
        value = walk(env[term.name])
        if isinstance(value, Delayed) and value.known is None:
            return iter([(Formula(value.term, value.env, premise),)])
        if isinstance(value, Variable):
            self.store.bind(value, True)
            return iter([()])
        return iter([()] if self._truth(self.forced(value)) else [])

    def _application_ways(self, term: s.Apply, env: Env, premise: int) -> Alternatives:
        head, arguments = s.spine(term)
        name = head.name if isinstance(head, s.Name) and head.name not in env else ""
        if name == "/\\" and len(arguments) == 2:
            return iter([tuple(Formula(argument, env, premise) for argument in arguments)])
        if name == "\\/" and len(arguments) == 2:
            return self._either(arguments, env, premise)
        if name == "==>" and len(arguments) == 2:
            return self._implication(arguments, env, premise)
        if name in ("=", "<=>") and len(arguments) == 2:
            return self._equation(arguments, env, premise)
        if name in ("IN", "IN'", "MEM") and len(arguments) == 2:
            return iter([(Membership(arguments[0], env, arguments[1], env, premise),)])
        if name == "~" and len(arguments) == 1:
            return self._negated(arguments[0], env)
        if name == "EVERY" and len(arguments) == 2:
            return self._every_ways(arguments, env, premise)
        if name in ("<>", "NOTIN", "NOTIN'", "notinlist"):
            return iter([()] if self._truth(self.value(term, env)) else [])
        return self._called(term, env, premise)

    def _every_ways(self, arguments: Sequence[s.Term], env: Env, premise: int) -> Alternatives:
        predicate = self.value(arguments[0], env)
        items = as_list(self.value(arguments[1], env))
        applied = s.Apply(s.Name("predicate"), s.Name("item"))
        named = isinstance(predicate, Builtin) and predicate.name == "I"
        return iter(
            [
                tuple(
                    Formula(s.Name("item") if named else applied, {"predicate": predicate, "item": item}, premise)
                    for item in items
                )
            ]
        )

    def _either(self, arguments: Sequence[s.Term], env: Env, premise: int) -> Alternatives:
        for argument in arguments:
            try:
                if self.holds(argument, env):
                    yield ()
                    return
            except (Unknown, NotEvaluated):
                yield (Formula(argument, env, premise),)

    def _implication(self, arguments: Sequence[s.Term], env: Env, premise: int) -> Alternatives:
        if self.holds(arguments[0], env):
            return iter([(Formula(arguments[1], env, premise),)])
        return iter([()])

    def _negated(self, term: s.Term, env: Env) -> Alternatives:
        if isinstance(term, s.Name) and isinstance(variable := walk(env.get(term.name)), Variable):
            self.store.bind(variable, False)
            return iter([()])
        return iter([] if self._truth(self.value(term, env)) else [()])

    def _equation(self, arguments: Sequence[s.Term], env: Env, premise: int) -> Alternatives:
        left, right = arguments
        waiting: Unknown | None = None
        for known, other in ((right, left), (left, right)):
            try:
                value = self.known(known, env)
            except Unknown as unknown:
                waiting = waiting or unknown
                continue
            try:
                return self.inverted(other, env, value, premise)
            except Unknown as unknown:
                waiting = waiting or unknown
        assert waiting is not None
        raise waiting

    def known(self, term: s.Term, env: Env) -> Value:
        """The value of a term, of which no more than parts may be unknown."""
        return need(self.later(term, env))

    def _called(self, term: s.Apply, env: Env, premise: int) -> Alternatives:
        head, arguments = s.spine(term)
        function = self.value(head, env)
        return self.application_ways(function, tuple(self.delayed(argument, env) for argument in arguments), premise)

    def application_ways(self, function: Value, arguments: tuple[Value, ...], premise: int) -> Alternatives:
        """The ways in which a relation may hold of arguments."""
        while True:
            function = need(self.forced(function))
            if isinstance(function, Partial):
                function, arguments = function.function, (*function.arguments, *arguments)
                continue
            arity = self._arity(function)
            if isinstance(function, Defined | Closure) and len(arguments) >= arity:
                body, inner = self.entered(function, arguments[:arity])
                arguments = arguments[arity:]
                if not arguments:
                    return iter([(Formula(body, inner, premise),)])
                function = self._function_of(body, inner)
                continue
            if isinstance(function, Described | Combined | BigUnion | Everything | frozenset) and len(arguments) == 1:
                name = {"element": arguments[0], "collection": function}
                return iter([(Membership(s.Name("element"), name, s.Name("collection"), name, premise),)])
            return iter([()] if self._truth(self.apply(function, arguments)) else [])

    def _function_of(self, body: s.Term, env: Env) -> Value:
        """The function that a body is, without evaluating what it is applied to later."""
        if isinstance(body, s.If):
            return self._function_of(body.then if self.holds(body.condition, env) else body.otherwise, env)
        if isinstance(body, s.Let):
            return self._function_of(body.body, self.let(body, env))
        if isinstance(body, s.Case):
            return self._function_of(*self.arm(body, env))
        return self.value(body, env)

    def _opened(self, term: s.Quantified, env: Env, premise: int) -> tuple[Goal, ...]:
        """The body of an existential, with fresh unknowns, and the membership of a restricted one."""
        inner = dict(env)
        for pattern in term.patterns:
            for name in binder_names(pattern):
                inner[name] = self.store.fresh(name)
        body = Formula(term.body, inner, premise)
        if term.domain is None:
            return (body,)
        return (Membership(term.patterns[0], inner, term.domain, env, premise), body)

    def _truth(self, value: Value) -> bool:
        value = need(self.forced(value))
        if not isinstance(value, bool):
            raise NotEvaluated(f"{value!r} is no truth value")
        return value

    # -- membership

    def _membership_ways(self, goal: Membership) -> Alternatives:
        if isinstance(goal.collection, s.SetOf):
            return self._among(goal)
        collection = need(self.value(goal.collection, goal.collection_env))
        try:
            element = deep(self.value(goal.element, goal.env))
        except Unknown:
            return self._unknown_member(goal, collection)
        if isinstance(collection, Described):
            return iter([self._described_goals(collection, element, goal.premise)])
        if isinstance(collection, Closure | Defined | Partial):
            return self.application_ways(collection, (element,), goal.premise)
        return iter([()] if self.contains(collection, element) else [])

    def _among(self, goal: Membership) -> Alternatives:
        """Membership in `{a; b}`: of a known element, or one alternative for each item."""
        assert isinstance(goal.collection, s.SetOf)
        try:
            element = deep(self.value(goal.element, goal.env))
        except Unknown:
            for item in goal.collection.items:
                value = need(self.later(item, goal.collection_env))
                yield (Equation(goal.element, goal.env, value, goal.premise),)
            return
        waiting: Unknown | None = None
        for item in goal.collection.items:
            try:
                if self.same(element, self.value(item, goal.collection_env)):
                    yield ()
                    return
            except Unknown as unknown:
                waiting = unknown
        if waiting is not None:
            raise waiting

    def _unknown_member(self, goal: Membership, collection: Value) -> Alternatives:
        if isinstance(collection, Everything):
            return iter([()])
        if isinstance(collection, Described):
            element = self._element_variable(goal)
            return iter([self._described_goals(collection, element, goal.premise)])
        if isinstance(collection, Closure | Defined | Partial):
            return self.application_ways(collection, (self._element_variable(goal),), goal.premise)
        if isinstance(collection, Combined) and collection.operator != "UNION":
            return self._combined_member(goal, collection)
        if isinstance(collection, immutables.Map):
            return self._map_member(goal, collection)
        return ((Equation(goal.element, goal.env, item, goal.premise),) for item in self.elements(collection))

    def _combined_member(self, goal: Membership, collection: Combined) -> Alternatives:
        names = {"left": collection.left, "right": collection.right}
        left = Membership(goal.element, goal.env, s.Name("left"), names, goal.premise)
        right = Membership(goal.element, goal.env, s.Name("right"), names, goal.premise)
        if collection.operator == "INTER":
            return iter([(left, right)])
        outside = Test(
            lambda: not self.contains(collection.right, deep(self.value(goal.element, goal.env))), goal.premise
        )
        return iter([(left, outside)])

    def _map_member(self, goal: Membership, collection: Value) -> Alternatives:
        """`(k, v)` in a finite map, or an unknown flag in a set of flags."""
        entries = list(collection.items())
        if isinstance(goal.element, s.Pair):
            return ((Equation(goal.element, goal.env, entry, goal.premise),) for entry in entries)
        return ((Equation(goal.element, goal.env, key, goal.premise),) for key, flag in entries if flag is True)

    def _element_variable(self, goal: Membership) -> Value:
        return self.later(goal.element, goal.env)

    def _described_goals(self, collection: Described, element: Value, premise: int) -> tuple[Goal, ...]:
        inner = dict(collection.env)
        for name in collection.variables:
            inner[name] = self.store.fresh(name)
        return (
            *self.equation_goals(collection.element, inner, element, premise),
            Formula(collection.condition, inner, premise),
        )

    def equation_goals(self, term: s.Term, env: Env, value: Value, premise: int) -> tuple[Goal, ...]:
        """Goals for `term = value`, where the value may be an unknown."""
        if isinstance(walk(value), Variable):
            return (
                Formula(
                    s.Apply(s.Apply(s.Name("="), s.Name("the element")), term), {**env, "the element": value}, premise
                ),
            )
        return (Equation(term, env, value, premise),)

    # -- what evaluation asks for

    def holds(self, term: s.Term, env: Env) -> bool:
        """Whether a formula holds.  Raises Unknown, NotEvaluated."""
        head, arguments = s.spine(term) if isinstance(term, s.Apply) else (term, ())
        name = head.name if isinstance(head, s.Name) and head.name not in env else ""
        if len(arguments) == 2:
            if name == "/\\":
                return self._both(arguments, env, False)
            if name == "\\/":
                return self._both(arguments, env, True)
            if name == "==>":
                return self._both((s.Apply(s.Name("~"), arguments[0]), arguments[1]), env, True)
            if name in ("=", "<=>"):
                return self._equal_terms(arguments[0], arguments[1], env)
            if name in ("IN", "IN'"):
                return self._is_member(arguments, env)
        if isinstance(term, s.Quantified) and term.binder in ("?", "choose"):
            return self._exists(term, env)
        if isinstance(term, s.Quantified) and term.binder == "!":
            return not self._counterexample(term, env)
        if isinstance(term, s.Quantified):
            raise NotEvaluated(f"the binder {term.binder}")
        return self._truth(self.value(term, env))

    def _both(self, arguments: Sequence[s.Term], env: Env, decisive: bool) -> bool:
        """Conjunction or disjunction: one decisive side decides, whatever is open in the other."""
        problem: Unknown | NotEvaluated | None = None
        for argument in arguments:
            try:
                if self.holds(argument, env) is decisive:
                    return decisive
            except Unknown as unknown:
                problem = unknown
            except NotEvaluated as reason:
                problem = problem or reason
        if problem is not None:
            raise problem
        return not decisive

    def _equal_terms(self, left: s.Term, right: s.Term, env: Env) -> bool:
        return self.same(self.later(left, env), self.later(right, env))

    def _is_member(self, arguments: Sequence[s.Term], env: Env) -> bool:
        if isinstance(arguments[1], s.SetOf):
            element = self.later(arguments[0], env)
            flags = []
            problem: Unknown | None = None
            for item in arguments[1].items:
                try:
                    flags.append(self.same(element, self.later(item, env)))
                except Unknown as unknown:
                    problem = unknown
            if any(flags):
                return True
            if problem is not None:
                raise problem
            return False
        return self.contains(need(self.value(arguments[1], env)), self.later(arguments[0], env))

    def _exists(self, term: s.Quantified, env: Env) -> bool:
        with self.store.asking():
            return any(True for _ in self.solve(self._opened(term, env, 0)))

    def _counterexample(self, term: s.Quantified, env: Env) -> bool:
        """Whether some value refutes a universal formula: `P ==> Q` is refuted by P and not Q."""
        with self.store.asking():
            return any(True for _ in self.solve(self._refutation(term, env)))

    def _refutation(self, term: s.Quantified, env: Env) -> list[Goal]:
        *before, body = self._opened(term, env, 0)
        assert isinstance(body, Formula)
        goals: list[Goal] = list(before)
        formula = body.term
        while True:
            head, arguments = s.spine(formula)
            if not (isinstance(head, s.Name) and head.name == "==>" and len(arguments) == 2):
                break
            goals.append(Formula(arguments[0], body.env, 0))
            formula = arguments[1]
        goals.append(Formula(s.Apply(s.Name("~"), formula), body.env, 0))
        return goals

    def solutions(self, term: s.Term, env: Env, names: Sequence[str]) -> list[tuple[Value, ...]]:
        """The values of variables for which a formula holds.  Raises NotEvaluated."""
        with self.store.asking():
            variables = {name: self.store.fresh(name) for name in names}
            goal = Formula(term, {**env, **variables}, 0)
            return [tuple(deep(variables[name]) for name in names) for _ in self.solve([goal])]

    def elements(self, collection: Value) -> list[Value]:
        """The elements of a set that has finitely many.  Raises NotEvaluated."""
        collection = need(self.forced(collection))
        if isinstance(collection, frozenset | tuple):
            return list(collection)
        if isinstance(collection, Combined):
            return self._combined_elements(collection)
        if isinstance(collection, BigUnion):
            return [item for part in self.elements(collection.sets) for item in self.elements(part)]
        if isinstance(collection, Described):
            with self.store.asking():
                variable = self.store.fresh("element")
                return [deep(variable) for _ in self.solve(self._described_goals(collection, variable, 0))]
        if isinstance(collection, Closure | Defined | Partial):
            with self.store.asking():
                variable = self.store.fresh("element")
                goals = next(iter(self.application_ways(collection, (variable,), 0)))
                return [deep(variable) for _ in self.solve(goals)]
        raise NotEvaluated("a set whose elements cannot be listed")

    def _combined_elements(self, collection: Combined) -> list[Value]:
        if collection.operator == "UNION":
            return [*self.elements(collection.left), *self.elements(collection.right)]
        wanted = collection.operator == "INTER"
        try:
            left, right = self.elements(collection.left), collection.right
        except NotEvaluated:
            if not wanted:
                raise
            left, right = self.elements(collection.right), collection.left
        return [item for item in left if self.contains(right, item) is wanted]

    def contains(self, collection: Value, element: Value) -> bool:
        """Whether a set has an element.  Raises Unknown, NotEvaluated."""
        collection = need(self.forced(collection))
        match collection:
            case Everything():
                return True
            case Combined(operator=operator, left=left, right=right):
                first, second = self.contains(left, element), self.contains(right, element)
                return {"UNION": first or second, "INTER": first and second, "DIFF": first and not second}[operator]
            case BigUnion(sets=sets):
                return any(self.contains(part, element) for part in self.elements(sets))
            case Described():
                with self.store.asking():
                    return any(True for _ in self.solve(self._described_goals(collection, element, 0)))
            case Closure() | Defined() | Partial():
                return self._truth(self.apply(collection, (element,)))
            case tuple():
                return any(self.same(element, item) for item in collection)
            case immutables.Map():
                return self._map_contains(collection, element)
            case AnyOf():
                raise NotEvaluated("membership in an overloaded set")
            case _:
                return deep(element) in collection

    def _map_contains(self, collection: Value, element: Value) -> bool:
        """`(k, v)` in a finite map, or a flag in a set of flags."""
        element = deep(element)
        if isinstance(element, tuple):
            pair = components(element, 2)
            return pair is not None and pair[0] in collection and self.same(collection[pair[0]], pair[1])
        return bool(collection.get(element, False))
