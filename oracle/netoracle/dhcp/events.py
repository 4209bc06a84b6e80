"""What a capture shows of DHCP: its messages, ARP frames, and which hosts send other IP traffic from where."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netoracle.trace.capture.checksum import checksum_state, ones_complement_sum
from netoracle.trace.capture.frames import Frame
from netoracle.trace.capture.links import IPV4, IPV6, read_link

CLIENT_PORT = 68
SERVER_PORT = 67
_V6_PORTS = frozenset({546, 547})
"""Those of DHCPv6 (RFC 8415 section 7.2)."""

_ETHERTYPE_ARP = 0x0806
_UDP = 17
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_IP = struct.Struct("!BBHHHBBH4s4s")
_UDP_HEADER = struct.Struct("!HHHH")
_ANY = bytes(4)
_FRAGMENT, _OFFSET = 0x3FFF, 0x1FFF
"""More fragments follow, or some came before; some came before (RFC 791 section 3.1)."""

_V6_HEADER, _V6_NEXT = 40, 6


class DhcpEvent(NamedTuple):
    """A UDP datagram to or from a DHCP port.

    Addresses are octets as sent; time is in nanoseconds; `network` tells VLANs apart.
    `faulty` says what of IP or UDP is wrong, None where nothing is.
    """

    frame: int
    time: int
    network: bytes
    source_mac: bytes
    destination_mac: bytes
    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    payload: bytes
    ttl: int
    faulty: str | None


class ArpEvent(NamedTuple):
    """An ARP frame for IPv4 over Ethernet."""

    frame: int
    time: int
    network: bytes
    source_mac: bytes
    destination_mac: bytes
    operation: int
    sender_mac: bytes
    sender: bytes
    target_mac: bytes
    target: bytes


class UseEvent(NamedTuple):
    """Another IPv4 packet: who sends from which address."""

    frame: int
    time: int
    network: bytes
    source_mac: bytes
    source: bytes


class MissedEvent(NamedTuple):
    """A UDP datagram to or from a DHCP port of which no frame has all that was sent; `why` says for what reason."""

    frame: int
    time: int
    network: bytes
    source_mac: bytes
    source: bytes
    why: str


Event = DhcpEvent | ArpEvent | UseEvent


def events(frames: Iterable[Frame], passed_over: Counter[str] | None = None) -> Iterator[Event | MissedEvent]:
    """The events in frames.  `passed_over` counts, by what it is, what is none and might be taken for one."""
    for frame in frames:
        event = event_of(frame)
        if isinstance(event, str):
            if passed_over is not None:
                passed_over[event] += 1
        elif event is not None:
            yield event


def event_of(frame: Frame) -> Event | MissedEvent | str | None:
    """The event that a frame is, if any, or what it is that might be taken for one.

    Link layers without Ethernet addresses leave those empty.
    """
    octets, number, time = frame.data, frame.number, frame.time
    link = read_link(frame.linktype, octets)
    if link is None:
        return None
    kind, at, addresses, tags = link
    network = b"".join(tag.to_bytes(2) for tag in tags)
    source_mac, destination_mac = addresses or (b"", b"")
    if kind == _ETHERTYPE_ARP:
        if len(octets) < at + _ARP.size:
            return None
        hardware, protocol, hardware_size, protocol_size, operation, sender_mac, sender, target_mac, target = (
            _ARP.unpack_from(octets, at)
        )
        if (hardware, protocol, hardware_size, protocol_size) != (1, IPV4, 6, 4):
            return None
        return ArpEvent(
            number, time, network, source_mac, destination_mac, operation, sender_mac, sender, target_mac, target
        )
    if kind == IPV6:
        return _of_ipv6(octets[at:])
    if kind != IPV4 or len(octets) < at + _IP.size:
        return None
    version, _, length, _, offset, ttl, protocol, _, source, destination = _IP.unpack_from(octets, at)
    header = (version & 15) * 4
    if version >> 4 != 4 or header < 20 or len(octets) < at + header:
        return None
    udp = at + header
    if protocol != _UDP or offset & _OFFSET or len(octets) < udp + 8:
        if source != _ANY:
            return UseEvent(number, time, network, source_mac, source)
        cut = protocol == _UDP and len(octets) < min(udp + 8, frame.wire_length)
        return "datagrams from 0.0.0.0 that are cut before their ports" if cut else None
    source_port, destination_port, udp_length, checksum = _UDP_HEADER.unpack_from(octets, udp)
    ports = (source_port, destination_port)
    if CLIENT_PORT not in ports and SERVER_PORT not in ports:
        return UseEvent(number, time, network, source_mac, source) if source != _ANY else None
    if offset & _FRAGMENT:
        # Which no RFC forbids; no frame has the whole message.
        return MissedEvent(number, time, network, source_mac, source, "is in fragments, which are not put together")
    if len(octets) < min(at + length, frame.wire_length):
        why = f"is cut by the snapshot length, {len(octets)} of {frame.wire_length} octets"
        return MissedEvent(number, time, network, source_mac, source, why)
    faulty = _fault(octets, at, header, length, udp_length, checksum)
    end = min(len(octets), at + length, udp + max(udp_length, 8))
    return DhcpEvent(
        number,
        time,
        network,
        source_mac,
        destination_mac,
        source,
        destination,
        source_port,
        destination_port,
        octets[udp + 8 : end],
        ttl,
        faulty,
    )


def _of_ipv6(packet: bytes) -> str | None:
    """What of DHCP a packet of IPv6 has, behind no other header.  RFC 2131 is about IPv4 alone."""
    if len(packet) < _V6_HEADER + 4 or packet[_V6_NEXT] != _UDP:
        return None
    ports = {int.from_bytes(packet[at : at + 2]) for at in (_V6_HEADER, _V6_HEADER + 2)}
    return "messages of DHCPv6" if ports & _V6_PORTS else None


def _fault(octets: bytes, at: int, header: int, length: int, udp_length: int, checksum: int) -> str | None:
    """What of IP or UDP is wrong.

    RFC 768 has the length of the datagram, and does not say that nothing follows it in the IP packet.
    """
    if not 8 <= udp_length <= length - header:
        return f"UDP length {udp_length} in an IP packet of {length} octets with a header of {header}"
    if ones_complement_sum(octets[at : at + header]):
        return "wrong IP header checksum"
    if checksum == 0:
        return None
    source, destination = octets[at + 12 : at + 16], octets[at + 16 : at + 20]
    datagram = octets[at + header : at + header + udp_length]
    state = checksum_state(source, destination, _UDP, datagram, udp_length, checksum)
    return "wrong UDP checksum" if state == "wrong" else None
