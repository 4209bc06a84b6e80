"""Dropping a segment that makes no sense, with a RST or an ACK to its sender."""

from __future__ import annotations

from dataclasses import replace

import immutables

from netspec.base.choose import Choose, require
from netspec.base.seq32 import Seq32, tcp_seq_flip_sense
from netspec.base.utils import ASSERTION_FAILURE
from netspec.tcp.aux_fns.bandlim import bandlim_rst_ok
from netspec.tcp.aux_fns.monad import Monad, Out, Result
from netspec.tcp.aux_fns.output import tcp_output_really
from netspec.tcp.aux_fns.queueing import rollback_tcp_output
from netspec.tcp.aux_fns.segments import make_rst_segment_from_seg
from netspec.tcp.host_types import TCP_PROTO, Socket, tcp_sock_of
from netspec.tcp.net_types import TCP, Msg, TcpSegment
from netspec.tcp.params import INFINITE_RESOURCES, Arch
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_OPENPORT,
    SYN_RECEIVED,
    BandlimReason,
    BandlimState,
    Ifds,
    RoutingTable,
    is_broadormulticast,
    test_outroute,
)


def dropwithreset(
    arch: Arch,
    seg: TcpSegment,
    ifds0: Ifds,
    ticks: Seq32,
    reason: BandlimReason,
    bndlm: BandlimState,
    choose: Choose,
) -> tuple[BandlimState, tuple[Msg, ...]]:
    """The RST that answers `seg`, if one may be sent, and the band-limiter state after it.

    None answers a RST or a segment from or to a broadcast or multicast address.

    Source: TCP1_auxFnsScript.sml, dropwithreset.
    """
    if (
        seg.RST
        or (seg.is1 is not None and is_broadormulticast(immutables.Map(), seg.is1))
        or (seg.is2 is not None and is_broadormulticast(ifds0, seg.is2))
    ):
        return bndlm, ()
    else:
        seg_ = make_rst_segment_from_seg(arch, seg, choose)
        emit, bndlm__ = bandlim_rst_ok(arch, seg_, ticks, reason, bndlm)
        return bndlm__, ((TCP(seg_),) if emit else ())


def mlift_dropafterack_or_fail(seg: TcpSegment, arch: Arch, rttab: RoutingTable, ifds: Ifds, ticks: Seq32) -> Monad:
    """Acknowledge at once and do no more with `seg`, or reset where that would start a loop.

    Source: TCP1_auxFnsScript.sml, mlift_dropafterack_or_fail.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        tcp_sock = tcp_sock_of(sock)
        cb = tcp_sock.cb
        ack = tcp_seq_flip_sense(seg.ack)
        if tcp_sock.st == SYN_RECEIVED and seg.ACK and (ack < cb.snd_una or cb.snd_max < ack):
            bndlm_, msgs = dropwithreset(arch, seg, ifds, ticks, BANDLIM_RST_OPENPORT, bndlm, choose)
            # Only the segments are fixed: whether each is queued is open.
            return sock, bndlm_, tuple((msg, choose.boolean("queued")) for msg in msgs), True
        else:
            sock1, msgs = tcp_output_really(arch, False, ticks, ifds, sock, choose)
            require(len(msgs) == 1)
            tcp_sock1 = tcp_sock_of(sock1)
            cb_, _, outsegs_ = rollback_tcp_output(
                True, msgs[0], arch, rttab, ifds, False, tcp_sock.cb, tcp_sock1.cb, choose
            )
            sock_ = replace(sock1, pr=TCP_PROTO(replace(tcp_sock1, cb=cb_)))
            return sock_, bndlm, outsegs_, True

    return op


def dropwithreset_ignore_fail(
    seg_in: TcpSegment,
    arch: Arch,
    ifds: Ifds,
    rttab: RoutingTable,
    ticks: Seq32,
    reason: BandlimReason,
    b: BandlimState,
    choose: Choose,
) -> tuple[BandlimState, tuple[Out, ...]]:
    """Do `dropwithreset`, and lose the segment where it cannot be sent.

    Source: TCP1_auxFnsScript.sml, dropwithreset_ignore_fail.
    """
    b_, segs = dropwithreset(arch, seg_in, ifds, ticks, reason, b, choose)
    if len(segs) == 0:
        return b_, ()
    elif len(segs) == 1:
        seg = segs[0]
        allocated = True if INFINITE_RESOURCES else choose.boolean("allocated")
        if not allocated:
            return b_, ()
        route = test_outroute(seg, rttab, ifds, arch)
        if route is None:
            return ASSERTION_FAILURE("dropwithreset_ignore_fail:1")
        elif route.value is not None:
            return b_, ()
        else:
            return b_, ((seg, choose.boolean("queued")),)
    else:
        return ASSERTION_FAILURE("dropwithreset_ignore_fail:2")
