"""`netoracle mutants` on captures of DHCP."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from netoracle.commands import mutating, mutating_dhcp
from netoracle.mutation import captures
from netoracle.mutation.result import Work
from netoracle.scenario import AS_IT_IS, UsageError
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict

TRACES = Path(__file__).resolve().parents[2] / "traces"
DORA = TRACES / "dhcp" / "dhcpd-dhclient-dora" / "capture.pcap"
BROKEN = TRACES / "dhcp" / "dhcpd-scapy-broken-use-before-ack" / "capture.pcap"
TCP = TRACES / "utcp-captures" / "simultaneous-close" / "capture.pcap"


def work(file: Path, profile: str | None = "rfc2131", seed: int = 1, host: str | None = None) -> Work:
    return Work(file, profile, AS_IT_IS, seed, 60, Budget(), host)


def test_mutants_of_dhcp_are_judged_and_certified_and_come_from_their_seed():
    results = mutating.examine(work(DORA))
    verdicts = Counter(one.verdict for one in results)
    assert len(results) == 60 and verdicts[Verdict.violates] > 20 < verdicts[Verdict.conforms]
    assert all(one.reason for one in results if one.verdict is Verdict.violates)
    assert [one.what for one in results] == [one.what for one in mutating.examine(work(DORA))]
    assert [one.what for one in results] != [one.what for one in mutating.examine(work(DORA, seed=2))]


def test_without_a_profile_both_protocols_are_changed_and_with_one_only_its_own():
    assert {one.what for one in mutating.examine(work(DORA, None))} == {
        one.what for one in mutating.examine(work(DORA))
    }
    assert mutating.examine(work(DORA, "rfc9293")) == []
    assert {one.kind for one in mutating.examine(work(TCP, None, host="10.9.0.2"))} <= {*captures.OPERATORS}


def test_mutants_are_made_of_captures_that_conform():
    assert mutating_dhcp.examine(work(BROKEN)) == []


def test_mutants_of_dhcp_are_of_every_party():
    with pytest.raises(UsageError, match="--host"):
        mutating.examine(work(DORA, host="10.77.0.1"))


def test_the_table_has_the_kinds_of_changes_of_dhcp():
    command = [sys.executable, "-m", "netoracle", "mutants", "--profile", "rfc2131", "--count", "40", "--brief", DORA]
    table = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert "| message dropped |" in table and "| all | 40 |" in table
