"""Where the traces are that tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UTCP = sorted((ROOT / "traces" / "utcp").glob("*/utcp-trace.log"))
_SHARED = ROOT.parent / "shared"
_NETSEM = _SHARED / "netsem" / "traces"
_CAPTURED = _SHARED / "captures" / "utcp"


def _parameters(files: list[Path], folder: Path) -> list[object]:
    """The files as parameters of a test that is skipped, with the reason, where there are none."""
    if not files:
        reason = f"{folder.relative_to(ROOT.parent)} is not there"
        return [pytest.param(folder, marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(file, id=str(file.relative_to(folder))) for file in files]


NETSEM = _parameters(sorted(_NETSEM.glob("*")), _NETSEM)
"""Netsem's recorded traces."""

TRACE1741 = _NETSEM / "trace1741"
"""One of the longest of them."""

CAPTURES = _parameters(sorted(_CAPTURED.glob("*/*/utcp-trace.log*")), _CAPTURED)
"""Trace logs of µTCP's captures."""
