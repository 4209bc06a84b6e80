"""How much a search may spend, and what it has spent."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one search: states visited and seconds of wall time."""

    states: int = 200_000
    seconds: float = 60.0


class Exhausted(Exception):
    """A budget ran out; the message says which."""


@dataclass(slots=True)
class Meter:
    """What a search has spent of its budget."""

    budget: Budget
    states: int = 0
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Wall time since the search began."""
        return time.perf_counter() - self.started

    def spend(self) -> None:
        """Count a state.  Raises Exhausted where a budget has run out."""
        self.states += 1
        if self.states > self.budget.states:
            raise Exhausted(f"{self.budget.states} states")
        if self.seconds > self.budget.seconds:
            raise Exhausted(f"{self.budget.seconds:g} seconds")
