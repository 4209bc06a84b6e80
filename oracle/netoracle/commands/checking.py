"""`netoracle check`: verdicts on traces, in parallel where asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from netoracle.certificate.model import to_json
from netoracle.exit_status import Exit
from netoracle.oracle import FormatName, Report, check
from netoracle.report.console import report_console
from netoracle.report.files import write_whole
from netoracle.report.json_report import to_object
from netoracle.report.terminal import print_report, print_summary
from netoracle.scenario import Switches, UsageError
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.trace.model import TraceError


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command."""

    profile: str | None
    switches: Switches
    trace_format: FormatName
    budget: Budget
    jobs: int
    json_file: Path | None
    html_file: Path | None
    junit_file: Path | None
    certificate: Path | None


_CONTAINERS = ("README.md", "scenario.json", "driver.log")


def run(files: Sequence[Path], options: Options) -> int:
    """Check every trace, print and write the reports, and return the exit status.

    A file that cannot be used is reported when it is reached; the others are still checked.
    """
    options.switches.require_known()
    paths = [path for file in files for path in traces_in(file)]
    if options.certificate is not None and len(paths) != 1:
        raise UsageError("--certificate takes exactly one trace")
    console = report_console()
    reports: list[Report] = []
    unusable = False
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("checking", total=len(paths))

        def labels(explained: int, of: int) -> None:
            progress.update(task, description=f"checking: label {explained} of {of}")

        for outcome in _reports(paths, options, labels):
            progress.advance(task)
            if isinstance(outcome, str):
                print(outcome, file=sys.stderr)
                unusable = True
                continue
            reports.append(outcome)
            print_report(console, outcome)
    if len(reports) > 1:
        print_summary(console, reports)
    _write(reports, options)
    return Exit.UNUSABLE if unusable else _status(reports)


def traces_in(file: Path) -> list[Path]:
    """A file itself, or the trace logs in a folder."""
    if not file.is_dir():
        return [file]
    found = sorted(path for path in file.rglob("*") if path.is_file() and _looks_like_trace(path))
    if not found:
        raise UsageError(f"{file}: a folder with no traces in it")
    return found


def _looks_like_trace(path: Path) -> bool:
    return path.name not in _CONTAINERS and (
        path.name.startswith("utcp-trace.log") or path.suffix in (".hol", ".trace", ".epsilon")
    )


def _one(path: Path, options: Options, progress: Callable[[int, int], None] | None = None) -> Report | str:
    try:
        return check(path, options.profile, options.budget, options.trace_format, progress, options.switches)
    except (TraceError, UsageError) as error:
        return str(error)


def _reports(paths: Sequence[Path], options: Options, progress: Callable[[int, int], None]) -> Iterator[Report | str]:
    if options.jobs == 1 or len(paths) == 1:
        for path in paths:
            yield _one(path, options, progress)
        return
    with ProcessPoolExecutor(max_workers=options.jobs) as pool:
        yield from pool.map(_packed, [(path, options) for path in paths])


def _packed(work: tuple[Path, Options]) -> Report | str:
    outcome = _one(*work)
    if isinstance(outcome, Report):
        outcome.scenario = outcome.scenario.portable()
    return outcome


def _status(reports: Sequence[Report]) -> int:
    verdicts = {report.verdict for report in reports}
    if Verdict.violates in verdicts:
        return Exit.VIOLATES
    return Exit.INCONCLUSIVE if Verdict.inconclusive in verdicts else Exit.CONFORMS


def _write(reports: Sequence[Report], options: Options) -> None:
    if options.json_file is not None:
        write_whole(options.json_file, "".join(json.dumps(to_object(report)) + "\n" for report in reports))
    if options.junit_file is not None:
        from netoracle.report.junit import to_junit

        write_whole(options.junit_file, to_junit(reports))
    if options.html_file is not None:
        from netoracle.report.html import to_html

        write_whole(options.html_file, to_html(reports))
    if options.certificate is not None:
        certificate = reports[0].certificate if reports else None
        if certificate is None:
            print("no certificate: the trace does not conform", file=sys.stderr)
        else:
            write_whole(options.certificate, to_json(certificate))
