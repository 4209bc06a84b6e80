from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, TICKS, UNROUTABLE, WINXP, a_cb, foreign, local
from deliver_in_hosts import a_connecting_sock, sent, with_tcp
from socket_hosts import TAU, a_host, a_tcp, a_udp, call, forbids, sock_of
from support import Scripted

from netspec.base.errors import EHOSTUNREACH, ETIMEDOUT
from netspec.base.seq32 import ts_seq
from netspec.base.timers import Timed, TimeWindow, TimeWindowClosed, never_timer, sharp_timer, upper_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.aux_fns.rexmt import start_tt_persist, start_tt_rexmt, start_tt_rexmtsyn
from netspec.tcp.host_types import (
    Host,
    Persist,
    Rexmt,
    RexmtMode,
    RexmtSyn,
    RttInf,
    Socket,
    Tcpcb,
    tcp_sock_of,
)
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import TCP_MAXRXTSHIFT, TCP_SYNACKMAXRXTSHIFT, TCPTV_KEEPINTVL, Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    SocketListen,
    TcpState,
    kern_timer,
    slow_timer,
)
from netspec.tcp.rule import Rule
from netspec.tcp.rules.timers import (
    timer_tt_2msl_1,
    timer_tt_conn_est_1,
    timer_tt_delack_1,
    timer_tt_fin_wait_2_1,
    timer_tt_keep_1,
    timer_tt_persist_1,
    timer_tt_rexmt_1,
    timer_tt_rexmtsyn_1,
)

DUE = upper_timer(Fraction(1))
NOT_DUE = sharp_timer(Fraction(1))
KNOWN_RTT = replace(initial_cb.t_rttinf, tf_srtt_valid=True, t_srtt=Fraction(2))
FORGOTTEN_RTT = replace(KNOWN_RTT, tf_srtt_valid=False)
PLAIN_TIMERS: dict[str, Rule] = {
    "tt_keep": timer_tt_keep_1,
    "tt_2msl": timer_tt_2msl_1,
    "tt_delack": timer_tt_delack_1,
    "tt_conn_est": timer_tt_conn_est_1,
    "tt_fin_wait_2": timer_tt_fin_wait_2_1,
}


def rexmt(mode: RexmtMode, shift: int, timer: Any = DUE) -> Timed[tuple[RexmtMode, int]]:
    return Timed((mode, shift), timer)


def cb_of(h: Host) -> Tcpcb:
    return tcp_sock_of(sock_of(h)).cb


def connecting(shift: int = 0, mode: RexmtMode = RexmtSyn, timer: Any = DUE, **fields: Any) -> Socket:
    """A socket whose SYN, of number 1000, was sent `shift` more times."""
    return a_connecting_sock(tt_rexmt=rexmt(mode, shift, timer), **fields)


def sending(shift: int = 0, st: TcpState = ESTABLISHED, **fields: Any) -> Socket:
    """A socket that has sent four bytes from number 1001 on."""
    cb = a_cb(snd_nxt=local(1005), snd_max=local(1005), tt_rexmt=rexmt(Rexmt, shift), **fields)
    return a_tcp(st=st, sndq=b"abcd", cb=cb)


class TestRexmtSyn:
    def test_the_syn_is_sent_again(self) -> None:
        for arch in ARCHS:
            sock = connecting(tf_req_tstmp=True, request_r_scale=3, snd_wnd=9000, snd_cwnd=8000)
            h_ = timer_tt_rexmtsyn_1(a_host(arch, sock), TAU, Scripted(queued=True))
            (seg,) = sent(h_)
            assert (seg.SYN, seg.ACK, seg.seq, seg.is1, seg.ps2) == (True, False, local(1000), I1, P2)
            assert (seg.ts, seg.ws, seg.mss) == ((TICKS, ts_seq(0)), 3, 1460)
            cb = cb_of(h_)
            assert cb.tt_rexmt == start_tt_rexmtsyn(arch, 1, False, initial_cb.t_rttinf)
            assert (cb.t_rttinf.t_lastshift, cb.t_rttinf.t_wassyn, cb.t_rttseg) == (1, True, None)
            assert (cb.snd_nxt, cb.snd_recover) == (local(1001), local(1001))
            assert (cb.snd_cwnd, cb.snd_ssthresh) == (1000, 4000)
            assert (cb.snd_cwnd_prev, cb.t_badrxtwin) == (0, TimeWindowClosed)

    def test_the_first_time_is_remembered_if_the_round_trip_is_known(self) -> None:
        sock = connecting(t_rttinf=KNOWN_RTT, snd_cwnd=8000, snd_ssthresh=7000)
        cb = cb_of(timer_tt_rexmtsyn_1(a_host(BSD, sock), TAU, Scripted(queued=True)))
        assert (cb.snd_cwnd_prev, cb.snd_ssthresh_prev) == (8000, 7000)
        assert cb.t_badrxtwin == TimeWindow((), kern_timer(BSD, Fraction(1)))
        assert cb.t_rttinf.tf_srtt_valid
        sock = connecting(1, t_rttinf=KNOWN_RTT, snd_cwnd=8000, snd_cwnd_prev=5, snd_ssthresh_prev=6)
        cb = cb_of(timer_tt_rexmtsyn_1(a_host(BSD, sock), TAU, Scripted(queued=True)))
        assert (cb.snd_cwnd_prev, cb.snd_ssthresh_prev, cb.t_badrxtwin) == (5, 6, TimeWindowClosed)

    @pytest.mark.parametrize(("arch", "offered"), [(BSD, False), (LINUX, True)])
    def test_options_are_given_up_the_third_time(self, arch: Arch, offered: bool) -> None:
        sock = connecting(2, tf_req_tstmp=True, request_r_scale=3, t_rttinf=KNOWN_RTT)
        h_ = timer_tt_rexmtsyn_1(a_host(arch, sock), TAU, Scripted(queued=True))
        (seg,) = sent(h_)
        assert (seg.ts is not None, seg.ws is not None) == (offered, offered)
        assert (cb_of(h_).tf_req_tstmp, cb_of(h_).request_r_scale is not None) == (offered, offered)
        assert cb_of(h_).t_rttinf.tf_srtt_valid

    def test_the_round_trip_is_forgotten_after_a_quarter_of_the_attempts(self) -> None:
        sock = connecting(TCP_MAXRXTSHIFT // 4, t_rttinf=KNOWN_RTT)
        cb = cb_of(timer_tt_rexmtsyn_1(a_host(BSD, sock), TAU, Scripted(queued=True)))
        assert cb.t_rttinf == replace(FORGOTTEN_RTT, t_lastshift=4, t_wassyn=True)

    def test_the_last_time_the_connection_is_dropped(self) -> None:
        for arch in ARCHS:
            h_ = timer_tt_rexmtsyn_1(a_host(arch, connecting(TCP_MAXRXTSHIFT - 1)), TAU, Scripted(queued=True))
            assert (sent(h_), sock_of(h_).es, tcp_sock_of(sock_of(h_)).st) == ([], ETIMEDOUT, CLOSED)

    def test_what_could_not_be_sent_is_undone(self) -> None:
        sock = replace(connecting(), is2=UNROUTABLE)
        h_ = timer_tt_rexmtsyn_1(a_host(BSD, sock), TAU, Scripted(queued=True))
        assert sent(h_) == []
        assert (cb_of(h_).snd_nxt, cb_of(h_).snd_recover) == (local(1000), local(1001))
        assert (cb_of(h_).rcv_adv, cb_of(h_).t_softerror) == (foreign(0), None)

    def test_forbids(self) -> None:
        forbids(timer_tt_rexmtsyn_1, a_host(BSD, connecting()), call(lib.getifaddrs()), queued=True)
        for sock in (
            a_udp(),
            connecting(timer=NOT_DUE),
            connecting(mode=Rexmt),
            with_tcp(connecting(), cb=replace(tcp_sock_of(connecting()).cb, tt_rexmt=None)),
            with_tcp(connecting(), st=ESTABLISHED),
            replace(connecting(), is1=None),
            connecting(rcv_wnd=65536),
        ):
            forbids(timer_tt_rexmtsyn_1, a_host(BSD, sock), TAU, queued=True)


class TestRexmt:
    def test_data_is_sent_again(self) -> None:
        for arch in ARCHS:
            sock = sending(snd_wnd=9000, t_dupacks=2)
            h_ = timer_tt_rexmt_1(a_host(arch, sock), TAU, Scripted(queued=True))
            (seg,) = sent(h_)
            assert (seg.seq, seg.data, seg.ACK, seg.SYN) == (local(1001), b"abcd", True, False)
            cb = cb_of(h_)
            assert cb.tt_rexmt == start_tt_rexmt(arch, 1, False, initial_cb.t_rttinf)
            assert (cb.snd_nxt, cb.snd_max, cb.snd_recover) == (local(1005), local(1005), local(1005))
            assert (cb.snd_cwnd, cb.snd_ssthresh, cb.t_dupacks) == (1000, 2000, 0)
            assert (cb.t_rttinf.t_lastshift, cb.t_rttinf.t_wassyn) == (1, False)

    @pytest.mark.parametrize(("arch", "t_srtt"), [(BSD, Fraction(1, 2)), (LINUX, Fraction(2))])
    def test_bsd_spoils_the_round_trip_time_that_is_forgotten(self, arch: Arch, t_srtt: Fraction) -> None:
        sock = sending(TCP_MAXRXTSHIFT // 4, t_rttinf=KNOWN_RTT)
        ri: RttInf = cb_of(timer_tt_rexmt_1(a_host(arch, sock), TAU, Scripted(queued=True))).t_rttinf
        assert (ri.tf_srtt_valid, ri.t_srtt, ri.t_lastshift) == (False, t_srtt, 4)

    def test_the_first_time_is_remembered_if_the_round_trip_is_known(self) -> None:
        sock = sending(t_rttinf=KNOWN_RTT, snd_cwnd=8000, snd_ssthresh=7000)
        cb = cb_of(timer_tt_rexmt_1(a_host(WINXP, sock), TAU, Scripted(queued=True)))
        assert (cb.snd_cwnd_prev, cb.snd_ssthresh_prev) == (8000, 7000)
        assert cb.t_badrxtwin == TimeWindow((), kern_timer(BSD, Fraction(1)))

    @pytest.mark.parametrize(("arch", "ts"), [(LINUX, (TICKS, ts_seq(0))), (BSD, None)])
    def test_the_answer_to_a_syn_is_sent_again(self, arch: Arch, ts: Any) -> None:
        cb = a_cb(snd_una=local(1000), tt_rexmt=rexmt(Rexmt, 0), tf_req_tstmp=True)
        sock = a_tcp(st=SYN_RECEIVED, cb=cb)
        h_ = timer_tt_rexmt_1(a_host(arch, sock), TAU, Scripted(queued=True))
        (seg,) = sent(h_)
        assert (seg.SYN, seg.ACK, seg.seq, seg.ack, seg.ts) == (True, True, local(1000), foreign(5001), ts)
        assert (cb_of(h_).snd_nxt, cb_of(h_).tf_doing_tstmp) == (local(1001), False)

    @pytest.mark.parametrize("FIN", [False, True])
    def test_bsd_sends_a_segment_without_flags_from_listen(self, FIN: bool) -> None:
        cb = a_cb(snd_max=local(1003) if FIN else local(1001), tt_rexmt=rexmt(Rexmt, 0))
        sock = a_tcp(st=LISTEN, lis=SocketListen((), (), 5), cb=cb, cantsndmore=FIN)
        h_ = timer_tt_rexmt_1(a_host(BSD, sock), TAU, Scripted(queued=True))
        (seg,) = sent(h_)
        assert (seg.SYN, seg.ACK, seg.FIN, seg.seq) == (False, False, FIN, local(1001))
        assert (cb_of(h_).tt_rexmt is not None) == FIN
        for arch in (LINUX, WINXP):
            forbids(timer_tt_rexmt_1, a_host(arch, sock), TAU, queued=True)

    @pytest.mark.parametrize(("st", "shift"), [(SYN_RECEIVED, TCP_SYNACKMAXRXTSHIFT), (ESTABLISHED, TCP_MAXRXTSHIFT)])
    def test_the_last_time_the_connection_is_dropped_with_a_rst(self, st: TcpState, shift: int) -> None:
        for arch in ARCHS:
            h_ = timer_tt_rexmt_1(a_host(arch, sending(shift, st)), TAU, Scripted(queued=True))
            (seg,) = sent(h_)
            assert (seg.RST, seg.seq, seg.ack) == (True, local(1005), foreign(5001))
            assert (sock_of(h_).es, tcp_sock_of(sock_of(h_)).st) == (ETIMEDOUT, CLOSED)
            assert cb_of(h_) == replace(initial_cb, bsd_cantconnect=arch == BSD)
        h_ = timer_tt_rexmt_1(a_host(BSD, sending(shift - 1, st)), TAU, Scripted(queued=True))
        assert tcp_sock_of(sock_of(h_)).st == st

    def test_where_the_rst_is_not_sent_part_of_the_control_block_is_open(self) -> None:
        sock = replace(sending(TCP_MAXRXTSHIFT), is2=UNROUTABLE)
        choices = {"cb'.snd_nxt": 5, "cb'.last_ack_sent": 6, "cb'.rcv_adv": 7, "cb'.tt_delack is SOME": True}
        h_ = timer_tt_rexmt_1(a_host(BSD, sock), TAU, Scripted(**choices))
        assert sent(h_) == []
        cb = cb_of(h_)
        assert (cb.snd_nxt, cb.last_ack_sent, cb.rcv_adv) == (local(5), foreign(6), foreign(7))
        assert (cb.tt_delack is not None, cb.t_softerror) == (True, EHOSTUNREACH)
        assert cb_of(timer_tt_rexmt_1(a_host(BSD, sock), TAU, Scripted())).tt_delack is None

    def test_forbids(self) -> None:
        for st in (CLOSED, LISTEN, SYN_SENT, CLOSE_WAIT, FIN_WAIT_2, TIME_WAIT):
            forbids(timer_tt_rexmt_1, a_host(LINUX, sending(st=st)), TAU, queued=True)
        listening = a_tcp(st=LISTEN, lis=SocketListen((), (), 5), cb=a_cb(tt_rexmt=rexmt(Rexmt, TCP_MAXRXTSHIFT)))
        for sock in (
            a_udp(),
            with_tcp(sending(), cb=a_cb()),
            with_tcp(sending(), cb=a_cb(tt_rexmt=rexmt(Persist, 0))),
            with_tcp(sending(), cb=a_cb(tt_rexmt=rexmt(Rexmt, 0, NOT_DUE))),
            # No RST is sent from this state, but the model asks for a segment.
            listening,
        ):
            forbids(timer_tt_rexmt_1, a_host(BSD, sock), TAU, queued=True)
        forbids(timer_tt_rexmt_1, a_host(BSD, sending()), TAU, queued=False)


class TestPersist:
    def test_a_closed_window_is_probed(self) -> None:
        for arch in ARCHS:
            sock = a_tcp(sndq=b"abcd", cb=a_cb(snd_wnd=0, tt_rexmt=rexmt(Persist, 2)))
            h_ = timer_tt_persist_1(a_host(arch, sock), TAU, Scripted(queued=True))
            (seg,) = sent(h_)
            assert (seg.seq, seg.data) == (local(1001), b"a")
            assert cb_of(h_).tt_rexmt == start_tt_persist(3, initial_cb.t_rttinf, arch)

    def test_a_routing_error_is_not_kept_once_connected(self) -> None:
        cb = a_cb(snd_wnd=0, tt_rexmt=rexmt(Persist, 2))
        h_ = timer_tt_persist_1(a_host(BSD, a_tcp(sndq=b"abcd", cb=cb, is2=UNROUTABLE)), TAU, Scripted())
        assert sent(h_) == []
        assert (cb_of(h_).snd_nxt, cb_of(h_).t_softerror) == (local(1001), None)

    def test_forbids(self) -> None:
        for tt_rexmt in (None, rexmt(Persist, 0, NOT_DUE), rexmt(Rexmt, 0)):
            sock = a_tcp(sndq=b"abcd", cb=a_cb(snd_wnd=0, tt_rexmt=tt_rexmt))
            forbids(timer_tt_persist_1, a_host(BSD, sock), TAU, queued=True)
        forbids(timer_tt_persist_1, a_host(BSD, a_udp()), TAU)


class TestKeep:
    @pytest.mark.parametrize("ts", [None, (TICKS, ts_seq(9))])
    def test_an_idle_connection_is_probed(self, ts: Any) -> None:
        cb = a_cb(
            tt_keep=Timed((), DUE),
            tf_doing_tstmp=ts is not None,
            ts_recent=TimeWindow(ts_seq(9), never_timer),
        )
        for arch in ARCHS:
            h_ = timer_tt_keep_1(a_host(arch, a_tcp(cb=cb)), TAU, Scripted(queued=True))
            (seg,) = sent(h_)
            assert seg == TcpSegment(
                is1=I2,
                is2=I1,
                ps1=P2,
                ps2=P1,
                seq=local(1000),
                ack=foreign(5001),
                URG=False,
                ACK=True,
                PSH=False,
                RST=False,
                SYN=False,
                FIN=False,
                win=57344,
                ws=None,
                urp=0,
                mss=None,
                ts=ts,
                data=b"",
            )
            assert cb_of(h_).tt_keep == Timed((), slow_timer(BSD, TCPTV_KEEPINTVL))
            assert cb_of(h_).last_ack_sent == foreign(5001)

    def test_forbids(self) -> None:
        due = a_cb(tt_keep=Timed((), DUE))
        for sock in (
            a_tcp(cb=replace(due, rcv_wnd=65536)),
            a_tcp(cb=due, lis=SocketListen((), (), 5)),
            a_tcp(cb=due, is1=None),
            a_tcp(cb=due, ps2=None),
        ):
            forbids(timer_tt_keep_1, a_host(BSD, sock), TAU, queued=True)
        h = a_host(BSD, a_tcp(cb=due))
        without_file = {sid: replace(sock, fid=None) for sid, sock in h.socks.items()}
        forbids(timer_tt_keep_1, replace(h, socks=h.socks.update(without_file)), TAU, queued=True)


@pytest.mark.parametrize(
    ("rule", "st", "name"),
    [(timer_tt_2msl_1, TIME_WAIT, "tt_2msl"), (timer_tt_fin_wait_2_1, FIN_WAIT_2, "tt_fin_wait_2")],
)
def test_timers_that_end_a_connection(rule: Rule, st: TcpState, name: str) -> None:
    sock = a_tcp(st=st, cb=a_cb(**{name: Timed((), DUE)}))
    for arch in ARCHS:
        h_ = rule(a_host(arch, sock), TAU, Scripted())
        assert (sent(h_), tcp_sock_of(sock_of(h_)).st) == ([], CLOSED)
        assert (sock_of(h_).es, sock_of(h_).cantrcvmore, sock_of(h_).cantsndmore) == (None, True, True)
        assert sock_of(h_).is1 == (None if arch == BSD else I1)


class TestDelack:
    def test_the_acknowledgement_is_sent(self) -> None:
        for arch in ARCHS:
            h = a_host(arch, a_tcp(cb=a_cb(tt_delack=Timed((), DUE))))
            h_ = timer_tt_delack_1(h, TAU, Scripted(queued=True))
            (seg,) = sent(h_)
            assert (seg.ACK, seg.ack, seg.data) == (True, foreign(5001), b"")
            assert (cb_of(h_).tt_delack, cb_of(h_).last_ack_sent) == (None, foreign(5001))

    def test_the_timer_is_gone_even_if_there_is_no_route(self) -> None:
        sock = a_tcp(cb=a_cb(tt_delack=Timed((), DUE)), is2=UNROUTABLE)
        h_ = timer_tt_delack_1(a_host(BSD, sock), TAU, Scripted())
        assert (sent(h_), cb_of(h_).tt_delack, cb_of(h_).last_ack_sent) == ([], None, foreign(5000))


class TestConnEst:
    def test_an_attempt_without_any_answer_is_dropped_in_silence(self) -> None:
        for arch in ARCHS:
            sock = a_connecting_sock(tt_conn_est=Timed((), DUE))
            h_ = timer_tt_conn_est_1(a_host(arch, sock), TAU, Scripted())
            assert (sent(h_), sock_of(h_).es, tcp_sock_of(sock_of(h_)).st) == ([], ETIMEDOUT, CLOSED)

    def test_a_peer_that_was_heard_of_gets_a_rst(self) -> None:
        cb = a_cb(tt_conn_est=Timed((), DUE), t_softerror=EHOSTUNREACH)
        h_ = timer_tt_conn_est_1(a_host(BSD, a_tcp(st=SYN_RECEIVED, cb=cb)), TAU, Scripted(queued=True))
        (seg,) = sent(h_)
        assert (seg.RST, seg.seq, sock_of(h_).es) == (True, local(1001), EHOSTUNREACH)


@pytest.mark.parametrize("name", PLAIN_TIMERS)
def test_forbids_where_the_timer_is_not_due(name: str) -> None:
    rule = PLAIN_TIMERS[name]
    due = a_tcp(st=FIN_WAIT_1, cb=a_cb(**{name: Timed((), DUE)}))
    assert rule(a_host(BSD, due), TAU, Scripted(queued=True))
    forbids(rule, a_host(BSD, due), call(lib.getifaddrs()), queued=True)
    for timer in (None, Timed((), NOT_DUE)):
        sock = a_tcp(st=FIN_WAIT_1, cb=a_cb(**{name: timer}))
        forbids(rule, a_host(BSD, sock), TAU, queued=True)
    forbids(rule, a_host(BSD, a_udp()), TAU, queued=True)
