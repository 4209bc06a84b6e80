"""Connecting TCP and UDP sockets."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, O_NONBLOCK, SO_RCVBUF, Ip, OK_one, Port
from netspec.base.choose import FAPPLY, SOME, Choose, require
from netspec.base.errors import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAGAIN,
    EALREADY,
    EINPROGRESS,
    EINVAL,
    EISCONN,
    EOPNOTSUPP,
    Error,
)
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local
from netspec.base.timers import Timed, never_timer, ticks_of
from netspec.base.utils import ASSERTION_FAILURE
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.initial_cb import initial_cb_of
from netspec.tcp.aux_fns.ports import autobind
from netspec.tcp.aux_fns.queueing import rollback_tcp_output
from netspec.tcp.aux_fns.rexmt import start_tt_rexmtsyn
from netspec.tcp.aux_fns.segments import make_syn_segment
from netspec.tcp.errata.sockets import PORTS_OF_THE_HOST, UNROUTED_UDP_CONNECT
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, Tcpcb, TcpSocket, proto_of, tcp_proto, udp_proto
from netspec.tcp.net_types import PROTO_TCP, PROTO_UDP, TCP, Protocol
from netspec.tcp.params import SID, TCP_MAXWIN, TCP_MAXWINSCALE, TCPTV_KEEP_INIT, Arch, SockFlags, corrected
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    ESTABLISHED,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    Connect2,
    HostThreadState,
    Ret,
    TcpState,
    auto_outroute,
    bsd_arch,
    enqueue_oq_list_qinfo,
    linux_arch,
    local_ips,
    local_primary_ips,
    sched_timer,
    slow_timer,
    test_outroute_ip,
    windows_arch,
)
from netspec.tcp.rule import block, fail, fast, rp_all, rp_tcp, rp_udp, rule, slow, succeed, urgent
from netspec.tcp.rules.no_data import no_data
from netspec.tcp.rules.prelude import a_call, blocked, file_socket, running, with_sock, with_thread


def _taken(
    h: Host, sid: SID, is1: Ip | None, ps1: Port | None, is2: Ip | None, ps2: Port | None, proto: Protocol
) -> bool:
    """Whether a socket other than `sid` has these addresses and ports for this protocol."""
    return any(
        s.is1 == is1 and s.ps1 == ps1 and s.is2 == is2 and s.ps2 == ps2 and proto_of(s.pr) == proto
        for s in h.socks.delete(sid).values()
    )


def _syn_sent_cb(h: Host, sf: SockFlags, cb: Tcpcb, choose: Choose) -> tuple[Seq32, Tcpcb]:
    """Pick `iss` and the other open parameters of the connection: it, and `cb'` with all of them.

    The window is at most the receive buffer, in bytes.
    """
    iss = tcp_seq_local(choose.integer("iss", 0, 2**32 - 1))
    request_r_scale = (
        choose.integer("request_r_scale", 0, TCP_MAXWINSCALE) if choose.boolean("request_r_scale is SOME") else None
    )
    rcv_wnd = choose.integer("rcv_wnd", 1, TCP_MAXWIN << (0 if request_r_scale is None else request_r_scale))
    require(rcv_wnd <= sf.n[SO_RCVBUF])
    advmss = choose.integer("advmss", 1, 65535 - 40)
    advmss_ = advmss if choose.boolean("advmss' is SOME") else None
    tf_req_tstmp_ = choose.boolean("tf_req_tstmp'")
    t_rttseg_ = (ticks_of(h.ticks), iss) if cb.t_rttseg is None else cb.t_rttseg
    return iss, replace(
        cb,
        tt_rexmt=start_tt_rexmtsyn(h.arch, 0, False, cb.t_rttinf),
        tt_conn_est=Timed((), slow_timer(h.arch, TCPTV_KEEP_INIT)),
        snd_una=iss,
        snd_nxt=iss + 1,
        snd_max=iss + 1,
        iss=iss,
        rcv_wnd=rcv_wnd,
        rcv_adv=cb.rcv_nxt + rcv_wnd,
        tf_rxwin0sent=bool(rcv_wnd == 0),
        request_r_scale=request_r_scale,
        t_maxseg=cb.t_maxseg,
        t_advmss=advmss_,
        tf_req_tstmp=tf_req_tstmp_,
        last_ack_sent=tcp_seq_foreign(0),
        t_rttseg=t_rttseg_,
    )


@rule(rp_tcp, {Lh_call: (block, fast(fail))})
def connect_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect makes a SYN, tries to send it, and blocks or fails as it may not block.

    Source: TCP1_hostLTSScript.sml, connect_1.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    i2 = opn.i2
    p2 = SOME(opn.ps2)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.lis is None)
    no_data(tcp_sock)
    i1_ = choose.one_of("i1'", auto_outroute(i2, sock.is1, h.rttab, h.ifds))
    p1_ = choose.one_of("p1'", autobind(sock.ps1, PROTO_TCP, h, h.socks))
    bound = (sid, *h.bound) if sock.ps1 is None else h.bound
    if tcp_sock.st == CLOSED:
        require(sock.is2 is None)
        require(sock.ps2 is None)
        require(sock.es is None)
        require(not sock.cantsndmore)
        require(not sock.cantrcvmore or bsd_arch(h.arch))
    else:
        require(bsd_arch(h.arch))
        require(tcp_sock.st == TIME_WAIT)
        require(sock.is2 is None or sock.ps2 is not None)
        require(sock.ps2 is None or sock.is2 is not None)
    require(not _taken(h, sid, i1_, p1_, i2, p2, PROTO_TCP))
    cb = tcp_sock.cb
    iss, cb_ = _syn_sent_cb(h, sock.sf, cb, choose)
    seg = make_syn_segment(cb_, (i1_, i2, p1_, p2), ticks_of(h.ticks), choose)
    cb0 = replace(
        cb,
        snd_nxt=iss,
        snd_max=iss,
        tt_delack=None,
        last_ack_sent=tcp_seq_foreign(0),
        rcv_adv=tcp_seq_foreign(0),
    )
    cb__, es_, outsegs_ = rollback_tcp_output(False, TCP(seg), h.arch, h.rttab, h.ifds, True, cb0, cb_, choose)
    cb___ = cb__ if outsegs_ != () or windows_arch(h.arch) else cb
    oq_ = enqueue_oq_list_qinfo(h.oq, outsegs_)
    may_block = not ff.b[O_NONBLOCK] or (bsd_arch(h.arch) and i2 in local_ips(h.ifds))
    may_fail = ff.b[O_NONBLOCK] and sock.es is None
    require(may_block or may_fail)
    t_: Timed[HostThreadState]
    if may_block and (not may_fail or choose.boolean("t' = Timed(Connect2(sid),never_timer)")):
        t_ = Timed(Connect2(sid), never_timer)
        es__ = es_
        st_, is2_, ps2_ = SYN_SENT, i2, p2
    else:
        in_progress = EAGAIN if windows_arch(h.arch) else EINPROGRESS
        err = choose.one_of("err", (in_progress,) if es_ is None else (in_progress, es_))
        t_ = Timed(Ret(FAIL(err)), sched_timer)
        es__ = None
        if h.oq == oq_:
            st_, is2_, ps2_ = CLOSED, None, None
        else:
            st_, is2_, ps2_ = SYN_SENT, i2, p2
    sock_ = replace(
        sock,
        is1=i1_,
        ps1=p1_,
        is2=is2_,
        ps2=ps2_,
        es=es__,
        cantsndmore=False,
        cantrcvmore=False,
        pr=TCP_PROTO(replace(tcp_sock, st=st_, cb=cb___)),
    )
    return replace(with_sock(h, sid, sock_), ts=h.ts.set(tid, t_), bound=bound, oq=oq_)


@rule(rp_tcp, {Lh_tau: slow(urgent, succeed)})
def connect_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked connect returns, as the connection is established.

    Source: TCP1_hostLTSScript.sml, connect_2.
    """
    tid, state = blocked(h, lbl, Connect2, choose)
    sid = state.sid
    tcp_sock = tcp_proto(FAPPLY(h.socks, sid))
    require(tcp_sock.st in {ESTABLISHED, CLOSE_WAIT})
    require(not any(tid_ != tid and h.ts[tid_].value == Connect2(sid) for tid_ in h.ts))
    return with_thread(h, tid, Ret(OK_one()), sched_timer)


@rule(rp_tcp, {Lh_tau: slow(urgent, fail)})
def connect_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked connect fails with the socket's pending error, as the connection is closed.

    Source: TCP1_hostLTSScript.sml, connect_3.
    """
    tid, state = blocked(h, lbl, Connect2, choose)
    sid = state.sid
    sock = FAPPLY(h.socks, sid)
    e = SOME(sock.es)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == CLOSED)
    require(not bsd_arch(h.arch) or tcp_sock.cb.bsd_cantconnect)
    h_ = with_sock(h, sid, replace(sock, es=None))
    return with_thread(h_, tid, Ret(FAIL(e)), sched_timer)


@rule(rp_tcp, {Lh_tau: slow(urgent, fail)})
def connect_4(h: Host, lbl: Label, choose: Choose) -> Host:
    """A blocked connect fails, as the SYN could not be sent or was answered by an error.

    The socket is then closed, but on FreeBSD stays in SYN_SENT after EADDRNOTAVAIL.

    Source: TCP1_hostLTSScript.sml, connect_4.
    """
    tid, state = blocked(h, lbl, Connect2, choose)
    sid = state.sid
    sock = FAPPLY(h.socks, sid)
    require(sock.fid is not None)
    require(sock.is1 is not None)
    require(sock.is2 is not None)
    require(sock.ps2 is not None)
    err = SOME(sock.es)
    require(not sock.cantsndmore)
    require(not sock.cantrcvmore)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == SYN_SENT)
    require(tcp_sock.lis is None)
    no_data(tcp_sock)
    require(not (windows_arch(h.arch) and err == EINVAL))
    if bsd_arch(h.arch) and err == EADDRNOTAVAIL:
        sock_ = replace(sock, es=None)
    else:
        closed = TCP_PROTO(replace(tcp_sock, st=CLOSED, cb=initial_cb_of(h.arch)))
        sock_ = replace(sock, is2=None, ps2=None, es=None, pr=closed)
    return with_thread(with_sock(h, sid, sock_), tid, Ret(FAIL(err)), sched_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def connect_4a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect on a closed socket fails with the error that is pending there.

    Source: TCP1_hostLTSScript.sml, connect_4a.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    require(opn.ps2 is not None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    err = SOME(sock.es)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == CLOSED)
    h_ = with_sock(h, sid, replace(sock, es=None))
    return with_thread(h_, tid, Ret(FAIL(err)), sched_timer)


def _err_of_state(arch: Arch, nonblocking: bool, tcp_sock: TcpSocket) -> Error:
    """The error of a connect on a socket in the wrong state."""
    match tcp_sock.st:
        case TcpState.SYN_SENT:
            if nonblocking or windows_arch(arch):
                return EALREADY
            elif bsd_arch(arch):
                return EISCONN
            else:
                return ASSERTION_FAILURE("connect_5:1")
        case TcpState.SYN_RECEIVED:
            if nonblocking or windows_arch(arch):
                return EALREADY
            elif bsd_arch(arch):
                return EISCONN
            else:
                return ASSERTION_FAILURE("connect_5:2")
        case TcpState.LISTEN:
            if windows_arch(arch):
                return EINVAL
            elif bsd_arch(arch):
                return EOPNOTSUPP
            elif linux_arch(arch):
                return EISCONN
            else:
                return ASSERTION_FAILURE("connect_5:3")
        case TcpState.TIME_WAIT:
            require(windows_arch(arch) or linux_arch(arch))
            return EISCONN
        case TcpState.CLOSED:
            require(bsd_arch(arch))
            require(tcp_sock.cb.bsd_cantconnect)
            return EINVAL
        case _:
            return EISCONN


@rule(rp_tcp, {Lh_call: fast(fail)})
def connect_5(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect fails, as the socket is connected, is connecting, listens, or cannot connect.

    Source: TCP1_hostLTSScript.sml, connect_5.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    require(opn.ps2 is not None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    tcp_sock = tcp_proto(FAPPLY(h.socks, sid))
    err = _err_of_state(h.arch, ff.b[O_NONBLOCK], tcp_sock)
    return with_thread(h, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def connect_5a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect fails, as there is no route; FreeBSD names the TCP socket nevertheless.

    Source: TCP1_hostLTSScript.sml, connect_5a.
    """
    tid, opn = a_call(lbl, lib.connect)
    require(opn.ps2 is not None)
    running(h, tid)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.is1 is None)
    if bsd_arch(h.arch) and proto_of(sock.pr) == PROTO_TCP:
        i1_ = choose.one_of("i1'", local_primary_ips(h.ifds))
        p1_ = choose.one_of("p1'", autobind(sock.ps1, PROTO_TCP, h, h.socks))
        sock_ = replace(sock, is1=i1_, ps1=p1_)
        bound = (sid, *h.bound) if sock.ps1 is None else h.bound
    else:
        sock_ = sock
        bound = h.bound
    err = SOME(test_outroute_ip(opn.i2, h.rttab, h.ifds, h.arch))
    # The model has this premise inside the case that there is a route, which fails anyway.
    if corrected(h.arch, UNROUTED_UDP_CONNECT):
        require(proto_of(sock.pr) != PROTO_UDP or not bsd_arch(h.arch))
    h_ = replace(with_sock(h, sid, sock_), bound=bound)
    return with_thread(h_, tid, Ret(FAIL(err)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def connect_5b(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect fails with EADDRINUSE, as another socket has the same addresses and ports.

    Source: TCP1_hostLTSScript.sml, connect_5b.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    i2 = opn.i2
    p2 = SOME(opn.ps2)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    i1_ = choose.one_of("i1'", auto_outroute(i2, sock.is1, h.rttab, h.ifds))
    # The model replaces the sockets of h, so that those it hands to autobind are any: a socket
    # without a port may get any ephemeral one, such as the one that is taken.
    socks = h.socks if corrected(h.arch, PORTS_OF_THE_HOST) else {}
    p1_ = choose.one_of("p1'", autobind(sock.ps1, proto_of(sock.pr), h, socks))
    bound_ = (sid, *h.bound) if sock.ps1 is None else h.bound
    if proto_of(sock.pr) == PROTO_UDP:
        require(not (linux_arch(h.arch) or windows_arch(h.arch)))
    require(_taken(h, sid, i1_, p1_, i2, p2, proto_of(sock.pr)))
    if proto_of(sock.pr) == PROTO_UDP:
        is1_ = sock.is1 if sock.is2 is None else None
        sock_ = replace(sock, is1=is1_, ps1=p1_, is2=None, ps2=None)
    else:
        sock_ = replace(sock, ps1=p1_)
    h_ = replace(with_sock(h, sid, sock_), bound=bound_)
    return with_thread(h_, tid, Ret(FAIL(EADDRINUSE)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def connect_5c(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect on a socket without a port fails with EADDRNOTAVAIL, as no port is left.

    Source: TCP1_hostLTSScript.sml, connect_5c.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    require(opn.ps2 is not None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.ps1 is None)
    require(not autobind(None, proto_of(sock.pr), h, h.socks))
    return with_thread(h, tid, Ret(FAIL(EADDRNOTAVAIL)), sched_timer)


@rule(rp_tcp, {Lh_call: block})
def connect_5d(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect on a socket that is connecting already blocks too, on Linux and FreeBSD.

    Source: TCP1_hostLTSScript.sml, connect_5d.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    require(opn.ps2 is not None)
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, ff = file_socket(h, fid)
    tcp_sock = tcp_proto(FAPPLY(h.socks, sid))
    require(not ff.b[O_NONBLOCK])
    require(linux_arch(h.arch) or bsd_arch(h.arch))
    require(tcp_sock.st in {SYN_SENT, SYN_RECEIVED})
    return with_thread(h, tid, Connect2(sid), never_timer)


@rule(rp_tcp, {Lh_call: fast(fail)})
def connect_6(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect on a socket that was shut down for sending fails with EINVAL, on FreeBSD.

    Source: TCP1_hostLTSScript.sml, connect_6.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    require(opn.ps2 is not None)
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.cantsndmore)
    require(tcp_proto(sock).st == CLOSED)
    return with_thread(h, tid, Ret(FAIL(EINVAL)), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed)})
def connect_7(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect gives an unconnected UDP socket its peer, and names it.

    Source: TCP1_hostLTSScript.sml, connect_7.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    i2, ps2 = opn.i2, opn.ps2
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is None)
    require(sock.is2 is None)
    require(sock.ps2 is None)
    udp_proto(sock)
    p1_ = choose.one_of("p1'", autobind(sock.ps1, PROTO_UDP, h, h.socks))
    bound = (sid, *h.bound) if sock.ps1 is None else h.bound
    i1_ = choose.one_of("i1'", auto_outroute(i2, None, h.rttab, h.ifds))
    require(not (bsd_arch(h.arch) and _taken(h, sid, i1_, p1_, i2, ps2, PROTO_UDP)))
    if bsd_arch(h.arch):
        require(ps2 is not None)
        require(sock.es is None)
    cantsndmore_ = False if windows_arch(h.arch) else sock.cantsndmore
    sock_ = replace(sock, is1=i1_, ps1=p1_, is2=i2, ps2=ps2, cantsndmore=cantsndmore_)
    h_ = replace(with_sock(h, sid, sock_), bound=bound)
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_udp, {Lh_call: fast(succeed)})
def connect_8(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect gives a named UDP socket its peer, or another one.

    Source: TCP1_hostLTSScript.sml, connect_8.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    i, ps = opn.i2, opn.ps2
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    require(sock.fid == fid)
    require(sock.is1 is not None)
    require(sock.ps1 is not None)
    udp_proto(sock)
    if bsd_arch(h.arch):
        require(ps is not None)
        require(sock.es is None)
    cantsndmore_ = False if windows_arch(h.arch) else sock.cantsndmore
    require(not (bsd_arch(h.arch) and _taken(h, sid, sock.is1, sock.ps1, i, ps, PROTO_UDP)))
    h_ = with_sock(h, sid, replace(sock, is2=i, ps2=ps, cantsndmore=cantsndmore_))
    return with_thread(h_, tid, Ret(OK_one()), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def connect_9(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect of a UDP socket to no port fails on FreeBSD, and forgets the peer.

    Source: TCP1_hostLTSScript.sml, connect_9.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    require(opn.ps2 is None)
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    udp_proto(sock)
    is1 = None if sock.is2 is not None else sock.is1
    h_ = with_sock(h, sid, replace(sock, is1=is1, is2=None, ps2=None))
    return with_thread(h_, tid, Ret(FAIL(EADDRNOTAVAIL)), sched_timer)


@rule(rp_udp, {Lh_call: fast(fail)})
def connect_10(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connect of a UDP socket fails with its pending error on FreeBSD, yet sets the peer.

    Source: TCP1_hostLTSScript.sml, connect_10.
    """
    tid, opn = a_call(lbl, lib.connect)
    running(h, tid)
    i, ps = opn.i2, opn.ps2
    require(bsd_arch(h.arch))
    require(opn.fd in h.fds)
    fid = h.fds[opn.fd]
    sid, _ = file_socket(h, fid)
    sock = FAPPLY(h.socks, sid)
    err = SOME(sock.es)
    udp_proto(sock)
    require(ps is not None)
    require(not _taken(h, sid, sock.is1, sock.ps1, i, ps, PROTO_UDP))
    h_ = with_sock(h, sid, replace(sock, is2=i, ps2=ps, es=None))
    return with_thread(h_, tid, Ret(FAIL(err)), sched_timer)
