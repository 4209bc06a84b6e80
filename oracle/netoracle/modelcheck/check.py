"""Checks a model: every property gets an outcome, with a run to show for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar

from netoracle.modelcheck.encoding import collision_chance
from netoracle.modelcheck.explore import Found, Space, Visit, explore
from netoracle.modelcheck.graph import Graph
from netoracle.modelcheck.liveness import Watch, counterexample
from netoracle.modelcheck.result import Finding, Outcome, Report, Run, Statistics
from netoracle.modelcheck.system import (
    Invariant,
    LeadsTo,
    Model,
    NoDeadlock,
    Property,
    Sometimes,
    SometimesStep,
    Step,
    StepInvariant,
)
from netoracle.modelcheck.unfold import Folded, Unfolded
from netoracle.search.budget import Budget, Exhausted, Meter

S = TypeVar("S", bound=Hashable)

DEFAULT_BUDGET = Budget(states=1_000_000, seconds=300.0, megabytes=4096)


def check(
    model: Model[S],
    names: Collection[str] | None = None,
    budget: Budget = DEFAULT_BUDGET,
    *,
    exact: bool = False,
    progress: Callable[[Space[S]], None] | None = None,
) -> Report[S]:
    """Check the properties of a model, or those named, within a budget of states and seconds in all.

    Leads-to properties need the graph of all states, since steps up to symmetry do not say whose they are; it is
    made from that.  Raises KeyError for a name that the model has no property of.
    """
    chosen = model.properties if names is None else tuple(model.property_named(name) for name in names)
    meter = Meter(budget)
    safety: list[Property[S]] = [one for one in chosen if not isinstance(one, LeadsTo)]
    live = [one for one in chosen if isinstance(one, LeadsTo)]
    findings: dict[str, Finding[S]] = {}
    space = Space(model, exact)
    folded: Folded[S] | None = Folded() if live and model.symmetry is not None else None
    watching = _Watching(safety, [] if folded else live, folded)
    searches = [_search(space, watching, meter, progress, findings)]
    if folded is not None and model.symmetry is not None:
        unfolded = Unfolded(model, model.symmetry, space, folded)
        searches.append(_unfold(unfolded, [Watch(one) for one in live], searches[0], meter, findings))
    return Report(model.title, tuple(findings[one.name] for one in chosen), tuple(searches))


class _Watching(Generic[S]):
    """The properties of one search: those still open, and for each one decided where in the space it was."""

    def __init__(self, safety: Sequence[Property[S]], live: list[LeadsTo[S]], folded: Folded[S] | None) -> None:
        self.open: list[Property[S]] = list(safety)
        self.decided: list[tuple[Property[S], int, tuple[Step, S] | None]] = []
        self.watches = [Watch(one) for one in live]
        self.graph = Graph()
        self.folded = folded
        self._sort()

    def _sort(self) -> None:
        """What is looked at in each state, and in each step, with the answer that decides it."""
        self._of_states = [
            (one, one.holds, isinstance(one, Sometimes)) for one in self.open if isinstance(one, Invariant | Sometimes)
        ]
        self._of_steps = [
            (one, one.holds, isinstance(one, SometimesStep))
            for one in self.open
            if isinstance(one, StepInvariant | SometimesStep)
        ]
        self._of_ends = [one for one in self.open if isinstance(one, NoDeadlock)]

    @property
    def done(self) -> bool:
        return not self.open and not self.watches and self.folded is None

    def see(self, number: int, state: S) -> None:
        """Judge a new state."""
        for one, holds, decisive in self._of_states:
            if holds(state) is decisive:
                self._decide(one, number)
        for watch in self.watches:
            watch.see(number, state)
        if self.folded is not None:
            self.folded.see(state)

    def leave(self, visit: Visit[S], space: Space[S]) -> None:
        """Judge the steps of a state."""
        for one, holds, decisive in self._of_steps:
            for step, after, _, _ in visit.steps:
                if holds(visit.state, step, after) is decisive:
                    self._decide(one, visit.number, (step, after))
                    break
        if visit.inside and not visit.steps:
            for ending in self._of_ends:
                if not ending.may_end(visit.state):
                    self._decide(ending, visit.number)
        if self.watches:
            self.graph.add(((taken.step.action, taken.number) for taken in visit.steps), visit.inside)
        if self.folded is not None:
            self.folded.leave(visit, space)

    def _decide(self, one: Property[S], number: int, last: tuple[Step, S] | None = None) -> None:
        self.open.remove(one)
        self.decided.append((one, number, last))
        self._sort()


def _search(
    space: Space[S],
    watching: _Watching[S],
    meter: Meter,
    progress: Callable[[Space[S]], None] | None,
    findings: dict[str, Finding[S]],
) -> Statistics:
    began = meter.seconds
    ended_by = None
    complete = False
    try:
        for visit in explore(space, meter, watching.see, progress):
            watching.leave(visit, space)
            if watching.done:
                break
        else:
            complete = True
    except Exhausted as exhausted:
        ended_by = str(exhausted)
    for one, number, last in watching.decided:
        outcome = Outcome.holds if isinstance(one, Sometimes | SometimesStep) else Outcome.violated
        findings[one.name] = Finding(one, outcome, space.run(space.path(number), last))
    for one in watching.open:
        findings[one.name] = _undecided(one, complete, ended_by, space.outside)
    for watch in watching.watches:
        findings[watch.property.name] = _leads_to(space, watching.graph, watch, complete, ended_by, space.outside)
    return Statistics(
        "states" if space.model.symmetry is None else "states up to symmetry",
        len(space.keys),
        space.generated,
        space.outside,
        space.depth,
        meter.seconds - began,
        complete,
        ended_by,
        0.0 if space.exact else collision_chance(len(space.keys)),
    )


def _unfold(
    unfolded: Unfolded[S],
    watches: list[Watch[S]],
    search: Statistics,
    meter: Meter,
    findings: dict[str, Finding[S]],
) -> Statistics:
    """Decide leads-to properties on the graph of all states, where the search that it is made from was complete."""
    began = meter.seconds
    ended_by = search.ended_by

    def see(number: int, state: S) -> None:
        for watch in watches:
            watch.see(number, state)

    if search.complete:
        try:
            unfolded.unfold(meter, see)
        except Exhausted as exhausted:
            ended_by = str(exhausted)
    graph = unfolded.graph
    complete = ended_by is None
    outside = len(graph.inside) - sum(graph.inside)
    for watch in watches:
        findings[watch.property.name] = _leads_to(unfolded, graph, watch, complete, ended_by, outside)
    return Statistics(
        "states",
        len(unfolded.parents),
        len(graph.targets),
        outside,
        search.depth,
        meter.seconds - began,
        complete,
        ended_by,
        search.collision,
    )


_WITHIN = "within the boundary of the instance"


def _undecided(one: Property[S], complete: bool, ended_by: str | None, outside: int) -> Finding[S]:
    if not complete:
        return Finding(one, Outcome.inconclusive, reason=f"the search ended after {ended_by}")
    if isinstance(one, Sometimes | SometimesStep):
        outcome = Outcome.inconclusive if outside else Outcome.violated
        return Finding(one, outcome, reason=f"not reached {_WITHIN}" if outside else "not reached")
    return Finding(one, Outcome.holds, reason=_WITHIN if outside else None)


def _leads_to(
    found: Found[S], graph: Graph, watch: Watch[S], complete: bool, ended_by: str | None, outside: int
) -> Finding[S]:
    if not complete:
        return Finding(watch.property, Outcome.inconclusive, reason=f"the search ended after {ended_by}")
    run: Run[S] | None = counterexample(found, graph, watch)
    if run is not None:
        return Finding(watch.property, Outcome.violated, run)
    return Finding(watch.property, Outcome.holds, reason=_WITHIN if outside else None)
