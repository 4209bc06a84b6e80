"""ARP of a host that DHCP configures: probes, announcements, conflicts (RFC 826, RFC 5227, RFC 2131 section 4.4.1).

A host need not be correct in ARP for its DHCP to be, and frames may be lost: except for what an ARP frame itself
says, a breach is noted and proves nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.dhcp.judgement import Finding, enforces
from netspec.dhcp.labels import ANYWHERE, SECOND, Sight, dotted
from netspec.dhcp.message.types import Kind

REQUEST, REPLY = 1, 2
DEFEND_INTERVAL = 10 * SECOND
"""The least time between two defences of an address (RFC 5227 section 1.1)."""

_RESERVED = frozenset({0, 65535})
_BROADCAST = b"\xff" * 6


class ArpSight(NamedTuple):
    """An ARP frame for IPv4 over Ethernet; time in nanoseconds."""

    time: int
    source_mac: bytes
    destination_mac: bytes
    operation: int
    sender_mac: bytes
    sender: int
    target_mac: bytes
    target: int

    @property
    def announces(self) -> bool:
        """Whether it says of an address that the sender has it, without being asked."""
        return self.sender == self.target != ANYWHERE

    @property
    def probes(self) -> bool:
        """Whether it asks for an address that the sender wants."""
        return self.operation == REQUEST and self.sender == ANYWHERE != self.target


class Arp(NamedTuple):
    """What is known of a client: the address given to it, whether it was seen to probe, announce and use it.

    `contested`: another host answered for the address before it was used.  `attacked`, `defended`: when another
    host last claimed it in use, and when this one last announced it after that.
    """

    address: int | None = None
    probed: frozenset[int] = frozenset()
    used: bool = False
    contested: bool = False
    attacked: int | None = None
    defended: int | None = None


Result = tuple[Arp, list[Finding]]


@enforces(122, 124, 128, 129)
def frame(arp: ArpSight) -> Iterator[Finding]:
    """What an ARP frame alone must be.  Requirements 122, 124, 128, 129."""
    yield Finding(128, arp.operation not in _RESERVED, f"ARP operation {arp.operation}")
    mine = arp.sender_mac == arp.source_mac
    yield Finding(129, mine, f"{arp.sender_mac.hex(':')} sent from {arp.source_mac.hex(':')}", False)
    if arp.probes:
        everybody = arp.destination_mac == _BROADCAST
        yield Finding(122, everybody, f"a probe to {arp.destination_mac.hex(':')}", False)
        yield Finding(122, not any(arp.target_mac), f"a probe for {arp.target_mac.hex(':')}", False)
    if arp.announces:
        asks = arp.operation == REQUEST
        yield Finding(124, asks, f"{dotted(arp.sender)} announced by operation {arp.operation}", False)


def configured(state: Arp, seen: Sight) -> Arp:
    """A reply gives the client an address, or takes it."""
    if seen.kind is Kind.nak:
        return Arp()
    if seen.kind is Kind.ack and seen.message.yiaddr not in (ANYWHERE, state.address):
        return Arp(seen.message.yiaddr, state.probed)
    return state


def gave_up(state: Arp, seen: Sight) -> Arp:
    """The client declines or releases its address."""
    return Arp() if seen.kind in (Kind.decline, Kind.release) else state


def sent(state: Arp, arp: ArpSight, tolerance: int) -> Result:
    """The client sends an ARP frame."""
    found = list(frame(arp))
    if arp.probes:
        state = state._replace(
            probed=state.probed | {arp.target} if len(state.probed) < 16 else frozenset({arp.target})
        )
    if arp.operation == REQUEST and arp.target == state.address and not state.used:
        found += list(_asks_as_nobody(arp))
    if arp.sender != state.address:
        return state, found
    if arp.announces and state.attacked is not None:
        found += _defends(state, arp, tolerance)
        state = state._replace(defended=arp.time, attacked=None)
    after, first = used(state, arp.sender, arp.announces)
    return after, found + first


def used(state: Arp, source: int, announces: bool = False) -> Result:
    """The client sends from an address: what is asked of the first time."""
    if source != state.address or state.used:
        return state, []
    return state._replace(used=True), list(_first_use(state, announces))


def claimed(state: Arp, arp: ArpSight) -> Arp:
    """Another host sends an ARP frame."""
    if state.address is None:
        return state
    other_probe = arp.probes and arp.target == state.address
    if arp.sender == state.address or (other_probe and not state.used):
        return state._replace(attacked=arp.time) if state.used else state._replace(contested=True)
    return state


@enforces(67, 68, 70, 123)
def _first_use(state: Arp, announces: bool) -> Iterator[Finding]:
    """An address is probed, found free, announced, and then used.  Requirements 67, 68, 70, 123."""
    address = dotted(state.address)
    yield Finding(67, state.address in state.probed, f"{address} is used without a probe")
    yield Finding(70, announces, f"{address} is used without an announcement")
    for number in (68, 123):
        yield Finding(number, not state.contested, f"{address} is used though another host has it", False)


@enforces(122)
def _asks_as_nobody(arp: ArpSight) -> Iterator[Finding]:
    """Who asks for an address that it was given does so from none (RFC 2131 section 4.4.1).  Requirement 122.

    An announcement is none of these questions.
    """
    if not arp.announces:
        yield Finding(122, arp.sender == ANYWHERE, f"{dotted(arp.target)} is asked for by {dotted(arp.sender)}", False)


@enforces(125)
def _defends(state: Arp, arp: ArpSight, tolerance: int) -> Iterator[Finding]:
    """Who has defended an address within ten seconds gives it up instead (RFC 5227 section 2.4).  Requirement 125."""
    if state.defended is not None:
        pause = arp.time - state.defended
        rare = pause >= DEFEND_INTERVAL - tolerance
        yield Finding(125, rare, f"{dotted(arp.sender)} is defended again after {pause // 1_000_000} ms", False)


@enforces(39, 91)
def subnet(seen: Sight, holder: bytes | None, probed: bool | None, user: bytes = b"") -> Iterator[Finding]:
    """What needs a look at other hosts (RFC 2131 sections 2, 2.2).  Requirements 39, 91.

    `holder`: the hardware address that was seen with the message's identifier.  `probed`: for an OFFER,
    whether somebody asked for the address by ARP before; None where that does not count.  `user`: who has sent ARP
    from it since, nothing for nobody.  One host may have two
    interfaces or a new one, so that a shared identifier proves nothing.
    """
    if seen.identifier is not None and not seen.reply:
        same = holder is None or holder == seen.hardware
        yield Finding(39, same, f"option 61 is that of {(holder or b'')[1:].hex(':')}", False)
    if seen.kind is Kind.offer and probed is not None:
        yield Finding(91, probed, f"{dotted(seen.message.yiaddr)} is offered without a probe that shows")
        if user:
            mine = user == seen.hardware[1:]
            yield Finding(91, mine, f"{dotted(seen.message.yiaddr)} is offered, and {user.hex(':')} has it")
