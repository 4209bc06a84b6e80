"""Frames that a capture of all of Linux's interfaces has twice, since the packet passed two of them.

A packet that was duplicated on its way looks almost the same and is part of what happened.  A frame is taken for a
second sight of another only if both have the same IPv4 packet, byte for byte, with an identification that is not zero
(a sender may use zero again and again), within 100 µs, and were seen at another interface or in another direction:
what is duplicated on its way is seen twice at the same place.
"""

from __future__ import annotations

from collections import OrderedDict

from netoracle.trace.capture.frames import Frame
from netoracle.trace.capture.links import COOKED

WITHIN = 100_000
"""Nanoseconds between two sights of the same packet."""

_MAX_REMEMBERED = 4096
_IDENTIFICATION = slice(4, 6)
_VERSION_1 = 113


class Duplicates:
    """Remembers the packets that captures of all interfaces showed in the last 100 µs.

    `count` is the number of frames that were second sights.
    """

    def __init__(self) -> None:
        self.count = 0
        self._seen: OrderedDict[bytes, tuple[int, set[bytes]]] = OrderedDict()

    def is_second_sight(self, frame: Frame, begin: int) -> bool:
        """Whether the IPv4 packet at byte `begin` of a frame, the next one of the capture, was there already."""
        if frame.linktype not in COOKED:
            return False
        packet = frame.data[begin:]
        if not any(packet[_IDENTIFICATION]):
            return False
        # Version 1 says the direction alone, version 2 the interface and the direction.
        place = frame.data[:2] if frame.linktype == _VERSION_1 else frame.data[4:8] + frame.data[10:11]
        self._forget(frame.time)
        time, places = self._seen.get(packet, (frame.time, set()))
        if places and place not in places and abs(frame.time - time) <= WITHIN:
            places.add(place)
            self.count += 1
            return True
        self._seen[packet] = (frame.time, {place})
        self._seen.move_to_end(packet)
        return False

    def _forget(self, now: int) -> None:
        while self._seen:
            time, _ = next(iter(self._seen.values()))
            if abs(now - time) <= WITHIN and len(self._seen) < _MAX_REMEMBERED:
                return
            self._seen.popitem(last=False)
