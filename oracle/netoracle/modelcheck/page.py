"""The tables of docs/modelchecking.md: `python -m netoracle.modelcheck.page FILE [TABLE...]` renews all, or those."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from netoracle.modelcheck.check import check
from netoracle.modelcheck.instances import (
    BEYOND,
    DEVIATING,
    JUDGED,
    NOT_SHOWN,
    SHOWN,
    SPECIFICATION,
    Instance,
)
from netoracle.modelcheck.leases import LONGEST, grace_needed, leases_apart, timers_in_order
from netoracle.modelcheck.product import LEFT_OPEN, forbidden, noted
from netoracle.modelcheck.result import Outcome, Report
from netoracle.modelcheck.symbolic import Proof
from netoracle.modelcheck.systems import model_of


def report_on(instance: Instance) -> Report[Any]:
    """Check an instance: the properties that it is known to violate, or all."""
    return check(model_of(instance.system, instance.options), instance.violated if instance.alone else None)


def holding_table(instances: Iterable[Instance]) -> str:
    """Instances with the size of their spaces."""
    lines = ["| instance | verdict | states | steps | depth | states/s | seconds |", "|---|---|---|---|---|---|---|"]
    for instance in instances:
        report = report_on(instance)
        distinct = " + ".join(str(one.distinct) for one in report.searches)
        steps = " + ".join(str(one.generated) for one in report.searches)
        seconds = sum(one.seconds for one in report.searches)
        rate = sum(one.distinct for one in report.searches) / seconds
        outside = sum(one.outside for one in report.searches)
        bounded = f" ({outside} states not left)" if outside else ""
        depth = max(one.depth for one in report.searches)
        lines.append(
            f"| {report.title} | {report.outcome.value}{bounded} | {distinct} | {steps} | {depth} "
            f"| {rate:.0f} | {seconds:.1f} |"
        )
    return "\n".join(lines)


def violating_table(instances: Iterable[Instance]) -> str:
    """Instances with the properties that fail, and the lengths of the runs that show it."""
    lines = ["| instance | violated | steps of the counterexample |", "|---|---|---|"]
    for instance in instances:
        report = report_on(instance)
        for one in report.findings:
            if one.outcome is Outcome.violated:
                length = "not reached" if one.run is None else str(len(one.run.steps))
                loop = " with a loop" if one.run is not None and one.run.loop is not None else ""
                lines.append(f"| {report.title} | {one.property.name} | {length}{loop} |")
    return "\n".join(lines)


def shown_table(instances: Iterable[Instance], not_shown: Mapping[str, str]) -> str:
    """Instances with what a concrete rule says of the last step of the run that is found, and what none speaks of."""
    lines = ["| instance | steps | what the rules say |", "|---|---|---|"]
    for instance in instances:
        report = report_on(instance)
        run = report.findings[0].run
        if run is None:
            raise SystemExit(f"{report.title}: nothing shows")
        step = run.steps[-1]
        numbers = sorted(forbidden(step) or noted(step) - LEFT_OPEN.keys())
        said = "forbidden by" if forbidden(step) else "noted by"
        lines.append(f"| {report.title} | {len(run.steps)} | {said} {', '.join(map(str, numbers))} |")
    return "\n".join([*lines, *(f"| {name} | | nothing: {why} |" for name, why in not_shown.items())])


def proofs_table() -> str:
    """What z3 says of leases of any length."""
    proofs = [timers_in_order(), timers_in_order(shortest=3), timers_in_order(1800, 75600)]
    proofs += [leases_apart(0, 0), leases_apart(100, 0)]
    for longest in (86_400, LONGEST):
        needed = grace_needed(100, longest)
        proofs += [leases_apart(100, grace, longest) for grace in (needed - 1, needed)]
    rows = "\n".join(f"| {one.claim} | {one.outcome.value} | {_values(one)} |" for one in proofs)
    return f"| claim | verdict | counterexample |\n|---|---|---|\n{rows}"


def _values(proof: Proof) -> str:
    return ", ".join(f"{name} {value}" for name, value in proof.values.items() if name in ("lease", "t1", "t2"))


def main() -> None:
    """Renew the tables of a file, each between its two markers."""
    path, chosen = Path(sys.argv[1]), sys.argv[2:]
    text = path.read_text()
    tables = {
        "specification": lambda: holding_table(SPECIFICATION),
        "beyond": lambda: violating_table(BEYOND),
        "deviating": lambda: violating_table(DEVIATING),
        "judged": lambda: holding_table(JUDGED),
        "shown": lambda: shown_table(SHOWN, NOT_SHOWN),
        "proofs": proofs_table,
    }
    for name in chosen or tables:
        table = tables[name]
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise SystemExit(f"{path}: there is no table {name}")
        text = f"{before}{start}{table()}\n{end}{after}"
    path.write_text(text)


if __name__ == "__main__":
    main()
