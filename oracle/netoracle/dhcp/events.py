"""What a capture shows of DHCP: its messages, ARP frames, and which hosts send other IP traffic from where."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netoracle.trace.capture.checksum import checksum_state, ones_complement_sum
from netoracle.trace.capture.frames import Frame
from netoracle.trace.capture.links import IPV4, read_link

CLIENT_PORT = 68
SERVER_PORT = 67
_ETHERTYPE_ARP = 0x0806
_UDP = 17
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_IP = struct.Struct("!BBHHHBBH4s4s")
_UDP_HEADER = struct.Struct("!HHHH")
_ANY = bytes(4)
_FRAGMENT = 0x3FFF
"""More fragments follow, or some came before (RFC 791 section 3.1)."""


@dataclass(frozen=True, slots=True)
class DhcpEvent:
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


@dataclass(frozen=True, slots=True)
class ArpEvent:
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


@dataclass(frozen=True, slots=True)
class UseEvent:
    """Another IPv4 packet: who sends from which address."""

    frame: int
    time: int
    network: bytes
    source_mac: bytes
    source: bytes


Event = DhcpEvent | ArpEvent | UseEvent


def events(frames: Iterable[Frame]) -> Iterator[Event]:
    """The events in frames; what is none is passed over."""
    for frame in frames:
        event = event_of(frame)
        if event is not None:
            yield event


def event_of(frame: Frame) -> Event | None:
    """The event that a frame is, if any.  Link layers without Ethernet addresses leave those empty."""
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
    if kind != IPV4 or len(octets) < at + _IP.size:
        return None
    version, _, length, _, offset, ttl, protocol, _, source, destination = _IP.unpack_from(octets, at)
    header = (version & 15) * 4
    if version >> 4 != 4 or header < 20 or len(octets) < at + header:
        return None
    # Of a datagram in fragments, which no RFC forbids, no frame has the whole message.
    if protocol != _UDP or offset & _FRAGMENT or len(octets) < at + header + 8:
        return UseEvent(number, time, network, source_mac, source) if source != _ANY else None
    udp = at + header
    source_port, destination_port, udp_length, checksum = _UDP_HEADER.unpack_from(octets, udp)
    ports = (source_port, destination_port)
    if CLIENT_PORT not in ports and SERVER_PORT not in ports:
        return UseEvent(number, time, network, source_mac, source) if source != _ANY else None
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


def _fault(octets: bytes, at: int, header: int, length: int, udp_length: int, checksum: int) -> str | None:
    """What of IP or UDP is wrong.  A frame that the capture cut short is not summed.

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
