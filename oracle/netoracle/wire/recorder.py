"""What the recorder itself missed: data that was acknowledged and never recorded."""

from __future__ import annotations

from netspec.wire.endpoint import Octets
from netspec.wire.intervals import insert
from netspec.wire.segment import ACK, SYN, Segment, span
from netspec.wire.sequence import offset

_FAR = 1 << 30
"""Further than any window reaches (RFC 7323 section 2.3): nobody has sent so much that was not recorded."""


class Direction:
    """The data that one end sent, as far as recorded, and what its peer acknowledged.

    Where the sender goes on behind a gap that the peer has acknowledged, and that was never recorded, it was the
    recorder that missed it: to a peer that acknowledges what was not sent, a sender does not yield.
    """

    __slots__ = ("acknowledged", "edge", "initial", "queue")

    def __init__(self) -> None:
        self.initial: int | None = None
        self.edge = 0
        self.queue: tuple[Octets, ...] = ()
        self.acknowledged = 0

    def sent(self, seg: Segment) -> None:
        """A segment from this end was recorded."""
        length = span(seg)
        if self.initial is None or (seg.flags & SYN and seg.seq != self.initial):
            self.initial, self.edge, self.queue, self.acknowledged = seg.seq, length, (), 0
        elif length:
            start = offset(seg.seq, self.initial, self.edge)
            self.edge, self.queue = insert(self.edge, self.queue, (start, start + length))

    def acked(self, seg: Segment) -> None:
        """A segment from the peer was recorded."""
        if self.initial is not None and seg.flags & ACK:
            ack = offset(seg.ack, self.initial, self.acknowledged)
            if ack <= self.edge + _FAR:
                self.acknowledged = max(self.acknowledged, ack)

    @property
    def missed(self) -> Octets | None:
        """A range that the recorder missed, counted from the first number seen; None where nothing shows one."""
        if self.queue and self.acknowledged > self.edge:
            return self.edge, self.queue[0][0]
        return None
