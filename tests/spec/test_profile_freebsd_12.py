"""Each deviation of the profile freebsd-12 allows what the branch's text does; without it the model's text holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from aux_sockets import IFDS, QUAD, RTTAB, TICKS, a_cb, a_segment, a_sock, foreign, local
from deliver_in_hosts import (
    S0,
    TAU,
    a_connecting_sock,
    a_host,
    a_listener,
    a_syn,
    deliver,
    sent,
    tcp,
)
from socket_hosts import SOCKET, call
from socket_hosts import a_host as a_threaded_host
from support import Scripted
from test_rules_deliver_in_icmp import an_icmp
from test_rules_timers import KNOWN_RTT, connecting

from netspec.base.base_types import ETH, NETMASK, SO_RCVBUF, SOCK_STREAM, TID
from netspec.base.choose import PremiseFailed
from netspec.base.errors import ECONNREFUSED
from netspec.base.seq32 import Seq32, ts_seq
from netspec.base.timers import Timed, Timer, TimeWindowClosed, never_timer
from netspec.profiles.freebsd_12 import DEVIATIONS, FREEBSD_12
from netspec.tcp import deviations
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.buffers import calculate_buf_sizes
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.output import tcp_output_really
from netspec.tcp.aux_fns.rexmt import expand_cwnd, start_tt_rexmt_gen, update_rtt
from netspec.tcp.aux_fns.segments import make_ack_segment, make_rst_segment_from_seg, make_syn_ack_segment
from netspec.tcp.deliver_in_3.ackstuff import di3_ackstuff
from netspec.tcp.deliver_in_3.topstuff import di3_topstuff
from netspec.tcp.host0 import Lh_trace
from netspec.tcp.host_init import initial_host
from netspec.tcp.host_types import Host, Rexmt, Socket, Tracecb, TraceRecord, tcp_sock_of
from netspec.tcp.net_types import ICMP, ICMP_UNREACH, NEEDFRAG, TCP, TcpSegment
from netspec.tcp.params import SID, Arch, sf_default_n
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    IP,
    LISTEN,
    SYN_RECEIVED,
    TA_USER,
    TIME_WAIT,
    Connect2,
    HostParams,
    Ifd,
    TcpState,
    inqueue_timer,
    kern_timer,
    slow_timer,
)
from netspec.tcp.rule import Rule
from netspec.tcp.rules.connect import connect_4
from netspec.tcp.rules.deliver_in_1 import deliver_in_1b
from netspec.tcp.rules.deliver_in_2 import deliver_in_2
from netspec.tcp.rules.deliver_in_7 import deliver_in_7, deliver_in_7a, deliver_in_7d, deliver_in_7e
from netspec.tcp.rules.deliver_in_8 import deliver_in_8, deliver_in_9
from netspec.tcp.rules.deliver_in_icmp import deliver_in_icmp_2
from netspec.tcp.rules.socket import socket_1
from netspec.tcp.rules.timers import timer_tt_rexmtsyn_1
from netspec.tcp.rules.trace import trace_1, trace_2

QUEUED = partial(Scripted, queued=True)
ON = FREEBSD_12.arch


def off(*names: str) -> Arch:
    """The architecture with every other deviation of the profile."""
    return FREEBSD_12.without(*names).arch


def both(name: str, what: Callable[[Arch], Any]) -> tuple[Any, Any]:
    """What comes out with the deviation, and without it."""
    return what(ON), what(off(name))


def forbids(rule: Rule, h: Host, choose: Scripted, lbl: Any = TAU) -> None:
    with pytest.raises(PremiseFailed):
        rule(h, lbl, choose)


def test_without_its_deviations_it_is_the_model() -> None:
    assert off(*(deviation.name for deviation in DEVIATIONS)).deviations == frozenset()
    assert len({deviation.name for deviation in DEVIATIONS}) == len(DEVIATIONS)


# -- parameters ----------------------------------------------------------------------------------


def test_the_receive_buffer_holds_65535_bytes() -> None:
    size = both(deviations.RECEIVE_BUFFER_65535, lambda arch: sf_default_n(arch, SOCK_STREAM, SO_RCVBUF))
    assert size == (65535, 57344)


def test_the_clock_has_1000_ticks_a_second() -> None:
    def what(arch: Arch) -> Any:
        rtt = update_rtt(arch, Fraction(2), replace(KNOWN_RTT, t_srtt=Fraction(1), t_rttvar=Fraction(0)))
        rexmt = start_tt_rexmt_gen(arch, Rexmt, (1,), 0, True, replace(KNOWN_RTT, t_lastrtt=Fraction(80)))
        return rtt.t_srtt, rexmt.timer.deadmin, kern_timer(arch, Fraction(1)).deadmin

    on, model = both(deviations.CLOCK_1000_HZ, what)
    assert on == (1 + Fraction(999, 8000), 80 + Fraction(2, 1000) - Fraction(1, 2), 1 - Fraction(105, 100_000))
    assert model == (1 + Fraction(99, 800), 80 + Fraction(2, 100) - Fraction(1, 2), 1 - Fraction(105, 10_000))


def test_round_trips_are_counted_in_ticks_of_the_clock() -> None:
    def what(arch: Arch) -> Any:
        opened = deliver(deliver_in_2, {S0: a_connecting_sock()}, a_syn(ACK=True, ack=foreign(1001)), QUEUED(), arch)
        sock = a_sock(
            sndq=b"abcd", cb=a_cb(snd_nxt=local(1005), snd_max=local(1005), t_rttseg=(TICKS - 5, local(1001)))
        )
        op = di3_ackstuff(tcp_sock_of(sock), a_segment(ack=foreign(1005)), False, arch, RTTAB, IFDS, TICKS)
        acknowledged = tcp_sock_of(op(sock, (), QUEUED())[0])
        return tcp(opened, S0).cb.t_rttinf.t_lastrtt, acknowledged.cb.t_rttinf.t_lastrtt

    assert both(deviations.CLOCK_1000_HZ, what) == ((Fraction(5, 1000),) * 2, (Fraction(5, 100),) * 2)


def test_the_ticker_of_the_first_host_goes_with_the_clock() -> None:
    def what(arch: Arch) -> Fraction:
        eth = (ETH(0), Ifd(frozenset({IP(192, 168, 0, 1)}), IP(192, 168, 0, 1), NETMASK(24), True))
        params = HostParams(1024, 5000)
        i = IP(192, 168, 0, 1)
        h = initial_host(i, TID(1), arch, False, (), (eth,), RTTAB, (), TICKS, Fraction(0), params)
        return h.ticks.intvlmax

    assert both(deviations.CLOCK_1000_HZ, what) == (Fraction(105, 100_000), Fraction(105, 10_000))


def test_resets_are_limited_over_a_second_of_the_clock() -> None:
    """A SYN that finds nobody in TIME_WAIT: 200 resets, 500 ticks ago, are of this second at 1000 Hz only."""
    syn = a_segment(SYN=True, ACK=False, seq=local(4000))

    def what(arch: Arch) -> int:
        h = a_host({S0: a_sock(TIME_WAIT)}, syn, arch)
        recent = (syn, TICKS - 500, BANDLIM_RST_CLOSEDPORT)
        return len(sent(deliver_in_9(replace(h, bndlm=(recent,) * 200), TAU, QUEUED())))

    two = deviations.ONE_RESET_FOR_SYN
    assert (what(off(two)), what(off(two, deviations.CLOCK_1000_HZ))) == (1, 2)


def test_the_slow_timer_may_be_10_ms_late() -> None:
    on, model = both(deviations.SLOW_TIMER_10_MS, lambda arch: slow_timer(arch, Fraction(1)))
    assert on == Timer(Fraction(0), Fraction(1, 2), Fraction(101, 100))
    assert model == Timer(Fraction(0), Fraction(1, 2), Fraction(1001, 1000))


# -- sizes of a new connection ---------------------------------------------------------------------


def buf_sizes(
    arch: Arch, ours: int = 1460, mss: int | None = 1460, tstmp: bool = False, local_conn: bool = False
) -> tuple[int, int, int, int]:
    return calculate_buf_sizes(ours, mss, None, local_conn, 65535, 32768, tstmp, arch)


def test_a_peer_without_a_segment_size_gets_536() -> None:
    assert both(deviations.MSSDFLT_536, lambda arch: buf_sizes(arch, mss=None)[2]) == (536, 512)


def test_the_segment_size_is_not_rounded_to_clusters() -> None:
    assert both(deviations.NO_CLUSTER_ROUNDING, lambda arch: buf_sizes(arch, 8960, 8960)[2]) == (8960, 8192)


def test_the_segment_size_counts_the_options() -> None:
    on, model = both(deviations.OPTIONS_IN_SEGMENT_SIZE, lambda arch: buf_sizes(arch, tstmp=True))
    # The buffers are rounded up to whole segments of it; the congestion window is without options either way.
    assert on == (45 * 1460, 23 * 1460, 1460, 10 * 1448)
    assert model == (46 * 1448, 23 * 1448, 1448, 10 * 1448)


@pytest.mark.parametrize(("mss", "window"), [(1000, 10000), (1460, 14600), (4000, 14600), (8000, 16000)])
def test_the_initial_window_is_that_of_rfc_6928(mss: int, window: int) -> None:
    def what(arch: Arch) -> int:
        return buf_sizes(arch, mss, mss)[3]

    assert what(ON) == window
    unrounded = off(deviations.INITIAL_WINDOW_RFC6928)
    assert (what(unrounded), buf_sizes(unrounded, mss, mss, local_conn=True)[3]) == (mss, 4 * mss)
    assert buf_sizes(ON, mss, mss, local_conn=True)[3] == window


def test_a_new_socket_has_a_segment_size_of_536() -> None:
    def what(arch: Arch) -> int:
        h = socket_1(a_threaded_host(arch, a_sock()), call(lib.socket(SOCK_STREAM)), Scripted(sid=SID(9)))
        return tcp(h, SID(9)).cb.t_maxseg

    def failed(arch: Arch) -> int:
        refused = replace(a_connecting_sock(), es=ECONNREFUSED)
        h = connect_4(a_threaded_host(arch, refused, Connect2(SOCKET)), TAU, Scripted())
        return tcp(h, SOCKET).cb.t_maxseg

    assert both(deviations.INITIAL_SEGMENT_SIZE_536, what) == (536, 512)
    assert both(deviations.INITIAL_SEGMENT_SIZE_536, failed) == (536, 512)
    closed = both(deviations.INITIAL_SEGMENT_SIZE_536, lambda arch: tcp_sock_of(tcp_close(arch, a_sock())).cb.t_maxseg)
    assert closed == (536, 512)


def test_a_path_that_is_too_narrow_leads_to_a_segment_size_of_536() -> None:
    def what(arch: Arch) -> int:
        sock = a_sock(cb=a_cb(snd_max=local(1101)))
        h = replace(a_host({S0: sock}, a_segment(), arch), iq=Timed((ICMP_MESSAGE,), inqueue_timer))
        return tcp(deliver_in_icmp_2(h, TAU, QUEUED()), S0).cb.t_maxseg

    assert both(deviations.INITIAL_SEGMENT_SIZE_536, what) == (536, 512)


ICMP_MESSAGE = ICMP(an_icmp(ICMP_UNREACH(NEEDFRAG(1400))))


# -- congestion ------------------------------------------------------------------------------------


def test_the_congestion_window_always_grows() -> None:
    grown = both(deviations.CONGESTION_WINDOW_GROWS, lambda arch: expand_cwnd(arch, 1000, 100, 65535, 20000))
    assert grown == (20001, 20000)
    assert expand_cwnd(ON, 1000, 100, 65535, 1001) == 1010
    assert expand_cwnd(ON, 1000, 100, 65535, 1000) == 1100


def duplicates(arch: Arch, st: TcpState, **flags: bool) -> int:
    """The count of duplicate acknowledgements, after one more of them on a socket that had one."""
    cb = a_cb(snd_nxt=local(1005), snd_max=local(1005), snd_wnd=1000, t_dupacks=1, tt_rexmt=Timed((Rexmt, 0), DUE))
    sock = a_sock(st, b"abcd", cb=cb)
    op = di3_ackstuff(tcp_sock_of(sock), a_segment(**flags), False, arch, RTTAB, IFDS, TICKS)
    return tcp_sock_of(op(sock, (), QUEUED())[0]).cb.t_dupacks


DUE = never_timer


def test_the_first_fin_is_no_duplicate_acknowledgement() -> None:
    assert both(deviations.FIN_NO_DUPLICATE, partial(duplicates, st=FIN_WAIT_1, FIN=True)) == (0, 2)
    assert duplicates(ON, CLOSE_WAIT, FIN=True) == 2
    assert duplicates(ON, FIN_WAIT_1) == 2


def test_sending_a_syn_again_saves_no_window() -> None:
    def what(arch: Arch) -> Any:
        sock = connecting(t_rttinf=KNOWN_RTT, snd_cwnd=8000, snd_ssthresh=7000, snd_cwnd_prev=5, snd_ssthresh_prev=6)
        cb = tcp(timer_tt_rexmtsyn_1(a_host({S0: sock}, a_segment(), arch), TAU, QUEUED()), S0).cb
        return cb.snd_cwnd_prev, cb.snd_ssthresh_prev, cb.t_badrxtwin == TimeWindowClosed

    assert both(deviations.SYN_WINDOW_NOT_SAVED, what) == ((5, 6, True), (8000, 7000, False))


@pytest.mark.parametrize(
    ("tstmp", "scale", "segment"), [(True, 3, 984), (True, None, 988), (False, 3, 996), (False, None, 1000)]
)
def test_the_windows_after_sending_a_syn_again_are_less_options(tstmp: bool, scale: int | None, segment: int) -> None:
    def what(arch: Arch) -> Any:
        sock = connecting(tf_req_tstmp=tstmp, request_r_scale=scale, snd_wnd=9000, snd_cwnd=7968)
        cb = tcp(timer_tt_rexmtsyn_1(a_host({S0: sock}, a_segment(), arch), TAU, QUEUED()), S0).cb
        return cb.t_maxseg, cb.snd_cwnd, cb.snd_ssthresh

    on, model = both(deviations.SYN_WINDOW_LESS_OPTIONS, what)
    assert on == (1000, segment, segment * (7968 // (2 * segment)))
    assert model == (1000, 1000, 3000)


# -- windows ---------------------------------------------------------------------------------------


def test_a_window_too_large_for_its_field_is_clipped() -> None:
    syn_received, connected = a_cb(rcv_wnd=65536), a_cb(rcv_wnd=131072, rcv_scale=1)
    sock = a_sock(cb=a_cb(rcv_wnd=131072, rcv_scale=1, rcv_adv=foreign(5001 + 131072)))
    for arch, segments in (
        (ON, (65535, 65535, 65535)),
        (off(deviations.WINDOW_CLIPPED), (None, None, None)),
    ):
        makers: tuple[Callable[[], TcpSegment], ...] = (
            partial(make_syn_ack_segment, arch, syn_received, QUAD, TICKS, Scripted()),
            partial(make_ack_segment, arch, connected, False, QUAD, TICKS, Scripted()),
            lambda arch=arch: output(arch, sock)[1],  # type: ignore[misc]
        )
        for make, win in zip(makers, segments, strict=True):
            if win is None:
                with pytest.raises(PremiseFailed):
                    make()
            else:
                assert make().win == win


def output(arch: Arch, sock: Socket) -> tuple[Socket, TcpSegment]:
    sock_, (message,) = tcp_output_really(arch, False, TICKS, IFDS, sock, Scripted())
    assert isinstance(message, TCP)
    return sock_, message.v


def test_what_is_advertised_to_a_syn_ack_is_clipped() -> None:
    """With a buffer beyond 65535 bytes and no scaling, the edge is where the field says."""
    sock = a_connecting_sock()
    sock = replace(sock, sf=replace(sock.sf, n=sock.sf.n.set(SO_RCVBUF, 70000)))
    syn_ack = a_syn(ACK=True, ack=foreign(1001), mss=1000)
    h = deliver(deliver_in_2, {S0: sock}, syn_ack, QUEUED(), ON)
    assert (tcp(h, S0).cb.rcv_wnd, tcp(h, S0).cb.rcv_adv) == (70000, foreign(5001 + 65535))
    assert [seg.win for seg in sent(h)] == [65535]
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_2, {S0: sock}, syn_ack, QUEUED(), off(deviations.WINDOW_CLIPPED))


def test_the_window_is_kept_in_time_wait() -> None:
    cb = a_cb(rcv_adv=foreign(5001 + 100), rcv_wnd=57344)

    def what(arch: Arch) -> int:
        return output(arch, a_sock(TIME_WAIT, cb=cb))[1].win

    assert both(deviations.WINDOW_KEPT_IN_TIME_WAIT, what) == (100, 57344)
    assert output(ON, a_sock(ESTABLISHED, cb=cb))[1].win == 57344


def test_sending_does_not_change_the_receive_window_and_receiving_does() -> None:
    sock = a_sock(cb=a_cb(rcv_wnd=77, rcv_adv=foreign(5001 + 77)))

    def what(arch: Arch) -> tuple[int, int]:
        received, _, _, go_on = di3_topstuff(a_segment(), arch, RTTAB, IFDS, TICKS)(sock, (), QUEUED())
        assert go_on
        return tcp_sock_of(output(arch, sock)[0]).cb.rcv_wnd, tcp_sock_of(received).cb.rcv_wnd

    assert both(deviations.RECEIVE_WINDOW_ON_INPUT, what) == ((77, 57344), (57344, 77))


# -- opening ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("FIN", "acknowledged"), [(True, 6), (False, 5)])
def test_a_reset_acknowledges_a_fin(FIN: bool, acknowledged: int) -> None:
    seg = a_segment(ACK=False, SYN=True, FIN=FIN, data=b"four")

    def what(arch: Arch) -> Seq32:
        return make_rst_segment_from_seg(arch, seg, Scripted()).ack

    assert both(deviations.RESET_ACKNOWLEDGES_FIN, what) == (foreign(5001 + acknowledged), foreign(5001 + 5))


def test_a_syn_ack_to_a_listening_socket_is_reset() -> None:
    def what(arch: Arch, **flags: bool) -> list[bool]:
        h = deliver(deliver_in_1b, {S0: a_listener()}, a_segment(**flags), QUEUED(), arch)
        return [seg.RST for seg in sent(h)]

    assert both(deviations.RESET_FOR_SYN_ACK, partial(what, SYN=True)) == ([True], [])
    assert what(ON, ACK=False) == []
    assert what(off(deviations.RESET_FOR_SYN_ACK)) == [True]


def simultaneous(arch: Arch, syn: TcpSegment, **cb: Any) -> tuple[Host, TcpSegment]:
    h = deliver(deliver_in_2, {S0: a_connecting_sock(**cb)}, syn, QUEUED(), arch)
    assert tcp(h, S0).st == SYN_RECEIVED
    (seg,) = sent(h)
    return h, seg


def test_a_simultaneous_open_is_answered_with_the_own_syn_again() -> None:
    def what(arch: Arch) -> Any:
        h, seg = simultaneous(arch, a_syn(), tf_req_tstmp=True, request_r_scale=3)
        cb = tcp(h, S0).cb
        return (seg.SYN, seg.ACK, seg.ws, seg.ts), (cb.tf_doing_ws, cb.tf_doing_tstmp, cb.rcv_scale)

    on, model = both(deviations.SIMULTANEOUS_OPEN_SYN_ACK, what)
    # What was agreed is not changed by what is sent.
    assert on == ((True, True, 3, (TICKS, ts_seq(0))), (False, False, 0))
    assert model == ((False, True, None, None), (False, False, 0))
    plain = simultaneous(ON, a_syn())[1]
    assert (plain.SYN, plain.ws, plain.ts) == (True, None, None)


def test_the_congestion_window_of_a_simultaneous_open_is_a_segment_lower() -> None:
    def what(arch: Arch, **fields: Any) -> int:
        return tcp(deliver(deliver_in_2, {S0: a_connecting_sock()}, a_syn(**fields), QUEUED(), arch), S0).cb.snd_cwnd

    name = deviations.SIMULTANEOUS_OPEN_WINDOW
    assert both(name, partial(what, mss=1400)) == (14000 - 1460, 14000)
    assert both(name, partial(what, mss=100)) == (0, 1000)
    assert both(name, partial(what, mss=1400, ACK=True, ack=foreign(1001))) == (14000, 14000)
    # Without a segment size of the peer's, nothing is computed and nothing taken off.
    assert both(name, what) == (a_connecting_cwnd(), a_connecting_cwnd())


def a_connecting_cwnd() -> int:
    return tcp_sock_of(a_connecting_sock()).cb.snd_cwnd


# -- resets and SYNs in and out of the window --------------------------------------------------------

WINDOW = {"last_ack_sent": foreign(5001), "rcv_wnd": 100}
RESETS: dict[str, tuple[Rule, Socket]] = {
    "7": (deliver_in_7, a_sock(cb=a_cb(**WINDOW))),
    "7a": (deliver_in_7a, a_sock(SYN_RECEIVED, cb=a_cb(**WINDOW))),
    "7d": (deliver_in_7d, a_connecting_sock(**WINDOW)),
}


@pytest.mark.parametrize("name", RESETS)
@pytest.mark.parametrize(("seq", "inside"), [(5000, False), (5001, True), (5100, True), (5101, False)])
def test_a_reset_ends_a_connection_in_the_window_only(name: str, seq: int, inside: bool) -> None:
    rule, sock = RESETS[name]
    model = off(deviations.RESET_IN_WINDOW)
    reset = a_segment(RST=True, seq=local(seq))

    def ends(arch: Arch) -> None:
        assert tcp(deliver(rule, {S0: sock}, reset, QUEUED(), arch), S0).st == CLOSED

    ends(model)
    forbids(deliver_in_7e, a_host({S0: sock}, reset, model), QUEUED())
    if inside:
        ends(ON)
        forbids(deliver_in_7e, a_host({S0: sock}, reset, ON), QUEUED())
    else:
        forbids(rule, a_host({S0: sock}, reset, ON), QUEUED())
        h = deliver(deliver_in_7e, {S0: sock}, reset, QUEUED(), ON)
        assert (h.socks[S0], sent(h)) == (sock, [])


def test_what_is_no_reset_of_the_peer_is_not_ignored() -> None:
    sock = a_sock(cb=a_cb(**WINDOW))
    reset = a_segment(RST=True, seq=local(4000))
    forbids(deliver_in_7e, a_host({S0: sock}, replace(reset, RST=False), ON), QUEUED())
    forbids(deliver_in_7e, a_host({S0: sock}, replace(reset, is1=IP(10, 0, 0, 9)), ON), QUEUED())
    forbids(deliver_in_7e, a_host({S0: a_listener()}, reset, ON), QUEUED())
    forbids(deliver_in_7e, a_host({S0: replace(sock, fid=None)}, reset, ON), QUEUED())


ACKNOWLEDGES = partial(Scripted, queued=True, **{"seg' is an ACK": True})


@pytest.mark.parametrize(("seq", "inside"), [(5000, False), (5001, True), (5100, True), (5101, False)])
def test_a_syn_may_be_acknowledged_and_is_reset_in_the_window_only(seq: int, inside: bool) -> None:
    sock = a_sock(cb=a_cb(**WINDOW))
    syn = a_segment(SYN=True, ACK=False, seq=local(seq))
    h = deliver(deliver_in_8, {S0: sock}, syn, ACKNOWLEDGES(), ON)
    assert [(seg.ACK, seg.RST, seg.SYN, seg.ack) for seg in sent(h)] == [(True, False, False, foreign(5001))]
    assert (tcp(h, S0).st, h.bndlm) == (ESTABLISHED, ())
    assert tcp(h, S0).cb.tt_keep is not None
    if inside:
        assert [seg.RST for seg in sent(deliver(deliver_in_8, {S0: sock}, syn, QUEUED(), ON))] == [True]
    else:
        forbids(deliver_in_8, a_host({S0: sock}, syn, ON), QUEUED())
    model = off(deviations.ACK_FOR_SYN)
    for choices in (QUEUED, ACKNOWLEDGES):
        assert [seg.RST for seg in sent(deliver(deliver_in_8, {S0: sock}, syn, choices(), model))] == [True]


@pytest.mark.parametrize(("rule", "st"), [(deliver_in_8, ESTABLISHED), (deliver_in_9, TIME_WAIT)])
def test_a_syn_is_answered_with_one_reset(rule: Rule, st: TcpState) -> None:
    def what(arch: Arch) -> Any:
        syn = a_segment(SYN=True, ACK=False)
        h = deliver(rule, {S0: a_sock(st, cb=a_cb(**WINDOW))}, syn, QUEUED(), arch)
        return [(seg.RST, seg.seq) for seg in sent(h)], len(h.bndlm)

    own, other = (True, local(1001)), (True, local(0))
    # The limit of resets counts the other one all the same.
    assert both(deviations.ONE_RESET_FOR_SYN, what) == (([own], 1), ([own, other], 1))


# -- trace records -----------------------------------------------------------------------------------


def record(st: TcpState, sid: SID = S0, quad: Any = None) -> Lh_trace:
    cb = a_cb()
    shown = Tracecb(**{field.name: getattr(cb, field.name) for field in fields(Tracecb)})
    return Lh_trace(TraceRecord(TA_USER, sid, quad, st, shown))


def allowed(rule: Rule, h: Host, lbl: Lh_trace, arch: Arch) -> bool:
    return Scripted().possible(lambda choose: rule(replace(h, arch=arch), lbl, choose))


def test_a_record_of_time_wait_may_show_fin_wait_2() -> None:
    h = a_host({S0: a_sock(TIME_WAIT)}, a_segment())
    shown = both(deviations.TRACE_FIN_WAIT_2_AS_TIME_WAIT, lambda arch: allowed(trace_1, h, record(FIN_WAIT_2), arch))
    assert shown == (True, False)
    assert not allowed(trace_1, h, record(FIN_WAIT_1), ON)
    other_way = a_host({S0: a_sock(FIN_WAIT_2)}, a_segment())
    assert not allowed(trace_1, other_way, record(TIME_WAIT), ON)


GONE = SID(5)


def removed() -> Host:
    """A host that has had a bound socket which is no more."""
    return replace(a_host({S0: a_sock()}, a_segment()), bound=(S0, GONE))


def test_a_record_may_show_as_closed_a_bound_socket_that_is_no_more() -> None:
    meant = off(deviations.ANY_TRACE_AFTER_REMOVAL)
    model = off(deviations.ANY_TRACE_AFTER_REMOVAL, deviations.TRACE_OF_REMOVED_SOCKET)
    h = removed()
    assert allowed(trace_2, h, record(CLOSED, GONE), meant)
    assert not allowed(trace_2, h, record(CLOSED, GONE), model)
    for lbl in (record(LISTEN, GONE), record(CLOSED, SID(6)), record(CLOSED, GONE, (None, None, None, None))):
        assert not allowed(trace_2, h, lbl, meant)
    # A socket that there is has its records as ever.
    assert allowed(trace_2, h, record(CLOSED), meant) and allowed(trace_2, h, record(CLOSED), model)
    assert not allowed(trace_2, h, record(LISTEN), meant)


def test_after_a_removal_a_record_may_be_anything() -> None:
    anything = record(LISTEN, SID(6), (None, None, None, None))
    shown = both(deviations.ANY_TRACE_AFTER_REMOVAL, lambda arch: allowed(trace_2, removed(), anything, arch))
    assert shown == (True, False)
    assert not allowed(trace_2, replace(removed(), bound=(S0,)), anything, ON)
