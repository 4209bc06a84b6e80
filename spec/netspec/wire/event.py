"""What the recorder saw of a connection, from the side of the host that is judged."""

from __future__ import annotations

from dataclasses import dataclass

from netspec.wire.segment import Segment


@dataclass(frozen=True, slots=True)
class Event:
    """A segment at the recorder: the number of its frame, the time in nanoseconds, and the segment.

    `premature`: whether, when it was recorded, it acknowledged what the host had not sent.
    """

    frame: int
    time: int
    seg: Segment
    premature: bool = False
