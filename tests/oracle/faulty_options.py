"""Defects in the options: Window Scale, SACK, Timestamps, and the flags of ECN."""

from __future__ import annotations

from dataclasses import replace

import faulty_experiments as lab
from faulty_defect import allowed, defect, detected, hidden, missing
from faulty_lab import Experiment, Sound
from simulated_sender import SPACE, Config

from netspec.wire.segment import SYN, Segment

SCALED = Config(iss=1000, scale=7, buffer=16_000)
STAMPED = Config(iss=1000, stamps=True, sack=True, buffer=16_000)
STAMPED_PEER = Config(iss=70_000, stamps=True, sack=True, buffer=60_000)
SACKED = Experiment(lab.download_gap, STAMPED, STAMPED_PEER)
GAPS = Experiment(lab.download_gaps, STAMPED, STAMPED_PEER)
UPLOAD = Experiment(lab.upload)


@defect(
    "RFC 7323 2.2",
    Experiment(lab.download, Config(iss=1000, scale=3, buffer=16_000)),
    hidden("its windows are small, not wrong"),
)
class ShiftsWindowsUnagreed(Sound):
    """It shifts the windows that it offers though the peer's SYN did not offer to."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.my_scale_next = self.c.scale or 0


@defect("RFC 7323 1.3", Experiment(lab.upload, SCALED, server=True), detected("scales windows only"))
class ScaleUninvited(Sound):
    """Its SYN-ACK has Window Scale though the SYN had none."""

    def emit(self, at: int, flags: int, data: bytes = b"") -> None:
        self.scaled = True
        super().emit(at, flags, data)


@defect("RFC 7323 2.3", Experiment(lab.upload, SCALED), detected("at most 14"))
class ShiftOfFifteen(Sound):
    """It offers a window shift of 15."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, options=replace(seg.options, ws=15)) if seg.flags & SYN else seg]


@defect("RFC 9293 3.7.1", Experiment(lab.upload), detected("only a SYN has the option MSS"))
class MssEverywhere(Sound):
    """Every segment has the option MSS."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, options=replace(seg.options, mss=1000))]


@defect("RFC 2018 4", SACKED, detected("SACK block"))
class SackOfNothing(Sound):
    """Its SACK blocks end one segment beyond what it received."""

    def blocks(self) -> list[tuple[int, int]]:
        return [(left, (right + 1000) % SPACE) for left, right in super().blocks()]


@defect("RFC 2018 4", SACKED, detected("SACK block"))
class SackBackwards(Sound):
    """It sends the edges of SACK blocks the wrong way round."""

    def blocks(self) -> list[tuple[int, int]]:
        return [(right, left) for left, right in super().blocks()]


@defect("RFC 2018 2", Experiment(lab.download_gap, STAMPED, Config(iss=70_000, stamps=True)), detected("permitted"))
class SackUninvited(Sound):
    """It sends SACK blocks though the peer's SYN did not permit them."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.sack = True


@defect("RFC 2018 4 (SHOULD)", SACKED, allowed("sending SACK is a SHOULD"))
class NeverSacks(Sound):
    """It permits SACK, and sends none."""

    def blocks(self) -> list[tuple[int, int]]:
        return []


@defect("RFC 2018 4 (MUST)", GAPS, missing("which segment an acknowledgement answers is not certain within the lag"))
class OldestSackFirst(Sound):
    """Its first SACK block is the lowest, not that of the segment that it answers."""

    def blocks(self) -> list[tuple[int, int]]:
        return sorted(super().blocks())


@defect("RFC 3168 6.1.3", UPLOAD, detected("where ECN was agreed"))
class EceUninvited(Sound):
    """Every segment echoes congestion, though ECN was not agreed."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [seg if seg.flags & SYN else replace(seg, flags=seg.flags | 64)]


@defect("RFC 2018 3, RFC 2883 4", GAPS, detected("only the first SACK block"))
class StaleSack(Sound):
    """Behind a SACK block it repeats one that is acknowledged already."""

    def blocks(self) -> list[tuple[int, int]]:
        return [*super().blocks(), ((self.irs + 1) % SPACE, (self.irs + 900) % SPACE)]
