"""What is checked: a system of states and steps, and the properties that it should have."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeAlias, TypeVar

S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Step:
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


@dataclass(frozen=True, slots=True)
class Fairness:
    """Which steps may not be put off for ever.

    `weak`: an action that is enabled in every state from some point on is taken again and again.
    `strong`: an action that is enabled again and again is taken again and again.
    Each is decided by the action's name; where both hold of an action, it is strong.
    """

    weak: Callable[[str], bool] = lambda action: False
    strong: Callable[[str], bool] = lambda action: False


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

    `canonical` maps states that differ only by a symmetry of system and properties to one of them; it serves
    invariants, witnesses and deadlocks.  `within` bounds the search: states outside are checked but not left.
    `title` says which instance this is.
    """

    title: str
    system: System[S]
    properties: tuple[Property[S], ...]
    canonical: Callable[[S], S] | None = None
    within: Callable[[S], bool] | None = None
    show: Callable[[S], str] = repr

    def property_named(self, name: str) -> Property[S]:
        """The property of that name.  Raises KeyError."""
        return {one.name: one for one in self.properties}[name]
