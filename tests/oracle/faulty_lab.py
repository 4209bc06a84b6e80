"""A laboratory for defects: a host under test, a correct peer, and a medium that loses what an experiment says.

An experiment drives both ends and may put forged segments before the host.  The same experiment is run with the correct
host and with the faulty one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from simulated_host import Host
from simulated_sender import MS, SPACE, A, B, Config
from wire_simulator import Medium, Simulation

from netoracle.wire.passing import Side
from netspec.wire.segment import ACK, Options, Segment

MOST_SEGMENTS = 6000
"""After so many a simulation ends, whatever a faulty host still wants to send."""


class Sound(Host):
    """A correct host, with places where a defect can be put.

    `checked`: whether it drops what arrives damaged; `later`: by how much its next initial sequence
    number is higher.
    """

    checked = True
    later = 500_000
    latest = 0

    def leaving(self, seg: Segment) -> list[Segment]:
        """What goes out where a correct host sends `seg`."""
        return [seg]

    def arriving(self, seg: Segment) -> Segment | None:
        """What is processed where `seg` arrives; None for nothing."""
        return seg

    def blocks(self) -> list[tuple[int, int]]:
        """The SACK blocks, first that of the segment which arrived last (RFC 2018 section 4)."""
        return sorted(super().blocks(), key=lambda b: (self.latest - b[0]) % SPACE >= (b[1] - b[0]) % SPACE)

    def receive(self, seg: Segment) -> None:
        taken = None if self.checked and seg.fault is not None else self.arriving(seg)
        if taken is not None:
            self.latest = taken.seq
            super().receive(taken)


@dataclass(frozen=True)
class Sent:
    """A segment as it leaves: milliseconds since the start, how many with data or FIN were sent before by that host."""

    lab: Lab
    host: Host
    seg: Segment
    ms: int
    before: int


Fate = Callable[[Sent], int | None]
"""Milliseconds by which a segment is late, None where it is lost."""


class Lab(Simulation):
    """An experiment under way; `subject` is the host that is judged, `peer` a correct one."""

    def __init__(self, plan: Experiment, host: type[Sound], seed: int = 1) -> None:
        a, b = (plan.peer, plan.subject) if plan.server else (plan.subject, plan.peer)
        super().__init__(seed, a, b, Medium(delay=plan.delay * MS))
        hosts = (plan.other, host) if plan.server else (host, plan.other)
        self.start = self.now
        self.host, self.a, self.b = host, hosts[0](self, A, a), hosts[1](self, B, b)
        self.fate: Fate = lambda sent: 0
        self.carried: dict[Side, int] = {A: 0, B: 0}
        self.total = 0
        self.server = plan.server
        self.fill = self.random.randbytes(100_000)
        plan.script(self)
        self.run(self.start + plan.seconds * 1000 * MS)

    @property
    def subject(self) -> Host:
        """The host that is judged."""
        return self.b if self.server else self.a

    @property
    def peer(self) -> Host:
        """The correct host."""
        return self.a if self.server else self.b

    def when(self, ms: int, what: Callable[[], None]) -> None:
        """Have something done at a time after the start."""
        self.at(self.start + ms * MS, what)

    def write(self, ms: int, size: int, *, peer: bool = False) -> None:
        """Have the host, or its peer, write."""
        self.when(ms, lambda: (self.peer if peer else self.subject).write(self.fill[:size]))

    def read(self, host: str, first: int = 0, last: int = 60_000, every: int = 100) -> None:
        """Have an application read all there is, again and again."""
        for ms in range(first, last, every):
            self.when(ms, lambda: getattr(self, host).read(10**6))

    def forge(self, ms: int, make: Callable[[Lab], Segment]) -> None:
        """Let a segment that the peer did not send reach the host."""

        def arrive() -> None:
            self.record(self.subject.me, self.peer.me, self.subject.me, seg := make(self))
            self.subject.receive(seg)

        self.when(ms, arrive)

    def transmit(self, sender: Host, seg: Segment) -> None:
        assert isinstance(sender, Sound)
        for one in sender.leaving(seg):
            self.total += 1
            if self.total > MOST_SEGMENTS:
                self.steps.clear()
                return
            other = self.b if sender is self.a else self.a
            self.record(sender.me, sender.me, other.me, one)
            late = self.fate(Sent(self, sender, one, (self.now - self.start) // MS, self.carried[sender.me]))
            self.carried[sender.me] += bool(one.length or one.flags & 1)
            if late is not None:
                due = self.now + self.medium.delay + late * MS
                self.at(due, partial(self.reach, sender, other, one))

    def again(self) -> None:
        """A new connection between the same ports, the old one being gone."""
        assert isinstance(self.subject, Sound)
        old, kept = self.subject, self.peer
        fresh = type(old)(self, old.me, replace(old.c, iss=(old.c.iss + old.later) % SPACE))
        other = Sound(self, kept.me, replace(kept.c, iss=(kept.c.iss + 500_000) % SPACE))
        self.a, self.b = (other, fresh) if self.server else (fresh, other)
        self.a.connect()


UNLIKE_UTCP = {
    "aborts",
    "twice",
    "syn_lost",
    "wrong_syn_ack",
    "window_closed",
    "peer_window_closed",
    "both_windows_closed",
}
"""Scripts in which the host does what µTCP cannot: its application aborts, or timers have shorter intervals."""


@dataclass(frozen=True)
class Experiment:
    """What both ends are, what they do, and for how long (simulated seconds).

    `server`: the host is the passive one; `aborts`: its application resets the connection.
    """

    script: Callable[[Lab], None]
    subject: Config = field(default_factory=lambda: Config(iss=1000, buffer=16_000))
    peer: Config = field(default_factory=lambda: Config(iss=70_000, buffer=60_000))
    other: type[Sound] = Sound
    server: bool = False
    delay: int = 20
    seconds: int = 30
    aborts: bool = False

    @property
    def name(self) -> str:
        """The name of its script."""
        return self.script.__name__

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that such a host can be judged by."""
        unlike = self.aborts or self.script.__name__ in UNLIKE_UTCP
        options = self.subject.stamps or self.subject.sack or self.subject.scale
        return ("rfc9293",) if options or unlike else ("rfc9293", "utcp")


def next_from_peer(lab: Lab, flags: int = ACK, skip: int = 0, data: bytes = b"", ahead: int = 0) -> Segment:
    """A segment with the number that the host expects next, or `skip` behind it, as its peer could send it."""
    host = lab.subject
    seq = (host.irs + host.rcv + skip) % SPACE
    ack = (host.c.iss + host.una + ahead) % SPACE if flags & ACK else 0
    options = Options(ts=(lab.now // MS, 0)) if host.stamps else Options()
    return Segment(seq, ack, flags, min(host.wnd >> host.peer_scale, 65535), len(data), data, 0, options)


__all__ = ["Experiment", "Fate", "Lab", "Sent", "Sound", "next_from_peer"]
