"""The runs behind a verdict as a file: every party's steps, to be replayed without search."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from netoracle.dhcp.result import DhcpReport
from netoracle.search.search import Verdict

T = TypeVar("T")

FORMAT = "netoracle-dhcp-certificate-2"


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
    """The profile, and the steps of the parties that conform, in the order of frames.

    `vantage` and `complete` are those of the check; `whole`: every party that shows is among them.
    """

    profile: str
    parties: tuple[tuple[str, str], ...]
    steps: tuple[CertificateStep, ...]
    vantage: str = "path"
    complete: bool = False
    whole: bool = False


class NoCertificate(ValueError):
    """A text that is no certificate, or a report that has no whole runs."""


def certificate(report: DhcpReport) -> DhcpCertificate:
    """The certificate of the parties that conform; raises NoCertificate where a run was too long to be kept."""
    conforming = [party for party in report.parties if party.verdict is Verdict.conforms]
    for party in conforming:
        if party.steps_left_off:
            raise NoCertificate(f"{party.party}: {party.steps_left_off} steps of its run were not kept")
    steps = [
        CertificateStep(step.frame, step.party.role, step.party.name, step.sent, step.rule, step.choices)
        for party in conforming
        for step in party.steps
    ]
    steps.sort(key=lambda step: step.frame)
    parties = tuple((one.party.role, one.party.name) for one in conforming)
    whole = len(conforming) == len(report.parties) and not report.hosts and not report.put_aside
    return DhcpCertificate(report.profile, parties, tuple(steps), report.vantage, report.complete, whole)


def to_text(whole: DhcpCertificate) -> str:
    """A certificate as JSON, one line a step, the first line with a digest of everything else."""
    head = {
        "format": FORMAT,
        "profile": whole.profile,
        "vantage": whole.vantage,
        "complete": whole.complete,
        "whole": whole.whole,
        "parties": [list(party) for party in whole.parties],
    }
    steps = []
    for step in whole.steps:
        choices = [[name, write_value(value)] for name, value in step.choices]
        steps.append(json.dumps([step.frame, step.role, step.party, step.sent, step.rule, choices]))
    return "\n".join([json.dumps(head | {"digest": _digest(head, steps)}), *steps]) + "\n"


def from_text(text: str, first: int = 1) -> DhcpCertificate:
    """Read a certificate; raises NoCertificate with the line at fault, counted from `first`."""
    lines = text.removesuffix("\n").split("\n")
    at = 0
    try:
        head = json.loads(lines[0])
        if head["format"] != FORMAT:
            raise NoCertificate(f"line {first}: format {head['format']!r}, expected {FORMAT!r}")
        parties = tuple((_of(str, role), _of(str, name)) for role, name in head["parties"])
        steps = []
        for line in lines[1:]:
            at += 1
            frame, role, party, sent, rule, choices = json.loads(line)
            values = tuple((_of(str, name), read_value(value)) for name, value in choices)
            of = (_of(int, frame), _of(str, role), _of(str, party), _of(bool, sent), _of(str, rule), values)
            steps.append(CertificateStep(*of))
        at = 0
        digest = head.pop("digest")
        read = DhcpCertificate(
            _of(str, head["profile"]),
            parties,
            tuple(steps),
            _of(str, head["vantage"]),
            _of(bool, head["complete"]),
            _of(bool, head["whole"]),
        )
    except NoCertificate:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise NoCertificate(f"line {first + at}: not a DHCP certificate ({error})") from None
    if digest != _digest(head, lines[1:]):
        raise NoCertificate(f"line {first}: the digest is not that of the certificate: it was changed")
    return read


def _of(kind: type[T], value: object) -> T:
    """A value that must be of exactly this type.  Raises TypeError."""
    if type(value) is not kind:
        raise TypeError(f"{value!r}, expected {kind.__name__}")
    return value


def _digest(head: dict[str, Any], steps: Sequence[str]) -> str:
    return sha256("\n".join([json.dumps(head, sort_keys=True), *steps]).encode()).hexdigest()


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
