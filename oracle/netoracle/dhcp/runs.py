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


@dataclass(slots=True, eq=False)
class Link(Generic[T]):
    """The last step of a run, and what came before it; never changed."""

    step: T
    before: Link[T] | None
    depth: int


class Runs(Generic[S, T]):
    """Possible states, equal ones merged, each with the run that led to it first.

    Most often there is one.  States are large, so that they are only hashed where there are several to be told apart.
    """

    def __init__(self, starts: Iterable[tuple[S, T | None]]) -> None:
        """Each start comes with the step that says so, None for none."""
        self._runs: list[tuple[S, Link[T] | None]] = _merged(
            [(state, None if step is None else Link(step, None, 1)) for state, step in starts]
        )

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[S]:
        return (state for state, _ in self._runs)

    def advance(self, steps: Iterable[tuple[S, T | None, S]]) -> None:
        """Replace the states by those that steps (from, step or None for none, to) lead to."""
        several = dict(self._runs) if len(self._runs) > 1 else None
        after = []
        for origin, step, target in steps:
            before = self._runs[0][1] if several is None else several[origin]
            if step is not None:
                before = Link(step, before, 1 if before is None else before.depth + 1)
            after.append((target, before))
        self._runs = _merged(after)

    def settled(self) -> list[T]:
        """Cut off and return the steps that all runs share."""
        if not self._runs:
            return []
        shared = self._runs[0][1]
        for _, end in self._runs[1:]:
            shared = _common(shared, end)
        if shared is None:
            return []
        beginning = steps_to(shared)
        memo: dict[Link[T], Link[T] | None] = {shared: None}
        self._runs = [(state, _without(end, memo)) for state, end in self._runs]
        return beginning

    def any_run(self) -> list[T]:
        """The unsettled steps of the run to the first possible state."""
        return steps_to(self._runs[0][1]) if self._runs else []


def _merged(runs: list[tuple[S, Link[T] | None]]) -> list[tuple[S, Link[T] | None]]:
    """The runs but for those that lead to the state of one before."""
    if len(runs) < 2:
        return runs
    first: dict[S, Link[T] | None] = {}
    for state, end in runs:
        first.setdefault(state, end)
    return list(first.items())


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
