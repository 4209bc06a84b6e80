"""The Netsem project's recorded traces get the verdicts and paths that HOL4's checker recorded."""

from __future__ import annotations

import json

import pytest

from netoracle import Budget, Verdict, check
from netoracle.commands.reproducing import compare, our_path, their_path
from traces import netsem, recorded

SAME_PATH = ("trace0241", "trace5000", "trace5002", "trace5003", "trace1741", "trace0038.epsilon", "conflate-client0.epsilon")


@pytest.mark.parametrize("name", SAME_PATH)
def test_conforms_along_the_recorded_path(name):
    report = check(netsem(name), budget=Budget(seconds=120))
    assert report.verdict is Verdict.conforms, report.violation or report.reason
    comparison = compare(our_path(report), their_path(json.loads(recorded(name).read_text())))
    assert comparison.equal, comparison
