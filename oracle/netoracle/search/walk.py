"""A walk through states, depth first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netoracle.search.state import State, fingerprint
from netoracle.search.successors import Successors
from netoracle.symbolic import solver


@dataclass(slots=True)
class _Frame:
    """A state and those of its successors that are still to be tried."""

    state: State
    successors: Iterator[State]


class Walk:
    """The states from a first one on, each followed by its successors before the next.

    Whoever walks takes each state with `following`, and goes on from it with `enter`, or leaves it alone.
    """

    def __init__(self, first: State, successors: Successors) -> None:
        self.successors = successors
        self.seen: set[bytes] = set()
        self.stack: list[_Frame] = []
        self.enter(first)

    def following(self) -> State | None:
        """The next state that has not been tried, or None where all have been."""
        while self.stack:
            state = next(self.stack[-1].successors, None)
            if state is not None:
                return state
            self.stack.pop()
        return None

    def enter(self, state: State) -> None:
        """Try the successors of a state next."""
        self.stack.append(_Frame(state, self.successors.of(state)))

    def first_visit(self, state: State) -> bytes | None:
        """The fingerprint of a state, which is remembered; None where it was remembered already."""
        key = fingerprint(state)
        if key in self.seen:
            return None
        self.seen.add(key)
        return key

    def jump_back(self) -> None:
        """Leave every state whose constraints have no solution: none of their successors has one.

        What was remembered is forgotten: it may have failed only because some of its constraints have no solution.
        """
        low, high = 0, len(self.stack)
        while low < high:
            middle = (low + high) // 2
            if solver.feasible(self.stack[middle].state.store):
                low = middle + 1
            else:
                high = middle
        del self.stack[low:]
        self.seen.clear()

    @property
    def bottom(self) -> State:
        """The first of the states that the present one follows from."""
        return self.stack[0].state

    def begin_at(self, index: int) -> State:
        """Leave the states before a label for good; returns the first that is left, and remembers none."""
        kept = next(at for at, frame in enumerate(self.stack) if frame.state.index >= index)
        del self.stack[:kept]
        self.seen.clear()
        return self.bottom
