"""The runs behind `conforms` by the host rules: for each connection, how calls were placed and a certificate.

The replay reads the capture again, infers the same calls, and replays each run with no search.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import ip_address
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from netoracle.certificate.model import Certificate, CertificateError, from_json, to_json
from netoracle.certificate.replay import Refused, replay
from netoracle.hosted.calls import Placement, infer, ordered
from netoracle.hosted.connections import Connection, read_connections
from netoracle.hosted.result import HostReport, Judged
from netoracle.hosted.trace import as_scenario, send_buffer
from netoracle.scenario import Switches
from netoracle.wire.passing import Side

KIND = "netoracle host certificate 1"


def certificate_of(reports: Sequence[HostReport]) -> str:
    """The certificate, as JSON, for reports that all conform."""
    connections = [_connection(one) for report in reports for one in report.connections]
    return json.dumps({"kind": KIND, "profile": reports[0].profile, "connections": connections}, indent=1) + "\n"


def _connection(one: Judged) -> dict[str, object]:
    quad = one.connection
    return {
        "host": quad.host,
        "port": quad.port,
        "peer": quad.peer,
        "peer_port": quad.peer_port,
        "placement": asdict(one.placement),
        "certificate": None if one.certificate is None else json.loads(to_json(one.certificate)),
    }


def is_host_certificate(path: str | PathLike[str]) -> bool:
    """Whether a file is such a certificate."""
    try:
        with open(path, encoding="utf-8") as file:
            return KIND in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False


def replay_hosts(certificate: Path, capture: str | PathLike[str]) -> tuple[int, int]:
    """Replay a certificate: the connections and the segments that it explains.

    Raises CertificateError where it is none, CaptureError where the capture is none, Refused where it does not hold.
    """
    profile, runs = _read(certificate)
    recorded = read_connections(capture, frozenset(host for (host, _), _ in runs))
    segments = 0
    for ends, connection in recorded.connections.items():
        if ends not in runs:
            raise Refused(f"{connection.quad} is not explained")
        placement, run = runs.pop(ends)
        segments += connection.count
        if run is not None:
            _replay(fspath(capture), connection, recorded.last, profile, placement, run)
        elif connection.seen:
            raise Refused(f"{connection.quad} is not explained")
    if runs:
        raise Refused("a connection is explained that is not in the capture")
    return len(recorded.connections), segments


def _replay(
    path: str, connection: Connection, last: int, profile: str, placement: Placement, certificate: Certificate
) -> None:
    if connection.broken is not None:
        frame, why = connection.broken
        raise Refused(f"frame {frame} {why}")
    seen = ordered(connection, placement)
    calls = infer(seen, placement, send_buffer(profile))
    switches = Switches(certificate.on, certificate.off)
    replay(certificate, as_scenario(path, seen, calls, last, profile, switches))


Runs = dict[tuple[Side, Side], tuple[Placement, Certificate | None]]


def _read(path: Path) -> tuple[str, Runs]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["kind"] != KIND:
            raise ValueError("another kind")
        return str(document["profile"]), dict(_run(path, one) for one in document["connections"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CertificateError(f"{path}: no certificate for the host rules: {error!r}") from None


def _run(path: Path, one: dict[str, Any]) -> tuple[tuple[Side, Side], tuple[Placement, Certificate | None]]:
    ends = (
        (ip_address(one["host"]).packed, int(one["port"])),
        (ip_address(one["peer"]).packed, int(one["peer_port"])),
    )
    certificate = None if one["certificate"] is None else from_json(path, one["certificate"])
    return ends, (Placement(**one["placement"]), certificate)
