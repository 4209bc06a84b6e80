"""What was measured: the data files of this package, and their form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from netoracle.report.files import write_whole

DATA = Path(__file__).parent / "data"
"""Where the data files are written in a working copy of the project."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The tests that call a rule and see it allow, or forbid, what they try: how many, and one or two of them."""

    tests: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleTests:
    """The tests of a rule."""

    allowing: Witnesses = Witnesses()
    forbidding: Witnesses = Witnesses()


@dataclass(frozen=True, slots=True)
class TraceRun:
    """A trace that was checked: its verdict, and how often the run behind `conforms` has each rule.

    `origin` says whether the trace ships with the project or is one of the Netsem project's.
    `calls` are the socket calls that are among its labels.
    """

    name: str
    origin: Literal["shipped", "netsem"]
    profile: str
    verdict: str
    labels: int
    calls: tuple[str, ...]
    rules: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the HOL4 text has a rule: the branch of the model, and the line of the rule's name."""

    branch: str
    line: int


@dataclass(frozen=True, slots=True)
class Text:
    """A HOL4 text that places are in: its branch, file, and the identity that git gives that content (blob)."""

    branch: str
    file: str
    blob: str


def _read(name: str) -> Any:
    return json.loads(files(__package__).joinpath("data", f"{name}.json").read_text("utf-8"))


def _write(name: str, content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write a data file, with a line for each member, so that differences show what changed."""
    if isinstance(content, Mapping):
        members = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in content.items()]
        opening, closing = "{", "}"
    else:
        members = [json.dumps(value, ensure_ascii=False) for value in content]
        opening, closing = "[", "]"
    write_whole(DATA / f"{name}.json", opening + "\n" + ",\n".join(members) + "\n" + closing + "\n")


@cache
def tests() -> dict[str, RuleTests]:
    """The tests of each rule that has any."""
    return {
        name: RuleTests(
            *(Witnesses(of[kind]["tests"], tuple(of[kind]["examples"])) for kind in ("allowing", "forbidding"))
        )
        for name, of in _read("tests").items()
    }


def write_tests(measured: Mapping[str, RuleTests]) -> None:
    """Replace the data on tests."""
    _write("tests", {name: asdict(of) for name, of in measured.items()})
    tests.cache_clear()


@cache
def traces() -> tuple[TraceRun, ...]:
    """The traces that were checked."""
    return tuple(TraceRun(**{**run, "calls": tuple(run["calls"])}) for run in _read("traces"))


def write_traces(measured: Sequence[TraceRun]) -> None:
    """Replace the data on traces."""
    _write("traces", [asdict(run) for run in measured])
    traces.cache_clear()


@cache
def places() -> dict[str, Place]:
    """The places of the rules in the HOL4 text."""
    return {name: Place(**place) for name, place in _read("places").items()}


@cache
def texts() -> tuple[Text, ...]:
    """The HOL4 texts that the places are in."""
    return tuple(Text(**text) for text in _read("texts"))


def write_places(measured: Mapping[str, Place], of: Sequence[Text]) -> None:
    """Replace the data on places, and on the texts that they are in."""
    _write("places", {name: asdict(place) for name, place in measured.items()})
    _write("texts", [asdict(text) for text in of])
    places.cache_clear()
    texts.cache_clear()


@cache
def reasons() -> dict[str, str]:
    """Why no trace exercises a rule: `category` or `category: what it needs`."""
    return dict(_read("reasons"))


def write_reasons(remaining: Mapping[str, str]) -> None:
    """Replace the table of reasons, which is written by hand otherwise."""
    _write("reasons", remaining)
    reasons.cache_clear()
