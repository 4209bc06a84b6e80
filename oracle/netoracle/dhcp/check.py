"""Checking the DHCP in a capture: every party followed on its own, and what must hold between them."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike, fspath
from typing import Any

from netoracle.dhcp.events import ArpEvent, DhcpEvent, Event, MissedEvent, UseEvent, events
from netoracle.dhcp.facts import Facts, Kind, facts, see
from netoracle.dhcp.invariants import ONE_HOLDER, TOLERANCE, Invariants
from netoracle.dhcp.leases import SECOND
from netoracle.dhcp.machines import Machines
from netoracle.dhcp.parties import client_party, hardware_name, senders, server_party
from netoracle.dhcp.result import Deviation, DhcpReport, DhcpViolation, Near, Party, PartyReport, Role
from netoracle.dhcp.tracker import Tracker
from netoracle.dhcp.watch import Subnet, Watch
from netoracle.scenario import UsageError
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import Frame, read_frames
from netspec.dhcp.judgement import Finding
from netspec.dhcp.labels import Sight
from netspec.dhcp.messages import findings, relay_findings

MOST_PARTIES = 4096
MOST_BACK = SECOND
"""How far times may go back, in nanoseconds, for what comes after to be compared with what came before."""

_ANY = bytes(4)


@dataclass(slots=True)
class _Entry:
    report: PartyReport
    tracker: Tracker[Any, Sight]
    watch: Watch


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
        self._invariants = Invariants(TOLERANCE[vantage], vantage == "host", vantage == "path")
        self._servers: set[Party] = set()
        self._relays: set[Party] = set()
        self._subnet = Subnet()
        self._given: OrderedDict[bytes, Party] = OrderedDict()
        self._tolerance = TOLERANCE[vantage]
        self._recent: deque[tuple[Sight, int, Fraction]] = deque(maxlen=32)
        self._finished: list[PartyReport] = []
        self._put_aside: Counter[Verdict] = Counter()
        self._epoch: int | None = None
        self._latest = 0
        self._gap: str | None = None
        self._first_missed: str | None = None
        self.messages = 0
        self.undecodable = 0
        self.missed = 0

    def take(self, event: Event | MissedEvent) -> None:
        """Take in an event.

        After a gap, where something was sent that nobody can read, or the clock was set, messages are judged on their
        own: nothing is compared with what came before.
        """
        if self._epoch is None:
            self._epoch = self._latest = event.time
        if event.time < self._latest - MOST_BACK:
            back = (self._latest - event.time) / SECOND
            self._lose_track(f"frame {event.frame}: its time is {back:.3f} s before that of a frame before")
        self._latest = max(self._latest, event.time)
        if isinstance(event, MissedEvent):
            self.missed += 1
            self._first_missed = self._first_missed or f"frame {event.frame} {event.why}"
            self._lose_track(f"frame {event.frame}: a message that {event.why}")
            return
        moment = Fraction(event.time - self._epoch, SECOND)
        label = see(event) if isinstance(event, DhcpEvent) else None
        seen = None if label is None else facts(label)
        if isinstance(event, DhcpEvent):
            self.messages += 1
            self.undecodable += seen is None
            if label is not None and seen is not None:
                self._message(event, label, seen, moment)
        if self._gap is not None:
            return
        if isinstance(event, ArpEvent | UseEvent):
            self._traffic(event)
        for violation, sure in self._invariants.take(event, seen):
            entry = self._entry(violation.party, event.frame, moment)
            if sure and violation.requirements[0] not in self._machines.profile.waived:
                entry.report.violate(violation)
            else:
                entry.report.deviate(violation.noted())
        if isinstance(event, DhcpEvent) and seen is not None:
            self._holds(event, seen)

    def reports(self) -> list[PartyReport]:
        """End the capture: what is said of every party that is still known or did not conform."""
        for violation in self._invariants.finish():
            if violation.party in self._parties:
                self._parties[violation.party].report.deviate(violation.noted())
        while self._parties:
            _, entry = self._parties.popitem(last=False)
            entry.tracker.finish()
            self._finished.append(entry.report)
        return sorted(self._finished, key=lambda report: report.party)

    def notes(self) -> Iterator[str]:
        """What was left out: for want of rules, or to keep memory bounded."""
        for verdict, count in self._put_aside.items():
            yield f"{count} parties more: {verdict.value}"
        if self._invariants.forgotten:
            yield f"{self._invariants.forgotten} leases and clients were forgotten: conflicts with them are not seen"
        if self.missed:
            yield f"{self.missed} messages are not whole in the capture and not judged: {self._first_missed}"
        if self.undecodable:
            yield f"{self.undecodable} datagrams to or from a port of DHCP are too short for a message, and not judged"

    @property
    def put_aside(self) -> int:
        """How many parties are not in the reports."""
        return self._put_aside.total()

    def _lose_track(self, reason: str) -> None:
        """Judge no party's messages by those before any more."""
        if self._gap is None:
            self._gap = f"{reason}: what follows is not compared with what came before"
            for entry in self._parties.values():
                entry.report.give_up(self._gap)

    def _message(self, event: DhcpEvent, label: Sight, seen: Facts, moment: Fraction) -> None:
        sending = senders(event, seen)
        for party in sending:
            entry = self._entry(party, event.frame, moment, counted=True)
            if party.role == Role.relay.value:
                self._judge(entry.report, event.frame, relay_findings(label))
            else:
                self._judge(entry.report, event.frame, findings(label))
                if self._gap is None:
                    self._judge(entry.report, event.frame, self._subnet.message(event.network, label))
            if event.source != _ANY and not seen.relayed:
                entry.report.known_at(event.source)
            if self._gap is not None:
                continue
            if party.role == Role.client.value:
                self._judge(entry.report, event.frame, entry.watch.sent(label))
            entry.tracker.sent(label, event.frame, moment)
        if self._gap is not None:
            return
        receivers = [*self._relays, *(() if seen.reply else self._servers)]
        if seen.reply and (client := client_party(seen)) in self._parties:
            receivers.append(client)
            if seen.kind is Kind.ack and seen.yiaddr != _ANY:
                self._parties[client].report.known_at(seen.yiaddr)
            self._given[event.network + seen.yiaddr] = client
            if len(self._given) > MOST_PARTIES:
                self._given.popitem(last=False)
        if seen.reply and (other := self._invariants.readers.other(event.network, seen)) is not None:
            receivers += [
                party for party in (Party(Role.client.value, hardware_name(other)),) if party in self._parties
            ]
        for party in receivers:
            if party not in sending:
                entry = self._entry(party, event.frame, moment)
                entry.tracker.heard(label, event.frame, moment)
                entry.watch.heard(label)
        self._recent.append((label, event.frame, moment))

    def _traffic(self, event: ArpEvent | UseEvent) -> None:
        """ARP and other traffic, as far as it is of clients, or contests the address of one."""
        if isinstance(event, ArpEvent):
            self._subnet.arp(event)
        mine = Party(Role.client.value, event.source_mac.hex(":"))
        entry = self._parties.get(mine)
        if entry is not None:
            found = entry.watch.own_arp(event) if isinstance(event, ArpEvent) else entry.watch.use(event)
            self._judge(entry.report, event.frame, found)
        if isinstance(event, ArpEvent):
            for client in self._clients_at(event):
                if client != mine:
                    self._parties[client].watch.other_arp(event)

    def _clients_at(self, event: ArpEvent) -> list[Party]:
        """The clients that an ARP frame may be in conflict with."""
        places = (event.network + event.sender, event.network + event.target)
        holders = {self._given.get(place) for place in places}
        return [party for party in holders if party is not None and party in self._parties]

    def _judge(self, report: PartyReport, frame: int, found: Iterable[Finding]) -> None:
        """Take in findings that need no search."""
        tallies = report.requirements
        for finding in found:
            number = finding.requirement
            if finding.holds:
                tallies[number].meet(frame)
            elif finding.violates(self._machines.profile):
                near = Near("message", number, f"requirement {number}", finding.found)
                report.violate(DhcpViolation(frame, report.party, (number,), finding.found, (near,)))
            else:
                report.deviate(Deviation(frame, report.party, number, finding.found))

    def _holds(self, event: DhcpEvent, seen: Facts) -> None:
        """Note that the invariant on leases was looked at and held."""
        if seen.reply and seen.lease is not None and seen.kind is not None and seen.kind.name == "ack":
            entry = self._parties.get(server_party(event, seen))
            if entry is not None:
                last = entry.report.violations[-1] if entry.report.violations else None
                if last is None or last.frame != event.frame or ONE_HOLDER not in last.requirements:
                    entry.report.meet(event.frame, ONE_HOLDER)

    def _entry(self, party: Party, frame: int, moment: Fraction, counted: bool = False) -> _Entry:
        entry = self._parties.get(party)
        if entry is None:
            report = PartyReport(party, frames=(frame, frame))
            machine = self._machines.of(party.role)
            # A server shows when it first answers what was asked before, and a client that was there before the capture
            # may have been answered before it shows.
            earlier = self._earlier(party)
            began = (earlier[0][1], earlier[0][2]) if earlier else (frame, moment)
            tracker = Tracker(machine, report, machine.monotone, *began)
            watch = Watch(self._machines.profile.bounds, self._tolerance)
            entry = _Entry(report, tracker, watch)
            for label, at, then in earlier:
                entry.tracker.heard(label, at, then)
            self._parties[party] = entry
            if party.role != Role.client.value:
                (self._servers if party.role == Role.server.value else self._relays).add(party)
            if self._gap is not None:
                report.give_up(self._gap)
            if len(self._parties) > MOST_PARTIES:
                self._set_aside()
        else:
            self._parties.move_to_end(party)
        entry.report.messages += counted
        entry.report.frames = (entry.report.frames[0], frame)
        return entry

    def _earlier(self, party: Party) -> list[tuple[Sight, int, Fraction]]:
        """What a party may have heard before it first showed."""
        if party.role == Role.client.value:
            return [one for one in self._recent if one[0].reply and client_party(facts(one[0])) == party]
        return [one for one in self._recent if party.role == Role.relay.value or not one[0].reply]

    def _set_aside(self) -> None:
        party, entry = self._parties.popitem(last=False)
        self._servers.discard(party)
        self._relays.discard(party)
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
    complete: bool = False,
) -> list[DhcpReport]:
    """Check the DHCP in a capture: one report, none where the capture has no DHCP.

    `host` restricts the report to one party, by the name that it has in the full report.  `vantage` is `path` where
    frames may be lost or late between a party and the recorder, `interface` or `host` where they may not.
    `complete`: what was not recorded was not sent, so that also what is unicast between others passes the recorder.
    `progress` is told the frame number.
    Raises CaptureError where the file is no capture, UsageError for a profile or vantage that is not known, and for
    a complete capture of a path on which frames are lost.
    """
    report = look_at(path, profile, host, vantage, progress, complete)
    return [report] if report.messages or report.missed else []


def look_at(
    path: str | PathLike[str],
    profile: str = "rfc2131",
    host: str | None = None,
    vantage: str = "path",
    progress: Callable[[int], None] | None = None,
    complete: bool = False,
) -> DhcpReport:
    """Like `check_dhcp`, with a report also where there is no DHCP: its notes say what was passed over."""
    frames = read_frames(path)
    report = check_frames(frames, profile, host, vantage, progress, complete)
    report.path = fspath(path)
    report.notes += frames.warnings
    if frames.backwards:
        report.notes.append(f"{frames.backwards} frames have an earlier time than the frame before")
    return report


def check_frames(
    frames: Iterable[Frame],
    profile: str = "rfc2131",
    host: str | None = None,
    vantage: str = "path",
    progress: Callable[[int], None] | None = None,
    complete: bool = False,
) -> DhcpReport:
    """Check frames, wherever they come from."""
    started = time.perf_counter()
    if complete and vantage == "path":
        raise UsageError("--complete needs a vantage at which nothing is lost: --vantage host or interface")
    checker = Checker(Machines(profile, vantage == "path", vantage == "host", complete), vantage)
    passed_over: Counter[str] = Counter()
    for event in events(frames, passed_over):
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
        [*checker.notes(), *(f"{count} {what} are not judged" for what, count in passed_over.items())],
        checker.missed,
        complete=complete,
        put_aside=checker.put_aside,
    )
