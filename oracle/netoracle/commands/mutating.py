"""`netoracle mutants`: what becomes of seeded mutants of conforming traces."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import track

from netoracle.commands import mutating_captures
from netoracle.dhcp.mutants import KINDS
from netoracle.exit_status import Exit
from netoracle.mutation import captures
from netoracle.mutation.mutants import kinds, mutants
from netoracle.mutation.result import Result, Work
from netoracle.oracle import check_scenario
from netoracle.scenario import Switches, UsageError, prepare
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.trace import read_trace
from netoracle.trace.capture.recognise import is_capture


def examine(work: Work) -> list[Result]:
    """Check the mutants of one trace or capture, which must conform itself."""
    if is_capture(work.file):
        return mutating_captures.examine(work)
    scenario = prepare(read_trace(str(work.file)), work.profile, work.switches)
    if check_scenario(scenario, work.budget).verdict is not Verdict.conforms:
        raise UsageError(f"{work.file}: mutants are made of traces that conform, and this one does not")
    results = []
    for mutant in mutants(scenario, work.seed, work.count):
        report = check_scenario(mutant.scenario, work.budget)
        results.append(Result(work.file.name, mutant.kind, mutant.what, report.verdict, report.reason, report.seconds))
    return results


def run(
    files: Sequence[Path],
    profile: str | None,
    switches: Switches,
    seed: int,
    count: int,
    seconds: float,
    jobs: int,
    host: str | None = None,
    brief: bool = False,
) -> int:
    """Check mutants of every trace and print the table of outcomes as Markdown; `brief`: by kind only."""
    each = -(-count // len(files))
    work = [Work(file, profile, switches, seed, each, Budget(seconds=seconds), host) for file in files]
    console = Console(stderr=True)
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        outcomes = track(pool.map(examine, work), total=len(work), console=console, disable=not sys.stderr.isatty())
        of_each = list(outcomes)
    for file, of_it in zip(files, of_each, strict=True):
        if not of_it:
            print(f"{file}: mutants are made of what conforms, and nothing in this capture does", file=sys.stderr)
    results = [result for of_it in of_each for result in of_it]
    if not results:
        return Exit.UNUSABLE
    print(to_markdown(results, brief))
    return Exit.CONFORMS


def to_markdown(results: Sequence[Result], brief: bool = False) -> str:
    """The table of outcomes by kind and, unless `brief`, every mutant that was not detected."""
    count = Counter((result.kind, result.verdict) for result in results)
    lines = ["| change | mutants | violates | conforms (certified) | inconclusive |", "|---|---|---|---|---|"]
    present = {result.kind for result in results}
    for kind in (kind for kind in dict.fromkeys([*kinds(), *captures.OPERATORS, *KINDS]) if kind in present):
        row = [count[kind, verdict] for verdict in (Verdict.violates, Verdict.conforms, Verdict.inconclusive)]
        lines.append(f"| {kind} | {sum(row)} | {row[0]} | {row[1]} | {row[2]} |")
    total = Counter(result.verdict for result in results)
    lines.append(
        f"| all | {len(results)} | {total[Verdict.violates]} | {total[Verdict.conforms]} "
        f"| {total[Verdict.inconclusive]} |"
    )
    for verdict in () if brief else (Verdict.conforms, Verdict.inconclusive):
        chosen = [result for result in results if result.verdict is verdict]
        if chosen:
            lines += [
                "",
                f"Mutants that are {verdict.value}:",
                "",
                "| trace | change | what | reason |",
                "|---|---|---|---|",
            ]
            lines += [f"| {r.trace} | {r.kind} | {r.what} | {r.reason or ''} |" for r in chosen]
    return "\n".join(lines)
