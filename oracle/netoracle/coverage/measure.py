"""Measuring what exercises the rules: the tests' own record, runs behind verdicts, places in the HOL4 text."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from netoracle.coverage.measured import Place, RuleTests, Text, TraceRun, Witnesses
from netoracle.oracle import check
from netoracle.scenario import UsageError
from netoracle.trace.capture.recognise import is_capture
from netoracle.trace.finding import traces_in
from netoracle.trace.model import TraceError
from netspec.tcp.host0 import Lh_call

EXAMPLES: Final = 2
SOURCE: Final = "TCP1_hostLTSScript.sml"

Record = Mapping[str, Mapping[str, Sequence[str]]]
"""For each test the rules that it saw `allowed` and `forbidden`: what `pytest --rule-coverage` writes."""


def by_rule(record: Record, rules: Sequence[str]) -> dict[str, RuleTests]:
    """The tests of each rule.  The examples are those that see it one way only, and few other rules."""
    return {
        name: RuleTests(_tested(record, name, "allowed", "forbidden"), _tested(record, name, "forbidden", "allowed"))
        for name in rules
        if any(name in seen for of in record.values() for seen in of.values())
    }


def _tested(record: Record, rule: str, kind: str, other: str) -> Witnesses:
    tests = [test for test, seen in record.items() if rule in seen[kind]]
    about = {test: len({*record[test][kind], *record[test][other]}) for test in tests}
    tests.sort(key=lambda test: (rule in record[test][other], about[test], test))
    return Witnesses(len(tests), tuple(tests[:EXAMPLES]))


def shipped_runs(folder: Path) -> Iterator[TraceRun | str]:
    """The runs of the traces in a folder; a line for each that cannot be checked."""
    for path in traces_in(folder):
        if is_capture(path):
            continue
        yield _run(path, path.relative_to(folder).as_posix(), "shipped")


def netsem_runs(folder: Path) -> Iterator[TraceRun | str]:
    """The runs of the Netsem project's traces, whose files have no ending to know them by."""
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        yield _run(path, path.name, "netsem")


def _run(path: Path, name: str, origin: Literal["shipped", "netsem"]) -> TraceRun | str:
    try:
        report = check(path)
    except (TraceError, UsageError) as error:
        return str(error)
    steps = () if report.certificate is None else report.certificate.steps
    labels = report.scenario.labels
    return TraceRun(
        name,
        origin,
        report.scenario.profile.name,
        report.verdict.value,
        len(labels),
        tuple(sorted({type(label.call).__name__ for label in labels if isinstance(label, Lh_call)})),
        dict(sorted(Counter(step.rule for step in steps).items())),
    )


_COMMENT: Final = re.compile(r"\(\*|\*\)")
_RULE: Final = re.compile(r"^\s*(\w+)\s*/\*\s*rp_", re.MULTILINE)


def places_of_rules(branches: Mapping[str, Path], rules: Sequence[str]) -> tuple[dict[str, Place], tuple[Text, ...]]:
    """The places of the rules in the folders of the branches: of each in the first branch that has it."""
    places: dict[str, Place] = {}
    texts: list[Text] = []
    for branch, folder in branches.items():
        content = (folder / SOURCE).read_bytes()
        text = _without_comments(content.decode("utf-8", "replace"))
        found = {match[1]: text.count("\n", 0, match.start(1)) + 1 for match in _RULE.finditer(text)}
        places = {name: Place(branch, line) for name, line in found.items() if name in rules} | places
        texts.append(Text(branch, SOURCE, hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()))
    return {name: places[name] for name in rules if name in places}, tuple(texts)


def _without_comments(text: str) -> str:
    """The text with only the line ends of its comments, which nest."""
    kept: list[str] = []
    depth = start = 0
    for mark in _COMMENT.finditer(text):
        piece = text[start : mark.start()]
        kept.append("\n" * piece.count("\n") if depth else piece)
        depth = depth + 1 if mark[0] == "(*" else max(depth - 1, 0)
        start = mark.end()
    return "".join([*kept, text[start:]])
