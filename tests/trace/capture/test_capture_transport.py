"""TCP segments and UDP datagrams from packets."""

import struct
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packet_samples import A6, B6, A, B, frame, internet_checksum, ipv4, ipv6, pseudo, tcp, udp

from netoracle.trace.capture.packets import packets
from netoracle.trace.capture.tcp import tcp_segment
from netoracle.trace.capture.udp import udp_datagram
from netspec.wire.segment import Options, Segment


def packet(data, captured=None):
    (found,) = packets([frame(data[:captured], wire=len(data))])
    return found


def segment(payload, **how):
    return tcp_segment(packet(ipv4(payload)), **how)[2]


def datagram(payload, **how):
    return udp_datagram(packet(ipv4(payload, 17)), **how)


OPTIONS = [
    (b"\2\4\5\xb4", Options(mss=1460)),
    (b"\3\3\xff\1", Options(ws=255)),
    (b"\1\1\4\2", Options(sack_permitted=True)),
    (b"\1\1\x08\x0a" + struct.pack("!II", 1, 0xFFFFFFFF), Options(ts=(1, 0xFFFFFFFF))),
    (b"\x08\x0a" + struct.pack("!II", 3, 4) + b"\0\0", Options(ts=(3, 4))),
    (b"\5\x12" + struct.pack("!IIII", 1, 2, 3, 4) + b"\1\0", Options(sack=((1, 2), (3, 4)))),
    (b"\xfe\4ab\x1e\2\0\0", Options(other=((254, b"ab"), (30, b"")))),
    (b"\2\4\0\1\2\4\0\2", Options(mss=2)),
    (b"\0\0\0\0", Options()),
    (
        b"\2\4\5\xb4\4\2\x08\x0a" + struct.pack("!II", 5, 0) + b"\1\3\3\7",
        Options(mss=1460, ws=7, sack_permitted=True, ts=(5, 0)),
    ),
]


@pytest.mark.parametrize("data, options", OPTIONS)
def test_options(data, options):
    found = segment(tcp(b"data", options=data))
    assert replace(found, options_length=0, summed=False) == Segment(7, 9, 0x10, 512, 4, b"data", 0, options)
    assert (found.options_length, found.summed) == (len(data), True)


def test_every_field():
    sport, dport, found = tcp_segment(packet(ipv4(tcp(b"data", 1, 65535, 0xFFFFFFFF, 2, 0xC2, 3, 4))))
    assert (sport, dport) == (1, 65535)
    assert found == Segment(seq=0xFFFFFFFF, ack=2, flags=0xC2, win=3, length=4, data=b"data", urp=4, summed=True)


@pytest.mark.parametrize(
    "payload, fault",
    [
        (tcp(checksum=0x1234), "checksum"),
        (tcp(checksum=0x1234, offset=1), "checksum"),
        (tcp(offset=4), "data offset below 5"),
        (tcp(b"data", offset=7), "data offset beyond the segment"),
        (tcp(flags=3), "SYN with FIN"),
        (tcp(flags=6), "SYN with RST"),
        (tcp(flags=0), "no flags"),
        (tcp(sport=0), "port 0"),
        (tcp(dport=0), "port 0"),
        (tcp(options=b"\1\1\1\2"), "option 2 without a length"),
        (tcp(options=b"\2\3\1\2"), "option 2 of length 3"),
        (tcp(options=b"\2\4\5\xb4\x1e\1\0\0"), "option 30 of length 1"),
        (tcp(options=b"\2\0\1\2"), "option 2 of length 0"),
        (tcp(options=b"\5\x0b" + bytes(10)), "option 5 of length 11"),
        (tcp(options=b"\5\2\0\0"), "option 5 of length 2"),
        (tcp(b"more than enough", options=b"\1\1\x08\x0a"), "option 8 beyond the header"),
        (tcp(b"more", options=b"\1\1\1\x08\x0a" + bytes(7)), "option 8 beyond the header"),
        (tcp(options=b"\1\0\1\0"), "padding that is not zero"),
        (tcp(b"more", options=b"\0\2\4\5"), "padding that is not zero"),
        (tcp()[:19], "shorter than a TCP header"),
        (b"", "shorter than a TCP header"),
    ],
)
def test_faults(payload, fault):
    assert segment(payload).fault == fault


def test_what_stands_before_a_bad_option_is_read():
    found = segment(tcp(b"data", options=b"\2\4\5\xb4\x1e\1\0\0"))
    assert (found.options, found.data, found.length) == (Options(mss=1460), b"data", 4)


@pytest.mark.parametrize("flags", [0x02, 0x12, 0x04, 0x14, 0x11, 0x19, 0x18, 0xC2, 0x01, 0x08, 0x20])
def test_flags_that_are_no_fault(flags):
    assert segment(tcp(flags=flags)).fault is None


ADDRESSES = st.sampled_from([(A, B, ipv4), (A6, B6, ipv6)])


@given(ADDRESSES, st.binary(max_size=70), st.integers(0, 0xFFFF))
def test_the_checksum(addresses, data, checksum):
    src, dst, ip = addresses
    right = int.from_bytes(tcp(data, src=src, dst=dst)[16:18])
    partial = ~internet_checksum(pseudo(src, dst, 6, 20 + len(data))) & 0xFFFF
    for field in (checksum, right, partial):
        counts = Counter()
        found = tcp_segment(packet(ip(tcp(data, checksum=field))), counts)[2]
        kind = "right" if field % 0xFFFF == right % 0xFFFF else "offloaded" if field == partial else "wrong"
        assert dict(counts) == {kind: 1}
        assert found.fault == ("checksum" if kind == "wrong" else None)


@given(ADDRESSES, st.binary(min_size=1, max_size=70), st.integers(0, 0xFFFF))
def test_the_checksum_of_udp(addresses, data, checksum):
    src, dst, ip = addresses
    right = int.from_bytes(udp(data, src=src, dst=dst)[6:8])
    partial = ~internet_checksum(pseudo(src, dst, 17, 8 + len(data))) & 0xFFFF
    for field in (checksum or 1, right, partial):
        counts = Counter()
        fault = udp_datagram(packet(ip(udp(data, checksum=field), 17)), counts)[4]
        kind = "right" if field % 0xFFFF == right % 0xFFFF else "offloaded" if field == partial else "wrong"
        assert dict(counts) == {kind: 1}
        assert fault == ("checksum" if kind == "wrong" else None)


def test_a_cut_is_no_fault():
    counts = Counter()
    found = tcp_segment(packet(ipv4(tcp(b"0123456789", checksum=1)), 43), counts)[2]
    assert (found.data, found.length, found.fault, dict(counts)) == (b"012", 10, None, {"unknown": 1})
    assert tcp_segment(packet(ipv4(tcp(b"data", offset=15)), 40))[2].fault == "data offset beyond the segment"
    assert udp_datagram(packet(ipv4(udp(b"0123456789", checksum=1), 17), 31))[2:] == (10, b"012", None)


@pytest.mark.parametrize(
    "payload, rest",
    [
        (udp(b"abc"), (3, b"abc", None)),
        (udp(b"abc", checksum=0), (3, b"abc", None)),
        (udp(b"abc", length=10, checksum=0), (2, b"ab", None)),
        (udp(b"abc", checksum=1), (3, b"abc", "checksum")),
        (udp(b"abc", length=7), (3, b"abc", "length below 8")),
        (udp(b"abc", length=12), (3, b"abc", "length beyond the packet")),
        (udp(b"abc", dport=0), (3, b"abc", "port 0")),
        (udp()[:7], (0, b"", "shorter than a UDP header")),
    ],
)
def test_datagrams(payload, rest):
    assert datagram(payload)[2:] == rest


def test_the_source_port_of_a_datagram_may_be_0():
    assert datagram(udp(sport=0))[:2] == (0, 53) and datagram(udp(sport=0))[4] is None


def test_a_datagram_over_ipv6_has_a_checksum():
    counts = Counter()
    assert udp_datagram(packet(ipv6(udp(checksum=0), 17)), counts)[4] == "no checksum"
    assert dict(counts) == {"none": 1}


def test_headers_that_were_not_captured_are_the_callers_mistake():
    with pytest.raises(ValueError, match="not captured"):
        tcp_segment(replace(packet(ipv4(tcp())), payload=b"short"))
    with pytest.raises(ValueError, match="not captured"):
        udp_datagram(replace(packet(ipv4(udp(), 17)), payload=b"short"))
