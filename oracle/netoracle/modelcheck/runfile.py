"""Runs as files: the form of a counterexample that can be read again and replayed.

A JSON object: `format` and `version`; `system` with its `name` and `options`, from which the model can be made
again; `property` and `outcome`; `initial`, the fingerprint of the first state; `steps`, each with `rule`, `party`,
`detail` and the fingerprint `state` of the state that it leads to; `loop`, the number of steps before the state that
the last step returns to, or null.  Fingerprints are 16 hexadecimal digits.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from netoracle.modelcheck.encoding import Encoder
from netoracle.modelcheck.result import Finding, Outcome, Run
from netoracle.modelcheck.system import (
    Invariant,
    LeadsTo,
    Model,
    NoDeadlock,
    Property,
    Sometimes,
    SometimesStep,
    Step,
    StepInvariant,
)

S = TypeVar("S", bound=Hashable)

FORMAT: Final = "netoracle-run"
VERSION: Final = 1
LARGEST: Final = 64 * 2**20


class RunError(Exception):
    """A file that is not a run, or a run that is not one of its system; the message is one line."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run as it stands in a file; each step with the fingerprint of the state that it leads to."""

    system: str
    options: Mapping[str, Any]
    property: str
    outcome: Outcome
    initial: int
    steps: tuple[tuple[Step, int], ...]
    loop: int | None


@dataclass(frozen=True, slots=True)
class Replayed(Generic[S]):
    """A run that was made again from its file."""

    model: Model[S]
    property: Property[S]
    outcome: Outcome
    run: Run[S]


def write_run(finding: Finding[S], system: str, options: Mapping[str, Any]) -> str:
    """The text of the file for a finding that has a run."""
    if finding.run is None:
        raise ValueError(f"{finding.property.name} has no run to write")
    encoder = Encoder()
    states = [f"{encoder.fingerprint(state):016x}" for state in finding.run.states]
    steps = [
        {"rule": step.rule, "party": step.party, "detail": step.detail, "state": state}
        for step, state in zip(finding.run.steps, states[1:], strict=True)
    ]
    content = {
        "format": FORMAT,
        "version": VERSION,
        "system": {"name": system, "options": dict(options)},
        "property": finding.property.name,
        "outcome": finding.outcome.value,
        "initial": states[0],
        "steps": steps,
        "loop": finding.run.loop,
    }
    return json.dumps(content, indent=1) + "\n"


def is_run(text: str) -> bool:
    """Whether a text claims to be such a file."""
    return text.lstrip().startswith("{") and f'"{FORMAT}"' in text[:200]


def load_run(path: Path) -> RecordedRun:
    """Read a file.  Raises RunError where it cannot be read or is not of the form."""
    try:
        if path.stat().st_size > LARGEST:
            raise RunError(f"{path}: larger than {LARGEST // 2**20} MiB")
        content = json.loads(path.read_text())
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise RunError(f"{path}: not JSON") from None
    try:
        return _parsed(content)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path}: not a run of {FORMAT} version {VERSION}: {error}") from None


def _parsed(content: Any) -> RecordedRun:
    if content["format"] != FORMAT or content["version"] != VERSION:
        raise ValueError("another format or version")
    steps = tuple(
        (Step(*(_string(step[name]) for name in ("rule", "party", "detail"))), int(step["state"], 16))
        for step in content["steps"]
    )
    loop = content["loop"]
    if loop is not None and not (isinstance(loop, int) and 0 <= loop < len(steps)):
        raise ValueError("loop is no place in the run")
    options = content["system"]["options"]
    if not isinstance(options, dict):
        raise TypeError("options is no object")
    return RecordedRun(
        _string(content["system"]["name"]),
        options,
        _string(content["property"]),
        Outcome(content["outcome"]),
        int(content["initial"], 16),
        steps,
        loop,
    )


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no string")
    return value


def replay(recorded: RecordedRun, model: Model[S]) -> Replayed[S]:
    """Make a recorded run again in a model, step by step, and confirm what it shows.

    Raises RunError where a step is none of the system's, or the run does not show what the file says.
    """
    encoder = Encoder()
    try:
        checked = model.property_named(recorded.property)
    except KeyError:
        raise RunError(f"{model.title} has no property {recorded.property!r}") from None
    starts = [state for state in model.system.initial() if encoder.fingerprint(state) == recorded.initial]
    if not starts:
        raise RunError("the run begins in a state that is not an initial state")
    states = starts[:1]
    for number, (step, fingerprint) in enumerate(recorded.steps, 1):
        after = next(
            (
                state
                for taken, state in model.system.successors(states[-1])
                if taken == step and encoder.fingerprint(state) == fingerprint
            ),
            None,
        )
        if after is None:
            raise RunError(f"step {number} ({step}) is not a step of {model.title}")
        states.append(after)
    run = Run(tuple(states), tuple(step for step, _ in recorded.steps), recorded.loop)
    if not shows(checked, recorded.outcome, run, model):
        raise RunError(f"the run does not show that {recorded.property} is {recorded.outcome.value}")
    return Replayed(model, checked, recorded.outcome, run)


def shows(checked: Property[S], outcome: Outcome, run: Run[S], model: Model[S]) -> bool:
    """Whether a run of the model is a counterexample, or for a witness an example."""
    if isinstance(checked, Sometimes):
        return outcome is Outcome.holds and checked.holds(run.states[-1])
    if isinstance(checked, SometimesStep):
        return outcome is Outcome.holds and bool(run.steps) and checked.holds(*_last_step(run))
    if outcome is not Outcome.violated:
        return False
    if isinstance(checked, Invariant):
        return not checked.holds(run.states[-1])
    if isinstance(checked, StepInvariant):
        return bool(run.steps) and not checked.holds(*_last_step(run))
    if isinstance(checked, NoDeadlock):
        return not any(True for _ in model.system.successors(run.states[-1])) and not checked.may_end(run.states[-1])
    return _avoids(checked, run, model)


def _last_step(run: Run[S]) -> tuple[S, Step, S]:
    return run.states[-2], run.steps[-1], run.states[-1]


def _avoids(checked: LeadsTo[S], run: Run[S], model: Model[S]) -> bool:
    """Whether a run asks for `after`, never gets it, and either ends for good or goes round fairly for ever."""
    last = max((place for place, state in enumerate(run.states) if checked.after(state)), default=-1)
    if not any(checked.before(state) for state in run.states[last + 1 :]):
        return False
    if run.loop is None:
        return not any(True for _ in model.system.successors(run.states[-1]))
    if last >= run.loop or run.states[run.loop] != run.states[-1]:
        return False
    taken = {step.action for step in run.steps[run.loop :]}
    enabled = [{step.action for step, _ in model.system.successors(state)} for state in run.states[run.loop + 1 :]]
    fairness = checked.fairness
    if fairness.ceasing is not None and any(map(fairness.ceasing, taken)):
        return False
    for action in set().union(*enabled) - taken:
        if fairness.ceasing is not None and fairness.ceasing(action):
            continue
        if fairness.strong(action):
            return False
        if fairness.weak(action) and all(action in here for here in enabled):
            return False
    return True
