"""Vectors: arguments and results on which a definition of the text and its function agreed.

They are facts, kept so that the functions can be run again where the text is not at hand.
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from netoracle.certificate.recorded import can_succeed
from netoracle.report.files import write_whole
from netoracle.transcription.differential.compare import (
    FAILED,
    Disagreement,
    Subject,
    called,
    outcome_of,
    tried,
)
from netoracle.transcription.differential.encoding import decode, encode
from netoracle.transcription.differential.shapes import OPERATORS, SHAPES, Shape
from netoracle.transcription.evaluate.stack import with_deep_stack
from netoracle.transcription.evaluate.theory import Theory
from netspec.base.choose import Choose, PremiseFailed

T = TypeVar("T")

EACH: Final = 8
"""How many vectors a definition has, at most."""

LONGEST: Final = 12_000
"""How many characters a vector has, at most."""


@dataclass(frozen=True)
class Vector:
    """Arguments and choices of a function, and its result, or FAILED."""

    definition: str
    python: str
    arguments: Mapping[str, Any]
    choices: Mapping[str, Sequence[Any]]
    result: Any


class Again:
    """The choices of a vector, in their order."""

    def __init__(self, choices: Mapping[str, Sequence[Any]]) -> None:
        self.left = {name: list(values) for name, values in choices.items()}

    def _next(self, name: str) -> Any:
        values = self.left.get(name)
        if not values:
            raise PremiseFailed(f"no choice of {name} is left")
        return values.pop(0)

    def boolean(self, name: str) -> bool:
        """The truth value chosen."""
        value: bool = self._next(name)
        return value

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """The member chosen."""
        value: T = self._next(name)
        if value not in tuple(options):
            raise PremiseFailed(f"{value!r} is no possible {name}")
        return value

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """The integer chosen."""
        value: int = self._next(name)
        if value < lo or (hi is not None and value > hi):
            raise PremiseFailed(f"{name} = {value} is outside {lo}..{hi}")
        return value

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """The real chosen."""
        value: Fraction = self._next(name)
        if not lo <= value <= hi:
            raise PremiseFailed(f"{name} = {value} is outside {lo}..{hi}")
        return value

    def data(self, name: str) -> bytes:
        """The bytes chosen."""
        value: bytes = self._next(name)
        return value

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """The identifier chosen."""
        value: T = self._next(name)
        if value in used:
            raise PremiseFailed(f"{value!r} is in use")
        return value

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some choices let a rule succeed."""
        return can_succeed(rule)


def repeated(vector: Vector) -> Any:
    """The result of the function on the arguments and choices of a vector, or FAILED."""
    if vector.python:
        module, _, name = vector.python.rpartition(".")
        function = getattr(importlib.import_module(module), name)
        key = f"{vector.python} {vector.definition}"
        shape = SHAPES.get(key) or SHAPES.get(vector.definition) or Shape("value", "")
    else:
        function, shape = OPERATORS[vector.definition]
    parameters = inspect.signature(function).parameters if callable(function) else {}
    names = tuple(name for name in parameters if name != "choose")
    try:
        return called(function, shape, names, vector.arguments, Again(vector.choices))
    except PremiseFailed:
        return FAILED


def write_vectors(folder: Path, theory: Theory, subjects: Iterable[Subject]) -> None:
    """Write vectors of definitions, a file for each source file of the text.  Raises CannotWrite."""
    lines: dict[str, list[str]] = {}
    for subject in subjects:
        for vector in with_deep_stack(lambda subject=subject: _agreed(subject, theory)):  # type: ignore[misc]
            lines.setdefault(subject.file.removesuffix("Script.sml"), []).append(_line(vector))
    folder.mkdir(parents=True, exist_ok=True)
    for name, written in lines.items():
        write_whole(folder / f"{name}.jsonl", "".join(f"{line}\n" for line in written))


def _agreed(subject: Subject, theory: Theory) -> list[Vector]:
    """Different tuples of arguments on which the text and the function agree."""
    found: list[Vector] = []
    seen: set[str] = set()

    @settings(
        max_examples=6 * EACH,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(subject.strategy, st.integers(0, 2**32))
    def collect(arguments: dict[str, Any], seed: int) -> None:
        if len(found) >= EACH or any(callable(value) for value in arguments.values()):
            return
        try:
            if outcome_of(subject, theory, arguments, seed) != "agreed":
                return
            result, choices = tried(subject, arguments, seed)
            vector = Vector(subject.name, subject.python, arguments, choices, result)
            line = _line(vector)
        except (Disagreement, TypeError):
            return
        if line not in seen and len(line) <= LONGEST:
            seen.add(line)
            found.append(vector)

    collect()
    return found


def _line(vector: Vector) -> str:
    said = {
        "definition": vector.definition,
        "python": vector.python,
        "arguments": {name: encode(value) for name, value in vector.arguments.items()},
        "choices": {name: [encode(value) for value in values] for name, values in vector.choices.items()},
        "result": "failed" if vector.result is FAILED else {"value": encode(vector.result)},
    }
    return json.dumps(said, separators=(",", ":"), sort_keys=True)


def read_vectors(folder: Path) -> Iterator[Vector]:
    """The vectors in a folder.  Raises ValueError for a line that is none."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            said = json.loads(line)
            yield Vector(
                said["definition"],
                said["python"],
                {name: decode(value) for name, value in said["arguments"].items()},
                {name: [decode(value) for value in values] for name, values in said["choices"].items()},
                FAILED if said["result"] == "failed" else decode(said["result"]["value"]),
            )
