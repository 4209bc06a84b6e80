"""Tables that are generated into a page of the documentation, between two marks."""

from __future__ import annotations

import sys
from pathlib import Path


def marks(name: str) -> tuple[str, str]:
    """The comments that a generated table stands between."""
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def write_between(page: Path, name: str, text: str) -> int:
    """Write a text between the marks of a page: 0, or 2 and a line that says why that cannot be done."""
    begin, end = marks(name)
    try:
        before, rest = page.read_text(encoding="utf-8").split(begin)
        _, after = rest.split(end)
        page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"{page}: no place for the table, which stands between {begin} and {end} ({error})", file=sys.stderr)
        return 2
    return 0
