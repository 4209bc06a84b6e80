"""ICMP messages that arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from netspec.base.base_types import SO_BSDCOMPAT, SO_SNDBUF
from netspec.base.choose import SOME, Choose, PremiseFailed, require
from netspec.base.errors import (
    ECONNREFUSED,
    ECONNRESET,
    EHOSTUNREACH,
    EMSGSIZE,
    ENOPROTOOPT,
    Error,
)
from netspec.base.timers import ticks_of
from netspec.base.utils import MIN, num_minus, rounddown, w2n
from netspec.tcp.aux_fns.close import tcp_drop_and_close
from netspec.tcp.aux_fns.matching import lookup_icmp
from netspec.tcp.aux_fns.mtu import mtu_tab, next_smaller
from netspec.tcp.aux_fns.output import tcp_output_perhaps
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail, enqueue_or_fail_sock
from netspec.tcp.aux_fns.rexmt import shift_of
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import (
    TCP_PROTO,
    UDP_PROTO,
    Host,
    Socket,
    Tcpcb,
    TcpSocket,
    proto_of,
    tcp_proto,
    udp_proto,
)
from netspec.tcp.net_types import (
    BADHDR,
    FILTER_PROHIB,
    HOST,
    HOST_PROHIB,
    HOST_UNKNOWN,
    ICMP,
    ICMP_PARAMPROB,
    ICMP_SOURCE_QUENCH,
    ICMP_TIME_EXCEEDED,
    ICMP_UNREACH,
    INTRANS,
    ISOLATED,
    NEEDFRAG,
    NEEDOPT,
    NET,
    NET_PROHIB,
    NET_UNKNOWN,
    OTHER,
    PORT,
    PP_OTHER,
    PREC_CUTOFF,
    PREC_VIOLATION,
    PROTOCOL,
    QUENCH,
    REASS,
    SQ_OTHER,
    SRCFAIL,
    TOSHOST,
    TOSNET,
    TX_OTHER,
    IcmpDatagram,
)
from netspec.tcp.params import MCLBYTES, MSSDFLT, SID, Arch
from netspec.tcp.pre_host_types import (
    CLOSED,
    ESTABLISHED,
    IN_MULTICAST,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    Dgram_error,
    DgramError,
    MsgQueue,
    dequeue_iq,
    windows_arch,
)
from netspec.tcp.rule import network, nonurgent, rp_all, rule
from netspec.tcp.rules.prelude import with_sock

# What happens to the socket that a message is about: the socket after it, and the output queue.
OnTcp = Callable[[Socket, TcpSocket], tuple[Socket, MsgQueue]]
OnUdp = Callable[[Socket], Socket]


def _dequeue_icmp(h: Host, lbl: Label) -> tuple[MsgQueue, IcmpDatagram]:
    """Match `lbl = Lh_tau` and `dequeue_iq(iq,iq',SOME (ICMP icmp))`."""
    require(isinstance(lbl, Lh_tau))
    iq_, msg = dequeue_iq(h.iq)
    if not isinstance(msg, ICMP):
        raise PremiseFailed
    return iq_, msg.v


def _sock_of(h: Host, icmp: IcmpDatagram, choose: Choose) -> tuple[SID, Socket]:
    """Match `sid IN lookup_icmp h0.socks icmp h0.arch h0.bound`."""
    sid = choose.one_of("sid", lookup_icmp(h.socks, icmp, h.arch, h.bound))
    return sid, h.socks[sid]


def _is_outstanding(tcp_sock: TcpSocket, icmp: IcmpDatagram) -> bool:
    """Whether a message is about a segment that is still to be acknowledged; it has to say which."""
    icmp_seq = SOME(icmp.seq)
    return tcp_sock.cb.snd_una <= icmp_seq and icmp_seq < tcp_sock.cb.snd_max


def _with_cb(sock: Socket, tcp_sock: TcpSocket, cb: Tcpcb) -> Socket:
    return replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=cb)))


def _notify(h: Host, sock: Socket, tcp_sock: TcpSocket, e: Error, choose: Choose) -> tuple[Socket, MsgQueue]:
    """Note an error, or give up an attempt to connect that has waited long and had an error before."""
    cb = tcp_sock.cb
    if (
        tcp_sock.st in {CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED}
        and cb.tt_rexmt is not None
        and shift_of(cb.tt_rexmt) > 3
        and cb.t_softerror is not None
    ):
        sock_, outsegs = tcp_drop_and_close(h.arch, e, sock, choose)
        return sock_, enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs, h.oq, choose)
    else:
        return _with_cb(sock, tcp_sock, replace(cb, t_softerror=e)), h.oq


def _queue_error(sock: Socket, e: Error) -> Socket:
    """The UDP socket with an error at the end of its receive queue, as on Windows."""
    udp_sock = udp_proto(sock)
    rcvq_ = (*udp_sock.rcvq, Dgram_error(DgramError(e)))
    return replace(sock, pr=UDP_PROTO(replace(udp_sock, rcvq=rcvq_)))


def _udp_refused(arch: Arch, sock: Socket) -> Socket:
    """The UDP socket whose datagram did not reach another."""
    if windows_arch(arch):
        return _queue_error(sock, ECONNRESET)
    elif sock.is2 is not None or not sock.sf.b[SO_BSDCOMPAT]:
        return replace(sock, es=ECONNREFUSED)
    else:
        return sock


def _udp_error(arch: Arch, sock: Socket, e: Error) -> Socket:
    """The UDP socket with an error."""
    return _queue_error(sock, e) if windows_arch(arch) else replace(sock, es=e)


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The destination cannot be reached, for now: an established connection does not mind.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_1.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    require(isinstance(icmp.t, ICMP_UNREACH))
    require(
        icmp.t.code
        in {
            NET,
            HOST,
            SRCFAIL,
            NET_UNKNOWN,
            HOST_UNKNOWN,
            ISOLATED,
            TOSNET,
            TOSHOST,
            PREC_VIOLATION,
            PREC_CUTOFF,
        }
    )
    i3 = SOME(icmp.is3)
    require(i3 not in IN_MULTICAST)
    sid, sock = _sock_of(h, icmp, choose)
    oq_ = h.oq
    if isinstance(sock.pr, TCP_PROTO):
        tcp_sock = sock.pr.v
        sock_ = sock
        if _is_outstanding(tcp_sock, icmp) and tcp_sock.st != ESTABLISHED:
            sock_, oq_ = _notify(h, sock, tcp_sock, EHOSTUNREACH, choose)
    else:
        sock_ = _udp_refused(h.arch, sock)
    return replace(with_sock(h, sid, sock_), iq=iq_, oq=oq_)


# The model has no host routes yet: that there is one, and that its MTU may change, are both F,
# and the MTU it would hold is this constant.
_HOST_ROUTE: bool = False
_MTU_UNLOCKED: bool = False
_CURMTU = 1492


def _nextmtu(arch: Arch, icmpmtu: int | None) -> int | None:
    """The MTU to use from now on, in bytes, if it is known (nextmtu)."""
    if not (_HOST_ROUTE and _MTU_UNLOCKED):
        return None
    nextmtu = w2n(icmpmtu) if icmpmtu is not None else next_smaller(mtu_tab(arch), _CURMTU)
    return _CURMTU if nextmtu < 296 else nextmtu


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram was too large for its path: a connection sends smaller segments.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_2.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    require(isinstance(icmp.t, ICMP_UNREACH))
    require(isinstance(icmp.t.code, NEEDFRAG))
    icmpmtu = icmp.t.code.mtu
    require(icmp.is3 is None or icmp.is3 not in IN_MULTICAST)
    sid, sock = _sock_of(h, icmp, choose)
    nextmtu = _nextmtu(h.arch, icmpmtu)
    oq_ = h.oq
    if isinstance(sock.pr, TCP_PROTO):
        tcp_sock = sock.pr.v
        sock_ = sock
        icmp_seq = SOME(icmp.seq)
        if icmp.is3 is not None and _is_outstanding(tcp_sock, icmp):
            sock_, oq_ = _mtu_discovered(h, sock, tcp_sock, nextmtu, choose)
    else:
        sock_ = _udp_error(h.arch, sock, EMSGSIZE)
    return replace(with_sock(h, sid, sock_), iq=iq_, oq=oq_)
