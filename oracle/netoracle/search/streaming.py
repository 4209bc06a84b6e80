"""A search through a long trace, in time and memory linear in its length: what happened a while ago is settled.

Every so many labels the unknowns older than that get values, and what else could have happened before is forgotten.
So the search finds runs, but never shows that there is none: it does not say `violates`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netoracle.search.search import Found, Frame, Search, SearchResult, Verdict
from netoracle.search.settling import settled
from netoracle.search.state import State, fingerprint
from netoracle.search.successors import Successors
from netspec.tcp.host0 import Label, Lh_epsilon

LAG = 48
"""Labels after which an unknown gets a value: some ten segments with their calls."""

_KEPT = 3
"""Settled states that the search can go back to."""

_RECENT = 48
"""Unknowns of which the latest steps can have made no more."""

_DEEP = 3_000
"""States that a search from one of them may visit where internal steps may happen at any moment."""


class _Steady(Successors):
    """Successors after which clocks are known: whatever moments and rates may still be are settled at each label.

    Without `complete` only, so that a search that fails is repeated with clocks left open.
    """

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
        """Go from one settled state to the next; where that fails, once more with internal steps at any moment."""
        base: list[tuple[State, int]] = [(self.initial, 0)]
        stuck = -1
        while True:
            reached = self._forward(base[-1], complete=False)
            if reached is None:
                if base[-1][0].index <= stuck:
                    return None
                stuck = base[-1][0].index
            while reached is None and base:
                reached = self._forward(base[-1], complete=True)
                if reached is None:
                    base.pop()
            if reached is None or isinstance(reached, Found):
                return reached
            base = [*base, reached][-_KEPT:]

    def _forward(self, base: tuple[State, int], complete: bool) -> Found | tuple[State, int] | None:
        """From a settled state to the end or to the next, with the number of its unknowns that have values."""
        begin, values = base
        end = len(self.labels)
        goal = min(begin.index + 2 * LAG, end)
        successors = _Steady(self.lookahead, complete, limited=True)
        stack = [Frame(begin, successors.of(begin))]
        seen: set[bytes] = set()
        visited = 0
        while stack:
            state = next(stack[-1].successors, None)
            if state is None:
                stack.pop()
                continue
            self.meter.spend()
            visited += 1
            if complete and visited > _DEEP:
                return None
            self._note(state)
            if state.index == end:
                found = self._conclude(state)
                if found is not None:
                    return found
                self._jump_back(stack)
                seen.clear()
                continue
            if state.index == goal:
                until = next(frame.state.store.count for frame in stack if frame.state.index >= goal - LAG)
                after = settled(state, values, until)
                if after is not None:
                    return after, until
                self._jump_back(stack)
                seen.clear()
                continue
            if state.internal or complete or visited > 6 * LAG:
                key = fingerprint(state)
                if key in seen:
                    continue
                seen.add(key)
            stack.append(Frame(state, successors.of(state)))
        return None
