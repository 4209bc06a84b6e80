"""A check of DHCP as JSON: one object a capture, in the form that other traces have, with `requirements` added."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from netoracle.certificate.model import number
from netoracle.dhcp.certificate import write_value
from netoracle.dhcp.result import DhcpReport, DhcpStep, DhcpViolation, PartyReport, Tally
from netspec.dhcp.requirements import REQUIREMENTS


def to_object(report: DhcpReport) -> dict[str, Any]:
    """The object for one report; times are exact seconds since the first frame."""
    violations = report.violations
    return {
        "file": report.path,
        "format": "capture",
        "protocol": "dhcp",
        "profile": report.profile,
        "host": None,
        "vantage": report.vantage,
        "verdict": report.verdict.value,
        "labels": report.messages,
        "undecodable": report.undecodable,
        "seconds": round(report.seconds, 6),
        "states": report.states,
        "solver_calls": 0,
        "notes": report.notes,
        "steps": [_step(step) for step in report.steps],
        "inferred": [],
        "violation": _violation(violations[0]) if violations else None,
        "violations": [_violation(one) for one in violations],
        "parties": [_party(party) for party in report.parties],
    }


def _party(party: PartyReport) -> dict[str, Any]:
    return {
        "role": party.party.role,
        "party": party.party.name,
        "verdict": party.verdict.value,
        "reasons": party.reasons,
        "messages": party.messages,
        "frames": list(party.frames),
        "left_off": party.left_off,
        "deviations": [
            {"frame": one.frame, "requirement": one.requirement, "found": one.found} for one in party.deviations
        ],
        "requirements": [_requirement(party, n) for n in sorted(REQUIREMENTS)],
    }


def _requirement(party: PartyReport, requirement: int) -> dict[str, Any]:
    asked = REQUIREMENTS[requirement]
    tally = party.requirements.get(requirement, Tally())
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
