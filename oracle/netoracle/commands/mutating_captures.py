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
    """Check mutants of what one host sent in a capture, or of each host that conforms at its interface.

    Raises UsageError where the host that is named does not conform.
    """
    original = [one for one in passing(packets(read_frames(work.file))) if isinstance(one, Passing)]
    profile = wire_profile(work.profile)
    name = f"{work.file.parent.name}/{work.file.name}"
    if work.host is not None:
        hosts = [ip_address(work.host).packed]
    else:
        hosts = sorted({one.source[0] for one in original})
    results: list[Result] = []
    for host in hosts:
        if _check(name, original, host, profile).verdict is Verdict.conforms:
            results += _of_host(work, name, original, host, profile)
        elif work.host is not None:
            raise UsageError(f"{work.file}: mutants are made of captures that conform, and this one does not")
    return results


def _of_host(work: Work, name: str, original: list[Passing], host: bytes, profile: WireProfile) -> list[Result]:
    """Check mutants of what one host sent; `conforms` only if replayed."""
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
    check = CaptureCheck(name, profile, Vantage.interface, frozenset({host}), keep=True, complete=True)
    for one in stream:
        check.judge(one)
    return check.finish()[0]
