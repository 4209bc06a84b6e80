"""A server as what it may have been asked: what it did not hear it need not answer, so one state stands for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netspec.base.choose import require
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, CLIENT_PORT, EVERYONE, SECOND, Sight, dotted, named, shown
from netspec.dhcp.message.types import Kind
from netspec.dhcp.requirement import Unmet

_KEPT = 64
_KEPT_OFFERS = 16
_RAPID_COMMIT = 80
_OVERHEAD = 28
_EVERYBODY_TAKES = 576
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
    hardware: bytes
    address: int
    parameters: tuple[tuple[int, bytes], ...]
    time: int


class Given(NamedTuple):
    """A lease that it acknowledged, until when."""

    hardware: bytes
    address: int
    until: int


class Server(NamedTuple):
    """The last messages heard, offers and acknowledgements sent, oldest first, and addresses declined to it."""

    asked: tuple[Asked, ...] = ()
    offered: tuple[Offered, ...] = ()
    given: tuple[Given, ...] = ()
    declined: tuple[int, ...] = ()


Rule = Callable[[Server, Sight, Judge], Server]


def hear_any(state: Server, seen: Sight, judge: Judge) -> Server:
    """A client's message arrives."""
    require(not seen.reply)
    values, message = seen.values, seen.message
    size = values.get(57, b"")
    asked = Asked(
        seen.kind,
        seen.hardware,
        seen.identifier,
        message.xid,
        message.flags,
        message.giaddr,
        message.ciaddr,
        seen.server,
        seen.requested,
        _RAPID_COMMIT in values,
        max(_EVERYBODY_TAKES, int.from_bytes(size)) if len(size) == 2 else _EVERYBODY_TAKES,
        seen.time,
    )
    if seen.kind is Kind.decline and seen.requested is not None and seen.requested not in state.declined:
        state = state._replace(declined=(*state.declined, seen.requested)[-_KEPT:])
    if seen.kind in (Kind.decline, Kind.release):
        state = state._replace(given=tuple(one for one in state.given if one.hardware != seen.hardware))
    return state if asked in state.asked else state._replace(asked=(*state.asked, asked)[-_KEPT:])


@enforces(92, 94, 101)
def offer(state: Server, seen: Sight, judge: Judge) -> Server:
    """Answer a DISCOVER with an offer (RFC 2131 section 4.3.1).  Requirements 92, 94, 101."""
    require(seen.kind is Kind.offer)
    _answered(state, seen, judge, (Kind.discover,))
    address, hardware = seen.message.yiaddr, seen.hardware
    others = [
        one
        for one in state.offered
        if one.address == address
        and one.hardware != hardware
        and seen.time - one.time <= judge.bounds.answer_within
        and not any(later.hardware == one.hardware and later.time > one.time for later in state.offered)
    ]
    judge.prefer(92, not others, f"{dotted(address)} is on offer to another client")
    mine = [one.address for one in state.given if one.hardware == hardware and one.until > seen.time]
    if mine:
        judge.prefer(94, address in mine, f"{dotted(address)}, its lease is on {dotted(mine[-1])}")
    _not_declined(state, seen, judge)
    made = Offered(seen.message.xid, hardware, address, _parameters(seen), seen.time)
    return state._replace(offered=(*state.offered, made)[-_KEPT_OFFERS:])


@enforces(89, 101)
def acknowledge(state: Server, seen: Sight, judge: Judge) -> Server:
    """Answer a REQUEST with the lease that it asks for, an INFORM, or a DISCOVER with rapid commit.

    RFC 2131 sections 4.3.2, 4.3.5, RFC 4039.  Requirements 89, 101.
    """
    require(seen.kind is Kind.ack)
    fitting = _answered(state, seen, judge, (Kind.request, Kind.inform, Kind.discover))
    if fitting:
        failures = [_acknowledges(asked, seen, judge) for asked in reversed(fitting)]
        if None not in failures and failures[0] is not None:
            judge.demand(failures[0].number, False, failures[0].found)
    if seen.message.yiaddr == ANYWHERE:
        return state
    _not_declined(state, seen, judge)
    offers = [o for o in state.offered if (o.xid, o.hardware) == (seen.message.xid, seen.hardware)]
    if offers:
        promised, now = dict(offers[-1].parameters), dict(_parameters(seen))
        other = sorted(code for code in promised.keys() & now.keys() if promised[code] != now[code])
        judge.prefer(89, not other, f"options {other} differ from the OFFER")
    given = Given(seen.hardware, seen.message.yiaddr, seen.time + (seen.lease or 0) * SECOND)
    rest = tuple(one for one in state.given if one.hardware != seen.hardware)
    return state._replace(given=(*rest, given)[-_KEPT:])


def refuse(state: Server, seen: Sight, judge: Judge) -> Server:
    """Answer a REQUEST with a refusal (RFC 2131 section 4.3.2)."""
    require(seen.kind is Kind.nak)
    _answered(state, seen, judge, (Kind.request,))
    return state._replace(given=tuple(one for one in state.given if one.hardware != seen.hardware))


@enforces(2)
def other(state: Server, seen: Sight, judge: Judge) -> Server:
    """What no rule here speaks of: judged on its own.  A DHCP message is not answered by BOOTP.  Requirement 2."""
    require(seen.kind not in (Kind.offer, Kind.ack, Kind.nak))
    same = [asked for asked in state.asked if (asked.xid, asked.hardware) == (seen.message.xid, seen.hardware)]
    if seen.kind is None and same:
        bootp = any(asked.kind is None for asked in same)
        judge.demand(2, bootp, f"a reply without option 53 in answer to {named(same[-1].kind)}")
    return state


SENDS: dict[str, Rule] = {rule.__name__: rule for rule in (offer, acknowledge, refuse, other)}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_any,)}


@enforces(12, 74, 82, 84, 95, 109)
def _answered(state: Server, seen: Sight, judge: Judge, kinds: tuple[Kind, ...]) -> list[Asked]:
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
    if all(one.flags & 0x8000 for one in asked):
        judge.demand(84, to == EVERYONE, f"to {dotted(to)}, the request has BROADCAST")
    else:
        right = to in (EVERYONE, seen.message.yiaddr)
        judge.demand(84, right, f"to {dotted(to)}, neither yiaddr nor broadcast")
        judge.prefer(84, to != EVERYONE, "broadcast, the request lacks BROADCAST")


def _not_declined(state: Server, seen: Sight, judge: Judge) -> None:
    if seen.message.yiaddr in state.declined:
        found = f"{dotted(seen.message.yiaddr)} was declined"
        (judge.demand if judge.certain else judge.prefer)(101, False, found)
    elif state.declined:
        judge.met.append(101)


def _parameters(seen: Sight) -> tuple[tuple[int, bytes], ...]:
    return tuple((code, value) for code, value in seen.values.items() if code not in _NOT_PARAMETERS)


@enforces(77, 81, 96, 97, 99, 103, 115)
def _acknowledges(asked: Asked, seen: Sight, judge: Judge) -> Unmet | None:
    """Why an ACK does not answer a message, None where it does.  Requirements 77, 81, 96, 97, 99, 103, 115."""
    message, to = seen.message, seen.envelope.destination
    if asked.kind is Kind.discover:
        both = asked.rapid and _RAPID_COMMIT in seen.values
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
