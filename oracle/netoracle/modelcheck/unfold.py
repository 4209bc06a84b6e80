"""The graph of all states, made from that of the states up to symmetry.

Where a system does not depend on names, a state that is another with names changed has the steps of that one with names
changed.  So only one state of each kind has to be asked for its steps.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Mapping
from itertools import permutations
from typing import Generic, TypeVar

from netoracle.modelcheck.explore import NONE, Space, Visit, path_to, retraced
from netoracle.modelcheck.graph import Graph
from netoracle.modelcheck.result import Run
from netoracle.modelcheck.system import Model, Renaming, Step, Symmetry, then, undone
from netoracle.search.budget import Meter

S = TypeVar("S", bound=Hashable)


class Folded(Generic[S]):
    """One state of each kind, as it was found, and its steps, each with the renaming of the one found that it leads to.

    That renaming makes the state that was found of the kind the one that the step leads to.
    """

    def __init__(self) -> None:
        """Nothing was found."""
        self.graph = Graph()
        self.states: list[S] = []
        self.renamings: list[Renaming] = []

    def see(self, state: S) -> None:
        """Take in the next state found."""
        self.states.append(state)

    def leave(self, visit: Visit[S], space: Space[S]) -> None:
        """Take in its steps."""
        self.graph.add(((taken.step.action, taken.number) for taken in visit.steps), visit.inside)
        self.renamings += [then(space.renamings[taken.number], undone(taken.renaming)) for taken in visit.steps]


class Unfolded(Generic[S]):
    """All states by number, each as one that was found with a renaming, and their graph."""

    def __init__(self, model: Model[S], symmetry: Symmetry[S], space: Space[S], folded: Folded[S]) -> None:
        """Nothing is unfolded yet; `space` and `folded` are complete."""
        self.graph = Graph()
        self.parents: array[int] = array("I")
        self._system = model.system
        self._symmetry = symmetry
        self._space = space
        self._folded = folded
        self._names: list[Renaming] = list(permutations(range(symmetry.parties)))
        self._places: list[tuple[int, int]] = []

    def unfold(self, meter: Meter, on_new: Callable[[int, S], None]) -> None:
        """Find all states; `on_new` is told of each.  Raises Exhausted where a budget runs out."""
        names, folded, space = self._names, self._folded.graph, self._space
        index = {renaming: number for number, renaming in enumerate(names)}
        combined = [[index[then(first, second)] for second in names] for first in names]
        actions = [[self._symmetry.action(action, renaming) for action in folded.names] for renaming in names]
        turns = bytes(index[renaming] for renaming in self._folded.renamings)
        alike: dict[int, list[int]] = {}
        numbers: dict[tuple[int, int], int] = {}

        def found(kind: int, renaming: int, parent: int) -> int:
            if kind not in alike:
                alike[kind] = self._alike(kind)
            place = kind, alike[kind][renaming]
            number = numbers.get(place)
            if number is None:
                number = numbers[place] = len(numbers)
                self._places.append(place)
                self.parents.append(parent)
                meter.spend()
                on_new(number, self.state(number))
            return number

        for state in self._system.initial():
            key, renaming = space.key(state)
            kind = space.numbers[key]
            found(kind, index[then(space.renamings[kind], undone(renaming))], NONE)
        for number, (kind, turned) in enumerate(self._places):
            steps = [
                (
                    actions[turned][folded.actions[step]],
                    found(folded.targets[step], combined[turns[step]][turned], number),
                )
                for step in folded.steps(kind)
            ]
            self.graph.add(steps, bool(folded.inside[kind]))

    def _alike(self, kind: int) -> list[int]:
        """For each renaming of a kind's state the first one that has the same result."""
        state, results = self._folded.states[kind], dict[S, int]()
        return [
            results.setdefault(self._symmetry.renamed(state, renaming), number)
            for number, renaming in enumerate(self._names)
        ]

    def state(self, number: int) -> S:
        """The state of a number."""
        kind, renaming = self._places[number]
        return self._symmetry.renamed(self._folded.states[kind], self._names[renaming])

    def path(self, number: int) -> list[int]:
        """The numbers from an initial state to this one, by the shortest way."""
        return path_to(number, self.parents)

    def run(
        self, path: list[int], last: tuple[Step, S] | None = None, actions: Mapping[int, str] | None = None
    ) -> Run[S]:
        """The states and steps along a path: steps are found again, so that it is a run of the system."""
        return retraced(self._system, path, self._is, last, actions)

    def _is(self, state: S, number: int) -> bool:
        return state == self.state(number)
