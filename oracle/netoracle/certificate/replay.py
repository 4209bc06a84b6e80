"""Replaying a certificate: a concrete run of the specification, step by step, with no search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import netspec.tcp.rules  # noqa: F401  (entering the rules into the index)
from netoracle.certificate.encoding import canonical
from netoracle.certificate.model import Certificate, CertificateStep, chain
from netoracle.certificate.recorded import Recorded
from netoracle.scenario import Scenario
from netoracle.trace.observation import Observation, shown
from netspec.base.choose import Choose, PremiseFailed
from netspec.tcp.host0 import Label, Lh_epsilon, Lh_tau
from netspec.tcp.host_types import Host
from netspec.tcp.rule import RULES


class Refused(Exception):
    """The certificate does not show that the trace conforms; the message names the step and why."""


def replay(certificate: Certificate, scenario: Scenario) -> Host:
    """Replay a run that explains every label, and return its last host.

    Raises Refused at the first step that the specification does not allow, or that is not as recorded.
    """
    labels = scenario.labels
    profile = scenario.profile
    if certificate.profile != profile.name:
        raise Refused(f"the certificate is for the profile {certificate.profile}")
    if (certificate.on, certificate.off) != (profile.on, profile.off):
        raise Refused(f"the certificate is for other errata and deviations than {profile.title}")
    if certificate.labels != labels_digest(labels):
        raise Refused("the certificate is for another trace")
    h, link = begin(certificate, scenario)
    progress = _Progress(labels)
    for position, step in enumerate(certificate.steps):
        try:
            progress.before(step)
            h = apply_step(h, step, labels)
            progress.after(step)
        except Refused as refused:
            raise Refused(f"step {position} ({step.rule}): {refused}") from None
        link = chain(link, step, h)
        if step.after != link:
            raise Refused(f"step {position} ({step.rule}): the run up to here is not the recorded one")
    if progress.index != len(labels):
        raise Refused(f"only {progress.index} of {len(labels)} labels are explained")
    return h


def begin(certificate: Certificate, scenario: Scenario) -> tuple[Host, str]:
    """The first host of a run, and the digest that its steps are chained to."""
    recorded = Recorded(certificate.initial)
    try:
        h = scenario.initial(recorded)
    except PremiseFailed as failed:
        raise Refused(f"initial host: {failed}") from None
    if not recorded.exhausted:
        raise Refused("initial host: more choices are recorded than it has")
    start = CertificateStep("initial", 0, True, certificate.initial, None, Fraction(0), "")
    return h, chain(certificate.labels, start, h)


def apply_step(
    h: Host,
    step: CertificateStep,
    labels: Sequence[Observation],
    watched: Callable[[Recorded], Choose] = lambda recorded: recorded,
) -> Host:
    """The host after a step; `watched` may look on as the rule is given its recorded choices.

    Raises Refused where the specification does not allow the step.
    """
    rule = RULES.get(step.rule)
    if rule is None:
        raise Refused("there is no such rule")
    label = label_of(h, step, labels)
    if type(label) not in rule.categories:
        raise Refused(f"the rule carries no {type(label).__name__}")
    recorded = Recorded(step.choices)
    try:
        after = rule(h, label, watched(recorded))
    except PremiseFailed as failed:
        raise Refused(f"a premise does not hold{f': {failed}' if str(failed) else ''}") from None
    if not recorded.exhausted:
        raise Refused("more choices are recorded than the rule makes")
    return after


def label_of(h: Host, step: CertificateStep, labels: Sequence[Observation]) -> Label:
    """The label that a step carries.  Raises Refused where there is none."""
    if step.internal:
        return Lh_tau()
    label = shown(labels[step.label], h)
    if label is None:
        raise Refused("the thread returns nothing")
    if isinstance(label, Lh_epsilon):
        if step.duration is None:
            raise Refused("the passage of time has a duration")
        return Lh_epsilon(step.duration)
    return label


class _Progress:
    """How far the labels are explained, and the time."""

    def __init__(self, labels: Sequence[Observation]) -> None:
        self.labels = labels
        self.index = 0
        self.passed = Fraction(0)
        self.time = Fraction(0)

    def before(self, step: CertificateStep) -> None:
        """Check that the step stands where it may.  Raises Refused."""
        if step.label != self.index:
            raise Refused(f"it is recorded for label {step.label}, but label {self.index} is next")
        if self.index >= len(self.labels):
            raise Refused("there is no label left")
        label = self.labels[self.index]
        if step.internal or not isinstance(label, Lh_epsilon):
            if step.duration is not None:
                raise Refused("only the passage of time has a duration")
        elif step.duration is None or step.duration < 0 or self.passed + step.duration > label.dur:
            raise Refused(f"its duration is not part of the {label.dur} s of label {self.index}")

    def after(self, step: CertificateStep) -> None:
        """Take note of a step that was made.  Raises Refused where its recorded time is wrong."""
        if not step.internal:
            label = self.labels[self.index]
            if isinstance(label, Lh_epsilon) and step.duration is not None:
                self.passed += step.duration
                self.time += step.duration
                if self.passed == label.dur:
                    self.index += 1
                    self.passed = Fraction(0)
            else:
                self.index += 1
        if step.time != self.time:
            raise Refused(f"its time is recorded as {step.time} s but is {self.time} s")


def labels_digest(labels: Sequence[Observation]) -> str:
    """A digest of a trace's labels, which ties a certificate to its trace."""
    start = CertificateStep("labels", len(labels), True, (), None, Fraction(0), "")
    return chain("", start, canonical(tuple(labels)))
