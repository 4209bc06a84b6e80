from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import immutables
import pytest
from aux_sockets import (
    ARCHS,
    BSD,
    I1,
    I2,
    IFDS,
    LINUX,
    P1,
    P2,
    TICKS,
    UNROUTABLE,
    a_cb,
    a_segment,
    a_sock,
    foreign,
    local,
)
from support import Scripted

from netspec.base.base_types import SO_RCVBUF
from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import ts_seq
from netspec.base.timers import Stopwatch, Timed, Timer, TimeWindow, never_timer
from netspec.tcp.aux_fns.output import tcp_output_perhaps, tcp_output_really, tcp_output_required
from netspec.tcp.host_types import RexmtMode, Socket, Tcpcb, TcpSocket, tcp_sock_of
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.params import Arch, SockFlags
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    TcpState,
)

# With computed_rto = 1 * MAX 1 (3 + 4 * 0) = 3: persist after MAX 5 (MIN 60 3) = 5, retransmit after 3.
PERSIST = Timed((RexmtMode.Persist, 0), Timer(Fraction(0), Fraction(9, 2), Fraction(5001, 1000)))
REXMT = Timed((RexmtMode.Rexmt, 0), Timer(Fraction(0), Fraction(5, 2), Fraction(3001, 1000)))
RUNNING = Timed((RexmtMode.Rexmt, 2), never_timer)
PERSISTING = Timed((RexmtMode.Persist, 3), never_timer)


def idle(t: int) -> Stopwatch:
    return Stopwatch(Fraction(t), Fraction(1), Fraction(1))


def rcvbuf(n: int) -> SockFlags:
    sf = a_sock().sf
    return replace(sf, n=immutables.Map(sf.n).set(SO_RCVBUF, n))


def required(sock: Socket, arch: Arch = BSD) -> tuple[bool, Tcpcb | None]:
    """Whether output is required, and the control block that finding out leads to, if it changes."""
    do_output, persist_fun = tcp_output_required(arch, IFDS, sock)
    return do_output, None if persist_fun is None else persist_fun(tcp_sock_of(sock).cb)


def really(sock: Socket, arch: Arch = BSD, window_probe: bool = False) -> tuple[TcpSegment, TcpSocket]:
    sock_, (msg,) = tcp_output_really(arch, window_probe, TICKS, IFDS, sock, Scripted())
    assert isinstance(msg, TCP)
    return msg.v, tcp_sock_of(sock_)


class TestRequired:
    @pytest.mark.parametrize("arch", ARCHS)
    def test_nothing_to_send(self, arch: Arch) -> None:
        assert required(a_sock(), arch) == (False, None)

    @pytest.mark.parametrize("arch", ARCHS)
    def test_data_and_room(self, arch: Arch) -> None:
        assert required(a_sock(sndq=b"abc"), arch) == (True, None)

    @pytest.mark.parametrize(("snd_wnd", "room"), [(2, False), (3, True)])
    def test_data_and_room_for_a_byte(self, snd_wnd: int, room: bool) -> None:
        cb = a_cb(snd_wnd=snd_wnd, snd_nxt=local(1003), snd_max=local(1003), tt_rexmt=RUNNING)
        assert required(a_sock(sndq=b"abc", cb=cb)) == (room, None)

    def test_data_that_is_all_in_flight(self) -> None:
        cb = a_cb(snd_nxt=local(1004), snd_max=local(1004), tt_rexmt=RUNNING)
        assert required(a_sock(sndq=b"abc", cb=cb)) == (False, None)

    def test_data_and_no_room_starts_the_persist_timer(self) -> None:
        cb = a_cb(snd_wnd=0)
        assert required(a_sock(sndq=b"abc", cb=cb)) == (False, replace(cb, tt_rexmt=PERSIST))

    def test_data_and_no_room_leaves_a_running_timer_alone(self) -> None:
        assert required(a_sock(sndq=b"abc", cb=a_cb(snd_wnd=0, tt_rexmt=RUNNING))) == (False, None)

    def test_data_and_a_full_congestion_window(self) -> None:
        cb = a_cb(snd_cwnd=2, snd_nxt=local(1003), tt_rexmt=RUNNING)
        assert required(a_sock(sndq=b"abc", cb=cb)) == (False, None)

    @pytest.mark.parametrize(
        ("tt_rexmt", "after"), [(RUNNING, PERSIST), (PERSISTING, Timed((RexmtMode.Persist, 0), never_timer))]
    )
    def test_a_window_that_shrank_to_nothing(self, tt_rexmt: Any, after: Any) -> None:
        cb = a_cb(snd_wnd=0, snd_nxt=local(1004), snd_max=local(1004), tt_rexmt=tt_rexmt)
        after_ = replace(cb, tt_rexmt=after, snd_nxt=local(1001))
        assert required(a_sock(sndq=b"abc", cb=cb)) == (False, after_)

    def test_a_window_that_shrank_counts_beside_output_that_is_required(self) -> None:
        cb = a_cb(snd_wnd=0, snd_nxt=local(1004), snd_max=local(1004), tf_shouldacknow=True)
        assert required(a_sock(sndq=b"abc", cb=cb)) == (
            True,
            replace(cb, tt_rexmt=PERSIST, snd_nxt=local(1001)),
        )

    def test_a_window_that_shrank_to_something_is_no_matter(self) -> None:
        cb = a_cb(snd_wnd=2, snd_nxt=local(1004), snd_max=local(1004), tt_rexmt=RUNNING)
        assert required(a_sock(sndq=b"abc", cb=cb)) == (False, None)

    @pytest.mark.parametrize(("arch", "shrunk"), [(BSD, False), (LINUX, True)])
    def test_bsd_has_no_window_to_shrink_in_syn_sent(self, arch: Arch, shrunk: bool) -> None:
        cb = a_cb(snd_una=local(1000), snd_wnd=0, tt_rexmt=RUNNING, tf_shouldacknow=True)
        do_output, after = required(a_sock(SYN_SENT, cb=cb), arch)
        assert (do_output, after is not None) == (True, shrunk)

    @pytest.mark.parametrize(
        ("st", "fin"),
        [(ESTABLISHED, True), (FIN_WAIT_1, True), (FIN_WAIT_2, False), (TIME_WAIT, False)],
    )
    def test_a_fin_needs_no_room(self, st: TcpState, fin: bool) -> None:
        sock = a_sock(st, cb=a_cb(snd_wnd=0), cantsndmore=True)
        assert required(sock) == (fin, None)

    def test_a_fin_after_data_waits_for_room(self) -> None:
        sock = a_sock(sndq=b"abc", cb=a_cb(snd_wnd=0, tt_rexmt=RUNNING), cantsndmore=True)
        assert required(sock) == (False, None)

    @pytest.mark.parametrize(("arch", "fin"), [(BSD, True), (LINUX, False)])
    def test_bsd_counts_the_syn_before_a_fin(self, arch: Arch, fin: bool) -> None:
        cb = a_cb(snd_una=local(1000))
        assert required(a_sock(SYN_SENT, cb=cb, cantsndmore=True), arch) == (fin, None)

    @pytest.mark.parametrize(
        ("st", "snd_nxt", "fin"),
        [(SYN_RECEIVED, 1001, True), (SYN_RECEIVED, 1002, False), (ESTABLISHED, 1001, False)],
    )
    def test_bsd_counts_the_syn_before_a_fin_until_it_is_acknowledged(
        self, st: TcpState, snd_nxt: int, fin: bool
    ) -> None:
        cb = a_cb(snd_una=local(1000), snd_nxt=local(snd_nxt), tt_rexmt=RUNNING)
        assert required(a_sock(st, cb=cb, cantsndmore=True)) == (fin, None)

    @pytest.mark.parametrize(("room", "update"), [(2000, True), (1999, False)])
    def test_a_window_update_of_two_segments(self, room: int, update: bool) -> None:
        cb = a_cb(rcv_adv=foreign(5001 + 57344 - room))
        assert required(a_sock(cb=cb)) == (update, None)

    @pytest.mark.parametrize(("room", "update"), [(28672, True), (28671, False)])
    def test_a_window_update_of_half_the_buffer(self, room: int, update: bool) -> None:
        cb = a_cb(rcv_adv=foreign(5001 + 57344 - room), t_maxseg=100000)
        assert required(a_sock(cb=cb)) == (update, None)

    @pytest.mark.parametrize(("rcv_scale", "update"), [(0, False), (1, True)])
    def test_a_window_update_within_the_largest_window(self, rcv_scale: int, update: bool) -> None:
        cb = a_cb(rcv_adv=foreign(5001 + 65535 - 1999), rcv_scale=rcv_scale)
        assert required(a_sock(cb=cb, sf=rcvbuf(80000))) == (update, None)

    def test_no_window_update_from_a_buffer_that_is_more_than_full(self) -> None:
        cb = a_cb(rcv_adv=foreign(5001), t_maxseg=0)
        assert required(a_sock(rcvq=b"12345", cb=cb, sf=rcvbuf(4))) == (False, None)

    def test_urgent_data_and_a_forced_acknowledgement(self) -> None:
        assert required(a_sock(sndurp=0)) == (True, None)
        assert required(a_sock(cb=a_cb(tf_shouldacknow=True))) == (True, None)

    @pytest.mark.parametrize(("t", "room"), [(3, True), (2, False)])
    def test_silence_restarts_slow_start(self, t: int, room: bool) -> None:
        cb = a_cb(snd_cwnd=0, t_idletime=idle(t), tt_rexmt=RUNNING)
        assert required(a_sock(sndq=b"abc", cb=cb)) == (room, None)


class TestReally:
    @pytest.mark.parametrize("arch", ARCHS)
    def test_data_up_to_the_segment_size(self, arch: Arch) -> None:
        sndq = b"a" * 1000 + b"b" * 500
        cb = a_cb(tt_delack=Timed((), never_timer), tf_shouldacknow=True, tf_rxwin0sent=True, rcv_wnd=5)
        sock_, outsegs = tcp_output_really(arch, False, TICKS, IFDS, a_sock(sndq=sndq, cb=cb), Scripted())
        seg = a_segment(is1=I1, is2=I2, ps1=P1, ps2=P2, seq=local(1001), ack=foreign(5001), win=57344, data=b"a" * 1000)
        assert outsegs == (TCP(seg),)
        cb_ = a_cb(
            tt_rexmt=REXMT,
            t_rttseg=(TICKS, local(1001)),
            snd_max=local(2001),
            snd_nxt=local(2001),
            last_ack_sent=foreign(5001),
        )
        assert sock_ == a_sock(sndq=sndq, cb=cb_)

    def test_the_last_data_of_the_queue_is_pushed(self) -> None:
        cb = a_cb(snd_nxt=local(2001), snd_max=local(2001), tt_rexmt=RUNNING, t_rttseg=(ts_seq(1), local(1001)))
        seg, tcp_sock = really(a_sock(sndq=b"a" * 1000 + b"b" * 500, cb=cb))
        assert (seg.seq, seg.data, seg.PSH, seg.FIN) == (local(2001), b"b" * 500, True, False)
        assert (tcp_sock.cb.tt_rexmt, tcp_sock.cb.t_rttseg) == (RUNNING, cb.t_rttseg)
        assert tcp_sock.cb.snd_max == local(2501)

    def test_a_retransmission_is_not_timed_and_does_not_move_snd_max(self) -> None:
        seg, tcp_sock = really(a_sock(sndq=b"abc", cb=a_cb(snd_max=local(1004))))
        assert seg.data == b"abc"
        assert (tcp_sock.cb.t_rttseg, tcp_sock.cb.snd_max) == (None, local(1004))

    def test_data_up_to_the_window(self) -> None:
        seg, _ = really(a_sock(sndq=b"abcdef", cb=a_cb(snd_wnd=4, snd_nxt=local(1003))))
        assert (seg.data, seg.PSH) == (b"cd", False)

    def test_a_bare_ack(self) -> None:
        seg, tcp_sock = really(a_sock())
        assert (seg.seq, seg.data, seg.PSH, seg.FIN, seg.ACK) == (local(1001), b"", False, False, True)
        assert (tcp_sock.cb.tt_rexmt, tcp_sock.cb.t_rttseg) == (None, None)

    @pytest.mark.parametrize("part", ["is1", "is2", "ps1", "ps2"])
    def test_a_socket_without_an_address_sends_nothing(self, part: str) -> None:
        unbound: dict[str, Any] = {part: None}
        with pytest.raises(PremiseFailed):
            really(replace(a_sock(), **unbound))

    @pytest.mark.parametrize(("is2", "t", "snd_cwnd"), [(I2, 2, 5000), (I2, 3, 4000), (UNROUTABLE, 3, 1000)])
    def test_silence_restarts_slow_start(self, is2: Any, t: int, snd_cwnd: int) -> None:
        _, tcp_sock = really(a_sock(is2=is2, cb=a_cb(snd_cwnd=5000, t_idletime=idle(t))))
        assert tcp_sock.cb.snd_cwnd == snd_cwnd

    def test_no_slow_start_while_data_is_in_flight(self) -> None:
        cb = a_cb(snd_cwnd=5000, t_idletime=idle(9), snd_max=local(1004))
        assert really(a_sock(cb=cb))[1].cb.snd_cwnd == 5000

    def test_the_window_grows_in_time_wait_too(self) -> None:
        cb = a_cb(rcv_adv=foreign(5001 + 20000))
        assert really(a_sock(TIME_WAIT, cb=cb))[0].win == 57344

    def test_a_segment_without_data_and_fin_is_not_timed_beyond_snd_max(self) -> None:
        cb = a_cb(snd_nxt=local(1003), snd_max=local(1002))
        assert really(a_sock(cb=cb))[1].cb.t_rttseg is None

    def test_nothing_is_dropped_of_nothing_before_snd_una(self) -> None:
        seg, _ = really(a_sock(cb=a_cb(snd_nxt=local(1000))))
        assert (seg.seq, seg.data) == (local(1000), b"")
        seg, _ = really(a_sock(sndq=b"abc", cb=a_cb(snd_nxt=local(1000), t_maxseg=0)))
        assert seg.data == b""

    def test_what_to_send_before_snd_una_is_open(self) -> None:
        with pytest.raises(PremiseFailed):
            really(a_sock(sndq=b"abc", cb=a_cb(snd_nxt=local(1000))))


class TestFin:
    @pytest.mark.parametrize(
        ("st", "after"),
        [
            (ESTABLISHED, FIN_WAIT_1),
            (CLOSE_WAIT, LAST_ACK),
            (SYN_RECEIVED, SYN_RECEIVED),
            (FIN_WAIT_1, FIN_WAIT_1),
            (CLOSING, CLOSING),
            (LAST_ACK, LAST_ACK),
        ],
    )
    def test_after_the_last_data(self, st: TcpState, after: TcpState) -> None:
        seg, tcp_sock = really(a_sock(st, sndq=b"abc", cantsndmore=True))
        assert (seg.seq, seg.FIN, seg.PSH, seg.ACK) == (local(1001), True, True, True)
        assert tcp_sock.st == after
        assert (tcp_sock.cb.snd_nxt, tcp_sock.cb.snd_max) == (local(1005), local(1005))
        assert tcp_sock.cb.t_rttseg == (TICKS, local(1001))

    @pytest.mark.parametrize("st", [FIN_WAIT_2, TIME_WAIT])
    def test_not_once_it_is_acknowledged(self, st: TcpState) -> None:
        seg, tcp_sock = really(a_sock(st, cantsndmore=True))
        assert (seg.FIN, tcp_sock.st) == (False, st)

    def test_not_while_data_remains(self) -> None:
        seg, tcp_sock = really(a_sock(sndq=b"a" * 1001, cantsndmore=True))
        assert (seg.FIN, tcp_sock.st) == (False, ESTABLISHED)

    @pytest.mark.parametrize("st", [CLOSED, LISTEN])
    def test_the_state_after_it_is_open_where_there_is_no_connection(self, st: TcpState) -> None:
        assert really(a_sock(st))[1].st == st
        with pytest.raises(PremiseFailed):
            really(a_sock(st, cantsndmore=True))

    def test_alone_is_timed_and_retransmitted(self) -> None:
        seg, tcp_sock = really(a_sock(cantsndmore=True))
        assert (seg.seq, seg.data, seg.PSH) == (local(1001), b"", False)
        assert (tcp_sock.cb.tt_rexmt, tcp_sock.cb.t_rttseg) == (REXMT, (TICKS, local(1001)))

    def test_sent_again_takes_its_own_number(self) -> None:
        cb = a_cb(snd_una=local(1005), snd_nxt=local(1006), snd_max=local(1006))
        seg, tcp_sock = really(a_sock(FIN_WAIT_1, cb=cb, cantsndmore=True))
        assert (seg.seq, seg.FIN) == (local(1005), True)
        assert (tcp_sock.cb.snd_nxt, tcp_sock.cb.t_rttseg) == (local(1006), None)

    def test_sent_again_before_anything_is_acknowledged(self) -> None:
        cb = a_cb(snd_una=local(1000), snd_nxt=local(1001), snd_max=local(1001))
        seg, tcp_sock = really(a_sock(SYN_SENT, cb=cb, cantsndmore=True))
        assert (seg.seq, tcp_sock.cb.snd_nxt) == (local(1001), local(1002))
        seg, tcp_sock = really(a_sock(SYN_SENT, cb=tcp_sock.cb, cantsndmore=True))
        assert (seg.seq, tcp_sock.cb.snd_nxt) == (local(1001), local(1002))

    def test_after_just_one_byte_takes_the_number_of_that_byte(self) -> None:
        cb = a_cb(snd_una=local(1002), snd_nxt=local(1002), snd_max=local(1002))
        seg, tcp_sock = really(a_sock(cb=cb, cantsndmore=True))
        assert (seg.seq, tcp_sock.cb.snd_nxt) == (local(1001), local(1002))

    def test_its_number_is_open_before_iss_unless_it_is_sent_again(self) -> None:
        cb = a_cb(iss=local(2000))
        assert really(a_sock(cb=cb))[0].seq == local(1001)
        with pytest.raises(PremiseFailed):
            really(a_sock(cb=cb, cantsndmore=True))
        again = replace(cb, snd_nxt=local(1002), snd_max=local(1002))
        assert really(a_sock(FIN_WAIT_1, cb=again, cantsndmore=True))[0].seq == local(1001)

    @pytest.mark.parametrize(("arch", "ACK"), [(BSD, False), (LINUX, True)])
    def test_bsd_acknowledges_nothing_in_syn_sent(self, arch: Arch, ACK: bool) -> None:
        seg, tcp_sock = really(a_sock(SYN_SENT, cantsndmore=True), arch)
        assert (seg.FIN, seg.ACK, tcp_sock.st) == (True, ACK, SYN_SENT)
        assert really(a_sock(SYN_SENT), arch)[0].ACK


class TestProbeAndTimer:
    def test_a_window_probe_sends_a_byte_into_a_closed_window(self) -> None:
        cb = a_cb(snd_wnd=0, tt_rexmt=PERSISTING)
        seg, tcp_sock = really(a_sock(sndq=b"abc", cb=cb), window_probe=True)
        assert seg.data == b"a"
        assert (tcp_sock.cb.tt_rexmt, tcp_sock.cb.t_rttseg) == (PERSISTING, None)
        assert (tcp_sock.cb.snd_nxt, tcp_sock.cb.snd_max) == (local(1002), local(1002))

    def test_a_window_probe_into_an_open_window_stops_persisting(self) -> None:
        cb = a_cb(snd_wnd=2, tt_rexmt=PERSISTING)
        seg, tcp_sock = really(a_sock(sndq=b"abc", cb=cb), window_probe=True)
        assert (seg.data, tcp_sock.cb.tt_rexmt) == (b"ab", None)

    def test_no_data_goes_into_a_closed_window_otherwise(self) -> None:
        seg, tcp_sock = really(a_sock(sndq=b"abc", cb=a_cb(snd_wnd=0, tt_rexmt=PERSISTING)))
        assert (seg.data, tcp_sock.cb.tt_rexmt) == (b"", PERSISTING)

    def test_new_data_ends_persisting(self) -> None:
        _, tcp_sock = really(a_sock(sndq=b"abc", cb=a_cb(tt_rexmt=PERSISTING)))
        assert tcp_sock.cb.tt_rexmt == REXMT

    def test_the_retransmit_timer_does_not_wait_for_the_last_round_trip(self) -> None:
        rttinf = replace(a_cb().t_rttinf, t_lastrtt=Fraction(50))
        assert really(a_sock(sndq=b"abc", cb=a_cb(t_rttinf=rttinf)))[1].cb.tt_rexmt == REXMT

    def test_an_acknowledgement_into_an_open_window_does_not_end_persisting(self) -> None:
        assert really(a_sock(cb=a_cb(tt_rexmt=PERSISTING)))[1].cb.tt_rexmt == PERSISTING

    def test_urgent_data_does_not_stop_the_retransmit_timer(self) -> None:
        assert really(a_sock(sndurp=0, cb=a_cb(tt_rexmt=RUNNING)))[1].cb.tt_rexmt == RUNNING

    @pytest.mark.parametrize(("snd_wnd", "after"), [(1, None), (0, PERSISTING)])
    def test_urgent_data_stops_persisting_where_the_window_is_open(self, snd_wnd: int, after: Any) -> None:
        cb = a_cb(snd_wnd=snd_wnd, tt_rexmt=PERSISTING)
        assert really(a_sock(sndurp=0, cb=cb))[1].cb.tt_rexmt == after


@pytest.mark.parametrize(
    ("sndurp", "snd_nxt", "URG", "urp"),
    [
        (None, 1001, False, 0),
        (3, 1001, True, 4),
        (3, 1004, True, 1),
        (3, 1005, False, 0),
        (65534, 1001, True, 65535),
        (65535, 1001, True, 65535),
    ],
)
def test_the_urgent_pointer_is_one_past_the_urgent_byte(sndurp: int | None, snd_nxt: int, URG: bool, urp: int) -> None:
    seg, _ = really(a_sock(sndurp=sndurp, cb=a_cb(snd_nxt=local(snd_nxt))))
    assert (seg.URG, seg.urp) == (URG, urp)


class TestReceiveWindow:
    @pytest.mark.parametrize(
        ("free", "advertised", "rcv_wnd"),
        [(57344, 0, 57344), (999, 0, 0), (999, 600, 600), (999, 1000, 1000), (1000, 0, 1000)],
    )
    def test_a_tiny_window_is_offered_only_as_far_as_it_was(self, free: int, advertised: int, rcv_wnd: int) -> None:
        cb = a_cb(rcv_adv=foreign(5001 + advertised))
        seg, tcp_sock = really(a_sock(rcvq=b"x" * (57344 - free), cb=cb))
        assert (seg.win, tcp_sock.cb.rcv_wnd, tcp_sock.cb.tf_rxwin0sent) == (rcv_wnd, rcv_wnd, rcv_wnd == 0)
        assert tcp_sock.cb.rcv_adv == foreign(5001 + rcv_wnd)

    def test_a_small_part_of_the_buffer_is_not_tiny_if_it_holds_a_segment(self) -> None:
        cb = a_cb(rcv_adv=foreign(5001), t_maxseg=500)
        assert really(a_sock(rcvq=b"x" * (57344 - 500), cb=cb))[0].win == 500

    def test_a_quarter_of_the_buffer_is_not_tiny(self) -> None:
        cb = a_cb(rcv_adv=foreign(5001))
        assert really(a_sock(cb=cb, rcvq=b"x" * 300, sf=rcvbuf(400)))[0].win == 100
        assert really(a_sock(cb=cb, rcvq=b"x" * 301, sf=rcvbuf(400)))[0].win == 0

    @pytest.mark.parametrize(("rcv_scale", "win", "rcv_wnd"), [(0, 65535, 65535), (1, 40000, 80000)])
    def test_the_window_is_scaled_and_bounded(self, rcv_scale: int, win: int, rcv_wnd: int) -> None:
        cb = a_cb(rcv_adv=foreign(5001), rcv_scale=rcv_scale)
        seg, tcp_sock = really(a_sock(cb=cb, sf=rcvbuf(80000)))
        assert (seg.win, tcp_sock.cb.rcv_wnd) == (win, rcv_wnd)

    def test_a_window_that_the_field_cannot_hold_is_not_offered(self) -> None:
        with pytest.raises(PremiseFailed):
            really(a_sock(cb=a_cb(rcv_adv=foreign(5001 + 65536))))

    def test_how_far_it_was_offered_is_open_before_rcv_nxt(self) -> None:
        with pytest.raises(PremiseFailed):
            really(a_sock(cb=a_cb(rcv_adv=foreign(5000))))


@pytest.mark.parametrize(
    ("arch", "st", "sent"),
    [(BSD, ESTABLISHED, False), (BSD, SYN_SENT, True), (LINUX, SYN_SENT, False)],
)
def test_bsd_sends_a_timestamp_in_syn_sent_if_it_asked_for_them(arch: Arch, st: TcpState, sent: bool) -> None:
    cb = a_cb(tf_req_tstmp=True, ts_recent=TimeWindow(ts_seq(77), never_timer))
    assert really(a_sock(st, cb=cb), arch)[0].ts == ((TICKS, ts_seq(77)) if sent else None)
    cb = replace(cb, tf_req_tstmp=False, tf_doing_tstmp=True)
    assert really(a_sock(st, cb=cb), arch)[0].ts == (None if sent else (TICKS, ts_seq(77)))


class TestPerhaps:
    def test_nothing(self) -> None:
        assert tcp_output_perhaps(BSD, TICKS, IFDS, a_sock(), Scripted()) == (a_sock(), ())

    def test_a_segment(self) -> None:
        sock = a_sock(sndq=b"abc")
        assert tcp_output_perhaps(BSD, TICKS, IFDS, sock, Scripted()) == tcp_output_really(
            BSD, False, TICKS, IFDS, sock, Scripted()
        )

    def test_only_a_persist_timer(self) -> None:
        cb = a_cb(snd_wnd=0)
        after = a_sock(sndq=b"abc", cb=replace(cb, tt_rexmt=PERSIST))
        assert tcp_output_perhaps(BSD, TICKS, IFDS, a_sock(sndq=b"abc", cb=cb), Scripted()) == (after, ())

    def test_a_segment_from_where_the_window_shrank(self) -> None:
        cb = a_cb(snd_wnd=0, snd_nxt=local(1004), snd_max=local(1004), tf_shouldacknow=True)
        sock, (msg,) = tcp_output_perhaps(BSD, TICKS, IFDS, a_sock(sndq=b"abc", cb=cb), Scripted())
        assert isinstance(msg, TCP)
        assert (msg.v.seq, msg.v.data) == (local(1001), b"")
        assert tcp_sock_of(sock).cb.tt_rexmt == PERSIST
