"""Labels, datagrams, calls and host lines of the HOL trace language, from its terms.

Some traces are older than the model's present text.  Where they mean what the model still has, they are read
as it:

- `socket()` is `socket(SOCK_STREAM)`: there were no other sockets then;
- `connect(fd, i, Port p)` is `connect(fd, i, SOME(Port p))`, `send(fd, data, flags)` has no address;
- `OK(one)` is `OK()`;
- a getsockname that returned an address and a port without SOME has both, a recv that returned a string alone
  has no sender;
- `FIN_WAIT1` and `FIN_WAIT2` are `FIN_WAIT_1` and `FIN_WAIT_2`.

A trace record without flavour and socket becomes a LegacyTrace: the model has nothing that it could be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias, TypeVar

from lark import Token

from netoracle.trace.hol_terms import (
    Node,
    Term,
    any_sequence,
    applied,
    arguments,
    boolean,
    character,
    components,
    duration,
    fd,
    fields,
    ifid,
    integer,
    ip,
    member,
    mismatch,
    natural,
    netmask,
    numbered,
    octets,
    option,
    pair,
    parts,
    port,
    record,
    rejected,
    seq_foreign,
    seq_local,
    seq_ts,
    sequence_of,
    set_of,
    shown_text,
    string,
    tid,
    tlang,
    word,
    word16,
)
from netoracle.trace.model import InitialHost, LegacyTrace, Quad, TraceLabel
from netspec.base.base_types import (
    FAIL,
    FD,
    OK,
    SOCK_STREAM,
    FileBFlag,
    IfId,
    MsgBFlag,
    Ok,
    SockBFlag,
    SockNFlag,
    SockTFlag,
    SockType,
    TL_err,
    TL_ip,
    TL_option,
    TL_pair,
    TL_port,
    TL_string,
    TLang,
)
from netspec.base.errors import Error
from netspec.base.seq32 import Seq32
from netspec.base.signals import Signal
from netspec.base.timers import TimeWindow, Timewindow, TimeWindowClosed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp import net_types as net
from netspec.tcp.host0 import (
    Lh_call,
    Lh_epsilon,
    Lh_interface,
    Lh_loopdatagram,
    Lh_recvdatagram,
    Lh_return,
    Lh_senddatagram,
    Lh_tau,
    Lh_trace,
)
from netspec.tcp.host_types import Tracecb, TraceRecord
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import (
    LOOPBACK_ADDRS,
    HostParams,
    Ifd,
    IpSet,
    RoutingTableEntry,
    TcpState,
    TraceFlavour,
)

T = TypeVar("T")

Reader: TypeAlias = Callable[[Term], object]

ARCHITECTURES = ("FreeBSD_4_6_RELEASE", "Linux_2_4_20_8", "WinXP_Prof_SP1")

_sid = numbered("SID", SID, "a socket")
_error = member(Error, "an error code")
_signal = member(Signal, "a signal")
_fds = sequence_of(fd, "a list of file descriptors")
_filebflags = sequence_of(member(FileBFlag, "a file flag"), "a list of file flags")
_msgbflags = sequence_of(member(MsgBFlag, "a message flag"), "a list of message flags")
_sockbflag = member(SockBFlag, "a boolean socket option")
_socknflag = member(SockNFlag, "a numeric socket option")
_socktflag = member(SockTFlag, "a timed socket option")
_socktype = member(SockType, "a type of socket")
_seconds = option(pair(integer, integer, "a pair of numbers"))
_ip_option = option(ip)
_port_option = option(port)


# ---------------------------------------------------------------- calls and returns


def _port_of_connect(term: Term) -> object:
    return port(term) if parts(term)[0] == "Port" else _port_option(term)


_CALLS: Mapping[str, tuple[Callable[..., lib.LIB_interface], tuple[Reader, ...]]] = {
    "accept": (lib.accept, (fd,)),
    "bind": (lib.bind, (fd, _ip_option, _port_option)),
    "close": (lib.close, (fd,)),
    "connect": (lib.connect, (fd, ip, _port_of_connect)),
    "disconnect": (lib.disconnect, (fd,)),
    "dup": (lib.dup, (fd,)),
    "dupfd": (lib.dupfd, (fd, integer)),
    "getfileflags": (lib.getfileflags, (fd,)),
    "getifaddrs": (lib.getifaddrs, ()),
    "getpeername": (lib.getpeername, (fd,)),
    "getsockbopt": (lib.getsockbopt, (fd, _sockbflag)),
    "getsockerr": (lib.getsockerr, (fd,)),
    "getsocklistening": (lib.getsocklistening, (fd,)),
    "getsockname": (lib.getsockname, (fd,)),
    "getsocknopt": (lib.getsocknopt, (fd, _socknflag)),
    "getsocktopt": (lib.getsocktopt, (fd, _socktflag)),
    "listen": (lib.listen, (fd, integer)),
    "pselect": (lib.pselect, (_fds, _fds, _fds, _seconds, option(sequence_of(_signal, "a list of signals")))),
    "recv": (lib.recv, (fd, integer, _msgbflags)),
    "send": (lib.send, (fd, option(pair(ip, port, "an address and a port")), string, _msgbflags)),
    "setfileflags": (lib.setfileflags, (fd, _filebflags)),
    "setsockbopt": (lib.setsockbopt, (fd, _sockbflag, boolean)),
    "setsocknopt": (lib.setsocknopt, (fd, _socknflag, integer)),
    "setsocktopt": (lib.setsocktopt, (fd, _socktflag, _seconds)),
    "shutdown": (lib.shutdown, (fd, boolean, boolean)),
    "sockatmark": (lib.sockatmark, (fd,)),
    "socket": (lib.socket, (_socktype,)),
}


def call(term: Term) -> lib.LIB_interface:
    """A sockets call with its arguments."""
    name, args = parts(term)
    if name not in _CALLS or len(args) != 1:
        raise mismatch(term, "a sockets call")
    make, readers = _CALLS[name]
    given = arguments(args[0])
    if name == "socket" and not given:
        return make(SOCK_STREAM)
    if name == "send" and len(given) == 3:
        sender, data, flags = given
        return make(fd(sender), None, string(data), _msgbflags(flags))
    if len(given) != len(readers):
        raise rejected(term, f"{name} takes {len(readers)} arguments, found {len(given)}")
    return make(*(read(arg) for read, arg in zip(readers, given, strict=True)))


def result(term: Term) -> TLang:
    """What a call returned, typed by its looks."""
    name, args = parts(term)
    if name == "FAIL" and len(args) == 1:
        return FAIL(_error(args[0]))
    if name != "OK" or len(args) != 1:
        raise mismatch(term, "OK(...) or FAIL(...)")
    return OK(tlang(args[0]))


def typed_result(value: TLang, of: lib.LIB_interface | None) -> TLang:
    """A result as the model types it for the call `of`, where older traces wrote it without its options."""
    match of, value:
        case lib.getsockname(), TL_err(Ok(TL_pair(TL_ip() as i, TL_port() as p))):
            return OK(TL_pair(TL_option(i), TL_option(p)))
        case lib.recv(), TL_err(Ok(TL_string() as data)):
            return OK(TL_pair(data, TL_option(None)))
    return value


# ---------------------------------------------------------------- datagrams

_TCP: Mapping[str, Reader] = {
    "is1": _ip_option,
    "is2": _ip_option,
    "ps1": _port_option,
    "ps2": _port_option,
    "seq": seq_local,
    "ack": seq_foreign,
    "URG": boolean,
    "ACK": boolean,
    "PSH": boolean,
    "RST": boolean,
    "SYN": boolean,
    "FIN": boolean,
    "win": word16,
    "ws": option(character),
    "urp": word16,
    "mss": option(word16),
    "ts": option(pair(seq_ts, seq_ts, "two timestamps")),
    "data": octets,
}

_UDP: Mapping[str, Reader] = {
    "is1": _ip_option,
    "is2": _ip_option,
    "ps1": _port_option,
    "ps2": _port_option,
    "data": octets,
}


def message(term: Term) -> net.Msg:
    """A datagram."""
    name, args = parts(term)
    match name, len(args):
        case "TCP", 1:
            return net.TCP(net.TcpSegment(**record(args[0], "a TCP segment", _TCP)))
        case "UDP", 1:
            return net.UDP(net.UdpDatagram(**record(args[0], "a UDP datagram", _UDP)))
        case "ICMP", 1:
            return net.ICMP(net.IcmpDatagram(**record(args[0], "an ICMP datagram", _ICMP)))
        case _:
            raise mismatch(term, "TCP(...), UDP(...) or ICMP(...)")


_Codes: TypeAlias = Mapping[str, object]

_ICMP_TYPES: Mapping[str, tuple[Callable[..., net.IcmpType], _Codes, Callable[[int, int], object]]] = {
    "ICMP_UNREACH": (net.ICMP_UNREACH, net.IcmpUnreach.__members__, net.OTHER),
    "ICMP_SOURCE_QUENCH": (net.ICMP_SOURCE_QUENCH, net.IcmpSourceQuench.__members__, net.SQ_OTHER),
    "ICMP_REDIRECT": (
        net.ICMP_REDIRECT,
        {name.removeprefix("RD_"): code for name, code in net.IcmpRedirect.__members__.items()},
        net.RD_OTHER,
    ),
    "ICMP_TIME_EXCEEDED": (net.ICMP_TIME_EXCEEDED, net.IcmpTimeExceeded.__members__, net.TX_OTHER),
    "ICMP_PARAMPROB": (net.ICMP_PARAMPROB, net.IcmpParamProb.__members__, net.PP_OTHER),
}


def _icmp_type(term: Term) -> net.IcmpType:
    """An ICMP type with its code; brackets around the code, and around what a code holds, may be missing."""
    name, args = parts(term)
    if name not in _ICMP_TYPES or not args:
        raise mismatch(term, "an ICMP type and its code")
    make, codes, other = _ICMP_TYPES[name]
    code, held = parts(applied(args))
    if code[:3] in ("RD_", "SQ_", "TX_", "PP_"):
        code = code[3:]
    if code in codes and not held:
        return make(codes[code])
    if code == "NEEDFRAG" and name == "ICMP_UNREACH" and held:
        return make(net.NEEDFRAG(option(word16)(applied(held))))
    numbers = arguments(held[0]) if len(held) == 1 else held
    if code != "OTHER" or len(numbers) != 2:
        raise mismatch(args[0], f"a code of {name}")
    return make(other(_byte_or_number(numbers[0]), _word_or_number(numbers[1])))


def _byte_or_number(term: Term) -> int:
    return character(term) if isinstance(term, Node) else natural(term, "a byte", 255)


def _word_or_number(term: Term) -> int:
    what = "a 32-bit word"
    return word(term, 32, what) if isinstance(term, Node) else natural(term, what, 2**32 - 1)


_ICMP: Mapping[str, Reader] = {
    "is1": _ip_option,
    "is2": _ip_option,
    "is3": _ip_option,
    "is4": _ip_option,
    "ps3": _port_option,
    "ps4": _port_option,
    "proto": member(net.Protocol, "a protocol"),
    "seq": option(seq_local),
    "t": _icmp_type,
}


# ---------------------------------------------------------------- trace records


def _time_window(term: Term) -> Timewindow[Seq32]:
    name, args = parts(term)
    if name == "TimeWindowClosed" and not args:
        return TimeWindowClosed
    if name != "TimeWindow" or len(args) != 1:
        raise mismatch(term, "TimeWindowClosed or TimeWindow(ts_seq(n2w n), never_timer)")
    value, timer = components(args[0], 2, "a timestamp and a timer")
    if parts(timer) != ("never_timer", ()):
        raise mismatch(timer, "never_timer")
    return TimeWindow(seq_ts(value), never_timer)


_TRACECB: Mapping[str, Reader] = {
    "snd_una": seq_local,
    "snd_max": seq_local,
    "snd_nxt": seq_local,
    "snd_wl1": seq_foreign,
    "snd_wl2": seq_local,
    "iss": seq_local,
    "snd_wnd": natural,
    "snd_cwnd": natural,
    "snd_ssthresh": natural,
    "rcv_wnd": natural,
    "rcv_nxt": seq_foreign,
    "rcv_up": seq_foreign,
    "irs": seq_foreign,
    "rcv_adv": seq_foreign,
    "snd_recover": seq_local,
    "t_maxseg": natural,
    "t_dupacks": natural,
    "t_rttseg": option(pair(seq_ts, seq_local, "a timestamp and a sequence number")),
    "snd_scale": natural,
    "rcv_scale": natural,
    "ts_recent": _time_window,
    "last_ack_sent": seq_foreign,
}

_STATES: Mapping[str, TcpState] = {
    **TcpState.__members__,
    "FIN_WAIT1": TcpState.FIN_WAIT_1,
    "FIN_WAIT2": TcpState.FIN_WAIT_2,
}


def _state(term: Term) -> TcpState:
    name, args = parts(term)
    if name not in _STATES or args:
        raise mismatch(term, "a state of a connection")
    return _STATES[name]


def _quad(term: Term) -> Quad:
    is1, ps1, is2, ps2 = components(term, 4, "two addresses with their ports")
    return _ip_option(is1), _port_option(ps1), _ip_option(is2), _port_option(ps2)


_FLAVOUR = member(TraceFlavour, "a flavour of trace record")


def _trace(args: tuple[Term, ...], at: Token) -> TraceLabel:
    match args:
        case flav, sid, quad, st, cb:
            values = record(cb, "a control block", _TRACECB)
            where = option(_quad)(quad)
            return Lh_trace(TraceRecord(_FLAVOUR(flav), _sid(sid), where, _state(st), Tracecb(**values)))
        case quad, st, cb:
            return LegacyTrace(option(_quad)(quad), _state(st), _legacy_fields(cb))
        case _:
            raise rejected(at, f"Lh_trace takes 5 arguments, found {len(args)}")


def _legacy_fields(term: Term) -> tuple[tuple[str, int | Seq32 | None], ...]:
    if not isinstance(term, Node) or term.kind != "record":
        raise mismatch(term, "a control block (<| ... |>)")
    values: dict[str, int | Seq32 | None] = {}
    for name, value in fields(term):
        if name in values:
            raise rejected(name, f"a control block has the field {shown_text(name)} twice")
        values[str(name)] = _legacy_value(value)
    return tuple(values.items())


def _legacy_value(term: Term) -> int | Seq32 | None:
    """A field of an older control block; the time in `SOME(Timed(x, time_zero))` says nothing and is lost."""
    if isinstance(term, Token):
        return natural(term) if term.type == "NUMBER" else option(any_sequence)(term)
    if parts(term)[0] != "SOME":
        return any_sequence(term)
    name, args = parts(parts(term)[1][0])
    if name != "Timed" or len(args) != 1:
        raise mismatch(term, "SOME(Timed(ts_seq(n2w n), time_zero))")
    value, time = components(args[0], 2, "a timestamp and a time")
    if parts(time) != ("time_zero", ()):
        raise mismatch(time, "time_zero")
    return seq_ts(value)


# ---------------------------------------------------------------- labels


def label(name: Token, args: tuple[Term, ...]) -> TraceLabel:
    """A label of one host from its name and its arguments."""
    if name not in _LABELS:
        raise rejected(name, f"unknown label {shown_text(name)}")
    count, make = _LABELS[name]
    if len(args) != count and count >= 0:
        raise rejected(name, f"{name} takes {count} arguments, found {len(args)}")
    return make(args, name)


_LABELS: Mapping[str, tuple[int, Callable[[tuple[Term, ...], Token], TraceLabel]]] = {
    "Lh_call": (2, lambda args, _: Lh_call(tid(args[0]), call(args[1]))),
    "Lh_return": (2, lambda args, _: Lh_return(tid(args[0]), result(args[1]))),
    "Lh_senddatagram": (1, lambda args, _: Lh_senddatagram(message(args[0]))),
    "Lh_recvdatagram": (1, lambda args, _: Lh_recvdatagram(message(args[0]))),
    "Lh_loopdatagram": (1, lambda args, _: Lh_loopdatagram(message(args[0]))),
    "Lh_interface": (2, lambda args, _: Lh_interface(ifid(args[0]), boolean(args[1]))),
    "Lh_epsilon": (1, lambda args, _: Lh_epsilon(duration(args[0]))),
    "Lh_tau": (0, lambda args, _: Lh_tau()),
    "Lh_trace": (-1, _trace),
}


# ---------------------------------------------------------------- the setup of a host


def abstime(args: list[Token]) -> Fraction:
    """The base time in seconds, `abstime sec usec`."""
    if len(args) == 1:
        return duration(args[0])
    return natural(args[0], "seconds") + Fraction(natural(args[1], "microseconds"), 1_000_000)


_addresses = set_of(ip, "a set of addresses ({...})")


def _ipset(term: Term) -> IpSet:
    return LOOPBACK_ADDRS if parts(term) == ("LOOPBACK_ADDRS", ()) else _addresses(term)


_IFD: Mapping[str, Reader] = {
    "ipset": _ipset,
    "primary": ip,
    "netmask": netmask,
    "up": boolean,
}

_ROUTE: Mapping[str, Reader] = {
    "destination_ip": ip,
    "destination_netmask": netmask,
    "ifid": ifid,
}


def _port_number(term: Term) -> int:
    return natural(term, "a port", 65535)


_PARAMS: Mapping[str, Reader] = {"min_eph_port": _port_number, "max_eph_port": _port_number}
_HELD_PORTS = sequence_of(pair(_ip_option, port, "an address and a port"), "a list of held ports")


def _architecture(term: Term) -> str:
    name, args = parts(term)
    if name not in ARCHITECTURES or args:
        raise mismatch(term, f"an architecture ({', '.join(ARCHITECTURES)})")
    return name


def _descriptor(term: Term) -> FD:
    return FD(natural(term, "the number of a descriptor"))


_DESCRIPTORS = sequence_of(_descriptor, "a list of open descriptors")


def _symbol_or(read: Callable[[Term], T]) -> Callable[[Term], T | str]:
    """The reader of a value that the line may leave symbolic, as a name that means nothing here."""

    def read_or_symbol(term: Term) -> T | str:
        return str(term) if isinstance(term, Token) and term.type == "NAME" else read(term)

    return read_or_symbol


_TICKS = _symbol_or(seq_ts)
_REMDR = _symbol_or(duration)


def _interface(term: Term) -> tuple[IfId, Ifd]:
    name, ifd = components(term, 2, "an interface and what it is")
    return ifid(name), Ifd(**record(ifd, "an interface", _IFD))


def _route(term: Term) -> RoutingTableEntry:
    return RoutingTableEntry(**record(term, "a route", _ROUTE))


_INTERFACES = sequence_of(_interface, "a list of interfaces")
_ROUTES = sequence_of(_route, "a list of routes")

_HOST = (
    "initial_host takes an address, a thread, an architecture, T or F, held ports, interfaces, routes, "
    "open descriptors (or none), two tickers, and parameters (or none)"
)


def host_line(name: str | None, at: Token, args: tuple[Term, ...]) -> InitialHost:
    """The setup of a host from the arguments of its line, the host's name, and the line's first word."""
    given = list(args)
    if not 9 <= len(given) <= 11:
        raise rejected(at, f"{_HOST}; found {len(given)} arguments")
    lists_fds = isinstance(given[7], Node) and given[7].kind == "list"
    fds = _DESCRIPTORS(given.pop(7)) if lists_fds else None
    params = given.pop() if len(given) == 10 else None
    if len(given) != 9:
        raise rejected(at, f"{_HOST}; found {len(args)} arguments")
    host_ip, thread, arch, privs, heldports, ifaces, rttab, ticks, remdr = given
    return InitialHost(
        name,
        ip(host_ip),
        tid(thread),
        _architecture(arch),
        boolean(privs),
        _HELD_PORTS(heldports),
        _INTERFACES(ifaces),
        _ROUTES(rttab),
        fds,
        _TICKS(ticks),
        _REMDR(remdr),
        None if params is None else HostParams(**record(params, "the host's parameters", _PARAMS)),
    )
