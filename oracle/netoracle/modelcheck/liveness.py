"""Leads-to: looks for a fair run that gets to `before` and then stays away from `after` for ever."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Generic, TypeVar

from netoracle.modelcheck.explore import Found
from netoracle.modelcheck.graph import Graph, fair_components, shortest
from netoracle.modelcheck.result import Run
from netoracle.modelcheck.system import Fairness, LeadsTo

S = TypeVar("S", bound=Hashable)


@dataclass(slots=True)
class Watch(Generic[S]):
    """One leads-to property, with what each state says about it, by number."""

    property: LeadsTo[S]
    starts: list[int] = field(default_factory=list)
    open: set[int] = field(default_factory=set)

    def see(self, number: int, state: S) -> None:
        """Note whether `after` is still to come, and whether it is asked for."""
        if not self.property.after(state):
            self.open.add(number)
            if self.property.before(state):
                self.starts.append(number)


def counterexample(found: Found[S], graph: Graph, watch: Watch[S]) -> Run[S] | None:
    """A shortest way to where a fair run can avoid `after` for ever, and the loop there; None where no run can."""
    fairness = watch.property.fairness
    lasting = graph if fairness.ceasing is None else graph.without(fairness.ceasing)
    fair = fair_components(lasting, watch.open, fairness)
    home = {state: component for component in fair for state in component}
    tail = shortest(graph, watch.starts, lambda state: state in home or graph.ends(state), watch.open)
    if tail is None:
        return None
    path = found.path(tail[0]) + tail[1:]
    if graph.ends(path[-1]):
        return found.run(path)
    loop, actions = _loop(lasting, home[path[-1]], path[-1], fairness)
    entered = len(path) - 1
    return replace(
        found.run(path + loop, actions={entered + place: action for place, action in actions.items()}), loop=entered
    )


def _loop(graph: Graph, component: set[int], start: int, fairness: Fairness) -> tuple[list[int], dict[int, str]]:
    """A loop from a state through its component that is fair, and at which places it needs a step of which action.

    It begins as a shortest loop; while that wrongs an action, it is led to where the action is taken, or is disabled.
    """
    path: list[int] = [start]
    actions: dict[int, str] = {}

    def go(goal: set[int]) -> None:
        way = shortest(graph, [path[-1]], goal.__contains__, component)
        assert way is not None, "a component is connected"
        for state, target in pairwise(way):
            step = next(step for step in graph.steps(state) if graph.targets[step] == target)
            actions[len(path) - 1] = graph.names[graph.actions[step]]
            path.append(target)

    def take(name: str) -> bool:
        number = graph.names.index(name)
        origins = {state for state in component if next(_inner(graph, state, number, component), None) is not None}
        if origins:
            go(origins)
            actions[len(path) - 1] = name
            path.append(next(_inner(graph, path[-1], number, component)))
        return bool(origins)

    first = next(step for step in graph.steps(start) if graph.targets[step] in component)
    take(graph.names[graph.actions[first]])
    go({start})
    while (wronged := _wronged(graph, path, set(actions.values()), fairness)) is not None:
        if not take(wronged):
            number = graph.names.index(wronged)
            go({state for state in component if number not in graph.enabled(state)})
        go({start})
    return path[1:], actions


def _wronged(graph: Graph, path: list[int], taken: set[str], fairness: Fairness) -> str | None:
    """An action that going round such a loop for ever would put off against fairness, if there is one."""
    enabled = [{graph.names[number] for number in graph.enabled(state)} for state in path]
    for name in sorted(set().union(*enabled) - taken):
        if fairness.strong(name) or (fairness.weak(name) and all(name in here for here in enabled)):
            return name
    return None


def _inner(graph: Graph, state: int, action: int, component: set[int]) -> Iterator[int]:
    return (
        graph.targets[step]
        for step in graph.steps(state)
        if graph.actions[step] == action and graph.targets[step] in component
    )
