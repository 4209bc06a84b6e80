"""What a reply of a server answers, and what the message that it answers asks of it."""

from __future__ import annotations

from typing import NamedTuple

from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, CLIENT_PORT, EVERYONE, Sight, dotted, named, shown
from netspec.dhcp.message.types import BROADCAST, Kind
from netspec.dhcp.requirement import Unmet

RAPID_COMMIT = 80
"""The option by which a DISCOVER may be acknowledged at once (RFC 4039)."""

IPV6_ONLY = 108
"""The option by which a client may do without an address (RFC 8925)."""

_OVERHEAD = 28
_NOT_PARAMETERS = frozenset({50, 52, 53, 54, 55, 56, 57, 58, 59, 61, 80, 82})


class Asked(NamedTuple):
    """A message that may have reached the server; `largest` octets of datagram are taken."""

    kind: Kind | None
    hardware: bytes
    identifier: bytes | None
    xid: int
    flags: int
    giaddr: int
    ciaddr: int
    server: int | None
    requested: int | None
    rapid: bool
    parameters: bytes
    largest: int
    time: int


class Offered(NamedTuple):
    """An OFFER that it sent."""

    xid: int
    client: bytes
    address: int
    parameters: tuple[tuple[int, bytes], ...]
    time: int


class Given(NamedTuple):
    """A lease that it acknowledged, until when."""

    client: bytes
    address: int
    until: int


class Server(NamedTuple):
    """The last messages heard, offers and acknowledgements sent, oldest first, addresses declined and to whom."""

    asked: tuple[Asked, ...] = ()
    offered: tuple[Offered, ...] = ()
    given: tuple[Given, ...] = ()
    declined: tuple[tuple[int, int | None], ...] = ()


@enforces(12, 74, 82, 84, 95, 109, 116)
def answered(state: Server, seen: Sight, judge: Judge, kinds: tuple[Kind, ...]) -> list[Asked]:
    """The messages that a reply may answer; none where nothing of the client or the exchange was seen.

    RFC 2131 sections 2, 4.1, table 3, RFC 6842, RFC 8925 section 3.3.  Requirements 12, 74, 82, 84, 95, 109, 116.  How
    long a server may take no RFC says: that an answer is late is noted.
    """
    message = seen.message
    same = [asked for asked in state.asked if asked.xid == message.xid]
    if not same:
        _unasked(state, seen, judge)
        return []
    theirs = [asked for asked in same if asked.hardware == seen.hardware]
    if not theirs:
        judge.demand(74, False, f"chaddr {seen.hardware[1:].hex(':')}, the client's {same[-1].hardware[1:].hex(':')}")
        return []
    # Behind a relay the client's own message shows, and the reply that the relay passes on.
    behind = seen.relayed and seen.envelope.destination_port == CLIENT_PORT
    via = [asked for asked in theirs if behind or asked.giaddr == message.giaddr]
    if not via:
        # A renewal goes to the server itself, and where a relay passes it on too, its copy alone may show.
        direct = message.giaddr == ANYWHERE and theirs[-1].ciaddr != ANYWHERE
        weigh = judge.prefer if direct and _asked_before(theirs, seen, judge) else judge.demand
        weigh(74, False, f"giaddr {dotted(message.giaddr)}, the request's is {dotted(theirs[-1].giaddr)}")
        return []
    fitting = [asked for asked in via if asked.kind in kinds or asked.kind is None]
    # An OFFER may come after the REQUEST that chose another, and its DISCOVER be from before the trace.
    chosen = seen.kind is Kind.offer and all(asked.kind is Kind.request for asked in via)
    (judge.prefer if chosen else judge.demand)(
        95, bool(fitting), f"{named(seen.kind)} in answer to {named(via[-1].kind)}"
    )
    if not fitting:
        return []
    in_time = [asked for asked in fitting if asked.kind is None or seen.time - asked.time <= _within(asked.kind, judge)]
    late = (seen.time - fitting[-1].time) // 1_000_000
    judge.prefer(95, bool(in_time), f"{named(seen.kind)} {late} ms after what it answers, and nothing else asks for it")
    now = in_time or fitting
    flags = {asked.flags for asked in now}
    found = f"flags {message.flags:#06x}, the request's {now[-1].flags:#06x}"
    if seen.kind is Kind.nak:
        judge.prefer(74, message.flags in flags, found)
    else:
        judge.demand(74, message.flags in flags, found)
    room = max(asked.largest for asked in now) - _OVERHEAD
    judge.prefer(12, seen.envelope.size <= room, f"{seen.envelope.size} octets, the client takes {room}")
    if IPV6_ONLY in seen.values:
        asked_for = any(IPV6_ONLY in asked.parameters for asked in theirs)
        judge.demand(116, asked_for, f"{named(seen.kind)} has option 108, and nothing asks for it")
    _identifier(now, seen, judge)
    _destination(now, seen, judge)
    return now


def client_of(asked: list[Asked]) -> bytes:
    """Whom a binding is for: the identifier where there is one, else the hardware address (RFC 2131 section 4.2)."""
    last = asked[-1]
    return last.hardware if last.identifier is None else b"\x3d" + last.identifier


def without(given: tuple[Given, ...], client: bytes) -> tuple[Given, ...]:
    """The leases of the others."""
    return tuple(one for one in given if one.client != client)


def _within(kind: Kind, judge: Judge) -> int:
    return judge.bounds.offer_within if kind is Kind.discover else judge.bounds.answer_within


def _identifier(asked: list[Asked], seen: Sight, judge: Judge) -> None:
    sent = {one.identifier for one in asked}
    if seen.identifier is None:
        judge.prefer(82, None in sent, "the client's identifier is not returned")
    elif sent == {None}:
        judge.prefer(82, False, "option 61 where the client sent none")
    else:
        right = seen.identifier in sent
        judge.demand(109, right, f"option 61 is {shown(seen.identifier)}, the client's {shown(asked[-1].identifier)}")
        judge.prefer(82, right, "option 61 is not the client's")


def _unasked(state: Server, seen: Sight, judge: Judge) -> None:
    """A reply with an xid that no message had: not to a client that is seen to use another (RFC 2131 table 3).

    Without a hardware address, or with one that several share (RFC 6842 section 2), nobody can say whose it is.  A NAK
    is broadcast, and may answer a unicast renewal that does not pass the recorder.
    """
    theirs = [asked for asked in state.asked if asked.hardware == seen.hardware]
    alone = len({asked.identifier for asked in theirs}) == 1 and any(seen.hardware[1:])
    if not theirs or not alone or seen.identifier not in (None, theirs[-1].identifier):
        return
    found = f"xid {seen.message.xid:#010x}, the client's is {theirs[-1].xid:#010x}"
    # Who begins with a DISCOVER is taken to have asked nothing before it.
    began = any(asked.kind is Kind.discover for asked in theirs)
    if not began and _asked_before(theirs, seen, judge):
        judge.prefer(74, False, found)
    else:
        (judge.expect if seen.kind is Kind.nak else judge.demand)(74, False, found)


def _asked_before(theirs: list[Asked], seen: Sight, judge: Judge) -> bool:
    """Whether what a reply answers may be from before the client's first message that shows, as before the trace."""
    longest = judge.bounds.offer_within if seen.kind is Kind.offer else judge.bounds.answer_within
    return seen.time - min(asked.time for asked in theirs) <= longest


def _destination(asked: list[Asked], seen: Sight, judge: Judge) -> None:
    """Where a reply goes that no relay and no ciaddr directs: whether it is broadcast is a SHOULD (section 4.1)."""
    if seen.relayed or seen.kind is Kind.nak or any(one.ciaddr != ANYWHERE for one in asked):
        return
    to, everyone = seen.envelope.destination, _broadcast(seen)
    judge.demand(84, everyone or to == seen.message.yiaddr, f"to {dotted(to)}, neither yiaddr nor broadcast")
    if all(one.flags & BROADCAST for one in asked):
        judge.prefer(84, everyone, f"to {dotted(to)}, the request has BROADCAST")
    else:
        judge.prefer(84, not everyone, "broadcast, the request lacks BROADCAST")


def _broadcast(seen: Sight) -> bool:
    """Whether a reply goes to everybody: to all ones, or by the mask that it gives to all of the subnet."""
    to, mask, broadcast = seen.envelope.destination, seen.number(1), seen.number(28)
    subnet = None if mask is None else seen.message.yiaddr | ~mask & EVERYONE
    return to in (EVERYONE, subnet, broadcast)


@enforces(101)
def not_declined(state: Server, seen: Sight, judge: Judge) -> None:
    """Ask that an address that was declined to it is not handed out (RFC 2131 section 4.3.3).  Requirement 101."""
    if (seen.message.yiaddr, seen.server) in state.declined:
        found = f"{dotted(seen.message.yiaddr)} was declined"
        (judge.demand if judge.certain else judge.prefer)(101, False, found)
    elif state.declined:
        judge.met.append(101)


def parameters_of(seen: Sight) -> tuple[tuple[int, bytes], ...]:
    """The parameters that a reply configures the client with."""
    return tuple((code, value) for code, value in seen.values.items() if code not in _NOT_PARAMETERS)


@enforces(77, 81, 97, 99, 103, 115)
def acknowledges(asked: Asked, seen: Sight) -> Unmet | None:
    """Why an ACK does not answer a message, None where it does.  Requirements 77, 81, 97, 99, 103, 115."""
    message, to, rapid = seen.message, seen.envelope.destination, RAPID_COMMIT in seen.values
    if asked.kind is Kind.discover:
        return None if asked.rapid and rapid else Unmet(115, "ACK in answer to DISCOVER without rapid commit")
    if asked.kind is None:
        return None
    if rapid:
        return Unmet(115, f"rapid commit in answer to {named(asked.kind)}")
    reached = asked.ciaddr == ANYWHERE or seen.relayed or to == asked.ciaddr or _broadcast(seen)
    found = f"to {dotted(to)}, the request's ciaddr is {dotted(asked.ciaddr)}"
    if asked.kind is Kind.inform:
        if seen.lease is not None:
            return Unmet(103, "option 51 in answer to INFORM")
        return None if reached else Unmet(103, found)
    wanted = asked.requested if asked.ciaddr == ANYWHERE else asked.ciaddr
    if wanted is not None and message.yiaddr != wanted:
        return Unmet(97, f"yiaddr {dotted(message.yiaddr)}, asked for is {dotted(wanted)}")
    if 51 not in seen.values:
        return Unmet(77, "no option 51")
    if message.ciaddr not in (ANYWHERE, asked.ciaddr):
        return Unmet(81, f"ciaddr {dotted(message.ciaddr)}, the request's is {dotted(asked.ciaddr)}")
    return None if reached else Unmet(99, found)


@enforces(96, 99, 103)
def prefers(answered: list[Asked], seen: Sight, judge: Judge) -> None:
    """What an ACK rather is where another way is left.  Requirements 96, 99, 103.

    A server with several addresses may answer by another than it was selected by (RFC 2131 section 4.1).  A reply to
    ciaddr SHOULD be unicast (sections 3.4, 4.1), so that one that is broadcast proves nothing.
    """
    named_it = [one for one in answered if one.server in (None, seen.server)]
    asked = (named_it or answered)[-1]
    if asked.kind is Kind.request:
        found = f"{dotted(seen.server)} acknowledges a REQUEST to {dotted(asked.server)}"
        judge.prefer(96, bool(named_it) or seen.server is None, found)
        judge.met += (77, 81, 97)
    elif asked.kind is Kind.discover:
        judge.met.append(115)
    if asked.ciaddr != ANYWHERE and not seen.relayed and asked.kind in (Kind.request, Kind.inform):
        found = f"broadcast, the request's ciaddr is {dotted(asked.ciaddr)}"
        judge.prefer(99 if asked.kind is Kind.request else 103, seen.envelope.destination == asked.ciaddr, found)
    elif asked.kind is Kind.inform:
        judge.met.append(103)
