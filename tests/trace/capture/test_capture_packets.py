"""IP packets from frames: link layers, headers, fragments."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packet_samples import A6, B6, MAC_A, MAC_B, START, A, B, ethernet, frame, ipv4, ipv6, tcp, udp

from netoracle.trace.capture import fragments
from netoracle.trace.capture.packets import Reassembler, packets

SECOND = 10**9


def read(*frames):
    reassembler = Reassembler()
    return list(packets(frames, reassembler)), reassembler


def one(data, linktype=101, wire=None):
    (packet,), reassembler = read(frame(data, linktype=linktype, wire=wire))
    assert not reassembler.others and not reassembler.unusable
    return packet


def unusable(data, linktype=101, wire=None):
    found, reassembler = read(frame(data, linktype=linktype, wire=wire))
    assert not found and not reassembler.others
    ((reason, count),) = reassembler.unusable.items()
    assert count == 1
    return reason


def test_every_field():
    packet = one(ethernet(ipv4(b"payload", 99, ttl=7), tags=[(0x88A8, 0xF005), (0x8100, 6)]), 1)
    assert (packet.frame, packet.time, packet.src, packet.dst, packet.protocol) == (1, START, A, B, 99)
    assert (packet.payload, packet.length, packet.ttl, packet.checksum_ok) == (b"payload", 7, 7, True)
    assert (packet.ethernet, packet.vlan, packet.reassembled_from) == ((MAC_A, MAC_B), (5, 6), ())


@pytest.mark.parametrize("tags", [(), [(0x8100, 6)]])
def test_the_padding_of_a_frame_is_no_payload(tags):
    assert one(ethernet(ipv4(b"payload", 99), tags=tags) + bytes(20), 1).payload == b"payload"


@pytest.mark.parametrize(
    "linktype, header",
    [
        *((linktype, b"") for linktype in (12, 14, 101)),
        (0, b"\2\0\0\0"),
        (0, b"\0\0\0\2"),
        (108, b"\0\0\0\2"),
        (113, bytes(14) + b"\x08\0"),
        (113, bytes(14) + b"\x81\0\0\6\x08\0"),
        (276, b"\x08\0" + bytes(18)),
        (228, b""),
    ],
)
def test_links_of_ipv4(linktype, header):
    packet = one(header + ipv4(b"payload", 99), linktype)
    tagged = header[14:16] == b"\x81\0"
    assert (packet.payload, packet.ethernet, packet.vlan) == (b"payload", None, (6,) if tagged else ())


@pytest.mark.parametrize(
    "linktype, header",
    [
        *((linktype, b"") for linktype in (12, 14, 101, 229)),
        *((0, struct.pack(order + "I", family)) for family in (10, 24, 28, 30) for order in "<>"),
        (1, bytes(12) + b"\x86\xdd"),
        (113, bytes(14) + b"\x86\xdd"),
        (276, b"\x86\xdd" + bytes(18)),
    ],
)
def test_links_of_ipv6(linktype, header):
    packet = one(header + ipv6(b"payload", 99), linktype)
    assert (packet.src, packet.dst, packet.protocol, packet.payload) == (A6, B6, 99, b"payload")
    assert packet.checksum_ok


@pytest.mark.parametrize(
    "data, linktype, what",
    [
        (ethernet(bytes(28), 0x0806), 1, "ARP"),
        (ethernet(bytes(28), 0x9999), 1, "EtherType 0x9999"),
        (ethernet(bytes(40), 40), 1, "no EtherType"),
        (ethernet(b"", 0x8100, [(0x8100, 1)] * 8), 1, "EtherType 0x8100"),
        (b"\x50" + bytes(30), 101, "no EtherType"),
        (bytes(30), 0, "no EtherType"),
        (bytes(30), 147, "link type 147"),
    ],
)
def test_what_is_no_ip_is_counted(data, linktype, what):
    found, reassembler = read(frame(data, linktype=linktype))
    assert not found and dict(reassembler.others) == {what: 1} and not reassembler.unusable


def test_options_of_ipv4():
    packet = one(ipv4(b"payload", 99, options=b"\1\1\1\0"))
    assert packet.payload == b"payload" and packet.checksum_ok


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=40).map(lambda b: b[: len(b) // 4 * 4]))
def test_the_checksum_of_the_ipv4_header(ident, checksum, options):
    right = ipv4(b"", 99, ident=ident, options=options)
    assert one(right).checksum_ok
    assert one(ipv4(b"", 99, ident=ident, options=options, checksum=checksum)).checksum_ok == (
        checksum % 0xFFFF == int.from_bytes(right[10:12]) % 0xFFFF
    )


def test_what_the_snapshot_length_cut_is_not_there_and_known_to_be():
    packet = one(ipv4(b"payload" * 9, 99)[:27], wire=83)
    assert (packet.payload, packet.length) == (b"payload", 63)


@pytest.mark.parametrize(
    "data, reason",
    [
        (ipv4(b"")[:19], "IPv4: shorter than a header"),
        (ipv4(b"", total=21), "IPv4: longer than its frame"),
        (ipv4(b"a", total=19), "IPv4: a header length that cannot be"),
        (ipv4(b"a", total=0), "IPv4: a header length that cannot be"),
        (b"\x44" + ipv4(b"a")[1:], "IPv4: a header length that cannot be"),
        (ipv6(b"")[:39], "IPv6: shorter than a header"),
        (ipv6(b"", length=1), "IPv6: longer than its frame"),
        (ipv6(b"\6" + bytes(6), 60), "IPv6: an extension header beyond the packet"),
        (ipv6(b"\6\1" + bytes(6), 60), "IPv6: an extension header beyond the packet"),
        (ipv6((b"\x3c\0" + bytes(6)) * 65, 60), "IPv6: more than 64 extension headers"),
        (
            ipv6(b"\6\0\0\1" + bytes(4) + tcp(), 43),
            "IPv6: on its way to another address than its destination (routing header)",
        ),
    ],
)
def test_headers_that_cannot_be(data, reason):
    assert unusable(data) == reason


def test_versions_that_contradict_the_link():
    assert unusable(ipv6(b""), 228) == "IPv4: version 6"
    assert unusable(ipv4(bytes(40)), 229) == "IPv6: version 4"
    assert unusable(b"\2\0", 0, 2) == "shorter than a link layer's header"


CUT = "cut by the snapshot length before the end of its headers"


@pytest.mark.parametrize(
    "data, captured, linktype",
    [
        (ethernet(ipv4(tcp())), 13, 1),
        (ethernet(ipv4(tcp())), 33, 1),
        (ipv4(tcp(), options=bytes(8)), 27, 101),
        (ipv4(tcp()), 39, 101),
        (ipv4(tcp(options=bytes(8), data=b"data")), 47, 101),
        (ipv4(udp(b"data"), 17), 27, 101),
        (ipv6(tcp()), 39, 101),
        (ipv6(b"\6\0" + bytes(6) + tcp(), 60), 44, 101),
    ],
)
def test_headers_that_were_cut(data, captured, linktype):
    assert unusable(data[:captured], linktype, len(data)) == CUT


@pytest.mark.parametrize("packet", [ipv4(bytes(4000), 99, total=0), ipv6(bytes(4000), 99, length=0)])
def test_a_length_of_0_in_a_long_frame_is_left_to_the_card(packet):
    assert one(packet).length == 4000


@pytest.mark.parametrize(
    "data, captured", [(ipv4(tcp()), 40), (ipv4(tcp(b"data", options=bytes(8))), 48), (ipv4(udp(b"data"), 17), 28)]
)
def test_headers_that_were_just_not_cut(data, captured):
    assert len(one(data[:captured], wire=len(data) + 1).payload) == captured - 20


def test_extension_headers_of_ipv6():
    hop, destination, authentication = b"\x3c\0" + bytes(6), b"\x33\1" + bytes(14), b"\x2c\2" + bytes(14)
    atomic = b"\6\0\0\0\0\0\0\1"
    packet = one(ipv6(hop + destination + authentication + atomic + tcp(), 0))
    assert (packet.protocol, packet.payload, packet.reassembled_from) == (6, tcp(), ())
    packet = one(ipv6(b"\x3b\0" + bytes(6), 60))
    assert (packet.protocol, packet.payload) == (59, b"")


PAYLOAD = bytes(range(256)) * 2


def parts4(cuts, payload=PAYLOAD, **fields):
    edges = [0, *cuts, len(payload)]
    return [
        ipv4(payload[a:b], 99, flags=a // 8 | (0x2000 if b < len(payload) else 0), **fields) for a, b in pairwise(edges)
    ]


def parts6(cuts, payload=PAYLOAD, kind=99):
    edges = [0, *cuts, len(payload)]
    return [
        ipv6(struct.pack("!BBHI", kind, 0, a | (b < len(payload)), 77) + payload[a:b], 44) for a, b in pairwise(edges)
    ]


def in_frames(data, step=0):
    return [frame(one, number, START + number * step) for number, one in enumerate(data, 1)]


@given(
    st.sets(st.integers(1, 63).map(lambda n: n * 8), min_size=1, max_size=5).map(sorted),
    st.randoms(use_true_random=False),
    st.sampled_from([parts4, parts6]),
)
def test_fragments_in_any_order(cuts, random, parts):
    data = parts(cuts)
    data += random.sample(data[1:], 1)
    random.shuffle(data)
    found, reassembler = read(*in_frames(data))
    packet = found[0]
    assert (packet.payload, packet.length, packet.protocol, len(found)) == (PAYLOAD, 512, 99, 1)
    assert packet.frame == packet.reassembled_from[-1] and packet.reassembled_from[0] == 1
    left = sum(reassembler.unusable.values())
    assert len(packet.reassembled_from) + left == len(data)


def test_fragments_of_several_packets():
    a, b = parts4([256], ident=1, ttl=9), parts4([256], ident=2)
    found, reassembler = read(*in_frames([a[1], b[0], a[0], b[1]]))
    assert [(p.frame, p.reassembled_from, p.ttl) for p in found] == [(3, (1, 3), 9), (4, (2, 4), 64)]
    assert not reassembler.unusable


def test_extension_headers_behind_a_fragment_header():
    found, _ = read(*in_frames(parts6([8], b"\6\0" + bytes(6) + tcp(), kind=60)))
    assert [(p.protocol, p.payload, p.length) for p in found] == [(6, tcp(), 20)]


def test_a_fragment_that_was_cut_leaves_the_front():
    first, second = parts4([256])
    for cut, length in ((0, 100), (1, 356)):
        frames = in_frames([first, second])
        frames[cut] = frame((first, second)[cut][:120], cut + 1, wire=276)
        (packet,), _ = read(*frames)
        assert (packet.payload, packet.length) == (PAYLOAD[:length], 512)


def given_up(*frames):
    found, reassembler = read(*frames)
    assert not found
    return dict(reassembler.unusable)


def test_fragments_that_overlap_or_disagree():
    (first, last), other = parts4([256]), parts4([248])[1]
    overlap = {"fragments that overlap": 2, "fragments of a packet that was given up": 1}
    assert given_up(*in_frames([first, other, last])) == overlap
    assert given_up(*in_frames([other, first])) == {"fragments that overlap": 2}
    changed = ipv4(bytes(256), 99, flags=0x2000)
    assert given_up(*in_frames([first, changed])) == {"fragments that overlap": 2}
    longer = ipv4(bytes(264), 99, flags=32)
    assert given_up(*in_frames([last, longer])) == {"fragments that disagree about the end": 2}
    beyond = ipv4(bytes(8), 99, flags=0x2000 | 100)
    assert given_up(*in_frames([beyond, last])) == {"fragments that disagree about the end": 2}
    assert given_up(*in_frames([last, beyond])) == {"fragments that disagree about the end": 2}


@pytest.mark.parametrize(
    "data", [ipv4(b"seven..", 99, flags=0x2000), ipv4(b"", 99, flags=3), ipv4(b"a" * 9, 99, flags=0x1FFF)]
)
def test_fragments_that_cannot_be(data):
    assert unusable(data) == "a fragment of a length that cannot be"


def test_a_fragment_with_a_wrong_header_checksum_is_left_out():
    assert unusable(ipv4(bytes(8), 99, flags=0x2000, checksum=1)) == "a fragment with a wrong header checksum"


def test_fragments_have_a_minute():
    first, last = parts4([256])
    found, _ = read(frame(first, 1, START), frame(last, 2, START + 60 * SECOND))
    assert len(found) == 1
    late = [frame(first, 1, START), frame(last, 2, START + 60 * SECOND + 1)]
    assert given_up(*late) == {"fragments of packets that were never complete": 2}


def test_the_table_of_fragments_is_bounded(monkeypatch):
    reassembler = Reassembler()
    for number in range(3000):
        reassembler.add(frame(parts4([256], ident=number)[0], number))
    assert sum(reassembler.unusable.values()) == 3000 - fragments.MAX_PACKETS
    monkeypatch.setattr(fragments, "MAX_HELD", 1024)
    reassembler = Reassembler()
    for number in range(100):
        reassembler.add(frame(parts4([256], ident=number)[0], number))
    assert sum(reassembler.unusable.values()) == 95
    assert len(list(packets([], reassembler))) == 0 and sum(reassembler.unusable.values()) == 100
