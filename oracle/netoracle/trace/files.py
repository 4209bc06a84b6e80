"""Reading whole files, bounded."""

from __future__ import annotations

import gzip
import io
import zlib
from os import PathLike, fspath
from os.path import isdir

from netoracle.trace.model import TraceError

MAX_BYTES = 64 * 1024 * 1024
"""The largest file that is read, in bytes, after decompression."""

_GZIP = b"\x1f\x8b"


def read_bytes(path: str | PathLike[str]) -> bytes:
    """The contents of a file, decompressed where it is gzipped.

    Raises TraceError where there is no such file, it is a directory, cannot be read, is empty, or has more
    than MAX_BYTES bytes.
    """
    name = fspath(path)
    if isdir(name):
        raise TraceError(name, None, None, "is a directory, expected a trace file")
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
        if data[:2] == _GZIP:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as unzipped:
                data = unzipped.read(MAX_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TraceError(name, None, None, f"cannot be decompressed: {error}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise TraceError(name, None, None, f"cannot be read: {reason or error}") from None
    if len(data) > MAX_BYTES:
        raise TraceError(name, None, None, f"has more than {MAX_BYTES} bytes")
    if not data:
        raise TraceError(name, None, None, "is empty, expected a trace")
    return data
