"""Sending on UDP sockets."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import (
    FAIL,
    MSG_DONTWAIT,
    MSG_OOB,
    MSG_PEEK,
    O_NONBLOCK,
    SO_SNDBUF,
    Ip,
    OK_string,
    Port,
)
from netspec.base.choose import FAPPLY, SOME, Choose, require
from netspec.base.errors import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAGAIN,
    EDESTADDRREQ,
    EISCONN,
    EMSGSIZE,
    ENOBUFS,
    ENOTCONN,
    EOPNOTSUPP,
    EPIPE,
    ESHUTDOWN,
    Error,
)
from netspec.base.timers import never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.ports import autobind
from netspec.tcp.aux_fns.udp_send import dosend
from netspec.tcp.errata.sockets import ADDRESSED_SEND_ON_BSD, PORTS_OF_THE_HOST
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import Host, Socket, proto_of, udp_proto
from netspec.tcp.net_types import PROTO_UDP
from netspec.tcp.params import SID, UDPpayloadMax, corrected
from netspec.tcp.pre_host_types import (
    Ret,
    Send2,
    auto_outroute,
    bsd_arch,
    linux_arch,
    sched_timer,
    windows_arch,
)
from netspec.tcp.rule import block, fail, fast, rp_udp, rule, slow, succeed, urgent
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, with_sock, with_thread


def _autobind(h: Host, sid: SID, ps1: Port | None, choose: Choose) -> tuple[Port, tuple[SID, ...]]:
    """Pick a local port for a socket: it, and the bound sockets with this one if it had none."""
    p1_ = choose.one_of("p1'", autobind(ps1, PROTO_UDP, h, h.socks))
    return p1_, (sid, *h.bound) if ps1 is None else h.bound


def _has_quad(s: Socket, is1: Ip | None, ps1: Port | None, is2: Ip | None, ps2: Port | None) -> bool:
    """Whether a socket is a UDP socket with these addresses and ports."""
    return (s.is1, s.ps1, s.is2, s.ps2) == (is1, ps1, is2, ps2) and proto_of(s.pr) == PROTO_UDP


def _not_refused(h: Host, sid: SID, sock: Socket, addr: tuple[Ip, Port] | None) -> None:
    """State that BSD does not refuse to send to an address, as send_19 and send_21 say."""
    if bsd_arch(h.arch) and addr is not None and corrected(h.arch, ADDRESSED_SEND_ON_BSD):
        i2, p2 = addr
        require(sock.is2 is None)
        others = h.socks.delete(sid).values()
        sources = auto_outroute(i2, sock.is1, h.rttab, h.ifds)
        require(not any(_has_quad(s, i1, sock.ps1, i2, p2) for s in others for i1 in sources))


@rule(rp_udp, {Lh_call: fast(succeed)})
def send_9(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send queues a datagram and returns, having bound the socket if need be.

    Source: TCP1_hostLTSScript.sml, send_9.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    udp_proto(sock)
    require(not sock.cantsndmore)
    require(len(opn.data) <= UDPpayloadMax(h.arch))
    require(opn.addr is not None or sock.is2 is not None)
    _not_refused(h, sid, sock, opn.addr)
    p1_, bound = _autobind(h, sid, sock.ps1, choose)
    quad = (sock.is1, p1_, sock.is2, sock.ps2)
    oq_, ok = dosend(h.ifds, h.rttab, (opn.addr, opn.data), quad, h.oq, choose)
    require(ok)
    if bsd_arch(h.arch):
        require(sock.sf.n[SO_SNDBUF] >= len(opn.data))
    else:
        require(MSG_OOB not in frozenset(opn.opts))
    require(windows_arch(h.arch) or sock.es is None)
    h_ = replace(with_sock(h, sid, replace(sock, ps1=p1_)), bound=bound, oq=oq_)
    return with_thread(h_, tid, Ret(OK_string(b"")), sched_timer)


@rule(rp_udp, {Lh_call: block})
def send_10(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send blocks, as its datagram cannot be queued.

    Source: TCP1_hostLTSScript.sml, send_10.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    udp_proto(sock)
    require(not sock.cantsndmore)
    require(windows_arch(h.arch) or sock.es is None)
    opts = frozenset(opn.opts)
    require(not ((not bsd_arch(h.arch) and MSG_DONTWAIT in opts) or ff.b[O_NONBLOCK]))
    require(not (linux_arch(h.arch) or windows_arch(h.arch)) or MSG_OOB not in opts)
    _not_refused(h, sid, sock, opn.addr)
    p1_, bound = _autobind(h, sid, sock.ps1, choose)
    quad = (sock.is1, p1_, sock.is2, sock.ps2)
    oq_, ok = dosend(h.ifds, h.rttab, (opn.addr, opn.data), quad, h.oq, choose)
    require(not ok)
    require(opn.addr is not None or sock.is2 is not None)
    h_ = replace(with_sock(h, sid, replace(sock, ps1=p1_)), bound=bound, oq=oq_)
    return with_thread(h_, tid, Send2(sid, (opn.addr, *quad), opn.data, opts), never_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_11(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send that may not block fails with EAGAIN, as its datagram cannot be queued.

    Source: TCP1_hostLTSScript.sml, send_11.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    udp_proto(sock)
    require(not sock.cantsndmore)
    require(windows_arch(h.arch) or sock.es is None)
    _not_refused(h, sid, sock, opn.addr)
    p1_, bound = _autobind(h, sid, sock.ps1, choose)
    require(opn.addr is not None or sock.is2 is not None)
    opts = frozenset(opn.opts)
    require((not bsd_arch(h.arch) and MSG_DONTWAIT in opts) or ff.b[O_NONBLOCK])
    quad = (sock.is1, sock.ps1, sock.is2, sock.ps2)
    oq_, ok = dosend(h.ifds, h.rttab, (opn.addr, opn.data), quad, h.oq, choose)
    require(not ok)
    h_ = replace(with_sock(h, sid, replace(sock, ps1=p1_)), bound=bound, oq=oq_)
    return with_thread(h_, tid, Ret(FAIL(EAGAIN)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_12(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send without an address fails, as the socket has no peer; Linux binds it nevertheless.

    Source: TCP1_hostLTSScript.sml, send_12.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.addr is None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    udp_proto(sock)
    err = EDESTADDRREQ if bsd_arch(h.arch) else ENOTCONN
    require(windows_arch(h.arch) or sock.es is None)
    ps1_, bound = _autobind(h, sid, sock.ps1, choose) if linux_arch(h.arch) else (sock.ps1, h.bound)
    h_ = replace(with_sock(h, sid, replace(sock, ps1=ps1_)), bound=bound)
    return with_thread(h_, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_13(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send fails with EMSGSIZE, as its data is too long; the socket may have been bound by then.

    Source: TCP1_hostLTSScript.sml, send_13.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    udp_proto(sock)
    require(len(opn.data) > UDPpayloadMax(h.arch) or (bsd_arch(h.arch) and len(opn.data) > sock.sf.n[SO_SNDBUF]))
    ps1_: Port | None
    # A socket with a port keeps it either way.
    if sock.ps1 is None and choose.boolean("ps1' is SOME"):
        ps1_, bound = _autobind(h, sid, sock.ps1, choose)
    else:
        ps1_, bound = sock.ps1, h.bound
    h_ = replace(with_sock(h, sid, replace(sock, ps1=ps1_)), bound=bound)
    return with_thread(h_, tid, Ret(FAIL(EMSGSIZE)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_14(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send on a socket without addresses fails, as no port is left to bind it to.

    Source: TCP1_hostLTSScript.sml, send_14.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is None)
    require(sock.ps1 is None)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    udp_proto(sock)
    require(not sock.cantsndmore)
    require(windows_arch(h.arch) or sock.es is None)
    # The model replaces the sockets of h, so that those it hands to autobind are any, and some hold
    # every ephemeral port.
    if corrected(h.arch, PORTS_OF_THE_HOST):
        require(not autobind(None, PROTO_UDP, h, h.socks))
    e = choose.one_of("e", (EAGAIN, EADDRNOTAVAIL, ENOBUFS))
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_udp, {Lh_tau: slow(urgent, succeed)})
def send_15(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked send queues its datagram and returns.

    The addresses are those of the socket at the call, or those that it has now.

    Source: TCP1_hostLTSScript.sml, send_15.
    """
    tid, state = blocked(h, lbl, Send2, choose)
    addr, is1, ps1, is2, ps2 = SOME(state.addr)
    sock = FAPPLY(h.socks, state.sid)
    udp_proto(sock)
    require(not sock.cantsndmore)
    require(windows_arch(h.arch) or sock.es is None)
    require(len(state.data) <= UDPpayloadMax(h.arch))
    if choose.boolean("the addresses are those of now"):
        quad = (sock.is1, sock.ps1, sock.is2, sock.ps2)
    else:
        quad = (is1, ps1, is2, ps2)
    oq_, ok = dosend(h.ifds, h.rttab, (addr, state.data), quad, h.oq, choose)
    require(ok)
    require(addr is not None or sock.is2 is not None or is2 is not None)
    return with_thread(replace(h, oq=oq_), tid, Ret(OK_string(b"")), sched_timer)


@rule(rp_udp, {Lh_tau: slow(urgent, fail)})
def send_16(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked send fails with the pending error, except on WinXP.

    Source: TCP1_hostLTSScript.sml, send_16.
    """
    tid, state = blocked(h, lbl, Send2, choose)
    sid = state.sid
    require(state.addr is not None)
    sock = FAPPLY(h.socks, sid)
    e = SOME(sock.es)
    udp_proto(sock)
    require(not windows_arch(h.arch))
    h_ = with_sock(h, sid, replace(sock, es=None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_udp, {Lh_tau: slow(urgent, fail)})
def send_17(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked send fails, as its data is too long or no address is left to send to.

    Source: TCP1_hostLTSScript.sml, send_17.
    """
    tid, state = blocked(h, lbl, Send2, choose)
    addr, is1, ps1, is2, ps2 = SOME(state.addr)
    sock = FAPPLY(h.socks, state.sid)
    udp_proto(sock)
    require(windows_arch(h.arch) or sock.es is None)
    _, ok = dosend(h.ifds, h.rttab, (addr, state.data), (is1, ps1, is2, ps2), h.oq, choose)
    require(ok)
    errors: tuple[Error, ...] = ()
    if len(state.data) > UDPpayloadMax(h.arch) or (bsd_arch(h.arch) and len(state.data) > sock.sf.n[SO_SNDBUF]):
        errors += (EMSGSIZE,)
    if sock.is2 is None and addr is None:
        errors += (ENOTCONN,)
    e = choose.one_of("e", errors)
    return with_thread(h, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_18(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send fails with EOPNOTSUPP on an option that makes no sense for it; Linux still binds.

    Source: TCP1_hostLTSScript.sml, send_18.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    udp_proto(sock)
    opts = frozenset(opn.opts)
    require(
        (MSG_PEEK in opts and windows_arch(h.arch))
        or (MSG_OOB in opts and not sock.cantsndmore and (linux_arch(h.arch) or windows_arch(h.arch)))
    )
    ps1_, bound = _autobind(h, sid, sock.ps1, choose) if linux_arch(h.arch) else (sock.ps1, h.bound)
    h_ = replace(with_sock(h, sid, replace(sock, ps1=ps1_)), bound=bound)
    return with_thread(h_, tid, Ret(FAIL(EOPNOTSUPP)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_19(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send on FreeBSD fails with EADDRINUSE, as another socket has the whole address quad.

    Source: TCP1_hostLTSScript.sml, send_19.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    i2, p2 = SOME(opn.addr)
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(not sock.cantsndmore)
    require(windows_arch(h.arch) or sock.es is None)
    p1_, bound = _autobind(h, sid, sock.ps1, choose)
    i1_ = choose.one_of("i1'", auto_outroute(i2, sock.is1, h.rttab, h.ifds))
    require(proto_of(sock.pr) == PROTO_UDP)
    if corrected(h.arch, ADDRESSED_SEND_ON_BSD):
        require(sock.is2 is None)
        socks = h.socks.delete(sid)
    else:
        socks = h.socks
    require(any(_has_quad(socks[sid_], i1_, p1_, i2, p2) for sid_ in socks))
    # The socket stays without the port, although it counts as bound.
    return with_thread(replace(h, bound=bound), tid, Ret(FAIL(EADDRINUSE)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_21(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send to an address on FreeBSD fails with EISCONN, as the socket has a peer.

    Source: TCP1_hostLTSScript.sml, send_21.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.addr is not None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.es is None)
    require(sock.is2 is not None)
    require(sock.ps2 is not None)
    udp_proto(sock)
    require(bsd_arch(h.arch))
    return with_thread(h, tid, Ret(FAIL(EISCONN)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_22(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send fails, as the socket is shut down for writing.

    Source: TCP1_hostLTSScript.sml, send_22.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.cantsndmore)
    udp_proto(sock)
    err = ESHUTDOWN if windows_arch(h.arch) else EPIPE
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def send_23(h: Host, lbl: Label, choose: Choose) -> Host:
    """A send fails with the pending error, except on WinXP.

    Source: TCP1_hostLTSScript.sml, send_23.
    """
    tid, opn = a_call(lbl, lib.send)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    e = SOME(sock.es)
    require(proto_of(sock.pr) == PROTO_UDP)
    require(not windows_arch(h.arch))
    h_ = with_sock(h, sid, replace(sock, es=None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)
