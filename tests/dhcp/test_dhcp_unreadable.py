"""What a capture does not show whole, or shows out of time, and what is none of RFC 2131's: left alone, and said so."""

from dataclasses import replace
from ipaddress import IPv6Address
from pathlib import Path
from struct import pack

import pytest

from netoracle.dhcp.certificate import certificate
from netoracle.dhcp.check import check_frames
from netoracle.dhcp.replay import Refused, replay
from netoracle.report.dhcp_view import view
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import Frame, read_frames

DORA = Path(__file__).resolve().parents[2] / "traces" / "dhcp" / "dhcpd-dhclient-dora" / "capture.pcap"
SECOND = 1_000_000_000
DISCOVER, OFFER, REQUEST, ACK = FRAMES = list(read_frames(DORA))
IP, UDP, BOOTP = 14, 34, 42


def cut(frame: Frame, octets: int) -> Frame:
    """The frame as a snapshot length leaves it."""
    return replace(frame, data=frame.data[:octets])


def changed(frame: Frame, at: int, octets: bytes) -> Frame:
    """The frame with octets replaced, and no UDP checksum."""
    data = bytearray(frame.data)
    data[at : at + len(octets)] = octets
    data[UDP + 6 : UDP + 8] = bytes(2)
    return replace(frame, data=bytes(data))


def of_ipv6(port: int) -> Frame:
    datagram = pack("!HHHH", port - 1, port, 12, 0) + b"\x01\x12\x34\x56"
    addresses = IPv6Address("fe80::1").packed + IPv6Address("ff02::1:2").packed
    packet = pack("!IHBB", 6 << 28, len(datagram), 17, 1) + addresses + datagram
    data = bytes(12) + b"\x86\xdd" + packet
    return Frame(9, DISCOVER.time, 1, data, len(data))


@pytest.mark.parametrize("octets", [60, 250, 285, 300, len(DISCOVER.data) - 1])
@pytest.mark.parametrize("vantage", ["path", "interface", "host"])
def test_what_the_snapshot_length_cut_is_not_taken_for_what_was_sent(octets, vantage):
    report = check_frames([cut(frame, octets) for frame in FRAMES], vantage=vantage)
    assert (report.verdict, report.missed, report.parties) == (Verdict.inconclusive, 4, [])
    told = f"frame 1 is cut by the snapshot length, {octets} of {len(DISCOVER.data)} octets"
    assert any(told in note for note in report.notes)
    assert view(report).reason == "no message that could be judged"


def test_a_cut_trailer_of_the_link_takes_nothing_from_a_message():
    longer = [replace(frame, wire_length=frame.wire_length + 4) for frame in FRAMES]
    report = check_frames(longer)
    assert (report.verdict, report.missed, report.messages) == (Verdict.conforms, 0, 4)


def test_after_a_message_that_is_cut_messages_are_judged_on_their_own():
    report = check_frames([DISCOVER, OFFER, cut(REQUEST, 250), ACK])
    assert report.verdict is Verdict.inconclusive and len(report.parties) == 2
    assert all("frame 3" in reason for party in report.parties for reason in party.reasons)
    # An OFFER to nobody's question would violate, were the questions known.
    stray = changed(OFFER, BOOTP + 4, b"\1\2\3\4")
    assert check_frames([DISCOVER, stray], vantage="interface").verdict is Verdict.violates
    report = check_frames([cut(DISCOVER, 250), DISCOVER, stray], vantage="interface")
    assert report.verdict is Verdict.inconclusive
    # What is wrong in one message alone stays wrong.
    report = check_frames([cut(DISCOVER, 250), changed(DISCOVER, BOOTP + 16, b"\1\2\3\4")])
    assert [one.requirements for one in report.violations] == [(23,)]


def test_a_violation_before_a_gap_stands():
    wrong = changed(DISCOVER, BOOTP + 16, b"\1\2\3\4")
    assert check_frames([wrong, cut(OFFER, 250)]).verdict is Verdict.violates


def test_a_message_in_fragments_is_not_judged_and_said():
    first = changed(DISCOVER, IP + 6, b"\x20\x00")
    report = check_frames([first, *FRAMES])
    assert report.verdict is Verdict.inconclusive and report.missed == 1
    assert any("fragments" in note for note in report.notes)


def test_a_clock_that_is_set_back_ends_the_comparison():
    back = [replace(frame, time=frame.time - 3 * SECOND * n) for n, frame in enumerate(FRAMES)]
    report = check_frames(back)
    assert report.verdict is Verdict.inconclusive
    assert all("frame 2: its time is" in party.reasons[0] for party in report.parties)


def test_frames_that_were_recorded_in_another_order_within_a_second_are_compared():
    late = [DISCOVER, replace(OFFER, time=DISCOVER.time - SECOND // 2), REQUEST, ACK]
    assert check_frames(late).verdict is Verdict.conforms


def test_a_reason_that_parties_share_is_told_once():
    reason = view(check_frames([DISCOVER, OFFER, cut(REQUEST, 250)])).reason
    assert reason.count("frame 3") == 1 and "client" in reason and "server" in reason


@pytest.mark.parametrize("port", [546, 547])
def test_messages_of_dhcpv6_are_left_alone_and_counted(port):
    report = check_frames([*FRAMES, of_ipv6(port)])
    assert report.verdict is Verdict.conforms and report.messages == 4
    assert report.notes == ["1 messages of DHCPv6 are not judged"]
    assert check_frames([*FRAMES, of_ipv6(53)]).notes == []


def test_datagrams_too_short_for_a_message_are_counted():
    short = replace(DISCOVER, data=DISCOVER.data[:100], wire_length=100)
    short = changed(changed(short, IP + 2, pack("!H", 86)), UDP + 4, pack("!H", 66))
    report = check_frames([*FRAMES, short])
    assert report.verdict is Verdict.conforms and report.undecodable == 1
    assert any("too short for a message" in note for note in report.notes)


def test_what_is_cut_before_its_ports_is_counted():
    assert check_frames([cut(DISCOVER, 40)]).notes == [
        "1 datagrams from 0.0.0.0 that are cut before their ports are not judged"
    ]


def test_a_certificate_does_not_hold_where_a_message_is_cut():
    whole = certificate(check_frames(FRAMES))
    assert replay(whole, FRAMES) == 4
    with pytest.raises(Refused, match="frame 2: a message that is cut"):
        replay(whole, [DISCOVER, cut(OFFER, 250), REQUEST, ACK])
