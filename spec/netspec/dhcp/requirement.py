"""Numbered requirements: what the RFCs ask of DHCP, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from netspec.base.choose import PremiseFailed


class Level(Enum):
    """How strongly an RFC asks: RFC 2119 key words, or behaviour described without one."""

    must = "MUST"
    should = "SHOULD"
    described = "described"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: a number, where it stands, how strongly, whom it binds, and what it asks in our own words.

    `unobservable` says why no trace can show whether it holds; None where a trace can.
    """

    number: int
    source: str
    level: Level
    party: str
    text: str
    unobservable: str | None = None


class Unmet(PremiseFailed):
    """A requirement that a premise states does not hold.  `number` is the requirement's."""

    def __init__(self, number: int, found: str) -> None:
        """Say what was found instead."""
        super().__init__(number, found)
        self.number = number
        self.found = found

    def __str__(self) -> str:
        """The requirement and what was found."""
        return f"requirement {self.number}: {self.found}"
