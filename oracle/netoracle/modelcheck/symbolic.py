"""Claims about numbers of any size, settled by z3.  It is imported when the first claim is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from netoracle.modelcheck.result import Outcome

_MILLISECONDS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a claim holds for all values; where it is violated, values for which it fails."""

    claim: str
    outcome: Outcome
    values: Mapping[str, str]


def prove(text: str, assumptions: Sequence[Any], claim: Any, worst: Any = None) -> Proof:
    """Settle whether z3 formulas imply another.

    The counterexample is one with the greatest value of `worst`, where that is given.  `inconclusive` where z3
    gives up.
    """
    import z3

    solver = z3.Optimize() if worst is not None else z3.Solver()
    solver.set("timeout", _MILLISECONDS)
    solver.add(*assumptions, z3.Not(claim))
    if worst is not None:
        solver.maximize(worst)
    answer = solver.check()
    if answer == z3.unsat:
        return Proof(text, Outcome.holds, {})
    if answer != z3.sat:
        return Proof(text, Outcome.inconclusive, {})
    model = solver.model()
    return Proof(text, Outcome.violated, {str(one): str(model[one]) for one in sorted(model.decls(), key=str)})
