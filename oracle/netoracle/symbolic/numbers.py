"""Linear expressions over unknowns, and the truth values that comparing them gives.

An expression is `const + sum(coefficient * unknown)`, with exact coefficients.
Operations that are not linear (a maximum, a quotient of unknowns, a shift by an
unknown) introduce a defined unknown, which is computed once its arguments are known.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Protocol, TypeAlias

Exact: TypeAlias = int | Fraction
Terms = tuple[tuple[int, Exact], ...]


class Deciding(Protocol):
    """The run under way: it knows the constraints and decides what they leave open."""

    def decide(self, truth: Truth) -> bool:
        """Decide a comparison, taking note of the outcome."""
        ...

    def assume(self, truth: Truth) -> bool:
        """Assume a comparison; False where it contradicts what is known."""
        ...

    def value_of(self, number: Unknown) -> int:
        """A definite integer value, taking note of it."""
        ...

    def interval(self, number: Unknown) -> tuple[Exact | None, Exact | None]:
        """Bounds of an expression (None: unbounded)."""
        ...

    def quotient(self, number: Unknown, divisor: int) -> Number:
        """The integer quotient of an integer expression by a positive constant, rounded down."""
        ...

    def defined(self, operation: str, left: Number, right: Number) -> Number:
        """The result of an operation that is not linear."""
        ...


class _Current:
    """Holds the run under way: one in a process at a time."""

    run: Deciding | None = None


current = _Current()


def deciding() -> Deciding:
    """The run under way."""
    if current.run is None:
        raise RuntimeError("an unknown was compared outside a run")
    return current.run


def normal(value: Exact) -> Exact:
    """The same number, as an int where it is one."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


class Truth:
    """A comparison of unknowns: `number <= 0`, `number < 0` or `number = 0`, or the negation."""

    __slots__ = ("negated", "number", "relation")

    def __init__(self, number: Unknown, relation: str, negated: bool = False) -> None:
        self.number = number
        self.relation = relation
        self.negated = negated

    def __bool__(self) -> bool:
        return deciding().decide(self)

    def assume(self) -> bool:
        """Assume that it holds; False where it cannot."""
        return deciding().assume(self)

    def negation(self) -> Truth:
        """The opposite truth value."""
        if self.relation == "=":
            return Truth(self.number, "=", not self.negated)
        return Truth(-self.number, "<" if self.relation == "<=" else "<=")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, bool):
            return self if other else self.negation()  # type: ignore[return-value]
        if isinstance(other, Truth):
            return bool(self) == bool(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.number, self.relation, self.negated))

    def __repr__(self) -> str:
        return f"{'not ' if self.negated else ''}{self.number!r} {self.relation} 0"


def _truth(number: Number, relation: str) -> bool:
    """Compare with zero: a plain bool where the expression is constant."""
    if isinstance(number, Unknown):
        return Truth(number, relation)  # type: ignore[return-value]
    if relation == "<=":
        return number <= 0
    if relation == "<":
        return number < 0
    return number == 0


def linear(terms: dict[int, Exact], const: Exact, integral: bool) -> Number:
    """Build an expression: a plain number where no unknown is left."""
    left = tuple((var, coef) for var, coef in sorted(terms.items()) if coef != 0)
    if not left:
        return normal(const)
    return Unknown(left, const, integral)


class Unknown:
    """A linear expression with at least one unknown."""

    __slots__ = ("const", "integral", "terms")

    def __init__(self, terms: Terms, const: Exact, integral: bool) -> None:
        self.terms = terms
        self.const = const
        self.integral = integral

    # -- linear arithmetic -------------------------------------------------

    def _combine(self, other: object, sign: int) -> Number | None:
        """The sum or difference with a number; None where the other is none."""
        if isinstance(other, Unknown):
            terms = dict(self.terms)
            for var, coef in other.terms:
                terms[var] = terms.get(var, 0) + sign * coef
            return linear(terms, self.const + sign * other.const, self.integral and other.integral)
        if isinstance(other, (int, Fraction)):
            exact = normal(other)
            return Unknown(self.terms, self.const + sign * exact, self.integral and isinstance(exact, int))
        return None

    def __add__(self, other: object) -> Number:
        result = self._combine(other, 1)
        return NotImplemented if result is None else result

    __radd__ = __add__

    def __sub__(self, other: object) -> Number:
        result = self._combine(other, -1)
        return NotImplemented if result is None else result

    def __neg__(self) -> Unknown:
        return Unknown(tuple((v, -c) for v, c in self.terms), -self.const, self.integral)

    def __rsub__(self, other: object) -> Number:
        result = (-self)._combine(other, 1)
        return NotImplemented if result is None else result

    def __mul__(self, other: object) -> Number:
        if isinstance(other, Unknown):
            return deciding().defined("*", self, other)
        if isinstance(other, (int, Fraction)):
            factor = normal(other)
            if factor == 0:
                return 0
            terms = tuple((v, normal(c * factor)) for v, c in self.terms)
            return Unknown(terms, normal(self.const * factor), self.integral and isinstance(factor, int))
        return NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Number:
        if isinstance(other, (int, Fraction)) and other != 0:
            return self * (Fraction(1) / other)
        return NotImplemented

    # -- integer arithmetic ------------------------------------------------

    def __floordiv__(self, other: object) -> Number:
        if isinstance(other, int) and other > 0:
            return deciding().quotient(self, other)
        if isinstance(other, Unknown):
            return deciding().defined("//", self, other)
        return NotImplemented

    def __rfloordiv__(self, other: object) -> Number:
        return deciding().defined("//", other, self) if isinstance(other, int) else NotImplemented

    def __mod__(self, other: object) -> Number:
        if isinstance(other, int) and other > 0:
            kept = {v: c for v, c in self.terms if c % other != 0}
            reduced = linear(kept, self.const % other, True)
            if isinstance(reduced, Unknown):
                return reduced - deciding().quotient(reduced, other) * other
            return reduced % other
        return NotImplemented

    def __lshift__(self, other: object) -> Number:
        if isinstance(other, int):
            return self * (1 << other)
        return deciding().defined("<<", self, other) if isinstance(other, Unknown) else NotImplemented

    def __rlshift__(self, other: object) -> Number:
        return deciding().defined("<<", other, self) if isinstance(other, int) else NotImplemented

    def __rshift__(self, other: object) -> Number:
        if isinstance(other, int):
            return self // (1 << other)
        return deciding().defined(">>", self, other) if isinstance(other, Unknown) else NotImplemented

    def __rrshift__(self, other: object) -> Number:
        return deciding().defined(">>", other, self) if isinstance(other, int) else NotImplemented

    def __index__(self) -> int:
        return deciding().value_of(self)

    # -- what MIN, MAX and ABS of the specification ask a number for ---------

    def max_with(self, other: Number) -> Number:
        """The larger of two, without a case split."""
        return deciding().defined("max", self, other)

    def min_with(self, other: Number) -> Number:
        """The smaller of two, without a case split."""
        return -deciding().defined("max", -self, -other)

    def abs_value(self) -> Number:
        """The absolute value, without a case split."""
        return deciding().defined("max", self, -self)

    # -- comparison ----------------------------------------------------------

    def _compare(self, other: object, relation: str, swap: bool) -> bool:
        difference = self._combine(other, -1)
        if difference is None:
            answer: bool = NotImplemented
            return answer
        return _truth(-difference if swap else difference, relation)

    def __le__(self, other: object) -> bool:
        return self._compare(other, "<=", False)

    def __lt__(self, other: object) -> bool:
        return self._compare(other, "<", False)

    def __ge__(self, other: object) -> bool:
        return self._compare(other, "<=", True)

    def __gt__(self, other: object) -> bool:
        return self._compare(other, "<", True)

    def __eq__(self, other: object) -> bool:
        return self._compare(other, "=", False)

    def __ne__(self, other: object) -> bool:
        equal = self._compare(other, "=", False)
        if isinstance(equal, Truth):
            return equal.negation()
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash((self.terms, self.const))

    def same(self, other: Unknown) -> bool:
        """Whether it is the very same expression."""
        return self.terms == other.terms and self.const == other.const

    def __repr__(self) -> str:
        parts = [f"?{v}" if c == 1 else f"{c}*?{v}" for v, c in self.terms]
        if self.const:
            parts.append(str(self.const))
        return "(" + " + ".join(parts) + ")"


Number: TypeAlias = int | Fraction | Unknown

OPERATIONS: dict[str, Callable[[Exact, Exact], Exact]] = {
    "max": lambda a, b: a if a >= b else b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b if b else 0,
    "<<": lambda a, b: int(a) << int(b),
    ">>": lambda a, b: int(a) >> int(b),
}
