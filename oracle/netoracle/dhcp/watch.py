"""What is followed of a client without search: when it sends, its ARP, and what it shares with others on the subnet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from netoracle.dhcp.events import ArpEvent, UseEvent
from netspec.dhcp import arp, timing
from netspec.dhcp.judgement import Finding
from netspec.dhcp.labels import Sight
from netspec.dhcp.message.types import Kind
from netspec.dhcp.profiles import Bounds

_MOST = 4096


class _Remembered:
    """A mapping that forgets what it was told first once it is full."""

    def __init__(self) -> None:
        self._of: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, key: bytes) -> bytes | None:
        return self._of.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self._of.pop(key, None)
        self._of[key] = value
        if len(self._of) > _MOST:
            self._of.popitem(last=False)


class Subnet:
    """Who uses which identifier, and which addresses were asked for by ARP."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._holders = _Remembered()
        self._asked = _Remembered()
        self._arp_shows = False

    def message(self, network: bytes, seen: Sight) -> list[Finding]:
        """Take in a message."""
        identifier = seen.identifier
        key = network + (identifier or b"")
        address = network + seen.message.yiaddr.to_bytes(4)
        asked = self._asked.get(address)
        probed = asked is not None if self._arp_shows and not seen.relayed else None
        found = list(arp.subnet(seen, self._holders.get(key), probed, asked or b""))
        if identifier is not None and not seen.reply:
            self._holders.put(key, seen.hardware)
        if seen.kind is Kind.ack:
            # An address in use is not probed again before it is offered to its holder.
            self._asked.put(address, b"")
        return found

    def arp(self, event: ArpEvent) -> None:
        """Take in an ARP frame."""
        self._arp_shows = True
        if self._asked.get(event.network + event.sender) is not None:
            self._asked.put(event.network + event.sender, event.sender_mac)
        if event.operation == arp.REQUEST:
            self._asked.put(event.network + event.target, b"")


class Watch:
    """One client, followed."""

    def __init__(self, bounds: Bounds, tolerance: int) -> None:
        """`tolerance` in nanoseconds, by which a time may be off."""
        self._bounds = bounds
        self._tolerance = tolerance
        self._timing = timing.Timing()
        self._arp = arp.Arp()

    def sent(self, seen: Sight) -> Iterator[Finding]:
        """The client sends a message."""
        self._timing, found = timing.sent(self._timing, seen, self._bounds, self._tolerance)
        yield from found
        self._arp, first = arp.used(self._arp, seen.envelope.source)
        yield from first
        self._arp = arp.gave_up(self._arp, seen)

    def heard(self, seen: Sight) -> None:
        """A reply to the client passes the recorder."""
        self._timing = timing.heard(self._timing, seen)
        self._arp = arp.configured(self._arp, seen)

    def own_arp(self, event: ArpEvent) -> list[Finding]:
        """The client sends an ARP frame."""
        self._arp, found = arp.sent(self._arp, _sight(event), self._tolerance)
        return found

    def other_arp(self, event: ArpEvent) -> None:
        """Another host sends an ARP frame."""
        self._arp = arp.claimed(self._arp, _sight(event))

    def use(self, event: UseEvent) -> list[Finding]:
        """The client sends another IPv4 packet."""
        self._arp, found = arp.used(self._arp, int.from_bytes(event.source))
        return found


def _sight(event: ArpEvent) -> arp.ArpSight:
    return arp.ArpSight(
        event.time,
        event.source_mac,
        event.destination_mac,
        event.operation,
        event.sender_mac,
        int.from_bytes(event.sender),
        event.target_mac,
        int.from_bytes(event.target),
    )
