"""Defects in keeping to the peer's window and segment size, and in numbering."""

from __future__ import annotations

from dataclasses import replace

import faulty_experiments as lab
from faulty_defect import allowed, defect, detected, hidden
from faulty_lab import Experiment, Sound
from simulated_sender import MS, SPACE, Config

from netspec.wire.segment import ACK, RST, SYN, Segment

SMALL = Config(iss=70_000, buffer=3000)
CLOSED_WINDOW = Experiment(lab.peer_window_closed, peer=SMALL, seconds=40)
STAMPED = Config(iss=1000, stamps=True, buffer=16_000)
STAMPED_PEER = Config(iss=70_000, stamps=True, buffer=60_000)
UPLOAD = Experiment(lab.upload)


@defect("RFC 9293 3.8.6", CLOSED_WINDOW, detected("peer's window"))
class IgnoresPeerWindow(Sound):
    """It sends as much as its congestion window holds, whatever window the peer offers."""

    def output(self) -> None:
        window, self.wnd = self.wnd, 60_000
        super().output()
        self.wnd = window


@defect(
    "RFC 7323 2.2",
    Experiment(lab.upload, Config(iss=1000, scale=0), Config(buffer=2000, scale=7)),
    detected("peer's window"),
)
class ScalesWindowOfSyn(Sound):
    """It shifts the window in the peer's SYN."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.wnd = seg.win << self.peer_scale


@defect(
    "RFC 7323 2.3",
    Experiment(lab.peer_window_closed, Config(iss=1000, scale=5), Config(buffer=2000, scale=0)),
    detected("peer's window"),
)
class ShiftsByItsOwn(Sound):
    """It shifts the peer's windows by its own shift count."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.peer_scale = self.c.scale or 0


@defect(
    "RFC 7323 1.3",
    Experiment(lab.peer_window_closed, Config(iss=1000, scale=5), Config(buffer=2000)),
    detected("peer's window"),
)
class ScalesThoughNotAgreed(Sound):
    """It shifts windows by what it offered, though the peer's SYN did not offer to."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.peer_scale = self.my_scale_next = self.c.scale or 0


@defect("RFC 9293 3.8.6.1", CLOSED_WINDOW, hidden("that it had more to send does not show"))
class NeverProbesWindow(Sound):
    """It has no persist timer."""

    def persist_fires(self, mine: int) -> None:
        pass


@defect("RFC 9293 3.8.6.1", CLOSED_WINDOW, detected("window probe"))
class LargeProbes(Sound):
    """It probes a closed window with a full segment."""

    def persist_fires(self, mine: int) -> None:
        if mine == self.persist and self.wnd == 0:
            self.persist = self.after(2000 * MS, self.persist_fires)
            self.emit(self.una, ACK, bytes(self.out[self.una - 1 : self.una + 499]))


@defect("RFC 9293 SHLD-30", CLOSED_WINDOW, allowed("the growth of the interval is a SHOULD"), detected("nothing new"))
class ProbesEveryHalfSecond(Sound):
    """It probes a closed window every half second."""

    def persist_fires(self, mine: int) -> None:
        if mine == self.persist and self.wnd == 0:
            self.emit(self.una - 1, ACK)
            self.persist = self.after(500 * MS, self.persist_fires)


@defect(
    "RFC 9293 MUST-66, RFC 2525 2.12",
    Experiment(lab.both_windows_closed, Config(iss=1000, buffer=3000), SMALL),
    detected("retransmission queue"),
)
class DeafWhileClosed(Sound):
    """While its own window is closed it takes no acknowledgement and no window from any segment."""

    def arriving(self, seg: Segment) -> Segment | None:
        if self.state == "ESTABLISHED" and self.window() == 0:
            self.acknowledge() if seg.length else None
            return None
        return seg


@defect(
    "RFC 9293 MUST-16",
    Experiment(lab.upload, peer=Config(mss=536)),
    detected("maximum segment size"),
    detected("maximum segment size"),
)
class IgnoresMss(Sound):
    """Its segments have 1460 octets whatever the peer's MSS option says."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.peer_mss = 1460


@defect(
    "RFC 9293 MUST-15",
    Experiment(lab.no_mss, other=lab.NoMss),
    detected("maximum segment size"),
    detected("maximum segment size"),
)
class LargeDefaultMss(Sound):
    """Where the peer's SYN has no MSS option, its segments have 1460 octets."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.peer_mss = 1460 if seg.options.mss is None else self.peer_mss


@defect(
    "RFC 9293 MUST-16, RFC 6691, RFC 2525 2.18",
    Experiment(lab.upload, STAMPED, STAMPED_PEER),
    detected("maximum segment size"),
)
class MssWithoutOptions(Sound):
    """Its segments have as many octets as the peer's MSS says, and the options besides."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.peer_mss += 12 if self.stamps else 0


@defect(
    "RFC 9293 3.8.6.2.1 MUST-38",
    Experiment(lab.upload),
    hidden("an application that writes 50 octets at a time, with no Nagle, looks the same"),
)
class SillySender(Sound):
    """It fills windows with segments of 50 octets."""

    def note_syn(self, seg: Segment) -> None:
        super().note_syn(seg)
        self.peer_mss = 50


@defect("RFC 9293 3.4", Experiment(lab.upload, Config(iss=2**32 - 20_000)), detected("new data follows"))
class LosesNumberAtWrap(Sound):
    """Its numbers go from 2^32 - 1 to 1."""

    def leaving(self, seg: Segment) -> list[Segment]:
        wrapped = self.c.iss >= SPACE // 2 and seg.seq < SPACE // 2
        return [replace(seg, seq=seg.seq + 1) if wrapped else seg]


@defect("RFC 9293 3.4", Experiment(lab.upload, Config(iss=2**32 - 20_000)), detected("retransmission queue"))
class ComparesUnsigned(Sound):
    """Once its numbers have passed 2^32, acknowledgements look older to it than what it sent."""

    def arriving(self, seg: Segment) -> Segment | None:
        before = self.c.iss >= SPACE // 2 and seg.ack < SPACE // 2 and seg.flags & ACK
        return replace(seg, ack=(self.c.iss + self.una) % SPACE) if before else seg


@defect("RFC 9293 3.4", Experiment(lab.download, peer=Config(iss=2**31 - 9000)), detected("data is to be acknowledged"))
class ComparesSigned(Sound):
    """Numbers from 2^31 on look negative to it, and it drops such segments without a word."""

    def arriving(self, seg: Segment) -> Segment | None:
        return None if self.irs < SPACE // 2 <= seg.seq else seg


@defect("RFC 9293 3.4", UPLOAD, detected("acknowledged at SND.NXT"))
class DataAtInitialNumber(Sound):
    """Its first octet of data has the number of its SYN."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [seg if seg.flags & SYN else replace(seg, seq=seg.seq - 1)]

    def arriving(self, seg: Segment) -> Segment | None:
        return seg if self.state == "SYN-SENT" else replace(seg, ack=seg.ack + 1)


@defect("RFC 9293 3.4", Experiment(lab.both_ways), detected("at SND.NXT"))
class AcknowledgesAtUna(Sound):
    """Its acknowledgements have the number SND.UNA."""

    def acknowledge(self) -> None:
        self.emit(self.una, ACK)


@defect("RFC 9293 3.4", UPLOAD, detected("has ACK"))
class DataWithoutAck(Sound):
    """Segments with data have no ACK."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, flags=seg.flags & ~ACK, ack=0) if seg.length else seg]


@defect("RFC 9293 3.8.5", UPLOAD, detected("the urgent pointer"))
class UrgentWithoutData(Sound):
    """Every segment is urgent, with an urgent pointer of zero."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, flags=seg.flags | 32, urp=0) if not seg.flags & (SYN | RST) else seg]


@defect("RFC 9293 3.4", Experiment(lab.both_ways), detected("at SND.NXT"))
class AcknowledgesBehindNxt(Sound):
    """Its acknowledgements have a number 10 behind SND.NXT."""

    def acknowledge(self) -> None:
        self.emit(self.top + 10, ACK)
