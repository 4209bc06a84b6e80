"""Reports as a page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader

from netoracle.oracle import Report
from netoracle.report.errata import in_sentences
from netoracle.report.words import in_words
from netoracle.search.search import Verdict


def to_html(reports: Sequence[Report]) -> str:
    """The page: a summary, then each trace with its run or the reason that there is none."""
    environment = Environment(
        loader=PackageLoader("netoracle.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    counts = {verdict.value: sum(r.verdict is verdict for r in reports) for verdict in Verdict}
    return environment.get_template("report.html").render(reports=[_view(report) for report in reports], counts=counts)


def _view(report: Report) -> dict[str, Any]:
    scenario = report.scenario
    inferred = {one.label: in_words(one.what) for one in report.inferred}
    rows = [
        {
            "label": step.label,
            "time": f"{float(step.time):.6f}",
            "rule": step.rule,
            "internal": step.internal,
            "kind": _kind(step.kind, step.internal),
            "what": "" if step.internal else inferred.get(step.label, in_words(scenario.labels[step.label])),
            "inferred": not step.internal and step.label in inferred,
        }
        for step in report.steps
    ]
    return {
        "path": scenario.trace.path,
        "profile": scenario.profile.title,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "labels": len(scenario.labels),
        "states": report.states,
        "solver_calls": report.solver_calls,
        "seconds": f"{report.seconds:.2f}",
        "rows": rows,
        "violation": report.violation,
        "errata": in_sentences(report),
    }


def _kind(kind: str, internal: bool) -> str:
    if internal:
        return "internal"
    names = {
        "Lh_senddatagram": "send",
        "Lh_recvdatagram": "receive",
        "Lh_epsilon": "time",
        "Lh_trace": "record",
    }
    return names.get(kind, "call")
