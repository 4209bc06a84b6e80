"""UDP datagrams that arrive."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import Ip
from netspec.base.choose import SOME, Choose, PremiseFailed, require
from netspec.tcp.aux_fns.matching import lookup_udp
from netspec.tcp.errata.datagrams import PORT_UNREACHABLE_ROUTED
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import Host, UDP_Sock, udp_proto
from netspec.tcp.net_types import ICMP, ICMP_UNREACH, PORT, PROTO_UDP, UDP, IcmpDatagram, UdpDatagram
from netspec.tcp.params import corrected
from netspec.tcp.pre_host_types import (
    Dgram_msg,
    DgramMsg,
    MsgQueue,
    dequeue_iq,
    enqueue_oq,
    is_broadormulticast,
    local_ips,
    test_outroute_ip,
)
from netspec.tcp.rule import network, nonurgent, rp_udp, rule
from netspec.tcp.rules.prelude import with_sock


def _dequeue_dgram(h: Host, lbl: Label) -> tuple[MsgQueue, UdpDatagram]:
    """Match `lbl = Lh_tau` and `dequeue_iq(iq,iq',SOME (UDP dgram))`."""
    require(isinstance(lbl, Lh_tau))
    iq_, msg = dequeue_iq(h.iq)
    if not isinstance(msg, UDP):
        raise PremiseFailed
    return iq_, msg.v


def _not_broadcast(h: Host, i3: Ip, i4: Ip) -> None:
    """State that neither the destination nor the source is a broadcast or multicast address."""
    require(not is_broadormulticast(h.ifds, i4))
    require(not is_broadormulticast(h.ifds, i3))


@rule(rp_udp, {Lh_tau: network(nonurgent)})
def deliver_in_udp_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram joins the receive queue of a socket that it is for.

    Source: TCP1_hostLTSScript.sml, deliver_in_udp_1.
    """
    iq_, dgram = _dequeue_dgram(h, lbl)
    i3 = SOME(dgram.is1)
    i4 = SOME(dgram.is2)
    ps3, ps4 = dgram.ps1, dgram.ps2
    require(any(i4 in ifd.ipset for ifd in h.ifds.values()))
    sid = choose.one_of("sid", lookup_udp(h.socks, (i3, ps3, i4, ps4), h.bound, h.arch))
    sock = h.socks[sid]
    rcvq = udp_proto(sock).rcvq
    _not_broadcast(h, i3, i4)
    rcvq_ = (*rcvq, Dgram_msg(DgramMsg(dgram.data, i3, ps3)))
    return replace(with_sock(h, sid, replace(sock, pr=UDP_Sock(rcvq_))), iq=iq_)


@rule(rp_udp, {Lh_tau: network(nonurgent)})
def deliver_in_udp_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram that is for no socket is dropped, and its sender may be told by ICMP.

    Source: TCP1_hostLTSScript.sml, deliver_in_udp_2.
    """
    iq_, dgram = _dequeue_dgram(h, lbl)
    i3 = SOME(dgram.is1)
    i4 = SOME(dgram.is2)
    ps3, ps4 = dgram.ps1, dgram.ps2
    require(lookup_udp(h.socks, (i3, ps3, i4, ps4), h.bound, h.arch) == frozenset())
    oq = h.oq
    if choose.boolean("icmp_to_go"):
        icmp = ICMP(
            IcmpDatagram(
                is1=i4,
                is2=i3,
                is3=i3,
                is4=i4,
                ps3=ps3,
                ps4=ps4,
                proto=PROTO_UDP,
                seq=None,
                t=ICMP_UNREACH(PORT),
            )
        )
        if corrected(h.arch, PORT_UNREACHABLE_ROUTED):
            require(test_outroute_ip(i3, h.rttab, h.ifds, h.arch) is None)
        oq, queued = enqueue_oq(h.oq, icmp, choose)
        require(queued)
    require(i4 in local_ips(h.ifds))
    _not_broadcast(h, i3, i4)
    return replace(h, iq=iq_, oq=oq)


@rule(rp_udp, {Lh_tau: network(nonurgent)})
def deliver_in_udp_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram to or from a broadcast or multicast address, or from none, is dropped.

    Source: TCP1_hostLTSScript.sml, deliver_in_udp_3.
    """
    iq_, dgram = _dequeue_dgram(h, lbl)
    i2 = SOME(dgram.is2)
    is1 = dgram.is1
    require(i2 in local_ips(h.ifds))
    require(not (not is_broadormulticast(h.ifds, i2) and is1 is not None and not is_broadormulticast(h.ifds, is1)))
    return replace(h, iq=iq_)
