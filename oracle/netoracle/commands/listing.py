"""`netoracle rules`: the index of the specification, and what exercises each rule."""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from netoracle.commands import listing_wire
from netoracle.coverage import measured, picture
from netoracle.coverage.index import Entry, chapters, entries, entry, to_object
from netoracle.coverage.measured import Witnesses
from netoracle.coverage.page import counts
from netoracle.exit_status import Exit
from netoracle.report.console import report_console
from netoracle.scenario import UsageError
from netspec.tcp.rule import RULES

_INDENT: Final = "    "


def run(name: str | None, as_json: bool) -> int:
    """List the rules, or show one; for people, or as JSON."""
    if name is None:
        index = entries()
        if as_json:
            of_captures = [listing_wire.to_object(one) for one in listing_wire.wire_rules().values()]
            index_of_all = {"rules": [to_object(one) for one in index], "captures": of_captures, "traces": _traces()}
            print(json.dumps(index_of_all, indent=1))
        else:
            _list(report_console(), index)
            report_console().print()
            listing_wire.print_list(report_console())
        return Exit.CONFORMS
    wire = listing_wire.wire_rules().get(name)
    if wire is not None:
        if as_json:
            print(json.dumps(listing_wire.to_object(wire), indent=1))
        else:
            listing_wire.print_one(report_console(), wire)
        return Exit.CONFORMS
    one = entry(name)
    if one is None:
        near = difflib.get_close_matches(name, [*RULES, *listing_wire.wire_rules()], n=3)
        raise UsageError(f"there is no rule {name!r}" + (f"; near it: {', '.join(near)}" if near else ""))
    if as_json:
        print(json.dumps(to_object(one), indent=1))
    else:
        _show(report_console(), one)
    return Exit.CONFORMS


def _traces() -> dict[str, dict[str, object]]:
    return {
        run.name: {"origin": run.origin, "profile": run.profile, "verdict": run.verdict, "labels": run.labels}
        for run in measured.traces()
    }


def _list(console: Console, index: tuple[Entry, ...]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("protocol", no_wrap=True)
    table.add_column("categories")
    for heading in ("allow", "forbid", "traces"):
        table.add_column(heading, justify="right")
    table.add_column("what it allows")
    for one in index:
        table.add_row(
            one.name,
            one.rule.proto.value,
            one.categories,
            _number(one.tests.allowing.tests, "red"),
            _number(one.tests.forbidding.tests, "red"),
            _number(len(one.traces), "dim"),
            Text(one.headline),
        )
    console.print(table)
    console.print()
    of = chapters(index)
    for line in picture.text(of).splitlines():
        console.print(Text(line))
    console.print(Text(f"{picture.KEY}\n", "dim"))
    console.print(counts(index))


def _number(n: int, style_of_none: str) -> Text:
    return Text(str(n) if n else "none", "" if n else style_of_none)


def _show(console: Console, one: Entry) -> None:
    console.print(Text.assemble((one.name, "bold"), f"  {one.rule.proto.value}  {one.categories}"))
    console.print(Text(one.summary))
    console.print()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for heading, lines in _facts(one):
        table.add_row(heading, Text("\n".join(lines)))
    console.print(table)
    console.print()
    console.print(Syntax(inspect.getsource(one.rule.body), "python", theme="ansi_dark", background_color="default"))


def _facts(one: Entry) -> Iterator[tuple[str, list[str]]]:
    place = "" if one.place is None else f", line {one.place.line} ({one.place.branch})"
    yield "HOL4", [one.source + place]
    yield "Python", [f"{one.file}:{one.line}"]
    if one.deviations:
        yield "deviations", list(one.deviations)
    yield "allowed by", _tests(one.tests.allowing)
    yield "forbidden by", _tests(one.tests.forbidding)
    if one.traces:
        yield "traces", [f"{run.name}  {count}×  ({run.origin}, {run.profile})" for run, count in one.traces]
    else:
        yield "traces", [f"none. {one.reason or ''}"]


def _tests(tested: Witnesses) -> list[str]:
    if not tested.tests:
        return ["no test"]
    more = tested.tests - len(tested.examples)
    return [*tested.examples, *([f"and {more} more"] if more else [])]
