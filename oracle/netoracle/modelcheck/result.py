"""What a check ends in: a verdict for each property, a run where there is one to show, and what it cost."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from netoracle.modelcheck.system import Property, Step

S = TypeVar("S", bound=Hashable)


class Outcome(Enum):
    """Whether a property holds; `inconclusive` where a budget ended the search before that was known."""

    holds = "holds"
    violated = "violated"
    inconclusive = "inconclusive"


@dataclass(frozen=True, slots=True)
class Run(Generic[S]):
    """States with the steps between them, one fewer.

    `loop` is the index of the state that the last one equals, for a run that goes on for ever; None for a finite run.
    """

    states: tuple[S, ...]
    steps: tuple[Step, ...]
    loop: int | None = None


@dataclass(frozen=True, slots=True)
class Finding(Generic[S]):
    """The outcome for one property, with a counterexample or, for a witness, the run that gets there."""

    property: Property[S]
    outcome: Outcome
    run: Run[S] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a search covered: states found, steps taken, states outside the boundary, the longest shortest path.

    `what` says whether states were counted up to symmetry; `ended_by` names the budget that ran out.  `collision`
    bounds the chance that a state was missed because its fingerprint is another's.
    """

    what: str
    distinct: int
    generated: int
    outside: int
    depth: int
    seconds: float
    complete: bool
    ended_by: str | None
    collision: float

    @property
    def rate(self) -> float:
        """Distinct states a second."""
        return self.distinct / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Report(Generic[S]):
    """The findings for all properties of a model, and the statistics of the searches for them."""

    title: str
    findings: tuple[Finding[S], ...]
    searches: tuple[Statistics, ...]

    @property
    def outcome(self) -> Outcome:
        """Violated where some property is; else inconclusive where some is."""
        outcomes = {finding.outcome for finding in self.findings}
        return next((one for one in (Outcome.violated, Outcome.inconclusive) if one in outcomes), Outcome.holds)

    def finding(self, name: str) -> Finding[S]:
        """The finding for the property of that name.  Raises KeyError."""
        return {one.property.name: one for one in self.findings}[name]
