"""What a socket is ready for (TCP1_hostLTSScript.sml)."""

from __future__ import annotations

from netspec.base.base_types import SO_RCVLOWAT, SO_SNDBUF, SO_SNDLOWAT
from netspec.base.utils import num_minus
from netspec.tcp.errata.sockets import LINUX_WRITEABLE
from netspec.tcp.host_types import OOBDATA, TCP_PROTO, Socket
from netspec.tcp.params import Arch, corrected
from netspec.tcp.pre_host_types import CLOSE_WAIT, CLOSED, ESTABLISHED, LISTEN, linux_arch, windows_arch


def soreadable(arch: Arch, sock: Socket) -> bool:
    """Whether a read would not block.

    Source: TCP1_hostLTSScript.sml, soreadable.
    """
    if isinstance(sock.pr, TCP_PROTO):
        tcp = sock.pr.v
        return (
            len(tcp.rcvq) >= sock.sf.n[SO_RCVLOWAT]
            or sock.cantrcvmore
            or (linux_arch(arch) and tcp.st == CLOSED)
            or (tcp.st == LISTEN and tcp.lis is not None and tcp.lis.q != ())
            or sock.es is not None
        )
    else:
        udp = sock.pr.v
        return udp.rcvq != () or sock.es is not None or (sock.cantrcvmore and not windows_arch(arch))


def sowriteable(arch: Arch, sock: Socket) -> bool:
    """Whether a write would not block.

    Source: TCP1_hostLTSScript.sml, sowriteable.
    """
    if isinstance(sock.pr, TCP_PROTO):
        tcp = sock.pr.v
        has_room = (
            tcp.st in {ESTABLISHED, CLOSE_WAIT}
            and num_minus(sock.sf.n[SO_SNDBUF], len(tcp.sndq)) >= sock.sf.n[SO_SNDLOWAT]
        )
        if linux_arch(arch) and corrected(arch, LINUX_WRITEABLE):
            return (has_room and not sock.cantsndmore) or tcp.st == CLOSED or sock.es is not None
        return (
            has_room
            or (not sock.cantsndmore if linux_arch(arch) else sock.cantsndmore)
            or (linux_arch(arch) and tcp.st == CLOSED)
            or sock.es is not None
        )
    else:
        return True


def soexceptional(arch: Arch, sock: Socket) -> bool:
    """Whether urgent data is there or next.

    Source: TCP1_hostLTSScript.sml, soexceptional.
    """
    if isinstance(sock.pr, TCP_PROTO):
        tcp = sock.pr.v
        return tcp.st == ESTABLISHED and (tcp.rcvurp == 0 or isinstance(tcp.iobc, OOBDATA))
    else:
        return False
