"""`netoracle mutants` for captures: what becomes of seeded changes of what one host sent by TCP, and of DHCP."""

from __future__ import annotations

import time
from ipaddress import ip_address

from netoracle.captures import wire_profile
from netoracle.commands import mutating_dhcp
from netoracle.dhcp.machines import PROFILES as DHCP_PROFILES
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
    """Check mutants of a capture: of its TCP, and of its DHCP, unless the profile is one of the other.

    Where a host is named, of its TCP alone.  Raises UsageError where the host that is named does not conform, or has
    none.
    """
    if work.profile in DHCP_PROFILES:
        if work.host is not None:
            raise UsageError("--host is for TCP: mutants of DHCP change the messages of every party")
        return mutating_dhcp.examine(work)
    results = _of_tcp(work)
    return results + mutating_dhcp.examine(work) if work.profile is None and work.host is None else results


def _of_tcp(work: Work) -> list[Result]:
    """Check mutants of what one host sent, or of each host that conforms at its interface."""
    original = [one for one in passing(packets(read_frames(work.file))) if isinstance(one, Passing)]
    profile = wire_profile(work.profile)
    name = f"{work.file.parent.name}/{work.file.name}"
    present = {one.source[0] for one in original}
    if work.host is not None:
        hosts = [ip_address(work.host).packed]
        if hosts[0] not in present:
            raise UsageError(f"{work.file}: no TCP segments of {work.host}")
    else:
        hosts = sorted(present)
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
