"""Errata on the command line, in certificates, and in what a report says of its verdict."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from traces import ECHO, ROOT, netsem

import netoracle.report.trace_view  # noqa: F401 (it enters its view)
from netoracle import Budget, Verdict, check
from netoracle.certificate.model import CertificateError, read_certificate, to_json
from netoracle.certificate.replay import Refused, replay
from netoracle.commands.correcting import BEGIN, END, to_markdown
from netoracle.errata import TRIED_AT_MOST, Asked, ErratumEffect
from netoracle.report.errata import in_sentences
from netoracle.report.html import to_html
from netoracle.report.json_report import to_object
from netoracle.report.junit import to_junit
from netoracle.report.view import view
from netoracle.scenario import Switches, UsageError
from netspec.profiles import PROFILES
from netspec.tcp.errata import ERRATA

HOST = """\
initial_host (IP 192 168 0 12) (TID 1) (FreeBSD_4_6_RELEASE) T []
  [(LO, <| ipset := {IP 127 0 0 1}; primary := IP 127 0 0 1; netmask := NETMASK 8; up := T |>)]
  [<| destination_ip := IP 127 0 0 1; destination_netmask := NETMASK 8; ifid := LO |>]
  initial_ticker_count initial_ticker_remdr
abstime 1095693084 0
"""
BAD_DESCRIPTOR = """\
Lh_call(TID 1, pselect([FD 99], [], [], SOME(0, 0), NONE));
Lh_return(TID 1, OK([FD 99], ([], [])));
"""
"""Only the corrected pselect_1 allows this."""

ANY_ERROR = """\
Lh_call(TID 1, dupfd(FD 3, ~1));
Lh_return(TID 1, FAIL(ENOMEM));
"""
"""The text of dupfd_3 allows this; corrected it does not."""

EBADF = ANY_ERROR.replace("ENOMEM", "EBADF")
"""Both allow this."""

BSD_BAD, NUMBER, NONE_FREE = "bad-descriptors-on-bsd", "dupfd-number", "dupfd-none-free"


@pytest.fixture
def trace(tmp_path):
    def write(labels: str):
        path = tmp_path / "a.hol"
        path.write_text(HOST + labels)
        return path

    return write


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netoracle", *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


# -- profiles ---------------------------------------------------------------------------------------


def test_a_profile_is_switched_and_says_so():
    utcp = PROFILES["utcp"]
    switched = utcp.switched([NUMBER], ["challenge acknowledgements"])
    assert switched.title == f"utcp with {NUMBER} without challenge acknowledgements"
    assert switched.arch.deviations == (utcp.arch.deviations | {NUMBER}) - {"challenge acknowledgements"}
    assert {deviation.name for deviation in switched.deviations} == switched.arch.deviations
    assert switched.switched(off=[NUMBER]).title == "utcp without challenge acknowledgements"
    assert utcp.title == utcp.switched(off=[NUMBER]).title == "utcp"


def test_an_erratum_that_a_profile_applies_can_be_switched_off_and_on_again():
    utcp, name = PROFILES["utcp"], "retransmission-in-close-wait"
    without = utcp.switched(off=[name])
    assert (without.off, name in without.arch.deviations) == ((name,), False)
    again = without.switched(on=[name])
    assert (again.on, again.off, again.arch) == ((), (), utcp.arch)


@pytest.mark.parametrize(("on", "off"), [(["no such"], []), ([], ["no such"]), ([NUMBER], [NUMBER])])
def test_a_profile_refuses_other_names_and_contradictions(on, off):
    with pytest.raises(ValueError, match=r"no such|both on and off"):
        PROFILES["freebsd-4.6"].switched(on, off)


def test_a_deviation_of_another_profile_is_none_of_this_one(trace):
    with pytest.raises(UsageError, match="challenge acknowledgements"):
        check(trace(EBADF), switches=Switches(on=("challenge acknowledgements",)))


# -- the command line -------------------------------------------------------------------------------


def test_the_errata_are_listed():
    listed = run("errata")
    assert listed.returncode == 0
    assert all(name in listed.stdout for name in ERRATA)
    objects = json.loads(run("errata", "--json").stdout)
    assert [one["name"] for one in objects] == list(ERRATA)
    of_utcp = next(one for one in objects if one["name"] == "retransmission-in-close-wait")
    assert "utcp" in of_utcp["profiles"] and of_utcp["default"] is False


def test_an_erratum_is_shown_in_full():
    erratum = ERRATA[NUMBER]
    shown = " ".join(run("errata", NUMBER).stdout.split())
    for text in (*erratum.places, erratum.says, erratum.right, erratum.evidence):
        assert text in shown
    assert json.loads(run("errata", NUMBER, "--json").stdout)["says"] == erratum.says


def test_an_unknown_erratum_is_named_with_those_near_it():
    done = run("errata", "dupfd-numbers")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert NUMBER in done.stderr


def test_the_page_has_the_table_that_would_be_generated():
    page = (ROOT / "docs" / "errata.md").read_text()
    table = page[page.index(BEGIN) : page.index(END) + len(END)]
    assert table == to_markdown(list(ERRATA.values())), "print it with: netoracle errata --markdown"
    assert run("errata", "--markdown").stdout == table + "\n"


@pytest.mark.parametrize("switch", ["--with", "--without"])
@pytest.mark.parametrize("command", ["check", "explain", "verify", "reproduce", "mutants"])
def test_an_unknown_name_ends_in_one_line_and_status_2(trace, tmp_path, command, switch):
    path = trace(EBADF)
    arguments: list[object] = [path]
    if command == "verify":
        certificate = tmp_path / "run.json"
        certificate.write_text(to_json(check(path).certificate))
        arguments = [certificate, path]
    if command == "reproduce":
        arguments += ["--recorded", tmp_path]
    done = run(command, *arguments, switch, "no-such-name")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "no-such-name" in done.stderr and "Traceback" not in done.stderr


def test_check_and_explain_apply_what_is_switched(trace):
    path = trace(BAD_DESCRIPTOR)
    for command in ("check", "explain"):
        assert run(command, path).returncode == 1
        done = run(command, path, "--with", BSD_BAD)
        assert done.returncode == 0 and f"freebsd-4.6 with {BSD_BAD}" in done.stdout
    several = run("check", trace(ANY_ERROR), "--with", BSD_BAD, "--with", NUMBER)
    assert several.returncode == 1 and f"with {BSD_BAD}, {NUMBER}" in several.stdout


def test_reproduce_and_mutants_apply_what_is_switched(trace, tmp_path):
    path = trace(BAD_DESCRIPTOR)
    assert "violates" in run("reproduce", path, "--recorded", tmp_path).stdout
    assert "conforms" in run("reproduce", path, "--recorded", tmp_path, "--with", BSD_BAD).stdout
    assert run("mutants", path, "--count", "4").returncode == 2
    assert run("mutants", path, "--count", "4", "--with", BSD_BAD).returncode == 0


# -- certificates -----------------------------------------------------------------------------------


def test_a_certificate_is_verified_under_what_was_switched(trace, tmp_path):
    path, certificate = trace(BAD_DESCRIPTOR), tmp_path / "run.json"
    assert run("check", path, "--with", BSD_BAD, "--certificate", certificate).returncode == 0
    verified = run("verify", certificate, path)
    assert verified.returncode == 0 and f"with {BSD_BAD}" in verified.stdout
    assert run("verify", certificate, path, "--with", BSD_BAD).returncode == 0
    assert run("verify", certificate, path, "--with", NUMBER).returncode == 1


def test_what_was_switched_cannot_be_changed_in_a_certificate(trace, tmp_path):
    path = trace(BAD_DESCRIPTOR)
    report = check(path, switches=Switches(on=(BSD_BAD,)))
    other = check(trace(EBADF), switches=Switches(on=(BSD_BAD, NUMBER)))
    for names in ((), (NUMBER,), (BSD_BAD, NUMBER)):
        changed = replace(report.certificate, on=names)
        with pytest.raises(Refused):
            replay(changed, report.scenario)
        switched = check(path, switches=Switches(on=names), errata=False).scenario
        with pytest.raises(Refused):
            replay(changed, switched)
    assert to_object(other)["with"] == [BSD_BAD, NUMBER]


@pytest.mark.parametrize("value", ['"all"', "[1]", "{}", "null"])
def test_a_certificate_has_lists_of_names(tmp_path, value):
    path = tmp_path / "run.json"
    report = check(ROOT / "traces" / "utcp" / "closed-port" / "utcp-trace.log")
    text = to_json(report.certificate)
    assert '"with": []' in text
    path.write_text(text.replace('"with": []', f'"with": {value}'))
    with pytest.raises(CertificateError, match="lists of names"):
        read_certificate(path)


# -- what a verdict owes to errata ------------------------------------------------------------------


def test_a_run_depends_on_the_errata_that_it_needs(trace):
    on = Switches(on=(BSD_BAD, NUMBER))
    report = check(trace(BAD_DESCRIPTOR), switches=on)
    assert report.verdict is Verdict.conforms
    assert report.errata == [ErratumEffect(BSD_BAD, True, depends=True)]
    assert in_sentences(report) == [f"this run depends on erratum {BSD_BAD}"]
    assert to_object(report)["errata"] == [{"name": BSD_BAD, "applied": True, "depends": True}]
    # Without bad descriptors the call asks for it too.
    report = check(trace(BAD_DESCRIPTOR.replace("FD 99", "")), switches=on)
    assert report.errata == [ErratumEffect(BSD_BAD, True, depends=False)]
    assert in_sentences(report) == [f"this run does not depend on erratum {BSD_BAD}"]


def test_a_violation_may_owe_to_an_erratum_that_is_not_applied(trace):
    report = check(trace(BAD_DESCRIPTOR))
    assert report.verdict is Verdict.violates
    assert report.errata[0] == ErratumEffect(BSD_BAD, False, verdict_otherwise=Verdict.conforms)
    assert f"with erratum {BSD_BAD} applied: conforms" in in_sentences(report)
    assert to_object(report)["errata"][0] == {
        "name": BSD_BAD,
        "applied": False,
        "verdict_otherwise": "conforms",
        "label_otherwise": None,
    }


def test_a_violation_may_owe_to_an_erratum_that_is_applied(trace):
    report = check(trace(ANY_ERROR), switches=Switches(on=(NUMBER, BSD_BAD)))
    assert report.verdict is Verdict.violates
    assert report.errata[0] == ErratumEffect(NUMBER, True, verdict_otherwise=Verdict.conforms)
    assert in_sentences(report)[0] == f"without erratum {NUMBER}: conforms"
    # What the search never asked for is not tried.
    assert BSD_BAD not in [effect.name for effect in report.errata]


def test_an_erratum_may_take_a_search_further(trace):
    """The first call needs one erratum, the second contradicts the text in any case."""
    report = check(trace(BAD_DESCRIPTOR + ANY_ERROR.replace("ENOMEM", "EBADF").replace("~1", "5")))
    assert (report.verdict, report.violation.label) == (Verdict.violates, 0)
    effect = report.errata[0]
    assert (effect.name, effect.verdict_otherwise) == (BSD_BAD, Verdict.violates)
    assert effect.label_otherwise > report.violation.label
    assert f"with erratum {BSD_BAD} applied: violates at label {effect.label_otherwise}" in in_sentences(report)


def test_what_makes_no_difference_and_what_was_not_tried_is_said(trace):
    report = check(trace(EBADF))
    report.verdict = Verdict.violates
    report.errata = [
        ErratumEffect(NUMBER, False, verdict_otherwise=Verdict.violates),
        ErratumEffect(BSD_BAD, True, verdict_otherwise=Verdict.violates),
        ErratumEffect(NONE_FREE, False),
    ]
    assert in_sentences(report) == [f"no difference with {NUMBER}, without {BSD_BAD}", f"not tried with {NONE_FREE}"]
    assert to_object(report)["errata"][2]["verdict_otherwise"] is None


def test_every_kind_of_report_says_it(trace):
    report = check(trace(BAD_DESCRIPTOR), switches=Switches(on=(NUMBER,)))
    sentence = f"with erratum {BSD_BAD} applied: conforms"
    assert sentence in to_html([view(report)]) and f"freebsd-4.6 with {NUMBER}" in to_html([view(report)])
    case = ElementTree.fromstring(to_junit([view(report)])).find("testcase")
    said = [(one.get("name"), one.get("value")) for one in case.iter("property")]
    assert ("with", NUMBER) in said and ("erratum", sentence) in said
    assert sentence in run("check", report.scenario.trace.path).stdout


def test_without_errata_there_is_nothing_to_say():
    report = check(ECHO)
    assert (report.verdict, report.errata, in_sentences(report)) == (Verdict.conforms, [], [])


def test_of_an_inconclusive_verdict_nothing_is_said():
    report = check(ECHO, budget=Budget(states=3))
    assert (report.verdict, report.errata) == (Verdict.inconclusive, [])


def test_deviations_note_what_is_looked_up_in_them():
    asked = Asked([NUMBER, "challenge acknowledgements"])
    assert NUMBER in asked and BSD_BAD not in asked and "challenge acknowledgements" in asked
    assert asked == frozenset({NUMBER, "challenge acknowledgements"})
    assert (asked.applied(), asked.not_applied()) == ((NUMBER,), (BSD_BAD,))


RECORDED = {
    "trace5001": "fast-path-before-acknowledgement",
    "conflate-brain": "listen-queue-limit",
    "trace5000aux-inv": "linux-window-grows",
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_trace_conforms_with_the_erratum_that_it_shows(name):
    report = check(netsem(name), budget=Budget(seconds=120))
    assert report.verdict is Verdict.violates
    assert [effect.name for effect in report.errata if effect.verdict_otherwise is Verdict.conforms] == [RECORDED[name]]
    tried = [effect for effect in report.errata if effect.verdict_otherwise is not None]
    assert 1 <= len(tried) <= TRIED_AT_MOST
    corrected = check(netsem(name), switches=Switches(on=(RECORDED[name],)))
    assert corrected.verdict is Verdict.conforms
    assert ErratumEffect(RECORDED[name], True, depends=True) in corrected.errata
