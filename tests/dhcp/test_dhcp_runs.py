"""The set of possible states: merging, settling, and runs that stay whole."""

from netoracle.dhcp.runs import Runs


def test_equal_states_are_merged_and_keep_the_first_run():
    runs = Runs([("a", None), ("b", None)])
    runs.advance([("a", "1", "c"), ("b", "2", "c")])
    assert list(runs) == ["c"]
    assert runs.any_run() == ["1"]


def test_a_step_not_taken_keeps_the_run_before():
    runs = Runs([("a", None)])
    runs.advance([("a", None, "a"), ("a", "heard", "b")])
    assert sorted(runs) == ["a", "b"]
    assert runs.settled() == []
    runs.advance([("b", "sent", "c")])
    assert runs.settled() == ["heard", "sent"]


def test_only_what_all_runs_share_is_settled_and_the_rest_stays():
    runs = Runs([("a", None)])
    runs.advance([("a", "1", "b")])
    runs.advance([("b", "2", "c"), ("b", "3", "d")])
    assert runs.settled() == ["1"]
    assert runs.settled() == []
    runs.advance([("d", "4", "e")])
    assert runs.settled() == ["3", "4"]


def test_settling_keeps_no_more_than_what_is_open():
    runs = Runs([("a", None)])
    handed_out = 0
    for n in range(1000):
        runs.advance([(next(iter(runs)), str(n), "a")])
        handed_out += len(runs.settled())
    assert handed_out == 1000
    assert runs.any_run() == []


def test_a_run_begins_with_its_start():
    runs = Runs([("a", "start a"), ("b", "start b")])
    runs.advance([("b", "1", "c")])
    assert runs.settled() == ["start b", "1"]
