"""`netoracle transcription check` and `inventory`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from netoracle.exit_status import Exit
from netoracle.report.console import report_console
from netoracle.report.files import write_whole
from netoracle.transcription.compare import Comparison, Difference, compare
from netoracle.transcription.errors import SourceError
from netoracle.transcription.inventory import Inventory, inventory, kept, to_json
from netoracle.transcription.reader import read_model
from netoracle.transcription.reasons import BRANCH_RULE

_NAMES_SHOWN: Final = 8
_KINDS: Final = ("missing", "different", "extra")


def run(text: Path | None, branch: bool, json_file: Path | None) -> int:
    """Compare a checkout, or the kept inventory, with the specification."""
    facts = kept(branch) if text is None else _facts_of(text, branch)
    comparison = compare(facts)
    if json_file is not None:
        write_whole(json_file, json.dumps(_plain(comparison, text, branch), indent=1) + "\n")
    console = report_console()
    _print_differences(console, comparison)
    _print_counts(console, comparison)
    return Exit.VIOLATES if comparison.unexplained else Exit.CONFORMS


def _facts_of(text: Path, branch: bool) -> Inventory:
    facts = inventory(read_model(text))
    if branch != any(rule.name == BRANCH_RULE for rule in facts.rules):
        wrong = f"it has no {BRANCH_RULE}, so it is not the branch" if branch else f"it has {BRANCH_RULE}: use --branch"
        raise SourceError(f"{text}: {wrong}")
    return facts


def write_inventory(text: Path, output: Path | None) -> int:
    """Write or print the inventory of a checkout."""
    facts = to_json(inventory(read_model(text)))
    if output is None:
        print(facts, end="")
    else:
        write_whole(output, facts)
    return Exit.CONFORMS


def _plain(comparison: Comparison, text: Path | None, branch: bool) -> dict[str, object]:
    return {
        "text": None if text is None else str(text),
        "branch": "FreeBSD-CURRENT" if branch else None,
        "unexplained": len(comparison.unexplained),
        "counts": [asdict(count) for count in comparison.counts],
        "differences": [asdict(difference) for difference in comparison.differences],
    }


def _print_differences(console: Console, comparison: Comparison) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what"):
        table.add_column(heading, no_wrap=True)
    table.add_column("names", overflow="fold")
    table.add_column("reason", overflow="fold")
    groups: dict[tuple[str, str, str], list[Difference]] = {}
    for one in sorted(comparison.differences, key=lambda one: _KINDS.index(one.kind)):
        if one.reason is not None:
            groups.setdefault((one.kind, one.what, one.reason), []).append(one)
    for (kind, what, reason), group in groups.items():
        table.add_row(kind, what, Text(_names(group)), Text(reason))
    for one in comparison.unexplained:
        name = Text(f"{one.name}: {one.detail}" if one.detail else one.name)
        table.add_row(Text(one.kind, "red"), one.what, name, Text(f"none ({one.place})", "red"))
    console.print(table)
    console.print()


def _names(group: list[Difference]) -> str:
    names = [one.name for one in group]
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _print_counts(console: Console, comparison: Comparison) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in ("in the text", "transcribed", "differences explained", "unexplained"):
        table.add_column(heading, justify="right")
    for count in comparison.counts:
        style = "red" if count.unexplained else ""
        of_text = (str(count.text), str(count.transcribed)) if count.text else ("", "")
        table.add_row(f"{count.what}s", *of_text, str(count.explained), Text(str(count.unexplained), style))
    console.print(table)
