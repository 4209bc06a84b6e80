"""What the profile utcp has of FreeBSD-CURRENT and of µTCP: each is allowed, and without its deviation is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from aux_sockets import IFDS, RTTAB, TICKS, a_cb, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, TAU, a_host, deliver, sent, tcp
from support import Scripted
from test_deliver_in_3_steps import RECOVERING, in_flight, newack
from test_profile_freebsd_12 import connecting, output

from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import ts_seq
from netspec.profiles.freebsd_12 import FREEBSD_12
from netspec.profiles.utcp import UTCP
from netspec.tcp import deviations
from netspec.tcp.aux_fns.bandlim import bandlim_rst_ok_simple
from netspec.tcp.aux_fns.initial_cb import initial_cb_of
from netspec.tcp.aux_fns.rexmt import start_tt_rexmt
from netspec.tcp.deliver_in_3.topstuff import di3_topstuff
from netspec.tcp.host_types import tcp_sock_of
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    ESTABLISHED,
    FIN_WAIT_2,
    SYN_RECEIVED,
    TcpState,
    slow_timer,
)
from netspec.tcp.rules.deliver_in_3 import deliver_in_3, deliver_in_3b
from netspec.tcp.rules.timers import timer_tt_rexmtsyn_1

QUEUED = partial(Scripted, queued=True)
ON = UTCP.arch


def both(name: str, what: Callable[[Arch], Any]) -> tuple[Any, Any]:
    """What comes out with the deviation, and without it."""
    return what(ON), what(UTCP.without(name).arch)


def test_what_it_has_of_the_branch():
    """Those are tested with the branch's own profile; here, that they are the same ones, and which are not."""
    shared = {one.name for one in UTCP.deviations} & {one.name for one in FREEBSD_12.deviations}
    assert {one.name for one in FREEBSD_12.deviations} - shared == {
        deviations.OPTIONS_IN_SEGMENT_SIZE,
        deviations.INITIAL_WINDOW_RFC6928,
        deviations.RECEIVE_WINDOW_ON_INPUT,
        deviations.SLOW_TIMER_10_MS,
        deviations.SIMULTANEOUS_OPEN_WINDOW,
        deviations.SIMULTANEOUS_OPEN_SYN_ACK,
        deviations.RESET_IN_WINDOW,
        deviations.ACK_FOR_SYN,
        deviations.ONE_RESET_FOR_SYN,
        deviations.TRACE_FIN_WAIT_2_AS_TIME_WAIT,
        deviations.TRACE_OF_REMOVED_SOCKET,
        deviations.ANY_TRACE_AFTER_REMOVAL,
    }


def test_slow_timers_may_be_late_by_the_documented_period_and_the_calls():
    on, model = both(deviations.POLLED_TIMERS, lambda arch: slow_timer(arch, Fraction(3)).deadmax)
    assert (on, model) == (Fraction(36, 10), Fraction(3001, 1000))


def rto(arch: Arch, shift: int, srtt: Fraction) -> Fraction:
    ri = replace(initial_cb_of(arch).t_rttinf, t_srtt=srtt, tf_srtt_valid=True)
    return start_tt_rexmt(arch, shift, False, ri).timer.deadmin + Fraction(1, 2)


def test_the_least_timeout_is_30_ms():
    on, model = both(deviations.MINIMUM_TIMEOUT_30_MS, lambda arch: rto(arch, 0, Fraction(1, 1000)))
    assert (on, model) == (Fraction(3, 100), Fraction(1))


@pytest.mark.parametrize(("shift", "factor", "models"), [(6, 64, 64), (7, 128, 64), (9, 512, 64), (12, 512, 64)])
def test_the_back_off_goes_on_to_512(shift, factor, models):
    on, model = both(deviations.BACKOFFS_TO_512, lambda arch: rto(arch, shift, Fraction(1, 10)))
    assert (on, model) == (Fraction(factor, 10), Fraction(models, 10))


def test_a_new_socket_has_a_segment_size_of_536():
    assert both(deviations.INITIAL_SEGMENT_SIZE_536, lambda arch: initial_cb_of(arch).t_maxseg) == (536, 512)


def test_the_number_is_restored_after_a_partial_acknowledgement():
    def what(arch: Arch) -> Any:
        cb = newack(1501, in_flight(3000, **RECOVERING), arch=arch)[0].cb
        return cb.snd_nxt, cb.snd_cwnd

    assert both(deviations.NUMBER_RESTORED, what) == ((local(4001), 1500), (local(2001), 1500))


def test_the_receive_window_is_set_on_input_and_on_output():
    sock = a_sock(cb=a_cb(rcv_wnd=77, rcv_adv=foreign(5001 + 77)))

    def what(arch: Arch) -> tuple[int, int]:
        received, _, _, go_on = di3_topstuff(a_segment(), arch, RTTAB, IFDS, TICKS)(sock, (), QUEUED())
        assert go_on
        return tcp_sock_of(output(arch, sock)[0]).cb.rcv_wnd, tcp_sock_of(received).cb.rcv_wnd

    assert both(deviations.RECEIVE_WINDOW_ON_INPUT_TOO, what) == ((57344, 57344), (57344, 77))


def test_data_after_close_is_acknowledged():
    gone = {S0: a_sock(FIN_WAIT_2, fid=None)}
    data = a_segment(data=b"x")
    h = deliver(deliver_in_3, gone, data, QUEUED(sid=S0), ON)
    assert (tcp(h, S0).st, tcp(h, S0).cb.rcv_nxt) == (FIN_WAIT_2, foreign(5002))
    model = UTCP.without(deviations.DATA_AFTER_CLOSE).arch
    for rule, arch in ((deliver_in_3b, ON), (deliver_in_3, model)):
        with pytest.raises(PremiseFailed):
            deliver(rule, gone, data, QUEUED(sid=S0), arch)
    assert [one.RST for one in sent(deliver(deliver_in_3b, gone, data, QUEUED(sid=S0), model))] == [True]


def test_resets_have_no_limit():
    many = ((a_segment(RST=True), ts_seq(1000), BANDLIM_RST_CLOSEDPORT),) * 200

    def what(arch: Arch) -> bool:
        return bandlim_rst_ok_simple(arch, a_segment(RST=True), ts_seq(1000), BANDLIM_RST_CLOSEDPORT, many)[0]

    assert both(deviations.NO_RESET_LIMIT, what) == (True, False)


def test_the_windows_after_sending_a_syn_again_are_less_the_option_of_the_segment_size():
    def what(arch: Arch) -> int:
        sock = connecting(tf_req_tstmp=False, request_r_scale=6)
        return tcp(timer_tt_rexmtsyn_1(a_host({S0: sock}, a_segment(), arch), TAU, QUEUED()), S0).cb.snd_cwnd

    assert both(deviations.SYN_WINDOW_LESS_MSS, what) == (992, 996)


def test_the_acknowledgement_of_the_syn_ack_leaves_the_initial_window():
    def window(arch: Arch, st: TcpState) -> int:
        return newack(2001, in_flight(3000), st, arch=arch)[0].cb.snd_cwnd

    on, model = both(deviations.HANDSHAKE_KEEPS_WINDOW, lambda arch: window(arch, SYN_RECEIVED))
    assert (on, model) == (4000, 5000)
    assert window(ON, ESTABLISHED) == 5000
