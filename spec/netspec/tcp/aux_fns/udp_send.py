"""Sending a UDP datagram (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from netspec.base.base_types import Ip, Port
from netspec.base.choose import Choose, PremiseFailed
from netspec.tcp.net_types import UDP, UdpDatagram
from netspec.tcp.pre_host_types import Ifds, MsgQueue, RoutingTable, auto_outroute, enqueue_oq


def dosend(
    ifds: Ifds,
    rttab: RoutingTable,
    addr_data: tuple[tuple[Ip, Port] | None, bytes],
    quad: tuple[Ip | None, Port | None, Ip | None, Port | None],
    oq: MsgQueue,
    choose: Choose,
) -> tuple[MsgQueue, bool]:
    """Queue a datagram to the given address, or to the socket's: the queue, and whether there was room.

    Source: TCP1_auxFnsScript.sml, dosend.
    """
    addr, data = addr_data
    match addr, quad:
        case None, (i1, p1, i2, ps2) if i1 is not None and p1 is not None and i2 is not None:
            return enqueue_oq(oq, UDP(UdpDatagram(is1=i1, is2=i2, ps1=p1, ps2=ps2, data=data)), choose)
        case (i, p), (None, p1, None, None) if p1 is not None:
            i1_ = choose.one_of("i1'", sorted(auto_outroute(i, None, rttab, ifds), key=lambda one: one.n))
            return enqueue_oq(oq, UDP(UdpDatagram(is1=i1_, is2=i, ps1=p1, ps2=p, data=data)), choose)
        case (i, p), (i1, p1, _, _) if i1 is not None and p1 is not None:
            return enqueue_oq(oq, UDP(UdpDatagram(is1=i1, is2=i, ps1=p1, ps2=p, data=data)), choose)
    raise PremiseFailed
