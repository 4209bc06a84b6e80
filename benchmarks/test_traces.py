"""How long a check takes, the whole process included, with states and solver calls.

The traces that ship are measured always; the Netsem project's where they are there
(`NETSEM_TRACES`, or a folder `shared/netsem/traces` beside the checkout).  Columns `then`
and `ratio` compare with the seconds that HOL4's checker took when the traces were recorded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NETSEM = Path(os.environ.get("NETSEM_TRACES", ROOT.parent / "shared" / "netsem" / "traces"))
NAMES = (
    "trace0241",
    "trace5000",
    "trace5002",
    "trace5003",
    "trace1741",
    "trace0038.epsilon",
    "conflate-client0.epsilon",
)
SHIPPED = sorted((ROOT / "traces" / "utcp").glob("*/utcp-trace.log"))


def measure(benchmark, trace: Path, tmp_path: Path, *options: str) -> None:
    """Time the command on a trace and note what it spent."""
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "netoracle", "check", str(trace), "--json", str(report), *options]
    benchmark.pedantic(
        lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=False), rounds=5, warmup_rounds=1
    )
    found = json.loads(report.read_text())
    benchmark.extra_info.update({key: found[key] for key in ("verdict", "labels", "states", "solver_calls")})
    recorded = NETSEM.parent / "recorded" / f"{trace.name}.json"
    if recorded.is_file():
        then = json.loads(recorded.read_text())["seconds"]
        benchmark.extra_info["then"] = then
        benchmark.extra_info["ratio"] = round(then / benchmark.stats.stats.median)
    print(f"\n{trace.name}: {benchmark.stats.stats.median:.2f} s  {dict(benchmark.extra_info)}")


@pytest.mark.parametrize("name", NAMES)
def test_netsem(benchmark, name, tmp_path):
    trace = NETSEM / name
    if not trace.is_file():
        pytest.skip(f"the Netsem project's trace {name} is not here")
    measure(benchmark, trace, tmp_path)


@pytest.mark.parametrize("trace", SHIPPED, ids=lambda path: path.parent.name)
def test_utcp(benchmark, trace, tmp_path):
    measure(benchmark, trace, tmp_path, "--profile", "utcp")
