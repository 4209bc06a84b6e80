"""What must hold across a capture: one holder for each address, and no address in use outside its lease."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from netoracle.dhcp.events import ArpEvent, DhcpEvent, Event, UseEvent
from netoracle.dhcp.facts import Facts, Kind
from netoracle.dhcp.leases import INFINITE, SECOND, Lease, LeaseBook
from netoracle.dhcp.parties import Identities, Readers, dotted, hardware_name, server_party
from netoracle.dhcp.result import DhcpViolation, Party, Role
from netspec.dhcp.judgement import enforces
from netspec.dhcp.timing import FIRST_DELAY

ONE_HOLDER = 93
STOP_AT_EXPIRY = 61
STOP_AT_NAK = 62
ONE_AT_A_TIME = 63
USE_WHILE_LEASED = 66
DRIFT = 1000
"""A lease may seem longer by one part in this many: clocks differ."""

TOLERANCE = {"host": SECOND, "interface": SECOND, "path": 4 * SECOND}
"""By vantage, how much later than it happened an event may be recorded, and how far a timer may be off."""

_ANY, _EVERYONE = bytes(4), b"\xff" * 4
_REMEMBERED = 4096
_MOST_UNPROVEN = 64


class Invariants:
    """Follows all leases of a capture; `take` yields what breaks an invariant.

    What ends or prolongs a lease is mostly unicast.  Where of a host no unicast DHCP shows, the recorder may stand
    where it does not pass, as beside a switch: then a lease in sight proves nothing about what came after.  What is
    found of such a host waits until some shows, or for the end.
    """

    def __init__(self, tolerance: int, certain: bool = False, lossy: bool = True) -> None:
        """`tolerance` in nanoseconds, between an event and its record.

        `certain`: what is sent arrives.  `lossy`: frames may be missing.
        """
        self._tolerance = tolerance
        self._certain = certain
        self._lossy = lossy
        self._begun: OrderedDict[bytes, int] = OrderedDict()
        self._wanted: OrderedDict[bytes, tuple[int, bytes]] = OrderedDict()
        self._unicast: OrderedDict[bytes, None] = OrderedDict()
        self._unproven: OrderedDict[bytes, list[DhcpViolation]] = OrderedDict()
        self._book = LeaseBook(tolerance)
        self._identities = Identities()
        self.readers = Readers()
        self._acks: OrderedDict[bytes, None] = OrderedDict()

    @property
    def forgotten(self) -> int:
        """How many leases and clients were dropped to keep memory bounded: what they might break is not seen."""
        return self._book.forgotten

    def take(self, event: Event, seen: Facts | None) -> Iterator[tuple[DhcpViolation, bool]]:
        """Take in an event; what breaks an invariant comes with whether that is certain."""
        if isinstance(event, ArpEvent):
            yield from self._used(event, b"\x01" + event.sender_mac, event.sender)
        elif isinstance(event, UseEvent) or seen is None:
            yield from self._used(event, b"\x01" + event.source_mac, event.source)
        else:
            if event.destination != _EVERYONE:
                _remember(self._unicast, seen.hardware)
                yield from ((found, True) for found in self._unproven.pop(seen.hardware, ()))
            yield from self._used(event, b"\x01" + event.source_mac, event.source)
            self._read(event, seen)
            if seen.reply:
                yield from self._answered(event, seen)
            else:
                self._asked(event, seen)

    def _asked(self, event: DhcpEvent, seen: Facts) -> None:
        self._identities.learn(seen)
        if seen.kind is Kind.discover:
            self._begun[seen.hardware] = seen.xid
            if len(self._begun) > _REMEMBERED:
                self._begun.popitem(last=False)
        if seen.ciaddr != _ANY:
            self._book.claimed(seen.hardware, event.network + seen.ciaddr)
        if seen.kind is Kind.request:
            self._wanted[seen.hardware] = (seen.xid, seen.requested or seen.ciaddr)
            if len(self._wanted) > _REMEMBERED:
                self._wanted.popitem(last=False)
        if seen.kind in (Kind.release, Kind.decline):
            address = seen.ciaddr if seen.kind is Kind.release else seen.requested
            if address is not None:
                place = event.network + address
                self._book.ended(place, self._identities.behind(seen))
                self._book.must_stop(seen.hardware, place, event.time)

    def _pending(self, seen: Facts) -> bytes | None:
        """What the client asks for in the exchange of a reply, None where it waits for none: then it discards it.

        RFC 2131 figure 5: who is bound discards ACK and NAK, as of a second server.
        """
        if self._begun.get(seen.hardware) == seen.xid:
            del self._begun[seen.hardware]
        xid, address = self._wanted.get(seen.hardware, (None, None))
        if xid != seen.xid:
            return None
        del self._wanted[seen.hardware]
        return address

    def _answered(self, event: DhcpEvent, seen: Facts) -> Iterator[tuple[DhcpViolation, bool]]:
        place = event.network + seen.yiaddr
        wanted = self._pending(seen) if seen.kind in (Kind.ack, Kind.nak) else None
        if seen.kind is Kind.offer and seen.yiaddr != _ANY and self._begun.get(seen.hardware) == seen.xid:
            self._book.offered(seen.hardware, place, event.time)
        elif seen.kind is Kind.nak:
            identity = self._identities.behind(seen)
            if identity is not None:
                self._book.refused(identity)
            # Table 3 of RFC 2131 has option 54 in every NAK: who cannot tell whose it is may discard it.
            if self._certain and wanted is not None and seen.server is not None:
                refused = self._book.leased(seen.hardware) | {event.network + wanted}
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
            if self._certain and wanted is not None:
                before = self._book.leased(seen.hardware) - {place}
                self._book.told(seen.hardware, before, event.time, ONE_AT_A_TIME)
            if self._repeated(event.payload):
                return
            identity = self._identities.behind(seen)
            self._book.superseded(identity, place)
            lease = Lease(identity, seen.hardware, event.time, until, event.frame)
            held = self._book.acknowledged(place, lease)
            if held is not None:
                yield from self._proven(held.hardware, self._two_holders(event, seen, held))

    def _read(self, event: DhcpEvent, seen: Facts) -> None:
        """Remember whose an xid is, and that its client may use what a reply with it gives to another."""
        other = self.readers.other(event.network, seen)
        if not seen.reply:
            self.readers.learn(event.network, seen)
        elif other is not None and seen.kind is Kind.ack and seen.yiaddr != _ANY:
            self._book.may_use(other, event.network + seen.yiaddr, None)

    def finish(self) -> Iterator[DhcpViolation]:
        """What was found and is not certain."""
        while self._unproven:
            yield from self._unproven.popitem(last=False)[1]

    def _proven(self, hardware: bytes, found: DhcpViolation) -> Iterator[tuple[DhcpViolation, bool]]:
        """What was found of a host's lease, if it is certain that what came of the lease shows."""
        if not self._lossy or hardware in self._unicast:
            yield found, True
            return
        self._unproven.setdefault(hardware, []).append(found)
        if len(self._unproven) > _REMEMBERED or len(self._unproven[hardware]) > _MOST_UNPROVEN:
            yield from ((one, False) for one in self._unproven.popitem(last=False)[1])

    @enforces(ONE_HOLDER)
    def _two_holders(self, event: DhcpEvent, seen: Facts, held: Lease) -> DhcpViolation:
        left = "for ever" if held.until is None else f"{(held.until - event.time) / SECOND:.3f} s more"
        summary = (
            f"{dotted(seen.yiaddr)} is given to {hardware_name(seen.hardware)}, "
            f"but {hardware_name(held.hardware)} has it, by frame {held.frame}, {left}"
        )
        return DhcpViolation(event.frame, server_party(event, seen), (ONE_HOLDER,), summary)

    @enforces(STOP_AT_EXPIRY, STOP_AT_NAK, ONE_AT_A_TIME, USE_WHILE_LEASED)
    def _used(self, event: Event, hardware: bytes, source: bytes) -> Iterator[tuple[DhcpViolation, bool]]:
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
        # Who finds no server may go on with a lease of before (RFC 2131 section 3.7), but knows only after a while.
        # When it begins anew such a lease may just have ended: what it sends then need not be new, an announcement is.
        found = DhcpViolation(event.frame, party, (requirement,), summary)
        if leased:
            yield from self._proven(hardware, found)
        else:
            announces = isinstance(event, ArpEvent) and event.sender == event.target
            begins = announces or event.time - ended >= self._tolerance
            yield found, begins and (self._certain or event.time - ended < FIRST_DELAY)

    def _repeated(self, payload: bytes) -> bool:
        """Whether this very reply was seen before: the network may duplicate and delay it."""
        if payload in self._acks:
            return True
        _remember(self._acks, payload)
        return False


def _remember(known: OrderedDict[bytes, None], one: bytes) -> None:
    """Put in last, and forget the first where there are many."""
    known[one] = None
    known.move_to_end(one)
    if len(known) > _REMEMBERED:
        known.popitem(last=False)
