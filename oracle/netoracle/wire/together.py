"""A capture at the interface of µTCP and µTCP's log of the same time, judged together.

Datagrams come from the wire; calls, and the moments at which segments were processed, from the log.  A segment that
only the log has is judged as the log has it; one to the host that has no line was not processed.  What the two disagree
on is reported, and where both cannot be right, nothing is concluded that rests on it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from os import PathLike, fspath
from typing import TypeVar

from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import packets
from netoracle.wire.alignment import Alignment, align
from netoracle.wire.called import Called
from netoracle.wire.check import CaptureCheck
from netoracle.wire.disagreements import disagreements
from netoracle.wire.logged_report import Both, conclude
from netoracle.wire.passing import Passing, Unreachable, passing
from netoracle.wire.result import WireReport
from netoracle.wire.utcp_log import Logged, logged_segment, read_log
from netspec.wire.event import Event
from netspec.wire.profile import Vantage, WireProfile
from netspec.wire.segment import Segment

_BUDGET_EVERY = 1024

_T = TypeVar("_T")


def check_with_log(
    capture: str | PathLike[str],
    log: str | PathLike[str],
    profile: WireProfile,
    keep: bool = False,
    seconds: float = 60.0,
) -> list[WireReport]:
    """Judge the hosts of a log by it and by a capture: one report each.

    Reading the capture ends after `seconds`, and judging after twice that.
    Raises CaptureError where the capture is none, TraceError where the log is none.
    """
    started = time.perf_counter()
    lines = read_log(log)
    hosts = frozenset(line.host[0] for line in lines)
    reading = _Budget(started + seconds)
    passed = list(reading.of(passing(packets(read_frames(capture)))))
    seen = [one for one in passed if isinstance(one, Passing)]
    alignment = align(seen, lines)
    # The calls are known, and µTCP has none that aborts.
    known = replace(profile, aborts=False)
    judging = _Judging(CaptureCheck(fspath(capture), known, Vantage.host, hosts, keep), hosts)
    errors = [(one.time, 0, one) for one in passed if isinstance(one, Unreachable)]
    budget = _Budget(started + 2 * seconds)
    for _, number, what in budget.of(
        sorted([*_merged(seen, lines, alignment, hosts), *errors], key=lambda item: item[:2])
    ):
        judging.judge(number, what)
    both = Both(
        fspath(capture),
        profile,
        seen,
        lines,
        alignment,
        judging.called,
        list(disagreements(seen, lines, alignment, hosts, profile)),
        f"the budget of {seconds:g} s ended" if reading.spent or budget.spent else None,
    )
    reports = judging.check.finish()
    for report in reports:
        conclude(report, both)
        report.seconds = time.perf_counter() - started
    return reports


class _Budget:
    """A moment at which to stop; `spent` says whether that was necessary."""

    def __init__(self, until: float) -> None:
        self.spent = False
        self._until = until

    def of(self, stream: Iterable[_T]) -> Iterator[_T]:
        """The stream until then."""
        for count, one in enumerate(stream, 1):
            yield one
            if count % _BUDGET_EVERY == 0 and time.perf_counter() > self._until:
                self.spent = True
                return


Item = tuple[int, int, Passing | Unreachable | Logged]
"""When, by the capture's clock; the line, 0 where there is none; and what."""


def _merged(seen: list[Passing], lines: list[Logged], alignment: Alignment, hosts: frozenset[bytes]) -> Iterator[Item]:
    """Segments and calls in the order of the host.

    A segment that only the log has gets the negative number of its line for that of a frame.
    """
    read = alignment.clock.read
    yield from ((read(line.time), line.line, line) for line in lines if line.segment is None)
    yield from ((read(line.time), line.line, logged_segment(line, read)) for line in alignment.lost_lines)
    for place, one in enumerate(seen):
        logged = alignment.line_of.get(place)
        if logged is not None:
            now = read(logged.time)
            segment = one.event.seg if place in alignment.differing else _whole(one.event.seg, logged)
            yield now, logged.line, replace(one, event=Event(one.event.frame, now, segment))
        elif one.target[0] not in hosts:
            yield one.event.time, 0, one


def _whole(seg: Segment, logged: Logged) -> Segment:
    """A segment, with the data from the log where the capture does not have all of it."""
    if logged.segment is None or len(seg.data) == seg.length:
        return seg
    return replace(seg, data=logged.segment.data)


class _Judging:
    """The wire rules and the calls, applied to what happens at the host."""

    def __init__(self, check: CaptureCheck, hosts: frozenset[bytes]) -> None:
        self.check = check
        self.called = Called()
        self._hosts = hosts

    def judge(self, line: int, what: Passing | Unreachable | Logged) -> None:
        """What happens next, with its line, 0 where there is none."""
        if isinstance(what, Logged):
            self.called.call(what)
            return
        if isinstance(what, Passing):
            if what.target[0] in self._hosts:
                self.called.received(what, line or None)
            if what.source[0] in self._hosts and not what.forged:
                self.called.sent(what, line or None)
        self.check.judge(what)
