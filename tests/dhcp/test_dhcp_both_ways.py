"""Every requirement that a rule asks for has a test that meets it and one that breaks it.

The tables are those of the tests: each row is a requirement, what meets it and what breaks it, and has a test that
asserts both.
"""

import test_dhcp_exchanges as exchanges
import test_dhcp_invariants as invariants
import test_dhcp_messages as messages
import test_dhcp_timing as timing

from netoracle.dhcp.coverage import coverage

TABLES = (
    messages.CASES,
    messages.BY_RELAYS,
    exchanges.CLIENT,
    exchanges.SERVING,
    exchanges.ACKS,
    exchanges.RELAYING,
    timing.TIMES,
    timing.FRAMES,
    timing.LIVES,
    timing.OTHERS,
    invariants.CASES,
)
TESTED = {row[0] for table in TABLES for row in table}
ENFORCED = {one.requirement.number: set(one.functions) for one in coverage() if one.functions}


def test_every_requirement_with_a_rule_is_met_and_broken():
    assert set(ENFORCED) - TESTED == set()


def test_what_is_tested_has_a_rule():
    assert TESTED - set(ENFORCED) == set()
    assert len(ENFORCED) > 100
