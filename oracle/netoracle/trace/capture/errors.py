"""Captures that cannot be used."""

from __future__ import annotations

from netoracle.trace.model import TraceError


class CaptureError(TraceError):
    """A file that is no capture, or not one that can be read.

    `frame` is the number of the frame at fault, from 1; `offset` is the byte at which what is at fault begins, from 0,
    counted after decompression.  Both are None where the whole file is at fault.
    """

    def __init__(self, path: str, message: str, frame: int | None = None, offset: int | None = None) -> None:
        self.frame = frame
        self.offset = offset
        self.detail = message
        places = ([f"frame {frame}"] if frame is not None else []) + ([f"byte {offset}"] if offset is not None else [])
        super().__init__(path, None, None, f"{', '.join(places)}: {message}" if places else message)

    def __reduce__(self) -> tuple[type[CaptureError], tuple[str, str, int | None, int | None]]:  # type: ignore[override]
        """How the error travels between processes."""
        return type(self), (self.path, self.detail, self.frame, self.offset)
