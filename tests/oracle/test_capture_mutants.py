"""Mutants of a capture are detected, or have a certificate that is replayed without search and cannot be changed."""

from __future__ import annotations

import ast
import inspect
import json
from ipaddress import ip_address
from pathlib import Path

import pytest

import netoracle.wire.certificate
from netoracle.captures import wire_profile
from netoracle.certificate.replay import Refused
from netoracle.mutation.captures import OPERATORS, capture_mutants
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import packets
from netoracle.wire.certificate import certificate_of, parse_certificate, replay_passing
from netoracle.wire.check import CaptureCheck
from netoracle.wire.passing import Passing, passing
from netspec.wire.profile import Vantage

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = ROOT / "traces" / "utcp-captures"
HOST = ip_address("10.9.0.2").packed
CASES = [(name, seed) for name in ("persist-100s", "simultaneous-close") for seed in ("1", "2")]


def original(name: str) -> list[Passing]:
    (path,) = (SHIPPED / name).glob("capture.pcap*")
    return [one for one in passing(packets(read_frames(path))) if isinstance(one, Passing)]


def judged(stream: list[Passing]):
    check = CaptureCheck("mutant", wire_profile("utcp"), Vantage.interface, frozenset({HOST}), keep=True, complete=True)
    for one in stream:
        check.judge(one)
    (report,) = check.finish()
    return report


def replayed(certificate: str, stream: list[Passing]) -> bool:
    try:
        replay_passing(parse_certificate(certificate, "mutant"), stream)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_every_mutant_is_detected_or_certified(name, seed):
    stream = original(name)
    assert judged(stream).verdict is Verdict.conforms
    verdicts = []
    for mutant in capture_mutants(stream, HOST, seed, 70):
        report = judged(mutant.passing)
        verdicts.append(report.verdict)
        if report.verdict is Verdict.conforms:
            assert replayed(certificate_of([report]), mutant.passing), mutant.what
    assert Verdict.inconclusive not in verdicts
    assert verdicts.count(Verdict.violates) > 25 < verdicts.count(Verdict.conforms) + 25


def test_a_certificate_is_of_its_mutant_alone():
    """Neither is the original's replayed on a mutant that violates, nor a changed one on its own."""
    stream = original("simultaneous-close")
    certificate = certificate_of([judged(stream)])
    assert replayed(certificate, stream)
    tampered = 0
    for mutant in capture_mutants(stream, HOST, "1", 70):
        report = judged(mutant.passing)
        if report.verdict is Verdict.violates:
            assert not replayed(certificate, mutant.passing), mutant.what
            continue
        own = json.loads(certificate_of([report]))
        for connection in own["connections"]:
            for place, (frame, rule, received) in enumerate(connection["steps"]):
                for changed in ([frame + 1, rule, received], [frame, "probe", received], [frame, rule, received + 99]):
                    document = json.loads(json.dumps(own))
                    document["connections"][0]["steps"][place] = changed
                    assert not replayed(json.dumps(document), mutant.passing), (mutant.what, changed)
                    tampered += 1
                document = json.loads(json.dumps(own))
                del document["connections"][0]["steps"][place]
                assert not replayed(json.dumps(document), mutant.passing), (mutant.what, place)
    assert tampered > 50


def test_the_replay_searches_nothing():
    """It applies the rule and the number of received segments that each step names, and knows nothing of the search."""
    tree = ast.parse(inspect.getsource(netoracle.wire.certificate))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert not imported & {"Track", "End", "Conversation", "CaptureCheck", "check_capture"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "send"]
    assert len(calls) == 1


def test_mutants_are_drawn_from_their_seed():
    stream = original("simultaneous-close")
    first, again, other = ([one.what for one in capture_mutants(stream, HOST, seed, 40)] for seed in ("1", "1", "2"))
    assert first == again != other
    assert {one.kind for one in capture_mutants(stream, HOST, "1", 40)} <= OPERATORS.keys()
