"""Bytes that nobody meant to be a capture: an error, or what can be read, never anything else."""

import gzip

from hypothesis import given, settings
from hypothesis import strategies as st
from packet_samples import (
    START,
    enhanced,
    ethernet,
    frame,
    interface,
    ipv4,
    ipv6,
    option,
    pcap,
    section,
    tcp,
    udp,
)

from netoracle.trace import TraceError
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.links import is_known
from netoracle.trace.capture.packets import packets
from netoracle.trace.capture.tcp import tcp_segment
from netoracle.trace.capture.udp import udp_datagram

PACKETS = [
    ipv4(tcp(b"data" * 5, options=b"\2\4\5\xb4\4\2\x08\x0a" + bytes(8) + b"\1\3\3\7")),
    ipv4(udp(b"data"), 17, options=bytes(4)),
    ipv4(tcp(b"data"), flags=0x2000),
    ipv6(b"\x2c\0" + bytes(6) + b"\6\0\0\1\0\0\0\1" + tcp(b"data"), 0),
    ipv6(udp(b"data"), 17),
]
LINKS = [number for number in range(300) if is_known(number)]
HEADERS = {0: b"\2\0\0\0", 108: b"\0\0\0\2", 113: bytes(14) + b"\x08\0", 276: b"\x08\0" + bytes(18)}


def in_link(linktype, packet):
    if linktype == 1:
        return ethernet(packet, 0x0800 if packet[0] >> 4 == 4 else 0x86DD, [(0x8100, 1)])
    return HEADERS.get(linktype, b"") + packet


def use(frames):
    for packet in packets(frames):
        assert len(packet.payload) <= packet.length
        if packet.protocol == 6:
            segment = tcp_segment(packet)[2]
            assert len(segment.data) <= segment.length
        elif packet.protocol == 17:
            _, _, length, data, _ = udp_datagram(packet)
            assert len(data) <= length


@st.composite
def damaged(draw, whole):
    """A text with some bytes changed, and cut or followed by something."""
    data = bytearray(draw(whole))
    for place, value in draw(
        st.lists(st.tuples(st.integers(0, max(0, len(data) - 1)), st.integers(0, 255)), max_size=6)
    ):
        data[place : place + 1] = bytes([value])
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


FRAMES = st.sampled_from(LINKS).flatmap(
    lambda link: st.tuples(
        st.just(link),
        damaged(st.sampled_from(PACKETS).map(lambda packet: in_link(link, packet))),
        st.integers(0, 40),
    )
)


@settings(max_examples=500)
@given(st.lists(FRAMES, max_size=6))
def test_damaged_packets(found):
    use(frame(data, n, START + n, link, len(data) + more) for n, (link, data, more) in enumerate(found, 1))


@settings(max_examples=300)
@given(st.sampled_from(LINKS), st.binary(max_size=100), st.integers(0, 40))
def test_bytes_that_are_no_packet(linktype, data, more):
    use([frame(data, linktype=linktype, wire=len(data) + more)])


RECORDS = [
    (START + n, ethernet(packet, 0x0800 if packet[0] >> 4 == 4 else 0x86DD), 90) for n, packet in enumerate(PACKETS)
]
FILES = [
    pcap([(time, data, max(wire, len(data))) for time, data, wire in RECORDS]),
    section()
    + interface(options=option(9, b"\x09") + option(14, bytes(8)) + option(0, b""))
    + b"".join(enhanced(time, data) for time, data, _ in RECORDS),
]
FILES += [gzip.compress(data) for data in FILES]


@settings(max_examples=500)
@given(damaged(st.sampled_from(FILES) | st.binary(max_size=200)))
def test_damaged_files(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "hostile"
    path.write_bytes(data)
    try:
        use(read_frames(path))
    except TraceError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
