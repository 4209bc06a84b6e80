from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import BSD, I1, I2, LINUX, P1, P2, TICKS, UNROUTABLE, WINXP, a_cb, foreign, local
from socket_hosts import (
    FILE,
    SOCK_FD,
    SOCKET,
    TAU,
    THREAD,
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

from netspec.base.base_types import FAIL, LO, O_NONBLOCK, SO_RCVBUF, TID, Ip, OK_one, Port
from netspec.base.errors import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAGAIN,
    EALREADY,
    ECONNREFUSED,
    ECONNRESET,
    EHOSTUNREACH,
    EINPROGRESS,
    EINVAL,
    EISCONN,
    ENETDOWN,
    ENETUNREACH,
    ENOBUFS,
    EOPNOTSUPP,
)
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.host0 import Lh_call
from netspec.tcp.host_types import Host, Socket, tcp_sock_of
from netspec.tcp.net_types import TCP
from netspec.tcp.params import SID, TCPTV_KEEP_INIT, Arch
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    IP,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    Connect2,
    HostParams,
    SocketListen,
    slow_timer,
)
from netspec.tcp.rule import block, fail, fast
from netspec.tcp.rules.connect import (
    connect_1,
    connect_2,
    connect_3,
    connect_4,
    connect_4a,
    connect_5,
    connect_5a,
    connect_5b,
    connect_5c,
    connect_5d,
    connect_6,
    connect_7,
    connect_8,
    connect_9,
    connect_10,
)

OTHER = SID(9)
BLOCKED = Connect2(SOCKET)
CANT = a_cb(bsd_cantconnect=True)
SYN = {
    "queued": True,
    "iss": 3000,
    "rcv_wnd": 1000,
    "advmss": 1460,
    "advmss' is SOME": True,
    "request_r_scale is SOME": True,
    "request_r_scale": 2,
    "tf_req_tstmp'": True,
}


def a_connect(i2: Ip = I2, ps2: Port | None = P2) -> Lh_call:
    return call(lib.connect(SOCK_FD, i2, ps2))


def closed(**fields: Any) -> Socket:
    return a_tcp(
        **{
            "st": CLOSED,
            "cb": initial_cb,
            "is1": None,
            "ps1": None,
            "is2": None,
            "ps2": None,
            **fields,
        }
    )


def with_other(h: Host, sock: Socket) -> Host:
    return replace(h, socks=h.socks.set(OTHER, replace(sock, fid=None)))


# -- connect_1 ----------------------------------------------------------------------------------


def test_connect_1_sends_a_syn_and_blocks() -> None:
    h_ = connect_1(a_host(BSD, closed(), bound=(OTHER,)), a_connect(), Scripted(**SYN))
    assert state_of(h_) == Timed(BLOCKED, never_timer)
    assert h_.bound == (SOCKET, OTHER)
    sock, cb = sock_of(h_), tcp_sock_of(sock_of(h_)).cb
    assert (sock.is1, sock.ps1, sock.is2, sock.ps2) == (I1, Port(1024), I2, P2)
    assert (sock.es, tcp_sock_of(sock).st) == (None, SYN_SENT)
    assert (cb.snd_una, cb.snd_nxt, cb.snd_max) == (local(3000), local(3001), local(3001))
    assert (cb.rcv_wnd, cb.rcv_adv, cb.tf_rxwin0sent) == (1000, foreign(1000), False)
    assert (cb.request_r_scale, cb.t_advmss, cb.tf_req_tstmp) == (2, 1460, True)
    assert cb.t_rttseg == (TICKS, local(3000))
    assert cb.tt_conn_est == Timed((), slow_timer(BSD, TCPTV_KEEP_INIT))
    assert cb.tt_rexmt is not None
    (msg,) = h_.oq.value
    assert isinstance(msg, TCP)
    assert (msg.v.SYN, msg.v.ACK, msg.v.seq, msg.v.win) == (True, False, local(3000), 1000)
    assert (msg.v.ws, msg.v.mss, msg.v.ts) == (2, 1460, (TICKS, replace(TICKS, n=0)))


def test_connect_1_may_leave_out_the_options_of_the_syn() -> None:
    h_ = connect_1(a_host(BSD, closed(ps1=P1)), a_connect(), Scripted(queued=True))
    (msg,) = h_.oq.value
    assert isinstance(msg, TCP)
    assert (msg.v.ws, msg.v.mss, msg.v.ts, msg.v.win) == (None, None, None, 1)
    assert h_.bound == ()


@pytest.mark.parametrize(("arch", "e"), [(BSD, EINPROGRESS), (LINUX, EINPROGRESS), (WINXP, EAGAIN)])
def test_connect_1_fails_where_it_may_not_block(arch: Arch, e: Any) -> None:
    h = a_host(arch, closed(), flags={O_NONBLOCK})
    h_ = connect_1(h, a_connect(), Scripted(**SYN))
    assert state_of(h_) == returning(FAIL(e))
    assert (sock_of(h_).is2, tcp_sock_of(sock_of(h_)).st) == (I2, SYN_SENT)
    assert len(h_.oq.value) == 1


def test_connect_1_to_this_host_may_block_nevertheless_on_bsd() -> None:
    def h(arch: Arch) -> Host:
        return a_host(arch, closed(), flags={O_NONBLOCK})

    blocks = {**SYN, "t' = Timed(Connect2(sid),never_timer)": True}
    assert state_of(connect_1(h(BSD), a_connect(I1), Scripted(**blocks))).value == BLOCKED
    h_ = connect_1(h(BSD), a_connect(I1), Scripted(**SYN))
    assert state_of(h_) == returning(FAIL(EINPROGRESS))
    h_ = connect_1(h(BSD), a_connect(), Scripted(**blocks))
    assert state_of(h_) == returning(FAIL(EINPROGRESS))
    h_ = connect_1(h(LINUX), a_connect(I1), Scripted(**blocks))
    assert state_of(h_) == returning(FAIL(EINPROGRESS))


def test_connect_1_sends_no_syn_without_a_route() -> None:
    h = a_host(BSD, closed(is1=I1))
    h_ = connect_1(h, a_connect(UNROUTABLE), Scripted(**SYN))
    assert state_of(h_) == Timed(BLOCKED, never_timer)
    assert (sock_of(h_).es, sock_of(h_).is2) == (EHOSTUNREACH, UNROUTABLE)
    assert tcp_sock_of(sock_of(h_)).cb == initial_cb
    assert h_.oq == h.oq


@pytest.mark.parametrize(("arch", "e"), [(BSD, EINPROGRESS), (WINXP, EAGAIN)])
def test_connect_1_without_a_route_fails_one_way_or_another(arch: Arch, e: Any) -> None:
    h = a_host(arch, closed(is1=I1), flags={O_NONBLOCK})
    for err in (e, EHOSTUNREACH):
        h_ = connect_1(h, a_connect(UNROUTABLE), Scripted(**SYN, err=err))
        assert state_of(h_) == returning(FAIL(err))
        assert (sock_of(h_).es, sock_of(h_).is2, sock_of(h_).ps2) == (None, None, None)
        assert tcp_sock_of(sock_of(h_)).st == CLOSED
        assert (tcp_sock_of(sock_of(h_)).cb == initial_cb) == (arch != WINXP)
    forbids(connect_1, h, a_connect(UNROUTABLE), **SYN, err=ENOBUFS)


def test_connect_1_reuses_a_time_wait_socket_on_bsd() -> None:
    old = a_tcp(st=TIME_WAIT, cantsndmore=True, cantrcvmore=True)
    h_ = connect_1(a_host(BSD, old), a_connect(), Scripted(**SYN))
    assert tcp_sock_of(sock_of(h_)).st == SYN_SENT
    assert not sock_of(h_).cantsndmore
    assert not sock_of(h_).cantrcvmore
    forbids(connect_1, a_host(LINUX, old), a_connect(), **SYN)
    forbids(connect_1, a_host(BSD, a_tcp(st=TIME_WAIT, ps2=None)), a_connect(), **SYN)
    late = a_host(BSD, a_tcp(st=TIME_WAIT, es=ECONNRESET), flags={O_NONBLOCK})
    forbids(connect_1, late, a_connect(), **SYN)


@pytest.mark.parametrize(
    "fields",
    [
        {"is2": I2},
        {"ps2": P2},
        {"es": ECONNRESET},
        {"cantsndmore": True},
        {"cantrcvmore": True},
        {"st": ESTABLISHED},
        {"lis": SocketListen((), (), 5)},
        {"rcvq": b"a"},
    ],
)
def test_connect_1_forbids_other_sockets(fields: dict[str, Any]) -> None:
    forbids(connect_1, a_host(LINUX, closed(**fields)), a_connect(), **SYN)


def test_connect_1_allows_a_socket_shut_down_for_receiving_on_bsd() -> None:
    h_ = connect_1(a_host(BSD, closed(cantrcvmore=True)), a_connect(), Scripted(**SYN))
    assert not sock_of(h_).cantrcvmore


def test_connect_1_forbids_a_quad_in_use() -> None:
    h = with_other(a_host(BSD, closed(ps1=P1)), a_tcp())
    forbids(connect_1, h, a_connect(), **SYN)
    assert state_of(connect_1(h, a_connect(ps2=Port(81)), Scripted(**SYN))).value == BLOCKED
    h = with_other(a_host(BSD, closed(ps1=P1)), a_udp())
    assert state_of(connect_1(h, a_connect(), Scripted(**SYN))).value == BLOCKED


def test_connect_1_forbids_parameters_out_of_range() -> None:
    h = a_host(BSD, closed())
    size = closed().sf.n[SO_RCVBUF]
    for bad in (
        {"rcv_wnd": 0},
        {"rcv_wnd": size + 1},
        {"request_r_scale": 15},
        {"advmss": 0},
        {"advmss": 65496},
        {"queued": False},
        {"p1'": P2},
        {"i1'": I2},
    ):
        forbids(connect_1, h, a_connect(), **{**SYN, **bad})
    assert connect_1(h, a_connect(), Scripted(**{**SYN, "rcv_wnd": size})).oq.value
    forbids(connect_1, h, a_connect(ps2=None), **SYN)


def test_connect_1_is_a_call_that_blocks_or_fails() -> None:
    assert connect_1.categories == {Lh_call: (block, fast(fail))}


# -- blocked connects ---------------------------------------------------------------------------


def test_connect_2() -> None:
    for st in (ESTABLISHED, CLOSE_WAIT):
        h_ = connect_2(a_host(BSD, a_tcp(st=st), BLOCKED), TAU, Scripted())
        assert state_of(h_) == returning(OK_one())
    forbids(connect_2, a_host(BSD, a_tcp(st=SYN_SENT), BLOCKED), TAU)
    h = a_host(BSD, a_tcp(), BLOCKED)
    forbids(connect_2, replace(h, ts=h.ts.set(TID(5), h.ts[THREAD])), TAU)
    h = replace(h, ts=h.ts.set(TID(5), Timed(Connect2(OTHER), never_timer)))
    assert state_of(connect_2(h, TAU, Scripted(tid=THREAD))) == returning(OK_one())


def test_connect_3() -> None:
    h_ = connect_3(a_host(LINUX, closed(es=ECONNREFUSED), BLOCKED), TAU, Scripted())
    assert state_of(h_) == returning(FAIL(ECONNREFUSED))
    assert sock_of(h_).es is None
    h_ = connect_3(a_host(BSD, closed(es=ECONNREFUSED, cb=CANT), BLOCKED), TAU, Scripted())
    assert state_of(h_) == returning(FAIL(ECONNREFUSED))
    forbids(connect_3, a_host(BSD, closed(es=ECONNREFUSED), BLOCKED), TAU)
    forbids(connect_3, a_host(LINUX, closed(), BLOCKED), TAU)
    forbids(connect_3, a_host(LINUX, closed(st=SYN_SENT, es=ECONNREFUSED), BLOCKED), TAU)


def syn_sent(**fields: Any) -> Socket:
    return a_tcp(**{"st": SYN_SENT, **fields})


def test_connect_4_closes_the_socket() -> None:
    for arch in (BSD, LINUX, WINXP):
        h_ = connect_4(a_host(arch, syn_sent(es=ECONNREFUSED), BLOCKED), TAU, Scripted())
        assert state_of(h_) == returning(FAIL(ECONNREFUSED))
        assert sock_of(h_) == closed(fid=FILE, is1=I1, ps1=P1)


def test_connect_4_keeps_trying_after_eaddrnotavail_on_bsd() -> None:
    h_ = connect_4(a_host(BSD, syn_sent(es=EADDRNOTAVAIL), BLOCKED), TAU, Scripted())
    assert state_of(h_) == returning(FAIL(EADDRNOTAVAIL))
    assert sock_of(h_) == syn_sent(fid=FILE)
    h_ = connect_4(a_host(LINUX, syn_sent(es=EADDRNOTAVAIL), BLOCKED), TAU, Scripted())
    assert tcp_sock_of(sock_of(h_)).st == CLOSED


def test_connect_4_forbids_other_sockets() -> None:
    forbids(connect_4, a_host(BSD, syn_sent(), BLOCKED), TAU)
    forbids(connect_4, a_host(WINXP, syn_sent(es=EINVAL), BLOCKED), TAU)
    for fields in ({"cantsndmore": True}, {"cantrcvmore": True}, {"is1": None}, {"ps2": None}):
        forbids(connect_4, a_host(BSD, syn_sent(es=ENOBUFS, **fields), BLOCKED), TAU)
    forbids(connect_4, a_host(BSD, a_tcp(es=ENOBUFS), BLOCKED), TAU)


# -- connects that fail -------------------------------------------------------------------------


def test_connect_4a() -> None:
    h_ = connect_4a(a_host(BSD, closed(es=ECONNREFUSED)), a_connect(), Scripted())
    assert state_of(h_) == returning(FAIL(ECONNREFUSED))
    assert sock_of(h_).es is None
    forbids(connect_4a, a_host(BSD, closed()), a_connect())
    forbids(connect_4a, a_host(BSD, a_tcp(es=ECONNREFUSED)), a_connect())
    forbids(connect_4a, a_host(BSD, closed(es=ECONNREFUSED)), a_connect(ps2=None))


@pytest.mark.parametrize(
    ("arch", "st", "nonblocking", "e"),
    [
        (BSD, SYN_SENT, True, EALREADY),
        (WINXP, SYN_SENT, False, EALREADY),
        (BSD, SYN_SENT, False, EISCONN),
        (LINUX, SYN_SENT, False, None),
        (LINUX, SYN_RECEIVED, True, EALREADY),
        (WINXP, SYN_RECEIVED, False, EALREADY),
        (BSD, SYN_RECEIVED, False, EISCONN),
        (LINUX, SYN_RECEIVED, False, None),
        (WINXP, LISTEN, False, EINVAL),
        (BSD, LISTEN, False, EOPNOTSUPP),
        (LINUX, LISTEN, False, EISCONN),
        (BSD, ESTABLISHED, False, EISCONN),
        (BSD, CLOSE_WAIT, True, EISCONN),
        (LINUX, TIME_WAIT, False, EISCONN),
        (WINXP, TIME_WAIT, False, EISCONN),
        (BSD, TIME_WAIT, False, None),
        (BSD, CLOSED, False, None),
    ],
)
def test_connect_5(arch: Arch, st: Any, nonblocking: bool, e: Any) -> None:
    h = a_host(arch, a_tcp(st=st), flags={O_NONBLOCK} if nonblocking else ())
    if e is None:
        forbids(connect_5, h, a_connect())
    else:
        assert state_of(connect_5(h, a_connect(), Scripted())) == returning(FAIL(e))


def test_connect_5_on_a_socket_past_connecting() -> None:
    h_ = connect_5(a_host(BSD, closed(cb=CANT)), a_connect(), Scripted())
    assert state_of(h_) == returning(FAIL(EINVAL))
    forbids(connect_5, a_host(LINUX, closed(cb=CANT)), a_connect())
    forbids(connect_5, a_host(BSD, a_udp()), a_connect())


def test_connect_5a() -> None:
    h = a_host(LINUX, closed())
    h_ = connect_5a(h, a_connect(UNROUTABLE), Scripted())
    assert state_of(h_) == returning(FAIL(ENETUNREACH))
    assert (h_.socks, h_.bound) == (h.socks, h.bound)
    h_ = connect_5a(a_host(WINXP, unnamed_udp()), a_connect(UNROUTABLE), Scripted())
    assert state_of(h_) == returning(FAIL(EHOSTUNREACH))
    forbids(connect_5a, h, a_connect())
    forbids(connect_5a, a_host(LINUX, closed(is1=I1)), a_connect(UNROUTABLE))


def test_connect_5a_names_the_tcp_socket_on_bsd() -> None:
    h = a_host(BSD, closed(), bound=(OTHER,))
    choices = {"i1'": IP(127, 0, 0, 1), "p1'": Port(1025)}
    h_ = connect_5a(h, a_connect(UNROUTABLE), Scripted(**choices))
    assert state_of(h_) == returning(FAIL(EHOSTUNREACH))
    assert (sock_of(h_).is1, sock_of(h_).ps1) == (IP(127, 0, 0, 1), Port(1025))
    assert h_.bound == (SOCKET, OTHER)
    h_ = connect_5a(a_host(BSD, closed(ps1=P2)), a_connect(UNROUTABLE), Scripted())
    assert (sock_of(h_).ps1, h_.bound) == (P2, ())
    forbids(connect_5a, h, a_connect(UNROUTABLE), **{"i1'": I2})


def test_connect_5a_does_not_exempt_udp_on_bsd() -> None:
    h = a_host(BSD, unnamed_udp())
    h_ = connect_5a(h, a_connect(UNROUTABLE), Scripted())
    assert state_of(h_) == returning(FAIL(EHOSTUNREACH))
    assert h_.socks == h.socks


def test_connect_5a_when_the_interface_is_down() -> None:
    h = a_host(LINUX, closed())
    h = replace(h, ifds=h.ifds.set(LO, replace(h.ifds[LO], up=False)))
    h_ = connect_5a(h, a_connect(IP(127, 0, 0, 1)), Scripted())
    assert state_of(h_) == returning(FAIL(ENETDOWN))


def test_connect_5b_for_tcp() -> None:
    h = with_other(a_host(LINUX, closed(ps1=P1)), a_tcp())
    h_ = connect_5b(h, a_connect(), Scripted())
    assert state_of(h_) == returning(FAIL(EADDRINUSE))
    assert (h_.socks, h_.bound) == (h.socks, h.bound)
    forbids(connect_5b, h, a_connect(ps2=Port(81)))
    forbids(connect_5b, with_other(a_host(LINUX, closed(ps1=P1)), a_udp()), a_connect())


def test_connect_5b_may_give_a_socket_the_port_that_is_taken() -> None:
    h = with_other(a_host(LINUX, closed()), a_tcp())
    h_ = connect_5b(h, a_connect(), Scripted(**{"p1'": P1}))
    assert state_of(h_) == returning(FAIL(EADDRINUSE))
    assert sock_of(h_) == replace(sock_of(h), ps1=P1)
    assert h_.bound == (SOCKET, *h.bound)
    forbids(connect_5b, h, a_connect(), **{"p1'": Port(1025)})
    above = replace(h, params=HostParams(min_eph_port=1025, max_eph_port=1026))
    forbids(connect_5b, above, a_connect(), **{"p1'": P1})


def test_connect_5b_for_udp_forgets_the_peer() -> None:
    lbl = a_connect(ps2=Port(81))
    taken = a_udp(ps2=Port(81))
    h_ = connect_5b(with_other(a_host(BSD, a_udp()), taken), lbl, Scripted())
    assert state_of(h_) == returning(FAIL(EADDRINUSE))
    assert sock_of(h_).is1 is None
    assert (sock_of(h_).ps1, sock_of(h_).is2, sock_of(h_).ps2) == (P1, None, None)
    h_ = connect_5b(with_other(a_host(BSD, a_udp(is2=None, ps2=None)), taken), lbl, Scripted())
    assert sock_of(h_).is1 == I1
    forbids(connect_5b, with_other(a_host(LINUX, a_udp()), taken), lbl)
    forbids(connect_5b, with_other(a_host(WINXP, a_udp()), taken), lbl)


def test_connect_5c() -> None:
    def full(h: Host, sock: Socket) -> Host:
        ports = {SID(20 + p): replace(sock, fid=None, ps1=Port(p)) for p in (1024, 1025, 1026)}
        return replace(h, socks=h.socks.update(ports))

    h_ = connect_5c(full(a_host(BSD, closed()), closed()), a_connect(), Scripted())
    assert state_of(h_) == returning(FAIL(EADDRNOTAVAIL))
    forbids(connect_5c, a_host(BSD, closed()), a_connect())
    forbids(connect_5c, full(a_host(BSD, unnamed_udp()), closed()), a_connect())
    forbids(connect_5c, full(a_host(BSD, closed(ps1=P1)), closed()), a_connect())


def test_connect_5d() -> None:
    for arch, st in ((LINUX, SYN_SENT), (BSD, SYN_RECEIVED)):
        h_ = connect_5d(a_host(arch, a_tcp(st=st)), a_connect(), Scripted())
        assert state_of(h_) == Timed(BLOCKED, never_timer)
    forbids(connect_5d, a_host(WINXP, syn_sent()), a_connect())
    forbids(connect_5d, a_host(LINUX, syn_sent(), flags={O_NONBLOCK}), a_connect())
    forbids(connect_5d, a_host(LINUX, a_tcp()), a_connect())


def test_connect_6() -> None:
    h = a_host(BSD, closed(cantsndmore=True))
    h_ = connect_6(h, a_connect(), Scripted())
    assert state_of(h_) == returning(FAIL(EINVAL))
    assert h_.socks == h.socks
    forbids(connect_6, a_host(BSD, closed()), a_connect())
    forbids(connect_6, a_host(LINUX, closed(cantsndmore=True)), a_connect())
    forbids(connect_6, a_host(BSD, a_tcp(cantsndmore=True)), a_connect())


# -- UDP ----------------------------------------------------------------------------------------


def test_connect_7() -> None:
    h_ = connect_7(a_host(BSD, unnamed_udp(), bound=(OTHER,)), a_connect(), Scripted())
    assert state_of(h_) == returning(OK_one())
    assert sock_of(h_) == a_udp(fid=FILE, ps1=Port(1024))
    assert h_.bound == (SOCKET, OTHER)
    h_ = connect_7(a_host(LINUX, unnamed_udp(), bound=(OTHER,)), a_connect(ps2=None), Scripted())
    assert (sock_of(h_).is2, sock_of(h_).ps2) == (I2, None)


def test_connect_7_allows_sending_again_on_winxp() -> None:
    sock = replace(unnamed_udp(), ps1=P1, cantsndmore=True)
    h_ = connect_7(a_host(WINXP, sock), a_connect(), Scripted())
    assert not sock_of(h_).cantsndmore
    assert h_.bound == ()
    assert sock_of(connect_7(a_host(BSD, sock), a_connect(), Scripted())).cantsndmore


def test_connect_7_forbids_more_on_bsd() -> None:
    def both(sock: Socket, lbl: Lh_call) -> None:
        h = with_other(a_host(BSD, sock), a_udp())
        forbids(connect_7, h, lbl)
        h = replace(h, arch=LINUX)
        assert state_of(connect_7(h, lbl, Scripted())) == returning(OK_one())

    both(replace(unnamed_udp(), ps1=P1), a_connect())
    both(unnamed_udp(), a_connect(ps2=None))
    both(replace(unnamed_udp(), es=ECONNREFUSED), a_connect())
    forbids(connect_7, a_host(LINUX, a_udp()), a_connect())
    forbids(connect_7, a_host(LINUX, unnamed_udp()), a_connect(UNROUTABLE))


def test_connect_8() -> None:
    lbl = a_connect(ps2=Port(81))
    for sock in (a_udp(), a_udp(is2=None, ps2=None)):
        h_ = connect_8(a_host(BSD, sock), lbl, Scripted())
        assert state_of(h_) == returning(OK_one())
        assert sock_of(h_) == a_udp(fid=FILE, ps2=Port(81))
    h_ = connect_8(a_host(WINXP, a_udp(cantsndmore=True)), lbl, Scripted())
    assert not sock_of(h_).cantsndmore


def test_connect_8_forbids_more_on_bsd() -> None:
    def both(sock: Socket, lbl: Lh_call) -> None:
        h = with_other(a_host(BSD, sock), a_udp(ps2=Port(81)))
        forbids(connect_8, h, lbl)
        h = replace(h, arch=LINUX)
        assert state_of(connect_8(h, lbl, Scripted())) == returning(OK_one())

    both(a_udp(), a_connect(ps2=Port(81)))
    both(a_udp(), a_connect(ps2=None))
    both(a_udp(es=ECONNREFUSED), a_connect())
    forbids(connect_8, a_host(LINUX, unnamed_udp()), a_connect())
    forbids(connect_8, a_host(LINUX, a_tcp()), a_connect())


def test_connect_9() -> None:
    lbl = a_connect(ps2=None)
    h_ = connect_9(a_host(BSD, a_udp()), lbl, Scripted())
    assert state_of(h_) == returning(FAIL(EADDRNOTAVAIL))
    assert (sock_of(h_).is1, sock_of(h_).ps1, sock_of(h_).is2, sock_of(h_).ps2) == (None, P1, None, None)
    h_ = connect_9(a_host(BSD, a_udp(is2=None, ps2=None)), lbl, Scripted())
    assert sock_of(h_).is1 == I1
    forbids(connect_9, a_host(BSD, a_udp()), a_connect())
    forbids(connect_9, a_host(LINUX, a_udp()), lbl)
    forbids(connect_9, a_host(BSD, a_tcp()), lbl)


def test_connect_10() -> None:
    sock = a_udp(es=ECONNREFUSED)
    lbl = a_connect(ps2=Port(81))
    h_ = connect_10(a_host(BSD, sock), lbl, Scripted())
    assert state_of(h_) == returning(FAIL(ECONNREFUSED))
    assert sock_of(h_) == a_udp(fid=FILE, ps2=Port(81))
    forbids(connect_10, with_other(a_host(BSD, sock), a_udp(ps2=Port(81))), lbl)
    forbids(connect_10, a_host(BSD, a_udp()), lbl)
    forbids(connect_10, a_host(BSD, sock), a_connect(ps2=None))
    forbids(connect_10, a_host(LINUX, sock), lbl)
