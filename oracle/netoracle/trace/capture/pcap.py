"""The pcap container (draft-ietf-opsawg-pcap): one link type, time stamps of microseconds or nanoseconds.

It is read here, and not by a library, since none was found that fits: dpkt drops the length on the wire and keeps times
in floating point, python-pcapng reads no pcap and computes times in floating point (at ten times the cost), and
scapy, exact and fast, is under a licence that this project's does not go with.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from netoracle.trace.capture.errors import CaptureError
from netoracle.trace.capture.links import is_known
from netoracle.trace.capture.stream import Stream

Record = tuple[int, int, bytes, int]
"""Time (nanoseconds), link type, what was captured, length on the wire (bytes)."""

MAGICS = {
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
}
"""The first bytes of a file: byte order, and the nanoseconds of a unit of its time stamps."""

_SECOND = 1_000_000_000


def read_pcap(stream: Stream, magic: bytes) -> Iterator[Record]:
    """The records of a file whose first four bytes have been read.

    Raises CaptureError where the header is not one, or a record cannot be right.
    """
    order, unit = MAGICS[magic]
    header = stream.take(20)
    if len(header) < 20:
        raise CaptureError(stream.path, f"ends inside the header of a pcap file, after {stream.position} bytes")
    major, minor, snaplen, link = struct.unpack(order + "HH8xII", header)
    if major != 2 or minor < 3:
        raise CaptureError(stream.path, f"is pcap of version {major}.{minor}, expected 2.4", None, 4)
    # The upper half tells the length of the frame check sequences, which the IP header's length leaves out.
    link &= 0xFFFF
    if not is_known(link):
        raise CaptureError(stream.path, f"has link type {link}, which is not known", None, 20)
    record = struct.Struct(order + "IIII")
    take, unpack = stream.take, record.unpack
    while True:
        stream.begin()
        head = take(16)
        if len(head) < 16:
            if head:
                stream.cut()
            return
        seconds, fraction, captured, wire = unpack(head)
        fraction *= unit
        if fraction >= _SECOND:
            raise stream.error(f"its time is {fraction} ns after a second, which has {_SECOND}")
        stream.lengths(captured, wire, snaplen)
        data = take(captured)
        if len(data) < captured:
            stream.cut()
            return
        yield seconds * _SECOND + fraction, link, data, wire
