"""What a reply of a server answers, and what the message that it answers asks of it."""

from __future__ import annotations

from typing import NamedTuple

from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, CLIENT_PORT, EVERYONE, Sight, dotted, named, shown
from netspec.dhcp.message.types import BROADCAST, Kind
from netspec.dhcp.requirement import Unmet

RAPID_COMMIT = 80
"""The option by which a DISCOVER may be acknowledged at once (RFC 4039)."""

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
    """The last messages heard, offers and acknowledgements sent, oldest first, and addresses declined to it."""

    asked: tuple[Asked, ...] = ()
    offered: tuple[Offered, ...] = ()
    given: tuple[Given, ...] = ()
    declined: tuple[int, ...] = ()


@enforces(12, 74, 82, 84, 95, 109)
def answered(state: Server, seen: Sight, judge: Judge, kinds: tuple[Kind, ...]) -> list[Asked]:
    """The messages that a reply may answer; none where nothing of the client or the exchange was seen.

    RFC 2131 sections 2, 4.1, table 3, RFC 6842.  Requirements 12, 74, 82, 84, 95, 109.
    """
    message = seen.message
    same = [asked for asked in state.asked if asked.xid == message.xid]
    if not same:
        xids = [asked.xid for asked in state.asked if asked.hardware == seen.hardware]
        judge.demand(74, not xids, f"xid {message.xid:#010x}, the client's is {xids[-1] if xids else 0:#010x}")
        return []
    theirs = [asked for asked in same if asked.hardware == seen.hardware]
    if not theirs:
        judge.demand(74, False, f"chaddr {seen.hardware[1:].hex(':')}, the client's {same[-1].hardware[1:].hex(':')}")
        return []
    # Behind a relay the client's own message shows, and the reply that the relay passes on.
    behind = seen.relayed and seen.envelope.destination_port == CLIENT_PORT
    via = [asked for asked in theirs if behind or asked.giaddr == message.giaddr]
    if not via:
        judge.demand(74, False, f"giaddr {dotted(message.giaddr)}, the request's is {dotted(theirs[-1].giaddr)}")
        return []
    fitting = [asked for asked in via if asked.kind in kinds or asked.kind is None]
    judge.demand(95, bool(fitting), f"{named(seen.kind)} in answer to {named(via[-1].kind)}")
    now = [asked for asked in fitting if asked.kind is None or seen.time - asked.time <= _within(asked.kind, judge)]
    if fitting and not now:
        late = seen.time - fitting[-1].time
        found = f"{named(seen.kind)} {late // 1_000_000} ms after what it answers, and nothing else asks for it"
        judge.demand(95, False, found)
    if not now:
        return []
    flags = {asked.flags for asked in now}
    found = f"flags {message.flags:#06x}, the request's {now[-1].flags:#06x}"
    if seen.kind is Kind.nak:
        judge.prefer(74, message.flags in flags, found)
    else:
        judge.demand(74, message.flags in flags, found)
    room = max(asked.largest for asked in now) - _OVERHEAD
    judge.prefer(12, seen.envelope.size <= room, f"{seen.envelope.size} octets, the client takes {room}")
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


def _destination(asked: list[Asked], seen: Sight, judge: Judge) -> None:
    """Where a reply goes that no relay and no ciaddr directs."""
    if seen.relayed or seen.kind is Kind.nak or any(one.ciaddr != ANYWHERE for one in asked):
        return
    to = seen.envelope.destination
    if all(one.flags & BROADCAST for one in asked):
        judge.demand(84, to == EVERYONE, f"to {dotted(to)}, the request has BROADCAST")
    else:
        right = to in (EVERYONE, seen.message.yiaddr)
        judge.demand(84, right, f"to {dotted(to)}, neither yiaddr nor broadcast")
        judge.prefer(84, to != EVERYONE, "broadcast, the request lacks BROADCAST")


@enforces(101)
def not_declined(state: Server, seen: Sight, judge: Judge) -> None:
    """Ask that an address that was declined is not handed out (RFC 2131 section 4.3.3).  Requirement 101."""
    if seen.message.yiaddr in state.declined:
        found = f"{dotted(seen.message.yiaddr)} was declined"
        (judge.demand if judge.certain else judge.prefer)(101, False, found)
    elif state.declined:
        judge.met.append(101)


def parameters_of(seen: Sight) -> tuple[tuple[int, bytes], ...]:
    """The parameters that a reply configures the client with."""
    return tuple((code, value) for code, value in seen.values.items() if code not in _NOT_PARAMETERS)


@enforces(77, 81, 96, 97, 99, 103, 115)
def acknowledges(asked: Asked, seen: Sight, judge: Judge) -> Unmet | None:
    """Why an ACK does not answer a message, None where it does.  Requirements 77, 81, 96, 97, 99, 103, 115."""
    message, to = seen.message, seen.envelope.destination
    if asked.kind is Kind.discover:
        both = asked.rapid and RAPID_COMMIT in seen.values
        return None if both else Unmet(115, "ACK in answer to DISCOVER without rapid commit")
    direct = asked.ciaddr == ANYWHERE or seen.relayed or to == asked.ciaddr
    found = f"to {dotted(to)}, the request's ciaddr is {dotted(asked.ciaddr)}"
    if asked.kind is Kind.request:
        if asked.server is not None and seen.server is not None and asked.server != seen.server:
            return Unmet(96, f"{dotted(seen.server)} acknowledges a REQUEST to {dotted(asked.server)}")
        wanted = asked.requested if asked.ciaddr == ANYWHERE else asked.ciaddr
        if wanted is not None and message.yiaddr != wanted:
            return Unmet(97, f"yiaddr {dotted(message.yiaddr)}, asked for is {dotted(wanted)}")
        if seen.lease is None:
            return Unmet(77, "no option 51")
        if message.ciaddr not in (ANYWHERE, asked.ciaddr):
            return Unmet(81, f"ciaddr {dotted(message.ciaddr)}, the request's is {dotted(asked.ciaddr)}")
        return None if direct else Unmet(99, found)
    if asked.kind is Kind.inform:
        if seen.lease is not None:
            return Unmet(103, "option 51 in answer to INFORM")
        return None if direct else Unmet(103, found)
    return None
