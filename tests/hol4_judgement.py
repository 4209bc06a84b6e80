"""`--hol4 CHECKOUT`: every rule call of the tests is judged by the HOL4 text too.

Where a rule returned a state, the text must allow that step; where it raised PremiseFailed, the
text must forbid it, or allow it only with choices that the test did not make.  Calls under a
profile with deviations, or with a constant changed, are left out: the text is not meant to agree.
`--hol4-report FILE` writes what came out, by rule.

With `--hol4-profile NAME` the text is that of the branch which the profile stands for: the calls
of BSD hosts are made again under the profile, with the same choices, and judged by that text.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from netoracle.certificate.recorded import can_succeed
from netoracle.symbolic import run as symbolic
from netoracle.symbolic.run import Hints, outcomes
from netoracle.symbolic.store import Store
from netoracle.transcription.evaluate.stack import with_deep_stack
from netoracle.transcription.evaluate.theory import Theory, theory_of
from netoracle.transcription.evaluate.values import Value
from netoracle.transcription.reader import read_model
from netoracle.transcription.steps import Noted, Outcome, Step, StepCheck, check_forbidden, check_step
from netspec.base.choose import Choose, PremiseFailed, require
from netspec.profiles import PROFILES
from netspec.tcp.host0 import Label
from netspec.tcp.host_types import Host
from netspec.tcp.rule import Rule

TESTS = str(Path(__file__).parent)
PROPERTY = "hol4"

T = TypeVar("T")


class Judgement:
    """Judges the rule calls of the test under way; the outcomes travel with the test's report."""

    def __init__(self, checkout: Path, report: Path | None, profile: str | None) -> None:
        self.checkout = checkout
        self.arch = PROFILES[profile].arch if profile else None
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
            if self.inside or not sys._getframe(1).f_code.co_filename.startswith(TESTS) or not self.concerns(h):
                return original(rule, h, lbl, choose)
            noted = Noted(choose)
            self.inside = True
            try:
                return original(rule, h, lbl, noted)
            finally:
                seen.append(with_deep_stack(lambda: self.judged(rule, h, lbl, noted.values)))
                self.inside = False

        with pytest.MonkeyPatch.context() as patch:
            if "monkeypatch" not in getattr(item, "fixturenames", ()):
                patch.setattr(Rule, "__call__", watched)
            result = yield
        if seen:
            outcome: Any = seen
            item.user_properties.append((PROPERTY, outcome))
        return result

    def concerns(self, h: Host) -> bool:
        """Whether the text is meant to agree with what rules do to this host."""
        if h.arch.deviations:
            return h.arch == self.arch
        return self.arch is None or h.arch.base is self.arch.base

    def judged(self, rule: Rule, h: Host, lbl: Label, choices: Mapping[str, Sequence[Value]]) -> list[str]:
        """Make a call again with its choices, under the profile if there is one: what the text says about it."""
        if self.arch is not None:
            h = replace(h, arch=self.arch)
        noted = Noted(Repeated(choices))
        try:
            h_ = rule.body(h, lbl, noted)
        except PremiseFailed:
            how, check = "forbidden", self.forbidden(rule, h, lbl, noted)
        else:
            how, check = "allowed", check_step(self.text(), Step(rule.name, h, lbl, h_, noted.values))
        return [how, rule.name, check.outcome.value, f"{check.place}: {check.reason}"]

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


class Repeated:
    """The choices of an earlier call, and where there is none of a name, any that is possible."""

    def __init__(self, choices: Mapping[str, Sequence[Value]]) -> None:
        self.left = {name: list(values) for name, values in choices.items()}

    def _next(self, name: str, other: Callable[[], T]) -> T:
        values = self.left.get(name)
        return values.pop(0) if values else other()

    def boolean(self, name: str) -> bool:
        """The truth value chosen then."""
        return self._next(name, lambda: False)

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """The member chosen then, if it is one."""
        members = tuple(options)
        require(bool(members))
        value = self._next(name, lambda: members[0])
        require(value in members)
        return value

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """The integer chosen then, if it is between the bounds."""
        value = self._next(name, lambda: lo)
        require(lo <= value and (hi is None or value <= hi))
        return value

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """The real chosen then, if it is between the bounds."""
        value = self._next(name, lambda: lo)
        require(lo <= value <= hi)
        return value

    def data(self, name: str) -> bytes:
        """The bytes chosen then."""
        return self._next(name, bytes)

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """The identifier chosen then, if it is unused."""
        value = self._next(name, lambda: next(make(n) for n in count() if make(n) not in used))
        require(value not in used)
        return value

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some choices let a rule succeed."""
        return can_succeed(rule)


class AnyLength(Hints):
    """Datagrams of any of the lengths that the tests use."""

    def payloads(self) -> tuple[bytes, ...]:
        """Contents of each length."""
        return tuple(map(bytes, range(64)))


def allows_otherwise(rule: Rule, h: Host, lbl: Label) -> bool:
    """Whether a rule applies with some choices."""
    found = outcomes(lambda choose: rule.body(h, lbl, choose), Store(), AnyLength())
    return any(isinstance(outcome, symbolic.Outcome) for outcome in found)
