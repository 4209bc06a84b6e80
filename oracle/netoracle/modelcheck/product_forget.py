"""What of a judge's records no rule looks at any more, so that states that differ in nothing else are one.

Each entry holds for the rules as they are: what they filter by before they look.  It only leaves out what the abstract
system's behaviour cannot bring back, as an identifier that is used no more.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any, Final, TypeVar

from netoracle.dhcp.leases import Lease
from netoracle.modelcheck.product_memory import FORGOTTEN
from netoracle.modelcheck.product_wire import NOW
from netspec.dhcp.answers import Asked, Offered
from netspec.dhcp.exchanges import Client
from netspec.dhcp.labels import SECOND
from netspec.dhcp.message.types import Kind
from netspec.dhcp.relay import Relay
from netspec.dhcp.server import Server
from netspec.dhcp.timing import CONFLICTS, Timing

T = TypeVar("T", bound=Hashable)

_NOTHING: Final = (FORGOTTEN, 0, 0, 0, None, None, False, b"", 0, 0, 0)

LIMIT: Final = 20 * SECOND
"""More than any limit on the times between two messages, timers aside (`netspec.dhcp.profiles.Bounds`)."""


def _server(state: Server) -> Server:
    """Questions are looked up by identifier, offers and leases by client; of those that are alike the last counts.

    An old offer counts only for its exchange, and a lease until it ends.
    """
    asked: dict[Asked, Asked] = {}
    for question in state.asked:
        kept = question
        if question.xid == FORGOTTEN:
            # Of an exchange that is over: whose it was, whether it is a DISCOVER, and when the first was heard.
            kind = question.kind if question.kind is Kind.discover else None
            kept = Asked(kind, question.hardware, question.identifier, *_NOTHING)
            kept = kept._replace(time=min(question.time, asked.get(kept, question).time))
        asked[kept._replace(time=0)] = kept
    offered: dict[Offered, Offered] = {}
    for one in state.offered:
        if one.xid == FORGOTTEN and one.time < NOW - LIMIT:
            continue
        offered.pop(one._replace(time=0), None)
        offered[one._replace(time=0)] = one
    return Server(
        tuple(sorted(asked.values(), key=lambda one: one.xid)),
        tuple(sorted(offered.values(), key=lambda one: one.client)),
        tuple(sorted(one for one in state.given if one.until > NOW)),
        _unordered(state.declined),
    )


def _client(state: Client) -> Client:
    """Offers and leases are sets; of exchanges and requests that are alike the last counts.

    An exchange's time is asked for only where its secs is not 0, and where who has asked for no lease yet sends a
    REQUEST in the form of a renewal, which the abstract client does not.
    """
    exchanges = [one._replace(time=0, secs=tuple(dict.fromkeys(one.secs))) for one in state.exchanges]
    return state._replace(
        exchanges=_last(exchanges),
        requests=_last(state.requests),
        offers=_unordered(state.offers),
        leases=_unordered(state.leases),
    )


def _relay(state: Relay) -> Relay:
    """What was heard and passed on is looked up by identifier."""
    kept = dict.fromkeys(one for one in state.heard if one.key[1] != FORGOTTEN)
    passed = _unordered(one for one in state.passed if one.xid != FORGOTTEN)
    return Relay(tuple(sorted(kept, key=lambda one: one.key)), passed)


def _timing(state: Timing) -> Timing:
    """Back-off (requirements 27 and 28) is left out: the abstract system repeats itself at any pace.

    Whether it rebound is asked for only until an answer comes.
    """
    rebinds = state.rebinds and not state.answered
    conflicts = min(state.conflicts, CONFLICTS + 1)
    state = state._replace(gaps=(), repeats=min(state.repeats, 1), conflicts=conflicts, rebinds=rebinds)
    return state._replace(time=0, xid=0) if state.answered and state.last is not Kind.request else state


def _lease(lease: Lease) -> Lease:
    """When a lease began is asked of a new one only."""
    return replace(lease, since=0)


def _last(values: Iterable[T]) -> tuple[T, ...]:
    """In their order, of equal ones the last."""
    return tuple(dict.fromkeys(reversed(tuple(values))))[::-1]


def _unordered(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(dict.fromkeys(values), key=repr))


FORGET: Final[dict[type, Callable[[Any], Any]]] = {
    Server: _server,
    Client: _client,
    Relay: _relay,
    Timing: _timing,
    Lease: _lease,
}
"""For each class what stays of a record."""
