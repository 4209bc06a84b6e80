"""The pcapng container (draft-ietf-opsawg-pcapng): sections, and interfaces each with link type and clock.

Why no library reads it is said in `pcap`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from netoracle.trace.capture.errors import CaptureError
from netoracle.trace.capture.links import is_known
from netoracle.trace.capture.pcap import Record
from netoracle.trace.capture.stream import Stream

MAGIC = b"\x0a\x0d\x0d\x0a"

MAX_BLOCK = 16 << 20
"""The longest block that is read, in bytes: what libpcap allows."""

MAX_INTERFACES = 4096
"""The most interfaces of a section."""

_SECTION, _INTERFACE, _PACKET, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
_END, _RESOLUTION, _OFFSET = 0, 9, 14
_SECOND = 1_000_000_000
_SKIPPED_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class _Interface:
    """`times` and `parts` turn a time stamp into nanoseconds: t * times // parts + offset."""

    link: int
    snaplen: int
    times: int
    parts: int
    offset: int


def read_pcapng(stream: Stream, magic: bytes) -> Iterator[Record]:
    """The records of a file whose first four bytes have been read.

    Raises CaptureError where a block cannot be right, or a packet has no time.
    """
    order = _section(stream, magic)
    interfaces: list[_Interface] = []
    while True:
        stream.begin()
        head = stream.take(8)
        if len(head) < 8:
            if head:
                stream.cut()
            return
        if head[:4] == MAGIC:
            order, interfaces = _section(stream, head), []
            continue
        kind, length = struct.unpack(order + "II", head)
        _check_length(stream, kind, length)
        if kind not in (_INTERFACE, _PACKET, _SIMPLE, _ENHANCED):
            if not _skip(stream, order, length):
                return
            continue
        body = _rest(stream, order, length)
        if body is None:
            return
        if kind == _INTERFACE:
            if len(interfaces) == MAX_INTERFACES:
                raise stream.error(f"has more than {MAX_INTERFACES} interfaces")
            interfaces.append(_interface(stream, order, body))
        elif kind == _SIMPLE:
            raise stream.error("is a simple packet block, which has no time")
        else:
            yield _packet(stream, order, kind, body, interfaces)


def _section(stream: Stream, head: bytes) -> str:
    """Read the rest of a section header block, of which some was read; the byte order of what follows."""
    head += stream.take(12 - len(head))
    order = _ORDERS.get(head[8:12])
    if order is None:
        raise CaptureError(stream.path, "is no section header of pcapng: no byte-order magic", None, stream.offset)
    (length,) = struct.unpack(order + "I", head[4:8])
    _check_length(stream, _SECTION, length)
    body = stream.take(length - 12)
    if len(body) < length - 12:
        raise CaptureError(stream.path, "ends inside a section header of pcapng", None, stream.offset)
    major, minor = struct.unpack_from(order + "HH", body)
    if major != 1:
        raise CaptureError(stream.path, f"is pcapng of version {major}.{minor}, expected 1.0", None, stream.offset)
    _check_trailer(stream, order, body, length)
    return order


def _check_length(stream: Stream, kind: int, length: int) -> None:
    least = {_SECTION: 28, _INTERFACE: 20, _PACKET: 32, _SIMPLE: 16, _ENHANCED: 32}.get(kind, 12)
    if length < least or length % 4 or length > MAX_BLOCK:
        raise stream.error(f"a block of type {kind:#x} announces a length of {length} bytes")


def _check_trailer(stream: Stream, order: str, body: bytes, length: int) -> None:
    (again,) = struct.unpack(order + "I", body[-4:])
    if again != length:
        raise stream.error(f"a block begins with a length of {length} bytes and ends with one of {again}")


def _rest(stream: Stream, order: str, length: int) -> bytes | None:
    """The rest of a block, without its trailer; None where the file ends inside it."""
    body = stream.take(length - 8)
    if len(body) < length - 8:
        stream.cut()
        return None
    _check_trailer(stream, order, body, length)
    return body[:-4]


def _skip(stream: Stream, order: str, length: int) -> bool:
    """Pass over the rest of a block; whether the file has all of it."""
    left = length - 12
    while left:
        got = len(stream.take(min(left, _SKIPPED_AT_ONCE)))
        if not got:
            break
        left -= got
    trailer = stream.take(4)
    if left or len(trailer) < 4:
        stream.cut()
        return False
    _check_trailer(stream, order, trailer, length)
    return True


def _interface(stream: Stream, order: str, body: bytes) -> _Interface:
    link, snaplen = struct.unpack_from(order + "H2xI", body)
    times, parts, offset = 1000, 1, 0
    place = 8
    while place + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, place)
        value = body[place + 4 : place + 4 + size]
        if code == _END:
            break
        if len(value) < size or (code, size) in ((_RESOLUTION, 0), (_OFFSET, 0)):
            raise stream.error(f"option {code} of an interface announces {size} bytes")
        if code == _RESOLUTION:
            base = 2 if value[0] & 0x80 else 10
            times, parts = _SECOND, base ** (value[0] & 0x7F)
        elif code == _OFFSET:
            if size != 8:
                raise stream.error(f"the time offset of an interface has {size} bytes, expected 8")
            (seconds,) = struct.unpack(order + "q", value)
            offset = seconds * _SECOND
        place += 4 + size + -size % 4
    return _Interface(link, snaplen, times, parts, offset)


def _packet(stream: Stream, order: str, kind: int, body: bytes, interfaces: list[_Interface]) -> Record:
    layout = "IIIII" if kind == _ENHANCED else "H2xIIII"
    number, high, low, captured, wire = struct.unpack_from(order + layout, body)
    if number >= len(interfaces):
        raise stream.error(f"is of interface {number}, the section has {len(interfaces)} so far")
    interface = interfaces[number]
    stream.lengths(captured, wire, interface.snaplen)
    if captured > len(body) - 20:
        raise stream.error(f"announces {captured} captured bytes in a block that has {len(body) - 20}")
    if not is_known(interface.link):
        raise stream.error(f"has link type {interface.link}, which is not known")
    time = (high << 32 | low) * interface.times // interface.parts + interface.offset
    return time, interface.link, body[20 : 20 + captured], wire
