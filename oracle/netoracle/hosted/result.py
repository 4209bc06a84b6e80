"""What the host rules say of a host in a capture, connection by connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from netoracle.certificate.model import Certificate
from netoracle.explanation.violation import NearRule
from netoracle.hosted.calls import Placement
from netoracle.search.search import Verdict
from netoracle.wire.inferred import Call
from netoracle.wire.result import Quad


@dataclass(frozen=True, slots=True)
class Unexplained:
    """The first frame that no run explained; None where it is what should have come before the capture ended."""

    frame: int | None
    summary: str
    nearest: tuple[NearRule, ...]


@dataclass(frozen=True, slots=True)
class HostStep:
    """A step of the run behind `conforms`; `frame` is that of the segment at or before which it happens."""

    frame: int
    internal: bool
    kind: str
    rule: str


@dataclass(slots=True)
class Judged:
    """A connection: verdict, the calls of the run, or of the attempt that explained most, and its certificate.

    `placement` is the way that explained it; `tried` counts the ways to place calls that were tried.
    """

    connection: Quad
    verdict: Verdict
    segments: int
    reason: str | None = None
    unexplained: Unexplained | None = None
    calls: list[Call] = field(default_factory=list)
    steps: list[HostStep] = field(default_factory=list)
    certificate: Certificate | None = None
    placement: Placement = field(default_factory=Placement)
    tried: int = 0
    states: int = 0
    solver_calls: int = 0


@dataclass(slots=True)
class HostReport:
    """The verdict of the host rules on one host in one capture: `conforms` or `inconclusive`."""

    file: str
    profile: str
    host: str
    connections: list[Judged] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """`conforms` where every connection does."""
        return self.first.verdict if self.first is not None else Verdict.conforms

    @property
    def first(self) -> Judged | None:
        """The first connection that is not explained."""
        return next((one for one in self.connections if one.verdict is not Verdict.conforms), None)

    @property
    def reason(self) -> str | None:
        """Why it is inconclusive."""
        if self.first is None:
            return None
        rest = sum(one.verdict is not Verdict.conforms for one in self.connections) - 1
        more = f"; and {rest} further connections" if rest else ""
        return f"{self.first.connection}: {self.first.reason}{more}"
