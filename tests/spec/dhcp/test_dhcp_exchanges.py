"""Each requirement on an exchange: one that meets it, and one that does not."""

import pytest
from dhcp_support import (
    ADDRESS,
    ADDRESSES,
    ELSE,
    EVERYONE,
    ID,
    MAC,
    OTHER,
    OTHER_MAC,
    RELAY,
    SERVER,
    renewal,
    run,
    seconds,
    see,
)

from netspec.dhcp import client, relay, server
from netspec.dhcp.judgement import Judge
from netspec.dhcp.message.types import Kind
from netspec.dhcp.profiles import PROFILES

D, OF, R, A, N = Kind.discover, Kind.offer, Kind.request, Kind.ack, Kind.nak
REBOOT = {54: None}
UNNAMED = [see(D, {61: None}), see(OF, at=1), see(R, {61: None}, at=2), see(A, at=3)]
DORA = [see(D), see(OF, at=1), see(R, at=2), see(A, at=3)]
OTHERS = OTHER_MAC.ljust(16, b"\0")
LEASED = [*DORA, renewal(at=seconds(1800), xid=8)]
LEASED_AGAIN = [*LEASED, see(A, xid=8, at=seconds(1800))]
INFORM = see(Kind.inform)
ANSWER = {51: None, 58: None, 59: None}

NAME = {81: b"\1\0\0host"}
INFORMED, OTHERWISE = {82: b"\1\1a"}, {82: b"\1\1b"}
PASSED = {"giaddr": RELAY, "hops": 1, "source": RELAY, "destination": SERVER}
FARTHER, PASSED_ON = {"giaddr": OTHER, "destination": RELAY}, {"hops": 1, "source": RELAY, "destination": SERVER}
TO_RELAY = {"giaddr": RELAY, "destination": RELAY, "destination_port": 67}

# (requirement, an exchange that meets it, one that breaks it, whether that is certain where nothing is lost)
CLIENT = [
    (29, [see(D, secs=1), see(D, secs=2, at=seconds(4))], [see(D, secs=2), see(D, secs=1, at=seconds(4))], True),
    (30, [see(D), see(D, at=seconds(4))], [see(D, {12: b"host"}), see(D, at=seconds(4))], False),
    (31, DORA[:3], [*DORA[:2], see(R, xid=8)], True),
    (32, DORA[:3], [*DORA[:2], see(R, {54: ADDRESSES[ELSE]})], True),
    (32, [see(D), see(R, REBOOT, xid=8)], [*DORA[:2], see(R, REBOOT)], True),
    (32, DORA[:3], [*DORA[:2], renewal(at=2, destination=EVERYONE)], True),
    (33, DORA[:3], [*DORA[:2], see(R, {50: ADDRESSES[OTHER]})], True),
    (35, DORA[:3], [*DORA[:2], see(R, secs=1)], True),
    (35, DORA[:3], [*DORA[:2], see(R, destination=SERVER)], True),
    (37, DORA[:3], [*DORA[:2], see(R, {55: b"\x01"})], True),
    (37, DORA[:3], [*DORA[:2], see(R, {55: b"\x03\x01\x06"})], False),
    (38, DORA[:3], [*DORA[:2], see(R, {61: None})], True),
    (38, LEASED, [*DORA, renewal(options={61: b"\0a"})], True),
    (38, DORA[:3], [see(D, {61: None}), see(OF), see(R)], False),
    (37, [see(D), see(D, at=seconds(4))], [see(D), see(D, {55: b"\x01"}, at=seconds(4))], True),
    (37, LEASED, [*DORA, renewal(options={55: None})], True),
    (38, [*DORA, see(Kind.release)], [*DORA, see(Kind.release, {61: None})], True),
    (38, [*DORA, see(Kind.release)], [*UNNAMED, see(Kind.release)], False),
    (38, [*DORA, see(Kind.decline)], [*DORA, see(Kind.decline, {61: None})], False),
    (31, DORA[:3], [*DORA[:2], see(D, xid=9), see(R)], False),
    (31, [*DORA[:2], see(D, xid=9), see(R, **PASSED)], [*DORA[:2], see(D, xid=9), see(R)], False),
    (40, DORA[:3], [see(D), see(R)], True),
    (48, [*DORA, see(R, REBOOT, xid=8)], [*DORA, see(R, REBOOT | {61: b"\0a"}, xid=8)], False),
    (52, LEASED, [*DORA, renewal(ciaddr=OTHER)], True),
    (52, LEASED, [*DORA, see(D, xid=9), renewal(ciaddr=OTHER)], False),
    (54, LEASED, [*DORA, renewal(destination=ELSE)], True),
    (54, LEASED, [see(R, REBOOT), see(A), renewal(destination=ELSE)], False),
    (54, [*DORA, see(Kind.release)], [*DORA, see(Kind.release, {54: ADDRESSES[ELSE]}, destination=ELSE)], False),
    (110, [see(D, NAME), see(OF), see(R, NAME)], [see(D, NAME), see(OF), see(R)], True),
    (137, [see(D, secs=1), see(D, secs=5, at=seconds(4))], [see(D, secs=9), see(D, secs=9, at=seconds(9))], False),
    (137, [see(D), see(D, at=seconds(4))], [see(D, secs=1), see(D, secs=1024, at=seconds(4))], False),
]

SERVING = [
    (2, [see(None, {}, op=1), see(None, {}, op=2)], [see(D), see(None, {51: bytes(4)}, op=2)], True),
    (2, [see(None, {}, op=1), see(None, {}, op=2)], [see(D), see(None, {}, op=2)], False),
    (12, DORA[:2], [see(D, {57: None}), see(OF, {12: bytes(200), 60: bytes(200)})], False),
    (74, DORA[:2], [renewal(), see(A, xid=9)], False),
    (74, DORA[:2], [renewal(), renewal(at=seconds(60)), see(A, xid=9, at=seconds(60))], True),
    (74, DORA[:2], [renewal(giaddr=RELAY), see(A, ciaddr=ADDRESS, destination=ADDRESS)], False),
    (74, DORA[:2], [see(D), see(OF, xid=8)], True),
    (74, DORA[:2], [see(D), see(OF, chaddr=OTHERS)], True),
    (74, DORA[:2], [see(D), see(OF, htype=6)], True),
    (74, DORA[:2], [see(D, htype=6), see(OF, source_mac=OTHER_MAC)], False),
    (74, DORA[:2], [see(D, htype=6), see(OF)], True),
    (74, DORA[:2], [see(D), see(OF, flags=0x8000)], True),
    (74, DORA[:2], [see(D), see(OF, **TO_RELAY)], True),
    (74, [see(D, **PASSED), see(OF, **TO_RELAY)], [see(D, **PASSED), see(OF, **TO_RELAY, flags=0x8000)], False),
    (74, [see(D, **PASSED), see(OF, **TO_RELAY)], [see(D, **PASSED, flags=0x8000), see(OF, **TO_RELAY)], True),
    (81, DORA[:2], [see(D), see(OF, ciaddr=SERVER, destination=ADDRESS)], True),
    (81, [see(D, ciaddr=OTHER), see(OF, ciaddr=OTHER)], [see(D, ciaddr=OTHER), see(OF, ciaddr=SERVER)], True),
    (74, [see(R, REBOOT, **PASSED), see(N, **TO_RELAY, flags=0x8000)],
         [see(R, **PASSED), see(N, **TO_RELAY, flags=0x8000)], False),
    (74, [see(R, REBOOT), see(N)], [see(R, REBOOT), see(N, flags=0x8000)], False),
    (82, [see(D), see(OF, {61: ID})], [see(D), see(OF)], False),
    (82, [see(D), see(OF, {61: ID})], [see(D, {61: None}), see(OF, {61: ID})], True),
    (82, [see(R), see(N, {61: ID})], [see(R, {61: None}), see(N, {61: ID})], False),
    (84, [see(D, flags=0x8000), see(OF, flags=0x8000)],
         [see(D, flags=0x8000), see(OF, flags=0x8000, destination=ADDRESS)], False),
    (84, [see(D, flags=0x8000), see(OF, flags=0x8000)],
         [see(D, flags=0x8000), see(OF, flags=0x8000, destination=OTHER)], True),
    (86, [see(R, REBOOT, **PASSED), see(N, **TO_RELAY, flags=0x8000)],
         [see(R, REBOOT, **PASSED), see(N, **TO_RELAY)], True),
    (86, [see(R, REBOOT, **PASSED), see(N, **TO_RELAY, flags=0x8000)], [see(R, **PASSED), see(N, **TO_RELAY)], False),
    (84, DORA[:2], [see(D), see(OF, destination=EVERYONE)], False),
    (84, DORA[:2], [see(D), see(OF, destination=OTHER)], True),
    (87, DORA, [*DORA[:3], see(A, {3: None})], False),
    (87, DORA, [see(D), see(OF, {3: None}), see(R), see(A)], False),
    (87, [*DORA[:3], see(A, {6: ADDRESSES[SERVER]})], [see(D), see(OF, {1: None}), see(R), see(A)], False),
    (89, DORA, [*DORA[:3], see(A, {1: b"\xff\xff\0\0"})], False),
    (92, [see(D), see(OF), see(D, {61: None}, xid=9, chaddr=OTHERS), see(OF, xid=9, chaddr=OTHERS, yiaddr=OTHER)],
         [see(D), see(OF), see(D, {61: None}, xid=9, chaddr=OTHERS), see(OF, xid=9, chaddr=OTHERS)], False),
    (94, [*DORA, see(D, xid=9), see(OF, xid=9)], [*DORA, see(D, xid=9), see(OF, xid=9, yiaddr=OTHER)], False),
    (95, DORA, [see(D), see(N)], True),
    (95, DORA, [see(D), see(OF, at=seconds(16))], False),
    (95, DORA, [see(R), see(OF)], False),
    (95, DORA, [see(R), see(None, {53: b"\x0d"}, op=2)], True),
    (96, DORA, [*DORA[:3], see(A, {54: ADDRESSES[ELSE]})], False),
    (96, [see(R), see(N)], [see(R), see(N, {54: ADDRESSES[ELSE]})], False),
    (96, [see(R, REBOOT), see(N)], [see(R), see(N, {54: ADDRESSES[ELSE]})], False),
    (99, LEASED_AGAIN, [*LEASED, see(A, xid=8, at=seconds(1800), destination=EVERYONE)], False),
    (103, [INFORM, see(A, ANSWER, ciaddr=ADDRESS, yiaddr=0)],
          [INFORM, see(A, ANSWER, yiaddr=0, destination=EVERYONE)], False),
    (103, [INFORM, see(A, ANSWER, ciaddr=ADDRESS, yiaddr=0)],
          [INFORM, see(A, ANSWER | {58: bytes(4)}, ciaddr=ADDRESS, yiaddr=0)], False),
    (110, [see(D, NAME), see(OF, NAME)], [see(D, NAME), see(OF, {81: b"\0\xff\xffhost"})], True),
    (110, [see(D, NAME), see(OF, {81: b"\2\xff\xffhost"})], [see(D, NAME), see(OF, {81: b"\5\xff\xff\4host"})], True),
    (115, [see(D, {80: b""}), see(A, {80: b""})], [see(D), see(A, {80: b""})], True),
    (116, [see(D, {55: b"\x6c"}), see(OF, {108: bytes(4)})], [see(D), see(OF, {108: bytes(4)})], True),
    (101, [see(Kind.decline), see(D, xid=9), see(OF, xid=9, yiaddr=OTHER)],
          [see(Kind.decline), see(D, xid=9), see(OF, xid=9)], False),
    (109, [see(D), see(OF, {61: ID})], [see(D), see(OF, {61: b"\0other"})], True),
    (15, [see(D, {82: b"\x13\0"}, **PASSED), see(OF, **TO_RELAY | {"destination_port": 6767})],
         [see(D, **PASSED), see(OF, **TO_RELAY | {"destination_port": 6767})], True),
    (135, [see(None, op=1), see(None, op=2)], [see(None, op=1), see(OF)], True),
    (141, [INFORM, see(A, ANSWER, ciaddr=ADDRESS, yiaddr=0)], [INFORM, see(A, ANSWER, ciaddr=ADDRESS)], False),
    (144, [*DORA, see(D, xid=9, at=seconds(600)), see(OF, {51: (3000).to_bytes(4)}, xid=9, at=seconds(600))],
          [*DORA, see(D, xid=9, at=seconds(600)), see(OF, xid=9, at=seconds(600))], False),
    (145, [see(D), see(OF, destination_mac=MAC)], [see(D), see(OF, destination_mac=OTHER_MAC)], False),
    (145, [see(D), see(OF, destination_mac=MAC)],
          [see(D), see(OF, destination=EVERYONE, destination_mac=OTHER_MAC)], False),
    (147, [see(D, INFORMED, **PASSED), see(OF, INFORMED, **TO_RELAY)],
          [see(D, INFORMED, **PASSED), see(OF, OTHERWISE, **TO_RELAY)], True),
    (147, [see(D, {82: b"\1\1a\x08\1x"}, **PASSED), see(OF, {82: b"\1\1a\x08\1y"}, **TO_RELAY)],
          [see(D, {82: b"\1\1a\2\1x"}, **PASSED), see(OF, {82: b"\1\1a\2\1y"}, **TO_RELAY)], True),
    (147, [see(D, INFORMED), see(OF, INFORMED)], [see(D), see(OF, INFORMED)], False),
    (154, [see(D, {118: bytes(4)}), see(OF, {118: bytes(4)})],
          [see(D, {118: bytes(4)}), see(OF, {118: b"\1" * 4})], True),
]  # fmt: skip

# An ACK is right or wrong as a whole: (requirement, request, ACK that answers it, ACK that does not)
ACKS = [
    (77, see(R), see(A), see(A, {51: None})),
    (81, renewal(), see(A, ciaddr=ADDRESS), see(A, ciaddr=OTHER, destination=ADDRESS)),
    (97, see(R), see(A), see(A, yiaddr=OTHER)),
    (97, renewal(), see(A), see(A, yiaddr=OTHER, destination=ADDRESS)),
    (97, see(R, ciaddr=OTHER), see(A), see(A, yiaddr=ELSE, destination=OTHER)),
    (99, renewal(), see(A), see(A, destination=OTHER)),
    (99, see(R, ciaddr=OTHER), see(A, destination=ADDRESS), see(A, destination=ELSE)),
    (103, INFORM, see(A, ANSWER, ciaddr=ADDRESS, yiaddr=0), see(A, ciaddr=ADDRESS, yiaddr=0)),
    (103, INFORM, see(A, ANSWER, ciaddr=ADDRESS, yiaddr=0), see(A, ANSWER, yiaddr=0, destination=OTHER)),
    (115, see(D, {80: b""}), see(A, {80: b""}), see(A)),
    (115, see(R), see(A), see(A, {80: b""})),
]

HOST_MAC = bytes.fromhex("020000000001")
PAST = {"giaddr": RELAY, "destination": EVERYONE, "source_mac": HOST_MAC}
SERVING += [
    (84, [see(D, **PASSED), see(OF, **PAST, source=RELAY)], [see(D, **PASSED), see(OF, **PAST)], True),
]  # fmt: skip

RELAYING = [
    (130, [see(D), see(D, **PASSED)], [see(D), see(D, **PASSED, secs=3)], True),
    (130, [see(D), see(D, {82: b"\1\1a"}, **PASSED)], [see(D), see(D, {12: b"x"}, **PASSED)], True),
    (130, [see(D), see(D, **PASSED)], [see(D), see(D, **PASSED, flags=0x8000)], True),
    (130, [renewal(), renewal(**PASSED)], [renewal(destination=EVERYONE), renewal(secs=3, **PASSED)], True),
    (130, [renewal(), renewal(**PASSED)], [renewal(), renewal(secs=3, **PASSED)], False),
    (131, [see(D, hops=16), see(D, **(PASSED | {"hops": 17}))], [see(D), see(D, **(PASSED | {"hops": 18}))], True),
    (131, [see(D), see(D, **PASSED)], [see(D), see(D, **(PASSED | {"hops": 2}))], False),
    (132, [see(D), see(D, **PASSED)], [see(D, giaddr=ELSE), see(D, **PASSED)], True),
    (132, [see(D), see(D, **PASSED)], [see(D), see(D, **PASSED | {"giaddr": EVERYONE})], True),
    (133, [see(OF, **TO_RELAY), see(OF, giaddr=RELAY)],
          [see(OF, **TO_RELAY), see(OF, giaddr=RELAY, siaddr=ELSE)], True),
    (133, [see(OF, **TO_RELAY), see(OF, giaddr=RELAY)], [see(OF, **TO_RELAY), see(OF, giaddr=RELAY, hops=1)], True),
    (134, [see(D), see(OF, giaddr=RELAY)], [see(D), see(OF, {82: b"\1\1a"}, giaddr=RELAY)], True),
    (134, [see(D), see(OF, giaddr=RELAY)], [see(OF, {82: b"\1\1a"}, giaddr=RELAY)], False),
    (134, [see(D), see(OF, giaddr=RELAY)],
          [see(D, {82: b"\1\1a"}), see(OF, {82: b"\1\1a"}, giaddr=RELAY)], False),
    (149, [see(D), see(D, INFORMED, **PASSED)], [see(D, INFORMED), see(D, OTHERWISE, **PASSED)], True),
    (149, [see(D, INFORMED), see(D, INFORMED, **PASSED)], [see(D, INFORMED), see(D, **PASSED)], True),
    (149, [see(D, **FARTHER), see(D, **FARTHER | PASSED_ON)],
          [see(D, **FARTHER), see(D, INFORMED, **FARTHER | PASSED_ON)], True),
    (150, [see(OF, **TO_RELAY), see(OF, giaddr=RELAY)], [see(OF, giaddr=RELAY, destination=EVERYONE)], False),
    (150, [see(N, giaddr=RELAY, flags=0x8000)], [see(N, giaddr=RELAY, flags=0x8000, destination=ADDRESS)], False),
    (150, [see(OF, giaddr=RELAY, destination_mac=MAC)], [see(OF, giaddr=RELAY, destination_mac=OTHER_MAC)], False),
    (152, [see(D), see(D, **PASSED)], [see(D), see(D, **PASSED | {"destination": EVERYONE})], False),
    (153, [see(D), see(D, **PASSED), see(R, **PASSED)],
          [see(D), see(D, **PASSED), see(R, **PASSED | {"destination": ELSE})], True),
]  # fmt: skip


def relayed(labels):
    """The first is heard, the others are sent: a rule for each."""
    state = relay.Relay()
    if len(labels) > 1:
        state = relay.hear_any(state, labels[0], Judge(None, PROFILES["rfc2131"]))
    sending = type("Sending", (), {"SENDS": relay.SENDS, "HEARS": {}})
    return run(sending, state, labels[1:] or labels)


def judged(number, found, breaks, certain):
    broken, met, departed = found
    if not breaks:
        assert number not in broken | departed
        assert number in met
    else:
        assert number in (broken if certain else departed)


@pytest.mark.parametrize("number, meets, breaks, certain", CLIENT, ids=[str(case[0]) for case in CLIENT])
def test_a_client_meets_or_breaks_the_requirement(number, meets, breaks, certain):
    judged(number, run(client, client.Client(), meets), False, certain)
    judged(number, run(client, client.Client(), breaks), True, certain)


@pytest.mark.parametrize("number, meets, breaks, certain", SERVING, ids=[str(case[0]) for case in SERVING])
def test_a_server_meets_or_breaks_the_requirement(number, meets, breaks, certain):
    judged(number, run(server, server.Server(), meets), False, certain)
    judged(number, run(server, server.Server(), breaks), True, certain)


@pytest.mark.parametrize("number, asked, answers, wrong", ACKS, ids=[str(case[0]) for case in ACKS])
def test_an_acknowledgement_answers_or_does_not(number, asked, answers, wrong):
    assert run(server, server.Server(), [asked, answers])[0] == set()
    assert run(server, server.Server(), [asked, wrong])[0] == {number}


@pytest.mark.parametrize("number, meets, breaks, certain", RELAYING, ids=[str(case[0]) for case in RELAYING])
def test_a_relay_meets_or_breaks_the_requirement(number, meets, breaks, certain):
    judged(number, relayed(meets), False, certain)
    judged(number, relayed(breaks), True, certain)


def test_a_renewal_with_option_54_is_a_renewal_and_beside_option_50_it_selects():
    named = {54: ADDRESSES[SERVER]}
    assert run(client, client.Client(), [*DORA, renewal(seconds(1800), named)])[0] == set()
    assert 54 in run(client, client.Client(), [*DORA, renewal(seconds(1800), named, destination=ELSE)])[0]
    both = named | {50: ADDRESSES[OTHER]}
    assert run(client, client.Client(), [*DORA[:2], renewal(2, both, destination=EVERYONE)])[0] == {33}


def test_an_option_50_that_is_missing_is_not_also_another():
    assert run(client, client.Client(), [*DORA[:2], see(R, {50: None})])[0] == set()


def test_a_relay_passes_replies_on_by_another_interface_and_as_the_server_where_it_asked_for_that():
    override = {82: b"\x0b\4" + ADDRESSES[SERVER]}
    for asked, reply in (
        (see(D, override, **PASSED), see(OF, **PAST)),
        (see(D, **PASSED, source_mac=HOST_MAC), see(OF, **PAST)),
        (see(D), see(OF, **PAST)),
    ):
        assert run(server, server.Server(), [asked, reply])[0] == set()


def test_where_frames_are_lost_secs_may_be_those_of_a_discover_that_does_not_show():
    labels = [*DORA[:2], see(R, secs=1)]
    assert 35 in run(client, client.Client(), labels, lossy=True)[2]
    assert 35 in run(client, client.Client(), labels, lossy=False)[0]


def test_a_declined_address_is_refused_for_certain_only_where_the_decline_arrived():
    labels = [see(Kind.decline), see(D, xid=9), see(OF, xid=9)]
    assert 101 in run(server, server.Server(), labels, certain=True)[0]
    assert 101 not in run(server, server.Server(), labels, certain=False)[0]


def test_a_profile_waives_what_its_client_is_known_not_to_do():
    labels = [*DORA[:2], see(R, {61: None})]
    assert run(client, client.Client(), labels, PROFILES["charrua-3.2.1"])[0] == set()
    assert run(client, client.Client(), labels)[0] == {38}


@pytest.mark.parametrize("party", [client, server])
def test_a_whole_exchange_breaks_nothing(party):
    state = client.Client() if party is client else server.Server()
    assert run(party, state, LEASED)[0] == set()


BY_ELSE = {54: ADDRESSES[ELSE]}
SELECTED_ELSE = see(R, BY_ELSE, at=2)
ELSES_RENEWED = [see(A, BY_ELSE, xid=5, at=0), see(D, at=1), SELECTED_ELSE]


@pytest.mark.parametrize(
    "number, labels",
    [
        (40, [see(D), see(R)]),
        (32, [*DORA[:2], SELECTED_ELSE]),
        (32, [see(D, **PASSED), see(OF, at=1, **TO_RELAY), see(R, BY_ELSE, at=2, **PASSED)]),
    ],
)
def test_an_offer_that_does_not_show_may_have_gone_by_another_port_of_the_switch(number, labels):
    assert number in run(client, client.Client(), labels, lossy=True)[2]
    assert number in run(client, client.Client(), labels, complete=False)[2]
    assert number in run(client, client.Client(), labels, complete=True)[0]


def test_a_client_may_ask_for_broadcast_replies_only_when_it_repeats():
    """Then an OFFER to its first DISCOVER is unicast, and may not pass the recorder."""
    asks = {"flags": 0x8000}
    first, again, takes = see(D), see(D, at=seconds(4), **asks), see(R, at=seconds(5))
    assert 40 in run(client, client.Client(), [first, again, takes], complete=False)[2]
    assert 40 in run(client, client.Client(), [see(D, **asks), again, takes], complete=False)[0]


def test_the_flags_of_an_offer_may_be_those_of_a_discover_from_before_the_trace():
    again = see(D, secs=5, flags=0x8000)
    assert 74 in run(server, server.Server(), [again, see(OF, at=seconds(2))])[2]
    assert 74 in run(server, server.Server(), [see(D, flags=0x8000), see(OF, at=seconds(2))])[0]
    assert 74 in run(server, server.Server(), [again, see(OF, at=seconds(16))])[0]


def test_a_server_that_was_not_selected_gives_no_lease():
    """It acknowledges all the same; the lease that the client renews is the other one's, which does not show."""
    takes = [*DORA[:2], see(R, BY_ELSE | {50: ADDRESSES[OTHER]}, at=2), see(A, at=3)]
    again = renewal(seconds(1800), ciaddr=OTHER, destination=EVERYONE)
    assert 52 in run(client, client.Client(), [*takes, again], lossy=True)[2]
    assert 52 in run(client, client.Client(), [*DORA, again], lossy=True)[0]


@pytest.mark.parametrize("before", [DORA, [see(D), see(OF, at=1), see(R, at=2)], [see(D)]])
def test_who_keeps_its_xid_or_finds_no_server_renews_with_it(before):
    assert 32 not in run(client, client.Client(), [*before, renewal(at=seconds(2))])[0]
    assert 32 not in run(client, client.Client(), [*DORA[:2], renewal(at=seconds(4))])[0]


@pytest.mark.parametrize("asks", [{"flags": 0x8000}, {}])
def test_an_offer_that_would_show_was_not_made(asks):
    """It would be broadcast, or a unicast reply of the same server shows; unless frames are missing."""
    labels = [see(D, **asks), see(R, BY_ELSE, **asks)] if asks else ELSES_RENEWED
    assert 40 in run(client, client.Client(), labels, lossy=True)[2]
    assert 40 in run(client, client.Client(), labels, complete=False)[0]


def test_nothing_that_is_missing_explains_a_server_without_address():
    assert 32 in run(client, client.Client(), [*DORA[:2], see(R, {54: bytes(4)}, at=2)], lossy=True)[0]


@pytest.mark.parametrize(
    "labels, number",
    [
        ([see(D), see(OF, xid=9, at=1), see(R, xid=9, at=2)], 31),
        ([see(D), see(OF, at=1), see(A, xid=9, at=2)], 74),
    ],
)
def test_an_xid_that_no_message_had_may_be_that_of_one_that_is_missing(labels, number):
    party, rules = (client.Client(), client) if number == 31 else (server.Server(), server)
    assert number in run(rules, party, labels, lossy=True)[2]
    assert number in run(rules, party, labels, lossy=False)[0]


@pytest.mark.parametrize("lossy", [True, False])
def test_a_relay_may_pass_on_the_request_of_before_the_trace_when_its_client_has_begun_again(lossy):
    before = [see(A, at=1), see(D, xid=9, at=2)]
    relayed, direct = [*before, see(R, at=3, **PASSED)], [*before, see(R, at=3)]
    broken, _, departed = run(client, client.Client(), relayed, lossy=lossy, complete=False)
    assert 31 in departed and not broken
    assert 31 in run(client, client.Client(), direct, lossy=lossy, complete=False)[0]
    assert 31 in run(client, client.Client(), relayed, lossy=False)[0]


def test_two_clients_that_share_a_hardware_address_have_leases_of_their_own():
    renews = renewal(at=seconds(1800), ciaddr=OTHER, xid=9, options={61: b"\0b"})
    assert 52 in run(client, client.Client(), [*DORA, renews], lossy=True)[2]
    assert 52 in run(client, client.Client(), [*DORA, renewal(seconds(1800), ciaddr=OTHER, xid=9)], lossy=True)[0]


@pytest.mark.parametrize("reply", [see(A, at=3), see(N, at=3)])
def test_where_frames_are_lost_so_may_be_the_request_that_is_answered(reply):
    number = 115 if reply.kind is A else 95
    broken, _, departed = run(server, server.Server(), [see(D), reply], lossy=True)
    assert number in departed and not broken
    assert number in run(server, server.Server(), [see(D), reply], lossy=False)[0]


@pytest.mark.parametrize("lossy", [True, False])
def test_a_late_acknowledgement_answers_its_request_and_not_a_later_discover(lossy):
    late = [see(R), see(D, at=seconds(7)), see(A, at=seconds(8))]
    assert run(server, server.Server(), late, lossy=lossy)[0] == set()
    wrong = [see(R), see(D, at=seconds(7)), see(A, at=seconds(8), yiaddr=OTHER)]
    assert run(server, server.Server(), wrong, lossy=False)[0]


def test_where_several_relays_pass_on_a_request_the_copy_that_is_answered_may_be_from_before_the_trace():
    first = see(R, giaddr=RELAY, hops=1, source=RELAY, destination=SERVER)
    answer = {"giaddr": RELAY - 1, "destination": RELAY - 1, "destination_port": 67}
    assert 74 in run(server, server.Server(), [first, see(A, at=1, **answer)])[2]
    assert 74 in run(server, server.Server(), [first, see(A, at=seconds(6), **answer)])[0]


def crowd(count, at):
    return [see(D, {61: None}, at, xid=100 + n, chaddr=(n + 1).to_bytes(16)) for n in range(count)]


def test_what_a_server_was_asked_before_more_than_can_be_remembered_may_be_what_it_answers():
    asked = [see(D, xid=6), *crowd(63, 1), see(D, at=2)]
    assert 74 in run(server, server.Server(), [*asked, see(OF, xid=6, at=3)])[2]
    assert 74 in run(server, server.Server(), [*asked, see(OF, xid=6, at=seconds(20))])[0]
    assert 74 in run(server, server.Server(), [*asked[1:], see(OF, xid=6, at=3)])[0]


@pytest.mark.parametrize("reply", [see(OF, OTHERWISE, **TO_RELAY), see(OF, {82: b"\1"}, **TO_RELAY)])
def test_on_a_path_what_stands_between_may_change_relay_agent_information(reply):
    broken, _, departed = run(server, server.Server(), [see(D, INFORMED, **PASSED), reply], lossy=True)
    assert 147 in departed and 147 not in broken


def test_what_a_relay_took_out_is_not_compared():
    behind = see(OF, OTHERWISE, giaddr=RELAY)
    assert 147 not in run(server, server.Server(), [see(D, INFORMED, **PASSED), behind])[2]


@pytest.mark.parametrize("asks", [{55: b"\1"}, {81: None}])
def test_a_discover_that_is_missing_may_have_asked_for_less(asks):
    number = 37 if 55 in asks else 110
    labels = [see(D, NAME), see(OF, xid=9, at=seconds(9)), see(R, NAME | asks, seconds(10), xid=9)]
    assert number in run(client, client.Client(), labels, lossy=True)[2]
    assert number in run(client, client.Client(), [see(D, NAME), see(OF), see(R, NAME | asks)], lossy=True)[0]
