"""Defects in opening connections."""

from __future__ import annotations

from dataclasses import replace

import faulty_events as events
import faulty_experiments as lab
from faulty_defect import defect, detected, hidden, missing
from faulty_lab import Experiment, Sound
from simulated_sender import MS, SPACE

from netspec.wire.segment import ACK, RST, SYN, Segment

SYN_LOST = Experiment(events.syn_lost)
SYN_ACK_LOST = Experiment(events.syn_lost, server=True)
REFUSED = Experiment(events.refused, server=True)


@defect("RFC 9293 3.4.1", SYN_LOST, hidden("giving up and connecting anew look the same"))
class NewNumberInRepeatedSyn(Sound):
    """Each repetition of its SYN has another initial sequence number."""

    def timeout(self, mine: int) -> None:
        if mine == self.timer and self.state == "SYN-SENT":
            self.c = replace(self.c, iss=self.c.iss + 4000)
        super().timeout(mine)


@defect("RFC 9293 3.4.1", SYN_ACK_LOST, detected("same number"))
class NewNumberInRepeatedSynAck(Sound):
    """Each repetition of its SYN-ACK has another initial sequence number."""

    def timeout(self, mine: int) -> None:
        if mine == self.timer and self.state == "SYN-RECEIVED":
            self.c = replace(self.c, iss=self.c.iss + 4000)
        super().timeout(mine)


@defect(
    "RFC 9293 MUST-8",
    Experiment(events.twice, aborts=True),
    detected("begin with the number of the one before"),
)
class SameNumberAgain(Sound):
    """Each connection between the same ports begins with the same sequence number."""

    later = 0


@defect("RFC 9293 3.10.7.2", Experiment(lab.upload, server=True), detected("acknowledges the SYN"))
class SynAckWithoutSyn(Sound):
    """Its SYN-ACK acknowledges the number of the SYN, not the one after."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, ack=seg.ack - 1) if seg.flags & SYN else seg]


@defect("RFC 9293 3.10.7.3", Experiment(events.wrong_syn_ack), detected("connection that exists"))
class TakesWrongSynAck(Sound):
    """It takes a SYN-ACK whatever that acknowledges."""

    def arriving(self, seg: Segment) -> Segment | None:
        return replace(seg, ack=(self.c.iss + 1) % SPACE) if self.state == "SYN-SENT" and seg.flags & ACK else seg


@defect("RFC 9293 3.10.7.3", Experiment(events.wrong_syn_ack), detected("another number"))
class SilentOnWrongSynAck(Sound):
    """A SYN-ACK that acknowledges what it did not send is dropped without a reset."""

    def arriving(self, seg: Segment) -> Segment | None:
        wrong = self.state == "SYN-SENT" and seg.flags & ACK and seg.ack != (self.c.iss + 1) % SPACE
        return None if wrong else seg


@defect(
    "RFC 9293 3.10.2",
    Experiment(lab.download, server=True),
    detected("until the connection is established"),
)
class DataBeforeEstablished(Sound):
    """It sends data right behind its SYN-ACK."""

    def listen(self, seg: Segment) -> None:
        super().listen(seg)
        self.emit(1, ACK, b"220 ready\\r\\n")
        self.out += b"220 ready\\r\\n"
        self.top = self.nxt = 12


@defect(
    "RFC 9293 MUST-10",
    Experiment(events.crossing_lost),
    detected("crosses"),
    only="rfc9293",
)
class NoSimultaneousOpen(Sound):
    """A SYN that crosses its own is ignored."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if self.state == "SYN-SENT" and seg.flags & (SYN | ACK) == SYN else seg


@defect("RFC 9293 3.10.7.4", Experiment(lab.upload, server=True), detected("SYN-ACK"))
class SynAckOnceMore(Sound):
    """Three seconds after it was opened it sends its SYN-ACK again."""

    def established(self) -> None:
        super().established()
        self.after(3000 * MS, lambda mine: self.emit(0, SYN | ACK))


@defect("RFC 9293 3.10.1", Experiment(lab.upload), detected("not opened again"))
class ConnectsAgain(Sound):
    """On an open connection it sends a SYN with another number."""

    def established(self) -> None:
        super().established()
        self.after(3000 * MS, lambda mine: self.emit(100_000, SYN))


@defect(
    "RFC 9293 3.10.7.1",
    REFUSED,
    missing("no reset is owed; for a SYN a full backlog excuses the silence, for other segments nothing does"),
)
class NoResetFromClosedPort(Sound):
    """A SYN for a port where nobody listens is dropped without a word."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return []


@defect("RFC 9293 3.5.2", REFUSED, detected("takes its number"))
class WrongAckInReset(Sound):
    """Its resets acknowledge the number of the SYN, not the one after."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, ack=seg.ack - 1) if seg.flags & RST and seg.flags & ACK else seg]


@defect("RFC 9293 3.5.2", REFUSED, detected("takes its number"))
class OwnNumberInReset(Sound):
    """Its resets have a number of its own."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, seq=4711) if seg.flags & RST else seg]


@defect("RFC 9293 3.10.7.1", REFUSED, detected("reset"))
class ResetsForResets(Sound):
    """It answers resets with resets."""

    def refuse(self, seg: Segment) -> None:
        super().refuse(replace(seg, flags=seg.flags & ~RST))
