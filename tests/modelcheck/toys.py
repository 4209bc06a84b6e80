"""Small systems, one for each thing that the checker does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from netoracle.modelcheck.system import Renaming, Step


@dataclass(frozen=True)
class Drawn:
    """A graph written down: each state with its steps (rule, next state)."""

    steps: Mapping[str, tuple[tuple[str, str], ...]]
    start: str = "a"

    def initial(self) -> Iterable[str]:
        return (self.start,)

    def successors(self, state: str) -> Iterable[tuple[Step, str]]:
        return ((Step(rule), after) for rule, after in self.steps.get(state, ()))


class Process(NamedTuple):
    at: str


class Mutex(NamedTuple):
    processes: tuple[Process, ...]
    lock: bool


@dataclass(frozen=True)
class Locking:
    """Processes that share a lock; with `check` off they enter without looking at it."""

    count: int
    check: bool = True

    def initial(self) -> Iterable[Mutex]:
        return (Mutex((Process("out"),) * self.count, False),)

    def successors(self, state: Mutex) -> Iterable[tuple[Step, Mutex]]:
        moves: dict[str, tuple[str, Callable[[], bool], bool]] = {
            "out": ("wait", lambda: True, state.lock),
            "wait": ("in", lambda: not (self.check and state.lock), True),
            "in": ("out", lambda: True, False),
        }
        for number, process in enumerate(state.processes):
            to, may, lock = moves[process.at]
            if may():
                moved = (*state.processes[:number], Process(to), *state.processes[number + 1 :])
                yield Step(f"go_{to}", str(number)), Mutex(moved, lock)


class Alike:
    """The processes of a lock are alike."""

    def __init__(self, parties: int) -> None:
        self.parties = parties

    def canonical(self, state: Mutex) -> tuple[Mutex, Renaming]:
        renaming = tuple(sorted(range(self.parties), key=lambda number: state.processes[number]))
        return self.renamed(state, renaming), renaming

    def renamed(self, state: Mutex, renaming: Renaming) -> Mutex:
        return Mutex(tuple(state.processes[number] for number in renaming), state.lock)

    def action(self, action: str, renaming: Renaming) -> str:
        rule, party = action.split()
        return f"{rule} {renaming.index(int(party))}"


def exclusive(state: Mutex) -> bool:
    return sum(process.at == "in" for process in state.processes) <= 1
