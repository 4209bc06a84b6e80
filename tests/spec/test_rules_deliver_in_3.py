from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import BSD, I1, I2, LINUX, P1, P2, WINXP, a_cb, a_segment, a_sock, foreign, local
from deliver_in_hosts import S0, S1, S2, TAU, a_host, a_listener, deliver, sent, tcp
from support import Scripted

from netspec.base.base_types import Port
from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed, never_timer
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Rexmt, Socket, Tcpcb
from netspec.tcp.net_types import TCP, UDP, Msg, TcpSegment, UdpDatagram
from netspec.tcp.params import Arch, stopwatch_zero
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
    SocketListen,
    TcpState,
)
from netspec.tcp.rules.deliver_in_3 import deliver_in_3, deliver_in_3a, deliver_in_3b, deliver_in_3c

RUNNING = Timed((Rexmt, 0), never_timer)
ARCHS = [BSD, LINUX, WINXP]


def choices() -> Scripted:
    return Scripted(sid=S0, queued=True)


def fin_sent(**fields: Any) -> Tcpcb:
    """A control block with a FIN sent but not acknowledged."""
    return a_cb(**{"snd_nxt": local(1002), "snd_max": local(1002), "tt_rexmt": RUNNING, **fields})


def unacknowledged_syn() -> Tcpcb:
    return a_cb(snd_una=local(1000), tt_rexmt=RUNNING)


# -- deliver_in_3 ------------------------------------------------------------------------------


@pytest.mark.parametrize("arch", ARCHS)
def test_data_and_their_acknowledgement_are_taken(arch: Arch) -> None:
    sock = a_sock(sndq=bytes(500), cb=a_cb(snd_nxt=local(1501), snd_max=local(1501), tt_rexmt=RUNNING))
    h = deliver(deliver_in_3, {S0: sock}, a_segment(ack=foreign(1501), data=b"abc"), choices(), arch)
    assert (tcp(h, S0).st, tcp(h, S0).sndq, tcp(h, S0).rcvq) == (ESTABLISHED, b"", b"abc")
    assert (tcp(h, S0).cb.snd_una, tcp(h, S0).cb.rcv_nxt) == (local(1501), foreign(5004))
    assert sent(h) == []


def test_a_step_that_stops_is_the_last() -> None:
    h = deliver(deliver_in_3, {S0: a_sock()}, a_segment(seq=local(5001 + 57344), data=b"abc"), choices())
    assert tcp(h, S0).rcvq == b""
    assert [seg.ack for seg in sent(h)] == [foreign(5001)]


@pytest.mark.parametrize(
    ("st", "ack", "FIN", "st_"),
    [
        (ESTABLISHED, 1001, True, CLOSE_WAIT),
        (FIN_WAIT_1, 1002, False, FIN_WAIT_2),
        (FIN_WAIT_1, 1001, True, CLOSING),
        (FIN_WAIT_1, 1002, True, TIME_WAIT),
        (CLOSING, 1002, False, TIME_WAIT),
        (LAST_ACK, 1002, False, CLOSED),
    ],
)
def test_fins_change_the_state(st: TcpState, ack: int, FIN: bool, st_: TcpState) -> None:
    sock = a_sock(st, cb=a_cb() if st == ESTABLISHED else fin_sent(), cantsndmore=st != ESTABLISHED)
    h = deliver(deliver_in_3, {S0: sock}, a_segment(ack=foreign(ack), FIN=FIN), choices())
    assert tcp(h, S0).st == st_


def test_our_fin_is_acknowledged_only_by_an_acknowledgement() -> None:
    sock = a_sock(CLOSING, cb=fin_sent(snd_una=local(1002)), cantsndmore=True)
    h = deliver(deliver_in_3, {S0: sock}, a_segment(ack=foreign(1002), ACK=False), choices())
    assert tcp(h, S0).st == CLOSING


def test_a_completed_passive_open_is_moved_on_its_listener() -> None:
    new = a_sock(SYN_RECEIVED, cb=unacknowledged_syn(), fid=None)
    listener = a_listener(SocketListen((S0,), (), 5))
    h = deliver(deliver_in_3, {S0: new, S1: listener}, a_segment(), choices())
    assert tcp(h, S0).st == ESTABLISHED
    assert tcp(h, S1).lis == SocketListen((), (S0,), 5)


def test_a_completed_simultaneous_open_has_no_listener() -> None:
    new = a_sock(SYN_RECEIVED, cb=unacknowledged_syn())
    h = deliver(deliver_in_3, {S0: new, S2: a_listener()}, a_segment(), choices())
    assert tcp(h, S0).st == ESTABLISHED
    assert h.socks[S2] == a_listener()


def test_a_syn_is_taken_while_the_open_is_simultaneous() -> None:
    seg = a_segment(SYN=True, seq=local(5000))
    new = a_sock(SYN_RECEIVED, cb=unacknowledged_syn())
    assert tcp(deliver(deliver_in_3, {S0: new}, seg, choices()), S0).st == ESTABLISHED
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_3, {S0: a_sock()}, seg, choices())


@pytest.mark.parametrize("seg", [a_segment(RST=True), a_segment(ps2=Port(99)), a_segment(is1=None)])
def test_no_other_segment_is_taken(seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_3, {S0: a_sock()}, seg, choices())


@pytest.mark.parametrize(
    "sock", [a_sock(CLOSED), a_sock(LISTEN), a_sock(SYN_SENT), a_sock(rcvq=bytes((65535 << 14) + 1))]
)
def test_no_other_socket_takes_a_segment(sock: Socket) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_3, {S0: sock}, a_segment(), choices())


def test_only_tau_delivers() -> None:
    h = a_host({S0: a_sock()}, a_segment())
    for rule in (deliver_in_3, deliver_in_3b, deliver_in_3c):
        with pytest.raises(PremiseFailed):
            rule(h, Lh_interface(next(iter(h.ifds)), True), choices())


# -- deliver_in_3a -----------------------------------------------------------------------------


@pytest.mark.parametrize("seg", [a_segment(), a_segment(data=b"abc"), a_segment(RST=True)])
def test_no_segment_has_a_bad_checksum(seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver_in_3a(a_host({S0: a_sock()}, seg), TAU, choices())


# -- deliver_in_3b -----------------------------------------------------------------------------

GONE = a_sock(FIN_WAIT_2, fid=None)


@pytest.mark.parametrize("arch", ARCHS)
def test_data_for_a_process_that_is_gone_close_the_connection(arch: Arch) -> None:
    h = deliver(deliver_in_3b, {S0: GONE}, a_segment(data=b"x"), choices(), arch)
    assert tcp(h, S0).st == CLOSED
    assert h.socks[S0].ps1 == (None if arch == BSD else P1)
    assert [(seg.RST, seg.seq) for seg in sent(h)] == [(True, local(1001))]
    assert len(h.bndlm) == 1
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_3, {S0: GONE}, a_segment(data=b"x"), choices(), arch)


@pytest.mark.parametrize(
    ("sock", "seg"),
    [
        (GONE, a_segment()),
        (GONE, a_segment(seq=local(5000), data=b"x")),
        (GONE, a_segment(data=b"x", SYN=True)),
        (a_sock(FIN_WAIT_2), a_segment(data=b"x")),
        (a_sock(ESTABLISHED, fid=None), a_segment(data=b"x")),
        (replace(GONE, ps2=Port(99)), a_segment(data=b"x")),
    ],
)
def test_nothing_else_closes_the_connection(sock: Socket, seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_3b, {S0: sock}, seg, choices())


# -- deliver_in_3c -----------------------------------------------------------------------------

HALF_OPEN = a_sock(SYN_RECEIVED, cb=unacknowledged_syn(), fid=None)


@pytest.mark.parametrize(
    "seg",
    [
        a_segment(ack=foreign(1000)),
        a_segment(ack=foreign(1002)),
        a_segment(seq=local(4999)),
        a_segment(seq=local(4999), ACK=False),
    ],
)
def test_a_senseless_segment_to_a_half_open_connection_is_answered_with_a_reset(seg: TcpSegment) -> None:
    h = deliver(deliver_in_3c, {S0: HALF_OPEN}, seg, choices())
    assert [reset.RST for reset in sent(h)] == [True]
    assert tcp(h, S0).st == SYN_RECEIVED
    assert (tcp(h, S0).cb.t_idletime, tcp(h, S0).cb.tt_keep is not None) == (stopwatch_zero, True)
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_3, {S0: HALF_OPEN}, seg, choices())


@pytest.mark.parametrize(
    ("sock", "seg"),
    [
        (HALF_OPEN, a_segment()),
        (HALF_OPEN, a_segment(ack=foreign(1000), ACK=False)),
        (HALF_OPEN, a_segment(ack=foreign(1000), SYN=True)),
        (a_sock(), a_segment(ack=foreign(1000))),
    ],
)
def test_a_segment_that_makes_sense_is_not(sock: Socket, seg: TcpSegment) -> None:
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_3c, {S0: sock}, seg, choices())


@pytest.mark.parametrize("queue", [(), (UDP(UdpDatagram(I2, I1, P2, P1, b"")), TCP(a_segment()))])
def test_the_segment_is_the_first_message(queue: tuple[Msg, ...]) -> None:
    h = replace(a_host({S0: a_sock()}, a_segment()), iq=Timed(queue, never_timer))
    with pytest.raises(PremiseFailed):
        deliver_in_3(h, TAU, choices())
