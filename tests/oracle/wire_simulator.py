"""Two hosts, and a medium that loses, duplicates, delays and reorders.

What each interface sees is recorded as it would be in a capture there.  Times are nanoseconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random

from simulated_host import Host
from simulated_sender import MS, SPACE, A, B, Config

from netoracle.wire.passing import Passing, Side
from netspec.wire.event import Event
from netspec.wire.segment import ACK, NO_OPTIONS, PSH, RST, SYN, Options, Segment

MOST = 3000
"""After so many segments at an interface all are lost: of two hosts that no longer agree, each answers the other."""


@dataclass(frozen=True)
class Medium:
    """Per thousand: how many segments are lost, sent twice, and delayed for long; `lag`: from interface to host.

    `odd`: by how many a forged one comes at the interface, as strangers, old connections and broken peers send them.
    """

    loss: int = 0
    twice: int = 0
    late: int = 0
    delay: int = 20 * MS
    lag: int = 0
    odd: int = 0


@dataclass(order=True)
class Step:
    time: int
    order: int
    what: Callable[[], None] = field(compare=False)


class Simulation:
    """Runs two hosts; `seen` has for each host what its interface recorded, in order."""

    def __init__(self, seed: int, a: Config, b: Config, medium: Medium) -> None:
        self.random = Random(seed)
        self.medium, self.now = medium, 10_000 * MS
        self.steps: list[Step] = []
        self.order = count(1)
        self.a, self.b = Host(self, A, a), Host(self, B, b)
        self.seen: dict[Side, list[Passing]] = {A: [], B: []}
        self.busy = {A: 0, B: 0}  # until when a host is at work on what came

    def at(self, time: int, what: Callable[[], None]) -> None:
        heapq.heappush(self.steps, Step(time, next(self.order), what))

    def record(self, place: Side, source: Side, target: Side, seg: Segment) -> None:
        seen = self.seen[place]
        seen.append(Passing(source, target, Event(len(seen) + 1, self.now, seg)))

    def transmit(self, sender: Host, seg: Segment) -> None:
        other = self.b if sender is self.a else self.a
        self.record(sender.me, sender.me, other.me, seg)
        if len(self.seen[sender.me]) > MOST:
            return
        copies = 2 if self.random.randrange(1000) < self.medium.twice else 1
        for _ in range(copies):
            if self.random.randrange(1000) >= self.medium.loss:
                late = self.random.randrange(1000) < self.medium.late
                delay = self.medium.delay + (self.random.randrange(200) * MS if late else 0)
                self.at(self.now + delay, lambda: self.reach(sender, other, seg))

    def reach(self, sender: Host, other: Host, seg: Segment) -> None:
        """The segment passes the other host's interface; perhaps a forged one does soon after."""
        self.arrive(sender, other, seg)
        if self.random.randrange(1000) < self.medium.odd:
            odd = self.forged(other, seg)
            self.at(self.now + self.random.choice([0, 1, 40, 1500]) * MS, lambda: self.arrive(sender, other, odd))

    def arrive(self, sender: Host, other: Host, seg: Segment) -> None:
        """A segment is recorded at the other host's interface, and is in order received some time later."""
        self.record(other.me, sender.me, other.me, seg)
        due = max(self.now + self.random.randrange(self.medium.lag + 1), self.busy[other.me])
        self.busy[other.me] = due
        self.at(due, lambda: other.receive(seg))

    def forged(self, other: Host, seg: Segment) -> Segment:
        """A segment that does not belong to the connection, or not now; it brings no data that the host would keep."""
        choice = self.random.choice
        edge = (other.irs + other.edge) % SPACE
        window = max(1, other.edge - other.rcv)
        near = [seg.seq, seg.seq - 1, seg.seq + choice([1, window // 2, window - 1]), edge - 1, edge, edge + 1]
        seq = choice([*near, seg.seq + 70_000, seg.seq - 70_000]) % SPACE
        sent = other.c.iss + other.top
        ack = (
            choice([seg.ack, seg.ack, sent, sent + 1, sent + 3000, other.c.iss, sent - 70_000, sent + SPACE // 2])
            % SPACE
        )
        flags = choice([ACK] * 6 + [RST, RST | ACK, SYN, SYN, SYN | ACK, 0, PSH | ACK])
        if flags & RST and seq == (other.irs + other.rcv) % SPACE and self.random.random() < 0.8:
            seq = (seq + 1) % SPACE
        data = b""
        if flags == PSH | ACK:
            seq, data = choice(
                [((seg.seq - 1) % SPACE, b"x"), (edge, b"beyond"), ((edge + 9000) % SPACE, b"far beyond")]
            )
        stamp = seg.options.ts
        if stamp is not None:
            leap = choice([0, 0, 0, -50, -5000, 1 << 29, (1 << 31) - 1, (1 << 31) + 5])
            stamp = ((stamp[0] + leap) % SPACE, stamp[1])
        options = Options(ts=stamp) if self.random.random() < 0.9 else NO_OPTIONS
        return Segment(seq, ack if flags & ACK else 0, flags, seg.win, len(data), data, 0, options)

    def run(self, until: int) -> None:
        while self.steps and self.steps[0].time <= until:
            step = heapq.heappop(self.steps)
            self.now = step.time
            step.what()
        self.now = until
