"""The smaller types of the host state, and functions on architectures, addresses, routes and queues."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from netspec.base.base_types import FD, NETMASK, IfId, Ip, MsgBFlag, Port, TLang
from netspec.base.choose import FAPPLY, Choose, PremiseFailed, require
from netspec.base.errors import EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENOBUFS, Error
from netspec.base.seq32 import Seq32
from netspec.base.time import Time, TimeInfty, time_infty
from netspec.base.timers import Timed, Timer, fuzzy_timer, never_timer, upper_timer
from netspec.base.utils import MAP_OPTIONAL, Some, num_minus, real_of_int
from netspec.tcp.errata.input import LISTEN_QUEUE_LIMIT
from netspec.tcp.net_types import Msg, TcpSegment, msg_is1, msg_is2
from netspec.tcp.params import (
    FAST_TIMER_INTVL,
    FAST_TIMER_MODEL_INTVL,
    FID,
    INFINITE_RESOURCES,
    KERN_TIMER_INTVL,
    KERN_TIMER_MODEL_INTVL,
    SID,
    SLOW_TIMER_INTVL,
    SLOW_TIMER_MODEL_INTVL,
    TCP_Q0MAXLIMIT,
    TCP_Q0MINLIMIT,
    Arch,
    ArchBase,
    backlog_fudge,
    corrected,
    diqmax,
    doqmax,
    dschedmax,
)

# -- parts of sockets ---------------------------------------------------------------------------


class TcpState(Enum):
    """The states of TCP (RFC 793).

    Source: TCP1_preHostTypesScript.sml, tcpstate.
    """

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYN_SENT"
    SYN_RECEIVED = "SYN_RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    CLOSE_WAIT = "CLOSE_WAIT"
    FIN_WAIT_1 = "FIN_WAIT_1"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST_ACK"
    FIN_WAIT_2 = "FIN_WAIT_2"
    TIME_WAIT = "TIME_WAIT"


(
    CLOSED,
    LISTEN,
    SYN_SENT,
    SYN_RECEIVED,
    ESTABLISHED,
    CLOSE_WAIT,
    FIN_WAIT_1,
    CLOSING,
    LAST_ACK,
    FIN_WAIT_2,
    TIME_WAIT,
) = TcpState


@dataclass(frozen=True, slots=True)
class SocketListen:
    """What a listening socket has: incomplete and complete connections, and the backlog asked for.

    Source: TCP1_preHostTypesScript.sml, socket_listen.
    """

    q0: tuple[SID, ...]
    q: tuple[SID, ...]
    qlimit: int


@dataclass(frozen=True, slots=True)
class DgramMsg:
    """A datagram received, with its source.

    Source: TCP1_preHostTypesScript.sml, dgram_msg.
    """

    data: bytes
    is_: Ip | None
    ps: Port | None


@dataclass(frozen=True, slots=True)
class DgramError:
    """An error received in place of a datagram, on Windows.

    Source: TCP1_preHostTypesScript.sml, dgram_error.
    """

    e: Error


@dataclass(frozen=True, slots=True)
class Dgram_msg:
    """An element of a UDP receive queue that is a datagram.

    Source: TCP1_preHostTypesScript.sml, dgram.
    """

    v: DgramMsg


@dataclass(frozen=True, slots=True)
class Dgram_error:
    """An element of a UDP receive queue that is an error.

    Source: TCP1_preHostTypesScript.sml, dgram.
    """

    v: DgramError


Dgram: TypeAlias = Dgram_msg | Dgram_error


@dataclass(frozen=True, slots=True)
class UdpSocket:
    """What a UDP socket has.

    Source: TCP1_preHostTypesScript.sml, udp_socket.
    """

    rcvq: tuple[Dgram, ...]


# -- interfaces and routes ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subnet:
    """The set of the addresses that a mask does not tell from `ip`.

    It stands for the sets of that form that the model writes as comprehensions.
    """

    netmask: NETMASK
    ip: Ip

    def __contains__(self, i: object) -> bool:
        """Whether an address is in the set."""
        return isinstance(i, Ip) and mask(self.netmask, i) == mask(self.netmask, self.ip)


@dataclass(frozen=True, slots=True)
class _Union:
    """The union of sets of addresses, not all of them finite lists."""

    parts: frozenset[IpSet]

    def __contains__(self, i: object) -> bool:
        """Whether an address is in one of the sets."""
        return any(i in part for part in self.parts)


IpSet: TypeAlias = frozenset[Ip] | Subnet


@dataclass(frozen=True, slots=True)
class Ifd:
    """An interface: all its addresses, the primary one, the mask, and whether it is up.

    Source: TCP1_preHostTypesScript.sml, ifd.
    """

    ipset: IpSet
    primary: Ip
    netmask: NETMASK
    up: bool


Ifds: TypeAlias = Mapping[IfId, Ifd]


@dataclass(frozen=True, slots=True)
class RoutingTableEntry:
    """A destination network, and the interface that leads there.

    Source: TCP1_preHostTypesScript.sml, routing_table_entry.
    """

    destination_ip: Ip
    destination_netmask: NETMASK
    ifid: IfId


RoutingTable: TypeAlias = tuple[RoutingTableEntry, ...]
"""A routing table, searched from its beginning.  Source: TCP1_preHostTypesScript.sml, routing_table."""


class BandlimReason(Enum):
    """Why a segment is sent, which decides how its rate is limited.

    Source: TCP1_preHostTypesScript.sml, bandlim_reason.
    """

    BANDLIM_UNLIMITED = "BANDLIM_UNLIMITED"
    BANDLIM_RST_CLOSEDPORT = "BANDLIM_RST_CLOSEDPORT"
    BANDLIM_RST_OPENPORT = "BANDLIM_RST_OPENPORT"


BANDLIM_UNLIMITED, BANDLIM_RST_CLOSEDPORT, BANDLIM_RST_OPENPORT = BandlimReason

BandlimState: TypeAlias = tuple[tuple[TcpSegment, Seq32, BandlimReason], ...]
"""The segments that the rate limiter remembers, each with its time and reason.

Source: TCP1_preHostTypesScript.sml, bandlim_state.
"""


# -- threads ------------------------------------------------------------------------------------------


class Running(Enum):
    """The state of a thread that is not in a call.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    Run = "Run"


Run: Final = Running.Run


@dataclass(frozen=True, slots=True)
class Ret:
    """The state of a thread whose call is about to return a value.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    v: TLang


@dataclass(frozen=True, slots=True)
class Accept2:
    """The state of a thread blocked in accept.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    sid: SID


@dataclass(frozen=True, slots=True)
class Close2:
    """The state of a thread blocked in close.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    sid: SID


@dataclass(frozen=True, slots=True)
class Connect2:
    """The state of a thread blocked in connect.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    sid: SID


@dataclass(frozen=True, slots=True)
class Recv2:
    """The state of a thread blocked in recv.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    sid: SID
    n: int
    opts: frozenset[MsgBFlag]


SendAddr: TypeAlias = tuple[tuple[Ip, Port] | None, Ip | None, Port | None, Ip | None, Port | None]
"""For a datagram: the address given, and the socket's addresses and ports at the time of the call."""


@dataclass(frozen=True, slots=True)
class Send2:
    """The state of a thread blocked in send.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    sid: SID
    addr: SendAddr | None
    data: bytes
    opts: frozenset[MsgBFlag]


@dataclass(frozen=True, slots=True)
class PSelect2:
    """The state of a thread blocked in pselect.

    Source: TCP1_preHostTypesScript.sml, hostThreadState.
    """

    readfds: tuple[FD, ...]
    writefds: tuple[FD, ...]
    exceptfds: tuple[FD, ...]


HostThreadState: TypeAlias = Running | Ret | Accept2 | Close2 | Connect2 | Recv2 | Send2 | PSelect2


@dataclass(frozen=True, slots=True)
class HostParams:
    """The range of ports that a host chooses from, inclusive.

    Source: TCP1_preHostTypesScript.sml, hostParams.
    """

    min_eph_port: int
    max_eph_port: int


class TraceFlavour(Enum):
    """Where in BSD's code a trace record was made.

    Source: TCP1_preHostTypesScript.sml, traceflavour.
    """

    TA_INPUT = "TA_INPUT"
    TA_OUTPUT = "TA_OUTPUT"
    TA_USER = "TA_USER"
    TA_RESPOND = "TA_RESPOND"
    TA_DROP = "TA_DROP"


TA_INPUT, TA_OUTPUT, TA_USER, TA_RESPOND, TA_DROP = TraceFlavour


class HostId(Enum):
    """Which host of a test: the one observed, or the one that helps.

    Source: TCP1_preHostTypesScript.sml, hostid.
    """

    Test = "Test"
    Aux = "Aux"


# -- architectures ---------------------------------------------------------------------------------


def windows_arch(arch: Arch) -> bool:
    """Whether it is a Windows.

    Source: TCP1_preHostTypesScript.sml, windows_arch.
    """
    return arch.base is ArchBase.WinXP_Prof_SP1


def bsd_arch(arch: Arch) -> bool:
    """Whether it is a BSD.

    Source: TCP1_preHostTypesScript.sml, bsd_arch.
    """
    return arch.base is ArchBase.FreeBSD_4_6_RELEASE


def linux_arch(arch: Arch) -> bool:
    """Whether it is a Linux.

    Source: TCP1_preHostTypesScript.sml, linux_arch.
    """
    return arch.base is ArchBase.Linux_2_4_20_8


def unix_arch(arch: Arch) -> bool:
    """Whether it is a Unix.

    Source: TCP1_preHostTypesScript.sml, unix_arch.
    """
    return arch.base in {ArchBase.Linux_2_4_20_8, ArchBase.FreeBSD_4_6_RELEASE}


# -- addresses ---------------------------------------------------------------------------------------


def mask(netmask: NETMASK, i: Ip) -> Ip:
    """The network of an address.

    Source: TCP1_preHostTypesScript.sml, mask.
    """
    below = 2 ** num_minus(32, netmask.m)
    return Ip((i.n // below) * below)


def mask_bits(netmask: NETMASK) -> int:
    """A mask as a 32-bit number.

    Source: TCP1_preHostTypesScript.sml, mask_bits.
    """
    below = 2 ** num_minus(32, netmask.m)
    return ((2**32 - 1) // below) * below  # type: ignore[no-any-return]


def IP(a: int, b: int, c: int, d: int) -> Ip:
    """The address a.b.c.d.

    Source: TCP1_preHostTypesScript.sml, IP.
    """
    return Ip(a * 2**24 + b * 2**16 + c * 2**8 + d)


IN_MULTICAST: Final = Subnet(NETMASK(4), IP(224, 0, 0, 0))
"""The multicast addresses.  Source: TCP1_preHostTypesScript.sml, IN_MULTICAST."""

INADDR_BROADCAST: Final = IP(255, 255, 255, 255)
"""The local broadcast address.  Source: TCP1_preHostTypesScript.sml, INADDR_BROADCAST."""

LOOPBACK_ADDRS: Final = Subnet(NETMASK(8), IP(127, 0, 0, 0))
"""The loopback addresses.  Source: TCP1_preHostTypesScript.sml, LOOPBACK_ADDRS."""

ip_localhost: Final = IP(127, 0, 0, 1)
"""The usual loopback address.  Source: TCP1_preHostTypesScript.sml, ip_localhost."""


def in_loopback(i: Ip) -> bool:
    """Whether it is a loopback address.

    Source: TCP1_preHostTypesScript.sml, in_loopback.
    """
    return i in LOOPBACK_ADDRS


def in_local(ifds: Ifds, i: Ip) -> bool:
    """Whether it is a loopback address or one of an interface.

    Source: TCP1_preHostTypesScript.sml, in_local.
    """
    return in_loopback(i) or i in local_ips(ifds)


def local_ips(ifds: Ifds) -> Container[Ip]:
    """The addresses of the interfaces.

    Source: TCP1_preHostTypesScript.sml, local_ips.
    """
    ipsets = tuple(ifd.ipset for ifd in ifds.values())
    finite = tuple(ipset for ipset in ipsets if isinstance(ipset, frozenset))
    if len(finite) == len(ipsets):
        return frozenset[Ip]().union(*finite)
    return _Union(frozenset(ipsets))


def local_primary_ips(ifds: Ifds) -> frozenset[Ip]:
    """The primary addresses of the interfaces.

    Source: TCP1_preHostTypesScript.sml, local_primary_ips.
    """
    return frozenset(ifd.primary for ifd in ifds.values())


def is_localnet(ifds0: Ifds, i: Ip) -> bool:
    """Whether an address is on the network of an interface.

    Source: TCP1_preHostTypesScript.sml, is_localnet.
    """
    return any(mask(ifd.netmask, i) == mask(ifd.netmask, ifd.primary) for ifd in ifds0.values())


def if_broadcast(ifd0: Ifd) -> Ip:
    """The broadcast address of an interface.

    Source: TCP1_preHostTypesScript.sml, if_broadcast.
    """
    n = mask(ifd0.netmask, ifd0.primary).n
    return Ip(num_minus(n + 2 ** num_minus(32, ifd0.netmask.m), 1))


def if_any(ifd0: Ifd) -> Ip:
    """The least address of an interface's network, which also counts as a broadcast address.

    Source: TCP1_preHostTypesScript.sml, if_any.
    """
    return mask(ifd0.netmask, ifd0.primary)


def is_broadormulticast(ifds0: Ifds, i: Ip) -> bool:
    """Whether it is a multicast address, or a broadcast address of some interface.

    Source: TCP1_preHostTypesScript.sml, is_broadormulticast.
    """
    return (
        i in IN_MULTICAST
        or i == INADDR_BROADCAST
        or any(i in {if_broadcast(ifd0), if_any(ifd0)} for ifd0 in ifds0.values())
    )


# -- routing ----------------------------------------------------------------------------------------


def routeable(rte: RoutingTableEntry) -> Subnet:
    """The addresses that an entry leads to.

    Source: TCP1_preHostTypesScript.sml, routeable.
    """
    return Subnet(rte.destination_netmask, rte.destination_ip)


def outroute_ifids(i2: Ip, rttab: RoutingTable) -> tuple[IfId, ...]:
    """The interfaces that lead to an address, in the table's order.

    Source: TCP1_preHostTypesScript.sml, outroute_ifids.
    """
    return MAP_OPTIONAL(lambda rte: rte.ifid if i2 in routeable(rte) else None, rttab)


def ifid_up(ifds: Ifds, ifid: IfId) -> bool:
    """Whether an interface is up.

    Source: TCP1_preHostTypesScript.sml, ifid_up.
    """
    return FAPPLY(ifds, ifid).up


def outroute(i2: Ip, rttab: RoutingTable, ifds: Ifds) -> IfId | None:
    """The interface to send to an address by, if any.

    Source: TCP1_preHostTypesScript.sml, outroute.
    """
    ifids = tuple(ifid for ifid in outroute_ifids(i2, rttab) if ifid_up(ifds, ifid))
    return ifids[0] if ifids else None


def auto_outroute(i2_: Ip, i2: Ip | None, rttab: RoutingTable, ifds: Ifds) -> frozenset[Ip]:
    """The source addresses to reach `i2_` from: `i2` where it is given, else the interface's, if any.

    Source: TCP1_preHostTypesScript.sml, auto_outroute.
    """
    if i2 is not None:
        return frozenset({i2})
    ifid = outroute(i2_, rttab, ifds)
    return frozenset() if ifid is None else frozenset({FAPPLY(ifds, ifid).primary})


def test_outroute_ip(i2: Ip, rttab: RoutingTable, ifds: Ifds, arch: Arch) -> Error | None:
    """Why an address cannot be reached; None where it can.

    Source: TCP1_preHostTypesScript.sml, test_outroute_ip.
    """
    ifids = outroute_ifids(i2, rttab)
    if not ifids:
        return ENETUNREACH if linux_arch(arch) else EHOSTUNREACH
    if not any(ifid_up(ifds, ifid) for ifid in ifids):
        return ENETDOWN
    return None


def test_outroute(msg: Msg, rttab: RoutingTable, ifds: Ifds, arch: Arch) -> Some[Error | None] | None:
    """Why a message cannot be sent, if not, as `Some`; None where it has no destination.

    Source: TCP1_preHostTypesScript.sml, test_outroute.
    """
    i2 = msg_is2(msg)
    return None if i2 is None else Some(test_outroute_ip(i2, rttab, ifds, arch))


def loopback_on_wire(msg: Msg, ifds: Ifds) -> bool:
    """Whether a message from a loopback address is for another host.

    Source: TCP1_preHostTypesScript.sml, loopback_on_wire.
    """
    i, j = msg_is1(msg), msg_is2(msg)
    return i is not None and j is not None and in_loopback(i) and not in_local(ifds, j)


# -- descriptors ------------------------------------------------------------------------------------


def fdlt(fd: FD, fd_: FD) -> bool:
    """Whether a descriptor is below another.

    Source: TCP1_preHostTypesScript.sml, fdlt.
    """
    return fd.n < fd_.n


def fdle(fd: FD, fd_: FD) -> bool:
    """Whether a descriptor is not above another.

    Source: TCP1_preHostTypesScript.sml, fdle.
    """
    return fd.n <= fd_.n


def leastfd(P: Callable[[FD], bool]) -> FD:
    """The least descriptor that satisfies `P`, which some must do.

    Source: TCP1_preHostTypesScript.sml, leastfd.
    """
    n = 0
    while not P(FD(n)):
        n += 1
    return FD(n)


def nextfd(arch: Arch, fds: Mapping[FD, FID], choose: Choose) -> FD:
    """A new descriptor: any unused one on Windows, the least unused one elsewhere.

    Source: TCP1_preHostTypesScript.sml, nextfd.
    """
    if windows_arch(arch):
        return choose.fresh("fd'", FD, fds)
    return leastfd(lambda fd_: fd_ not in fds)


def fid_ref_count(fds: Mapping[FD, FID], fid: FID) -> int:
    """How many descriptors there are of a file.

    Source: TCP1_preHostTypesScript.sml, fid_ref_count.
    """
    return len([fd for fd in fds if fds[fd] == fid])


# -- timers -----------------------------------------------------------------------------------------


def slow_timer(arch: Arch, d: Time) -> Timer:
    """A deadline `d` seconds from now on TCP's slow clock (keepalive, retransmission, linger).

    Source: TCP1_preHostTypesScript.sml, slow_timer.
    """
    return fuzzy_timer(d, SLOW_TIMER_INTVL, SLOW_TIMER_MODEL_INTVL(arch))


def fast_timer(d: Time) -> Timer:
    """A deadline `d` seconds from now on TCP's fast clock (delayed acknowledgements).

    Source: TCP1_preHostTypesScript.sml, fast_timer.
    """
    return fuzzy_timer(d, FAST_TIMER_INTVL, FAST_TIMER_MODEL_INTVL)


def kern_timer(arch: Arch, d: Time) -> Timer:
    """A deadline `d` seconds from now on the kernel's clock (pselect, validity of timestamps).

    Source: TCP1_preHostTypesScript.sml, kern_timer.
    """
    return fuzzy_timer(d, KERN_TIMER_INTVL(arch), KERN_TIMER_MODEL_INTVL)


sched_timer: Final = upper_timer(dschedmax)
"""When a result reaches its thread.  Source: TCP1_preHostTypesScript.sml, sched_timer."""

inqueue_timer: Final = upper_timer(diqmax)
"""When a message received is processed.  Source: TCP1_preHostTypesScript.sml, inqueue_timer."""

outqueue_timer: Final = upper_timer(doqmax)
"""When a message is emitted.  Source: TCP1_preHostTypesScript.sml, outqueue_timer."""


# -- times of options ---------------------------------------------------------------------------------

NSEC: Final = 1000000000


def time_of_tltime(tltime: tuple[int, int]) -> Time:
    """The time of seconds and nanoseconds.

    Source: TCP1_preHostTypesScript.sml, time_of_tltime.
    """
    sec, nsec = tltime
    return real_of_int(sec) + real_of_int(nsec) / NSEC


def time_of_tltimeopt(tltimeopt: tuple[int, int] | None) -> Time:
    """The time of seconds and nanoseconds; None is infinity.

    Source: TCP1_preHostTypesScript.sml, time_of_tltimeopt.
    """
    return time_infty if tltimeopt is None else time_of_tltime(tltimeopt)


def tltimeopt_wf(tltimeopt: tuple[int, int] | None) -> bool:
    """Whether the seconds are not negative and the nanoseconds less than a second.

    Source: TCP1_preHostTypesScript.sml, tltimeopt_wf.
    """
    if tltimeopt is None:
        return True
    sec, nsec = tltimeopt
    return sec >= 0 and nsec >= 0 and nsec < NSEC


def tltimeopt_of_time(t: Time) -> tuple[int, int] | None:
    """The seconds and nanoseconds of a time; None for infinity.

    The premise fails where `t` is no natural number of nanoseconds, which the model leaves open.

    Source: TCP1_preHostTypesScript.sml, tltimeopt_of_time.
    """
    if isinstance(t, TimeInfty):
        return None
    nsecs = (t * NSEC) // 1
    require(nsecs >= 0)
    require(nsecs == t * NSEC)
    return nsecs // NSEC, nsecs % NSEC


# -- queues ---------------------------------------------------------------------------------------------

MsgQueue: TypeAlias = Timed[tuple[Msg, ...]]


def _enqueue(dq: Timer, q: MsgQueue, msg: Msg, queued: bool) -> MsgQueue:
    if INFINITE_RESOURCES:
        require(queued)
    return Timed((*q.value, msg), dq) if queued else q


def _queued(choose: Choose) -> bool:
    """Whether a message can be queued."""
    return INFINITE_RESOURCES or choose.boolean("queued")


def enqueue(dq: Timer, q: MsgQueue, msg: Msg, choose: Choose) -> tuple[MsgQueue, bool]:
    """Try to add a message to a queue, which then has the timer `dq`: the queue, and whether it worked.

    Source: TCP1_preHostTypesScript.sml, enqueue.
    """
    queued = _queued(choose)
    return _enqueue(dq, q, msg, queued), queued


def enqueue_iq(q: MsgQueue, msg: Msg, choose: Choose) -> tuple[MsgQueue, bool]:
    """Try to add a message to the input queue.

    Source: TCP1_preHostTypesScript.sml, enqueue_iq.
    """
    return enqueue(inqueue_timer, q, msg, choose)


def enqueue_oq(q: MsgQueue, msg: Msg, choose: Choose) -> tuple[MsgQueue, bool]:
    """Try to add a message to the output queue.

    Source: TCP1_preHostTypesScript.sml, enqueue_oq.
    """
    return enqueue(outqueue_timer, q, msg, choose)


def dequeue(dq: Timer, q: MsgQueue) -> tuple[MsgQueue, Msg | None]:
    """Take the first message from a queue, if any; a queue that is not empty then has the timer `dq`.

    Source: TCP1_preHostTypesScript.sml, dequeue.
    """
    if not q.value:
        return q, None
    msg0, *q0 = q.value
    return Timed(tuple(q0), dq if q0 else never_timer), msg0


def dequeue_iq(q: MsgQueue) -> tuple[MsgQueue, Msg | None]:
    """Take the first message from the input queue, if any.

    Source: TCP1_preHostTypesScript.sml, dequeue_iq.
    """
    return dequeue(inqueue_timer, q)


def dequeue_oq(q: MsgQueue) -> tuple[MsgQueue, Msg | None]:
    """Take the first message from the output queue, if any.

    Source: TCP1_preHostTypesScript.sml, dequeue_oq.
    """
    return dequeue(outqueue_timer, q)


def route_and_enqueue_oq(
    rttab: RoutingTable, ifds: Ifds, oq: MsgQueue, msg: Msg, arch: Arch, choose: Choose
) -> tuple[MsgQueue, Error | None]:
    """Try to send a message: the output queue, and the error if it could not be routed or queued.

    The premise fails where the message has no destination.

    Source: TCP1_preHostTypesScript.sml, route_and_enqueue_oq.
    """
    route = test_outroute(msg, rttab, ifds, arch)
    if route is None:
        raise PremiseFailed
    if route.value is not None:
        return oq, route.value
    oq_, queued = enqueue_oq(oq, msg, choose)
    return oq_, None if queued else ENOBUFS


def enqueue_list_qinfo(dq: Timer, q: MsgQueue, msgqs: tuple[tuple[Msg, bool], ...]) -> MsgQueue:
    """Add messages to a queue, each with whether it works for that one.

    Source: TCP1_preHostTypesScript.sml, enqueue_list_qinfo.
    """
    for msg, queued in msgqs:
        q = _enqueue(dq, q, msg, queued)
    return q


def enqueue_list(dq: Timer, q: MsgQueue, msgs: tuple[Msg, ...], choose: Choose) -> tuple[MsgQueue, bool]:
    """Try to add messages to a queue: the queue, and whether it worked for all of them.

    Source: TCP1_preHostTypesScript.sml, enqueue_list.
    """
    msgqs = tuple((msg, _queued(choose)) for msg in msgs)
    return enqueue_list_qinfo(dq, q, msgqs), all(queued for _, queued in msgqs)


def enqueue_oq_list_qinfo(q: MsgQueue, msgqs: tuple[tuple[Msg, bool], ...]) -> MsgQueue:
    """Add messages to the output queue, each with whether it works for that one.

    Source: TCP1_preHostTypesScript.sml, enqueue_oq_list_qinfo.
    """
    return enqueue_list_qinfo(outqueue_timer, q, msgqs)


def enqueue_oq_list(q: MsgQueue, msgs: tuple[Msg, ...], choose: Choose) -> tuple[MsgQueue, bool]:
    """Try to add messages to the output queue: the queue, and whether it worked for all of them.

    Source: TCP1_preHostTypesScript.sml, enqueue_oq_list.
    """
    return enqueue_list(outqueue_timer, q, msgs, choose)


# -- listen queues --------------------------------------------------------------------------------------


def accept_incoming_q0(lis: SocketListen, arch: Arch) -> bool:
    """Whether a listening socket takes a new incomplete connection.

    Source: TCP1_preHostTypesScript.sml, accept_incoming_q0.
    """
    limit = backlog_fudge(lis.qlimit)
    return len(lis.q) <= limit if corrected(arch, LISTEN_QUEUE_LIMIT) else len(lis.q) < limit


def accept_incoming_q(lis: SocketListen, arch: Arch) -> bool:
    """Whether a listening socket takes a connection that is now complete.

    Source: TCP1_preHostTypesScript.sml, accept_incoming_q.
    """
    limit = 3 * backlog_fudge(lis.qlimit) // 2
    return len(lis.q) <= limit if corrected(arch, LISTEN_QUEUE_LIMIT) else len(lis.q) < limit


def drop_from_q0(lis: SocketListen, choose: Choose) -> bool:
    """Whether an incomplete connection is dropped: open between the limits of their number.

    Source: TCP1_preHostTypesScript.sml, drop_from_q0.
    """
    b = choose.boolean("b")
    if b:
        require(len(lis.q0) >= TCP_Q0MINLIMIT)
    else:
        require(len(lis.q0) < TCP_Q0MAXLIMIT)
    return b
