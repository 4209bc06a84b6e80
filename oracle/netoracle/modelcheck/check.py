"""Checks a model: every property gets an outcome, with a run to show for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar

from netoracle.modelcheck.encoding import collision_chance
from netoracle.modelcheck.explore import Space, Visit, explore
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

    Leads-to properties need the graph of all states without symmetry, whose steps would not say whose they are;
    the others are checked up to symmetry.  Raises KeyError for a name that the model has no property of.
    """
    chosen = model.properties if names is None else tuple(model.property_named(name) for name in names)
    meter = Meter(budget)
    safety: list[Property[S]] = [one for one in chosen if not isinstance(one, LeadsTo)]
    live = [one for one in chosen if isinstance(one, LeadsTo)]
    findings: dict[str, Finding[S]] = {}
    searches = []
    if safety and (model.canonical is not None or not live):
        searches.append(_search(Space(model, exact), _Watching(safety, []), meter, progress, findings))
        safety = []
    if live:
        space = Space(model, exact, symmetric=False)
        searches.append(_search(space, _Watching(safety, live), meter, progress, findings))
    return Report(model.title, tuple(findings[one.name] for one in chosen), tuple(searches))


class _Watching(Generic[S]):
    """The properties of one search: those still open, and for each one decided where in the space it was."""

    def __init__(self, safety: Sequence[Property[S]], live: list[LeadsTo[S]]) -> None:
        self.open: list[Property[S]] = list(safety)
        self.decided: list[tuple[Property[S], int, tuple[Step, S] | None]] = []
        self.watches = [Watch(one) for one in live]
        self.graph = Graph()

    @property
    def done(self) -> bool:
        return not self.open and not self.watches

    def see(self, number: int, state: S) -> None:
        """Judge a new state."""
        for one in tuple(self.open):
            if (isinstance(one, Invariant) and not one.holds(state)) or (
                isinstance(one, Sometimes) and one.holds(state)
            ):
                self._decide(one, number)
        for watch in self.watches:
            watch.see(number, state)

    def leave(self, visit: Visit[S]) -> None:
        """Judge the steps of a state."""
        for one in tuple(self.open):
            if isinstance(one, StepInvariant | SometimesStep):
                for step, after, _ in visit.steps:
                    if one.holds(visit.state, step, after) is isinstance(one, SometimesStep):
                        self._decide(one, visit.number, (step, after))
                        break
            elif isinstance(one, NoDeadlock) and visit.inside and not visit.steps and not one.may_end(visit.state):
                self._decide(one, visit.number)
        if self.watches:
            self.graph.add(((step.action, target) for step, _, target in visit.steps), visit.inside)

    def _decide(self, one: Property[S], number: int, last: tuple[Step, S] | None = None) -> None:
        self.open.remove(one)
        self.decided.append((one, number, last))


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
            watching.leave(visit)
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
        findings[watch.property.name] = _leads_to(space, watching.graph, watch, complete, ended_by)
    return Statistics(
        "states up to symmetry" if space.symmetric and space.model.canonical else "states",
        len(space.keys),
        space.generated,
        space.outside,
        space.depth,
        meter.seconds - began,
        complete,
        ended_by,
        0.0 if space.exact else collision_chance(len(space.keys)),
    )


_WITHIN = "within the boundary of the instance"


def _undecided(one: Property[S], complete: bool, ended_by: str | None, outside: int) -> Finding[S]:
    if not complete:
        return Finding(one, Outcome.inconclusive, reason=f"the search ended after {ended_by}")
    if isinstance(one, Sometimes | SometimesStep):
        outcome = Outcome.inconclusive if outside else Outcome.violated
        return Finding(one, outcome, reason=f"not reached {_WITHIN}" if outside else "not reached")
    return Finding(one, Outcome.holds, reason=_WITHIN if outside else None)


def _leads_to(space: Space[S], graph: Graph, watch: Watch[S], complete: bool, ended_by: str | None) -> Finding[S]:
    if not complete:
        return Finding(watch.property, Outcome.inconclusive, reason=f"the search ended after {ended_by}")
    run: Run[S] | None = counterexample(space, graph, watch)
    if run is not None:
        return Finding(watch.property, Outcome.violated, run)
    return Finding(watch.property, Outcome.holds, reason=_WITHIN if space.outside else None)
