"""The concrete rules as a judge of what is seen, with a state that can be part of a model checker's.

The parties and what goes across them are followed by what follows them where a capture is judged (`netoracle.dhcp`:
tracker, watch, invariants), each by a bench of its own; that both say the same of the same run is tested.  A state
names the benches by fingerprints; the court keeps them, and what it knows of how they go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeAlias

from netoracle.dhcp.events import ArpEvent, DhcpEvent, Event
from netoracle.dhcp.facts import facts, see
from netoracle.dhcp.invariants import TOLERANCE, Invariants
from netoracle.dhcp.machines import Machines
from netoracle.dhcp.parties import client_party, senders
from netoracle.dhcp.result import Party, PartyReport, Role
from netoracle.dhcp.tracker import Tracker
from netoracle.dhcp.watch import Subnet, Watch
from netoracle.modelcheck.product_forget import FORGET, LIMIT
from netoracle.modelcheck.product_memory import Passage, Walk, plain
from netspec.dhcp.judgement import Finding
from netspec.dhcp.labels import Sight
from netspec.dhcp.messages import findings, relay_findings

VANTAGE: Final = "path"
NO_RULE: Final = 0
"""In place of a requirement, where no rule speaks of what a party does."""

_DIGEST: Final = 12

Judged: TypeAlias = tuple[bytes, ...]
"""A judge's state: a fingerprint for each bench."""


class Objection(NamedTuple):
    """A requirement that is not met: whether that is forbidden or only noted, of whom, and what was found."""

    requirement: int
    forbids: bool
    party: str
    found: str


class PartyBench:
    """Follows one party: the states that it may be in, and for a client its times and its use of ARP."""

    def __init__(self, party: Party, machines: Machines, brief: bool) -> None:
        """Nothing was seen.  `brief`: without times and ARP."""
        self.party = party
        self.states = tuple(machines.of(party.role).starts())
        watched = party.role == Role.client.value and not brief
        self.watch = Watch(machines.profile.bounds, TOLERANCE[VANTAGE]) if watched else None
        self.shows = False

    def take(self, event: Event, machines: Machines) -> Iterator[Objection]:
        """Take in an event."""
        if isinstance(event, DhcpEvent):
            label = see(event)
            if label is None:
                return
            seen = facts(label)
            if self.party in senders(event, seen):
                self.shows = True
                yield from self._sent(label, machines)
            elif self._is_told(seen.reply, client_party(seen)):
                self._heard(label, machines)
        elif self.watch is not None and self.shows:
            mine = event.source_mac.hex(":") == self.party.name
            found: Iterable[Finding] = ()
            if isinstance(event, ArpEvent) and not mine:
                self.watch.other_arp(event)
            elif mine:
                found = self.watch.own_arp(event) if isinstance(event, ArpEvent) else self.watch.use(event)
            yield from objections(self.party, found, machines)

    def _is_told(self, reply: bool, client: Party) -> bool:
        if self.party.role == Role.client.value:
            return reply and client == self.party
        return self.party.role == Role.relay.value or not reply

    def _sent(self, label: Sight, machines: Machines) -> Iterator[Objection]:
        alone = relay_findings if self.party.role == Role.relay.value else findings
        yield from objections(self.party, alone(label), machines)
        if self.watch is not None:
            yield from objections(self.party, self.watch.sent(label), machines)
        tracker, report = self._tracker(machines)
        tracker.sent(label, 0, Fraction(0))
        self.states = tuple(tracker.states)
        for violation in report.violations:
            for number in violation.requirements or (NO_RULE,):
                yield Objection(number, True, str(self.party), violation.summary)
        for departure in report.deviations:
            yield Objection(departure.requirement, False, str(self.party), departure.found)

    def _heard(self, label: Sight, machines: Machines) -> None:
        tracker, _ = self._tracker(machines)
        tracker.heard(label, 0, Fraction(0))
        self.states = tuple(tracker.states)
        if self.watch is not None and self.shows:
            self.watch.heard(label)

    def _tracker(self, machines: Machines) -> tuple[Tracker[Any, Sight], PartyReport]:
        """What follows the party for one message, and what that has to say of it."""
        machine, report = machines.of(self.party.role), PartyReport(self.party)
        return Tracker(machine, report, machine.monotone, 0, Fraction(0), self.states), report


class AcrossBench:
    """Follows what goes across parties: leases and their use, identifiers, probes."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self.subnet = Subnet()
        self.invariants = Invariants(TOLERANCE[VANTAGE])

    def take(self, event: Event, machines: Machines) -> Iterator[Objection]:
        """Take in an event."""
        label = see(event) if isinstance(event, DhcpEvent) else None
        seen = None if label is None else facts(label)
        if isinstance(event, DhcpEvent) and label is not None and seen is not None:
            found = self.subnet.message(event.network, label)
            yield from objections(senders(event, seen)[0], found, machines)
        elif isinstance(event, ArpEvent):
            self.subnet.arp(event)
        for violation, sure in self.invariants.take(event, seen):
            for number in violation.requirements:
                yield Objection(number, sure, str(violation.party), violation.summary)


Bench: TypeAlias = PartyBench | AcrossBench


class Court:
    """Judges events one after the other, each from a state that it leaves as it is."""

    def __init__(self, parties: Iterable[Party], brief: bool = False, whole: bool = False) -> None:
        """The parties that may show.

        `brief`: what can only be noted, times and ARP, is not looked at.  `whole`: everything that is sent is shown.
        """
        self._brief = brief
        self._machines = Machines("rfc2131", lossy=not whole, complete=whole)
        self._parties = tuple(parties)
        self._benches: dict[bytes, Bench] = {}
        self._occasions: list[tuple[tuple[Event, ...], Passage]] = []
        self._numbers: dict[tuple[tuple[Event, ...], Passage], int] = {}
        self._known: dict[tuple[bytes, int], tuple[bytes, tuple[Objection, ...]]] = {}

    def start(self) -> Judged:
        """Nothing was seen."""
        benches: list[Bench] = [PartyBench(party, self._machines, self._brief) for party in self._parties]
        return tuple(map(self._enter, [*benches, AcrossBench()]))

    def occasion(self, events: tuple[Event, ...], passage: Passage) -> int:
        """A number for some events and what happens then."""
        number = self._numbers.setdefault((events, passage), len(self._occasions))
        if number == len(self._occasions):
            self._occasions.append((events, passage))
        return number

    def take(self, before: Judged, occasion: int) -> tuple[Judged, tuple[Objection, ...]]:
        """The state after what has this number, and what is objected to."""
        results = [self._known.get((bench, occasion)) or self._go_on(bench, occasion) for bench in before]
        return tuple([after for after, _ in results]), tuple([one for _, found in results for one in found])

    def _go_on(self, bench: bytes, occasion: int) -> tuple[bytes, tuple[Objection, ...]]:
        events, passage = self._occasions[occasion]
        after: Bench = self._benches[bench]
        found: list[Objection] = []
        if events:
            after = Walk(passage._replace(back=0, xids=None), {}).copy(after)
            for event in events:
                found += after.take(event, self._machines)
        timed = isinstance(after, PartyBench) and after.watch is not None
        after = Walk(passage if timed else passage._replace(horizon=LIMIT), FORGET).copy(after)
        known = self._known[bench, occasion] = self._enter(after), tuple(dict.fromkeys(found))
        return known

    def _enter(self, bench: Bench) -> bytes:
        digest = blake2b(repr(plain(bench)).encode(), digest_size=_DIGEST).digest()
        self._benches.setdefault(digest, bench)
        return digest


def objections(party: Party, found: Iterable[Finding], machines: Machines) -> Iterator[Objection]:
    """The findings that do not hold."""
    for one in found:
        if not one.holds:
            yield Objection(one.requirement, one.violates(machines.profile), str(party), one.found)
