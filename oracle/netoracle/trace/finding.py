"""Finding the traces and captures in a folder, by their names and how they begin."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from netoracle.trace import looks_like_trace
from netoracle.trace.model import TraceError

_CAPTURES: Final = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz")
_TRACES: Final = (".hol", ".trace", ".epsilon")


def traces_in(path: Path, only_captures: bool = False) -> list[Path]:
    """A file itself, or the captures in and below a folder and, unless only those are wanted, the traces; sorted.

    Raises TraceError where a folder has none.
    """
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file() and _looks_like_trace(file, only_captures))
    if not found:
        raise TraceError(str(path), None, None, "a folder with no traces in it")
    return found


def _looks_like_trace(path: Path, only_captures: bool) -> bool:
    if only_captures or path.name.endswith(_CAPTURES):
        return path.name.endswith(_CAPTURES)
    named = path.name.startswith("utcp-trace.log") or path.suffix in _TRACES
    return named and looks_like_trace(path)
