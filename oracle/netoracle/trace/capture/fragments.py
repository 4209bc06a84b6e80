"""IP fragments put together, in bounded memory (RFC 791 section 3.2, RFC 815, RFC 8200 section 4.5)."""

from __future__ import annotations

from bisect import bisect
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from netoracle.trace.capture.ip import Header

TIMEOUT = 60 * 1_000_000_000
"""Nanoseconds that a packet has to become complete (RFC 1122 section 3.3.2: 60 to 120 s; RFC 8200: 60 s)."""

MAX_PACKETS = 1024
"""The most incomplete packets that are remembered."""

MAX_HELD = 16 << 20
"""The most bytes of fragments that are remembered."""

_MAX_LENGTH = 65535

INCOMPLETE = "fragments of packets that were never complete"
"""How the fragments are counted that wait for others in vain."""


class Whole(NamedTuple):
    """A packet put together: the header of its first fragment, what was captured of its payload, and the length."""

    header: Header
    payload: bytes
    length: int
    frames: tuple[int, ...]


@dataclass(slots=True)
class _Partial:
    """The fragments of a packet so far: `pieces` are (offset, length, captured bytes) in the order of offsets."""

    started: int
    pieces: list[tuple[int, int, bytes]] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    first: Header | None = None
    total: int | None = None
    received: int = 0
    spoilt: bool = False

    def insert(self, offset: int, length: int, data: bytes, more: bool) -> str | None:
        """Insert a fragment; what is wrong with it, if anything."""
        end = offset + length
        if not more:
            if self.total is not None and self.total != end:
                return "fragments that disagree about the end"
            self.total = end
        place = bisect(self.pieces, offset, key=lambda piece: piece[0])
        before = self.pieces[place - 1] if place else (0, 0, b"")
        if before == (offset, length, data):
            return None
        after = self.pieces[place][0] if place < len(self.pieces) else _MAX_LENGTH + 1
        if before[0] + before[1] > offset or after < end:
            return "fragments that overlap"
        if self.total is not None and max(end, sum(self.pieces[-1][:2]) if self.pieces else 0) > self.total:
            return "fragments that disagree about the end"
        self.pieces.insert(place, (offset, length, data))
        self.received += length
        return None

    def captured(self) -> bytes:
        """The front of the payload up to the first byte that was not captured."""
        parts = []
        for _, length, data in self.pieces:
            parts.append(data)
            if len(data) < length:
                break
        return b"".join(parts)


class Fragments:
    """The packets that are not complete; what is given up is counted in `unusable`, by frames."""

    def __init__(self, unusable: Counter[str]) -> None:
        self._unusable = unusable
        self._partials: OrderedDict[tuple[bytes, bytes, int, int], _Partial] = OrderedDict()
        self._held = 0

    def add(self, number: int, time: int, header: Header, data: bytes) -> Whole | None:
        """Add the fragment in a frame; the packet where it is complete now."""
        assert header.fragment is not None
        key, offset, more = header.fragment
        if not header.checksum_ok:
            self._unusable["a fragment with a wrong header checksum"] += 1
            return None
        if header.length == 0 or (more and header.length % 8) or offset + header.length > _MAX_LENGTH:
            self._unusable["a fragment of a length that cannot be"] += 1
            return None
        self._forget(time)
        partial = self._partials.get(key)
        if partial is None:
            partial = self._partials[key] = _Partial(time)
        if partial.spoilt:
            self._unusable["fragments of a packet that was given up"] += 1
            return None
        partial.frames.append(number)
        before = partial.received
        problem = partial.insert(offset, header.length, data, more)
        if problem is not None:
            self._unusable[problem] += len(partial.frames)
            self._release(partial)
            self._partials[key] = _Partial(partial.started, spoilt=True)
            return None
        if partial.received > before:
            self._held += len(data)
        if offset == 0:
            partial.first = header
        if partial.received != partial.total or partial.first is None:
            return None
        del self._partials[key]
        self._release(partial)
        return Whole(partial.first, partial.captured(), partial.total, tuple(partial.frames))

    def finish(self) -> None:
        """Count what never became complete."""
        while self._partials:
            self._drop()

    def _forget(self, now: int) -> None:
        while self._partials:
            oldest = next(iter(self._partials.values()))
            full = len(self._partials) >= MAX_PACKETS or self._held > MAX_HELD
            if now - oldest.started <= TIMEOUT and not full:
                return
            self._drop()

    def _drop(self) -> None:
        _, partial = self._partials.popitem(last=False)
        if partial.frames:
            self._unusable[INCOMPLETE] += len(partial.frames)
        self._release(partial)

    def _release(self, partial: _Partial) -> None:
        self._held -= sum(len(data) for _, _, data in partial.pieces)
