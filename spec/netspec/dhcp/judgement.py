"""How rules say what they ask for and what they find, and which rule asks for which requirement."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from netspec.base.choose import Choose
from netspec.dhcp.profiles import Profile
from netspec.dhcp.requirement import Level, Unmet
from netspec.dhcp.requirements import REQUIREMENTS

F = TypeVar("F", bound=Callable[..., object])

ENFORCED: dict[int, list[str]] = {}
"""For each requirement the functions that ask for it, by module and name."""


def enforces(*numbers: int) -> Callable[[F], F]:
    """Enter a function as one that asks for these requirements."""

    def enter(function: F) -> F:
        for number in numbers:
            requirement = REQUIREMENTS[number]
            if requirement.unobservable is not None:
                raise ValueError(f"requirement {number} cannot be observed: {requirement.unobservable}")
            module = function.__module__.removeprefix("netspec.dhcp.").removeprefix("netoracle.dhcp.")
            ENFORCED.setdefault(number, []).append(f"{module}.{function.__name__}")
        return function

    return enter


class Finding(NamedTuple):
    """A requirement looked at: whether it holds, and what was found.

    `hard` is False where breaking it proves nothing: something the trace does not show may excuse it.
    """

    requirement: int
    holds: bool
    found: str
    hard: bool = True

    def violates(self, profile: Profile) -> bool:
        """Whether it is broken for certain, and what is asked is asked of this implementation."""
        if self.holds or self.requirement in profile.waived:
            return False
        certain = self.hard and REQUIREMENTS[self.requirement].level is not Level.should
        return certain or self.requirement in profile.demanded


class Judge:
    """What a rule is run with: its choices, what it may take for certain, and a place for what it finds.

    `certain` says that what was sent to the party has arrived, `lossy` that frames may be missing from the trace,
    `complete` that everything shows that was sent.
    """

    __slots__ = ("_profile", "bounds", "certain", "choose", "complete", "departures", "lossy", "met")

    def __init__(
        self, choose: Choose, profile: Profile, certain: bool = False, lossy: bool = True, complete: bool = False
    ) -> None:
        """Begin with nothing found."""
        self.choose = choose
        self.bounds = profile.bounds
        self.certain = certain
        self.lossy = lossy
        self.complete = complete
        self._profile = profile
        self.met: list[int] = []
        self.departures: list[tuple[int, str]] = []

    def demand(self, number: int, holds: bool, found: str) -> None:
        """State a requirement as a premise; raises Unmet where it does not hold and is not waived."""
        self._find(Finding(number, holds, found))

    def prefer(self, number: int, holds: bool, found: str) -> None:
        """Look at a requirement whose breach proves nothing, so that only a profile that demands it fails."""
        self._find(Finding(number, holds, found, False))

    def expect(self, number: int, holds: bool, found: str) -> None:
        """Look at a requirement that compares with a message before, of which the trace may have lost the right one."""
        self._find(Finding(number, holds, found, not self.lossy))

    def _find(self, finding: Finding) -> None:
        if finding.holds:
            self.met.append(finding.requirement)
        elif finding.violates(self._profile):
            raise Unmet(finding.requirement, finding.found)
        else:
            self.departures.append((finding.requirement, finding.found))
