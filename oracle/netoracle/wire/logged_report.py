"""What is concluded on a host from a capture and its log: names of frames and lines, doubts, remarks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from netoracle.search.search import Verdict
from netoracle.wire.alignment import Alignment
from netoracle.wire.called import Called, quad
from netoracle.wire.check import CaptureCheck
from netoracle.wire.disagreements import Disagreement, few, told
from netoracle.wire.passing import Passing
from netoracle.wire.result import MOST_LISTED, Finding, Quad, WireReport
from netoracle.wire.track import Nearest, WireViolation
from netoracle.wire.utcp_log import Logged, logged_segment
from netspec.wire.profile import Vantage, WireProfile

_MILLISECOND = 10**6
_LEAST_DRIFT = 0.01
"""The smallest drift worth a word, in parts per million."""

_LOG_ONLY = re.compile(r"frame -(\d+)")


@dataclass(frozen=True, slots=True)
class Both:
    """A capture and a log, compared: what the conclusions rest on.  `spent`: why it is not all, None where it is."""

    file: str
    profile: WireProfile
    seen: Sequence[Passing]
    lines: Sequence[Logged]
    alignment: Alignment
    called: Called
    found: list[Disagreement]
    spent: str | None


def conclude(report: WireReport, both: Both) -> None:
    """Complete the report on a host with what the log adds."""
    report.vantage, report.logged = "host, with its log", True
    found = [one for one in both.found if one.connection.host == report.host]
    _enter_calls(report, both.called)
    _name_lines(report, both)
    _doubt(report, both, [one for one in found if one.grave])
    if both.spent is not None and report.verdict is Verdict.conforms:
        report.verdict, report.reason = Verdict.inconclusive, both.spent
    if not both.alignment.line_of:
        report.findings, report.violating = [], 0
        report.verdict = Verdict.inconclusive
        report.reason = "no frame of the capture has a line in the log: they are not of the same time"
    report.notes = [*_clock(both.alignment), *told(found), *_unchecked(both.called, report.host)]


def _enter_calls(report: WireReport, called: Called) -> None:
    """Enter what the calls do not explain, the first of each connection; the calls themselves are those of the log."""
    first: dict[Quad, Finding] = {finding.connection: finding for finding in report.findings}
    unlisted = report.violating - len(first)
    for finding in called.findings:
        if finding.connection.host != report.host:
            continue
        known = first.get(finding.connection)
        if known is None or finding.violation.time < known.violation.time:
            first[finding.connection] = finding
    if first:
        report.verdict, report.reason = Verdict.violates, None
        report.violating = len(first) + unlisted
        report.findings = sorted(first.values(), key=lambda finding: finding.violation.time)[:MOST_LISTED]
    address = ip_address(report.host).packed
    report.calls = Counter({kind: count for (host, kind), count in called.counts.items() if host == address})


def _name_lines(report: WireReport, both: Both) -> None:
    """Name the line of each violation, and the lines that were judged without a frame."""
    line_of = {both.seen[place].event.frame: line.line for place, line in both.alignment.line_of.items()}
    report.findings = [Finding(finding.connection, _named(finding.violation, line_of)) for finding in report.findings]
    report.advised = {kind: frame for kind, frame in report.advised.items() if frame > 0}
    report.advice = Counter({kind: count for kind, count in report.advice.items() if kind in report.advised})
    for one in report.followed:
        one.steps = [step for step in one.steps if step.frame > 0]


def _named(violation: WireViolation, line_of: dict[int, int]) -> WireViolation:
    frame = violation.frame
    if frame is None:
        return violation
    line = -frame if frame < 0 else violation.line or line_of.get(frame)
    nearest = tuple(
        Nearest(near.rule, near.clause, near.premise, _in_words(near.expected), _in_words(near.found))
        for near in violation.nearest
    )
    return replace(violation, frame=frame if frame > 0 else None, line=line, nearest=nearest)


def _in_words(text: str) -> str:
    return _LOG_ONLY.sub(r"line \1 of the log", text)


def _doubt(report: WireReport, both: Both, grave: list[Disagreement]) -> None:
    """Conclude nothing from recordings of which one must be wrong.

    A violation on a connection with such a disagreement counts only where either recording alone shows one there.
    """
    if not grave:
        return
    connections = {one.connection for one in grave}
    if any(finding.connection in connections for finding in report.findings):
        alone = _violating_alone(report.host, both)
        kept = [f for f in report.findings if f.connection not in connections or f.connection in alone]
        report.violating -= len(report.findings) - len(kept)
        report.findings = kept
    if not report.violating:
        report.verdict = Verdict.inconclusive
        report.reason = "the capture and the log do not fit together: " + "; ".join(
            f"{one.kind}: {one.where}" for one in grave[:2]
        )


def _violating_alone(host: str, both: Both) -> set[Quad]:
    """The connections of a host that violate by the capture alone, and by the segments of the log alone."""
    address = frozenset({ip_address(host).packed})
    by_log = [
        logged_segment(line, both.alignment.clock.read)
        for line in sorted(both.lines, key=lambda line: line.time)
        if line.segment is not None
    ]
    result = []
    for vantage, segments in ((Vantage.interface, both.seen), (Vantage.host, by_log)):
        check = CaptureCheck(both.file, both.profile, vantage, address)
        for one in segments:
            check.judge(one)
        result.append({finding.connection for report in check.finish() for finding in report.findings})
    return result[0] & result[1]


def _clock(alignment: Alignment) -> Iterator[str]:
    if alignment.line_of:
        parts = alignment.clock.drift * 1e6
        drift = f", drift {parts:.2f} ppm" if abs(parts) >= _LEAST_DRIFT else ""
        yield (
            f"{len(alignment.line_of)} frames have their line in the log, whose clock shows "
            f"{alignment.clock.offset} ns less (spread {alignment.spread / _MILLISECOND:.3f} ms{drift})"
        )


def _unchecked(called: Called, host: str) -> Iterator[str]:
    some = sorted({str(quad(*key)) for key in called.unchecked if str(ip_address(key[0][0])) == host})
    if some:
        yield f"the data sent could not be held against the log on {len(some)} connections: {few(some)}"
