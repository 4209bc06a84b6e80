"""The store of constraints agrees with z3 and with enumeration."""

from __future__ import annotations

from fractions import Fraction

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from netoracle.symbolic import solver
from netoracle.symbolic.constraints import Contradiction
from netoracle.symbolic.numbers import Truth, Unknown, current
from netoracle.symbolic.run import Hints, Outcome, Run, outcomes
from netoracle.symbolic.store import Store
from netspec.base.choose import require

coefficients = st.integers(-4, 4).filter(lambda n: n != 0)
relations = st.sampled_from(["<=", "<", "="])
constraints = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, 3), coefficients), min_size=1, max_size=3),
        st.integers(-20, 20),
        relations,
    ),
    min_size=1,
    max_size=6,
)


def build(store: Store, terms, const):
    number = const
    for var, coef in terms:
        number = Unknown(((var, 1),), 0, var < 2) * coef + number
    return number


@settings(max_examples=300, deadline=None)
@given(constraints)
def test_what_the_store_calls_contradictory_has_no_solution(cases):
    store = Store()
    for integral in (True, True, False, False):
        store.unknown(integral, -50, 50)
    variables = [z3.Int("a"), z3.Int("b"), z3.Real("c"), z3.Real("d")]
    reference = z3.Solver()
    reference.add(*[z3.And(v >= -50, v <= 50) for v in variables])
    contradiction = False
    for terms, const, relation in cases:
        expression = sum(coef * variables[var] for var, coef in terms) + const
        reference.add({"<=": expression <= 0, "<": expression < 0, "=": expression == 0}[relation])
        number = build(store, terms, const)
        if contradiction:
            continue
        try:
            if isinstance(number, Unknown):
                store.assume(Truth(number, relation))
            elif not {"<=": number <= 0, "<": number < 0, "=": number == 0}[relation]:
                contradiction = True
        except Contradiction:
            contradiction = True
    possible = reference.check() == z3.sat
    if contradiction:
        assert not possible
    else:
        assert solver.feasible(store) == possible
        model = solver.solution(store)
        assert (model is not None) == possible


@settings(max_examples=200, deadline=None)
@given(st.integers(-30, 30), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9))
def test_operations_on_an_unknown_have_the_values_of_the_operations_on_numbers(lo, width, divisor, other):
    def operations(x):
        return [x // divisor, x % divisor, x * 3 - x, x << 2, x * Fraction(1, 2)]

    for value in range(lo, lo + width + 1):
        run = Run(Store(), (), Hints())
        outer, current.run = current.run, run
        try:
            x = run.integer("x", lo, lo + width)
            results = operations(x)
            maximum = x.max_with(other) if isinstance(x, Unknown) else max(x, other)
            absolute = x.abs_value() if isinstance(x, Unknown) else abs(x)
            require(x == value)
            run.store.settle()
            found = [run.store.resolve(r) for r in [*results, maximum, absolute]]
        finally:
            current.run = outer
        assert found == [*operations(value), max(value, other), abs(value)]


def test_a_comparison_that_is_open_is_explored_both_ways():
    def rule(choose):
        x = choose.integer("x", 0, 10)
        return "small" if x < 4 else "large"

    found = [o.result for o in outcomes(rule, Store(), Hints()) if isinstance(o, Outcome)]
    assert found == ["small", "large"]


def test_a_premise_narrows_an_unknown_and_fails_where_nothing_is_left():
    def rule(choose):
        x = choose.integer("x", 0, 10)
        require(x >= 7)
        require(x <= 7)
        return x

    (outcome,) = list(outcomes(rule, Store(), Hints()))
    assert isinstance(outcome, Outcome)
    assert outcome.store.resolve(outcome.result) == 7

    def impossible(choose):
        x = choose.integer("x", 0, 10)
        require(x > 10)

    assert not any(isinstance(o, Outcome) for o in outcomes(impossible, Store(), Hints()))


def test_decisions_that_depend_on_each_other_are_not_explored_twice():
    def rule(choose):
        x = choose.integer("x", 0, 10)
        y = choose.integer("y", 0, 10)
        first = x + y > 15
        if first:
            return ("both", bool(x + y > 12))
        return ("not", bool(x + y > 16))

    found = [o.result for o in outcomes(rule, Store(), Hints()) if isinstance(o, Outcome)]
    assert found == [("both", True), ("not", False)]
