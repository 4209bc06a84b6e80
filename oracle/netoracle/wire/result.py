"""What checking a capture found out, one report for each host."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from netoracle.search.search import Verdict
from netoracle.wire.inferred import Call
from netoracle.wire.track import WireStep, WireViolation

MOST_LISTED = 100
"""How many violations, and how many connections that lost segments, are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class Quad:
    """The ends of a connection: the host's address and port, the peer's address and port."""

    host: str
    port: int
    peer: str
    peer_port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port} with {self.peer}:{self.peer_port}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A connection and the first frame in it that no correct host could have sent, or failed to send."""

    connection: Quad
    violation: WireViolation


@dataclass(slots=True)
class Followed:
    """A connection that conforms, in full: its steps and the calls inferred."""

    connection: Quad
    state: str
    vantage: str
    steps: list[WireStep]
    calls: list[Call]


@dataclass(slots=True)
class WireReport:
    """The verdict on one host in one capture.

    `lossy` are connections that conform only if some segments were lost between recorder and host; `advice` counts the
    SHOULDs not followed, with the first frame of each; `followed` has every connection where that was asked for.
    """

    file: str
    profile: str
    host: str
    vantage: str
    logged: bool = False
    verdict: Verdict = Verdict.conforms
    reason: str | None = None
    seconds: float = 0.0
    segments: int = 0
    states: int = 0
    connections: int = 0
    violating: int = 0
    findings: list[Finding] = field(default_factory=list)
    lossy: list[Quad] = field(default_factory=list)
    lossy_count: int = 0
    advice: Counter[tuple[str, str]] = field(default_factory=Counter)
    advised: dict[tuple[str, str], int] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    followed: list[Followed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
