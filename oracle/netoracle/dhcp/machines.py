"""The transition systems of the parties, as the checker and the replay use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netoracle.dhcp.choosing import Choices, every_way
from netoracle.dhcp.machine import Way
from netoracle.dhcp.result import Near, Role
from netoracle.scenario import UsageError
from netspec.base.choose import Choose, PremiseFailed
from netspec.dhcp import client, profiles, relay, server
from netspec.dhcp.judgement import Judge
from netspec.dhcp.labels import Sight
from netspec.dhcp.profiles import Profile
from netspec.dhcp.requirement import Unmet

PROFILES = tuple(profiles.PROFILES)
"""The profiles' names, the default first."""

Rule = Callable[[Any, Sight, Judge], Any]


@dataclass(frozen=True, slots=True)
class RuleMachine:
    """A machine made of rules by name.

    `lossy`: frames may be lost between the party and the recorder; `certain`: what is shown arrives.
    `monotone`: what it hears only adds to what it may do, so that it may as well have heard everything.
    """

    start: Any
    sending: Mapping[str, Rule]
    hearing: Mapping[str, Rule]
    profile: Profile
    lossy: bool = True
    certain: bool = False
    monotone: bool = True

    def starts(self) -> Sequence[Any]:
        """One state, in which nothing is known."""
        return (self.start,)

    def sends(self, state: Any, label: Sight) -> Iterator[Way[Any] | Near]:
        """Every way to send it, and the rules that came near."""
        return self._ways(self.sending, state, label)

    def hears(self, state: Any, label: Sight) -> Iterator[Way[Any]]:
        """Every way to take it in."""
        for way in self._ways(self.hearing, state, label):
            if isinstance(way, Way):
                yield way

    def take(self, state: Any, rule: str, label: Sight, sent: bool, choose: Choose) -> Any:
        """One named rule."""
        return (self.sending if sent else self.hearing)[rule](state, label, self._judge(choose))

    def _judge(self, choose: Choose) -> Judge:
        return Judge(choose, self.profile, self.certain, self.lossy)

    def _ways(self, rules: Mapping[str, Rule], state: Any, label: Sight) -> Iterator[Way[Any] | Near]:
        for name, rule in rules.items():
            for choices, result in every_way(self._run(rule, state, label)):
                if isinstance(result, Unmet):
                    yield Near(name, result.number, f"requirement {result.number}", result.found)
                elif not isinstance(result, PremiseFailed):
                    after, judge = result
                    yield _way(name, choices, after, judge)

    def _run(self, rule: Rule, state: Any, label: Sight) -> Callable[[Choose], tuple[Any, Judge]]:
        def run(choose: Choose) -> tuple[Any, Judge]:
            judge = self._judge(choose)
            return rule(state, label, judge), judge

        return run


def _way(name: str, choices: Choices, after: Any, judge: Judge) -> Way[Any]:
    departed = {number for number, _ in judge.departures}
    met = tuple(number for number in dict.fromkeys(judge.met) if number not in departed)
    return Way(name, choices, after, met, tuple(judge.departures))


class Machines:
    """The parties' machines under a profile."""

    def __init__(self, profile: str, lossy: bool = True, certain: bool = False) -> None:
        """Raises UsageError where there is no such profile."""
        if profile not in PROFILES:
            raise UsageError(f"no DHCP profile {profile!r}, expected one of {', '.join(PROFILES)}")
        self.profile = profiles.PROFILES[profile]
        self._of = {
            role.value: RuleMachine(start, rules.SENDS, rules.HEARS, self.profile, lossy, certain)
            for role, start, rules in (
                (Role.client, client.Client(), client),
                (Role.server, server.Server(), server),
                (Role.relay, relay.Relay(), relay),
            )
        }

    def of(self, role: str) -> RuleMachine:
        """The machine of a role; KeyError where there is no such role."""
        return self._of[role]
