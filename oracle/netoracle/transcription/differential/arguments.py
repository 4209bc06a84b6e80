"""Hypothesis strategies for the values of the specification, from their type annotations.

Values are drawn from small pools, so that addresses, ports, identifiers and sequence numbers
meet, with the ends of their ranges among them.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import immutables
from hypothesis import strategies as st

from netoracle.transcription.evaluate.values import Int
from netspec.base import base_types
from netspec.base.base_types import (
    ETH,
    FD,
    LO,
    NETMASK,
    TID,
    FileBFlag,
    Ip,
    Port,
    SockBFlag,
    SockNFlag,
    SockTFlag,
)
from netspec.base.seq32 import Seq32, TcpForeign, TcpLocal, Tstamp
from netspec.base.time import TimeInfty, time_infty
from netspec.base.timers import Time_Pass_timed, Timed, Timer, TimeWindow, TimeWindowClosed
from netspec.tcp.host_types import TCP_PROTO, RttInf, Socket, Tcpcb, TcpReassSegment, TcpSocket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import (
    FID,
    SID,
    Arch,
    FileFlags,
    FreeBSD_4_6_RELEASE,
    Linux_2_4_20_8,
    SockFlags,
    WinXP_Prof_SP1,
)
from netspec.tcp.pre_host_types import (
    IP,
    LOOPBACK_ADDRS,
    BandlimReason,
    BandlimState,
    Ifd,
    Ifds,
    RoutingTableEntry,
    SocketListen,
)

Strategy = st.SearchStrategy[Any]

SEQUENCE_NUMBERS: Final = (1000, 1001, 1002, 1004, 1000, 1001, 2460, 0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)

NUMS: Final = st.one_of(
    st.integers(0, 4),
    st.sampled_from((5, 12, 30, 512, 536, 1460, 2048, 8192, 57344, 65535, 65536, 70000)),
    st.integers(0, 2**17),
)
SMALL: Final = st.integers(0, 14)
WORD16: Final = st.one_of(st.integers(0, 4), st.sampled_from((512, 1460, 8192, 65535)))
INTS: Final = st.one_of(st.integers(-3, 3), st.integers(-(2**17), 2**17)).map(Int)
DURATIONS: Final = st.one_of(
    st.sampled_from([Fraction(n) for n in (0, 1, 2, 3, 5, 30, 60, 64, 75)]),
    st.fractions(0, 4, max_denominator=1000),
)
TIMES: Final = st.one_of(DURATIONS, st.just(time_infty))
BYTES: Final = st.binary(max_size=6)
IP_POOL: Final = (
    IP(192, 168, 0, 1),
    IP(192, 168, 0, 2),
    IP(10, 0, 0, 1),
    IP(127, 0, 0, 1),
    IP(127, 3, 0, 1),
    IP(224, 0, 0, 1),
    IP(255, 255, 255, 255),
    IP(192, 168, 0, 255),
    IP(192, 168, 0, 0),
    IP(8, 8, 8, 8),
)
PORT_POOL: Final = tuple(Port(n) for n in (0, 1, 80, 1023, 1024, 1025, 5000, 65535))
IPS: Final = st.sampled_from(IP_POOL)
PORTS: Final = st.sampled_from(PORT_POOL)


def sequence_number(side: Any) -> Strategy:
    """A sequence number of a side."""
    return st.sampled_from(SEQUENCE_NUMBERS).map(lambda n: Seq32(side, n))


LOCAL, FOREIGN, STAMP = map(sequence_number, (TcpLocal, TcpForeign, Tstamp))

FIELDS: Final[dict[tuple[type, str], Strategy]] = {
    **{(Tcpcb, name): LOCAL for name in ("snd_una", "snd_max", "snd_nxt", "snd_wl2", "iss", "snd_recover")},
    **{(Tcpcb, name): FOREIGN for name in ("snd_wl1", "rcv_nxt", "rcv_up", "irs", "rcv_adv", "last_ack_sent")},
    **{(Tcpcb, name): SMALL for name in ("snd_scale", "rcv_scale", "t_dupacks")},
    (Tcpcb, "request_r_scale"): st.none() | SMALL,
    (Tcpcb, "t_maxseg"): st.sampled_from((1, 4, 512, 536, 1460, 4096)),
    (Tcpcb, "t_advmss"): st.none() | st.sampled_from((1, 536, 1460, 65495, 65536)),
    (Tcpcb, "t_rttseg"): st.none() | st.tuples(STAMP, LOCAL),
    (Tcpcb, "ts_recent"): st.just(TimeWindowClosed) | st.builds(TimeWindow, STAMP, st.deferred(lambda: TIMERS)),
    **{(base_types.TL_pair, name): st.deferred(lambda: TL_LEAVES) for name in ("a", "b")},
    (base_types.TL_list, "v"): st.lists(st.deferred(lambda: TL_LEAVES), max_size=2).map(tuple),
    (base_types.TL_option, "v"): st.none() | st.deferred(lambda: TL_LEAVES),
    (base_types.TL_int, "v"): st.deferred(lambda: INTS),
    (base_types.Ok, "v"): st.deferred(lambda: TL_LEAVES),
    (RttInf, "t_lastshift"): st.integers(0, 12),
    (TcpReassSegment, "seq"): FOREIGN,
    (TcpReassSegment, "spliced_urp"): st.none() | FOREIGN,
    (TcpSegment, "seq"): LOCAL,
    (TcpSegment, "ack"): FOREIGN,
    (TcpSegment, "win"): WORD16,
    (TcpSegment, "urp"): WORD16,
    (TcpSegment, "ws"): st.none() | SMALL,
    (TcpSegment, "mss"): st.none() | WORD16,
    (TcpSegment, "ts"): st.none() | st.tuples(STAMP, STAMP),
    (TcpSocket, "sndurp"): st.none() | SMALL,
    (TcpSocket, "rcvurp"): st.none() | SMALL,
}
"""Fields whose type does not say which side, or which range, they are of."""

TL_LEAVES: Final[Strategy] = st.one_of(
    st.builds(base_types.TL_int, INTS),
    st.builds(base_types.TL_string, BYTES),
    st.builds(base_types.TL_fd, st.integers(0, 9).map(FD)),
    st.builds(base_types.TL_ip, IPS),
)
"""Values of TLang that have no others in them."""

TIMERS: Final[Strategy] = st.builds(Timer, DURATIONS, TIMES, TIMES)


def _flags(flags: type[Enum], values: Strategy) -> Strategy:
    return st.fixed_dictionaries(dict.fromkeys(flags, values)).map(immutables.Map)


def _interface(ips: frozenset[Ip], primary: Ip, bits: int, up: bool) -> Ifd:
    return Ifd(ips | {primary}, primary, NETMASK(bits), up)


INTERFACES: Final = st.one_of(
    st.builds(Ifd, st.just(LOOPBACK_ADDRS), st.just(IP(127, 0, 0, 1)), st.just(NETMASK(8)), st.booleans()),
    st.builds(_interface, st.frozensets(IPS, max_size=2), IPS, st.sampled_from((8, 24, 30, 32)), st.booleans()),
)

LEAVES: Final[dict[Any, Strategy]] = {
    int: NUMS,
    bool: st.booleans(),
    bytes: BYTES,
    str: st.just("text"),
    Fraction: DURATIONS,
    TimeInfty: st.just(time_infty),
    Timer: TIMERS,
    Ip: IPS,
    Port: PORTS,
    SID: st.integers(0, 3).map(SID),
    FID: st.integers(0, 3).map(FID),
    FD: st.integers(0, 9).map(FD),
    TID: st.integers(0, 2).map(TID),
    NETMASK: st.sampled_from((0, 8, 24, 30, 32)).map(NETMASK),
    Seq32: FOREIGN,
    Arch: st.sampled_from((FreeBSD_4_6_RELEASE, Linux_2_4_20_8, WinXP_Prof_SP1)),
    SockFlags: st.builds(
        SockFlags, _flags(SockBFlag, st.booleans()), _flags(SockNFlag, NUMS), _flags(SockTFlag, TIMES)
    ),
    FileFlags: st.builds(FileFlags, _flags(FileBFlag, st.booleans())),
    Ifd: INTERFACES,
    RoutingTableEntry: st.builds(
        RoutingTableEntry, IPS, st.sampled_from((0, 8, 24)).map(NETMASK), st.sampled_from((LO, ETH(0), ETH(0), ETH(1)))
    ),
    type(None): st.none(),
    Ifds: st.fixed_dictionaries({LO: INTERFACES, ETH(0): INTERFACES}).map(immutables.Map),
    BandlimState: st.lists(
        st.tuples(st.deferred(lambda: of(TcpSegment)), STAMP, st.sampled_from(BandlimReason)), max_size=3
    ).map(tuple),
}


def of(annotation: Any, variables: Mapping[Any, Strategy] | None = None) -> Strategy:
    """Values of an annotated type.  Raises TypeError for a type that there are no values of."""
    variables = variables or {}
    if isinstance(annotation, TypeVar):
        return variables.get(annotation, SMALL)
    if annotation in LEAVES:
        return LEAVES[annotation]
    if annotation is Any:
        raise TypeError("no values of Any")
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return st.one_of([of(argument, variables) for argument in arguments])
    if origin is tuple or annotation is tuple:
        return _tuples(arguments, variables)
    if origin is frozenset:
        return st.frozensets(of(arguments[0], variables), max_size=3)
    if isinstance(origin, type) and issubclass(origin, Mapping | immutables.Map):
        return _maps(arguments, variables)
    if isinstance(origin, type) and is_dataclass(origin):
        parameters = getattr(origin, "__parameters__", ())
        bound = {p: of(a, variables) for p, a in zip(parameters, arguments, strict=False)}
        return record(origin, bound)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    if isinstance(annotation, type) and is_dataclass(annotation):
        return record(annotation, variables)
    if origin is not None and origin.__name__ in ("Collection", "Iterable", "Sequence"):
        return st.lists(of(arguments[0], variables), max_size=3, unique=True).map(tuple)
    raise TypeError(f"no values of {annotation}")


def _tuples(arguments: tuple[Any, ...], variables: Mapping[Any, Strategy]) -> Strategy:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return st.lists(of(arguments[0], variables), max_size=3).map(tuple)
    return st.tuples(*(of(argument, variables) for argument in arguments))


def _maps(arguments: tuple[Any, ...], variables: Mapping[Any, Strategy]) -> Strategy:
    keys, values = (of(argument, variables) for argument in arguments)
    return st.dictionaries(keys, values, max_size=3).map(immutables.Map)


def record(cls: type, variables: Mapping[Any, Strategy]) -> Strategy:
    """Records of a class, each field of its annotated type, or as FIELDS has it."""
    hints = get_type_hints(cls)
    made = {
        f.name: FIELDS[cls, f.name] if (cls, f.name) in FIELDS else st.deferred(_later(hints[f.name], variables))
        for f in fields(cls)
    }
    return st.builds(cls, **made)


def _later(annotation: Any, variables: Mapping[Any, Strategy]) -> Callable[[], Strategy]:
    return lambda: of(annotation, variables)


SMALL_MAPS: Final = st.dictionaries(st.integers(0, 3), st.integers(0, 9), max_size=3).map(immutables.Map)
FULL_MAPS: Final = st.fixed_dictionaries(dict.fromkeys(range(4), SMALL)).map(immutables.Map)
TIMED_MAPS: Final = st.dictionaries(st.integers(0, 3), st.builds(Timed, SMALL, TIMERS), max_size=3).map(immutables.Map)
RECENT_STAMPS: Final = st.just(TimeWindowClosed) | st.builds(TimeWindow, STAMP, TIMERS)


def second_passes(timed: Timed[Any]) -> Timed[Any]:
    """A second passes for a timed value."""
    return Time_Pass_timed(Fraction(1), timed)


def not_open(fd: FD) -> bool:
    """Whether a descriptor is not one of 0, 1 and 3."""
    return fd.n not in (0, 1, 3)


def _long_queue(length: int) -> SocketListen:
    return SocketListen(tuple(map(SID, range(length))), (), 5)


LONG_QUEUES: Final = st.sampled_from((0, 29, 30, 31, 600, 15359, 15360, 15361)).map(_long_queue)


@st.composite
def _control_blocks(draw: Any) -> Tcpcb:
    """A control block whose sequence numbers are in order, mostly."""
    cb: Tcpcb = draw(record(Tcpcb, {}))
    if draw(st.integers(0, 4)) == 0:
        return cb
    una, sent, more = draw(LOCAL), draw(st.integers(0, 6)), draw(st.integers(0, 3))
    expected, room = draw(FOREIGN), draw(st.sampled_from((0, 1, 4, 100, 1460, 65535)))
    return replace(
        cb,
        snd_una=una,
        snd_nxt=una + sent,
        snd_max=una + sent + more,
        iss=una - draw(st.integers(0, 3)),
        snd_recover=una + draw(st.integers(-2, 4)),
        rcv_nxt=expected,
        rcv_adv=expected + room,
        rcv_wnd=room,
        last_ack_sent=expected - draw(st.integers(0, 2)),
        t_rttinf=replace(cb.t_rttinf, t_lastshift=draw(st.integers(0, 4))),
    )


CONTROL_BLOCKS: Final = _control_blocks()

TWO_CONTROL_BLOCKS: Final = {"cb": CONTROL_BLOCKS, "cb_": CONTROL_BLOCKS}


@st.composite
def _tcp_socket_of(draw: Any) -> Socket:
    sock: Socket = draw(record(Socket, {}))
    tcp: TcpSocket = draw(record(TcpSocket, {}))
    named = replace(sock, is1=draw(IPS), ps1=draw(PORTS), is2=draw(IPS), ps2=draw(PORTS))
    return replace(named, pr=TCP_PROTO(replace(tcp, cb=draw(CONTROL_BLOCKS))))


def tcp_sockets() -> Strategy:
    """TCP sockets with addresses and ports, whose control blocks are mostly in order."""
    return _tcp_socket_of()


@st.composite
def _reassembly(draw: Any) -> tuple[TcpReassSegment, ...]:
    """Segments that begin near each other."""
    base = draw(FOREIGN)
    segments = []
    for _ in range(draw(st.integers(0, 3))):
        begin = base + draw(st.integers(-1, 4))
        urgent = begin + draw(st.integers(0, 3)) if draw(st.integers(0, 3)) == 0 else None
        segments.append(TcpReassSegment(begin, urgent, draw(st.booleans()), draw(st.binary(max_size=4))))
    return tuple(segments)


REASSEMBLY: Final = _reassembly()


@st.composite
def _connections(draw: Any) -> immutables.Map[SID, Socket]:
    """Sockets of which one may wait on the queue of another that listens."""
    socks = {SID(0): draw(tcp_sockets()), SID(1): draw(tcp_sockets()), SID(2): draw(tcp_sockets())}
    waiting = draw(st.lists(st.sampled_from((SID(0), SID(2), SID(3))), max_size=3, unique=True))
    listener = socks[SID(1)]
    lis = SocketListen(tuple(waiting), (), draw(st.integers(0, 3)))
    if draw(st.booleans()):
        socks[SID(1)] = replace(listener, pr=TCP_PROTO(replace(listener.pr.v, lis=lis)))
    return immutables.Map(socks)


CONNECTIONS: Final = _connections()


def _received(seg: TcpSegment, is1: Ip, is2: Ip) -> TcpSegment:
    return replace(seg, is1=is1, is2=is2)


RECEIVED: Final = st.builds(_received, record(TcpSegment, {}), IPS, IPS)
"""Segments with both addresses, as those are that the rules look up."""
