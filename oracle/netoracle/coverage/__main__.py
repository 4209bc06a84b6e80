"""`python -m netoracle.coverage`: measures again what exercises the rules, and writes docs/rules.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from netoracle.coverage import measure, measured
from netoracle.coverage.index import entries
from netoracle.coverage.measured import TraceRun
from netoracle.coverage.page import counts, page
from netoracle.coverage.reasons import problems
from netoracle.report.files import write_whole
from netspec.tcp.rule import RULES


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m netoracle.coverage", description=__doc__)
    parser.add_argument("--tests", type=Path, help="what pytest --rule-coverage wrote")
    parser.add_argument("--traces", type=Path, help="the folder of the traces that ship with the project")
    parser.add_argument("--netsem", type=Path, help="the folder of the Netsem project's traces, if it is there")
    parser.add_argument("--hol4", action="append", metavar="BRANCH=FOLDER", help="a folder of the model's source files")
    parser.add_argument("--page", type=Path, help="the page to write")
    return parser.parse_args()


def _reported(runs: Iterator[TraceRun | str]) -> Iterator[TraceRun]:
    for run in runs:
        if isinstance(run, str):
            print(f"not counted: {run}", file=sys.stderr)
            continue
        if not run.rules:
            print(f"no rules counted: {run.name} ({run.verdict})", file=sys.stderr)
        yield run


def _measure_traces(shipped: Path | None, netsem: Path | None) -> None:
    """Check the traces again; the data on those that are not here stays as it is."""
    known = measured.traces()
    runs: dict[str, tuple[TraceRun, ...]] = {
        origin: tuple(run for run in known if run.origin == origin) for origin in ("shipped", "netsem")
    }
    if shipped is not None:
        runs["shipped"] = tuple(_reported(measure.shipped_runs(shipped)))
    if netsem is not None and netsem.is_dir():
        runs["netsem"] = tuple(_reported(measure.netsem_runs(netsem)))
    measured.write_traces((*runs["shipped"], *runs["netsem"]))


def _drop_reasons() -> None:
    """Drop the reasons of rules that are now exercised or are no more."""
    exercised = {name for run in measured.traces() for name in run.rules}
    reasons = measured.reasons()
    dropped = [name for name in reasons if name in exercised or name not in RULES]
    if dropped:
        print(f"reasons dropped: {', '.join(dropped)}", file=sys.stderr)
        measured.write_reasons({name: reason for name, reason in reasons.items() if name not in dropped})


def main() -> int:
    """Measure what is asked for, write the page; exit status 1 where a rule lacks a test or a true reason."""
    arguments = _arguments()
    if arguments.tests is not None:
        record: measure.Record = json.loads(arguments.tests.read_text())
        measured.write_tests(measure.by_rule(record, tuple(RULES)))
    if arguments.traces is not None or arguments.netsem is not None:
        _measure_traces(arguments.traces, arguments.netsem)
    if arguments.hol4:
        branches = {branch: Path(folder) for branch, _, folder in (pair.partition("=") for pair in arguments.hol4)}
        measured.write_places(*measure.places_of_rules(branches, tuple(RULES)))
    _drop_reasons()
    if arguments.page is not None:
        write_whole(arguments.page, page())
    print(counts(entries()))
    found = list(problems(RULES, measured.traces(), measured.reasons()))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
