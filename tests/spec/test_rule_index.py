"""Every rule of the model is there, under its name and with its protocol and categories, and no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NotRequired, TypedDict

import pytest

import netspec.tcp.rules  # noqa: F401  (enters the rules into the index)
from netspec.profiles import PROFILES
from netspec.tcp.host0 import Lh_tau
from netspec.tcp.rule import RULES, Rule


class Entry(TypedDict):
    """A rule as the text of the model has it: its categories for each kind of label.

    `branch` is the branch of the model that the rule is of, where its main text has none of that name.
    """

    name: str
    proto: str
    categories: dict[str, list[str]]
    branch: NotRequired[str]


INVENTORY: list[Entry] = json.loads((Path(__file__).parent / "rule_inventory.json").read_text())

# A passage of time with an internal step inside is made of steps of other rules.
COMPOSITE = {"epsilon_2"}

PROFILE_OF_BRANCH = {"FreeBSD-CURRENT": "freebsd-12"}


def described(rule: Rule) -> Entry:
    categories = {kind.__name__: sorted(map(str, cats)) for kind, cats in rule.categories.items()}
    return {"name": rule.name, "proto": rule.proto.value, "categories": categories}


def test_no_rule_is_missing() -> None:
    assert {entry["name"] for entry in INVENTORY} - COMPOSITE - set(RULES) == set()


def test_there_is_no_other_rule() -> None:
    assert set(RULES) - {entry["name"] for entry in INVENTORY} == set()


@pytest.mark.parametrize("entry", INVENTORY, ids=lambda entry: entry["name"])
def test_protocol_and_categories(entry: Entry) -> None:
    if entry["name"] in COMPOSITE:
        assert entry["name"] not in RULES
    else:
        text = {key: value for key, value in entry.items() if key != "branch"}
        assert described(RULES[entry["name"]]) == text


def test_a_rule_of_a_branch_is_of_its_profile_only() -> None:
    """A deviation of the branch's profile, and of no other, touches the rule."""
    of_branch = {entry["name"]: entry["branch"] for entry in INVENTORY if "branch" in entry}
    assert set(of_branch.values()) <= set(PROFILE_OF_BRANCH)
    profiles = {
        rule: {profile.name for profile in PROFILES.values() for one in profile.deviations if rule in one.touches}
        for rule in of_branch
    }
    assert profiles == {rule: {PROFILE_OF_BRANCH[branch]} for rule, branch in of_branch.items()}


def test_urgent_rules_are_internal_steps() -> None:
    kinds = {kind for rule in RULES.values() for kind in rule.categories if rule.is_urgent_for(kind)}
    assert kinds == {Lh_tau}


def test_each_rule_says_what_it_allows_and_where_it_is_from() -> None:
    for name, rule in RULES.items():
        assert rule.summary.endswith(f"Source: TCP1_hostLTSScript.sml, {name}."), name
