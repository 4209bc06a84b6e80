"""`netoracle verify`: a certificate against its trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netoracle.certificate.model import read_certificate
from netoracle.certificate.replay import Refused, replay
from netoracle.dhcp.certificate_file import is_dhcp_certificate, parts, replay_file
from netoracle.exit_status import Exit
from netoracle.hosted.certificate import is_host_certificate, replay_hosts
from netoracle.oracle import FormatName
from netoracle.report.console import report_console
from netoracle.scenario import AS_IT_IS, Switches, prepare
from netoracle.trace import read_trace
from netoracle.wire.certificate import is_capture_certificate, replay_capture


def run(
    certificate_path: Path, file: Path, switches: Switches, trace_format: FormatName, checkout: Path | None = None
) -> int:
    """Replay the certificate and say whether it holds, and, given the HOL4 text, whether each step is one of it."""
    if is_capture_certificate(certificate_path) or is_dhcp_certificate(certificate_path):
        return _replayed(certificate_path, lambda: _capture(certificate_path, file))
    if is_host_certificate(certificate_path):
        return _replayed(certificate_path, lambda: _segments(*replay_hosts(certificate_path, file)))
    certificate = read_certificate(certificate_path)
    if switches == AS_IT_IS:
        switches = Switches(certificate.on, certificate.off)
    scenario = prepare(read_trace(str(file), trace_format), certificate.profile, switches)
    try:
        replay(certificate, scenario)
    except Refused as refused:
        print(f"{certificate_path}: refused: {refused}")
        return Exit.VIOLATES
    steps, labels = len(certificate.steps), len(scenario.labels)
    print(f"{certificate_path}: holds: {steps} steps explain {labels} labels under {scenario.profile.title}")
    if checkout is None:
        return Exit.CONFORMS
    from netoracle.commands.judging import judge, print_by_rule, status

    checks = judge(checkout, certificate, scenario)
    print_by_rule(report_console(), checks)
    return status(checks)


def _replayed(certificate: Path, explains: Callable[[], str]) -> int:
    try:
        explained = explains()
    except Refused as refused:
        print(f"{certificate}: refused: {refused}")
        return Exit.VIOLATES
    print(f"{certificate}: holds: {explained} are explained")
    return Exit.CONFORMS


def _capture(certificate: Path, capture: Path) -> str:
    """What a certificate explains of a capture's TCP and DHCP."""
    of_tcp, of_dhcp = parts(certificate)
    told = []
    if of_tcp:
        told.append(_segments(*replay_capture(of_tcp, str(certificate), capture)))
    if of_dhcp:
        parties, messages = replay_file(of_dhcp, 1 if of_tcp else 0, str(certificate), capture)
        told.append(f"{messages} messages of {parties} parties of DHCP")
    return " and ".join(told)


def _segments(connections: int, segments: int) -> str:
    return f"{segments} segments of {connections} connections"
