"""Why no run explains a trace: the first label that none explains, and the rules that came nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netoracle.explanation.premise import FailedPremise, premise_of
from netoracle.scenario import Scenario
from netoracle.trace.observation import AnyReturn
from netoracle.search.lookahead import Lookahead
from netoracle.search.state import State
from netoracle.search.successors import Successors
from netoracle.symbolic.run import Failure
from netoracle.trace.hol_print import print_label
from netspec.tcp.rule import Rule

_NEAREST = 6


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
    failures: dict[tuple[str, str], tuple[int, NearRule]] = {}

    def note(rule: Rule, failure: Failure) -> None:
        premise = premise_of(failure.error)
        if premise is None:
            return
        near = NearRule(rule.name, premise.text, premise.expected, premise.found)
        key = (rule.name, premise.text)
        if key not in failures or failures[key][0] < premise.depth:
            failures[key] = (_score(rule, premise), near)

    successors = Successors(lookahead, complete=False, on_failure=note)
    for state in deepest:
        if state.index > index:
            continue
        for _ in successors.of(state):
            pass
    ranked = sorted(failures.values(), key=lambda scored: -scored[0])
    nearest: dict[str, NearRule] = {}
    for _, near in ranked:
        nearest.setdefault(near.rule, near)
    return Violation(
        index,
        scenario.entries[index].line,
        _summary(scenario, index),
        tuple(nearest.values())[:_NEAREST],
    )


def _score(rule: Rule, premise: FailedPremise) -> int:
    """How near a rule came: a mismatch with the trace is nearest, then the depth of the premise."""
    return premise.depth if premise.function in ("", rule.name) else premise.depth + 1


def _summary(scenario: Scenario, index: int) -> str:
    label = scenario.labels[index]
    text = f"a return of {label.tid}" if isinstance(label, AnyReturn) else print_label(label)
    return " ".join(text.split())
