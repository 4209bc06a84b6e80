"""Second sights of a frame in captures of all interfaces."""

import pytest
from packet_samples import START, frame, ipv4, ipv6, tcp

from netoracle.trace.capture.packets import Reassembler, packets

OUT, IN = 4, 0
PACKET = ipv4(tcp(b"data"), ident=5)


def cooked(kind, packet=PACKET, ethertype=0x0800):
    return bytes([0, kind]) + bytes(12) + ethertype.to_bytes(2) + packet


def cooked2(interface, kind, packet=PACKET):
    return b"\x08\0\0\0" + interface.to_bytes(4) + b"\0\1" + bytes([kind]) + bytes(9) + packet


def kept(*frames, linktype=113):
    numbered = [frame(data, number, START + time, linktype) for number, (time, data) in enumerate(frames, 1)]
    reassembler = Reassembler()
    found = [one.frame for one in packets(numbered, reassembler)]
    assert reassembler.duplicates.count == len(frames) - len(found)
    return found


def test_the_other_direction():
    assert kept((0, cooked(OUT)), (100_000, cooked(IN))) == [1]


def test_another_interface():
    assert kept((0, cooked2(1, OUT)), (9, cooked2(2, OUT)), (10, cooked2(3, OUT)), linktype=276) == [1]


def test_clocks_that_run_backwards_a_little():
    assert kept((9, cooked(OUT)), (0, cooked(IN))) == [1]


@pytest.mark.parametrize(
    "first, second",
    [
        ((0, cooked(OUT)), (100_001, cooked(IN))),
        ((0, cooked(OUT)), (1, cooked(OUT))),
        ((0, cooked(OUT)), (1, cooked(IN, ipv4(tcp(b"data"), ident=6)))),
        ((0, cooked(OUT)), (1, cooked(IN, ipv4(tcp(b"data"), ident=5, ttl=63)))),
        ((0, cooked(OUT)), (1, cooked(IN, ipv4(tcp(b"dato"), ident=5)))),
        ((0, cooked(OUT, ipv4(tcp(), ident=0))), (1, cooked(IN, ipv4(tcp(), ident=0)))),
        ((0, cooked(OUT, ipv6(tcp()), 0x86DD)), (1, cooked(IN, ipv6(tcp()), 0x86DD))),
    ],
)
def test_what_is_not_taken_for_a_second_sight(first, second):
    assert kept(first, second) == [1, 2]


def test_a_packet_duplicated_on_its_way_is_there_twice():
    assert kept((0, cooked(OUT)), (1, cooked(IN)), (2, cooked(OUT)), (3, cooked(IN))) == [1, 3]


def test_the_receiving_side_alone_sees_what_was_duplicated():
    assert kept((0, cooked(OUT)), (1, cooked(IN)), (2, cooked(IN))) == [1, 3]


def test_other_links_see_a_frame_once():
    assert kept((0, PACKET), (1, PACKET), linktype=101) == [1, 2]
