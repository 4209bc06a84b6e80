"""What a client's message alone must be: table 5 of RFC 2131."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netspec.dhcp.judgement import Finding, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, Sight, dotted, named
from netspec.dhcp.message.types import Kind

_CONFIGURING = (Kind.discover, Kind.request)
_SUBNET = 118
_LEASE_TIMES = frozenset({51, 58, 59})
_OF_RFC_2132 = frozenset(range(1, 77)) - {62, 63}
_WITH_DECLINE_OR_RELEASE = frozenset({50, 52, 53, 54, 56, 61})

Rule = Callable[[Sight], Iterator[Finding]]


@enforces(23, 36)
def empty_addresses(seen: Sight) -> Iterator[Finding]:
    """Both yiaddr and siaddr are the server's to fill in (RFC 2131 table 5).  Requirements 23, and 36 for REQUEST."""
    message = seen.message
    yield Finding(23, message.yiaddr == ANYWHERE, f"yiaddr {dotted(message.yiaddr)} in {named(seen.kind)}")
    if seen.kind is not None:
        number = 36 if seen.kind is Kind.request else 23
        clear = message.siaddr == ANYWHERE
        yield Finding(number, clear, f"siaddr {dotted(message.siaddr)} in {named(seen.kind)}")


@enforces(136)
def no_relay(seen: Sight) -> Iterator[Finding]:
    """A client leaves giaddr to relays (RFC 1542 section 3.4, RFC 2131 table 5).  Requirement 136.

    That it is not a relay's message shows where it comes from chaddr and from no address.  Who selects a subnet by
    option 118 says in giaddr where it is to be answered (RFC 3011 section 2).
    """
    mac = seen.envelope.source_mac
    own = bool(mac) and seen.hardware == b"\x01" + mac and seen.envelope.source == ANYWHERE
    if own and _SUBNET not in seen.values:
        yield Finding(136, not seen.relayed, f"giaddr {dotted(seen.message.giaddr)} from the client itself")


@enforces(139)
def reason(seen: Sight) -> Iterator[Finding]:
    """DECLINE and RELEASE say why (RFC 2131 table 5).  Requirement 139."""
    yield Finding(139, 56 in seen.values, f"no option 56 in {named(seen.kind)}")


@enforces(20)
def own_hardware(seen: Sight) -> Iterator[Finding]:
    """A client names in chaddr the address of its interface (RFC 2131 section 4.4.1).  Requirement 20.

    Bridges and access points may send in the name of others, so that a difference proves nothing; what is routed
    is not looked at.
    """
    mac = seen.envelope.source_mac
    direct = not seen.relayed and seen.envelope.source == ANYWHERE
    if seen.kind in _CONFIGURING and mac and direct and seen.hardware[:1] == b"\x01":
        yield Finding(20, mac == seen.hardware[1:], f"chaddr {seen.hardware[1:].hex(':')} from {mac.hex(':')}", False)


@enforces(22, 25)
def configuring(seen: Sight) -> Iterator[Finding]:
    """DISCOVER and REQUEST carry option 57 (RFC 2131 section 3.5); like INFORM they have no option 56 (table 5).

    Requirements 22 and 25.
    """
    yield Finding(22, 56 not in seen.values, f"option 56 in {named(seen.kind)}")
    if seen.kind in _CONFIGURING:
        yield Finding(25, 57 in seen.values, f"no option 57 in {named(seen.kind)}")


@enforces(19, 21)
def discover(seen: Sight) -> Iterator[Finding]:
    """DISCOVER is for every server, from a host without address (RFC 2131 sections 4.1, 4.4.1).  Requirements 19, 21.

    It may go to a server that the client knows (section 4.4.4); what is broadcast then comes from 0.0.0.0.
    """
    if seen.kind is not Kind.discover:
        return
    envelope, ciaddr = seen.envelope, seen.message.ciaddr
    yield Finding(21, 54 not in seen.values, "option 54 in DISCOVER")
    yield Finding(19, ciaddr == ANYWHERE, f"ciaddr {dotted(ciaddr)} in DISCOVER")
    if not seen.relayed:
        everyone = envelope.destination == EVERYONE
        found = f"DISCOVER from {dotted(envelope.source)} to {dotted(envelope.destination)}"
        yield Finding(19, envelope.source == ANYWHERE if everyone else envelope.destination != ANYWHERE, found)
        yield Finding(19, everyone, found, False)


@enforces(16, 33, 34, 50)
def request_with_server(seen: Sight) -> Iterator[Finding]:
    """A REQUEST with option 54 selects: option 50, ciaddr 0 (RFC 2131 section 4.3.2).  Requirements 16, 33, 34, 50."""
    if seen.kind is not Kind.request or 54 not in seen.values:
        return
    clear = seen.message.ciaddr == ANYWHERE
    if not clear and 50 not in seen.values:
        yield Finding(50, False, "option 54 in a renewal")
        return
    yield Finding(34, clear, f"ciaddr {dotted(seen.message.ciaddr)} in a REQUEST that selects")
    yield Finding(33, 50 in seen.values, "no option 50 in a REQUEST that selects")
    yield from _without_address(seen)


@enforces(16, 44, 45, 46, 50, 51, 56)
def request_without_server(seen: Sight) -> Iterator[Finding]:
    """A REQUEST without option 54 names its address in ciaddr to renew, in option 50 to reboot, never in both.

    RFC 2131 section 4.3.2.  Requirements 16, 44, 45, 46, 50, 51, 56.
    """
    if seen.kind is not Kind.request or 54 in seen.values:
        return
    envelope = seen.envelope
    if seen.message.ciaddr != ANYWHERE:
        yield Finding(50, True, "")
        number = 45 if envelope.source == ANYWHERE and not seen.relayed else 51
        yield Finding(number, 50 not in seen.values, "ciaddr and option 50 in one REQUEST")
        yield Finding(56, not seen.broadcast, "BROADCAST in a renewal")
        return
    yield Finding(44, 50 in seen.values, "neither ciaddr nor option 50")
    yield Finding(45, True, "")
    yield from _without_address(seen)
    if not seen.relayed:
        # It may go to a server that the client knows (section 4.4.4).
        yield Finding(46, envelope.destination == EVERYONE, f"INIT-REBOOT to {dotted(envelope.destination)}", False)


@enforces(16, 71)
def decline(seen: Sight) -> Iterator[Finding]:
    """DECLINE names address and server, nothing else, and is broadcast (RFC 2131 table 5, section 4.4.4).

    What goes to the address in option 54 is unicast for certain; of others a subnet's broadcast address may be one.
    A host may have another address of its own, from which it sends.  Requirements 16, 71.
    """
    if seen.kind is not Kind.decline:
        return
    whole = 50 in seen.values and 54 in seen.values and seen.message.ciaddr == ANYWHERE
    yield Finding(71, whole, _present(seen))
    yield from _nothing_else(71, seen)
    zero = seen.message.flags == 0 and seen.message.secs == 0
    yield Finding(71, zero, f"flags {seen.message.flags:#06x}, secs {seen.message.secs} in DECLINE", False)
    if not seen.relayed:
        to = seen.envelope.destination
        yield Finding(71, to == EVERYONE, f"DECLINE to {dotted(to)}", to == seen.server)
        source = seen.envelope.source
        yield Finding(16, source == ANYWHERE, f"from {dotted(source)} without a lease", False)


@enforces(54, 72)
def release(seen: Sight) -> Iterator[Finding]:
    """RELEASE names address and server (RFC 2131 table 5, section 4.4.6), and goes there (section 4.1).

    Requirements 54, 72.
    """
    if seen.kind is not Kind.release:
        return
    to = seen.envelope.destination
    if not seen.relayed and to not in (ANYWHERE, EVERYONE) and seen.server is not None:
        yield Finding(54, to == seen.server, f"RELEASE to {dotted(to)}, option 54 is {dotted(seen.server)}")
    whole = 54 in seen.values and 50 not in seen.values and seen.message.ciaddr != ANYWHERE
    yield Finding(72, whole, _present(seen))
    yield Finding(72, to != ANYWHERE or seen.relayed, f"RELEASE to {dotted(to)}")
    yield Finding(72, to != EVERYONE or seen.relayed, "RELEASE is broadcast")
    zero = seen.message.flags == 0 and seen.message.secs == 0
    yield Finding(72, zero, f"flags {seen.message.flags:#06x}, secs {seen.message.secs} in RELEASE", False)
    yield from _nothing_else(72, seen)


@enforces(73, 140)
def inform(seen: Sight) -> Iterator[Finding]:
    """INFORM comes from an address that it names, and asks for no lease (RFC 2131 table 5, section 4.4.3).

    It goes to a server that is known or to all ones.  Requirements 73, 140.
    """
    if seen.kind is Kind.inform:
        to = seen.envelope.destination
        yield Finding(73, seen.message.ciaddr != ANYWHERE, "ciaddr 0 in INFORM")
        yield Finding(73, not {50, 51, 54} & seen.values.keys(), _present(seen))
        yield Finding(73, to != ANYWHERE or seen.relayed, f"INFORM to {dotted(to)}")
        times = sorted(_LEASE_TIMES.intersection(seen.values.get(55, b"")))
        yield Finding(140, not times, f"option 55 of INFORM asks for {times}")


EVERY: tuple[Rule, ...] = (empty_addresses, no_relay)
"""What is asked of every message of a client."""

OF_KIND: dict[Kind, tuple[Rule, ...]] = {
    Kind.discover: (own_hardware, configuring, discover),
    Kind.request: (own_hardware, configuring, request_with_server, request_without_server),
    Kind.decline: (decline, reason),
    Kind.release: (release, reason),
    Kind.inform: (configuring, inform),
}
"""What is asked of a kind of message besides."""


def _nothing_else(number: int, seen: Sight) -> Iterator[Finding]:
    """No other option of RFC 2132 may be there (table 5); an option of a later RFC may have leave by that RFC."""
    others = sorted(seen.values.keys() - _WITH_DECLINE_OR_RELEASE)
    found = f"options {others} in {named(seen.kind)}"
    yield Finding(number, not _OF_RFC_2132.intersection(others), found)
    yield Finding(number, not others, found, False)


def _without_address(seen: Sight) -> Iterator[Finding]:
    """What is broadcast before there is an address comes from 0.0.0.0 (RFC 2131 section 4.1).

    Who asks again for the address that it obtained before, as after its link was down (section 3.7), may have it still.
    """
    source = seen.envelope.source
    if not seen.relayed and seen.envelope.destination == EVERYONE:
        again = 54 not in seen.values and source == seen.requested
        yield Finding(16, source == ANYWHERE, f"from {dotted(source)} without a lease", not again)


def _present(seen: Sight) -> str:
    present = [code for code in (50, 51, 54) if code in seen.values]
    return f"options {present}, ciaddr {dotted(seen.message.ciaddr)}"
