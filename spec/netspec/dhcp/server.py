"""A server as what it may have been asked: what it did not hear it need not answer, so one state stands for all."""

from __future__ import annotations

from collections.abc import Callable

from netspec.base.choose import require
from netspec.dhcp.acknowledgements import RAPID_COMMIT, acknowledges, fitting, prefers
from netspec.dhcp.answers import (
    Asked,
    Given,
    Offered,
    Server,
    answered,
    client_of,
    in_time,
    not_declined,
    parameters_of,
    without,
)
from netspec.dhcp.echoes import sent
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, SECOND, Sight, dotted, named
from netspec.dhcp.message.types import Kind
from netspec.dhcp.messages.encoding import DHCP_ONLY

__all__ = ["HEARS", "OF_KIND", "SENDS", "Server"]

_KEPT = 64
_KEPT_OFFERS = 16
_EVERYBODY_TAKES = 576
_NAMES = frozenset({12, 81})
_LEASE_QUERY_ANSWERS = (b"\x0b", b"\x0c", b"\x0d")


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
        RAPID_COMMIT in values,
        values.get(55, b""),
        max(_EVERYBODY_TAKES, int.from_bytes(size)) if len(size) == 2 else _EVERYBODY_TAKES,
        message.secs,
        seen.time,
        51 in values,
        sent(seen),
        seen.envelope.source_mac,
    )
    declined = (seen.requested, seen.server)
    if seen.kind is Kind.decline and seen.requested is not None and declined not in state.declined:
        state = state._replace(declined=(*state.declined, (seen.requested, seen.server))[-_KEPT:])
    if seen.kind in (Kind.decline, Kind.release):
        state = state._replace(given=without(state.given, client_of([asked])))
    if asked in state.asked:
        return state
    if len(state.asked) == _KEPT:
        return state._replace(asked=(*state.asked[1:], asked), forgot=state.asked[0].time)
    return state._replace(asked=(*state.asked, asked))


@enforces(81, 92, 94, 144)
def offer(state: Server, seen: Sight, judge: Judge) -> Server:
    """Answer a DISCOVER with an offer (RFC 2131 section 4.3.1, table 3).  Requirements 81, 92, 94, 144.

    Only who asks for a lease of some length has that of before prolonged; the lease may have ended unseen.
    """
    require(seen.kind is Kind.offer)
    asked = answered(state, seen, judge, (Kind.discover,))
    if not asked:
        return state
    address, client, ciaddr = seen.message.yiaddr, client_of(asked), seen.message.ciaddr
    # Table 3 has 0; who returns what a client sent follows the client.
    theirs = {ANYWHERE, *(one.ciaddr for one in asked)}
    judge.demand(81, ciaddr in theirs, f"ciaddr {dotted(ciaddr)} in OFFER, the client sent none")
    others = [
        one
        for one in state.offered
        if one.address == address
        and one.client != client
        and seen.time - one.time <= judge.bounds.answer_within
        and not any(later.client == one.client and later.time > one.time for later in state.offered)
    ]
    judge.prefer(92, not others or address == ANYWHERE, f"{dotted(address)} is on offer to another client")
    mine = {one.address: one.until for one in state.given if one.client == client and one.until > seen.time}
    if mine:
        judge.prefer(94, address in (ANYWHERE, *mine), f"{dotted(address)}, its lease is on {dotted(max(mine))}")
    if address in mine and seen.lease is not None and not any(one.wished for one in asked):
        left = mine[address] - seen.time
        found = f"a lease of {seen.lease} s, of which {left // SECOND} s are left and no other is asked for"
        judge.prefer(144, seen.lease * SECOND <= left + judge.bounds.answer_within, found)
    not_declined(state, seen, judge)
    made = Offered(seen.message.xid, client, address, parameters_of(seen), seen.time)
    return state._replace(offered=(*state.offered, made)[-_KEPT_OFFERS:])


@enforces(87, 89)
def acknowledge(state: Server, seen: Sight, judge: Judge) -> Server:
    """Answer a REQUEST with the lease that it asks for, an INFORM, or a DISCOVER with rapid commit.

    RFC 2131 sections 3.1, 4.3.1, 4.3.2, 4.3.5, RFC 4039.  Requirements 87, 89.  What a server is configured with shows
    in the one of its OFFER and ACK that has it; between the two it may have changed.
    """
    require(seen.kind is Kind.ack)
    asked = answered(state, seen, judge, (Kind.request, Kind.inform, Kind.discover))
    if asked:
        acknowledged = fitting(asked, seen)
        if acknowledged is not None:
            prefers(acknowledged, seen, judge)
        elif (failure := acknowledges(asked[-1], seen)) is not None:
            # Where nothing asked for an ACK just before it, the REQUEST may be missing from the trace.
            certain = asked[-1].kind is not Kind.discover and in_time(asked[-1], seen, judge)
            (judge.demand if certain else judge.expect)(failure.number, False, failure.found)
    if seen.message.yiaddr == ANYWHERE or not asked:
        return state
    client = client_of(asked)
    not_declined(state, seen, judge)
    offers = [o for o in state.offered if (o.xid, o.client) == (seen.message.xid, client)]
    if offers:
        promised, now = dict(offers[-1].parameters), dict(parameters_of(seen))
        other = sorted(code for code in promised.keys() & now.keys() if promised[code] != now[code])
        judge.prefer(89, not other, f"options {other} differ from the OFFER")
        uneven = sorted(_asked_twice(state, asked[-1]) & (promised.keys() ^ now.keys()))
        judge.prefer(87, not uneven, f"options {uneven} are asked for, and are in one of OFFER and ACK only")
    given = Given(client, seen.message.yiaddr, seen.time + (seen.lease or 0) * SECOND)
    return state._replace(given=(*without(state.given, client), given)[-_KEPT:])


def _asked_twice(state: Server, last: Asked) -> frozenset[int]:
    """The parameters that both DISCOVER and REQUEST ask for, but for names, which may follow from the lease."""
    if last.kind is not Kind.request:
        return frozenset()
    begun = [one.parameters for one in state.asked if (one.kind, one.xid) == (Kind.discover, last.xid)]
    return frozenset(last.parameters).intersection(*begun) - _NAMES


@enforces(86, 96)
def refuse(state: Server, seen: Sight, judge: Judge) -> Server:
    """Answer a REQUEST with a refusal (RFC 2131 section 4.3.2).  Requirements 86, 96.

    The section speaks of a relayed NAK to a client in INIT-REBOOT; elsewhere table 3 has the flags of the request.  A
    REQUEST to another server declines the offer (section 3.1); it may be to another address of the same (section 4.1).
    """
    require(seen.kind is Kind.nak)
    asked = answered(state, seen, judge, (Kind.request,))
    if asked and seen.server is not None:
        mine = any(one.server in (None, seen.server) for one in asked)
        judge.prefer(96, mine, f"{dotted(seen.server)} refuses a REQUEST to {dotted(asked[-1].server)}")
    if asked and seen.relayed:
        reboot = all(one.verifies for one in asked)
        found = "relayed NAK without the BROADCAST flag"
        (judge.demand if reboot else judge.prefer)(86, seen.broadcast, found)
    return state._replace(given=without(state.given, client_of(asked))) if asked else state


@enforces(2, 95, 135)
def other(state: Server, seen: Sight, judge: Judge) -> Server:
    """What no rule here speaks of: judged on its own.  DHCP is answered with option 53, BOOTP without.

    Requirements 2, 95, 135.

    A BOOTP server may answer a DHCP client too (RFC 1534), but has no options that are DHCP's alone.  What answers a
    LEASEQUERY answers nothing else (RFC 4388 section 6.4).
    """
    require(seen.kind not in (Kind.offer, Kind.ack, Kind.nak))
    same = [asked for asked in state.asked if (asked.xid, asked.hardware) == (seen.message.xid, seen.hardware)]
    bootp = any(asked.kind is None for asked in same)
    kind = seen.values.get(53)
    if same and kind in _LEASE_QUERY_ANSWERS:
        judge.expect(95, bootp, f"message type {kind[0]} in answer to {named(same[-1].kind)}")
    if same and kind is None:
        weigh = judge.demand if DHCP_ONLY & seen.values.keys() else judge.prefer
        weigh(2, bootp, f"a reply without option 53 in answer to {named(same[-1].kind)}")
        judge.met += (135,) if bootp else ()
    return state


OF_KIND: dict[Kind, tuple[Rule, ...]] = {Kind.offer: (offer,), Kind.ack: (acknowledge,), Kind.nak: (refuse,)}
"""The rules that speak of a kind of message; of others it is `other`."""

SENDS: dict[str, Rule] = {rule.__name__: rule for rules in (*OF_KIND.values(), (other,)) for rule in rules}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_any,)}
