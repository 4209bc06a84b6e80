"""The bytes of a capture file as a stream, unzipped where it is gzipped."""

from __future__ import annotations

import io
import zlib
from os.path import isdir
from typing import BinaryIO

from netoracle.trace.capture.errors import CaptureError

MAX_EXPANDED = 4 << 30
"""The most bytes that a gzipped capture may expand to."""

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 16
_WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS


def open_source(path: str) -> BinaryIO:
    """Open a file for reading from its first byte; its reads raise CaptureError, OSError or zlib.error.

    Raises CaptureError where there is no such file, or it cannot be read.
    """
    if isdir(path):
        raise CaptureError(path, "is a directory, expected a capture")
    try:
        file = open(path, "rb")  # noqa: SIM115 (the caller closes it)
    except (OSError, ValueError) as error:
        raise CaptureError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if file.peek(2)[:2] != _GZIP:
        return file
    return io.BufferedReader(_Unzipped(path, file), _CHUNK)


class _Unzipped(io.RawIOBase):
    """What a gzip file expands to, member after member.

    The standard library's reader gives up what it has when a file ends early; this one ends there.
    """

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
        self._rest = b""
        self._expanded = 0

    def readable(self) -> bool:
        """Whether it can be read from: yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the front of a buffer; 0 at the end of the file, or where the file was cut."""
        while True:
            if self._member.eof:
                self._rest = self._member.unused_data or self._file.read(_CHUNK)
                if not self._rest.strip(b"\0"):
                    return 0
                self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
            compressed = self._rest or self._file.read(_CHUNK)
            data = self._member.decompress(compressed, len(buffer))
            self._rest = self._member.unconsumed_tail
            if data:
                break
            if not compressed:
                return 0
        self._expanded += len(data)
        if self._expanded > MAX_EXPANDED:
            raise CaptureError(self._path, f"expands to more than {MAX_EXPANDED} bytes")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
