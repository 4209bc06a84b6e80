"""Implementations as data: which requirements each is known not to meet and why, and the times that no RFC gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netspec.dhcp.labels import SECOND


@dataclass(frozen=True, slots=True)
class Bounds:
    """Times in nanoseconds that the RFCs leave open; what is above or below one needs another explanation.

    offer_within: from DISCOVER to OFFER.  Servers probe an address before they offer it, which takes seconds, and
        networks hold frames back; a client has long sent another DISCOVER by then (RFC 2131 section 4.1: 4, 8 s).
    answer_within: from REQUEST or INFORM to its answer.  Nothing is probed; networks hold frames back.
    reordered: two frames this close may be recorded in the wrong order, and one frame twice.
    fuzz: T1 and T2 are used with random fuzz (RFC 2131 section 4.4.5), of which the size is not said: one part in
        this many.
    """

    offer_within: int = 15 * SECOND
    answer_within: int = 5 * SECOND
    reordered: int = SECOND
    fuzz: int = 10


@dataclass(frozen=True, slots=True)
class Profile:
    """An implementation, or the RFCs as they stand.

    `waived` gives for each requirement that it is known not to meet the evidence: a breach is a deviation then.
    `demanded` are those whose breach the other profiles only note.
    """

    name: str
    description: str
    waived: Mapping[int, str] = field(default_factory=dict)
    demanded: frozenset[int] = frozenset()
    bounds: Bounds = Bounds()


_FIXED_4S = "one fixed timer of 4 s, neither doubled nor randomised"
_NO_PROBE = "has no code that probes an address or declines it"
_SIADDR = "copies siaddr of the OFFER into its REQUEST"
_NO_IDENTIFIER = "sends option 61 in DISCOVER only"
_CLIENT = {
    27: _FIXED_4S,
    28: _FIXED_4S,
    30: "the second DISCOVER lacks the host name and other extra options",
    36: _SIADDR,
    38: _NO_IDENTIFIER,
    41: "starts again 4 s after the DISCOVER instead of repeating the REQUEST",
    56: "always sets BROADCAST",
    60: "repeats a renewal every 4 s",
    67: _NO_PROBE,
    68: _NO_PROBE,
    111: "the default list asks for 121 after 3 and 33",
    123: _NO_PROBE,
}

_ALL = (
    Profile("rfc2131", "RFC 2131 and 2132; what a later RFC changed is noted, not demanded"),
    Profile(
        "rfc2131-strict",
        "RFC 2131, 2132 and the RFCs that update them: the client identifier returned, back-off, one identifier each",
        demanded=frozenset({15, 27, 39, 57, 82, 108, 111}),
    ),
    Profile(
        "charrua-3.2.0",
        "the MirageOS client up to 3.2.0",
        _CLIENT
        | {
            32: "option 54 is siaddr of the OFFER",
            50: "a renewal has option 54",
            51: "a renewal has option 50",
            52: "a renewal has ciaddr 0",
            53: "a renewal is broadcast",
            58: "options 51, 58 and 59 are ignored: the first renewal is 3600 s after the ACK, then every 1800 s",
            61: "goes on using the address after its lease",
            62: "drops the NAK to a renewal",
        },
    ),
    Profile(
        "charrua-3.2.1",
        "the MirageOS client from 3.2.1 on",
        _CLIENT
        | {
            54: "renews at siaddr of the ACK, not at option 54",
            57: "T2 is 75600 s where the server gives none, whatever the lease",
            58: "T1 is 1800 s where the server gives none, whatever the lease",
            59: "counts from the arrival of the ACK",
            62: "the address stays configured after a NAK",
        },
    ),
    Profile(
        "mnet",
        "the MirageOS client of mnet, which uses charrua's messages with timers of its own",
        {number: why for number, why in _CLIENT.items() if number not in (30, 41, 68, 123)}
        | {
            54: "renews at siaddr of the ACK, not at option 54",
            61: "repeats the renewal for ever and keeps the address",
            69: "starts again at once where the application rejects a lease",
            71: "BROADCAST is set in DECLINE",
        },
    ),
    Profile(
        "charrua-server",
        "the MirageOS server",
        {
            82: "returns the identifier in NAK only",
            86: "a relayed NAK lacks BROADCAST",
            89: "the ACK has the default lease, whatever the OFFER promised",
            90: "a wish for an infinite lease is met with T1 = T2 = 0",
            91: "probes nothing",
            92: "an address on offer is not reserved",
            101: "a declined address is free at once",
            110: "RCODEs of option 81 are 0",
        },
    ),
    Profile(
        "udhcpc",
        "BusyBox 1.35",
        {
            27: "a constant interval (option -T)",
            35: "secs is counted anew for the REQUEST",
            53: "rebinds 2 s after an unanswered renewal, whatever T2 is",
            57: "ignores T1 and T2",
            58: "ignores T1 and T2",
            61: "takes leases under 30 s for 30 s",
            72: "secs is not 0 in RELEASE",
        },
    ),
    Profile("dhclient", "ISC dhclient 4.4.3", {55: "repeats the unicast renewal after T2 where its back-off says so"}),
    Profile(
        "dhcpcd",
        "dhcpcd 9.4.1",
        {35: "secs is counted anew for the REQUEST where answers are late", 61: "takes leases under 20 s for 20 s"},
    ),
    Profile(
        "networkd",
        "systemd-networkd 252",
        {
            35: "secs is counted anew for the REQUEST where answers are late",
            72: "RELEASE has no option 54, and secs is not 0",
        },
    ),
    Profile(
        "dnsmasq",
        "dnsmasq 2.90",
        {
            9: "sends option 66 twice",
            75: "copies secs",
            82: "does not return the identifier",
            96: "where authoritative, refuses a REQUEST that selects another server",
            101: "offers a declined address again to a client that asks for it",
        },
    ),
    Profile(
        "isc",
        "ISC dhcpd 4.4.3",
        {
            3: "the options field has no END where options go on in file and sname",
            75: "copies secs",
            82: "does not return the identifier",
            96: "acknowledges a REQUEST that names another server",
        },
    ),
    Profile(
        "kea",
        "Kea 2.2.0",
        {
            13: "messages below 300 octets",
            85: "a NAK to a renewal goes to its ciaddr",
            86: "a relayed NAK lacks BROADCAST",
            91: "probes nothing",
        },
    ),
    Profile(
        "udhcpd",
        "BusyBox 1.35",
        {82: "does not return the identifier", 84: "broadcasts OFFER and ACK without BROADCAST being set"},
    ),
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in _ALL}
"""Profiles by name."""
