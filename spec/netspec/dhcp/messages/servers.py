"""What a reply alone must be: table 3 of RFC 2131."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from netspec.dhcp.judgement import Finding, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, INFINITE, Sight, dotted, of_a_host
from netspec.dhcp.message.types import Kind

_ALLOWED_IN_NAK = frozenset({53, 54, 56, 60, 61, 82})
_OF_RFC_2132 = frozenset(range(1, 77)) - {62, 63}

NO_ADDRESS = frozenset({108, 116})
"""Options by which an OFFER may say that there is no address (RFC 8925 section 3.3, RFC 2563 section 2.3)."""

_PXE = b"PXEClient"

Rule = Callable[[Sight], Iterator[Finding]]


@enforces(75)
def counters(seen: Sight) -> Iterator[Finding]:
    """Both hops and secs are 0 (RFC 2131 table 3); no client acts on either.  Requirement 75."""
    if seen.kind is not None:
        message = seen.message
        clear = message.secs == 0 and (message.hops == 0 or seen.relayed)
        yield Finding(75, clear, f"hops {message.hops}, secs {message.secs} in a reply", False)


@enforces(76, 78, 83)
def options(seen: Sight) -> Iterator[Finding]:
    """A reply says whose it is, and has no option of requests (RFC 2131 table 3).  Requirements 76, 78, 83.

    Which addresses a client can reach does not show, but none can reach what is no host's address.
    """
    if seen.kind is not None:
        yield Finding(76, 54 in seen.values, "no option 54")
        if seen.server is not None:
            yield Finding(83, of_a_host(seen.server), f"option 54 is {dotted(seen.server)}, which is no host's address")
        forbidden = sorted({50, 55, 57} & seen.values.keys())
        yield Finding(78, not forbidden, f"options {forbidden}")


@enforces(139, 142)
def asides(seen: Sight) -> Iterator[Finding]:
    """OFFER and ACK have a message, and an ACK says when to renew (RFC 2131 table 3, section 4.4.5).

    Requirements 139, 142.
    """
    yield Finding(139, 56 in seen.values, "no option 56")
    if seen.kind is Kind.ack and seen.lease is not None:
        yield Finding(142, {58, 59} <= seen.values.keys(), "an ACK without T1 and T2")


@enforces(143)
def source(seen: Sight) -> Iterator[Finding]:
    """A server names the address that it uses on the client's subnet (RFC 2131 section 4.1).  Requirement 143.

    Where it has several there, it may name any.
    """
    if seen.kind is not None and seen.server is not None and not seen.relayed:
        here = seen.envelope.source
        yield Finding(143, here == seen.server, f"option 54 is {dotted(seen.server)}, it comes from {dotted(here)}")


@enforces(79, 80, 81, 85)
def refusal(seen: Sight) -> Iterator[Finding]:
    """A NAK gives nothing, says why, and reaches a host whose address is wrong (RFC 2131 table 3, section 4.1).

    Table 3 forbids all other options; a later RFC may ask for its own (so RFC 3011 section 2, RFC 3118).
    Requirements 79, 80, 81, 85.
    """
    if seen.kind is not Kind.nak:
        return
    message = seen.message
    addresses = (message.ciaddr, message.yiaddr, message.siaddr)
    yield Finding(81, addresses == (0, 0, 0), f"ciaddr, yiaddr, siaddr {[*map(dotted, addresses)]} in NAK")
    others = sorted(seen.values.keys() - _ALLOWED_IN_NAK)
    yield Finding(79, not _OF_RFC_2132.intersection(others), f"options {others} in NAK")
    yield Finding(79, not others, f"options {others} in NAK", False)
    yield Finding(80, 56 in seen.values, "no option 56 in NAK")
    if not seen.relayed:
        yield Finding(85, seen.envelope.destination == EVERYONE, f"NAK to {dotted(seen.envelope.destination)}")


@enforces(77, 81, 90)
def lease(seen: Sight) -> Iterator[Finding]:
    """An OFFER gives an address for a time; T1 is before T2, T2 before the end (RFC 2131 table 3, section 4.4.5).

    It may say that there is none.  Servers that only tell PXE clients what to boot give none either, by custom, which
    is noted.  Whether an ACK must have a lease depends on what it answers.  Where T2 is not given, it is seven eighths
    of the lease, unless the client chooses another.

    Requirements 77, 81, 90.
    """
    if seen.kind not in (Kind.offer, Kind.ack):
        return
    message = seen.message
    if seen.kind is Kind.offer:
        none = message.yiaddr == ANYWHERE and bool(NO_ADDRESS & seen.values.keys())
        proxy = message.yiaddr == ANYWHERE and seen.values.get(60, b"").startswith(_PXE)
        yield Finding(81, message.yiaddr != ANYWHERE or none, "yiaddr 0 in OFFER", not proxy)
        yield Finding(81, message.ciaddr == ANYWHERE, f"ciaddr {dotted(message.ciaddr)} in OFFER", False)
        yield Finding(77, 51 in seen.values, "no option 51", not none and not proxy)
    if message.yiaddr != ANYWHERE:
        yield Finding(81, of_a_host(message.yiaddr), f"yiaddr {dotted(message.yiaddr)}, which is no host's address")
    if seen.lease is not None:
        first, second = seen.number(58), seen.number(59)
        times = [time for time in (first, second, seen.lease) if time is not None]
        rising = all(one < other or other == INFINITE for one, other in pairwise(times))
        given = [f"{name} {time}" for name, time in (("T1", first), ("T2", second)) if time is not None]
        yield Finding(90, rising, ", ".join((*given, f"lease {seen.lease}")))
        if first is not None and second is None and seen.lease != INFINITE:
            found = f"T1 {first}, T2 is {seen.lease * 7 // 8} where it is not given"
            yield Finding(90, 8 * first < 7 * seen.lease, found, False)


@enforces(84)
def destination(seen: Sight) -> Iterator[Finding]:
    """A reply through a relay goes to the relay (RFC 2131 section 4.1), to whichever port.  Requirement 84.

    Behind the relay the same reply goes on to the client; which of the two shows its ports and addresses tell.
    """
    envelope = seen.envelope
    if seen.kind is not None and seen.relayed and not seen.passed_on:
        right = envelope.destination == seen.message.giaddr
        yield Finding(84, right, f"to {dotted(envelope.destination)}, giaddr is {dotted(seen.message.giaddr)}")


EVERY: tuple[Rule, ...] = (counters, options, destination, source)
"""What is asked of every reply."""

OF_KIND: dict[Kind, tuple[Rule, ...]] = {
    Kind.offer: (lease, asides),
    Kind.ack: (lease, asides),
    Kind.nak: (refusal,),
}
"""What is asked of a kind of reply besides."""
