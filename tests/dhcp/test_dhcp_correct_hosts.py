"""Correct hosts in circumstances that rules are apt to forget: nothing that they do is a violation."""

import pytest
from dhcp_events import SERVER_MAC, arp, reports, violations
from dhcp_support import (
    ADDRESS,
    ADDRESSES,
    ELSE,
    EVERYONE,
    MAC,
    OTHER,
    OTHER_MAC,
    RELAY,
    SERVER,
    renewal,
    seconds,
    see,
)

from netspec.dhcp.message.types import Kind

D, OF, R, A, N = Kind.discover, Kind.offer, Kind.request, Kind.ack, Kind.nak
REBOOT = {54: None}
OTHERS = OTHER_MAC.ljust(16, b"\0")
SECOND_RELAY = RELAY - 1
AGENT = {82: b"\1\1a"}
BY_ELSE = {54: ADDRESSES[ELSE]}
NONE = {"htype": 32, "hlen": 0, "chaddr": bytes(16), "flags": 0x8000}


def dora(at=0, kinds=(D, OF, R, A), options=(), **changed):
    """Whole exchanges, a message each hundredth of a second, all with the same changes."""
    return [see(kind, options, seconds(at + n / 100), **changed) for n, kind in enumerate(kinds)]


def passed(seen_kind, at, relay, options=(), **changed):
    """A message between a relay and the server."""
    reply = seen_kind in (OF, A, N)
    way = {"destination": relay, "destination_port": 67} if reply else {"source": relay, "destination": SERVER}
    hops = {} if reply else {"hops": 1}
    return see(seen_kind, options, seconds(at), giaddr=relay, **(way | hops | changed))


def two_relays(kind, at):
    return [passed(kind, at, RELAY), passed(kind, at + 0.001, SECOND_RELAY)]


IPV6_ONLY = {55: b"\x01\x03\x6c"}
OTHER_PORT = {82: b"\1\1a\x13\0"}
OVERRIDE = {82: b"\5\4" + RELAY.to_bytes(4) + b"\x0b\4" + RELAY.to_bytes(4)}
BY_RELAY = {54: RELAY.to_bytes(4)}
PXE = {60: b"PXEClient"}
NO_ID = {61: None}
PROM = [see(D, NO_ID), see(OF, at=1), see(R, NO_ID, 2), see(A, at=3)]
LATE = {"secs": 4}
MORE = b"\x01\x03\x06\x0f"
NAME = {81: b"\1\0\0host"}
TO_NOBODY = {"destination": 0}

SCENES = {
    "an exchange": dora(),
    "two relays beside each other": [one for n, kind in enumerate((D, OF, R, A)) for one in two_relays(kind, n)],
    "a chain of sixteen relays": [see(D, hops=16, giaddr=OTHER, destination=RELAY),
                                  passed(D, 0.1, OTHER, hops=17, source=RELAY)],
    "information of a bridge before the relay": [
        see(D, AGENT), passed(D, 0.1, RELAY, AGENT), passed(OF, 0.2, RELAY, AGENT),
        see(OF, AGENT, seconds(0.3), giaddr=RELAY, destination=ADDRESS)],
    "a relay and its information": [
        see(D), passed(D, 0.1, RELAY, AGENT), passed(OF, 0.2, RELAY, AGENT),
        see(OF, at=seconds(0.3), giaddr=RELAY, destination=ADDRESS)],
    "two servers": [see(D), see(OF, at=1), see(OF, BY_ELSE, 2, yiaddr=OTHER), see(R, at=3), see(A, at=4)],
    "an offer after the choice": [see(R), see(OF, BY_ELSE, 2, yiaddr=OTHER), see(A, at=3)],
    "a server that takes its time": [see(D), see(OF, at=seconds(20)), see(R, at=seconds(21)), see(A, at=seconds(29))],
    "an acknowledgement that is lost": [*dora(), see(R, at=seconds(5)), see(A, at=seconds(5))],
    "frames twice": [one for one in dora() for _ in range(2)],
    "a DISCOVER and a REQUEST that come late again": [
        *dora(), *dora(10, (D, OF), xid=9), see(D, at=seconds(11)), see(R, at=seconds(11)),
        see(R, at=seconds(12), xid=9)],
    "a REQUEST from before the capture, repeated": [see(R), see(R, at=seconds(4)), see(A, at=seconds(4.1))],
    "a renewal alone": [renewal(), see(A, at=1, ciaddr=ADDRESS)],
    "a rebinding alone": [renewal(destination=EVERYONE), see(A, at=1, ciaddr=ADDRESS)],
    "a renewal that is answered to all": [renewal(flags=0x8000), see(A, at=1, flags=0x8000, destination=EVERYONE)],
    "a release alone": [see(Kind.release)],
    "BOOTP": [see(None, op=1), see(None, op=2, yiaddr=ADDRESS, source=SERVER, source_port=67,
                                         destination_port=68)],
    "a BOOTP server and a DHCP client": [see(D), see(None, {1: b"\xff\xff\xff\0"}, op=2, yiaddr=ADDRESS, source=ELSE,
                                                    source_port=67, destination_port=68), see(OF, at=2)],
    "a name for an identifier": [see(kind, {61: b"\0host"}, n) if kind in (D, R) else see(kind, at=n)
                                 for n, kind in enumerate((D, OF, R, A))],
    "an IAID and a DUID": [see(kind, {61: b"\xff\0\0\0\1\0\3\0\1" + MAC}, n) for n, kind in enumerate((D, OF, R, A))],
    "an identifier only from the REQUEST on": [see(D, NO_ID), see(OF, at=1), see(R, at=2), see(A, at=3)],
    "a boot program, then the system": [
        *PROM, see(R, REBOOT, seconds(9), xid=9), see(A, at=seconds(9.1), xid=9), renewal(seconds(1800), xid=10)],
    "two clients with one hardware address": [
        see(D), see(D, {61: b"\0two"}, 1, xid=9), see(OF, at=2), see(OF, at=3, xid=9, yiaddr=OTHER), see(R, at=4),
        see(R, {61: b"\0two", 50: ADDRESSES[OTHER]}, 5, xid=9), see(A, at=6), see(A, at=7, xid=9, yiaddr=OTHER)],
    "clients without a hardware address": [
        see(D, **NONE), see(OF, **NONE), see(OF, {61: b"\0two"}, xid=9, **NONE), see(A, xid=11, **NONE)],
    "Ethernet without a hardware address": [see(D, hlen=0, chaddr=bytes(16), flags=0x8000)],
    "a lease for ever": [*dora(options=())[:3], see(A, {51: b"\xff" * 4}, seconds(1)), arp(10**7, ADDRESS)],
    "a lease of before, kept without an answer to INIT-REBOOT": [
        see(R, REBOOT), see(A, BY_ELSE, 1), renewal(seconds(900), xid=9, destination=SERVER)],
    "a lease of before, kept without an OFFER": [
        *dora(), *[see(D, at=seconds(9000 + at), xid=9) for at in (0, 4, 12, 28)],
        renewal(seconds(9100), ciaddr=OTHER, xid=10)],
    "INFORM, answered with an address": [see(Kind.inform), see(A, {51: None}, 1, ciaddr=ADDRESS)],
    "INFORM, answered to all": [
        see(Kind.inform), see(A, {51: None}, 1, ciaddr=ADDRESS, yiaddr=0, destination=EVERYONE)],
    "a server with two addresses": [*dora()[:3], see(A, BY_ELSE, seconds(1))],
    "rapid commit, and another server": [
        see(D, {80: b""}), see(OF, BY_ELSE, 1, yiaddr=OTHER), see(A, {80: b""}, 2), renewal(seconds(1800))],
    "a forced renewal": [
        *dora(), see(None, {53: b"\x09", 54: ADDRESSES[SERVER], 90: bytes(27)}, seconds(9), op=2, destination=ADDRESS,
                     source=SERVER, source_port=67, destination_port=68),
        renewal(seconds(9.1), xid=10), see(A, {90: bytes(27), 145: b"\1"}, seconds(9.2), xid=10, ciaddr=ADDRESS)],
    "a lease query": [
        see(None, {53: b"\x0a"}, htype=0, hlen=0, chaddr=bytes(16), ciaddr=ADDRESS, giaddr=RELAY, source=RELAY,
            source_port=67, destination=SERVER),
        see(None, {53: b"\x0d", 54: ADDRESSES[SERVER], 51: bytes(4)}, 1, op=2, ciaddr=ADDRESS, giaddr=RELAY,
            source=SERVER, destination=RELAY, source_port=67, destination_port=67)],
    "a DISCOVER to a server that is known": [see(D, destination=SERVER), see(OF, at=1), see(R, at=2), see(A, at=3)],
    "secs of the first DISCOVER": [see(D), see(D, at=seconds(4), **LATE), see(OF, at=seconds(4)),
                                   see(R, at=seconds(5))],
    "secs of the second DISCOVER": [see(D), see(D, at=seconds(4), **LATE), see(OF, at=seconds(4)),
                                    see(R, at=seconds(5), **LATE)],
    "secs that begin again": [see(D, secs=65535), see(D, at=seconds(64), secs=63)],
    "another xid for each DISCOVER": [see(D), see(D, at=seconds(4), xid=8), see(OF, at=seconds(4), xid=8),
                                      see(R, at=seconds(5), xid=8), see(A, at=seconds(6), xid=8)],
    "parameters in another order, and more": [*dora()[:2], see(R, {55: b"\x03\x06\x01"}, seconds(1))],
    "a reply to all of the subnet": [see(D), see(OF, {1: b"\xff\xff\xff\0"}, 1, destination=ADDRESS | 0xFF)],
    "IPv6 is preferred, and there is no address": [
        see(D, IPV6_ONLY), see(OF, {108: bytes(4)}, 1, yiaddr=0, destination=EVERYONE),
        see(D, IPV6_ONLY, 2, chaddr=OTHERS, xid=9),
        see(OF, {108: bytes(4)}, 3, yiaddr=0, destination=EVERYONE, chaddr=OTHERS, xid=9)],
    "IPv6 is preferred, and there is an address": [
        one for n, kind in enumerate((D, OF, R, A))
        for one in [see(kind, IPV6_ONLY if kind in (D, R) else {108: bytes(4)}, n)]],
    "no address, and none of its own": [
        see(D, {116: b"\1"}), see(OF, {116: b"\0", 51: None}, 1, yiaddr=0, destination=EVERYONE),
        see(OF, BY_ELSE, 2, yiaddr=OTHER), see(R, BY_ELSE | {50: ADDRESSES[OTHER]}, 3),
        see(A, BY_ELSE, 4, yiaddr=OTHER)],
    "a server that only tells what to boot": [
        see(D, PXE), see(OF, PXE | BY_ELSE | {51: None}, 1, yiaddr=0, destination=EVERYONE), see(OF, at=2),
        see(R, PXE, 3), see(A, at=4)],
    "two servers that share their leases": [
        *dora(), renewal(seconds(1800)), renewal(seconds(3200), destination=EVERYONE),
        see(A, BY_ELSE, seconds(3200.1), ciaddr=ADDRESS), renewal(seconds(5000), destination=ELSE, xid=9),
        see(A, BY_ELSE, seconds(5000.1), xid=9, ciaddr=ADDRESS)],
    "an address used before INIT-REBOOT is answered": [
        *dora(), see(R, REBOOT, seconds(900), xid=9), arp(900.01, ADDRESS), see(A, at=seconds(900.1), xid=9)],
    "a relay with a port of its own": [
        see(D), passed(D, 0.1, RELAY, OTHER_PORT, source_port=6767),
        passed(OF, 0.2, RELAY, OTHER_PORT, destination_port=6767),
        see(OF, at=seconds(0.3), giaddr=RELAY, destination=ADDRESS)],
    "a relay that stands for the server": [
        see(D), passed(D, 0.1, RELAY, OVERRIDE), passed(OF, 0.2, RELAY, OVERRIDE | BY_RELAY),
        see(OF, BY_RELAY, seconds(0.3), giaddr=RELAY, destination=ADDRESS, source=RELAY),
        see(R, BY_RELAY, seconds(1)), passed(R, 1.1, RELAY, OVERRIDE | BY_RELAY),
        passed(A, 1.2, RELAY, OVERRIDE | BY_RELAY),
        see(A, BY_RELAY, seconds(1.3), giaddr=RELAY, destination=ADDRESS, source=RELAY),
        renewal(seconds(1800), destination=RELAY, xid=9),
        see(R, OVERRIDE | REBOOT | {50: None}, seconds(1800.1), giaddr=RELAY, hops=1, source=RELAY, destination=SERVER,
            xid=9, ciaddr=ADDRESS),
        passed(A, 1800.2, RELAY, OVERRIDE | BY_RELAY, xid=9, ciaddr=ADDRESS),
        see(A, BY_RELAY, seconds(1800.3), giaddr=RELAY, destination=ADDRESS, source=RELAY, xid=9, ciaddr=ADDRESS)],
    "no room for the information of a relay": [passed(D, 0.1, RELAY, AGENT), passed(OF, 0.2, RELAY)],
    "information that only a switch behind the recorder can have added": [
        passed(D, 0.1, RELAY), passed(OF, 0.2, RELAY, AGENT)],
    "a relay and a server that authenticate each other": [
        passed(D, 0.1, RELAY, {82: b"\1\1a\x08\1x"}), passed(OF, 0.2, RELAY, {82: b"\1\1a\x08\1y"})],
    "a private network, and a server that knows it": [
        passed(D, 0.1, RELAY, {82: b"\1\1a\x97\1\xff\x98\0"}), passed(OF, 0.2, RELAY, {82: b"\1\1a\x97\1\xff"})],
    "information that came with the request, and a second relay": [
        passed(D, 0.1, RELAY, AGENT),
        see(D, AGENT, seconds(0.2), giaddr=RELAY, hops=2, source=ELSE, destination=SERVER)],
    "a relay with two servers": [see(D)] + [
        passed(kind, at, RELAY, destination=to) for at, kind in enumerate((D, D, R), 1) for to in (SERVER, ELSE)],
    "a client that has to be broadcast to, which the server was told": [
        see(D), passed(D, 0.1, RELAY), passed(OF, 0.2, RELAY, flags=0x8000),
        see(OF, at=seconds(0.3), giaddr=RELAY, flags=0x8000, destination=EVERYONE)],
    "BOOTP with what its vendor chose": [see(None, op=1, cookie=b"CMU\0", whole_tail=b"\x05of a vendor"),
                                         see(None, op=2, yiaddr=ADDRESS, source=SERVER, source_port=67,
                                             destination_port=68, cookie=b"CMU\0", whole_tail=b"\x05of a vendor")],
    "a client that asks for more each time": [
        see(D), see(D, {55: b"\x01\x03\x06"}, seconds(4)), see(OF, at=seconds(4)), see(R, {55: MORE}, seconds(5)),
        see(A, at=seconds(5.1)), renewal(seconds(1800), {55: MORE + b"\x2a"})],
    "who selects a subnet": [see(D, {118: bytes(4)}, giaddr=ADDRESS),
                             passed(OF, 1, ADDRESS, {118: bytes(4)}, yiaddr=OTHER)],
    "a name that the server updates": [
        see(D, NAME), see(OF, {81: b"\1\xff\xffhost"}, 1), see(R, NAME, 2), see(A, {81: b"\1\xff\xffhost"}, 3)],
    "a name that the server does not update": [see(D, NAME), see(OF, {81: b"\2\xff\xffhost"}, 1), see(R, NAME, 2)],
    "a rebinding soon after a renewal": [
        *dora(), renewal(seconds(3140)), renewal(seconds(3150), destination=EVERYONE)],
    "a refusal after the acknowledgement": [
        see(R, REBOOT), see(A, at=1), see(N, BY_ELSE, 2, source=ELSE), arp(1, ADDRESS)],
    "a refusal through a relay": [passed(R, 0, RELAY), passed(N, 1, RELAY)],
    "a refusal through a relay of a client that starts again": [
        passed(R, 0, RELAY, REBOOT), passed(N, 1, RELAY, flags=0x8000)],
    "a REQUEST of before the capture, passed on when its client has begun again": [
        see(A, at=1), see(D, at=2, xid=9), passed(R, 0.1, RELAY)],
    "a refusal of a rebinding": [renewal(destination=EVERYONE), see(N, at=1)],
    "a DECLINE, to another server": [see(Kind.decline, BY_ELSE), *dora(10)],
}  # fmt: skip

# A recorder beside a switch: what is unicast between others does not pass it.
BESIDE = {
    "offers that do not show": [see(D), see(R, at=seconds(1))],
    "one of two offers that does not show": [see(D), see(OF, BY_ELSE, 1, destination=EVERYONE, yiaddr=OTHER),
                                             see(R, at=seconds(1))],
    "renewals that do not show": [*dora(flags=0x8000), arp(7000, ADDRESS)],
    "a rebinding, of a lease that does not show": [see(D), see(R, at=1), renewal(seconds(3200), destination=EVERYONE)],
    "a refusal, of a renewal that does not show": [see(D), see(R, at=1), see(N, at=seconds(1800), xid=99)],
    "a release that does not show": [
        *dora(flags=0x8000), *dora(60, flags=0x8000, options=NO_ID, chaddr=OTHERS, xid=9)],
    "a lease of before, kept without an answer": [see(D), see(OF, destination=EVERYONE), arp(9, ADDRESS)],
}  # fmt: skip


@pytest.mark.parametrize("vantage", ["path", "interface", "host"])
@pytest.mark.parametrize("name", SCENES)
def test_a_correct_host_violates_nothing(name, vantage):
    assert violations(SCENES[name], vantage) == set()


@pytest.mark.parametrize("name", BESIDE)
def test_beside_a_switch_a_correct_host_violates_nothing(name):
    assert violations(BESIDE[name]) == set()


def test_what_is_not_certain_at_first_is_once_unicast_shows():
    twice = BESIDE["a release that does not show"]
    assert violations([*twice, renewal(seconds(90), xid=7), see(A, at=seconds(91), ciaddr=ADDRESS)]) == {("server", 93)}


WRONG = {
    "DECLINE to 0.0.0.0": ([see(Kind.decline, **TO_NOBODY)], {("client", 146)}),
    "INFORM to 0.0.0.0": ([see(Kind.inform, **TO_NOBODY)], {("client", 73), ("client", 146)}),
    "RELEASE to 0.0.0.0": ([see(Kind.release, **TO_NOBODY)], {("client", 72), ("client", 146)}),
    "an ACK to 0.0.0.0": ([see(R), see(A, at=1, **TO_NOBODY)], {("server", 84), ("server", 146)}),
    "an OFFER of nothing, to 0.0.0.0": (
        [see(D, {116: b"\1"}), see(OF, {116: b"\0", 51: None}, 1, yiaddr=0, **TO_NOBODY)], {("server", 146)}),
    "a refusal that a relay passes on to 0.0.0.0": (
        [passed(R, 0, RELAY), passed(N, 1, RELAY), see(N, at=seconds(2), giaddr=RELAY, **TO_NOBODY)], {("relay", 146)}),
    "a relay that passes a reply on to a port of its own choice": (
        [passed(OF, 1, RELAY), see(OF, at=seconds(2), giaddr=RELAY, source=RELAY, destination_port=1068)],
        {("relay", 151)}),
    "a reply to a port that the relay does not ask for": (
        [passed(D, 0, RELAY, AGENT), passed(OF, 1, RELAY, AGENT, destination_port=6767)], {("server", 15)}),
    "a reply to the relay's address and the client's port": (
        [passed(D, 0, RELAY), passed(OF, 1, RELAY, destination_port=68)], {("server", 15)}),
}  # fmt: skip


@pytest.mark.parametrize("vantage", ["path", "interface", "host"])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_where_a_message_goes_is_its_senders_fault(name, vantage):
    labels, expected = WRONG[name]
    assert violations(labels, vantage) == expected


OTHERWISE = [passed(D, 0.1, RELAY, AGENT), passed(OF, 0.2, RELAY, {82: b"\1\1b"})]
ADDED = [see(D, AGENT), passed(D, 0.1, RELAY, {82: b"\1\1b"})]
ASTRAY = [see(D), passed(D, 1, RELAY), passed(R, 2, RELAY, destination=ELSE)]
HOPS = [passed(OF, 0.2, RELAY), see(OF, at=seconds(0.3), giaddr=RELAY, hops=1)]


@pytest.mark.parametrize(
    "labels, breach",
    [
        (OTHERWISE, ("server", 147)),
        (ADDED, ("relay", 149)),
        (ASTRAY, ("relay", 153)),
        (HOPS, ("relay", 133)),
        ([see(None, op=1), see(OF, at=1)], ("server", 135)),
    ],
)
def test_what_compares_two_messages_is_certain_where_nothing_is_lost(labels, breach):
    assert violations(labels, "path") == set()
    assert breach in violations(labels, "interface")


def test_a_wrong_message_type_is_blamed_on_its_sender():
    answer = {"op": 2, "source_port": 67, "destination_port": 68, "source": SERVER, "destination": ADDRESS}
    found = violations([*dora()[:3], see(R, at=seconds(1), yiaddr=ADDRESS, **answer)])
    assert ("server", 2) in found and {role for role, _ in found} == {"server"}
    assert ("client", 14) in violations([see(D, op=2)]) and ("server", 14) in violations([see(D), see(OF, op=1)])


def test_what_a_relay_adds_is_not_its_clients():
    assert violations([see(D), passed(D, 0.1, RELAY, {82: b"\1\2a"})]) == {("relay", 114)}


def test_what_is_echoed_is_not_the_servers():
    assert ("server", 114) not in violations(
        [passed(D, 0, RELAY, {82: b"\1\2a"}), passed(OF, 1, RELAY, {82: b"\1\2a"})]
    )


@pytest.mark.parametrize("wrong", [{"htype": 6}, {"chaddr": OTHERS}, {"hlen": 0}], ids=["htype", "chaddr", "hlen"])
def test_a_client_may_read_what_has_its_xid_and_is_not_blamed_for_the_server(wrong):
    scene = [see(D), see(OF, at=1, **wrong), see(R, at=seconds(1)), see(A, at=seconds(1.1), **wrong), arp(1.5, ADDRESS)]
    assert violations(scene, "interface", complete=True) == {("server", 74)}


@pytest.mark.parametrize("wrong", [{"htype": 6}, {"chaddr": OTHERS}], ids=["htype", "chaddr"])
def test_a_client_is_blamed_where_the_offer_has_another_xid(wrong):
    scene = [see(D), see(OF, at=1, xid=9, **wrong), see(R, at=seconds(1))]
    assert ("client", 40) in violations(scene, "interface", complete=True)


def test_an_acknowledgement_that_names_another_is_one_to_who_reads_it():
    scene = [see(D), see(OF, at=1), see(R, at=seconds(1)), see(A, at=seconds(1.1), chaddr=OTHERS), arp(2, ADDRESS)]
    assert violations(scene, "interface") == {("server", 74)}
    assert ("client", 66) in violations([*scene[:3], *scene[4:]], "interface")


def test_an_offer_of_an_address_that_answered_a_probe_is_noted():
    probe = arp(0.1, SERVER, SERVER_MAC)._replace(target=ADDRESSES[ADDRESS])
    noted = [
        {
            found.requirement
            for report in reports([see(D), probe, *more, see(OF, at=seconds(0.5))])
            for found in report.deviations
        }
        for more in ([], [arp(0.2, ADDRESS)], [arp(0.2, ADDRESS, OTHER_MAC)])
    ]
    assert [91 in found for found in noted] == [False, False, True]
