"""Each erratum of output and timers: what the text says, and what the host does once it is corrected."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from aux_sockets import (
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
    a_cb,
    a_segment,
    a_sock,
    foreign,
    local,
)
from deliver_in_hosts import S0, TAU, a_connecting_sock, a_host, a_syn, deliver, sent, tcp
from support import Scripted
from test_errata_input import fixed
from test_rules_timers import DUE, rexmt, sending

from netspec.base.choose import PremiseFailed
from netspec.base.errors import EHOSTUNREACH, ETIMEDOUT
from netspec.base.seq32 import ts_seq
from netspec.base.timers import Timed, never_timer
from netspec.tcp.aux_fns.bandlim import bandlim_rst_ok_simple
from netspec.tcp.aux_fns.buffers import calculate_bsd_rcv_wnd, calculate_buf_sizes
from netspec.tcp.aux_fns.output import tcp_output_really
from netspec.tcp.aux_fns.queueing import enqueue_or_fail
from netspec.tcp.aux_fns.rexmt import mode_of
from netspec.tcp.errata import output as errata
from netspec.tcp.host_types import Host, Persist, Rexmt, Socket, Tcpcb, tcp_sock_of
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.params import TCP_MAXRXTSHIFT, Arch
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
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
)
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_in_2 import deliver_in_2
from netspec.tcp.rules.deliver_out import deliver_out_1
from netspec.tcp.rules.timers import timer_tt_delack_1, timer_tt_keep_1, timer_tt_persist_1, timer_tt_rexmt_1

QUEUED = partial(Scripted, queued=True)


def on_host(rule: Rule, sock: Socket, arch: Arch, **choices: Any) -> Host:
    """Apply a rule of output or of a timer to a host with this socket."""
    return rule(a_host({S0: sock}, a_segment(), arch), TAU, QUEUED(**choices))


def out(arch: Arch, sock: Socket, **choices: Any) -> tuple[TcpSegment, Tcpcb]:
    sock_, (msg,) = tcp_output_really(arch, False, TICKS, IFDS, sock, Scripted(**choices))
    assert isinstance(msg, TCP)
    return msg.v, tcp_sock_of(sock_).cb


# -- segments ----------------------------------------------------------------------------------


def test_linux_may_advertise_less_than_it_has_room_for() -> None:
    sock = a_sock(cb=a_cb(rcv_nxt=foreign(5007), rcv_adv=foreign(5007 + 5786)))
    on = fixed(errata.LINUX_WINDOW_GROWS, arch=LINUX)
    assert out(LINUX, sock, **{"rcv_wnd'": 5792})[0].win == 57344
    for window in (5786, 5792, 57344):
        seg, cb = out(on, sock, **{"rcv_wnd'": window})
        assert (seg.win, cb.rcv_wnd, cb.rcv_adv) == (window, window, foreign(5007 + window))
    for window in (5785, 57345):
        with pytest.raises(PremiseFailed):
            out(on, sock, **{"rcv_wnd'": window})
    assert out(fixed(errata.LINUX_WINDOW_GROWS), sock, **{"rcv_wnd'": 5792})[0].win == 57344


def test_linux_may_advertise_less_when_it_connects() -> None:
    socks = {S0: a_connecting_sock(LINUX, rcv_wnd=5840, rcv_adv=foreign(5840))}
    syn_ack = a_syn(ACK=True, ack=foreign(1001))
    for arch, window in ((LINUX, 57344), (fixed(errata.LINUX_WINDOW_GROWS, arch=LINUX), 5840)):
        (seg,) = sent(deliver(deliver_in_2, socks, syn_ack, QUEUED(rcv_window=5840), arch))
        assert seg.win == window


@pytest.mark.parametrize(
    ("st", "una", "nxt", "text", "right"),
    [
        (ESTABLISHED, 1001, 1002, 1001, 1002),
        (ESTABLISHED, 1001, 1003, 1003, 1003),
        (SYN_RECEIVED, 1000, 1002, 1001, 1001),
    ],
)
def test_a_fin_after_one_byte_has_a_number_of_its_own(st: TcpState, una: int, nxt: int, text: int, right: int) -> None:
    sndq = bytes(nxt - una) if st == ESTABLISHED else b""
    cb = a_cb(snd_una=local(una), snd_nxt=local(nxt), snd_max=local(nxt))
    sock = a_sock(st, sndq=sndq, cb=cb, cantsndmore=True)
    for arch, number in ((BSD, text), (fixed(errata.FIN_AFTER_ONE_BYTE), right)):
        seg, _ = out(arch, sock)
        assert (seg.FIN, seg.data, seg.seq) == (True, b"", local(number))


def test_after_a_fin_behind_a_full_window_there_is_something_to_send() -> None:
    sock = a_sock(CLOSE_WAIT, cb=a_cb(rcv_nxt=foreign(5001), rcv_adv=foreign(5000), rcv_wnd=0), rcvq=bytes(57344))
    with pytest.raises(PremiseFailed):
        out(BSD, sock)
    on = fixed(errata.WINDOW_AFTER_FIN)
    seg, cb = out(on, sock)
    assert (seg.win, seg.ack, cb.rcv_adv) == (0, foreign(5001), foreign(5001))
    with pytest.raises(PremiseFailed):
        calculate_bsd_rcv_wnd(sock.sf, tcp_sock_of(sock), BSD)
    assert calculate_bsd_rcv_wnd(sock.sf, tcp_sock_of(sock), on) == 0
    offering = a_sock(cb=a_cb(rcv_adv=foreign(5101)), rcvq=bytes(57344))
    assert calculate_bsd_rcv_wnd(offering.sf, tcp_sock_of(offering), on) == 100


def test_the_send_buffer_bounds_the_segment() -> None:
    on = fixed(errata.SEND_BUFFER_BOUNDS_SEGMENT)

    def sizes(rcvbuf: int, sndbuf: int, arch: Arch) -> tuple[int, int, int]:
        return calculate_buf_sizes(1460, 1460, None, False, rcvbuf, sndbuf, False, arch)[:3]

    assert (sizes(500, 3000, BSD), sizes(500, 3000, on)) == ((500, 4380, 500), (500, 4380, 1460))
    assert (sizes(3000, 500, BSD), sizes(3000, 500, on)) == ((4380, 500, 1460), (3000, 500, 500))
    assert sizes(3000, 5000, BSD) == sizes(3000, 5000, on) == (4380, 5840, 1460)
    linux = fixed(errata.SEND_BUFFER_BOUNDS_SEGMENT, arch=LINUX)
    assert sizes(3000, 500, linux) == sizes(3000, 500, LINUX)


# -- queueing ----------------------------------------------------------------------------------


def test_where_nothing_is_sent_nothing_is_undone() -> None:
    after = a_cb(tt_rexmt=rexmt(Persist, 0))
    for arch, cb in ((BSD, a_cb()), (fixed(errata.NOTHING_SENT_NOTHING_UNDONE), after)):
        assert enqueue_or_fail(True, arch, RTTAB, IFDS, (), EMPTY_OQ, a_cb(), after, Scripted()) == (cb, EMPTY_OQ)
        lost = (TCP(a_segment(is1=I1, is2=UNROUTABLE)),)
        cb_, _ = enqueue_or_fail(True, arch, RTTAB, IFDS, lost, EMPTY_OQ, a_cb(), after, Scripted())
        assert cb_.t_softerror == EHOSTUNREACH


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        (deliver_out_1, {"tf_shouldacknow": True}),
        (timer_tt_persist_1, {"tt_rexmt": rexmt(Persist, 0)}),
        (timer_tt_delack_1, {"tt_delack": Timed((), DUE)}),
    ],
)
def test_a_routing_error_is_kept_once_a_syn_was_received(rule: Rule, fields: dict[str, Any]) -> None:
    connected = a_sock(cb=a_cb(**fields), is2=UNROUTABLE)
    connecting = a_sock(SYN_SENT, cb=a_cb(**{**fields, "tf_shouldacknow": True}), is2=UNROUTABLE, cantsndmore=True)
    for sock, text, right in ((connected, None, EHOSTUNREACH), (connecting, EHOSTUNREACH, None)):
        for arch, error in ((BSD, text), (fixed(errata.RCVDSYN_AS_NAMED), right)):
            h = on_host(rule, sock, arch)
            assert (sent(h), tcp(h, S0).cb.t_softerror) == ([], error)


# -- limits on resets --------------------------------------------------------------------------

RST, REASON = a_segment(RST=True), BANDLIM_RST_CLOSEDPORT


def test_a_lasting_flood_still_gets_resets() -> None:
    full = ((RST, ts_seq(950), REASON),) * 200
    for arch, counted in ((BSD, 201), (fixed(errata.RESETS_COUNTED_WHEN_SENT), 200)):
        emit, bndlm = bandlim_rst_ok_simple(arch, RST, ts_seq(1000), REASON, full)
        assert (emit, len(bndlm)) == (False, counted)
        emit, bndlm = bandlim_rst_ok_simple(arch, RST, ts_seq(1000), REASON, full[:199])
        assert (emit, len(bndlm)) == (True, 200)


def test_what_is_behind_an_old_reset_is_older() -> None:
    # More than half a circle of ticks ago looks like the future.
    before = ((RST, ts_seq(800), REASON), *((RST, ts_seq(2**31), REASON),) * 200)
    for arch, emit in ((BSD, False), (fixed(errata.RECENT_RESETS_ONLY), True)):
        assert bandlim_rst_ok_simple(arch, RST, ts_seq(1000), REASON, before)[0] == emit
        recent = ((RST, ts_seq(950), REASON),) * 200
        assert not bandlim_rst_ok_simple(arch, RST, ts_seq(1000), REASON, recent)[0]


# -- timers ------------------------------------------------------------------------------------


def test_a_connection_that_the_peer_has_closed_retransmits() -> None:
    sock = sending(st=CLOSE_WAIT)
    with pytest.raises(PremiseFailed):
        on_host(timer_tt_rexmt_1, sock, BSD)
    h = on_host(timer_tt_rexmt_1, sock, fixed(errata.RETRANSMISSION_IN_CLOSE_WAIT))
    assert [(seg.seq, seg.data) for seg in sent(h)] == [(local(1001), b"abcd")]
    assert tcp(h, S0).st == CLOSE_WAIT


@pytest.mark.parametrize("st", [FIN_WAIT_2, TIME_WAIT])
def test_an_acknowledgement_that_was_not_queued_is_sent_again_past_the_fin(st: TcpState) -> None:
    sock = a_sock(st, cb=a_cb(tt_rexmt=rexmt(Rexmt, 0)), cantsndmore=True)
    with pytest.raises(PremiseFailed):
        on_host(timer_tt_rexmt_1, sock, BSD)
    h = on_host(timer_tt_rexmt_1, sock, fixed(errata.RETRANSMISSION_PAST_FIN))
    assert [(seg.ACK, seg.FIN, seg.ack) for seg in sent(h)] == [(True, False, foreign(5001))]
    with pytest.raises(PremiseFailed):
        on_host(timer_tt_rexmt_1, replace(sending(st=CLOSE_WAIT)), fixed(errata.RETRANSMISSION_PAST_FIN))


def test_a_dropped_connection_has_nothing_left_to_undo() -> None:
    sock = replace(sending(TCP_MAXRXTSHIFT), is2=UNROUTABLE)
    anything = {"cb'.snd_nxt": 5, "cb'.rcv_adv": 7}
    text = on_host(timer_tt_rexmt_1, sock, BSD, **anything)
    right = on_host(timer_tt_rexmt_1, sock, fixed(errata.DROPPED_AFTER_RETRANSMISSIONS), **anything)
    assert (tcp(text, S0).cb.snd_nxt, tcp(text, S0).cb.rcv_adv) == (local(5), foreign(7))
    assert (tcp(right, S0).cb.snd_nxt, tcp(right, S0).cb.rcv_adv) == (local(0), foreign(0))
    assert tcp(right, S0).cb.t_softerror is None
    for h in (text, right):
        assert (h.socks[S0].es, tcp(h, S0).st, sent(h)) == (ETIMEDOUT, CLOSED, [])


def test_a_listening_socket_may_be_dropped() -> None:
    lis = SocketListen((), (), 5)
    sock = replace(a_sock(LISTEN), pr=a_sock(LISTEN, cb=a_cb(tt_rexmt=rexmt(Rexmt, TCP_MAXRXTSHIFT))).pr)
    sock = replace(sock, pr=replace(sock.pr, v=replace(tcp_sock_of(sock), lis=lis)))
    with pytest.raises(PremiseFailed):
        on_host(timer_tt_rexmt_1, sock, BSD)
    h = on_host(timer_tt_rexmt_1, sock, fixed(errata.DROPPED_AFTER_RETRANSMISSIONS))
    assert (tcp(h, S0).st, sent(h)) == (CLOSED, [])


@pytest.mark.parametrize(("shift", "text", "right"), [(11, 12, 12), (12, 13, 12)])
def test_the_persist_timer_backs_off_so_far_only(shift: int, text: int, right: int) -> None:
    sock = a_sock(sndq=b"abcd", cb=a_cb(snd_wnd=0, tt_rexmt=rexmt(Persist, shift)))
    for arch, after in ((BSD, text), (fixed(errata.PERSIST_SHIFT_BOUNDED), right)):
        tt_rexmt = tcp(on_host(timer_tt_persist_1, sock, arch), S0).cb.tt_rexmt
        assert tt_rexmt is not None
        assert (mode_of(tt_rexmt), tt_rexmt.value[1]) == (Persist, after)


IDLE = a_cb(tt_keep=Timed((), DUE))


def test_a_keepalive_probe_goes_to_the_peer() -> None:
    for arch, quad in ((BSD, (I2, P2, I1, P1)), (fixed(errata.KEEPALIVE_TO_PEER), (I1, P1, I2, P2))):
        (seg,) = sent(on_host(timer_tt_keep_1, a_sock(cb=IDLE), arch))
        assert (seg.is1, seg.ps1, seg.is2, seg.ps2) == quad


@pytest.mark.parametrize("st", [ESTABLISHED, FIN_WAIT_1])
def test_a_socket_without_a_file_probes_its_peer(st: TcpState) -> None:
    sock = a_sock(st, cb=IDLE, fid=None)
    with pytest.raises(PremiseFailed):
        on_host(timer_tt_keep_1, sock, BSD)
    on = fixed(errata.KEEPALIVE_WITHOUT_FILE)
    assert len(sent(on_host(timer_tt_keep_1, sock, on))) == 1
    with pytest.raises(PremiseFailed):
        on_host(timer_tt_keep_1, replace(sock, pr=a_sock(st, cb=replace(IDLE, tt_keep=Timed((), never_timer))).pr), on)
