"""What the checker asks of a party's transition system, and what it is told."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from netoracle.dhcp.choosing import Choices
from netoracle.dhcp.result import Near
from netspec.base.choose import Choose

S = TypeVar("S", bound=Hashable)
L = TypeVar("L", contravariant=True)

START = "start"
"""The rule of the step with which a run begins: its one choice is the place of the state in `starts`."""


class Way(NamedTuple, Generic[S]):
    """A way to take a step: the rule, its choices, the state after it.

    `met` are the requirements that the rule tested and found to hold, `departures` the SHOULDs and described
    behaviour that the step departs from, each with what was found.
    """

    rule: str
    choices: Choices
    state: S
    met: tuple[int, ...] = ()
    departures: tuple[tuple[int, str], ...] = ()


class Machine(Protocol[S, L]):
    """A party's labelled transition system."""

    def starts(self) -> Sequence[S]:
        """The states that a party may be in when its first frame shows: all of them where the past is unknown."""
        ...

    def sends(self, state: S, label: L) -> Iterable[Way[S] | Near]:
        """Every way to send what the label shows, hidden steps before it included; failed rules as `Near`."""
        ...

    def hears(self, state: S, label: L) -> Iterable[Way[S]]:
        """Every way to take in what the label shows."""
        ...

    def take(self, state: S, rule: str, label: L, sent: bool, choose: Choose) -> S:
        """The state after one named rule with given choices; PremiseFailed where it does not apply."""
        ...
