"""A client as what it may have heard: the offers and leases that may have reached it.

Hearing a message only adds to what a client may do next, so that one state stands for all those in which
some of the messages were lost.  A client may start again at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netspec.base.choose import require
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, Sight, dotted, shown
from netspec.dhcp.message.types import Kind

_KEPT = 16


class Discover(NamedTuple):
    """What a later message is compared with."""

    xid: int
    secs: int
    destination: int
    asked: bytes | None
    identifier: bytes | None
    vendor_class: bytes | None
    host: bytes | None
    time: int


class Offer(NamedTuple):
    """An offer that may have arrived."""

    xid: int
    server: int | None
    address: int


class Lease(NamedTuple):
    """A lease that may have been given, and the identifier that it was got with."""

    address: int
    server: int | None
    identifier: bytes | None


class Client(NamedTuple):
    """`discover` None: nothing is known of what came before."""

    discover: Discover | None = None
    offers: tuple[Offer, ...] = ()
    leases: tuple[Lease, ...] = ()


Rule = Callable[[Client, Sight, Judge], Client]


@enforces(29, 30)
def send_discover(state: Client, seen: Sight, judge: Judge) -> Client:
    """Begin an exchange, or repeat the DISCOVER (RFC 2131 section 4.4.1).  Requirements 29, 30."""
    require(seen.kind is Kind.discover)
    before, now = state.discover, _discover(seen)
    if before is not None and before.xid == now.xid:
        late = now.time - before.time <= judge.bounds.reordered
        judge.demand(29, now.secs >= before.secs or late, f"secs {now.secs} after {before.secs} in the same exchange")
    if before is not None:
        same = (now.asked, now.identifier, now.host) == (before.asked, before.identifier, before.host)
        judge.prefer(30, same or bool(state.offers), "another configuration than in the DISCOVER before")
    offers = tuple(offer for offer in state.offers if offer.xid == now.xid)
    return state._replace(discover=now, offers=offers)


@enforces(31, 32, 33, 35, 37, 38, 40, 42)
def request_selecting(state: Client, seen: Sight, judge: Judge) -> Client:
    """Take one of the offers (RFC 2131 sections 3.1, 4.3.2, 4.4.1).  Requirements 31, 32, 33, 35, 37, 38, 40, 42."""
    require(seen.kind is Kind.request and seen.server is not None)
    before, now = state.discover, _discover(seen)
    if before is None:
        return state._replace(discover=now)
    same = [offer for offer in state.offers if offer.xid == now.xid]
    if not same and not state.offers and now.xid == before.xid:
        judge.demand(40, False, "no OFFER since the DISCOVER")
    elif not same:
        judge.demand(31, False, f"xid {now.xid:#010x}, that of no offer since the DISCOVER {before.xid:#010x}")
    else:
        judge.met += (31, 40)
        theirs = [offer for offer in same if offer.server in (None, seen.server)]
        judge.demand(32, bool(theirs), f"option 54 is {dotted(seen.server)}, no server that made an offer")
        addresses = [offer.address for offer in theirs or same]
        found = f"option 50 is {dotted(seen.requested)}, offered is {dotted(addresses[-1])}"
        judge.demand(33, seen.requested in addresses, found)
    found = f"option 61 is {shown(now.identifier)}, in the DISCOVER {shown(before.identifier)}"
    judge.demand(38, now.identifier == before.identifier, found)
    found = f"option 55 is {shown(now.asked)}, in the DISCOVER {shown(before.asked)}"
    judge.demand(37, (now.asked or b"") == (before.asked or b""), found)
    found = f"option 60 is {shown(now.vendor_class)}, in the DISCOVER {shown(before.vendor_class)}"
    judge.prefer(42, now.vendor_class == before.vendor_class, found)
    found = f"to {dotted(now.destination)}, the DISCOVER to {dotted(before.destination)}"
    judge.demand(35, now.destination == before.destination or seen.relayed, found)
    found = f"secs {now.secs}, in the DISCOVER {before.secs}"
    judge.expect(35, now.secs == before.secs, found)
    return state


@enforces(32, 48)
def request_reboot(state: Client, seen: Sight, judge: Judge) -> Client:
    """Ask again for an address of before, in an exchange of its own (RFC 2131 section 4.4.2).  Requirements 32, 48."""
    require(seen.kind is Kind.request and seen.server is None and seen.message.ciaddr == ANYWHERE)
    same = [offer for offer in state.offers if offer.xid == seen.message.xid and offer.server is not None]
    judge.demand(32, not same, f"no option 54 in answer to the OFFER of {dotted(same[-1].server if same else None)}")
    got = [lease.identifier for lease in state.leases if lease.address == seen.requested]
    if got and None not in got:
        judge.prefer(48, seen.identifier in got, f"option 61 is {shown(seen.identifier)}, the lease's {shown(got[-1])}")
    return state


@enforces(38, 52, 54)
def request_lease_again(state: Client, seen: Sight, judge: Judge) -> Client:
    """Renew or rebind (RFC 2131 sections 4.3.2, 4.4.5).  Requirements 38, 52, 54."""
    require(seen.kind is Kind.request and seen.server is None and seen.message.ciaddr != ANYWHERE)
    if state.discover is None:
        return state
    ciaddr, destination = seen.message.ciaddr, seen.envelope.destination
    servers = [lease.server for lease in state.leases if lease.address == ciaddr]
    judge.demand(52, bool(servers), f"ciaddr {dotted(ciaddr)}, which it has no lease on")
    first = state.discover.identifier
    judge.demand(38, seen.identifier == first, f"option 61 is {shown(seen.identifier)}, in the DISCOVER {shown(first)}")
    if destination != EVERYONE and not seen.relayed and servers and None not in servers:
        found = f"to {dotted(destination)}, the lease is from {dotted(servers[-1])}"
        judge.demand(54, destination in servers, found)
    return state


@enforces(38)
def give_up(state: Client, seen: Sight, judge: Judge) -> Client:
    """DECLINE or RELEASE, with the identifier of the lease (RFC 2131 sections 3.1, 4.2).  Requirement 38."""
    require(seen.kind in (Kind.decline, Kind.release))
    address = seen.requested if seen.kind is Kind.decline else seen.message.ciaddr
    got = [lease.identifier for lease in state.leases if lease.address == address]
    if got and state.discover is not None:
        found = f"option 61 is {shown(seen.identifier)}, the lease's {shown(got[-1])}"
        judge.prefer(38, seen.identifier in got, found)
    return state


def send_other(state: Client, seen: Sight, judge: Judge) -> Client:
    """INFORM, and what no rule here speaks of: judged on their own."""
    require(seen.kind not in (Kind.discover, Kind.request, Kind.decline, Kind.release))
    return state


def hear_offer(state: Client, seen: Sight, judge: Judge) -> Client:
    """An offer arrives."""
    require(seen.kind is Kind.offer)
    offer = Offer(seen.message.xid, seen.server, seen.message.yiaddr)
    return state if offer in state.offers else state._replace(offers=(*state.offers, offer)[-_KEPT:])


def hear_lease(state: Client, seen: Sight, judge: Judge) -> Client:
    """An acknowledgement, or a reply that may be taken for one, arrives."""
    require(seen.message.yiaddr != ANYWHERE and seen.kind in (Kind.ack, None))
    identifier = state.discover.identifier if state.discover is not None else None
    lease = Lease(seen.message.yiaddr, seen.server, identifier)
    return state if lease in state.leases else state._replace(leases=(*state.leases, lease)[-_KEPT:])


SENDS: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (send_discover, request_selecting, request_reboot, request_lease_again, give_up, send_other)
}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_offer, hear_lease)}


def _discover(seen: Sight) -> Discover:
    values, message = seen.values, seen.message
    return Discover(
        message.xid,
        message.secs,
        seen.envelope.destination,
        values.get(55),
        seen.identifier,
        values.get(60),
        values.get(12),
        seen.time,
    )
