"""Premises and choices: the two things a rule of the model is made of.

The model is a relation: a rule holds for *some* values of its quantified
variables.  A transcribed rule asks for those values through `Choose` and states
its premises through `require`; whoever runs the rule supplies the meaning of both
(an unknown, a recorded value, a branch, a random draw).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction
from typing import Protocol, TypeVar

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class PremiseFailed(Exception):
    """A premise of the rule does not hold, so the rule does not apply."""


def require(premise: bool) -> None:
    """State a premise: the rule does not apply unless it holds.

    A number that stands for an unknown compares to a truth value of its own kind,
    which is assumed here rather than decided.

    Raises PremiseFailed where it does not hold.
    """
    if premise is True:
        return
    assume: Callable[[], bool] | None = getattr(premise, "assume", None)
    if not (premise if assume is None else assume()):
        raise PremiseFailed


def SOME(option: T | None) -> T:
    """Match the pattern `SOME x`: the value, or the premise fails on `NONE`."""
    if option is None:
        raise PremiseFailed
    return option


def FAPPLY(fm: Mapping[K, V], k: K) -> V:
    """`fm ' k`: the premise fails outside the domain, where the model leaves it open."""
    if k not in fm:
        raise PremiseFailed
    return fm[k]


class Choose(Protocol):
    """What a rule may leave open.  Every method returns a value the rule then uses.

    `name` is the model's name of the quantified variable.  Bounds are inclusive.
    A choice from an empty set makes the premise fail.
    """

    def boolean(self, name: str) -> bool:
        """Any truth value."""
        ...

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """A member of a finite set, in the set's order."""
        ...

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """An integer with lo <= n and, where hi is given, n <= hi."""
        ...

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """A real with lo <= x <= hi."""
        ...

    def data(self, name: str) -> bytes:
        """Any list of bytes."""
        ...

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """An identifier make(n) that is not in `used`."""
        ...

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some way to choose lets `rule` succeed."""
        ...


class Of:
    """The choices for one of several things that are alike: their names say which."""

    def __init__(self, choose: Choose, key: object) -> None:
        self.choose = choose
        self.key = key

    def _name(self, name: str) -> str:
        return f"{name} of {self.key!r}"

    def boolean(self, name: str) -> bool:
        """Any truth value."""
        return self.choose.boolean(self._name(name))

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """A member of a finite set."""
        return self.choose.one_of(self._name(name), options)

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """An integer between bounds."""
        return self.choose.integer(self._name(name), lo, hi)

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """A real between bounds."""
        return self.choose.real(self._name(name), lo, hi)

    def data(self, name: str) -> bytes:
        """Any list of bytes."""
        return self.choose.data(self._name(name))

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """An identifier that is not used."""
        return self.choose.fresh(self._name(name), make, used)

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some way to choose lets a rule succeed."""
        return self.choose.possible(rule)
