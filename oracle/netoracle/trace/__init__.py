"""Reading and writing traces, whatever their format."""

from __future__ import annotations

import gzip
import zlib
from os import PathLike, fspath
from typing import Literal

from netoracle.trace.files import read_bytes
from netoracle.trace.hol.printing.traces import print_hol
from netoracle.trace.hol.reading.traces import parse_hol, read_hol
from netoracle.trace.model import (
    ApiCall,
    Entry,
    Flow,
    Format,
    InitialHost,
    LegacyTrace,
    Quad,
    Trace,
    TraceError,
    TraceLabel,
    with_epsilons,
)
from netoracle.trace.utcp import MARK, parse_utcp_log, read_utcp_log

__all__ = [
    "ApiCall",
    "Entry",
    "Flow",
    "Format",
    "InitialHost",
    "LegacyTrace",
    "Quad",
    "Trace",
    "TraceError",
    "TraceLabel",
    "looks_like_trace",
    "parse_hol",
    "parse_utcp_log",
    "print_hol",
    "read_hol",
    "read_trace",
    "read_utcp_log",
    "with_epsilons",
]

_SAMPLE = 64 * 1024
"""How much of a file its format is told from, in characters."""


def read_trace(path: str | PathLike[str], format: Format | Literal["auto"] = "auto") -> Trace:
    """Read a trace file, gzipped or not; `auto` tells the format from the contents.

    Raises TraceError, naming the place, where it is missing or no trace.
    """
    text = read_bytes(path).decode("latin-1")
    name = fspath(path)
    if format == "auto":
        format = _format(text, name)
    return parse_utcp_log(text, name) if format == "utcp-log" else parse_hol(text, name)


def _format(text: str, path: str) -> Format:
    """The format of a text.

    A µTCP log shows its mark in its first line; a HOL trace begins with a comment, a host line or a label.
    """
    sample = text[:_SAMPLE].lstrip()
    if f"{MARK} " in sample.partition("\n")[0]:
        return "utcp-log"
    if sample.startswith(_HOL_BEGINNINGS):
        return "hol"
    raise TraceError(path, 1, 1, "expected a capture, a HOL trace or a µTCP log, found none")


def looks_like_trace(path: str | PathLike[str]) -> bool:
    """Whether a file begins as a trace does, gzipped or not; False where it cannot be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(_SAMPLE)
            if data[:2] == b"\x1f\x8b":
                with gzip.open(path) as unzipped:
                    data = unzipped.read(_SAMPLE)
        return bool(_format(data.decode("latin-1"), fspath(path)))
    except (OSError, EOFError, ValueError, zlib.error, TraceError):
        return False


_HOL_BEGINNINGS = ("(*", "initial_host", "net_initial_host", "abstime", "Lh_", "Ln1_")
