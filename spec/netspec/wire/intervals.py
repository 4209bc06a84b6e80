"""Ranges of sequence numbers that were received."""

from __future__ import annotations

from netspec.wire.endpoint import Octets


def insert(edge: int, queue: tuple[Octets, ...], new: Octets) -> tuple[int, tuple[Octets, ...]]:
    """Add a range to what was received in order up to `edge` and, beyond gaps, in `queue`.

    Returns the new edge and queue; ranges of the queue are disjoint, in order, and begin after the edge.
    """
    start, end = new
    if start > edge:
        return edge, _merge(queue, new)
    edge = max(edge, end)
    rest = list(queue)
    while rest and rest[0][0] <= edge:
        edge = max(edge, rest.pop(0)[1])
    return edge, tuple(rest)


def _merge(queue: tuple[Octets, ...], new: Octets) -> tuple[Octets, ...]:
    start, end = new
    before = [r for r in queue if r[1] < start]
    after = [r for r in queue if r[0] > end]
    touching = queue[len(before) : len(queue) - len(after)]
    if touching:
        start, end = min(start, touching[0][0]), max(end, touching[-1][1])
    return (*before, (start, end), *after)


def covers(edge: int, queue: tuple[Octets, ...], wanted: Octets) -> bool:
    """Whether all of a range was received."""
    start, end = wanted
    return end <= edge or any(first <= start and end <= last for first, last in queue)
