"""What became of a mutant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from netoracle.scenario import Switches
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one mutant."""

    trace: str
    kind: str
    what: str
    verdict: Verdict
    reason: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Work:
    """One trace's share: how many mutants, from which seed, with which budget; of captures, the host to change."""

    file: Path
    profile: str | None
    switches: Switches
    seed: int
    count: int
    budget: Budget
    host: str | None = None
