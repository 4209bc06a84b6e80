"""How many states a second are found, of the abstract DHCP network alone and judged by the rules of captures."""

from __future__ import annotations

import pytest

from netoracle.modelcheck.check import check
from netoracle.modelcheck.result import Outcome
from netoracle.modelcheck.systems import model_of

LOSING = {"clients": 2, "pool": 2, "loss": True}
INSTANCES = {
    "dhcp, 2 clients": ("dhcp", LOSING),
    "dhcp, 3 clients": ("dhcp", {"clients": 3, "pool": 2}),
    "dhcp, 2 clients that reboot": ("dhcp", {"clients": 2, "servers": 2, "pool": 1, "reboot": True}),
    "dhcp-judged, loss": ("dhcp-judged", {"clients": 1, "pool": 1, "relay": True, "loss": True}),
    "dhcp-late, loss": ("dhcp-late", {"clients": 1, "pool": 1, "relay": True, "loss": True}),
}


@pytest.mark.parametrize("name", INSTANCES)
def test_modelcheck(benchmark, name):
    system, options = INSTANCES[name]
    report = benchmark.pedantic(lambda: check(model_of(system, options)), rounds=3)
    assert report.outcome is Outcome.holds
    states = sum(one.distinct for one in report.searches)
    print(f"\n{name}: {states} states, {round(states / benchmark.stats.stats.median)} a second")
