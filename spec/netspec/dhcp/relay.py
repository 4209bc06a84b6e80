"""A relay as what it may have heard on either side, and sent: it passes on what it hears, changed only where it must.

Source: RFC 1542 section 4.1, RFC 3046 section 2.1.  Where the trace shows one side only, nothing is there to compare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netspec.base.choose import require
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, Sight, dotted, of_a_host
from netspec.dhcp.message.types import Field
from netspec.dhcp.messages.encoding import MOST_HOPS

_KEPT = 64
_AGENT_INFORMATION = 82
_EVERY_STATION = b"\xff" * 6
_ETHERNET = b"\x01"


class Heard(NamedTuple):
    """A message that may have arrived; `to` is where it was sent, `essence` what a relay leaves as it is.

    `information` is the relay agent information among its options, None where there is none.
    """

    key: tuple[bool, int, bytes, bytes]
    to: int
    hops: int
    giaddr: int
    information: bytes | None
    essence: tuple[object, ...]


class Passed(NamedTuple):
    """A request that it sent on: of which exchange, which kind of message, the first of it, where to."""

    xid: int
    hardware: bytes
    kind: bytes
    to: int


class Relay(NamedTuple):
    """The last messages heard, and the last sent to a server, oldest first."""

    heard: tuple[Heard, ...] = ()
    passed: tuple[Passed, ...] = ()


Rule = Callable[[Relay, Sight, Judge], Relay]


def hear_any(state: Relay, seen: Sight, judge: Judge) -> Relay:
    """A message arrives."""
    heard = _heard(seen)
    return state if heard in state.heard else state._replace(heard=(*state.heard, heard)[-_KEPT:])


@enforces(130, 131, 132, 149, 152, 153)
def pass_on_request(state: Relay, seen: Sight, judge: Judge) -> Relay:
    """Send a client's message on to a server (RFC 1542 section 4.1.1, RFC 3046 sections 2.1, 2.1.1).

    That hops grows is a MUST there, and use of hops is optional by table 1 of RFC 2131.  On which link a frame was
    recorded does not show, so that what is broadcast again may be so on another.  A renewal that is unicast to a server
    passes the relay as a host that routes; what it passes on as a relay with the same xid may be another message of
    that client, broadcast on a link that does not show.  Requirements 130, 131, 132, 149, 152, 153.
    """
    require(not seen.reply)
    message = seen.message
    judge.demand(132, of_a_host(message.giaddr), f"giaddr {dotted(message.giaddr)}, which is no host's address")
    now = Passed(message.xid, seen.hardware, seen.values.get(53, b""), seen.envelope.destination)
    before = [one for one in state.passed if one[:2] == now[:2]]
    if any(one.kind != now.kind for one in before):
        to = [one.to for one in before]
        judge.expect(153, now.to in to, f"to {dotted(now.to)}, what came before it to {dotted(to[-1])}")
    elif now not in before:
        state = state._replace(passed=(*state.passed, now)[-_KEPT:])
    # What has more than 16 hops on arrival is discarded: what is sent on has one more.
    judge.demand(131, message.hops <= MOST_HOPS + 1, f"hops {message.hops}")
    # Other relays pass on the same message beside this one: what they send is not for it.
    mine = (EVERYONE, seen.envelope.source)
    same = [one for one in state.heard if one.key == _key(seen) and (one.giaddr == ANYWHERE or one.to in mine)]
    if not same:
        return state
    essence = _essence(seen)
    whole = [one for one in same if one.essence == essence]
    for_it = any(one.giaddr != ANYWHERE or one.to in mine for one in same)
    weigh = judge.expect if for_it else judge.prefer
    weigh(130, bool(whole), "differs from what the client sent in more than hops, giaddr and option 82")
    if whole:
        grown = any(message.hops == one.hops + 1 for one in whole)
        judge.prefer(131, grown, f"hops {message.hops}, was {whole[-1].hops}")
        kept = any(one.giaddr in (ANYWHERE, message.giaddr) for one in whole)
        judge.demand(132, kept, f"giaddr {dotted(message.giaddr)}, was {dotted(whole[-1].giaddr)}")
        information = _information(seen)
        first = any(one.giaddr == ANYWHERE and one.information is None for one in whole)
        same_information = any(one.information == information for one in whole)
        judge.expect(149, first or same_information, "option 82 differs from that of a message that another passed on")
        again = now.to == EVERYONE and any(one.to == EVERYONE and one.giaddr == ANYWHERE for one in whole)
        judge.prefer(152, not again, "broadcast again")
    return state


@enforces(133, 134, 150)
def pass_on_reply(state: Relay, seen: Sight, judge: Judge) -> Relay:
    """Send a server's reply on to the client (RFC 1542 section 4.1.2).  Requirements 133, 134, 150.

    Relay agent information is taken out by who added it: what came with the request is left to an element nearer to
    the client, and what stands in sname or file is not touched (RFC 3046 section 2.1).
    """
    require(seen.reply and seen.passed_on)
    client = (seen.message.xid, seen.hardware)
    asked = [one for one in state.heard if not one.key[0] and one.key[1:3] == client and one.giaddr == ANYWHERE]
    added = bool(asked) and all(one.information is None for one in asked)
    weigh = judge.demand if added else judge.prefer
    weigh(134, _information(seen) is None, "option 82 in a reply to a client")
    _to_the_client(seen, judge)
    same = [one for one in state.heard if one.key == _key(seen) and one.to == seen.message.giaddr]
    if same:
        essence = _essence(seen)
        whole = any(one.essence == essence for one in same)
        judge.expect(133, whole, "differs from what the server sent in more than option 82")
    return state


def _to_the_client(seen: Sight, judge: Judge) -> None:
    """To all where BROADCAST is set or there is no address to reach, else to yiaddr and chaddr (RFC 1542 4.1.2)."""
    to, message = seen.envelope.destination, seen.message
    right = EVERYONE if seen.broadcast or message.yiaddr == ANYWHERE else message.yiaddr
    to_ciaddr = to == message.ciaddr != ANYWHERE
    judge.prefer(150, to == right or to_ciaddr, f"to {dotted(to)} by flags {message.flags:#06x}")
    mac, theirs = seen.envelope.destination_mac, _EVERY_STATION if to == EVERYONE else seen.hardware[1:]
    if mac and seen.hardware[:1] == _ETHERNET and len(theirs) == len(mac):
        judge.prefer(150, mac == theirs, f"the frame goes to {mac.hex(':')}, the reply to {dotted(to)}")


SENDS: dict[str, Rule] = {rule.__name__: rule for rule in (pass_on_request, pass_on_reply)}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_any,)}


def _key(seen: Sight) -> tuple[bool, int, bytes, bytes]:
    return seen.reply, seen.message.xid, seen.hardware, seen.values.get(53, b"")


def _heard(seen: Sight) -> Heard:
    message = seen.message
    to, information = seen.envelope.destination, _information(seen)
    return Heard(_key(seen), to, message.hops, message.giaddr, information, _essence(seen))


def _information(seen: Sight) -> bytes | None:
    places = (Field.options, _AGENT_INFORMATION)
    found = [one.data for one in seen.message.options if (one.field, one.code) == places]
    return b"".join(found) if found else None


def _essence(seen: Sight) -> tuple[object, ...]:
    """What a relay may not change: hops only of a request.  Padding is not compared."""
    message = seen.message
    head = (message.op, message.htype, message.hlen, message.hops * seen.reply, message.secs, message.flags)
    fields = (*head, message.ciaddr, message.yiaddr, message.siaddr)
    values = tuple((code, value) for code, value in seen.values.items() if code != _AGENT_INFORMATION)
    return (*fields, message.chaddr, message.sname, message.file, values)
