"""Settling what happened a while ago: values for the older unknowns of a state, so that a long trace stays small.

Most unknowns are moments and clocks, of which any value between their bounds would do.  What comes soon after narrows
them; what comes much later hardly does.  A value that turns out wrong costs a run, never a wrong one.
"""

from __future__ import annotations

from dataclasses import replace

from netoracle.search.state import State
from netoracle.symbolic import solver
from netoracle.symbolic.constraints import Contradiction
from netoracle.symbolic.numbers import Exact, Unknown
from netoracle.symbolic.store import Store
from netoracle.symbolic.structure import resolve


def settled(state: State, first: int, until: int, surely: bool = True) -> State | None:
    """The state once its unknowns from number `first` to before `until` have values; None where none are possible.

    Those before `first` have values.  Where the solver does not tell, the state itself.  Unless `surely`, the solver
    is not asked, and where bounds are not enough there are no values.
    """
    if state.store.count == first or all(var in state.store.solved for var in range(first, until)):
        return state
    store = state.store.copy()
    unknowns = [var for var in range(first, until) if var not in store.solved]
    try:
        values = _values(store, first, surely)
        if values is None:
            return None
        for var in unknowns:
            if var not in store.solved and var in values:
                store.settle_on(var, values[var])
        store.settle()
    except Contradiction:
        return None
    except solver.SolverGaveUp:
        return state
    host = resolve(state.host, store)
    remaining = None if state.remaining is None else store.resolve(state.remaining)
    return replace(state, host=host, store=store, remaining=remaining)


def _values(store: Store, first: int, surely: bool) -> dict[int, Exact] | None:
    """Values that all unknowns from number `first` on may have together, in the middle of their bounds if possible."""
    unknowns = [var for var in range(first, store.count) if var not in store.solved]
    for order in (unknowns, sorted(unknowns, key=lambda var: (var not in store.ints, var))):
        values = _by_propagation(store, order)
        if values is not None:
            return values
    return solver.model(store) if surely else None


def _by_propagation(store: Store, unknowns: list[int]) -> dict[int, Exact] | None:
    """Each unknown in the middle of what the others leave to it; None where that leads nowhere."""
    trial = store
    for var in unknowns:
        if var in trial.solved:
            continue
        for value in solver.candidates(trial, var):
            after = solver.settled(trial, var, value)
            if after is not None:
                trial = after
                break
        else:
            return None
    if trial.definitions:
        return None
    values = {var: trial.resolve(Unknown(((var, 1),), 0, var in trial.ints)) for var in unknowns}
    return {var: value for var, value in values.items() if not isinstance(value, Unknown)}
