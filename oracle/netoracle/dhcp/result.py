"""What is said of the DHCP parties in a capture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from netoracle.search.search import Verdict

KEPT_FRAMES = 50
KEPT_VIOLATIONS = 200
KEPT_STEPS = 20_000


class Role(Enum):
    """What a party is in an exchange."""

    client = "client"
    server = "server"
    relay = "relay"


class Party(NamedTuple):
    """Someone who takes part: its role, and the name that tells it from others of that role."""

    role: str
    name: str

    def __str__(self) -> str:
        """The party as people write it."""
        return f"{self.role} {self.name}"


class Near(NamedTuple):
    """A rule that came near to explaining a frame: the requirement that failed, and what was found instead."""

    rule: str
    requirement: int | None
    premise: str
    found: str


class Deviation(NamedTuple):
    """A frame that departs from a SHOULD, or from described behaviour that has no key word."""

    frame: int
    party: Party
    requirement: int
    found: str


@dataclass(frozen=True, slots=True)
class DhcpViolation:
    """A frame that no correct party sends there, the requirements it breaks and the rules that came nearest."""

    frame: int
    party: Party
    requirements: tuple[int, ...]
    summary: str
    nearest: tuple[Near, ...] = ()

    def noted(self) -> Deviation:
        """The same where it is not certain, or not asked of the implementation."""
        return Deviation(self.frame, self.party, self.requirements[0], self.summary)


class DhcpStep(NamedTuple):
    """A step of a party's run: the frame, whether the party sent it, the rule and every choice."""

    frame: int
    time: Fraction
    party: Party
    sent: bool
    rule: str
    choices: tuple[tuple[str, object], ...] = ()


@dataclass(slots=True)
class Tally:
    """How a requirement fared: how often it was exercised, and the first frames that satisfied or broke it."""

    exercised: int = 0
    broken: int = 0
    excused: int = 0
    satisfied_frames: list[int] = field(default_factory=list)
    violated_frames: list[int] = field(default_factory=list)

    def meet(self, frame: int) -> None:
        """Count a frame that satisfies it."""
        self.exercised += 1
        if len(self.satisfied_frames) < KEPT_FRAMES:
            _keep(self.satisfied_frames, frame)

    def breach(self, frame: int) -> None:
        """Count a frame that breaks it."""
        self.exercised += 1
        self.broken += 1
        if len(self.violated_frames) < KEPT_FRAMES:
            _keep(self.violated_frames, frame)

    @property
    def status(self) -> str:
        """`violated` once broken without excuse, `deviated` once broken with one, else `satisfied` once exercised."""
        if self.broken > self.excused:
            return "violated"
        if self.broken:
            return "deviated"
        return "satisfied" if self.exercised else "not exercised"


def _keep(frames: list[int], frame: int) -> None:
    if not frames or frames[-1] != frame:
        frames.append(frame)


@dataclass(slots=True)
class PartyReport:
    """What is said of one party.  Lists are cut at a bound; `left_off` counts what is not kept, `steps_left_off` steps.

    `addresses` are those that it was given or sent from, as far as they are kept: four octets each.
    """

    party: Party
    verdict: Verdict = Verdict.conforms
    reasons: list[str] = field(default_factory=list)
    messages: int = 0
    frames: tuple[int, int] = (0, 0)
    states: int = 0
    requirements: defaultdict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    violations: list[DhcpViolation] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    steps: list[DhcpStep] = field(default_factory=list)
    left_off: int = 0
    steps_left_off: int = 0
    addresses: set[bytes] = field(default_factory=set)

    def meet(self, frame: int, requirement: int) -> None:
        """Count that a frame meets a requirement."""
        self.requirements[requirement].meet(frame)

    def violate(self, violation: DhcpViolation) -> None:
        """Take in a violation: from now on the verdict is `violates`."""
        self.verdict = Verdict.violates
        for requirement in violation.requirements:
            self.requirements[requirement].breach(violation.frame)
        if len(self.violations) < KEPT_VIOLATIONS:
            self.violations.append(violation)
        else:
            self.left_off += 1

    def deviate(self, deviation: Deviation) -> None:
        """Take in a deviation, which leaves the verdict as it is."""
        tally = self.requirements[deviation.requirement]
        tally.breach(deviation.frame)
        tally.excused += 1
        if len(self.deviations) < KEPT_VIOLATIONS:
            self.deviations.append(deviation)
        else:
            self.left_off += 1

    def give_up(self, reason: str) -> None:
        """Say why there is no verdict; a violation found before stands."""
        if self.verdict is Verdict.conforms:
            self.verdict = Verdict.inconclusive
        if reason not in self.reasons and len(self.reasons) < KEPT_FRAMES:
            self.reasons.append(reason)

    def add_steps(self, steps: Iterable[DhcpStep]) -> None:
        """Keep steps up to the bound."""
        for step in steps:
            if len(self.steps) < KEPT_STEPS:
                self.steps.append(step)
            else:
                self.left_off += 1
                self.steps_left_off += 1

    def known_at(self, address: bytes) -> None:
        """Note an address of the party."""
        if len(self.addresses) < KEPT_FRAMES:
            self.addresses.add(address)


@dataclass(slots=True)
class DhcpReport:
    """What a check of a capture's DHCP found out.  `seconds` is wall time, reading included.

    `missed`: messages of which the capture does not have all; `hosts`: those asked for, none for all; `complete`: the
    recorder is said to have missed nothing; `put_aside`: how many parties are only in the notes.
    """

    path: str
    profile: str
    vantage: str
    parties: list[PartyReport]
    messages: int
    undecodable: int
    seconds: float
    notes: list[str] = field(default_factory=list)
    missed: int = 0
    hosts: tuple[str, ...] = ()
    complete: bool = False
    put_aside: int = 0

    @property
    def verdict(self) -> Verdict:
        """`violates` where a party does, else `inconclusive` where a party's is, or where nothing was judged."""
        found = {party.verdict for party in self.parties}
        if Verdict.violates in found:
            return Verdict.violates
        if Verdict.inconclusive in found or not found:
            return Verdict.inconclusive
        return Verdict.conforms

    @property
    def violations(self) -> list[DhcpViolation]:
        """Every party's violations, in the order of frames."""
        return sorted((v for party in self.parties for v in party.violations), key=lambda v: v.frame)

    @property
    def steps(self) -> list[DhcpStep]:
        """Every party's steps, in the order of frames."""
        return sorted((s for party in self.parties for s in party.steps), key=lambda s: (s.frame, str(s.party)))

    @property
    def states(self) -> int:
        """How many states the check went through."""
        return sum(party.states for party in self.parties)
