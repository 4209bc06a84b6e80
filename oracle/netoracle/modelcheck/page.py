"""The tables of docs/modelchecking.md: `python -m netoracle.modelcheck.page FILE` runs the checks and renews them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from netoracle.modelcheck.check import check
from netoracle.modelcheck.instances import BEYOND, DEVIATING, SPECIFICATION, Instance
from netoracle.modelcheck.leases import LONGEST, grace_needed, leases_apart, timers_in_order
from netoracle.modelcheck.result import Outcome, Report
from netoracle.modelcheck.symbolic import Proof
from netoracle.modelcheck.systems import model_of
from netspec.dhcp.abstract.composition import Network


def report_on(instance: Instance) -> Report[Network]:
    """Check an instance: the properties that it is known to violate, or all."""
    return check(model_of("dhcp", instance.options), instance.violated if instance.alone else None)


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
    path = Path(sys.argv[1])
    text = path.read_text()
    tables = {
        "specification": lambda: holding_table(SPECIFICATION),
        "beyond": lambda: violating_table(BEYOND),
        "deviating": lambda: violating_table(DEVIATING),
        "proofs": proofs_table,
    }
    for name, table in tables.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise SystemExit(f"{path}: there is no table {name}")
        text = f"{before}{start}{table()}\n{end}{after}"
    path.write_text(text)


if __name__ == "__main__":
    main()
