"""Opening, closing and resetting connections, and what should not come: a script for both ends and the medium."""

from __future__ import annotations

from dataclasses import replace

from faulty_experiments import losing, opened
from faulty_lab import Lab, next_from_peer

from netspec.wire.segment import ACK, FIN, NO_OPTIONS, PSH, RST, SYN, Segment


def closes_first(lab: Lab) -> None:
    """The host closes, the peer goes on sending and closes later; the acknowledgement of its FIN is lost once."""
    lab.fate = lambda sent: None if sent.host is lab.subject and 4000 <= sent.ms < 4200 else 0
    lab.when(0, lab.a.connect)
    lab.read("subject")
    lab.read("peer")
    lab.write(200, 2500)
    lab.when(1000, lambda: lab.subject.close())
    lab.write(2000, 2500, peer=True)
    lab.when(4000, lambda: lab.peer.close())


def closes_last(lab: Lab) -> None:
    """The peer closes, the host goes on sending and closes later; its FIN is lost twice."""
    lab.fate = lambda sent: None if sent.host is lab.subject and 5000 <= sent.ms < 5500 else 0
    lab.when(0, lab.a.connect)
    lab.read("subject")
    lab.read("peer")
    lab.write(200, 1500)
    lab.when(1000, lambda: lab.peer.close())
    lab.write(3000, 2500)
    lab.when(5000, lambda: lab.subject.close())


def closes_together(lab: Lab) -> None:
    lab.when(0, lab.a.connect)
    lab.read("subject")
    lab.read("peer")
    lab.write(200, 1500)
    lab.when(1000, lambda: lab.subject.close())
    lab.when(1000, lambda: lab.peer.close())


def closes_with_data(lab: Lab) -> None:
    """The host writes and closes at once; a segment is lost."""
    lab.fate = losing(6)
    lab.when(0, lab.a.connect)
    lab.read("peer")
    lab.write(200, 12_400)
    lab.when(201, lambda: lab.subject.close())
    lab.when(5000, lambda: lab.peer.close())


def fin_behind_gap(lab: Lab) -> None:
    """Of the peer's data the last segment but one is lost, and its FIN arrives."""
    lab.fate = losing(2, peer=True)
    lab.when(0, lab.a.connect)
    lab.read("subject")
    lab.write(200, 3000, peer=True)
    lab.when(201, lambda: lab.peer.close())
    lab.when(5000, lambda: lab.subject.close())


def refused(lab: Lab) -> None:
    """The peer connects to a port where nobody listens; later stray segments arrive."""
    lab.subject.aborted = True
    lab.when(0, lab.a.connect)
    lab.forge(2000, lambda lab: Segment(5000, 9000, ACK, 1000))
    lab.forge(3000, lambda lab: Segment(5000, 9000, RST, 0))
    lab.forge(4000, lambda lab: Segment(5000, 0, FIN, 1000))


def reset_by_peer(lab: Lab) -> None:
    opened(lab)
    lab.write(200, 90_000)
    lab.when(500, lambda: lab.peer.abort())


def aborts(lab: Lab) -> None:
    opened(lab)
    lab.write(200, 40_000)
    lab.when(350, lambda: lab.subject.abort())


def syn_lost(lab: Lab) -> None:
    """The first three SYNs, or SYN-ACKs, of the host are lost."""
    opened(lab, lambda sent: None if sent.host is lab.subject and sent.ms < 5000 else 0)
    lab.write(15_000, 2500)


def wrong_syn_ack(lab: Lab) -> None:
    """The answer to the host's SYN acknowledges another number."""
    lab.fate = lambda sent: None if sent.ms < 1500 else 0
    opened(lab, lab.fate)
    lab.forge(700, lambda lab: Segment(4000, lab.subject.c.iss + 77, SYN | ACK, 9000))
    lab.write(5000, 2500)


def crossing(lab: Lab) -> None:
    """Both connect at once."""
    opened(lab)
    lab.when(10, lambda: lab.b.connect())
    lab.write(500, 5000)


def crossing_lost(lab: Lab) -> None:
    """Both connect at once, and the peer's SYN-ACKs are lost for three seconds."""
    crossing(lab)
    both = SYN | ACK
    lab.fate = lambda s: None if s.host is lab.peer and s.seg.flags & both == both and s.ms < 3000 else 0


def strange(lab: Lab) -> None:
    """On a quiet connection, two seconds apart: what no peer should send, and what is old."""
    opened(lab)
    lab.write(200, 3000)
    lab.write(400, 3000, peer=True)
    lab.forge(2000, lambda lab: next_from_peer(lab, SYN, 700))
    lab.forge(4000, lambda lab: next_from_peer(lab, ACK, 0, b"", 5000))
    lab.forge(6000, lambda lab: next_from_peer(lab, ACK, 30_000, b"x" * 100))
    lab.forge(8000, lambda lab: next_from_peer(lab, ACK, -1000, lab.fill[2000:3000]))
    lab.forge(10_000, lambda lab: replace(next_from_peer(lab, ACK, 0, b"y" * 500), fault="checksum"))
    lab.forge(12_000, lambda lab: next_from_peer(lab, RST, 60_000))
    lab.forge(14_000, lambda lab: next_from_peer(lab, ACK, -1))
    lab.write(16_000, 3000)
    lab.write(18_000, 3000, peer=True)


def odd(lab: Lab) -> None:
    """On a quiet connection: data without ACK, and a SYN as for a new connection."""
    opened(lab)
    lab.write(200, 3000, peer=True)
    lab.forge(2000, lambda lab: next_from_peer(lab, PSH, 0, b"x" * 400))
    lab.forge(4000, lambda lab: next_from_peer(lab, SYN, 90_000))
    lab.write(8000, 3000, peer=True)


def blind_reset(lab: Lab) -> None:
    """A reset in the window, but not at its edge; then data."""
    opened(lab)
    lab.write(200, 3000)
    lab.forge(2000, lambda lab: next_from_peer(lab, RST, 700))
    lab.write(5000, 3000)
    for n in range(4):
        lab.write(8000 + 2000 * n, 1500, peer=True)


def twice(lab: Lab) -> None:
    """A connection is aborted, and another opened between the same ports."""
    opened(lab)
    lab.write(200, 3000)
    lab.when(2000, lambda: lab.subject.abort())
    lab.when(4000, lab.again)
    lab.write(6000, 3000)


def old_timestamp(lab: Lab) -> None:
    """Data in the window, with a timestamp of long ago."""
    opened(lab)
    lab.write(200, 3000, peer=True)
    lab.forge(
        2000,
        lambda lab: replace(
            next_from_peer(lab, ACK, 0, b"z" * 500),
            options=replace(NO_OPTIONS, ts=(lab.subject.recent - 100, 0)),
        ),
    )
    lab.write(4000, 3000, peer=True)
