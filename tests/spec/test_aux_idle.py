from __future__ import annotations

from fractions import Fraction

import pytest
from aux_sockets import BSD, a_cb, a_sock

from netspec.base.timers import Timed, Timer, never_timer
from netspec.tcp.aux_fns.idle import update_idle
from netspec.tcp.host_types import tcp_sock_of
from netspec.tcp.params import stopwatch_zero
from netspec.tcp.pre_host_types import ESTABLISHED, FIN_WAIT_2, SYN_RECEIVED, TcpState

OLD = Timed((), never_timer)
# slow_timer d runs from 0 to between d - 1/2 and d + 1/1000.
KEEP_IDLE = Timed((), Timer(Fraction(0), Fraction(14399, 2), Fraction(7200001, 1000)))
MAXIDLE = Timed((), Timer(Fraction(0), Fraction(1199, 2), Fraction(600001, 1000)))


def test_a_segment_restarts_the_keepalive_timer() -> None:
    tcp_sock = tcp_sock_of(a_sock(ESTABLISHED, cb=a_cb(tt_keep=OLD, tt_fin_wait_2=OLD)))
    assert update_idle(BSD, tcp_sock) == (stopwatch_zero, KEEP_IDLE, OLD)


def test_a_segment_restarts_the_fin_wait_2_timer_in_that_state() -> None:
    tcp_sock = tcp_sock_of(a_sock(FIN_WAIT_2, cb=a_cb(tt_keep=None, tt_fin_wait_2=None)))
    assert update_idle(BSD, tcp_sock) == (stopwatch_zero, KEEP_IDLE, MAXIDLE)


@pytest.mark.parametrize(("st", "tf_needfin"), [(SYN_RECEIVED, False), (ESTABLISHED, True)])
def test_only_both_the_state_and_the_fin_to_send_keep_the_keepalive_timer(st: TcpState, tf_needfin: bool) -> None:
    tcp_sock = tcp_sock_of(a_sock(st, cb=a_cb(tt_keep=OLD, tf_needfin=tf_needfin)))
    assert update_idle(BSD, tcp_sock) == (stopwatch_zero, KEEP_IDLE, None)


def test_a_socket_that_waits_to_send_a_fin_keeps_its_keepalive_timer() -> None:
    tcp_sock = tcp_sock_of(a_sock(SYN_RECEIVED, cb=a_cb(tt_keep=OLD, tf_needfin=True)))
    assert update_idle(BSD, tcp_sock) == (stopwatch_zero, OLD, None)
