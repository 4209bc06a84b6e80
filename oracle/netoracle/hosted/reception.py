"""When the host got to a segment: as late as what it sends shows, where it passed the recorder earlier.

Between the recorder and TCP a segment waits, and the host goes on sending acknowledgements that do not cover it.  The
model has a queue for that, too, but a search that has to find out for every segment how long it stayed there takes
long.  So one way to read a capture takes the segments to the host in the same order, each only when nothing that the
host sends afterwards fails to acknowledge its octets, though they were the next.  Bare acknowledgements wait until the
host sends data, or what shows a later segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netoracle.hosted.connections import Seen
from netoracle.hosted.streams import Incarnation, has, incarnations
from netspec.base.time import the_time
from netspec.tcp.params import diqmax
from netspec.wire.segment import ACK, FIN, RST, SYN

_LATEST = int(the_time(diqmax) * 10**9)
"""The longest that a segment is taken to have waited, in nanoseconds: as long as in the model's own queue."""


def late(seen: Sequence[Seen]) -> list[Seen]:
    """The segments in the order in which the host is taken to have seen them, with the times of that."""
    result = list(seen)
    for one in incarnations(seen):
        result[one.begin : one.end] = _of(seen, one)
    return result


def _of(seen: Sequence[Seen], one: Incarnation) -> list[Seen]:
    ends = {at: first + len(data) for at, first, data in one.pieces}
    result: list[Seen] = []
    waiting: list[int] = []
    taken = 0
    for at in range(one.begin, one.end):
        here = seen[at]
        if not here.sent:
            waiting.append(at)
            continue
        if has(here.seg, ACK) and not here.seg.flags & (SYN | RST) and one.irs is not None:
            acknowledged = one.acknowledged(here.seg)
            while waiting and not _unseen(seen, one, ends, waiting[0], at, taken, acknowledged):
                if (
                    not here.seg.data
                    and not has(here.seg, FIN)
                    and _idle(seen, one, ends, waiting, at, taken, acknowledged)
                ):
                    break
                first = waiting.pop(0)
                taken = max(taken, min(ends.get(first, 0), acknowledged))
                result.append(_at(seen[first], result))
        else:
            result += (_at(seen[first], result) for first in waiting)
            waiting.clear()
        result.append(here)
    for first in waiting:
        result.append(_at(seen[first], result))
    return result


def _unseen(
    seen: Sequence[Seen], one: Incarnation, ends: dict[int, int], first: int, at: int, taken: int, acknowledged: int
) -> bool:
    """Whether the host, sending the segment at `at`, had not got to the one at `first`, and gets to it in time."""
    end = ends.get(first)
    if end is None or acknowledged >= end or end - len(seen[first].seg.data) > taken:
        return False
    later = (
        other
        for other in seen[at : one.end]
        if other.sent and not other.seg.flags & (SYN | RST) and one.acknowledged(other.seg) >= end
    )
    shows = next(later, None)
    return shows is not None and shows.time - seen[first].time <= _LATEST


def _idle(
    seen: Sequence[Seen],
    one: Incarnation,
    ends: dict[int, int],
    waiting: Sequence[int],
    at: int,
    taken: int,
    acknowledged: int,
) -> bool:
    """Whether the acknowledgement at `at` shows nothing of what waits, and the host sends data in time.

    What waits first are bare acknowledgements then: had they been seen, data could have gone with this one.
    """
    for first in waiting:
        if _unseen(seen, one, ends, first, at, taken, acknowledged):
            break
        seg = seen[first].seg
        if seg.data or seg.flags & (SYN | FIN | RST) or not has(seg, ACK) or one.received(seg) < taken:
            return False
    sends = next(
        (other for other in seen[at : one.end] if other.sent and (other.seg.data or has(other.seg, FIN))), None
    )
    return sends is not None and sends.time - seen[waiting[0]].time <= _LATEST


def _at(one: Seen, before: Sequence[Seen]) -> Seen:
    """A segment that reaches the host not before what comes before it."""
    return one if not before or before[-1].time <= one.time else replace(one, time=before[-1].time)
