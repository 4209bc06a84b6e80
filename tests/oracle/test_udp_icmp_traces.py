"""The traces of UDP, ICMP and sockets calls get the verdicts that are written beside them, for the reasons there."""

from __future__ import annotations

import json

import pytest
from traces import ROOT

from netoracle import Budget, Verdict, check, read_trace

FOLDERS = ("udp", "linux-sockets")
EXPECTED = [
    (ROOT / "traces" / folder / entry["trace"], entry)
    for folder in FOLDERS
    for entry in json.loads((ROOT / "traces" / folder / "expected.json").read_text())
]
TWINS = sorted(path for path in (ROOT / "traces" / "udp").glob("*.*.hol"))


@pytest.mark.parametrize(
    ("path", "entry"), EXPECTED, ids=lambda value: value.get("profile") if isinstance(value, dict) else value.name
)
def test_verdict_is_the_expected_one_for_the_expected_reason(path, entry):
    report = check(path, profile=entry["profile"], budget=Budget(seconds=60), errata=False)
    assert report.verdict.value == entry["verdict"], report.violation or report.reason
    if report.verdict is Verdict.conforms:
        assert set(entry["rules"]) <= {step.rule for step in report.steps}
    else:
        assert report.violation.label == entry["label"], report.violation
        assert (entry["rule"], entry["premise"]) in [(near.rule, near.premise) for near in report.violation.nearest]


def test_every_trace_has_an_expected_verdict_and_both_verdicts_occur():
    for folder in FOLDERS:
        known = {path for path, _ in EXPECTED if path.parent.name == folder}
        assert known == set((ROOT / "traces" / folder).glob("*.hol"))
        assert {entry["verdict"] for path, entry in EXPECTED if path in known} == {"conforms", "violates"}


@pytest.mark.parametrize("twin", TWINS, ids=lambda path: path.stem)
def test_a_twin_differs_from_its_trace_in_what_its_remark_says(twin):
    original = read_trace(twin.with_name(f"{twin.name.partition('.')[0]}.hol"))
    changed = read_trace(twin)
    assert original.hosts == changed.hosts
    ours, theirs = ([entry.label for entry in trace.labels] for trace in (original, changed))
    assert ours != theirs
    assert sum(label not in theirs for label in ours) <= 2
    assert sum(label not in ours for label in theirs) <= 1
    remarks = [remark for entry in changed.labels for remark in entry.comments]
    assert len(remarks) == 1
    assert f"but {remarks[0]}" in changed.header[0]


def test_the_page_has_the_table_of_the_verdicts():
    page = (ROOT / "docs" / "udp-icmp.md").read_text()
    for path, entry in EXPECTED:
        assert f"| `{path.name}` | {entry['profile']} | {entry['verdict']} |" in page
        assert entry["why"] in page
