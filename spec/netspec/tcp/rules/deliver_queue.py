"""Datagrams that enter and leave the host, and those that it sends to itself."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import SOME, Choose, PremiseFailed, require
from netspec.tcp.host0 import Label, Lh_loopdatagram, Lh_recvdatagram, Lh_senddatagram, Lh_tau
from netspec.tcp.host_types import Host
from netspec.tcp.net_types import Msg, msg_is2, sane_msg
from netspec.tcp.pre_host_types import MsgQueue, dequeue_oq, enqueue_iq, local_ips, windows_arch
from netspec.tcp.rule import network, nonurgent, rp_all, rule


def _dequeued(h: Host) -> tuple[MsgQueue, Msg]:
    """Match `dequeue_oq(oq,oq',SOME msg)`."""
    oq_, msg = dequeue_oq(h.oq)
    if msg is None:
        raise PremiseFailed
    return oq_, msg


@rule(rp_all, {Lh_recvdatagram: network(nonurgent)})
def deliver_in_99(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram that arrives for the host joins the input queue.

    Source: TCP1_hostLTSScript.sml, deliver_in_99.
    """
    if not isinstance(lbl, Lh_recvdatagram):
        raise PremiseFailed
    msg = lbl.msg
    require(sane_msg(msg))
    i1 = SOME(msg_is2(msg))
    require(i1 in local_ips(h.ifds))
    iq_, _queued = enqueue_iq(h.iq, msg, choose)
    return replace(h, iq=iq_)


@rule(rp_all, {Lh_recvdatagram: network(nonurgent)})
def deliver_in_99a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram that arrives for another host is ignored.

    Source: TCP1_hostLTSScript.sml, deliver_in_99a.
    """
    if not isinstance(lbl, Lh_recvdatagram):
        raise PremiseFailed
    i1 = SOME(msg_is2(lbl.msg))
    require(i1 not in local_ips(h.ifds))
    return h


@rule(rp_all, {Lh_senddatagram: network(nonurgent)})
def deliver_out_99(h: Host, lbl: Label, choose: Choose) -> Host:
    """The first datagram of the output queue leaves the host.

    Source: TCP1_hostLTSScript.sml, deliver_out_99.
    """
    if not isinstance(lbl, Lh_senddatagram):
        raise PremiseFailed
    oq_, msg = _dequeued(h)
    require(msg == lbl.msg)
    i2 = SOME(msg_is2(msg))
    require(i2 not in local_ips(h.ifds))
    return replace(h, oq=oq_)


@rule(rp_all, {Lh_tau: network(nonurgent), Lh_loopdatagram: network(nonurgent)})
def deliver_loop_99(h: Host, lbl: Label, choose: Choose) -> Host:
    """The first datagram of the output queue is for the host itself, and joins its input queue.

    Source: TCP1_hostLTSScript.sml, deliver_loop_99.
    """
    oq_, msg = _dequeued(h)
    i2 = SOME(msg_is2(msg))
    require(i2 in local_ips(h.ifds))
    require(lbl == (Lh_tau() if windows_arch(h.arch) else Lh_loopdatagram(msg)))
    iq_, _queued = enqueue_iq(h.iq, msg, choose)
    return replace(h, iq=iq_, oq=oq_)
