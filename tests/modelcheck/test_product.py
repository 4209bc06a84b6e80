"""The abstract network judged by the concrete rules: they allow all of it, and forbid deviations that show."""

from __future__ import annotations

import random
import re
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from concrete_faults import STRICTER
from seeding import Fault, seeded
from test_dhcp_network import named

from netoracle.dhcp.check import Checker, check_dhcp
from netoracle.dhcp.events import Event, events
from netoracle.dhcp.machines import Machines
from netoracle.modelcheck.check import check
from netoracle.modelcheck.instances import JUDGED, NOT_SHOWN, SHOWN, Instance
from netoracle.modelcheck.product import JudgedNetwork, Pair, Recorder, forbidden, noted
from netoracle.modelcheck.product_capture import capture, events_of
from netoracle.modelcheck.product_judge import VANTAGE
from netoracle.modelcheck.result import Outcome, Run
from netoracle.modelcheck.runfile import load_run, replay, write_run
from netoracle.modelcheck.systems import model_of
from netoracle.scenario import UsageError
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netspec.dhcp.abstract import server
from netspec.dhcp.abstract.deviations import DEVIATIONS

BUDGET = Budget(states=60_000, seconds=600)
ONE = {"clients": 1, "pool": 1}
SECONDS_EACH = [
    one
    for one in JUDGED
    if one.options.get("clients") == 1 and not {"loss", "duplicate", "conflict"} & one.options.keys()
]

Said = set[tuple[int, bool, int]]
"""What is said of a run: at which step, whether it is forbidden or only noted, and which requirement it is."""


def whole_name(instance: Instance) -> str:
    return f"{instance.system} {named(instance)}"


@pytest.mark.parametrize("instance", SECONDS_EACH, ids=whole_name)
def test_the_concrete_rules_allow_the_abstract_network(instance: Instance) -> None:
    report = check(model_of(instance.system, instance.options), None, BUDGET)
    assert {one.property.name: one.outcome for one in report.findings if one.outcome is not Outcome.holds} == {}
    assert report.searches[0].complete


@pytest.mark.parametrize("fault", STRICTER, ids=str)
def test_a_rule_that_is_too_strict_is_found(fault: Fault) -> None:
    with seeded(fault):
        assert check(model_of(fault.system, fault.options), ["allowed"], BUDGET).outcome is Outcome.violated


def test_there_are_enough_faults_and_they_differ() -> None:
    assert len({(fault.function, fault.old, fault.new) for fault in STRICTER}) == len(STRICTER) >= 15


def test_a_rule_is_as_it_was_after_a_seeded_fault() -> None:
    for fault in STRICTER:
        original = getattr(fault.module, fault.function)
        with seeded(fault):
            pass
        assert getattr(fault.module, fault.function) is original
    assert check(model_of("dhcp-allowed", ONE), ["allowed"], BUDGET).outcome is Outcome.holds


@pytest.mark.parametrize("instance", SHOWN, ids=whole_name)
def test_what_a_rule_says_of_a_deviation_it_says_of_the_capture_too(instance: Instance, tmp_path: Path) -> None:
    """The run that is found can be replayed from its file; written as a capture, the checker says the same of it."""
    model = model_of(instance.system, instance.options)
    (finding,) = check(model, instance.violated, BUDGET).findings
    assert finding.outcome is Outcome.violated and finding.run is not None
    recorded = tmp_path / "run.json"
    recorded.write_text(write_run(finding, instance.system, instance.options))
    assert replay(load_run(recorded), model_of(instance.system, instance.options)).run == finding.run
    file = tmp_path / "run.pcap"
    file.write_bytes(capture(events_of(finding.run, judged(model))))
    (report,) = check_dhcp(file)
    last = finding.run.steps[-1]
    assert {number for one in report.violations for number in one.requirements} == forbidden(last)
    assert report.verdict is (Verdict.violates if forbidden(last) else Verdict.conforms)
    assert forbidden(last) or noted(last) <= {one.requirement for party in report.parties for one in party.deviations}


def test_the_same_instances_without_a_deviation_are_allowed() -> None:
    for instance in SHOWN:
        options = {**instance.options, "profile": None}
        report = check(model_of(instance.system, options), instance.violated, Budget(states=2_000, seconds=600))
        assert report.outcome is not Outcome.violated, whole_name(instance)


def test_every_deviation_is_shown_or_said_to_show_in_no_capture() -> None:
    assert {one.options["profile"] for one in SHOWN} & DEVIATIONS.keys() == DEVIATIONS.keys() - NOT_SHOWN.keys()


@pytest.mark.parametrize("deviation", NOT_SHOWN)
def test_what_shows_in_no_capture_is_not_objected_to(deviation: str) -> None:
    options = {**ONE, "profile": deviation, "relay": deviation == "relayed_refused"}
    assert check(model_of("dhcp-judged", options), ["allowed", "unremarked"], BUDGET).outcome is Outcome.holds


def test_two_holders_of_one_address_are_forbidden() -> None:
    """A server that takes an address back while its lease runs (RFC 2131, 2.2)."""
    fault = Fault(server, "server_reclaims", "and binding.left == 0", "")
    with seeded(fault):
        (finding,) = check(model_of("dhcp-allowed", {"clients": 2, "pool": 1}), ["allowed"], BUDGET).findings
    assert finding.run is not None
    assert forbidden(finding.run.steps[-1]) == {93}


STARTS = {"reboot": True, "forget": True, "restart": True}
RANDOM = (
    ("dhcp-judged", {"clients": 2, "pool": 2, "loss": True, "release": True, "conflict": True}),
    ("dhcp-judged", {"clients": 2, "pool": 2, "loss": True, "duplicate": True, "reorder": True, "delay": 1}),
    ("dhcp-judged", {"clients": 1, "servers": 2, "pool": 1, "loss": True, "impatient": True, "delay": 1}),
    ("dhcp-judged", {"clients": 2, "pool": 2, "loss": True, "relay": True}),
    ("dhcp-judged", {"clients": 2, "pool": 2, "loss": True, "release": True, "conflict": True} | STARTS),
    ("dhcp-judged", {"clients": 2, "pool": 2, "loss": True, "relay": True} | STARTS),
    ("dhcp-judged", {"clients": 2, "pool": 1, "restart": True, "profile": "leases_forgotten"}),
    ("dhcp-late", {"clients": 2, "servers": 2, "pool": 1, "relay": True, "duplicate": True} | STARTS),
    ("dhcp-judged", {"clients": 2, "pool": 1, "conflict": True, "profile": "charrua-server", "delay": 1}),
    ("dhcp-judged", {"clients": 2, "pool": 2, "conflict": True, "profile": "charrua-client-3.1"}),
    ("dhcp-judged", {"clients": 2, "pool": 1, "profile": "charrua-client-3.2.1", "delay": 1, "loss": True}),
    ("dhcp-late", {"clients": 2, "servers": 2, "pool": 1, "loss": True, "delay": 1}),
    ("dhcp-behind", {"clients": 2, "servers": 2, "pool": 1, "duplicate": True, "delay": 1}),
)
"""Systems with all that may happen, and such in which much is objected to."""


@pytest.mark.parametrize(("system", "options"), RANDOM)
def test_the_judge_says_of_random_runs_what_the_checker_says_of_their_captures(
    system: str, options: dict[str, Any], tmp_path: Path
) -> None:
    """What the judge forgets and how it is put together change nothing; back-off (27) it leaves out."""
    model = model_of(system, options)
    messages = 0
    for seed in range(8):
        run = random_run(judged(model), seed, 100)
        file = tmp_path / "run.pcap"
        file.write_bytes(capture(events_of(run, judged(model))))
        seen = list(events(read_frames(str(file))))
        expected = {one for one in checked(run, judged(model), seen) if one[2] != 27}
        said = judge_says(run)
        if system != "dhcp-judged":
            # What is only noted is not looked at.
            expected, said = ({one for one in both if one[1]} for both in (expected, said))
        assert said == expected, seed
        messages += len(seen)
    assert messages > 200


def judged(model: Any) -> JudgedNetwork:
    assert isinstance(model.system, JudgedNetwork)
    return model.system


def random_run(system: JudgedNetwork, seed: int, length: int) -> Run[Pair]:
    """A run that lets time pass rarely."""
    chance = random.Random(seed)
    states, steps = [chance.choice(list(system.initial()))], []
    for _ in range(length):
        possible = list(system.successors(states[-1]))
        eager = [one for one in possible if one[0].rule != "time_passes"]
        step, after = chance.choice(eager if eager and chance.random() < 0.8 else possible)
        steps.append(step)
        states.append(after)
    return Run(tuple(states), tuple(steps))


def judge_says(run: Run[Pair]) -> Said:
    marks = [re.findall(r"(forbidden|noted) by (\d+) ", step.detail) for step in run.steps]
    return {(at, kind == "forbidden", int(number)) for at, found in enumerate(marks) for kind, number in found}


def checked(run: Run[Pair], system: JudgedNetwork, seen: list[Event]) -> Said:
    """What the checker says, by the step that the frame is of."""
    moves = (
        next(move for move in system.moves(before) if (move.step, move.after) == (step, after))
        for before, step, after in zip(run.states, run.steps, run.states[1:], strict=False)
    )
    step_of = list(chain.from_iterable(repeat(at, len(move.events)) for at, move in enumerate(moves)))
    assert len(step_of) == len(seen)
    whole = system.recorder is Recorder.whole
    checker = Checker(Machines("rfc2131", lossy=not whole, complete=whole), VANTAGE)
    for event in seen:
        checker.take(event)
    said: Said = set()
    for report in checker.reports():
        said |= {(step_of[one.frame - 1], True, number) for one in report.violations for number in one.requirements}
        said |= {(step_of[one.frame - 1], False, one.requirement) for one in report.deviations}
    return said


def test_what_may_take_too_long_cannot_be_judged() -> None:
    for options in ({"any_delay": True}, {"delay": 6}, {"delay": 3, "relay": True}):
        with pytest.raises(UsageError, match="delay"):
            model_of("dhcp-judged", options)
