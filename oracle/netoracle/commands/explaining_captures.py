"""`netoracle explain` for a capture: every segment of every connection judged, and what it changed."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from netoracle.captures import CaptureReport, Options, dhcp_report, nothing_to_judge, wire_profile
from netoracle.dhcp.machines import PROFILES as DHCP_PROFILES
from netoracle.dhcp.result import DhcpReport
from netoracle.explanation.changes import changes
from netoracle.report import capture_view, dhcp_view  # noqa: F401 (they enter their views)
from netoracle.report.console import report_console
from netoracle.report.segments import in_words
from netoracle.report.terminal import print_report
from netoracle.report.view import view
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import packets
from netoracle.wire.check import CaptureCheck
from netoracle.wire.connection import End
from netoracle.wire.passing import passing
from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.profile import Vantage

_BOOKKEEPING = ("answerable", "chunks", "sent", "heard", "asked", "pause", "empties", "ts_seen", "dues", "unanswered")
"""Fields that would only repeat the segments."""


def run(file: Path, profile: str | None, options: Options) -> Verdict:
    """Print, for each end that is judged, each segment with its rule and the fields of the endpoint that it changed.

    Of DHCP: each message with the rule by which its sender sent it.
    """
    console = report_console()
    reports: list[CaptureReport] = []
    if profile not in DHCP_PROFILES:
        vantage = None if options.vantage is None else Vantage(options.vantage)
        check = CaptureCheck(str(file), wire_profile(profile), vantage, options.addresses(), observe=Narrator(console))
        for one in passing(packets(read_frames(file))):
            check.judge(one)
        reports += check.finish()
    if profile is None or profile in DHCP_PROFILES:
        dhcp = dhcp_report(file, profile or DHCP_PROFILES[0], options)
        if dhcp.parties or (dhcp.missed and not options.hosts):
            reports.append(dhcp)
            _print_dhcp(console, dhcp)
        elif not reports:
            raise nothing_to_judge(file, profile, options, dhcp)
    if not reports:
        raise nothing_to_judge(file, profile, options)
    for report in reports:
        print_report(console, view(report))
    verdicts = {report.verdict for report in reports}
    return next((v for v in (Verdict.violates, Verdict.inconclusive) if v in verdicts), Verdict.conforms)


def _print_dhcp(console: Console, report: DhcpReport) -> None:
    for step in report.steps:
        if step.sent:
            chosen = "".join(f"  {name} = {value}" for name, value in step.choices)
            line = f"{step.frame:6} {float(step.time):11.6f}  {step.party} -> {step.rule}{chosen}"
            console.print(line, markup=False, soft_wrap=True)


class Narrator:
    """Tells what becomes of each segment; times are seconds since the first."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.started: int | None = None

    def __call__(self, end: End, event: Event, sent: bool, before: Endpoint | None) -> None:
        """Print one segment, its rule if the host sent it, and the fields of the endpoint that changed."""
        if self.started is None:
            self.started = event.time
        track = end.judged
        when = f"{(event.time - self.started) / 1e9:11.6f}"
        rule = end.last_rule if sent and track.violation is None else ""
        arrow = "->" if sent else "<-"
        line = f"{event.frame:6} {when}  {end.quad.host}:{end.quad.port} {arrow} {in_words(event.seg)}"
        self.console.print(f"{line}  {rule}", markup=False, soft_wrap=True)
        if before is not None and track.endpoint is not None:
            for change in changes(before, track.endpoint):
                if change.path not in _BOOKKEEPING:
                    text = f"{'':21}{change.path}: {change.before} -> {change.after}"
                    self.console.print(text, style="dim", markup=False)
