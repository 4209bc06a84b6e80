"""Runs of the abstract DHCP system, written as real messages: the concrete rules judge what the abstract ones did.

A tick is ten minutes.  Messages that the medium loses were recorded before.  A run whose parties deviate must not pass.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from netoracle.dhcp.check import Checker
from netoracle.dhcp.events import DhcpEvent
from netoracle.dhcp.machines import Machines
from netoracle.search.search import Verdict
from netspec.dhcp.abstract.composition import Network, Setting, initial, steps
from netspec.dhcp.abstract.medium import Faults
from netspec.dhcp.abstract.records import Message as Abstract
from netspec.dhcp.abstract.records import MessageType, Parameters
from netspec.dhcp.message.codec import encode
from netspec.dhcp.message.types import Field, Message, Option

SECOND = 10**9
TICK = 600
PARAMETERS = Parameters()
SERVER, MASK = bytes([10, 0, 0, 1]), b"\xff\xff\xff\0"
NOWHERE, EVERYWHERE = bytes(4), b"\xff" * 4


def address(number: int) -> bytes:
    return bytes([10, 0, 0, 100 + number]) if number else NOWHERE


def hardware(name: str) -> bytes:
    return bytes([2, 0, 0, 0, 0, int(name[1:])])


class Wire:
    """Turns the messages of a run into what a recorder sees."""

    def __init__(self) -> None:
        self.now = 0
        self.events: list[DhcpEvent] = []
        self.kinds: Counter[MessageType] = Counter()
        self.exchange: Counter[str] = Counter()
        self.xids: dict[Abstract, list[int]] = {}

    def follow(self, rule: str, before: Network, after: Network) -> None:
        """What a step put on the medium, with the xid of what it took from there."""
        if rule == "time_passes":
            self.now += TICK * SECOND
            return
        self.now += SECOND // 100
        taken = Counter(before.medium) - Counter(after.medium)
        xids = [self.xids[message].pop(0) for message in taken.elements()]
        for message in (Counter(after.medium) - Counter(before.medium)).elements():
            if rule.startswith("medium"):
                # The copy of a message that was recorded once, before the medium doubled it.
                self.xids.setdefault(message, []).extend(xids or [self.exchange[message.client]])
                continue
            self.send(message, xids[0] if xids and message.kind.is_answer else self.own_xid(rule, message))

    def own_xid(self, rule: str, message: Abstract) -> int:
        if rule in ("client_discovers", "client_renews", "client_rebinds", "client_releases"):
            self.exchange[message.client] += 1
        return self.exchange[message.client]

    def send(self, message: Abstract, xid: int) -> None:
        self.xids.setdefault(message, []).append(xid)
        self.kinds[message.kind] += 1
        answer = message.kind.is_answer
        renewal = message.kind is MessageType.REQUEST and message.ciaddr
        options: dict[int, bytes] = {53: bytes([message.kind])}
        if message.requested:
            options[50] = address(message.requested)
        if answer or (message.server and not renewal):
            options[54] = SERVER
        if message.kind in (MessageType.OFFER, MessageType.ACK):
            times = (PARAMETERS.lease, PARAMETERS.t1, PARAMETERS.t2)
            for code, ticks in zip((51, 58, 59), times, strict=True):
                options[code] = (ticks * TICK).to_bytes(4)
            options[1] = MASK
        mac = hardware(message.client)
        identified = {61: b"\x01" + mac} if not answer else {}
        concrete = Message(
            2 if answer else 1, 1, 6, 0, xid * 256 + mac[-1], 0, 0,
            int.from_bytes(address(message.ciaddr)), int.from_bytes(address(message.yiaddr)), 0, 0,
            mac.ljust(16, b"\0"), bytes(64), bytes(128),
            options=tuple(Option(code, value) for code, value in sorted((options | identified).items())),
            tails=((Field.options, b"\xff".ljust(60, b"\0")),),
        )  # fmt: skip
        own, to = (SERVER, address(message.yiaddr)) if answer else (address(message.ciaddr), SERVER)
        unicast = bool(message.ciaddr) and message.destination.startswith("s") and self.addressed(message)
        if answer:
            to = address(message.ciaddr) if message.ciaddr else to
            to = EVERYWHERE if message.kind is MessageType.NAK else to
        elif not unicast:
            to = EVERYWHERE
        source_mac, target_mac = (b"\2server", mac) if answer else (mac, b"\2server")
        if to == EVERYWHERE:
            target_mac = b"\xff" * 6
        self.events.append(
            DhcpEvent(
                len(self.events) + 1, self.now, b"", source_mac[:6], target_mac[:6], own, to,
                67 if answer else 68, 68 if answer else 67, encode(concrete), 64, None,
            )
        )  # fmt: skip

    @staticmethod
    def addressed(message: Abstract) -> bool:
        """Whether a client sends to its server alone: renewing, releasing."""
        return message.kind is MessageType.RELEASE or bool(message.server)


def run(seed: int, setting: Setting, length: int) -> Wire:
    """A random run, that lets time pass rarely."""
    chance = random.Random(seed)
    network = next(initial(setting))
    wire = Wire()
    for _ in range(length):
        possible = list(steps(network, setting))
        if not possible:
            break
        eager = [step for step in possible if step[0] != "time_passes"]
        rule, _, _, after = chance.choice(eager if eager and chance.random() < 0.7 else possible)
        wire.follow(rule, network, after)
        network = after
    return wire


def judged(wire: Wire):
    checker = Checker(Machines("rfc2131", lossy=True), "path")
    for event in wire.events:
        checker.take(event)
    return checker.reports()


SETTINGS = {
    "direct": Setting(clients=2, pool=2),
    "one address": Setting(clients=2, pool=1),
    "with loss": Setting(clients=2, pool=2, faults=Faults(loss=True)),
    "with releases": Setting(clients=2, pool=2, release=True),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_the_abstract_parties_do_the_concrete_rules_allow(name):
    leases = messages = 0
    for seed in range(40):
        wire = run(seed, SETTINGS[name], 80)
        reports = judged(wire)
        wrong = [violation for report in reports for violation in report.violations]
        assert not wrong, (seed, wrong[0])
        assert all(report.verdict is Verdict.conforms for report in reports)
        leases += wire.kinds[MessageType.ACK]
        messages += len(wire.events)
    assert leases > 100 and messages > 500


def test_two_holders_of_one_address_are_seen_in_concrete_messages():
    """A server that gives every client its first address."""
    wire = Wire()
    for number, name in enumerate(("c1", "c2")):
        wire.now += SECOND * number
        wire.exchange[name] += 1
        xid = wire.exchange[name]
        wire.send(Abstract(name, "s1", MessageType.DISCOVER, name), xid)
        wire.send(Abstract("s1", name, MessageType.OFFER, name, yiaddr=1, server="s1"), xid)
        wire.send(Abstract(name, "s1", MessageType.REQUEST, name, requested=1, server="s1"), xid)
        wire.send(Abstract("s1", name, MessageType.ACK, name, yiaddr=1, server="s1"), xid)
    found = [violation for report in judged(wire) for violation in report.violations]
    assert [violation.requirements for violation in found] == [(93,)]
