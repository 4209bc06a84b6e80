"""ICMP messages that arrive."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

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
from netspec.tcp.deviations import INITIAL_SEGMENT_SIZE_536
from netspec.tcp.errata.datagrams import (
    ICMP_WITHOUT_SEQUENCE_NUMBER,
    NEEDFRAG_ABOUT_NO_SOCKET,
    NO_SOCKET_BY_LOOKUP,
    PATH_MTU_DISCOVERY,
    REDIRECT_IGNORED,
)
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
    ICMP_REDIRECT,
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
    PROTO_TCP,
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
from netspec.tcp.params import MCLBYTES, MSSDFLT, SID, Arch, corrected, deviates
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

UNREACHABLE: Final = tuple(
    ICMP_UNREACH(code)
    for code in (
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
    )
)
"""The destination cannot be reached, but may be later."""

REFUSED: Final = tuple(ICMP_UNREACH(code) for code in (PROTOCOL, PORT, NET_PROHIB, HOST_PROHIB, FILTER_PROHIB))
"""The destination can be reached, but not in this way."""

BAD_HEADER: Final = tuple(ICMP_PARAMPROB(code) for code in (BADHDR, NEEDOPT))

# The model has no routes to single hosts yet: that there is one, and that its MTU is not locked,
# are both F, and this is the MTU that it would have.
HOST_ROUTE: bool = False
MTU_NOT_LOCKED: bool = False
CURMTU: Final = 1492


def _dequeue_icmp(h: Host, lbl: Label) -> tuple[MsgQueue, IcmpDatagram]:
    """Match `lbl = Lh_tau` and `dequeue_iq(iq,iq',SOME (ICMP icmp))`."""
    require(isinstance(lbl, Lh_tau))
    iq_, msg = dequeue_iq(h.iq)
    if not isinstance(msg, ICMP):
        raise PremiseFailed
    return iq_, msg.v


def _lookup(h: Host, icmp: IcmpDatagram, choose: Choose) -> tuple[SID, Socket]:
    """Match `sid IN lookup_icmp h0.socks icmp h0.arch h0.bound`."""
    sid = choose.one_of("sid", lookup_icmp(h.socks, icmp, h.arch, h.bound))
    return sid, h.socks[sid]


def _is_outstanding(tcp_sock: TcpSocket, icmp: IcmpDatagram) -> bool:
    """Whether the segment that a message is about, and which it must name, is still not acknowledged."""
    icmp_seq = SOME(icmp.seq)
    return tcp_sock.cb.snd_una <= icmp_seq and icmp_seq < tcp_sock.cb.snd_max


def _with_cb(sock: Socket, cb: Tcpcb) -> Socket:
    return replace(sock, pr=TCP_PROTO(replace(tcp_proto(sock), cb=cb)))


def _notify(h: Host, sock: Socket, e: Error, choose: Choose) -> tuple[Socket, MsgQueue]:
    """Note an error, or give up connecting where that has had an error and taken long: the socket, and oq'."""
    tcp_sock = tcp_proto(sock)
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
        return _with_cb(sock, replace(cb, t_softerror=e)), h.oq


def _with_error_queued(sock: Socket, e: Error) -> Socket:
    """The UDP socket with an error at the end of its receive queue, where Windows keeps it."""
    udp_sock = udp_proto(sock)
    rcvq_ = (*udp_sock.rcvq, Dgram_error(DgramError(e)))
    return replace(sock, pr=UDP_PROTO(replace(udp_sock, rcvq=rcvq_)))


def _udp_refused(arch: Arch, sock: Socket) -> Socket:
    """The UDP socket after a datagram of its own did not arrive."""
    if windows_arch(arch):
        return _with_error_queued(sock, ECONNRESET)
    elif sock.is2 is not None or not sock.sf.b[SO_BSDCOMPAT]:
        return replace(sock, es=ECONNREFUSED)
    else:
        return sock


def _udp_error(arch: Arch, sock: Socket, e: Error) -> Socket:
    """The UDP socket with an error."""
    return _with_error_queued(sock, e) if windows_arch(arch) else replace(sock, es=e)


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The destination cannot be reached: an established connection ignores that, another notes it.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_1.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    require(icmp.t in UNREACHABLE)
    i3 = SOME(icmp.is3)
    require(i3 not in IN_MULTICAST)
    sid, sock = _lookup(h, icmp, choose)
    if isinstance(sock.pr, UDP_PROTO):
        sock_, oq_ = _udp_refused(h.arch, sock), h.oq
    elif _is_outstanding(sock.pr.v, icmp) and sock.pr.v.st != ESTABLISHED:
        sock_, oq_ = _notify(h, sock, EHOSTUNREACH, choose)
    else:
        sock_, oq_ = sock, h.oq
    return replace(with_sock(h, sid, sock_), iq=iq_, oq=oq_)


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram was too large to get through: a connection sends smaller segments from now on.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_2.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    if not (isinstance(icmp.t, ICMP_UNREACH) and isinstance(icmp.t.code, NEEDFRAG)):
        raise PremiseFailed
    icmpmtu = icmp.t.code.mtu
    require(icmp.is3 is None or icmp.is3 not in IN_MULTICAST)
    sid, sock = _lookup(h, icmp, choose)
    if isinstance(sock.pr, UDP_PROTO):
        sock_, oq_ = _udp_error(h.arch, sock, EMSGSIZE), h.oq
    elif _is_outstanding(sock.pr.v, icmp) and icmp.is3 is not None:
        sock_, oq_ = _discover_mtu(h, sock, icmpmtu, choose)
    else:
        sock_, oq_ = sock, h.oq
    return replace(with_sock(h, sid, sock_), iq=iq_, oq=oq_)


def _nextmtu(arch: Arch, icmpmtu: int | None) -> int | None:
    """The MTU to use from now on, in bytes, if there is a route to keep it in (nextmtu)."""
    if not ((HOST_ROUTE and MTU_NOT_LOCKED) or corrected(arch, PATH_MTU_DISCOVERY)):
        return None
    nextmtu = w2n(icmpmtu) if icmpmtu is not None else next_smaller(mtu_tab(arch), CURMTU)
    return CURMTU if nextmtu < 296 else nextmtu


def _discover_mtu(h: Host, sock: Socket, icmpmtu: int | None, choose: Choose) -> tuple[Socket, MsgQueue]:
    """Adapt the segment size, and send what got lost again if that made it no larger: sock' and oq'."""
    cb = tcp_proto(sock).cb
    nextmtu = _nextmtu(h.arch, icmpmtu)
    if nextmtu is None:
        t_maxseg_ = 536 if deviates(h.arch, INITIAL_SEGMENT_SIZE_536) else MSSDFLT
        return _with_cb(sock, replace(cb, t_maxseg=t_maxseg_)), h.oq
    room = num_minus(num_minus(nextmtu, 40), 12 if cb.tf_doing_tstmp else 0)
    mss = MIN(sock.sf.n[SO_SNDBUF], rounddown(MCLBYTES, room))
    if mss <= cb.t_maxseg:
        sock__ = _with_cb(sock, replace(cb, t_maxseg=mss, t_rttseg=None, snd_nxt=cb.snd_una))
        sock___, outsegs = tcp_output_perhaps(h.arch, ticks_of(h.ticks), h.ifds, sock__, choose)
        rcvdsyn = tcp_proto(sock___).st not in {CLOSED, LISTEN, SYN_SENT}
        return enqueue_or_fail_sock(rcvdsyn, h.arch, h.rttab, h.ifds, outsegs, h.oq, sock__, sock___, choose)
    else:
        return sock, h.oq


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """The destination refuses: that ends an attempt to connect, and is ignored by a connection.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_3.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    require(icmp.t in REFUSED)
    i3 = SOME(icmp.is3)
    require(i3 not in IN_MULTICAST)
    sid, sock = _lookup(h, icmp, choose)
    if isinstance(sock.pr, UDP_PROTO):
        sock_ = _udp_refused(h.arch, sock)
    elif _is_outstanding(sock.pr.v, icmp) and sock.pr.v.st == SYN_SENT:
        sock_, outsegs = tcp_drop_and_close(h.arch, ECONNREFUSED, sock, choose)
        require(outsegs == ())
        # In this case alone the model does not relate oq' to oq.  No host sends at random,
        # and a queue of any messages cannot be searched: here too oq' is oq.
    else:
        sock_ = sock
    return replace(with_sock(h, sid, sock_), iq=iq_)


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A header was bad: the socket notes the error.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_4.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    require(icmp.t in BAD_HEADER)
    i3 = SOME(icmp.is3)
    require(i3 not in IN_MULTICAST)
    sid, sock = _lookup(h, icmp, choose)
    if isinstance(sock.pr, UDP_PROTO):
        sock_, oq_ = _udp_error(h.arch, sock, ENOPROTOOPT), h.oq
    elif _is_outstanding(sock.pr.v, icmp):
        sock_, oq_ = _notify(h, sock, ENOPROTOOPT, choose)
    else:
        sock_, oq_ = sock, h.oq
    return replace(with_sock(h, sid, sock_), iq=iq_, oq=oq_)


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """Something on the way asks to send less: a connection shrinks its congestion window to one segment.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_5.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    require(icmp.t == ICMP_SOURCE_QUENCH(QUENCH))
    i3 = SOME(icmp.is3)
    require(i3 not in IN_MULTICAST)
    sid, sock = _lookup(h, icmp, choose)
    if isinstance(sock.pr, UDP_PROTO):
        sock_ = _udp_error(h.arch, sock, EHOSTUNREACH)
    elif _is_outstanding(sock.pr.v, icmp):
        cb = sock.pr.v.cb
        sock_ = _with_cb(sock, replace(cb, snd_cwnd=1 * cb.t_maxseg))
    else:
        sock_ = sock
    return replace(with_sock(h, sid, sock_), iq=iq_)


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """A datagram lived too long, or the message has a code that is not known: it is ignored.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_6.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    t = icmp.t
    require(
        t in (ICMP_TIME_EXCEEDED(INTRANS), ICMP_TIME_EXCEEDED(REASS))
        or (isinstance(t, ICMP_UNREACH) and isinstance(t.code, OTHER))
        or (isinstance(t, ICMP_SOURCE_QUENCH) and isinstance(t.code, SQ_OTHER))
        or (isinstance(t, ICMP_TIME_EXCEEDED) and isinstance(t.code, TX_OTHER))
        or (isinstance(t, ICMP_PARAMPROB) and isinstance(t.code, PP_OTHER))
        or (isinstance(t, ICMP_REDIRECT) and corrected(h.arch, REDIRECT_IGNORED))
    )
    return replace(h, iq=iq_)


def _about_no_socket(h: Host, icmp: IcmpDatagram) -> bool:
    """Whether no socket sent the datagram that a message is about."""
    if corrected(h.arch, NO_SOCKET_BY_LOOKUP):
        return not lookup_icmp(h.socks, icmp, h.arch, h.bound)
    return not any(
        s.is1 == icmp.is3
        and s.is2 == icmp.is4
        and s.ps1 == icmp.ps3
        and s.ps2 == icmp.ps4
        and proto_of(s.pr) == icmp.proto
        for s in h.socks.values()
    )


@rule(rp_all, {Lh_tau: network(nonurgent)})
def deliver_in_icmp_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A message about a datagram that came from no socket, from nowhere or from many hosts is ignored.

    Source: TCP1_hostLTSScript.sml, deliver_in_icmp_7.
    """
    iq_, icmp = _dequeue_icmp(h, lbl)
    t = icmp.t
    require(
        (isinstance(t, ICMP_UNREACH) and not isinstance(t.code, OTHER))
        or t in BAD_HEADER
        or t == ICMP_SOURCE_QUENCH(QUENCH)
    )
    if corrected(h.arch, ICMP_WITHOUT_SEQUENCE_NUMBER) and icmp.proto == PROTO_TCP and icmp.seq is None:
        return replace(h, iq=iq_)
    if isinstance(t, ICMP_UNREACH) and isinstance(t.code, NEEDFRAG):
        if not (corrected(h.arch, NEEDFRAG_ABOUT_NO_SOCKET) and _about_no_socket(h, icmp)):
            i3 = SOME(icmp.is3)
            require(i3 in IN_MULTICAST)
    else:
        require(icmp.is3 is None or icmp.is3 in IN_MULTICAST or _about_no_socket(h, icmp))
    return replace(h, iq=iq_)
