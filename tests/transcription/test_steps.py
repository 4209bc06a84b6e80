"""Steps judged by the text of their rules: a small text written for the purpose, and the model's where it is."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from netoracle.cli import app
from netoracle.oracle import check
from netoracle.scenario import prepare
from netoracle.trace import read_trace
from netoracle.transcription.evaluate.stack import with_deep_stack
from netoracle.transcription.evaluate.theory import theory_of
from netoracle.transcription.reader import read_model, read_source
from netoracle.transcription.steps import Outcome, Step, check_certificate, check_forbidden, check_step, steps_of
from netspec.base.base_types import TID, OK_one
from netspec.base.seq32 import ts_seq
from netspec.base.timers import Timed, never_timer
from netspec.tcp.host0 import Lh_return
from netspec.tcp.host_init import simple_host
from netspec.tcp.host_types import Host
from netspec.tcp.pre_host_types import IP, Ret, Run, sched_timer

TEXT = r"""
val _ = Hol_datatype `tid = TID of num`;
val _ = Hol_datatype `timer = Timer of duration # time # time`;
val _ = Hol_datatype `timed = Timed of 'a # timer`;
val _ = Hol_datatype `hostThreadState = Run | Ret of TLang`;
val _ = Hol_datatype `Lhost0 = Lh_return of tid # TLang | Lh_tau`;
val initial_cb_def = Define `initial_cb = NONE`;
val never_timer_def = Define `never_timer = Timer(0,time_infty,time_infty)`;
val (r, i, c) = Net_Hol_reln`
  (!h ts tid v d.
   give_back /* rp_all, misc nonurgent */
     h with <| ts := FUPDATE ts (tid,Timed(Ret v,d)) |>
   -- Lh_return (tid,v) -->
     h with <| ts := FUPDATE ts (tid,Timed(Run,never_timer)) |>
   <==
     h.privs = F)
/\
  (!h ts tid v d n.
   puzzle /* rp_all, misc nonurgent */
     h with <| ts := FUPDATE ts (tid,Timed(Ret v,d)) |>
   -- Lh_return (tid,v) -->
     h with <| ts := FUPDATE ts (tid,Timed(Run,never_timer)) |>
   <==
     hidden n)
`;
"""

THEORY = theory_of([read_source(TEXT, "small.sml")])
THREAD = TID(3)
BEFORE = replace(
    (some := simple_host(IP(10, 0, 0, 1), ts_seq(0), Fraction(0))),
    ts=some.ts.set(THREAD, Timed(Ret(OK_one()), sched_timer)),
)
LABEL = Lh_return(THREAD, OK_one())
AFTER = replace(BEFORE, ts=BEFORE.ts.set(THREAD, Timed(Run, never_timer)))


def judged(rule: str = "give_back", before: Host = BEFORE, after: Host = AFTER) -> Outcome:
    return check_step(THEORY, Step(rule, before, LABEL, after, {})).outcome


def test_a_step_of_the_text_is_confirmed() -> None:
    assert judged() is Outcome.confirmed


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        replace(AFTER, privs=True),
        replace(AFTER, listen=(1,)),
        replace(AFTER, ts=AFTER.ts.set(THREAD, Timed(Run, sched_timer))),
        replace(AFTER, ts=AFTER.ts.delete(THREAD)),
        replace(AFTER, ts=AFTER.ts.set(TID(9), Timed(Run, never_timer))),
    ],
)
def test_another_state_after_is_contradicted(after: Host) -> None:
    assert judged(after=after) is Outcome.contradicted


def test_a_premise_that_does_not_hold_is_named() -> None:
    privileged = replace(BEFORE, privs=True)
    step = Step("give_back", privileged, LABEL, replace(AFTER, privs=True), {})
    check = check_step(THEORY, step)
    assert check.outcome is Outcome.contradicted
    assert "premise 1 of 1" in check.place


def test_what_cannot_be_evaluated_is_said() -> None:
    check = check_step(THEORY, Step("puzzle", BEFORE, LABEL, AFTER, {}))
    assert (check.outcome, "hidden" in check.reason) == (Outcome.not_evaluated, True)
    assert judged("absent") is Outcome.not_evaluated


def test_what_the_text_forbids() -> None:
    assert check_forbidden(THEORY, "give_back", replace(BEFORE, privs=True), LABEL, {}).outcome is Outcome.confirmed
    assert check_forbidden(THEORY, "give_back", BEFORE, LABEL, {}).outcome is Outcome.contradicted


# -- with the model's text ----------------------------------------------------------------------------

CHECKOUT = os.environ.get("NETORACLE_NETSEM")
needs_text = pytest.mark.skipif(not CHECKOUT, reason="NETORACLE_NETSEM names no checkout of the model")
TRACES = sorted((Path(__file__).parents[2] / "traces" / "udp").rglob("*.hol"))[:3]


@needs_text
@pytest.mark.parametrize("trace", TRACES, ids=lambda path: path.stem)
def test_every_step_of_a_shipped_trace_is_one_of_the_text(trace: Path) -> None:
    report = check(trace, errata=False)
    if report.certificate is None:
        pytest.skip("it does not conform")
    theory = theory_of(read_model(Path(str(CHECKOUT))))
    scenario = prepare(read_trace(str(trace)), None)
    checks = with_deep_stack(lambda: check_certificate(theory, report.certificate, scenario))
    assert {(step.rule, step.reason) for step in checks if step.outcome is Outcome.contradicted} == set()
    assert sum(step.outcome is Outcome.confirmed for step in checks) >= len(checks) - 2


@needs_text
@pytest.mark.parametrize("trace", TRACES[:2], ids=lambda path: path.stem)
def test_a_changed_step_is_contradicted(trace: Path) -> None:
    report = check(trace, errata=False)
    if report.certificate is None:
        pytest.skip("it does not conform")
    theory = theory_of(read_model(Path(str(CHECKOUT))))
    scenario = prepare(read_trace(str(trace)), None)
    for step in steps_of(report.certificate, scenario):
        changed = replace(step, after=replace(step.after, privs=not step.after.privs))
        assert with_deep_stack(lambda changed=changed: check_step(theory, changed)).outcome is not Outcome.confirmed


@needs_text
def test_the_command_judges_a_certificate(tmp_path: Path) -> None:
    trace = next(path for path in TRACES if check(path, errata=False).certificate is not None)
    certificate = tmp_path / "run.json"
    run = CliRunner().invoke
    assert run(app, ["check", str(trace), "--certificate", str(certificate)]).exit_code == 0
    result = run(app, ["verify", "--hol4", str(CHECKOUT), str(certificate), str(trace)])
    assert "confirmed" in result.output
    assert result.exit_code in (0, 3)


def test_a_checkout_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["transcription", "steps", str(tmp_path), str(tmp_path / "trace")])
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
