"""A host's interfaces and a connected TCP socket to try auxiliary functions on.

The connection is 192.168.0.1:1024 to 192.168.0.2:80; its initial sequence numbers are 1000
here and 5000 there; the receive window is open by the whole buffer of 57344 bytes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import immutables

from netspec.base.base_types import ETH, LO, NETMASK, SOCK_STREAM, IfId, Port
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.base.timers import Timed, never_timer
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.host_types import NO_OOBDATA, Sock, Socket, TCP_Sock, Tcpcb
from netspec.tcp.net_types import Msg, TcpSegment
from netspec.tcp.params import FID, FreeBSD_4_6_RELEASE, Linux_2_4_20_8, WinXP_Prof_SP1, sf_default
from netspec.tcp.pre_host_types import ESTABLISHED, IP, Ifd, RoutingTableEntry, TcpState

BSD = FreeBSD_4_6_RELEASE
LINUX = Linux_2_4_20_8
WINXP = WinXP_Prof_SP1
ARCHS = (BSD, LINUX, WINXP)

I1, I2, UNROUTABLE = IP(192, 168, 0, 1), IP(192, 168, 0, 2), IP(10, 0, 0, 9)
P1, P2 = Port(1024), Port(80)
QUAD = (I1, I2, P1, P2)
_IFDS: dict[IfId, Ifd] = {
    LO: Ifd(frozenset({IP(127, 0, 0, 1)}), IP(127, 0, 0, 1), NETMASK(8), True),
    ETH(0): Ifd(frozenset({I1}), I1, NETMASK(24), True),
}
IFDS = immutables.Map(_IFDS)
RTTAB = (
    RoutingTableEntry(IP(127, 0, 0, 0), NETMASK(8), LO),
    RoutingTableEntry(IP(192, 168, 0, 0), NETMASK(24), ETH(0)),
)
TICKS = ts_seq(7)
EMPTY_OQ: Timed[tuple[Msg, ...]] = Timed((), never_timer)


def local(n: int) -> Seq32:
    return tcp_seq_local(n)


def foreign(n: int) -> Seq32:
    return tcp_seq_foreign(n)


def a_cb(**fields: Any) -> Tcpcb:
    established = replace(
        initial_cb,
        iss=local(1000),
        snd_una=local(1001),
        snd_nxt=local(1001),
        snd_max=local(1001),
        irs=foreign(5000),
        rcv_nxt=foreign(5001),
        rcv_adv=foreign(5001 + 57344),
        rcv_wnd=57344,
        last_ack_sent=foreign(5000),
        snd_wnd=10000,
        snd_cwnd=4000,
        t_maxseg=1000,
    )
    return replace(established, **fields)


def a_sock(
    st: TcpState = ESTABLISHED,
    sndq: bytes = b"",
    sndurp: int | None = None,
    rcvq: bytes = b"",
    cb: Tcpcb | None = None,
    **fields: Any,
) -> Socket:
    sock = Sock(
        FID(0),
        sf_default(BSD, SOCK_STREAM),
        I1,
        P1,
        I2,
        P2,
        None,
        False,
        False,
        TCP_Sock(st, a_cb() if cb is None else cb, None, sndq, sndurp, rcvq, None, NO_OOBDATA),
    )
    return replace(sock, **fields)


def a_segment(**fields: Any) -> TcpSegment:
    """A bare ACK of the peer's."""
    seg = TcpSegment(
        is1=I2,
        is2=I1,
        ps1=P2,
        ps2=P1,
        seq=local(5001),
        ack=foreign(1001),
        URG=False,
        ACK=True,
        PSH=False,
        RST=False,
        SYN=False,
        FIN=False,
        win=1000,
        ws=None,
        urp=0,
        mss=None,
        ts=None,
        data=b"",
    )
    return replace(seg, **fields)
