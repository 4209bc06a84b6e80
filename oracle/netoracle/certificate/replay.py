"""Replaying a certificate: a concrete run of the specification, step by step, with no search."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import netspec.tcp.rules  # noqa: F401  (entering the rules into the index)
from netoracle.certificate.encoding import canonical
from netoracle.certificate.model import Certificate, CertificateStep, chain
from netoracle.certificate.recorded import Recorded
from netspec.base.choose import Choose, PremiseFailed
from netspec.tcp.host0 import Label, Lh_epsilon, Lh_tau
from netspec.tcp.host_types import Host
from netspec.tcp.rule import RULES


class Refused(Exception):
    """The certificate does not show that the trace conforms; the message names the step and why."""


def replay(
    certificate: Certificate, labels: Sequence[Label], labels_digest: str, initial: InitialHost
) -> Host:
    """Replay a run and return its last host.

    `initial` makes the first host from the certificate's choices for it.  Raises Refused
    at the first step that the specification does not allow, or that is not as recorded.
    """
    if certificate.labels != labels_digest:
        raise Refused("the certificate is for another trace")
    h = _initial(certificate, initial)
    state = _Progress(labels)
    digest = chain("", "initial", 0, [list(choice) for choice in certificate.initial], h)
    for position, step in enumerate(certificate.steps):
        try:
            label = state.label_of(step)
            h = _apply(h, step, label)
            state.done(step)
        except PremiseFailed as failed:
            detail = f": {failed}" if str(failed) else ""
            raise Refused(f"step {position} ({step.rule}): a premise does not hold{detail}") from None
        except _Wrong as wrong:
            raise Refused(f"step {position} ({step.rule}): {wrong}") from None
        digest = chain(
            digest,
            f"{step.rule} {step.internal} {step.duration} {step.time}",
            step.label,
            [list(choice) for choice in step.choices],
            h,
        )
        if step.after != digest:
            raise Refused(f"step {position} ({step.rule}): the host afterwards is not the recorded one")
    if state.index != len(labels):
        raise Refused(f"only {state.index} of {len(labels)} labels are explained")
    return h


class InitialHost:
    """Makes the first host of a run from the choices that the trace leaves open."""

    def __call__(self, choose: Choose) -> Host:
        """The first host."""
        raise NotImplementedError


class _Wrong(Exception):
    pass


def _initial(certificate: Certificate, initial: InitialHost) -> Host:
    recorded = Recorded(certificate.initial)
    try:
        h = initial(recorded)
    except PremiseFailed as failed:
        raise Refused(f"initial host: {failed}") from None
    if not recorded.exhausted:
        raise Refused("initial host: more choices are recorded than it has")
    return h


def _apply(h: Host, step: CertificateStep, label: Label) -> Host:
    rule = RULES.get(step.rule)
    if rule is None:
        raise _Wrong("there is no such rule")
    if type(label) not in rule.categories:
        raise _Wrong(f"the rule carries no {type(label).__name__}")
    recorded = Recorded(step.choices)
    after = rule(h, label, recorded)
    if not recorded.exhausted:
        raise _Wrong("more choices are recorded than the rule makes")
    return after


class _Progress:
    """How far the labels are explained, and the time."""

    def __init__(self, labels: Sequence[Label]) -> None:
        self.labels = labels
        self.index = 0
        self.passed = Fraction(0)
        self.time = Fraction(0)

    def label_of(self, step: CertificateStep) -> Label:
        """The label that the step carries."""
        if step.label != self.index:
            raise _Wrong(f"it is recorded for label {step.label}, but label {self.index} is next")
        if step.internal:
            if step.duration is not None:
                raise _Wrong("an internal step takes no time")
            return Lh_tau()
        if self.index >= len(self.labels):
            raise _Wrong("there is no label left")
        label = self.labels[self.index]
        if not isinstance(label, Lh_epsilon):
            if step.duration is not None:
                raise _Wrong("only the passage of time has a duration")
            return label
        if step.duration is None or step.duration < 0 or self.passed + step.duration > label.dur:
            raise _Wrong(f"its duration is not part of the {label.dur} s of label {self.index}")
        return Lh_epsilon(step.duration)

    def done(self, step: CertificateStep) -> None:
        """Take note of a step that was made."""
        if not step.internal:
            label = self.labels[self.index]
            if isinstance(label, Lh_epsilon):
                assert step.duration is not None
                self.passed += step.duration
                self.time += step.duration
                if self.passed == label.dur:
                    self.index += 1
                    self.passed = Fraction(0)
            else:
                self.index += 1
        if step.time != self.time:
            raise _Wrong(f"its time is recorded as {step.time} s but is {self.time} s")


def labels_digest(labels: Sequence[Label]) -> str:
    """A digest of a trace's labels, which ties a certificate to its trace."""
    return chain("", "labels", len(labels), [], tuple(canonical(label) for label in labels))
