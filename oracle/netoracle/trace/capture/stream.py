"""A capture file while it is read: where the reader is, and what it has to say about the file."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from netoracle.trace.capture.errors import CaptureError
from netoracle.trace.capture.source import open_source

MAX_CAPTURED = 256 * 1024
"""The most bytes of a frame that are read: the largest snapshot length of libpcap."""


class Stream:
    """The bytes of a capture, the number of frames read so far and the warnings.

    `offset` is that of the record under way, `position` that of the next byte.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.offset = 0
        self.position = 0
        self.frames = 0
        self.warnings: list[str] = []
        self._file: BinaryIO = open_source(path)

    def take(self, size: int) -> bytes:
        """The next bytes; fewer where the file ends.

        Raises CaptureError where they cannot be read.
        """
        try:
            data = self._file.read(size)
        except zlib.error as error:
            raise CaptureError(self.path, f"cannot be decompressed: {error}") from None
        except OSError as error:
            raise CaptureError(self.path, f"cannot be read: {error.strerror or error}") from None
        self.position += len(data)
        return data

    def begin(self) -> None:
        """A record begins at the next byte."""
        self.offset = self.position

    def error(self, message: str) -> CaptureError:
        """The error of the record under way."""
        return CaptureError(self.path, message, self.frames + 1, self.offset)

    def cut(self) -> None:
        """The file ends inside the record under way: what came before it stays of use."""
        self.warn(f"byte {self.offset}: the file ends inside a record, after {self.frames} frames")

    def warn(self, message: str) -> None:
        """Record a warning, each text once."""
        if message not in self.warnings:
            self.warnings.append(message)

    def lengths(self, captured: int, wire: int, snaplen: int) -> None:
        """Check the lengths that a record announces, before anything is read because of them.

        Raises CaptureError where no recorder could have written them.
        """
        if captured > MAX_CAPTURED:
            raise self.error(f"announces {captured} captured bytes, more than {MAX_CAPTURED}")
        if captured > wire:
            raise self.error(f"announces {captured} captured bytes of a frame of {wire}")
        if 0 < snaplen < captured:
            self.warn(f"has frames longer than the snapshot length that it announces, {snaplen}")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
