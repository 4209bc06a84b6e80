"""Reports for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from netoracle.report.view import Place, View
from netoracle.search.search import Verdict

_STYLES = {Verdict.conforms: "green", Verdict.violates: "red", Verdict.inconclusive: "yellow"}
_MOST_PLACES = 5


def print_report(console: Console, report: View) -> None:
    """The verdict in a line, and why where it is not `conforms`."""
    line = Text.assemble(
        f"{report.title}: ",
        (report.verdict.value, _STYLES[report.verdict]),
        f"  ({report.profile}, {report.labels} {report.unit}, {report.facts}, "
        f"{report.states} states, {report.solver_calls} solver calls, {report.seconds:.2f} s)",
    )
    console.print(line, soft_wrap=True)
    if report.verdict is Verdict.inconclusive:
        console.print(f"  {report.reason}", markup=False, soft_wrap=True)
    for place in report.places[:_MOST_PLACES]:
        _print_place(console, place)
    if len(report.places) > _MOST_PLACES:
        console.print(f"  and {len(report.places) - _MOST_PLACES} more", markup=False)
    for sentence in report.remarks:
        console.print(f"  {sentence}", markup=False, soft_wrap=True)


def _print_place(console: Console, place: Place) -> None:
    console.print(f"  {place.where}: {place.summary[:160]}", markup=False, soft_wrap=True)
    for near in place.nearest:
        console.print(f"    {near.rule}: {near.premise}", markup=False, soft_wrap=True)
        if near.expected is not None:
            console.print(f"      expected {near.expected}", markup=False, soft_wrap=True)
        if near.found is not None:
            console.print(f"      found    {near.found}", markup=False, soft_wrap=True)


def print_summary(console: Console, reports: Sequence[View]) -> None:
    """A table of all verdicts, and their count."""
    table = Table("trace", "verdict", "labels", "states", "solver", "seconds", box=None, pad_edge=False)
    for report in reports:
        table.add_row(
            Text(report.title),
            Text(report.verdict.value, _STYLES[report.verdict]),
            str(report.labels),
            str(report.states),
            str(report.solver_calls),
            f"{report.seconds:.2f}",
        )
    console.print(table)
    counts = (f"{sum(r.verdict is v for r in reports)} {v.value}" for v in Verdict)
    console.print(", ".join(counts))
