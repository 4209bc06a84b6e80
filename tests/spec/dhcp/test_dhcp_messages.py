"""Each requirement on one message: a message that meets it, and one that does not."""

from dataclasses import replace

import pytest
from dhcp_support import ADDRESS, ADDRESSES, ELSE, ID, MAC, OTHER, OTHER_MAC, RELAY, SERVER, renewal, see

from netspec.dhcp.labels import Envelope, sight
from netspec.dhcp.message.codec import encode, read
from netspec.dhcp.message.types import Kind
from netspec.dhcp.messages import findings, relay_findings
from netspec.dhcp.profiles import PROFILES

D, OF, R, A, N = Kind.discover, Kind.offer, Kind.request, Kind.ack, Kind.nak
REBOOT = {54: None}
RELAYED = {"giaddr": RELAY, "destination": RELAY, "destination_port": 67}
ON_6767 = RELAYED | {"destination_port": 6767}
OTHER_PORT = {82: b"\1\1a\x13\0"}

# (requirement, one that meets it, one that does not, whether that is certain)
CASES = [
    (1, see(D), see(D, cookie=b"\x63\x82\x53\x64"), True),
    (1, see(D), see(None, cookie=b"CMU\0", whole_tail=b"\x05of a vendor"), False),
    (2, see(D), see(D, {53: b"\x13"}), True),
    (2, see(A), see(R, op=2, source_port=67, destination_port=68), True),
    (2, see(D), see(OF, op=1, source_port=68, destination_port=67), True),
    (3, see(D), see(D, tail=b"\0"), True),
    (3, see(D), see(D, whole_tail=b"\x0c\x09abc"), True),
    (3, see(D), see(D, tail=b"\xff\x01"), False),
    (3, see(None), see(None, {12: b"host"}, tail=b"\0"), False),
    (4, see(D, {51: bytes(4)}), see(D, {51: bytes(3)}), True),
    (4, see(A, {3: bytes(8)}), see(A, {3: bytes(7)}), True),
    (4, see(A, {120: b"\0\1a\0"}), see(A, {120: b"\0\0"}), True),
    (4, see(D, {77: b"\1a"}), see(D, {77: b"a"}), True),
    (4, see(A, {92: bytes(4)}), see(A, {92: bytes(5)}), True),
    (4, see(D, {77: b"\1a\2bc"}), see(D, {77: b"class"}), False),
    (5, see(D, {57: b"\x02\x40"}), see(D, {57: b"\x02\x3f"}), True),
    (5, see(A, {19: b"\1"}), see(A, {19: b"\2"}), True),
    (5, see(A, {28: b"\x0a\0\0\xff"}), see(A, {28: b"\x0a\0\0\xfe"}), True),
    (6, see(D, {12: b"host"}), see(D, {12: b"host\0"}), False),
    (8, see(D, flags=0x8000), see(D, flags=0x8001), True),
    (13, see(D), see(D, whole_tail=b"\xff"), False),
    (14, see(D), see(D, op=2), True),
    (14, see(D), see(D, hlen=7), True),
    (14, see(D), see(D, hops=1), True),
    (15, see(D), see(D, destination_port=68), True),
    (15, see(A), see(A, source_port=1067), False),
    (15, see(A), see(A, destination_port=67), True),
    (15, see(OF, **RELAYED), see(OF, **RELAYED | {"destination_port": 68}), True),
    (15, see(OF, OTHER_PORT, **ON_6767), see(OF, {82: b"\1\1a"}, **ON_6767), True),
    (15, see(OF, OTHER_PORT, **ON_6767), see(OF, **ON_6767), False),
    (16, see(R), see(R, source=ADDRESS), True),
    (16, see(Kind.decline), see(Kind.decline, source=ADDRESS), False),
    (16, see(R, {54: None}), see(R, {54: None}, source=OTHER), True),
    (16, see(R, {54: None}), see(R, {54: None}, source=ADDRESS), False),
    (17, see(D), see(D, faulty="wrong UDP checksum"), True),
    (19, see(D), see(D, ciaddr=ADDRESS), True),
    (19, see(D), see(D, source=ADDRESS), True),
    (19, see(D), see(D, source=ADDRESS, destination=SERVER), False),
    (20, see(D), see(D, source_mac=OTHER_MAC), False),
    (21, see(D), see(D, {54: ADDRESSES[SERVER]}), True),
    (22, see(D), see(D, {56: b"hello"}), False),
    (22, see(Kind.inform), see(Kind.inform, {56: b"hello"}), False),
    (23, see(D), see(D, siaddr=SERVER), True),
    (25, see(D), see(D, {57: None}), False),
    (33, see(R), see(R, {50: None}), True),
    (34, see(R), see(R, ciaddr=ADDRESS, destination=0xFFFFFFFF, source=0), True),
    (36, see(R), see(R, siaddr=SERVER), True),
    (44, see(R, REBOOT), see(R, REBOOT | {50: None}), True),
    (45, see(R, REBOOT), see(R, REBOOT, ciaddr=ADDRESS, source=0), True),
    (46, see(R, REBOOT), see(R, REBOOT, destination=SERVER), False),
    (50, renewal(), renewal(options={54: ADDRESSES[SERVER]}), True),
    (51, renewal(), renewal(options={50: ADDRESSES[ADDRESS]}), True),
    (54, see(Kind.release), see(Kind.release, destination=ELSE), True),
    (56, renewal(), renewal(flags=0x8000), False),
    (71, see(Kind.decline), see(Kind.decline, {50: None}), True),
    (71, see(Kind.decline), see(Kind.decline, {55: b"\1"}), True),
    (71, see(Kind.decline, {56: b"in use"}), see(Kind.decline, {12: b"host"}), True),
    (71, see(Kind.decline), see(Kind.decline, {118: bytes(4)}), False),
    (71, see(Kind.decline), see(Kind.decline, destination=SERVER), True),
    (71, see(Kind.decline), see(Kind.decline, destination=ADDRESS | 0xFF), False),
    (71, see(Kind.decline), see(Kind.decline, secs=1), False),
    (72, see(Kind.release), see(Kind.release, {54: None}), True),
    (72, see(Kind.release), see(Kind.release, destination=0xFFFFFFFF), True),
    (72, see(Kind.release), see(Kind.release, {60: b"class"}), True),
    (72, see(Kind.release), see(Kind.release, secs=1), False),
    (72, see(Kind.release), see(Kind.release, destination=0), True),
    (73, see(Kind.inform), see(Kind.inform, {50: ADDRESSES[ADDRESS]}), True),
    (73, see(Kind.inform), see(Kind.inform, destination=0), True),
    (75, see(OF), see(OF, secs=3), False),
    (76, see(OF), see(OF, {54: None}), True),
    (76, see(OF, {54: bytes(3)}), see(OF, {54: None}), True),
    (77, see(OF), see(OF, {51: None}), True),
    (77, see(OF), see(OF, {51: None, 116: b"\0"}, yiaddr=0), False),
    (78, see(OF), see(OF, {55: b"\1"}), True),
    (79, see(N), see(N, {51: bytes(4)}), True),
    (79, see(N, {61: ID}), see(N, {90: bytes(11)}), False),
    (80, see(N), see(N, {56: None}), False),
    (81, see(N), see(N, yiaddr=ADDRESS), True),
    (81, see(N), see(N, ciaddr=ADDRESS), True),
    (81, see(N), see(N, siaddr=SERVER), True),
    (81, see(OF), see(OF, yiaddr=0), True),
    (81, see(OF), see(OF, {51: None, 60: b"PXEClient"}, yiaddr=0), False),
    (81, see(OF, {108: bytes(4)}, yiaddr=0), see(OF, yiaddr=0), True),
    (81, see(OF, {116: b"\0"}, yiaddr=0), see(OF, yiaddr=0), True),
    (81, see(OF), see(OF, yiaddr=0x7F000001), True),
    (81, see(A), see(A, yiaddr=0xE0000001), True),
    (83, see(OF), see(OF, {54: bytes(4)}), True),
    (83, see(N), see(N, {54: b"\xff" * 4}), True),
    (84, see(OF, **RELAYED), see(OF, **RELAYED | {"destination": OTHER}), True),
    (84, see(OF, OTHER_PORT, **ON_6767), see(OF, OTHER_PORT, **ON_6767 | {"destination": OTHER}), True),
    (85, see(N), see(N, destination=ADDRESS), True),
    (90, see(A, {58: b"\0\0\0\1", 59: b"\0\0\0\2"}), see(A, {58: b"\0\0\0\2", 59: b"\0\0\0\1"}), True),
    (90, see(A, {58: (3149).to_bytes(4), 59: None}), see(A, {58: (3150).to_bytes(4), 59: None}), False),
    (108, see(D, {61: b"\xff" + bytes(8)}), see(D, {61: b"\xff" + bytes(5)}), False),
    (110, see(D, {81: b"\1\0\0host"}), see(D, {81: b"\x09\0\0host"}), True),
    (110, see(D, {81: b"\1\0\0host"}), see(D, {81: b"\2\0\0host"}), True),
    (110, see(D, {81: b"\1\0\0host"}), see(D, {81: b"\1\0\0host", 12: b"host"}), True),
    (110, see(A, {81: b"\1\xff\xffhost", 12: b"host"}), see(A, {81: b"\1\0\0host"}), False),
    (111, see(A, {121: b"\x08\x0a\1\2\3\4"}), see(A, {121: b"\x08\x0a\1\2\3"}), True),
    (111, see(A, {121: b"\0\1\2\3\4"}), see(A, {121: b"\x21\1\2\3\4\5\1\2\3\4"}), True),
    (111, see(D, {55: b"\x01\x79\x03"}), see(D, {55: b"\x01\x03\x79"}), False),
    (111, see(D, {55: b"\x01\x79\x03"}), see(D, {55: b"\x01\x79"}), False),
    (112, see(A, {119: b"\3foo\0\1a\xc0\0"}), see(A, {119: b"\3foo"}), True),
    (112, see(A, {119: b"\3foo\0\1a\xc0\0"}), see(A, {119: b"\3foo\xc0\x09"}), True),
    (113, see(A, {124: b"\0\0\0\1\2\1a"}), see(A, {124: b"\0\0\0\1\3\1a"}), True),
    (113, see(A, {124: b"\0\0\0\1\2\1a"}), see(A, {124: b"\0\0\0\1\2ab"}), True),
    (113, see(A, {125: b"\0\0\0\1\3\1\1a"}), see(A, {125: b"\0\0\0\1\3\1\2a"}), True),
    (114, see(D, {82: b"\1\1a"}, giaddr=RELAY), see(D, {82: b"\1\1a"}), False),
    (115, see(D, {80: b""}), see(D, {80: b"\1"}), True),
    (115, see(D, {80: b""}), see(R, {80: b""}), True),
    (115, see(A, {80: b""}), see(OF, {80: b""}), True),
    (115, see(D, {80: b""}), see(D, {55: b"\x01\x50"}), True),
    (116, see(A, {108: bytes(4)}), see(A, {108: bytes(3)}), True),
    (116, see(A, {108: b"\0\0\1\x2c"}), see(A, {108: b"\0\0\1\x2b"}), True),
    (116, see(A, {108: bytes(4)}), see(D, {108: bytes(4)}), False),
    (117, see(A, {114: b"https://a.example/"}), see(A, {114: b"https://a.example/\0"}), True),
    (119, see(None, {53: b"\x09", 90: bytes(11)}), see(None, {53: b"\x09"}), True),
    (120, see(None, {53: b"\x0a"}, giaddr=RELAY), see(None, {53: b"\x0a"}), True),
    (120, see(None, {53: b"\x0a"}, giaddr=RELAY), see(None, {53: b"\x0a", 61: ID}, giaddr=RELAY), True),
    (120, see(None, {53: b"\x0a"}, giaddr=RELAY),
          see(None, {53: b"\x0a"}, giaddr=RELAY, htype=0, hlen=0, chaddr=bytes(16)), True),
]  # fmt: skip


def bytes_of(payload, reply=False):
    ports = (67, 68) if reply else (68, 67)
    return sight(Envelope(0, MAC, b"", SERVER if reply else 0, 0xFFFFFFFF, *ports, len(payload)), *read(payload))


def instances(*options, reply=True):
    """An ACK with these options in this order."""
    whole = see(A, {1: None, 3: None})
    head = encode(replace(whole.message, tails=()))
    return bytes_of(head + b"".join(bytes((code, len(value))) + value for code, value in options) + b"\xff", reply)


CASES += [
    (7, instances((1, bytes(4)), (3, bytes(4))), instances((3, bytes(4)), (1, bytes(4))), True),
    (9, instances((66, b"a")), instances((66, b"a"), (66, b"b")), False),
    (
        107,
        instances((119, b"\3eng\5ap"), (119, b"ple\3com\0\1a\xc0"), (119, b"\4")),
        instances((119, b"\3eng\5ap"), (119, b"ple\3com")),
        True,
    ),
    (107, instances((121, b"\x08\x0a\1"), (121, b"\2\3\4")), instances((121, b"\x08\x0a\1"), (121, b"\2\3")), True),
    (12, see(D), see(D, {12: bytes(200), 60: bytes(200)}), False),
]


def overloaded(file, end=b"\xff"):
    payload = bytearray(encode(replace(see(A).message, options=(), tails=())))
    payload[108:236] = file.ljust(128, b"\0")
    payload[240:] = bytes.fromhex("350105330400000e1036040a000001340101") + end
    return bytes_of(bytes(payload), True)


ROUTERS = b"\x03\x04\x0a\0\0\1"
AGENT = b"\x52\x03\1\1a"
CASES += [
    (3, overloaded(ROUTERS + b"\xff"), overloaded(ROUTERS + b"\xff", b""), True),
    (10, overloaded(ROUTERS + b"\xff"), overloaded(ROUTERS), True),
    (10, overloaded(ROUTERS + b"\xff"), overloaded(b"\0" + ROUTERS + b"\xff"), True),
    (10, overloaded(ROUTERS + b"\xff"), overloaded(ROUTERS + b"\xff\1"), True),
    (114, overloaded(ROUTERS + b"\xff", AGENT + b"\xff"), overloaded(AGENT + b"\xff"), True),
]

EVERY_STATION = b"\xff" * 6
TO_ALL = {"destination": 0xFFFFFFFF, "destination_mac": EVERY_STATION}
NAMED = {"sname": b"host".ljust(64, b"\0"), "file": b"a" * 127 + b"\0"}
CASES += [
    (136, see(D), see(D, giaddr=RELAY), True),
    (138, see(OF, **NAMED), see(OF, **NAMED | {"sname": b"a" * 64}), True),
    (138, see(D, **NAMED), see(D, **NAMED | {"file": b"a" * 128}), True),
    (139, see(A), see(A, {56: None}), False),
    (139, see(Kind.decline), see(Kind.decline, {56: None}), False),
    (140, see(Kind.inform, {55: b"\1\x06"}), see(Kind.inform, {55: b"\1\x33"}), False),
    (142, see(A), see(A, {58: None}), False),
    (143, see(OF), see(OF, source=ELSE), False),
    (146, see(OF, **TO_ALL), see(OF, destination=0, destination_mac=MAC), True),
    (146, see(OF, **TO_ALL), see(OF, **TO_ALL | {"destination": 0}), False),
    (146, see(OF, destination_mac=MAC), see(OF, destination_mac=EVERY_STATION), True),
    (146, see(D), see(D, source=0xFFFFFFFF), True),
    (146, see(N), see(N, source=0), True),
    (148, see(OF, {82: b"\1\1a"}), instances((82, b"\1\1a"), (1, bytes(4))), False),
]

# What a relay makes of a message is the relay's.
BY_RELAYS = [
    (114, see(D, {82: b"\1\1a"}, giaddr=RELAY), see(D, {82: b"\1\2a"}, giaddr=RELAY), True),
    (114, see(D, {82: b"\1\1a"}, giaddr=RELAY), see(D, {82: b"\1"}, giaddr=RELAY), True),
    (114, see(D, {82: b"\x05\4" + bytes(4)}, giaddr=RELAY), see(D, {82: b"\x05\3" + bytes(3)}, giaddr=RELAY), True),
    (114, see(D, {12: b"a", 82: b"\1\1a"}, giaddr=RELAY), see(D, {82: b"\1\1a", 12: b"a"}, giaddr=RELAY), False),
    (151, see(OF, giaddr=RELAY), see(OF, giaddr=RELAY, source=RELAY, destination_port=1068), True),
    (15, see(D, giaddr=RELAY), see(D, giaddr=RELAY, destination_port=1067), True),
    (17, see(D, giaddr=RELAY), see(D, giaddr=RELAY, faulty="wrong UDP checksum"), True),
    (146, see(N, giaddr=RELAY, **TO_ALL), see(N, giaddr=RELAY, destination=0, destination_mac=MAC), True),
]


def broken(seen, profile=PROFILES["rfc2131"]):
    """Requirements broken for certain, and all that are broken."""
    found = [finding for finding in findings(seen) if not finding.holds]
    return {one.requirement for one in found if one.violates(profile)}, {one.requirement for one in found}


@pytest.mark.parametrize("number, meets, breaks, certain", CASES, ids=[str(case[0]) for case in CASES])
def test_a_message_meets_or_breaks_the_requirement(number, meets, breaks, certain):
    assert number not in broken(meets)[1]
    assert number in {finding.requirement for finding in findings(meets)}
    violated, noted = broken(breaks)
    assert number in noted
    assert (number in violated) == certain


@pytest.mark.parametrize("number, meets, breaks, certain", BY_RELAYS, ids=[str(case[0]) for case in BY_RELAYS])
def test_what_a_relay_makes_of_a_message_meets_or_breaks_the_requirement(number, meets, breaks, certain):
    assert all(one.holds for one in relay_findings(meets))
    assert number in {one.requirement for one in relay_findings(meets)}
    wrong = [one for one in relay_findings(breaks) if not one.holds]
    assert {one.requirement for one in wrong} == {number}
    assert any(one.violates(PROFILES["rfc2131"]) for one in wrong) == certain
    assert number not in broken(breaks)[1]


@pytest.mark.parametrize("kind", list(Kind))
def test_what_a_correct_party_sends_breaks_nothing(kind):
    assert broken(see(kind))[1] == set()


def test_a_renewal_and_a_reboot_break_nothing():
    assert broken(renewal())[1] == broken(see(R, REBOOT))[1] == set()


def test_a_waived_requirement_is_broken_but_not_violated():
    seen = see(R, siaddr=SERVER)
    assert broken(seen, PROFILES["charrua-3.2.1"]) == (set(), {36})


def test_a_demanding_profile_violates_what_others_note():
    seen = see(D, {61: b"\xff" + bytes(5)})
    assert 108 in broken(seen, PROFILES["rfc2131-strict"])[0]
    assert 108 not in broken(seen)[0]


def test_option_53_missing_is_bootp_unless_there_are_other_dhcp_options():
    assert 2 not in broken(see(None))[1]
    assert 2 in broken(see(None, {50: ADDRESSES[ELSE], 61: ID}))[0]


def test_a_reply_copies_the_flags_that_a_client_should_not_set():
    assert 8 not in broken(see(OF, flags=0x8001))[1]


def test_class_e_is_left_to_experiments():
    assert not {81, 83, 146} & broken(see(OF, {54: b"\xf0\0\0\1"}, yiaddr=0xF0000002, source=0xF0000001))[1]


def test_who_selects_a_subnet_says_where_it_is_answered():
    assert 136 not in broken(see(D, {118: bytes(4)}, giaddr=ADDRESS))[1]


def test_an_empty_vendor_area_is_bootp():
    assert broken(see(None, cookie=bytes(4), whole_tail=bytes(60)))[1] == set()


def test_an_option_split_over_areas_is_not_there_twice():
    assert 9 not in broken(overloaded(b"\x36\x04\x0a\0\0\1\xff"))[1]
