"""What must hold across a capture: one holder for each address, and no address in use outside its lease."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from netoracle.dhcp.events import ArpEvent, DhcpEvent, Event, UseEvent
from netoracle.dhcp.facts import Facts, Kind
from netoracle.dhcp.leases import INFINITE, SECOND, Lease, LeaseBook
from netoracle.dhcp.parties import Identities, dotted, hardware_name, server_party
from netoracle.dhcp.result import DhcpViolation, Party, Role
from netspec.dhcp.judgement import enforces

ONE_HOLDER = 93
STOP_AT_EXPIRY = 61
STOP_AT_NAK = 62
ONE_AT_A_TIME = 63
USE_WHILE_LEASED = 66
DRIFT = 1000
"""A lease may seem longer by one part in this many: clocks differ."""

_ANY = bytes(4)
_REMEMBERED = 4096


class Invariants:
    """Follows all leases of a capture; `take` yields what breaks an invariant."""

    def __init__(self, tolerance: int, certain: bool = False) -> None:
        """`tolerance` in nanoseconds, between an event and its record; `certain`: what is sent arrives."""
        self._certain = certain
        self._wanted: OrderedDict[bytes, bytes] = OrderedDict()
        self._book = LeaseBook(tolerance)
        self._identities = Identities()
        self._acks: OrderedDict[bytes, None] = OrderedDict()

    @property
    def forgotten(self) -> int:
        """How many leases and clients were dropped to keep memory bounded: what they might break is not seen."""
        return self._book.forgotten

    def take(self, event: Event, seen: Facts | None) -> Iterator[tuple[DhcpViolation, int]]:
        """Take in an event; a violation comes with its requirement."""
        if isinstance(event, ArpEvent):
            yield from self._used(event, b"\x01" + event.sender_mac, event.sender)
        elif isinstance(event, UseEvent) or seen is None:
            yield from self._used(event, b"\x01" + event.source_mac, event.source)
        else:
            yield from self._used(event, b"\x01" + event.source_mac, event.source)
            if seen.reply:
                yield from self._answered(event, seen)
            else:
                self._asked(event, seen)

    def _asked(self, event: DhcpEvent, seen: Facts) -> None:
        self._identities.learn(seen)
        if seen.kind is Kind.request:
            self._wanted[seen.hardware] = seen.requested or seen.ciaddr
            if len(self._wanted) > _REMEMBERED:
                self._wanted.popitem(last=False)
        if seen.kind in (Kind.release, Kind.decline):
            address = seen.ciaddr if seen.kind is Kind.release else seen.requested
            if address is not None:
                place = event.network + address
                self._book.ended(place, self._identities.behind(seen))
                self._book.must_stop(seen.hardware, place, event.time)

    def _answered(self, event: DhcpEvent, seen: Facts) -> Iterator[tuple[DhcpViolation, int]]:
        place = event.network + seen.yiaddr
        if seen.kind is Kind.offer and seen.yiaddr != _ANY:
            self._book.offered(seen.hardware, place, event.time)
        elif seen.kind is Kind.nak:
            identity = self._identities.behind(seen)
            if identity is not None:
                self._book.refused(identity)
            if self._certain:
                wanted = self._wanted.pop(seen.hardware, None)
                refused = self._book.leased(seen.hardware) | ({event.network + wanted} if wanted else set())
                self._book.told(seen.hardware, refused, event.time, STOP_AT_NAK)
        elif seen.kind is None and seen.yiaddr != _ANY:
            # BOOTP, or a reply that a tolerant client may take for an acknowledgement.
            self._book.may_use(seen.hardware, place, None)
        elif seen.kind is Kind.ack and seen.yiaddr != _ANY:
            until = None
            if seen.lease is not None and seen.lease != INFINITE:
                until = event.time + seen.lease * SECOND
            late = None if until is None or seen.lease is None else until + seen.lease * SECOND // DRIFT
            self._book.may_use(seen.hardware, place, late)
            if self._certain and event.network + seen.ciaddr != place:
                before = self._book.leased(seen.hardware) - {place}
                self._book.told(seen.hardware, before, event.time, ONE_AT_A_TIME)
            if self._repeated(event.payload):
                return
            identity = self._identities.behind(seen)
            self._book.superseded(identity, place)
            lease = Lease(identity, seen.hardware, event.time, until, event.frame)
            held = self._book.acknowledged(place, lease)
            if held is not None:
                yield self._two_holders(event, seen, held), ONE_HOLDER

    @enforces(ONE_HOLDER)
    def _two_holders(self, event: DhcpEvent, seen: Facts, held: Lease) -> DhcpViolation:
        left = "for ever" if held.until is None else f"{(held.until - event.time) / SECOND:.3f} s more"
        summary = (
            f"{dotted(seen.yiaddr)} is given to {hardware_name(seen.hardware)}, "
            f"but {hardware_name(held.hardware)} has it, by frame {held.frame}, {left}"
        )
        return DhcpViolation(event.frame, server_party(event, seen), (ONE_HOLDER,), summary)

    @enforces(STOP_AT_EXPIRY, STOP_AT_NAK, ONE_AT_A_TIME, USE_WHILE_LEASED)
    def _used(self, event: Event, hardware: bytes, source: bytes) -> Iterator[tuple[DhcpViolation, int]]:
        if source == _ANY:
            return
        place = event.network + source
        ended = self._book.used(hardware, place, event.time)
        if ended is None:
            return
        leased = self._book.was_leased(hardware, place)
        told = self._book.why(hardware, place)
        requirement = told or (STOP_AT_EXPIRY if leased else USE_WHILE_LEASED)
        since = "its lease ended or it gave it up" if leased else "it was only offered it"
        if told is not None:
            since = "a NAK" if told == STOP_AT_NAK else "it was given another address"
        after = (event.time - ended) / SECOND
        summary = f"{hardware_name(hardware)} sends from {dotted(source)} {after:.3f} s after {since}"
        party = Party(Role.client.value, hardware_name(hardware))
        yield DhcpViolation(event.frame, party, (requirement,), summary), requirement

    def _repeated(self, payload: bytes) -> bool:
        """Whether this very reply was seen before: the network may duplicate and delay it."""
        if payload in self._acks:
            return True
        self._acks[payload] = None
        if len(self._acks) > _REMEMBERED:
            self._acks.popitem(last=False)
        return False
