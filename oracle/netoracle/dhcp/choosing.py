"""What a choice means here: every option in turn for the search, the recorded value for the replay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NoReturn, TypeVar

from netspec.base.choose import Choose, PremiseFailed

T = TypeVar("T")

Choices = tuple[tuple[str, object], ...]
WIDEST = 64


class TooManyOptions(Exception):
    """A rule leaves open more than can be tried one by one."""


class _Following:
    """Choices that follow a list of values; a subclass says what comes after its end."""

    __slots__ = ("_follow", "made")

    def __init__(self, follow: Sequence[object]) -> None:
        self._follow = follow
        self.made: list[tuple[str, object]] = []

    def boolean(self, name: str) -> bool:
        """A truth value."""
        return self._take(name, (False, True))

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """A member of a finite set."""
        return self._take(name, tuple(options))

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """An integer of a small range."""
        if hi is None or hi - lo >= WIDEST:
            raise TooManyOptions(name)
        return self._take(name, tuple(range(lo, hi + 1)))

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """A real: only where there is no choice."""
        if lo != hi:
            raise TooManyOptions(name)
        return self._take(name, (lo,))

    def data(self, name: str) -> NoReturn:
        """Any octets: not to be tried one by one."""
        raise TooManyOptions(name)

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """The first identifier that is not in use: which one does not matter."""
        value = next(made for n in range(len(used) + 1) if (made := make(n)) not in used)
        return self._take(name, (value,))

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some way to choose lets a rule succeed."""
        return any(not isinstance(result, PremiseFailed) for _, result in every_way(rule))

    def _take(self, name: str, options: tuple[T, ...]) -> T:
        if not options:
            raise PremiseFailed
        at = len(self.made)
        value = self._follow[at] if at < len(self._follow) else self._beyond(name, options)
        if value not in options:
            raise PremiseFailed
        self.made.append((name, value))
        return options[options.index(value)]

    def _beyond(self, name: str, options: tuple[T, ...]) -> T:
        raise NotImplementedError


class Trying(_Following):
    """Takes the first option beyond the list and remembers the others as still to be tried."""

    __slots__ = ("untried",)

    def __init__(self, follow: Sequence[object]) -> None:
        self._follow = follow
        self.made: list[tuple[str, object]] = []
        self.untried: list[tuple[object, ...]] = []

    def _beyond(self, name: str, options: tuple[T, ...]) -> T:
        if len(options) > WIDEST:
            raise TooManyOptions(name)
        before = tuple(value for _, value in self.made)
        self.untried.extend((*before, option) for option in options[:0:-1])
        return options[0]


class Recorded(_Following):
    """The values that a certificate recorded, and no others."""

    __slots__ = ()

    def _beyond(self, name: str, options: tuple[T, ...]) -> T:
        raise PremiseFailed

    @property
    def spent(self) -> bool:
        """Whether every recorded value was asked for."""
        return len(self.made) == len(self._follow)


def every_way(rule: Callable[[Choose], T]) -> Iterator[tuple[Choices, T | PremiseFailed]]:
    """Run a rule with every combination of choices; a failed premise is yielded in place of a result."""
    stack: list[tuple[object, ...]] = [()]
    while stack:
        trying = Trying(stack.pop())
        try:
            result: T | PremiseFailed = rule(trying)
        except PremiseFailed as failed:
            result = failed
        stack.extend(trying.untried)
        yield tuple(trying.made), result
