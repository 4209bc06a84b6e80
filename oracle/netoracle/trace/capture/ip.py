"""IP headers: IPv4 with options (RFC 791), IPv6 with extension headers (RFC 8200)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from netoracle.trace.capture.checksum import ones_complement_sum


class Unusable(Exception):
    """A packet that cannot be read; the text says why, in words to count by."""


class Fragment(NamedTuple):
    """Which part of a packet this is: `key` is the same in all its parts, `offset` is in bytes."""

    key: tuple[bytes, bytes, int, int]
    offset: int
    more: bool


class Header(NamedTuple):
    """What the headers say: `begin` is where the payload begins, `length` how long it is (bytes)."""

    src: bytes
    dst: bytes
    protocol: int
    begin: int
    length: int
    ttl: int
    checksum_ok: bool
    fragment: Fragment | None


CUT = "cut by the snapshot length before the end of its headers"

_V4 = struct.Struct("!BxHHHBB2x4s4s")
_V6 = struct.Struct("!IHBB16s16s")
_MORE, _OFFSET = 0x2000, 0x1FFF
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _NONE, _DESTINATION = 0, 43, 44, 51, 59, 60
_EXTENSIONS = frozenset((_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION, 135, 139, 140))
_MAX_EXTENSIONS = 64

_OFFLOADED = 1500
"""A packet longer than that with a length of 0 is one that a network card was to cut into pieces."""


def read_ipv4(data: bytes, offset: int, wire: int) -> Header:
    """The header at `offset` of a frame in which the packet and what follows have `wire` bytes.

    Raises Unusable.
    """
    if wire < 20:
        raise Unusable("IPv4: shorter than a header")
    if len(data) < offset + 20:
        raise Unusable(CUT)
    first, total, ident, part, ttl, protocol, src, dst = _V4.unpack_from(data, offset)
    size = (first & 15) * 4
    if total == 0 and wire > _OFFLOADED:
        total = wire
    if first >> 4 != 4:
        raise Unusable(f"IPv4: version {first >> 4}")
    if size < 20 or size > total:
        raise Unusable("IPv4: a header length that cannot be")
    if total > wire:
        raise Unusable("IPv4: longer than its frame")
    begin = offset + size
    if len(data) < begin:
        raise Unusable(CUT)
    ok = ones_complement_sum(data[offset:begin]) == 0
    if not part & (_MORE | _OFFSET):
        return Header(src, dst, protocol, begin, total - size, ttl, ok, None)
    fragment = Fragment((src, dst, protocol, ident), (part & _OFFSET) * 8, bool(part & _MORE))
    return Header(src, dst, protocol, begin, total - size, ttl, ok, fragment)


def read_ipv6(data: bytes, offset: int, wire: int) -> Header:
    """The headers at `offset` of a frame in which the packet and what follows have `wire` bytes.

    Raises Unusable.
    """
    if wire < 40:
        raise Unusable("IPv6: shorter than a header")
    if len(data) < offset + 40:
        raise Unusable(CUT)
    first, length, following, ttl, src, dst = _V6.unpack_from(data, offset)
    if first >> 28 != 6:
        raise Unusable(f"IPv6: version {first >> 28}")
    if length == 0 and wire - 40 > _OFFLOADED:
        length = wire - 40
    if length > wire - 40:
        raise Unusable("IPv6: longer than its frame")
    begin = offset + 40
    end = begin + length
    if following not in _EXTENSIONS:
        return Header(src, dst, following, begin, length, ttl, True, None)
    protocol, begin, part = read_extensions(following, data, begin, end)
    fragment = None
    if part is not None:
        ident, where = part
        # The protocol is that of the first fragment alone (RFC 8200 section 4.5): the others may say what they like.
        fragment = Fragment((src, dst, -1, ident), where & 0xFFF8, bool(where & 1))
    return Header(src, dst, protocol, begin, end - begin, ttl, True, fragment)


def read_extensions(kind: int, data: bytes, begin: int, end: int) -> tuple[int, int, tuple[int, int] | None]:
    """Pass over extension headers from `begin` on, in a packet that ends at `end`.

    Returns the protocol of what follows, where it begins, and identification and offset field of a fragment header:
    there what follows is part of a packet, whose headers may go on.  Raises Unusable.
    """
    for _ in range(_MAX_EXTENSIONS):
        if kind not in _EXTENSIONS:
            return kind, begin, None
        if end < begin + 8:
            raise Unusable("IPv6: an extension header beyond the packet")
        if len(data) < begin + 8:
            raise Unusable(CUT)
        following, units = data[begin], data[begin + 1]
        if kind == _FRAGMENT:
            where, ident = struct.unpack_from("!HI", data, begin + 2)
            begin += 8
            # A packet in a single fragment is none (RFC 6946).
            if where & 0xFFF9:
                return following, begin, (ident, where)
        else:
            if kind == _ROUTING and data[begin + 3]:
                raise Unusable("IPv6: on its way to another address than its destination (routing header)")
            begin += (units + 2) * 4 if kind == _AUTHENTICATION else (units + 1) * 8
            if begin > end:
                raise Unusable("IPv6: an extension header beyond the packet")
        kind = following
    raise Unusable(f"IPv6: more than {_MAX_EXTENSIONS} extension headers")
