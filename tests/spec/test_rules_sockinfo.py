from __future__ import annotations

from dataclasses import replace
from typing import Any

import immutables
import pytest
from aux_sockets import ARCHS, BSD, I1, I2, IFDS, LINUX, P1, P2, WINXP, a_cb
from socket_hosts import (
    FILE,
    SOCK_FD,
    SOCKET,
    a_host,
    a_tcp,
    a_udp,
    call,
    forbids,
    returning,
    sock_of,
    state_of,
    unnamed_udp,
)
from support import Scripted

from netspec.base.base_types import (
    ETH,
    FAIL,
    FD,
    LO,
    NETMASK,
    O_ASYNC,
    O_NONBLOCK,
    OK_bool,
    OK_fileflags,
    OK_getifaddrs_ret,
    OK_ipport,
    OK_ipportlift,
    OK_one,
    Port,
)
from netspec.base.errors import ECONNREFUSED, ECONNRESET, EINVAL, ENOPROTOOPT, ENOTCONN
from netspec.tcp import lib_interface as lib
from netspec.tcp.host_init import simple_ifd_lo
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    FIN_WAIT_2,
    IP,
    LISTEN,
    SYN_RECEIVED,
    TIME_WAIT,
    Ifd,
    Recv2,
    SocketListen,
)
from netspec.tcp.rules.sockinfo import (
    getfileflags_1,
    getifaddrs_1,
    getpeername_1,
    getpeername_2,
    getsockerr_1,
    getsockerr_2,
    getsocklistening_1,
    getsocklistening_2,
    getsocklistening_3,
    getsockname_1,
    getsockname_2,
    getsockname_3,
    setfileflags_1,
    sockatmark_1,
    sockatmark_2,
)

LIS = SocketListen((), (), 5)
LISTENING = {"st": LISTEN, "lis": LIS}
GETFLAGS, GETPEER = call(lib.getfileflags(SOCK_FD)), call(lib.getpeername(SOCK_FD))
GETNAME, GETERR = call(lib.getsockname(SOCK_FD)), call(lib.getsockerr(SOCK_FD))
GETLISTENING, GETMARK = call(lib.getsocklistening(SOCK_FD)), call(lib.sockatmark(SOCK_FD))
GETIFADDRS = call(lib.getifaddrs())
PEER = returning(OK_ipport(I2, P2))
NO_PEER = returning(FAIL(ENOTCONN))


def test_getfileflags_1_in_any_order() -> None:
    h = a_host(BSD, a_tcp(), flags={O_NONBLOCK, O_ASYNC})
    for flags in ((O_NONBLOCK, O_ASYNC), (O_ASYNC, O_NONBLOCK)):
        h_ = getfileflags_1(h, GETFLAGS, Scripted(flags=flags))
        assert state_of(h_) == returning(OK_fileflags(flags))
    for flags in ((), (O_NONBLOCK,), (O_NONBLOCK, O_ASYNC, O_ASYNC)):
        forbids(getfileflags_1, h, GETFLAGS, flags=flags)
    h_ = getfileflags_1(a_host(BSD, a_tcp()), GETFLAGS, Scripted())
    assert state_of(h_) == returning(OK_fileflags(()))
    assert getfileflags_1(h, call(lib.getfileflags(FD(0))), Scripted())
    forbids(getfileflags_1, h, call(lib.getfileflags(FD(9))))


def test_setfileflags_1() -> None:
    h = a_host(BSD, a_tcp(), flags={O_NONBLOCK})
    h_ = setfileflags_1(h, call(lib.setfileflags(SOCK_FD, (O_ASYNC, O_ASYNC))), Scripted())
    assert state_of(h_) == returning(OK_one())
    assert dict(h_.files[FILE].ff.b) == {O_NONBLOCK: False, O_ASYNC: True}
    assert h_.files[FILE].ft == h.files[FILE].ft
    forbids(setfileflags_1, h, call(lib.setfileflags(FD(9), ())))


def test_getifaddrs_1_in_any_order() -> None:
    other = IP(192, 168, 0, 9)
    eth = Ifd(frozenset({I1, other}), I1, NETMASK(24), True)
    h = replace(a_host(BSD, a_tcp()), ifds=immutables.Map({ETH(0): eth}))
    for ips in ((I1, other), (other, I1)):
        h_ = getifaddrs_1(h, GETIFADDRS, Scripted(ipslist=ips))
        assert state_of(h_) == returning(OK_getifaddrs_ret([(ETH(0), I1, ips, NETMASK(24))]))
    forbids(getifaddrs_1, h, GETIFADDRS, ipslist=(I1,))
    h = a_host(BSD, a_tcp())
    lo = (LO, IP(127, 0, 0, 1), (IP(127, 0, 0, 1),), NETMASK(8))
    eth0 = (ETH(0), I1, (I1,), NETMASK(24))
    for order in ((lo, eth0), (eth0, lo)):
        h_ = getifaddrs_1(h, GETIFADDRS, Scripted(ifidlist=tuple((i, IFDS[i]) for i, *_ in order)))
        assert state_of(h_) == returning(OK_getifaddrs_ret(order))


def test_getifaddrs_1_forbids_a_whole_subnet() -> None:
    forbids(getifaddrs_1, replace(a_host(BSD, a_tcp()), ifds=immutables.Map([simple_ifd_lo])), GETIFADDRS)


@pytest.mark.parametrize(
    ("arch", "fields", "one", "two"),
    [
        (BSD, {}, True, False),
        (BSD, {"st": FIN_WAIT_2}, True, False),
        (BSD, {"st": FIN_WAIT_2, "cantrcvmore": True}, False, True),
        (BSD, {"st": SYN_RECEIVED}, False, True),
        (LINUX, {"st": SYN_RECEIVED}, True, False),
        (BSD, LISTENING, True, True),
        (LINUX, LISTENING, False, True),
        (BSD, {"st": TIME_WAIT}, False, True),
        (WINXP, {"st": TIME_WAIT}, True, False),
        (WINXP, {"ps2": None}, False, True),
        (BSD, {"is2": None, "ps2": None}, False, True),
    ],
)
def test_getpeername_of_tcp(arch: Any, fields: Any, one: bool, two: bool) -> None:
    h = a_host(arch, a_tcp(**fields))
    if one:
        assert state_of(getpeername_1(h, GETPEER, Scripted())) == PEER
    else:
        forbids(getpeername_1, h, GETPEER)
    if two:
        assert state_of(getpeername_2(h, GETPEER, Scripted())) == NO_PEER
    else:
        forbids(getpeername_2, h, GETPEER)


def test_getpeername_of_udp() -> None:
    for arch in ARCHS:
        assert state_of(getpeername_1(a_host(arch, a_udp()), GETPEER, Scripted())) == PEER
        forbids(getpeername_2, a_host(arch, a_udp()), GETPEER)
        assert state_of(getpeername_2(a_host(arch, unnamed_udp()), GETPEER, Scripted())) == NO_PEER
        forbids(getpeername_1, a_host(arch, unnamed_udp()), GETPEER)
    no_port = a_udp(ps2=None)
    h_ = getpeername_1(a_host(WINXP, no_port), GETPEER, Scripted())
    assert state_of(h_) == returning(OK_ipport(I2, Port(0)))
    forbids(getpeername_2, a_host(WINXP, no_port), GETPEER)
    forbids(getpeername_1, a_host(BSD, no_port), GETPEER)


def test_getsockerr() -> None:
    h = a_host(BSD, a_tcp())
    assert state_of(getsockerr_1(h, GETERR, Scripted())) == returning(OK_one())
    forbids(getsockerr_2, h, GETERR)
    h = a_host(BSD, a_udp(es=ECONNREFUSED))
    forbids(getsockerr_1, h, GETERR)
    h_ = getsockerr_2(h, GETERR, Scripted())
    assert state_of(h_) == returning(FAIL(ECONNREFUSED))
    assert sock_of(h_).es is None


def test_getsocklistening() -> None:
    for sock, b in ((a_tcp(), False), (a_tcp(**LISTENING), True)):
        for arch in (LINUX, WINXP):
            h_ = getsocklistening_1(a_host(arch, sock), GETLISTENING, Scripted())
            assert state_of(h_) == returning(OK_bool(b))
            forbids(getsocklistening_3, a_host(arch, sock), GETLISTENING)
        forbids(getsocklistening_1, a_host(BSD, sock), GETLISTENING)
        h_ = getsocklistening_3(a_host(BSD, sock), GETLISTENING, Scripted())
        assert state_of(h_) == returning(FAIL(ENOPROTOOPT))
    for arch in ARCHS:
        h_ = getsocklistening_2(a_host(arch, a_udp()), GETLISTENING, Scripted())
        ret = OK_bool(False) if arch == LINUX else FAIL(ENOPROTOOPT)
        assert state_of(h_) == returning(ret)
        forbids(getsocklistening_2, a_host(arch, a_tcp()), GETLISTENING)
        forbids(getsocklistening_1, a_host(arch, a_udp()), GETLISTENING)
        forbids(getsocklistening_3, a_host(arch, a_udp()), GETLISTENING)


CANT_CONNECT = {"st": CLOSED, "cb": a_cb(bsd_cantconnect=True), "is1": None}


def test_getsockname() -> None:
    for arch in ARCHS:
        h = a_host(arch, a_tcp())
        assert state_of(getsockname_1(h, GETNAME, Scripted())) == returning(OK_ipportlift(I1, P1))
        forbids(getsockname_2, h, GETNAME)
        forbids(getsockname_3, h, GETNAME)
    for arch in (BSD, LINUX):
        h = a_host(arch, unnamed_udp())
        assert state_of(getsockname_1(h, GETNAME, Scripted())) == returning(OK_ipportlift(None, None))
        forbids(getsockname_3, h, GETNAME)
    assert getsockname_1(a_host(WINXP, a_udp(is1=None)), GETNAME, Scripted())


def test_getsockname_2() -> None:
    failed = a_tcp(ps1=None, **CANT_CONNECT)
    h = a_host(BSD, failed)
    assert state_of(getsockname_2(h, GETNAME, Scripted())) == returning(FAIL(ECONNRESET))
    forbids(getsockname_1, h, GETNAME)
    forbids(getsockname_2, a_host(LINUX, failed), GETNAME)
    assert getsockname_1(a_host(LINUX, failed), GETNAME, Scripted())
    assert getsockname_1(a_host(BSD, a_tcp(**CANT_CONNECT)), GETNAME, Scripted())
    forbids(getsockname_2, a_host(BSD, a_tcp(**CANT_CONNECT)), GETNAME)


def test_getsockname_3() -> None:
    h = a_host(WINXP, unnamed_udp())
    assert state_of(getsockname_3(h, GETNAME, Scripted())) == returning(FAIL(EINVAL))
    forbids(getsockname_1, h, GETNAME)


def test_sockatmark_1() -> None:
    for rcvurp, b in ((None, False), (0, True), (3, False)):
        h_ = sockatmark_1(a_host(BSD, a_tcp(rcvurp=rcvurp)), GETMARK, Scripted())
        assert state_of(h_) == returning(OK_bool(b))
    forbids(sockatmark_1, a_host(BSD, a_tcp(st=CLOSE_WAIT)), GETMARK)
    forbids(sockatmark_1, a_host(BSD, a_udp()), GETMARK)


def test_sockatmark_2() -> None:
    for arch in ARCHS:
        h_ = sockatmark_2(a_host(arch, a_udp()), GETMARK, Scripted())
        assert state_of(h_) == returning(OK_bool(False) if arch == BSD else FAIL(EINVAL))
        forbids(sockatmark_2, a_host(arch, a_tcp()), GETMARK)


@pytest.mark.parametrize(
    ("rule", "lbl"),
    [(getsockerr_1, GETERR), (getsockname_1, GETNAME), (getpeername_1, GETPEER), (getfileflags_1, GETFLAGS)],
)
def test_a_thread_in_a_call_makes_no_other(rule: Any, lbl: Any) -> None:
    forbids(rule, a_host(BSD, a_tcp(), Recv2(SOCKET, 1, frozenset())), lbl)
