"""`netoracle verify`: a certificate against its trace."""

from __future__ import annotations

from pathlib import Path

from netoracle.certificate.model import read_certificate
from netoracle.certificate.replay import Refused, replay
from netoracle.exit_status import Exit
from netoracle.oracle import FormatName
from netoracle.scenario import prepare
from netoracle.trace import read_trace


def run(certificate_path: Path, file: Path, trace_format: FormatName) -> int:
    """Replay the certificate and say whether it holds."""
    certificate = read_certificate(certificate_path)
    scenario = prepare(read_trace(str(file), trace_format), certificate.profile)
    try:
        replay(certificate, scenario)
    except Refused as refused:
        print(f"{certificate_path}: refused: {refused}")
        return Exit.VIOLATES
    steps, labels = len(certificate.steps), len(scenario.labels)
    print(f"{certificate_path}: holds: {steps} steps explain {labels} labels under {certificate.profile}")
    return Exit.CONFORMS
