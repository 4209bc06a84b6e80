"""The form of a certificate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from netoracle.certificate.encoding import JSON, canonical

FORMAT = "netoracle certificate 1"
_SIZE_LIMIT = 256 * 1024 * 1024
_DIGITS = 200


class CertificateError(Exception):
    """A certificate that cannot be read; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class CertificateStep:
    """A step: the rule, the label it explains or stands before, its choices, and the time then.

    `duration` is how long a passage of time lasts, None for other steps; `time` is in
    seconds since the trace began; `after` is the digest of the run up to here.
    """

    rule: str
    label: int
    internal: bool
    choices: tuple[tuple[str, JSON], ...]
    duration: Fraction | None
    time: Fraction
    after: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A run of the specification that explains every label of a trace.

    `on` and `off` are the errata and deviations that were switched on and off in the profile.
    """

    profile: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    labels: str
    initial: tuple[tuple[str, JSON], ...]
    steps: tuple[CertificateStep, ...]


def chain(before: str, step: CertificateStep, host: Any) -> str:
    """The digest of a run, from the digest before its last step, that step and the host after it.

    Everything that the step says goes in, so no part of a certificate can be changed alone.
    """
    said = [
        before,
        step.rule,
        step.label,
        step.internal,
        [list(choice) for choice in step.choices],
        None if step.duration is None else number(step.duration),
        number(step.time),
        canonical(host),
    ]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def number(value: Fraction | int) -> JSON:
    """An exact number as JSON: an integer, or `p/q`."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else f"{exact.numerator}/{exact.denominator}"


def exact(value: JSON) -> Fraction:
    """The number that `number` wrote.  Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError("expected a number")
    if isinstance(value, int):
        return Fraction(value)
    top, slash, bottom = value.partition("/")
    digits = top.removeprefix("-")
    if not (slash and digits.isascii() and digits.isdigit() and bottom.isascii() and bottom.isdigit()):
        raise ValueError("expected an integer or p/q")
    if len(value) > _DIGITS or int(bottom) == 0:
        raise ValueError("not a usable fraction")
    return Fraction(int(top), int(bottom))


def to_json(certificate: Certificate) -> str:
    """A certificate as text."""
    steps = [
        {
            "rule": step.rule,
            "label": step.label,
            "internal": step.internal,
            "choices": [list(choice) for choice in step.choices],
            "duration": None if step.duration is None else number(step.duration),
            "time": number(step.time),
            "after": step.after,
        }
        for step in certificate.steps
    ]
    head = {
        "format": FORMAT,
        "profile": certificate.profile,
        "with": certificate.on,
        "without": certificate.off,
        "labels": certificate.labels,
        "initial": [list(choice) for choice in certificate.initial],
    }
    lines = ",\n  ".join(json.dumps(step, ensure_ascii=True) for step in steps)
    return json.dumps(head)[:-1] + ',\n "steps": [\n  ' + lines + "\n ]}\n"


def read_certificate(path: Path) -> Certificate:
    """Read a certificate.  Raises CertificateError, in one line, for anything that is not one."""
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise CertificateError(f"{path}: larger than {_SIZE_LIMIT} bytes")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CertificateError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CertificateError(f"{path}: byte {error.start}: not UTF-8 text") from None
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise CertificateError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise CertificateError(f"{path}: not a certificate: nested too deeply or a number too long") from None
    return from_json(path, data)


def from_json(path: Path, data: Any) -> Certificate:
    """The certificate in a JSON document.  Raises CertificateError, which names the file `path`, where it is none."""
    place = "top level"
    try:
        if data["format"] != FORMAT:
            raise ValueError(f"expected format {FORMAT!r}")
        if not isinstance(data["profile"], str) or not isinstance(data["labels"], str):
            raise ValueError("profile and labels must be text")
        steps = []
        for position, item in enumerate(data["steps"]):
            place = f"step {position}"
            steps.append(_step(item))
        place = "initial"
        initial = tuple(map(_choice, data["initial"]))
        place = "top level"
        on, off = (_names(data.get(key, [])) for key in ("with", "without"))
        return Certificate(data["profile"], on, off, data["labels"], initial, tuple(steps))
    except KeyError as error:
        raise CertificateError(f"{path}: {place}: no {error.args[0]!r}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise CertificateError(f"{path}: {place}: {error}") from None


def _names(item: Any) -> tuple[str, ...]:
    if not isinstance(item, list) or not all(isinstance(name, str) for name in item):
        raise ValueError("with and without must be lists of names")
    return tuple(item)


def _choice(item: Any) -> tuple[str, JSON]:
    name, value = item
    if not isinstance(name, str):
        raise ValueError("a choice must be a name and a value")
    return name, value


def _step(item: Any) -> CertificateStep:
    rule, label, internal, after = item["rule"], item["label"], item["internal"], item["after"]
    if not (isinstance(rule, str) and isinstance(after, str) and isinstance(internal, bool)):
        raise ValueError("rule and after must be text, internal a truth value")
    if isinstance(label, bool) or not isinstance(label, int):
        raise ValueError("label must be an integer")
    duration = None if item["duration"] is None else exact(item["duration"])
    return CertificateStep(
        rule, label, internal, tuple(map(_choice, item["choices"])), duration, exact(item["time"]), after
    )
