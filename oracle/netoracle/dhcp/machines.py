"""The transition systems of the parties, as the checker and the replay use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netoracle.dhcp.choosing import every_way
from netoracle.dhcp.events import DhcpEvent
from netoracle.dhcp.facts import Facts
from netoracle.dhcp.machine import Way
from netoracle.dhcp.provisional import client, server
from netoracle.dhcp.result import Near, Role
from netoracle.scenario import UsageError
from netspec.base.choose import Choose, PremiseFailed
from netspec.dhcp.requirement import Unmet

PROFILES = ("rfc2131",)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the rules see it."""

    event: DhcpEvent
    facts: Facts


@dataclass(frozen=True, slots=True)
class RuleMachine:
    """A machine made of rules by name.

    `lossy`: frames may be lost between the party and the recorder.
    `monotone`: what it hears only adds to what it may do, so that it may as well have heard everything.
    """

    start: Any
    sending: Mapping[str, Callable[[Any, DhcpEvent, Facts, Choose], Any]]
    hearing: Mapping[str, Callable[[Any, DhcpEvent, Facts, Choose], Any]]
    lossy: bool
    monotone: bool = True

    def starts(self) -> Sequence[Any]:
        """One state, in which nothing is known."""
        return (self.start,)

    def sends(self, state: Any, label: Seen) -> Iterator[Way[Any] | Near]:
        """Every way to send it, and the rules that came near.

        A choice that the recorder lost something explains a frame where it may have; what it excuses is a departure.
        """
        for way in self._ways(state, label):
            if isinstance(way, Near) or not any(value is True for _, value in way.choices):
                yield way
            elif self.lossy:
                yield replace(way, departures=((35, way.choices[0][0]),))

    def _ways(self, state: Any, label: Seen) -> Iterator[Way[Any] | Near]:
        for name, rule in self.sending.items():
            for choices, result in every_way(lambda choose, r=rule: r(state, label.event, label.facts, choose)):  # type: ignore[misc]
                if isinstance(result, Unmet):
                    yield Near(name, result.number, f"requirement {result.number}", result.found)
                elif not isinstance(result, PremiseFailed):
                    yield Way(name, choices, result)

    def hears(self, state: Any, label: Seen) -> Iterator[Way[Any]]:
        """Every way to take it in."""
        for name, rule in self.hearing.items():
            for choices, result in every_way(lambda choose, r=rule: r(state, label.event, label.facts, choose)):  # type: ignore[misc]
                if not isinstance(result, PremiseFailed):
                    yield Way(name, choices, result)

    def take(self, state: Any, rule: str, label: Seen, sent: bool, choose: Choose) -> Any:
        """One named rule."""
        rules = self.sending if sent else self.hearing
        return rules[rule](state, label.event, label.facts, choose)


class Machines:
    """The parties' machines under a profile."""

    def __init__(self, profile: str, lossy: bool = True) -> None:
        """Raises UsageError where there is no such profile."""
        if profile not in PROFILES:
            raise UsageError(f"no DHCP profile {profile!r}, expected one of {', '.join(PROFILES)}")
        self._of = {
            Role.client.value: RuleMachine(client.Client(), client.SENDS, client.HEARS, lossy),
            Role.server.value: RuleMachine(server.Server(), server.SENDS, server.HEARS, lossy),
        }

    def of(self, role: str) -> RuleMachine:
        """The machine of a role; KeyError where there is no such role."""
        return self._of[role]
