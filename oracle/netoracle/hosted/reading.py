"""How much the application has read, as the windows that the host advertises show it.

A BSD host advertises the room in its receive buffer and never takes a promise back, so the right edge of the window is
what was read plus the size of the buffer, to the precision of the window scale.
"""

from __future__ import annotations

from collections.abc import Sequence

from netoracle.hosted.connections import Seen
from netoracle.hosted.streams import Incarnation, has
from netspec.wire.segment import ACK, RST, SYN

_MOST_WINDOW = 65535
_DEFAULT_MSS = 536


class Reader:
    """What was read before each sent segment; `read` are the octets so far."""

    def __init__(self, seen: Sequence[Seen], one: Incarnation) -> None:
        self.one = one
        self.read = 0
        self.edge = 0
        self.unit = 1 << one.scale
        self.size = self._buffer(seen)
        self.boundaries = sorted({first + len(data) for _, first, data in one.pieces})

    def _buffer(self, seen: Sequence[Seen]) -> int:
        """The size of the buffer: the largest window, or within what the scale hides the multiple of the segment size.

        The window of the SYN, which has no scale, counts too: where the application never reads, no later one does.
        Source: TCP1_auxFnsScript.sml, calculate_buf_sizes rounds up to such a multiple.
        """
        one = self.one
        shown = (seen[at].seg.win << one.scale for at in range(one.begin, one.end) if _shows(seen[at]))
        syns = (seen[at].seg.win for at in range(one.begin, one.end) if seen[at].sent and has(seen[at].seg, SYN))
        room = max((*shown, *syns), default=0)
        mss = one.mss or _DEFAULT_MSS
        rounded = -(-room // mss) * mss
        return rounded if rounded - room < self.unit or room == _MOST_WINDOW else room

    def before(self, at: int, one: Seen) -> int:
        """How many octets must have been read before a sent segment that were not read before the last."""
        if not _shows(one) or self.one.irs is None:
            return 0
        acknowledged = self.one.acknowledged(one.seg)
        whole = self.one.whole(at)
        delivered = min(acknowledged, whole)
        # The FIN has a number and takes no room.
        edge = acknowledged - (acknowledged == whole + 1) + (one.seg.win << self.one.scale)
        if one.seg.win == 0 or edge <= self.edge:
            return 0
        self.edge = edge
        low = max(edge - self.size, self.read)
        high = delivered if one.seg.win == _MOST_WINDOW else min(edge - self.size + self.unit - 1, delivered)
        if low > high:
            return 0
        likely = [boundary for boundary in self.boundaries if low <= boundary <= high]
        until = delivered if high == delivered else likely[-1] if likely else low
        read, self.read = self.read, until
        return until - read


def _shows(one: Seen) -> bool:
    """Whether a segment shows a window that is scaled as all but those of SYNs are."""
    return one.sent and has(one.seg, ACK) and not one.seg.flags & (SYN | RST)
