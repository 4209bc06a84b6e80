"""Choices that a test makes for a rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from fractions import Fraction
from typing import Any, TypeVar

from netspec.base.choose import Choose, PremiseFailed, require

T = TypeVar("T")


class Scripted:
    """Takes each choice from the script, by its name in the model, or else the simplest one.

    The simplest choice is False, the first option, the lower bound, no data, or the least
    identifier.  The premise fails where the script's choice is not allowed.
    """

    def __init__(self, **script: Any) -> None:
        self.script = script

    def boolean(self, name: str) -> bool:
        value: bool = self.script.get(name, False)
        return value

    def one_of(self, name: str, options: Iterable[T]) -> T:
        members = tuple(options)
        if not members:
            raise PremiseFailed
        value: T = self.script.get(name, members[0])
        require(value in members)
        return value

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        value: int = self.script.get(name, lo)
        require(lo <= value)
        require(hi is None or value <= hi)
        return value

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        value: Fraction = self.script.get(name, lo)
        require(lo <= value)
        require(value <= hi)
        return value

    def data(self, name: str) -> bytes:
        value: bytes = self.script.get(name, b"")
        return value

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        if name in self.script:
            value: T = self.script[name]
            require(value not in used)
            return value
        n = 0
        while make(n) in used:
            n += 1
        return make(n)

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        try:
            rule(self)
        except PremiseFailed:
            return False
        return True
