from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, UNROUTABLE, a_cb, a_sock, foreign, local
from deliver_in_hosts import S0, TAU, a_connecting_sock, a_host, a_listener, a_segment, sent, tcp, with_tcp
from socket_hosts import a_udp
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.errors import EHOSTUNREACH, ENETUNREACH
from netspec.base.timers import Timed, never_timer
from netspec.tcp.aux_fns.rexmt import mode_of
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.host_types import Host, Persist, Rexmt, Socket
from netspec.tcp.params import Arch
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
    TcpState,
)
from netspec.tcp.rules.deliver_out import deliver_out_1


def apply(sock: Socket, arch: Arch = BSD) -> Host:
    return deliver_out_1(a_host({S0: sock}, a_segment(), arch), TAU, Scripted(queued=True))


def forbids(sock: Socket, arch: Arch = BSD) -> None:
    with pytest.raises(PremiseFailed):
        apply(sock, arch)


def test_data_are_sent() -> None:
    for arch in ARCHS:
        h = apply(a_sock(sndq=b"hello"), arch)
        assert [(seg.seq, seg.data) for seg in sent(h)] == [(local(1001), b"hello")]
        assert (tcp(h, S0).cb.snd_nxt, tcp(h, S0).cb.snd_max) == (local(1006), local(1006))
        assert mode_of(tcp(h, S0).cb.tt_rexmt) == Rexmt


@pytest.mark.parametrize("st", [ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT])
def test_an_acknowledgement_is_sent(st: TcpState) -> None:
    cantsndmore = st not in {ESTABLISHED, CLOSE_WAIT}
    acked = {"snd_una": local(1002), "snd_nxt": local(1002), "snd_max": local(1002)}
    cb = a_cb(tf_shouldacknow=True, **(acked if cantsndmore else {}))
    (seg,) = sent(apply(a_sock(st, cb=cb, cantsndmore=cantsndmore and st == TIME_WAIT)))
    assert (seg.ACK, seg.ack) == (True, foreign(5001))
    forbids(a_sock(st, cb=replace(cb, tf_shouldacknow=False)))


@pytest.mark.parametrize("st", [SYN_SENT, SYN_RECEIVED])
def test_before_the_connection_is_established_a_fin_needs_an_acknowledgement_due(st: TcpState) -> None:
    cb = a_cb(tf_shouldacknow=True, tt_rexmt=Timed((Rexmt, 0), never_timer))
    sock = a_sock(st, cb=cb, cantsndmore=True)
    for arch in ARCHS:
        assert [seg.FIN for seg in sent(apply(sock, arch))] == [True]
    forbids(replace(sock, cantsndmore=False))
    forbids(a_sock(st, cb=replace(cb, tf_shouldacknow=False), cantsndmore=True))


def test_a_closed_window_is_probed_later() -> None:
    for arch in ARCHS:
        h = apply(a_sock(sndq=b"hello", cb=a_cb(snd_wnd=0)), arch)
        assert (sent(h), mode_of(tcp(h, S0).cb.tt_rexmt)) == ([], Persist)
        assert tcp(h, S0).cb.snd_nxt == local(1001)


@pytest.mark.parametrize("arch", ARCHS)
def test_an_error_on_the_way_out_is_not_kept_by_a_connection(arch: Arch) -> None:
    # The model asks for the states in which no SYN was received here.
    h = apply(a_sock(sndq=b"hello", is2=UNROUTABLE), arch)
    assert (sent(h), tcp(h, S0).cb.t_softerror, tcp(h, S0).cb.snd_nxt) == ([], None, local(1001))
    cb = a_cb(tf_shouldacknow=True)
    h = apply(a_sock(SYN_SENT, cb=cb, cantsndmore=True, is2=UNROUTABLE), arch)
    assert tcp(h, S0).cb.t_softerror in {EHOSTUNREACH, ENETUNREACH}


def test_forbids() -> None:
    forbids(a_sock())
    unacknowledged: Any = a_cb(snd_una=local(1000))
    forbids(a_sock(sndq=b"hello", cb=unacknowledged))
    sendable = a_sock(sndq=b"hello")
    for sock in (
        replace(sendable, is1=None),
        replace(sendable, ps1=None),
        replace(sendable, is2=None),
        replace(sendable, ps2=None),
        with_tcp(sendable, lis=tcp(a_host({S0: a_listener()}, a_segment()), S0).lis),
        with_tcp(sendable, st=CLOSED),
        a_connecting_sock(),
        a_udp(),
    ):
        forbids(sock)
    h = a_host({S0: sendable}, a_segment())
    with pytest.raises(PremiseFailed):
        deliver_out_1(h, Lh_interface(next(iter(h.ifds)), True), Scripted())
    with pytest.raises(PremiseFailed):
        deliver_out_1(replace(h, socks=h.socks.delete(S0)), TAU, Scripted())
