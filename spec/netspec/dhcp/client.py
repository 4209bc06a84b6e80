"""A client as what it may have heard: the offers and leases that may have reached it.

Hearing a message only adds to what a client may do next, so that one state stands for all those in which
some of the messages were lost.  A client may start again at any time.
"""

from __future__ import annotations

from collections.abc import Callable

from netspec.base.choose import require
from netspec.dhcp.exchanges import (
    KEPT,
    Client,
    Exchange,
    Lease,
    Offer,
    asking,
    exchange,
    exchange_of,
    identifier_of,
    identifiers,
    newer,
    passing,
)
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, SECOND, Sight, dotted, shown
from netspec.dhcp.message.types import Kind
from netspec.dhcp.timing import FIRST_DELAY

__all__ = ["HEARS", "OF_KIND", "SENDS", "Client"]

_RAPID_COMMIT = 80
_WRAPS = 0xFFFF
_OFF = 2
"""Seconds by which secs may differ from what has passed."""

Rule = Callable[[Client, Sight, Judge], Client]


@enforces(29, 30, 37, 137)
def send_discover(state: Client, seen: Sight, judge: Judge) -> Client:
    """Begin an exchange, or repeat the DISCOVER (RFC 2131 section 4.4.1).  Requirements 29, 30, 37, 137.

    What is asked for is asked for again in all messages after the first (section 4.4.1).
    """
    require(seen.kind is Kind.discover)
    before, now = exchange_of(state, seen), exchange(seen)
    if before is not None and before.xid == now.xid and before.begun:
        was, secs = before.secs[-1], now.secs[-1]
        # 0 is always allowed, the field has 16 bits; frames may come twice, and in the wrong order.
        late = now.time - before.time <= judge.bounds.reordered
        wrapped = was + (now.time - before.time) // SECOND >= _WRAPS
        holds = secs >= was or secs in (0, *before.secs) or late or wrapped
        judge.demand(29, holds, f"secs {secs} after {was} in the same exchange")
        counts = abs(secs - was - (now.time - before.time) // SECOND) <= _OFF
        judge.prefer(137, secs == 0 or counts or late or wrapped, f"secs {secs} after {was}, and it does not count")
        if now.identifier == before.identifier:
            found = f"option 55 is {now.asked.hex()}, before {before.asked.hex()}"
            judge.demand(37, set(before.asked) <= set(now.asked) or late, found)
    if before is not None and before.begun:
        same = (now.asked, now.identifier, now.host) == (before.asked, before.identifier, before.host)
        judge.prefer(30, same or bool(state.offers), "another configuration than in the DISCOVER before")
        broadcast = before.broadcast and now.broadcast
        now = now._replace(secs=(*before.secs, *now.secs)[-KEPT:], broadcast=broadcast)
    others = tuple(one for one in state.exchanges if one.xid != now.xid)
    rapid = now.xid if _RAPID_COMMIT in seen.values else None
    return state._replace(exchanges=(*others, now)[-KEPT:], selecting=rapid, chosen=None, bound=False)


@enforces(31, 32, 33, 35, 37, 38, 40, 110)
def request_selecting(state: Client, seen: Sight, judge: Judge) -> Client:
    """Take one of the offers (RFC 2131 sections 3.1, 4.3.2, 4.4.1).  Requirements 31, 32, 33, 35, 37, 38, 40, 110.

    A name in the DISCOVER is followed by one in the REQUEST (RFC 4702 section 2).

    What it is to be compared with shows where everything does, where the client asked for broadcast replies, and where
    a unicast reply of that server was seen before; elsewhere the recorder may stand where that server's do not pass.
    """
    require(seen.kind is Kind.request and _selects(seen))
    before, now = exchange_of(state, seen), exchange(seen)
    after = asking(state, seen)._replace(selecting=now.xid, chosen=seen.server)
    if before is None:
        return after._replace(exchanges=(*state.exchanges, now)[-KEPT:])
    if not before.begun:
        return after
    shows = judge.complete or (before.broadcast and not seen.relayed) or seen.server in state.shown
    _takes_an_offer(state, before, seen, judge, shows)
    found = f"option 61 is {shown(now.identifier)}, in the DISCOVER {shown(before.identifier)}"
    (judge.prefer if before.identifier is None else judge.demand)(38, now.identifier == before.identifier, found)
    found = f"option 55 is {shown(seen.values.get(55))}, in the DISCOVER {before.asked.hex()}"
    # With another xid a DISCOVER between the two may be missing from the trace.
    weigh = judge.demand if now.xid == before.xid else judge.expect
    weigh(37, set(before.asked) <= set(now.asked), found)
    judge.prefer(37, now.asked == before.asked, found)
    if before.named:
        weigh(110, now.named, "option 81 in the DISCOVER, and none in the REQUEST")
    # A DISCOVER may go to a server that is known (section 4.4.4), and the REQUEST be broadcast all the same.
    same = now.destination == before.destination or now.destination == EVERYONE or seen.relayed
    weigh(35, same, f"to {dotted(now.destination)}, the DISCOVER to {dotted(before.destination)}")
    mine = {secs for one in state.exchanges if one.identifier == before.identifier for secs in one.secs}
    judge.expect(35, now.secs[-1] in mine, f"secs {now.secs[-1]}, in the DISCOVER {before.secs[-1]}")
    return after


def _selects(seen: Sight) -> bool:
    """Whether a REQUEST answers an OFFER: it has option 54, and is no renewal (section 4.3.2)."""
    return seen.server is not None and (seen.message.ciaddr == ANYWHERE or 50 in seen.values)


def _takes_an_offer(state: Client, before: Exchange, seen: Sight, judge: Judge, shows: bool) -> None:
    weigh = judge.expect if shows else judge.prefer
    xid = seen.message.xid
    same = [offer for offer in state.offers if offer.xid == xid]
    if xid != before.xid:
        # Of a DISCOVER and an OFFER with it at least one shows, even where a frame is missing.  But a relay may pass on
        # the REQUEST of an exchange from before the trace when the client has begun again.
        missing = judge.expect if same or not shows else judge.demand
        if seen.relayed and not judge.complete:
            missing = judge.prefer
        missing(31, False, f"xid {xid:#010x}, that of no offer since the DISCOVER {before.xid:#010x}")
    elif not same:
        weigh(40, False, "no OFFER since the DISCOVER")
    else:
        judge.prefer(
            31, seen.relayed or not newer(state, before), f"xid {xid:#010x}, which is not that of the last DISCOVER"
        )
        judge.met.append(40)
        theirs = [offer for offer in same if offer.server in (None, seen.server)]
        # No server has the address 0.0.0.0 (RFC 1122 section 3.2.1.3), whatever is missing.
        named = judge.demand if seen.server == ANYWHERE else weigh
        named(32, bool(theirs), f"option 54 is {dotted(seen.server)}, no server that made an offer")
        addresses = [offer.address for offer in theirs or same]
        found = f"option 50 is {dotted(seen.requested)}, offered is {dotted(addresses[-1])}"
        if 50 in seen.values:
            (judge.demand if shows else judge.prefer)(33, seen.requested in addresses, found)


@enforces(32, 48)
def request_reboot(state: Client, seen: Sight, judge: Judge) -> Client:
    """Ask again for an address of before, in an exchange of its own (RFC 2131 section 4.4.2).  Requirements 32, 48."""
    require(seen.kind is Kind.request and not _selects(seen) and seen.message.ciaddr == ANYWHERE)
    same = [offer for offer in state.offers if offer.xid == seen.message.xid and offer.server is not None]
    judge.demand(32, not same, f"no option 54 in answer to the OFFER of {dotted(same[-1].server if same else None)}")
    got = identifiers(state, seen.requested)
    if got and None not in got:
        judge.prefer(48, seen.identifier in got, f"option 61 is {shown(seen.identifier)}, the lease's {shown(got[-1])}")
    # Without an answer the client may go on with the lease of before, from whichever server (section 3.2).
    return asking(state, seen)._replace(selecting=None, bound=False)


@enforces(32, 37, 38, 52, 54)
def request_lease_again(state: Client, seen: Sight, judge: Judge) -> Client:
    """Renew or rebind (RFC 2131 sections 3.5, 4.3.2, 4.4.5).  Requirements 32, 37, 38, 52, 54.

    A client that finds no server goes on with a lease of before, which the trace need not show (section 3.7), but
    knows that only after a while.  Only where its last start, which shows, was acknowledged, it is known which lease
    it has.  Another identifier is another client's that shares the hardware address.
    """
    require(seen.kind is Kind.request and not _selects(seen) and seen.message.ciaddr != ANYWHERE)
    ciaddr, destination = seen.message.ciaddr, seen.envelope.destination
    _selects_nothing(state, seen, judge)
    weigh = judge.demand if state.bound and seen.identifier == identifier_of(state, state.selecting) else judge.prefer
    servers = [lease.server for lease in state.leases if lease.address == ciaddr]
    if state.leases:
        weigh(52, bool(servers), f"ciaddr {dotted(ciaddr)}, which it has no lease on")
    got = identifiers(state, ciaddr)
    if got and None not in got:
        judge.demand(38, seen.identifier in got, f"option 61 is {shown(seen.identifier)}, the lease's {shown(got[-1])}")
    if destination != EVERYONE and not seen.relayed and servers and None not in servers:
        weigh(54, destination in servers, f"to {dotted(destination)}, the lease is from {dotted(servers[-1])}")
    start = next((one for one in reversed(state.exchanges) if one.xid == state.selecting and one.begun), None)
    if start is not None:
        asked = seen.values.get(55, b"")
        found = f"option 55 is {asked.hex()}, in the DISCOVER {start.asked.hex()}"
        weigh(37, set(start.asked) <= set(asked), found)
    return asking(state, seen)


def _selects_nothing(state: Client, seen: Sight, judge: Judge) -> None:
    """A REQUEST in the form of a renewal is no answer to an OFFER (RFC 2131 sections 3.1, 4.3.2)."""
    xid, ciaddr = seen.message.xid, seen.message.ciaddr
    started = [one.time for one in state.exchanges if one.xid == xid and one.begun]
    # With a lease or a REQUEST that selects, the same xid is that of a renewal too: clients may keep it.
    asked = any(number == xid for number, _ in state.requests) or any(one.address == ciaddr for one in state.leases)
    if not started or asked or seen.time - started[-1] >= FIRST_DELAY:
        return
    offers = [one.server for one in state.offers if (one.xid, one.address) == (xid, ciaddr)]
    if offers:
        judge.demand(32, False, f"no option 54 in answer to the OFFER of {dotted(offers[-1])}")


@enforces(38, 54)
def give_up(state: Client, seen: Sight, judge: Judge) -> Client:
    """DECLINE or RELEASE, with identifier and server of the lease (RFC 2131 sections 3.1, 4.1, 4.2).

    A server may have several addresses, and another than its own may have prolonged the lease.  Requirements 38, 54.
    """
    require(seen.kind in (Kind.decline, Kind.release))
    address = seen.requested if seen.kind is Kind.decline else seen.message.ciaddr
    got = identifiers(state, address)
    if got:
        found = f"option 61 is {shown(seen.identifier)}, the lease's {shown(got[-1])}"
        weigh = judge.prefer if None in got or seen.kind is Kind.decline else judge.expect
        weigh(38, seen.identifier in got, found)
    servers = [lease.server for lease in state.leases if lease.address == address]
    if servers and None not in servers and seen.server is not None:
        found = f"option 54 is {dotted(seen.server)}, the lease is from {dotted(servers[-1])}"
        judge.prefer(54, seen.server in servers, found)
    return state


def send_other(state: Client, seen: Sight, judge: Judge) -> Client:
    """INFORM, and what no rule here speaks of: judged on their own."""
    require(seen.kind not in (Kind.discover, Kind.request, Kind.decline, Kind.release))
    return state


def hear_offer(state: Client, seen: Sight, judge: Judge) -> Client:
    """An offer arrives."""
    require(seen.kind is Kind.offer)
    offer = Offer(seen.message.xid, seen.server, seen.message.yiaddr)
    known = state.offers if offer in state.offers else (*state.offers, offer)[-KEPT:]
    return state._replace(offers=known, shown=passing(state, seen))


def hear_lease(state: Client, seen: Sight, judge: Judge) -> Client:
    """An acknowledgement, or a reply that may be taken for one, arrives."""
    require(seen.message.yiaddr != ANYWHERE and seen.kind in (Kind.ack, None))
    xid = seen.message.xid
    asked = (*((one.xid, one.identifier) for one in state.exchanges), *state.requests)
    identifiers = [identifier for number, identifier in asked if number == xid]
    lease = Lease(seen.message.yiaddr, seen.server, identifiers[-1] if identifiers else None, bool(identifiers))
    return state._replace(
        leases=state.leases if lease in state.leases else (*state.leases, lease)[-KEPT:],
        shown=passing(state, seen),
        # A server that was not selected may acknowledge all the same, and breaks the RFC; its client need not take it.
        bound=state.bound or (seen.kind is Kind.ack and state.selecting == xid and state.chosen in (None, seen.server)),
    )


OF_KIND: dict[Kind, tuple[Rule, ...]] = {
    Kind.discover: (send_discover,),
    Kind.request: (request_selecting, request_reboot, request_lease_again),
    Kind.decline: (give_up,),
    Kind.release: (give_up,),
}
"""The rules that speak of a kind of message; of others it is `send_other`."""

SENDS: dict[str, Rule] = {rule.__name__: rule for rules in (*OF_KIND.values(), (send_other,)) for rule in rules}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_offer, hear_lease)}
