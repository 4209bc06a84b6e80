"""Views of the reports on DHCP."""

from __future__ import annotations

from collections import Counter

from netoracle.dhcp.json_report import to_object as json_of_dhcp
from netoracle.dhcp.result import Deviation, DhcpReport, DhcpViolation
from netoracle.dhcp.wording import asked
from netoracle.report.view import Near, Place, Row, View, to_object, view
from netoracle.search.search import Verdict

_MOST_DEVIATIONS = 10
_MOST_FRAMES = 5
_MOST_REASONS = 5
_MOST_LISTED = 20


@view.register
def _(report: DhcpReport) -> View:
    return View(
        title=f"{report.path} [DHCP]",
        profile=report.profile,
        verdict=report.verdict,
        reason=_reason(report),
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


def _reason(report: DhcpReport) -> str | None:
    """Why there is no verdict on some party, each reason once."""
    if not report.parties:
        return "no message that could be judged"
    of: dict[str, list[str]] = {}
    for party in report.parties:
        for reason in party.reasons:
            of.setdefault(reason, []).append(str(party.party))
    told = [f"{_some(parties)}: {reason}" for reason, parties in of.items()]
    if len(told) > _MOST_REASONS:
        told[_MOST_REASONS:] = [f"and {len(told) - _MOST_REASONS} more"]
    return "; ".join(told) or None


def _some(parties: list[str]) -> str:
    more = len(parties) - _MOST_FRAMES
    return ", ".join(parties[:_MOST_FRAMES]) + (f" and {more} more" if more > 0 else "")


def _place(violation: DhcpViolation) -> Place:
    near = tuple(Near(one.rule, one.premise, None, one.found) for one in violation.nearest)
    demanded = tuple(Near("requirement", asked(number), None, None) for number in violation.requirements)
    return Place(f"frame {violation.frame}, {violation.party}", violation.summary, (*demanded, *near))


def _remarks(report: DhcpReport) -> list[str]:
    # Those that conform last: where there are many, they say least.
    parties = sorted(report.parties, key=lambda party: party.verdict is Verdict.conforms)
    result = [f"{party.party}: {party.verdict.value}, {party.messages} messages" for party in parties[:_MOST_LISTED]]
    if len(parties) > _MOST_LISTED:
        left = Counter(party.verdict.value for party in parties[_MOST_LISTED:])
        result.append(f"and {', '.join(f'{count} more: {verdict}' for verdict, count in left.items())}")
    kinds: dict[tuple[str, int], list[Deviation]] = {}
    for deviation in (deviation for party in report.parties for deviation in party.deviations):
        kinds.setdefault((str(deviation.party), deviation.requirement), []).append(deviation)
    result += [_deviating(alike) for alike in list(kinds.values())[:_MOST_DEVIATIONS]]
    if len(kinds) > _MOST_DEVIATIONS:
        result.append(f"and {len(kinds) - _MOST_DEVIATIONS} more kinds of deviation")
    left_off = sum(party.left_off for party in report.parties)
    if left_off:
        result.append(f"{left_off} steps, violations and deviations were found and not kept: there were too many")
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
