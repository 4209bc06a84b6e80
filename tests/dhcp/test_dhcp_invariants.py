"""Use of addresses and leases in whole captures: for each requirement what meets it, and what does not."""

from dataclasses import replace
from pathlib import Path

import pytest

from netoracle.dhcp.check import check_frames
from netoracle.trace.capture.frames import read_frames

TRACES = Path(__file__).resolve().parents[2] / "traces" / "dhcp"
DORA = list(read_frames(TRACES / "dhcpd-dhclient-dora" / "capture.pcap"))
ETHERNET, IP, UDP = 14, 34, 42
SECOND = 1_000_000_000


def dhcp(frame):
    """Where option 53 of a DHCP frame says what it is."""
    return frame.data[UDP + 242] if len(frame.data) > UDP + 242 else None


def first(kind):
    return next(frame for frame in DORA if dhcp(frame) == kind)


def use(ack, at, address=None):
    """An ARP request of the client from its leased address, `at` seconds after the ACK."""
    mac, source = ack.data[UDP + 28 : UDP + 34], address or ack.data[UDP + 16 : UDP + 20]
    data = b"\xff" * 6 + mac + bytes.fromhex("08060001080006040001") + mac + source + bytes(6) + bytes((10, 77, 0, 9))
    return replace(ack, data=data, wire_length=len(data), time=ack.time + int(at * SECOND))


def announced(ack, at):
    """An ARP announcement of that address."""
    frame = use(ack, at)
    return replace(frame, data=frame.data[:-4] + ack.data[UDP + 16 : UDP + 20])


def changed(frame, at, **places):
    """A frame with octets of the DHCP message changed, later, without UDP checksum."""
    data = bytearray(frame.data)
    for where, octets in places.items():
        place = UDP + int(where[1:])
        data[place : place + len(octets)] = octets
    data[40:42] = b"\0\0"
    return replace(frame, data=bytes(data), time=frame.time + int(at * SECOND))


def with_option(frame, code, value):
    """A frame with the value of an option changed."""
    data = bytearray(frame.data)
    place = data.index(code, UDP + 240) + 2
    data[place : place + len(value)] = value
    data[40:42] = b"\0\0"
    return replace(frame, data=bytes(data))


def broken(frames, vantage="host", profile="rfc2131"):
    numbered = [replace(frame, number=n) for n, frame in enumerate(frames, 1)]
    report = check_frames(numbered, profile, vantage=vantage)
    return {number for violation in report.violations for number in violation.requirements}


DISCOVER, OFFER, REQUEST, ACK = (first(kind) for kind in (1, 2, 3, 5))
LEASE = int.from_bytes(ACK.data[ACK.data.index(b"\x33\x04") + 2 :][:4])
WHOLE = [DISCOVER, OFFER, REQUEST, ACK]
TYPE = {"o242": b"\x06", "o16": bytes(4)}
OTHER = bytes((10, 77, 0, 250))

# Another start, offered, asked for and given another address.
MOVED = [
    changed(DISCOVER, 3, o4=b"move"),
    changed(OFFER, 3, o4=b"move", o16=OTHER),
    with_option(changed(REQUEST, 3, o4=b"move"), b"\x32\x04", OTHER),
    changed(ACK, 3, o4=b"move", o16=OTHER),
]
REFUSED = [changed(REQUEST, 2, o4=b"nono"), changed(ACK, 2, **TYPE, o4=b"nono")]
# The same address for another client, which sends no identifier.
ELSEWHERE = [changed(frame, 5, o28=b"\2\0\0\0\0\7", o4=b"more") for frame in (DISCOVER, OFFER, REQUEST, ACK)]
CASES = [
    (61, [*WHOLE, use(ACK, LEASE - 1)], [*WHOLE, use(ACK, LEASE * 1.01 + 9)]),
    (62, [*WHOLE, use(ACK, 1)], [*WHOLE, *REFUSED, use(ACK, 5)]),
    (63, [*WHOLE, use(ACK, 1)], [*WHOLE, *MOVED, use(ACK, 5)]),
    (66, [*WHOLE, use(ACK, 1)], [DISCOVER, OFFER, use(OFFER, 1)]),
    (93, WHOLE, [*WHOLE, *ELSEWHERE]),
]


@pytest.mark.parametrize("number, meets, breaks", CASES, ids=[str(case[0]) for case in CASES])
def test_the_use_of_an_address_meets_or_breaks_the_requirement(number, meets, breaks):
    assert number not in broken(meets)
    assert number in broken(breaks)


def test_a_bound_client_discards_a_refusal_and_another_address():
    assert 62 not in broken([*WHOLE, changed(ACK, 2, **TYPE), use(ACK, 5)])
    assert 63 not in broken([*WHOLE, changed(ACK, 2, o16=OTHER), use(ACK, 5)])


def test_a_refusal_that_does_not_say_whose_it_is_may_be_discarded():
    named = [*WHOLE, *REFUSED, use(ACK, 5)]
    place = ACK.data.index(b"\x36\x04", UDP + 240)
    nobodys = changed(REFUSED[1], 0, **{f"o{place - UDP}": bytes(6)})
    assert 62 in broken(named)
    assert 62 not in broken([*WHOLE, REFUSED[0], nobodys, use(ACK, 5)])


def test_who_may_have_found_no_server_may_use_a_lease_of_before():
    assert 66 in broken([DISCOVER, OFFER, announced(OFFER, 1)], "path")
    assert 66 not in broken([DISCOVER, OFFER, announced(OFFER, 9)], "path")
    assert 66 in broken([DISCOVER, OFFER, use(OFFER, 9)], "host")


@pytest.mark.parametrize("vantage", ["path", "interface", "host"])
def test_what_is_sent_when_a_client_begins_anew_may_come_of_a_lease_that_has_just_ended(vantage):
    soon, later = use(OFFER, 0.5), use(OFFER, 2)
    assert 66 not in broken([DISCOVER, OFFER, soon], vantage)
    assert (66 in broken([DISCOVER, OFFER, later], vantage)) == (vantage != "path")
    assert 66 in broken([DISCOVER, OFFER, announced(OFFER, 0.5)], vantage)


@pytest.mark.parametrize("vantage", ["path", "host"])
def test_an_offer_that_comes_late_is_not_that_of_a_client_without_a_lease(vantage):
    """It has taken the offer before the capture began, or says itself that it has the address."""
    assert 66 not in broken([OFFER, announced(OFFER, 1)], vantage)
    renews = changed(REQUEST, 0, o12=OFFER.data[UDP + 16 : UDP + 20])
    assert 66 not in broken([renews, DISCOVER, OFFER, announced(OFFER, 1)], vantage)


def test_who_gives_an_address_up_had_it_and_may_be_late_to_stop():
    release = changed(REQUEST, 0, o12=ACK.data[UDP + 16 : UDP + 20], o242=b"\x07")
    assert not {61, 66} & broken([use(ACK, 0), release, use(ACK, 0.5)])
    assert 61 in broken([use(ACK, 0), release, use(ACK, 5)])


@pytest.mark.parametrize("number, meets, breaks", CASES[1:3], ids=["62", "63"])
def test_where_a_reply_may_be_lost_going_on_proves_nothing(number, meets, breaks):
    assert number not in broken(breaks, "path")


def test_a_waived_use_is_no_violation():
    frames = [*WHOLE, use(ACK, LEASE * 1.01 + 9)]
    assert 61 in broken(frames)
    assert 61 not in broken(frames, profile="charrua-3.2.0")


@pytest.mark.parametrize("more, wrong", [(0, False), (-4, False), (4, True)])
def test_a_datagram_is_no_longer_than_its_packet_and_may_be_shorter(more, wrong):
    """RFC 768 does not say that nothing follows a datagram in its IP packet."""
    data = bytearray(DISCOVER.data)
    length = int.from_bytes(data[IP + 4 : IP + 6]) + more
    data[IP + 4 : IP + 8] = length.to_bytes(2) + bytes(2)
    assert (17 in broken([replace(DISCOVER, data=bytes(data))])) == wrong


def test_fragments_are_not_judged():
    """No frame of a datagram in fragments has the whole message, and no RFC forbids them."""
    data = bytearray(DISCOVER.data)
    data[ETHERNET + 6] |= 0x20
    data[ETHERNET + 10 : ETHERNET + 12] = bytes(2)
    words = [int.from_bytes(data[at : at + 2]) for at in range(ETHERNET, IP, 2)]
    total = sum(words)
    data[ETHERNET + 10 : ETHERNET + 12] = (~((total & 0xFFFF) + (total >> 16)) & 0xFFFF).to_bytes(2)
    report = check_frames([replace(DISCOVER, data=bytes(data))])
    assert (report.parties, report.messages) == ([], 0)
    assert check_frames([DISCOVER]).messages == 1
