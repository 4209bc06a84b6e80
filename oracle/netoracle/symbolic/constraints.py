"""What is known of the unknowns as such: bounds, equations solved for an unknown, inequalities.

Bounds are propagated eagerly; they decide most questions.  What they leave open goes
to z3 (`netoracle.symbolic.solver`).
"""

from __future__ import annotations

import math
from fractions import Fraction
from hashlib import blake2b

import immutables

from netoracle.symbolic.numbers import Exact, Number, Terms, Truth, Unknown, linear, normal

Bounds = tuple[Exact | None, Exact | None]
Constraint = tuple[Unknown, bool]
Key = tuple[Terms, Exact, int]
Definition = tuple[int, str, Number, Number]

_PROPAGATION_LIMIT = 400
_LONG, _KEPT = 24, 8


class Contradiction(Exception):
    """What was assumed cannot hold together with what is known."""


def _mark(*said: object) -> int:
    """A 128-bit number for something that a store says."""
    return int.from_bytes(blake2b(repr(said).encode(), digest_size=16).digest())


class Constraints:
    """A conjunction of constraints on numbered unknowns.

    An epoch tells old unknowns from new ones: it has a name, and `since` is the number of the
    first unknown that came after it.  `old` is a digest of what has been learnt since about old
    unknowns alone.  So two stores of the same epoch and the same `old` say the same of old
    unknowns, and can be compared by what they say of new ones.
    """

    __slots__ = (
        "bounds",
        "changed",
        "constraints",
        "count",
        "definitions",
        "epoch",
        "ints",
        "old",
        "placeholders",
        "quotients",
        "since",
        "solved",
        "watch",
    )

    def __init__(self) -> None:
        self.count = 0
        self.placeholders = 0
        self.epoch = b""
        self.since = 0
        self.old = 0
        self.ints: immutables.Map[int, bool] = immutables.Map()
        self.bounds: immutables.Map[int, Bounds] = immutables.Map()
        self.solved: immutables.Map[int, Number] = immutables.Map()
        self.constraints: immutables.Map[Key, Constraint] = immutables.Map()
        self.watch: immutables.Map[int, tuple[Key, ...]] = immutables.Map()
        self.definitions: tuple[Definition, ...] = ()
        self.quotients: immutables.Map[Key, Number] = immutables.Map()
        self.changed = False

    def begin_epoch(self, name: bytes) -> None:
        """From now on, the unknowns that there are count as old."""
        self.epoch, self.since, self.old = name, self.count, 0

    def placeholder(self) -> int:
        """A number for an identifier that is not known yet, never used twice."""
        self.placeholders += 1
        return self.placeholders

    # -- unknowns --------------------------------------------------------------

    def unknown(self, integral: bool, lo: Exact | None, hi: Exact | None) -> Number:
        """A new unknown with lo <= x <= hi.  Raises Contradiction where there is no such number."""
        if lo is not None and hi is not None:
            if lo > hi:
                raise Contradiction
            if lo == hi:
                return normal(lo)
        var = self.count
        self.count += 1
        if integral:
            self.ints = self.ints.set(var, True)
        self._bound(var, lo, hi)
        return Unknown(((var, 1),), 0, integral)

    def _bound(self, var: int, lo: Exact | None, hi: Exact | None) -> None:
        """Note the bounds of an unknown."""
        old = self.bounds.get(var)
        if var < self.since and old is not None:
            self.old ^= _mark(var, *old) ^ _mark(var, lo, hi)
        self.bounds = self.bounds.set(var, (lo, hi))

    def resolve(self, number: Number) -> Number:
        """The same number with every solved unknown replaced."""
        if not isinstance(number, Unknown):
            return number
        solved = self.solved
        if not any(var in solved for var, _ in number.terms):
            return number
        result: Number = number.const
        for var, coef in number.terms:
            value = solved.get(var)
            if value is None:
                part: Number = Unknown(((var, coef),), 0, var in self.ints and isinstance(coef, int))
            else:
                part = self.resolve(value) * coef
            result = part + result
        return result

    def interval(self, number: Number) -> Bounds:
        """Bounds of an expression (None: unbounded)."""
        if not isinstance(number, Unknown):
            return number, number
        lo: Exact | None = number.const
        hi: Exact | None = number.const
        for var, coef in number.terms:
            var_lo, var_hi = self.bounds[var]
            if coef < 0:
                var_lo, var_hi = var_hi, var_lo
            lo = None if lo is None or var_lo is None else lo + coef * var_lo
            hi = None if hi is None or var_hi is None else hi + coef * var_hi
        return lo, hi

    # -- questions ---------------------------------------------------------------

    def known(self, truth: Truth) -> bool | None:
        """Whether bounds alone settle a truth value."""
        number = self.resolve(truth.number)
        lo, hi = self.interval(number)
        answer: bool | None = None
        if truth.relation == "<=":
            if hi is not None and hi <= 0:
                answer = True
            elif lo is not None and lo > 0:
                answer = False
        elif truth.relation == "<":
            if hi is not None and hi < 0:
                answer = True
            elif lo is not None and lo >= 0:
                answer = False
        else:
            if lo == 0 and hi == 0:
                answer = True
            elif (lo is not None and lo > 0) or (hi is not None and hi < 0):
                answer = False
            elif isinstance(number, Unknown) and number.integral and _indivisible(number):
                answer = False
        return answer if answer is None or not truth.negated else not answer

    def independent(self, truth: Truth) -> bool:
        """Whether bounds say all there is to say of a truth value that they leave open.

        So it is where nothing else is known of its unknowns: both outcomes are then possible.
        """
        number = self.resolve(truth.number)
        if not isinstance(number, Unknown) or (truth.relation == "=" and len(number.terms) > 1):
            return False
        if any(key in self.constraints for var, _ in number.terms for key in self.watch.get(var, ())):
            return False
        mentioned = {var for var, *_ in self.definitions}
        for _, _, left, right in self.definitions:
            for side in (self.resolve(left), self.resolve(right)):
                if isinstance(side, Unknown):
                    mentioned.update(var for var, _ in side.terms)
        return not any(var in mentioned for var, _ in number.terms)

    # -- assertions --------------------------------------------------------------

    def assume(self, truth: Truth) -> None:
        """Take a truth value for granted.  Raises Contradiction where bounds show that it cannot hold."""
        known = self.known(truth)
        if known is True:
            return
        if known is False:
            raise Contradiction
        number = self.resolve(truth.number)
        assert isinstance(number, Unknown)
        if truth.relation == "=":
            if truth.negated:
                self._differs(number)
            else:
                self._equal(number)
        else:
            self._at_most_zero(number, truth.relation == "<")

    def abbreviate(self, number: Number) -> Number:
        """The same integer expression with fewer unknowns: a sum of many gets a name of its own.

        One of the unknowns of the sum is expressed by the name and the others, so nothing is lost.
        """
        resolved = self.resolve(number)
        if not isinstance(resolved, Unknown) or len(resolved.terms) <= _LONG or not resolved.integral:
            return resolved
        named = resolved.terms[: len(resolved.terms) - _KEPT]
        var, coef = named[0]
        if coef != 1:
            return resolved
        group = linear(dict(named), 0, True)
        name = self.unknown(True, *self.interval(group))
        others = linear(dict(named[1:]), 0, True)
        self.settle_on(var, name - others)
        return self.resolve(resolved)

    def _differs(self, number: Unknown) -> None:
        """Number is not zero: kept only as a bound where zero is an end of its interval."""
        self.definitions = (*self.definitions, (-1, "!=", number, 0))
        if number.integral and len(number.terms) == 1:
            lo, hi = self.interval(number)
            if lo == 0:
                self._at_most_zero(-number, True)
            elif hi == 0:
                self._at_most_zero(number, True)

    def _equal(self, number: Unknown) -> None:
        """Number is zero: solved for one of its unknowns where that is exact."""
        for var, coef in number.terms:
            rest = linear(dict(t for t in number.terms if t[0] != var), number.const, number.integral)
            whole = rest.integral if isinstance(rest, Unknown) else True
            if var not in self.ints or not isinstance(rest, Unknown) or (coef in (1, -1) and whole):
                self.settle_on(var, rest * normal(Fraction(-1) / coef))
                return
        self._at_most_zero(number, False)
        self._at_most_zero(-number, False)

    def settle_on(self, var: int, value: Number) -> None:
        """Take for granted that an unknown is a number or an expression.  Raises Contradiction where it cannot be."""
        lo, hi = self.bounds[var]
        if not isinstance(value, Unknown):
            value = normal(value)
            if var in self.ints and not isinstance(value, int):
                raise Contradiction
            if (lo is not None and value < lo) or (hi is not None and value > hi):
                raise Contradiction
        self.solved = self.solved.set(var, value)
        if var < self.since and not (isinstance(value, Unknown) and value.terms[-1][0] >= self.since):
            self.old ^= _mark("=", var, value)
        self.changed = True
        watching = self.watch.get(var, ())
        if watching:
            self.watch = self.watch.delete(var)
        if isinstance(value, Unknown):
            if lo is not None:
                self.assume_at_most(lo - value, False)
            if hi is not None:
                self.assume_at_most(value - hi, False)
        for key in watching:
            if key in self.constraints:
                constraint, strict = self.constraints[key]
                self.constraints = self.constraints.delete(key)
                if constraint.terms[-1][0] < self.since:
                    self.old ^= _mark("<", key)
                self.assume_at_most(constraint, strict)

    def assume_at_most(self, number: Number, strict: bool) -> None:
        """Take for granted that an expression is at most (or below) zero.  Raises Contradiction."""
        resolved = self.resolve(number)
        if isinstance(resolved, Unknown):
            self._at_most_zero(resolved, strict)
        elif resolved > 0 or (strict and resolved == 0):
            raise Contradiction

    def _at_most_zero(self, number: Unknown, strict: bool) -> None:
        if strict and number.integral:
            number, strict = Unknown(number.terms, number.const + 1, True), False
        lo, hi = self.interval(number)
        if hi is not None and (hi < 0 or (hi == 0 and not strict)):
            return
        if lo is not None and (lo > 0 or (strict and lo == 0)):
            raise Contradiction
        if len(number.terms) > 1 or strict:
            key = (number.terms, number.const, int(strict))
            if key not in self.constraints:
                self.constraints = self.constraints.set(key, (number, strict))
                if number.terms[-1][0] < self.since:
                    self.old ^= _mark("<", key)
                for var, _ in number.terms:
                    self.watch = self.watch.set(var, (*self.watch.get(var, ()), key))
        self._propagate([(number, strict)])

    def _propagate(self, queue: list[Constraint]) -> None:
        """Narrow bounds until nothing changes, or for long enough: narrowing less is sound."""
        steps = 0
        while queue and steps < _PROPAGATION_LIMIT:
            steps += 1
            original, strict = queue.pop()
            number = self.resolve(original)
            if not isinstance(number, Unknown):
                if number > 0 or (strict and number == 0):
                    raise Contradiction
                continue
            lows: list[Exact | None] = []
            open_ends = 0
            total: Exact = number.const
            for var, coef in number.terms:
                lo, hi = self.bounds[var]
                end = lo if coef > 0 else hi
                low = None if end is None else coef * end
                lows.append(low)
                if low is None:
                    open_ends += 1
                else:
                    total += low
            if open_ends == 0 and (total > 0 or (strict and total == 0)):
                raise Contradiction
            for (var, coef), low in zip(number.terms, lows, strict=True):
                if open_ends > (1 if low is None else 0):
                    continue
                limit = -(total - (0 if low is None else low)) / Fraction(coef)
                if self._narrow(var, limit, coef > 0):
                    queue.extend(self.constraints[key] for key in self.watch.get(var, ()) if key in self.constraints)

    def _narrow(self, var: int, limit: Exact, upper: bool) -> bool:
        lo, hi = self.bounds[var]
        if var in self.ints:
            limit = math.floor(limit) if upper else math.ceil(limit)
        limit = normal(limit)
        if upper:
            if hi is not None and limit >= hi:
                return False
            hi = limit
        else:
            if lo is not None and limit <= lo:
                return False
            lo = limit
        if lo is not None and hi is not None:
            if lo > hi:
                raise Contradiction
            if lo == hi and var not in self.solved:
                self._bound(var, lo, hi)
                self.settle_on(var, lo)
                return True
        self._bound(var, lo, hi)
        return True


def _indivisible(number: Unknown) -> bool:
    """Whether no integers make the expression zero, by divisibility."""
    divisor = math.gcd(*(int(c) for _, c in number.terms))
    return int(number.const) % divisor != 0
