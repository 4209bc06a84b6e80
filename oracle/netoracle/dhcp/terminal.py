"""A check of DHCP for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from netoracle.dhcp.provisional.requirements import REQUIREMENTS
from netoracle.dhcp.result import DhcpReport, PartyReport
from netoracle.search.search import Verdict

_STYLES = {Verdict.conforms: "green", Verdict.violates: "red", Verdict.inconclusive: "yellow"}
_SHOWN = 10


def print_dhcp_report(console: Console, report: DhcpReport) -> None:
    """The verdict in a line, then each party's with its violations and deviations."""
    console.print(
        Text.assemble(
            f"{report.path}: ",
            (report.verdict.value, _STYLES[report.verdict]),
            f"  (DHCP, {report.profile}, {report.messages} messages, {len(report.parties)} parties, "
            f"{report.states} states, {report.seconds:.2f} s)",
        ),
        soft_wrap=True,
    )
    for note in report.notes:
        console.print(f"  {note}", markup=False, soft_wrap=True)
    for party in report.parties:
        _print_party(console, party)


def _print_party(console: Console, party: PartyReport) -> None:
    first, last = party.frames
    console.print(
        Text.assemble(
            f"  {party.party}: ",
            (party.verdict.value, _STYLES[party.verdict]),
            f"  (frames {first} to {last}, {party.messages} messages, "
            f"{sum(t.exercised > 0 for t in party.requirements.values())} requirements exercised)",
        ),
        soft_wrap=True,
    )
    for reason in party.reasons:
        console.print(f"    {reason}", markup=False, soft_wrap=True)
    for violation in party.violations[:_SHOWN]:
        console.print(f"    frame {violation.frame}: {violation.summary}", markup=False, soft_wrap=True)
        for requirement in violation.requirements:
            console.print(f"      {_asked(requirement)}", markup=False, soft_wrap=True)
        for near in violation.nearest:
            console.print(f"      {near.rule}: {near.premise}; found {near.found}", markup=False, soft_wrap=True)
    _rest(console, len(party.violations), "violations")
    for deviation in party.deviations[:_SHOWN]:
        console.print(
            f"    frame {deviation.frame}: deviates: {deviation.found} ({_asked(deviation.requirement)})",
            markup=False,
            soft_wrap=True,
        )
    _rest(console, len(party.deviations), "deviations")


def _asked(number: int) -> str:
    asked = REQUIREMENTS[number]
    return f"requirement {number}, {asked.level.value}, {asked.source}: {asked.text}"


def _rest(console: Console, count: int, what: str) -> None:
    if count > _SHOWN:
        console.print(f"    and {count - _SHOWN} more {what}", markup=False)
