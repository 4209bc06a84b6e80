"""Messages made by hand as a recorder sees them, and what the checker says of them."""

from dhcp_support import MAC

from netoracle.dhcp.check import Checker
from netoracle.dhcp.events import ArpEvent, DhcpEvent
from netoracle.dhcp.machines import Machines
from netspec.dhcp.labels import SECOND
from netspec.dhcp.message.codec import encode

SERVER_MAC = bytes.fromhex("020000000001")


def event(number, seen):
    """The frame of a message."""
    envelope = seen.envelope
    everyone = envelope.destination == 0xFFFFFFFF
    mine = SERVER_MAC if seen.reply or seen.relayed else seen.hardware[1:].ljust(6, b"\0")
    theirs = seen.hardware[1:].ljust(6, b"\0") if seen.reply else SERVER_MAC
    return DhcpEvent(
        number, seen.time, b"", mine, b"\xff" * 6 if everyone else theirs, envelope.source.to_bytes(4),
        envelope.destination.to_bytes(4), envelope.source_port, envelope.destination_port,
        encode(seen.message), 64, None,
    )  # fmt: skip


def arp(at, sender, mac=MAC):
    """A host asks for a neighbour, from its address."""
    target = (sender & ~0xFF | 9).to_bytes(4)
    return ArpEvent(0, int(at * SECOND), b"", mac, b"\xff" * 6, 1, mac, sender.to_bytes(4), bytes(6), target)


def reports(seen, vantage="path", profile="rfc2131", complete=False):
    """What the checker says of each party."""
    checker = Checker(Machines(profile, vantage == "path", vantage == "host", complete), vantage)
    for number, one in enumerate(seen, 1):
        checker.take(one if isinstance(one, ArpEvent) else event(number, one))
    return checker.reports()


def violations(seen, vantage="path", profile="rfc2131", complete=False):
    """What of a capture breaks a requirement: who, and which."""
    return {
        (report.party.role, number)
        for report in reports(seen, vantage, profile, complete)
        for found in report.violations
        for number in found.requirements
    }
