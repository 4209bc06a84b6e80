"""A relay as what it may have heard on either side: it passes on what it hears, changed only where it must.

Source: RFC 1542 section 4.1, RFC 3046 section 2.1.  Where the trace shows one side only, nothing is there to compare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netspec.base.choose import require
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, CLIENT_PORT, Sight, dotted
from netspec.dhcp.messages.encoding import MOST_HOPS

_KEPT = 64
_AGENT_INFORMATION = 82


class Heard(NamedTuple):
    """A message that may have arrived; `essence` is what a relay leaves as it is."""

    key: tuple[bool, int, bytes, bytes]
    hops: int
    giaddr: int
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
    """Send a client's message on to a server (RFC 1542 section 4.1.1).  Requirements 130, 131, 132."""
    require(not seen.reply)
    message = seen.message
    judge.demand(131, message.hops <= MOST_HOPS, f"hops {message.hops}")
    same = [one for one in state.heard if one.key == _key(seen)]
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
    """Send a server's reply on to the client (RFC 1542 section 4.1.2).  Requirements 133, 134."""
    require(seen.reply and seen.envelope.destination_port == CLIENT_PORT)
    judge.demand(134, _AGENT_INFORMATION not in seen.values, "option 82 in a reply to a client")
    same = [one for one in state.heard if one.key == _key(seen)]
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
    return Heard(_key(seen), seen.message.hops, seen.message.giaddr, _essence(seen))


def _essence(seen: Sight) -> tuple[object, ...]:
    """What a relay may not change; padding and the order of what it does not touch are not compared."""
    message = seen.message
    fields = (message.op, message.htype, message.hlen, message.secs, message.ciaddr, message.yiaddr, message.siaddr)
    values = tuple((code, value) for code, value in seen.values.items() if code != _AGENT_INFORMATION)
    return (*fields, message.chaddr, message.sname, message.file, values)
