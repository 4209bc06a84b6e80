"""A capture and the host's own log of the same time: which frame is which line, and how the clocks differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median_low

from netoracle.wire.passing import Passing, Side
from netoracle.wire.utcp_log import Logged
from netspec.wire.receive import UNUSABLE
from netspec.wire.segment import Segment

TOLERANCE = 10**9
"""How far a frame and its line may be apart once the clocks are aligned, in nanoseconds."""

Key = tuple[Side, Side, int, int, int, int, int, bytes]


@dataclass(slots=True)
class Alignment:
    """Which frames and lines belong together.

    `offset`: what is to be added to the log's clock, in nanoseconds; `spread`: the distance between the 5th and the
    95th percentile of the differences of segments that the host sent.  `line_of`: by place in the capture, the line.
    `lost_lines`: lines with a segment for which there is no frame.
    """

    offset: int = 0
    spread: int = 0
    line_of: dict[int, Logged] = field(default_factory=dict)
    lost_lines: list[Logged] = field(default_factory=list)


def align(capture: Sequence[Passing], log: Sequence[Logged]) -> Alignment:
    """Match segments by their contents, and of those with the same contents by time.

    The differences of what the host sent, where it occurs as often on either side, give the offset by their median.
    """
    frames: dict[Key, list[int]] = defaultdict(list)
    for place, passed in enumerate(capture):
        if passed.event.seg.fault in UNUSABLE:
            # Such a segment is rejected before it is logged.
            continue
        frames[_key(passed.source, passed.target, passed.event.seg)].append(place)
    lines = [(one, _line_key(one)) for one in log if one.segment is not None]
    of_key: dict[Key, list[Logged]] = defaultdict(list)
    for one, key in lines:
        if one.kind == "out":
            of_key[key].append(one)
    sent = [
        capture[place].event.time - one.time
        for key, several in of_key.items()
        if len(several) == len(frames.get(key, ()))
        for one, place in zip(several, frames[key], strict=True)
    ]
    result = Alignment()
    if sent:
        result.offset = median_low(sent)
        ordered = sorted(sent)
        result.spread = ordered[len(ordered) * 95 // 100] - ordered[len(ordered) * 5 // 100]
    for one, key in lines:
        when = one.time + result.offset
        places = [place for place in frames.get(key, ()) if abs(capture[place].event.time - when) <= TOLERANCE]
        if not places:
            result.lost_lines.append(one)
            continue
        place = min(places, key=lambda place: abs(capture[place].event.time - when))
        frames[key].remove(place)
        result.line_of[place] = one
    return result


def _line_key(one: Logged) -> Key:
    assert one.segment is not None
    ends = (one.host, one.peer) if one.kind == "out" else (one.peer, one.host)
    return _key(*ends, one.segment)


def _key(source: Side, target: Side, seg: Segment) -> Key:
    """What a segment says, but for its checksum, which µTCP clears, and the flags of ECN, which it does not read."""
    return source, target, seg.seq, seg.ack, seg.flags & 0x3F, seg.win, seg.length, seg.data
