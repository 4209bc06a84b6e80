"""Ports: which are taken, which may be bound (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.base.base_types import SO_REUSEADDR, Ip, Port
from netspec.tcp.host_types import (
    TCP_PROTO,
    UDP_PROTO,
    Host,
    PortRange,
    ProtocolInfo,
    Socket,
    ephemeral_ports,
    proto_eq,
    proto_of,
)
from netspec.tcp.net_types import Protocol
from netspec.tcp.params import SID, TCP_MAXWIN, TCP_MAXWINSCALE, Arch, SockFlags
from netspec.tcp.pre_host_types import LISTEN, bsd_arch, linux_arch, windows_arch


def sane_socket(sock: Socket) -> bool:
    """Whether a socket's receive queue is no longer than a window can be.

    Source: TCP1_auxFnsScript.sml, sane_socket.
    """
    if isinstance(sock.pr, TCP_PROTO):
        return len(sock.pr.v.rcvq) <= TCP_MAXWIN << TCP_MAXWINSCALE
    else:
        return True


def bound_ports_protocol_autobind(pr: Protocol, socks: Mapping[SID, Socket]) -> tuple[Port, ...]:
    """The local ports that sockets of a protocol have.

    Source: TCP1_auxFnsScript.sml, bound_ports_protocol_autobind.
    """
    return tuple(s.ps1 for s in socks.values() if s.ps1 is not None and proto_of(s.pr) == pr)


def bound_port_allowed(
    pr: ProtocolInfo, socks: Mapping[SID, Socket], sf: SockFlags, arch: Arch, is_: Ip | None, p: Port
) -> bool:
    """Whether a local address and port may be bound beside the other sockets.

    Source: TCP1_auxFnsScript.sml, bound_port_allowed.
    """

    def conflicts(s: Socket) -> bool:
        if not proto_eq(s.pr, pr):
            return False
        if bsd_arch(arch) and sf.b[SO_REUSEADDR]:
            return s.is2 is None and s.is1 == is_
        elif (
            linux_arch(arch)
            and sf.b[SO_REUSEADDR]
            and s.sf.b[SO_REUSEADDR]
            and ((isinstance(s.pr, TCP_PROTO) and s.pr.v.st != LISTEN) or isinstance(s.pr, UDP_PROTO))
        ):
            return False
        elif windows_arch(arch) and sf.b[SO_REUSEADDR]:
            return False
        else:
            return is_ is None or s.is1 is None or is_ == s.is1

    return not any(s.ps1 == p and conflicts(s) for s in socks.values())


def autobind(ps: Port | None, pr: Protocol, h: Host, socks: Mapping[SID, Socket]) -> tuple[Port, ...] | PortRange:
    """The ports that a socket may get: the one asked for, or any ephemeral one that is free.

    Source: TCP1_auxFnsScript.sml, autobind.
    """
    if ps is not None:
        return (ps,)
    return ephemeral_ports(h) - bound_ports_protocol_autobind(pr, socks)


def bound_after(sid: SID, sid_: SID, bound: tuple[SID, ...]) -> bool:
    """Whether a socket was bound later than another: the list has the latest first.

    Source: TCP1_auxFnsScript.sml, bound_after.
    """
    for sid0 in bound:
        if sid == sid0:
            return True
        elif sid_ == sid0:
            return False
    # ASSERTION_FAILURE in the model: plainly false, as it is only used under a negation.
    return False
