"""`netoracle check`: verdicts on traces and captures, in parallel where asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from netoracle import captures
from netoracle.certificate.model import to_json
from netoracle.dhcp.result import DhcpReport
from netoracle.exit_status import Exit
from netoracle.hosted.certificate import certificate_of as host_certificate_of
from netoracle.hosted.result import HostReport
from netoracle.oracle import FormatName, Report, check
from netoracle.report import capture_view, dhcp_view, hosted_view, trace_view  # noqa: F401 (they enter their views)
from netoracle.report.console import report_console
from netoracle.report.files import write_whole
from netoracle.report.terminal import print_report, print_summary
from netoracle.report.view import to_object, view
from netoracle.scenario import Switches, UsageError
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.trace.capture.recognise import is_capture
from netoracle.trace.finding import traces_in
from netoracle.trace.model import TraceError
from netoracle.wire.result import WireReport

AnyReport = Report | captures.CaptureReport


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command; `capture` has those that only captures have."""

    profile: str | None
    switches: Switches
    trace_format: FormatName
    budget: Budget
    jobs: int
    json_file: Path | None
    html_file: Path | None
    junit_file: Path | None
    certificate: Path | None
    annotated: Path | None
    capture: captures.Options


def run(files: Sequence[Path], options: Options) -> int:
    """Check every trace, print and write the reports, and return the exit status.

    A file that cannot be used is reported when it is reached; the others are still checked.
    """
    options.switches.require_known()
    only_captures = (
        bool(options.capture.hosts or options.capture.vantage or options.capture.log) or options.capture.host_rules
    )
    paths = [path for file in files for path in traces_in(file, only_captures)]
    named = not any(file.is_dir() for file in files)
    if options.certificate is not None and len(paths) != 1:
        raise UsageError("--certificate takes exactly one trace")
    if options.annotated is not None and (len(paths) != 1 or not is_capture(paths[0])):
        raise UsageError("--annotate takes exactly one capture")
    if options.annotated is not None and options.capture.host_rules:
        raise UsageError("--annotate writes what the wire rules say, not --rules host")
    console = report_console()
    reports: list[AnyReport] = []
    unusable = False
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("checking", total=len(paths))

        def explained(count: int, of: int | None) -> None:
            what = f"{count} of {of}" if of is not None else f"frame {count}"
            progress.update(task, description=f"checking: {what}")

        for outcome in _reports(paths, options, explained):
            progress.advance(task)
            if isinstance(outcome, captures.NothingToJudge) and not named:
                console.print(str(outcome), style="dim", markup=False, soft_wrap=True)
                continue
            if isinstance(outcome, str | captures.NothingToJudge):
                print(outcome, file=sys.stderr)
                unusable = True
                continue
            reports += outcome
            for report in outcome:
                print_report(console, view(report))
    if len(reports) > 1:
        print_summary(console, [view(report) for report in reports])
    _write(reports, options)
    if options.annotated is not None and not unusable:
        from netoracle.report.annotated import comments_of, write_annotated

        told = [report for report in reports if isinstance(report, WireReport | DhcpReport)]
        write_annotated(paths[0], options.annotated, comments_of(told))
    return Exit.UNUSABLE if unusable else _status(reports)


Explained = Callable[[int, int | None], None]

Outcome = list[AnyReport] | str | captures.NothingToJudge
"""The reports on a file, why it cannot be used, or that there is nothing in it to judge."""


def _one(path: Path, options: Options, progress: Explained | None = None) -> Outcome:
    try:
        if options.trace_format == "auto" and is_capture(path):
            capture, budget = options.capture, options.budget
            return [*captures.check_file(path, options.profile, capture, budget, progress, options.switches)]
        captures.require_unused(options.capture, path)
        return [check(path, options.profile, options.budget, options.trace_format, progress, options.switches)]
    except captures.NothingToJudge as nothing:
        return nothing
    except (TraceError, UsageError) as error:
        return str(error)


def _reports(paths: Sequence[Path], options: Options, progress: Explained) -> Iterator[Outcome]:
    if options.jobs == 1 or len(paths) == 1:
        for path in paths:
            yield _one(path, options, progress)
        return
    with ProcessPoolExecutor(max_workers=options.jobs) as pool:
        yield from pool.map(_packed, [(path, options) for path in paths])


def _packed(work: tuple[Path, Options]) -> Outcome:
    outcome = _one(*work)
    for report in outcome if isinstance(outcome, list) else ():
        if isinstance(report, Report):
            report.scenario = report.scenario.portable()
    return outcome


def _status(reports: Sequence[AnyReport]) -> int:
    verdicts = {report.verdict for report in reports}
    if Verdict.violates in verdicts:
        return Exit.VIOLATES
    return Exit.INCONCLUSIVE if Verdict.inconclusive in verdicts else Exit.CONFORMS


def _write(reports: Sequence[AnyReport], options: Options) -> None:
    if options.json_file is not None:
        write_whole(options.json_file, "".join(json.dumps(to_object(report)) + "\n" for report in reports))
    if options.junit_file is not None:
        from netoracle.report.junit import to_junit

        write_whole(options.junit_file, to_junit([view(report) for report in reports]))
    if options.html_file is not None:
        from netoracle.report.html import to_html

        write_whole(options.html_file, to_html([view(report) for report in reports]))
    if options.certificate is not None:
        _write_certificate(reports, options.certificate)


def _write_certificate(reports: Sequence[AnyReport], file: Path) -> None:
    if any(report.verdict is not Verdict.conforms for report in reports) or not reports:
        print("no certificate: the trace does not conform", file=sys.stderr)
        return
    hosts = [report for report in reports if isinstance(report, HostReport)]
    traces = [report.certificate for report in reports if isinstance(report, Report)]
    if traces and traces[0] is not None:
        write_whole(file, to_json(traces[0]))
    elif hosts:
        write_whole(file, host_certificate_of(hosts))
    else:
        _write_of_capture(reports, file)


def _write_of_capture(reports: Sequence[AnyReport], file: Path) -> None:
    from netoracle.dhcp.certificate import NoCertificate
    from netoracle.dhcp.certificate_file import text_of
    from netoracle.wire.certificate import certificate_of

    segments = [report for report in reports if isinstance(report, WireReport)]
    try:
        of_dhcp = text_of([report for report in reports if isinstance(report, DhcpReport)])
    except NoCertificate as why:
        print(f"no certificate: {why}", file=sys.stderr)
        return
    write_whole(file, (certificate_of(segments) if segments else "") + of_dhcp)
