"""Writing the HOL trace language, laid out as the recorders of Netsem wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from enum import Enum
from fractions import Fraction

from netoracle.trace.hol_comments import is_remark, is_source
from netoracle.trace.hol_terms import MAX_DIGITS
from netoracle.trace.hol_text import data_remark, string_literal
from netoracle.trace.model import Entry, InitialHost, LegacyTrace, Quad, Trace, TraceLabel, seconds
from netspec.base.base_types import (
    ETH,
    FD,
    NETMASK,
    TID,
    Fail,
    IfId,
    Ip,
    Ok,
    Port,
    TL_bool,
    TL_err,
    TL_fd,
    TL_ifid,
    TL_int,
    TL_ip,
    TL_list,
    TL_netmask,
    TL_one,
    TL_option,
    TL_pair,
    TL_port,
    TL_string,
    TL_tid,
    TLang,
)
from netspec.base.seq32 import Seq32, Side
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
from netspec.tcp.pre_host_types import LOOPBACK_ADDRS, Ifd, IpSet, RoutingTableEntry


def print_hol(trace: Trace) -> str:
    """The canonical text of a trace in the HOL trace language; reading it gives an equal trace.

    The text is Latin-1: its strings are ASCII, its remarks may not be.

    Raises ValueError where the language has no words for a part of the trace: a call of another interface, a
    remark that would be read as something else, a result that no call returns.
    """
    joint = len(trace.hosts) > 1 or any(host.name is not None for host in trace.hosts)
    joint = joint or any(entry.host is not None for entry in trace.labels)
    blocks = [*map(_remark, trace.header)]
    blocks += ["(* HOST *)", *map(_host, trace.hosts), "(* TSOH *)", "(* BEGIN *)", "(* BASETIME *)"]
    if trace.base_time is not None:
        blocks.append(f"abstime {_duration(trace.base_time)}")
    blocks += ["(* EMITESAB *)", ""]
    blocks += [_entry(entry, joint) + ";\n" for entry in trace.labels]
    return "\n".join(blocks)


def _entry(entry: Entry, joint: bool) -> str:
    lines = []
    if entry.time is not None:
        if entry.time < 0 or not is_source(entry.source):
            raise ValueError(f"no comment can say that this was seen at {entry.time} by {entry.source!r}")
        source = f' "{entry.source}"' if entry.source else ""
        _bounded(entry.time.numerator, entry.time.denominator)
        lines.append(f"(** {seconds(entry.time)}{source} **)")
    elif entry.source:
        raise ValueError(f"no comment can name the source {entry.source!r} without a time")
    if entry.index is not None:
        lines.append(f"(* Merge Index: {_natural(entry.index)} *)")
    lines += map(_remark, entry.comments)
    if entry.host is not None:
        lines.append(f"Ln1_host({_host_name(entry.host)},\n{print_label(entry.label)}\n)")
    elif joint and isinstance(entry.label, Lh_epsilon):
        lines.append(f"Ln1_epsilon({_epsilon(entry.label.dur)})")
    else:
        lines.append(print_label(entry.label))
    return "\n".join(lines)


def _remark(text: str) -> str:
    if not is_remark(text):
        raise ValueError(f"no comment can hold the remark {text!r}")
    return f"(* {text} *)"


# ---------------------------------------------------------------- numbers and names


def _bounded(*values: int) -> None:
    if any(abs(value) >= 10**MAX_DIGITS for value in values):
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")


def _natural(value: int) -> str:
    _bounded(value)
    if value < 0:
        raise ValueError(f"expected a natural number, found {value}")
    return str(value)


def _integer(value: int) -> str:
    _bounded(value)
    return f"~{-value}" if value < 0 else str(value)


def _duration(time: Fraction) -> str:
    """Seconds and microseconds where they are whole, otherwise a quotient of seconds."""
    if time < 0:
        raise ValueError(f"expected a duration, found {time}")
    _bounded(time.numerator, time.denominator)
    micros = time * 1_000_000
    if micros.denominator == 1:
        return f"{micros.numerator // 1_000_000} {micros.numerator % 1_000_000}"
    return f"{time.numerator} / {time.denominator}"


def _epsilon(dur: Fraction) -> str:
    text = _duration(dur)
    return text if "/" in text else f"duration {text}"


def _boolean(value: bool) -> str:
    return "T" if value else "F"


def _name(value: Enum) -> str:
    return value.name


def _host_name(name: str) -> str:
    return string_literal(name.encode("latin-1"))


def _ip(ip: Ip) -> str:
    octets = ip.n.to_bytes(4)
    return f"IP {octets[0]} {octets[1]} {octets[2]} {octets[3]}"


def _port(port: Port) -> str:
    return f"Port {_natural(port.n)}"


def _fd(fd: FD) -> str:
    return f"FD {_natural(fd.n)}"


def _tid(tid: TID) -> str:
    return f"TID {_natural(tid.n)}"


def _netmask(netmask: NETMASK) -> str:
    return f"NETMASK {_natural(netmask.m)}"


def _ifid(ifid: IfId) -> str:
    return f"ETH {_natural(ifid.n)}" if isinstance(ifid, ETH) else "LO"


def _sequence(value: Seq32) -> str:
    return f"{_SENSES[value.side]}(n2w {_natural(value.n)})"


_SENSES = {
    Side.TcpLocal: "tcp_seq_local",
    Side.TcpForeign: "tcp_seq_foreign",
    Side.Tstamp: "ts_seq",
}


def _word(value: int) -> str:
    return f"n2w {_natural(value)}"


def _byte(value: int) -> str:
    return f"CHR {_natural(value)}"


def _option(show: Callable[..., str], value: object) -> str:
    return "NONE" if value is None else f"SOME({show(value)})"


def _list(show: Callable[..., str], values: Iterable[object]) -> str:
    return f"[{'; '.join(map(show, values))}]"


# ---------------------------------------------------------------- calls and returns

_Show = Callable[..., str]


def _maybe(show: _Show) -> _Show:
    return lambda value: _option(show, value)


def _listed(show: _Show) -> _Show:
    return lambda values: _list(show, values)


def _paired(first: _Show, second: _Show) -> _Show:
    return lambda values: f"{first(values[0])}, {second(values[1])}"


_FDS = _listed(_fd)
_FLAGS = _listed(_name)
_SECONDS = _maybe(_paired(_integer, _integer))

_CALLS: Mapping[type[lib.LIB_interface], tuple[_Show, ...]] = {
    lib.accept: (_fd,),
    lib.bind: (_fd, _maybe(_ip), _maybe(_port)),
    lib.close: (_fd,),
    lib.connect: (_fd, _ip, _maybe(_port)),
    lib.disconnect: (_fd,),
    lib.dup: (_fd,),
    lib.dupfd: (_fd, _integer),
    lib.getfileflags: (_fd,),
    lib.getifaddrs: (),
    lib.getpeername: (_fd,),
    lib.getsockbopt: (_fd, _name),
    lib.getsockerr: (_fd,),
    lib.getsocklistening: (_fd,),
    lib.getsockname: (_fd,),
    lib.getsocknopt: (_fd, _name),
    lib.getsocktopt: (_fd, _name),
    lib.listen: (_fd, _integer),
    lib.pselect: (_FDS, _FDS, _FDS, _SECONDS, _maybe(_FLAGS)),
    lib.recv: (_fd, _integer, _FLAGS),
    lib.send: (_fd, _maybe(_paired(_ip, _port)), string_literal, _FLAGS),
    lib.setfileflags: (_fd, _FLAGS),
    lib.setsockbopt: (_fd, _name, _boolean),
    lib.setsocknopt: (_fd, _name, _integer),
    lib.setsocktopt: (_fd, _name, _SECONDS),
    lib.shutdown: (_fd, _boolean, _boolean),
    lib.sockatmark: (_fd,),
    lib.socket: (_name,),
}


def _call(call: lib.LIB_interface) -> str:
    shows = _CALLS[type(call)]
    values = (getattr(call, field.name) for field in fields(call))
    arguments = (show(value) for show, value in zip(shows, values, strict=True))
    return f"{type(call).__name__}({', '.join(arguments)})"


def _result(value: TLang) -> str:
    match value:
        case TL_err(Fail(error)):
            return f"FAIL({error.name})"
        case TL_err(Ok(TL_pair(a, b))):
            return f"OK({_tlang(a)}, {_tlang(b)})"
        case TL_err(Ok(TL_one())):
            return "OK()"
        case TL_err(Ok(result)):
            return f"OK({_tlang(result)})"
    raise ValueError(f"no call returns {value!r}")


def _tlang(value: TLang) -> str:
    """A value inside another; a pair is in brackets."""
    match value:
        case TL_pair(a, b):
            return f"({_tlang(a)}, {_tlang(b)})"
        case TL_option(TL_pair(a, b)):
            return f"SOME({_tlang(a)}, {_tlang(b)})"
        case TL_option(some):
            return _option(_tlang, some)
        case TL_list(items):
            return _list(_tlang, items)
        case TL_one():
            return "()"
        case TL_int(v):
            return _integer(v)
        case TL_bool(v):
            return _boolean(v)
        case TL_string(v):
            return string_literal(v)
        case TL_fd(v):
            return _fd(v)
        case TL_ip(v):
            return _ip(v)
        case TL_port(v):
            return _port(v)
        case TL_netmask(v):
            return _netmask(v)
        case TL_ifid(v):
            return _ifid(v)
        case TL_tid(v):
            return _tid(v)
        case TL_err():
            raise ValueError(f"no call returns {value!r}")
        case _:
            return _name(value.v)


# ---------------------------------------------------------------- datagrams


def _message(msg: net.Msg) -> str:
    match msg:
        case net.TCP(segment):
            return f"TCP({_record(_TCP, segment, '    ')})"
        case net.UDP(datagram):
            return f"UDP({_record(_UDP, datagram, '    ')})"
        case net.ICMP(datagram):
            return f"ICMP({_record(_ICMP, datagram, '    ')})"


def _record(shows: Mapping[str, _Show], value: object, indent: str) -> str:
    lines = [f"{indent}{name} := {show(getattr(value, name))}" for name, show in shows.items()]
    return "<|\n" + ";\n".join(lines) + "\n" + indent[1:] + "|>"


def _data(data: bytes) -> str:
    return f"{_list(_byte, data)}   {data_remark(data)}"


_ENDS: Mapping[str, _Show] = {
    "is1": _maybe(_ip),
    "is2": _maybe(_ip),
    "ps1": _maybe(_port),
    "ps2": _maybe(_port),
}

_TCP: Mapping[str, _Show] = {
    **_ENDS,
    "seq": _sequence,
    "ack": _sequence,
    "URG": _boolean,
    "ACK": _boolean,
    "PSH": _boolean,
    "RST": _boolean,
    "SYN": _boolean,
    "FIN": _boolean,
    "win": _word,
    "ws": _maybe(_byte),
    "urp": _word,
    "mss": _maybe(_word),
    "ts": _maybe(_paired(_sequence, _sequence)),
    "data": _data,
}

_UDP: Mapping[str, _Show] = {**_ENDS, "data": _data}


def _icmp_type(icmp: net.IcmpType) -> str:
    match icmp.code:
        case net.NEEDFRAG(mtu):
            code = f"NEEDFRAG({_option(_word, mtu)})"
        case Enum() as named:
            code = named.name.removeprefix("RD_")
        case other:
            code = f"OTHER({_byte(other.byte)}, {_word(other.word)})"
    return f"{type(icmp).__name__}({code})"


_ICMP: Mapping[str, _Show] = {
    "is1": _maybe(_ip),
    "is2": _maybe(_ip),
    "is3": _maybe(_ip),
    "is4": _maybe(_ip),
    "ps3": _maybe(_port),
    "ps4": _maybe(_port),
    "proto": _name,
    "seq": _maybe(_sequence),
    "t": _icmp_type,
}


# ---------------------------------------------------------------- trace records


def _time_window(window: Timewindow[Seq32]) -> str:
    if window is TimeWindowClosed:
        return "TimeWindowClosed"
    if not isinstance(window, TimeWindow) or window.timer != never_timer:
        raise ValueError(f"no trace record holds {window!r}")
    return f"TimeWindow({_sequence(window.value)}, never_timer)"


_TRACECB: Mapping[str, _Show] = {
    "snd_una": _sequence,
    "snd_max": _sequence,
    "snd_nxt": _sequence,
    "snd_wl1": _sequence,
    "snd_wl2": _sequence,
    "iss": _sequence,
    "snd_wnd": _natural,
    "snd_cwnd": _natural,
    "snd_ssthresh": _natural,
    "rcv_wnd": _natural,
    "rcv_nxt": _sequence,
    "rcv_up": _sequence,
    "irs": _sequence,
    "rcv_adv": _sequence,
    "snd_recover": _sequence,
    "t_maxseg": _natural,
    "t_dupacks": _natural,
    "t_rttseg": _maybe(_paired(_sequence, _sequence)),
    "snd_scale": _natural,
    "rcv_scale": _natural,
    "ts_recent": _time_window,
    "last_ack_sent": _sequence,
}


def _quad(quad: Quad) -> str:
    is1, ps1, is2, ps2 = quad
    return f"{_option(_ip, is1)}, {_option(_port, ps1)}, {_option(_ip, is2)}, {_option(_port, ps2)}"


def _legacy_field(value: int | Seq32 | None) -> str:
    if value is None:
        return "NONE"
    if isinstance(value, Seq32):
        shown = _sequence(value)
        return f"SOME(Timed({shown}, time_zero))" if value.side is Side.Tstamp else shown
    return _natural(value)


def _legacy(trace: LegacyTrace) -> str:
    lines = [f"   {name} := {_legacy_field(value)}" for name, value in trace.fields]
    record = "<|\n" + ";\n".join(lines) + "\n  |>"
    return f"Lh_trace({_option(_quad, trace.quad)},\n  {trace.st.name},\n {record})"


# ---------------------------------------------------------------- labels and hosts


def print_label(label: TraceLabel) -> str:
    """One label of a host in the HOL trace language.

    Raises ValueError where the language has no words for it.
    """
    match label:
        case Lh_call(tid, call):
            return f"Lh_call({_tid(tid)}, {_call(call)})"
        case Lh_return(tid, v):
            return f"Lh_return({_tid(tid)}, {_result(v)})"
        case Lh_senddatagram(msg) | Lh_recvdatagram(msg) | Lh_loopdatagram(msg):
            return f"{type(label).__name__}({_message(msg)})"
        case Lh_interface(ifid, up):
            return f"Lh_interface({_ifid(ifid)}, {_boolean(up)})"
        case Lh_tau():
            return "Lh_tau"
        case Lh_epsilon(dur):
            return f"Lh_epsilon({_epsilon(dur)})"
        case Lh_trace(tr):
            where = _option(_quad, tr.quad)
            cb = _record(_TRACECB, tr.cb, "   ")
            return f"Lh_trace({tr.flav.name}, SID {_natural(tr.sid.n)}, {where},\n  {tr.st.name},\n {cb})"
        case LegacyTrace():
            return _legacy(label)
    raise ValueError(f"the HOL trace language has no label for {label!r}")


def _ipset(ipset: IpSet) -> str:
    if isinstance(ipset, frozenset):
        return f"{{{'; '.join(_ip(ip) for ip in sorted(ipset, key=lambda ip: ip.n))}}}"
    if ipset != LOOPBACK_ADDRS:
        raise ValueError(f"no host line names the addresses {ipset!r}")
    return "LOOPBACK_ADDRS"


def _interface(interface: tuple[IfId, Ifd]) -> str:
    ifid, ifd = interface
    return (
        f"({_ifid(ifid)}, <| ipset := {_ipset(ifd.ipset)}; primary := {_ip(ifd.primary)}; "
        f"netmask := {_netmask(ifd.netmask)}; up := {_boolean(ifd.up)} |>)"
    )


def _route(route: RoutingTableEntry) -> str:
    return (
        f"<| destination_ip := {_ip(route.destination_ip)}; "
        f"destination_netmask := {_netmask(route.destination_netmask)}; ifid := {_ifid(route.ifid)} |>"
    )


def _held_port(held: tuple[Ip | None, Port]) -> str:
    return f"({_option(_ip, held[0])}, {_port(held[1])})"


def _host(host: InitialHost) -> str:
    words = [
        f"initial_host ({_ip(host.ip)}) ({_tid(host.tid)}) ({host.arch}) {_boolean(host.privs)}",
        _list(_held_port, host.heldports),
        _list(_interface, host.ifaces),
        _list(_route, host.rttab),
    ]
    if host.fds is not None:
        words.append(f"[{';'.join(_natural(fd.n) for fd in host.fds)}]")
    words.append(host.ticks if isinstance(host.ticks, str) else f"({_sequence(host.ticks)})")
    words.append(host.remdr if isinstance(host.remdr, str) else f"({_epsilon(host.remdr)})")
    if host.params is not None:
        low, high = host.params.min_eph_port, host.params.max_eph_port
        words.append(f"<| min_eph_port := {_natural(low)}; max_eph_port := {_natural(high)} |>")
    line = " ".join(words)
    return line if host.name is None else f"net_initial_host {_host_name(host.name)} ({line})"
