"""What the rules of the host model allow, the wire rules allow: segments of conforming traces, judged as a capture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from traces import NETSEM, ROOT, netsem

from netoracle.scenario import prepare
from netoracle.search.search import Verdict
from netoracle.trace import read_trace
from netoracle.wire.check import CaptureCheck
from netoracle.wire.passing import Passing
from netoracle.wire.utcp_log import wire_segment
from netspec.base.base_types import Ip
from netspec.tcp.host0 import Lh_recvdatagram, Lh_senddatagram
from netspec.tcp.net_types import TCP
from netspec.wire.event import Event
from netspec.wire.profile import Vantage
from netspec.wire.profiles import WIRE_PROFILES

CONFORMING = (
    "trace0241",
    "trace5000",
    "trace5002",
    "trace5003",
    "trace1741",
    "trace0038.epsilon",
    "conflate-client0.epsilon",
    "conflate-trace0595",
)
SHIPPED = sorted((ROOT / "traces" / "linux-sockets").glob("*.hol")) + sorted(
    (ROOT / "traces" / "utcp").glob("*/utcp-trace.log")
)


def number(ip: Ip | None) -> bytes:
    assert ip is not None
    return ip.n.to_bytes(4)


def passing(path: Path, profile: str | None) -> tuple[set[bytes], list[Passing]]:
    """The TCP segments of a trace as they pass its host's interface, and the host's addresses."""
    scenario = prepare(read_trace(str(path)), profile)
    now, hosts, seen = Fraction(0), set(), []
    for frame, label in enumerate(scenario.labels):
        now += getattr(label, "dur", Fraction(0))
        if not isinstance(label, Lh_senddatagram | Lh_recvdatagram):
            continue
        message = getattr(label, "msg", None)
        if not isinstance(message, TCP):
            continue
        seg = message.v
        ends = [(number(ip), port.n) for ip, port in ((seg.is1, seg.ps1), (seg.is2, seg.ps2))]
        hosts.add(ends[0 if isinstance(label, Lh_senddatagram) else 1][0])
        seen.append(Passing(ends[0], ends[1], Event(frame, int(now * 10**9), wire_segment(seg))))
    return hosts, seen


def judged(path: Path, profile: str | None, wire: str):
    hosts, seen = passing(path, profile)
    if not seen:
        pytest.skip("no TCP segments in it")
    check = CaptureCheck(str(path), WIRE_PROFILES[wire], Vantage.interface, frozenset(hosts))
    for one in seen:
        check.judge(one)
    return check.finish()


def shown(reports) -> list[object]:
    return [finding for report in reports for finding in report.findings]


@pytest.mark.parametrize("name", CONFORMING)
def test_recorded_traces(name):
    reports = judged(netsem(name), None, "rfc9293")
    assert {report.verdict for report in reports} == {Verdict.conforms}, shown(reports)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name + "-" + path.stem)
def test_shipped_traces(path):
    utcp = path.name == "utcp-trace.log"
    reports = judged(path, "utcp" if utcp else None, "utcp" if utcp else "rfc9293")
    assert {report.verdict for report in reports} == {Verdict.conforms}, shown(reports)


def test_there_are_traces_to_compare_with():
    assert SHIPPED and (not NETSEM.is_dir() or len(CONFORMING) == 8)
