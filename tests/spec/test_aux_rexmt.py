from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from aux_sockets import ARCHS, BSD, LINUX, WINXP

from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed, Timer, never_timer
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.aux_fns.rexmt import (
    RexmtTimer,
    computed_rto,
    computed_rxtcur,
    expand_cwnd,
    mode_of,
    shift_of,
    start_tt_persist,
    start_tt_rexmt,
    start_tt_rexmt_gen,
    start_tt_rexmtsyn,
    tcp_backoffs,
    tcp_syn_backoffs,
    update_rtt,
)
from netspec.tcp.host_types import Persist, Rexmt, RexmtMode, RexmtSyn
from netspec.tcp.params import Arch

# Its computed_rto is factor * MAX 1 (3 + 4 * 0) = 3 * factor.
RI = initial_cb.t_rttinf


def timer(mode: RexmtMode, shift: int, seconds: Fraction) -> RexmtTimer:
    """slow_timer d runs out between d - 1/2 and d + 1/1000."""
    return Timed((mode, shift), Timer(Fraction(0), seconds - Fraction(1, 2), seconds + Fraction(1, 1000)))


def test_backoffs_of_each_architecture() -> None:
    assert [tcp_backoffs(arch)[-1] for arch in ARCHS] == [64, 512, 16]
    assert [len(tcp_backoffs(arch)) for arch in ARCHS] == [13, 11, 5]
    assert [tcp_syn_backoffs(arch)[-1] for arch in ARCHS] == [64, 16, 2]
    assert [len(tcp_syn_backoffs(arch)) for arch in ARCHS] == [13, 5, 2]


def test_mode_and_shift_of_a_timer() -> None:
    running: RexmtTimer = Timed((Persist, 3), never_timer)
    assert (mode_of(running), shift_of(running)) == (Persist, 3)
    assert mode_of(None) is None
    with pytest.raises(PremiseFailed):
        shift_of(None)


def test_computed_rto() -> None:
    ri = replace(RI, t_srtt=Fraction(1, 2), t_rttvar=Fraction(1, 4), t_rttmin=Fraction(1))
    assert computed_rto((1, 2, 4), 2, ri) == 4 * Fraction(3, 2)
    assert computed_rto((1, 2, 4), 0, replace(ri, t_rttmin=Fraction(2))) == 2


def test_computed_rto_past_the_end_of_the_list_takes_the_last_factor() -> None:
    assert computed_rto((1, 2, 4), 3, RI) == computed_rto((1, 2, 4), 9, RI) == 4 * 3


def test_computed_rxtcur() -> None:
    assert computed_rxtcur(replace(RI, t_lastshift=2), BSD) == 4 * 3
    assert computed_rxtcur(replace(RI, t_lastshift=5), BSD) == 64  # MIN 64 (32 * 3)
    assert computed_rxtcur(replace(RI, t_lastshift=5, t_wassyn=True), BSD) == 2 * 3
    assert computed_rxtcur(replace(RI, t_rttmin=Fraction(100)), BSD) == 100


@pytest.mark.parametrize(
    ("arch", "shift", "seconds"), [(BSD, 0, 3), (BSD, 4, 48), (BSD, 5, 64), (LINUX, 3, 24), (WINXP, 4, 48)]
)
def test_start_tt_rexmt(arch: Arch, shift: int, seconds: int) -> None:
    assert start_tt_rexmt(arch, shift, False, RI) == timer(Rexmt, shift, Fraction(seconds))


@pytest.mark.parametrize(
    ("arch", "shift", "seconds"), [(BSD, 4, 3), (BSD, 5, 6), (BSD, 10, 64), (LINUX, 4, 48), (WINXP, 1, 6)]
)
def test_start_tt_rexmtsyn(arch: Arch, shift: int, seconds: int) -> None:
    assert start_tt_rexmtsyn(arch, shift, False, RI) == timer(RexmtSyn, shift, Fraction(seconds))


def test_wantmin_waits_two_ticks_more_than_the_last_round_trip() -> None:
    ri = replace(RI, t_lastrtt=Fraction(70))
    assert start_tt_rexmt_gen(BSD, Rexmt, (1,), 0, True, ri) == timer(Rexmt, 0, Fraction(7002, 100))
    assert start_tt_rexmt_gen(BSD, Rexmt, (1,), 0, False, ri) == timer(Rexmt, 0, Fraction(3))
    # t_rttmin bounds it with wantmin and without.
    ri = replace(RI, t_rttmin=Fraction(80))
    assert start_tt_rexmt_gen(BSD, Rexmt, (1,), 0, True, ri) == timer(Rexmt, 0, Fraction(80))
    assert start_tt_rexmt_gen(BSD, Rexmt, (1,), 0, False, ri) == timer(Rexmt, 0, Fraction(80))


@pytest.mark.parametrize(("shift", "seconds"), [(0, 5), (1, 6), (4, 48), (5, 60)])
def test_start_tt_persist_is_between_5_and_60_seconds(shift: int, seconds: int) -> None:
    assert start_tt_persist(shift, RI, BSD) == timer(Persist, shift, Fraction(seconds))


def test_the_first_round_trip_is_the_estimate() -> None:
    ri = replace(RI, t_rttupdated=4, t_lastshift=3, t_wassyn=True)
    assert update_rtt(BSD, Fraction(2), ri) == replace(
        ri,
        t_rttupdated=5,
        tf_srtt_valid=True,
        t_srtt=Fraction(2),
        t_rttvar=Fraction(1),
        t_lastrtt=Fraction(2),
        t_lastshift=0,
        t_wassyn=False,
    )


def test_a_later_round_trip_is_averaged_in() -> None:
    ri = replace(RI, tf_srtt_valid=True, t_srtt=Fraction(1), t_rttvar=Fraction(1, 2))
    # delta = 2 - 1/100 - 1 = 99/100; vardelta = 99/100 - 1/2 = 49/100
    updated = update_rtt(BSD, Fraction(2), ri)
    assert (updated.t_srtt, updated.t_rttvar) == (Fraction(899, 800), Fraction(249, 400))
    # delta = 1/2 - 1/100 - 1 = -51/100; vardelta = 51/100 - 1/2 = 1/100
    updated = update_rtt(BSD, Fraction(1, 2), ri)
    assert (updated.t_srtt, updated.t_rttvar) == (Fraction(749, 800), Fraction(201, 400))


def test_the_estimates_have_lower_bounds() -> None:
    ri = replace(RI, tf_srtt_valid=True, t_srtt=Fraction(1, 3200), t_rttvar=Fraction(1, 1600))
    updated = update_rtt(BSD, Fraction(1, 100), ri)
    assert (updated.t_srtt, updated.t_rttvar) == (Fraction(1, 3200), Fraction(1, 1600))


@pytest.mark.parametrize(
    ("ssthresh", "maxwin", "cwnd", "expected"),
    [
        (1000, 65535, 1000, 1100),  # slow start, up to the threshold inclusive
        (1000, 65535, 1001, 1010),  # 100 * 100 DIV 1001 = 9
        (1000, 65535, 20000, 20000),  # 100 * 100 DIV 20000 = 0
        (65535, 65535, 65500, 65535),
    ],
)
def test_expand_cwnd(ssthresh: int, maxwin: int, cwnd: int, expected: int) -> None:
    assert expand_cwnd(BSD, ssthresh, 100, maxwin, cwnd) == expected
