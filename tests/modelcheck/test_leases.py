"""Claims about leases of any length."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest

from netoracle.modelcheck.leases import grace_needed, leases_apart, timers_in_order
from netoracle.modelcheck.result import Outcome


def test_default_timers_are_in_order_from_three_seconds_on() -> None:
    assert timers_in_order(shortest=3).outcome is Outcome.holds
    proof = timers_in_order()
    assert proof.outcome is Outcome.violated
    assert dict(proof.values) == {"lease": "2", "t1": "1", "t2": "1"}


def test_fixed_timers_are_out_of_order_for_leases_up_to_the_second() -> None:
    assert timers_in_order(1800, 75600).values["lease"] == "75600"
    assert timers_in_order(1800, 75600, shortest=75601).outcome is Outcome.holds


def test_equal_shares_are_never_in_order() -> None:
    assert timers_in_order(Fraction(1, 2), Fraction(1, 2), shortest=100).outcome is Outcome.violated


def test_leases_stay_apart_with_clocks_that_are_right() -> None:
    assert leases_apart(0, 0).outcome is Outcome.holds


@pytest.mark.parametrize(("drift", "longest"), [(50, 3600), (100, 86_400), (10_000, 7200)])
def test_the_grace_that_is_needed_is_the_least_one(drift: int, longest: int) -> None:
    grace = grace_needed(drift, longest)
    rate = Fraction(drift, 1_000_000)
    assert grace == -(-2 * rate * longest // (1 - rate))
    assert leases_apart(drift, grace, longest).outcome is Outcome.holds
    assert leases_apart(drift, grace - 1, longest).outcome is Outcome.violated


@pytest.mark.parametrize("drift", [-1, 1_000_000])
def test_clocks_have_to_go_forward(drift: int) -> None:
    with pytest.raises(ValueError, match="drift"):
        grace_needed(drift)


def test_the_solver_is_not_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, netoracle.modelcheck.leases, netoracle.modelcheck.systems as s, netoracle.modelcheck.check as c;"
        "c.check(s.model_of('dhcp', {'clients': 1, 'pool': 1})); sys.exit('z3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
