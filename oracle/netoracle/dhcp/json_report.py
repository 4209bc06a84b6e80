"""A check of DHCP as JSON: one object a capture, in the form that other traces have, with `requirements` added."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from netoracle.certificate.model import number
from netoracle.dhcp.certificate import write_value
from netoracle.dhcp.parties import dotted
from netoracle.dhcp.result import KEPT_FRAMES, DhcpReport, DhcpStep, DhcpViolation, PartyReport, Tally
from netspec.dhcp.requirements import REQUIREMENTS


def to_object(report: DhcpReport) -> dict[str, Any]:
    """The object for one report; times are exact seconds since the first frame."""
    violations = report.violations
    return {
        "file": report.path,
        "format": "capture",
        "protocol": "dhcp",
        "profile": report.profile,
        "host": ", ".join(report.hosts) or None,
        "vantage": report.vantage,
        "verdict": report.verdict.value,
        "labels": report.messages,
        "undecodable": report.undecodable,
        "missed": report.missed,
        "seconds": round(report.seconds, 6),
        "states": report.states,
        "solver_calls": 0,
        "notes": report.notes,
        "steps": [_step(step) for step in report.steps],
        "inferred": [],
        "violation": _violation(violations[0]) if violations else None,
        "violations": [_violation(one) for one in violations],
        "requirements": [_requirement(n, _of_all(report, n)) | _in_words(n) for n in sorted(REQUIREMENTS)],
        "parties": [_party(party) for party in report.parties],
    }


def _party(party: PartyReport) -> dict[str, Any]:
    return {
        "role": party.party.role,
        "party": party.party.name,
        "verdict": party.verdict.value,
        "reasons": party.reasons,
        "addresses": [dotted(address) for address in sorted(party.addresses)],
        "messages": party.messages,
        "frames": list(party.frames),
        "left_off": party.left_off,
        "deviations": [
            {"frame": one.frame, "requirement": one.requirement, "found": one.found} for one in party.deviations
        ],
        "requirements": [_requirement(n, party.requirements.get(n, Tally())) for n in sorted(REQUIREMENTS)],
    }


def _of_all(report: DhcpReport, requirement: int) -> Tally:
    """How a requirement fared with all parties together."""
    of_each = [party.requirements[requirement] for party in report.parties if requirement in party.requirements]
    return Tally(
        sum(one.exercised for one in of_each),
        sum(one.broken for one in of_each),
        sum(one.excused for one in of_each),
        sorted({frame for one in of_each for frame in one.satisfied_frames})[:KEPT_FRAMES],
        sorted({frame for one in of_each for frame in one.violated_frames})[:KEPT_FRAMES],
    )


def _in_words(requirement: int) -> dict[str, Any]:
    asked = REQUIREMENTS[requirement]
    return {"party": asked.party, "text": asked.text, "unobservable": asked.unobservable}


def _requirement(requirement: int, tally: Tally) -> dict[str, Any]:
    asked = REQUIREMENTS[requirement]
    status = tally.status
    if not tally.exercised and asked.unobservable is not None:
        status = "not observable"
    return {
        "number": requirement,
        "level": asked.level.value,
        "source": asked.source,
        "status": status,
        "exercised": tally.exercised,
        "broken": tally.broken,
        "satisfied_frames": tally.satisfied_frames,
        "violated_frames": tally.violated_frames,
    }


def _violation(violation: DhcpViolation) -> dict[str, Any]:
    return {
        "label": None,
        "frame": violation.frame,
        "party": str(violation.party),
        "requirements": list(violation.requirements),
        "summary": violation.summary,
        "nearest": [
            {
                "rule": near.rule,
                "requirement": near.requirement,
                "premise": near.premise,
                "expected": None,
                "found": near.found,
            }
            for near in violation.nearest
        ],
    }


def _step(step: DhcpStep) -> dict[str, Any]:
    return {
        "label": None,
        "frame": step.frame,
        "party": str(step.party),
        "kind": "sent" if step.sent else "received",
        "rule": step.rule,
        "time": number(Fraction(step.time)),
        "choices": {name: write_value(value) for name, value in step.choices},
    }
