"""What the checker finds in systems small enough to see by eye."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toys import Alike, Drawn, Locking, Mutex, exclusive

from netoracle.modelcheck.check import check
from netoracle.modelcheck.encoding import Encoder, collision_chance
from netoracle.modelcheck.result import Outcome
from netoracle.modelcheck.runfile import RunError, load_run, replay, shows, write_run
from netoracle.modelcheck.system import (
    Fairness,
    Invariant,
    LeadsTo,
    Model,
    NoDeadlock,
    Sometimes,
    Step,
    StepInvariant,
)
from netoracle.search.budget import Budget

DETOUR = Drawn(
    {"a": (("long", "b"), ("short", "d")), "b": (("on", "c"),), "c": (("on", "bad"),), "d": (("on", "bad"),)}
)


def rules(steps: tuple[Step, ...]) -> list[str]:
    return [step.rule for step in steps]


def not_bad(state: str) -> bool:
    return state != "bad"


def test_a_violated_invariant_comes_with_a_shortest_run() -> None:
    finding = check(Model("", DETOUR, (Invariant("safe", "", not_bad),))).finding("safe")
    assert finding.outcome is Outcome.violated
    assert finding.run is not None
    assert finding.run.states == ("a", "d", "bad")
    assert rules(finding.run.steps) == ["short", "on"]


def test_an_invariant_that_holds_was_checked_in_every_state() -> None:
    report = check(Model("", DETOUR, (Invariant("short_names", "", lambda state: len(state) <= 3),)))
    assert report.outcome is Outcome.holds
    assert (report.searches[0].distinct, report.searches[0].generated, report.searches[0].depth) == (5, 5, 2)
    assert report.searches[0].complete


def test_an_invariant_that_fails_at_the_start_has_a_run_without_steps() -> None:
    run = check(Model("", DETOUR, (Invariant("never", "", lambda state: state != "a"),))).finding("never").run
    assert run is not None
    assert (run.states, run.steps) == (("a",), ())


def test_a_step_invariant_is_judged_also_where_the_step_leads_to_a_known_state() -> None:
    system = Drawn({"a": (("go", "b"),), "b": (("back", "a"),)})
    finding = check(
        Model("", system, (StepInvariant("no_return", "", lambda before, step, after: step.rule != "back"),))
    ).finding("no_return")
    assert finding.run is not None
    assert finding.run.states == ("a", "b", "a")


def test_a_witness_is_a_run_and_what_cannot_be_reached_is_said() -> None:
    report = check(
        Model(
            "",
            DETOUR,
            (Sometimes("c", "", lambda state: state == "c"), Sometimes("z", "", lambda state: state == "z")),
        )
    )
    reached = report.finding("c").run
    assert reached is not None
    assert reached.states == ("a", "b", "c")
    assert report.finding("z").outcome is Outcome.violated


def test_deadlock_is_found_but_not_where_the_system_may_end() -> None:
    finding = check(Model("", DETOUR, (NoDeadlock(),))).finding("no_deadlock")
    assert finding.run is not None
    assert finding.run.states[-1] == "bad"
    ending = NoDeadlock(may_end=lambda state: state == "bad")
    assert check(Model("", DETOUR, (ending,))).outcome is Outcome.holds


def leads(system: Drawn, fairness: Fairness) -> LeadsTo[str]:
    return LeadsTo("served", "", lambda state: state == "a", lambda state: state == "goal", fairness)


SPIN = Drawn({"a": (("spin", "b"), ("serve", "goal")), "b": (("spin", "a"), ("serve", "goal"))})
BLINK = Drawn({"a": (("spin", "b"),), "b": (("spin", "a"), ("serve", "goal"))})


def always(action: str) -> bool:
    return action == "serve"


@pytest.mark.parametrize(
    ("system", "fairness", "outcome"),
    [
        (SPIN, Fairness(), Outcome.violated),
        (SPIN, Fairness(weak=always), Outcome.holds),
        (BLINK, Fairness(weak=always), Outcome.violated),
        (BLINK, Fairness(strong=always), Outcome.holds),
    ],
    ids=["unfair", "weak where always enabled", "weak where enabled now and then", "strong"],
)
def test_leads_to_depends_on_fairness(system: Drawn, fairness: Fairness, outcome: Outcome) -> None:
    finding = check(Model("", system, (leads(system, fairness),))).finding("served")
    assert finding.outcome is outcome
    if outcome is Outcome.violated:
        run = finding.run
        assert run is not None
        assert run.loop == 0
        assert run.states == ("a", "b", "a")
        assert set(rules(run.steps)) == {"spin"}


def test_what_ceases_makes_no_loop() -> None:
    """A run goes through the step that ceases, and then round without it."""
    system = Drawn({"a": (("crash", "b"), ("serve", "goal")), "b": (("crash", "a"),)})
    ceasing = Fairness(strong=always, ceasing=lambda action: action == "crash")
    assert check(Model("", system, (leads(system, Fairness(strong=always)),))).outcome is Outcome.holds
    wanted = leads(system, Fairness())
    report = check(Model("", system, (wanted,)))
    run = report.finding("served").run
    assert report.outcome is Outcome.violated and run is not None
    finite = leads(system, Fairness(ceasing=ceasing.ceasing))
    assert check(Model("", system, (finite,))).outcome is Outcome.holds
    assert shows(wanted, Outcome.violated, run, Model("", system, (wanted,)))
    assert not shows(finite, Outcome.violated, run, Model("", system, (finite,)))
    spinning = Drawn({"a": (("crash", "b"), ("serve", "goal")), "b": (("spin", "b"), ("crash", "a"))})
    run = check(Model("", spinning, (leads(spinning, ceasing),))).finding("served").run
    assert run is not None and run.loop is not None
    assert rules(run.steps) == ["crash", "spin"]
    assert run.loop == 1


def test_a_loop_shows_that_it_is_fair() -> None:
    system = Drawn({"a": (("other", "b"), ("spin", "a")), "b": (("spin", "a"),)})
    wanted = leads(system, Fairness(weak=lambda action: action == "other"))
    run = check(Model("", system, (wanted,))).finding("served").run
    assert run is not None
    assert run.loop is not None
    assert "other" in rules(run.steps[run.loop :])


def test_a_fair_loop_may_go_back_to_the_first_state() -> None:
    system = Drawn({"a": (("tick", "b"),), "b": (("back", "a"), ("serve", "goal"))})
    wanted = leads(system, Fairness(weak=lambda action: action in ("tick", "back")))
    run = check(Model("", system, (wanted,))).finding("served").run
    assert run is not None
    assert set(rules(run.steps)) == {"tick", "back"}


def test_leads_to_is_violated_by_a_run_that_ends() -> None:
    system = Drawn({"a": (("drop", "end"), ("serve", "goal"))})
    run = check(Model("", system, (leads(system, Fairness()),))).finding("served").run
    assert run is not None
    assert (run.states, run.loop) == (("a", "end"), None)


def test_leads_to_heeds_what_comes_after_the_goal() -> None:
    """The state before holds again after the goal, and from there a run stays away."""
    system = Drawn({"s": (("go", "goal"),), "goal": (("again", "a"),), "a": (("spin", "a"),)}, start="s")
    run = check(Model("", system, (leads(system, Fairness()),))).finding("served").run
    assert run is not None
    assert run.states == ("s", "goal", "a", "a")


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("exact", [True, False])
def test_symmetry_and_fingerprints_change_the_cost_and_not_the_outcome(guarded: bool, exact: bool) -> None:
    properties = (Invariant("exclusive", "", exclusive), NoDeadlock())
    plain = check(Model("", Locking(3, guarded), properties), exact=exact)
    less = check(Model("", Locking(3, guarded), properties, symmetry=Alike(3)), exact=exact)
    assert [one.outcome for one in plain.findings] == [one.outcome for one in less.findings]
    assert plain.outcome is (Outcome.holds if guarded else Outcome.violated)
    assert less.searches[0].distinct < plain.searches[0].distinct
    assert (plain.searches[0].collision == 0) is exact
    runs = [report.finding("exclusive").run for report in (plain, less)]
    if not guarded:
        assert runs[0] is not None
        assert runs[1] is not None
        assert len(runs[0].steps) == len(runs[1].steps)


def test_a_run_found_up_to_symmetry_is_one_of_the_system() -> None:
    model = Model("", Locking(3, False), (Invariant("exclusive", "", exclusive),), symmetry=Alike(3))
    run = check(model).finding("exclusive").run
    assert run is not None
    for before, step, after in zip(run.states, run.steps, run.states[1:], strict=False):
        assert (step, after) in set(model.system.successors(before))


@pytest.mark.parametrize(("fair", "outcome"), [(("0", "1", "2"), Outcome.holds), (("1", "2"), Outcome.violated)])
@pytest.mark.parametrize("guarded", [True, False])
def test_the_unfolded_graph_is_that_of_all_states(fair: tuple[str, ...], outcome: Outcome, guarded: bool) -> None:
    """A property about one party has the same outcome with and without their symmetry, and a run of the system."""
    served: LeadsTo[Mutex] = LeadsTo(
        "served",
        "",
        lambda state: state.processes[0].at == "wait",
        lambda state: state.processes[0].at == "in",
        Fairness(strong=lambda action: action.split()[1] in fair),
    )
    plain = check(Model("", Locking(3, guarded), (served,)))
    less = check(Model("", Locking(3, guarded), (served,), symmetry=Alike(3)))
    assert plain.outcome is less.outcome is outcome
    (one,), (folded, other) = plain.searches, less.searches
    assert (one.distinct, one.generated, one.depth) == (other.distinct, other.generated, other.depth)
    assert folded.distinct < other.distinct
    model = Model("", Locking(3, guarded), (served,))
    for report in (plain, less):
        run = report.finding("served").run
        if run is not None:
            assert shows(served, Outcome.violated, run, model)
            for before, step, after in zip(run.states, run.steps, run.states[1:], strict=False):
                assert (step, after) in set(model.system.successors(before))


def test_the_boundary_is_said() -> None:
    model = Model(
        "",
        DETOUR,
        (Invariant("safe", "", not_bad), Sometimes("bad", "", lambda state: state == "bad"), NoDeadlock()),
        within=lambda state: state == "a",
    )
    report = check(model)
    assert report.finding("safe").outcome is Outcome.holds
    assert report.finding("safe").reason == "within the boundary of the instance"
    assert report.finding("bad").outcome is Outcome.inconclusive
    assert report.finding("no_deadlock").outcome is Outcome.holds
    assert report.searches[0].outside == 2


def test_a_budget_ends_in_inconclusive_but_keeps_what_was_found() -> None:
    properties = (Invariant("safe", "", not_bad), Sometimes("b", "", lambda state: state == "b"))
    report = check(Model("", DETOUR, properties), budget=Budget(states=3))
    assert report.finding("safe").outcome is Outcome.inconclusive
    assert report.finding("safe").reason == "the search ended after 3 states"
    assert report.finding("b").outcome is Outcome.holds
    assert report.outcome is Outcome.inconclusive


def test_equal_values_have_equal_encodings_and_others_do_not() -> None:
    encode = Encoder().encode
    assert encode(frozenset({1, 2, 3})) == encode(frozenset({3, 2, 1}))
    assert encode((1, (2,))) != encode((1, 2))
    assert encode(("a", "b")) != encode(("ab",))
    assert encode("1") != encode(1)
    assert encode(None) != encode(0)
    with pytest.raises(TypeError, match="list"):
        encode([1])


def test_collisions_are_estimated() -> None:
    assert collision_chance(1) == 0
    assert collision_chance(2**32) == pytest.approx(0.5, rel=1e-6)
    assert collision_chance(300_000) < 1e-8


def test_runs_are_written_read_and_replayed(tmp_path: Path) -> None:
    for model in (
        Model("detour", DETOUR, (Invariant("safe", "", not_bad),)),
        Model("spin", SPIN, (leads(SPIN, Fairness()),)),
    ):
        finding = check(model).findings[0]
        file = tmp_path / "run.json"
        file.write_text(write_run(finding, "toy", {"size": 1}))
        recorded = load_run(file)
        assert (recorded.system, recorded.options) == ("toy", {"size": 1})
        again = replay(recorded, model)
        assert again.run == finding.run


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content["steps"].pop(), "does not show"),
        (lambda content: content["steps"][0].update(rule="jump"), "step 1 .jump. is not a step"),
        (lambda content: content.update(initial="0" * 16), "not an initial state"),
        (lambda content: content.update(property="other"), "no property"),
        (lambda content: content.update(version=2), "version"),
        (lambda content: content.pop("steps"), "steps"),
        (lambda content: content.update(loop=9), "loop"),
    ],
)
def test_a_changed_run_is_refused(tmp_path: Path, change, message: str) -> None:  # type: ignore[no-untyped-def]
    model = Model("detour", DETOUR, (Invariant("safe", "", not_bad),))
    content = json.loads(write_run(check(model).findings[0], "toy", {}))
    change(content)
    file = tmp_path / "run.json"
    file.write_text(json.dumps(content))
    with pytest.raises(RunError, match=message):
        replay(load_run(file), model)


@pytest.mark.parametrize("text", ["", "[", "[1]", '"x"', "[" * 100_000])
def test_a_file_that_is_no_run_is_one_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(text)
    with pytest.raises(RunError):
        load_run(file)
