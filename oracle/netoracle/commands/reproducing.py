"""`netoracle reproduce`: our verdicts and rule paths beside those that HOL4's checker recorded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from netoracle.exit_status import Exit
from netoracle.oracle import Report, check
from netoracle.report.console import report_console
from netoracle.scenario import Switches
from netoracle.search.budget import Budget

PathStep = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rule paths: what is only in one of them, and whether they differ in order alone."""

    only_ours: tuple[PathStep, ...]
    only_theirs: tuple[PathStep, ...]
    same_order: bool

    @property
    def equal(self) -> bool:
        """Whether the paths have the same steps at the same labels."""
        return not self.only_ours and not self.only_theirs


def compare(ours: Sequence[PathStep], theirs: Sequence[PathStep]) -> Comparison:
    """Compare two paths of (label index, rule), up to the order of internal steps at a label."""
    left, right = Counter(ours), Counter(theirs)
    return Comparison(
        tuple(sorted((left - right).elements())),
        tuple(sorted((right - left).elements())),
        list(ours) == list(theirs),
    )


LabelledStep = tuple[int, str, str]


def our_path(report: Report) -> list[LabelledStep]:
    """The path of a report: label index, kind of label, rule."""
    return [(step.label, step.kind, step.rule) for step in report.steps]


def their_path(recorded: dict[str, Any]) -> list[LabelledStep]:
    """The path in a recording: its transitions in order."""
    return [(step["label_index"], step["label_kind"], step["rule"]) for step in recorded["transitions"]]


def with_time(path: Sequence[LabelledStep]) -> list[PathStep]:
    """A path as it is."""
    return [(label, rule) for label, _, rule in path]


def without_time(path: Sequence[LabelledStep]) -> list[PathStep]:
    """A path without the passage of time, its labels counted without it."""
    result: list[PathStep] = []
    explained = 0
    for _, kind, rule in path:
        if kind != "Lh_epsilon":
            result.append((explained, rule))
            explained += kind != "Lh_tau"
    return result


def difference(ours: Sequence[LabelledStep], theirs: Sequence[LabelledStep]) -> tuple[str, Comparison]:
    """How two paths differ, in words, and the steps that only one of them has.

    A recording made of a trace whose passages of time had been joined has other label
    numbers; then the paths are compared without the passage of time.
    """
    comparison = compare(with_time(ours), with_time(theirs))
    if comparison.equal:
        return "same" if comparison.same_order else "same steps", comparison
    timeless = compare(without_time(ours), without_time(theirs))
    if timeless.equal:
        return "same but for time", timeless
    return "differs", comparison if len(ours) == len(theirs) else timeless


def run(files: Sequence[Path], folder: Path, switches: Switches, states: int, seconds: float) -> int:
    """Check each trace, compare, and print the differences; exit status 1 where there is one."""
    console = report_console()
    table = Table(box=None, pad_edge=False)
    for heading in ("trace", "HOL4", "seconds then", "ours", "seconds", "states", "steps", "path"):
        table.add_column(heading, no_wrap=True)
    differences: list[str] = []
    for file in files:
        report = check(file, None, Budget(states, seconds), switches=switches, errata=False)
        source = folder / f"{file.name}.json"
        recorded = json.loads(source.read_text()) if source.is_file() else None
        verdict = (recorded["verdict"] or "unfinished") if recorded else ""
        then = str(recorded["seconds"]) if recorded else ""
        path = ""
        if recorded and recorded["verdict"] == "SUCCEEDED":
            path, comparison = difference(our_path(report), their_path(recorded))
            differences += [f"{file.name}: only ours: label {i}: {rule}" for i, rule in comparison.only_ours]
            differences += [f"{file.name}: only HOL4: label {i}: {rule}" for i, rule in comparison.only_theirs]
        table.add_row(
            file.name,
            verdict,
            then,
            report.verdict.value,
            f"{report.seconds:.2f}",
            str(report.states),
            str(len(report.steps)),
            path,
        )
    console.print(table)
    for line in differences:
        console.print(line, markup=False)
    return Exit.VIOLATES if differences else Exit.CONFORMS
