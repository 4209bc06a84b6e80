"""A capture and the host's own log of the same time: which frame is which line, and how the clocks differ."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from statistics import median_low

from netoracle.wire.passing import Passing, Side
from netoracle.wire.utcp_log import Logged
from netspec.wire.receive import UNUSABLE
from netspec.wire.segment import Segment

TOLERANCE = 10**9
"""How far a frame and its line may be apart once the clocks are aligned, in nanoseconds."""

NEAR = 50 * 10**6
"""How far apart, in nanoseconds, a frame and a line that differ are still taken for the same segment."""

_MOST_PAIRS = 10_000
"""How many pairs of the same contents are compared for the clocks."""

_MOST_DIFFERENCES = 2
"""In how many fields a frame and a line may differ that are taken for the same segment."""

_MOST_NEAR = 100
"""How many frames a line is compared with when it has none with the same contents."""

_SAME_CONTENTS = frozenset({"checksum", "IP checksum"})
"""Faults of a segment that may show nowhere in its line."""

_ENOUGH = 8
_LONG = 10 * 10**9
"""From how many differences, and over how many nanoseconds, a drift of the clocks is worth estimating."""

Key = tuple[Side, Side, int, int, int, int, int, int, bytes]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clock:
    """How the log's clock is read on the capture's: `offset` nanoseconds on at `origin`, and `drift` per nanosecond."""

    offset: int = 0
    origin: int = 0
    drift: float = 0.0

    def read(self, time: int) -> int:
        """A moment of the log on the capture's clock."""
        return time + self.offset + round(self.drift * (time - self.origin))


@dataclass(slots=True)
class Alignment:
    """Which frames and lines belong together.

    `spread`: the distance between the 5th and the 95th percentile of the differences of segments that the host sent, in
    nanoseconds.  `line_of`: by place in the capture, the line.  `differing`: those places whose line has other
    contents, with the fields.  `lost_lines`: lines with a segment for which there is no frame.
    """

    clock: Clock = field(default_factory=Clock)
    spread: int = 0
    line_of: dict[int, Logged] = field(default_factory=dict)
    differing: dict[int, str] = field(default_factory=dict)
    lost_lines: list[Logged] = field(default_factory=list)


def align(capture: Sequence[Passing], log: Sequence[Logged]) -> Alignment:
    """Match segments by their contents, those with the same contents in their order and by time, the rest by time."""
    depth = _depth(capture)
    frames: dict[Key, list[int]] = defaultdict(list)
    for place, passed in enumerate(capture):
        frames[_key(passed.source, passed.target, passed.event.seg, depth)].append(place)
    lines: dict[Key, list[Logged]] = defaultdict(list)
    for one in log:
        if one.segment is not None:
            lines[_key(*_ends(one), one.segment, depth)].append(one)
    result = Alignment()
    result.clock, result.spread = _clocks(capture, frames, lines)
    for key, several in lines.items():
        places = frames.get(key, [])
        # What has to be dropped has no line: such a frame is only taken where no other is left, and only near the line.
        # Where its header cannot be, the line is not its: that of the line can.
        sound = [place for place in places if capture[place].event.seg.fault not in UNUSABLE]
        left = _pair(capture, result, several, sound, TOLERANCE)
        wrong = [place for place in places if capture[place].event.seg.fault in _SAME_CONTENTS]
        result.lost_lines += _pair(capture, result, left, wrong, NEAR)
    result.lost_lines.sort(key=lambda line: line.line)
    _pair_differing(capture, result)
    return result


def _depth(capture: Sequence[Passing]) -> int | None:
    """To how many octets of data the comparison goes: to those that every frame has, None for all."""
    short = [len(one.event.seg.data) for one in capture if len(one.event.seg.data) < one.event.seg.length]
    return min(short, default=None)


def _ends(one: Logged) -> tuple[Side, Side]:
    return (one.host, one.peer) if one.kind == "out" else (one.peer, one.host)


def _key(source: Side, target: Side, seg: Segment, depth: int | None) -> Key:
    """What a segment says, but for its checksum, which µTCP clears, and the flags of ECN, which it does not read."""
    return source, target, seg.seq, seg.ack, seg.flags & 0x3F, seg.win, seg.urp, seg.length, seg.data[:depth]


def _clocks(
    capture: Sequence[Passing], frames: dict[Key, list[int]], lines: dict[Key, list[Logged]]
) -> tuple[Clock, int]:
    """The clock and its spread, from the segments that the host sent, where they occur as often on either side.

    Without any, the segments it received give the offset: they are processed after they were recorded.  Where none
    occurs as often, the offset is the one that most pairs with the same contents have.
    """
    sent: list[Pair] = []
    received: list[Pair] = []
    for key, several in lines.items():
        places = frames.get(key, ())
        if len(several) == len(places):
            pairs = sent if several[0].kind == "out" else received
            pairs += [(one.time, capture[at].event.time - one.time) for one, at in zip(several, places, strict=True)]
    differences = sorted(sent or received) or _commonest(capture, frames, lines)
    if not differences:
        return Clock(), 0
    clock = Clock(median_low(difference for _, difference in differences), differences[0][0])
    span = differences[-1][0] - differences[0][0]
    third = len(differences) // 3
    if len(differences) >= _ENOUGH and span >= _LONG:
        begin, end = differences[:third], differences[-third:]
        apart = median_low(time for time, _ in end) - median_low(time for time, _ in begin)
        first = median_low(difference for _, difference in begin)
        if apart > 0:
            drift = (median_low(difference for _, difference in end) - first) / apart
            clock = Clock(first, median_low(time for time, _ in begin), drift)
    rest = sorted(time + difference - clock.read(time) for time, difference in differences)
    return clock, rest[len(rest) * 95 // 100] - rest[len(rest) * 5 // 100]


def _commonest(capture: Sequence[Passing], frames: dict[Key, list[int]], lines: dict[Key, list[Logged]]) -> list[Pair]:
    """Of the differences of all frames and lines with the same contents, those around the value that most have."""
    pairs = [
        (one.time, capture[at].event.time - one.time)
        for key, several in lines.items()
        for one, at in islice(product(several, frames.get(key, ())), _MOST_PAIRS)
    ]
    pairs.sort(key=lambda pair: pair[1])
    best, first = (0, 0), 0
    for after, (_, difference) in enumerate(pairs, 1):
        while pairs[first][1] < difference - NEAR:
            first += 1
        if after - first > best[1] - best[0]:
            best = first, after
    return sorted(pairs[slice(*best)])


def _pair(
    capture: Sequence[Passing], result: Alignment, lines: list[Logged], places: list[int], tolerance: int
) -> list[Logged]:
    """Pair lines and frames with the same contents in order, each with one at most; returns the lines left over.

    None are further apart than `tolerance` nanoseconds.  Where one side has more left than the other, the one that fits
    worse in time is passed over.
    """
    lost: list[Logged] = []
    times = [capture[place].event.time for place in places]
    whens = [result.clock.read(line.time) for line in lines]
    line = place = 0
    while line < len(lines):
        if place == len(places) or times[place] > whens[line] + tolerance:
            lost.append(lines[line])
            line += 1
            continue
        here = abs(times[place] - whens[line])
        spare = (len(places) - place) - (len(lines) - line)
        passed_over = spare > 0 and abs(times[place + 1] - whens[line]) < here
        if times[place] < whens[line] - tolerance or passed_over:
            place += 1
        elif spare < 0 and abs(times[place] - whens[line + 1]) < here:
            lost.append(lines[line])
            line += 1
        else:
            result.line_of[places[place]] = lines[line]
            line, place = line + 1, place + 1
    return lost


def _pair_differing(capture: Sequence[Passing], result: Alignment) -> None:
    """Pair what is left: of the same direction and moment, and alike in most, they are one segment."""
    left: dict[tuple[Side, Side], list[int]] = defaultdict(list)
    for place, passed in enumerate(capture):
        if place not in result.line_of and (not passed.event.seg.fault or passed.event.seg.fault in _SAME_CONTENTS):
            left[passed.source, passed.target].append(place)
    lost: list[Logged] = []
    for line in result.lost_lines:
        near = _alike(capture, left.get(_ends(line), []), line, result.clock.read(line.time))
        if near is None or line.segment is None:
            lost.append(line)
            continue
        left[_ends(line)].remove(near)
        result.line_of[near] = line
        result.differing[near] = ", ".join(_differences(capture[near].event.seg, line.segment))
    result.lost_lines = lost


def _alike(capture: Sequence[Passing], places: list[int], line: Logged, when: int) -> int | None:
    """The frame nearest to a line that differs from it in few fields; `places` are in the order of time."""
    assert line.segment is not None
    begin = bisect_left(places, when - NEAR, key=lambda place: capture[place].event.time)
    end = bisect_right(places, when + NEAR, key=lambda place: capture[place].event.time)
    near = [
        place
        for place in places[begin : min(end, begin + _MOST_NEAR)]
        if len(list(_differences(capture[place].event.seg, line.segment))) <= _MOST_DIFFERENCES
    ]
    return min(near, key=lambda place: abs(capture[place].event.time - when), default=None)


def _differences(wire: Segment, log: Segment) -> Iterator[str]:
    for name in ("seq", "ack", "win", "urp", "length"):
        if getattr(wire, name) != getattr(log, name):
            yield f"{name} {getattr(wire, name)} on the wire, {getattr(log, name)} in the log"
    if (wire.flags ^ log.flags) & 0x3F:
        yield f"flags {wire.flags & 0x3F:#04x} on the wire, {log.flags:#04x} in the log"
    for at, (one, other) in enumerate(zip(wire.data, log.data, strict=False)):
        if one != other:
            yield f"octet {at} of the data {one:#04x} on the wire, {other:#04x} in the log"
            return
