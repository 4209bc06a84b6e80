"""Every rule of the model is there, under its name and with its protocol and categories, and no other."""

from __future__ import annotations

import pytest

import netspec.tcp.rules  # noqa: F401  (enters the rules into the index)
from netoracle.transcription.inventory import kept
from netspec.profiles import PROFILES
from netspec.tcp.host0 import Lh_tau
from netspec.tcp.rule import COMPOSITE_RULES, RULES, Rule

MAIN_RULES = {rule.name: rule for rule in kept().rules}
BRANCH_RULES = {rule.name: rule for rule in kept(branch=True).rules}
# Where both texts have a rule of a name, the main text's counts.
INVENTORY = [*(BRANCH_RULES | MAIN_RULES).values()]

ALL_RULES = RULES | COMPOSITE_RULES

# It says that a transition by any rule of one relation is one of the other: the function host_redn.
ANY_RULE = "rn"

PROFILE_OF_BRANCH = "freebsd-12"


def described(rule: Rule) -> tuple[str, dict[str, list[str]]]:
    return rule.proto.value, {kind.__name__: sorted(map(str, cats)) for kind, cats in rule.categories.items()}


def test_no_rule_is_missing() -> None:
    assert {entry.name for entry in INVENTORY} - set(ALL_RULES) == {ANY_RULE}


def test_there_is_no_other_rule() -> None:
    assert set(ALL_RULES) - {entry.name for entry in INVENTORY} == set()


@pytest.mark.parametrize("name", sorted(ALL_RULES))
def test_protocol_and_categories(name: str) -> None:
    entry = (BRANCH_RULES | MAIN_RULES)[name]
    assert described(ALL_RULES[name]) == (entry.protocol, entry.categories)


def test_a_rule_of_a_branch_is_of_its_profile_only() -> None:
    """A deviation of the branch's profile, and of no other, touches the rule."""
    of_branch = BRANCH_RULES.keys() - MAIN_RULES.keys()
    assert of_branch != set()
    profiles = {
        rule: {profile.name for profile in PROFILES.values() for one in profile.deviations if rule in one.touches}
        for rule in of_branch
    }
    assert profiles == {rule: {PROFILE_OF_BRANCH} for rule in of_branch}


def test_urgent_rules_are_internal_steps() -> None:
    kinds = {kind for rule in RULES.values() for kind in rule.categories if rule.is_urgent_for(kind)}
    assert kinds == {Lh_tau}


def test_each_rule_says_what_it_allows_and_where_it_is_from() -> None:
    for name, rule in RULES.items():
        assert rule.summary.endswith(f"Source: TCP1_hostLTSScript.sml, {name}."), name
