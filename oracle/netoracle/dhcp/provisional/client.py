"""A client as what it may have heard: the offers and leases that may have reached it.

Hearing a message only adds to what a client may do next, so that one state stands for all those in which
some of the messages were lost.  A client may start again at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netoracle.dhcp.events import DhcpEvent
from netoracle.dhcp.facts import Facts, Kind
from netoracle.dhcp.provisional.messages import walk
from netspec.base.choose import Choose, require
from netspec.dhcp.requirement import Unmet

_ANY, _BROADCAST = bytes(4), b"\xff" * 4
_KEPT = 16
REORDERED = 1_000_000_000
"""How far apart, in nanoseconds, two messages may be recorded in the wrong order."""


class Discover(NamedTuple):
    """What a later REQUEST is compared with."""

    xid: int
    secs: bytes
    destination: bytes
    asked: bytes | None
    identifier: bytes | None
    time: int


class Offer(NamedTuple):
    """An offer that may have arrived."""

    xid: int
    server: bytes | None
    address: bytes


class Client(NamedTuple):
    """`discover` None: nothing is known of what came before."""

    discover: Discover | None = None
    offers: tuple[Offer, ...] = ()
    leases: tuple[tuple[bytes, bytes | None], ...] = ()


Rule = Callable[[Client, DhcpEvent, Facts, Choose], Client]


def send_discover(state: Client, event: DhcpEvent, seen: Facts, choose: Choose) -> Client:
    """Begin an exchange, or repeat the DISCOVER."""
    require(seen.kind is Kind.discover)
    before = state.discover
    if before is not None and before.xid == seen.xid:
        was, now = int.from_bytes(before.secs), int.from_bytes(event.payload[8:10])
        if now < was and event.time - before.time > REORDERED:
            raise Unmet(29, f"secs {now} after {was} in the same exchange")
    offers = tuple(offer for offer in state.offers if offer.xid == seen.xid)
    return state._replace(discover=_discover(event, seen), offers=offers)


def request_selecting(state: Client, event: DhcpEvent, seen: Facts, choose: Choose) -> Client:
    """Take one of the offers (RFC 2131 section 4.3.2)."""
    require(seen.kind is Kind.request and seen.server is not None)
    before = state.discover
    if before is None:
        return state._replace(discover=_discover(event, seen))
    same = [offer for offer in state.offers if offer.xid == seen.xid]
    if not same:
        raise Unmet(31, f"xid {seen.xid:#010x}, that of no offer since the DISCOVER {before.xid:#010x}")
    theirs = [offer for offer in same if offer.server in (None, seen.server)]
    if not theirs:
        raise Unmet(32, f"option 54 is {_shown(seen.server)}, no server that made an offer")
    if seen.requested not in [offer.address for offer in theirs]:
        raise Unmet(33, f"option 50 is {_shown(seen.requested)}, offered is {_shown(theirs[-1].address)}")
    now = _discover(event, seen)
    if now.identifier != before.identifier:
        raise Unmet(38, f"option 61 is {_hex(now.identifier)}, in the DISCOVER {_hex(before.identifier)}")
    if (now.asked or b"") != (before.asked or b""):
        raise Unmet(37, f"option 55 is {_hex(now.asked)}, in the DISCOVER {_hex(before.asked)}")
    if now.destination != before.destination and not seen.relayed:
        raise Unmet(35, f"to {_shown(now.destination)}, the DISCOVER to {_shown(before.destination)}")
    if now.secs != before.secs and not choose.boolean("a later DISCOVER was lost before the recorder"):
        raise Unmet(35, f"secs {int.from_bytes(now.secs)}, in the DISCOVER {int.from_bytes(before.secs)}")
    return state


def request_reboot(state: Client, event: DhcpEvent, seen: Facts, choose: Choose) -> Client:
    """Ask again for an address of before (RFC 2131 section 4.4.2), in an exchange of its own."""
    require(seen.kind is Kind.request and seen.server is None and seen.ciaddr == _ANY)
    same = [offer for offer in state.offers if offer.xid == seen.xid and offer.server is not None]
    if same:
        raise Unmet(32, f"no option 54 in answer to the OFFER of {_shown(same[-1].server)}")
    return state


def request_lease_again(state: Client, event: DhcpEvent, seen: Facts, choose: Choose) -> Client:
    """Renew or rebind (RFC 2131 section 4.4.5)."""
    require(seen.kind is Kind.request and seen.server is None and seen.ciaddr != _ANY)
    if state.discover is None:
        return state
    servers = [server for address, server in state.leases if address == seen.ciaddr]
    if not servers:
        raise Unmet(52, f"ciaddr {_shown(seen.ciaddr)}, which it has no lease on")
    if seen.identifier != state.discover.identifier:
        raise Unmet(38, f"option 61 is {_hex(seen.identifier)}, in the DISCOVER {_hex(state.discover.identifier)}")
    if (
        event.destination != _BROADCAST
        and not seen.relayed
        and event.destination not in servers
        and None not in servers
    ):
        raise Unmet(54, f"to {_shown(event.destination)}, the lease is from {_shown(servers[-1])}")
    return state


def send_other(state: Client, event: DhcpEvent, seen: Facts, choose: Choose) -> Client:
    """DECLINE, RELEASE, INFORM, and what no rule here speaks of: judged on their own."""
    require(seen.kind not in (Kind.discover, Kind.request))
    return state


def hear_offer(state: Client, event: DhcpEvent, seen: Facts, choose: Choose) -> Client:
    """An offer arrives."""
    require(seen.kind is Kind.offer)
    offer = Offer(seen.xid, seen.server, seen.yiaddr)
    return state if offer in state.offers else state._replace(offers=(*state.offers, offer)[-_KEPT:])


def hear_lease(state: Client, event: DhcpEvent, seen: Facts, choose: Choose) -> Client:
    """An acknowledgement, or a reply that may be taken for one, arrives."""
    require(seen.yiaddr != _ANY and seen.kind in (Kind.ack, None))
    lease = (seen.yiaddr, seen.server)
    return state if lease in state.leases else state._replace(leases=(*state.leases, lease)[-_KEPT:])


SENDS: dict[str, Rule] = {
    rule.__name__: rule for rule in (send_discover, request_selecting, request_reboot, request_lease_again, send_other)
}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_offer, hear_lease)}


def _discover(event: DhcpEvent, seen: Facts) -> Discover:
    asked = walk(event.payload)[0].get(55)
    return Discover(seen.xid, event.payload[8:10], event.destination, asked, seen.identifier, event.time)


def _shown(address: bytes | None) -> str:
    return "not there" if address is None else ".".join(map(str, address))


def _hex(value: bytes | None) -> str:
    return "not there" if value is None else value.hex()
