"""Patterns of sockets that several rules match."""

from __future__ import annotations

from netspec.base.choose import FAPPLY, require
from netspec.tcp.host_types import Host, Socket, TcpSocket, tcp_proto
from netspec.tcp.params import FID, SID


def connected_sock(h: Host, sid: SID, fid: FID) -> tuple[Socket, TcpSocket]:
    """Match a TCP socket with a full quad that does not listen.

    The pattern is `Sock(SOME fid,sf,SOME i1,SOME p1,SOME i2,SOME p2,es,..,TCP_Sock(st,cb,NONE,..))`.
    """
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is not None)
    require(sock.ps1 is not None)
    require(sock.is2 is not None)
    require(sock.ps2 is not None)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    return sock, tcp_sock
