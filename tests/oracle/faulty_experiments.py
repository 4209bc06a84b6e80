"""Transfers that the hosts under test go through: a script for both ends and the medium."""

from __future__ import annotations

from dataclasses import replace

from faulty_lab import Fate, Lab, Sent, Sound
from simulated_sender import SPACE

from netspec.wire.segment import FIN, RST, Segment


def opened(lab: Lab, fate: Fate | None = None, last: int = 26_000) -> None:
    """The client connects; both applications read all that comes; at last both close."""
    lab.fate = fate or lab.fate
    lab.when(0, lab.a.connect)
    lab.read("subject")
    lab.read("peer")
    lab.when(last, lambda: lab.subject.close())
    lab.when(last + 200, lambda: lab.peer.close())


def losing(*numbers: int, peer: bool = False, times: int = 1) -> Fate:
    """Lose the segments with data of one host that have these numbers, counted from 0."""

    def fate(sent: Sent) -> int | None:
        wanted = (sent.host is sent.lab.peer) == peer and bool(sent.seg.length or sent.seg.flags & FIN)
        return None if wanted and sent.before in numbers else 0

    return fate


def upload(lab: Lab) -> None:
    opened(lab)
    lab.write(200, 40_000)


def download(lab: Lab) -> None:
    opened(lab)
    lab.write(200, 20_000, peer=True)


def both_ways(lab: Lab) -> None:
    upload(lab)
    lab.write(200, 20_000, peer=True)


def trickle_in(lab: Lab) -> None:
    """Single small segments from the peer, so that each is acknowledged by the timer."""
    opened(lab)
    for n in range(8):
        lab.write(200 + 2000 * n, 100, peer=True)


def upload_gap(lab: Lab) -> None:
    """One segment of many is lost: three duplicate acknowledgements."""
    opened(lab, losing(12))
    lab.write(200, 60_000)


def upload_gaps(lab: Lab) -> None:
    """Losses again and again, each found by duplicate acknowledgements."""
    opened(lab, losing(12, 40, 75, 110))
    lab.write(200, 90_000)


def blackout(lab: Lab) -> None:
    """For seven seconds nothing of what the host sends arrives: timeouts."""
    opened(lab, lambda sent: None if sent.host is lab.subject and 1000 <= sent.ms < 8000 else 0)
    lab.write(200, 3000)
    lab.write(1000, 30_000)


def dead(lab: Lab) -> None:
    """The path fails for ever while data is on its way."""
    opened(lab, lambda sent: None if sent.ms >= 1000 else 0, last=290_000)
    lab.write(200, 3000)
    lab.write(1000, 2000)


def download_gap(lab: Lab) -> None:
    opened(lab, losing(5, peer=True))
    lab.write(200, 20_000, peer=True)


def download_long_gap(lab: Lab) -> None:
    """A segment of the peer is lost, and lost again when it is repeated, for two seconds."""
    lost = (lab.peer.c.iss + 5001) % SPACE
    opened(lab, lambda sent: None if sent.seg.seq == lost and sent.host is lab.peer and sent.ms < 2500 else 0)
    lab.write(200, 20_000, peer=True)


def download_gaps(lab: Lab) -> None:
    """Two gaps at once."""
    opened(lab, losing(8, 11, peer=True))
    lab.write(200, 30_000, peer=True)


def download_twice(lab: Lab) -> None:
    """Acknowledgements of the host are lost, so that the peer sends again what the host has."""
    opened(lab, lambda sent: None if sent.host is lab.subject and 215 <= sent.ms < 1500 else 0)
    lab.write(200, 6000, peer=True)
    lab.write(5000, 3000, peer=True)


def window_closed(lab: Lab) -> None:
    """The host's application reads nothing for twelve seconds."""
    lab.when(0, lab.a.connect)
    lab.read("subject", 12_000)
    lab.read("peer")
    lab.write(200, 30_000, peer=True)
    lab.when(20_000, lambda: lab.subject.close())
    lab.when(20_500, lambda: lab.peer.close())


def slow_reader(lab: Lab) -> None:
    """The host's application reads a little at a time."""
    lab.when(0, lab.a.connect)
    for ms in range(1000, 25_000, 100):
        lab.when(ms, lambda: lab.subject.read(150))
    lab.read("peer")
    lab.write(200, 30_000, peer=True)


def peer_window_closed(lab: Lab) -> None:
    """The peer's application reads nothing for twelve seconds."""
    lab.when(0, lab.a.connect)
    lab.read("peer", 12_000)
    lab.read("subject")
    lab.write(200, 12_000)
    lab.when(20_000, lambda: lab.subject.close())
    lab.when(20_500, lambda: lab.peer.close())


def both_windows_closed(lab: Lab) -> None:
    """Neither application reads for twelve seconds; then only the peer's does, for a while."""
    lab.when(0, lab.a.connect)
    lab.read("peer", 12_000)
    lab.read("subject", 40_000)
    lab.write(200, 12_000)
    lab.write(200, 12_000, peer=True)


def no_mss(lab: Lab) -> None:
    """The peer's SYN has no MSS option."""
    upload(lab)


class NoMss(Sound):
    """A correct host that leaves the MSS option out of its SYN."""

    def leaving(self, seg: Segment) -> list[Segment]:
        return [replace(seg, options=replace(seg.options, mss=None))]


class Deaf(Sound):
    """A peer that is not correct: it does not keep to the host's window."""

    def arriving(self, seg: Segment) -> Segment | None:
        return seg if seg.flags & RST else replace(seg, win=40_000)
