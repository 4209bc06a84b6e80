"""Why no run explains a trace: the first label that none explains, and the rules that came nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netoracle.explanation.premise import premise_of
from netoracle.scenario import Scenario
from netoracle.search.budget import Budget, Exhausted, Meter
from netoracle.search.lookahead import Lookahead
from netoracle.search.state import State
from netoracle.search.successors import Successors, TooDeep
from netoracle.symbolic.run import Failure, TooWide
from netoracle.symbolic.solver import SolverGaveUp
from netoracle.trace.hol.printing.labels import print_label
from netoracle.trace.observation import AnyReturn
from netspec.tcp.host0 import Lh_call, Lh_return
from netspec.tcp.rule import Rule

_NEAREST = 6
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class NearRule:
    """A rule that came near: the premise that failed, and the values on both sides."""

    rule: str
    premise: str
    expected: str | None
    found: str | None


@dataclass(frozen=True, slots=True)
class Violation:
    """The first label that no run explains; `line` is its place in the file."""

    label: int
    line: int
    summary: str
    nearest: tuple[NearRule, ...]


def explain_violation(scenario: Scenario, lookahead: Lookahead, deepest: Sequence[State]) -> Violation:
    """Try every rule once more at the states that explained the most labels, and rank their failures."""
    index = min(deepest[0].index, len(scenario.labels) - 1)
    failures: dict[tuple[str, str], tuple[tuple[bool, tuple[int, ...]], NearRule]] = {}
    observation = scenario.labels[index]
    kind = Lh_return if isinstance(observation, AnyReturn) else type(observation)

    def note(rule: Rule, failure: Failure) -> None:
        premise = premise_of(failure.error)
        if premise is None:
            return
        near = NearRule(rule.name, premise.text, premise.expected, premise.found)
        key = (rule.name, premise.text)
        answers = premise.shows and (kind in (Lh_call, Lh_return) or not premise.text.startswith("return"))
        score = (answers or kind in rule.categories, premise.progress)
        if key not in failures or failures[key][0] < score:
            failures[key] = (score, near)

    successors = Successors(lookahead, complete=False, on_failure=note)
    lookahead.meter = Meter(Budget(seconds=_SECONDS))
    try:
        for state in deepest:
            if state.index == index:
                for _ in successors.of(state):
                    pass
    except (Exhausted, SolverGaveUp, TooDeep, TooWide):
        # What was found out so far is explained.
        pass
    finally:
        lookahead.meter = None
    ranked = sorted(failures.values(), key=lambda scored: scored[0], reverse=True)
    nearest: dict[str, NearRule] = {}
    for _, near in ranked:
        nearest.setdefault(near.rule, near)
    return Violation(
        index,
        scenario.entries[index].line,
        _summary(scenario, index),
        tuple(nearest.values())[:_NEAREST],
    )


def _summary(scenario: Scenario, index: int) -> str:
    label = scenario.labels[index]
    text = f"a return of {label.tid}" if isinstance(label, AnyReturn) else print_label(label)
    return " ".join(text.split())
