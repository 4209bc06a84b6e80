"""IPv4 packets from capture files: pcap and pcapng, on Ethernet or without a link layer, fragments put together."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from os import PathLike, fspath

import dpkt

from netoracle.trace.files import read_bytes
from netoracle.trace.model import TraceError
from netspec.base.base_types import Ip

_ETHERTYPE_IP = b"\x08\x00"
_ETHER_HEADER = 14
_RAW_LINKS = frozenset((12, 14, 101, 228))
"""The numbers of the link types that have no header in front of IP's (DLT_RAW here and there, LINKTYPE_RAW, IPV4)."""

_ETHERTYPES = {b"\x08\x06": "ARP", b"\x86\xdd": "IPv6"}


@dataclass(frozen=True, slots=True)
class Packet:
    """An IPv4 packet: what its header says, and its contents.

    `first` and `last` are the times at which its first and its last fragment were seen, in seconds; `frames`
    are the numbers of the frames that they were in, from 1.
    """

    first: Fraction
    last: Fraction
    frames: tuple[int, ...]
    source: Ip
    destination: Ip
    protocol: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Capture:
    """The packets of a capture in the order in which they were complete, and how many frames hold none, by kind."""

    packets: tuple[Packet, ...]
    others: Counter[str]


@dataclass(frozen=True, slots=True)
class _Fragment:
    time: Fraction
    frame: int
    offset: int
    more: bool
    packet: Packet


def read_capture(path: str | PathLike[str]) -> Capture:
    """Read a capture file, gzipped or not.

    Raises TraceError, naming the frame, where it is none, or holds less of a frame than there was.
    """
    name = fspath(path)
    packets: list[Packet] = []
    others: Counter[str] = Counter()
    pieces: dict[tuple[Ip, Ip, int, bytes], list[_Fragment]] = {}
    for frame, time, data in _datagrams(name, others):
        try:
            fragment, key = _fragment(frame, time, data)
        except (dpkt.UnpackError, ValueError) as error:
            raise TraceError(name, None, None, f"frame {frame}: no IPv4 packet that can be read: {error}") from None
        if fragment.offset == 0 and not fragment.more:
            packets.append(fragment.packet)
            continue
        pieces.setdefault(key, []).append(fragment)
        if whole := _joined(pieces[key]):
            packets.append(whole)
            del pieces[key]
    others["an incomplete packet"] += sum(map(len, pieces.values()))
    return Capture(tuple(packets), +others)


def _datagrams(name: str, others: Counter[str]) -> Iterator[tuple[int, Fraction, bytes]]:
    """The frames that hold IPv4: number, time and contents from the IPv4 header on; the others are counted."""
    try:
        reader = dpkt.pcap.UniversalReader(io.BytesIO(read_bytes(name)))
        frames = [(_time(stamp), data) for stamp, data in reader]
    except (ValueError, dpkt.Error) as error:
        raise TraceError(name, None, None, f"no capture that can be read: {error}") from None
    link = reader.datalink()
    if link != dpkt.pcap.DLT_EN10MB and link not in _RAW_LINKS:
        raise TraceError(
            name, None, None, f"expected a capture of Ethernet frames or IP packets, found link type {link}"
        )
    for frame, (time, data) in enumerate(frames, 1):
        if link in _RAW_LINKS:
            yield frame, time, data
        elif data[12:14] == _ETHERTYPE_IP:
            yield frame, time, data[_ETHER_HEADER:]
        else:
            others[_ETHERTYPES.get(data[12:14], "another protocol")] += 1


def _time(stamp: Decimal | float) -> Fraction:
    """A time stamp, exactly: the library counts nanoseconds in decimals and microseconds in floating point."""
    return Fraction(stamp) if isinstance(stamp, Decimal) else Fraction(round(stamp * 1_000_000), 1_000_000)


def _fragment(frame: int, time: Fraction, data: bytes) -> tuple[_Fragment, tuple[Ip, Ip, int, bytes]]:
    """What a frame holds of a packet, and which packet that is."""
    header = dpkt.ip.IP(data)
    begin = header.hl * 4
    payload = data[begin : header.len]
    if header.v != 4 or begin + len(payload) != header.len:
        raise ValueError(f"it has {header.len} bytes, the capture {len(data)} of them")
    source, destination = Ip(int.from_bytes(header.src)), Ip(int.from_bytes(header.dst))
    flags = int.from_bytes(data[6:8])
    packet = Packet(time, time, (frame,), source, destination, header.p, payload)
    fragment = _Fragment(time, frame, (flags & 0x1FFF) * 8, bool(flags & 0x2000), packet)
    return fragment, (source, destination, header.p, data[4:6])


def _joined(fragments: list[_Fragment]) -> Packet | None:
    """The packet that fragments make, None while some are missing."""
    ordered = sorted(fragments, key=lambda fragment: fragment.offset)
    payload = b""
    for fragment in ordered:
        if fragment.offset > len(payload):
            return None
        payload = payload[: fragment.offset] + fragment.packet.payload
    if ordered[-1].more:
        return None
    head = ordered[0].packet
    times = [fragment.time for fragment in fragments]
    frames = tuple(fragment.frame for fragment in fragments)
    return Packet(min(times), max(times), frames, head.source, head.destination, head.protocol, payload)
