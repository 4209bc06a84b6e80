"""The transition systems of the parties, as the checker and the replay use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netoracle.dhcp.choosing import Choices, Trying
from netoracle.dhcp.machine import Way
from netoracle.dhcp.result import Near, Role
from netoracle.scenario import UsageError
from netspec.base.choose import Choose, PremiseFailed
from netspec.dhcp import client, profiles, relay, server
from netspec.dhcp.judgement import Judge
from netspec.dhcp.labels import Sight
from netspec.dhcp.message.types import Kind
from netspec.dhcp.profiles import Profile
from netspec.dhcp.requirement import Unmet

PROFILES = tuple(profiles.PROFILES)
"""The profiles' names, the default first."""

Rule = Callable[[Any, Sight, Judge], Any]


@dataclass(frozen=True, slots=True)
class RuleMachine:
    """A machine made of rules by name.

    `lossy`: frames may be lost between the party and the recorder; `certain`: what is shown arrives; `complete`:
    everything that was sent shows.
    `of_kind`: for kinds of messages the rules by which they are sent, where those are not all.
    `monotone`: what it hears only adds to what it may do, so that it may as well have heard everything.
    """

    start: Any
    sending: Mapping[str, Rule]
    hearing: Mapping[str, Rule]
    profile: Profile
    lossy: bool = True
    certain: bool = False
    complete: bool = False
    monotone: bool = True
    of_kind: Mapping[Kind, Sequence[Rule]] = field(default_factory=dict)

    def starts(self) -> Sequence[Any]:
        """One state, in which nothing is known."""
        return (self.start,)

    def sends(self, state: Any, label: Sight) -> list[Way[Any] | Near]:
        """Every way to send it, and the rules that came near."""
        rules = self.of_kind.get(label.kind) if label.kind is not None else None
        return self._ways(self.sending.values() if rules is None else rules, state, label)

    def hears(self, state: Any, label: Sight) -> list[Way[Any]]:
        """Every way to take it in."""
        return [way for way in self._ways(self.hearing.values(), state, label) if isinstance(way, Way)]

    def take(self, state: Any, rule: str, label: Sight, sent: bool, choose: Choose) -> Any:
        """One named rule."""
        return (self.sending if sent else self.hearing)[rule](state, label, self._judge(choose))

    def _judge(self, choose: Choose) -> Judge:
        return Judge(choose, self.profile, self.certain, self.lossy, self.complete)

    def _ways(self, rules: Iterable[Rule], state: Any, label: Sight) -> list[Way[Any] | Near]:
        found: list[Way[Any] | Near] = []
        for rule in rules:
            to_try: list[tuple[object, ...]] = [()]
            while to_try:
                trying = Trying(to_try.pop())
                judge = self._judge(trying)
                try:
                    after = rule(state, label, judge)
                except Unmet as unmet:
                    found.append(Near(rule.__name__, unmet.number, f"requirement {unmet.number}", unmet.found))
                except PremiseFailed:
                    pass
                else:
                    found.append(_way(rule.__name__, tuple(trying.made), after, judge))
                to_try += trying.untried
        return found


def _way(name: str, choices: Choices, after: Any, judge: Judge) -> Way[Any]:
    met = dict.fromkeys(judge.met)
    for number, _ in judge.departures:
        met.pop(number, None)
    return Way(name, choices, after, tuple(met), tuple(judge.departures))


class Machines:
    """The parties' machines under a profile."""

    def __init__(self, profile: str, lossy: bool = True, certain: bool = False, complete: bool = False) -> None:
        """Raises UsageError where there is no such profile."""
        if profile not in PROFILES:
            raise UsageError(f"no DHCP profile {profile!r}, expected one of {', '.join(PROFILES)}")
        self.profile = profiles.PROFILES[profile]
        self._of = {
            role.value: RuleMachine(
                start, rules.SENDS, rules.HEARS, self.profile, lossy, certain, complete, of_kind=of_kind
            )
            for role, start, rules, of_kind in (
                (Role.client, client.Client(), client, client.OF_KIND),
                (Role.server, server.Server(), server, server.OF_KIND),
                (Role.relay, relay.Relay(), relay, {}),
            )
        }

    def of(self, role: str) -> RuleMachine:
        """The machine of a role; KeyError where there is no such role."""
        return self._of[role]
