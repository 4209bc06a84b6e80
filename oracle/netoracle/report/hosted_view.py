"""Views of the reports of the host rules on captures."""

from __future__ import annotations

from collections import Counter

from netoracle.hosted.result import HostReport, Judged
from netoracle.report.capture_view import call_object
from netoracle.report.view import Near, Place, Row, View, to_object, view
from netoracle.search.search import Verdict

_MOST_PLACES = 100
_NOT_FOUND = "with calls inferred from the capture no run of the host rules was found; that proves nothing against it"


@view.register
def _(report: HostReport) -> View:
    conforming = sum(one.verdict is Verdict.conforms for one in report.connections)
    return View(
        title=f"{report.file} [{report.host}]",
        profile=f"{report.profile}, host rules",
        verdict=report.verdict,
        reason=report.reason,
        labels=sum(one.segments for one in report.connections),
        unit="segments",
        states=sum(one.states for one in report.connections),
        solver_calls=sum(one.solver_calls for one in report.connections),
        seconds=report.seconds,
        facts=f"{conforming} of {len(report.connections)} connections explained",
        places=tuple(place for one in report.connections for place in _place(one))[:_MOST_PLACES],
        remarks=_remarks(report),
        properties=(("rules", "host"),),
        rows=tuple(
            Row(step.frame, "", step.rule, str(one.connection), _KINDS.get(step.kind, "call"))
            for one in report.connections
            for step in one.steps
        ),
    )


_KINDS = {
    "Lh_senddatagram": "send",
    "Lh_recvdatagram": "receive",
    "Lh_epsilon": "time",
    "Lh_trace": "record",
    "Lh_tau": "internal",
}


def _place(one: Judged) -> list[Place]:
    found = one.unexplained
    if found is None:
        return []
    where = "the silence until the end of the capture" if found.frame is None else f"frame {found.frame}"
    nearest = tuple(Near(near.rule, near.premise, near.expected, near.found) for near in found.nearest)
    return [Place(f"not explained: {where}, {one.connection}", found.summary, nearest)]


def _remarks(report: HostReport) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for one in report.connections:
        counts.update(call.name for call in one.calls)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    calls = (f"inferred calls: {told}",) if told else ()
    caution = (_NOT_FOUND,) if any(one.unexplained is not None for one in report.connections) else ()
    return (*report.notes, *caution, *calls)


@to_object.register
def _(report: HostReport) -> dict[str, object]:
    shown = view(report)
    return {
        "file": report.file,
        "format": "capture",
        "rules": "host",
        "profile": report.profile,
        "host": report.host,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "labels": shown.labels,
        "seconds": round(report.seconds, 6),
        "states": shown.states,
        "solver_calls": shown.solver_calls,
        "steps": [
            {
                "label": None,
                "frame": step.frame,
                "connection": str(one.connection),
                "kind": step.kind,
                "rule": step.rule,
            }
            for one in report.connections
            for step in one.steps
        ],
        "inferred": [call_object(one.connection, call) for one in report.connections for call in one.calls],
        "violation": None,
        "connections": [
            {
                "connection": str(one.connection),
                "verdict": one.verdict.value,
                "reason": one.reason,
                "segments": one.segments,
                "placements tried": one.tried,
                "unexplained": None
                if one.unexplained is None
                else {"frame": one.unexplained.frame, "summary": one.unexplained.summary},
            }
            for one in report.connections
        ],
        "notes": report.notes,
    }
