"""Every seeded fault of the abstract DHCP specification is noticed by a property that holds without it."""

from __future__ import annotations

import pytest
from faults import FAULTS
from seeding import Fault, seeded

from netoracle.modelcheck.check import check
from netoracle.modelcheck.result import Outcome
from netoracle.modelcheck.systems import model_of
from netoracle.search.budget import Budget

BUDGET = Budget(states=150_000, seconds=60)


def outcome(fault: Fault) -> Outcome:
    return check(model_of("dhcp", fault.options), [fault.noticed], BUDGET).findings[0].outcome


def test_there_are_enough_faults_and_they_differ() -> None:
    assert len({(fault.function, fault.new) for fault in FAULTS}) == len(FAULTS) >= 15


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_fault_is_noticed(fault: Fault) -> None:
    assert outcome(fault) is Outcome.holds
    with seeded(fault):
        assert outcome(fault) is Outcome.violated
    assert outcome(fault) is Outcome.holds, "the fault stays after the test"
