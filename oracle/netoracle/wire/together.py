"""A capture at the interface of µTCP and µTCP's log of the same time, judged together.

Datagrams come from the wire; calls, and the moments at which segments were processed, from the log.  What the two
disagree on is reported as such.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import replace
from ipaddress import ip_address
from os import PathLike, fspath

from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import packets
from netoracle.wire.alignment import Alignment, align
from netoracle.wire.check import CaptureCheck
from netoracle.wire.passing import Passing, Side, passing
from netoracle.wire.result import MOST_LISTED, Finding, Quad, WireReport
from netoracle.wire.track import Nearest, WireViolation
from netoracle.wire.utcp_log import Logged, read_log
from netoracle.wire.written import Written
from netspec.wire.event import Event
from netspec.wire.profile import Vantage, WireProfile
from netspec.wire.segment import ACK, FIN, SYN
from netspec.wire.sequence import offset

_MILLISECOND = 10**6
_CLOSING = frozenset({"close", "shutdown_write", "shutdown_readwrite"})
_WRITING = frozenset({"send", "force_enqueue"})


def check_with_log(
    capture: str | PathLike[str],
    log: str | PathLike[str],
    profile: WireProfile,
    keep: bool = False,
) -> list[WireReport]:
    """Judge the hosts of a log by it and by a capture: one report each.

    Raises CaptureError where the capture is none, TraceError where the log is none.
    """
    started = time.perf_counter()
    lines = read_log(log)
    seen = [one for one in passing(packets(read_frames(capture))) if isinstance(one, Passing)]
    hosts = frozenset(line.host[0] for line in lines)
    alignment = align(seen, lines)
    check = CaptureCheck(fspath(capture), profile, Vantage.host, hosts, keep)
    calls = _Calls()
    for _, _, what in sorted(_merged(seen, lines, alignment, hosts), key=lambda item: item[:2]):
        if isinstance(what, Logged):
            calls.made(what)
        else:
            check.judge(what)
            if what.source[0] in hosts and not what.forged:
                calls.sent(what)
    reports = check.finish()
    disagreements = list(_disagreements(seen, alignment, hosts))
    for report in reports:
        report.vantage, report.logged = "host, with its log", True
        _add(report, calls)
        report.notes = [
            f"{len(alignment.line_of)} frames have their line in the log, whose clock shows {alignment.offset} ns less "
            f"(spread {alignment.spread / _MILLISECOND:.3f} ms)",
            *disagreements,
        ]
        report.seconds = time.perf_counter() - started
    return reports


Item = tuple[int, int, Passing | Logged]


def _merged(seen: list[Passing], lines: list[Logged], alignment: Alignment, hosts: frozenset[bytes]) -> list[Item]:
    """Segments and calls in the order of the host.

    A segment to the host that has no line was not processed: it is left out.
    """
    items: list[Item] = [(line.time + alignment.offset, line.line, line) for line in lines if line.segment is None]
    for place, one in enumerate(seen):
        line = alignment.line_of.get(place)
        if line is not None:
            now = line.time + alignment.offset
            items.append((now, line.line, replace(one, event=Event(one.event.frame, now, one.event.seg))))
        elif one.target[0] not in hosts:
            items.append((one.event.time, 0, one))
    return items


def _disagreements(seen: list[Passing], alignment: Alignment, hosts: frozenset[bytes]) -> list[str]:
    """What one of the two recordings has and the other has not, by kind."""
    result = []
    for kind, text in (("out", "handed out and never on the wire"), ("in", "processed and never on the wire")):
        lost = [line.line for line in alignment.lost_lines if line.kind == kind]
        if lost:
            result.append(f"disagreement: {len(lost)} segments {text}: lines {_few(lost)}")
    unlogged = [one for place, one in enumerate(seen) if place not in alignment.line_of]
    sent = [one.event.frame for one in unlogged if one.source[0] in hosts and not one.forged]
    if sent:
        result.append(
            f"disagreement: {len(sent)} segments on the wire that the log does not hand out: frames {_few(sent)}"
        )
    dropped = Counter(one.event.seg.fault or "well-formed" for one in unlogged if one.target[0] in hosts)
    for fault, count in dropped.items():
        frames = [
            o.event.frame for o in unlogged if o.target[0] in hosts and (o.event.seg.fault or "well-formed") == fault
        ]
        result.append(f"{count} segments on the wire that the host did not process ({fault}): frames {_few(frames)}")
    return result


def _few(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")


class _Calls:
    """The calls of each connection so far, and what was sent without the call that it needs."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counts: Counter[tuple[bytes, str]] = Counter()
        self._made: dict[tuple[Side, Side], set[str]] = defaultdict(set)
        self._written: dict[tuple[Side, Side], Written] = defaultdict(Written)
        self._initial: dict[tuple[Side, Side], int] = {}
        self._sent: dict[tuple[Side, Side], int] = {}

    def made(self, call: Logged) -> None:
        """A call, in the order of the log."""
        key = call.host, call.peer
        self._made[key].add(call.kind)
        self.counts[call.host[0], call.kind] += 1
        if call.kind in _WRITING:
            self._written[key].offer(call.data)

    def sent(self, one: Passing) -> None:
        """A segment that the host sent."""
        key, seg = (one.source, one.target), one.event.seg
        if seg.flags & SYN:
            if self._initial.get(key) != seg.seq:
                self._initial[key], self._sent[key] = seg.seq, 1
                self._written[key] = Written() if not seg.flags & ACK else self._written[key]
            if not seg.flags & ACK and "connect" not in self._made[key]:
                self._missing(one, "a SYN is sent only after the application connects", "connect")
            return
        if key not in self._initial:
            return
        start = offset(seg.seq, self._initial[key], self._sent[key])
        if seg.length and start == self._sent[key]:
            if len(seg.data) == seg.length and not self._written[key].explains(start - 1, seg.data):
                self._missing(one, "the data sent is what the application wrote", "the octets offered by send")
            self._sent[key] = start + seg.length
        if seg.flags & FIN and not self._made[key] & _CLOSING:
            self._missing(one, "a FIN is sent only after the application closes", "close or shutdown")

    def _missing(self, one: Passing, premise: str, expected: str) -> None:
        quad = Quad(str(ip_address(one.source[0])), one.source[1], str(ip_address(one.target[0])), one.target[1])
        near = Nearest("the log", "RFC 9293 3.9.1", premise, expected, "no such call before it in the log")
        violation = WireViolation(one.event.frame, one.event.time, premise, "unknown", (near,))
        self.findings.append(Finding(quad, violation))


def _add(report: WireReport, calls: _Calls) -> None:
    """Enter what the calls do not explain; the calls themselves are those of the log."""
    found = [finding for finding in calls.findings if finding.connection.host == report.host]
    if found:
        report.verdict = Verdict.violates
        report.violating = max(report.violating, len({finding.connection for finding in found}))
        report.findings = sorted([*report.findings, *found], key=lambda f: f.violation.time)[:MOST_LISTED]
    address = ip_address(report.host).packed
    report.calls = Counter({kind: count for (host, kind), count in calls.counts.items() if host == address})
