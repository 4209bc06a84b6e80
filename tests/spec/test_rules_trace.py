from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from aux_sockets import BSD, I1, I2, P1, P2, UNROUTABLE, a_cb, local
from socket_hosts import SOCKET, TAU, a_host, a_tcp, a_udp
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.tcp.host0 import Label, Lh_trace
from netspec.tcp.host_types import Host, Socket, Tracecb, TraceRecord
from netspec.tcp.params import SID
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
    TA_DROP,
    TA_INPUT,
    TA_OUTPUT,
    TA_USER,
    TIME_WAIT,
    TcpState,
)
from netspec.tcp.rule import Rule
from netspec.tcp.rules.trace import trace_1, trace_2

CB = a_cb()
QUAD = (I1, P1, I2, P2)
OTHER_PEER = (I1, P1, UNROUTABLE, P2)
CONNECTED = (ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSING, CLOSE_WAIT, LAST_ACK, TIME_WAIT)
UNCONNECTED = (LISTEN, SYN_SENT, SYN_RECEIVED)


def a_record(st: TcpState, **changes: Any) -> Lh_trace:
    shown = Tracecb(**{field.name: getattr(CB, field.name) for field in fields(Tracecb)})
    return Lh_trace(replace(TraceRecord(TA_USER, SOCKET, QUAD, st, shown), **changes))


def a_bsd(sock: Socket) -> Host:
    return a_host(BSD, sock)


def forbids(rule: Rule, sock: Socket, lbl: Label) -> None:
    with pytest.raises(PremiseFailed):
        rule(a_bsd(sock), lbl, Scripted())


@pytest.mark.parametrize("st", CONNECTED)
def test_a_record_of_a_connection_shows_it(st: TcpState) -> None:
    h = a_bsd(a_tcp(st=st, cb=CB))
    assert trace_1(h, a_record(st), Scripted()) == h
    assert trace_1(h, a_record(st, quad=None), Scripted()) == h
    forbids(trace_2, a_tcp(st=st, cb=CB), a_record(st))
    for other in (SID(7), SID(0)):
        forbids(trace_1, a_tcp(st=st, cb=CB), a_record(st, sid=other))


def test_a_record_of_another_connection_is_forbidden() -> None:
    sock = a_tcp(cb=CB)
    forbids(trace_1, sock, a_record(CLOSE_WAIT))
    forbids(trace_1, sock, a_record(ESTABLISHED, quad=OTHER_PEER))
    forbids(trace_1, sock, a_record(ESTABLISHED, quad=(I2, P1, I2, P2)))
    forbids(trace_1, sock, TAU)
    forbids(trace_1, a_udp(), a_record(ESTABLISHED))
    forbids(trace_1, a_tcp(cb=replace(CB, snd_una=local(7))), a_record(ESTABLISHED))
    assert trace_1(a_bsd(sock), a_record(ESTABLISHED, quad=OTHER_PEER, flav=TA_DROP), Scripted())


def test_a_record_may_differ_where_bsd_computes_later() -> None:
    sock = a_tcp(cb=replace(CB, snd_nxt=local(7)))
    assert trace_1(a_bsd(sock), a_record(ESTABLISHED, flav=TA_OUTPUT), Scripted())
    forbids(trace_1, sock, a_record(ESTABLISHED, flav=TA_INPUT))


@pytest.mark.parametrize("st", UNCONNECTED)
def test_a_record_of_a_socket_that_is_not_connected(st: TcpState) -> None:
    sock = a_tcp(st=st, cb=replace(CB, snd_una=local(7)))
    h = a_bsd(sock)
    assert trace_2(h, a_record(st), Scripted()) == h
    assert trace_2(h, a_record(st, quad=None), Scripted()) == h
    forbids(trace_1, sock, a_record(st))
    forbids(trace_2, sock, a_record(st, sid=SID(7)))
    forbids(trace_2, sock, a_record(st, quad=OTHER_PEER))
    forbids(trace_2, sock, a_record(st, quad=(I2, P1, I2, P2)))
    forbids(trace_2, a_udp(), a_record(st))
    forbids(trace_2, sock, TAU)
    assert trace_2(h, a_record(st, quad=OTHER_PEER, flav=TA_DROP), Scripted()) == h
    without_peer = a_tcp(st=st, cb=CB, is2=None, ps2=None)
    assert trace_2(a_bsd(without_peer), a_record(st), Scripted())
    forbids(trace_2, a_tcp(st=ESTABLISHED, cb=CB), a_record(st))


def test_a_record_may_come_after_the_socket_was_closed() -> None:
    gone = a_tcp(st=CLOSED, cb=CB, is1=None, ps1=None)
    assert trace_2(a_bsd(gone), a_record(SYN_SENT), Scripted())
    forbids(trace_1, gone, a_record(ESTABLISHED))


def test_a_record_of_a_closed_socket_may_show_anything() -> None:
    for sock in (a_tcp(), a_udp()):
        assert trace_2(a_bsd(sock), a_record(CLOSED, quad=OTHER_PEER), Scripted())
        forbids(trace_2, sock, a_record(CLOSED, sid=SID(7)))
