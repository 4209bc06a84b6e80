"""The index of the specification: each rule with its sources and with what exercises it."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import dataclass
from typing import Any, Final

import netspec.tcp.rules  # noqa: F401  (entering the rules into the index)
from netoracle.coverage import measured
from netoracle.coverage.measured import Place, RuleTests, TraceRun
from netoracle.coverage.reasons import Reason, parse
from netspec.profiles import PROFILES
from netspec.tcp.rule import RULES, Rule

_SOURCE: Final = re.compile(r"\s*Source: (?P<file>\S+), (?P<name>\w+)\.\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, the chapter that it is in, where the HOL4 text has it, and what exercises it.

    `place` is None where that has not been looked up, `reason` where some trace exercises the rule.
    """

    rule: Rule
    chapter: str
    place: Place | None
    tests: RuleTests
    traces: tuple[tuple[TraceRun, int], ...]
    reason: Reason | None

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.rule.name

    @property
    def summary(self) -> str:
        """What the rule allows, in one paragraph."""
        return " ".join(_SOURCE.sub("", self.rule.summary).split())

    @property
    def headline(self) -> str:
        """The first sentence of that."""
        return self.rule.summary.partition("\n")[0]

    @property
    def source(self) -> str:
        """The HOL4 file and the rule's name in it, as the docstring has them."""
        match = _SOURCE.search(self.rule.summary)
        return "" if match is None else f"{match['file']}, {match['name']}"

    @property
    def categories(self) -> str:
        """The categories for each kind of label."""
        return "; ".join(f"{kind.__name__}: {', '.join(map(str, cats))}" for kind, cats in self.rule.categories.items())

    @property
    def file(self) -> str:
        """The Python source file, from the root of the project."""
        return f"spec/{self.rule.body.__module__.replace('.', '/')}.py"

    @property
    def line(self) -> int:
        """The line of that file at which the rule begins."""
        return inspect.getsourcelines(self.rule.body)[1]

    @property
    def times(self) -> int:
        """How often the traces' runs have the rule, in all."""
        return sum(count for _, count in self.traces)

    @property
    def deviations(self) -> tuple[str, ...]:
        """The deviations that touch the rule: `profile: name`."""
        return tuple(
            f"{profile.name}: {deviation.name}"
            for profile in PROFILES.values()
            for deviation in profile.deviations
            if self.name in deviation.touches
        )


def entries() -> tuple[Entry, ...]:
    """Every rule, in the order of the specification."""
    return tuple(_entry(rule) for rule in RULES.values())


def entry(name: str) -> Entry | None:
    """The rule of that name, if there is one."""
    return _entry(RULES[name]) if name in RULES else None


def _entry(rule: Rule) -> Entry:
    reason = measured.reasons().get(rule.name)
    return Entry(
        rule,
        rule.body.__module__.rpartition(".")[2],
        measured.places().get(rule.name),
        measured.tests().get(rule.name, RuleTests()),
        tuple((run, run.rules[rule.name]) for run in measured.traces() if rule.name in run.rules),
        None if reason is None else parse(reason),
    )


@dataclass(frozen=True, slots=True)
class Chapter:
    """The rules of one module, and what the module says of itself."""

    name: str
    summary: str
    file: str
    entries: tuple[Entry, ...]


def chapters(index: tuple[Entry, ...]) -> tuple[Chapter, ...]:
    """The index by chapters."""
    found: dict[str, list[Entry]] = {}
    for one in index:
        found.setdefault(one.rule.body.__module__, []).append(one)
    return tuple(
        Chapter(of[0].chapter, _first_paragraph(module), of[0].file, tuple(of)) for module, of in found.items()
    )


def _first_paragraph(module: str) -> str:
    return " ".join((sys.modules[module].__doc__ or "").strip().partition("\n\n")[0].split())


def to_object(one: Entry) -> dict[str, Any]:
    """A rule for JSON."""
    return {
        "rule": one.name,
        "protocol": one.rule.proto.value,
        "categories": {kind.__name__: [str(cat) for cat in cats] for kind, cats in one.rule.categories.items()},
        "summary": one.summary,
        "hol4": {
            "source": one.source,
            "branch": None if one.place is None else one.place.branch,
            "line": None if one.place is None else one.place.line,
        },
        "python": {"file": one.file, "line": one.line, "chapter": one.chapter},
        "deviations": list(one.deviations),
        "tests": {
            kind: {"tests": tested.tests, "examples": list(tested.examples)}
            for kind, tested in (("allowing", one.tests.allowing), ("forbidding", one.tests.forbidding))
        },
        "traces": {run.name: count for run, count in one.traces},
        "never_exercised": None
        if one.reason is None
        else {"category": one.reason.category, "detail": one.reason.detail, "reason": str(one.reason)},
    }
