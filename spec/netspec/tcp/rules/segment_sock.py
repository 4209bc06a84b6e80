"""The socket of the connection that a segment belongs to, as rules that match the whole quad find it."""

from __future__ import annotations

from netspec.base.choose import SOME, Choose, require
from netspec.tcp.aux_fns.segments import Quad
from netspec.tcp.host_types import Host, Socket, TcpSocket, tcp_proto
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SID


def segment_sock(h: Host, seg: TcpSegment, choose: Choose) -> tuple[SID, Socket, TcpSocket, Quad]:
    """Match a TCP socket with a file, not listening, whose quad (i1, i2, p1, p2) is that of a segment.

    The patterns are `Sock(SOME fid,sf,SOME i1,SOME p1,SOME i2,SOME p2,..,TCP_Sock(st,cb,NONE,..))` and
    `seg = <| is1 := SOME i2; is2 := SOME i1; ps1 := SOME p2; ps2 := SOME p1; .. |>`.
    """
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    require(sock.fid is not None)
    require(sock.is1 == i1)
    require(sock.ps1 == p1)
    require(sock.is2 == i2)
    require(sock.ps2 == p2)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    return sid, sock, tcp_sock, (i1, i2, p1, p2)
