"""The index of the rules: what is measured is there, true as far as can be told at once, and shown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest
from traces import ECHO, ROOT

from netoracle import check
from netoracle.coverage import measured, picture
from netoracle.coverage.index import chapters, entries
from netoracle.coverage.measure import by_rule, places_of_rules
from netoracle.coverage.measured import Place, RuleTests, TraceRun, Witnesses
from netoracle.coverage.page import page
from netoracle.coverage.reasons import parse, problems
from netoracle.trace.capture.recognise import is_capture
from netoracle.trace.finding import traces_in
from netspec.tcp.rule import RULES

REGENERATE = "run `make rules`"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, cwd=ROOT, check=False
    )


def cannot_hold(name: str) -> bool:
    reason = measured.reasons().get(name)
    return reason is not None and parse(reason).category == "never"


# -- what is measured ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_each_rule_has_a_test_that_it_allows_and_one_that_it_forbids(name):
    tests = measured.tests().get(name, RuleTests())
    assert tests.forbidding.examples, REGENERATE
    assert bool(tests.allowing.examples) != cannot_hold(name), REGENERATE


def test_the_tests_that_are_named_exist_and_do_what_is_said_of_them(tmp_path):
    """Every first example is run again."""
    named = {
        (name, kind): tested.examples[0]
        for name, tests in measured.tests().items()
        for kind, tested in (("allowed", tests.allowing), ("forbidden", tests.forbidding))
        if tested.examples
    }
    record = tmp_path / "record.json"
    done = run("-m", "pytest", "-p", "no:cacheprovider", "--rule-coverage", str(record), *sorted(set(named.values())))
    assert done.returncode == 0, f"{REGENERATE}\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
    seen = json.loads(record.read_text())
    assert [(rule, kind, test) for (rule, kind), test in named.items() if rule not in seen[test][kind]] == []


def test_nothing_is_measured_of_rules_that_there_are_not():
    of_traces = {name for run in measured.traces() for name in run.rules}
    assert (of_traces | set(measured.tests()) | set(measured.places())) - set(RULES) == set(), REGENERATE


def test_every_shipped_trace_is_measured():
    measured_names = {run.name for run in measured.traces() if run.origin == "shipped"}
    there = {
        path.relative_to(ROOT / "traces").as_posix() for path in traces_in(ROOT / "traces") if not is_capture(path)
    }
    assert there == measured_names, REGENERATE


def test_the_rules_of_a_trace_are_those_of_its_certificate():
    report = check(ECHO)
    name = ECHO.relative_to(ROOT / "traces").as_posix()
    (known,) = (run for run in measured.traces() if run.name == name)
    assert known.rules == Counter(step.rule for step in report.certificate.steps), REGENERATE
    assert (known.verdict, known.profile, known.labels) == ("conforms", "utcp", len(report.scenario.labels))


def test_a_trace_that_does_not_conform_exercises_nothing():
    assert {bool(run.rules) == (run.verdict == "conforms") for run in measured.traces()} == {True}


def test_every_rule_has_its_line_in_the_text_of_the_model():
    assert set(measured.places()) == set(RULES), "run `make rules HOL4='--hol4 main=FOLDER'`"
    assert {place.branch for place in measured.places().values()} == {text.branch for text in measured.texts()}


# -- reasons ------------------------------------------------------------------------------------


def test_there_is_a_true_reason_for_each_rule_that_no_trace_exercises_and_for_no_other():
    assert list(problems(RULES, measured.traces(), measured.reasons())) == []


def a_run(calls=(), **rules):
    return TraceRun("t", "shipped", "utcp", "conforms", 1, tuple(calls), rules)


def test_reasons_that_are_missing_superfluous_or_untrue_are_found():
    rules = {name: RULES[name] for name in ("accept_1", "dup_1", "send_9")}
    reasons = {"accept_1": "limit", "dup_1": "call: dup", "send_9": "udp"}
    assert list(problems(rules, (), reasons)) == []

    def found(runs=(), **changed):
        return [line.partition(":")[0] for line in problems(rules, runs, {**reasons, **changed})]

    assert found((a_run(accept_1=1),)) == ["accept_1"]
    assert found((a_run(calls=["dup"]),)) == ["dup_1"]
    assert found(dup_1="udp") == ["dup_1"]
    assert found(no_such_rule="never") == ["no_such_rule"]
    assert [line.partition(":")[0] for line in problems(rules, (), {"accept_1": "limit"})] == ["dup_1", "send_9"]
    with pytest.raises(ValueError, match="weather"):
        found(dup_1="weather: rain")


# -- measuring ----------------------------------------------------------------------------------


def test_tests_are_counted_and_those_that_say_most_of_a_rule_are_its_examples():
    record = {
        "both": {"allowed": ["a"], "forbidden": ["a"]},
        "many": {"allowed": ["a", "b"], "forbidden": []},
        "one": {"allowed": ["a"], "forbidden": []},
    }
    assert by_rule(record, ["a", "b", "c"]) == {
        "a": RuleTests(Witnesses(3, ("one", "many")), Witnesses(1, ("both",))),
        "b": RuleTests(Witnesses(1, ("many",)), Witnesses(0, ())),
    }


PROBE = """
import pytest
from socket_hosts import TAU, a_host, a_tcp, call
from support import Scripted
from aux_sockets import BSD
from netspec.base.choose import PremiseFailed
from netspec.base.base_types import FD
from netspec.tcp import lib_interface as lib
from netspec.tcp.rules.close import close_1, close_2, close_7
from netspec.tcp.rules.listen import listen_1

CLOSE = call(lib.close(FD(3)))

def test_calls():
    h = a_host(BSD, a_tcp())
    close_2(h, CLOSE, Scripted())
    for rule, lbl in ((close_7, CLOSE), (close_1, TAU), (listen_1, CLOSE)):
        with pytest.raises(PremiseFailed):
            rule(h, lbl, Scripted())

def test_fails():
    close_2(a_host(BSD, a_tcp()), CLOSE, Scripted())
    assert False
"""


def test_a_rule_forbids_only_with_a_label_that_it_can_carry_and_only_tests_that_pass_count(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    probe = tmp_path / "tests" / "test_probe.py"
    probe.write_text(PROBE)
    record = tmp_path / "record.json"
    options = ("-p", "no:cacheprovider", "-o", f"pythonpath={ROOT / 'tests' / 'spec'}", "--rootdir", str(tmp_path))
    done = run("-m", "pytest", *options, "--rule-coverage", str(record), str(probe))
    assert done.returncode == 1 and "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    (seen,) = json.loads(record.read_text()).values()
    assert seen == {"allowed": ["close_2"], "forbidden": ["close_7"]}


def test_lines_are_those_of_rules_outside_of_comments_and_of_the_first_branch_that_has_them(tmp_path):
    for branch, text in {
        "main": "(* (* no *)\n old_1 /* rp_tcp, x *)\n  a_1 /* rp_tcp, fast fail (* why *) */\n",
        "branch": "\n\n\n a_1 /* rp_tcp, x */\n b_1 /* rp_all, y */",
    }.items():
        (tmp_path / branch).mkdir()
        (tmp_path / branch / "TCP1_hostLTSScript.sml").write_text(text)
    branches = {branch: tmp_path / branch for branch in ("main", "branch")}
    places, texts = places_of_rules(branches, ["a_1", "b_1", "old_1"])
    assert places == {"a_1": Place("main", 3), "b_1": Place("branch", 5)}
    assert [text.branch for text in texts] == ["main", "branch"]


# -- showing ------------------------------------------------------------------------------------


def test_the_page_is_what_would_be_generated():
    assert (ROOT / "docs" / "rules.md").read_text() == page(), REGENERATE


def test_the_picture_has_a_row_for_each_chapter_and_a_column_for_each_rule():
    of = chapters(entries())
    lines = picture.text(of).splitlines()
    assert len(lines) == len(of)
    for line, chapter in zip(lines, of, strict=True):
        name, cells, *_ = line.split()
        assert (name, len(cells)) == (chapter.name, len(chapter.entries))
        assert [cell == "·" for cell in cells] == [not one.traces for one in chapter.entries]


def test_the_index_is_there_as_json():
    done = run("-m", "netoracle", "rules", "--json")
    index = json.loads(done.stdout)
    assert [rule["rule"] for rule in index["rules"]] == list(RULES)
    assert {name for rule in index["rules"] for name in rule["traces"]} <= set(index["traces"])
    (one,) = (rule for rule in index["rules"] if rule["rule"] == "accept_6")
    assert one == json.loads(run("-m", "netoracle", "rules", "accept_6", "--json").stdout)
    assert (one["protocol"], one["never_exercised"]["category"], one["traces"]) == ("rp_tcp", "limit", {})
    source = (ROOT / one["python"]["file"]).read_text().splitlines()[one["python"]["line"] - 1 :]
    assert source[0].startswith("@rule") and source[1].startswith("def accept_6(")


def test_a_rule_is_shown_with_its_sources_its_tests_its_traces_and_its_text():
    shown = run("-m", "netoracle", "rules", "accept_1").stdout
    for part in (
        "TCP1_hostLTSScript.sml, accept_1, line 1512",
        "accept.py:",
        "::test_accept_1",
        "echo-small",
        "def acc",
    ):
        assert part in shown
    assert "none. It needs every descriptor" in run("-m", "netoracle", "rules", "accept_6").stdout


def test_a_rule_that_there_is_not_is_met_with_those_near_it():
    done = run("-m", "netoracle", "rules", "acept_1")
    assert done.returncode == 2
    assert "acept_1" in done.stderr and "accept_1" in done.stderr and done.stderr.count("\n") == 1


def test_the_rules_of_captures_are_listed_and_shown():
    listed = json.loads(run("-m", "netoracle", "rules", "--json").stdout)["captures"]
    assert {"transmit", "answer_syn", "abort"} <= {one["name"] for one in listed}
    assert all(one["rfc"].startswith("RFC ") and one["model"] for one in listed)
    shown = run("-m", "netoracle", "rules", "transmit")
    assert shown.returncode == 0 and "deliver_out_1" in shown.stdout and "def transmit" in shown.stdout
