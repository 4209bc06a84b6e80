"""The graph of a finite instance: strongly connected components, and those that a fair run can stay in."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from netoracle.modelcheck.system import Fairness


@dataclass(slots=True)
class Graph:
    """States by number, each with its steps: where they lead, and the number of their action.

    The steps of state n are those from `first[n]` up to `first[n + 1]`.  States are added in the order of
    their numbers.
    """

    first: array[int] = field(default_factory=lambda: array("I", [0]))
    targets: array[int] = field(default_factory=lambda: array("I"))
    actions: array[int] = field(default_factory=lambda: array("H"))
    names: list[str] = field(default_factory=list)
    inside: bytearray = field(default_factory=bytearray)
    _numbers: dict[str, int] = field(default_factory=dict)

    def add(self, steps: Iterable[tuple[str, int]], inside: bool) -> None:
        """Add the next state, with the action and the target of each of its steps."""
        for action, target in steps:
            number = self._numbers.setdefault(action, len(self.names))
            if number == len(self.names):
                self.names.append(action)
            self.targets.append(target)
            self.actions.append(number)
        self.first.append(len(self.targets))
        self.inside.append(inside)

    def without(self, unwanted: Callable[[str], bool]) -> Graph:
        """The graph with the same states and without the steps of some actions."""
        kept = Graph()
        for state, inside in enumerate(self.inside):
            steps = ((self.names[self.actions[step]], self.targets[step]) for step in self.steps(state))
            kept.add((step for step in steps if not unwanted(step[0])), bool(inside))
        return kept

    def steps(self, state: int) -> range:
        """The numbers of a state's steps."""
        return range(self.first[state], self.first[state + 1])

    def ends(self, state: int) -> bool:
        """Whether a run may end here: a state that has no step, and not only because of the boundary."""
        return bool(self.inside[state]) and self.first[state] == self.first[state + 1]

    def enabled(self, state: int) -> set[int]:
        """The actions that a state has steps of."""
        return {self.actions[step] for step in self.steps(state)}


def components(graph: Graph, allowed: set[int]) -> list[set[int]]:
    """The strongly connected components of the part of a graph with only the allowed states (Tarjan)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    result: list[set[int]] = []
    for root in allowed:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(graph.steps(root)))]
        while work:
            state, steps = work[-1]
            for step in steps:
                target = graph.targets[step]
                if target not in allowed:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph.steps(target))))
                    break
                if target in on_stack:
                    low[state] = min(low[state], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[state])
                if low[state] == index[state]:
                    component: set[int] = set()
                    while state not in component:
                        component.add(stack.pop())
                    on_stack -= component
                    result.append(component)
    return result


def fair_components(graph: Graph, allowed: set[int], fairness: Fairness) -> list[set[int]]:
    """The sets of states in which some fair run can stay for ever, visiting all of them.

    A component serves weak fairness if each weak action is taken inside, or disabled in some state of it.  A strong
    action that is never taken inside must be disabled in every state: the states that enable it are left out, and
    what remains is looked at again.
    """
    weak = {number for number, name in enumerate(graph.names) if fairness.weak(name)}
    strong = {number for number, name in enumerate(graph.names) if fairness.strong(name)}
    weak -= strong
    fair: list[set[int]] = []
    pending = [allowed]
    while pending:
        for component in components(graph, pending.pop()):
            inside = {graph.actions[step] for step in inner_steps(graph, component)}
            if not inside:
                continue
            refused = strong - inside
            enablers = {state for state in component if refused and graph.enabled(state) & refused}
            if enablers:
                pending.append(component - enablers)
                continue
            missing = weak - inside
            for state in component:
                if not missing:
                    break
                missing &= graph.enabled(state)
            if not missing:
                fair.append(component)
    return fair


def inner_steps(graph: Graph, component: set[int]) -> Iterable[int]:
    """The steps that stay in a component."""
    return (step for state in component for step in graph.steps(state) if graph.targets[step] in component)


def shortest(graph: Graph, sources: Iterable[int], goal: Callable[[int], bool], allowed: set[int]) -> list[int] | None:
    """The shortest path from a source to a goal through allowed states, as states; the sources in their order."""
    parents: dict[int, int | None] = {source: None for source in sources if source in allowed}
    queue = list(parents)
    for state in queue:
        if goal(state):
            path = [state]
            while (parent := parents[path[-1]]) is not None:
                path.append(parent)
            return path[::-1]
        for step in graph.steps(state):
            target = graph.targets[step]
            if target in allowed and target not in parents:
                parents[target] = state
                queue.append(target)
    return None
