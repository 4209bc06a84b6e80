"""What a recorder sees of the abstract DHCP system: its messages as datagrams, and the ARP and traffic of its clients.

Steps happen at `NOW`: it is what was seen before that moves into the past (`product_memory`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from netoracle.dhcp.events import CLIENT_PORT, SERVER_PORT, ArpEvent, DhcpEvent, UseEvent
from netspec.dhcp.abstract.records import Message as Abstract
from netspec.dhcp.abstract.records import MessageType, Parameters
from netspec.dhcp.abstract.relay import RELAY
from netspec.dhcp.arp import REPLY, REQUEST
from netspec.dhcp.message.codec import encode
from netspec.dhcp.message.types import BROADCAST, Field, Message, Option

NOW: Final = 10**18
"""The present, in nanoseconds; no other number in a judge's state is near it."""

XID: Final = 0x7E000000
"""Transaction identifiers begin with this octet, and no other number does; the next octets are client and exchange."""

_NOWHERE, _EVERYWHERE = bytes(4), b"\xff" * 4
_ALL_HOSTS = b"\xff" * 6
_OTHER_HOST = b"\x02\0\0\0\xff\0"
_MASK = b"\xff\xff\xff\0"
_LARGEST = (576).to_bytes(2)
_ASKED = bytes((1, 51, 58, 59))
_CONFIGURING = (MessageType.DISCOVER, MessageType.REQUEST)


def address_of(number: int) -> bytes:
    """An address of the pools, which are numbered from 1; 0 is none."""
    return bytes((10, 0, 0, 100 + number)) if number else _NOWHERE


def party_address(name: str) -> bytes:
    """The address of a server or the relay."""
    return bytes((10, 0, 0, 254 if name == RELAY else int(name[1:])))


def hardware_of(name: str) -> bytes:
    """The Ethernet address of a client, a server or the relay."""
    kind = {"c": 0, "s": 1, "r": 2}[name[0]]
    return bytes((2, 0, 0, 0, kind, 1 if name == RELAY else int(name[1:])))


@lru_cache(maxsize=1 << 12)
def datagram(message: Abstract, xid: int, parameters: Parameters, tick: int) -> DhcpEvent:
    """A message as it is sent, with a tick of so many seconds; one without a destination is for everybody."""
    answer, relayed = message.kind.is_answer, message.relayed or message.source == RELAY
    mac = hardware_of(message.client)
    # A relayed refusal has to be broadcast to reach its client (RFC 2131, 4.3.2).
    flags = BROADCAST if relayed and message.kind is MessageType.NAK else 0
    payload = encode(
        Message(
            2 if answer else 1, 1, 6, int(message.source == RELAY and not answer), xid, 0, flags,
            int.from_bytes(address_of(message.ciaddr)), int.from_bytes(address_of(message.yiaddr)), 0,
            int.from_bytes(party_address(RELAY)) if relayed else 0, mac.ljust(16, b"\0"), bytes(64), bytes(128),
            options=tuple(Option(code, value) for code, value in sorted(_options(message, parameters, tick).items())),
            tails=((Field.options, b"\xff".ljust(60, b"\0")),),
        )
    )  # fmt: skip
    source, destination = _ends(message, relayed)
    to_mac = _ALL_HOSTS if destination == _EVERYWHERE else hardware_of(message.destination)
    to_client = answer and (message.source == RELAY or not relayed)
    ports = (CLIENT_PORT if not answer and not relayed else SERVER_PORT, CLIENT_PORT if to_client else SERVER_PORT)
    return DhcpEvent(
        0, NOW, b"", hardware_of(message.source), to_mac, source, destination, *ports, payload, 64, None
    )  # fmt: skip


def uses(client: str, address: int, time: int) -> UseEvent:
    """A packet of a client that uses an address."""
    return UseEvent(0, time, b"", hardware_of(client), address_of(address))


def probe(client: str, address: int) -> ArpEvent:
    """A client asks whether anybody has an address (RFC 5227, 2.1.1)."""
    mac = hardware_of(client)
    return ArpEvent(0, NOW, b"", mac, _ALL_HOSTS, REQUEST, mac, _NOWHERE, bytes(6), address_of(address))


def answer_to_probe(client: str, address: int) -> ArpEvent:
    """The host that has the address says so."""
    mac, own = hardware_of(client), address_of(address)
    return ArpEvent(0, NOW, b"", _OTHER_HOST, mac, REPLY, _OTHER_HOST, own, mac, _NOWHERE)


def announcement(client: str, address: int) -> ArpEvent:
    """A client says that it has an address (RFC 5227, 2.3)."""
    mac, own = hardware_of(client), address_of(address)
    return ArpEvent(0, NOW, b"", mac, _ALL_HOSTS, REQUEST, mac, own, bytes(6), own)


def _options(message: Abstract, parameters: Parameters, tick: int) -> dict[int, bytes]:
    options = {53: bytes((message.kind,)), 61: b"\x01" + hardware_of(message.client)}
    if message.requested:
        options[50] = address_of(message.requested)
    if message.server:
        options[54] = party_address(message.server)
    if message.kind in (MessageType.OFFER, MessageType.ACK):
        times = (parameters.lease, parameters.t1, parameters.t2)
        options |= {code: (ticks * tick).to_bytes(4) for code, ticks in zip((51, 58, 59), times, strict=True)}
        options[1] = _MASK
    options |= {55: _ASKED, 57: _LARGEST} if message.kind in _CONFIGURING else {56: b"why"}
    return options


def _ends(message: Abstract, relayed: bool) -> tuple[bytes, bytes]:
    """The addresses that a message is sent from and to (RFC 2131, 4.1 and 4.3.2)."""
    if not message.kind.is_answer:
        if message.source == RELAY:
            return party_address(RELAY), party_address(message.destination)
        to = party_address(message.destination) if message.destination else _EVERYWHERE
        return address_of(message.ciaddr), to
    if relayed and message.source != RELAY:
        return party_address(message.source), party_address(RELAY)
    everybody = message.kind is MessageType.NAK
    return party_address(message.source), _EVERYWHERE if everybody else address_of(message.yiaddr)
