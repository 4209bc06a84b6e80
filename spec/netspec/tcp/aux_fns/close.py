"""Closing a connection, in order or with a RST."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import SOME, Choose
from netspec.base.errors import ETIMEDOUT, Error
from netspec.tcp.aux_fns.initial_cb import initial_cb_of
from netspec.tcp.aux_fns.segments import make_rst_segment_from_cb
from netspec.tcp.host_types import TCP_PROTO, Socket, tcp_sock_of
from netspec.tcp.net_types import TCP, Msg
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import CLOSED, LISTEN, SYN_SENT, bsd_arch


def tcp_close(arch: Arch, sock: Socket) -> Socket:
    """The socket without its connection; BSD also forgets the local address.

    Source: TCP1_auxFnsScript.sml, tcp_close.
    """
    return replace(
        sock,
        cantrcvmore=True,
        cantsndmore=True,
        is1=None if bsd_arch(arch) else sock.is1,
        ps1=None if bsd_arch(arch) else sock.ps1,
        pr=TCP_PROTO(
            replace(
                tcp_sock_of(sock),
                st=CLOSED,
                cb=replace(initial_cb_of(arch), bsd_cantconnect=bsd_arch(arch)),
                sndq=b"",
            )
        ),
    )


def tcp_drop_and_close(arch: Arch, err: Error | None, sock: Socket, choose: Choose) -> tuple[Socket, tuple[Msg, ...]]:
    """Close a connection with an error, and with a RST to the peer where there is one to tell.

    Source: TCP1_auxFnsScript.sml, tcp_drop_and_close.
    """
    tcp_sock = tcp_sock_of(sock)
    outsegs: tuple[Msg, ...]
    es_: Error | None
    if tcp_sock.st not in {CLOSED, LISTEN, SYN_SENT}:
        quad = (SOME(sock.is1), SOME(sock.is2), SOME(sock.ps1), SOME(sock.ps2))
        outsegs = (TCP(make_rst_segment_from_cb(tcp_sock.cb, quad, choose)),)
    else:
        outsegs = ()
    if err == ETIMEDOUT:
        es_ = tcp_sock.cb.t_softerror if tcp_sock.cb.t_softerror is not None else ETIMEDOUT
    elif err is not None:
        es_ = err
    else:
        es_ = sock.es
    return tcp_close(arch, replace(sock, es=es_)), outsegs
