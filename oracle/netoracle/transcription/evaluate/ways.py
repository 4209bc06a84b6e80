"""The ways in which a goal may hold: each binds unknowns and leaves further goals."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate.goals import Alternatives, Equation, Formula, Goal, Membership, Test
from netoracle.transcription.evaluate.inversion import Inversion
from netoracle.transcription.evaluate.names import binder_names
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
    Value,
    Variable,
    as_list,
    deep,
    need,
    walk,
)


class Ways(Inversion):
    """Takes goals apart."""

    @abstractmethod
    def membership_ways(self, goal: Membership) -> Alternatives:
        """The ways in which something may be an element of a set."""

    def ways(self, goal: Goal) -> Alternatives:
        """The ways in which a goal may hold: each binds unknowns and leaves further goals."""
        match goal:
            case Formula():
                return self._formula_ways(goal)
            case Equation():
                return self.inverted(goal.term, goal.env, goal.value, goal.premise)
            case Membership():
                return self.membership_ways(goal)
            case Test():
                return iter([()] if goal.test() else [])

    def _formula_ways(self, goal: Formula) -> Alternatives:
        term, env, premise = goal.term, goal.env, goal.premise
        match term:
            case s.Quantified(binder="?" | "choose"):
                return iter([self.body_goals(term, env, premise)])
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
                return iter([()] if self.truth(self.value(term, env)) else [])

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
        return iter([()] if self.truth(self.forced(value)) else [])

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
            return iter([()] if self.truth(self.value(term, env)) else [])
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
        return iter([] if self.truth(self.value(term, env)) else [()])

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
            arity = self.arity(function)
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
            return iter([()] if self.truth(self.apply(function, arguments)) else [])

    def _function_of(self, body: s.Term, env: Env) -> Value:
        """The function that a body is, without evaluating what it is applied to later."""
        if isinstance(body, s.If):
            return self._function_of(body.then if self.holds(body.condition, env) else body.otherwise, env)
        if isinstance(body, s.Let):
            return self._function_of(body.body, self.let(body, env))
        if isinstance(body, s.Case):
            return self._function_of(*self.arm(body, env))
        return self.value(body, env)

    def body_goals(self, term: s.Quantified, env: Env, premise: int) -> tuple[Goal, ...]:
        """The body of an existential, with fresh unknowns, and the membership of a restricted one."""
        inner = dict(env)
        for pattern in term.patterns:
            for name in binder_names(pattern):
                inner[name] = self.store.fresh(name)
        body = Formula(term.body, inner, premise)
        if term.domain is None:
            return (body,)
        return (Membership(term.patterns[0], inner, term.domain, env, premise), body)

    def truth(self, value: Value) -> bool:
        """A value as a truth value.  Raises Unknown, NotEvaluated where it is none."""
        value = need(self.forced(value))
        if not isinstance(value, bool):
            raise NotEvaluated(f"{value!r} is no truth value")
        return value
