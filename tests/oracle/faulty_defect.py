"""What a defect is, what the oracle is expected to say of it, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faulty_lab import Experiment, Lab, Sound

from netoracle.search.search import Verdict
from netoracle.wire.check import CaptureCheck
from netoracle.wire.passing import Side
from netspec.wire.profile import Vantage
from netspec.wire.profiles import WIRE_PROFILES


@dataclass(frozen=True)
class Outcome:
    """What the oracle says: `detected`, with a part of the premise that fails; else why not.

    `allowed`: the RFC permits it; `hidden`: segments do not show it, or a correct host could have sent the same;
    `missing`: no correct host does it, and the oracle does not notice.
    """

    kind: str
    reason: str


def detected(premise: str) -> Outcome:
    return Outcome("detected", premise)


def allowed(reason: str) -> Outcome:
    return Outcome("allowed", reason)


def hidden(reason: str) -> Outcome:
    return Outcome("hidden", reason)


def missing(reason: str) -> Outcome:
    return Outcome("missing", reason)


@dataclass(frozen=True)
class Defect:
    """A defect: its name and description, the clause that it breaks, what shows it, and the host that has it."""

    name: str
    text: str
    clause: str
    experiment: Experiment
    host: type[Sound]
    expected: dict[str, Outcome]


@dataclass(frozen=True)
class Said:
    """What the oracle said of the host under test: verdict, the premise and clause that failed, and the frame."""

    verdict: Verdict
    premise: str = ""
    clause: str = ""
    frame: int | None = None
    shown: str = ""


DEFECTS: dict[str, Defect] = {}


def defect(
    clause: str, experiment: Experiment, rfc9293: Outcome, utcp: Outcome | None = None, only: str | None = None
) -> Callable[[type[Sound]], type[Sound]]:
    """Enter a host as a defect; with no outcome for `utcp`, that profile is expected to say the same."""

    def enter(host: type[Sound]) -> type[Sound]:
        outcomes = {"rfc9293": rfc9293, "utcp": utcp or rfc9293}
        expected = {name: outcomes[name] for name in experiment.profiles if only in (None, name)}
        text = " ".join((host.__doc__ or "").split())
        name = "".join(f"-{c.lower()}" if c.isupper() else c for c in host.__name__).strip("-")
        assert name not in DEFECTS, name
        DEFECTS[name] = Defect(name, text, clause, experiment, host, expected)
        return host

    return enter


_LABS: dict[tuple[Experiment, type[Sound]], Lab] = {}
_SAID: dict[tuple[Experiment, type[Sound], str, bool], Said] = {}


def experience(experiment: Experiment, host: type[Sound]) -> Lab:
    """The experiment, carried out with a host, once."""
    if (experiment, host) not in _LABS:
        _LABS[experiment, host] = Lab(experiment, host)
    return _LABS[experiment, host]


def said(experiment: Experiment, host: type[Sound], profile: str, of_peer: bool = False) -> Said:
    """What the oracle says of the host, or of its correct peer, from the capture at its own interface."""
    key = experiment, host, profile, of_peer
    if key not in _SAID:
        lab = experience(experiment, host)
        _SAID[key] = judge(lab, lab.peer.me if of_peer else lab.subject.me, profile)
    return _SAID[key]


def judge(lab: Lab, me: Side, profile: str) -> Said:
    """What the oracle says of one end of an experiment."""
    check = CaptureCheck("simulated", WIRE_PROFILES[profile], Vantage.interface, frozenset({me[0]}))
    for one in lab.seen[me]:
        check.judge(one)
    check.now = max(check.now, lab.now)
    for report in check.finish():
        for finding in report.findings:
            bad = finding.violation
            premises = "; ".join(near.premise for near in bad.nearest)
            return Said(report.verdict, premises, bad.nearest[0].clause, bad.frame, shown(lab, me, bad.frame))
        return Said(report.verdict)
    return Said(Verdict.conforms)


def shown(lab: Lab, me: Side, frame: int | None, most: int = 25) -> str:
    """The frames before one, as lines for people."""
    seen = lab.seen[me]
    last = frame or len(seen)
    return "\n".join(
        f"{p.event.frame} {(p.event.time - lab.start) / 1e9:.3f} {'sent' if p.source == me else 'came'} "
        f"seq={p.event.seg.seq} ack={p.event.seg.ack} {p.event.seg.flags:#04x} win={p.event.seg.win} "
        f"len={p.event.seg.length} {p.event.seg.fault or ''} {p.event.seg.options}"
        for p in seen
        if last - most <= p.event.frame <= last
    )


def differs(one: Defect) -> bool:
    """Whether the defect shows at all: the capture is not that of a correct host."""
    faulty, sound = (experience(one.experiment, host) for host in (one.host, Sound))
    return faulty.seen[faulty.subject.me] != sound.seen[sound.subject.me]
