"""Breadth-first search of the reachable states, which keeps for each the state that led to it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from netoracle.modelcheck.encoding import Encoder
from netoracle.modelcheck.result import Run
from netoracle.modelcheck.system import Model, Renaming, Step, System
from netoracle.search.budget import Meter

S = TypeVar("S", bound=Hashable)

NONE: Final = 0xFFFFFFFF
_SAME: Final[Renaming] = ()


class Found(Protocol[S]):
    """States found, by number, and the ways to them."""

    def path(self, number: int) -> list[int]:
        """The numbers from an initial state to this one, by the shortest way."""
        ...

    def run(
        self, path: list[int], last: tuple[Step, S] | None = None, actions: Mapping[int, str] | None = None
    ) -> Run[S]:
        """The states and steps along a path of numbers, which starts at an initial state; `last` is one step more.

        `actions` says for some steps, by their place in the path, which action they have to be of.
        """
        ...


@dataclass(slots=True)
class Space(Generic[S]):
    """The states found so far, by number in the order in which they were found.

    A state is kept as its key only: its fingerprint, or where `exact` the state itself, in both cases up to symmetry.
    `renamings` has for each the one by which it was found to be like the one that its key is of.
    `parents` has the number of the state that led to each, NONE for an initial state.
    """

    model: Model[S]
    exact: bool = False
    numbers: dict[Hashable, int] = field(default_factory=dict)
    keys: list[Hashable] = field(default_factory=list)
    renamings: list[Renaming] = field(default_factory=list)
    parents: array[int] = field(default_factory=lambda: array("I"))
    generated: int = 0
    outside: int = 0
    depth: int = 0
    encoder: Encoder = field(default_factory=Encoder)

    def key(self, state: S) -> tuple[Hashable, Renaming]:
        """What stands for a state, the same for all that the symmetry makes one, and the renaming that does."""
        renaming = _SAME
        if self.model.symmetry is not None:
            state, renaming = self.model.symmetry.canonical(state)
        return state if self.exact else self.encoder.fingerprint(state), renaming

    def add(self, state: S, parent: int) -> tuple[int, bool, Renaming]:
        """The number of a state, whether it is new, and its renaming."""
        key, renaming = self.key(state)
        count = len(self.keys)
        number = self.numbers.setdefault(key, count)
        if number < count:
            return number, False, renaming
        self.keys.append(key)
        self.renamings.append(renaming)
        self.parents.append(parent)
        return number, True, renaming

    def path(self, number: int) -> list[int]:
        """The numbers from an initial state to this one, by the shortest way."""
        return path_to(number, self.parents)

    def run(
        self, path: list[int], last: tuple[Step, S] | None = None, actions: Mapping[int, str] | None = None
    ) -> Run[S]:
        """The states and steps along a path: steps are found again, so that it is a run of the system."""
        keys = self.keys
        return retraced(
            self.model.system, path, lambda state, number: self.key(state)[0] == keys[number], last, actions
        )


def path_to(number: int, parents: array[int]) -> list[int]:
    """The numbers from one without a parent to this one."""
    path = [number]
    while (parent := parents[path[-1]]) != NONE:
        path.append(parent)
    return path[::-1]


def retraced(
    system: System[S],
    path: list[int],
    is_one: Callable[[S, int], bool],
    last: tuple[Step, S] | None,
    actions: Mapping[int, str] | None,
) -> Run[S]:
    """The states and steps along a path of numbers; `is_one` says whether a state has a number."""
    current = next(state for state in system.initial() if is_one(state, path[0]))
    states, steps = [current], []
    for place, number in enumerate(path[1:]):
        action = (actions or {}).get(place)
        step, current = next(
            (step, after)
            for step, after in system.successors(current)
            if action in (None, step.action) and is_one(after, number)
        )
        steps.append(step)
        states.append(current)
    if last is not None:
        steps.append(last[0])
        states.append(last[1])
    return Run(tuple(states), tuple(steps))


class Taken(NamedTuple, Generic[S]):
    """A step that was taken: the state after it, the number of that and its renaming."""

    step: Step
    after: S
    number: int
    renaming: Renaming


class Visit(NamedTuple, Generic[S]):
    """A state as it is left, with its steps."""

    number: int
    state: S
    steps: list[Taken[S]]
    inside: bool


def explore(
    space: Space[S], meter: Meter, on_new: Callable[[int, S], None], progress: Callable[[Space[S]], None] | None = None
) -> Iterator[Visit[S]]:
    """Find every reachable state; `on_new` is told of each as it is found.

    Yields each state once, after its steps were taken.  Raises Exhausted where a budget runs out.
    """
    model = space.model
    level: list[tuple[int, S]] = []
    following: list[tuple[int, S]] = []

    def found(state: S, parent: int) -> tuple[int, Renaming]:
        number, new, renaming = space.add(state, parent)
        if new:
            meter.spend()
            following.append((number, state))
            on_new(number, state)
        return number, renaming

    for state in model.system.initial():
        found(state, NONE)
    while following:
        level, following = following, []
        for number, state in level:
            inside = model.within is None or model.within(state)
            steps: list[Taken[S]] = []
            if inside:
                for step, after in model.system.successors(state):
                    steps.append(Taken(step, after, *found(after, number)))
                space.generated += len(steps)
            else:
                space.outside += 1
            yield Visit(number, state, steps, inside)
            meter.check_time()
            if progress is not None:
                progress(space)
        space.depth += bool(following)
