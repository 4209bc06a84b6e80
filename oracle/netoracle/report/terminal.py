"""Reports for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from netoracle.explanation.violation import Violation
from netoracle.oracle import Report
from netoracle.report.errata import in_sentences
from netoracle.search.search import Verdict

_STYLES = {Verdict.conforms: "green", Verdict.violates: "red", Verdict.inconclusive: "yellow"}


def print_report(console: Console, report: Report) -> None:
    """The verdict in a line, and why where it is not `conforms`."""
    scenario = report.scenario
    line = Text.assemble(
        f"{scenario.trace.path}: ",
        (report.verdict.value, _STYLES[report.verdict]),
        f"  ({scenario.profile.title}, {len(scenario.labels)} labels, {len(report.steps)} steps, "
        f"{report.states} states, {report.solver_calls} solver calls, {report.seconds:.2f} s)",
    )
    console.print(line, soft_wrap=True)
    if report.verdict is Verdict.inconclusive:
        console.print(f"  {report.reason}", markup=False)
    if report.violation is not None:
        _print_violation(console, report, report.violation)
    for sentence in in_sentences(report):
        console.print(f"  {sentence}", markup=False, soft_wrap=True)


def _print_violation(console: Console, report: Report, violation: Violation) -> None:
    reached = "no run explains" if report.verdict is Verdict.violates else "the search got to"
    console.print(
        f"  {reached} label {violation.label} (line {violation.line}): {violation.summary[:160]}",
        markup=False,
    )
    for near in violation.nearest:
        console.print(f"    {near.rule}: {near.premise}", markup=False, soft_wrap=True)
        if near.expected is not None:
            console.print(f"      expected {near.expected}", markup=False, soft_wrap=True)
        if near.found is not None:
            console.print(f"      found    {near.found}", markup=False, soft_wrap=True)


def print_summary(console: Console, reports: Sequence[Report]) -> None:
    """A table of all verdicts, and their count."""
    table = Table("trace", "verdict", "labels", "states", "solver", "seconds", box=None, pad_edge=False)
    for report in reports:
        table.add_row(
            Text(report.scenario.trace.path),
            Text(report.verdict.value, _STYLES[report.verdict]),
            str(len(report.scenario.labels)),
            str(report.states),
            str(report.solver_calls),
            f"{report.seconds:.2f}",
        )
    console.print(table)
    counts = (f"{sum(r.verdict is v for r in reports)} {v.value}" for v in Verdict)
    console.print(", ".join(counts))
