"""A search through a long trace, in time and memory linear in its length: what happened a while ago is settled.

Every so many labels the unknowns older than that get values, and what else could have happened before is forgotten.
So the search finds runs, but never shows that there is none: it does not say `violates`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netoracle.search.lookahead import Lookahead
from netoracle.search.search import Found, Search, SearchResult, Verdict
from netoracle.search.settling import settled
from netoracle.search.state import State
from netoracle.search.successors import Successors
from netoracle.search.walk import Walk
from netspec.tcp.host0 import Label, Lh_epsilon

LAG = 48
"""Labels after which an unknown gets a value: some ten segments with their calls."""

_KEPT = 3
"""States at which the window began that the search can go back to."""

_RECENT = 48
"""Unknowns of which the latest steps can have made no more."""

_IDLE = 1_500
"""States that a search may visit without explaining one more label."""

_FURTHER = 6
"""Labels that a search with internal steps at any moment goes on for, once it explains what another did not."""


class _Steady(Successors):
    """Successors after which clocks are known: whatever moments and rates may still be are settled at each label.

    Without `complete` only, so that a search that fails is repeated with clocks left open.  What can be sent is sent
    before another segment is taken from the queue: else every number of segments for an answer would be tried.
    """

    def __init__(self, lookahead: Lookahead, complete: bool) -> None:
        super().__init__(lookahead, complete, limited=True)
        self.timed = tuple(sorted(self.timed, key=lambda rule: rule.name != "deliver_out_1"))

    def explaining(self, state: State, label: Label) -> Iterator[State]:
        """The states after the next label."""
        for after in super().explaining(state, label):
            if self.complete or not isinstance(label, Lh_epsilon):
                yield after
            else:
                yield settled(after, max(0, after.store.count - _RECENT), after.store.count, surely=False) or after


class StreamingSearch(Search):
    """A search that settles what happened a while ago.  It is for traces whose calls are a guess."""

    def run(self) -> SearchResult:
        """Search.  The verdict is `conforms` or `inconclusive`."""
        self.lookahead.skips_wide = True
        result = super().run()
        if result.verdict is Verdict.violates:
            result = replace(result, verdict=Verdict.inconclusive, reason=None)
        return result

    def _whole(self) -> Found | None:
        """Search; where that leads nowhere, once more from a settled state with internal steps at any moment."""
        begin = self.initial
        stuck = -1
        while True:
            window = _Window(begin)
            found = self._slide(window, complete=False, goal=len(self.labels))
            reached = self.deepest[0].index
            if isinstance(found, Found) or reached <= stuck:
                return found if isinstance(found, Found) else None
            stuck = reached
            for base in reversed(window.bases):
                found = self._slide(_Window(base), complete=True, goal=min(reached + _FURTHER, len(self.labels)))
                if found is not None:
                    break
            if found is None or isinstance(found, Found):
                return found
            begin = found

    def _slide(self, window: _Window, complete: bool, goal: int) -> Found | State | None:
        """Depth first, from the state at which the window begins to a label; older states drop out of the window."""
        end = len(self.labels)
        first = window.bases[-1]
        walk = Walk(first, _Steady(self.lookahead, complete))
        best, idle = first.index, 0
        while (state := self._following(walk)) is not None:
            idle = 0 if state.index > best else idle + 1
            best = max(best, state.index)
            if idle > _IDLE:
                return None
            if state.index == end:
                found = self._concluded(state, walk)
                if found is not None:
                    return found
                continue
            if state.index >= goal:
                return state
            if state.internal or complete or state.index < best:
                if walk.first_visit(state) is None:
                    continue
            if not complete and state.index >= walk.bottom.index + 2 * LAG:
                base = walk.begin_at(state.index - LAG)
                after = settled(state, window.values, base.store.count)
                if after is None:
                    walk.jump_back()
                    continue
                window.begin(base)
                state = after
            walk.enter(state)
        return None


class _Window:
    """The states that a search can still go back to with all that was possible from there.

    `values` is the number of the first unknown that may have no value yet.
    """

    def __init__(self, first: State) -> None:
        self.bases = [first]
        self.values = 0

    def begin(self, base: State) -> None:
        """Begin at a later state."""
        self.bases = [*self.bases, base][-_KEPT:]
        self.values = base.store.count
