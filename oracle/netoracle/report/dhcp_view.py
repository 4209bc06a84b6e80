"""Views of the reports on DHCP."""

from __future__ import annotations

from netoracle.dhcp.json_report import to_object as json_of_dhcp
from netoracle.dhcp.result import Deviation, DhcpReport, DhcpViolation
from netoracle.dhcp.wording import asked
from netoracle.report.view import Near, Place, Row, View, to_object, view

_MOST_DEVIATIONS = 10
_MOST_FRAMES = 5


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
    kinds: dict[tuple[str, int], list[Deviation]] = {}
    for deviation in (deviation for party in report.parties for deviation in party.deviations):
        kinds.setdefault((str(deviation.party), deviation.requirement), []).append(deviation)
    result += [_deviating(alike) for alike in list(kinds.values())[:_MOST_DEVIATIONS]]
    if len(kinds) > _MOST_DEVIATIONS:
        result.append(f"and {len(kinds) - _MOST_DEVIATIONS} more kinds of deviation")
    return [*result, *report.notes]


def _deviating(alike: list[Deviation]) -> str:
    """A line for the deviations of one party from one requirement."""
    first = alike[0]
    frames = ", ".join(str(one.frame) for one in alike[:_MOST_FRAMES])
    more = f" and {len(alike) - _MOST_FRAMES} more" if len(alike) > _MOST_FRAMES else ""
    where = f"frame{'s' if len(alike) > 1 else ''} {frames}{more}"
    return f"{where}: {first.party} deviates: {first.found} ({asked(first.requirement)})"


@to_object.register
def _(report: DhcpReport) -> dict[str, object]:
    return json_of_dhcp(report)
