"""How much a search may spend, and what it has spent."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one search: states visited, seconds of wall time, and memory of the process in MiB."""

    states: int = 200_000
    seconds: float = 60.0
    megabytes: int = 4096


_MEMORY_EVERY = 64
_MEMORY_PAUSE = 0.1


def peak_megabytes() -> float:
    """The most memory that the process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Exhausted(Exception):
    """A budget ran out; the message says which."""


@dataclass(slots=True)
class Meter:
    """What a search has spent of its budget."""

    budget: Budget
    states: int = 0
    started: float = field(default_factory=time.perf_counter)
    memory_seen: float = -_MEMORY_PAUSE

    @property
    def seconds(self) -> float:
        """Wall time since the search began."""
        return time.perf_counter() - self.started

    def check_time(self) -> None:
        """Raise Exhausted where the time is up."""
        if self.seconds > self.budget.seconds:
            raise Exhausted(f"{self.budget.seconds:g} seconds")

    def spend(self) -> None:
        """Count a state.  Raises Exhausted where a budget has run out."""
        self.states += 1
        if self.states > self.budget.states:
            raise Exhausted(f"{self.budget.states} states")
        self.check_time()
        # Asking for the memory may take as long as many states.
        if self.states % _MEMORY_EVERY == 0 and self.seconds >= self.memory_seen + _MEMORY_PAUSE:
            self.memory_seen = self.seconds
            if peak_megabytes() > self.budget.megabytes:
                raise Exhausted(f"{self.budget.megabytes} MiB of memory")
