"""Defects in retransmission."""

from __future__ import annotations

import faulty_events as events
import faulty_experiments as lab
from faulty_defect import allowed, defect, detected, hidden
from faulty_lab import Experiment, Sound
from simulated_sender import LEAST_RTO, MS

from netspec.wire.segment import ACK, SYN, Segment

BLACKOUT = Experiment(lab.blackout)
SLOW_BLACKOUT = Experiment(lab.blackout, delay=100)
BACKS_OFF = detected("waits longer than the one before")
SYN_LOST = Experiment(events.syn_lost)
SYN_ACK_LOST = Experiment(events.syn_lost, server=True)


@defect("RFC 9293 3.7, RFC 2525 2.4", BLACKOUT, detected("same data"))
class OtherDataAgain(Sound):
    """What it sends again begins four octets further on in its buffer than its number says."""

    def emit(self, at: int, flags: int, data: bytes = b"") -> None:
        again = data and at < self.top
        super().emit(at, flags, bytes(self.out[at + 3 : at + 3 + len(data)]).ljust(len(data)) if again else data)


@defect(
    "RFC 9293 MUST-19, RFC 6298 5.5, RFC 2525 2.10",
    BLACKOUT,
    detected("longer than the one before"),
)
class NoBackOff(Sound):
    """Each timeout waits as long as the first."""

    def arm(self) -> None:
        self.timer = self.after(self.rto, self.timeout)


@defect("RFC 9293 MUST-19, RFC 6298 5.5, RFC 2525 2.10", SLOW_BLACKOUT, BACKS_OFF)
class NoBackOffOnSlowPath(NoBackOff):
    """Each timeout waits as long as the first; the round trip is 200 ms."""


@defect("RFC 9293 MUST-19, RFC 6298 5.5", BLACKOUT, BACKS_OFF)
class LinearBackOff(Sound):
    """Each timeout waits longer than the one before by the first."""

    def arm(self) -> None:
        self.timer = self.after(self.rto * (1 + self.tries), self.timeout)


@defect(
    "RFC 6298 2.1 (SHOULD), RFC 2525 2.7",
    Experiment(lab.upload, delay=400),
    allowed("the minimum is a SHOULD"),
    detected("a SYN is not sent again earlier"),
)
class ShortFirstTimeout(Sound):
    """Its first timeout is 200 ms, on a path with a round trip of 800 ms."""

    def arm(self) -> None:
        self.rto = LEAST_RTO if self.una <= 1 else self.rto
        super().arm()


@defect("RFC 6298 2", Experiment(lab.upload, delay=400), hidden("what came shortly before may have caused it: 0.5 s"))
class IgnoresRoundTrips(Sound):
    """For data its timeout is 200 ms, whatever round trips it measures (here 800 ms)."""

    fixed = LEAST_RTO

    def arm(self) -> None:
        self.rto = self.fixed if self.state != "SYN-SENT" else self.rto
        super().arm()


@defect("RFC 6298 2", Experiment(lab.upload, delay=480), detected("earlier than one timeout"))
class IgnoresLongRoundTrips(IgnoresRoundTrips):
    """For data its timeout is 250 ms, whatever round trips it measures (here 960 ms)."""

    fixed = 250 * MS


@defect(
    "RFC 9293 MUST-18, RFC 6298 2",
    Experiment(lab.blackout, seconds=90),
    hidden("how coarse its clock may be is left open (RFC 6298 section 4)"),
    detected("sent again"),
)
class SlowTimer(Sound):
    """Its timeout is 30 s, whatever round trips it measures (here 40 ms)."""

    def arm(self) -> None:
        self.rto = 30_000 * MS if self.una > 1 else self.rto
        super().arm()


@defect("RFC 9293 3.8.1", Experiment(lab.blackout, seconds=120), detected("sent again"))
class NeverRetransmits(Sound):
    """It has no retransmission timer, nor fast retransmit."""

    def timeout(self, mine: int) -> None:
        if self.state != "ESTABLISHED":
            super().timeout(mine)

    def resend(self) -> None:
        pass


@defect("RFC 9293 SHLD-10, SHLD-11", Experiment(lab.dead, seconds=300), detected("sent again"))
class GivesUpEarly(Sound):
    """After one retransmission it gives up in silence."""

    def timeout(self, mine: int) -> None:
        if mine == self.timer and self.tries >= 1:
            self.die()
        super().timeout(mine)


@defect("RFC 9293 3.8.1", Experiment(lab.upload), detected("retransmission queue"))
class RepeatsAcknowledged(Sound):
    """It repeats its last segment three seconds after it was acknowledged."""

    def new_ack(self, ack: int) -> None:
        super().new_ack(ack)
        if ack == self.top == 40_001:
            again = bytes(self.out[-1000:])
            self.after(3000 * MS, lambda mine: self.emit(self.top - 1000, ACK, again))


@defect("RFC 9293 MUST-23", SYN_LOST, hidden("the application may have given up at once"))
class NeverRepeatsSyn(Sound):
    """It sends its SYN once."""

    def timeout(self, mine: int) -> None:
        if self.state != "SYN-SENT":
            super().timeout(mine)


@defect(
    "RFC 9293 3.8.1",
    SYN_ACK_LOST,
    hidden("a full backlog drops SYNs, and SYN cookies repeat no SYN-ACK"),
    detected("SYN"),
)
class NeverRepeatsSynAck(Sound):
    """It sends its SYN-ACK once, even when the SYN comes again."""

    def timeout(self, mine: int) -> None:
        if self.state != "SYN-RECEIVED":
            super().timeout(mine)

    def arriving(self, seg: Segment) -> Segment | None:
        return None if self.state == "SYN-RECEIVED" and seg.flags & SYN else seg


@defect(
    "RFC 9293 MUST-19",
    SYN_LOST,
    allowed("for SYNs it is a SHOULD (RFC 1122 4.2.3.1); Linux repeats the first four evenly"),
)
class SynsWithoutBackOff(Sound):
    """It repeats its SYN every second."""

    def arm(self) -> None:
        if self.state == "SYN-SENT":
            self.timer = self.after(self.rto, self.timeout)
        else:
            super().arm()


@defect("RFC 9293 3.8.1", Experiment(events.closes_last, seconds=120), detected("sent again"))
class NeverRepeatsFin(Sound):
    """It sends its FIN once."""

    def timeout(self, mine: int) -> None:
        if self.state not in ("FIN-WAIT-1", "LAST-ACK", "CLOSING"):
            super().timeout(mine)
