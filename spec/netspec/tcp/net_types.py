"""Datagrams on the network: TCP segments, UDP datagrams and ICMP messages.

The IP header and the protocol's are one record; lengths are those of the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from netspec.base.base_types import Ip, Port
from netspec.base.seq32 import Seq32

# -- TCP ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TcpSegment:
    """A TCP segment with its addresses; local and foreign are as the sender sees them.

    `win`, `urp` and `mss` are 16-bit words, `ws` is a byte; `ts` is the timestamp and its echo.

    Source: TCP1_netTypesScript.sml, tcpSegment.
    """

    is1: Ip | None
    is2: Ip | None
    ps1: Port | None
    ps2: Port | None
    seq: Seq32
    ack: Seq32
    URG: bool
    ACK: bool
    PSH: bool
    RST: bool
    SYN: bool
    FIN: bool
    win: int
    ws: int | None
    urp: int
    mss: int | None
    ts: tuple[Seq32, Seq32] | None
    data: bytes


def sane_seg(seg: TcpSegment) -> bool:
    """Whether a segment fits in a datagram.

    Source: TCP1_netTypesScript.sml, sane_seg.
    """
    return len(seg.data) < 65536 - 40


# -- UDP ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UdpDatagram:
    """A UDP datagram with its addresses.

    Source: TCP1_netTypesScript.sml, udpDatagram.
    """

    is1: Ip | None
    is2: Ip | None
    ps1: Port | None
    ps2: Port | None
    data: bytes


def sane_udpdgm(dgm: UdpDatagram) -> bool:
    """Whether a datagram is not too long.

    Source: TCP1_netTypesScript.sml, sane_udpdgm.
    """
    return len(dgm.data) < 65536 - 20 - 8


# -- ICMP ------------------------------------------------------------------------------


class Protocol(Enum):
    """The protocol of the datagram that an ICMP message is about.

    Source: TCP1_netTypesScript.sml, protocol.
    """

    PROTO_TCP = "PROTO_TCP"
    PROTO_UDP = "PROTO_UDP"


PROTO_TCP, PROTO_UDP = Protocol


class IcmpUnreach(Enum):
    """The codes of `destination unreachable` that carry nothing.

    Source: TCP1_netTypesScript.sml, icmp_unreach_code.
    """

    NET = "NET"
    HOST = "HOST"
    PROTOCOL = "PROTOCOL"
    PORT = "PORT"
    SRCFAIL = "SRCFAIL"
    NET_UNKNOWN = "NET_UNKNOWN"
    HOST_UNKNOWN = "HOST_UNKNOWN"
    ISOLATED = "ISOLATED"
    NET_PROHIB = "NET_PROHIB"
    HOST_PROHIB = "HOST_PROHIB"
    TOSNET = "TOSNET"
    TOSHOST = "TOSHOST"
    FILTER_PROHIB = "FILTER_PROHIB"
    PREC_VIOLATION = "PREC_VIOLATION"
    PREC_CUTOFF = "PREC_CUTOFF"


(
    NET,
    HOST,
    PROTOCOL,
    PORT,
    SRCFAIL,
    NET_UNKNOWN,
    HOST_UNKNOWN,
    ISOLATED,
    NET_PROHIB,
    HOST_PROHIB,
    TOSNET,
    TOSHOST,
    FILTER_PROHIB,
    PREC_VIOLATION,
    PREC_CUTOFF,
) = IcmpUnreach


@dataclass(frozen=True, slots=True)
class NEEDFRAG:
    """Fragmentation would be needed; `mtu` is that of the next hop, a 16-bit word, if known.

    Source: TCP1_netTypesScript.sml, icmp_unreach_code.
    """

    mtu: int | None


@dataclass(frozen=True, slots=True)
class OTHER:
    """Another code of `destination unreachable`: its byte, and the 32-bit word after it.

    Source: TCP1_netTypesScript.sml, icmp_unreach_code.
    """

    byte: int
    word: int


class IcmpSourceQuench(Enum):
    """The code of `source quench` that carries nothing.

    Source: TCP1_netTypesScript.sml, icmp_source_quench_code.
    """

    QUENCH = "QUENCH"


QUENCH = IcmpSourceQuench.QUENCH


@dataclass(frozen=True, slots=True)
class SQ_OTHER:
    """Another code of `source quench`: its byte, and the 32-bit word after it.

    Source: TCP1_netTypesScript.sml, icmp_source_quench_code.
    """

    byte: int
    word: int


class IcmpRedirect(Enum):
    """The codes of `redirect` that carry nothing.

    Source: TCP1_netTypesScript.sml, icmp_redirect_code.
    """

    RD_NET = "RD_NET"
    RD_HOST = "RD_HOST"
    RD_TOSNET = "RD_TOSNET"
    RD_TOSHOST = "RD_TOSHOST"


RD_NET, RD_HOST, RD_TOSNET, RD_TOSHOST = IcmpRedirect


@dataclass(frozen=True, slots=True)
class RD_OTHER:
    """Another code of `redirect`: its byte, and the 32-bit word after it.

    Source: TCP1_netTypesScript.sml, icmp_redirect_code.
    """

    byte: int
    word: int


class IcmpTimeExceeded(Enum):
    """The codes of `time exceeded` that carry nothing.

    Source: TCP1_netTypesScript.sml, icmp_time_exceeded_code.
    """

    INTRANS = "INTRANS"
    REASS = "REASS"


INTRANS, REASS = IcmpTimeExceeded


@dataclass(frozen=True, slots=True)
class TX_OTHER:
    """Another code of `time exceeded`: its byte, and the 32-bit word after it.

    Source: TCP1_netTypesScript.sml, icmp_time_exceeded_code.
    """

    byte: int
    word: int


class IcmpParamProb(Enum):
    """The codes of `parameter problem` that carry nothing.

    Source: TCP1_netTypesScript.sml, icmp_paramprob_code.
    """

    BADHDR = "BADHDR"
    NEEDOPT = "NEEDOPT"


BADHDR, NEEDOPT = IcmpParamProb


@dataclass(frozen=True, slots=True)
class PP_OTHER:
    """Another code of `parameter problem`: its byte, and the 32-bit word after it.

    Source: TCP1_netTypesScript.sml, icmp_paramprob_code.
    """

    byte: int
    word: int


IcmpUnreachCode: TypeAlias = IcmpUnreach | NEEDFRAG | OTHER
IcmpSourceQuenchCode: TypeAlias = IcmpSourceQuench | SQ_OTHER
IcmpRedirectCode: TypeAlias = IcmpRedirect | RD_OTHER
IcmpTimeExceededCode: TypeAlias = IcmpTimeExceeded | TX_OTHER
IcmpParamProbCode: TypeAlias = IcmpParamProb | PP_OTHER


@dataclass(frozen=True, slots=True)
class ICMP_UNREACH:
    """The destination is unreachable.

    Source: TCP1_netTypesScript.sml, icmpType.
    """

    code: IcmpUnreachCode


@dataclass(frozen=True, slots=True)
class ICMP_SOURCE_QUENCH:
    """The source should send less.

    Source: TCP1_netTypesScript.sml, icmpType.
    """

    code: IcmpSourceQuenchCode


@dataclass(frozen=True, slots=True)
class ICMP_REDIRECT:
    """There is a better route.

    Source: TCP1_netTypesScript.sml, icmpType.
    """

    code: IcmpRedirectCode


@dataclass(frozen=True, slots=True)
class ICMP_TIME_EXCEEDED:
    """The datagram lived too long, or its fragments did.

    Source: TCP1_netTypesScript.sml, icmpType.
    """

    code: IcmpTimeExceededCode


@dataclass(frozen=True, slots=True)
class ICMP_PARAMPROB:
    """The header is bad.

    Source: TCP1_netTypesScript.sml, icmpType.
    """

    code: IcmpParamProbCode


IcmpType: TypeAlias = ICMP_UNREACH | ICMP_SOURCE_QUENCH | ICMP_REDIRECT | ICMP_TIME_EXCEEDED | ICMP_PARAMPROB


@dataclass(frozen=True, slots=True)
class IcmpDatagram:
    """An ICMP message from `is1` to `is2`; the other addresses are those of the datagram it is about.

    Source: TCP1_netTypesScript.sml, icmpDatagram.
    """

    is1: Ip | None
    is2: Ip | None
    is3: Ip | None
    is4: Ip | None
    ps3: Port | None
    ps4: Port | None
    proto: Protocol
    seq: Seq32 | None
    t: IcmpType


# -- messages -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TCP:
    """A message that is a TCP segment.

    Source: TCP1_netTypesScript.sml, msg.
    """

    v: TcpSegment


@dataclass(frozen=True, slots=True)
class ICMP:
    """A message that is an ICMP message.

    Source: TCP1_netTypesScript.sml, msg.
    """

    v: IcmpDatagram


@dataclass(frozen=True, slots=True)
class UDP:
    """A message that is a UDP datagram.

    Source: TCP1_netTypesScript.sml, msg.
    """

    v: UdpDatagram


Msg: TypeAlias = TCP | ICMP | UDP


def sane_msg(msg: Msg) -> bool:
    """Whether a message is one that the format allows.

    Source: TCP1_netTypesScript.sml, sane_msg.
    """
    match msg:
        case TCP(seg):
            return sane_seg(seg)
        case ICMP():
            return True
        case UDP(dgm_):
            return sane_udpdgm(dgm_)


def msg_is1(msg: Msg) -> Ip | None:
    """The source address of a message.

    Source: TCP1_netTypesScript.sml, msg_is1.
    """
    return msg.v.is1


def msg_is2(msg: Msg) -> Ip | None:
    """The destination address of a message.

    Source: TCP1_netTypesScript.sml, msg_is2.
    """
    return msg.v.is2
