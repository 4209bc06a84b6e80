"""The state of a host: control blocks, sockets and the host itself; and the trace records of BSD.

Times are in seconds and sizes in bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypeAlias

import immutables

from netspec.base.base_types import FD, TID, IfId, Ip, Port
from netspec.base.choose import PremiseFailed, require
from netspec.base.errors import Error
from netspec.base.seq32 import Seq32
from netspec.base.time import Duration
from netspec.base.timers import Stopwatch, Ticker, Timed, Timewindow, timewindow_val_of
from netspec.tcp.deviations import TRACE_FIN_WAIT_2_AS_TIME_WAIT
from netspec.tcp.net_types import PROTO_TCP, PROTO_UDP, Protocol
from netspec.tcp.params import FID, SID, Arch, File, SockFlags, deviates
from netspec.tcp.pre_host_types import (
    FIN_WAIT_2,
    SYN_SENT,
    TA_DROP,
    TA_INPUT,
    TA_OUTPUT,
    TIME_WAIT,
    BandlimState,
    Dgram,
    HostParams,
    HostThreadState,
    Ifd,
    MsgQueue,
    RoutingTable,
    SocketListen,
    TcpState,
    TraceFlavour,
    UdpSocket,
)

# -- the TCP control block -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TcpReassSegment:
    """A segment received out of order; `spliced_urp` is that of an urgent byte taken out of its data.

    Source: TCP1_hostTypesScript.sml, tcpReassSegment.
    """

    seq: Seq32
    spliced_urp: Seq32 | None
    FIN: bool
    data: bytes


class RexmtMode(Enum):
    """What the retransmission timer is for: a SYN, data, or probing a closed window.

    Source: TCP1_hostTypesScript.sml, rexmtmode.
    """

    RexmtSyn = "RexmtSyn"
    Rexmt = "Rexmt"
    Persist = "Persist"


RexmtSyn, Rexmt, Persist = RexmtMode


@dataclass(frozen=True, slots=True)
class RttInf:
    """The estimate of the round-trip time.

    `t_rttupdated` counts the samples.  `t_lastshift` and `t_wassyn` are of the last retransmission.

    Source: TCP1_hostTypesScript.sml, rttinf.
    """

    t_rttupdated: int
    tf_srtt_valid: bool
    t_srtt: Duration
    t_rttvar: Duration
    t_rttmin: Duration
    t_lastrtt: Duration
    t_lastshift: int
    t_wassyn: bool


@dataclass(frozen=True, slots=True)
class Tcpcb:
    """The TCP control block: timers, flags, and variables of the send and the receive side.

    Source: TCP1_hostTypesScript.sml, tcpcb.
    """

    # timers
    tt_rexmt: Timed[tuple[RexmtMode, int]] | None
    tt_keep: Timed[tuple[()]] | None
    tt_2msl: Timed[tuple[()]] | None
    tt_delack: Timed[tuple[()]] | None
    tt_conn_est: Timed[tuple[()]] | None
    tt_fin_wait_2: Timed[tuple[()]] | None
    t_idletime: Stopwatch
    # flags
    tf_needfin: bool
    tf_shouldacknow: bool
    bsd_cantconnect: bool
    # sending
    snd_una: Seq32
    snd_max: Seq32
    snd_nxt: Seq32
    snd_wl1: Seq32
    snd_wl2: Seq32
    iss: Seq32
    snd_wnd: int
    snd_cwnd: int
    snd_ssthresh: int
    # receiving
    rcv_wnd: int
    tf_rxwin0sent: bool
    rcv_nxt: Seq32
    rcv_up: Seq32
    irs: Seq32
    rcv_adv: Seq32
    last_ack_sent: Seq32
    # parameters of the connection
    t_maxseg: int
    t_advmss: int | None
    tf_doing_ws: bool
    request_r_scale: int | None
    snd_scale: int
    rcv_scale: int
    # timestamps
    tf_doing_tstmp: bool
    tf_req_tstmp: bool
    ts_recent: Timewindow[Seq32]
    # round-trip time
    t_rttseg: tuple[Seq32, Seq32] | None
    t_rttinf: RttInf
    # retransmission
    t_dupacks: int
    t_badrxtwin: Timewindow[tuple[()]]
    snd_cwnd_prev: int
    snd_ssthresh_prev: int
    snd_recover: Seq32
    # other
    t_segq: tuple[TcpReassSegment, ...]
    t_softerror: Error | None


# -- sockets ----------------------------------------------------------------------------------


class OobStatus(Enum):
    """The state of urgent data where there is none to read.

    Source: TCP1_hostTypesScript.sml, iobc.
    """

    NO_OOBDATA = "NO_OOBDATA"
    HAD_OOBDATA = "HAD_OOBDATA"


NO_OOBDATA: Final = OobStatus.NO_OOBDATA
HAD_OOBDATA: Final = OobStatus.HAD_OOBDATA


@dataclass(frozen=True, slots=True)
class OOBDATA:
    """The urgent byte, still to be read.

    Source: TCP1_hostTypesScript.sml, iobc.
    """

    v: int


Iobc: TypeAlias = OobStatus | OOBDATA


@dataclass(frozen=True, slots=True)
class TcpSocket:
    """What a TCP socket has; `lis` only where it listens.

    Source: TCP1_hostTypesScript.sml, tcp_socket.
    """

    st: TcpState
    cb: Tcpcb
    lis: SocketListen | None
    sndq: bytes
    sndurp: int | None
    rcvq: bytes
    rcvurp: int | None
    iobc: Iobc


@dataclass(frozen=True, slots=True)
class TCP_PROTO:
    """The protocol's part of a TCP socket.

    Source: TCP1_hostTypesScript.sml, protocol_info.
    """

    v: TcpSocket


@dataclass(frozen=True, slots=True)
class UDP_PROTO:
    """The protocol's part of a UDP socket.

    Source: TCP1_hostTypesScript.sml, protocol_info.
    """

    v: UdpSocket


ProtocolInfo: TypeAlias = TCP_PROTO | UDP_PROTO


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket: its file, options, addresses and ports, pending error, and the protocol's part.

    Source: TCP1_hostTypesScript.sml, socket.
    """

    fid: FID | None
    sf: SockFlags
    is1: Ip | None
    ps1: Port | None
    is2: Ip | None
    ps2: Port | None
    es: Error | None
    cantsndmore: bool
    cantrcvmore: bool
    pr: ProtocolInfo


def TCP_Sock0(
    st: TcpState,
    cb: Tcpcb,
    lis: SocketListen | None,
    sndq: bytes,
    sndurp: int | None,
    rcvq: bytes,
    rcvurp: int | None,
    iobc: Iobc,
) -> TcpSocket:
    """Make the content of a TCP socket.

    Source: TCP1_hostTypesScript.sml, TCP_Sock0.
    """
    return TcpSocket(st, cb, lis, sndq, sndurp, rcvq, rcvurp, iobc)


def TCP_Sock(
    st: TcpState,
    cb: Tcpcb,
    lis: SocketListen | None,
    sndq: bytes,
    sndurp: int | None,
    rcvq: bytes,
    rcvurp: int | None,
    iobc: Iobc,
) -> TCP_PROTO:
    """Make the protocol's part of a TCP socket.

    Source: TCP1_hostTypesScript.sml, TCP_Sock.
    """
    return TCP_PROTO(TCP_Sock0(st, cb, lis, sndq, sndurp, rcvq, rcvurp, iobc))


def UDP_Sock0(rcvq: tuple[Dgram, ...]) -> UdpSocket:
    """Make the content of a UDP socket.

    Source: TCP1_hostTypesScript.sml, UDP_Sock0.
    """
    return UdpSocket(rcvq)


def UDP_Sock(rcvq: tuple[Dgram, ...]) -> UDP_PROTO:
    """Make the protocol's part of a UDP socket.

    Source: TCP1_hostTypesScript.sml, UDP_Sock.
    """
    return UDP_PROTO(UDP_Sock0(rcvq))


def Sock(
    fid: FID | None,
    sf: SockFlags,
    is1: Ip | None,
    ps1: Port | None,
    is2: Ip | None,
    ps2: Port | None,
    es: Error | None,
    csm: bool,
    crm: bool,
    pr: ProtocolInfo,
) -> Socket:
    """Make a socket.

    Source: TCP1_hostTypesScript.sml, Sock.
    """
    return Socket(fid, sf, is1, ps1, is2, ps2, es, csm, crm, pr)


def tcp_proto(sock: Socket) -> TcpSocket:
    """Match the pattern `sock.pr = TCP_PROTO(tcp_sock)`; the premise fails on another socket."""
    if not isinstance(sock.pr, TCP_PROTO):
        raise PremiseFailed
    return sock.pr.v


def udp_proto(sock: Socket) -> UdpSocket:
    """Match the pattern `sock.pr = UDP_PROTO(udp_sock)`; the premise fails on another socket."""
    if not isinstance(sock.pr, UDP_PROTO):
        raise PremiseFailed
    return sock.pr.v


def tcp_sock_of(sock: Socket) -> TcpSocket:
    """The content of a TCP socket; the premise fails on another one, where the model leaves it open.

    Source: TCP1_hostTypesScript.sml, tcp_sock_of.
    """
    return tcp_proto(sock)


def udp_sock_of(sock: Socket) -> UdpSocket:
    """The content of a UDP socket; the premise fails on another one, where the model leaves it open.

    Source: TCP1_hostTypesScript.sml, udp_sock_of.
    """
    return udp_proto(sock)


def proto_of(pr: ProtocolInfo) -> Protocol:
    """The protocol.

    Source: TCP1_hostTypesScript.sml, proto_of.
    """
    return PROTO_TCP if isinstance(pr, TCP_PROTO) else PROTO_UDP


def proto_eq(pr: ProtocolInfo, pr_: ProtocolInfo) -> bool:
    """Whether two are of the same protocol.

    Source: TCP1_hostTypesScript.sml, proto_eq.
    """
    return proto_of(pr) == proto_of(pr_)


# -- the host -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Host:
    """A host with one process.

    `listen` and `bound` are the listening and the bound sockets, the latter the first bound first.

    Source: TCP1_hostTypesScript.sml, host.
    """

    arch: Arch
    privs: bool
    ifds: immutables.Map[IfId, Ifd]
    rttab: RoutingTable
    ts: immutables.Map[TID, Timed[HostThreadState]]
    files: immutables.Map[FID, File]
    socks: immutables.Map[SID, Socket]
    listen: tuple[SID, ...]
    bound: tuple[SID, ...]
    iq: MsgQueue
    oq: MsgQueue
    bndlm: BandlimState
    ticks: Ticker
    fds: immutables.Map[FD, FID]
    params: HostParams


@dataclass(frozen=True, slots=True)
class PortRange:
    """The ports from `lo` to `hi`, inclusive, without those whose numbers are `excluded`."""

    lo: int
    hi: int
    excluded: tuple[int, ...] = ()

    def __contains__(self, p: object) -> bool:
        """Whether a port is among them."""
        if not isinstance(p, Port):
            return False
        return self.lo <= p.n and p.n <= self.hi and all(p.n != n for n in self.excluded)

    def __iter__(self) -> Iterator[Port]:
        """The ports in order."""
        return (p for p in map(Port, range(self.lo, self.hi + 1)) if p in self)

    def __len__(self) -> int:
        """How many ports there are."""
        return sum(1 for _ in self)

    def __sub__(self, ports: Iterable[Port]) -> PortRange:
        """The range without these ports."""
        return replace(self, excluded=(*self.excluded, *(p.n for p in ports)))


def privileged_ports(h: Host) -> PortRange:
    """The ports that only a privileged process may bind.

    Source: TCP1_hostTypesScript.sml, privileged_ports.
    """
    return PortRange(0, 1023)


def ephemeral_ports(h: Host) -> PortRange:
    """The ports that the host chooses from.

    Source: TCP1_hostTypesScript.sml, ephemeral_ports.
    """
    return PortRange(h.params.min_eph_port, h.params.max_eph_port)


# -- trace records ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tracecb:
    """The part of a control block that a trace record shows.

    Source: TCP1_hostTypesScript.sml, tracecb_eq.
    """

    snd_una: Seq32
    snd_max: Seq32
    snd_nxt: Seq32
    snd_wl1: Seq32
    snd_wl2: Seq32
    iss: Seq32
    snd_wnd: int
    snd_cwnd: int
    snd_ssthresh: int
    rcv_wnd: int
    rcv_nxt: Seq32
    rcv_up: Seq32
    irs: Seq32
    rcv_adv: Seq32
    snd_recover: Seq32
    t_maxseg: int
    t_dupacks: int
    t_rttseg: tuple[Seq32, Seq32] | None
    snd_scale: int
    rcv_scale: int
    ts_recent: Timewindow[Seq32]
    last_ack_sent: Seq32


TraceQuad: TypeAlias = tuple[Ip | None, Port | None, Ip | None, Port | None]


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """A record of BSD's own tracing; `quad` is (is1, ps1, is2, ps2), where it is known.

    Source: TCP1_hostTypesScript.sml, tracerecord.
    """

    flav: TraceFlavour
    sid: SID
    quad: TraceQuad | None
    st: TcpState
    cb: Tracecb


def tracecb_eq(flav: TraceFlavour, st: TcpState, es: Error | None, cb: Tracecb | Tcpcb, cb_: Tracecb | Tcpcb) -> None:
    """Require that a record's control block is that of the socket, as far as BSD and the model agree.

    `rcv_wnd` is left out: BSD computes it when it sends, the model when data are read.

    Source: TCP1_hostTypesScript.sml, tracecb_eq.
    """
    require(cb.snd_una == cb_.snd_una)
    if flav != TA_OUTPUT:
        require(cb.snd_max == cb_.snd_max)
    if not (flav == TA_OUTPUT or (st == SYN_SENT and es is not None)):
        require(cb.snd_nxt == cb_.snd_nxt)
    require(cb.snd_wl1 == cb_.snd_wl1)
    require(cb.snd_wl2 == cb_.snd_wl2)
    require(cb.iss == cb_.iss)
    require(cb.snd_wnd == cb_.snd_wnd)
    if flav != TA_OUTPUT:
        require(cb.snd_cwnd == cb_.snd_cwnd)
    require(cb.snd_ssthresh == cb_.snd_ssthresh)
    require(cb.rcv_nxt == cb_.rcv_nxt)
    require(cb.rcv_up == cb_.rcv_up)
    require(cb.irs == cb_.irs)
    if flav not in {TA_OUTPUT, TA_INPUT}:
        require(cb.rcv_adv == cb_.rcv_adv)
    if not (flav == TA_OUTPUT or st in {SYN_SENT, TIME_WAIT}):
        require(cb.t_maxseg == cb_.t_maxseg)
    require(cb.t_dupacks == cb_.t_dupacks)
    require(cb.snd_scale == cb_.snd_scale)
    require(cb.rcv_scale == cb_.rcv_scale)
    if flav not in {TA_OUTPUT, TA_INPUT}:
        require(_snd(cb.t_rttseg) == _snd(cb_.t_rttseg))
    require(timewindow_val_of(cb.ts_recent) == timewindow_val_of(cb_.ts_recent))
    if flav not in {TA_OUTPUT, TA_INPUT}:
        require(cb.last_ack_sent == cb_.last_ack_sent)


def _snd(t_rttseg: tuple[Seq32, Seq32] | None) -> Seq32 | None:
    """The sequence number of the segment being timed, without the time."""
    return None if t_rttseg is None else t_rttseg[1]


def tracesock_eq(arch: Arch, tr: TraceRecord, sid_: SID, sock: Socket) -> None:
    """Require that a record shows this socket; a dropped segment's record may have another peer.

    Source: TCP1_hostTypesScript.sml, tracesock_eq.
    """
    require(proto_of(sock.pr) == PROTO_TCP)
    tcp_sock = tcp_sock_of(sock)
    require(tr.sid == sid_)
    if tr.quad is not None:
        is1, ps1, is2, ps2 = tr.quad
        require(is1 == sock.is1)
        require(ps1 == sock.ps1)
        if tr.flav != TA_DROP:
            require(is2 == sock.is2)
            require(ps2 == sock.ps2)
    require(
        tr.st == tcp_sock.st
        or (deviates(arch, TRACE_FIN_WAIT_2_AS_TIME_WAIT) and tr.st == FIN_WAIT_2 and tcp_sock.st == TIME_WAIT)
    )
    tracecb_eq(tr.flav, tr.st, sock.es, tr.cb, tcp_sock.cb)
