"""Packets and capture files made of struct, for the tests of captures."""

import struct

from netoracle.trace.capture.frames import Frame

A, B = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
A6, B6 = bytes.fromhex("fd000000000000000000000000000001"), bytes.fromhex("fd000000000000000000000000000002")
MAC_A, MAC_B = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"
START = 1_700_000_000_123_456_789


def internet_checksum(data):
    """By the book: add 16-bit words, fold the carries, complement."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(src, dst, protocol, length):
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, protocol, length)
    return src + dst + struct.pack("!IHBB", length, 0, 0, protocol)


def ipv4(payload, protocol=6, src=A, dst=B, ident=1, flags=0, ttl=64, options=b"", total=None, checksum=None):
    total = 20 + len(options) + len(payload) if total is None else total
    size = 0x40 | (20 + len(options)) // 4
    fields = [size, 0, total, ident, flags, ttl, protocol, 0, src, dst]
    header = struct.pack("!BBHHHBBH4s4s", *fields) + options
    fields[7] = internet_checksum(header) if checksum is None else checksum
    return struct.pack("!BBHHHBBH4s4s", *fields) + options + payload


def ipv6(payload, protocol=6, src=A6, dst=B6, length=None, ttl=64):
    length = len(payload) if length is None else length
    return struct.pack("!IHBB16s16s", 6 << 28, length, protocol, ttl, src, dst) + payload


def tcp(data=b"", sport=1025, dport=80, seq=7, ack=9, flags=0x10, win=512, urp=0, options=b"", offset=None, **other):
    offset = (20 + len(options)) // 4 if offset is None else offset
    src, dst, checksum = other.get("src", A), other.get("dst", B), other.get("checksum")
    fields = [sport, dport, seq, ack, offset << 4, flags, win, 0, urp]
    segment = struct.pack("!HHIIBBHHH", *fields) + options + data
    fields[7] = internet_checksum(pseudo(src, dst, 6, len(segment)) + segment) if checksum is None else checksum
    return struct.pack("!HHIIBBHHH", *fields) + options + data


def udp(data=b"", sport=1025, dport=53, length=None, checksum=None, src=A, dst=B):
    length = 8 + len(data) if length is None else length
    header = struct.pack("!HHHH", sport, dport, length, 0)
    if checksum is None:
        checksum = internet_checksum(pseudo(src, dst, 17, length) + header + data) or 0xFFFF
    return struct.pack("!HHHH", sport, dport, length, checksum) + data


def ethernet(packet, ethertype=0x0800, tags=()):
    tagged = b"".join(struct.pack("!HH", kind, number) for kind, number in tags)
    return MAC_B + MAC_A + tagged + struct.pack("!H", ethertype) + packet


def frame(data, number=1, time=START, linktype=101, wire=None):
    return Frame(number, time, linktype, data, len(data) if wire is None else wire)


def pcap(frames, order="<", nano=True, linktype=1, snaplen=262144, version=(2, 4)):
    """A pcap file of (time in nanoseconds, data, length on the wire)."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, *version, 0, 0, snaplen, linktype)]
    for time, data, wire in frames:
        seconds, rest = divmod(time, 10**9)
        parts += struct.pack(order + "IIII", seconds, rest if nano else rest // 1000, len(data), wire), data
    return b"".join(parts)


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order="<", version=1):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, version, 0, -1), order)


def option(code, value, order="<"):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(linktype=1, snaplen=0, options=b"", order="<"):
    return block(1, struct.pack(order + "HHI", linktype, 0, snaplen) + options, order)


def enhanced(stamp, data, number=0, wire=None, order="<"):
    wire = len(data) if wire is None else wire
    return block(
        6, struct.pack(order + "IIIII", number, stamp >> 32, stamp & 0xFFFFFFFF, len(data), wire) + data, order
    )
