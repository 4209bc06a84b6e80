"""What docs/modelchecking.md says of the abstractions, as far as it can be tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from netoracle.modelcheck.check import check
from netoracle.modelcheck.dhcp import DhcpNetwork, dhcp_model
from netoracle.modelcheck.result import Outcome, Report
from netoracle.modelcheck.system import LeadsTo, Model, SometimesStep
from netoracle.modelcheck.systems import model_of
from netspec.dhcp.abstract import medium
from netspec.dhcp.abstract.composition import Network
from netspec.dhcp.abstract.medium import Faults, Medium
from netspec.dhcp.abstract.records import Message, Mode

STARTS = {"reboot": True, "forget": True, "restart": True}
TWO = {"clients": 2, "pool": 1}


def outcomes(report: Report[Any]) -> dict[str, Outcome]:
    return {one.property.name: one.outcome for one in report.findings}


def lengths(report: Report[Any]) -> dict[str, int | None]:
    return {one.property.name: None if one.run is None else len(one.run.steps) for one in report.findings}


def network(model: Model[Any]) -> DhcpNetwork:
    assert isinstance(model.system, DhcpNetwork)
    return model.system


@pytest.mark.parametrize(
    "options",
    [
        {"clients": 3, "pool": 1, "loss": True},
        {"clients": 3, "pool": 1, "reboot": True},
        {"clients": 2, "pool": 2, "conflict": True, "release": True},
        {"clients": 2, "pool": 2, "relay": True},
        TWO | {"duplicate": True, "reorder": True},
        TWO | {"delay": 1, "conflict": True} | STARTS,
        {"profile": "offers_not_reserved"},
        {"profile": "expired_leases_kept"},
        TWO | {"profile": "lease_never_ends"},
        TWO | {"profile": "leases_forgotten", "restart": True},
    ],
    ids=str,
)
def test_symmetry_changes_nothing_but_the_cost(options: dict[str, Any]) -> None:
    model = model_of("dhcp", options)
    folded, plain = check(model), check(replace(model, symmetry=None))
    assert outcomes(folded) == outcomes(plain)
    assert lengths(folded) == lengths(plain)
    unfolded, whole = folded.searches[-1], plain.searches[-1]
    assert (unfolded.distinct, unfolded.generated, unfolded.depth) == (whole.distinct, whole.generated, whole.depth)
    assert folded.searches[0].distinct < whole.distinct


@pytest.mark.parametrize(
    ("system", "options"),
    [
        ("dhcp", {"loss": True}),
        ("dhcp", TWO | STARTS),
        ("dhcp-judged", {"clients": 1, "pool": 1, "relay": True}),
        ("dhcp-late", {"clients": 1, "pool": 1, "reboot": True}),
    ],
)
def test_whole_states_are_as_many_as_fingerprints(system: str, options: dict[str, Any]) -> None:
    exact, compact = (check(model_of(system, options), exact=exact) for exact in (True, False))
    assert outcomes(exact) == outcomes(compact)
    found = [[(one.distinct, one.generated, one.depth) for one in report.searches] for report in (exact, compact)]
    assert found[0] == found[1]


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize(
    "options",
    [
        TWO,
        TWO | {"delay": 1},
        TWO | {"reboot": True},
        TWO | {"release": True, "forget": True},
        TWO | {"drift": 1, "grace": 1},
        TWO | {"drift": 1},
        TWO | {"delay": 1, "profile": "lease_from_ack_arrival"},
        {"clients": 1, "pool": 1, "delay": 2, "profile": "expired_leases_acked"},
        {"clients": 1, "pool": 1, "loss": True, "duplicate": True, "delay": 1},
        {"clients": 1, "pool": 1, "loss": True, "delay": 1, "reboot": True},
    ],
    ids=str,
)
def test_finer_ticks_change_no_verdict(options: dict[str, Any], factor: int) -> None:
    model = model_of("dhcp", options)
    setting = network(model).setting
    names = ("lease", "t1", "t2", "hold", "patience", "grace", "drift")
    longer = {name: factor * getattr(setting.parameters, name) for name in names}
    assert setting.faults.delay is not None
    faults = setting.faults._replace(delay=factor * setting.faults.delay)
    finer = dhcp_model(setting._replace(parameters=setting.parameters._replace(**longer), faults=faults))
    assert outcomes(check(finer)) == outcomes(check(model))


def lost_anywhere(now: Medium, faults: Faults) -> tuple[tuple[Message, Medium], ...]:
    rests = {now[:at] + now[at + 1 :]: message for at, message in enumerate(now)}
    return tuple((message, rest) for rest, message in rests.items()) if faults.loss else ()


@pytest.mark.parametrize(
    "options",
    [
        {"loss": True},
        TWO | {"loss": True, "relay": True},
        TWO | {"loss": True, "delay": 1},
        {"clients": 1, "servers": 2, "pool": 1, "loss": True, "delay": 1},
        TWO | {"loss": True} | STARTS,
    ],
    ids=str,
)
def test_losing_messages_behind_others_breaks_nothing_that_must_hold(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of("dhcp", options)
    safety = [one.name for one in model.properties if not isinstance(one, LeadsTo)]
    in_turn = check(model, safety)
    monkeypatch.setattr(medium, "losses", lost_anywhere)
    anywhere = check(model, safety)
    assert outcomes(anywhere) == outcomes(in_turn)
    assert anywhere.searches[0].distinct >= in_turn.searches[0].distinct


def test_every_way_to_start_again_is_taken() -> None:
    """A client that starts again is acknowledged, refused, kept waiting, and ends up with or without its lease."""
    model = model_of("dhcp", TWO | {"loss": True} | STARTS)

    def refused(before: Network, step: Any, after: Network) -> bool:
        modes = {one.mode for one, other in zip(before.clients, after.clients, strict=True) if one != other}
        return step.rule == "client_is_refused" and Mode.REBOOTING in modes

    rules = ("client_reboots", "client_forgets", "client_asks_again", "client_resumes", "client_keeps_lease")
    rules += ("server_restarts", "server_confirms", "server_denies", "server_is_silent")
    taken = tuple(SometimesStep(rule, "", lambda _, step, __, rule=rule: step.rule == rule) for rule in rules)
    report = check(replace(model, properties=(*taken, SometimesStep("refused", "", refused))))
    assert {name for name, outcome in outcomes(report).items() if outcome is not Outcome.holds} == set()
