"""Defects in timestamps."""

from __future__ import annotations

from dataclasses import replace

import faulty_events as events
import faulty_experiments as lab
from faulty_defect import allowed, defect, detected
from faulty_lab import Experiment, Sound
from simulated_sender import MS, SPACE, Config

from netspec.wire.segment import SYN, Segment

STAMPED = Config(iss=1000, stamps=True, sack=True, buffer=16_000)
STAMPED_PEER = Config(iss=70_000, stamps=True, sack=True, buffer=60_000)
DOWNLOAD_STAMPED = Experiment(lab.download, STAMPED, STAMPED_PEER)
SACKED = Experiment(lab.download_gap, STAMPED, STAMPED_PEER)
UPLOAD_STAMPED = Experiment(lab.upload, STAMPED, STAMPED_PEER)


def stamped(seg: Segment, value: int | None = None, echo: int | None = None) -> Segment:
    """The segment with another TSval or TSecr, if it has timestamps."""
    if seg.options.ts is None:
        return seg
    old = seg.options.ts
    new = (old[0] if value is None else value) % SPACE, (old[1] if echo is None else echo) % SPACE
    return replace(seg, options=replace(seg.options, ts=new))


@defect("RFC 7323 3.2", DOWNLOAD_STAMPED, detected("TSecr echoes"))
class NeverEchoes(Sound):
    """Its TSecr is always zero."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [stamped(seg, echo=0)]


@defect("RFC 7323 4.3", DOWNLOAD_STAMPED, detected("not older than the data"))
class EchoesTheFirst(Sound):
    """Its TSecr is for ever that of the peer's SYN."""

    def leaving(self, seg: Segment) -> list[Segment]:
        self.first = getattr(self, "first", 0) or self.recent
        return [stamped(seg, echo=self.first)]


@defect("RFC 7323 4.3", SACKED, allowed("the timestamp of what advanced RCV.NXT is a SHOULD, 4.3 (B)"))
class EchoesBehindGap(Sound):
    """It echoes the timestamp of segments that arrive behind a gap."""

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        if seg.options.ts is not None:
            self.recent = seg.options.ts[0]
        super().take_text(seg, start, end)


@defect("RFC 7323 4.3", DOWNLOAD_STAMPED, detected("a timestamp that was received"))
class EchoesTheFuture(Sound):
    """Its TSecr is 500 more than what it received."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [stamped(seg, echo=self.recent + 500)]


@defect("RFC 7323 4.3", DOWNLOAD_STAMPED, detected("a timestamp that was received"))
class EchoesUnseen(Sound):
    """Its TSecr is 3 less than a timestamp that it received, a value that the peer never sent."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [stamped(seg, echo=self.recent - 3) if self.rcv > 1 else seg]


@defect("RFC 7323 3.2", replace(DOWNLOAD_STAMPED, server=True), detected(""))
class WrongEchoInSynAck(Sound):
    """The TSecr of its SYN-ACK is 1000 more than the timestamp of the SYN."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [stamped(seg, echo=self.recent + 1000) if seg.flags & SYN else seg]


@defect("RFC 7323 3.2", replace(DOWNLOAD_STAMPED, server=True), detected("TSecr echoes"))
class NoEchoInSynAck(Sound):
    """The TSecr of its SYN-ACK is zero."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [stamped(seg, echo=0) if seg.flags & SYN else seg]


@defect("RFC 7323 3.2 (SHOULD)", UPLOAD_STAMPED, allowed("zero is a SHOULD"))
class EchoInSyn(Sound):
    """The TSecr of its SYN, which acknowledges nothing, is not zero."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [stamped(seg, echo=4711) if seg.flags & SYN else seg]


@defect("RFC 7323 4.1", UPLOAD_STAMPED, detected("does not run backwards"))
class ClockRunsBack(Sound):
    """Its timestamp clock falls."""

    def leaving(self, seg: Segment) -> list[Segment]:
        ts = seg.options.ts
        return [stamped(seg, value=40_000 - ts[0]) if ts else seg]


@defect("RFC 7323 4.1", UPLOAD_STAMPED, detected("the timestamp clock runs"))
class ClockStands(Sound):
    """Its timestamp clock does not tick in thirty seconds."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [stamped(seg, value=77)]


@defect("RFC 7323 3.2", UPLOAD_STAMPED, detected("every segment has Timestamps"))
class ForgetsTimestamps(Sound):
    """After the SYN its segments have no timestamps."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [seg if seg.flags & SYN else replace(seg, options=replace(seg.options, ts=None))]

    def arriving(self, seg: Segment) -> Segment | None:
        return seg


@defect("RFC 7323 3.2", Experiment(lab.upload, STAMPED), detected("both SYNs"))
class TimestampsUninvited(Sound):
    """It sends timestamps though the peer's SYN had none."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, options=replace(seg.options, ts=(self.sim.now // MS, 0)))]


@defect(
    "RFC 7323 5.3",
    Experiment(events.old_timestamp, STAMPED, STAMPED_PEER),
    allowed("the algorithm is binding only where PAWS is used"),
)
class NoPaws(Sound):
    """It takes data with a timestamp of long ago."""

    def arriving(self, seg: Segment) -> Segment | None:
        ts = seg.options.ts
        return stamped(seg, value=max(ts[0], self.recent)) if ts and self.state == "ESTABLISHED" else seg


@defect("RFC 7323 5.3", Experiment(events.old_timestamp, STAMPED, STAMPED_PEER), detected("is to be answered"))
class SilentPaws(Sound):
    """It drops data with a timestamp of long ago without a word."""

    def arriving(self, seg: Segment) -> Segment | None:
        ts = seg.options.ts
        return None if ts and self.state == "ESTABLISHED" and ts[0] < self.recent else seg
