"""Where the traces are that whole-trace tests use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NETSEM = Path(os.environ.get("NETSEM_TRACES", ROOT.parent / "shared" / "netsem" / "traces"))
SHIPPED = sorted((ROOT / "traces" / "utcp").glob("*/utcp-trace.log"))
ECHO = ROOT / "traces" / "utcp" / "echo-small" / "utcp-trace.log"


def netsem(name: str) -> Path:
    """A trace of the Netsem project; skips the test where it is not there."""
    path = NETSEM / name
    if not path.is_file():
        pytest.skip(f"the Netsem project's trace {name} is not here: it may not be distributed with this project")
    return path


def recorded(name: str) -> Path:
    """What HOL4's checker recorded for a trace; skips the test where it is not there."""
    path = NETSEM.parent / "recorded" / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the recording of HOL4's checker for {name} is not here")
    return path
