"""Defects in congestion control."""

from __future__ import annotations

import faulty_experiments as lab
from faulty_defect import allowed, defect, detected, missing
from faulty_lab import Experiment, Sound
from simulated_sender import Config

from netspec.wire.segment import Segment

UPLOAD = Experiment(lab.upload)
CONGESTION = detected("congestion window")
HUGE = 1 << 30
BLACKOUT = Experiment(lab.blackout)


@defect("RFC 9293 MUST-19, RFC 5681 3.1, RFC 2525 2.1", UPLOAD, CONGESTION)
class NoInitialSlowStart(Sound):
    """It sends as much as the peer's window holds at once."""

    def established(self) -> None:
        super().established()
        self.cwnd = HUGE


@defect("RFC 9293 MUST-19, RFC 2525 2.3", Experiment(lab.no_mss, other=lab.NoMss), CONGESTION)
class UninitializedCongestionWindow(Sound):
    """Its congestion window is not set where the peer's SYN has no MSS option."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.lacking = seg.options.mss is None

    def established(self) -> None:
        super().established()
        self.cwnd = HUGE if self.lacking else self.cwnd


@defect(
    "RFC 6928 2",
    Experiment(lab.upload, peer=Config(mss=500, buffer=60_000)),
    detected("data in flight stays within the congestion window"),
    CONGESTION,
)
class InitialWindowOfFifteen(Sound):
    """Its initial window is fifteen segments."""

    def established(self) -> None:
        super().established()
        self.cwnd = 15 * self.peer_mss


@defect("RFC 5681 3.1", Experiment(lab.upload, peer=Config(mss=200, buffer=60_000)), CONGESTION)
class GrowsFourfold(Sound):
    """In slow start it adds four segments for each acknowledgement of one."""

    def new_ack(self, ack: int) -> None:
        super().new_ack(ack)
        self.cwnd += 3 * self.peer_mss


@defect(
    "RFC 5681 3.1, RFC 2525 2.6",
    Experiment(lab.upload_gaps),
    allowed("it is not the algorithm of RFC 5681, but others are permitted, such as RFC 9438"),
)
class AdditiveConstant(Sound):
    """In congestion avoidance it adds an eighth of a segment more for each acknowledgement."""

    def new_ack(self, ack: int) -> None:
        avoiding = self.cwnd >= self.ssthresh
        super().new_ack(ack)
        self.cwnd += self.peer_mss // 8 if avoiding else 0


@defect("RFC 5681 3.1, RFC 2525 2.2", BLACKOUT, detected("after a timeout"), detected("earlier than one timeout"))
class NoSlowStartAfterTimeout(Sound):
    """After a timeout it sends the whole window again."""

    def timeout(self, mine: int) -> None:
        before = self.cwnd
        fires = mine == self.timer and self.state == "ESTABLISHED" and self.una < self.top
        super().timeout(mine)
        if fires:
            self.cwnd, self.nxt = before, self.una
            self.output()


@defect("RFC 9293 3.8.1, RFC 2525 2.14", BLACKOUT, detected("after a timeout"), CONGESTION)
class SeveralSegmentsAtTimeout(Sound):
    """At each timeout it sends the first three segments again."""

    def resend(self) -> None:
        una = self.una
        for number in range(3):
            self.una = una + 1000 * number
            if self.una < min(self.top, 1 + len(self.out)):
                super().resend()
        self.una = una


@defect("RFC 5681 3.2, RFC 2525 2.8", Experiment(lab.upload_gaps), missing("duplicates raise the bound for good"))
class NoWindowDeflation(Sound):
    """After fast recovery the congestion window stays as inflated as it was."""

    def new_ack(self, ack: int) -> None:
        inflated = self.cwnd if self.dups >= 3 else 0
        super().new_ack(ack)
        self.cwnd = max(self.cwnd, inflated)


@defect(
    "RFC 5681 3.2 (4)", Experiment(lab.upload_gaps), missing("the bound is not lowered at a loss that duplicates show")
)
class NoHalvingAtLoss(Sound):
    """Duplicate acknowledgements have it send again, and do not reduce its congestion window."""

    def take_ack(self, seg: Segment) -> bool:
        cwnd, ssthresh, dups = self.cwnd, self.ssthresh, self.dups
        good = super().take_ack(seg)
        if self.dups > 2 or dups > 2:
            self.cwnd, self.ssthresh = cwnd, ssthresh
        return good


@defect("RFC 5681 3.2", Experiment(lab.upload_gap), allowed("fast retransmit is a SHOULD"))
class NoFastRetransmit(Sound):
    """Duplicate acknowledgements do nothing: it waits for the timer."""

    def take_ack(self, seg: Segment) -> bool:
        self.dups = 0
        return super().take_ack(seg)


@defect("RFC 5681 3.2", Experiment(lab.upload_gap), allowed("three is a SHOULD"))
class RetransmitsAtFirstDuplicate(Sound):
    """One duplicate acknowledgement has it send again."""

    def take_ack(self, seg: Segment) -> bool:
        self.dups = 2 if self.dups == 0 else self.dups
        return super().take_ack(seg)


@defect(
    "RFC 5681 3.2, RFC 2525 2.14",
    Experiment(lab.upload_gap),
    missing("repeated data is not held against the congestion window"),
)
class SeveralAtFastRetransmit(Sound):
    """The third duplicate acknowledgement has it send three segments again."""

    def resend(self) -> None:
        una = self.una
        for number in range(3 if self.dups == 3 else 1):
            self.una = una + 1000 * number
            if self.una < min(self.top, 1 + len(self.out)):
                super().resend()
        self.una = una
