"""Breadth-first search of the reachable states, which keeps for each the state that led to it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from netoracle.modelcheck.encoding import Encoder
from netoracle.modelcheck.result import Run
from netoracle.modelcheck.system import Model, Step
from netoracle.search.budget import Meter

S = TypeVar("S", bound=Hashable)

NONE: Final = 0xFFFFFFFF


@dataclass(slots=True)
class Space(Generic[S]):
    """The states found so far, by number in the order in which they were found.

    A state is kept as its key only: its fingerprint, or where `exact` the state itself.  `parents` has the number
    of the state that led to each, NONE for an initial state.
    """

    model: Model[S]
    exact: bool = False
    symmetric: bool = True
    numbers: dict[Hashable, int] = field(default_factory=dict)
    keys: list[Hashable] = field(default_factory=list)
    parents: array[int] = field(default_factory=lambda: array("I"))
    generated: int = 0
    outside: int = 0
    depth: int = 0
    encoder: Encoder = field(default_factory=Encoder)

    def key(self, state: S) -> Hashable:
        """What stands for a state: the same for all that the symmetry makes one."""
        if self.symmetric and self.model.canonical is not None:
            state = self.model.canonical(state)
        return state if self.exact else self.encoder.fingerprint(state)

    def add(self, state: S, parent: int) -> tuple[int, bool]:
        """The number of a state, and whether it is new."""
        key = self.key(state)
        number = self.numbers.setdefault(key, len(self.keys))
        if number < len(self.keys):
            return number, False
        self.keys.append(key)
        self.parents.append(parent)
        return number, True

    def path(self, number: int) -> list[int]:
        """The numbers from an initial state to this one, by the shortest way."""
        path = [number]
        while (parent := self.parents[path[-1]]) != NONE:
            path.append(parent)
        return path[::-1]

    def run(self, path: list[int], last: tuple[Step, S] | None = None, actions: dict[int, str] | None = None) -> Run[S]:
        """The states and steps along a path of numbers, which starts at an initial state; `last` is one step more.

        `actions` says for some steps, by their place in the path, which action they have to be of.

        Steps are found again by going forward, so that a run is one of the system even where states were
        found up to symmetry.
        """
        current = next(state for state in self.model.system.initial() if self.key(state) == self.keys[path[0]])
        states, steps = [current], []
        for place, number in enumerate(path[1:]):
            action = (actions or {}).get(place)
            step, current = next(
                (step, after)
                for step, after in self.model.system.successors(current)
                if action in (None, step.action) and self.key(after) == self.keys[number]
            )
            steps.append(step)
            states.append(current)
        if last is not None:
            steps.append(last[0])
            states.append(last[1])
        return Run(tuple(states), tuple(steps))


@dataclass(frozen=True, slots=True)
class Visit(Generic[S]):
    """A state as it is left: its steps with the numbers of the states they lead to."""

    number: int
    state: S
    steps: list[tuple[Step, S, int]]
    inside: bool


def explore(
    space: Space[S], meter: Meter, on_new: Callable[[int, S], None], progress: Callable[[Space[S]], None] | None = None
) -> Iterator[Visit[S]]:
    """Find every reachable state; `on_new` is told of each as it is found.

    Yields each state once, after its steps were taken.  Raises Exhausted where a budget runs out.
    """
    model = space.model
    level: list[tuple[int, S]] = []

    def found(state: S, parent: int, into: list[tuple[int, S]]) -> int:
        number, new = space.add(state, parent)
        if new:
            meter.spend()
            into.append((number, state))
            on_new(number, state)
        return number

    for state in model.system.initial():
        found(state, NONE, level)
    while level:
        following: list[tuple[int, S]] = []
        for number, state in level:
            inside = model.within is None or model.within(state)
            steps = []
            if inside:
                for step, after in model.system.successors(state):
                    space.generated += 1
                    steps.append((step, after, found(after, number, following)))
            else:
                space.outside += 1
            yield Visit(number, state, steps, inside)
            meter.check_time()
            if progress is not None:
                progress(space)
        level = following
        space.depth += bool(following)
