"""A certificate verifies, and no longer does once anything in it is changed."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from traces import ECHO, netsem

from netoracle import Verdict, check
from netoracle.certificate.model import CertificateError, read_certificate, to_json
from netoracle.certificate.replay import Refused, replay


@pytest.fixture(scope="module", params=["shipped", "trace0241", "trace5000"])
def report(request):
    path = ECHO if request.param == "shipped" else netsem(request.param)
    result = check(path)
    assert result.verdict is Verdict.conforms
    return result


def refused(certificate, scenario) -> bool:
    try:
        replay(certificate, scenario)
    except Refused:
        return True
    return False


def other(value):
    """A value of the same kind that differs."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "1"
    if isinstance(value, list):
        return [*value, 0]
    if isinstance(value, dict):
        return {key: other(part) for key, part in value.items()}
    return 0


def with_step(certificate, position, **changes):
    steps = list(certificate.steps)
    steps[position] = replace(steps[position], **changes)
    return replace(certificate, steps=tuple(steps))


def test_it_verifies_also_after_writing_and_reading(report, tmp_path):
    replay(report.certificate, report.scenario)
    path = tmp_path / "run.json"
    path.write_text(to_json(report.certificate))
    assert read_certificate(path) == report.certificate


def test_no_chosen_value_can_be_changed(report):
    certificate = report.certificate
    changed = 0
    for position, step in enumerate(certificate.steps):
        for index, (name, value) in enumerate(step.choices):
            choices = (*step.choices[:index], (name, other(value)), *step.choices[index + 1 :])
            assert refused(with_step(certificate, position, choices=choices), report.scenario), (
                step.rule,
                name,
            )
            changed += 1
    assert changed > 5
    for index, (name, value) in enumerate(certificate.initial):
        initial = (*certificate.initial[:index], (name, other(value)), *certificate.initial[index + 1 :])
        assert refused(replace(certificate, initial=initial), report.scenario), name


def test_no_rule_time_label_or_digest_can_be_changed(report):
    certificate = report.certificate
    rules = sorted({step.rule for step in certificate.steps})
    for position, step in enumerate(certificate.steps):
        wrong_rule = rules[(rules.index(step.rule) + 1) % len(rules)]
        variants = [
            {"rule": wrong_rule},
            {"time": step.time + Fraction(1, 10**6)},
            {"label": step.label + 1},
            {"internal": not step.internal},
            {"after": other(step.after)},
            {"duration": Fraction(1) if step.duration is None else step.duration + 1},
        ]
        for variant in variants:
            assert refused(with_step(certificate, position, **variant), report.scenario), (position, variant)


def test_no_step_can_be_left_out_or_repeated(report):
    certificate = report.certificate
    for position in range(len(certificate.steps)):
        left_out = certificate.steps[:position] + certificate.steps[position + 1 :]
        assert refused(replace(certificate, steps=left_out), report.scenario)
        repeated = certificate.steps[: position + 1] + certificate.steps[position:]
        assert refused(replace(certificate, steps=repeated), report.scenario)


def test_it_is_for_its_trace_and_profile_only(report):
    assert refused(replace(report.certificate, labels="0" * 32), report.scenario)
    assert refused(replace(report.certificate, profile="winxp-sp1"), report.scenario)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '{"format": "other"}',
        '{"format": "netoracle certificate 1"}',
        "\x00\xff",
        "[" * 10**5,
    ],
)
def test_a_file_that_is_no_certificate_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(CertificateError) as caught:
        read_certificate(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_number_in_a_certificate_is_bounded(report, tmp_path):
    data = json.loads(to_json(report.certificate))
    data["steps"][0]["time"] = "1/" + "9" * 10**5
    path = tmp_path / "run.json"
    path.write_text(json.dumps(data))
    with pytest.raises(CertificateError):
        read_certificate(path)
