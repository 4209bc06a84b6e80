from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import immutables
import pytest
from aux_sockets import BSD, IFDS, LINUX, RTTAB, TICKS, a_cb, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, S1, S2, a_listener, with_tcp
from support import Scripted

from netspec.base.base_types import SO_OOBINLINE, SO_RCVBUF
from netspec.base.choose import PremiseFailed
from netspec.base.errors import ENETUNREACH
from netspec.base.seq32 import Seq32, ts_seq
from netspec.base.timers import Stopwatch, Timed, TimeWindow, TimeWindowClosed, never_timer, timewindow_val_of
from netspec.tcp.aux_fns.monad import Monad, cont
from netspec.tcp.deliver_in_3.ackstuff import di3_ackstuff
from netspec.tcp.deliver_in_3.datastuff import di3_datastuff
from netspec.tcp.deliver_in_3.newackstuff import di3_newackstuff
from netspec.tcp.deliver_in_3.socks_update import di3_socks_update
from netspec.tcp.deliver_in_3.ststuff import di3_ststuff
from netspec.tcp.deliver_in_3.topstuff import di3_topstuff
from netspec.tcp.host_types import (
    NO_OOBDATA,
    OOBDATA,
    Persist,
    Rexmt,
    RexmtSyn,
    Socket,
    Tcpcb,
    TcpReassSegment,
    TcpSocket,
    UDP_Sock,
    tcp_sock_of,
)
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.params import HZ, TCPTV_MAXIDLE, TCPTV_MSL, Arch, stopwatch_zero
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    SocketListen,
    TcpState,
    slow_timer,
)

Outcome = tuple[TcpSocket, list[TcpSegment], bool]
RUNNING = Timed((Rexmt, 0), never_timer)


def run(op: Monad, sock: Socket) -> Outcome:
    """The socket after an operation, what it sends, and whether it goes on."""
    sock_, bndlm, outsegs, go_on = op(sock, (), Scripted(queued=True))
    assert bndlm == ()
    return tcp_sock_of(sock_), [msg.v for msg, _ in outsegs if isinstance(msg, TCP)], go_on


# -- di3_topstuff ------------------------------------------------------------------------------


def topstuff(seg: TcpSegment, **cb: Any) -> Outcome:
    cb = {"t_idletime": Stopwatch(Fraction(9), Fraction(1), Fraction(1)), **cb}
    return run(di3_topstuff(seg, BSD, RTTAB, IFDS, TICKS), a_sock(cb=a_cb(**cb)))


def stamped(n: int, **fields: Any) -> TcpSegment:
    return a_segment(ts=(ts_seq(n), ts_seq(0)), **fields)


RECENT = TimeWindow(ts_seq(50), never_timer)


def test_a_segment_resets_the_idle_time_and_its_timestamp_is_noted() -> None:
    tcp_sock, sent, go_on = topstuff(stamped(51), ts_recent=RECENT, last_ack_sent=foreign(5001))
    assert (sent, go_on) == ([], True)
    assert tcp_sock.cb.t_idletime == stopwatch_zero
    assert tcp_sock.cb.tt_keep is not None
    assert timewindow_val_of(tcp_sock.cb.ts_recent) == ts_seq(51)


def test_the_timestamp_of_a_later_segment_is_not_noted() -> None:
    tcp_sock, _, go_on = topstuff(stamped(51), ts_recent=RECENT, last_ack_sent=foreign(5000))
    assert (tcp_sock.cb.ts_recent, go_on) == (RECENT, True)


@pytest.mark.parametrize("seg", [stamped(49), a_segment(seq=local(5001 + 57344), data=b"x")])
def test_an_old_or_far_segment_is_answered_and_dropped(seg: TcpSegment) -> None:
    tcp_sock, sent, go_on = topstuff(seg, ts_recent=RECENT, last_ack_sent=foreign(10**6))
    assert not go_on
    assert [(ack.ACK, ack.ack, ack.data) for ack in sent] == [(True, foreign(5001), b"")]
    assert tcp_sock.cb.ts_recent == RECENT
    assert tcp_sock.cb.t_idletime == stopwatch_zero


@pytest.mark.parametrize(
    "seg",
    [
        stamped(50),
        # Up to the edge, or starting before it, is near enough; and a bare ACK ends on it.
        a_segment(seq=local(5001 + 57343), data=b"xy"),
        a_segment(seq=local(5001 + 57344)),
    ],
)
def test_a_current_and_near_segment_is_not_dropped(seg: TcpSegment) -> None:
    assert topstuff(seg, ts_recent=RECENT)[2]


def test_a_syn_counts_before_the_data() -> None:
    far = a_segment(SYN=True, seq=local(5000 + 57344), data=b"x")
    assert not topstuff(far)[2]


def test_a_window_probe_is_not_dropped() -> None:
    sock = a_sock(cb=a_cb(rcv_adv=foreign(5001), rcv_wnd=0), rcvq=bytes(57344))
    probe = a_segment(data=b"x")
    assert run(di3_topstuff(probe, BSD, RTTAB, IFDS, TICKS), sock)[2]


# -- di3_newackstuff ---------------------------------------------------------------------------


def in_flight(n: int, **fields: Any) -> Tcpcb:
    """A control block with `n` bytes sent but not acknowledged, and the retransmit timer on."""
    return a_cb(**{"snd_nxt": local(1001 + n), "snd_max": local(1001 + n), "tt_rexmt": RUNNING, **fields})


def newack(
    ack: int, cb: Tcpcb, st: TcpState = ESTABLISHED, ourfinisacked: bool = False, arch: Arch = BSD, **seg: Any
) -> Outcome:
    sock = a_sock(st, sndq=bytes(3000), cb=cb)
    return run(
        di3_newackstuff(tcp_sock_of(sock), a_segment(ack=foreign(ack), **seg), ourfinisacked, arch, RTTAB, IFDS, TICKS),
        sock,
    )


def test_a_new_acknowledgement_opens_the_windows() -> None:
    tcp_sock, sent, go_on = newack(2001, in_flight(3000, t_dupacks=2))
    cb = tcp_sock.cb
    assert (sent, go_on) == ([], True)
    assert (cb.snd_una, cb.snd_nxt, len(tcp_sock.sndq)) == (local(2001), local(4001), 2000)
    assert (cb.snd_wnd, cb.t_dupacks) == (9000, 0)
    # There were duplicates, so the congestion window does not grow.
    assert cb.snd_cwnd == 4000
    assert cb.tt_rexmt is not None
    assert cb.tt_rexmt != RUNNING
    assert cb.tt_2msl is None
    assert newack(2001, in_flight(3000))[0].cb.snd_cwnd == 5000


def test_the_last_acknowledgement_stops_the_timer() -> None:
    assert newack(4001, in_flight(3000))[0].cb.tt_rexmt is None


def test_snd_nxt_is_pulled_along() -> None:
    assert newack(2001, in_flight(3000, snd_nxt=local(1001)))[0].cb.snd_nxt == local(2001)


@pytest.mark.parametrize(("tt_rexmt", "kept"), [(None, False), (Timed((Persist, 2), never_timer), True)])
def test_the_timer_is_started_unless_it_is_for_probes(tt_rexmt: Any, kept: bool) -> None:
    cb = newack(2001, in_flight(3000, tt_rexmt=tt_rexmt))[0].cb
    assert cb.tt_rexmt is not None
    assert (cb.tt_rexmt == tt_rexmt) == kept


@pytest.mark.parametrize(
    ("ts", "t_rttseg", "rtt"),
    [
        ((ts_seq(1), TICKS - 2), (TICKS - 6, local(1001)), 3),
        (None, (TICKS - 6, local(1001)), 6),
        (None, (TICKS - 6, local(2001)), None),
        (None, None, None),
    ],
)
def test_the_round_trip_is_timed(ts: Any, t_rttseg: tuple[Seq32, Seq32] | None, rtt: int | None) -> None:
    before = in_flight(3000, t_rttseg=t_rttseg, t_softerror=ENETUNREACH)
    cb = newack(2001, before, ts=ts)[0].cb
    if rtt is None:
        assert (cb.t_rttinf, cb.t_rttseg, cb.t_softerror) == (before.t_rttinf, t_rttseg, ENETUNREACH)
    else:
        assert (cb.t_rttinf.t_lastrtt, cb.t_rttseg, cb.t_softerror) == (Fraction(rtt) / HZ(BSD), None, None)


@pytest.mark.parametrize(
    ("mode", "shift", "window", "reverted"),
    [
        (Rexmt, 1, TimeWindow((), never_timer), True),
        (RexmtSyn, 1, TimeWindow((), never_timer), True),
        (Rexmt, 2, TimeWindow((), never_timer), False),
        (Rexmt, 1, TimeWindowClosed, False),
        (Persist, 1, TimeWindow((), never_timer), False),
    ],
)
def test_a_bad_retransmit_is_undone(mode: Any, shift: int, window: Any, reverted: bool) -> None:
    before = in_flight(
        3000,
        snd_nxt=local(1001),
        tt_rexmt=Timed((mode, shift), never_timer),
        t_badrxtwin=window,
        snd_cwnd=1000,
        snd_cwnd_prev=7000,
        snd_ssthresh=2000,
        snd_ssthresh_prev=6000,
    )
    cb = newack(2001, before)[0].cb
    if reverted:
        # Beyond the threshold, the window grows by the square of the segment size over it.
        assert (cb.snd_cwnd, cb.snd_ssthresh, cb.snd_nxt) == (7000 + 142, 6000, local(4001))
        assert cb.t_badrxtwin is TimeWindowClosed
    else:
        assert (cb.snd_cwnd, cb.snd_ssthresh, cb.snd_nxt) == (2000, 2000, local(2001))
        assert cb.t_badrxtwin == window


RECOVERING = {"t_dupacks": 3, "snd_recover": local(4001), "snd_cwnd": 5000, "snd_wnd": 6000}


def test_a_partial_acknowledgement_resends_in_fast_recovery() -> None:
    tcp_sock, sent, go_on = newack(1501, in_flight(3000, **RECOVERING))
    assert go_on
    # One segment fits the congestion window from snd_una on, and half of it is acknowledged.
    assert [(seg.seq, len(seg.data)) for seg in sent] == [(local(1501), 500)]
    assert (tcp_sock.cb.snd_cwnd, tcp_sock.cb.t_dupacks) == (1000 - 500 + 1000, 3)
    # Where the retransmission ended, rather than where sending was before it.
    assert tcp_sock.cb.snd_nxt == local(2001)


def test_a_partial_acknowledgement_of_a_whole_segment_resends_nothing() -> None:
    tcp_sock, sent, go_on = newack(2001, in_flight(3000, **RECOVERING))
    assert (sent, go_on) == ([], True)
    assert (tcp_sock.cb.snd_cwnd, tcp_sock.cb.snd_nxt) == (1000, local(2001))


@pytest.mark.parametrize(("ssthresh", "cwnd"), [(5000, 2000), (500, 500)])
def test_a_full_acknowledgement_ends_fast_recovery(ssthresh: int, cwnd: int) -> None:
    tcp_sock, sent, go_on = newack(3001, in_flight(3000, t_dupacks=3, snd_recover=local(3001), snd_ssthresh=ssthresh))
    assert (sent, go_on, tcp_sock.cb.t_dupacks, tcp_sock.cb.snd_cwnd) == ([], True, 0, cwnd)


def test_an_acknowledgement_of_what_was_never_sent_is_dropped() -> None:
    tcp_sock, sent, go_on = newack(4002, in_flight(3000, t_dupacks=1))
    assert (tcp_sock.cb.snd_una, tcp_sock.cb.t_dupacks, go_on) == (local(1001), 0, False)
    assert len(sent) == 1


def test_an_acknowledged_fin_empties_the_send_queue() -> None:
    tcp_sock, _, go_on = newack(4002, in_flight(3001), FIN_WAIT_1, ourfinisacked=True)
    assert (tcp_sock.sndq, tcp_sock.cb.snd_wnd, go_on) == (b"", 7000, True)


def test_the_last_acknowledgement_closes() -> None:
    tcp_sock, sent, go_on = newack(4002, in_flight(3001), LAST_ACK, ourfinisacked=True)
    assert (tcp_sock.st, sent, go_on) == (CLOSED, [], False)
    assert newack(2001, in_flight(3001), LAST_ACK)[2]


def test_time_wait_takes_no_new_acknowledgement() -> None:
    tcp_sock, sent, go_on = newack(2001, in_flight(3001), TIME_WAIT)
    assert tcp_sock.cb.tt_2msl == Timed((), slow_timer(BSD, 2 * TCPTV_MSL))
    assert (len(sent), go_on) == (1, False)


# -- di3_ackstuff ------------------------------------------------------------------------------


def ackstuff(cb: Tcpcb, arch: Arch = BSD, **seg: Any) -> Outcome:
    sock = a_sock(sndq=bytes(3000), cb=cb)
    return run(
        di3_ackstuff(tcp_sock_of(sock), a_segment(**{"win": 10000, **seg}), False, arch, RTTAB, IFDS, TICKS),
        sock,
    )


def test_the_first_duplicates_are_counted() -> None:
    for t_dupacks in (0, 1):
        tcp_sock, sent, go_on = ackstuff(in_flight(3000, t_dupacks=t_dupacks))
        assert (tcp_sock.cb.t_dupacks, sent, go_on) == (t_dupacks + 1, [], True)


def test_the_third_duplicate_makes_a_fast_retransmit() -> None:
    before = in_flight(3000, t_dupacks=2, snd_cwnd=9000, snd_recover=local(1001))
    tcp_sock, sent, go_on = ackstuff(before)
    cb = tcp_sock.cb
    assert not go_on
    assert [(seg.seq, len(seg.data)) for seg in sent] == [(local(1001), 1000)]
    # Half of 9000 in whole segments, and three more for the duplicates.
    assert (cb.t_dupacks, cb.snd_ssthresh, cb.snd_cwnd) == (3, 4000, 7000)
    assert (cb.snd_recover, cb.snd_nxt) == (local(4001), local(4001))
    assert cb.t_rttseg is None


def test_the_threshold_is_at_least_two_segments() -> None:
    cb = ackstuff(in_flight(3000, t_dupacks=2, snd_cwnd=1000, snd_recover=local(1001)))[0].cb
    assert (cb.snd_ssthresh, cb.snd_cwnd) == (2000, 5000)


def test_later_duplicates_let_more_segments_go() -> None:
    before = in_flight(2000, t_dupacks=3, snd_cwnd=2000)
    tcp_sock, sent, go_on = ackstuff(before)
    assert (tcp_sock.cb.t_dupacks, tcp_sock.cb.snd_cwnd, go_on) == (4, 3000, False)
    assert [(seg.seq, len(seg.data)) for seg in sent] == [(local(3001), 1000)]


def test_the_third_duplicate_within_a_recovery_starts_the_count_anew() -> None:
    before = in_flight(3000, t_dupacks=2, snd_cwnd=2000, snd_recover=local(1002))
    tcp_sock, sent, go_on = ackstuff(before)
    assert (tcp_sock.cb.t_dupacks, tcp_sock.cb.snd_cwnd, sent, go_on) == (0, 3000, [], False)


@pytest.mark.parametrize(
    ("cb", "seg"),
    [
        (in_flight(3000, t_dupacks=1), {"win": 9999}),
        (in_flight(3000, t_dupacks=1), {"data": b"x"}),
        (in_flight(3000, t_dupacks=1, tt_rexmt=None), {}),
        (in_flight(3000, t_dupacks=1, tt_rexmt=Timed((Persist, 0), never_timer)), {}),
    ],
)
def test_other_old_acknowledgements_clear_the_count(cb: Tcpcb, seg: dict[str, Any]) -> None:
    tcp_sock, sent, go_on = ackstuff(cb, **seg)
    assert (tcp_sock.cb.t_dupacks, sent, go_on) == (0, [], True)


@pytest.mark.parametrize(("arch", "t_dupacks"), [(BSD, 2), (LINUX, 0)])
def test_bsd_disregards_data_outside_the_window(arch: Arch, t_dupacks: int) -> None:
    tcp_sock, _, _ = ackstuff(in_flight(3000, t_dupacks=1), arch, data=b"x", seq=local(5000))
    assert tcp_sock.cb.t_dupacks == t_dupacks


def test_the_window_is_scaled() -> None:
    assert ackstuff(in_flight(3000, snd_scale=1), win=5000)[0].cb.t_dupacks == 1


def test_a_new_acknowledgement_is_taken() -> None:
    assert ackstuff(in_flight(3000), ack=foreign(2001))[0].cb.snd_una == local(2001)


# -- di3_datastuff -----------------------------------------------------------------------------


def datastuff(sock: Socket, seg: TcpSegment, ourfinisacked: bool = False, arch: Arch = BSD) -> tuple[TcpSocket, bool]:
    """The socket after the data of a segment, and whether the FIN of the peer is reached."""
    reached: list[bool] = []

    def note(FIN_reass: bool) -> Monad:
        reached.append(FIN_reass)
        return cont

    op = di3_datastuff(note, tcp_sock_of(sock), seg, ourfinisacked, arch)
    tcp_sock, sent, go_on = run(op, sock)
    assert (sent, go_on) == ([], True)
    (FIN_reass,) = reached
    return tcp_sock, FIN_reass


def test_data_in_order_are_taken() -> None:
    tcp_sock, FIN_reass = datastuff(a_sock(rcvq=b"ab"), a_segment(data=b"cde"))
    cb = tcp_sock.cb
    assert (tcp_sock.rcvq, FIN_reass) == (b"abcde", False)
    assert (cb.rcv_nxt, cb.rcv_wnd) == (foreign(5004), 57341)
    assert cb.tt_delack is not None
    assert not cb.tf_shouldacknow


@pytest.mark.parametrize(
    "fields",
    [
        {"tf_rxwin0sent": True},
        {"tt_delack": Timed((), never_timer)},
        {"t_segq": (TcpReassSegment(foreign(6000), None, False, b"z"),)},
    ],
)
def test_data_in_order_are_sometimes_acknowledged_at_once(fields: dict[str, Any]) -> None:
    cb = a_cb(**fields)
    after = datastuff(a_sock(cb=cb), a_segment(data=b"cde"))[0].cb
    assert (after.tf_shouldacknow, after.tt_delack, after.t_segq) == (True, cb.tt_delack, cb.t_segq)


def test_a_fin_in_order_is_reached() -> None:
    tcp_sock, FIN_reass = datastuff(a_sock(), a_segment(data=b"cde", FIN=True))
    assert (tcp_sock.rcvq, FIN_reass) == (b"cde", True)
    assert (tcp_sock.cb.rcv_nxt, tcp_sock.cb.rcv_wnd) == (foreign(5005), 57341)
    assert tcp_sock.cb.tf_shouldacknow


def test_data_and_fin_beyond_the_window_are_trimmed() -> None:
    tcp_sock, FIN_reass = datastuff(a_sock(cb=a_cb(rcv_wnd=2)), a_segment(data=b"cde", FIN=True))
    assert (tcp_sock.rcvq, FIN_reass, tcp_sock.cb.rcv_nxt) == (b"cd", False, foreign(5003))


def test_data_that_are_known_are_trimmed() -> None:
    tcp_sock, _ = datastuff(a_sock(), a_segment(seq=local(4999), data=b"abcd"))
    assert (tcp_sock.rcvq, tcp_sock.cb.rcv_nxt) == (b"cd", foreign(5003))


def test_data_out_of_order_are_kept_until_the_gap_is_filled() -> None:
    first, FIN_reass = datastuff(a_sock(), a_segment(seq=local(5003), data=b"cd", FIN=True))
    kept = (TcpReassSegment(foreign(5003), None, True, b"cd"),)
    assert (first.cb.t_segq, first.cb.tf_shouldacknow, first.rcvq, FIN_reass) == (kept, True, b"", False)
    second, FIN_reass = datastuff(a_sock(cb=first.cb), a_segment(data=b"ab"))
    assert (second.rcvq, second.cb.t_segq, second.cb.rcv_nxt, FIN_reass) == (b"abcd", (), foreign(5006), True)


def test_a_bare_acknowledgement_is_not_acknowledged() -> None:
    cb = datastuff(a_sock(), a_segment())[0].cb
    assert (cb.tf_shouldacknow, cb.tt_delack, cb.rcv_nxt) == (False, None, foreign(5001))


@pytest.mark.parametrize(
    ("seg", "rcv_wnd"),
    [
        (a_segment(seq=local(4998), data=b"abc"), 57344),
        (a_segment(data=b"abc"), 0),
        (a_segment(seq=local(5001 + 57344), data=b"abc"), 57344),
    ],
)
def test_old_data_probes_and_far_data_are_only_acknowledged(seg: TcpSegment, rcv_wnd: int) -> None:
    tcp_sock, FIN_reass = datastuff(a_sock(cb=a_cb(rcv_wnd=rcv_wnd)), seg)
    assert (tcp_sock.rcvq, FIN_reass, tcp_sock.cb.t_segq) == (b"", False, ())
    assert (tcp_sock.cb.tf_shouldacknow, tcp_sock.cb.rcv_nxt) == (True, foreign(5001))


@pytest.mark.parametrize(
    ("st", "ourfinisacked", "taken"),
    [
        (TIME_WAIT, False, False),
        (CLOSING, True, False),
        (CLOSING, False, True),
        (FIN_WAIT_2, True, True),
    ],
)
def test_some_states_are_past_data(st: TcpState, ourfinisacked: bool, taken: bool) -> None:
    tcp_sock, FIN_reass = datastuff(a_sock(st), a_segment(data=b"abc", FIN=True), ourfinisacked)
    assert (tcp_sock.rcvq, FIN_reass) == ((b"abc", True) if taken else (b"", False))
    # The urgent mark moves along with the window.
    assert tcp_sock.cb.rcv_up == foreign(5001)


# Urgent data.  The pointer is to the byte after the urgent one.


def test_an_urgent_byte_is_pulled_out() -> None:
    tcp_sock, _ = datastuff(a_sock(rcvq=b"xy"), a_segment(data=b"abc", URG=True, urp=2))
    assert (tcp_sock.rcvq, tcp_sock.iobc, tcp_sock.rcvurp) == (b"xyac", OOBDATA(ord("b")), 3)
    assert (tcp_sock.cb.rcv_up, tcp_sock.cb.rcv_nxt) == (foreign(5003), foreign(5004))


def test_an_urgent_byte_in_line_is_left_there() -> None:
    sock = a_sock()
    inline = replace(sock, sf=replace(sock.sf, b=sock.sf.b.set(SO_OOBINLINE, True)))
    tcp_sock, _ = datastuff(inline, a_segment(data=b"abc", URG=True, urp=2))
    assert (tcp_sock.rcvq, tcp_sock.iobc, tcp_sock.rcvurp) == (b"abc", NO_OOBDATA, 1)


def test_an_urgent_byte_may_be_still_to_come() -> None:
    had = with_tcp(a_sock(), iobc=OOBDATA(1))
    tcp_sock, _ = datastuff(had, a_segment(data=b"abc", URG=True, urp=9))
    assert (tcp_sock.rcvq, tcp_sock.iobc, tcp_sock.rcvurp) == (b"abc", NO_OOBDATA, 8)
    assert tcp_sock.cb.rcv_up == foreign(5010)


def test_an_urgent_pointer_to_known_or_trimmed_data_is_ignored() -> None:
    had = with_tcp(a_sock(), iobc=OOBDATA(1), rcvurp=7)
    tcp_sock, _ = datastuff(had, a_segment(seq=local(4999), data=b"abcd", URG=True, urp=2))
    assert (tcp_sock.rcvq, tcp_sock.iobc, tcp_sock.rcvurp) == (b"cd", OOBDATA(1), 7)
    known = a_sock(cb=a_cb(rcv_up=foreign(5009)))
    tcp_sock, _ = datastuff(known, a_segment(data=b"abc", URG=True, urp=8))
    assert (tcp_sock.cb.rcv_up, tcp_sock.rcvurp, tcp_sock.iobc) == (foreign(5009), None, NO_OOBDATA)


def test_the_byte_is_sought_where_it_was_before_trimming() -> None:
    # The urgent byte is `c`, the third of four; two of the four are known.
    seg = a_segment(seq=local(4999), data=b"abcdefg", URG=True, urp=3)
    tcp_sock, _ = datastuff(a_sock(), seg)
    assert (tcp_sock.rcvq, tcp_sock.iobc) == (b"cdfg", OOBDATA(ord("e")))
    with pytest.raises(PremiseFailed):
        datastuff(a_sock(), a_segment(seq=local(4999), data=b"abcd", URG=True, urp=3))


# The send window and BSD's fast path.


@pytest.mark.parametrize(
    ("cb", "seg", "st", "updated"),
    [
        ({"snd_wl1": foreign(5000)}, {}, ESTABLISHED, True),
        ({"snd_wl1": foreign(5001), "snd_wl2": local(1000)}, {}, ESTABLISHED, True),
        ({"snd_wl1": foreign(5001), "snd_wl2": local(1001), "snd_wnd": 999}, {}, ESTABLISHED, True),
        ({"snd_wl1": foreign(5001), "snd_wl2": local(1001), "snd_wnd": 1001}, {}, ESTABLISHED, False),
        ({"snd_wl1": foreign(5002)}, {}, ESTABLISHED, False),
        ({"snd_wl1": foreign(5002)}, {}, SYN_RECEIVED, True),
        ({"snd_wl1": foreign(5002)}, {"FIN": True}, SYN_RECEIVED, False),
        ({"snd_wl1": foreign(5000)}, {"ACK": False}, ESTABLISHED, False),
        ({"snd_wl1": foreign(5000)}, {"seq": local(5001 + 57345)}, ESTABLISHED, False),
    ],
)
def test_the_send_window_is_updated(cb: dict[str, Any], seg: dict[str, Any], st: TcpState, updated: bool) -> None:
    before = a_cb(**cb)
    after = datastuff(a_sock(st, cb=before), a_segment(**seg))[0].cb
    if updated:
        assert (after.snd_wnd, after.snd_wl1, after.snd_wl2) == (1000, foreign(5001), local(1001))
    else:
        assert (after.snd_wnd, after.snd_wl1, after.snd_wl2) == (
            before.snd_wnd,
            before.snd_wl1,
            before.snd_wl2,
        )


FAST = {"snd_wnd": 1000, "snd_wl1": foreign(5000), "rcv_up": foreign(4000)}


@pytest.mark.parametrize(
    ("cb", "seg", "fast"),
    [
        (FAST, {"data": b"abc"}, True),
        ({**FAST, "snd_una": local(900)}, {}, True),
        ({**FAST, "snd_una": local(900), "t_dupacks": 3}, {}, False),
        ({**FAST, "snd_una": local(900), "snd_cwnd": 999}, {}, False),
        (FAST, {"data": b"abc", "URG": True, "urp": 0}, False),
        (FAST, {"data": b"abc", "win": 1001}, False),
        ({**FAST, "snd_nxt": local(1000)}, {"data": b"abc"}, False),
        ({**FAST, "t_segq": (TcpReassSegment(foreign(6000), None, False, b"z"),)}, {"data": b"abc"}, False),
    ],
)
def test_the_fast_path_leaves_the_window_and_on_bsd_the_urgent_mark(
    cb: dict[str, Any], seg: dict[str, Any], fast: bool
) -> None:
    sock = a_sock(cb=a_cb(**cb))
    bsd = datastuff(sock, a_segment(**seg), arch=BSD)[0].cb
    linux = datastuff(sock, a_segment(**seg), arch=LINUX)[0].cb
    assert bsd.snd_wl1 == linux.snd_wl1 == foreign(5000 if fast else 5001)
    assert bsd.rcv_up == foreign(4000 if fast else 5001)
    assert linux.rcv_up == foreign(5001)


def test_the_fast_path_needs_room_in_the_buffer() -> None:
    sock = a_sock(cb=a_cb(**FAST))
    small = replace(sock, sf=replace(sock.sf, n=sock.sf.n.set(SO_RCVBUF, 3)))
    assert datastuff(small, a_segment(data=b"abc"))[0].cb.snd_wl1 == foreign(5001)
    assert datastuff(small, a_segment(data=b"ab"))[0].cb.snd_wl1 == foreign(5000)


# -- di3_ststuff -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("st", "FIN_reass", "ourfinisacked", "st_"),
    [
        (SYN_RECEIVED, False, False, ESTABLISHED),
        (SYN_RECEIVED, True, False, CLOSE_WAIT),
        (ESTABLISHED, False, False, ESTABLISHED),
        (ESTABLISHED, True, False, CLOSE_WAIT),
        (CLOSE_WAIT, False, False, CLOSE_WAIT),
        (CLOSE_WAIT, True, False, CLOSE_WAIT),
        (FIN_WAIT_1, False, False, FIN_WAIT_1),
        (FIN_WAIT_1, False, True, FIN_WAIT_2),
        (FIN_WAIT_1, True, False, CLOSING),
        (FIN_WAIT_1, True, True, TIME_WAIT),
        (FIN_WAIT_2, False, True, FIN_WAIT_2),
        (FIN_WAIT_2, True, True, TIME_WAIT),
        (CLOSING, False, False, CLOSING),
        (CLOSING, False, True, TIME_WAIT),
        (CLOSING, True, False, CLOSING),
        (CLOSING, True, True, TIME_WAIT),
        (LAST_ACK, False, False, LAST_ACK),
        (TIME_WAIT, False, False, TIME_WAIT),
        (TIME_WAIT, True, False, TIME_WAIT),
    ],
)
def test_the_state_changes(st: TcpState, FIN_reass: bool, ourfinisacked: bool, st_: TcpState) -> None:
    sock, _, _, go_on = di3_ststuff(BSD, FIN_reass, ourfinisacked, local(1001))(
        a_sock(st, cb=in_flight(1)), (), Scripted()
    )
    assert go_on
    tcp_sock = tcp_sock_of(sock)
    assert (tcp_sock.st, sock.cantrcvmore) == (st_, FIN_reass)
    entered = st_ == TIME_WAIT and st != TIME_WAIT
    assert (tcp_sock.cb.tt_2msl is not None) == entered
    assert (tcp_sock.cb.tt_rexmt is None) == entered


@pytest.mark.parametrize(("ourfinisacked", "st"), [(False, FIN_WAIT_1), (True, FIN_WAIT_2)])
def test_a_socket_shut_down_in_advance_goes_on_to_close(ourfinisacked: bool, st: TcpState) -> None:
    sock = a_sock(SYN_RECEIVED, cantsndmore=True)
    assert run(di3_ststuff(BSD, False, ourfinisacked, local(1001)), sock)[0].st == st


def test_a_syn_that_is_not_acknowledged_stops() -> None:
    tcp_sock, _, go_on = run(di3_ststuff(BSD, False, False, local(1000)), a_sock(SYN_RECEIVED))
    assert (tcp_sock.st, go_on) == (SYN_RECEIVED, False)


@pytest.mark.parametrize("cantrcvmore", [False, True])
def test_fin_wait_2_is_limited_where_nobody_reads(cantrcvmore: bool) -> None:
    sock = a_sock(FIN_WAIT_1, cantrcvmore=cantrcvmore)
    timer = run(di3_ststuff(BSD, False, True, local(1001)), sock)[0].cb.tt_fin_wait_2
    assert timer == (Timed((), slow_timer(BSD, TCPTV_MAXIDLE)) if cantrcvmore else None)


@pytest.mark.parametrize(("st", "FIN_reass"), [(LAST_ACK, True), (SYN_SENT, False), (CLOSED, False)])
def test_some_states_cannot_be_here(st: TcpState, FIN_reass: bool) -> None:
    with pytest.raises(PremiseFailed):
        run(di3_ststuff(BSD, FIN_reass, False, local(1001)), a_sock(st))


# -- di3_socks_update --------------------------------------------------------------------------

NEW = a_sock(cb=a_cb(rcv_wnd=100, rcv_adv=foreign(5001)), fid=None)


def socks(lis: SocketListen) -> immutables.Map[Any, Socket]:
    return immutables.Map({S0: a_listener(lis), S1: NEW, S2: a_sock(pr=UDP_Sock(()))})


def test_a_completed_connection_can_be_accepted() -> None:
    after = di3_socks_update(BSD, S1, socks(SocketListen((S2, S1, S0), (S2,), 5)), Scripted())
    assert tcp_sock_of(after[S0]).lis == SocketListen((S2, S0), (S1, S2), 5)
    cb = tcp_sock_of(after[S1]).cb
    # The edge is still that of the window before.
    assert (cb.rcv_wnd, cb.rcv_adv) == (57344, foreign(5101))


def test_a_connection_too_many_is_forgotten_by_the_listener() -> None:
    after = di3_socks_update(BSD, S1, socks(SocketListen((S1,), (S2,), 1)), Scripted())
    assert tcp_sock_of(after[S0]).lis == SocketListen((), (S2,), 1)
    assert after[S1] == NEW


def test_a_simultaneous_open_has_no_listener() -> None:
    before = socks(SocketListen((S2,), (S1,), 5))
    assert di3_socks_update(BSD, S1, before, Scripted()) == before
