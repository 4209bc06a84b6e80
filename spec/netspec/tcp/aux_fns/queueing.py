"""Queueing a segment for output, and what is undone where that fails."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import Choose
from netspec.base.errors import EADDRNOTAVAIL, EINVAL, ENOBUFS, Error
from netspec.base.seq32 import Seq32
from netspec.base.utils import ASSERTION_FAILURE
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.aux_fns.monad import Monad, Out, mliftc
from netspec.tcp.aux_fns.output import tcp_output_perhaps
from netspec.tcp.aux_fns.rexmt import start_tt_rexmt
from netspec.tcp.errata.output import NOTHING_SENT_NOTHING_UNDONE
from netspec.tcp.host_types import TCP_PROTO, Socket, Tcpcb, tcp_sock_of
from netspec.tcp.net_types import Msg
from netspec.tcp.params import INFINITE_RESOURCES, Arch, corrected
from netspec.tcp.pre_host_types import (
    Ifds,
    MsgQueue,
    RoutingTable,
    bsd_arch,
    enqueue_oq_list_qinfo,
    linux_arch,
    loopback_on_wire,
    test_outroute,
    windows_arch,
)


def rollback_tcp_output(
    rcvdsyn: bool,
    seg: Msg,
    arch: Arch,
    rttab: RoutingTable,
    ifds: Ifds,
    is_connect: bool,
    cb0: Tcpcb,
    cb_in: Tcpcb,
    choose: Choose,
) -> tuple[Tcpcb, Error | None, tuple[Out, ...]]:
    """Try to send `seg`: the control block after that, the error if any, and what to queue.

    `cb0` is the control block before the segment was made and `cb_in` the one after.
    `rcvdsyn` lets a routing error be kept in the control block.

    Source: TCP1_auxFnsScript.sml, rollback_tcp_output.
    """
    allocated = True if INFINITE_RESOURCES else choose.boolean("allocated")

    def f0(cb: Tcpcb) -> Tcpcb:
        return replace(
            cb,
            snd_nxt=cb0.snd_nxt,
            tt_delack=cb0.tt_delack,
            last_ack_sent=cb0.last_ack_sent,
            rcv_adv=cb0.rcv_adv,
        )

    def f1(cb: Tcpcb, e: Error) -> Tcpcb:
        return replace(cb, t_softerror=e) if rcvdsyn else cb

    def f2(cb: Tcpcb) -> Tcpcb:
        return replace(
            cb,
            tf_rxwin0sent=cb0.tf_rxwin0sent,
            t_rttseg=cb0.t_rttseg,
            snd_max=cb0.snd_max,
            tt_rexmt=cb0.tt_rexmt,
        )

    def f3(cb: Tcpcb) -> Tcpcb:
        if cb.tt_rexmt is not None or is_connect:
            return cb
        else:
            return replace(cb, tt_rexmt=start_tt_rexmt(arch, 0, False, cb.t_rttinf), snd_cwnd=cb.t_maxseg)

    if not allocated:
        return f3(f2(f0(cb_in))), ENOBUFS, ()
    route = test_outroute(seg, rttab, ifds, arch)
    if route is None:
        return ASSERTION_FAILURE("rollback_tcp_output:1")
    elif route.value is not None:
        return f1(f0(cb_in), route.value), route.value, ()
    elif loopback_on_wire(seg, ifds):
        if windows_arch(arch):
            return cb_in, None, ()
        elif bsd_arch(arch):
            return f0(cb_in), EADDRNOTAVAIL, ()
        elif linux_arch(arch):
            return f0(cb_in), EINVAL, ()
        else:
            return ASSERTION_FAILURE("rollback_tcp_output:2")
    else:
        queued = choose.boolean("queued")
        if not queued:
            return f3(f0(cb_in)), ENOBUFS, ((seg, queued),)
        else:
            return cb_in, None, ((seg, queued),)


def enqueue_or_fail(
    rcvdsyn: bool,
    arch: Arch,
    rttab: RoutingTable,
    ifds: Ifds,
    outsegs: tuple[Msg, ...],
    oq: MsgQueue,
    cb0: Tcpcb,
    cb_in: Tcpcb,
    choose: Choose,
) -> tuple[Tcpcb, MsgQueue]:
    """Try to queue at most one segment: the control block after that, and the queue.

    Source: TCP1_auxFnsScript.sml, enqueue_or_fail.
    """
    if len(outsegs) == 0:
        return cb_in if corrected(arch, NOTHING_SENT_NOTHING_UNDONE) else cb0, oq
    elif len(outsegs) == 1:
        cb_, _, outsegs_ = rollback_tcp_output(rcvdsyn, outsegs[0], arch, rttab, ifds, False, cb0, cb_in, choose)
        return cb_, enqueue_oq_list_qinfo(oq, outsegs_)
    else:
        return ASSERTION_FAILURE("enqueue_or_fail")


def enqueue_or_fail_sock(
    rcvdsyn: bool,
    arch: Arch,
    rttab: RoutingTable,
    ifds: Ifds,
    outsegs: tuple[Msg, ...],
    oq: MsgQueue,
    sock0: Socket,
    sock: Socket,
    choose: Choose,
) -> tuple[Socket, MsgQueue]:
    """Do `enqueue_or_fail` with the control blocks inside sockets.

    Source: TCP1_auxFnsScript.sml, enqueue_or_fail_sock.
    """
    tcp_sock = tcp_sock_of(sock)
    tcp_sock0 = tcp_sock_of(sock0)
    cb_, oq_ = enqueue_or_fail(rcvdsyn, arch, rttab, ifds, outsegs, oq, tcp_sock0.cb, tcp_sock.cb, choose)
    return replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=cb_))), oq_


def enqueue_and_ignore_fail(
    arch: Arch,
    rttab: RoutingTable,
    ifds: Ifds,
    outsegs: tuple[Msg, ...],
    oq: MsgQueue,
    choose: Choose,
) -> MsgQueue:
    """Try to queue at most one segment: the queue after that, whatever became of it.

    Source: TCP1_auxFnsScript.sml, enqueue_and_ignore_fail.
    """
    # The model quantifies rcvdsyn, cb0 and cb_in.  They only shape the control block, which is
    # dropped here: whether the segment is queued follows from the routing table, the interfaces,
    # `allocated` and `queued` alone, and every case has a control block.  So any values of the
    # three give each queue that some values give.
    _, oq_ = enqueue_or_fail(False, arch, rttab, ifds, outsegs, oq, initial_cb, initial_cb, choose)
    return oq_


def enqueue_each_and_ignore_fail(
    arch: Arch,
    rttab: RoutingTable,
    ifds: Ifds,
    segs: tuple[Msg, ...],
    oq: MsgQueue,
    choose: Choose,
) -> MsgQueue:
    """Try to queue segments one by one: the queue after that, whatever became of each.

    Source: TCP1_auxFnsScript.sml, enqueue_each_and_ignore_fail.
    """
    for seg in segs:
        oq = enqueue_and_ignore_fail(arch, rttab, ifds, (seg,), oq, choose)
    return oq


def mlift_tcp_output_perhaps_or_fail(ts_val: Seq32, arch: Arch, rttab: RoutingTable, ifds0: Ifds) -> Monad:
    """Send a segment if one is required, undoing what has to be where that fails.

    Source: TCP1_auxFnsScript.sml, mlift_tcp_output_perhaps_or_fail.
    """

    def output(s: Socket, choose: Choose) -> tuple[Socket, tuple[Out, ...]]:
        s1, segs = tcp_output_perhaps(arch, ts_val, ifds0, s, choose)
        if len(segs) == 0:
            return s1, ()
        elif len(segs) == 1:
            tcp_sock1 = tcp_sock_of(s1)
            cb_, _, outsegs_ = rollback_tcp_output(
                True, segs[0], arch, rttab, ifds0, False, tcp_sock_of(s).cb, tcp_sock1.cb, choose
            )
            return replace(s1, pr=TCP_PROTO(replace(tcp_sock1, cb=cb_))), outsegs_
        else:
            return ASSERTION_FAILURE("mlift_tcp_output_perhaps_or_fail")

    return mliftc(output)
