"""Checking the DHCP in a capture: every party followed on its own, and what must hold between them."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike, fspath
from typing import Any

from netoracle.dhcp.events import DhcpEvent, Event, events
from netoracle.dhcp.facts import Facts, facts
from netoracle.dhcp.invariants import ONE_HOLDER, Invariants
from netoracle.dhcp.machines import Machines, Seen
from netoracle.dhcp.parties import client_party, server_party
from netoracle.dhcp.provisional.messages import tests
from netoracle.dhcp.result import Deviation, DhcpReport, DhcpViolation, Near, Party, PartyReport, Role
from netoracle.dhcp.tracker import Tracker
from netoracle.scenario import UsageError
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import Frame, read_frames

NANOSECONDS = 1_000_000_000
MOST_PARTIES = 4096
TOLERANCE = {"host": NANOSECONDS, "interface": NANOSECONDS, "path": 4 * NANOSECONDS}
"""By vantage, how much later than it happened an event may be recorded, and how far a timer may be off."""


@dataclass(slots=True)
class _Entry:
    report: PartyReport
    tracker: Tracker[Any, Seen]


class Checker:
    """Takes frames in the order of the capture.

    Remembers at most MOST_PARTIES parties; those that were silent longest are put aside, the ones that conform only
    as a count.
    """

    def __init__(self, machines: Machines, vantage: str = "path") -> None:
        """`vantage` says where the capture was taken: a key of TOLERANCE."""
        if vantage not in TOLERANCE:
            raise UsageError(f"no vantage {vantage!r}, expected one of {', '.join(TOLERANCE)}")
        self._machines = machines
        self._parties: OrderedDict[Party, _Entry] = OrderedDict()
        self._invariants = Invariants(TOLERANCE[vantage])
        self._servers: set[Party] = set()
        self._asked: deque[tuple[Seen, int, Fraction]] = deque(maxlen=32)
        self._finished: list[PartyReport] = []
        self._put_aside: Counter[Verdict] = Counter()
        self._epoch: int | None = None
        self._relayed = False
        self.messages = 0
        self.undecodable = 0

    def take(self, event: Event) -> None:
        """Take in an event."""
        if self._epoch is None:
            self._epoch = event.time
        moment = Fraction(event.time - self._epoch, NANOSECONDS)
        seen = facts(event.payload) if isinstance(event, DhcpEvent) else None
        if isinstance(event, DhcpEvent):
            self.messages += 1
            self.undecodable += seen is None
            if seen is not None:
                self._message(event, seen, moment)
        for violation, _ in self._invariants.take(event, seen):
            entry = self._entry(violation.party, event.frame, moment)
            entry.report.violate(violation)
        if isinstance(event, DhcpEvent) and seen is not None:
            self._holds(event, seen)

    def reports(self) -> list[PartyReport]:
        """End the capture: what is said of every party that is still known or did not conform."""
        while self._parties:
            _, entry = self._parties.popitem(last=False)
            entry.tracker.finish()
            self._finished.append(entry.report)
        return sorted(self._finished, key=lambda report: report.party)

    def notes(self) -> Iterator[str]:
        """What was left out: for want of rules, or to keep memory bounded."""
        if self._relayed:
            yield "relays are not judged"
        for verdict, count in self._put_aside.items():
            yield f"{count} parties more: {verdict.value}"
        if self._invariants.forgotten:
            yield f"{self._invariants.forgotten} leases and clients were forgotten: conflicts with them are not seen"

    def _message(self, event: DhcpEvent, seen: Facts, moment: Fraction) -> None:
        label = Seen(event, seen)
        sender = server_party(event, seen) if seen.reply else client_party(seen)
        entry = self._entry(sender, event.frame, moment, counted=True)
        self._alone(entry.report, event, seen)
        entry.tracker.sent(label, event.frame, moment)
        if seen.reply:
            receiver = client_party(seen)
            if receiver in self._parties:
                self._entry(receiver, event.frame, moment).tracker.heard(label, event.frame, moment)
        else:
            self._asked.append((label, event.frame, moment))
            for party in list(self._servers):
                self._entry(party, event.frame, moment).tracker.heard(label, event.frame, moment)
        self._relayed = self._relayed or seen.relayed

    def _alone(self, report: PartyReport, event: DhcpEvent, seen: Facts) -> None:
        """What the message is on its own."""
        for test in tests(event, seen):
            if test.holds:
                report.note(event.frame, test.requirement, True)
            elif test.hard:
                near = Near("message", test.requirement, f"requirement {test.requirement}", test.found)
                report.violate(DhcpViolation(event.frame, report.party, (test.requirement,), test.found, (near,)))
            else:
                report.deviate(Deviation(event.frame, report.party, test.requirement, test.found))

    def _holds(self, event: DhcpEvent, seen: Facts) -> None:
        """Note that the invariant on leases was looked at and held."""
        if seen.reply and seen.lease is not None and seen.kind is not None and seen.kind.name == "ack":
            entry = self._parties.get(server_party(event, seen))
            if entry is not None:
                last = entry.report.violations[-1] if entry.report.violations else None
                if last is None or last.frame != event.frame or ONE_HOLDER not in last.requirements:
                    entry.report.note(event.frame, ONE_HOLDER, True)

    def _entry(self, party: Party, frame: int, moment: Fraction, counted: bool = False) -> _Entry:
        entry = self._parties.get(party)
        if entry is None:
            report = PartyReport(party, frames=(frame, frame))
            machine = self._machines.of(party.role)
            # A server shows when it first answers, and it may answer what was asked before.
            earlier = list(self._asked) if party.role == Role.server.value else []
            began = (earlier[0][1], earlier[0][2]) if earlier else (frame, moment)
            entry = _Entry(report, Tracker(machine, report, machine.monotone, *began))
            for label, at, then in earlier:
                entry.tracker.heard(label, at, then)
            self._parties[party] = entry
            if party.role == Role.server.value:
                self._servers.add(party)
            if len(self._parties) > MOST_PARTIES:
                self._set_aside()
        else:
            self._parties.move_to_end(party)
        entry.report.messages += counted
        entry.report.frames = (entry.report.frames[0], frame)
        return entry

    def _set_aside(self) -> None:
        party, entry = self._parties.popitem(last=False)
        self._servers.discard(party)
        entry.tracker.finish()
        if entry.report.verdict is Verdict.conforms or len(self._finished) >= MOST_PARTIES:
            self._put_aside[entry.report.verdict] += 1
        else:
            self._finished.append(entry.report)


def check_dhcp(
    path: str | PathLike[str],
    profile: str = "rfc2131",
    host: str | None = None,
    vantage: str = "path",
    progress: Callable[[int], None] | None = None,
) -> list[DhcpReport]:
    """Check the DHCP in a capture: one report, none where the capture has no DHCP.

    `host` restricts the report to one party, by the name that it has in the full report.  `vantage` is `path` where
    frames may be lost or late between a party and the recorder, `interface` or `host` where they may not.
    `progress` is told the frame number.
    Raises CaptureError where the file is no capture, UsageError for a profile or vantage that is not known.
    """
    report = check_frames(read_frames(path), profile, host, vantage, progress)
    report.path = fspath(path)
    return [report] if report.messages else []


def check_frames(
    frames: Iterable[Frame],
    profile: str = "rfc2131",
    host: str | None = None,
    vantage: str = "path",
    progress: Callable[[int], None] | None = None,
) -> DhcpReport:
    """Check frames, wherever they come from."""
    started = time.perf_counter()
    checker = Checker(Machines(profile, lossy=vantage == "path"), vantage)
    for event in events(frames):
        checker.take(event)
        if progress is not None and event.frame % 1000 == 0:
            progress(event.frame)
    parties = [one for one in checker.reports() if host is None or one.party.name == host]
    return DhcpReport(
        "",
        profile,
        vantage,
        parties,
        checker.messages,
        checker.undecodable,
        time.perf_counter() - started,
        list(checker.notes()),
    )
