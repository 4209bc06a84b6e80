"""What is known of a client: its exchanges, and the offers and leases that may have reached it.

Clients that share a hardware address (RFC 6842 section 2, RFC 4361 section 7: one host may run several, at once or
one after the other) are one party here; exchanges are told apart by xid and identifier.
"""

from __future__ import annotations

from typing import NamedTuple

from netspec.dhcp.labels import EVERYONE, Sight
from netspec.dhcp.message.types import Kind

KEPT = 16
"""Of each, so many are remembered."""


class Exchange(NamedTuple):
    """What later messages are compared with.  `begun`: its DISCOVER shows; `secs` of all its DISCOVERs, last one last.

    `broadcast`: all of them ask for broadcast replies; clients may ask only when they repeat.
    Without a DISCOVER that shows, it is a REQUEST.  `named`: it has option 81.
    """

    xid: int
    secs: tuple[int, ...]
    destination: int
    asked: bytes
    identifier: bytes | None
    host: bytes | None
    broadcast: bool
    begun: bool
    time: int
    named: bool


class Offer(NamedTuple):
    """An offer that may have arrived."""

    xid: int
    server: int | None
    address: int


class Lease(NamedTuple):
    """A lease that may have been given; `known`: the message that it answers shows, and had this identifier."""

    address: int
    server: int | None
    identifier: bytes | None
    known: bool


class Client(NamedTuple):
    """Exchanges by xid, the last one last; offers and leases; who asked for a lease.

    `shown`: servers of which a unicast reply to the client shows, so that the recorder is where those pass; another
    server's may go by another port of a switch.
    `selecting`: the xid of a REQUEST that selects, or of a DISCOVER with rapid commit, and no new start after it;
    `chosen`: the server that it selects.  `bound`: that was acknowledged, by that server.
    """

    exchanges: tuple[Exchange, ...] = ()
    offers: tuple[Offer, ...] = ()
    leases: tuple[Lease, ...] = ()
    requests: tuple[tuple[int, bytes | None], ...] = ()
    shown: frozenset[int | None] = frozenset()
    selecting: int | None = None
    chosen: int | None = None
    bound: bool = False


def exchange_of(state: Client, seen: Sight) -> Exchange | None:
    """The exchange that a message goes on with: that of its xid, or the last one with its identifier."""
    same = [one for one in state.exchanges if one.xid == seen.message.xid]
    mine = [one for one in state.exchanges if one.identifier == seen.identifier]
    found = same or mine
    return found[-1] if found else None


def newer(state: Client, one: Exchange) -> bool:
    """Whether the client began again after an exchange."""
    after = state.exchanges[state.exchanges.index(one) + 1 :]
    return any(other.identifier == one.identifier for other in after)


def asking(state: Client, seen: Sight) -> Client:
    """The client asks for a lease."""
    asks = (seen.message.xid, seen.identifier)
    known = tuple(one for one in state.requests if one != asks)
    return state._replace(requests=(*known, asks)[-KEPT:])


def identifier_of(state: Client, xid: int | None) -> bytes | None:
    """The identifier of an exchange; None where it has none, or is not known."""
    return next((one.identifier for one in reversed(state.exchanges) if one.xid == xid), None)


def identifiers(state: Client, address: int | None) -> list[bytes | None]:
    """The identifiers that a lease was asked for with; none where one of its requests does not show."""
    of_it = [lease for lease in state.leases if lease.address == address]
    return [lease.identifier for lease in of_it] if all(lease.known for lease in of_it) else []


def passing(state: Client, seen: Sight) -> frozenset[int | None]:
    """The servers whose unicast replies pass the recorder, by what shows up to this reply."""
    if seen.envelope.destination == EVERYONE or len(state.shown) == KEPT:
        return state.shown
    return state.shown | {seen.server}


def exchange(seen: Sight) -> Exchange:
    """What a message begins, or goes on with."""
    values, message = seen.values, seen.message
    return Exchange(
        message.xid,
        (message.secs,),
        seen.envelope.destination,
        values.get(55, b""),
        seen.identifier,
        values.get(12),
        seen.broadcast,
        seen.kind is Kind.discover,
        seen.time,
        81 in values,
    )
