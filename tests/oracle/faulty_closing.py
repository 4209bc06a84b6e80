"""Defects in closing and aborting connections."""

from __future__ import annotations

from dataclasses import replace

import faulty_events as events
from faulty_defect import allowed, defect, detected, hidden
from faulty_lab import Experiment, Sound
from simulated_sender import MS, SPACE

from netspec.wire.segment import ACK, FIN, RST, Segment

CLOSES_FIRST = Experiment(events.closes_first)
CLOSES_LAST = Experiment(events.closes_last)
WITH_DATA = Experiment(events.closes_with_data)


@defect("RFC 9293 3.6", Experiment(events.closes_last), detected("only what it received"))
class AcknowledgesBeyondFin(Sound):
    """It counts the peer's FIN twice."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, ack=seg.ack + 1) if self.peer_fin is not None and self.rcv > self.peer_fin else seg]


@defect("RFC 9293 3.6", Experiment(events.closes_last), detected("acknowledged"))
class NeverAcknowledgesFin(Sound):
    """It does not count the peer's FIN."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, ack=seg.ack - 1) if self.peer_fin is not None and self.rcv > self.peer_fin else seg]


@defect("RFC 9293 3.10.7.4", Experiment(events.fin_behind_gap), detected("only what it received"))
class TakesFinBehindGap(Sound):
    """A FIN behind a gap is acknowledged at once."""

    def leaving(self, seg: Segment) -> list[Segment]:
        early = self.peer_fin is not None and self.rcv <= self.peer_fin and seg.flags & ACK
        return [replace(seg, ack=(self.irs + (self.peer_fin or 0) + 1) % SPACE) if early else seg]


@defect("RFC 9293 3.6", CLOSES_FIRST, detected("no data follows the FIN"))
class DataBehindFin(Sound):
    """It sends more data behind its FIN."""

    def new_ack(self, ack: int) -> None:
        super().new_ack(ack)
        if self.state == "FIN-WAIT-2":
            self.after(600 * MS, lambda mine: self.emit(self.top, ACK, b"more"))


@defect("RFC 9293 3.6", CLOSES_LAST, detected("FIN"))
class FinMoves(Sound):
    """Each repetition of its FIN has the next sequence number."""

    fins = 0

    def leaving(self, seg: Segment) -> list[Segment]:
        self.fins += bool(seg.flags & FIN)
        return [replace(seg, seq=(seg.seq + self.fins - 1) % SPACE) if seg.flags & FIN else seg]


@defect("RFC 9293 3.6", WITH_DATA, detected("FIN"))
class FinBeforeData(Sound):
    """What it sends again carries the FIN, though more data follows."""

    def leaving(self, seg: Segment) -> list[Segment]:
        early = self.closing and seg.length and (seg.seq - self.c.iss - self.top) % SPACE > SPACE // 2
        return [replace(seg, flags=seg.flags | FIN) if early else seg]


@defect("RFC 9293 3.10.7.4", CLOSES_LAST, detected("has ACK"))
class FinWithoutAck(Sound):
    """Its FIN has no ACK."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, flags=FIN, ack=0) if seg.flags & FIN else seg]


@defect("RFC 2525 2.15", WITH_DATA, hidden("when the application closed does not show"))
class LateFin(Sound):
    """It sends its FIN only when all data is acknowledged."""

    def output(self) -> None:
        asked, self.closing = self.closing, self.closing and self.una == 1 + len(self.out)
        super().output()
        self.closing = asked


@defect("RFC 9293 3.10.7.4", CLOSES_FIRST, detected("FIN"))
class ForgetsTimeWait(Sound):
    """In TIME-WAIT it answers nothing."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if self.state == "TIME-WAIT" else seg


@defect(
    "RFC 9293 3.6.1 (MAY)",
    CLOSES_FIRST,
    allowed("both halves may be closed at once, RFC 9293 MUST-12"),
    detected("is not answered with a reset"),
)
class ResetsAfterClose(Sound):
    """After its FIN it answers data with a reset."""

    def arriving(self, seg: Segment) -> Segment | None:
        if self.state == "FIN-WAIT-2" and seg.length:
            self.refuse(seg)
            self.die()
            return None
        return seg


@defect("RFC 9293 SHLD-3, RFC 2525 2.16, 2.17", CLOSES_FIRST, hidden("a close and a shutdown look the same"))
class NoResetAfterClose(Sound):
    """Having closed both halves, it takes data as if it had closed one."""


@defect("RFC 9293 3.6", Experiment(events.closes_together), detected("acknowledged"))
class NoClosingState(Sound):
    """It ignores a FIN that crosses its own."""

    def arriving(self, seg: Segment) -> Segment | None:
        return replace(seg, flags=seg.flags & ~FIN) if self.closing else seg


@defect("RFC 9293 3.10.5", Experiment(events.aborts, aborts=True), detected("SND.NXT"))
class AbortsOutOfWindow(Sound):
    """The reset of its abort is 70,000 behind SND.NXT."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, seq=(seg.seq + 70_000) % SPACE) if seg.flags & RST else seg]


@defect("RFC 9293 3.10.5", Experiment(events.aborts, aborts=True), detected("connection that exists"))
class GoesOnAfterAbort(Sound):
    """Its application aborts, a reset goes out, and it sends on."""

    def die(self) -> None:
        self.aborted = False


@defect("RFC 9293 MUST-13", CLOSES_FIRST, hidden("an application may abort in TIME-WAIT, and then a reset is due"))
class ShortTimeWait(Sound):
    """It forgets the connection at once where TIME-WAIT should begin, and answers the repeated FIN with a reset."""

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        super().take_text(seg, start, end)
        if self.state == "TIME-WAIT":
            self.die()
