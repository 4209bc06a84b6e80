from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import immutables
import pytest
from support import Scripted

from netspec.base.base_types import (
    ETH,
    FD,
    LO,
    NETMASK,
    O_NONBLOCK,
    SO_BSDCOMPAT,
    SO_LINGER,
    SO_RCVBUF,
    SO_RCVLOWAT,
    SO_SNDBUF,
    SO_SNDLOWAT,
    SOCK_DGRAM,
    SOCK_STREAM,
    TID,
    IfId,
    Ip,
    OK_one,
    Port,
)
from netspec.base.choose import PremiseFailed
from netspec.base.errors import ECONNREFUSED, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENOBUFS
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.base.time import Time, time_infty
from netspec.base.timers import Timed, Timer, TimeWindow, TimeWindowClosed, never_timer, sharp_timer
from netspec.base.utils import Some
from netspec.tcp import lib_interface as lib
from netspec.tcp import pre_host_types as pre
from netspec.tcp.host0 import Lh_call, Lh_tau
from netspec.tcp.host_init import dummy_cb, dummy_socket, initial_host, simple_host, simple_rttab
from netspec.tcp.host_types import (
    TCP_PROTO,
    Host,
    Socket,
    Tracecb,
    TraceRecord,
    UDP_Sock,
    ephemeral_ports,
    privileged_ports,
    proto_eq,
    tcp_proto,
    tcp_sock_of,
    tracecb_eq,
    tracesock_eq,
    udp_proto,
    udp_sock_of,
)
from netspec.tcp.net_types import (
    ICMP,
    ICMP_UNREACH,
    NEEDFRAG,
    PORT,
    PROTO_UDP,
    TCP,
    UDP,
    IcmpDatagram,
    TcpSegment,
    UdpDatagram,
    msg_is1,
    msg_is2,
    sane_msg,
)
from netspec.tcp.params import (
    FD_SETSIZE,
    FID,
    SID,
    TCPTV_MAXIDLE,
    Arch,
    ArchBase,
    File,
    FreeBSD_4_6_RELEASE,
    FT_Console,
    FT_Socket,
    Linux_2_4_20_8,
    UDPpayloadMax,
    WinXP_Prof_SP1,
    backlog_fudge,
    deviates,
    ff_default,
    sf_default,
    sf_max_n,
    sf_min_n,
    stopwatch_zero,
    tickintvlmax,
    tickintvlmin,
)
from netspec.tcp.pre_host_types import (
    ESTABLISHED,
    IP,
    LISTEN,
    SYN_SENT,
    TA_DROP,
    TA_INPUT,
    TA_OUTPUT,
    TA_USER,
    TIME_WAIT,
    Accept2,
    Connect2,
    HostParams,
    Ifd,
    MsgQueue,
    Ret,
    RoutingTableEntry,
    Run,
    SocketListen,
    TraceFlavour,
    ip_localhost,
    sched_timer,
)
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, thread, with_sock, with_thread

BSD, LINUX, WINXP = FreeBSD_4_6_RELEASE, Linux_2_4_20_8, WinXP_Prof_SP1
HERE, THERE, NOWHERE = IP(192, 168, 0, 1), IP(192, 168, 0, 2), IP(10, 0, 0, 1)
ETH0 = Ifd(frozenset({HERE}), HERE, NETMASK(24), True)
LO0 = Ifd(pre.LOOPBACK_ADDRS, ip_localhost, NETMASK(8), True)
IFDS: immutables.Map[IfId, Ifd] = immutables.Map([(LO, LO0), (ETH(0), ETH0)])
DOWN = IFDS.set(ETH(0), replace(ETH0, up=False))
RTTAB = (
    RoutingTableEntry(ip_localhost, NETMASK(8), LO),
    RoutingTableEntry(HERE, NETMASK(24), ETH(0)),
)
T0 = TID(7)


def a_host(**changes: Any) -> Host:
    h = initial_host(
        HERE,
        T0,
        BSD,
        False,
        [(None, Port(22))],
        IFDS.items(),
        RTTAB,
        range(3),
        ts_seq(5),
        Fraction(1, 1000),
        HostParams(1024, 4999),
    )
    return replace(h, **changes)


def udp_message(is1: Ip | None = HERE, is2: Ip | None = THERE, data: bytes = b"") -> UDP:
    return UDP(UdpDatagram(is1, is2, Port(1), Port(2), data))


def tcp_message(data: bytes) -> TCP:
    seq, ack = tcp_seq_local(0), tcp_seq_foreign(0)
    flags = (False,) * 6
    return TCP(TcpSegment(HERE, THERE, Port(1), Port(2), seq, ack, *flags, 0, None, 0, None, None, data))


# -- messages -----------------------------------------------------------------------------


def test_sizes_of_messages() -> None:
    assert sane_msg(tcp_message(bytes(65495))) and not sane_msg(tcp_message(bytes(65496)))
    assert sane_msg(udp_message(data=bytes(65507))) and not sane_msg(udp_message(data=bytes(65508)))


def test_addresses_of_messages() -> None:
    icmp = IcmpDatagram(THERE, HERE, HERE, THERE, None, None, PROTO_UDP, None, ICMP_UNREACH(PORT))
    assert (msg_is1(ICMP(icmp)), msg_is2(ICMP(icmp))) == (THERE, HERE)
    assert (msg_is1(udp_message()), msg_is2(udp_message())) == (HERE, THERE)
    assert sane_msg(ICMP(icmp))
    assert ICMP_UNREACH(NEEDFRAG(None)) != ICMP_UNREACH(NEEDFRAG(1500))


# -- parameters ------------------------------------------------------------------------------


def test_socket_options_of_each_architecture() -> None:
    def numbers(limit: Callable[[Arch, Any], int], arch: Arch) -> list[int]:
        return [limit(arch, f) for f in (SO_SNDBUF, SO_RCVBUF, SO_SNDLOWAT, SO_RCVLOWAT)]

    bsd_max = 262144 * 2048 // 2304
    assert numbers(lambda a, f: sf_default(a, SOCK_STREAM).n[f], BSD) == [32768, 57344, 2048, 1]
    assert numbers(lambda a, f: sf_default(a, SOCK_STREAM).n[f], LINUX) == [16384, 43689, 1, 1]
    assert numbers(lambda a, f: sf_default(a, SOCK_STREAM).n[f], WINXP) == [8192, 8192, 1, 1]
    assert numbers(lambda a, f: sf_default(a, SOCK_DGRAM).n[f], BSD) == [9216, 42080, 2048, 1]
    assert numbers(lambda a, f: sf_default(a, SOCK_DGRAM).n[f], LINUX) == [65535, 65535, 1, 1]
    assert numbers(lambda a, f: sf_default(a, SOCK_DGRAM).n[f], WINXP) == [8192, 8192, 1, 1]
    assert numbers(sf_min_n, BSD) == [1, 1, 1, 1]
    assert numbers(sf_min_n, LINUX) == [2048, 256, 1, 1]
    assert numbers(sf_min_n, WINXP) == [0, 0, 1, 1]
    assert numbers(sf_max_n, BSD) == [bsd_max] * 4
    assert numbers(sf_max_n, LINUX) == [131070, 131070, 1, 2**31 - 1]
    assert numbers(sf_max_n, WINXP) == [131070, 131070, 1, 1]
    assert sf_default(BSD, SOCK_STREAM).t[SO_LINGER] is time_infty
    assert sf_default(BSD, SOCK_STREAM).b[SO_BSDCOMPAT] is ff_default.b[O_NONBLOCK] is False


def test_limits_of_each_architecture() -> None:
    assert [FD_SETSIZE(arch) for arch in (BSD, LINUX, WINXP)] == [1024, 1024, 64]
    assert [UDPpayloadMax(arch) for arch in (BSD, LINUX, WINXP)] == [9216, 65507, 65507]
    assert [backlog_fudge(n) for n in (-1, 5, 1000)] == [0, 5, 128]


def test_rates() -> None:
    assert (tickintvlmin(BSD), tickintvlmax(BSD)) == (Fraction(2, 210), Fraction(21, 2000))
    assert (stopwatch_zero.ratemin, stopwatch_zero.ratemax) == (Fraction(20, 21), Fraction(21, 20))
    assert TCPTV_MAXIDLE == 600


def test_deviations_do_not_change_the_architecture() -> None:
    arch = Arch("other", ArchBase.FreeBSD_4_6_RELEASE, frozenset({"odd"}))
    assert deviates(arch, "odd") and not deviates(arch, "even") and not deviates(BSD, "odd")
    assert FD_SETSIZE(arch) == FD_SETSIZE(BSD)
    assert pre.bsd_arch(arch) and pre.unix_arch(arch)
    assert not pre.linux_arch(arch) and not pre.windows_arch(arch)
    assert pre.unix_arch(LINUX) and not pre.unix_arch(WINXP)


# -- addresses -------------------------------------------------------------------------------------


def test_masks() -> None:
    assert pre.mask(NETMASK(24), THERE) == IP(192, 168, 0, 0)
    assert pre.mask(NETMASK(0), THERE) == Ip(0)
    assert pre.mask(NETMASK(32), THERE) == THERE
    assert pre.mask_bits(NETMASK(17)) == IP(255, 255, 128, 0).n


def test_sets_of_addresses() -> None:
    assert IP(127, 200, 0, 9) in pre.LOOPBACK_ADDRS and IP(126, 0, 0, 1) not in pre.LOOPBACK_ADDRS
    assert IP(239, 255, 0, 1) in pre.IN_MULTICAST and IP(240, 0, 0, 0) not in pre.IN_MULTICAST
    assert None not in pre.IN_MULTICAST


@pytest.mark.parametrize("lo", [LO0, replace(LO0, ipset=frozenset({ip_localhost}))])
def test_local_addresses(lo: Ifd) -> None:
    ifds = IFDS.set(LO, lo)
    for i in (HERE, ip_localhost):
        assert i in pre.local_ips(ifds) and pre.in_local(ifds, i)
    assert THERE not in pre.local_ips(ifds) and not pre.in_local(ifds, THERE)
    assert pre.local_primary_ips(ifds) == {HERE, ip_localhost}
    assert pre.is_localnet(ifds, THERE) and not pre.is_localnet(ifds, NOWHERE)


def test_loopback_addresses_are_local_without_an_interface() -> None:
    assert pre.in_local(immutables.Map(), ip_localhost)
    assert ip_localhost not in pre.local_ips(immutables.Map())


@pytest.mark.parametrize(
    ("i", "expected"),
    [
        (IP(192, 168, 0, 255), True),
        (IP(192, 168, 0, 0), True),
        (IP(255, 255, 255, 255), True),
        (IP(224, 0, 0, 1), True),
        (THERE, False),
    ],
)
def test_broadcast_and_multicast(i: Ip, expected: bool) -> None:
    assert pre.is_broadormulticast(IFDS, i) is expected


# -- routes -----------------------------------------------------------------------------------------


def test_routes() -> None:
    assert pre.outroute(THERE, RTTAB, IFDS) == ETH(0)
    assert pre.outroute(THERE, RTTAB, DOWN) is None
    assert pre.outroute(NOWHERE, RTTAB, IFDS) is None
    assert pre.outroute_ifids(ip_localhost, simple_rttab) == (LO, ETH(0))


def test_source_addresses() -> None:
    assert pre.auto_outroute(THERE, None, RTTAB, IFDS) == {HERE}
    assert pre.auto_outroute(NOWHERE, None, RTTAB, IFDS) == set()
    assert pre.auto_outroute(NOWHERE, THERE, RTTAB, IFDS) == {THERE}


def test_errors_of_routing() -> None:
    assert pre.test_outroute(udp_message(), RTTAB, IFDS, BSD) == Some(None)
    assert pre.test_outroute(udp_message(), RTTAB, DOWN, BSD) == Some(ENETDOWN)
    assert pre.test_outroute(udp_message(is2=NOWHERE), RTTAB, IFDS, BSD) == Some(EHOSTUNREACH)
    assert pre.test_outroute(udp_message(is2=NOWHERE), RTTAB, IFDS, LINUX) == Some(ENETUNREACH)
    assert pre.test_outroute(udp_message(is2=None), RTTAB, IFDS, BSD) is None


def test_a_route_by_an_interface_that_does_not_exist() -> None:
    with pytest.raises(PremiseFailed):
        pre.outroute(THERE, RTTAB, IFDS.delete(ETH(0)))


@pytest.mark.parametrize(
    ("is1", "is2", "expected"),
    [
        (ip_localhost, THERE, True),
        (ip_localhost, HERE, False),
        (ip_localhost, ip_localhost, False),
        (HERE, THERE, False),
        (None, THERE, False),
        (ip_localhost, None, False),
    ],
)
def test_loopback_on_wire(is1: Ip | None, is2: Ip | None, expected: bool) -> None:
    assert pre.loopback_on_wire(udp_message(is1, is2), IFDS) is expected


# -- descriptors and times ---------------------------------------------------------------------------


def test_new_descriptors() -> None:
    fds = immutables.Map({FD(0): FID(1), FD(2): FID(1), FD(3): FID(2)})
    assert pre.nextfd(BSD, fds, Scripted(**{"fd'": FD(9)})) == FD(1)
    assert pre.nextfd(WINXP, fds, Scripted(**{"fd'": FD(9)})) == FD(9)
    with pytest.raises(PremiseFailed):
        pre.nextfd(WINXP, fds, Scripted(**{"fd'": FD(2)}))
    assert [pre.fid_ref_count(fds, FID(n)) for n in (0, 1, 2)] == [0, 2, 1]


def test_order_of_descriptors() -> None:
    assert pre.fdlt(FD(1), FD(2)) and not pre.fdlt(FD(2), FD(2))
    assert pre.fdle(FD(2), FD(2)) and not pre.fdle(FD(3), FD(2))


def test_timers_of_the_clocks() -> None:
    one = Fraction(1)
    assert pre.slow_timer(BSD, one) == Timer(Fraction(0), Fraction(1, 2), Fraction(1001, 1000))
    assert pre.fast_timer(one) == Timer(Fraction(0), Fraction(4, 5), Fraction(1001, 1000))
    assert pre.kern_timer(BSD, one) == Timer(Fraction(0), one - tickintvlmax(BSD), Fraction(2))
    assert sched_timer == Timer(Fraction(0), Fraction(0), one)
    assert pre.kern_timer(BSD, time_infty) == never_timer


@pytest.mark.parametrize(
    ("tl", "t"),
    [
        (None, time_infty),
        ((0, 0), Fraction(0)),
        ((3, 500000000), Fraction(7, 2)),
        ((0, 1), Fraction(1, 10**9)),
    ],
)
def test_times_of_options(tl: tuple[int, int] | None, t: Time) -> None:
    assert pre.tltimeopt_wf(tl)
    assert pre.time_of_tltimeopt(tl) == t
    assert pre.tltimeopt_of_time(t) == tl


@pytest.mark.parametrize("tl", [(-1, 0), (0, -1), (0, 10**9)])
def test_times_that_are_not_well_formed(tl: tuple[int, int]) -> None:
    assert not pre.tltimeopt_wf(tl)


@pytest.mark.parametrize("t", [Fraction(-1), Fraction(1, 3)])
def test_times_that_are_no_whole_nanoseconds(t: Fraction) -> None:
    with pytest.raises(PremiseFailed):
        pre.tltimeopt_of_time(t)


# -- queues ----------------------------------------------------------------------------------------------

EMPTY: MsgQueue = Timed((), never_timer)
M1, M2 = udp_message(data=b"1"), udp_message(data=b"2")


def test_queues_keep_their_order() -> None:
    q1, queued1 = pre.enqueue_iq(EMPTY, M1, Scripted())
    q2, queued2 = pre.enqueue_iq(q1, M2, Scripted())
    assert queued1 and queued2
    assert q2 == Timed((M1, M2), pre.inqueue_timer)
    q3, msg = pre.dequeue_iq(q2)
    assert (q3, msg) == (Timed((M2,), pre.inqueue_timer), M1)
    assert pre.dequeue_oq(q3) == (EMPTY, M2)
    assert pre.dequeue_iq(EMPTY) == (EMPTY, None)


def test_a_message_that_is_queued_sets_the_timer_and_so_does_taking_one() -> None:
    late = replace(pre.outqueue_timer, elapsed=Fraction(1, 2))
    q, _ = pre.enqueue_oq(Timed((M1,), late), M2, Scripted())
    assert q.timer == pre.outqueue_timer
    q, _ = pre.dequeue_oq(Timed((M1, M2), late))
    assert q.timer == pre.outqueue_timer


def test_lists_of_messages() -> None:
    both = Timed((M1, M2), pre.outqueue_timer)
    assert pre.enqueue_oq_list_qinfo(EMPTY, ((M1, True), (M2, True))) == both
    assert pre.enqueue_oq_list(EMPTY, (M1, M2), Scripted()) == (both, True)
    assert pre.enqueue_oq_list_qinfo(EMPTY, ()) == EMPTY
    with pytest.raises(PremiseFailed):
        pre.enqueue_oq_list_qinfo(EMPTY, ((M1, True), (M2, False)))


def test_limited_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pre, "INFINITE_RESOURCES", False)
    assert pre.enqueue_oq(EMPTY, M1, Scripted(queued=False)) == (EMPTY, False)
    assert pre.enqueue_oq(EMPTY, M1, Scripted(queued=True))[1]
    only = Timed((M2,), pre.outqueue_timer)
    assert pre.enqueue_oq_list_qinfo(EMPTY, ((M1, False), (M2, True))) == only
    full = Scripted(queued=False)
    assert pre.route_and_enqueue_oq(RTTAB, IFDS, EMPTY, M1, BSD, full) == (EMPTY, ENOBUFS)


def test_routing_then_queueing() -> None:
    def send(msg: UDP) -> object:
        return pre.route_and_enqueue_oq(RTTAB, IFDS, EMPTY, msg, BSD, Scripted())

    assert send(M1) == (Timed((M1,), pre.outqueue_timer), None)
    assert send(udp_message(is2=NOWHERE)) == (EMPTY, EHOSTUNREACH)
    with pytest.raises(PremiseFailed):
        send(udp_message(is2=None))


def sids(n: int) -> tuple[SID, ...]:
    return tuple(map(SID, range(n)))


@pytest.mark.parametrize(
    ("length", "q0", "q"), [(0, True, True), (5, False, True), (6, False, True), (7, False, False)]
)
def test_listen_queues(length: int, q0: bool, q: bool) -> None:
    lis = SocketListen(q0=(), q=sids(length), qlimit=5)
    assert (pre.accept_incoming_q0(lis, BSD), pre.accept_incoming_q(lis, BSD)) == (q0, q)


@pytest.mark.parametrize(
    ("length", "b", "allowed"),
    [
        (29, False, True),
        (29, True, False),
        (30, False, True),
        (30, True, True),
        (15359, False, True),
        (15360, False, False),
        (15360, True, True),
    ],
)
def test_dropping_incomplete_connections(length: int, b: bool, allowed: bool) -> None:
    lis = SocketListen(q0=sids(length), q=(), qlimit=5)
    if allowed:
        assert pre.drop_from_q0(lis, Scripted(b=b)) is b
    else:
        with pytest.raises(PremiseFailed):
            pre.drop_from_q0(lis, Scripted(b=b))


# -- hosts and sockets ---------------------------------------------------------------------------------


def test_the_host_at_the_start() -> None:
    h = a_host()
    assert h.ts == immutables.Map({T0: Timed(Run, never_timer)})
    assert set(h.files) == {FID(0)} and h.files[FID(0)].ft is FT_Console
    assert h.fds == immutables.Map({FD(n): FID(0) for n in range(3)})
    assert h.socks == immutables.Map({SID(0): dummy_socket((None, Port(22)))})
    assert tcp_proto(h.socks[SID(0)]).st is LISTEN
    assert (h.ticks.ticks, h.ticks.remdr) == (ts_seq(5), Fraction(1, 1000))
    assert (h.listen, h.bound, h.bndlm) == ((), (), ())
    assert (h.iq, h.oq) == (EMPTY, EMPTY)
    assert (h.ifds, h.rttab, h.params) == (IFDS, RTTAB, HostParams(1024, 4999))


def test_hosts_are_equal_and_hash_alike() -> None:
    assert a_host() == a_host() and hash(a_host()) == hash(a_host())
    assert a_host() != a_host(privs=True)


def test_a_simple_host() -> None:
    h = simple_host(HERE, ts_seq(0), Fraction(0))
    assert HERE in pre.local_ips(h.ifds) and IP(127, 9, 9, 9) in pre.local_ips(h.ifds)
    assert pre.outroute(NOWHERE, h.rttab, h.ifds) == ETH(0)


def test_ports() -> None:
    h = a_host()
    assert Port(1023) in privileged_ports(h) and Port(1024) not in privileged_ports(h)
    ports = ephemeral_ports(h)
    assert [Port(n) in ports for n in (1023, 1024, 4999, 5000)] == [False, True, True, False]
    assert list(ports) == [Port(n) for n in range(1024, 5000)] and len(ports) == 3976
    assert None not in ports


def test_ports_without_some() -> None:
    ports = ephemeral_ports(a_host()) - [Port(1024), Port(80)] - {Port(1026)}
    assert Port(1024) not in ports and Port(1026) not in ports and Port(1025) in ports
    assert next(iter(ports)) == Port(1025) and len(ports) == 3974


TCP_SOCK = dummy_socket((HERE, Port(22)))
UDP_SOCK = replace(TCP_SOCK, pr=UDP_Sock(()))


def test_protocols_of_sockets() -> None:
    assert tcp_sock_of(TCP_SOCK).cb == dummy_cb
    assert udp_sock_of(UDP_SOCK).rcvq == ()
    for wrong in (lambda: tcp_proto(UDP_SOCK), lambda: udp_proto(TCP_SOCK)):
        with pytest.raises(PremiseFailed):
            wrong()
    assert proto_eq(TCP_SOCK.pr, TCP_SOCK.pr) and not proto_eq(TCP_SOCK.pr, UDP_SOCK.pr)


# -- trace records --------------------------------------------------------------------------------------

TS = TimeWindow(ts_seq(3), sharp_timer(Fraction(9)))
CB = replace(dummy_cb, ts_recent=TS, t_rttseg=(ts_seq(1), tcp_seq_local(2)))
SHOWN = Tracecb(**{field.name: getattr(CB, field.name) for field in fields(Tracecb)})


def changed(name: str) -> Tracecb:
    value = getattr(SHOWN, name)
    other: object
    if isinstance(value, Seq32):
        other = value + 1
    elif name == "t_rttseg":
        other = (ts_seq(1), tcp_seq_local(3))
    elif name == "ts_recent":
        other = TimeWindowClosed
    else:
        other = value + 1
    return replace(SHOWN, **{name: other})  # type: ignore[arg-type]


def differences(flav: TraceFlavour, st: pre.TcpState, es: Any = None) -> set[str]:
    """The fields that may differ."""
    return {
        field.name
        for field in fields(Tracecb)
        if Scripted().possible(lambda _, name=field.name: tracecb_eq(flav, st, es, changed(name), CB))  # type: ignore[misc]
    }


ALWAYS = {"rcv_wnd", "snd_recover"}
RECEIVING = {"rcv_adv", "t_rttseg", "last_ack_sent"}


@pytest.mark.parametrize(
    ("flav", "st", "es", "free"),
    [
        (TA_USER, ESTABLISHED, None, set()),
        (TA_DROP, ESTABLISHED, ECONNREFUSED, set()),
        (TA_USER, SYN_SENT, None, {"t_maxseg"}),
        (TA_USER, SYN_SENT, ECONNREFUSED, {"t_maxseg", "snd_nxt"}),
        (TA_USER, TIME_WAIT, None, {"t_maxseg"}),
        (TA_INPUT, ESTABLISHED, None, RECEIVING),
        (TA_OUTPUT, ESTABLISHED, None, RECEIVING | {"snd_max", "snd_nxt", "snd_cwnd", "t_maxseg"}),
    ],
)
def test_which_fields_of_a_trace_record_count(flav: TraceFlavour, st: pre.TcpState, es: Any, free: set[str]) -> None:
    assert differences(flav, st, es) == ALWAYS | free


def test_the_clock_and_the_timer_do_not_count() -> None:
    other = replace(SHOWN, t_rttseg=(ts_seq(9), tcp_seq_local(2)), ts_recent=TimeWindow(ts_seq(3), never_timer))
    tracecb_eq(TA_USER, ESTABLISHED, None, other, CB)


SOCK = replace(TCP_SOCK, is2=THERE, ps2=Port(80), pr=TCP_PROTO(replace(tcp_proto(TCP_SOCK), st=ESTABLISHED, cb=CB)))
RECORD = TraceRecord(TA_USER, SID(1), (HERE, Port(22), THERE, Port(80)), ESTABLISHED, SHOWN)


@pytest.mark.parametrize(
    ("changes", "sock", "same"),
    [
        ({}, SOCK, True),
        ({"quad": None}, SOCK, True),
        ({"sid": SID(2)}, SOCK, False),
        ({"st": TIME_WAIT}, SOCK, False),
        ({"quad": (HERE, Port(23), THERE, Port(80))}, SOCK, False),
        ({"quad": (HERE, Port(22), None, None)}, SOCK, False),
        ({"quad": (HERE, Port(22), None, None), "flav": TA_DROP}, SOCK, True),
        ({"quad": (None, Port(22), None, None), "flav": TA_DROP}, SOCK, False),
        ({"cb": changed("snd_una")}, SOCK, False),
        ({}, UDP_SOCK, False),
    ],
)
def test_which_socket_a_trace_record_shows(changes: dict[str, Any], sock: Socket, same: bool) -> None:
    tr = replace(RECORD, **changes)
    assert Scripted().possible(lambda _: tracesock_eq(BSD, tr, SID(1), sock)) is same


# -- what rules begin with --------------------------------------------------------------------------------

CALL = Lh_call(T0, lib.close(FD(3)))


def test_matching_a_call() -> None:
    assert a_call(CALL, lib.close) == (T0, lib.close(FD(3)))
    with pytest.raises(PremiseFailed):
        a_call(CALL, lib.dup)
    with pytest.raises(PremiseFailed):
        a_call(Lh_tau(), lib.close)


def test_matching_a_thread() -> None:
    h = a_host()
    running(h, T0)
    assert thread(h, T0).value is Run
    waiting = with_thread(h, T0, Ret(OK_one()), sched_timer)
    assert thread(waiting, T0) == Timed(Ret(OK_one()), sched_timer)
    with pytest.raises(PremiseFailed):
        running(waiting, T0)
    with pytest.raises(PremiseFailed):
        running(h, TID(8))


def test_matching_a_blocked_thread() -> None:
    h = with_thread(a_host(), TID(8), Accept2(SID(1)), never_timer)
    assert blocked(h, Lh_tau(), Accept2, Scripted()) == (TID(8), Accept2(SID(1)))
    with pytest.raises(PremiseFailed):
        blocked(h, CALL, Accept2, Scripted())
    with pytest.raises(PremiseFailed):
        blocked(h, Lh_tau(), Connect2, Scripted())


def test_matching_a_socket() -> None:
    h = with_sock(a_host(), SID(5), SOCK)
    assert h.socks[SID(5)] is SOCK
    h = replace(h, files=h.files.set(FID(5), File(FT_Socket(SID(5)), ff_default)))
    assert file_socket(h, FID(5)) == (SID(5), ff_default)
    for fid in (FID(0), FID(9)):
        with pytest.raises(PremiseFailed):
            file_socket(h, fid)
