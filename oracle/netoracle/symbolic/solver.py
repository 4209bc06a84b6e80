"""Questions that bounds leave open, put to z3, which is imported when the first one comes up."""

from __future__ import annotations

import time
from fractions import Fraction
from functools import lru_cache
from typing import Any

from netoracle.symbolic.constraints import Contradiction
from netoracle.symbolic.numbers import Exact, Number, Truth, Unknown
from netoracle.symbolic.store import Store

_TIMEOUT_MILLISECONDS = 5_000


class SolverGaveUp(Exception):
    """z3 answered neither yes nor no within its time."""


class Statistics:
    """How often z3 was asked in this process, and for how long."""

    calls = 0
    seconds = 0.0


def _z3() -> Any:
    import z3

    return z3


@lru_cache(maxsize=100_000)
def _variable(var: int, integral: bool) -> Any:
    z3 = _z3()
    return z3.Int(f"i{var}") if integral else z3.Real(f"r{var}")


@lru_cache(maxsize=1)
def _context_solver() -> Any:
    z3 = _z3()
    solver = z3.Solver()
    solver.set("timeout", _TIMEOUT_MILLISECONDS)
    return solver


def _constant(value: Exact) -> Any:
    z3 = _z3()
    if isinstance(value, Fraction):
        return z3.RealVal(f"{value.numerator}/{value.denominator}")
    return z3.IntVal(value)


class _Translation:
    """A store's constraints as z3 terms."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.used: set[int] = set()

    def term(self, number: Number) -> Any:
        if not isinstance(number, Unknown):
            return _constant(number)
        parts = []
        for var, coef in number.terms:
            self.used.add(var)
            variable = _variable(var, var in self.store.ints)
            parts.append(variable if coef == 1 else _constant(coef) * variable)
        if number.const != 0:
            parts.append(_constant(number.const))
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def truth(self, truth: Truth) -> Any:
        z3 = _z3()
        number = self.store.resolve(truth.number)
        term = self.term(number)
        answer = {"<=": term <= 0, "<": term < 0, "=": term == 0}[truth.relation]
        return z3.Not(answer) if truth.negated else answer

    def definition(self, var: int, operation: str, left: Number, right: Number) -> Any:
        z3 = _z3()
        a, b = self.term(self.store.resolve(left)), self.term(self.store.resolve(right))
        if operation == "!=":
            return a != b
        result = self.term(self.store.resolve(Unknown(((var, 1),), 0, var in self.store.ints)))
        if operation == "max":
            return result == z3.If(a >= b, a, b)
        if operation == "*":
            return result == a * b
        if operation == "//":
            return z3.And(b != 0, result == a / b)
        power = z3.IntVal(1)
        for exponent in range(1, 65):
            power = z3.If(b == exponent, z3.IntVal(1 << exponent), power)
        shifted = a * power if operation == "<<" else a / power
        return z3.And(b >= 0, b <= 64, result == shifted)

    def constraints(self) -> list[Any]:
        store = self.store
        terms = []
        for number, strict in store.constraints.values():
            resolved = store.resolve(number)
            if isinstance(resolved, Unknown):
                term = self.term(resolved)
                terms.append(term < 0 if strict else term <= 0)
        terms.extend(self.definition(*definition) for definition in store.definitions)
        pending = set(self.used)
        done: set[int] = set()
        while pending:
            var = pending.pop()
            done.add(var)
            if var in store.solved:
                continue
            lo, hi = store.bounds[var]
            variable = _variable(var, var in store.ints)
            if lo is not None:
                terms.append(variable >= _constant(lo))
            if hi is not None:
                terms.append(variable <= _constant(hi))
        return terms


def _check(store: Store, *truths: Truth) -> Any | None:
    """A z3 model of the store together with some truths, or None where there is none."""
    started = time.perf_counter()
    z3 = _z3()
    translation = _Translation(store)
    extra = [translation.truth(truth) for truth in truths]
    solver = _context_solver()
    solver.push()
    try:
        solver.add(*translation.constraints(), *extra)
        answer = solver.check()
        if answer == z3.unknown:
            raise SolverGaveUp(solver.reason_unknown())
        return solver.model() if answer == z3.sat else None
    finally:
        solver.pop()
        Statistics.calls += 1
        Statistics.seconds += time.perf_counter() - started


def feasible(store: Store, *truths: Truth) -> bool:
    """Whether some values of the unknowns satisfy the store and the truths.

    Raises SolverGaveUp where z3 does not tell.
    """
    return _check(store, *truths) is not None


def candidates(store: Store, var: int) -> tuple[Exact, ...]:
    """Values worth trying for an unknown: the middle of its interval, then its ends."""
    lo, hi = store.bounds[var]
    if lo is None or hi is None:
        return (lo if lo is not None else hi if hi is not None else 0,)
    middle: Exact = (lo + hi) // 2 if var in store.ints else Fraction(lo + hi) / 2
    return (middle, lo, hi)


def settled(store: Store, var: int, value: Exact) -> Store | None:
    """The store once an unknown has a value; None where it cannot have it."""
    trial = store.copy()
    try:
        trial.settle_on(var, value)
        trial.settle()
    except Contradiction:
        return None
    return trial


def _by_propagation(store: Store) -> dict[int, Exact] | None:
    """A solution found by settling one unknown after the other, the oldest first; None where that leads nowhere.

    Most stores describe clocks that run on, for which this succeeds, and they are long.
    """
    trial = store.copy()
    for var in sorted(range(store.count), key=lambda one: (one not in store.ints, one)):
        if var in trial.solved:
            continue
        for value in candidates(trial, var):
            after = settled(trial, var, value)
            if after is not None:
                trial = after
                break
        else:
            return None
    values: dict[int, Exact] = {}
    for var in range(store.count):
        resolved = trial.resolve(Unknown(((var, 1),), 0, var in trial.ints))
        if isinstance(resolved, Unknown):
            return None
        values[var] = resolved
    return values if trial.definitions == () else None


def solution(store: Store) -> dict[int, Exact] | None:
    """A value for every unknown of the store, or None where there is none.

    Raises SolverGaveUp where z3 does not tell.
    """
    values = _by_propagation(store)
    if values is not None:
        return values
    values = model(store)
    if values is None:
        return None
    for var in range(store.count):
        if var not in store.solved and var not in values:
            lo, hi = store.bounds[var]
            values[var] = lo if lo is not None else hi if hi is not None else 0
    return values


def model(store: Store) -> dict[int, Exact] | None:
    """Values from z3 for the unknowns that constraints or definitions mention, or None where there are none.

    Raises SolverGaveUp where z3 does not tell.
    """
    if not store.constraints and not store.definitions:
        return {}
    found = _check(store)
    if found is None:
        return None
    values: dict[int, Exact] = {}
    for var in range(store.count):
        value = None if var in store.solved else found[_variable(var, var in store.ints)]
        if value is not None:
            values[var] = (
                value.as_long()
                if var in store.ints
                else Fraction(value.numerator_as_long(), value.denominator_as_long())
            )
    return values
