from __future__ import annotations

from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, TICKS, a_cb, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, S1, S2, TAU, a_host, a_listener, a_syn, deliver, sent, tcp, with_tcp
from support import Scripted

from netspec.base.base_types import SO_RCVBUF, Port
from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import ts_seq
from netspec.base.timers import timewindow_val_of
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Socket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SID, Arch
from netspec.tcp.pre_host_types import (
    CLOSED,
    ESTABLISHED,
    IP,
    LISTEN,
    SYN_RECEIVED,
    TIME_WAIT,
    SocketListen,
)
from netspec.tcp.rules.deliver_in_1 import deliver_in_1, deliver_in_1b


def choices(**others: Any) -> Scripted:
    return Scripted(
        **{
            "sid": S0,
            "sid'": S2,
            "advmss": 1460,
            "advmss' is SOME": True,
            "rcv_window": 32768,
            "iss": 1000,
            "queued": True,
            **others,
        }
    )


def test_a_syn_makes_a_socket_and_is_answered() -> None:
    h = deliver(deliver_in_1, {S0: a_listener()}, a_syn(mss=1400), choices())
    assert set(h.socks) == {S0, S2}
    assert tcp(h, S0).st == LISTEN
    assert tcp(h, S0).lis == SocketListen((S2,), (), 5)
    sock = h.socks[S2]
    assert (sock.fid, sock.is1, sock.ps1, sock.is2, sock.ps2) == (None, I1, P1, I2, P2)
    assert tcp(h, S2).st == SYN_RECEIVED
    cb = tcp(h, S2).cb
    assert (cb.iss, cb.snd_una, cb.snd_nxt, cb.snd_max) == (
        local(1000),
        local(1000),
        local(1001),
        local(1001),
    )
    assert (cb.irs, cb.rcv_nxt, cb.rcv_up, cb.last_ack_sent) == (foreign(5000), *[foreign(5001)] * 3)
    assert (cb.rcv_wnd, cb.rcv_adv) == (32768, foreign(5001 + 32768))
    # On BSD the maximum segment size is that of the peer; four segments may go at once on a local net.
    assert (cb.t_maxseg, cb.t_advmss, cb.snd_cwnd) == (1400, 1460, 4 * 1400)
    assert sock.sf.n[SO_RCVBUF] == 41 * 1400
    assert (cb.tf_doing_ws, cb.snd_scale, cb.rcv_scale, cb.tf_doing_tstmp) == (False, 0, 0, False)
    # The round trip is timed from the snd_nxt of the listening socket, which is zero.
    assert cb.t_rttseg == (TICKS, local(0))
    (seg,) = sent(h)
    assert (seg.SYN, seg.ACK, seg.seq, seg.ack) == (True, True, local(1000), foreign(5001))
    assert (seg.win, seg.mss, seg.ws, seg.ts) == (32768, 1460, None, None)


def test_options_are_used_where_both_ends_want_them() -> None:
    syn = a_syn(ws=3, ts=(ts_seq(77), ts_seq(0)))
    chosen = choices(**{"want_tstmp": True, "req_ws": True, "rcv_scale'": 2, "advmss' is SOME": False})
    h = deliver(deliver_in_1, {S0: a_listener()}, syn, chosen)
    cb = tcp(h, S2).cb
    assert (cb.tf_doing_ws, cb.snd_scale, cb.rcv_scale) == (True, 3, 2)
    assert (cb.tf_doing_tstmp, timewindow_val_of(cb.ts_recent)) == (True, ts_seq(77))
    # 512 by default, less the 12 bytes of the option.
    assert (cb.t_maxseg, cb.t_advmss) == (500, None)
    (seg,) = sent(h)
    assert (seg.ws, seg.mss, seg.ts) == (2, None, (TICKS, ts_seq(77)))


def test_options_are_not_used_where_the_host_does_not_want_them() -> None:
    syn = a_syn(ws=3, ts=(ts_seq(77), ts_seq(0)))
    h = deliver(deliver_in_1, {S0: a_listener()}, syn, choices(want_tstmp=False, req_ws=False))
    cb = tcp(h, S2).cb
    assert (cb.tf_doing_ws, cb.snd_scale, cb.rcv_scale) == (False, 0, 0)
    assert (cb.tf_doing_tstmp, timewindow_val_of(cb.ts_recent)) == (False, ts_seq(77))


def test_an_unroutable_answer_leaves_the_socket_to_retransmit() -> None:
    syn = a_syn(is1=IP(10, 0, 0, 9))
    h = deliver(deliver_in_1, {S0: a_listener()}, syn, choices())
    assert sent(h) == []
    cb = tcp(h, S2).cb
    assert (cb.snd_nxt, cb.rcv_adv, cb.last_ack_sent) == (local(1000), foreign(0), foreign(0))
    assert cb.t_softerror is not None


def time_wait(rcv_nxt: int) -> Socket:
    return a_sock(TIME_WAIT, cb=a_cb(rcv_nxt=foreign(rcv_nxt)))


# Only a BSD listener that has the peer's address too is as good a match as the old connection.
WITH_PEER = a_listener(is1=I1, is2=I2, ps2=P2)


def test_a_syn_beyond_an_old_connection_ends_its_time_wait() -> None:
    h = deliver(deliver_in_1, {S0: WITH_PEER, S1: time_wait(4999)}, a_syn(), choices())
    assert tcp(h, S1).st == CLOSED
    assert h.socks[S1].is1 is None
    assert tcp(h, S2).st == SYN_RECEIVED


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize(("listener", "rcv_nxt"), [(WITH_PEER, 5000), (a_listener(), 5000), (a_listener(), 4999)])
def test_a_syn_to_an_old_connection_makes_none(arch: Arch, listener: Socket, rcv_nxt: int) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_1, {S0: listener, S1: time_wait(rcv_nxt)}, a_syn(), choices(), arch)


MANY = tuple(SID(n) for n in range(100, 130))


def test_an_incomplete_connection_may_give_way() -> None:
    lis = SocketListen(MANY, (), 5)
    h = deliver(deliver_in_1, {S0: a_listener(lis)}, a_syn(), choices(b=True))
    assert tcp(h, S0).lis == SocketListen((S2, *MANY[1:]), (), 5)
    h = deliver(deliver_in_1, {S0: a_listener(lis)}, a_syn(), choices(b=False))
    assert tcp(h, S0).lis == SocketListen((S2, *MANY), (), 5)


def test_a_bsd_listener_may_have_a_peer() -> None:
    h = deliver(deliver_in_1, {S0: WITH_PEER}, a_syn(), choices(), BSD)
    assert tcp(h, S2).st == SYN_RECEIVED
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_1, {S0: WITH_PEER}, a_syn(), choices(), LINUX)


@pytest.mark.parametrize(
    "seg",
    [
        a_syn(ACK=True),
        a_syn(RST=True),
        a_syn(SYN=False),
        a_syn(is2=IP(10, 1, 1, 1)),
        a_syn(is1=IP(224, 0, 0, 1)),
        a_syn(is1=I1, ps1=P1),
        a_syn(ps2=Port(99)),
    ],
)
def test_no_other_segment_makes_a_connection(seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_1, {S0: a_listener()}, seg, choices())


@pytest.mark.parametrize(
    "sock",
    [
        a_listener(fid=None),
        a_listener(is1=IP(127, 0, 0, 1)),
        a_listener(SocketListen((), tuple(SID(n) for n in range(5)), 5)),
        with_tcp(a_listener(), rcvq=b"x"),
        a_sock(ESTABLISHED),
    ],
)
def test_no_other_socket_takes_a_connection(sock: Socket) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_1, {S0: sock}, a_syn(), choices())


def test_a_better_match_takes_precedence() -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_1, {S0: a_listener(), S1: a_listener(is1=I1)}, a_syn(), choices())


def test_only_tau_delivers() -> None:
    h = a_host({S0: a_listener()}, a_syn())
    with pytest.raises(PremiseFailed):
        deliver_in_1(h, Lh_interface(next(iter(h.ifds)), True), choices())
    assert deliver_in_1(h, TAU, choices()) != h


# -- deliver_in_1b -----------------------------------------------------------------------------


def test_an_ack_to_a_listener_is_answered_with_a_reset() -> None:
    h = deliver(deliver_in_1b, {S0: a_listener()}, a_segment(), choices())
    (seg,) = sent(h)
    assert (seg.RST, seg.ACK, seg.seq) == (True, False, local(1001))
    assert len(h.bndlm) == 1
    assert h.socks[S0] == a_listener()


FULL = SocketListen((), tuple(SID(n) for n in range(10, 15)), 5)


@pytest.mark.parametrize(
    ("sock", "seg"),
    [
        (a_listener(), a_syn(ACK=True)),
        (a_listener(), a_segment(ACK=False)),
        (a_listener(), a_syn(is1=I1, ps1=P1)),
        (a_listener(FULL), a_syn()),
    ],
)
def test_a_listener_ignores_what_opens_no_connection(sock: Socket, seg: TcpSegment) -> None:
    h = deliver(deliver_in_1b, {S0: sock}, seg, choices())
    assert sent(h) == []
    assert h.bndlm == ()
    assert h.socks[S0] == sock


@pytest.mark.parametrize(
    ("sock", "seg"),
    [
        (a_listener(), a_syn()),
        (a_listener(), a_segment(RST=True)),
        (a_listener(is1=IP(127, 0, 0, 1)), a_segment()),
        (a_sock(ESTABLISHED), a_segment()),
    ],
)
def test_a_listener_does_not_ignore_the_rest(sock: Socket, seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_1b, {S0: sock}, seg, choices())
