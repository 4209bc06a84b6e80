"""Checking a capture by the rules of the host: for each connection, some placement of calls and a run that explains it.

The calls are a guess.  So a run proves that a correct host could have produced the segments, and that none was found
proves nothing: the verdict is then `inconclusive`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from os import PathLike, fspath

from netoracle.hosted.calls import Inferred, infer, ordered, placements
from netoracle.hosted.connections import MOST_SEGMENTS, Connection, read_connections
from netoracle.hosted.result import HostReport, HostStep, Judged, Unexplained
from netoracle.hosted.trace import as_scenario, send_buffer
from netoracle.oracle import Report, check_scenario
from netoracle.scenario import AS_IT_IS, Switches, UsageError
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.search.streaming import StreamingSearch
from netoracle.wire.inferred import Call
from netspec.profiles import PROFILES
from netspec.wire.segment import RST, SYN

Progress = Callable[[int, int | None], None]

_FIRST_SHARE = 0.5
"""Of the seconds that are left, how much the next attempt may take where another follows."""


def check_hosts(
    path: str | PathLike[str],
    profile: str,
    hosts: frozenset[bytes],
    budget: Budget,
    switches: Switches = AS_IT_IS,
    progress: Progress | None = None,
) -> list[HostReport]:
    """Check every connection of `hosts`, or of all, by the host rules of a profile: a report for each host.

    The seconds of the budget are those of the whole capture.  Raises CaptureError, UsageError.
    """
    if profile not in PROFILES:
        raise UsageError(f"there is no profile {profile!r} of the host rules; there are {', '.join(PROFILES)}")
    started = time.perf_counter()
    recorded = read_connections(path, hosts)
    reports: dict[bytes, HostReport] = {}
    order = recorded.connections.values()
    for number, connection in enumerate(order):
        if progress is not None:
            progress(number, len(order))
        address = connection.host[0]
        if address not in reports:
            reports[address] = HostReport(fspath(path), profile, str(ip_address(address)))
        left = budget.seconds - (time.perf_counter() - started)
        attempt = _Attempts(fspath(path), connection, recorded.last, profile, switches)
        reports[address].connections.append(attempt.judge(replace(budget, seconds=left)))
    notes = [*recorded.warnings, *(f"{count} {what}: left out" for what, count in recorded.left_out.items())]
    for report in reports.values():
        report.notes += notes
        report.seconds = time.perf_counter() - started
    return list(reports.values())


class _Attempts:
    """The attempts to explain a connection."""

    def __init__(self, path: str, connection: Connection, last: int, profile: str, switches: Switches) -> None:
        self.path = path
        self.connection = connection
        self.last = last
        self.profile = profile
        self.switches = switches
        self.judged = Judged(connection.quad, Verdict.inconclusive, connection.count)

    def judge(self, budget: Budget) -> Judged:
        """Try the placements of calls one after the other, until a run explains the connection."""
        self.judged.reason = self._unusable()
        if self.judged.reason is not None:
            return self.judged
        if not self.connection.seen:
            self.judged.verdict = Verdict.conforms
            return self.judged
        deadline = time.perf_counter() + budget.seconds
        tried: set[tuple[tuple[Inferred, ...], bool]] = set()
        ways = placements(self.connection)
        furthest = -1
        for number, placement in enumerate(ways):
            left = deadline - time.perf_counter()
            if left <= 0:
                self.judged.reason = self.judged.reason or f"budget: {budget.seconds:g} seconds"
                break
            connection = ordered(self.connection, placement)
            calls = tuple(infer(connection, placement, send_buffer(self.profile)))
            if (calls, placement.late) in tried:
                continue
            tried.add((calls, placement.late))
            share = left if number + 1 == len(ways) else left * _FIRST_SHARE
            report = self._attempt(connection, calls, replace(budget, seconds=share))
            if report.verdict is Verdict.conforms:
                self._conforms(report, connection, calls)
                self.judged.placement = placement
                break
            reached = report.violation.label if report.violation is not None else 0
            frame = report.scenario.entries[reached].line or 10**9
            if frame > furthest:
                furthest = frame
                self._unexplained(report, connection, calls)
        self.judged.tried = len(tried)
        return self.judged

    def _unusable(self) -> str | None:
        """Why the connection is no trace of a host, None where it may be one."""
        connection = self.connection
        if connection.count > MOST_SEGMENTS:
            return f"{connection.count} segments, more than the {MOST_SEGMENTS} that are judged by the host rules"
        if connection.broken is not None:
            frame, why = connection.broken
            return f"frame {frame} {why}"
        own = next((one for one in connection.seen if one.sent), None)
        if own is not None and not own.seg.flags & (SYN | RST):
            return f"the capture begins inside the connection: frame {own.frame} is sent, and no SYN before it"
        return None

    def _attempt(self, connection: Connection, calls: tuple[Inferred, ...], budget: Budget) -> Report:
        scenario = as_scenario(self.path, connection, calls, self.last, self.profile, self.switches)
        report = check_scenario(scenario, budget, kind=StreamingSearch)
        self.judged.states += report.states
        self.judged.solver_calls += report.solver_calls
        return report

    def _conforms(self, report: Report, connection: Connection, calls: tuple[Inferred, ...]) -> None:
        judged = self.judged
        entries = report.scenario.entries
        judged.verdict, judged.reason, judged.unexplained = Verdict.conforms, None, None
        judged.calls, judged.certificate = _calls(connection, calls), report.certificate
        judged.steps = [
            HostStep(entries[step.label].line, step.internal, step.kind, step.rule) for step in report.steps
        ]

    def _unexplained(self, report: Report, connection: Connection, calls: tuple[Inferred, ...]) -> None:
        judged, violation = self.judged, report.violation
        judged.calls = _calls(connection, calls)
        if violation is None:
            judged.reason = report.reason
            return
        frame = violation.line or None
        where = f"frame {frame}" if frame is not None else "the silence until the end of the capture"
        nearest = violation.nearest[0] if violation.nearest else None
        premise = "" if nearest is None else f" (nearest: {nearest.rule}: {nearest.premise})"
        if report.reason is None:
            judged.reason = f"with the calls inferred the host rules do not explain {where}{premise}"
        else:
            judged.reason = f"{report.reason}; the search got to {where}{premise}"
        judged.unexplained = Unexplained(frame, violation.summary, violation.nearest)


def _calls(connection: Connection, calls: tuple[Inferred, ...]) -> list[Call]:
    """The calls with the interval in which each is placed: behind the segment before, and before the one shown."""
    seen = connection.seen
    return [
        Call(one.name, one.octets, seen[one.at - 1].time if one.at else None, seen[one.at].time, seen[one.at].frame)
        for one in calls
    ]
