"""The set of states that a party may be in, and the runs that lead to them.

Each possible state remembers one run: the last step and the run before it.  Where all possible runs agree on
their beginning, that beginning is settled and handed out, so that memory does not grow with the capture.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Link(Generic[T]):
    """The last step of a run, and what came before it."""

    step: T
    before: Link[T] | None
    depth: int


class Runs(Generic[S, T]):
    """Possible states, equal ones merged, each with the run that led to it first."""

    def __init__(self, starts: Iterable[tuple[S, T | None]]) -> None:
        """Each start comes with the step that says so, None for none."""
        self._runs: dict[S, Link[T] | None] = {
            state: None if step is None else Link(step, None, 1) for state, step in starts
        }

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[S]:
        return iter(self._runs)

    def advance(self, steps: Iterable[tuple[S, T | None, S]]) -> None:
        """Replace the states by those that steps (from, step or None for none, to) lead to."""
        after: dict[S, Link[T] | None] = {}
        for origin, step, target in steps:
            if target not in after:
                before = self._runs[origin]
                if step is None:
                    after[target] = before
                else:
                    after[target] = Link(step, before, before.depth + 1 if before else 1)
        self._runs = after

    def settled(self) -> list[T]:
        """Cut off and return the steps that all runs share."""
        ends = list(self._runs.values())
        if not ends:
            return []
        shared = ends[0]
        for end in ends[1:]:
            shared = _common(shared, end)
        if shared is None:
            return []
        beginning = steps_to(shared)
        memo: dict[Link[T], Link[T] | None] = {shared: None}
        self._runs = {state: _without(end, memo) for state, end in self._runs.items()}
        return beginning

    def any_run(self) -> list[T]:
        """The unsettled steps of the run to the first possible state."""
        return steps_to(next(iter(self._runs.values()), None))


def steps_to(end: Link[T] | None) -> list[T]:
    """The steps of a run, first one first."""
    steps = []
    while end is not None:
        steps.append(end.step)
        end = end.before
    return steps[::-1]


def _common(one: Link[T] | None, other: Link[T] | None) -> Link[T] | None:
    while one is not other:
        if one is None or other is None:
            return None
        if one.depth >= other.depth:
            one = one.before
        else:
            other = other.before
    return one


def _without(end: Link[T] | None, memo: dict[Link[T], Link[T] | None]) -> Link[T] | None:
    """A run without its settled beginning; what runs share after it stays shared."""
    pending = []
    while end is not None and end not in memo:
        pending.append(end)
        end = end.before
    rest = memo[end] if end is not None else None
    for link in reversed(pending):
        rest = memo[link] = Link(link.step, rest, rest.depth + 1 if rest else 1)
    return rest
