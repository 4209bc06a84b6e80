"""Settling older unknowns: the values hold with all that is known, and where none do, that is said."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_store import build, constraints

from netoracle.search.settling import settled
from netoracle.search.state import State
from netoracle.symbolic import solver
from netoracle.symbolic.constraints import Contradiction
from netoracle.symbolic.numbers import Truth, Unknown
from netoracle.symbolic.run import Failure, Hints, Outcome, TooWide, outcomes
from netoracle.symbolic.store import Store
from netspec.base.choose import Choose


def state(store: Store, host: object = None) -> State:
    return State(0, None, host, store, None, 0)  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(constraints, st.integers(0, 4))
def test_settled_values_agree_with_all_that_is_known(cases, until):
    store = Store()
    for var in range(4):
        store.unknown(var < 2, -10, 10)
    try:
        for terms, const, relation in cases:
            number = build(store, terms, const)
            if isinstance(number, Unknown):
                store.assume(Truth(number, relation))
    except Contradiction:
        return
    after = settled(state(store), 0, until)
    if after is None:
        # With the values before `until` open again, there must be none for the rest either.
        assert not solver.feasible(store)
    else:
        assert solver.feasible(after.store)
        assert all(var in after.store.solved for var in range(until))


def test_a_value_in_the_middle_and_in_the_host_too():
    store = Store()
    moment = store.unknown(False, 0, 10)
    later = store.unknown(False, 0, 10)
    after = settled(state(store, (moment, later)), 0, 1)
    assert after is not None and after.host == (Fraction(5), later)
    assert 1 not in after.store.solved


def test_what_bounds_do_not_find_the_solver_is_asked_for_where_it_has_to_be_sure(monkeypatch):
    store = Store()
    one, two = store.unknown(True, 0, 11), store.unknown(True, 0, 6)
    monkeypatch.setattr(solver, "candidates", lambda store, var: ())
    store.assume(Truth(one * 3 + two * 5 - 34, "="))
    assert settled(state(store), 0, 2, surely=False) is None
    after = settled(state(store, (one, two)), 0, 2)
    assert after is not None and after.host in ((3, 5), (8, 2))


def wide(choose: Choose) -> object:
    number = choose.integer("n", 0, 10**6)
    return bytes(10)[:number] if number > 5 else number


def test_a_way_that_needs_one_of_too_many_values_is_left_out_only_if_asked():
    with pytest.raises(TooWide):
        list(outcomes(wide, Store(), Hints()))

    class Lenient(Hints):
        skips_wide = True

    found = list(outcomes(wide, Store(), Lenient()))
    assert [type(one) for one in found] == [Failure, Outcome]
