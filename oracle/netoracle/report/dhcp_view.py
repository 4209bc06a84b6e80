"""Views of the reports on DHCP."""

from __future__ import annotations

from netoracle.dhcp.json_report import to_object as json_of_dhcp
from netoracle.dhcp.result import DhcpReport, DhcpViolation
from netoracle.dhcp.wording import asked
from netoracle.report.view import Near, Place, Row, View, to_object, view

_MOST_DEVIATIONS = 10


@view.register
def _(report: DhcpReport) -> View:
    reasons = [f"{party.party}: {reason}" for party in report.parties for reason in party.reasons]
    return View(
        title=f"{report.path} [DHCP]",
        profile=report.profile,
        verdict=report.verdict,
        reason="; ".join(reasons) or None,
        labels=report.messages,
        unit="messages",
        states=report.states,
        solver_calls=0,
        seconds=report.seconds,
        facts=f"{len(report.parties)} parties, vantage {report.vantage}",
        places=tuple(_place(violation) for violation in report.violations),
        remarks=tuple(_remarks(report)),
        properties=(("vantage", report.vantage),),
        rows=tuple(
            Row(step.frame, f"{float(step.time):.6f}", step.rule, str(step.party), "send" if step.sent else "receive")
            for step in report.steps
        ),
    )


def _place(violation: DhcpViolation) -> Place:
    near = tuple(Near(one.rule, one.premise, None, one.found) for one in violation.nearest)
    demanded = tuple(Near("requirement", asked(number), None, None) for number in violation.requirements)
    return Place(f"frame {violation.frame}, {violation.party}", violation.summary, (*demanded, *near))


def _remarks(report: DhcpReport) -> list[str]:
    result = [f"{party.party}: {party.verdict.value}, {party.messages} messages" for party in report.parties]
    deviations = [deviation for party in report.parties for deviation in party.deviations]
    result += [
        f"frame {one.frame}: {one.party} deviates: {one.found} ({asked(one.requirement)})"
        for one in deviations[:_MOST_DEVIATIONS]
    ]
    if len(deviations) > _MOST_DEVIATIONS:
        result.append(f"and {len(deviations) - _MOST_DEVIATIONS} more deviations")
    return [*result, *report.notes]


@to_object.register
def _(report: DhcpReport) -> dict[str, object]:
    return json_of_dhcp(report)
