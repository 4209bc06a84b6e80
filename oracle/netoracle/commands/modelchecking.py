"""`netoracle modelcheck`: whether a system of the specification has the properties that it should have."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from netoracle.exit_status import Exit
from netoracle.modelcheck.check import check
from netoracle.modelcheck.product import JudgedNetwork
from netoracle.modelcheck.product_capture import capture, events_of
from netoracle.modelcheck.progress import shown_progress
from netoracle.modelcheck.result import Finding, Outcome, Report
from netoracle.modelcheck.runfile import write_run
from netoracle.modelcheck.system import Model
from netoracle.modelcheck.systems import model_of
from netoracle.report.console import report_console
from netoracle.report.files import write_whole
from netoracle.scenario import UsageError
from netoracle.search.budget import Budget

S = TypeVar("S", bound=Hashable)

_STYLES: Final = {Outcome.holds: "green", Outcome.violated: "red", Outcome.inconclusive: "yellow"}
_EXITS: Final = {
    Outcome.holds: Exit.CONFORMS,
    Outcome.violated: Exit.VIOLATES,
    Outcome.inconclusive: Exit.INCONCLUSIVE,
}


class Files(NamedTuple):
    """What to write: the first counterexample, or else the first example, as a run and as a capture; the report."""

    trace: Path | None = None
    capture: Path | None = None
    report: Path | None = None


def run(
    name: str, options: Mapping[str, Any], properties: Sequence[str], budget: Budget, exact: bool, files: Files
) -> int:
    """Check a system and write what is asked for."""
    model = model_of(name, options)
    if files.capture is not None and not isinstance(model.system, JudgedNetwork):
        raise UsageError(f"{files.capture}: of {name} there is no capture: its messages are not written")
    known = [one.name for one in model.properties]
    for wanted in properties:
        if wanted not in known:
            raise UsageError(f"{model.title}: there is no property {wanted!r}; there are {', '.join(known)}")
    with shown_progress() as progress:
        report = check(model, properties or None, budget, exact=exact, progress=progress)
    _print(report_console(), report, model)
    if files.report is not None:
        write_whole(files.report, json.dumps(to_plain(report, name, options), indent=1) + "\n")
    for file in filter(None, (files.trace, files.capture)):
        shown = _to_show(report)
        if shown is None or shown.run is None:
            raise UsageError(f"{file}: not written: no property has a run to show")
        if file == files.capture and isinstance(model.system, JudgedNetwork):
            write_whole(file, capture(events_of(shown.run, model.system)))
        else:
            write_whole(file, write_run(shown, name, options))
    return _EXITS[report.outcome]


def to_plain(report: Report[S], name: str, options: Mapping[str, Any]) -> dict[str, object]:
    """The report as JSON has it."""
    return {
        "system": {"name": name, "options": dict(options)},
        "instance": report.title,
        "outcome": report.outcome.value,
        "properties": [
            {
                "name": one.property.name,
                "text": one.property.text,
                "outcome": one.outcome.value,
                "reason": one.reason,
                "steps": None if one.run is None else [str(step) for step in one.run.steps],
                "loop": None if one.run is None else one.run.loop,
            }
            for one in report.findings
        ],
        "searches": [
            {
                "what": one.what,
                "distinct": one.distinct,
                "generated": one.generated,
                "outside": one.outside,
                "depth": one.depth,
                "seconds": round(one.seconds, 3),
                "states_per_second": round(one.rate),
                "complete": one.complete,
                "ended_by": one.ended_by,
                "collision_chance": one.collision,
            }
            for one in report.searches
        ],
    }


def _to_show(report: Report[S]) -> Finding[S] | None:
    with_run = [one for one in report.findings if one.run is not None]
    violated = [one for one in with_run if one.outcome is Outcome.violated]
    return next(iter(violated or with_run), None)


def _print(console: Console, report: Report[S], model: Model[S]) -> None:
    console.print(Text(report.title, "bold"))
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in report.findings:
        reason = f" ({one.reason})" if one.reason else ""
        table.add_row(Text(one.outcome.value, _STYLES[one.outcome]), one.property.name, one.property.text + reason)
    console.print(table)
    for one in report.findings:
        if one.outcome is Outcome.violated and one.run is not None:
            _print_run(console, one, model)
    for search in report.searches:
        ended = "" if search.ended_by is None else f", ended after {search.ended_by}"
        outside = f", {search.outside} outside the boundary" if search.outside else ""
        missed = f", chance that one was missed {search.collision:.0e}" if search.collision else ""
        console.print(
            f"{search.distinct} {search.what}, {search.generated} steps, depth {search.depth}, "
            f"{search.seconds:.1f} s, {search.rate:.0f} states/s{outside}{missed}{ended}"
        )


def _print_run(console: Console, finding: Finding[S], model: Model[S]) -> None:
    run = finding.run
    if run is None:
        return
    console.print(Text(f"\n{finding.property.name} is violated:", "red"))
    for number, step in enumerate(run.steps):
        if number == run.loop:
            console.print("  from here for ever:")
        console.print(Text(f"  {number + 1:3} {step}"))
    if run.loop is None:
        for line in model.show(run.states[-1]).splitlines():
            console.print(Text(f"      {line}", "dim"))
    console.print()
