"""`netoracle mutants` for DHCP: what becomes of seeded changes of the messages in a capture."""

from __future__ import annotations

import time
from collections.abc import Sequence

from netoracle.dhcp.certificate import certificate, from_text, to_text
from netoracle.dhcp.check import check_frames
from netoracle.dhcp.machines import PROFILES
from netoracle.dhcp.mutants import mutants
from netoracle.dhcp.replay import replay
from netoracle.dhcp.result import DhcpReport
from netoracle.mutation.result import Result, Work
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import Frame, read_frames


def examine(work: Work) -> list[Result]:
    """Check mutants of a capture's DHCP, as complete at its interface; none where there is none that conforms.

    A mutant counts as one that conforms only if its certificate is replayed.
    """
    frames = list(read_frames(work.file))
    if _check(frames, work.profile).verdict is not Verdict.conforms:
        return []
    name = f"{work.file.parent.name}/{work.file.name}"
    results = []
    for mutant in mutants(frames, work.seed, work.count):
        started = time.perf_counter()
        report = _check(mutant.frames, work.profile)
        if report.verdict is Verdict.conforms:
            replay(from_text(to_text(certificate(report))), mutant.frames)
        reasons = [*(violation.summary for violation in report.violations), *_reasons(report)]
        seconds = time.perf_counter() - started
        what = f"frame {mutant.frame}: {mutant.what}"
        results.append(Result(name, mutant.kind, what, report.verdict, next(iter(reasons), None), seconds))
    return results


def _check(frames: Sequence[Frame], profile: str | None) -> DhcpReport:
    return check_frames(frames, profile or PROFILES[0], vantage="interface", complete=True)


def _reasons(report: DhcpReport) -> list[str]:
    return [reason for party in report.parties for reason in party.reasons]
