"""Whether the data a host sent is what its application wrote."""

from __future__ import annotations

MOST_STATES = 200_000
"""How many places a segment's data may be tried at; beyond that the stream is followed no further."""

Place = tuple[int, int]
"""A place in what was offered: the number of a buffer, and an offset in it."""


class Written:
    """The octets that an application offered on a connection, and how far the host has sent them.

    The log says what was offered, not how much of it was taken.  The rest of a partial write is offered again, all of
    it where nothing was taken.  So a buffer that is the end of the one before it is that rest, or new data: the host
    may be at any place that one of these readings leads to.  `unchecked`: the readings became too many.
    """

    __slots__ = ("_buffers", "_places", "_rests", "unchecked")

    def __init__(self) -> None:
        self._buffers: list[bytes] = []
        self._rests: list[int | None] = []
        self._places: set[Place] = {(0, 0)}
        self.unchecked = False

    def offer(self, data: bytes) -> None:
        """The application offers a buffer."""
        if self._buffers and self._buffers[-1].endswith(data):
            self._rests[-1] = len(self._buffers[-1]) - len(data)
        self._buffers.append(data)
        self._rests.append(None)

    def take(self, data: bytes) -> bool:
        """Whether the octets that follow in the stream may be these; if so, they are sent."""
        if self.unchecked:
            return True
        reached: set[Place] = set()
        tried: set[tuple[int, int, int]] = set()
        todo = [(buffer, at, 0) for buffer, at in self._places]
        while todo:
            one = todo.pop()
            if one in tried:
                continue
            tried.add(one)
            if len(tried) > MOST_STATES:
                self.unchecked = True
                return True
            buffer, at, taken = one
            if taken == len(data):
                reached.add((buffer, at))
                continue
            todo += [(*place, taken) for place in self._next(buffer, at)]
            size = min(self._until(buffer, at), len(data) - taken)
            if size and data[taken : taken + size] == self._buffers[buffer][at : at + size]:
                todo.append((buffer, at + size, taken + size))
        if reached:
            self._places = reached
        return bool(reached)

    def ended(self) -> bool:
        """Whether all may be sent: nothing but a rest of the last buffer, which was not taken, is left."""
        todo, tried = list(self._places), set(self._places)
        while todo:
            place = todo.pop()
            if place[0] >= len(self._buffers) - 1:
                return True
            new = [one for one in self._next(*place) if one not in tried]
            tried.update(new)
            todo += new
        return self.unchecked

    def _next(self, buffer: int, at: int) -> list[Place]:
        """The start of the next buffer, where this one ends there or its rest was offered again."""
        if buffer < len(self._buffers) and at in (len(self._buffers[buffer]), self._rests[buffer]):
            return [(buffer + 1, 0)]
        return []

    def _until(self, buffer: int, at: int) -> int:
        """How many octets follow in a buffer before a place where its rest may begin, or its end."""
        if buffer >= len(self._buffers):
            return 0
        rest = self._rests[buffer]
        return (rest if rest is not None and rest > at else len(self._buffers[buffer])) - at
