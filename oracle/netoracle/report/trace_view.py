"""Views of the reports on traces with sockets calls."""

from __future__ import annotations

from netoracle.explanation.violation import Violation
from netoracle.oracle import Report
from netoracle.report.errata import in_sentences
from netoracle.report.json_report import to_object as json_of_trace
from netoracle.report.view import Near, Place, Row, View, to_object, view
from netoracle.search.search import Verdict
from netoracle.trace.words import in_words


@view.register
def _(report: Report) -> View:
    scenario = report.scenario
    profile = scenario.profile
    properties = [("with", name) for name in profile.on] + [("without", name) for name in profile.off]
    sentences = tuple(in_sentences(report))
    return View(
        title=scenario.trace.path,
        profile=profile.title,
        verdict=report.verdict,
        reason=report.reason,
        labels=len(scenario.labels),
        unit="labels",
        states=report.states,
        solver_calls=report.solver_calls,
        seconds=report.seconds,
        facts=f"{len(report.steps)} steps",
        places=() if report.violation is None else (_place(report, report.violation),),
        remarks=sentences,
        properties=(*properties, *(("erratum", sentence) for sentence in sentences)),
        rows=_rows(report),
    )


def _place(report: Report, violation: Violation) -> Place:
    reached = "no run explains" if report.verdict is Verdict.violates else "the search got to"
    nearest = tuple(Near(near.rule, near.premise, near.expected, near.found) for near in violation.nearest)
    return Place(f"{reached} label {violation.label} (line {violation.line})", violation.summary, nearest)


def _rows(report: Report) -> tuple[Row, ...]:
    scenario = report.scenario
    inferred = {one.label: in_words(one.what) for one in report.inferred}
    rows = []
    for step in report.steps:
        if step.internal:
            what = ""
        elif step.label in inferred:
            what = f"{inferred[step.label]} (inferred)"
        else:
            what = in_words(scenario.labels[step.label])
        kind = "internal" if step.internal else _KINDS.get(step.kind, "call")
        rows.append(Row(step.label, f"{float(step.time):.6f}", step.rule, what, kind))
    return tuple(rows)


_KINDS = {"Lh_senddatagram": "send", "Lh_recvdatagram": "receive", "Lh_epsilon": "time", "Lh_trace": "record"}


@to_object.register
def _(report: Report) -> dict[str, object]:
    return json_of_trace(report)
