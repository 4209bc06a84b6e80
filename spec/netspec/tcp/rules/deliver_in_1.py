"""Segments that arrive for a listening socket."""

from __future__ import annotations

from dataclasses import replace

from immutables import Map

from netspec.base.base_types import SO_RCVBUF, SO_SNDBUF
from netspec.base.choose import SOME, Choose, require
from netspec.base.seq32 import tcp_seq_flip_sense, tcp_seq_foreign, tcp_seq_local
from netspec.base.timers import Timed, TimeWindow, ticks_of
from netspec.base.utils import MIN, funupd_list, w2n
from netspec.tcp.aux_fns.buffers import calculate_buf_sizes
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.matching import tcp_socket_best_match
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail, enqueue_or_fail
from netspec.tcp.aux_fns.reset import dropwithreset
from netspec.tcp.aux_fns.rexmt import start_tt_rexmt
from netspec.tcp.aux_fns.segments import make_syn_ack_segment
from netspec.tcp.deviations import RESET_FOR_SYN_ACK
from netspec.tcp.errata.input import SYN_ACK_TIMED_BY_ISS, TIME_WAIT_REUSE, WINDOW_SCALE_LIMIT
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import (
    NO_OOBDATA,
    TCP_PROTO,
    Host,
    Sock,
    Socket,
    TCP_Sock,
    tcp_proto,
    tcp_sock_of,
)
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.params import (
    SID,
    TCP_MAXWIN,
    TCP_MAXWINSCALE,
    TCPTV_KEEP_IDLE,
    Arch,
    corrected,
    deviates,
    dtsinval,
)
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_OPENPORT,
    LISTEN,
    SYN_RECEIVED,
    TIME_WAIT,
    accept_incoming_q0,
    bsd_arch,
    drop_from_q0,
    is_broadormulticast,
    is_localnet,
    kern_timer,
    local_ips,
    slow_timer,
)
from netspec.tcp.rule import network, nonurgent, rp_tcp, rule
from netspec.tcp.rules.input_segment import dequeue_segment


def _in_time_wait(sock: Socket, seg: TcpSegment) -> bool:
    """Whether a socket has exactly the addresses and ports of a segment, and is in TIME_WAIT."""
    return (
        isinstance(sock.pr, TCP_PROTO)
        and sock.pr.v.st == TIME_WAIT
        and sock.is1 == seg.is2
        and sock.ps1 == seg.ps2
        and sock.is2 == seg.is1
        and sock.ps2 == seg.ps1
    )


def _rivals(socks: Map[SID, Socket], seg: TcpSegment, arch: Arch) -> Map[SID, Socket]:
    """The sockets that may match a segment better than the listening one."""
    if not corrected(arch, TIME_WAIT_REUSE) or not seg.SYN or seg.ACK:
        return socks
    seq = tcp_seq_flip_sense(seg.seq)
    for sid, sock in tuple(socks.items()):
        if _in_time_wait(sock, seg) and seq > tcp_sock_of(sock).cb.rcv_nxt:
            socks = socks.delete(sid)
    return socks


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listening socket that receives a SYN makes a new socket in SYN_RECEIVED and answers SYN+ACK.

    Source: TCP1_hostLTSScript.sml, deliver_in_1.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    seq = tcp_seq_flip_sense(seg.seq)
    require(not seg.ACK)
    require(not seg.RST)
    require(seg.SYN)
    ws = seg.ws
    mss = None if seg.mss is None else w2n(seg.mss)
    ts = seg.ts
    require(i1 in local_ips(h.ifds))
    require(not is_broadormulticast(h.ifds, i1))
    require(not is_broadormulticast(h.ifds, i2))

    # In the model, `socks` are the sockets but for the listening one.
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    socks = h.socks.delete(sid)
    sid_ = choose.fresh("sid'", SID, h.socks)
    require(tcp_socket_best_match(_rivals(socks, seg, h.arch), (sid, sock), seg, h.arch))
    require(sock.fid is not None)
    sf = sock.sf
    require(sock.ps1 == p1)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == LISTEN)
    cb = tcp_sock.cb
    lis = SOME(tcp_sock.lis)
    require(tcp_sock.sndq == b"")
    require(tcp_sock.sndurp is None)
    require(tcp_sock.rcvq == b"")
    require(tcp_sock.rcvurp is None)
    require(tcp_sock.iobc == NO_OOBDATA)
    # On BSD, listen() does not undo an earlier connect().
    require((sock.is2 is None and sock.ps2 is None) or (bsd_arch(h.arch) and sock.is2 == i2 and sock.ps2 == p2))
    require(sock.is1 is None or sock.is1 == i1)
    require(not (i1 == i2 and p1 == p2))

    in_time_wait = [sid__ for sid__ in socks if _in_time_wait(socks[sid__], seg)]
    require(not any(seq <= tcp_sock_of(socks[sid__]).cb.rcv_nxt for sid__ in in_time_wait))
    # An earlier incarnation of the connection is over.
    socks_ = socks
    for sid__ in in_time_wait:
        socks_ = socks_.set(sid__, tcp_close(h.arch, socks[sid__]))

    require(accept_incoming_q0(lis, h.arch))
    drop = drop_from_q0(lis, choose)
    if drop:
        at = choose.one_of("q0L", range(len(lis.q0)))
        q0_ = lis.q0[:at] + lis.q0[at + 1 :]
    else:
        q0_ = lis.q0
    lis_ = replace(lis, q0=(sid_, *q0_))

    advmss = choose.integer("advmss", 1, 65535 - 40)
    advmss_ = advmss if choose.boolean("advmss' is SOME") else None
    # Where the peer offers no timestamps or no scaling, what this host wants is no matter.
    tf_rcvd_tstmp_ = ts is not None
    tf_doing_tstmp_ = tf_rcvd_tstmp_ and choose.boolean("want_tstmp")
    bw_delay_product_for_rt = None
    rcvbufsize_, sndbufsize_, t_maxseg_, snd_cwnd_ = calculate_buf_sizes(
        advmss,
        mss,
        bw_delay_product_for_rt,
        is_localnet(h.ifds, i2),
        sf.n[SO_RCVBUF],
        sf.n[SO_SNDBUF],
        tf_doing_tstmp_,
        h.arch,
    )
    sf_ = replace(sf, n=funupd_list(sf.n, ((SO_RCVBUF, rcvbufsize_), (SO_SNDBUF, sndbufsize_))))
    if ws is not None and choose.boolean("req_ws"):
        tf_doing_ws_ = True
        rcv_scale_ = choose.integer("rcv_scale'", 0, TCP_MAXWINSCALE)
        snd_scale_ = MIN(ws, TCP_MAXWINSCALE) if corrected(h.arch, WINDOW_SCALE_LIMIT) else ws
    else:
        tf_doing_ws_ = False
        rcv_scale_ = 0
        snd_scale_ = 0
    rcv_window = choose.integer("rcv_window", 0, MIN(TCP_MAXWIN, sf.n[SO_RCVBUF]))

    iss = tcp_seq_local(choose.integer("iss", 0, 2**32 - 1))
    t_rttseg_ = (ticks_of(h.ticks), iss if corrected(h.arch, SYN_ACK_TIMED_BY_ISS) else cb.snd_nxt)
    ack_ = seq + 1
    cb_ = replace(
        cb,
        tt_keep=Timed((), slow_timer(h.arch, TCPTV_KEEP_IDLE)),
        tt_rexmt=start_tt_rexmt(h.arch, 0, False, cb.t_rttinf),
        iss=iss,
        irs=seq,
        rcv_wnd=rcv_window,
        tf_rxwin0sent=bool(rcv_window == 0),
        rcv_adv=ack_ + rcv_window,
        rcv_nxt=ack_,
        snd_una=iss,
        snd_max=iss + 1,
        snd_nxt=iss + 1,
        snd_cwnd=snd_cwnd_,
        rcv_up=seq + 1,
        t_maxseg=t_maxseg_,
        t_advmss=advmss_,
        rcv_scale=rcv_scale_,
        snd_scale=snd_scale_,
        tf_doing_ws=tf_doing_ws_,
        ts_recent=cb.ts_recent if ts is None else TimeWindow(ts[0], kern_timer(h.arch, dtsinval)),
        last_ack_sent=ack_,
        t_rttseg=t_rttseg_,
        tf_req_tstmp=tf_doing_tstmp_,
        tf_doing_tstmp=tf_doing_tstmp_,
    )
    seg_ = make_syn_ack_segment(h.arch, cb_, (i1, i2, p1, p2), ticks_of(h.ticks), choose)
    cb__, oq_ = enqueue_or_fail(
        True,
        h.arch,
        h.rttab,
        h.ifds,
        (TCP(seg_),),
        h.oq,
        replace(
            cb,
            snd_nxt=iss,
            snd_max=iss,
            t_maxseg=t_maxseg_,
            last_ack_sent=tcp_seq_foreign(0),
            rcv_adv=tcp_seq_foreign(0),
        ),
        cb_,
        choose,
    )
    new_sock = Sock(
        None,
        sf_,
        i1,
        p1,
        i2,
        p2,
        None,
        sock.cantsndmore,
        sock.cantrcvmore,
        TCP_Sock(SYN_RECEIVED, cb__, None, b"", None, b"", None, NO_OOBDATA),
    )
    return replace(
        h,
        socks=socks_.set(sid, replace(sock, pr=TCP_PROTO(replace(tcp_sock, lis=lis_)))).set(sid_, new_sock),
        iq=iq_,
        oq=oq_,
    )


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_1b(h: Host, lbl: Label, choose: Choose) -> Host:
    """A listening socket drops a segment that can open no connection, with a RST if that was an ACK.

    Such a segment is not a plain SYN, comes from the socket itself, or finds the queue full.

    Source: TCP1_hostLTSScript.sml, deliver_in_1b.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    ACK = seg.ACK
    require(not seg.RST)
    SYN = seg.SYN
    require(i1 in local_ips(h.ifds))
    require(not is_broadormulticast(h.ifds, i1))
    require(not is_broadormulticast(h.ifds, i2))
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    require(tcp_socket_best_match(_rivals(h.socks.delete(sid), seg, h.arch), (sid, sock), seg, h.arch))
    require(sock.fid is not None)
    require(sock.ps1 == p1)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == LISTEN)
    lis = SOME(tcp_sock.lis)
    require(sock.is1 is None or sock.is1 == i1)
    require((sock.is2 is None and sock.ps2 is None) or (bsd_arch(h.arch) and sock.is2 == i2 and sock.ps2 == p2))
    require(
        ACK
        or (not SYN and not ACK)
        or (SYN and not ACK and i1 == i2 and p1 == p2)
        or not accept_incoming_q0(lis, h.arch)
    )
    if (not SYN or deviates(h.arch, RESET_FOR_SYN_ACK)) and ACK:
        bndlm_, outsegs = dropwithreset(h.arch, seg, h.ifds, ticks_of(h.ticks), BANDLIM_RST_OPENPORT, h.bndlm, choose)
    else:
        bndlm_, outsegs = h.bndlm, ()
    oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs, h.oq, choose)
    return replace(h, iq=iq_, oq=oq_, bndlm=bndlm_)
