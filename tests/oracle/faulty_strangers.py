"""Defects in answering what should not have come: what is out of window, damaged, or forged."""

from __future__ import annotations

from dataclasses import replace

import faulty_events as events
from faulty_defect import allowed, defect, detected, hidden
from faulty_lab import Experiment, Sound
from simulated_sender import MS, SPACE

from netspec.wire.segment import ACK, RST, SYN, Options, Segment

ODD = Experiment(events.odd)
STRANGE = Experiment(events.strange)
BLIND = Experiment(events.blind_reset)


@defect("RFC 9293 3.10.7.4", STRANGE, detected("out of window"))
class SilentOnOutOfWindow(Sound):
    """Data beyond the window is dropped without a word."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if seg.length and (seg.seq - self.irs - self.edge) % SPACE < SPACE // 2 and self.edge else seg


@defect("RFC 9293 3.10.7.4", STRANGE, detected("not sent"))
class SilentOnFutureAck(Sound):
    """An acknowledgement of what it did not send is dropped without a word."""

    def arriving(self, seg: Segment) -> Segment | None:
        future = self.state == "ESTABLISHED" and seg.flags & ACK
        return None if future and 0 < (seg.ack - self.c.iss - self.top) % SPACE < SPACE // 2 else seg


@defect("RFC 9293 3.10.7.4", STRANGE, detected("connection that exists"), detected("not answered with a reset"))
class ResetsForFutureAck(Sound):
    """An acknowledgement of what it did not send is answered with a reset."""

    def arriving(self, seg: Segment) -> Segment | None:
        future = self.state == "ESTABLISHED" and 0 < (seg.ack - self.c.iss - self.top) % SPACE < SPACE // 2
        if future and seg.flags & ACK:
            self.refuse(seg)
            return None
        return seg


@defect("RFC 9293 3.10.7.4", STRANGE, detected("unacceptable"))
class SilentOnKeepAlive(Sound):
    """A keep-alive is not answered."""

    def arriving(self, seg: Segment) -> Segment | None:
        old = seg.flags == ACK and not seg.length and (self.irs + self.rcv - seg.seq) % SPACE == 1
        return None if old and self.rcv > 1 else seg


@defect("RFC 9293 3.10.7.4, RFC 5961 4.2", STRANGE, detected("SYN in a synchronized state"))
class SilentOnSyn(Sound):
    """A SYN in an open connection is dropped without a word."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if seg.flags & SYN and self.state == "ESTABLISHED" else seg


@defect(
    "RFC 9293 3.10.7.4, RFC 5961 4.2",
    STRANGE,
    allowed("RFC 793 resets the connection there"),
    detected("only when it gives up"),
)
class ResetsForSyn(Sound):
    """A SYN in the window of an open connection is answered with a reset, and ends it."""

    def arriving(self, seg: Segment) -> Segment | None:
        if seg.flags & SYN and self.state == "ESTABLISHED":
            self.emit(self.top, RST | ACK)
            self.die()
            return None
        return seg


@defect("RFC 9293 MUST-3", STRANGE, detected("only what it received"))
class TakesBadChecksum(Sound):
    """It does not look at checksums."""

    checked = False


@defect("RFC 5961 3.2", BLIND, allowed("RFC 5961 is optional"), detected("inside the window"))
class TakesBlindReset(Sound):
    """A reset anywhere in the window ends the connection."""

    def arriving(self, seg: Segment) -> Segment | None:
        return replace(seg, seq=(self.irs + self.rcv) % SPACE) if seg.flags & RST else seg


@defect(
    "RFC 9293 3.10.7.4, RFC 5961 3.2",
    BLIND,
    detected("ends the connection or is answered"),
    detected("inside the window"),
)
class SilentOnBlindReset(Sound):
    """A reset in the window, not at its edge, is dropped without a word."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if seg.flags & RST else seg


@defect(
    "RFC 9293 3.10.7.4",
    STRANGE,
    hidden("an abort at the moment of its next segment looks the same"),
    detected("not answered with a reset"),
)
class TakesAnyReset(Sound):
    """A reset outside the window ends the connection."""

    def arriving(self, seg: Segment) -> Segment | None:
        return replace(seg, seq=(self.irs + self.rcv) % SPACE) if seg.flags & RST else seg


@defect("RFC 9293 MUST-40", BLIND, detected("acknowledged within"))
class DeafAfterBlindReset(Sound):
    """A reset in the window is answered; soon after that, data is no longer acknowledged."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [] if self.sim.now > 17_900 * MS and not seg.length and self.state == "ESTABLISHED" else [seg]


@defect("RFC 9293 3.10.7", Experiment(events.reset_by_peer), detected("connection that exists"))
class KeepsSendingAfterReset(Sound):
    """It ignores resets."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if seg.flags & RST and self.state == "ESTABLISHED" else seg


@defect(
    "RFC 9293 3.8.4 MUST-28, RFC 2525 2.11",
    Experiment(events.strange),
    hidden("the interval is the application's choice"),
    detected("nothing new"),
)
class FrequentKeepAlives(Sound):
    """On an idle connection it sends a keep-alive every second."""

    def established(self) -> None:
        super().established()
        for second in range(1, 24):
            self.sim.at(self.sim.now + second * 1000 * MS, self.probe)

    def probe(self) -> None:
        if self.state == "ESTABLISHED" and self.una == self.top:
            self.emit(self.top - 1, ACK)


@defect(
    "RFC 9293 MUST-26, RFC 2525 2.9",
    Experiment(events.strange),
    hidden("the application may abort at any time"),
    detected("only when it gives up"),
)
class ShortKeepAlive(Sound):
    """After two seconds of silence it resets the connection."""

    def established(self) -> None:
        super().established()
        self.sim.at(self.sim.now + 22_000 * MS, self.abort)


@defect("RFC 9293 3.10.7.4", ODD, detected("only what it received"))
class TakesDataWithoutAck(Sound):
    """It takes and acknowledges data in a segment without ACK."""

    def arriving(self, seg: Segment) -> Segment | None:
        bare = not seg.flags & (SYN | RST | ACK)
        return replace(seg, flags=seg.flags | ACK, ack=(self.c.iss + self.una) % SPACE) if bare else seg


@defect("RFC 9293 3.10.7.4, RFC 5961 4", ODD, detected("opens none"))
class AcceptsSecondSyn(Sound):
    """It answers a SYN in an open connection with a SYN-ACK, as if it were a new one."""

    def arriving(self, seg: Segment) -> Segment | None:
        if seg.flags & (SYN | ACK) == SYN and self.state == "ESTABLISHED":
            self.sim.transmit(self, Segment(5_000_000, seg.seq + 1, SYN | ACK, 8000, options=Options(mss=1000)))
            return None
        return seg
