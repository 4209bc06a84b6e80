"""The frames of a capture file, pcap or pcapng, gzipped or not, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike, fspath

from netoracle.trace.capture import pcap, pcapng
from netoracle.trace.capture.errors import CaptureError
from netoracle.trace.capture.stream import Stream


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it was captured.

    `number` counts from 1 in the order of the file; `time` is in nanoseconds since 1970; `linktype` is the number that
    the registry of link types gives; `data` is what was captured of the `wire_length` bytes that the frame had.
    """

    number: int
    time: int
    linktype: int
    data: bytes
    wire_length: int


class Frames(Iterator[Frame]):
    """The frames of a file, which is opened when the first is asked for.

    `warnings`, `backwards`, the number of frames with an earlier time than the frame before, and `furthest_back`, the
    most nanoseconds that one was earlier, grow while it is read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.warnings: list[str] = []
        self.backwards = 0
        self.furthest_back = 0
        self._frames = self._read()

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def __next__(self) -> Frame:
        return next(self._frames)

    def _read(self) -> Iterator[Frame]:
        stream = Stream(self.path)
        try:
            stream.warnings = self.warnings
            previous = None
            for number, (time, link, data, wire) in enumerate(_records(stream), 1):
                stream.frames = number
                if previous is not None and time < previous:
                    self.backwards += 1
                    self.furthest_back = max(self.furthest_back, previous - time)
                previous = time
                yield Frame(number, time, link, data, wire)
        finally:
            stream.close()


def read_frames(path: str | PathLike[str]) -> Frames:
    """Read a capture as a stream, in the order of the file.

    Iteration raises CaptureError, naming the frame or the byte, where it is no capture, or a record cannot be right. A
    file that ends inside its last record is read up to there, with a warning.
    """
    return Frames(fspath(path))


def _records(stream: Stream) -> Iterator[pcap.Record]:
    magic = stream.take(4)
    if magic in pcap.MAGICS:
        return pcap.read_pcap(stream, magic)
    if magic == pcapng.MAGIC:
        return pcapng.read_pcapng(stream, magic)
    if not magic:
        raise CaptureError(stream.path, "is empty, expected a capture")
    raise CaptureError(stream.path, f"begins with {magic.hex(' ')}, expected pcap or pcapng")
