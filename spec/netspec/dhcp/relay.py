"""A relay as what it may have heard on either side: it passes on what it hears, changed only where it must.

Source: RFC 1542 section 4.1, RFC 3046 section 2.1.  Where the trace shows one side only, nothing is there to compare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netspec.base.choose import require
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, Sight, dotted
from netspec.dhcp.message.types import Field
from netspec.dhcp.messages.encoding import MOST_HOPS

_KEPT = 64
_AGENT_INFORMATION = 82


class Heard(NamedTuple):
    """A message that may have arrived; `to` is where it was sent, `essence` what a relay leaves as it is.

    `informed`: relay agent information stands among its options.
    """

    key: tuple[bool, int, bytes, bytes]
    to: int
    hops: int
    giaddr: int
    informed: bool
    essence: tuple[object, ...]


class Relay(NamedTuple):
    """The last messages heard, oldest first."""

    heard: tuple[Heard, ...] = ()


Rule = Callable[[Relay, Sight, Judge], Relay]


def hear_any(state: Relay, seen: Sight, judge: Judge) -> Relay:
    """A message arrives."""
    heard = _heard(seen)
    return state if heard in state.heard else Relay((*state.heard, heard)[-_KEPT:])


@enforces(130, 131, 132)
def pass_on_request(state: Relay, seen: Sight, judge: Judge) -> Relay:
    """Send a client's message on to a server (RFC 1542 section 4.1.1).  Requirements 130, 131, 132.

    That hops grows is a MUST there, and use of hops is optional by table 1 of RFC 2131.
    """
    require(not seen.reply)
    message = seen.message
    # What has more than 16 hops on arrival is discarded: what is sent on has one more.
    judge.demand(131, message.hops <= MOST_HOPS + 1, f"hops {message.hops}")
    # Other relays pass on the same message beside this one: what they send is not for it.
    mine = (EVERYONE, seen.envelope.source)
    same = [one for one in state.heard if one.key == _key(seen) and (one.giaddr == ANYWHERE or one.to in mine)]
    if not same:
        return state
    essence = _essence(seen)
    whole = [one for one in same if one.essence == essence]
    judge.expect(130, bool(whole), "differs from what the client sent in more than hops, giaddr and option 82")
    if whole:
        grown = any(message.hops == one.hops + 1 for one in whole)
        judge.prefer(131, grown, f"hops {message.hops}, was {whole[-1].hops}")
        kept = any(one.giaddr in (ANYWHERE, message.giaddr) for one in whole)
        judge.demand(132, kept, f"giaddr {dotted(message.giaddr)}, was {dotted(whole[-1].giaddr)}")
    return state


@enforces(133, 134)
def pass_on_reply(state: Relay, seen: Sight, judge: Judge) -> Relay:
    """Send a server's reply on to the client (RFC 1542 section 4.1.2).  Requirements 133, 134.

    Relay agent information is taken out by who added it: what came with the request is left to an element nearer to
    the client, and what stands in sname or file is not touched (RFC 3046 section 2.1).
    """
    require(seen.reply and seen.passed_on)
    client = (seen.message.xid, seen.hardware)
    asked = [one for one in state.heard if not one.key[0] and one.key[1:3] == client and one.giaddr == ANYWHERE]
    added = bool(asked) and not any(one.informed for one in asked)
    weigh = judge.demand if added else judge.prefer
    weigh(134, not _informed(seen), "option 82 in a reply to a client")
    same = [one for one in state.heard if one.key == _key(seen) and one.to == seen.message.giaddr]
    if same:
        essence = _essence(seen)
        whole = any(one.essence == essence for one in same)
        judge.expect(133, whole, "differs from what the server sent in more than hops and option 82")
    return state


SENDS: dict[str, Rule] = {rule.__name__: rule for rule in (pass_on_request, pass_on_reply)}
HEARS: dict[str, Rule] = {rule.__name__: rule for rule in (hear_any,)}


def _key(seen: Sight) -> tuple[bool, int, bytes, bytes]:
    return seen.reply, seen.message.xid, seen.hardware, seen.values.get(53, b"")


def _heard(seen: Sight) -> Heard:
    message = seen.message
    return Heard(_key(seen), seen.envelope.destination, message.hops, message.giaddr, _informed(seen), _essence(seen))


def _informed(seen: Sight) -> bool:
    return any(one.code == _AGENT_INFORMATION and one.field is Field.options for one in seen.message.options)


def _essence(seen: Sight) -> tuple[object, ...]:
    """What a relay may not change; padding and the order of what it does not touch are not compared."""
    message = seen.message
    head = (message.op, message.htype, message.hlen, message.secs, message.flags)
    fields = (*head, message.ciaddr, message.yiaddr, message.siaddr)
    values = tuple((code, value) for code, value in seen.values.items() if code != _AGENT_INFORMATION)
    return (*fields, message.chaddr, message.sname, message.file, values)
