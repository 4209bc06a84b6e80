"""The recorded choices of a step, as the `Choose` of the rule that is replayed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from fractions import Fraction
from typing import TypeVar

from netoracle.certificate.encoding import JSON, encode
from netoracle.certificate.model import exact
from netspec.base.choose import Choose, PremiseFailed

T = TypeVar("T")


class Recorded:
    """Gives a rule the values that a certificate recorded, checking that each may be chosen."""

    def __init__(self, choices: tuple[tuple[str, JSON], ...]) -> None:
        self.left = list(choices)

    def _next(self, name: str) -> JSON:
        for position, (recorded, value) in enumerate(self.left):
            if recorded == name:
                del self.left[position]
                return value
        raise PremiseFailed(f"no value is recorded for {name}")

    @property
    def exhausted(self) -> bool:
        """Whether the rule asked for every recorded value."""
        return not self.left

    def boolean(self, name: str) -> bool:
        """The recorded truth value."""
        value = self._next(name)
        if not isinstance(value, bool):
            raise PremiseFailed(f"{name} must be a truth value")
        return value

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """The member whose encoding is recorded."""
        value = self._next(name)
        for option in options:
            encoded = encode(option)
            if encoded == value and type(encoded) is type(value):
                return option
        raise PremiseFailed(f"{value} is not a possible {name}")

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """The recorded integer."""
        value = self._next(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise PremiseFailed(f"{name} must be an integer")
        if value < lo or (hi is not None and value > hi):
            raise PremiseFailed(f"{name} = {value} is outside {lo}..{hi}")
        return value

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """The recorded real."""
        try:
            value = exact(self._next(name))
        except ValueError as error:
            raise PremiseFailed(f"{name}: {error}") from None
        if not lo <= value <= hi:
            raise PremiseFailed(f"{name} = {value} is outside {lo}..{hi}")
        return value

    def data(self, name: str) -> bytes:
        """The recorded bytes."""
        value = self._next(name)
        if not isinstance(value, dict) or not isinstance(value.get("bytes"), str):
            raise PremiseFailed(f"{name} must be bytes")
        try:
            return bytes.fromhex(str(value["bytes"]))
        except ValueError:
            raise PremiseFailed(f"{name} must be bytes in hexadecimal") from None

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """The recorded identifier, which must be unused."""
        value = self._next(name)
        parts = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
        if not isinstance(parts, list) or len(parts) != 1 or type(parts[0]) is not int or parts[0] < 0:
            raise PremiseFailed(f"{name} must be an identifier")
        identifier = make(parts[0])
        if encode(identifier) != value:
            raise PremiseFailed(f"{name} is not an identifier of its kind")
        if identifier in used:
            raise PremiseFailed(f"{name} = {identifier} is in use")
        return identifier

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some choices let a rule succeed, by trying its finitely many."""
        return can_succeed(rule)


class _Infinite(Exception):
    """A rule that must be excluded chooses from a set too large to try."""


class Enumerated:
    """Tries the members of finite sets along a prefix of positions."""

    def __init__(self, prefix: tuple[int, ...]) -> None:
        self.prefix = prefix
        self.sizes: list[int] = []

    def _pick(self, options: tuple[T, ...]) -> T:
        position = len(self.sizes)
        self.sizes.append(len(options))
        if not options:
            raise PremiseFailed
        return options[self.prefix[position] if position < len(self.prefix) else 0]

    def boolean(self, name: str) -> bool:
        """Both truth values."""
        return self._pick((True, False))

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """Every member."""
        return self._pick(tuple(options))

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """Every integer of a small range."""
        if hi is None or hi - lo > 1000:
            raise _Infinite(name)
        return self._pick(tuple(range(lo, hi + 1)))

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """Not finite."""
        raise _Infinite(name)

    def data(self, name: str) -> bytes:
        """Not finite."""
        raise _Infinite(name)

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """The least unused identifier: which one it is makes no difference to a premise."""
        number = 0
        while make(number) in used:
            number += 1
        return self._pick((make(number),))

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some choices let a rule succeed."""
        return can_succeed(rule)


def can_succeed(rule: Callable[[Choose], object]) -> bool:
    """Whether some choices let a rule succeed, by trying its finitely many."""
    pending: list[tuple[int, ...]] = [()]
    while pending:
        prefix = pending.pop()
        run = Enumerated(prefix)
        try:
            rule(run)
        except PremiseFailed:
            pass
        else:
            return True
        picks = [*prefix, *[0] * (len(run.sizes) - len(prefix))]
        for position in range(len(prefix), len(run.sizes)):
            pending.extend((*picks[:position], other) for other in range(1, run.sizes[position]))
    return False
