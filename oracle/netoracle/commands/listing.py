"""`netoracle rules`: the index of the specification."""

from __future__ import annotations

from rich.table import Table

import netspec.tcp.rules  # noqa: F401  (entering the rules into the index)
from netoracle.exit_status import Exit
from netoracle.report.console import report_console
from netoracle.scenario import UsageError
from netspec.tcp.rule import RULES, Rule


def _categories(rule: Rule) -> str:
    return "; ".join(
        f"{kind.__name__}: {', '.join(map(str, categories))}" for kind, categories in rule.categories.items()
    )


def run(name: str | None) -> int:
    """List the rules, or show one."""
    console = report_console()
    if name is not None:
        rule = RULES.get(name)
        if rule is None:
            raise UsageError(f"there is no rule {name!r}")
        console.print(f"[bold]{rule.name}[/bold]  {rule.proto.value}  {_categories(rule)}")
        console.print(rule.summary, markup=False)
        return Exit.CONFORMS
    table = Table(box=None, pad_edge=False)
    for heading in ("rule", "protocol", "categories", "what it allows"):
        table.add_column(heading)
    for rule in RULES.values():
        table.add_row(rule.name, rule.proto.value, _categories(rule), rule.summary.splitlines()[0])
    console.print(table)
    console.print(f"{len(RULES)} rules")
    return Exit.CONFORMS
