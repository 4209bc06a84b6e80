"""Single changes of conforming traces are detected, or certified as allowed too."""

from __future__ import annotations

import pytest
from traces import SHIPPED

from netoracle import Budget, Verdict, read_trace
from netoracle.certificate.replay import replay
from netoracle.mutation.mutants import kinds, mutants
from netoracle.oracle import check_scenario
from netoracle.scenario import prepare

SMALL = [path for path in SHIPPED if path.parent.name in ("active-refused", "active-peer-closes-first", "closed-port")]


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.parent.name)
def test_a_mutant_conforms_only_with_a_certificate(path):
    scenario = prepare(read_trace(str(path)), "utcp")
    detected, undecided = 0, []
    for mutant in mutants(scenario, seed=7, count=16):
        report = check_scenario(mutant.scenario, Budget(seconds=20))
        if report.verdict is Verdict.inconclusive:
            undecided.append((mutant.kind, mutant.what, report.reason))
        if report.verdict is Verdict.conforms:
            replay(report.certificate, mutant.scenario)
        detected += report.verdict is Verdict.violates
    # A silence of a day has more orders of twelve retransmissions in it than a budget lets one try.
    assert detected >= 8 and all("100000." in what for _, what, _ in undecided), undecided


def test_mutants_are_the_same_for_the_same_seed_and_differ_from_the_trace():
    scenario = prepare(read_trace(str(SMALL[0])), "utcp")
    first, again, other = (list(mutants(scenario, seed, 16)) for seed in (1, 1, 2))
    assert [one.what for one in first] == [one.what for one in again] != [one.what for one in other]
    assert all(one.scenario.labels != scenario.labels for one in first)
    assert {one.kind for one in first} <= set(kinds())
