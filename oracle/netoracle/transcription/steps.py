"""The steps of a certificate against the HOL4 text of their rules.

For each step the rule of the text is taken with the state before as its left side, the state
after as its right side and the label between; its quantified variables are what these
determine, or the values that the step recorded; and each premise is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final, TypeVar

import immutables

from netoracle.certificate.model import Certificate
from netoracle.certificate.recorded import Recorded
from netoracle.certificate.replay import apply_step, begin, label_of
from netoracle.scenario import Scenario
from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate.goals import Equation, Formula, Goal
from netoracle.transcription.evaluate.names import binder_names
from netoracle.transcription.evaluate.proof import Machine
from netoracle.transcription.evaluate.theory import Theory
from netoracle.transcription.evaluate.values import NotEvaluated, Unknown, Value
from netspec.base.choose import Choose
from netspec.base.seq32 import Seq32, TcpForeign, TcpLocal
from netspec.tcp.host0 import Label
from netspec.tcp.host_types import TCP_PROTO, Host

T = TypeVar("T")


class Outcome(Enum):
    """What the text says about a step."""

    confirmed = "confirmed"
    contradicted = "contradicted"
    not_evaluated = "not evaluated"


@dataclass(frozen=True, slots=True)
class StepCheck:
    """A step, and what the text says about it.

    `place` and `reason` name the premise that does not hold, or what was not evaluated and why.
    """

    position: int
    rule: str
    outcome: Outcome
    place: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A concrete step of a run; `choices` are the values that its rule chose, by name."""

    rule: str
    before: Host
    label: Label
    after: Host
    choices: Mapping[str, Sequence[Value]]


class Noted:
    """Recorded choices, and which values they were."""

    def __init__(self, recorded: Choose) -> None:
        self.recorded = recorded
        self.values: dict[str, list[Value]] = {}

    def _note(self, name: str, value: T) -> T:
        self.values.setdefault(name, []).append(value)
        return value

    def boolean(self, name: str) -> bool:
        """The recorded truth value."""
        return self._note(name, self.recorded.boolean(name))

    def one_of(self, name: str, options: Iterable[T]) -> T:
        """The recorded member."""
        return self._note(name, self.recorded.one_of(name, options))

    def integer(self, name: str, lo: int, hi: int | None) -> int:
        """The recorded integer."""
        return self._note(name, self.recorded.integer(name, lo, hi))

    def real(self, name: str, lo: Fraction, hi: Fraction) -> Fraction:
        """The recorded real."""
        return self._note(name, self.recorded.real(name, lo, hi))

    def data(self, name: str) -> bytes:
        """The recorded bytes."""
        return self._note(name, self.recorded.data(name))

    def fresh(self, name: str, make: Callable[[int], T], used: Collection[T]) -> T:
        """The recorded identifier."""
        return self._note(name, self.recorded.fresh(name, make, used))

    def possible(self, rule: Callable[[Choose], object]) -> bool:
        """Whether some choices let a rule succeed."""
        return self.recorded.possible(rule)


def steps_of(certificate: Certificate, scenario: Scenario) -> Iterator[Step]:
    """The concrete steps of a certificate.  Raises Refused where the specification does not allow one."""
    h, _ = begin(certificate, scenario)
    for step in certificate.steps:
        label = label_of(h, step, scenario.labels)
        noted: list[Noted] = []

        def noting(recorded: Recorded, noted: list[Noted] = noted) -> Choose:
            noted.append(Noted(recorded))
            return noted[-1]

        after = apply_step(h, step, scenario.labels, noting)
        yield Step(step.rule, h, label, after, noted[-1].values)
        h = after


def check_step(theory: Theory, step: Step, position: int = 0) -> StepCheck:
    """What the text of its rule says about a step."""
    text = theory.rules.get(step.rule)
    if text is None:
        return StepCheck(position, step.rule, Outcome.not_evaluated, "", "the text has no rule of this name")
    choices = {**step.choices, "cs": list(_data_taken_in(step.before, step.after))}
    machine, env, goals = _asked(theory, text, step.before, step.label, choices)
    goals.append(Equation(text.transition.after, env, step.after, len(text.premises) + 1))
    holds, reason = _holds(machine, goals)
    if holds:
        return StepCheck(position, text.name, Outcome.confirmed)
    outcome = Outcome.not_evaluated if reason else Outcome.contradicted
    return StepCheck(position, text.name, outcome, _where(machine, text), reason or "does not hold")


def check_forbidden(
    theory: Theory, rule: str, before: Host, label: Label, choices: Mapping[str, Sequence[Value]]
) -> StepCheck:
    """Whether the text forbids a rule too, in a state where it raised PremiseFailed: whatever the state after."""
    text = theory.rules.get(rule)
    if text is None:
        return StepCheck(0, rule, Outcome.not_evaluated, "", "the text has no rule of this name")
    machine, _, goals = _asked(theory, text, before, label, choices)
    holds, reason = _holds(machine, goals)
    if holds:
        return StepCheck(0, rule, Outcome.contradicted, str(text.place), "the text allows it")
    if reason and reason != NO_WITNESS:
        return StepCheck(0, rule, Outcome.not_evaluated, _where(machine, text), reason)
    return StepCheck(0, rule, Outcome.confirmed)


def _asked(
    theory: Theory, text: s.RuleText, before: Host, label: Label, choices: Mapping[str, Sequence[Value]]
) -> tuple[Machine, dict[str, Value], list[Goal]]:
    """The premises of a rule for a state and a label, with its variables unknown."""
    machine = Machine(theory)
    env: dict[str, Value] = {
        name: machine.store.fresh(name) for pattern in text.variables for name in binder_names(pattern)
    }
    machine.hints = {name: [_typed(name, value) for value in values] for name, values in choices.items()}
    machine.hinted = machine.store.count
    machine.witnesses = _witnesses(machine, before)
    goals: list[Goal] = [
        Equation(text.transition.label, env, label, 0),
        Equation(text.transition.before, env, before, 0),
        *(Formula(premise, env, number) for number, premise in enumerate(text.premises, 1)),
    ]
    return machine, env, goals


def _witnesses(machine: Machine, before: Host) -> dict[str, Sequence[Value]]:
    """Values to try for variables of which any value will do."""
    initial_cb = machine.value(s.Name("initial_cb"), {})
    return {
        "cb0": [initial_cb],
        "cb_in": [initial_cb],
        "rcvdsyn": [True, False],
        **{f"overwritten {name}": [getattr(before, name)] for name in HOST_FIELDS},
        "overwritten socks": [before.socks, immutables.Map()],
    }


def _holds(machine: Machine, goals: Sequence[Goal]) -> tuple[bool, str]:
    """Whether goals hold; where that could not be told, no and why."""
    try:
        holds = any(True for _ in machine.solve(goals))
    except Unknown as unknown:
        return False, f"nothing determines {unknown}"
    except NotEvaluated as reason:
        return False, str(reason) or "not evaluated"
    except RecursionError:
        return False, "nested too deeply"
    return holds, NO_WITNESS if machine.guessed and not holds else ""


def _where(machine: Machine, text: s.RuleText) -> str:
    number, _ = machine.furthest
    if 1 <= number <= len(text.premises):
        return f"{text.premises[number - 1].place} (premise {number} of {len(text.premises)})"
    return f"{text.place} ({'the state before' if number == 0 else 'the state after'})"


def _data_taken_in(before: Host, after: Host) -> Iterator[tuple[int, ...]]:
    """What the step added to receive queues: the bytes that tcp_reass has put together, its `cs`."""
    for sid, sock in after.socks.items():
        old = before.socks.get(sid)
        if old is not None and isinstance(sock.pr, TCP_PROTO) and isinstance(old.pr, TCP_PROTO):
            was, now = old.pr.v.rcvq, sock.pr.v.rcvq
            if now[: len(was)] == was:
                yield tuple(now[len(was) :])


NO_WITNESS: Final = "a witness was not found"

HOST_FIELDS: Final = ("ts", "files", "fds", "iq", "oq", "bndlm", "listen", "bound", "ifds", "ticks")
"""Fields of which a rule speaks although its left side overwrites them: any value will do there."""

SEQUENCE_NUMBERS: Final = {"iss": TcpLocal, "ack_any": TcpForeign, "ack'": TcpForeign}
"""Variables of the text whose value a rule chooses as a plain number."""


def _typed(name: str, value: Value) -> Value:
    return Seq32(SEQUENCE_NUMBERS[name], value) if name in SEQUENCE_NUMBERS and isinstance(value, int) else value


def check_certificate(
    theory: Theory, certificate: Certificate, scenario: Scenario, progress: Callable[[int, int], None] | None = None
) -> list[StepCheck]:
    """What the text says about every step of a certificate.  Raises Refused for a certificate that does not hold."""
    checks = []
    for position, step in enumerate(steps_of(certificate, scenario)):
        checks.append(check_step(theory, step, position))
        if progress is not None:
            progress(position + 1, len(certificate.steps))
    return checks
