"""A host with sockets and an input queue to try the rules for incoming segments on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import immutables
from aux_sockets import (
    BSD,
    EMPTY_OQ,
    IFDS,
    RTTAB,
    TICKS,
    a_segment,
    a_sock,
    foreign,
    local,
)

from netspec.base.base_types import TID
from netspec.base.choose import Choose
from netspec.base.timers import Ticker, Timed, never_timer
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.aux_fns.rexmt import start_tt_rexmtsyn
from netspec.tcp.host0 import Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, TcpSocket, tcp_sock_of
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.params import SID, Arch, tickintvlmax, tickintvlmin
from netspec.tcp.pre_host_types import LISTEN, SYN_SENT, HostParams, Run, SocketListen, inqueue_timer
from netspec.tcp.rule import Rule

S0, S1, S2 = SID(0), SID(1), SID(2)
TAU = Lh_tau()


def a_host(socks: dict[SID, Socket], seg: TcpSegment, arch: Arch = BSD) -> Host:
    """A host with one segment on its input queue."""
    return Host(
        arch,
        False,
        IFDS,
        RTTAB,
        immutables.Map({TID(1): Timed(Run, never_timer)}),
        immutables.Map(),
        immutables.Map(socks),
        (),
        (),
        Timed((TCP(seg),), inqueue_timer),
        EMPTY_OQ,
        (),
        Ticker(TICKS, Fraction(0), tickintvlmin(arch), tickintvlmax(arch)),
        immutables.Map(),
        HostParams(1024, 4999),
    )


def deliver(rule: Rule, socks: dict[SID, Socket], seg: TcpSegment, choose: Choose, arch: Arch = BSD) -> Host:
    """Apply a rule to a host with these sockets and this segment."""
    h = rule(a_host(socks, seg, arch), TAU, choose)
    assert h.iq.value == ()
    return h


def tcp(h: Host, sid: SID) -> TcpSocket:
    return tcp_sock_of(h.socks[sid])


def sent(h: Host) -> list[TcpSegment]:
    return [msg.v for msg in h.oq.value if isinstance(msg, TCP)]


def with_tcp(sock: Socket, **fields: Any) -> Socket:
    return replace(sock, pr=TCP_PROTO(replace(tcp_sock_of(sock), **fields)))


def a_listener(lis: SocketListen | None = None, **fields: Any) -> Socket:
    """A socket that listens on port P1 of any address."""
    sock = replace(a_sock(LISTEN, cb=initial_cb), is1=None, is2=None, ps2=None)
    return replace(with_tcp(sock, lis=SocketListen((), (), 5) if lis is None else lis), **fields)


def a_connecting_sock(arch: Arch = BSD, **fields: Any) -> Socket:
    """A socket that has sent a SYN with number 1000."""
    cb = replace(
        initial_cb,
        iss=local(1000),
        snd_una=local(1000),
        snd_nxt=local(1001),
        snd_max=local(1001),
        rcv_wnd=57344,
        t_maxseg=1000,
        t_advmss=1460,
        t_rttseg=(TICKS - 5, local(1000)),
        tt_rexmt=start_tt_rexmtsyn(arch, 0, False, initial_cb.t_rttinf),
    )
    return a_sock(SYN_SENT, cb=replace(cb, **fields))


def a_syn(**fields: Any) -> TcpSegment:
    """The peer's SYN with number 5000."""
    return a_segment(**{"seq": local(5000), "ack": foreign(0), "ACK": False, "SYN": True, **fields})
