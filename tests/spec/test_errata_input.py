"""Each erratum of the segments received: what the text says, and what the host does once it is corrected."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import immutables
import pytest
from aux_sockets import BSD, I1, LINUX, P1, TICKS, a_cb, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, S1, S2, a_connecting_sock, a_listener, a_syn, deliver, sent, tcp
from socket_hosts import a_udp
from support import Scripted
from test_deliver_in_3_steps import RECOVERING, RUNNING, ackstuff, in_flight, newack, run

from netspec.base.choose import PremiseFailed
from netspec.base.errors import ECONNRESET
from netspec.base.timers import Stopwatch
from netspec.tcp.aux_fns.matching import tcp_socket_best_match
from netspec.tcp.aux_fns.rexmt import mode_of
from netspec.tcp.deliver_in_3.socks_update import di3_socks_update
from netspec.tcp.deliver_in_3.ststuff import di3_ststuff
from netspec.tcp.errata import input as errata
from netspec.tcp.errata import output
from netspec.tcp.errata.erratum import Erratum
from netspec.tcp.host_types import OOBDATA, Host, Rexmt, RexmtSyn, Socket, Tcpcb
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SID, Arch, stopwatch_zero
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    CLOSING,
    ESTABLISHED,
    IP,
    LAST_ACK,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    SocketListen,
    TcpState,
    accept_incoming_q,
    accept_incoming_q0,
)
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_in_1 import deliver_in_1, deliver_in_1b
from netspec.tcp.rules.deliver_in_2 import deliver_in_2, deliver_in_2a
from netspec.tcp.rules.deliver_in_3 import deliver_in_3
from netspec.tcp.rules.deliver_in_7 import deliver_in_7, deliver_in_7a, deliver_in_7c
from netspec.tcp.rules.deliver_in_8 import deliver_in_8, deliver_in_9
from netspec.tcp.rules.deliver_in_drop import deliver_in_4, deliver_in_5, deliver_in_6

Socks = dict[SID, Socket]


def fixed(*corrections: Erratum, arch: Arch = BSD) -> Arch:
    """An architecture with errata corrected."""
    return replace(arch, deviations=frozenset(erratum.name for erratum in corrections))


def allows(rule: Rule, socks: Socks, seg: TcpSegment, arch: Arch, **choices: Any) -> Host:
    return deliver(rule, socks, seg, Scripted(queued=True, **choices), arch)


def forbids(rule: Rule, socks: Socks, seg: TcpSegment, arch: Arch, **choices: Any) -> None:
    with pytest.raises(PremiseFailed):
        allows(rule, socks, seg, arch, **choices)


SPEC = Path(errata.__file__).parents[3]
DEFINED = {
    node.name: ast.unparse(node)
    for path in SPEC.rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef)
}


@pytest.mark.parametrize("module", [errata, output])
def test_every_erratum_is_switched_somewhere_and_names_its_places(module: ModuleType) -> None:
    constants = {value: name for name, value in vars(module).items() if isinstance(value, Erratum)}
    assert set(module.ERRATA) == set(constants)
    assert len({erratum.name for erratum in constants}) == len(constants)
    for erratum, constant in constants.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", erratum.name)
        assert erratum.says and erratum.right and erratum.evidence and not erratum.default
        assert set(erratum.places) <= set(DEFINED), erratum
        assert any(f"{constant})" in text and "corrected(" in text for text in DEFINED.values()), erratum


# -- opening a connection ----------------------------------------------------------------------


def test_the_listen_queue_may_be_as_long_as_its_limit() -> None:
    on = fixed(errata.LISTEN_QUEUE_LIMIT)
    for length, limit in ((0, 0), (5, 5)):
        lis = SocketListen((), (S2,) * length, limit)
        assert (accept_incoming_q0(lis, BSD), accept_incoming_q0(lis, on)) == (False, True)
        assert not accept_incoming_q0(replace(lis, q=(*lis.q, S2)), on)
    lis = SocketListen((), (S2,) * 7, 5)
    assert (accept_incoming_q(lis, BSD), accept_incoming_q(lis, on)) == (False, True)
    assert not accept_incoming_q(replace(lis, q=(*lis.q, S2)), on)


def test_a_backlog_of_zero_lets_one_connection_in() -> None:
    socks = {S0: a_listener(SocketListen((), (), 0))}
    assert tcp(allows(deliver_in_1, socks, a_syn(), fixed(errata.LISTEN_QUEUE_LIMIT)), S1).st == SYN_RECEIVED
    forbids(deliver_in_1, socks, a_syn(), BSD)
    forbids(deliver_in_1b, socks, a_syn(), fixed(errata.LISTEN_QUEUE_LIMIT))


def test_the_answer_to_a_syn_is_timed_by_its_own_number() -> None:
    timed = {
        arch: tcp(allows(deliver_in_1, {S0: a_listener()}, a_syn(), arch, iss=local(700).n), S1).cb.t_rttseg
        for arch in (BSD, fixed(errata.SYN_ACK_TIMED_BY_ISS))
    }
    assert list(timed.values()) == [(TICKS, local(0)), (TICKS, local(700))]


def test_a_socket_in_time_wait_gives_way_to_a_new_connection() -> None:
    socks = {S0: a_listener(), S1: a_sock(TIME_WAIT)}
    on = fixed(errata.TIME_WAIT_REUSE)
    new, old = a_syn(seq=local(9000)), a_syn(seq=local(5001))
    h = allows(deliver_in_1, socks, new, on)
    assert (tcp(h, S0).st, tcp(h, S1).st, tcp(h, S2).st) == (LISTEN, CLOSED, SYN_RECEIVED)
    forbids(deliver_in_1, socks, new, BSD)
    forbids(deliver_in_1, socks, old, on)
    forbids(deliver_in_1, {**socks, S1: a_sock(ESTABLISHED)}, new, on)


def test_a_new_connection_that_finds_the_queue_full_beside_time_wait_is_dropped() -> None:
    socks = {S0: a_listener(SocketListen((), (S2,), 1)), S1: a_sock(TIME_WAIT)}
    new = a_syn(seq=local(9000))
    assert sent(allows(deliver_in_1b, socks, new, fixed(errata.TIME_WAIT_REUSE))) == []
    forbids(deliver_in_1b, socks, new, BSD)


@pytest.mark.parametrize(("offered", "text", "right"), [(3, 3, 3), (14, 14, 14), (15, 15, 14), (255, 255, 14)])
def test_the_window_is_scaled_by_14_at_most(offered: int, text: int, right: int) -> None:
    for arch, scale in ((BSD, text), (fixed(errata.WINDOW_SCALE_LIMIT), right)):
        passive = allows(deliver_in_1, {S0: a_listener()}, a_syn(ws=offered), arch, req_ws=True)
        assert tcp(passive, S1).cb.snd_scale == scale
        active = allows(deliver_in_2, {S0: a_connecting_sock(request_r_scale=0)}, a_syn(ws=offered), arch)
        assert tcp(active, S0).cb.snd_scale == scale


def test_the_urgent_mark_of_a_syn_counts_from_its_data() -> None:
    seg = a_syn(ACK=True, ack=foreign(1001), URG=True, urp=2, data=b"abc")
    text = tcp(allows(deliver_in_2, {S0: a_connecting_sock()}, seg, BSD), S0)
    right = tcp(allows(deliver_in_2, {S0: a_connecting_sock()}, seg, fixed(errata.URGENT_IN_SYN)), S0)
    assert (text.rcvq, text.rcvurp, text.cb.rcv_nxt) == (b"ac", 5002, foreign(5003))
    assert (right.rcvq, right.rcvurp, right.cb.rcv_nxt) == (b"ac", 1, foreign(5004))
    assert text.iobc == right.iobc == OOBDATA(b"b"[0])
    assert text.cb.rcv_up == right.cb.rcv_up == foreign(5003)


def test_a_mark_beyond_the_data_of_a_syn_takes_no_byte() -> None:
    seg = a_syn(ACK=True, ack=foreign(1001), URG=True, urp=9, data=b"abc")
    right = tcp(allows(deliver_in_2, {S0: a_connecting_sock()}, seg, fixed(errata.URGENT_IN_SYN)), S0)
    assert (right.rcvq, right.rcvurp, right.cb.rcv_nxt) == (b"abc", 8, foreign(5004))


def test_after_the_syn_the_timer_is_that_of_data() -> None:
    sock = replace(a_connecting_sock(snd_max=local(1002), snd_nxt=local(1002)), cantsndmore=True)
    seg = a_syn(ACK=True, ack=foreign(1001))
    for arch, mode in ((BSD, RexmtSyn), (fixed(errata.REXMT_AFTER_SYN), Rexmt)):
        after = tcp(allows(deliver_in_2, {S0: sock}, seg, arch), S0)
        assert (after.st != SYN_SENT, mode_of(after.cb.tt_rexmt)) == (True, mode)


@pytest.mark.parametrize(
    ("rule", "seg", "reset", "kept_alive"),
    [
        (deliver_in_2a, a_segment(ack=foreign(1001)), True, True),
        (deliver_in_7c, a_segment(RST=True, ACK=False), False, False),
    ],
)
def test_while_connecting_a_segment_resets_the_idle_time_alone(
    rule: Rule, seg: TcpSegment, reset: bool, kept_alive: bool
) -> None:
    idle = Stopwatch(Fraction(9), Fraction(1), Fraction(1))
    for arch, expected in ((BSD, (reset, kept_alive)), (fixed(errata.IDLE_TIME_IN_SYN_SENT), (True, False))):
        cb = tcp(allows(rule, {S0: a_connecting_sock(t_idletime=idle)}, seg, arch), S0).cb
        assert (cb.t_idletime == stopwatch_zero, cb.tt_keep is not None) == expected


def opening(**fields: Any) -> Socket:
    """A socket in SYN_RECEIVED, whose SYN,ACK is not acknowledged."""
    cb = a_cb(snd_una=local(1000), tt_rexmt=RUNNING)
    return replace(a_sock(SYN_RECEIVED, cb=cb), **fields)


SYN_ACK = a_syn(ACK=True, ack=foreign(1001))


def test_a_simultaneous_open_is_not_reset() -> None:
    on = fixed(errata.SIMULTANEOUS_OPEN_NOT_RESET)
    assert all(seg.RST for seg in sent(allows(deliver_in_8, {S0: opening()}, SYN_ACK, BSD)))
    forbids(deliver_in_8, {S0: opening()}, SYN_ACK, on)
    assert tcp(allows(deliver_in_3, {S0: opening()}, SYN_ACK, on), S0).st == ESTABLISHED
    for other in (replace(SYN_ACK, seq=local(5100)), replace(SYN_ACK, ack=foreign(1002))):
        assert allows(deliver_in_8, {S0: opening()}, other, on)


def test_a_connection_too_many_is_gone() -> None:
    socks = immutables.Map({S0: a_listener(SocketListen((S1,), (S2,), 1)), S1: a_sock()})
    text = di3_socks_update(BSD, S1, socks, Scripted())
    right = di3_socks_update(fixed(errata.FULL_QUEUE_DROPS_SOCKET), S1, socks, Scripted())
    assert S1 in text
    assert right == text.delete(S1)


# -- which socket ------------------------------------------------------------------------------


def test_a_udp_socket_matches_no_segment() -> None:
    socks = {S0: a_listener(), S1: a_udp(is1=I1, ps1=P1, is2=None, ps2=None)}
    for arch, best in ((BSD, False), (fixed(errata.BEST_MATCH_OF_TCP), True)):
        assert tcp_socket_best_match(socks, (S0, socks[S0]), a_syn(), arch) == best
    assert allows(deliver_in_1, socks, a_syn(), fixed(errata.BEST_MATCH_OF_TCP))
    socks[S1] = a_sock(CLOSED)
    assert not tcp_socket_best_match(socks, (S0, socks[S0]), a_syn(), fixed(errata.BEST_MATCH_OF_TCP))


@pytest.mark.parametrize(("rule", "socks"), [(deliver_in_5, {}), (deliver_in_6, {S0: a_sock(CLOSED)})])
def test_a_martian_is_only_dropped(rule: Rule, socks: Socks) -> None:
    on = fixed(errata.MARTIANS_DROPPED)
    everyone = IP(192, 168, 0, 255)
    socks = {sid: replace(sock, is2=everyone) for sid, sock in socks.items()}
    martian = a_segment(is1=everyone)
    assert [seg.RST for seg in sent(allows(rule, socks, martian, BSD))] == [True]
    forbids(rule, socks, martian, on)
    assert sent(allows(deliver_in_4, socks, martian, on)) == []
    socks = {sid: a_sock(CLOSED) for sid in socks}
    assert [seg.RST for seg in sent(allows(rule, socks, a_segment(), on))] == [True]


@pytest.mark.parametrize(
    ("rule", "st", "after"),
    [
        (deliver_in_7, ESTABLISHED, CLOSED),
        (deliver_in_7, LAST_ACK, CLOSED),
        (deliver_in_7a, SYN_RECEIVED, CLOSED),
        (deliver_in_7c, TIME_WAIT, TIME_WAIT),
    ],
)
def test_a_socket_without_a_file_takes_a_reset(rule: Rule, st: TcpState, after: TcpState) -> None:
    socks, seg = {S0: a_sock(st, fid=None)}, a_segment(RST=True)
    assert tcp(allows(rule, socks, seg, fixed(errata.RESET_WITHOUT_FILE)), S0).st == after
    forbids(rule, socks, seg, BSD)


@pytest.mark.parametrize(
    ("rule", "st"), [(deliver_in_8, ESTABLISHED), (deliver_in_8, CLOSING), (deliver_in_9, TIME_WAIT)]
)
def test_a_socket_without_a_file_takes_a_syn(rule: Rule, st: TcpState) -> None:
    socks = {S0: a_sock(st, fid=None)}
    assert sent(allows(rule, socks, a_syn(), fixed(errata.SYN_WITHOUT_FILE)))
    forbids(rule, socks, a_syn(), BSD)


def test_a_connection_not_accepted_yet_is_not_reset_by_its_own_syn() -> None:
    on = fixed(errata.SYN_WITHOUT_FILE)
    forbids(deliver_in_8, {S0: opening(fid=None)}, a_syn(), on)
    assert allows(deliver_in_3, {S0: opening(fid=None)}, a_syn(ack=foreign(1000)), on)
    assert allows(deliver_in_8, {S0: opening(fid=None)}, replace(SYN_ACK, ack=foreign(1002)), on)


# -- resets and SYNs on a connection -----------------------------------------------------------


def test_a_reset_connection_leaves_its_listeners_queue() -> None:
    on = fixed(errata.RESET_LEAVES_QUEUE)
    socks = {S0: a_sock(SYN_RECEIVED), S1: a_listener(SocketListen((S2, S0), (), 5))}
    seg = a_segment(RST=True)
    kept = allows(deliver_in_7a, socks, seg, BSD, sid=S0, q0L=None)
    assert tcp(kept, S1).lis == SocketListen((S2, S0), (), 5)
    forbids(deliver_in_7a, socks, seg, on, sid=S0, q0L=None)
    assert tcp(allows(deliver_in_7a, socks, seg, on, sid=S0), S1).lis == SocketListen((S2,), (), 5)
    assert tcp(allows(deliver_in_7a, {S0: socks[S0]}, seg, on), S0).st == CLOSED


RESETS = [True, True]


@pytest.mark.parametrize(
    ("seq", "text", "right"),
    [
        (5001, (ESTABLISHED, RESETS), (CLOSED, RESETS)),
        (5001 + 57343, (ESTABLISHED, RESETS), (CLOSED, RESETS)),
        (5000, (ESTABLISHED, RESETS), (ESTABLISHED, [False])),
        (5001 + 57344, (ESTABLISHED, RESETS), (ESTABLISHED, [False])),
    ],
)
def test_a_syn_ends_a_connection_only_in_the_window(seq: int, text: Any, right: Any) -> None:
    for arch, expected in ((BSD, text), (fixed(errata.SYN_BY_WINDOW), right)):
        h = allows(deliver_in_8, {S0: a_sock()}, a_syn(seq=local(seq)), arch)
        assert (tcp(h, S0).st, [seg.RST for seg in sent(h)]) == expected
        assert h.socks[S0].es == (ECONNRESET if expected[0] == CLOSED else None)
        assert all(seg.ack == foreign(5001) for seg in sent(h) if not seg.RST)


def test_a_senseless_syn_while_opening_is_reset_alone() -> None:
    bad = replace(SYN_ACK, ack=foreign(1002))
    h = allows(deliver_in_8, {S0: opening()}, bad, fixed(errata.SYN_BY_WINDOW))
    assert (tcp(h, S0).st, [seg.RST for seg in sent(h)]) == (SYN_RECEIVED, [True])


@pytest.mark.parametrize(
    ("seq", "text", "right"),
    [(5001, (TIME_WAIT, RESETS), (TIME_WAIT, [False])), (9000, (TIME_WAIT, RESETS), (CLOSED, [True]))],
)
def test_a_syn_in_time_wait_is_old_or_finds_no_connection(seq: int, text: Any, right: Any) -> None:
    for arch, expected in ((BSD, text), (fixed(errata.SYN_BY_WINDOW), right)):
        h = allows(deliver_in_9, {S0: a_sock(TIME_WAIT)}, a_syn(seq=local(seq)), arch)
        assert (tcp(h, S0).st, [seg.RST for seg in sent(h)]) == expected


# -- acknowledgements --------------------------------------------------------------------------


def received(cb: Tcpcb, seg: TcpSegment, arch: Arch, **fields: Any) -> Tcpcb:
    sock = replace(a_sock(sndq=b"abcdef", cb=cb), **fields)
    return tcp(allows(deliver_in_3, {S0: sock}, seg, arch), S0).cb


def test_the_fast_path_leaves_windows_alone() -> None:
    cb = in_flight(6, snd_wnd=4000, snd_cwnd=4000, snd_wl1=foreign(5000), snd_wl2=local(1001))
    seg = a_segment(ack=foreign(1007), win=4000)
    expected = {
        BSD: (4000, 5000, local(1007)),
        fixed(errata.FAST_PATH_BEFORE_ACKNOWLEDGEMENT): (4000, 4000, local(1001)),
        # Linux has no such path for its congestion window.
        fixed(errata.FAST_PATH_BEFORE_ACKNOWLEDGEMENT, arch=LINUX): (4000, 5000, local(1001)),
    }
    for arch, windows in expected.items():
        after = received(cb, seg, arch)
        assert (after.snd_una, after.snd_wnd, after.snd_cwnd, after.snd_wl2) == (local(1007), *windows)


@pytest.mark.parametrize(
    ("seg", "cb", "taken"),
    [
        ({"ack": foreign(1001), "data": b"x"}, {}, True),
        ({"ack": foreign(1001)}, {}, False),
        ({"data": b"x"}, {}, False),
        ({"win": 4001}, {}, False),
        ({}, {"snd_nxt": local(1001)}, False),
        ({}, {"snd_cwnd": 3999}, False),
    ],
)
def test_the_fast_path_is_for_one_thing_at_a_time(seg: dict[str, Any], cb: dict[str, Any], taken: bool) -> None:
    windows = {"snd_wnd": 4000, "snd_cwnd": 4000, "snd_wl1": foreign(5000), "snd_wl2": local(1001)}
    before = in_flight(6, **{**windows, **cb})
    segment = a_segment(**{"ack": foreign(1007), "win": 4000, **seg})
    after = received(before, segment, fixed(errata.FAST_PATH_BEFORE_ACKNOWLEDGEMENT))
    assert (after.snd_wl1 == foreign(5000)) == taken


def test_only_an_acknowledgement_completes_an_open() -> None:
    syn = a_syn(ack=foreign(1001))
    for arch, st in ((BSD, ESTABLISHED), (fixed(errata.ACK_FLAG_REQUIRED), SYN_RECEIVED)):
        assert tcp(allows(deliver_in_3, {S0: opening()}, syn, arch), S0).st == st
        assert tcp(allows(deliver_in_3, {S0: opening()}, a_segment(), arch), S0).st == ESTABLISHED


def test_a_segment_without_ack_delivers_nothing() -> None:
    seg = a_segment(ACK=False, data=b"x")
    for arch, rcvq in ((BSD, b"x"), (fixed(errata.ACK_FLAG_REQUIRED), b"")):
        assert tcp(allows(deliver_in_3, {S0: a_sock()}, seg, arch), S0).rcvq == rcvq


def test_an_older_acknowledgement_is_no_duplicate() -> None:
    on = fixed(errata.DUPLICATE_IS_EQUAL)
    old = {"ack": foreign(1000)}
    for arch, counted in ((BSD, 2), (on, 0)):
        assert ackstuff(in_flight(3000, t_dupacks=1), arch, **old)[0].cb.t_dupacks == counted
    third = in_flight(3000, t_dupacks=2, snd_recover=local(900))
    with pytest.raises(PremiseFailed):
        ackstuff(third, **old)
    tcp_sock, segs, go_on = ackstuff(third, on, **old)
    assert (tcp_sock.cb.t_dupacks, segs, go_on) == (0, [], True)
    tcp_sock, segs, _ = ackstuff(third, on)
    assert (tcp_sock.cb.t_dupacks, len(segs)) == (3, 1)


def test_recovery_goes_on_after_an_acknowledgement_of_what_was_never_sent() -> None:
    on = fixed(errata.ACKNOWLEDGEMENT_IN_RANGE_FIRST)
    before = in_flight(3000, t_dupacks=3, snd_recover=local(4001), snd_cwnd=5000)
    ended, _, _ = newack(4002, before)
    assert ended.cb.t_dupacks == 0
    tcp_sock, segs, go_on = newack(4002, before, arch=on)
    assert (tcp_sock.cb.t_dupacks, tcp_sock.cb.snd_cwnd, len(segs), go_on) == (3, 5000, 1, False)
    with pytest.raises(PremiseFailed):
        newack(9000, before)
    assert newack(9000, before, arch=on)[0].cb.t_dupacks == 3
    assert newack(4001, before, arch=on)[0].cb.t_dupacks == 0


def test_after_a_partial_acknowledgement_sending_goes_on_where_it_was() -> None:
    before = in_flight(3000, **RECOVERING)
    text = newack(1501, before)[0].cb
    right = newack(1501, before, arch=fixed(errata.PARTIAL_ACKNOWLEDGEMENT_RESTORES))[0].cb
    assert (text.snd_nxt, text.snd_cwnd) == (local(2001), 1000 - 500 + 1000)
    assert (right.snd_nxt, right.snd_cwnd) == (local(4001), 5000 - 500 + 1000)


def test_a_partial_acknowledgement_of_a_whole_segment_resends_the_next() -> None:
    before = in_flight(3000, **RECOVERING)
    on = fixed(errata.PARTIAL_ACKNOWLEDGEMENT_SENDS)
    assert newack(2001, before)[1] == []
    assert [(seg.seq, len(seg.data)) for seg in newack(2001, before, arch=on)[1]] == [(local(2001), 1000)]
    both = fixed(errata.PARTIAL_ACKNOWLEDGEMENT_SENDS, errata.PARTIAL_ACKNOWLEDGEMENT_RESTORES)
    cb = newack(2001, before, arch=both)[0].cb
    assert (cb.snd_nxt, cb.snd_cwnd, cb.snd_una) == (local(4001), 5000, local(2001))


# -- data and FIN ------------------------------------------------------------------------------


def test_the_urgent_byte_is_found_after_trimming() -> None:
    # "ab" was received before; of "abcde", the urgent byte is "d".
    cb = a_cb(rcv_nxt=foreign(5003), rcv_up=foreign(5001))
    seg = a_segment(data=b"abcde", URG=True, urp=4)
    with pytest.raises(PremiseFailed):
        received(cb, seg, BSD)
    socks = {S0: a_sock(cb=cb)}
    right = tcp(allows(deliver_in_3, socks, seg, fixed(errata.URGENT_AFTER_TRIMMING)), S0)
    assert (right.rcvq, right.iobc, right.rcvurp) == (b"ce", OOBDATA(b"d"[0]), 1)
    assert right.cb.rcv_nxt == foreign(5006)


def test_an_urgent_byte_out_of_order_has_its_own_number() -> None:
    seg = a_segment(seq=local(5011), data=b"abc", URG=True, urp=2)
    for arch, number in ((BSD, 5002), (fixed(errata.URGENT_AFTER_TRIMMING), 5012)):
        cb = tcp(allows(deliver_in_3, {S0: a_sock(cb=a_cb(rcv_up=foreign(5001)))}, seg, arch), S0).cb
        assert [(one.data, one.spliced_urp) for one in cb.t_segq] == [(b"ac", foreign(number))]


@pytest.mark.parametrize("again", [{"FIN": True}, {"data": b"x"}, {}])
def test_in_time_wait_a_fin_is_acknowledged_again(again: dict[str, Any]) -> None:
    seg = a_segment(seq=local(5000), **again)
    for arch, acknowledged in ((BSD, False), (fixed(errata.TIME_WAIT_ACKNOWLEDGES), bool(again))):
        after = tcp(allows(deliver_in_3, {S0: a_sock(TIME_WAIT)}, seg, arch), S0)
        assert (after.st, after.cb.tf_shouldacknow) == (TIME_WAIT, acknowledged)


@pytest.mark.parametrize("state", [CLOSE_WAIT, CLOSING, LAST_ACK])
def test_data_after_the_fin_is_ignored(state: TcpState) -> None:
    seg = a_segment(seq=local(5001), data=b"xy")
    text = tcp(allows(deliver_in_3, {S0: a_sock(state)}, seg, BSD), S0)
    fixed_ = tcp(allows(deliver_in_3, {S0: a_sock(state)}, seg, fixed(errata.DATA_AFTER_FIN)), S0)
    assert (text.rcvq, text.cb.rcv_nxt) == (b"xy", foreign(5003))
    assert (fixed_.rcvq, fixed_.cb.rcv_nxt, fixed_.cb.tf_shouldacknow) == (b"", foreign(5001), True)


def test_a_second_fin_in_last_ack_changes_nothing() -> None:
    with pytest.raises(PremiseFailed):
        run(di3_ststuff(BSD, True, False, local(1001)), a_sock(LAST_ACK))
    tcp_sock, _, go_on = run(di3_ststuff(fixed(errata.FIN_IN_LAST_ACK), True, False, local(1001)), a_sock(LAST_ACK))
    assert (tcp_sock.st, go_on) == (LAST_ACK, True)
