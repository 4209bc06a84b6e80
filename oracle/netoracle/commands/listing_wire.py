"""`netoracle rules` for the rules by which captures are judged."""

from __future__ import annotations

import inspect

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from netspec.wire.rules import dispatch  # noqa: F401 (it enters the rules)
from netspec.wire.rules.rule import WIRE_RULES, WireRule


def wire_rules() -> dict[str, WireRule]:
    """The rules by their names."""
    return WIRE_RULES


def to_object(one: WireRule) -> dict[str, object]:
    """A rule as JSON has it."""
    return {
        "name": one.name,
        "rfc": one.rfc,
        "model": list(one.model),
        "module": one.body.__module__,
        "summary": one.summary,
    }


def print_list(console: Console) -> None:
    """A table of the rules: what each allows, its place in the RFC, the model's rules that send such segments."""
    table = Table(box=None, pad_edge=False, title="rules of captures", title_justify="left")
    for heading in ("rule", "RFC", "rules of the model", "what it allows"):
        table.add_column(heading, no_wrap=heading in ("rule", "RFC"))
    for one in WIRE_RULES.values():
        table.add_row(one.name, one.rfc, ", ".join(one.model), Text(one.summary))
    console.print(table)


def print_one(console: Console, one: WireRule) -> None:
    """A rule in full."""
    console.print(Text.assemble((one.name, "bold"), f"  {one.rfc}  (model: {', '.join(one.model)})"))
    console.print(Syntax(inspect.getsource(one.body), "python", theme="ansi_dark", background_color="default"))
