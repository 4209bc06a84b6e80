"""`netoracle mutants` for captures: what becomes of seeded changes of what one host sent."""

from __future__ import annotations

import time
from ipaddress import ip_address

from netoracle.captures import wire_profile
from netoracle.mutation.captures import capture_mutants
from netoracle.mutation.result import Result, Work
from netoracle.scenario import UsageError
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import packets
from netoracle.wire.certificate import certificate_of, parse_certificate, replay_passing
from netoracle.wire.check import CaptureCheck
from netoracle.wire.passing import Passing, passing
from netoracle.wire.result import WireReport
from netspec.wire.profile import Vantage, WireProfile


def examine(work: Work) -> list[Result]:
    """Check mutants of a capture at the interface of one host, which must conform; `conforms` only if replayed."""
    original = [one for one in passing(packets(read_frames(work.file))) if isinstance(one, Passing)]
    if work.host is None:
        raise UsageError(f"{work.file}: mutants of a capture are made of one host's segments: name it with --host")
    host = ip_address(work.host).packed
    profile = wire_profile(work.profile)
    name = f"{work.file.parent.name}/{work.file.name}"
    if _check(name, original, host, profile).verdict is not Verdict.conforms:
        raise UsageError(f"{work.file}: mutants are made of captures that conform, and this one does not")
    results = []
    for mutant in capture_mutants(original, host, f"{work.seed} {name}", work.count):
        started = time.perf_counter()
        report = _check(name, mutant.passing, host, profile)
        if report.verdict is Verdict.conforms:
            replay_passing(parse_certificate(certificate_of([report]), name), mutant.passing)
        reason = report.findings[0].violation.summary if report.findings else report.reason
        seconds = time.perf_counter() - started
        results.append(Result(name, mutant.kind, mutant.what, report.verdict, reason, seconds))
    return results


def _check(name: str, stream: list[Passing], host: bytes, profile: WireProfile) -> WireReport:
    check = CaptureCheck(name, profile, Vantage.interface, frozenset({host}), keep=True)
    for one in stream:
        check.judge(one)
    return check.finish()[0]
