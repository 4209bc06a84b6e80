from __future__ import annotations

from dataclasses import replace

import pytest
from aux_sockets import ARCHS, BSD, LINUX, WINXP
from socket_hosts import a_host, a_tcp, call, forbids, returning, state_of
from support import Scripted

from netspec.base.base_types import FAIL, FD, SOCK_DGRAM, SOCK_STREAM, OK_fd
from netspec.base.errors import EMFILE
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.host_types import NO_OOBDATA, Host, Sock, TCP_Sock, UDP_Sock
from netspec.tcp.params import FID, OPEN_MAX, SID, Arch, File, FT_Socket, ff_default, sf_default
from netspec.tcp.pre_host_types import CLOSED
from netspec.tcp.rules.socket import socket_1, socket_2

STREAM = call(lib.socket(SOCK_STREAM))
DGRAM = call(lib.socket(SOCK_DGRAM))


def with_descriptors(h: Host, n: int) -> Host:
    fds = h.fds
    for k in range(n):
        fds = fds.set(FD(k), FID(0))
    return replace(h, fds=fds)


@pytest.mark.parametrize("arch", ARCHS)
def test_socket_1_makes_a_tcp_socket(arch: Arch) -> None:
    h = a_host(arch, a_tcp())
    h_ = socket_1(h, STREAM, Scripted(sid=SID(77)))
    assert state_of(h_) == returning(OK_fd(FD(4)))
    assert h_.fds == h.fds.set(FD(4), FID(2))
    assert h_.files == h.files.set(FID(2), File(FT_Socket(SID(77)), ff_default))
    pr = TCP_Sock(CLOSED, initial_cb, None, b"", None, b"", None, NO_OOBDATA)
    sf = sf_default(arch, SOCK_STREAM)
    assert h_.socks[SID(77)] == Sock(FID(2), sf, None, None, None, None, None, False, False, pr)


def test_socket_1_makes_a_udp_socket() -> None:
    h_ = socket_1(a_host(LINUX, a_tcp()), DGRAM, Scripted(sid=SID(77)))
    sf = sf_default(LINUX, SOCK_DGRAM)
    sock = Sock(FID(2), sf, None, None, None, None, None, False, False, UDP_Sock(()))
    assert h_.socks[SID(77)] == sock


def test_socket_1_returns_the_least_free_descriptor_except_on_winxp() -> None:
    choice = {"fd'": FD(99)}
    h_ = socket_1(a_host(WINXP, a_tcp()), STREAM, Scripted(**choice))
    assert state_of(h_) == returning(OK_fd(FD(99)))
    h_ = socket_1(a_host(BSD, a_tcp()), STREAM, Scripted(**choice))
    assert state_of(h_) == returning(OK_fd(FD(4)))
    forbids(socket_1, a_host(WINXP, a_tcp()), STREAM, **{"fd'": FD(3)})


def test_socket_1_forbids_identifiers_in_use() -> None:
    forbids(socket_1, a_host(BSD, a_tcp()), STREAM, sid=SID(1))
    forbids(socket_1, a_host(BSD, a_tcp()), STREAM, fid=FID(1))


def test_the_last_descriptor() -> None:
    h = with_descriptors(a_host(BSD, a_tcp()), OPEN_MAX - 1)
    h_ = socket_1(h, STREAM, Scripted())
    assert state_of(h_) == returning(OK_fd(FD(OPEN_MAX - 1)))
    forbids(socket_2, h, STREAM)
    h = with_descriptors(h, OPEN_MAX)
    forbids(socket_1, h, STREAM)
    assert state_of(socket_2(h, STREAM, Scripted())) == returning(FAIL(EMFILE))
