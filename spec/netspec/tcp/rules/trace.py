"""Trace records of control blocks: what the host's debugging interface may show."""

from __future__ import annotations

from netspec.base.choose import Choose, PremiseFailed, require
from netspec.tcp.deviations import ANY_TRACE_AFTER_REMOVAL, TRACE_OF_REMOVED_SOCKET
from netspec.tcp.host0 import Label, Lh_trace
from netspec.tcp.host_types import Host, proto_of, tcp_sock_of, tracesock_eq
from netspec.tcp.net_types import PROTO_TCP
from netspec.tcp.params import deviates
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    TA_DROP,
    TIME_WAIT,
)
from netspec.tcp.rule import misc, nonurgent, rp_all, rule


@rule(rp_all, {Lh_trace: misc(nonurgent)})
def trace_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A record of a connected socket shows its control block as it is.

    Source: TCP1_hostLTSScript.sml, trace_1.
    """
    if not isinstance(lbl, Lh_trace):
        raise PremiseFailed
    tr = lbl.tr
    require(tr.sid in h.socks)
    require(tr.st in {ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSING, CLOSE_WAIT, LAST_ACK, TIME_WAIT})
    tracesock_eq(h.arch, tr, tr.sid, h.socks[tr.sid])
    return h


@rule(rp_all, {Lh_trace: misc(nonurgent)})
def trace_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A record of a socket that is not connected shows its addresses and state, loosely.

    Source: TCP1_hostLTSScript.sml, trace_2.
    """
    if not isinstance(lbl, Lh_trace):
        raise PremiseFailed
    tr = lbl.tr
    if deviates(h.arch, ANY_TRACE_AFTER_REMOVAL) and any(sid not in h.socks for sid in h.bound):
        return h
    if deviates(h.arch, TRACE_OF_REMOVED_SOCKET) and tr.sid not in h.socks:
        require(tr.st == CLOSED)
        require(tr.sid in h.bound)
        require(tr.quad is None)
        return h
    require(tr.sid in h.socks)
    require(tr.st not in {ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSING, CLOSE_WAIT, LAST_ACK, TIME_WAIT})
    if tr.st == CLOSED:
        return h
    sock = h.socks[tr.sid]
    require(proto_of(sock.pr) == PROTO_TCP)
    tcp_sock = tcp_sock_of(sock)
    if tr.quad is not None and not (tr.flav == TA_DROP or tcp_sock.st == CLOSED):
        is1, ps1, is2, ps2 = tr.quad
        require(is1 == sock.is1)
        require(ps1 == sock.ps1)
        require((sock.is2 is None and sock.ps2 is None) or (is2 == sock.is2 and ps2 == sock.ps2))
    require(tr.st == tcp_sock.st or tcp_sock.st == CLOSED)
    return h
