"""What is checked: a system of states and steps, and the properties that it should have."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

S = TypeVar("S", bound=Hashable)


class Step(NamedTuple):
    """What happens between two states: the rule, whose step it is, and what an observer would see of it.

    `action` names the steps that fairness treats as one: the rule with its party.
    """

    rule: str
    party: str = ""
    detail: str = ""

    @property
    def action(self) -> str:
        """The rule with its party."""
        return f"{self.rule} {self.party}" if self.party else self.rule

    def __str__(self) -> str:
        """The rule, the party and the detail."""
        return f"{self.action}: {self.detail}" if self.detail else self.action


class System(Protocol[S]):
    """A transition system.  States are hashable values that do not change."""

    def initial(self) -> Iterable[S]:
        """The states to begin with."""
        ...

    def successors(self, state: S) -> Iterable[tuple[Step, S]]:
        """Every step from a state and where it leads, in the same order each time."""
        ...


Renaming: TypeAlias = tuple[int, ...]
"""A change of the names of parties that are alike: the party `renaming[n]` gets the name of party n."""


class Symmetry(Protocol[S]):
    """Parties that are alike, by number: the system and its properties do not depend on which of them has which name.

    A step from a state is also one from the state with other names, with other names itself.
    """

    @property
    def parties(self) -> int:
        """How many they are."""
        ...

    def canonical(self, state: S) -> tuple[S, Renaming]:
        """The same state for all that differ by names, and a renaming by which this one becomes it."""
        ...

    def renamed(self, state: S, renaming: Renaming) -> S:
        """A state with other names."""
        ...

    def action(self, action: str, renaming: Renaming) -> str:
        """An action with other names."""
        ...


@lru_cache
def then(first: Renaming, second: Renaming) -> Renaming:
    """One renaming after the other."""
    return tuple(first[number] for number in second)


@lru_cache
def undone(renaming: Renaming) -> Renaming:
    """The renaming that gives the names of before."""
    return tuple(renaming.index(number) for number in range(len(renaming)))


@dataclass(frozen=True, slots=True)
class Fairness:
    """Which steps may not be put off for ever, and which do not go on for ever.

    `weak`: an action that is enabled in every state from some point on is taken again and again.
    `strong`: an action that is enabled again and again is taken again and again.
    `ceasing`: an action that is taken only finitely often.
    Each is decided by the action's name; where several hold of an action, it is ceasing, else strong.
    """

    weak: Callable[[str], bool] = lambda action: False
    strong: Callable[[str], bool] = lambda action: False
    ceasing: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Invariant(Generic[S]):
    """Holds in every reachable state."""

    name: str
    text: str
    holds: Callable[[S], bool]


@dataclass(frozen=True, slots=True)
class StepInvariant(Generic[S]):
    """Holds of every step from a reachable state: of the state before, the step, and the state after."""

    name: str
    text: str
    holds: Callable[[S, Step, S], bool]


@dataclass(frozen=True, slots=True)
class Sometimes(Generic[S]):
    """Holds in some reachable state: shows that the system can get there at all."""

    name: str
    text: str
    holds: Callable[[S], bool]


@dataclass(frozen=True, slots=True)
class SometimesStep(Generic[S]):
    """Holds of some step from a reachable state."""

    name: str
    text: str
    holds: Callable[[S, Step, S], bool]


@dataclass(frozen=True, slots=True)
class LeadsTo(Generic[S]):
    """After every state where `before` holds comes one where `after` holds, or it is one, in every fair run."""

    name: str
    text: str
    before: Callable[[S], bool]
    after: Callable[[S], bool]
    fairness: Fairness = field(default_factory=Fairness)


@dataclass(frozen=True, slots=True)
class NoDeadlock(Generic[S]):
    """Every reachable state has a step, except where the system may end."""

    name: str = "no_deadlock"
    text: str = "every reachable state has a step"
    may_end: Callable[[S], bool] = lambda state: False


Property: TypeAlias = Invariant[S] | StepInvariant[S] | Sometimes[S] | SometimesStep[S] | LeadsTo[S] | NoDeadlock[S]


@dataclass(frozen=True, slots=True)
class Model(Generic[S]):
    """A system with its properties.

    States that differ only by the `symmetry` are visited once.  Invariants, witnesses and deadlocks must not depend on
    it; a leads-to property may.  `within` bounds the search: states outside are checked but not left.
    `title` says which instance this is.
    """

    title: str
    system: System[S]
    properties: tuple[Property[S], ...]
    symmetry: Symmetry[S] | None = None
    within: Callable[[S], bool] | None = None
    show: Callable[[S], str] = repr

    def property_named(self, name: str) -> Property[S]:
        """The property of that name.  Raises KeyError."""
        return {one.name: one for one in self.properties}[name]
