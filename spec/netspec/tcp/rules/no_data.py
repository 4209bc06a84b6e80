"""The pattern of a TCP socket that holds no data."""

from __future__ import annotations

from netspec.base.choose import require
from netspec.tcp.host_types import NO_OOBDATA, TcpSocket


def no_data(tcp_sock: TcpSocket) -> None:
    """Match the end of the pattern `TCP_Sock(st,cb,lis,[],NONE,[],NONE,NO_OOBDATA)`."""
    require(tcp_sock.sndq == b"")
    require(tcp_sock.sndurp is None)
    require(tcp_sock.rcvq == b"")
    require(tcp_sock.rcvurp is None)
    require(tcp_sock.iobc == NO_OOBDATA)
