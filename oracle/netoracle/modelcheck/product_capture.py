"""A run of the judged network as the capture that its recorder writes, so that it can be judged like any other."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from netoracle.dhcp.events import ArpEvent, DhcpEvent, Event, UseEvent
from netoracle.modelcheck.product import JudgedNetwork, Move, Pair
from netoracle.modelcheck.product_wire import NOW
from netoracle.modelcheck.result import Run
from netoracle.trace.capture.checksum import ones_complement_sum
from netspec.dhcp.labels import SECOND

_START: Final = 1_700_000_000 * SECOND
_FIRST_XID: Final = 0x1E55_0001
_ETHERNET, _SNAP_LENGTH = 1, 262_144
_IPV4, _ARP = 0x0800, 0x0806
_UDP, _NO_NEXT_HEADER = 17, 59


def events_of(run: Run[Pair], system: JudgedNetwork) -> list[Event]:
    """What a recorder sees of a run, with times that pass, and an identifier of its own for each exchange."""
    seen: list[Event] = []
    known: dict[int, int] = {}
    now, made = _START, 0
    for before, step, after in zip(run.states, run.steps, run.states[1:], strict=False):
        move = next(one for one in system.moves(before) if (one.step, one.after) == (step, after))
        for xid in _identifiers(move):
            if xid not in known:
                known[xid] = _FIRST_XID + made * 0x10001
                made += 1
        for event in move.events:
            event = event._replace(time=now + event.time - NOW, frame=len(seen) + 1)
            if isinstance(event, DhcpEvent):
                xid = known[int.from_bytes(event.payload[4:8])]
                event = event._replace(payload=event.payload[:4] + xid.to_bytes(4) + event.payload[8:])
            seen.append(event)
        if move.renamed is not None:
            known = {new: known[old] for old, new in move.renamed.items()}
        now += move.back
    return seen


def _identifiers(move: Move) -> list[int]:
    """The identifiers that are in use in a step: those that show, then those that are on their way."""
    shown = [int.from_bytes(one.payload[4:8]) for one in move.events if isinstance(one, DhcpEvent)]
    return [*shown, *(move.renamed or {})]


def capture(events: Iterable[Event]) -> bytes:
    """A pcap file with a frame for each event, its times in nanoseconds."""
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, _SNAP_LENGTH, _ETHERNET)]
    for event in events:
        octets = frame(event)
        parts += struct.pack("<IIII", *divmod(event.time, SECOND), len(octets), len(octets)), octets
    return b"".join(parts)


def frame(event: Event) -> bytes:
    """The Ethernet frame of an event."""
    if isinstance(event, ArpEvent):
        arp = struct.pack("!HHBBH", 1, _IPV4, 6, 4, event.operation)
        arp += event.sender_mac + event.sender + event.target_mac + event.target
        return event.destination_mac + event.source_mac + _ARP.to_bytes(2) + arp
    if isinstance(event, UseEvent):
        packet = _packet(event.source, b"\xff" * 4, _NO_NEXT_HEADER, b"")
        return b"\xff" * 6 + event.source_mac + _IPV4.to_bytes(2) + packet
    header = struct.pack("!HHHH", event.source_port, event.destination_port, 8 + len(event.payload), 0)
    packet = _packet(event.source, event.destination, _UDP, header + event.payload)
    return event.destination_mac + event.source_mac + _IPV4.to_bytes(2) + packet


def _packet(source: bytes, destination: bytes, protocol: int, content: bytes) -> bytes:
    """An IPv4 packet; a UDP checksum of 0 in it says that there is none."""
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(content), 0, 0, 64, protocol)
    checksum = -ones_complement_sum(start + b"\0\0" + source + destination) % 0xFFFF
    return start + checksum.to_bytes(2) + source + destination + content
