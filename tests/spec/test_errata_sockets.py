"""Each erratum of the Sockets API: what the text says, and what the call does once it is corrected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I2, LINUX, P1, P2, UNROUTABLE, WINXP
from socket_hosts import (
    SOCK_FD,
    SOCKET,
    TAU,
    THREAD,
    a_dgram,
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
    FAIL,
    FD,
    MSG_OOB,
    MSG_PEEK,
    O_NONBLOCK,
    SO_LINGER,
    SO_SNDBUF,
    SOCK_STREAM,
    OK_fdlisttriple,
    OK_one,
    OK_string_ipportpair_pair,
    Port,
)
from netspec.base.errors import (
    EADDRINUSE,
    EBADF,
    EHOSTUNREACH,
    EINVAL,
    EISCONN,
    EMFILE,
    ENETUNREACH,
    ENFILE,
    ENOBUFS,
    ENOMEM,
)
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.readiness import sowriteable
from netspec.tcp.errata import sockets as errata
from netspec.tcp.errata.erratum import Erratum
from netspec.tcp.host_types import Host, Socket, tcp_sock_of
from netspec.tcp.params import FD_SETSIZE, OPEN_MAX, SID, Arch
from netspec.tcp.pre_host_types import CLOSED, LAST_ACK, LISTEN, Close2, HostParams, Recv2, Run
from netspec.tcp.rule import Rule
from netspec.tcp.rules import misc_calls, send_udp
from netspec.tcp.rules.close import close_5
from netspec.tcp.rules.connect import connect_5a, connect_5b
from netspec.tcp.rules.dup import dupfd_1, dupfd_3, dupfd_4
from netspec.tcp.rules.misc_calls import resourcefail_1
from netspec.tcp.rules.pselect import pselect_1, pselect_2, pselect_3, pselect_5
from netspec.tcp.rules.recv import recv_1, recv_3
from netspec.tcp.rules.recv_udp import recv_15
from netspec.tcp.rules.send import send_1
from netspec.tcp.rules.send_udp import send_9, send_10, send_11, send_14, send_19, send_21
from netspec.tcp.rules.sockopts import setsocktopt_1

OTHER = SID(2)
TO_PEER = (I2, P2)


def fixed(*corrections: Erratum, arch: Arch = BSD) -> Arch:
    """An architecture with errata corrected."""
    return replace(arch, deviations=frozenset(erratum.name for erratum in corrections))


def bound_udp(port: Port) -> Socket:
    return replace(unnamed_udp(), ps1=port)


def test_every_erratum_is_tested_here() -> None:
    tested = {name for name in globals() if name.startswith("test_")}
    assert {f"test_{erratum.name.replace('-', '_')}" for erratum in errata.ERRATA} <= tested


# -- close and connect -----------------------------------------------------------------------------


def test_linger_ends_closed() -> None:
    def lingering(arch: Arch) -> Host:
        sock = replace(a_tcp(st=LAST_ACK, cantsndmore=True, cantrcvmore=True), fid=None)
        h = a_host(arch, sock, Close2(SOCKET))
        return replace(h, socks=h.socks.set(SOCKET, tcp_close(arch, sock)))

    on, off = lingering(fixed(errata.LINGER_ENDS_CLOSED)), lingering(BSD)
    assert sock_of(on).is1 is None and tcp_sock_of(sock_of(on)).st == CLOSED
    forbids(close_5, off, TAU)
    assert state_of(close_5(on, TAU, Scripted())) == returning(OK_one())
    forbids(close_5, replace(on, socks=on.socks.set(SOCKET, replace(sock_of(on), cantsndmore=False))), TAU)


def test_unrouted_udp_connect() -> None:
    lbl = call(lib.connect(SOCK_FD, UNROUTABLE, P2))
    assert state_of(connect_5a(a_host(BSD, unnamed_udp()), lbl, Scripted())) == returning(FAIL(EHOSTUNREACH))
    forbids(connect_5a, a_host(fixed(errata.UNROUTED_UDP_CONNECT), unnamed_udp()), lbl)
    for arch, sock in ((BSD, a_tcp(st=CLOSED, is1=None)), (LINUX, unnamed_udp()), (WINXP, unnamed_udp())):
        h = a_host(fixed(errata.UNROUTED_UDP_CONNECT, arch=arch), sock)
        e = ENETUNREACH if arch is LINUX else EHOSTUNREACH
        assert state_of(connect_5a(h, lbl, Scripted())) == returning(FAIL(e))


def test_ports_of_the_host() -> None:
    def connecting(arch: Arch, **fields: Any) -> Host:
        h = a_host(arch, a_tcp(**{"st": CLOSED, "is1": None, "is2": None, "ps2": None, **fields}))
        return replace(h, socks=h.socks.set(OTHER, a_tcp()))

    connect = call(lib.connect(SOCK_FD, I2, P2))
    on = fixed(errata.PORTS_OF_THE_HOST)
    taken = {"p1'": P1}
    assert sock_of(connect_5b(connecting(BSD, ps1=None), connect, Scripted(**taken))).ps1 == P1
    forbids(connect_5b, connecting(on, ps1=None), connect, **taken)
    assert state_of(connect_5b(connecting(on, ps1=P1), connect, Scripted())) == returning(FAIL(EADDRINUSE))

    send = call(lib.send(SOCK_FD, TO_PEER, b"", ()))
    none_left = HostParams(min_eph_port=2, max_eph_port=1)
    refused = returning(FAIL(ENOBUFS))
    assert state_of(send_14(a_host(BSD, unnamed_udp()), send, Scripted(e=ENOBUFS))) == refused
    forbids(send_14, a_host(on, unnamed_udp()), send)
    assert state_of(send_14(a_host(on, unnamed_udp(), params=none_left), send, Scripted(e=ENOBUFS))) == refused


# -- descriptors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("arch", "e"), [(BSD, EBADF), (LINUX, EINVAL)])
def test_dupfd_number(arch: Arch, e: Any) -> None:
    on = fixed(errata.DUPFD_NUMBER, arch=arch)
    for n in (-1, OPEN_MAX):
        lbl = call(lib.dupfd(SOCK_FD, n))
        assert state_of(dupfd_3(a_host(on, a_tcp()), lbl, Scripted(err=ENOMEM))) == returning(FAIL(e))
    negative, large = call(lib.dupfd(SOCK_FD, -1)), call(lib.dupfd(SOCK_FD, OPEN_MAX))
    assert state_of(dupfd_3(a_host(arch, a_tcp()), negative, Scripted(err=ENOMEM))) == returning(FAIL(ENOMEM))
    forbids(dupfd_3, a_host(on, a_tcp()), call(lib.dupfd(SOCK_FD, OPEN_MAX - 1)))
    assert state_of(dupfd_3(a_host(WINXP, a_tcp()), large, Scripted())) == returning(FAIL(EINVAL))
    forbids(dupfd_3, a_host(fixed(errata.DUPFD_NUMBER, arch=WINXP), a_tcp()), large)


def test_dupfd_none_free() -> None:
    def full_from(arch: Arch, n: int) -> Host:
        h = a_host(arch, a_tcp())
        return replace(h, fds=h.fds.update({FD(k): h.fds[SOCK_FD] for k in range(n, OPEN_MAX)}))

    on = fixed(errata.DUPFD_NONE_FREE)
    lbl = call(lib.dupfd(SOCK_FD, 900))
    for arch in (BSD, on):
        assert state_of(dupfd_4(full_from(arch, 900), lbl, Scripted())) == returning(FAIL(EMFILE))
        forbids(dupfd_1, full_from(arch, 900), lbl)
    assert state_of(dupfd_4(full_from(BSD, 901), lbl, Scripted())) == returning(FAIL(EMFILE))
    forbids(dupfd_4, full_from(on, 901), lbl)
    forbids(dupfd_4, full_from(on, 900), call(lib.dupfd(SOCK_FD, OPEN_MAX)))


# -- options ---------------------------------------------------------------------------------------


def test_linger_in_seconds() -> None:
    lbl = call(lib.setsocktopt(SOCK_FD, SO_LINGER, (1, 500000000)))
    assert state_of(setsocktopt_1(a_host(BSD, a_tcp()), lbl, Scripted())) == returning(OK_one())
    on = a_host(fixed(errata.LINGER_IN_SECONDS), a_tcp())
    forbids(setsocktopt_1, on, lbl)
    for t in ((2, 0), None):
        lbl = call(lib.setsocktopt(SOCK_FD, SO_LINGER, t))
        assert state_of(setsocktopt_1(on, lbl, Scripted())) == returning(OK_one())


# -- pselect ---------------------------------------------------------------------------------------


def a_pselect(r: tuple[FD, ...], w: tuple[FD, ...] = (), timeout: tuple[int, int] | None = (0, 0)) -> Any:
    return call(lib.pselect(r, w, (), timeout, None))


def test_bad_descriptors_on_bsd() -> None:
    bad, waits = FD(9), a_pselect((FD(9), SOCK_FD), timeout=(5, 0))
    lbl = a_pselect((bad, SOCK_FD))
    on = fixed(errata.BAD_DESCRIPTORS_ON_BSD)
    for rule in (pselect_1, pselect_2):
        forbids(rule, a_host(BSD, a_udp()), lbl)
    assert state_of(pselect_1(a_host(on, a_udp()), lbl, Scripted())) == returning(OK_fdlisttriple((bad,), (), ()))
    blocked = pselect_2(a_host(on, a_udp()), waits, Scripted())
    ready = replace(blocked, socks=blocked.socks.set(SOCKET, a_udp(a_dgram(b"a"))))
    assert state_of(pselect_3(ready, TAU, Scripted())) == returning(OK_fdlisttriple((bad, SOCK_FD), (), ()))
    for rule in (pselect_1, pselect_2):
        forbids(rule, a_host(fixed(errata.BAD_DESCRIPTORS_ON_BSD, arch=LINUX), a_udp()), lbl)


def test_empty_sets_on_windows() -> None:
    h, on = a_host(WINXP, a_udp()), a_host(fixed(errata.EMPTY_SETS_ON_WINDOWS, arch=WINXP), a_udp())
    lbl = a_pselect((SOCK_FD,), (SOCK_FD,))
    for rule in (pselect_1, pselect_2):
        forbids(rule, h, lbl)
        rule(on, lbl, Scripted())
        forbids(rule, on, a_pselect(()))
    assert state_of(pselect_5(on, a_pselect(()), Scripted())) == returning(FAIL(EINVAL))


def test_full_set_on_windows() -> None:
    def some(n: int) -> Any:
        return call(lib.pselect((SOCK_FD,) * n, (SOCK_FD,), (SOCK_FD,), (0, 0), None))

    h, on = a_host(WINXP, a_udp()), a_host(fixed(errata.FULL_SET_ON_WINDOWS, arch=WINXP), a_udp())
    size = FD_SETSIZE(WINXP)
    assert state_of(pselect_5(h, some(size), Scripted())) == returning(FAIL(EINVAL))
    forbids(pselect_5, on, some(size))
    for rule in (pselect_1, pselect_2):
        forbids(rule, h, some(size))
        rule(on, some(size), Scripted())
        forbids(rule, on, some(size + 1))
    assert state_of(pselect_5(on, some(size + 1), Scripted())) == returning(FAIL(EINVAL))


def test_linux_writeable() -> None:
    on = fixed(errata.LINUX_WRITEABLE, arch=LINUX)
    full = a_tcp(sndq=bytes(a_tcp().sf.n[SO_SNDBUF]))
    assert sowriteable(LINUX, full) and not sowriteable(on, full)
    assert sowriteable(LINUX, a_tcp(st=LISTEN)) and not sowriteable(on, a_tcp(st=LISTEN))
    assert sowriteable(LINUX, a_tcp(cantsndmore=True)) and not sowriteable(on, a_tcp(cantsndmore=True))
    for sock in (a_tcp(), a_tcp(st=CLOSED), replace(full, es=EBADF)):
        assert sowriteable(on, sock)
    for arch in (BSD, WINXP):
        assert sowriteable(fixed(errata.LINUX_WRITEABLE, arch=arch), replace(full, cantsndmore=True))


# -- receiving -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [recv_1, recv_3])
def test_peek_keeps_mark(rule: Rule) -> None:
    def mark(arch: Arch, om: int, n: int, *opts: Any) -> int | None:
        h = a_host(arch, a_tcp(rcvq=b"abcd", rcvurp=om))
        if rule is recv_3:
            h = replace(h, ts=h.ts.set(THREAD, Timed(Recv2(SOCKET, n, frozenset(opts)), never_timer)))
        h_ = rule(h, TAU if rule is recv_3 else call(lib.recv(SOCK_FD, n, opts)), Scripted())
        return tcp_sock_of(sock_of(h_)).rcvurp

    on = fixed(errata.PEEK_KEEPS_MARK)
    assert (mark(BSD, 3, 2, MSG_PEEK), mark(on, 3, 2, MSG_PEEK)) == (1, 3)
    assert (mark(BSD, 3, 9, MSG_PEEK), mark(on, 3, 9, MSG_PEEK)) == (0, 3)
    assert (mark(on, 3, 2), mark(on, 0, 2, MSG_PEEK)) == (1, None)


def test_data_of_datagram() -> None:
    def receive(arch: Arch, data: bytes) -> Any:
        h = a_host(arch, a_udp(a_dgram(b"abcd")), Recv2(SOCKET, 2, frozenset()))
        return state_of(recv_15(h, TAU, Scripted(**{"data'": data})))

    received = {data: returning(OK_string_ipportpair_pair(data, ((I2, P2), False))) for data in (b"ab", b"xy")}
    for data in received:
        assert receive(BSD, data) == received[data]
        assert receive(fixed(errata.DATA_OF_DATAGRAM), data) == received[b"ab"]


# -- sending ---------------------------------------------------------------------------------------


def test_urgent_end_of_send() -> None:
    def urgent(arch: Arch, *opts: Any) -> int | None:
        h = a_host(arch, a_tcp(sndq=b"ab"))
        return tcp_sock_of(sock_of(send_1(h, call(lib.send(SOCK_FD, None, b"xyz", opts)), Scripted(space=3)))).sndurp

    for arch in ARCHS:
        on = fixed(errata.URGENT_END_OF_SEND, arch=arch)
        assert (urgent(arch, MSG_OOB), urgent(on, MSG_OOB), urgent(on)) == (None, 4, None)


@pytest.mark.parametrize("rule", [send_9, send_10, send_11])
def test_addressed_send_on_bsd(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    lbl = call(lib.send(SOCK_FD, TO_PEER, b"", ()))
    flags = (O_NONBLOCK,) if rule is send_11 else ()
    if rule is not send_9:
        # The model's infinite resources rule out that a datagram is not queued.
        monkeypatch.setattr(send_udp, "dosend", lambda *arguments: (arguments[4], False))

    def a_sender(arch: Arch, sock: Socket) -> Host:
        h = a_host(arch, sock, Run, flags)
        return replace(h, socks=h.socks.set(OTHER, a_udp(ps1=Port(1025))))

    on, connected, same_quad = fixed(errata.ADDRESSED_SEND_ON_BSD), a_udp(), bound_udp(Port(1025))
    for sock in (connected, same_quad):
        for arch in (BSD, fixed(errata.ADDRESSED_SEND_ON_BSD, arch=LINUX)):
            rule(a_sender(arch, sock), lbl, Scripted())
        forbids(rule, a_sender(on, sock), lbl)
    rule(a_sender(on, bound_udp(Port(1026))), lbl, Scripted())
    rule(a_sender(on, connected), call(lib.send(SOCK_FD, None, b"", ())), Scripted())


def test_addressed_send_on_bsd_fails_in_one_way() -> None:
    lbl = call(lib.send(SOCK_FD, TO_PEER, b"", ()))
    on, in_use = fixed(errata.ADDRESSED_SEND_ON_BSD), returning(FAIL(EADDRINUSE))
    # What the socket itself is connected to is taken by no other.
    assert state_of(send_19(a_host(BSD, a_udp()), lbl, Scripted())) == in_use
    forbids(send_19, a_host(on, a_udp()), lbl)
    assert state_of(send_21(a_host(on, a_udp()), lbl, Scripted())) == returning(FAIL(EISCONN))
    for sock, fails in ((bound_udp(P1), True), (a_udp(ps2=Port(81)), False)):
        h = a_host(on, sock)
        h = replace(h, socks=h.socks.set(OTHER, a_udp()))
        if fails:
            assert state_of(send_19(h, lbl, Scripted())) == in_use
        else:
            forbids(send_19, h, lbl)


# -- resources -------------------------------------------------------------------------------------


def test_socket_needs_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_sockets(arch: Arch) -> Host:
        h = a_host(arch, a_tcp())
        return replace(h, fds=h.fds.delete(SOCK_FD))

    lbl, on = call(lib.socket(SOCK_STREAM)), without_sockets(fixed(errata.SOCKET_NEEDS_NO_SOCKET))
    forbids(resourcefail_1, on, lbl)
    monkeypatch.setattr(misc_calls, "INFINITE_RESOURCES", False)
    forbids(resourcefail_1, without_sockets(BSD), lbl)
    assert state_of(resourcefail_1(on, lbl, Scripted(e=ENFILE))) == returning(FAIL(ENFILE))
    forbids(resourcefail_1, on, call(lib.getpeername(SOCK_FD)))
