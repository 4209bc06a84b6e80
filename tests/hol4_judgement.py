"""`--hol4 CHECKOUT`: every rule call of the tests is judged by the HOL4 text too.

Where a rule returned a state, the text must allow that step; where it raised PremiseFailed, the
text must forbid it, or allow it only with choices that the test did not make.  Calls under a
profile with deviations, or with a constant changed, are left out: the text is not meant to agree.
`--hol4-report FILE` writes what came out, by rule.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netoracle.symbolic import run as symbolic
from netoracle.symbolic.run import Hints, outcomes
from netoracle.symbolic.store import Store
from netoracle.transcription.evaluate.stack import with_deep_stack
from netoracle.transcription.evaluate.theory import Theory, theory_of
from netoracle.transcription.reader import read_model
from netoracle.transcription.steps import Noted, Outcome, Step, StepCheck, check_forbidden, check_step
from netspec.base.choose import Choose, PremiseFailed
from netspec.tcp.host0 import Label
from netspec.tcp.host_types import Host
from netspec.tcp.rule import Rule

TESTS = str(Path(__file__).parent)
PROPERTY = "hol4"


class Judgement:
    """Judges the rule calls of the test under way; the outcomes travel with the test's report."""

    def __init__(self, checkout: Path, report: Path | None) -> None:
        self.checkout = checkout
        self.report = report
        self.theory: Theory | None = None
        self.outcomes: dict[str, Counter[str]] = defaultdict(Counter)
        self.remarks: list[str] = []
        self.inside = False

    def text(self) -> Theory:
        """What the source files declare."""
        if self.theory is None:
            self.theory = theory_of(read_model(self.checkout))
        return self.theory

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        seen: list[list[str]] = []
        original = Rule.__call__

        def watched(rule: Rule, h: Host, lbl: Label, choose: Choose) -> Host:
            if self.inside or not sys._getframe(1).f_code.co_filename.startswith(TESTS) or h.arch.deviations:
                return original(rule, h, lbl, choose)
            self.inside = True
            noted = Noted(choose)
            try:
                h_ = original(rule, h, lbl, noted)
                judged = with_deep_stack(lambda: check_step(self.text(), Step(rule.name, h, lbl, h_, noted.values)))
                seen.append(["allowed", rule.name, judged.outcome.value, f"{judged.place}: {judged.reason}"])
                return h_
            except PremiseFailed:
                judged = with_deep_stack(lambda: self.forbidden(rule, h, lbl, noted))
                seen.append(["forbidden", rule.name, judged.outcome.value, f"{judged.place}: {judged.reason}"])
                raise
            finally:
                self.inside = False

        with pytest.MonkeyPatch.context() as patch:
            if "monkeypatch" not in getattr(item, "fixturenames", ()):
                patch.setattr(Rule, "__call__", watched)
            result = yield
        if seen:
            outcome: Any = seen
            item.user_properties.append((PROPERTY, outcome))
        return result

    def forbidden(self, rule: Rule, h: Host, lbl: Label, noted: Noted) -> StepCheck:
        """What the text says where a rule raised PremiseFailed: the rule may allow it with other choices."""
        judged = check_forbidden(self.text(), rule.name, h, lbl, noted.values)
        if judged.outcome is Outcome.contradicted and allows_otherwise(rule, h, lbl):
            return StepCheck(0, rule.name, Outcome.confirmed)
        return judged

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, seen in report.user_properties if report.when == "call" and report.passed else ():
            if name == PROPERTY:
                for how, rule, outcome, remark in seen:  # type: ignore[attr-defined]
                    self.outcomes[rule][f"{how} {outcome}"] += 1
                    if outcome != Outcome.confirmed.value:
                        self.remarks.append(f"{rule}: {how}: {outcome}: {remark} ({report.nodeid})")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.report is not None and not hasattr(session.config, "workerinput"):
            rules = {rule: dict(sorted(counts.items())) for rule, counts in sorted(self.outcomes.items())}
            self.report.write_text(json.dumps({"rules": rules, "remarks": sorted(self.remarks)}, indent=1) + "\n")


class AnyLength(Hints):
    """Datagrams of any of the lengths that the tests use."""

    def payloads(self) -> tuple[bytes, ...]:
        """Contents of each length."""
        return tuple(map(bytes, range(64)))


def allows_otherwise(rule: Rule, h: Host, lbl: Label) -> bool:
    """Whether a rule applies with some choices."""
    found = outcomes(lambda choose: rule.body(h, lbl, choose), Store(), AnyLength())
    return any(isinstance(outcome, symbolic.Outcome) for outcome in found)
