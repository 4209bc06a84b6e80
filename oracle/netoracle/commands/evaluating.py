"""`netoracle transcription evaluate`: definitions and functions on the same generated arguments."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table

from netoracle.commands.judging import text_of
from netoracle.exit_status import Exit
from netoracle.report.console import report_console
from netoracle.report.files import write_whole
from netoracle.scenario import UsageError

if TYPE_CHECKING:
    from netoracle.transcription.differential.compare import Result, Subject

OUTCOMES = ("agreed", "open", "not evaluated")


@cache
def subjects_of(checkout: Path) -> tuple[list[Subject], dict[str, str]]:
    """The definitions of a checkout that can be compared, and the others with the reason; found once a process."""
    from netoracle.transcription.differential.compare import subjects

    return subjects(text_of(checkout))


def compare_one(name: str, checkout: Path, examples: int, seconds: float) -> list[Result]:
    """Compare the functions of one definition with it."""
    from netoracle.transcription.differential.compare import compare
    from netoracle.transcription.evaluate.stack import with_deep_stack

    theory = text_of(checkout)
    chosen = [subject for subject in subjects_of(checkout)[0] if subject.name == name]
    return with_deep_stack(lambda: [compare(subject, theory, examples, seconds) for subject in chosen])


def run(
    checkout: Path,
    names: Sequence[str],
    examples: int,
    seconds: float,
    jobs: int,
    json_file: Path | None,
    vectors: Path | None,
) -> int:
    """Compare definitions, print what came out, and write it; exit status 1 where text and function disagree."""
    try:
        found, left_out = subjects_of(checkout)
        from netoracle.transcription.differential.vectors import write_vectors
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is needed: pip install 'netoracle[dev]'") from error
    theory = text_of(checkout)
    wanted = sorted({subject.name for subject in found if not names or subject.name in names})
    unknown = [name for name in names if name not in wanted]
    if unknown:
        raise UsageError(f"{unknown[0]} is {left_out.get(unknown[0], 'no definition of the text')}")
    if vectors is not None:
        write_vectors(vectors, theory, [subject for subject in found if subject.name in wanted])
    with ProcessPoolExecutor(jobs) as pool:
        work = pool.map(compare_one, wanted, repeat(checkout), repeat(examples), repeat(seconds))
        tracked = track(work, total=len(wanted), console=Console(stderr=True), disable=not sys.stderr.isatty())
        results = [result for several in tracked for result in several]
    _print(report_console(), results, left_out if not names else {})
    if json_file is not None:
        said = {"results": [_as_json(result) for result in results], "left out": left_out}
        write_whole(json_file, json.dumps(said, indent=1) + "\n")
    return Exit.VIOLATES if any(result.disagreement for result in results) else Exit.CONFORMS


def _print(console: Console, results: Sequence[Result], left_out: dict[str, str]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("definition", *OUTCOMES, "why"):
        table.add_column(heading, no_wrap=heading != "why")
    for result in results:
        why = result.disagreement or "; ".join(reason for reason, _ in result.reasons.most_common(2))
        table.add_row(result.name, *(str(result.outcomes[outcome] or "") for outcome in OUTCOMES), why[:200])
    console.print(table)
    for name, why in left_out.items():
        console.print(f"{name}: {why}", markup=False)
    totals: Counter[str] = Counter()
    for result in results:
        totals += result.outcomes
    compared = len({result.name for result in results})
    disagreements = sum(bool(result.disagreement) for result in results)
    counts = ", ".join(f"{totals[outcome]} {outcome}" for outcome in OUTCOMES)
    console.print(f"{compared} definitions of {compared + len(left_out)}: {counts}, {disagreements} disagreements")


def _as_json(result: Result) -> dict[str, object]:
    return {
        "definition": result.name,
        "file": result.file,
        **{outcome: result.outcomes[outcome] for outcome in OUTCOMES},
        "reasons": dict(result.reasons.most_common(5)),
        "disagreement": result.disagreement,
    }
