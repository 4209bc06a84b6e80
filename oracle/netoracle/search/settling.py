"""Settling what happened a while ago: values for the older unknowns of a state, so that a long trace stays small.

Most unknowns are moments and clocks, of which any value between their bounds would do.  What comes soon after narrows
them; what comes much later hardly does.  A value that turns out wrong costs a run, never a wrong one.
"""

from __future__ import annotations

from dataclasses import replace

from netoracle.search.state import State
from netoracle.symbolic import solver
from netoracle.symbolic.numbers import Exact
from netoracle.symbolic.store import Contradiction, Store
from netoracle.symbolic.structure import resolve


def settled(state: State, first: int, until: int) -> State | None:
    """The state once its unknowns from number `first` to before `until` have values; None where none are possible.

    Raises SolverGaveUp where z3 does not tell.
    """
    unknowns = [var for var in range(first, until) if var not in state.store.solved]
    if not unknowns:
        return state
    store = _by_propagation(state.store, unknowns)
    if store is None or not solver.feasible(store):
        store = _by_solver(state.store, unknowns)
    if store is None:
        return None
    host = resolve(state.host, store)
    remaining = None if state.remaining is None else store.resolve(state.remaining)
    return replace(state, host=host, store=store, remaining=remaining)


def _by_propagation(store: Store, unknowns: list[int]) -> Store | None:
    """Each unknown in the middle of what is left to it, the oldest first."""
    trial = store.copy()
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
    return trial


def _by_solver(store: Store, unknowns: list[int]) -> Store | None:
    values: dict[int, Exact] | None = solver.model(store)
    if values is None:
        return None
    trial = store.copy()
    try:
        for var in unknowns:
            if var not in trial.solved and var in values:
                trial.settle_on(var, values[var])
        trial.settle()
    except Contradiction:
        return None
    return trial
