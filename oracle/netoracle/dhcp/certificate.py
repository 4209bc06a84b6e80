"""The runs behind a verdict as a file: every party's steps, to be replayed without search."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from netoracle.dhcp.result import DhcpReport
from netoracle.search.search import Verdict

FORMAT = "netoracle-dhcp-certificate-1"


@dataclass(frozen=True, slots=True)
class CertificateStep:
    """One step: the frame it is at, whose it is, whether the party sent the frame or took it in, rule, choices.

    A frame to a party without a step of it was not received.
    """

    frame: int
    role: str
    party: str
    sent: bool
    rule: str
    choices: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class DhcpCertificate:
    """The profile, and the steps of the parties that conform, in the order of frames."""

    profile: str
    parties: tuple[tuple[str, str], ...]
    steps: tuple[CertificateStep, ...]


class NoCertificate(ValueError):
    """A text that is no certificate, or a report that has no whole runs."""


def certificate(report: DhcpReport) -> DhcpCertificate:
    """The certificate of the parties that conform; raises NoCertificate where a run was too long to be kept."""
    conforming = [party for party in report.parties if party.verdict is Verdict.conforms]
    for party in conforming:
        if party.left_off:
            raise NoCertificate(f"{party.party}: {party.left_off} steps were not kept")
    steps = [
        CertificateStep(step.frame, step.party.role, step.party.name, step.sent, step.rule, step.choices)
        for party in conforming
        for step in party.steps
    ]
    steps.sort(key=lambda step: step.frame)
    return DhcpCertificate(report.profile, tuple((one.party.role, one.party.name) for one in conforming), tuple(steps))


def to_text(whole: DhcpCertificate) -> str:
    """A certificate as JSON, one line a step."""
    head = {"format": FORMAT, "profile": whole.profile, "parties": [list(party) for party in whole.parties]}
    lines = [json.dumps(head)]
    for step in whole.steps:
        choices = [[name, write_value(value)] for name, value in step.choices]
        lines.append(json.dumps([step.frame, step.role, step.party, step.sent, step.rule, choices]))
    return "\n".join(lines) + "\n"


def from_text(text: str) -> DhcpCertificate:
    """Read a certificate; raises NoCertificate with the line at fault."""
    lines = text.splitlines()
    at = 1
    try:
        head = json.loads(lines[0])
        if head["format"] != FORMAT:
            raise NoCertificate(f"line 1: format {head['format']!r}, expected {FORMAT!r}")
        parties = tuple((str(role), str(name)) for role, name in head["parties"])
        steps = []
        for one in lines[1:]:
            at += 1
            frame, role, party, sent, rule, choices = json.loads(one)
            values = tuple((str(name), read_value(value)) for name, value in choices)
            steps.append(CertificateStep(int(frame), str(role), str(party), bool(sent), str(rule), values))
        return DhcpCertificate(str(head["profile"]), parties, tuple(steps))
    except NoCertificate:
        raise
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise NoCertificate(f"line {at}: not a DHCP certificate ({error})") from None


def write_value(value: object) -> Any:
    """A chosen value for JSON; octets as hexadecimal."""
    if isinstance(value, bytes):
        return {"octets": value.hex()}
    if isinstance(value, bool | int | str) or value is None:
        return value
    return {"named": str(value)}


def read_value(value: Any) -> object:
    """The inverse of `write_value` for what a certificate may hold."""
    if isinstance(value, dict):
        return bytes.fromhex(value["octets"])
    return value
