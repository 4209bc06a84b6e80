"""IPv4 packets of a capture for a conversion, which needs all of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike, fspath

from netoracle.trace.capture import packets as captured
from netoracle.trace.capture.errors import CaptureError
from netoracle.trace.capture.fragments import INCOMPLETE
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.files import MAX_BYTES
from netspec.base.base_types import Ip

_SECOND = 1_000_000_000


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


def read_capture(path: str | PathLike[str]) -> Capture:
    """Read a capture file, gzipped or not.

    Raises TraceError, naming the frame, where it is none, holds less of a frame than there was or a packet that cannot
    be read, or more than MAX_BYTES bytes.
    """
    name = fspath(path)
    packets: list[Packet] = []
    reassembler = captured.Reassembler()
    others = reassembler.others
    times: list[int] = []
    size = 0
    for frame in read_frames(name):
        times.append(frame.time)
        size += len(frame.data)
        if size > MAX_BYTES:
            raise CaptureError(name, f"has more than {MAX_BYTES} bytes of frames", frame.number)
        packet = reassembler.add(frame)
        unusable = reassembler.unusable.keys() - {INCOMPLETE}
        if unusable:
            raise CaptureError(name, f"no packet that can be read: {', '.join(sorted(unusable))}", frame.number)
        if packet is None:
            continue
        if len(packet.src) != 4:
            others["IPv6"] += 1
        elif not packet.checksum_ok:
            others["a packet with a wrong header checksum"] += 1
        elif len(packet.payload) < packet.length:
            message = f"no packet that can be read: {len(packet.payload)} of its {packet.length} bytes were captured"
            raise CaptureError(name, message, frame.number)
        else:
            packets.append(_converted(packet, times))
    reassembler.finish()
    others["an incomplete packet"] += reassembler.unusable[INCOMPLETE]
    return Capture(tuple(packets), +others)


def _converted(packet: captured.Packet, times: list[int]) -> Packet:
    frames = packet.reassembled_from or (packet.frame,)
    when = [Fraction(times[frame - 1], _SECOND) for frame in frames]
    source, destination = Ip(int.from_bytes(packet.src)), Ip(int.from_bytes(packet.dst))
    return Packet(min(when), max(when), frames, source, destination, packet.protocol, packet.payload)
