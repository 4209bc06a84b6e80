"""Segments that a connection has to send."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import Choose, PremiseFailed, require
from netspec.base.timers import ticks_of
from netspec.tcp.aux_fns.output import tcp_output_really, tcp_output_required
from netspec.tcp.aux_fns.queueing import enqueue_or_fail_sock
from netspec.tcp.errata.output import RCVDSYN_AS_NAMED
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, tcp_proto
from netspec.tcp.params import corrected
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
)
from netspec.tcp.rule import network, nonurgent, rp_tcp, rule


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_out_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connection sends a segment that is due, or starts to probe a window that stops it.

    Source: TCP1_hostLTSScript.sml, deliver_out_1.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    require(sock.is1 is not None)
    require(sock.ps1 is not None)
    require(sock.is2 is not None)
    require(sock.ps2 is not None)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    st, cb = tcp_sock.st, tcp_sock.cb
    require(
        (st in {ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT} and cb.snd_una != cb.iss)
        or (st in {SYN_SENT, SYN_RECEIVED} and sock.cantsndmore and cb.tf_shouldacknow)
    )
    do_output, persist_fun = tcp_output_required(h.arch, h.ifds, sock)
    require(do_output or persist_fun is not None)
    sock0 = sock if persist_fun is None else replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=persist_fun(tcp_sock.cb))))
    if do_output:
        sock_, outsegs_ = tcp_output_really(h.arch, False, ticks_of(h.ticks), h.ifds, sock0, choose)
        tcp_sock_ = tcp_proto(sock_)
        rcvdsyn = tcp_sock_.st in {CLOSED, LISTEN, SYN_SENT}
        sock__, oq_ = enqueue_or_fail_sock(
            not rcvdsyn if corrected(h.arch, RCVDSYN_AS_NAMED) else rcvdsyn,
            h.arch,
            h.rttab,
            h.ifds,
            outsegs_,
            h.oq,
            sock0,
            sock_,
            choose,
        )
    else:
        sock__, oq_ = sock0, h.oq
    return replace(h, socks=h.socks.set(sid, sock__), oq=oq_)
