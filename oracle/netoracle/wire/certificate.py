"""The run behind `conforms` for a capture: by which rule each segment was sent, and its replay.

A certificate lists, for each connection, each segment that the host sent: the frame, the rule, and how many segments
the host had received by then.  The replay reads the capture again and applies exactly those, with no search.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from os import PathLike
from typing import Any

from netoracle.certificate.model import CertificateError
from netoracle.certificate.replay import Refused
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import packets
from netoracle.wire.connection import profiles
from netoracle.wire.passing import Passing, Side, Unreachable, passing
from netoracle.wire.result import WireReport
from netoracle.wire.track import begun, elapsed
from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.premise import Forbidden
from netspec.wire.profile import Vantage, WireProfile
from netspec.wire.profiles import WIRE_PROFILES
from netspec.wire.receive import overheard, receive, unreachable
from netspec.wire.rules.dispatch import candidates, send

KIND = "netoracle capture certificate 1"


def certificate_of(reports: Sequence[WireReport]) -> str:
    """The certificate, as JSON, for reports that all conform and kept their steps."""
    connections = [
        {
            "host": one.connection.host,
            "port": one.connection.port,
            "peer": one.connection.peer,
            "peer_port": one.connection.peer_port,
            "vantage": one.vantage,
            "steps": [[step.frame, step.rule, step.received] for step in one.steps],
        }
        for report in reports
        for one in report.followed
    ]
    head = {"kind": KIND, "profile": reports[0].profile, "judged_at": reports[0].vantage}
    return json.dumps({**head, "connections": connections}) + "\n"


def is_capture_certificate(path: str | PathLike[str]) -> bool:
    """Whether a file is such a certificate."""
    try:
        with open(path, encoding="utf-8") as file:
            return KIND in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False


@dataclass(slots=True)
class Run:
    """A connection of the certificate, replayed so far."""

    profile: WireProfile
    steps: list[tuple[int, str, int]]
    endpoint: Endpoint | None = None
    waiting: list[Event] | None = None
    received: int = 0
    done: int = 0


Runs = dict[tuple[Side, Side], Run]


def replay_capture(text: str, name: str, capture: str | PathLike[str]) -> tuple[int, int]:
    """Replay the text of a certificate, which has a name: the connections and the segments that it explains.

    Raises CertificateError where it is none, CaptureError where the capture is none, Refused where it does not hold.
    """
    return replay_passing(parse_certificate(text, name), passing(packets(read_frames(capture))))


def replay_passing(runs: Runs, stream: Iterable[Passing | Unreachable]) -> tuple[int, int]:
    """The same for a certificate that was read, and what passes the recorder."""
    now = 0
    for one in stream:
        if isinstance(one, Unreachable):
            told = runs.get((one.source, one.target))
            if told is not None and told.endpoint is not None:
                told.endpoint = unreachable(told.endpoint, one.hard)
            continue
        now = max(now, one.event.time)
        run = None if one.forged else runs.get((one.source, one.target))
        if run is not None:
            _sent(run, one.event)
        run = runs.get((one.target, one.source))
        if run is not None:
            _arrived(run, one.event)
    for run in runs.values():
        _pass_time(run, now)
        if run.done < len(run.steps):
            raise Refused(f"frame {run.steps[run.done][0]} is explained but not in the capture")
    return len(runs), sum(run.done for run in runs.values())


def _arrived(run: Run, event: Event) -> None:
    run.endpoint = overheard(begun(run.endpoint, event, False), event, run.profile)
    _pass_time(run, event.time)
    run.waiting = [*(run.waiting or []), event]


def _sent(run: Run, event: Event) -> None:
    run.endpoint = begun(run.endpoint, event, True)
    _pass_time(run, event.time)
    if run.done >= len(run.steps) or run.steps[run.done][0] != event.frame:
        raise Refused(f"frame {event.frame} is not explained")
    _, rule, received = run.steps[run.done]
    run.done += 1
    waiting = run.waiting or []
    if not run.received <= received <= run.received + len(waiting):
        raise Refused(f"frame {event.frame}: {received} segments cannot have been received by then")
    while run.received < received:
        _receive_one(run)
    if rule not in candidates(run.endpoint, event, run.profile):
        raise Refused(f"frame {event.frame}: {rule} is no rule for such a segment")
    try:
        run.endpoint = send(run.endpoint, event, run.profile, rule)
    except Forbidden as reason:
        raise Refused(f"frame {event.frame}: {rule}: {reason}") from None


def _receive_one(run: Run) -> None:
    assert run.endpoint is not None and run.waiting
    run.endpoint = receive(run.endpoint, run.waiting.pop(0), run.profile)
    run.received += 1


def _pass_time(run: Run, now: int) -> None:
    while run.waiting and run.waiting[0].time < now - run.profile.lag:
        _receive_one(run)
    if run.endpoint is not None:
        try:
            elapsed(run.endpoint, run.waiting or (), now, run.profile)
        except Forbidden as reason:
            raise Refused(f"as time passes: {reason}") from None


def parse_certificate(text: str, name: str) -> Runs:
    """The runs in the text of a certificate.  Raises CertificateError where it is none."""
    try:
        document = json.loads(text)
        if document["kind"] != KIND:
            raise ValueError("another kind")
        profile = WIRE_PROFILES[document["profile"]]
        return dict(_run(profile, document["judged_at"], one) for one in document["connections"])
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, OverflowError, RecursionError) as error:
        raise CertificateError(f"{name}: no certificate for a capture: {error!r}") from None


def _run(profile: WireProfile, judged_at: str, one: dict[str, Any]) -> tuple[tuple[Side, Side], Run]:
    sides = (
        (ip_address(one["host"]).packed, int(one["port"])),
        (ip_address(one["peer"]).packed, int(one["peer_port"])),
    )
    vantage = Vantage(one["vantage"])
    known = {vantage.value: vantage for vantage in Vantage}
    options = profiles(profile, known.get(judged_at), sides[0])
    chosen = next(option for option in options if option.vantage is vantage)
    steps = [(int(frame), str(rule), int(received)) for frame, rule, received in one["steps"]]
    return sides, Run(replace(chosen), steps)
