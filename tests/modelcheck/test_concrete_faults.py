"""Every seeded fault of the rules that captures are judged by changes what is said of some capture that ships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from concrete_faults import CHANGED
from seeding import Fault, seeded

from netoracle.dhcp.check import check_frames
from netoracle.dhcp.mutants import mutants
from netoracle.trace.capture.frames import Frame, read_frames

TRACES = Path(__file__).resolve().parents[2] / "traces" / "dhcp"
SHIPPED = sorted(TRACES.glob("*/capture.pcap"))
MUTATED = ("dhcpd-dhclient-dora", "dhcpd-udhcpc-relay", "dhcpd-dhclient-decline")

Said = tuple[str, frozenset[tuple[int, tuple[int, ...]]]]
"""A verdict, and what is violated in which frame."""


def captures() -> list[tuple[Frame, ...]]:
    """What ships, and what comes of it with one thing changed."""
    shipped = {path.parent.name: tuple(read_frames(path)) for path in SHIPPED}
    changed = [one.frames for name in MUTATED for one in mutants(shipped[name], 1, 60)]
    return [*shipped.values(), *changed]


def said(frames: tuple[Frame, ...]) -> Said:
    report = check_frames(frames, vantage="interface")
    return report.verdict.value, frozenset((one.frame, one.requirements) for one in report.violations)


@pytest.fixture(scope="module")
def baseline() -> Iterator[list[tuple[tuple[Frame, ...], Said]]]:
    yield [(frames, said(frames)) for frames in captures()]


def test_there_are_enough_faults_and_they_differ() -> None:
    assert len({(fault.function, fault.old, fault.new) for fault in CHANGED}) == len(CHANGED) >= 15


@pytest.mark.parametrize("fault", CHANGED, ids=str)
def test_fault_shows_in_a_capture(fault: Fault, baseline: list[tuple[tuple[Frame, ...], Said]]) -> None:
    with seeded(fault):
        assert any(said(frames) != before for frames, before in baseline)
