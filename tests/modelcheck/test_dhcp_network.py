"""The abstract DHCP network: what holds of the specification, and what each deviation breaks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from netoracle.modelcheck.check import check
from netoracle.modelcheck.instances import BEYOND, DEVIATING, SPECIFICATION, Instance
from netoracle.modelcheck.result import Outcome
from netoracle.modelcheck.runfile import load_run, replay, write_run
from netoracle.modelcheck.systems import model_of
from netoracle.scenario import UsageError
from netspec.dhcp.abstract.deviations import DEVIATIONS

SMALL = [one for one in SPECIFICATION if one.options.get("clients", 2) == 1 or len(one.options) < 3]


def named(instance: Instance) -> str:
    return " ".join(f"{key}={value}" for key, value in instance.options.items())


@pytest.mark.parametrize("instance", SMALL, ids=named)
def test_the_specification_has_its_properties(instance: Instance) -> None:
    report = check(model_of("dhcp", instance.options))
    assert {one.property.name: one.outcome for one in report.findings if one.outcome is not Outcome.holds} == {}
    assert all(search.complete for search in report.searches)


@pytest.mark.parametrize("instance", [*BEYOND, *DEVIATING], ids=named)
def test_what_is_violated_and_nothing_else_and_the_runs_can_be_replayed(instance: Instance, tmp_path: Any) -> None:
    model = model_of("dhcp", instance.options)
    report = check(model, instance.violated if instance.alone else None)
    violated = [one for one in report.findings if one.outcome is Outcome.violated]
    assert {one.property.name for one in violated} == set(instance.violated)
    for finding in violated:
        if finding.run is not None:
            file = tmp_path / "run.json"
            file.write_text(write_run(finding, "dhcp", instance.options))
            recorded = load_run(file)
            again = replay(recorded, model_of(recorded.system, recorded.options))
            assert again.run == finding.run


def test_every_deviation_has_a_counterexample() -> None:
    assert {one.options["profile"] for one in DEVIATING} >= set(DEVIATIONS)


def test_the_deviations_are_what_breaks() -> None:
    """The same instances without the profile have the properties that it breaks."""
    for instance in DEVIATING:
        options = {**instance.options, "profile": None}
        report = check(model_of("dhcp", options), instance.violated)
        assert report.outcome is Outcome.holds, named(instance)


def test_time_passes_only_while_no_lease_is_over() -> None:
    model = model_of("dhcp", {"clients": 1, "pool": 1})
    run = check(model, ["can_end"]).finding("can_end").run
    assert run is not None
    for before, after in pairwise(run.states):
        if before.clients[0].uses_address and before.clients[0].left == 0:
            assert not after.clients[0].uses_address


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("tcp", {}, "no system 'tcp'"),
        ("dhcp", {"clients": 0}, "clients: a number from 1 to 4"),
        ("dhcp", {"clients": True}, "clients: a number"),
        ("dhcp", {"clients": "2"}, "clients: a number"),
        ("dhcp", {"speed": 1}, "no option 'speed'"),
        ("dhcp", {"profile": "none"}, "no profile or deviation 'none'"),
        ("dhcp", {"profile": 3}, "profile: 3"),
        ("dhcp", {"loss": 1}, "loss: 1"),
    ],
)
def test_options_that_cannot_be_used_are_one_error(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        model_of(name, options)
