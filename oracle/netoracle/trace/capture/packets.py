"""The IP packets of a capture, fragments put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netoracle.trace.capture.duplicates import Duplicates
from netoracle.trace.capture.fragments import Fragments
from netoracle.trace.capture.frames import Frame
from netoracle.trace.capture.ip import CUT, Unusable, read_extensions, read_ipv4, read_ipv6
from netoracle.trace.capture.links import IPV4, IPV6, Ethernet, is_known, read_link

TCP, UDP = 6, 17
_UDP_HEADER = 8
_OTHERS = {-1: "no EtherType", 0x0806: "ARP", 0x88CC: "LLDP"}


@dataclass(frozen=True, slots=True)
class Packet:
    """An IP packet.

    `frame` and `time` (nanoseconds since 1970) are those of the frame, or of the one that completed it, where it came
    in the fragments in the frames `reassembled_from` (in the order of the capture; empty for a packet in one frame).
    `src` and `dst` have 4 or 16 bytes. `protocol` is that of `payload`: what was captured of the `length` bytes that
    the headers announce, options and extension headers left out, so that it is shorter where the capture is.
    `ethernet` is source and destination, None on other links; `vlan` the ids of VLAN tags from the outermost in; `ttl`
    the TTL or hop limit; `checksum_ok` whether the IPv4 header's checksum is right, True for IPv6, which has none.
    """

    frame: int
    time: int
    src: bytes
    dst: bytes
    protocol: int
    payload: bytes
    length: int
    ethernet: Ethernet | None
    vlan: tuple[int, ...]
    ttl: int
    checksum_ok: bool
    reassembled_from: tuple[int, ...]


class Reassembler:
    """Takes frames in the order of the capture and gives the packets that they complete, each once.

    `others` counts the frames that hold no IP, by what they hold; `unusable` those that hold IP and give no packet, by
    why; `duplicates` those with a packet that was there already.
    """

    def __init__(self) -> None:
        self.others: Counter[str] = Counter()
        self.unusable: Counter[str] = Counter()
        self.duplicates = Duplicates()
        self._fragments = Fragments(self.unusable)

    def add(self, frame: Frame) -> Packet | None:
        """The packet that a frame completes, None where it completes none or shows one once more."""
        if not is_known(frame.linktype):
            self.others[f"link type {frame.linktype}"] += 1
            return None
        data = frame.data
        link = read_link(frame.linktype, data)
        if link is None:
            self.unusable[CUT if len(data) < frame.wire_length else "shorter than a link layer's header"] += 1
            return None
        ethertype, offset, ethernet, vlan = link
        if ethertype != IPV4 and ethertype != IPV6:
            self.others[_OTHERS.get(ethertype) or f"EtherType {ethertype:#06x}"] += 1
            return None
        if ethertype == IPV4 and self.duplicates.is_second_sight(frame, offset):
            return None
        try:
            read = read_ipv4 if ethertype == IPV4 else read_ipv6
            header = read(data, offset, frame.wire_length - offset)
            payload, length = data[header.begin : header.begin + header.length], header.length
            frames: tuple[int, ...] = ()
            protocol = header.protocol
            if header.fragment is not None:
                whole = self._fragments.add(frame.number, frame.time, header, payload)
                if whole is None:
                    return None
                header, payload, length, frames = whole
                protocol = header.protocol
                if ethertype == IPV6:
                    protocol, begin, part = read_extensions(protocol, payload, 0, length)
                    if part is not None:
                        raise Unusable("IPv6: a fragment inside a fragment")
                    payload, length = payload[begin:], length - begin
            if len(payload) < length and _header_is_cut(protocol, payload, length):
                raise Unusable(CUT)
        except Unusable as reason:
            self.unusable[str(reason)] += 1
            return None
        return Packet(
            frame.number,
            frame.time,
            header.src,
            header.dst,
            protocol,
            payload,
            length,
            ethernet,
            vlan,
            header.ttl,
            header.checksum_ok,
            frames,
        )

    def finish(self) -> None:
        """Count the fragments of packets that never became complete."""
        self._fragments.finish()


def packets(frames: Iterable[Frame], reassembler: Reassembler | None = None) -> Iterator[Packet]:
    """The packets in frames, as a stream; `reassembler` has the counts of the other frames afterwards."""
    reassembler = reassembler or Reassembler()
    for frame in frames:
        packet = reassembler.add(frame)
        if packet is not None:
            yield packet
    reassembler.finish()


def _header_is_cut(protocol: int, payload: bytes, length: int) -> bool:
    """Whether the capture ends inside the header of TCP or UDP, so that nobody can tell what it says."""
    if protocol == UDP:
        return len(payload) < min(_UDP_HEADER, length)
    if protocol != TCP:
        return False
    if len(payload) < min(20, length):
        return True
    size = (payload[12] >> 4) * 4 if length >= 20 else 0
    return len(payload) < size <= length
