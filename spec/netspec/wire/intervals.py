"""Ranges of sequence numbers that were received."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from netspec.wire.endpoint import Octets


def insert(edge: int, queue: tuple[Octets, ...], new: Octets) -> tuple[int, tuple[Octets, ...]]:
    """Add a range to what was received in order up to `edge` and, beyond gaps, in `queue`.

    Returns the new edge and queue; ranges of the queue are disjoint, in order, and begin after the edge.
    """
    start, end = new
    if start > edge:
        return edge, _merge(queue, new)
    edge = max(edge, end)
    reached = bisect_right(queue, edge, key=_first)
    if reached:
        edge = max(edge, queue[reached - 1][1])
    return edge, queue[reached:]


def _merge(queue: tuple[Octets, ...], new: Octets) -> tuple[Octets, ...]:
    start, end = new
    first = bisect_left(queue, start, key=_last)
    after = bisect_right(queue, end, key=_first)
    if first < after:
        start, end = min(start, queue[first][0]), max(end, queue[after - 1][1])
    return (*queue[:first], (start, end), *queue[after:])


def _first(octets: Octets) -> int:
    return octets[0]


def _last(octets: Octets) -> int:
    return octets[1]


def covers(edge: int, queue: tuple[Octets, ...], wanted: Octets) -> bool:
    """Whether all of a range was received."""
    start, end = wanted
    if end <= edge:
        return True
    place = bisect_right(queue, start, key=_first)
    return place > 0 and end <= queue[place - 1][1]
