"""IPv4 packets as messages of the model, and what of a packet has no place there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import dpkt

from netoracle.trace.convert.errors import NotInModel
from netoracle.trace.convert.packets import Packet
from netspec.base.base_types import Ip, Port
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.tcp import net_types as net

_PROTO_ICMP, _PROTO_TCP, _PROTO_UDP = 1, 6, 17
_PROTOCOLS = {_PROTO_TCP: net.PROTO_TCP, _PROTO_UDP: net.PROTO_UDP}

_MSS, _WS, _SACK_PERMITTED, _SACK, _TS = 2, 3, 4, 5, 8
_SILENT = frozenset((0, 1))
_DROPPED_OPTIONS = {_SACK_PERMITTED: "SACK permitted", _SACK: "SACK"}
_DROPPED_FLAGS = {dpkt.tcp.TH_ECE: "ECE", dpkt.tcp.TH_CWR: "CWR"}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the model, and what of the packet it does not say."""

    msg: net.Msg
    dropped: tuple[str, ...] = ()


def message(packet: Packet) -> Message:
    """The message that a packet is; sequence numbers are local to their sender.

    Raises NotInModel where the model has no such message.
    """
    match packet.protocol:
        case 6:
            return _tcp(packet)
        case 17:
            return Message(net.UDP(_udp(packet)))
        case 1:
            return Message(net.ICMP(_icmp(packet)))
    raise NotInModel(f"IP protocol {packet.protocol}")


# ---------------------------------------------------------------- TCP and UDP


def _tcp(packet: Packet) -> Message:
    segment = dpkt.tcp.TCP(packet.payload)
    flags = segment.flags
    mss: int | None = None
    ws: int | None = None
    ts: tuple[Seq32, Seq32] | None = None
    dropped = [f"the flag {name}" for bit, name in _DROPPED_FLAGS.items() if flags & bit]
    for kind, value in dpkt.tcp.parse_opts(segment.opts):
        if kind == _MSS and len(value) == 2:
            mss = int.from_bytes(value)
        elif kind == _WS and len(value) == 1:
            ws = value[0]
        elif kind == _TS and len(value) == 8:
            ts = ts_seq(int.from_bytes(value[:4])), ts_seq(int.from_bytes(value[4:]))
        elif kind not in _SILENT:
            dropped.append(f"the option {_DROPPED_OPTIONS.get(kind, kind)}")
    msg = net.TCP(
        net.TcpSegment(
            is1=packet.source,
            is2=packet.destination,
            ps1=Port(segment.sport),
            ps2=Port(segment.dport),
            seq=tcp_seq_local(segment.seq),
            ack=tcp_seq_foreign(segment.ack),
            URG=bool(flags & dpkt.tcp.TH_URG),
            ACK=bool(flags & dpkt.tcp.TH_ACK),
            PSH=bool(flags & dpkt.tcp.TH_PUSH),
            RST=bool(flags & dpkt.tcp.TH_RST),
            SYN=bool(flags & dpkt.tcp.TH_SYN),
            FIN=bool(flags & dpkt.tcp.TH_FIN),
            win=segment.win,
            ws=ws,
            urp=segment.urp,
            mss=mss,
            ts=ts,
            data=bytes(segment.data),
        )
    )
    return Message(msg, tuple(dropped))


def _udp(packet: Packet) -> net.UdpDatagram:
    datagram = dpkt.udp.UDP(packet.payload)
    return net.UdpDatagram(
        is1=packet.source,
        is2=packet.destination,
        ps1=Port(datagram.sport),
        ps2=Port(datagram.dport),
        data=packet.payload[8 : datagram.ulen],
    )


# ---------------------------------------------------------------- ICMP

_UNREACHABLE: Mapping[int, net.IcmpUnreach] = dict(
    zip((0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), net.IcmpUnreach, strict=True)
)
_NEEDFRAG = 4
_REDIRECT = dict(enumerate(net.IcmpRedirect))
_TIME_EXCEEDED = dict(enumerate(net.IcmpTimeExceeded))
_PARAMETER_PROBLEM = dict(enumerate(net.IcmpParamProb))


def _icmp_type(kind: int, code: int, word: int) -> net.IcmpType:
    """What an ICMP message says; `word` is what follows its checksum."""
    match kind:
        case 3 if code == _NEEDFRAG:
            return net.ICMP_UNREACH(net.NEEDFRAG(word & 0xFFFF or None))
        case 3:
            return net.ICMP_UNREACH(_UNREACHABLE.get(code, net.OTHER(code, word)))
        case 4:
            return net.ICMP_SOURCE_QUENCH(net.SQ_OTHER(code, word) if code else net.QUENCH)
        case 5:
            return net.ICMP_REDIRECT(_REDIRECT.get(code, net.RD_OTHER(code, word)))
        case 11:
            return net.ICMP_TIME_EXCEEDED(_TIME_EXCEEDED.get(code, net.TX_OTHER(code, word)))
        case 12:
            return net.ICMP_PARAMPROB(_PARAMETER_PROBLEM.get(code, net.PP_OTHER(code, word)))
    raise NotInModel(f"ICMP message of type {kind}")


def _icmp(packet: Packet) -> net.IcmpDatagram:
    payload = packet.payload
    if len(payload) < 8:
        raise NotInModel("ICMP message cut short")
    t = _icmp_type(payload[0], payload[1], int.from_bytes(payload[4:8]))
    about = payload[8:]
    if len(about) < 20 or len(about) < (begin := (about[0] & 15) * 4) + 4:
        raise NotInModel("ICMP message that quotes too little of its datagram")
    proto = _PROTOCOLS.get(about[9])
    if proto is None:
        raise NotInModel(f"ICMP message about IP protocol {about[9]}")
    sender, receiver = Ip(int.from_bytes(about[12:16])), Ip(int.from_bytes(about[16:20]))
    quoted = about[begin:]
    has_seq = proto == net.PROTO_TCP and len(quoted) >= 8
    return net.IcmpDatagram(
        is1=packet.source,
        is2=packet.destination,
        is3=sender,
        is4=receiver,
        ps3=Port(int.from_bytes(quoted[0:2])),
        ps4=Port(int.from_bytes(quoted[2:4])),
        proto=proto,
        seq=tcp_seq_local(int.from_bytes(quoted[4:8])) if has_seq else None,
        t=t,
    )
