"""Seeded single changes of a trace's labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from netoracle.scenario import Scenario
from netoracle.trace.observation import Observation
from netspec.base.base_types import FAIL, OK, Fail, TL_err, TL_int, TL_one
from netspec.base.errors import Error
from netspec.tcp.host0 import Lh_call, Lh_epsilon, Lh_return, Lh_senddatagram
from netspec.tcp.net_types import TCP, TcpSegment

_FLAGS = ("URG", "ACK", "PSH", "RST", "SYN", "FIN")
_STEPS = (1, 2, 100, 1448, 2**20, 2**31)

Labels = tuple[Observation, ...]
Operator = Callable[[Labels, Random], tuple[Labels, str] | None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed trace: the kind of change, where and what, and the changed scenario."""

    kind: str
    what: str
    scenario: Scenario


def mutants(scenario: Scenario, seed: int, count: int) -> Iterator[Mutant]:
    """`count` different mutants of a trace, the kinds in turn; fewer where it has not so many."""
    random = Random(f"{seed} {scenario.trace.path.rpartition('/')[2]}")
    seen: set[Labels] = {scenario.labels}
    kinds = list(OPERATORS)
    made = attempts = 0
    while made < count and attempts < 40 * count:
        kind = kinds[attempts % len(kinds)]
        attempts += 1
        changed = OPERATORS[kind](scenario.labels, random)
        if changed is None or changed[0] in seen:
            continue
        labels, what = changed
        seen.add(labels)
        made += 1
        entries = tuple(scenario.entries[min(i, len(scenario.entries) - 1)] for i in range(len(labels)))
        yield Mutant(kind, what, replace(scenario, labels=labels, entries=entries))


def _pick(labels: Labels, random: Random, wanted: Callable[[Observation], bool]) -> int | None:
    places = [index for index, label in enumerate(labels) if wanted(label)]
    return random.choice(places) if places else None


def _with(labels: Labels, index: int, *new: Observation) -> Labels:
    return (*labels[:index], *new, *labels[index + 1 :])


def _sends_segment(label: Observation) -> bool:
    return isinstance(label, Lh_senddatagram) and isinstance(label.msg, TCP)


def _segment_change(change: Callable[[TcpSegment, Random], tuple[TcpSegment, str]]) -> Operator:
    """An operator that changes one segment that the host sends."""

    def operator(labels: Labels, random: Random) -> tuple[Labels, str] | None:
        index = _pick(labels, random, _sends_segment)
        if index is None:
            return None
        label = labels[index]
        assert isinstance(label, Lh_senddatagram) and isinstance(label.msg, TCP)
        segment, what = change(label.msg.v, random)
        return _with(labels, index, Lh_senddatagram(TCP(segment))), f"label {index}: {what}"

    return operator


def _sequence(segment: TcpSegment, random: Random) -> tuple[TcpSegment, str]:
    step = random.choice(_STEPS) * random.choice((1, -1))
    return replace(segment, seq=segment.seq + step), f"seq {step:+}"


def _acknowledgement(segment: TcpSegment, random: Random) -> tuple[TcpSegment, str]:
    step = random.choice(_STEPS) * random.choice((1, -1))
    return replace(segment, ack=segment.ack + step), f"ack {step:+}"


def _window(segment: TcpSegment, random: Random) -> tuple[TcpSegment, str]:
    window = random.choice((0, 1, segment.win // 2, (segment.win + 1) % 65536, 65535))
    return replace(segment, win=window), f"win {segment.win} -> {window}"


def _flag(segment: TcpSegment, random: Random) -> tuple[TcpSegment, str]:
    flag = random.choice(_FLAGS)
    value = not getattr(segment, flag)
    changes: dict[str, Any] = {flag: value}
    return replace(segment, **changes), f"{flag} -> {'T' if value else 'F'}"


def _returned(labels: Labels, random: Random) -> tuple[Labels, str] | None:
    """A returned error becomes another, a success becomes an error, or an error becomes a success."""
    index = _pick(labels, random, lambda label: isinstance(label, Lh_return))
    if index is None:
        return None
    label = labels[index]
    assert isinstance(label, Lh_return)
    failed = isinstance(label.v, TL_err) and isinstance(label.v.v, Fail)
    if failed and random.random() < 0.3:
        return _with(labels, index, Lh_return(label.tid, OK(TL_one()))), f"label {index}: returns OK()"
    if not failed and random.random() < 0.3:
        return _with(labels, index, Lh_return(label.tid, OK(TL_int(7)))), f"label {index}: returns OK(7)"
    error = random.choice(list(Error))
    return _with(labels, index, Lh_return(label.tid, FAIL(error))), f"label {index}: fails with {error.name}"


def _swapped(labels: Labels, random: Random) -> tuple[Labels, str] | None:
    """Two labels that follow each other, but for time that passes between them, change places."""
    places = [index for index, label in enumerate(labels) if not isinstance(label, Lh_epsilon)]
    if len(places) < 2:
        return None
    at = random.randrange(len(places) - 1)
    one, other = places[at], places[at + 1]
    changed = list(labels)
    changed[one], changed[other] = changed[other], changed[one]
    return tuple(changed), f"labels {one} and {other} change places"


def _missing(labels: Labels, random: Random) -> tuple[Labels, str] | None:
    index = _pick(labels, random, lambda label: not isinstance(label, Lh_epsilon))
    if index is None:
        return None
    return _with(labels, index), f"label {index} is missing ({type(labels[index]).__name__})"


def _stretched(labels: Labels, random: Random) -> tuple[Labels, str] | None:
    """Time between a call and its return, or between other labels, goes on past what deadlines allow."""
    places = [
        index
        for index, label in enumerate(labels)
        if isinstance(label, Lh_epsilon) and index and isinstance(labels[index - 1], Lh_call)
    ]
    index = random.choice(places) if places and random.random() < 0.5 else None
    if index is None:
        index = _pick(labels, random, lambda label: isinstance(label, Lh_epsilon))
    if index is None:
        return None
    label = labels[index]
    assert isinstance(label, Lh_epsilon)
    longer = label.dur + random.choice((Fraction(3, 2), Fraction(5), Fraction(100), Fraction(10**5)))
    return _with(labels, index, Lh_epsilon(longer)), f"label {index}: {float(label.dur):.6f} s -> {float(longer):.6f} s"


OPERATORS: dict[str, Operator] = {
    "sequence number": _segment_change(_sequence),
    "acknowledgement number": _segment_change(_acknowledgement),
    "window": _segment_change(_window),
    "flag": _segment_change(_flag),
    "returned value": _returned,
    "order of two labels": _swapped,
    "missing label": _missing,
    "stretched duration": _stretched,
}


def kinds() -> Sequence[str]:
    """The kinds of change."""
    return tuple(OPERATORS)
