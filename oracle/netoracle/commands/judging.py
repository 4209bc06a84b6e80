"""Certificates against the HOL4 text: `netoracle verify --hol4` and `netoracle transcription steps`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from netoracle.certificate.model import Certificate
from netoracle.exit_status import Exit
from netoracle.oracle import check
from netoracle.report.console import report_console
from netoracle.report.files import write_whole
from netoracle.scenario import Scenario, prepare
from netoracle.search.budget import Budget
from netoracle.trace import read_trace
from netoracle.transcription.evaluate.stack import with_deep_stack
from netoracle.transcription.evaluate.theory import Theory, theory_of
from netoracle.transcription.reader import read_model
from netoracle.transcription.steps import Outcome, StepCheck, check_certificate


@dataclass(frozen=True, slots=True)
class Judged:
    """A trace whose certificate was judged by the text; `verdict` says why where it has none."""

    file: str
    verdict: str
    checks: tuple[StepCheck, ...]


@cache
def text_of(checkout: Path) -> Theory:
    """What the source files in a checkout of the model declare.  Raises SourceError."""
    return theory_of(read_model(checkout))


def judge(checkout: Path, certificate: Certificate, scenario: Scenario) -> list[StepCheck]:
    """What the text says about every step of a certificate, with progress on a terminal."""
    theory = text_of(checkout)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("steps against the text", total=len(certificate.steps))
        return with_deep_stack(
            lambda: check_certificate(
                theory, certificate, scenario, lambda done, total: progress.update(task, completed=done)
            )
        )


def print_by_rule(console: Console, checks: Sequence[StepCheck]) -> None:
    """A table by rule, and below it what was contradicted or not evaluated, once for each reason."""
    table = Table(box=None, pad_edge=False)
    for heading in ("rule", "steps", *(outcome.value for outcome in Outcome)):
        table.add_column(heading, no_wrap=True)
    for rule in dict.fromkeys(sorted(step.rule for step in checks)):
        counts = Counter(step.outcome for step in checks if step.rule == rule)
        table.add_row(rule, str(counts.total()), *(str(counts[outcome] or "") for outcome in Outcome))
    console.print(table)
    for line in dict.fromkeys(_remark(step) for step in checks if step.outcome is not Outcome.confirmed):
        console.print(line, markup=False)


def _remark(step: StepCheck) -> str:
    return f"{step.rule}: {step.outcome.value}: {step.place}: {step.reason}"


def status(checks: Sequence[StepCheck]) -> int:
    """The exit status: 1 where the text contradicts a step, 3 where it was not evaluated for some."""
    outcomes = {step.outcome for step in checks}
    if Outcome.contradicted in outcomes:
        return Exit.VIOLATES
    return Exit.INCONCLUSIVE if Outcome.not_evaluated in outcomes else Exit.CONFORMS


def judge_trace(file: Path, checkout: Path, profile: str | None, seconds: float) -> Judged:
    """Check a trace and judge its certificate by the text."""
    report = check(file, profile, Budget(seconds=seconds), errata=False)
    if report.certificate is None:
        return Judged(str(file), report.verdict.value, ())
    theory = text_of(checkout)
    certificate, scenario = report.certificate, prepare(read_trace(str(file)), profile)
    checks = with_deep_stack(lambda: check_certificate(theory, certificate, scenario))
    return Judged(str(file), report.verdict.value, tuple(checks))


def run(
    checkout: Path, files: Sequence[Path], profile: str | None, seconds: float, jobs: int, json_file: Path | None
) -> int:
    """Check traces, judge every step of their certificates, and print what the text says."""
    text_of(checkout)
    console = report_console()
    with ProcessPoolExecutor(jobs) as pool:
        results = pool.map(judge_trace, files, repeat(checkout), repeat(profile), repeat(seconds))
        judged = list(track(results, total=len(files), console=Console(stderr=True), disable=not sys.stderr.isatty()))
    table = Table(box=None, pad_edge=False)
    for heading in ("trace", "verdict", "steps", *(outcome.value for outcome in Outcome)):
        table.add_column(heading, no_wrap=True)
    for trace in judged:
        counts = Counter(step.outcome for step in trace.checks)
        table.add_row(
            Path(trace.file).name, trace.verdict, str(counts.total()), *(str(counts[o] or "") for o in Outcome)
        )
    console.print(table)
    checks = [step for trace in judged for step in trace.checks]
    console.print()
    print_by_rule(console, checks)
    if json_file is not None:
        write_whole(json_file, json.dumps([_as_json(trace) for trace in judged], indent=1) + "\n")
    return status(checks)


def _as_json(trace: Judged) -> dict[str, object]:
    steps = [
        {
            "step": step.position,
            "rule": step.rule,
            "outcome": step.outcome.value,
            "place": step.place,
            "reason": step.reason,
        }
        for step in trace.checks
    ]
    return {"file": trace.file, "verdict": trace.verdict, "steps": steps}
