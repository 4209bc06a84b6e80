"""Which rules ask for which requirement: a table, for docs/dhcp.md.

`python -m netoracle.dhcp.coverage FILE` writes it between the marks in FILE.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Importing a module enters its rules.
from netoracle.dhcp import invariants  # noqa: F401
from netoracle.report.between import write_between
from netspec.dhcp import arp, client, messages, relay, server, timing  # noqa: F401
from netspec.dhcp.judgement import ENFORCED
from netspec.dhcp.requirement import Requirement
from netspec.dhcp.requirements import REQUIREMENTS


@dataclass(frozen=True, slots=True)
class Covered:
    """A requirement, and the functions that ask for it by module and name, none where no trace shows it."""

    requirement: Requirement
    functions: tuple[str, ...]

    @property
    def missing(self) -> bool:
        """Whether a trace could show it and no rule asks."""
        return not self.functions and self.requirement.unobservable is None


def coverage() -> list[Covered]:
    """Every requirement in order, its functions too: in which order modules are imported does not matter."""
    return [Covered(REQUIREMENTS[n], tuple(sorted(set(ENFORCED.get(n, ()))))) for n in sorted(REQUIREMENTS)]


def table() -> str:
    """The coverage as Markdown."""
    rows = ["| | level | source | asks | by, or why not |", "|---|---|---|---|---|"]
    for one in coverage():
        asked = one.requirement
        how = ", ".join(f"`{name}`" for name in one.functions) or asked.unobservable or "**no rule yet**"
        rows.append(f"| {asked.number} | {asked.level.value} | {asked.source} | {asked.text} | {how} |")
    return "\n".join(rows)


def summary() -> str:
    """How many there are of each."""
    all_of_them = coverage()
    tested = sum(bool(one.functions) for one in all_of_them)
    unseen = sum(one.requirement.unobservable is not None for one in all_of_them)
    missing = sum(one.missing for one in all_of_them)
    head = f"Of {len(all_of_them)} requirements {tested} have rules"
    return f"{head}, {unseen} show in no trace, {missing} have no rule yet."


def main(arguments: Sequence[str]) -> int:
    """Write the table into a file; 2 where that cannot be done."""
    if len(arguments) != 1:
        print("expected one file to write the table into", file=sys.stderr)
        return 2
    return write_between(Path(arguments[0]), "coverage", f"{summary()}\n\n{table()}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
