"""Which premises state which MUST of RFC 9293: a table, for docs/rfc9293.md.

`python -m netoracle.wire.coverage FILE` writes it between the marks in FILE.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import netspec.wire
from netoracle.report.between import write_between
from netspec.wire.requirements import MUSTS, Must

_NUMBER = re.compile(r"MUST-(\d+)")


@dataclass(frozen=True, slots=True)
class Stated:
    """A MUST, and the functions of the wire rules that cite it, by module and name."""

    must: Must
    functions: tuple[str, ...]


def coverage() -> list[Stated]:
    """Every MUST, in order."""
    cited: dict[int, list[str]] = {}
    for number, function in _citations(Path(next(iter(netspec.wire.__path__)))):
        cited.setdefault(number, []).append(function)
    return [Stated(must, tuple(dict.fromkeys(cited.get(must.number, ())))) for must in MUSTS]


def _citations(package: Path) -> Iterator[tuple[int, str]]:
    """The numbers in the clauses of premises, with the function: in the text of its strings, but for docstrings."""
    for path in sorted(package.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            body = function.body[1:] if ast.get_docstring(function) else function.body
            for node in (node for statement in body for node in ast.walk(statement)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    for number in _NUMBER.findall(node.value):
                        yield int(number), f"{path.stem}.{function.name}"


def table() -> str:
    """The coverage as Markdown."""
    rows = ["| MUST | section | asks | stated by, or why not |", "|---|---|---|---|"]
    for one in coverage():
        how = ", ".join(f"`{name}`" for name in one.functions) or one.must.unjudged
        rows.append(f"| {one.must.number} | {one.must.section} | {one.must.text} | {how} |")
    stated = sum(bool(one.functions) for one in coverage())
    return f"Of {len(MUSTS)} requirements {stated} are stated by premises.\n\n" + "\n".join(rows)


def main(arguments: Sequence[str]) -> int:
    """Write the table into a file; 2 where that cannot be done."""
    if len(arguments) != 1:
        print("expected one file to write the table into", file=sys.stderr)
        return 2
    return write_between(Path(arguments[0]), "coverage", table())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
