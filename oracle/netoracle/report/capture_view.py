"""Views of the reports on captures."""

from __future__ import annotations

from netoracle.report.view import Near, Place, Row, View, to_object, view
from netoracle.wire.inferred import Call
from netoracle.wire.result import Finding, Followed, Quad, WireReport

_SECOND = 10**9


@view.register
def _(report: WireReport) -> View:
    return View(
        title=f"{report.file} [{report.host}]",
        profile=report.profile,
        verdict=report.verdict,
        reason=report.reason,
        labels=report.segments,
        unit="segments",
        states=report.states,
        solver_calls=0,
        seconds=report.seconds,
        facts=f"{report.connections} connections, judged at the {report.vantage}",
        places=tuple(_place(finding) for finding in report.findings),
        remarks=tuple(remarks(report)),
        properties=(("vantage", report.vantage),),
        rows=_rows(report),
    )


def _place(finding: Finding) -> Place:
    violation = finding.violation
    line = "" if violation.line is None else f"line {violation.line} of the log"
    frame = (line or "the end of the capture") if violation.frame is None else f"frame {violation.frame}"
    if line and violation.frame is not None:
        frame = f"{frame} ({line})"
    nearest = tuple(
        Near(near.rule, f"{near.premise} [{near.clause}]", near.expected, near.found) for near in violation.nearest
    )
    return Place(f"{frame}, {finding.connection}, in {violation.state}", violation.summary, nearest)


def remarks(report: WireReport) -> list[str]:
    """What people should know beside the verdict."""
    result = list(report.notes)
    if report.violating > len(report.findings):
        result.append(f"{report.violating} connections violate; the first {len(report.findings)} are listed")
    if report.lossy_count:
        some = ", ".join(str(quad) for quad in report.lossy[:3])
        result.append(
            f"{report.lossy_count} of the connections conform only if segments were lost between recorder and host: "
            f"{some}{', ...' if report.lossy_count > 3 else ''}"
        )
    result += [
        f"{clause}: {text} (frame {report.advised[clause, text]}; {count} connections)"
        for (clause, text), count in report.advice.most_common(10)
    ]
    if report.calls:
        told = "calls in the log" if report.logged else "inferred calls"
        result.append(f"{told}: " + ", ".join(f"{count} {name}" for name, count in report.calls.items()))
    return result


def _rows(report: WireReport) -> tuple[Row, ...]:
    return tuple(
        Row(step.frame, "", step.rule, f"{one.connection}, {step.received} received before", "send")
        for one in report.followed
        for step in one.steps
    )


@to_object.register
def _(report: WireReport) -> dict[str, object]:
    first = report.findings[0].violation if report.findings else None
    return {
        "file": report.file,
        "format": "capture",
        "profile": report.profile,
        "host": report.host,
        "vantage": report.vantage,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "labels": report.segments,
        "seconds": round(report.seconds, 6),
        "states": report.states,
        "solver_calls": 0,
        "steps": [step for one in report.followed for step in _steps(one)],
        "inferred": [call_object(one.connection, call) for one in report.followed for call in one.calls],
        "violation": None
        if first is None
        else {
            "label": None,
            "frame": first.frame,
            "line": first.line,
            "connection": str(report.findings[0].connection),
            "summary": first.summary,
            "nearest": _nearest(report.findings[0]),
        },
        "connections": report.connections,
        "violating": report.violating,
        "findings": [
            {
                "connection": str(finding.connection),
                "frame": finding.violation.frame,
                "line": finding.violation.line,
                "time": _time(finding.violation.time),
                "state": finding.violation.state,
                "summary": finding.violation.summary,
                "nearest": _nearest(finding),
            }
            for finding in report.findings
        ],
        "lossy": [str(quad) for quad in report.lossy],
        "advice": [
            {"clause": clause, "text": text, "connections": count, "frame": report.advised[clause, text]}
            for (clause, text), count in report.advice.items()
        ],
        "calls": dict(report.calls),
        "rules": dict(report.rules),
        "notes": report.notes,
    }


def _nearest(finding: Finding) -> list[dict[str, str]]:
    return [
        {
            "rule": near.rule,
            "clause": near.clause,
            "premise": near.premise,
            "expected": near.expected,
            "found": near.found,
        }
        for near in finding.violation.nearest
    ]


def _steps(one: Followed) -> list[dict[str, object]]:
    return [
        {
            "label": None,
            "frame": step.frame,
            "connection": str(one.connection),
            "kind": "Lh_senddatagram",
            "rule": step.rule,
            "received": step.received,
        }
        for step in one.steps
    ]


def call_object(connection: Quad, call: Call) -> dict[str, object]:
    """An inferred call as JSON."""
    return {
        "connection": str(connection),
        "call": call.name,
        "octets": call.octets,
        "after": None if call.after is None else _time(call.after),
        "before": _time(call.before),
        "frame": call.frame,
    }


def in_words(call: Call) -> str:
    """An inferred call for people."""
    octets = "" if call.octets is None else f" of {call.octets} octets"
    after = "" if call.after is None else f"after {_time(call.after)} and "
    return f"{call.name}{octets}, {after}before {_time(call.before)} (frame {call.frame})"


def _time(nanoseconds: int) -> str:
    """Seconds since the epoch, exactly."""
    return f"{nanoseconds // _SECOND}.{nanoseconds % _SECOND:09}"
