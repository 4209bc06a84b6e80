"""The oracle detects the defects that it is said to detect, and no others; correct hosts conform, whoever they face."""

from __future__ import annotations

import pytest
from faulty_defect import DEFECTS, differs, experience, said
from faulty_experiments import Deaf
from faulty_lab import MOST_SEGMENTS, Sound
from faulty_stacks import CHAPTERS

from netoracle.search.search import Verdict

CASES = [(name, profile) for name, one in DEFECTS.items() for profile in one.expected]
UNSEEN = {"no-reset-after-close"}
"""Defects that no segment shows."""


@pytest.mark.parametrize(("name", "profile"), CASES, ids=[f"{name}-{profile}" for name, profile in CASES])
def test_a_defect_is_judged_as_the_table_says(name, profile):
    one = DEFECTS[name]
    sound = said(one.experiment, Sound, profile)
    assert sound.verdict is Verdict.conforms, f"a correct host: {sound.premise}\n{sound.shown}"
    expected, found = one.expected[profile], said(one.experiment, one.host, profile)
    if expected.kind == "detected":
        assert found.verdict is Verdict.violates, f"{one.text} ({one.clause}): not detected"
        assert expected.reason in found.premise, f"{found.clause}: {found.premise}\n{found.shown}"
    else:
        assert found.verdict is Verdict.conforms, (
            f"{one.text} Now detected, {expected.kind} so far ({expected.reason}): {found.premise}\n{found.shown}"
        )


@pytest.mark.parametrize("name", [name for name, one in DEFECTS.items() if one.experiment.other is not Deaf])
def test_the_correct_peer_of_a_faulty_host_conforms(name):
    one = DEFECTS[name]
    peer = said(one.experiment, one.host, "rfc9293", of_peer=True)
    assert peer.verdict is Verdict.conforms, f"{peer.clause}: {peer.premise}\n{peer.shown}"


@pytest.mark.parametrize("name", sorted(DEFECTS.keys() - UNSEEN))
def test_a_defect_shows_in_the_capture(name):
    """Otherwise its row says nothing of the oracle."""
    one = DEFECTS[name]
    assert differs(one)
    assert experience(one.experiment, one.host).total < MOST_SEGMENTS


def test_every_expectation_has_its_reason():
    assert len(CHAPTERS) == 9 and len(DEFECTS) >= 45
    for one in DEFECTS.values():
        assert one.text.endswith(".") and one.clause
        assert all(outcome.reason or outcome.kind == "detected" for outcome in one.expected.values())


def test_every_section_of_rfc_2525_has_a_defect():
    clauses = " ".join(one.clause for one in DEFECTS.values())
    numbers = {part.strip(" ,") for part in clauses.replace("RFC", " ").split() if part.startswith("2.")}
    assert {f"2.{n}" for n in range(1, 19)} <= numbers
