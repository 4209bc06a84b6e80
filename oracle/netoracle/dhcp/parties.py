"""Who takes part: how a party is named, and which identity a server binds an address to."""

from __future__ import annotations

from collections import OrderedDict

from netoracle.dhcp.events import DhcpEvent
from netoracle.dhcp.facts import Facts
from netoracle.dhcp.result import Party, Role

_ETHERNET = b"\x01"


def dotted(address: bytes) -> str:
    """An IPv4 address for people."""
    return ".".join(map(str, address))


def hardware_name(hardware: bytes) -> str:
    """A hardware address for people; its type is named only where it is not Ethernet."""
    name = hardware[1:].hex(":")
    return name if hardware[:1] == _ETHERNET else f"{name or 'none'} of type {hardware[:1].hex()}"


def client_party(seen: Facts) -> Party:
    """The client that a message is from or for."""
    return Party(Role.client.value, hardware_name(seen.hardware))


def relay_party(seen: Facts) -> Party | None:
    """The relay that sends a message on; None where it comes from client or server themselves."""
    return Party(Role.relay.value, dotted(seen.giaddr)) if seen.passed_on else None


def senders(event: DhcpEvent, seen: Facts) -> list[Party]:
    """Whom a message speaks for: the client or server that made it, and the relay that passed it on."""
    maker = server_party(event, seen) if seen.reply else client_party(seen)
    relay = relay_party(seen)
    return [maker] if relay is None else [maker, relay]


def server_party(event: DhcpEvent, seen: Facts) -> Party:
    """The server that a reply is from: its identifier, or its address where it gives none."""
    relayed = seen.relayed and event.source == seen.giaddr
    return Party(Role.server.value, dotted(seen.server or (event.source if not relayed else bytes(4))))


class Readers:
    """Who may read a reply: a client goes by xid (RFC 2131 section 4.4.1), whatever chaddr or htype the reply has."""

    def __init__(self, capacity: int = 65_536) -> None:
        self._capacity = capacity
        self._of: OrderedDict[tuple[bytes, int], bytes] = OrderedDict()

    def learn(self, network: bytes, seen: Facts) -> None:
        """Take in a client's message."""
        key = (network, seen.xid)
        self._of[key] = seen.hardware
        self._of.move_to_end(key)
        if len(self._of) > self._capacity:
            self._of.popitem(last=False)

    def other(self, network: bytes, reply: Facts) -> bytes | None:
        """The hardware address of a client that has a reply's xid and is not the one that it names, None for none."""
        hardware = self._of.get((network, reply.xid))
        return None if hardware == reply.hardware else hardware


class Identities:
    """Which identity stands behind an exchange: learnt from what the client sends, asked for when it is answered."""

    def __init__(self, capacity: int = 65_536) -> None:
        self._capacity = capacity
        self._of: OrderedDict[tuple[bytes, int], bytes | None] = OrderedDict()

    def learn(self, seen: Facts) -> None:
        """Take in a client's message: an identifier once used in an exchange stands for all of it."""
        key = (seen.hardware, seen.xid)
        known = self._of.pop(key, None)
        self._of[key] = seen.identifier if seen.identifier is not None else known
        if len(self._of) > self._capacity:
            self._of.popitem(last=False)

    def behind(self, reply: Facts) -> bytes | None:
        """The identity that a reply is for, None where it is not known."""
        if reply.identifier is not None:
            return reply.binding
        key = (reply.hardware, reply.xid)
        if key not in self._of:
            return None
        identifier = self._of[key]
        return b"\x3d" + identifier if identifier is not None else reply.hardware
