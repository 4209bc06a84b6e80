"""Formulas: whether they hold, and for which values of their unknowns.

A goal is a formula, an equation between a term and a value, or a membership.  Goals are
taken as soon as what they need is known; one that needs an unknown waits for it, and one
that has several ways to hold waits until nothing else can be done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from netoracle.transcription.evaluate.goals import Goal
from netoracle.transcription.evaluate.guesses import Guesses
from netoracle.transcription.evaluate.theory import Theory
from netoracle.transcription.evaluate.values import NotEvaluated, Unknown, Unspecified, Value, Variable

STEPS: Final = 20_000
"""How many goals one formula may take."""


@dataclass(slots=True)
class _Branch:
    """A goal with alternatives, and what else was to be shown when it was taken."""

    alternatives: Iterator[Sequence[Goal]]
    rest: tuple[Goal, ...]
    mark: int


class Machine(Guesses):
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
            key = self.at_key(goal)
            if key is not None:
                self.guessed = True
                return self._try(key[0], key[1], goals, branches)
        for unknown in waiting:
            witnesses = self.witnesses.get(unknown.variable.name)
            if witnesses and unknown.variable.serial > first:
                self.guessed = True
                return self._try(unknown.variable, witnesses, goals, branches)
        for position, goal in enumerate(goals):
            split = self.split(goal)
            if split is not None:
                rest = goals[:position] + goals[position + 1 :]
                branches.append(_Branch(split, rest, len(self.store.trail)))
                return self._next_alternative(branches)
        for unknown in waiting:
            if unknown.variable.serial <= first:
                raise unknown
        for goal in goals:
            witness = self.at_bound(goal)
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
        branches.append(_Branch(self.each(variable, values), goals, len(self.store.trail)))
        return self._next_alternative(branches)
