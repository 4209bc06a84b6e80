"""Whether the data a host sent is what its application wrote."""

from __future__ import annotations

_MOST = 64
"""How many ways to understand partial writes are kept, those with the most rests first."""


class Written:
    """The octets that an application offered on a connection.

    The rest of a partial write is offered again, all of it where nothing was taken.  Where a buffer is the end of the
    one before, it may be that rest or new data: both are kept as long as the data sent fits both.
    """

    __slots__ = ("_streams",)

    def __init__(self) -> None:
        self._streams: list[tuple[bytes, bytes]] = [(b"", b"")]

    def offer(self, data: bytes) -> None:
        """The application offers a buffer."""
        streams = []
        for before, last in self._streams:
            if last.endswith(data):
                streams.append((before + last[: len(last) - len(data)], data))
            streams.append((before + last, data))
        self._streams = list(dict.fromkeys(streams))[:_MOST]

    def explains(self, start: int, data: bytes) -> bool:
        """Whether data sent at an offset of the stream (from 0) is what was written there."""
        kept = [one for one in self._streams if (one[0] + one[1])[start : start + len(data)] == data]
        if not kept:
            return False
        self._streams = kept
        return True
