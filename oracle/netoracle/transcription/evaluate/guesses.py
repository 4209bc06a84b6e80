"""What can still be tried where every goal waits for an unknown: both sides of a choice, or some values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.goals import Formula, Goal
from netoracle.transcription.evaluate.truth import Truths
from netoracle.transcription.evaluate.values import Env, NotEvaluated, Unknown, Value, Variable, need, walk

WITNESSES: Final = 8
"""How many values from a lower bound on are tried."""

ENUMERATED: Final = 2000
"""Below which bound all numbers are tried."""


class Guesses(Truths):
    """Finds in a goal that waits what it may be worth to try."""

    def split(self, goal: Goal) -> Iterator[Sequence[Goal]] | None:
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
        return self.each(variable, range(bound))

    def each(self, variable: Variable, values: Iterable[Value]) -> Iterator[Sequence[Goal]]:
        """An alternative for each value of a variable."""
        for value in values:
            self.store.bind(variable, value)
            yield ()

    def at_key(self, goal: Goal) -> tuple[Variable, Sequence[Value]] | None:
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

    def at_bound(self, goal: Goal) -> tuple[Variable, Sequence[Value]] | None:
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
