"""Datagrams: TCP, UDP and ICMP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from netoracle.trace.hol.reading.terms import Node, Term, applied, arguments, mismatch, parts
from netoracle.trace.hol.reading.values import (
    Reader,
    boolean,
    character,
    ip_option,
    member,
    natural,
    octets,
    option,
    pair,
    port_option,
    record,
    seq_foreign,
    seq_local,
    seq_ts,
    word,
    word16,
)
from netspec.tcp import net_types as net

_ENDS: Mapping[str, Reader] = {
    "is1": ip_option,
    "is2": ip_option,
    "ps1": port_option,
    "ps2": port_option,
}

_TCP: Mapping[str, Reader] = {
    **_ENDS,
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

_UDP: Mapping[str, Reader] = {**_ENDS, "data": octets}


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
    "is1": ip_option,
    "is2": ip_option,
    "is3": ip_option,
    "is4": ip_option,
    "ps3": port_option,
    "ps4": port_option,
    "proto": member(net.Protocol, "a protocol"),
    "seq": option(seq_local),
    "t": _icmp_type,
}
