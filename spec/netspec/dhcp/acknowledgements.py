"""Whether an ACK is one to the message that it answers, and where another way is left, which it rather takes."""

from __future__ import annotations

from netspec.dhcp.answers import Asked, to_everyone
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, Sight, dotted, named
from netspec.dhcp.message.types import Kind
from netspec.dhcp.requirement import Unmet

RAPID_COMMIT = 80
"""The option by which a DISCOVER may be acknowledged at once (RFC 4039)."""


@enforces(77, 81, 97, 99, 103, 115)
def acknowledges(asked: Asked, seen: Sight) -> Unmet | None:
    """Why an ACK does not answer a message, None where it does.  Requirements 77, 81, 97, 99, 103, 115.

    A REQUEST names the address in option 50 or in ciaddr (RFC 2131 section 4.3.2); where it has both, which is its
    sender's fault, a server may take either, and may unicast to ciaddr or to yiaddr (section 4.1).
    """
    message, to, rapid = seen.message, seen.envelope.destination, RAPID_COMMIT in seen.values
    if asked.kind is Kind.discover:
        return None if asked.rapid and rapid else Unmet(115, "ACK in answer to DISCOVER without rapid commit")
    if asked.kind is None:
        return None
    if rapid:
        return Unmet(115, f"rapid commit in answer to {named(asked.kind)}")
    reached = asked.ciaddr == ANYWHERE or seen.relayed or to == asked.ciaddr or to_everyone(seen)
    if asked.kind is Kind.inform:
        if seen.lease is not None:
            return Unmet(103, "option 51 in answer to INFORM")
        return None if reached else Unmet(103, _elsewhere(asked, seen))
    given = None if asked.ciaddr == ANYWHERE else asked.ciaddr
    wanted = [one for one in (given, asked.requested) if one is not None]
    if wanted and message.yiaddr not in wanted:
        return Unmet(97, f"yiaddr {dotted(message.yiaddr)}, asked for is {' or '.join(map(dotted, wanted))}")
    if 51 not in seen.values:
        return Unmet(77, "no option 51")
    if message.ciaddr not in (ANYWHERE, asked.ciaddr):
        return Unmet(81, f"ciaddr {dotted(message.ciaddr)}, the request's is {dotted(asked.ciaddr)}")
    return None if reached or to in wanted else Unmet(99, _elsewhere(asked, seen))


def _elsewhere(asked: Asked, seen: Sight) -> str:
    return f"to {dotted(seen.envelope.destination)}, the request's ciaddr is {dotted(asked.ciaddr)}"


def fitting(answered: list[Asked], seen: Sight) -> Asked | None:
    """The last of the messages that an ACK answers, one that does not name another server before one that does."""
    other = None
    for asked in reversed(answered):
        if acknowledges(asked, seen) is None:
            if asked.server in (None, seen.server):
                return asked
            other = other or asked
    return other


@enforces(96, 99, 103, 141)
def prefers(asked: Asked, seen: Sight, judge: Judge) -> None:
    """What an ACK rather is where another way is left.  Requirements 96, 99, 103, 141.

    A server with several addresses may answer by another than it was selected by (RFC 2131 section 4.1).  A reply to
    ciaddr SHOULD be unicast (sections 3.4, 4.1), so that one that is broadcast proves nothing.  To INFORM it gives no
    lease time parameters (section 3.4), of which only option 51 is named with a MUST NOT, and no yiaddr (4.3.5).
    """
    if asked.kind is Kind.request:
        found = f"{dotted(seen.server)} acknowledges a REQUEST to {dotted(asked.server)}"
        judge.prefer(96, asked.server in (None, seen.server) or seen.server is None, found)
        judge.met += (77, 81, 97)
    elif asked.kind is Kind.discover:
        judge.met.append(115)
    elif asked.kind is Kind.inform:
        judge.prefer(141, seen.message.yiaddr == ANYWHERE, f"yiaddr {dotted(seen.message.yiaddr)} in answer to INFORM")
        times = sorted({58, 59} & seen.values.keys())
        judge.prefer(103, not times, f"options {times} in answer to INFORM")
    if asked.ciaddr != ANYWHERE and not seen.relayed and asked.kind in (Kind.request, Kind.inform):
        found = f"broadcast, the request's ciaddr is {dotted(asked.ciaddr)}"
        judge.prefer(99 if asked.kind is Kind.request else 103, not to_everyone(seen), found)
    elif asked.kind is Kind.inform:
        judge.met.append(103)
