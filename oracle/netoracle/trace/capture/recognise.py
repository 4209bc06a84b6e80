"""Telling captures from other files."""

from __future__ import annotations

import gzip
import zlib
from os import PathLike

from netoracle.trace.capture import pcap, pcapng


def is_capture(path: str | PathLike[str]) -> bool:
    """Whether a file begins as a capture does, gzipped or not; False where it cannot be read."""
    try:
        with open(path, "rb") as file:
            magic = file.read(4)
        if magic[:2] == b"\x1f\x8b":
            with gzip.open(path) as unzipped:
                magic = unzipped.read(4)
    except (OSError, EOFError, zlib.error, ValueError):
        return False
    return magic in pcap.MAGICS or magic == pcapng.MAGIC
