from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from aux_sockets import (
    ARCHS,
    BSD,
    EMPTY_OQ,
    I1,
    I2,
    IFDS,
    LINUX,
    P1,
    P2,
    RTTAB,
    TICKS,
    UNROUTABLE,
    WINXP,
    a_cb,
    a_segment,
    a_sock,
    foreign,
    local,
)
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.errors import EADDRNOTAVAIL, EHOSTUNREACH, EINVAL, ENETUNREACH, ENOBUFS, Error
from netspec.base.timers import Timed, Timer, never_timer
from netspec.tcp.aux_fns import queueing
from netspec.tcp.aux_fns.output import tcp_output_really, tcp_output_required
from netspec.tcp.aux_fns.queueing import (
    enqueue_and_ignore_fail,
    enqueue_each_and_ignore_fail,
    enqueue_or_fail,
    enqueue_or_fail_sock,
    mlift_tcp_output_perhaps_or_fail,
    rollback_tcp_output,
)
from netspec.tcp.host_types import RexmtMode, Tcpcb, tcp_sock_of
from netspec.tcp.net_types import TCP, Msg
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import IP, outqueue_timer

SEG = TCP(a_segment(is1=I1, is2=I2, ps1=P1, ps2=P2))
LOST = TCP(a_segment(is1=I1, is2=UNROUTABLE, ps1=P1, ps2=P2))
FROM_LOOPBACK = TCP(a_segment(is1=IP(127, 0, 0, 1), is2=I2, ps1=P1, ps2=P2))
NOWHERE = TCP(a_segment(is1=I1, is2=None, ps1=P1, ps2=P2))

DELACK = Timed((), never_timer)
CB0 = a_cb(snd_cwnd=4000, tt_delack=DELACK, last_ack_sent=foreign(5000), tf_rxwin0sent=True)
CB_IN = a_cb(
    snd_nxt=local(2001),
    snd_max=local(2001),
    snd_cwnd=4000,
    last_ack_sent=foreign(5001),
    rcv_adv=foreign(70000),
    t_rttseg=(TICKS, local(1001)),
    tt_rexmt=None,
)
# What a failure to send puts back.
F0: dict[str, Any] = {
    "snd_nxt": local(1001),
    "tt_delack": DELACK,
    "last_ack_sent": foreign(5000),
    "rcv_adv": foreign(62345),
}
# computed_rto is 1 * MAX 1 (3 + 4 * 0) = 3.
REXMT = Timed((RexmtMode.Rexmt, 0), Timer(Fraction(0), Fraction(5, 2), Fraction(3001, 1000)))


def rollback(
    seg: Msg,
    arch: Arch = BSD,
    rcvdsyn: bool = True,
    is_connect: bool = False,
    cb_in: Tcpcb = CB_IN,
    **script: bool,
) -> tuple[Tcpcb, Error | None, tuple[tuple[Msg, bool], ...]]:
    return rollback_tcp_output(rcvdsyn, seg, arch, RTTAB, IFDS, is_connect, CB0, cb_in, Scripted(**script))


@pytest.mark.parametrize("arch", ARCHS)
def test_a_segment_that_is_queued_changes_nothing_more(arch: Arch) -> None:
    assert rollback(SEG, arch, queued=True) == (CB_IN, None, ((SEG, True),))


def test_a_segment_that_is_not_queued_rolls_back_and_quenches() -> None:
    cb = replace(CB_IN, **F0, tt_rexmt=REXMT, snd_cwnd=1000)
    assert rollback(SEG, queued=False) == (cb, ENOBUFS, ((SEG, False),))


def test_a_quench_does_not_wait_for_the_last_round_trip() -> None:
    cb_in = replace(CB_IN, t_rttinf=replace(CB_IN.t_rttinf, t_lastrtt=Fraction(50)))
    assert rollback(SEG, cb_in=cb_in, queued=False)[0].tt_rexmt == REXMT


@pytest.mark.parametrize("case", ["connect", "timer runs"])
def test_a_connect_or_a_running_timer_is_not_quenched(case: str) -> None:
    cb_in = CB_IN if case == "connect" else replace(CB_IN, tt_rexmt=Timed((RexmtMode.Persist, 2), never_timer))
    cb, es, _ = rollback(SEG, is_connect=case == "connect", cb_in=cb_in, queued=False)
    assert (cb, es) == (replace(cb_in, **F0), ENOBUFS)


@pytest.mark.parametrize(("arch", "e"), [(BSD, EHOSTUNREACH), (LINUX, ENETUNREACH), (WINXP, EHOSTUNREACH)])
@pytest.mark.parametrize("rcvdsyn", [False, True])
def test_a_segment_without_a_route_rolls_back(arch: Arch, e: Error, rcvdsyn: bool) -> None:
    cb = replace(CB_IN, **F0, t_softerror=e if rcvdsyn else None)
    assert rollback(LOST, arch, rcvdsyn) == (cb, e, ())


def test_a_segment_from_loopback_may_not_leave_the_host() -> None:
    assert rollback(FROM_LOOPBACK, WINXP) == (CB_IN, None, ())
    assert rollback(FROM_LOOPBACK, BSD) == (replace(CB_IN, **F0), EADDRNOTAVAIL, ())
    assert rollback(FROM_LOOPBACK, LINUX) == (replace(CB_IN, **F0), EINVAL, ())


def test_a_segment_that_finds_no_memory_rolls_back_all_and_quenches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing, "INFINITE_RESOURCES", False)
    rolled_back = replace(CB_IN, **F0, tf_rxwin0sent=True, t_rttseg=None, snd_max=local(1001))
    quenched = replace(rolled_back, tt_rexmt=REXMT, snd_cwnd=1000)
    cb_in = replace(CB_IN, tt_rexmt=Timed((RexmtMode.Rexmt, 0), never_timer))
    assert rollback(SEG, cb_in=cb_in, allocated=False) == (quenched, ENOBUFS, ())
    assert rollback(SEG, is_connect=True, allocated=False) == (rolled_back, ENOBUFS, ())
    assert rollback(SEG, allocated=True, queued=True) == (CB_IN, None, ((SEG, True),))


def test_a_segment_to_nowhere_is_never_sent() -> None:
    with pytest.raises(PremiseFailed):
        rollback(NOWHERE, queued=True)


def enqueue_one(outsegs: tuple[Msg, ...], **script: bool) -> tuple[Tcpcb, Timed[tuple[Msg, ...]]]:
    return enqueue_or_fail(True, BSD, RTTAB, IFDS, outsegs, EMPTY_OQ, CB0, CB_IN, Scripted(**script))


def test_enqueue_or_fail_queues_a_segment() -> None:
    assert enqueue_one((SEG,), queued=True) == (CB_IN, Timed((SEG,), outqueue_timer))


def test_enqueue_or_fail_without_a_segment_takes_the_old_control_block() -> None:
    assert enqueue_one(()) == (CB0, EMPTY_OQ)


def test_enqueue_or_fail_leaves_the_queue_where_there_is_no_route() -> None:
    assert enqueue_one((LOST,)) == (replace(CB_IN, **F0, t_softerror=EHOSTUNREACH), EMPTY_OQ)


def test_enqueue_or_fail_never_runs_out_of_resources() -> None:
    with pytest.raises(PremiseFailed):
        enqueue_one((SEG,), queued=False)


def test_enqueue_or_fail_takes_one_segment_at_most() -> None:
    with pytest.raises(PremiseFailed):
        enqueue_one((SEG, SEG), queued=True)


def test_enqueue_or_fail_quenches_as_no_connect_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing, "INFINITE_RESOURCES", False)
    cb, oq = enqueue_one((SEG,), allocated=False)
    assert (cb.tt_rexmt, cb.snd_cwnd, oq) == (REXMT, 1000, EMPTY_OQ)


def test_enqueue_or_fail_sock_puts_the_control_block_back() -> None:
    sock0, sock = a_sock(cb=CB0), a_sock(cb=CB_IN, sndq=b"out")
    sock_, oq_ = enqueue_or_fail_sock(False, BSD, RTTAB, IFDS, (LOST,), EMPTY_OQ, sock0, sock, Scripted())
    assert (sock_, oq_) == (a_sock(cb=replace(CB_IN, **F0), sndq=b"out"), EMPTY_OQ)


@pytest.mark.parametrize("arch", ARCHS)
def test_enqueue_and_ignore_fail_gives_the_queue_only(arch: Arch) -> None:
    oq_ = enqueue_and_ignore_fail(arch, RTTAB, IFDS, (SEG,), EMPTY_OQ, Scripted(queued=True))
    assert oq_ == Timed((SEG,), outqueue_timer)
    for outsegs in ((), (LOST,), (FROM_LOOPBACK,)):
        assert enqueue_and_ignore_fail(arch, RTTAB, IFDS, outsegs, EMPTY_OQ, Scripted()) == EMPTY_OQ
    for impossible in ((NOWHERE,), (SEG, SEG)):
        with pytest.raises(PremiseFailed):
            enqueue_and_ignore_fail(arch, RTTAB, IFDS, impossible, EMPTY_OQ, Scripted(queued=True))


def test_enqueue_each_and_ignore_fail_queues_in_order_and_skips_what_fails() -> None:
    other = TCP(a_segment(is1=I1, is2=I2, ps1=P1, ps2=P2, win=2))
    oq_ = enqueue_each_and_ignore_fail(BSD, RTTAB, IFDS, (SEG, LOST, other), EMPTY_OQ, Scripted(queued=True))
    assert oq_ == Timed((SEG, other), outqueue_timer)
    assert enqueue_each_and_ignore_fail(BSD, RTTAB, IFDS, (), EMPTY_OQ, Scripted()) == EMPTY_OQ
    with pytest.raises(PremiseFailed):
        enqueue_each_and_ignore_fail(BSD, RTTAB, IFDS, (SEG, NOWHERE), EMPTY_OQ, Scripted(queued=True))


MLIFT = mlift_tcp_output_perhaps_or_fail(TICKS, BSD, RTTAB, IFDS)


def test_mlift_sends_what_is_required_and_goes_on() -> None:
    sock = a_sock(sndq=b"abc")
    sock_, (msg,) = tcp_output_really(BSD, False, TICKS, IFDS, sock, Scripted())
    assert MLIFT(sock, (), Scripted(queued=True)) == (sock_, (), ((msg, True),), True)


def test_mlift_rolls_back_where_the_segment_is_not_queued() -> None:
    sock_, _, outsegs, _ = MLIFT(a_sock(sndq=b"abc"), (), Scripted(queued=False))
    cb = tcp_sock_of(sock_).cb
    assert [queued for _, queued in outsegs] == [False]
    # A retransmit timer started with the segment, so that there is no quench.
    assert (cb.snd_nxt, cb.snd_max, cb.snd_cwnd, cb.tt_rexmt) == (local(1001), local(1004), 4000, REXMT)


def test_mlift_quenches_where_an_acknowledgement_is_not_queued() -> None:
    sock_, _, _, _ = MLIFT(a_sock(cb=a_cb(tf_shouldacknow=True)), (), Scripted(queued=False))
    cb = tcp_sock_of(sock_).cb
    assert (cb.tt_rexmt, cb.snd_cwnd) == (REXMT, 1000)


def test_mlift_keeps_a_routing_error() -> None:
    sock_, _, outsegs, _ = MLIFT(a_sock(sndq=b"abc", is2=UNROUTABLE), (), Scripted())
    assert (tcp_sock_of(sock_).cb.t_softerror, outsegs) == (EHOSTUNREACH, ())


def test_mlift_keeps_the_persist_timer_that_it_starts_instead() -> None:
    sock = a_sock(sndq=b"abc", cb=a_cb(snd_wnd=0))
    _, persist_fun = tcp_output_required(BSD, IFDS, sock)
    assert persist_fun is not None
    started = a_sock(sndq=b"abc", cb=persist_fun(a_cb(snd_wnd=0)))
    assert MLIFT(sock, (), Scripted()) == (started, (), (), True)


def test_mlift_does_nothing_where_nothing_is_required() -> None:
    assert MLIFT(a_sock(), (), Scripted()) == (a_sock(), (), (), True)
