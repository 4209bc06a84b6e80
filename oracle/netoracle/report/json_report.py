"""A check as JSON: one object a trace."""

from __future__ import annotations

from typing import Any

from netoracle.certificate.model import number
from netoracle.oracle import Report
from netoracle.report.errata import to_objects
from netoracle.trace.hol.printing.labels import print_label


def to_object(report: Report) -> dict[str, Any]:
    """The object for one report; times are exact seconds since the trace began."""
    scenario = report.scenario
    violation = None
    if report.violation is not None:
        violation = {
            "label": report.violation.label,
            "frame": None,
            "line": report.violation.line,
            "summary": report.violation.summary,
            "nearest": [
                {"rule": near.rule, "premise": near.premise, "expected": near.expected, "found": near.found}
                for near in report.violation.nearest
            ],
        }
    return {
        "file": scenario.trace.path,
        "format": scenario.trace.format,
        "profile": scenario.profile.name,
        "with": list(scenario.profile.on),
        "without": list(scenario.profile.off),
        "host": scenario.host,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "labels": len(scenario.labels),
        "seconds": round(report.seconds, 6),
        "states": report.states,
        "solver_calls": report.solver_calls,
        "steps": [
            {
                "label": None if step.internal else step.label,
                "before": step.label,
                "kind": step.kind,
                "rule": step.rule,
                "time": number(step.time),
            }
            for step in report.steps
        ],
        "inferred": [{"label": one.label, "what": " ".join(print_label(one.what).split())} for one in report.inferred],
        "violation": violation,
        "errata": to_objects(report),
    }
