"""What is to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate.values import Env, Value


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A formula under an environment; `premise` is the number of the premise that it comes from."""

    term: s.Term
    env: Env
    premise: int


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """`term = value`."""

    term: s.Term
    env: Env
    value: Value
    premise: int


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """`element IN collection`."""

    element: s.Term
    env: Env
    collection: s.Term
    collection_env: Env
    premise: int


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """Something that is computed once its parts are known."""

    test: Callable[[], bool]
    premise: int


Goal: TypeAlias = Formula | Equation | Membership | Test

Alternatives: TypeAlias = Iterator[Sequence[Goal]]
"""Ways in which a goal may hold: the goals that remain in each, with unknowns bound while it is current."""
