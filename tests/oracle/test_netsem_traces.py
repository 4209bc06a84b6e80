"""The Netsem project's recorded traces get the verdicts and paths that HOL4's checker recorded."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from traces import netsem, recorded

from netoracle import Budget, Verdict, check
from netoracle.commands.reproducing import difference, our_path, their_path
from netspec.profiles import PROFILES
from netspec.tcp.errata.input import FAST_PATH_BEFORE_ACKNOWLEDGEMENT, LISTEN_QUEUE_LIMIT
from netspec.tcp.errata.output import LINUX_WINDOW_GROWS

SAME_PATH = (
    "trace0241",
    "trace5000",
    "trace5002",
    "trace5003",
    "trace1741",
    "trace0038.epsilon",
    "conflate-client0.epsilon",
)
JOINED = ("conflate-client0.epsilon",)  # recorded with successive passages of time joined


@pytest.mark.parametrize("name", SAME_PATH)
def test_conforms_along_the_recorded_path(name):
    report = check(netsem(name), budget=Budget(seconds=120))
    assert report.verdict is Verdict.conforms, report.violation or report.reason
    words, comparison = difference(our_path(report), their_path(json.loads(recorded(name).read_text())))
    assert words == ("same but for time" if name in JOINED else "same"), comparison


CONFORM = (
    "conflate-client0",
    "conflate-server0",
    "conflate-server0.epsilon",
    "conflate-trace0595",
    "conflate-trace0595.epsilon",
    "conflate-trace0595.aux",
    "conflate-trace0595.aux.epsilon",
    "conflate-pinky",
)


@pytest.mark.parametrize("name", CONFORM)
def test_conforms(name):
    report = check(netsem(name), budget=Budget(seconds=120))
    assert report.verdict is Verdict.conforms, report.violation or report.reason


VIOLATE = {
    "trace5001": (42, "trace_1", "cb.snd_wl2 == cb_.snd_wl2"),
    "trace5000aux-inv": (24, "timer_tt_delack_1", "msg.v.win"),
    "trace5001aux-inv": (24, "timer_tt_delack_1", "msg.v.win"),
    "conflate-brain": (24, "deliver_in_1", "accept_incoming_q0(lis, h.arch)"),
}


@pytest.mark.parametrize("name", VIOLATE)
def test_violates_at_the_label_and_for_the_premise_that_is_argued_in_the_documentation(name):
    label, rule, premise = VIOLATE[name]
    report = check(netsem(name), budget=Budget(seconds=120), errata=False)
    assert report.verdict is Verdict.violates, report.reason
    assert report.violation.label == label
    assert (rule, premise) in [(near.rule, near.premise) for near in report.violation.nearest]


CORRECTED = {
    "trace5001": FAST_PATH_BEFORE_ACKNOWLEDGEMENT,
    "trace5000aux-inv": LINUX_WINDOW_GROWS,
    "trace5001aux-inv": LINUX_WINDOW_GROWS,
    "conflate-brain": LISTEN_QUEUE_LIMIT,
}


@pytest.mark.parametrize("name", CORRECTED)
def test_conforms_once_the_erratum_that_it_shows_is_corrected(name, monkeypatch):
    for key, profile in PROFILES.items():
        arch = replace(profile.arch, deviations=profile.arch.deviations | {CORRECTED[name].name})
        monkeypatch.setitem(PROFILES, key, replace(profile, arch=arch))
    report = check(netsem(name), budget=Budget(seconds=120))
    assert report.verdict is Verdict.conforms, report.violation or report.reason
