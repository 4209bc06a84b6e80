from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from aux_sockets import BSD, LINUX, TICKS, WINXP, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, a_connecting_sock, a_syn, deliver, sent, tcp, with_tcp
from support import Scripted

from netspec.base.base_types import SO_OOBINLINE, SO_RCVBUF, Port
from netspec.base.choose import PremiseFailed
from netspec.base.errors import ENETUNREACH
from netspec.base.seq32 import ts_seq
from netspec.base.timers import Timed, never_timer, timewindow_val_of
from netspec.tcp.aux_fns.rexmt import start_tt_rexmt, start_tt_rexmtsyn
from netspec.tcp.host_types import (
    NO_OOBDATA,
    OOBDATA,
    Persist,
    Rexmt,
    RexmtSyn,
    Socket,
    tcp_sock_of,
)
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import HZ, TCP_MAXWIN, Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    SYN_RECEIVED,
    TcpState,
)
from netspec.tcp.rules.deliver_in_2 import deliver_in_2, deliver_in_2a


def choices() -> Scripted:
    return Scripted(sid=S0, queued=True)


def a_syn_ack(**fields: Any) -> TcpSegment:
    return a_syn(**{"ACK": True, "ack": foreign(1001), "mss": 1400, **fields})


def test_a_syn_ack_completes_the_connection() -> None:
    h = deliver(deliver_in_2, {S0: a_connecting_sock()}, a_syn_ack(), choices())
    assert tcp(h, S0).st == ESTABLISHED
    cb = tcp(h, S0).cb
    assert (cb.snd_una, cb.snd_nxt, cb.snd_max, cb.snd_wl2) == (local(1001),) * 4
    assert (cb.irs, cb.rcv_nxt, cb.rcv_up, cb.snd_wl1) == (foreign(5000), *[foreign(5001)] * 3)
    assert cb.last_ack_sent == foreign(5001)
    assert (cb.t_maxseg, cb.snd_cwnd, cb.snd_wnd) == (1400, 4 * 1400, 1000)
    # The buffer is rounded up to whole segments, and the window with it.
    assert h.socks[S0].sf.n[SO_RCVBUF] == 41 * 1400
    assert (cb.rcv_wnd, cb.rcv_adv) == (41 * 1400, foreign(5001 + 41 * 1400))
    assert cb.tt_rexmt is None
    assert cb.t_rttseg is None
    assert cb.t_rttinf.t_lastrtt == Fraction(5) / HZ(BSD)
    (seg,) = sent(h)
    assert (seg.SYN, seg.ACK, seg.FIN, seg.seq, seg.ack) == (False, True, False, local(1001), foreign(5001))


def test_bsd_keeps_its_sizes_where_the_peer_states_no_maximum() -> None:
    sock = a_connecting_sock(snd_cwnd=12345)
    cb = tcp(deliver(deliver_in_2, {S0: sock}, a_syn_ack(mss=None), choices(), BSD), S0).cb
    assert (cb.t_maxseg, cb.snd_cwnd) == (1000, 12345)
    cb = tcp(deliver(deliver_in_2, {S0: sock}, a_syn_ack(mss=None), choices(), LINUX), S0).cb
    assert (cb.t_maxseg, cb.snd_cwnd) == (512, 4 * 512)


def test_options_are_negotiated() -> None:
    sock = a_connecting_sock(request_r_scale=2, tf_req_tstmp=True, t_advmss=None)
    syn_ack = a_syn_ack(ws=3, ts=(ts_seq(77), TICKS - 9))
    h = deliver(deliver_in_2, {S0: sock}, syn_ack, choices())
    cb = tcp(h, S0).cb
    assert (cb.tf_doing_ws, cb.rcv_scale, cb.snd_scale) == (True, 2, 3)
    assert (cb.tf_doing_tstmp, timewindow_val_of(cb.ts_recent)) == (True, ts_seq(77))
    assert cb.t_maxseg == 1000 - 12
    # The echo is one tick after the emission.
    assert cb.t_rttinf.t_lastrtt == Fraction(10) / HZ(BSD)
    assert (cb.rcv_adv - cb.rcv_nxt) % 4 == 0
    (seg,) = sent(h)
    assert seg.ts == (TICKS, ts_seq(77))


@pytest.mark.parametrize(
    ("sock", "ws", "ts"),
    [
        (a_connecting_sock(request_r_scale=2, tf_req_tstmp=True), None, None),
        (a_connecting_sock(), 3, (ts_seq(77), TICKS)),
    ],
)
def test_options_of_one_end_alone_are_not_used(sock: Socket, ws: int | None, ts: Any) -> None:
    cb = tcp(deliver(deliver_in_2, {S0: sock}, a_syn_ack(ws=ws, ts=ts), choices()), S0).cb
    assert (cb.tf_doing_ws, cb.rcv_scale, cb.snd_scale, cb.tf_doing_tstmp) == (False, 0, 0, False)


NEVER = never_timer


def partly_acknowledged(mode: Any, **fields: Any) -> Socket:
    tt_rexmt = None if mode is None else Timed((mode, 4), NEVER)
    return a_connecting_sock(snd_nxt=local(1002), snd_max=local(1002), tt_rexmt=tt_rexmt, t_rttseg=None, **fields)


def test_a_partial_acknowledgement_restarts_the_timer() -> None:
    rttinf = tcp_sock_of(a_connecting_sock()).cb.t_rttinf
    for mode, tt_rexmt in [
        (RexmtSyn, start_tt_rexmtsyn(BSD, 0, True, rttinf)),
        (Rexmt, start_tt_rexmt(BSD, 0, True, rttinf)),
        (None, start_tt_rexmt(BSD, 0, True, rttinf)),
        (Persist, Timed((Persist, 4), NEVER)),
    ]:
        h = deliver(deliver_in_2, {S0: partly_acknowledged(mode)}, a_syn_ack(), choices())
        assert tcp(h, S0).cb.tt_rexmt == tt_rexmt


def test_a_timed_round_trip_clears_the_soft_error_and_the_shift() -> None:
    sock = partly_acknowledged(Persist, t_softerror=ENETUNREACH)
    h = deliver(deliver_in_2, {S0: sock}, a_syn_ack(ts=(ts_seq(1), TICKS)), choices())
    cb = tcp(h, S0).cb
    assert cb.tt_rexmt == Timed((Persist, 0), NEVER)
    assert cb.t_softerror is None
    # A segment after the one that is timed tells nothing of it.
    untimed = a_connecting_sock(t_softerror=ENETUNREACH, t_rttseg=(TICKS, local(1001)))
    cb = tcp(deliver(deliver_in_2, {S0: untimed}, a_syn_ack(), choices()), S0).cb
    assert (cb.t_softerror, cb.t_rttseg) == (ENETUNREACH, (TICKS, local(1001)))


def test_acknowledged_data_bound_the_congestion_window() -> None:
    sock = a_connecting_sock(snd_max=local(1002), snd_cwnd=10**6)
    cb = tcp(deliver(deliver_in_2, {S0: sock}, a_syn_ack(ack=foreign(1002), mss=None), choices()), S0).cb
    assert cb.snd_cwnd == TCP_MAXWIN


@pytest.mark.parametrize("arch", [BSD, LINUX, WINXP])
def test_a_syn_is_a_simultaneous_open(arch: Arch) -> None:
    h = deliver(deliver_in_2, {S0: a_connecting_sock(arch, tf_req_tstmp=True)}, a_syn(), choices(), arch)
    assert tcp(h, S0).st == SYN_RECEIVED
    cb = tcp(h, S0).cb
    assert (cb.snd_una, cb.snd_wl1, cb.tf_doing_tstmp) == (local(1000), foreign(5000), False)
    assert cb.tt_rexmt == start_tt_rexmt(arch, 0, True, cb.t_rttinf)
    (seg,) = sent(h)
    # BSD sends no SYN, and Linux timestamps all the same.
    assert seg.ACK
    assert (arch != BSD) == seg.SYN
    assert (seg.ts is not None) == (arch == LINUX)


@pytest.mark.parametrize(
    ("seg", "cantsndmore", "snd_max", "st"),
    [
        (a_syn_ack(), False, 1001, ESTABLISHED),
        (a_syn_ack(ack=foreign(1002)), True, 1002, FIN_WAIT_2),
        (a_syn_ack(), True, 1002, FIN_WAIT_1),
        (a_syn_ack(), True, 1001, FIN_WAIT_1),
        (a_syn_ack(FIN=True), False, 1001, CLOSE_WAIT),
        (a_syn_ack(FIN=True), True, 1001, LAST_ACK),
        (a_syn(), False, 1001, SYN_RECEIVED),
        (a_syn(FIN=True), False, 1001, CLOSE_WAIT),
    ],
)
def test_the_state_depends_on_the_fins(seg: TcpSegment, cantsndmore: bool, snd_max: int, st: TcpState) -> None:
    sock = replace(a_connecting_sock(snd_max=local(snd_max)), cantsndmore=cantsndmore)
    h = deliver(deliver_in_2, {S0: sock}, seg, choices())
    assert tcp(h, S0).st == st
    assert h.socks[S0].cantrcvmore == seg.FIN
    assert tcp(h, S0).cb.rcv_nxt == foreign(5001 + seg.FIN)
    (reply,) = sent(h)
    assert (cantsndmore and seg.ack == foreign(1001)) == reply.FIN


def test_data_are_taken_up_to_the_window() -> None:
    sock = a_connecting_sock()
    h = deliver(deliver_in_2, {S0: sock}, a_syn_ack(data=b"abc", FIN=True), choices())
    assert (tcp(h, S0).rcvq, tcp(h, S0).st) == (b"abc", CLOSE_WAIT)
    assert tcp(h, S0).cb.rcv_nxt == foreign(5005)
    small = replace(sock, sf=replace(sock.sf, n=sock.sf.n.set(SO_RCVBUF, 2)))
    h = deliver(deliver_in_2, {S0: small}, a_syn_ack(data=b"abc", FIN=True), choices())
    # Without the last byte there is no FIN either.
    assert (tcp(h, S0).rcvq, tcp(h, S0).st) == (b"ab", ESTABLISHED)
    assert tcp(h, S0).cb.rcv_nxt == foreign(5003)
    assert (tcp(h, S0).cb.rcv_wnd, tcp(h, S0).cb.tf_rxwin0sent) == (0, True)


def test_an_urgent_byte_is_pulled_out() -> None:
    sock = a_connecting_sock()
    seg = a_syn_ack(data=b"abc", URG=True, urp=2)
    h = deliver(deliver_in_2, {S0: sock}, seg, choices())
    assert (tcp(h, S0).rcvq, tcp(h, S0).iobc) == (b"ac", OOBDATA(ord("b")))
    # The urgent mark is counted from the number zero that the socket had before the SYN.
    assert (tcp(h, S0).cb.rcv_up, tcp(h, S0).rcvurp) == (foreign(5003), 5002)
    inline = replace(sock, sf=replace(sock.sf, b=sock.sf.b.set(SO_OOBINLINE, True)))
    h = deliver(deliver_in_2, {S0: inline}, seg, choices())
    assert (tcp(h, S0).rcvq, tcp(h, S0).iobc) == (b"abc", NO_OOBDATA)


def test_an_urgent_pointer_that_does_not_advance_is_ignored() -> None:
    sock = a_connecting_sock(rcv_up=foreign(6000))
    h = deliver(deliver_in_2, {S0: sock}, a_syn_ack(data=b"abc", URG=True, urp=9), choices())
    assert (tcp(h, S0).cb.rcv_up, tcp(h, S0).rcvurp, tcp(h, S0).rcvq) == (foreign(0), None, b"abc")


@pytest.mark.parametrize(
    "seg",
    [
        a_syn_ack(ack=foreign(1000)),
        a_syn_ack(ack=foreign(1002)),
        a_syn_ack(SYN=False),
        a_syn_ack(RST=True),
        a_syn_ack(ps1=Port(81)),
    ],
)
def test_no_other_segment_completes_the_connection(seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_2, {S0: a_connecting_sock()}, seg, choices())


@pytest.mark.parametrize(
    "sock",
    [a_sock(ESTABLISHED), with_tcp(a_connecting_sock(), sndq=b"x"), replace(a_connecting_sock(), fid=None)],
)
def test_no_other_socket_completes_a_connection(sock: Socket) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_2, {S0: sock}, a_syn_ack(), choices())


# -- deliver_in_2a -----------------------------------------------------------------------------


@pytest.mark.parametrize("SYN", [False, True])
@pytest.mark.parametrize("ack", [1000, 1002])
def test_a_bad_acknowledgement_is_answered_with_a_reset(SYN: bool, ack: int) -> None:
    seg = a_segment(SYN=SYN, ack=foreign(ack))
    h = deliver(deliver_in_2a, {S0: a_connecting_sock()}, seg, choices())
    (reset,) = sent(h)
    assert (reset.RST, reset.seq) == (True, local(ack))
    assert len(h.bndlm) == 1


@pytest.mark.parametrize("arch", [BSD, LINUX, WINXP])
@pytest.mark.parametrize("ACK", [False, True])
def test_a_segment_without_syn_is_ignored(arch: Arch, ACK: bool) -> None:
    sock = a_connecting_sock(arch, rcv_wnd=99)
    h = deliver(deliver_in_2a, {S0: sock}, a_segment(ACK=ACK), choices(), arch)
    assert sent(h) == []
    assert h.bndlm == ()
    cb = tcp(h, S0).cb
    assert cb.tt_keep is not None
    # BSD updates its window even so.
    assert (cb.rcv_wnd, cb.rcv_adv) == ((57344, foreign(57344)) if arch == BSD else (99, foreign(0)))


@pytest.mark.parametrize("seg", [a_syn(), a_syn_ack(), a_segment(RST=True)])
def test_a_proper_segment_is_neither_answered_nor_ignored(seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_2a, {S0: a_connecting_sock()}, seg, choices())
