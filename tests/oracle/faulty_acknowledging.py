"""Defects in acknowledging what arrives in the window."""

from __future__ import annotations

from dataclasses import replace

import faulty_experiments as lab
from faulty_defect import allowed, defect, detected, hidden, missing
from faulty_lab import Experiment, Sound
from simulated_sender import MS, SPACE, Config

from netspec.wire.segment import RST, Segment

DOWNLOAD = Experiment(lab.download)
GAP = Experiment(lab.download_gap)
SMALL = Config(iss=1000, buffer=3000)
WINDOW = Experiment(lab.window_closed, SMALL, seconds=40)


@defect("RFC 9293 3.4", DOWNLOAD, detected("only what it received"))
class AcknowledgesAhead(Sound):
    """Its acknowledgements are 1000 octets ahead of what it received."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, ack=seg.ack + 1000) if self.rcv > 2000 and not seg.flags & RST else seg]


@defect("RFC 9293 3.4", GAP, detected("only what it received"))
class AcknowledgesBehindGap(Sound):
    """It acknowledges what is behind a gap as if the gap were filled, and fills it when that comes."""

    def leaving(self, seg: Segment) -> list[Segment]:
        behind = max(self.held.values(), default=0)
        return [replace(seg, ack=(self.irs + behind) % SPACE) if behind and not seg.flags & RST else seg]


@defect("RFC 9293 3.4", DOWNLOAD, detected("everything received in order"))
class AcknowledgesBackwards(Sound):
    """Every third acknowledgement is 3000 octets less."""

    count = 0

    def leaving(self, seg: Segment) -> list[Segment]:
        self.count += 1
        return [replace(seg, ack=seg.ack - 3000) if self.count % 3 == 0 and self.rcv > 6000 else seg]


@defect("RFC 9293 MUST-40", Experiment(lab.trickle_in), detected("within half a second"))
class AcknowledgesAfterASecond(Sound):
    """It delays acknowledgements by a second."""

    def after(self, delay: int, what):  # type: ignore[no-untyped-def]
        return super().after(1000 * MS if what == self.delack_fires else delay, what)


@defect("RFC 9293 MUST-40", Experiment(lab.trickle_in), detected("within half a second"))
class NoDelayTimer(Sound):
    """It acknowledges every second segment, however late that comes."""

    def delack_fires(self, mine: int) -> None:
        pass


@defect(
    "RFC 9293 SHLD-19, RFC 5681 4.2, RFC 2525 2.13",
    DOWNLOAD,
    allowed("an acknowledgement for every second is a SHOULD"),
)
class StretchAcks(Sound):
    """It acknowledges every eighth segment, or by its timer."""

    skipped = 0

    def acknowledge(self) -> None:
        self.skipped += 1
        if self.skipped % 4 == 0:
            super().acknowledge()
        else:
            self.delack = self.after(200 * MS, self.fires)

    def fires(self, mine: int) -> None:
        if mine == self.delack and self.open:
            super().acknowledge()


@defect("RFC 5681 4.2 (MUST NOT)", DOWNLOAD, detected("a segment is acknowledged once"))
class AcknowledgesTwice(Sound):
    """It sends each acknowledgement twice."""

    def acknowledge(self) -> None:
        super().acknowledge()
        super().acknowledge()


@defect("RFC 5681 4.2 (MUST NOT)", DOWNLOAD, detected("everything received"))
class DividesAcks(Sound):
    """It acknowledges each segment in ten parts."""

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        whole, before = self.rcv, self.rcv
        super().take_text(seg, start, end)
        whole = self.rcv
        for part in range(1, 10 if whole - before >= 1000 else 0):
            self.rcv = before + (whole - before) * part // 10
            self.acknowledge()
        self.rcv = whole
        if whole > before:
            self.acknowledge()


@defect(
    "RFC 5681 4.2 (MUST NOT)",
    Experiment(lab.upload),
    allowed("no clause limits it to segments with data"),
    detected("a segment is acknowledged once"),
)
class AnswersAcknowledgements(Sound):
    """It answers each acknowledgement with one."""

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        super().take_text(seg, start, end)
        if start == end and self.state == "ESTABLISHED":
            self.acknowledge()


@defect("RFC 5681 4.2 (SHOULD)", GAP, allowed("an immediate duplicate is a SHOULD"))
class LateDuplicates(Sound):
    """What arrives behind a gap is acknowledged 300 ms later."""

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        if start > self.rcv and end > start:
            self.held[start] = max(end, self.held.get(start, 0))
            self.delack = self.delack or self.after(300 * MS, self.delack_fires)
        else:
            super().take_text(seg, start, end)


@defect(
    "RFC 5681 4.2 (SHOULD)",
    Experiment(lab.download_long_gap),
    allowed("an answer is a SHOULD"),
    detected("out of order"),
)
class SilentOnGap(Sound):
    """What arrives behind a gap is kept without a word."""

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        if start > self.rcv and end > start:
            self.held[start] = max(end, self.held.get(start, 0))
        else:
            super().take_text(seg, start, end)


@defect("RFC 9293 SHLD-31, RFC 2525 2.5", GAP, allowed("keeping it is a SHOULD"))
class DropsBehindGap(Sound):
    """What arrives behind a gap is dropped."""

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        if start > self.rcv and end > start:
            self.acknowledge()
        else:
            super().take_text(seg, start, end)


@defect("RFC 9293 3.10.7.4", Experiment(lab.download_twice), detected("repeated"))
class SilentOnDuplicates(Sound):
    """Data that it has already is dropped without a word."""

    def arriving(self, seg: Segment) -> Segment | None:
        old = (seg.seq + seg.length - self.irs) % SPACE <= self.rcv
        return None if seg.length and old and self.state == "ESTABLISHED" else seg


@defect("RFC 9293 SHLD-14", WINDOW, allowed("shrinking is a SHOULD NOT"), detected(""))
class ShrinksWindow(Sound):
    """It takes back the window that it offered when its buffer fills."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, win=seg.win // 2) if self.unread > 900 else seg]


@defect("RFC 9293 3.8.6", WINDOW, hidden("when the application reads does not show"))
class NoWindowUpdate(Sound):
    """It does not say by itself that its window is open again."""

    def read(self, most: int) -> None:
        self.unread -= min(most, self.unread)


@defect(
    "RFC 9293 3.8.6.1 MUST-35",
    Experiment(lab.window_closed, SMALL, Config(iss=7, buffer=9000), seconds=40),
    detected("out of window"),
)
class SilentOnProbes(Sound):
    """While its window is closed, it answers nothing."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if self.state == "ESTABLISHED" and self.window() == 0 and seg.length else seg


@defect(
    "RFC 9293 3.10.7.4",
    Experiment(lab.window_closed, SMALL, other=lab.Deaf, seconds=40),
    hidden("the window may have opened since it was offered last"),
)
class TakesBeyondWindow(Sound):
    """It takes and acknowledges data far beyond the window that it offered."""

    def arriving(self, seg: Segment) -> Segment | None:
        offered, self.edge = self.edge, max(self.edge, self.rcv + 40_000)
        self.real = offered
        return seg

    def window(self) -> int:
        return max(0, min(self.c.buffer - self.unread, 65535))


@defect(
    "RFC 9293 MUST-39",
    Experiment(lab.slow_reader, SMALL),
    missing("the steps of the right edge are not judged: Linux keeps the size of a window, and so moves it by little"),
    detected("a segment is acknowledged once"),
)
class SillyReceiver(Sound):
    """It offers each octet that becomes free."""

    def read(self, most: int) -> None:
        before = self.unread
        super().read(most)
        if self.unread < before and self.open:
            self.acknowledge()


@defect("RFC 9293 3.10.7.4", Experiment(lab.trickle_in), detected("within half a second"))
class CrashesSilently(Sound):
    """After three seconds it answers nothing any more."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if self.sim.now > 13_000 * MS else seg
