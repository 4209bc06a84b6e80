"""What every kind of report has in common, for those who show it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from netoracle.search.search import Verdict


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that came near, and the premise of it that failed."""

    rule: str
    premise: str
    expected: str | None
    found: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Something that no correct host did: where, what, and the rules that came nearest."""

    where: str
    summary: str
    nearest: tuple[Near, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A step of a run: its number (label or frame), its time in seconds, the rule, what is seen, of which kind."""

    number: int
    time: str
    rule: str
    what: str
    kind: str


@dataclass(frozen=True, slots=True)
class View:
    """A report as it is shown.

    `labels` counts what the trace shows (labels, segments, messages); `facts` are further figures; `places` is empty
    unless the verdict is `violates` or `inconclusive`; `remarks` are sentences for people; `rows` is the run, if kept.
    """

    title: str
    profile: str
    verdict: Verdict
    reason: str | None
    labels: int
    unit: str
    states: int
    solver_calls: int
    seconds: float
    facts: str
    places: tuple[Place, ...]
    remarks: tuple[str, ...]
    properties: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


@singledispatch
def view(report: object) -> View:
    """The view of a report, by its type."""
    raise TypeError(f"no view of {type(report).__name__}")


@singledispatch
def to_object(report: object) -> dict[str, object]:
    """The JSON object of a report, by its type."""
    raise TypeError(f"no JSON of {type(report).__name__}")
