"""The search for a run that explains a trace: depth first, in two passes.

The first pass lets internal steps happen only next to a label, or where time cannot
pass without one; it finds nearly every run there is, fast.  The second allows them at
any moment, so that only its failure means that no run exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from netoracle.search.budget import Budget, Exhausted, Meter
from netoracle.search.lookahead import Lookahead
from netoracle.search.state import State
from netoracle.search.successors import Successors, TooDeep
from netoracle.search.walk import Walk
from netoracle.symbolic import solver
from netoracle.symbolic.numbers import Exact
from netoracle.symbolic.run import TooWide
from netoracle.trace.observation import Observation


class Verdict(Enum):
    """What a check says of a trace."""

    conforms = "conforms"
    violates = "violates"
    inconclusive = "inconclusive"


@dataclass(frozen=True, slots=True)
class Found:
    """A final state together with a value for each of its unknowns."""

    state: State
    model: dict[int, Exact]


@dataclass(slots=True)
class SearchResult:
    """The outcome of a search.

    `deepest` holds the states that explained the most labels, for the explanation.
    `reason` says why a search is inconclusive.
    """

    verdict: Verdict
    found: Found | None = None
    deepest: list[State] = field(default_factory=list)
    reason: str | None = None
    states: int = 0
    seconds: float = 0.0
    solver_calls: int = 0


_KEPT = 12
_EPOCH = 64
"""Labels after which older unknowns count as old, so that comparing states stays cheap in a long trace."""

Accept = Callable[[Found], bool]
Progress = Callable[[int, int], None]


class Search:
    """One search over one trace's labels."""

    def __init__(
        self,
        labels: Sequence[Observation],
        initial: State,
        lookahead: Lookahead,
        accept: Accept,
        budget: Budget,
        progress: Progress | None = None,
    ) -> None:
        self.labels = labels
        self.initial = initial
        self.lookahead = lookahead
        self.accept = accept
        self.meter = Meter(budget)
        self.progress = progress
        self.deepest = [initial] if labels else []
        self.rejected = 0

    def run(self) -> SearchResult:
        """Search.  The verdict is `violates` only where the whole space was searched."""
        calls = solver.Statistics.calls
        self.lookahead.meter = self.meter
        verdict, found, reason = Verdict.violates, None, None
        try:
            found = self._whole()
            if found is not None:
                verdict = Verdict.conforms
        except Exhausted as spent:
            verdict, reason = Verdict.inconclusive, f"budget: {spent}"
        except TooWide as wide:
            verdict, reason = Verdict.inconclusive, f"{wide} would have to be tried one by one"
        except TooDeep as deep:
            verdict, reason = Verdict.inconclusive, str(deep)
        except solver.SolverGaveUp as unknown:
            verdict, reason = Verdict.inconclusive, f"the solver gave up: {unknown}"
        finally:
            self.lookahead.meter = None
        if verdict is Verdict.violates and self.rejected:
            verdict, reason = Verdict.inconclusive, "a run was found that its replay did not confirm"
        return SearchResult(
            verdict,
            found,
            self.deepest,
            reason,
            self.meter.states,
            self.meter.seconds,
            solver.Statistics.calls - calls,
        )

    def _whole(self) -> Found | None:
        """Both passes."""
        for complete in (False, True):
            found = self._pass(Successors(self.lookahead, complete), complete)
            if found is not None:
                return found
        return None

    def _pass(self, successors: Successors, complete: bool) -> Found | None:
        end = len(self.labels)
        if end == 0:
            return self._conclude(self.initial)
        walk = Walk(self.initial, successors)
        while (state := self._following(walk)) is not None:
            if state.index == end:
                found = self._concluded(state, walk)
                if found is not None:
                    return found
                continue
            milestone = state.internal == 0 and state.index % _EPOCH == 0
            if milestone or state.internal or complete or self.meter.states > 2 * end:
                key = walk.first_visit(state)
                if key is None:
                    continue
                if milestone:
                    state.store.begin_epoch(key)
            walk.enter(state)
        return None

    def _following(self, walk: Walk) -> State | None:
        """The next state, counted and noted.  Raises Exhausted."""
        state = walk.following()
        if state is not None:
            self.meter.spend()
            self._note(state)
        return state

    def _note(self, state: State) -> None:
        best = self.deepest[0].index if self.deepest else -1
        if state.index > best:
            self.deepest = [state]
            if self.progress is not None:
                self.progress(state.index, len(self.labels))
        elif state.index == best and len(self.deepest) < _KEPT:
            self.deepest.append(state)

    def _conclude(self, state: State) -> Found | None:
        """Find values for the unknowns of a final state, and have the run accepted."""
        model = solver.solution(state.store)
        if model is None:
            return None
        found = Found(state, model)
        if self.accept(found):
            return found
        self.rejected += 1
        return None

    def _concluded(self, state: State, walk: Walk) -> Found | None:
        """Conclude from a final state; where that fails, leave the states that no run can go on from."""
        found = self._conclude(state)
        if found is None:
            walk.jump_back()
        return found
