"""Segments that are for no connection: dropped, or answered with a reset."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import Ip
from netspec.base.choose import SOME, Choose, PremiseFailed, require
from netspec.base.timers import ticks_of
from netspec.tcp.aux_fns.matching import match_score, tcp_socket_best_match
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail
from netspec.tcp.aux_fns.reset import dropwithreset
from netspec.tcp.errata.input import MARTIANS_DROPPED
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Socket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import corrected
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    CLOSED,
    is_broadormulticast,
    local_ips,
)
from netspec.tcp.rule import network, nonurgent, rp_tcp, rule
from netspec.tcp.rules.input_segment import dequeue_any_segment, dequeue_segment, refused_flags


def _matches(sock: Socket, seg: TcpSegment) -> bool:
    """Whether a TCP socket's addresses match those of a segment."""
    return isinstance(sock.pr, TCP_PROTO) and (
        match_score((sock.is1, sock.ps1, sock.is2, sock.ps2), (SOME(seg.is1), seg.ps1, SOME(seg.is2), seg.ps2)) > 0
    )


def _dropwithreset(h: Host, seg: TcpSegment, choose: Choose) -> Host:
    """The reset that answers a segment, if any may, queued."""
    bndlm_, outsegs_ = dropwithreset(h.arch, seg, h.ifds, ticks_of(h.ticks), BANDLIM_RST_CLOSEDPORT, h.bndlm, choose)
    oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs_, h.oq, choose)
    return replace(h, bndlm=bndlm_, oq=oq_)


def _no_martian(h: Host, seg: TcpSegment) -> None:
    """State the premise that deliver_in_4 leaves the segment to others."""
    if corrected(h.arch, MARTIANS_DROPPED):
        require(not is_broadormulticast(h.ifds, SOME(seg.is2)))
        require(not is_broadormulticast(h.ifds, SOME(seg.is1)))


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A segment to or from a broadcast or multicast address, or from none, is dropped.

    Source: TCP1_hostLTSScript.sml, deliver_in_4.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_any_segment(h)
    i2: Ip = SOME(seg.is2)
    is1 = seg.is1
    require(i2 in local_ips(h.ifds))
    require(
        refused_flags(h.arch, seg) or is_broadormulticast(h.ifds, i2) or is1 is None or is_broadormulticast(h.ifds, is1)
    )
    return replace(h, iq=iq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A segment that matches no socket is answered with a reset.

    Source: TCP1_hostLTSScript.sml, deliver_in_5.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    i1: Ip = SOME(seg.is2)
    require(i1 in local_ips(h.ifds))
    require(seg.ps2 is not None)
    require(seg.is1 is not None)
    require(seg.ps1 is not None)
    _no_martian(h, seg)
    require(not any(_matches(sock, seg) for sock in h.socks.values()))
    return _dropwithreset(replace(h, iq=iq_), seg, choose)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """A segment that matches a closed socket best is answered with a reset.

    Source: TCP1_hostLTSScript.sml, deliver_in_6.
    """
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    iq_, seg = dequeue_segment(h)
    require(
        any(
            _matches(sock, seg)
            and tcp_socket_best_match(h.socks, (sid, sock), seg, h.arch)
            and isinstance(sock.pr, TCP_PROTO)
            and sock.pr.v.st == CLOSED
            for sid, sock in h.socks.items()
        )
    )
    i1: Ip = SOME(seg.is2)
    require(i1 in local_ips(h.ifds))
    _no_martian(h, seg)
    return _dropwithreset(replace(h, iq=iq_), seg, choose)
