"""A server as what it may have been asked: what it did not hear it need not answer, so one state stands for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netoracle.dhcp.events import CLIENT_PORT, DhcpEvent
from netoracle.dhcp.facts import Facts, Kind
from netoracle.dhcp.provisional.messages import walk
from netspec.base.choose import Choose, require
from netspec.dhcp.requirement import Unmet

_ANY, _BROADCAST = bytes(4), b"\xff" * 4
_KEPT = 64
HELD = {Kind.discover: 15_000_000_000, Kind.request: 5_000_000_000, Kind.inform: 5_000_000_000}
"""How long, in nanoseconds, a message and its answer may be on their way, processing included: probing an address
before an offer takes seconds."""

_RAPID_COMMIT = 80


class Asked(NamedTuple):
    """A message that may have reached the server."""

    kind: Kind | None
    hardware: bytes
    xid: int
    giaddr: bytes
    ciaddr: bytes
    server: bytes | None
    requested: bytes | None
    rapid: bool
    time: int


class Server(NamedTuple):
    """The last messages, oldest first."""

    asked: tuple[Asked, ...] = ()


Rule = Callable[[Server, DhcpEvent, Facts, Choose], Server]


def hear_any(state: Server, event: DhcpEvent, seen: Facts, choose: Choose) -> Server:
    """A client's message arrives."""
    require(not seen.reply)
    asked = Asked(
        seen.kind,
        seen.hardware,
        seen.xid,
        seen.giaddr,
        seen.ciaddr,
        seen.server,
        seen.requested,
        _RAPID_COMMIT in walk(event.payload)[0],
        event.time,
    )
    return state if asked in state.asked else Server((*state.asked, asked)[-_KEPT:])


def offer(state: Server, event: DhcpEvent, seen: Facts, choose: Choose) -> Server:
    """Answer a DISCOVER with an offer."""
    require(seen.kind is Kind.offer)
    _answered(state, event, seen, (Kind.discover,))
    return state


def acknowledge(state: Server, event: DhcpEvent, seen: Facts, choose: Choose) -> Server:
    """Answer a REQUEST with the lease that it asks for, an INFORM, or a DISCOVER with rapid commit."""
    require(seen.kind is Kind.ack)
    fitting = _answered(state, event, seen, (Kind.request, Kind.inform, Kind.discover))
    if not fitting:
        return state
    failures = [_cannot_acknowledge(asked, event, seen) for asked in reversed(fitting)]
    if None not in failures and failures[0] is not None:
        raise failures[0]
    return state


def refuse(state: Server, event: DhcpEvent, seen: Facts, choose: Choose) -> Server:
    """Answer a REQUEST with a refusal."""
    require(seen.kind is Kind.nak)
    _answered(state, event, seen, (Kind.request,))
    return state


def other(state: Server, event: DhcpEvent, seen: Facts, choose: Choose) -> Server:
    """What no rule here speaks of: judged on its own."""
    require(seen.kind not in (Kind.offer, Kind.ack, Kind.nak))
    same = [asked for asked in state.asked if (asked.xid, asked.hardware) == (seen.xid, seen.hardware)]
    if seen.kind is None and same and all(asked.kind is not None for asked in same):
        raise Unmet(2, f"a reply without option 53 in answer to {_named(same[-1].kind)}")
    return state


SENDS: dict[str, Rule] = {rule.__name__: rule for rule in (offer, acknowledge, refuse, other)}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_any,)}


def _answered(state: Server, event: DhcpEvent, seen: Facts, kinds: tuple[Kind, ...]) -> list[Asked]:
    """The messages that a reply may answer; none where nothing of the client or the exchange was seen."""
    same = [asked for asked in state.asked if asked.xid == seen.xid]
    if not same:
        xids = [asked.xid for asked in state.asked if asked.hardware == seen.hardware]
        if xids:
            raise Unmet(74, f"xid {seen.xid:#010x}, the client's is {xids[-1]:#010x}")
        return []
    theirs = [asked for asked in same if asked.hardware == seen.hardware]
    if not theirs:
        raise Unmet(74, f"chaddr {seen.hardware[1:].hex(':')}, the client's is {same[-1].hardware[1:].hex(':')}")
    # Behind a relay the client's own message shows, and the reply that the relay passes on.
    behind = seen.relayed and event.destination_port == CLIENT_PORT
    via = [asked for asked in theirs if behind or asked.giaddr == seen.giaddr]
    if not via:
        raise Unmet(74, f"giaddr {_shown(seen.giaddr)}, the request's is {_shown(theirs[-1].giaddr)}")
    fitting = [asked for asked in via if asked.kind in kinds or asked.kind is None]
    if not fitting:
        raise Unmet(95, f"{_named(seen.kind)} in answer to {_named(via[-1].kind)}")
    now = [asked for asked in fitting if asked.kind is None or event.time - asked.time <= HELD[asked.kind]]
    if not now:
        late = (event.time - fitting[-1].time) / 1e9
        raise Unmet(95, f"{_named(seen.kind)} {late:.3f} s after what it answers, and nothing else asks for it")
    return now


def _cannot_acknowledge(asked: Asked, event: DhcpEvent, seen: Facts) -> Unmet | None:
    """Why an ACK does not answer a message, None where it does."""
    if asked.kind is Kind.discover:
        both = asked.rapid and _RAPID_COMMIT in walk(event.payload)[0]
        return None if both else Unmet(95, "ACK in answer to DISCOVER without rapid commit")
    if asked.kind is Kind.request:
        if asked.server is not None and seen.server is not None and asked.server != seen.server:
            return Unmet(96, f"{_shown(seen.server)} acknowledges a REQUEST to {_shown(asked.server)}")
        wanted = asked.requested if asked.ciaddr == _ANY else asked.ciaddr
        if wanted is not None and seen.yiaddr != wanted:
            return Unmet(97, f"yiaddr {_shown(seen.yiaddr)}, asked for is {_shown(wanted)}")
        if seen.lease is None and 52 not in walk(event.payload)[0]:
            return Unmet(77, "no option 51")
    elif asked.kind is Kind.inform and seen.lease is not None:
        return Unmet(77, "option 51 in answer to INFORM")
    if asked.ciaddr != _ANY and not seen.relayed and event.destination != asked.ciaddr:
        return Unmet(84, f"to {_shown(event.destination)}, the request's ciaddr is {_shown(asked.ciaddr)}")
    return None


def _named(kind: Kind | None) -> str:
    return "BOOTP" if kind is None else kind.name.upper()


def _shown(address: bytes | None) -> str:
    return "not there" if address is None else ".".join(map(str, address))
