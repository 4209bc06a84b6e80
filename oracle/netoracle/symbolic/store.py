"""What is known of the unknowns, those included that are results of operations on others.

A store is copied in constant time, so each branch of a search has its own.
"""

from __future__ import annotations

import math
from fractions import Fraction

from netoracle.symbolic.constraints import Bounds, Constraints, Contradiction, Definition
from netoracle.symbolic.numbers import OPERATIONS, Number, Unknown, normal


class Store(Constraints):
    """Constraints on unknowns, and the results of operations that are not linear.

    Such a result is computed where the arguments are known, follows from their bounds, or is an unknown with a
    definition.
    """

    __slots__ = ()

    def copy(self) -> Store:
        """An independent store with the same content."""
        twin = Store.__new__(Store)
        twin.count = self.count
        twin.placeholders = self.placeholders
        twin.epoch = self.epoch
        twin.since = self.since
        twin.old = self.old
        twin.ints = self.ints
        twin.bounds = self.bounds
        twin.solved = self.solved
        twin.constraints = self.constraints
        twin.watch = self.watch
        twin.definitions = self.definitions
        twin.quotients = self.quotients
        twin.changed = False
        return twin

    # -- operations that are not linear ------------------------------------------

    def quotient(self, number: Unknown, divisor: int) -> Number:
        """The quotient of an integer expression by a positive constant, rounded down."""
        resolved = self.resolve(number)
        if not isinstance(resolved, Unknown):
            return int(resolved) // divisor
        lo, hi = self.interval(resolved)
        low = None if lo is None else math.floor(Fraction(lo) / divisor)
        high = None if hi is None else math.floor(Fraction(hi) / divisor)
        if low is not None and low == high:
            return low
        key = (resolved.terms, resolved.const, divisor)
        if key in self.quotients:
            return self.resolve(self.quotients[key])
        result = self.unknown(True, low, high)
        self.quotients = self.quotients.set(key, result)
        remainder = resolved - result * divisor
        if isinstance(remainder, Unknown):
            self._at_most_zero(-remainder, False)
            self.assume_at_most(remainder - (divisor - 1), False)
        return result

    def defined(self, operation: str, left: Number, right: Number) -> Number:
        """The result of an operation: computed, decided by bounds, or a defined unknown."""
        left, right = self.resolve(left), self.resolve(right)
        if not isinstance(left, Unknown) and not isinstance(right, Unknown):
            return normal(OPERATIONS[operation](left, right))
        if operation == "*" and not (isinstance(left, Unknown) and isinstance(right, Unknown)):
            return left * right
        if operation == "//" and isinstance(right, int) and isinstance(left, Unknown):
            return self.quotient(left, right)
        if operation == "max":
            difference = left - right
            lo, hi = self.interval(difference)
            if lo is not None and lo >= 0:
                return left
            if hi is not None and hi <= 0:
                return right
        bounds = _image(operation, self.interval(left), self.interval(right))
        integral = operation not in ("max", "*") or all(
            x.integral if isinstance(x, Unknown) else isinstance(x, int) for x in (left, right)
        )
        result = self.unknown(integral, *bounds)
        if isinstance(result, Unknown):
            self.definitions = (*self.definitions, (result.terms[0][0], operation, left, right))
            if operation == "max":
                self.assume_at_most(left - result, False)
                self.assume_at_most(right - result, False)
        return result

    def settle(self) -> None:
        """Compute the defined unknowns whose arguments are now known.

        Raises Contradiction where a result contradicts what is known of it.
        """
        again = True
        while again and self.definitions:
            again = False
            kept: list[Definition] = []
            for definition in self.definitions:
                var, operation, left, right = definition
                left, right = self.resolve(left), self.resolve(right)
                if operation == "!=":
                    if not isinstance(left, Unknown):
                        if left == 0:
                            raise Contradiction
                        continue
                    kept.append((var, operation, left, right))
                    continue
                value: Number | None = None
                if not isinstance(left, Unknown) and not isinstance(right, Unknown):
                    value = normal(OPERATIONS[operation](left, right))
                elif operation == "max":
                    lo, hi = self.interval(left - right)
                    if lo is not None and lo >= 0:
                        value = left
                    elif hi is not None and hi <= 0:
                        value = right
                if value is None:
                    kept.append((var, operation, left, right))
                    continue
                again = True
                difference = self.resolve(Unknown(((var, 1),), 0, var in self.ints)) - value
                difference = self.resolve(difference)
                if isinstance(difference, Unknown):
                    self._equal(difference)
                elif difference != 0:
                    raise Contradiction
            self.definitions = tuple(kept)


def _image(operation: str, left: Bounds, right: Bounds) -> Bounds:
    """Bounds of the result; the corners suffice, since each operation is monotone in each argument."""
    if operation == "max":
        lows = [b for b in (left[0], right[0]) if b is not None]
        highs = (left[1], right[1])
        hi = None if None in highs else max(b for b in highs if b is not None)
        return (max(lows) if lows else None), hi
    ends = [*left, *right]
    if any(end is None for end in ends):
        return None, None
    if operation == "//" and right[0] is not None and right[0] <= 0:
        return None, None
    if operation in ("<<", ">>") and (left[0] or 0) < 0:
        return None, None
    if operation in ("<<", ">>") and (right[1] or 0) > 64:
        return None, None
    corners = [OPERATIONS[operation](a, b) for a in left for b in right if a is not None and b is not None]
    return min(corners), max(corners)
