"""What a verdict owes to the errata that are applied, and what it would be with others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from netoracle.certificate.model import Certificate
from netoracle.certificate.replay import Refused, apply_step, begin
from netoracle.scenario import Scenario, Switches, prepare
from netoracle.search.budget import Budget
from netoracle.search.lookahead import Lookahead
from netoracle.search.search import Found, Search, Verdict
from netoracle.search.state import State
from netspec.tcp.errata import ERRATA
from netspec.tcp.host_types import Host

TRIED_AT_MOST: Final = 5
"""How many errata are switched, one at a time, to see what becomes of a violation."""

_NEARBY: Final = Budget(states=100, seconds=1)
"""How long the label that no run explains is tried with an erratum switched over."""


class Asked(frozenset[str]):
    """The deviations of an architecture, noting which names are looked up in them.

    `errata` are the errata among them, `names` what was looked up, in order.
    """

    names: dict[str, None]
    errata: frozenset[str]

    def __new__(cls, deviations: Iterable[str]) -> Asked:
        """The same names, and nothing noted."""
        self = super().__new__(cls, deviations)
        self.names = {}
        self.errata = frozenset(self) & frozenset(ERRATA)
        return self

    def __contains__(self, name: object) -> bool:
        """Whether the name is one of them."""
        self.names[name] = None  # type: ignore[index]
        return super().__contains__(name)

    def applied(self) -> tuple[str, ...]:
        """The errata among them that were looked up."""
        return tuple(name for name in self.names if name in self.errata)

    def not_applied(self) -> tuple[str, ...]:
        """The errata that were looked up and are not among them."""
        return tuple(name for name in self.names if name in ERRATA and name not in self.errata)


def asking(asked: Asked, h: Host) -> Host:
    """The same host, whose rules look up their errata and deviations in `asked`."""
    return replace(h, arch=replace(h.arch, deviations=asked))


@dataclass(frozen=True, slots=True)
class ErratumEffect:
    """What an erratum, applied or not, means for a verdict.

    Of `conforms`: whether the run depends on it, being no run of the specification without it
    (there may be others).
    Of `violates`: the verdict with the erratum switched over, and the first label that no run
    explains then; no verdict where that was not tried.
    """

    name: str
    applied: bool
    depends: bool | None = None
    verdict_otherwise: Verdict | None = None
    label_otherwise: int | None = None


def effects_on_run(certificate: Certificate, scenario: Scenario) -> list[ErratumEffect]:
    """Which of the errata that are applied the run asked for, and whether it depends on them."""
    asked = Asked(scenario.profile.arch.deviations)
    _goes_through(certificate, scenario, asked)
    return [
        ErratumEffect(name, True, depends=not _goes_through(certificate, scenario, frozenset(asked) - {name}))
        for name in asked.applied()
    ]


def _goes_through(certificate: Certificate, scenario: Scenario, deviations: frozenset[str]) -> bool:
    """Whether the specification with these deviations allows every step of a run.

    The states need not be those of the certificate.
    """
    try:
        h, _ = begin(certificate, scenario)
        h = replace(h, arch=replace(h.arch, deviations=deviations))
        for step in certificate.steps:
            h = apply_step(h, step, scenario.labels)
    except Refused:
        return False
    return True


Again = Callable[[Scenario, Budget], tuple[Verdict, int | None]]


def effects_on_violation(
    scenario: Scenario,
    lookahead: Lookahead,
    deepest: Sequence[State],
    consulted: Sequence[str],
    budget: Budget,
    again: Again,
) -> list[ErratumEffect]:
    """What the verdict would be with each of the errata switched over alone.

    `again` searches: it returns the verdict and the label that the search got to.  Each search
    has the whole budget, but all together have its seconds; what is beyond these, or beyond
    TRIED_AT_MOST, is not tried, nor is one that is not applied and does not let the label be
    explained from one of the states that got to it.
    """
    started = time.perf_counter()
    effects = []
    further = {name: _gets_further(scenario, lookahead, deepest, name) for name in consulted}
    for position, name in enumerate(sorted(consulted, key=lambda name: not further[name])):
        applied = name in scenario.profile.arch.deviations
        left = budget.seconds - (time.perf_counter() - started)
        if position >= TRIED_AT_MOST or left <= 0 or not (applied or further[name]):
            effects.append(ErratumEffect(name, applied))
        else:
            verdict, label = again(_switched_over(scenario, name), replace(budget, seconds=left))
            effects.append(ErratumEffect(name, applied, verdict_otherwise=verdict, label_otherwise=label))
    return effects


def _gets_further(scenario: Scenario, lookahead: Lookahead, deepest: Sequence[State], name: str) -> bool:
    """Whether the first label that no run explains is soon explained once an erratum is switched over there."""
    labels = scenario.labels[: deepest[0].index + 1]
    deviations = scenario.profile.arch.deviations ^ {name}
    for state in deepest:
        if state.internal == 0 and state.index < len(labels):
            h = replace(state.host, arch=replace(state.host.arch, deviations=deviations))
            nearby = Search(labels, replace(state, host=h), lookahead, _anything, _NEARBY)
            if nearby.run().verdict is Verdict.conforms:
                return True
    return False


def _anything(found: Found) -> bool:
    return True


def _switched_over(scenario: Scenario, name: str) -> Scenario:
    profile = scenario.profile
    if name in profile.arch.deviations:
        other = profile.switched(off=[name])
    else:
        other = profile.switched(on=[name])
    return prepare(scenario.trace, profile.name, Switches(other.on, other.off))
