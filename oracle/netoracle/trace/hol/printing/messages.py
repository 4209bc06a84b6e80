"""Datagrams: TCP, UDP and ICMP."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from netoracle.trace.hol.printing.values import (
    Show,
    maybe,
    paired,
    print_boolean,
    print_byte,
    print_ip,
    print_list,
    print_name,
    print_option,
    print_port,
    print_record,
    print_sequence,
    print_word,
)
from netoracle.trace.hol.text import data_remark
from netspec.tcp import net_types as net


def print_message(msg: net.Msg) -> str:
    """A datagram."""
    match msg:
        case net.TCP(segment):
            return f"TCP({print_record(_TCP, segment, '    ')})"
        case net.UDP(datagram):
            return f"UDP({print_record(_UDP, datagram, '    ')})"
        case net.ICMP(datagram):
            return f"ICMP({print_record(_ICMP, datagram, '    ')})"


def _data(data: bytes) -> str:
    return f"{print_list(print_byte, data)}   {data_remark(data)}"


_ENDS: Mapping[str, Show] = {
    "is1": maybe(print_ip),
    "is2": maybe(print_ip),
    "ps1": maybe(print_port),
    "ps2": maybe(print_port),
}

_TCP: Mapping[str, Show] = {
    **_ENDS,
    "seq": print_sequence,
    "ack": print_sequence,
    "URG": print_boolean,
    "ACK": print_boolean,
    "PSH": print_boolean,
    "RST": print_boolean,
    "SYN": print_boolean,
    "FIN": print_boolean,
    "win": print_word,
    "ws": maybe(print_byte),
    "urp": print_word,
    "mss": maybe(print_word),
    "ts": maybe(paired(print_sequence, print_sequence)),
    "data": _data,
}

_UDP: Mapping[str, Show] = {**_ENDS, "data": _data}


def _icmp_type(icmp: net.IcmpType) -> str:
    match icmp.code:
        case net.NEEDFRAG(mtu):
            code = f"NEEDFRAG({print_option(print_word, mtu)})"
        case Enum() as named:
            code = named.name.removeprefix("RD_")
        case other:
            code = f"OTHER({print_byte(other.byte)}, {print_word(other.word)})"
    return f"{type(icmp).__name__}({code})"


_ICMP: Mapping[str, Show] = {
    "is1": maybe(print_ip),
    "is2": maybe(print_ip),
    "is3": maybe(print_ip),
    "is4": maybe(print_ip),
    "ps3": maybe(print_port),
    "ps4": maybe(print_port),
    "proto": print_name,
    "seq": maybe(print_sequence),
    "t": _icmp_type,
}
