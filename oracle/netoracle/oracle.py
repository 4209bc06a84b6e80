"""Checking one trace: search, certificate, replay, and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from netoracle.certificate.encoding import encode
from netoracle.certificate.model import Certificate, CertificateStep, chain
from netoracle.certificate.replay import Refused, apply_step, begin, labels_digest, replay
from netoracle.errata import Asked, ErratumEffect, asking, effects_on_run, effects_on_violation
from netoracle.explanation.violation import Violation, explain_violation
from netoracle.scenario import AS_IT_IS, Scenario, Switches, prepare
from netoracle.search.budget import Budget
from netoracle.search.lookahead import Lookahead
from netoracle.search.search import Found, Search, Verdict
from netoracle.search.state import State, Step
from netoracle.symbolic.run import Choice, Outcome, outcomes
from netoracle.symbolic.store import Store
from netoracle.symbolic.structure import evaluate, rename
from netoracle.trace import Format, read_trace
from netoracle.trace.observation import AnyReturn, shown
from netspec.base.choose import Choose
from netspec.tcp.host0 import Label
from netspec.tcp.host_types import Host

Progress = Callable[[int, int], None]
FormatName = Format | Literal["auto"]


@dataclass(frozen=True, slots=True)
class ReportStep:
    """A step of the run behind `conforms`, or of the longest explained prefix behind another verdict."""

    label: int
    internal: bool
    kind: str
    rule: str
    time: Fraction


@dataclass(frozen=True, slots=True)
class Inferred:
    """Something that the trace does not show and the run does: at which label, and what."""

    label: int
    what: Label


@dataclass(slots=True)
class Report:
    """What a check found out.  `seconds` is wall time, reading included."""

    scenario: Scenario
    verdict: Verdict
    seconds: float
    states: int
    solver_calls: int
    reason: str | None = None
    certificate: Certificate | None = None
    steps: list[ReportStep] = field(default_factory=list)
    inferred: list[Inferred] = field(default_factory=list)
    violation: Violation | None = None
    errata: list[ErratumEffect] = field(default_factory=list)


def check(
    path: str | Path,
    profile: str | None = None,
    budget: Budget | None = None,
    trace_format: FormatName = "auto",
    progress: Progress | None = None,
    switches: Switches = AS_IT_IS,
    errata: bool = True,
) -> Report:
    """Check the trace in a file, and where `errata` is true find out what the verdict owes to errata.

    Raises TraceError where the file is no trace, UsageError where it cannot be checked as asked.
    """
    started = time.perf_counter()
    scenario = prepare(read_trace(str(path), trace_format), profile, switches)
    report = check_scenario(scenario, budget or Budget(), progress, errata)
    report.seconds = time.perf_counter() - started
    return report


def check_scenario(
    scenario: Scenario,
    budget: Budget,
    progress: Progress | None = None,
    errata: bool = False,
    kind: type[Search] = Search,
) -> Report:
    """Check a trace that was made ready, and where `errata` is true find out what the verdict owes to errata."""
    lookahead = Lookahead(scenario.labels)
    certificates: list[Certificate] = []
    refusals: list[str] = []

    def accept(found: Found) -> bool:
        """A run is believed only if its replay, which shares nothing with the search, confirms it."""
        try:
            certificate = certify(scenario, found, start.choices)
            replay(certificate, scenario)
        except Refused as refused:
            refusals.append(str(refused))
            return False
        certificates.append(certificate)
        return True

    asked = Asked(scenario.profile.arch.deviations)
    # Where no erratum is applied there is nothing to note.
    noted = errata and bool(asked.errata)

    def first(choose: Choose) -> Host:
        h = lookahead.narrow(scenario.initial(choose))
        return asking(asked, h) if noted else h

    start = next(outcome for outcome in outcomes(first, Store(), lookahead) if isinstance(outcome, Outcome))
    assert isinstance(start.result, Host)
    initial = State(0, None, start.result, start.store, None, 0)
    search = kind(scenario.labels, initial, lookahead, accept, budget, progress)
    result = search.run()
    report = Report(scenario, result.verdict, result.seconds, result.states, result.solver_calls, result.reason)
    if refusals and report.verdict is Verdict.inconclusive:
        report.reason = f"{report.reason} ({refusals[0]})"
    if result.found is not None:
        report.certificate = certificates[-1]
        report.steps = report_steps(scenario, result.found.state)
        report.inferred = inferred(scenario, report.certificate)
        # Only what the search asked for can the run ask for.
        if asked.applied():
            report.errata = effects_on_run(report.certificate, scenario)
    elif result.deepest:
        report.steps = report_steps(scenario, result.deepest[0])
        explaining = Asked(scenario.profile.arch.deviations)
        deepest = [replace(state, host=asking(explaining, state.host)) for state in result.deepest]
        report.violation = explain_violation(scenario, lookahead, deepest)
        if errata and report.verdict is Verdict.violates:
            consulted = (*asked.applied(), *explaining.not_applied())
            report.errata = effects_on_violation(scenario, lookahead, result.deepest, consulted, budget, _verdict)
    return report


def _verdict(scenario: Scenario, budget: Budget) -> tuple[Verdict, int | None]:
    """The verdict, and the label that the search got to."""
    report = check_scenario(scenario, budget)
    return report.verdict, report.violation.label if report.violation else None


def report_steps(scenario: Scenario, state: State) -> list[ReportStep]:
    """The steps of a run, for people and for JSON: times are those of the labels they stand at."""
    starts = label_times(scenario)
    return [
        ReportStep(
            step.index,
            step.internal,
            "Lh_tau" if step.internal else type(scenario.labels[step.index]).__name__,
            step.rule,
            starts[step.index],
        )
        for step in state.steps()
    ]


def inferred(scenario: Scenario, certificate: Certificate) -> list[Inferred]:
    """The returned values that the trace does not show."""
    if not any(isinstance(label, AnyReturn) for label in scenario.labels):
        return []
    result = []
    h, _ = begin(certificate, scenario)
    for step in certificate.steps:
        label = scenario.labels[step.label]
        if isinstance(label, AnyReturn) and not step.internal:
            what = shown(label, h)
            if what is not None:
                result.append(Inferred(step.label, what))
        h = apply_step(h, step, scenario.labels)
    return result


def label_times(scenario: Scenario) -> list[Fraction]:
    """When each label begins, in seconds since the trace began."""
    times = []
    now = Fraction(0)
    for label in scenario.labels:
        times.append(now)
        now += getattr(label, "dur", Fraction(0))
    return times


def certify(scenario: Scenario, found: Found, initial_choices: tuple[Choice, ...]) -> Certificate:
    """Write down a run with the values that were found for its unknowns.

    Raises Refused where the specification does not allow the run after all.
    """
    store, model = found.state.store, found.model
    steps = found.state.steps()
    renamings = [step.renamed for step in steps if step.renamed is not None]

    def definite(value: object) -> object:
        result = evaluate(value, store, model)
        for old, new in renamings:
            result = rename(result, old, new)
        return result

    def named(name: str) -> str:
        for old, new in renamings:
            name = name.replace(f" of {old!r}", f" of {new!r}")
        return name

    initial = tuple((choice.name, encode(definite(choice.value))) for choice in initial_choices)
    profile = scenario.profile
    head = Certificate(profile.name, profile.on, profile.off, labels_digest(scenario.labels), initial, ())
    h, link = begin(head, scenario)
    written: list[CertificateStep] = []
    now = Fraction(0)
    for step in steps:
        written_step, h = _write(step, definite, named, now, link, h, scenario)
        now = written_step.time
        link = written_step.after
        written.append(written_step)
    return replace(head, steps=tuple(written))


def _write(
    step: Step,
    definite: Callable[[object], object],
    named: Callable[[str], str],
    now: Fraction,
    link: str,
    h: Host,
    scenario: Scenario,
) -> tuple[CertificateStep, Host]:
    choices = tuple((named(choice.name), encode(definite(choice.value))) for choice in step.choices)
    duration = None
    if step.duration is not None:
        value = definite(step.duration)
        assert isinstance(value, (int, Fraction))
        duration = Fraction(value)
    draft = CertificateStep(step.rule, step.index, step.internal, choices, duration, now + (duration or 0), "")
    h = apply_step(h, draft, scenario.labels)
    return replace(draft, after=chain(link, draft, h)), h
