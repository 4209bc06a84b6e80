"""Whether a formula holds, without giving a value to any unknown from before."""

from __future__ import annotations

from collections.abc import Sequence

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate.goals import Formula, Goal
from netoracle.transcription.evaluate.membership import Memberships
from netoracle.transcription.evaluate.values import Env, NotEvaluated, Unknown, Value, deep, need


class Truths(Memberships):
    """Answers what evaluation asks: each question is solved apart, and leaves no unknown bound."""

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
        return self.truth(self.value(term, env))

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
            return any(True for _ in self.solve(self.body_goals(term, env, 0)))

    def _counterexample(self, term: s.Quantified, env: Env) -> bool:
        """Whether some value refutes a universal formula: `P ==> Q` is refuted by P and not Q."""
        with self.store.asking():
            return any(True for _ in self.solve(self._refutation(term, env)))

    def _refutation(self, term: s.Quantified, env: Env) -> list[Goal]:
        *before, body = self.body_goals(term, env, 0)
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
