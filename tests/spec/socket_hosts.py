"""A host with one socket, open as descriptor 3, to try the rules of socket calls on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from typing import Any

import immutables
import pytest
from aux_sockets import BSD, I1, I2, IFDS, P1, P2, RTTAB, TICKS, a_sock
from support import Scripted

from netspec.base.base_types import FD, SOCK_DGRAM, TID, FileBFlag, TLang
from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed, never_timer
from netspec.tcp.host0 import Lh_call, Lh_tau
from netspec.tcp.host_init import initial_host
from netspec.tcp.host_types import TCP_PROTO, Host, Sock, Socket, UDP_Sock, tcp_sock_of
from netspec.tcp.params import FID, SID, Arch, File, FileFlags, FT_Socket, sf_default
from netspec.tcp.pre_host_types import (
    Dgram,
    Dgram_msg,
    DgramMsg,
    HostParams,
    HostThreadState,
    Ret,
    Run,
    sched_timer,
)
from netspec.tcp.rule import Rule

THREAD, FILE, SOCKET, SOCK_FD = TID(0), FID(1), SID(1), FD(3)
TAU = Lh_tau()
OF_TCP = {"st", "cb", "lis", "sndq", "sndurp", "rcvq", "rcvurp", "iobc"}


def a_tcp(**fields: Any) -> Socket:
    """The socket of an established connection, with fields of it or of its TCP part changed."""
    sock = a_sock()
    tcp_sock = replace(tcp_sock_of(sock), **{k: v for k, v in fields.items() if k in OF_TCP})
    others = {k: v for k, v in fields.items() if k not in OF_TCP}
    return replace(sock, pr=TCP_PROTO(tcp_sock), **others)


def a_udp(*rcvq: Dgram, **fields: Any) -> Socket:
    """A UDP socket with a full quad."""
    sf = sf_default(BSD, SOCK_DGRAM)
    return replace(Sock(FILE, sf, I1, P1, I2, P2, None, False, False, UDP_Sock(rcvq)), **fields)


def unnamed_udp(**fields: Any) -> Socket:
    """A UDP socket without addresses and ports."""
    return a_udp(is1=None, ps1=None, is2=None, ps2=None, **fields)


def a_dgram(data: bytes) -> Dgram:
    """A datagram from the peer."""
    return Dgram_msg(DgramMsg(data, I2, P2))


def a_host(
    arch: Arch,
    sock: Socket,
    state: HostThreadState = Run,
    flags: Collection[FileBFlag] = (),
    **fields: Any,
) -> Host:
    """A host with this socket, the flags of its file, and a thread in this state."""
    params = HostParams(min_eph_port=1024, max_eph_port=1026)
    h = initial_host(I1, THREAD, arch, False, (), IFDS.items(), RTTAB, (0, 1, 2), TICKS, Fraction(0), params)
    ff = FileFlags(immutables.Map({flag: flag in flags for flag in FileBFlag}))
    return replace(
        h,
        ts=h.ts.set(THREAD, Timed(state, never_timer)),
        files=h.files.set(FILE, File(FT_Socket(SOCKET), ff)),
        fds=h.fds.set(SOCK_FD, FILE),
        socks=h.socks.set(SOCKET, replace(sock, fid=FILE)),
        **fields,
    )


def call(opn: Any) -> Lh_call:
    """The label of a call by the thread."""
    return Lh_call(THREAD, opn)


def state_of(h: Host) -> Timed[HostThreadState]:
    """The state of the thread."""
    return h.ts[THREAD]


def returning(v: TLang) -> Timed[HostThreadState]:
    """The state of a thread whose call is about to return `v`."""
    return Timed(Ret(v), sched_timer)


def sock_of(h: Host) -> Socket:
    """The socket."""
    return h.socks[SOCKET]


def forbids(rule: Rule, h: Host, lbl: Lh_call | Lh_tau, **choices: Any) -> None:
    """The rule does not apply."""
    with pytest.raises(PremiseFailed):
        rule(h, lbl, Scripted(**choices))
