"""What completing a connection does to the socket that listened for it."""

from __future__ import annotations

from dataclasses import replace

from immutables import Map

from netspec.base.choose import FAPPLY, SOME, Choose
from netspec.tcp.aux_fns.buffers import calculate_bsd_rcv_wnd
from netspec.tcp.errata.input import FULL_QUEUE_DROPS_SOCKET
from netspec.tcp.host_types import TCP_PROTO, Socket, tcp_proto
from netspec.tcp.params import SID, Arch, corrected
from netspec.tcp.pre_host_types import accept_incoming_q


def di3_socks_update(arch: Arch, sid: SID, socks: Map[SID, Socket], choose: Choose) -> Map[SID, Socket]:
    """Move the new connection `sid` to the complete ones of its listener, or drop it from there if full.

    Without a listener the connection came from a simultaneous open, and nothing changes.

    Source: TCP1_hostLTSScript.sml, di3_socks_update.
    """
    sock_1 = FAPPLY(socks, sid)
    tcp_sock_1 = tcp_proto(sock_1)

    def interesting(sid_: SID) -> bool:
        pr = socks[sid_].pr
        return sid_ != sid and isinstance(pr, TCP_PROTO) and pr.v.lis is not None and sid in pr.v.lis.q0

    interesting_sids = [sid_ for sid_ in socks if interesting(sid_)]
    if interesting_sids:
        sid_ = choose.one_of("sid'", interesting_sids)
        sock_ = socks[sid_]
        tcp_sock_ = tcp_proto(sock_)
        lis = SOME(tcp_sock_.lis)
        at = choose.one_of("q0L", [i for i, sid__ in enumerate(lis.q0) if sid__ == sid])
        q0L, q0R = lis.q0[:at], lis.q0[at + 1 :]
        ok = accept_incoming_q(lis, arch)
        if ok:
            lis_ = replace(lis, q0=q0L + q0R, q=(sid, *lis.q))
            rcv_window = calculate_bsd_rcv_wnd(sock_1.sf, tcp_sock_1, arch)
            cb_ = replace(
                tcp_sock_1.cb,
                rcv_wnd=rcv_window,
                # As BSD does, from the window before this update.
                rcv_adv=tcp_sock_1.cb.rcv_nxt + tcp_sock_1.cb.rcv_wnd,
            )
            return socks.set(sid, replace(sock_1, pr=TCP_PROTO(replace(tcp_sock_1, cb=cb_)))).set(
                sid_, replace(sock_, pr=TCP_PROTO(replace(tcp_sock_, lis=lis_)))
            )
        else:
            lis_ = replace(lis, q0=q0L + q0R)
            if corrected(arch, FULL_QUEUE_DROPS_SOCKET):
                socks = socks.delete(sid)
            return socks.set(sid_, replace(sock_, pr=TCP_PROTO(replace(tcp_sock_, lis=lis_))))
    else:
        return socks
