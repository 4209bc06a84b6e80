"""Running one rule on a symbolic state: every way its choices and comparisons can go.

A rule is plain Python, so a branch is explored by running the rule again with a
recorded prefix of decisions.  Rules are short, so this is cheap, and it leaves the
specification free of any trace of the search.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar, cast

from netoracle.symbolic import solver
from netoracle.symbolic.constraints import Bounds, Contradiction
from netoracle.symbolic.numbers import Deciding, Number, Truth, Unknown, current, normal
from netoracle.symbolic.store import Store
from netspec.base.choose import Choose, PremiseFailed

T = TypeVar("T")
R = TypeVar("R")

_WIDEST_ENUMERATION = 4096
_FORCED_TRUE, _FORCED_FALSE = -1, -2


class TooWide(Exception):
    """A rule needs the definite value of an unknown that has too many."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a rule chose: its name in the model and the value, possibly unknown."""

    name: str
    value: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a rule can go: its result, what is known then, and what it chose."""

    result: object
    store: Store
    choices: tuple[Choice, ...]
    assumed: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """One way a rule fails: the premise that failed, as an exception with its frame."""

    error: PremiseFailed | Contradiction


class Run(Deciding):
    """One run of a rule along a prefix of decisions; it is the rule's `Choose`."""

    def __init__(self, store: Store, prefix: tuple[int, ...], hints: Hints) -> None:
        self.store = store
        self.prefix = prefix
        self.hints = hints
        self.taken: list[int] = []
        self.alternatives: list[tuple[int, ...]] = []
        self.choices: list[Choice] = []
        self.assumed = False

    # -- decisions ------------------------------------------------------------

    def _pick(self, options: int) -> int:
        """The next decision among a number of options: recorded, or the first."""
        position = len(self.taken)
        if position < len(self.prefix):
            pick = self.prefix[position]
        else:
            pick = 0
            self.alternatives.extend((*self.taken, other) for other in range(options - 1, 0, -1))
        self.taken.append(pick)
        return pick

    def decide(self, truth: Truth) -> bool:
        """Decide a comparison: by what is known, or both ways."""
        known = self.store.known(truth)
        if known is not None:
            return known
        position = len(self.taken)
        if position >= len(self.prefix) and not self.store.independent(truth):
            if not solver.feasible(self.store, truth):
                return self._forced(truth.negation(), False)
            if not solver.feasible(self.store, truth.negation()):
                return self._forced(truth, True)
        elif position < len(self.prefix) and self.prefix[position] in (_FORCED_TRUE, _FORCED_FALSE):
            answer = self.prefix[position] == _FORCED_TRUE
            return self._forced(truth if answer else truth.negation(), answer)
        self.assumed = True
        answer = self._pick(2) == 0
        self.store.assume(truth if answer else truth.negation())
        return answer

    def _forced(self, truth: Truth, answer: bool) -> bool:
        """Take note of a decision that the solver made, so that a later run along this prefix need not ask."""
        self.taken.append(_FORCED_TRUE if answer else _FORCED_FALSE)
        self.store.assume(truth)
        return answer

    def assume(self, truth: Truth) -> bool:
        """Assume a premise; False where it contradicts what is known."""
        known = self.store.known(truth)
        if known is None:
            self.assumed = True
            self.store.assume(truth)
            return True
        return known

    def value_of(self, number: Unknown) -> int:
        """A definite value of an integer unknown: every one of its values is tried."""
        resolved = self.store.resolve(number)
        if not isinstance(resolved, Unknown):
            return int(resolved)
        lo, hi = self.store.interval(resolved)
        if lo is None or hi is None or hi - lo > _WIDEST_ENUMERATION:
            raise TooWide(f"an unknown between {lo} and {hi}")
        value = int(lo) + self._pick(int(hi) - int(lo) + 1)
        self.assumed = True
        difference = resolved - value
        if isinstance(difference, Unknown):
            self.store.assume(Truth(difference, "="))
        return value

    def interval(self, number: Unknown) -> Bounds:
        """Bounds of an expression."""
        return self.store.interval(self.store.resolve(number))

    def quotient(self, number: Unknown, divisor: int) -> Number:
        """The integer quotient by a constant."""
        return self.store.quotient(number, divisor)

    def defined(self, operation: str, left: Number, right: Number) -> Number:
        """The result of an operation that is not linear."""
        return self.store.defined(operation, left, right)

    # -- choices --------------------------------------------------------------

    def _chosen(self, name: str, value: T) -> T:
        self.choices.append(Choice(name, value))
        return value

    def boolean(self, name: str) -> bool:
        """An unknown truth value."""
        bit = self.store.unknown(True, 0, 1)
        return self._chosen(name, bit >= 1)

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """Every member in turn, or an unknown where the set is a wide range."""
        symbolic = self.hints.wide(options, self.store)
        if symbolic is not None:
            return self._chosen(name, cast("T", symbolic))
        members = tuple(options)
        if not members:
            raise PremiseFailed
        return self._chosen(name, members[self._pick(len(members)) if len(members) > 1 else 0])

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """An unknown integer."""
        return self._chosen(name, cast("int", self._between(True, lo, hi)))

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """An unknown real."""
        return self._chosen(name, cast("Fraction", self._between(False, lo, hi)))

    def _between(self, integral: bool, lo: Number, hi: Number | None) -> Number:
        low, _ = self.store.interval(self.store.resolve(lo))
        high = None if hi is None else self.store.interval(self.store.resolve(hi))[1]
        number = self.store.unknown(integral, low, high)
        for bound in (lo - number, None if hi is None else number - hi):
            if isinstance(bound, Unknown):
                self.store.assume(Truth(bound, "<="))
            elif bound is not None and bound > 0:
                raise Contradiction
        return normal(number) if not isinstance(number, Unknown) else number

    def data(self, name: str) -> bytes:
        """Some bytes: those that later datagrams show, or none."""
        return self._chosen(name, self.one_of_plain(self.hints.payloads()))

    def one_of_plain(self, options: tuple[T, ...]) -> T:
        """Every member in turn, without recording it."""
        return options[self._pick(len(options)) if len(options) > 1 else 0]

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """An identifier that is not used."""
        options = self.hints.identifiers(make, used, self.store)
        return self._chosen(name, self.one_of_plain(options))

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether a rule can succeed whatever the unknowns are.

        Where it can succeed only for some values this says no: time may then pass in
        the search, and the certificate's replay, where everything is definite, judges.
        """
        return any(
            isinstance(outcome, Outcome) and not outcome.assumed for outcome in outcomes(rule, self.store, self.hints)
        )


class Hints:
    """What a search knows of the rest of the trace; this one knows nothing."""

    skips_wide = False
    """Whether a way that a rule can go is left out where it asks for the definite value of an unknown with too many."""

    def tick(self) -> None:
        """Called before every run of a rule: a search that has run out of time raises here."""

    def wide(self, options: object, store: Store) -> object | None:
        """An unknown member, where `options` is too wide a set to try one by one."""
        return None

    def payloads(self) -> tuple[bytes, ...]:
        """The contents worth trying for a datagram that may contain anything."""
        return (b"",)

    def identifiers(self, make: Callable[[int], T], used: Collection[T], store: Store) -> tuple[T, ...]:
        """The identifiers worth trying where any unused one will do."""
        number = 0
        while make(number) in used:
            number += 1
        return (make(number),)


def outcomes(rule: Callable[[Choose], object], store: Store, hints: Hints) -> Iterator[Outcome | Failure]:
    """Every way a rule can go from what is known, in the order in which choices are listed."""
    pending: list[tuple[int, ...]] = [()]
    while pending:
        hints.tick()
        run = Run(store.copy(), pending.pop(), hints)
        outer, current.run = current.run, run
        outcome: Outcome | Failure
        try:
            result = rule(run)
            run.store.settle()
            outcome = Outcome(result, run.store, tuple(run.choices), run.assumed)
        except (PremiseFailed, Contradiction) as error:
            outcome = Failure(error)
        except TooWide:
            if not hints.skips_wide:
                raise
            outcome = Failure(PremiseFailed())
        finally:
            current.run = outer
        pending.extend(run.alternatives)
        yield outcome
