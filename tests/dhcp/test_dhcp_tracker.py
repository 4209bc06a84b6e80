"""A party followed as a set of states, on a small machine made for the purpose."""

from dataclasses import dataclass
from fractions import Fraction

import pytest

from netoracle.dhcp.choosing import Recorded, TooManyOptions, every_way
from netoracle.dhcp.machine import Way
from netoracle.dhcp.result import Near, Party, PartyReport
from netoracle.dhcp.tracker import MOST_STATES, Tracker
from netoracle.search.search import Verdict
from netspec.base.choose import PremiseFailed, require


@dataclass
class Counter:
    """Hears `+` and counts; may only send the number that it counted."""

    growth: int = 1

    def starts(self):
        return [0]

    def sends(self, state, label):
        if label == state:
            yield Way("say", (), state, met=(7,), departures=((18, "at once"),) if state == 0 else ())
        else:
            yield Near("say", 33, "the number counted", f"{label}, not {state}")

    def hears(self, state, label):
        for step in range(1, self.growth + 1):
            yield Way("count", (("step", step),), state + step)


def tracker(certain=False, growth=1):
    report = PartyReport(Party("client", "x"))
    return Tracker(Counter(growth), report, certain, 1, Fraction(0)), report


def test_what_is_shown_may_have_been_missed():
    follow, report = tracker()
    for frame in (1, 2, 3):
        follow.heard("+", frame, Fraction(frame))
    assert sorted(follow.states) == [0, 1, 2, 3]
    assert follow.sent(2, 4, Fraction(4))
    follow.finish()
    assert report.verdict is Verdict.conforms
    assert [step.rule for step in report.steps] == ["start", "count", "count", "say"]


def test_at_the_host_it_was_received():
    follow, report = tracker(certain=True)
    follow.heard("+", 1, Fraction(1))
    assert follow.states == [1]
    assert not follow.sent(0, 2, Fraction(2))
    assert report.verdict is Verdict.violates


def test_a_violation_names_the_frame_the_requirement_and_what_was_found():
    follow, report = tracker()
    assert not follow.sent(5, 9, Fraction(0))
    (violation,) = report.violations
    assert (violation.frame, violation.requirements, violation.summary) == (9, (33,), "5, not 0")
    assert report.requirements[33].status == "violated"


def test_a_departure_counts_only_if_every_explanation_has_it_and_leaves_the_verdict():
    follow, report = tracker()
    follow.sent(0, 1, Fraction(0))
    assert [(one.frame, one.requirement) for one in report.deviations] == [(1, 18)]
    assert report.verdict is Verdict.conforms


def test_too_many_states_are_inconclusive():
    follow, report = tracker(growth=MOST_STATES)
    follow.heard("+", 1, Fraction(1))
    assert report.verdict is Verdict.inconclusive
    assert "possible states" in report.reasons[0]


def test_every_combination_of_choices_is_tried():
    def rule(choose):
        first = choose.boolean("a")
        require(first or choose.one_of("b", "xy") == "y")
        return first

    results = list(every_way(rule))
    assert [(dict(made), result) for made, result in results if not isinstance(result, PremiseFailed)] == [
        ({"a": False, "b": "y"}, False),
        ({"a": True}, True),
    ]


def test_a_wide_choice_is_not_guessed():
    with pytest.raises(TooManyOptions):
        list(every_way(lambda choose: choose.integer("xid", 0, 2**32 - 1)))


def test_recorded_choices_are_the_only_ones():
    recorded = Recorded([True])
    assert recorded.boolean("a")
    assert recorded.spent
    with pytest.raises(PremiseFailed):
        recorded.boolean("b")
