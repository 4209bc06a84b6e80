"""`netoracle explain`: a verdict step by step."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from netoracle.captures import Options, require_unused
from netoracle.certificate.replay import apply_step, begin
from netoracle.commands import explaining_captures, explaining_runs
from netoracle.exit_status import Exit
from netoracle.explanation.changes import changes
from netoracle.oracle import FormatName, Report, check
from netoracle.report import trace_view  # noqa: F401 (it enters its view)
from netoracle.report.console import report_console
from netoracle.report.terminal import print_report
from netoracle.report.view import view
from netoracle.scenario import Switches
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.trace.capture.recognise import is_capture
from netoracle.trace.words import in_words

_STATUS = {
    Verdict.conforms: Exit.CONFORMS,
    Verdict.violates: Exit.VIOLATES,
    Verdict.inconclusive: Exit.INCONCLUSIVE,
}


def run(
    file: Path,
    profile: str | None,
    switches: Switches,
    trace_format: FormatName,
    states: int,
    seconds: float,
    of_captures: Options,
) -> int:
    """Check a trace or capture and print its run: each step's rule, and the state fields that it changed."""
    if trace_format == "auto" and explaining_runs.is_run_file(file):
        return explaining_runs.run(file)
    if trace_format == "auto" and is_capture(file):
        return _STATUS[explaining_captures.run(file, profile, of_captures)]
    require_unused(of_captures, file)
    report = check(file, profile, Budget(states, seconds), trace_format, switches=switches)
    console = report_console()
    if report.certificate is not None:
        _print_run(console, report)
    else:
        for step in report.steps:
            label = report.scenario.labels[step.label]
            what = "internal step" if step.internal else in_words(label)
            console.print(f"{step.label:4} {float(step.time):11.6f}  {step.rule:20} {what}", markup=False)
    print_report(console, view(report))
    return _STATUS[report.verdict]


def _print_run(console: Console, report: Report) -> None:
    scenario, certificate = report.scenario, report.certificate
    assert certificate is not None
    h, _ = begin(certificate, scenario)
    for step in certificate.steps:
        what = "internal step" if step.internal else in_words(scenario.labels[step.label])
        console.print(f"{step.label:4} {float(step.time):11.6f}  [bold]{step.rule:20}[/bold] {_escaped(what)}")
        after = apply_step(h, step, scenario.labels)
        for change in changes(h, after):
            console.print(f"{'':19}{change.path}: {change.before} -> {change.after}", style="dim", markup=False)
        h = after


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
