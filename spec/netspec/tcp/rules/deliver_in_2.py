"""Segments that arrive for a socket in SYN_SENT."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import SO_OOBINLINE, SO_RCVBUF, SO_SNDBUF
from netspec.base.choose import SOME, Choose, require
from netspec.base.seq32 import Seq32, tcp_seq_flip_sense
from netspec.base.timers import Timed, TimeWindow, ticks_of
from netspec.base.utils import DROP, MIN, TAKE, Num, funupd_list, num_minus, real_of_int, w2n
from netspec.tcp.aux_fns.buffers import calculate_bsd_rcv_wnd, calculate_buf_sizes, offered_window
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail, enqueue_or_fail
from netspec.tcp.aux_fns.reset import dropwithreset
from netspec.tcp.aux_fns.rexmt import mode_of, start_tt_rexmt, start_tt_rexmtsyn, update_rtt
from netspec.tcp.aux_fns.segments import make_ack_segment, make_syn_ack_segment
from netspec.tcp.deviations import (
    ACK_WINDOW_BEFORE_ROUNDING,
    SIMULTANEOUS_OPEN_SYN_ACK,
    SIMULTANEOUS_OPEN_WINDOW,
    WINDOW_CLIPPED,
)
from netspec.tcp.errata.input import IDLE_TIME_IN_SYN_SENT, REXMT_AFTER_SYN, URGENT_IN_SYN, WINDOW_SCALE_LIMIT
from netspec.tcp.errata.output import LINUX_WINDOW_GROWS
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import (
    NO_OOBDATA,
    OOBDATA,
    TCP_PROTO,
    Host,
    Iobc,
    Rexmt,
    RexmtMode,
    RexmtSyn,
    Sock,
    TCP_Sock,
    tcp_proto,
)
from netspec.tcp.net_types import TCP
from netspec.tcp.params import (
    HZ,
    SB_MAX,
    TCP_MAXWIN,
    TCP_MAXWINSCALE,
    TCPTV_KEEP_IDLE,
    corrected,
    deviates,
    dtsinval,
    stopwatch_zero,
)
from netspec.tcp.pre_host_types import (
    BANDLIM_UNLIMITED,
    CLOSE_WAIT,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    SYN_RECEIVED,
    SYN_SENT,
    bsd_arch,
    is_localnet,
    kern_timer,
    linux_arch,
    slow_timer,
)
from netspec.tcp.rule import network, nonurgent, rp_tcp, rule
from netspec.tcp.rules.input_segment import dequeue_segment


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connecting socket that receives the SYN of its peer answers it and moves on.

    With an acknowledgement of its own SYN it is connected; without one the open is simultaneous.

    Source: TCP1_hostLTSScript.sml, deliver_in_2.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    win = w2n(seg.win)
    ws = seg.ws
    urp = w2n(seg.urp)
    mss = None if seg.mss is None else w2n(seg.mss)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    seq = tcp_seq_flip_sense(seg.seq)
    ack = tcp_seq_flip_sense(seg.ack)
    URG = seg.URG
    ACK = seg.ACK
    require(not seg.RST)
    require(seg.SYN)
    FIN = seg.FIN
    ts = seg.ts
    data = seg.data

    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    fid = SOME(sock.fid)
    sf = sock.sf
    require(sock.is1 == i1)
    require(sock.ps1 == p1)
    require(sock.is2 == i2)
    require(sock.ps2 == p2)
    cantsndmore = sock.cantsndmore
    cantrcvmore = sock.cantrcvmore
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == SYN_SENT)
    cb = tcp_sock.cb
    require(tcp_sock.lis is None)
    require(tcp_sock.sndq == b"")
    require(tcp_sock.sndurp is None)
    require(tcp_sock.rcvq == b"")
    require(tcp_sock.rcvurp is None)
    require(tcp_sock.iobc == NO_OOBDATA)

    require(not ACK or (cb.iss < ack and ack <= cb.snd_max))
    if cb.request_r_scale is not None and ws is not None:
        rcv_scale_ = cb.request_r_scale
        snd_scale_ = MIN(ws, TCP_MAXWINSCALE) if corrected(h.arch, WINDOW_SCALE_LIMIT) else ws
        tf_doing_ws_ = True
    else:
        rcv_scale_ = 0
        snd_scale_ = 0
        tf_doing_ws_ = False
    tf_rcvd_tstmp_ = ts is not None
    tf_doing_tstmp_ = tf_rcvd_tstmp_ and cb.tf_req_tstmp
    bw_delay_product_for_rt = None
    ourmss = cb.t_maxseg if cb.t_advmss is None else cb.t_advmss
    if mss is not None or not bsd_arch(h.arch):
        rcvbufsize_, sndbufsize_, t_maxseg__, snd_cwnd_ = calculate_buf_sizes(
            ourmss,
            mss,
            bw_delay_product_for_rt,
            is_localnet(h.ifds, i2),
            sf.n[SO_RCVBUF],
            sf.n[SO_SNDBUF],
            tf_doing_tstmp_,
            h.arch,
        )
        if not ACK and deviates(h.arch, SIMULTANEOUS_OPEN_WINDOW):
            snd_cwnd_ = num_minus(snd_cwnd_, ourmss)
    else:
        rcvbufsize_, sndbufsize_ = sf.n[SO_RCVBUF], sf.n[SO_SNDBUF]
        t_maxseg__, snd_cwnd_ = cb.t_maxseg, cb.snd_cwnd
    sf_ = replace(sf, n=funupd_list(sf.n, ((SO_RCVBUF, rcvbufsize_), (SO_SNDBUF, sndbufsize_))))
    rcv_window = calculate_bsd_rcv_wnd(sf if deviates(h.arch, ACK_WINDOW_BEFORE_ROUNDING) else sf_, tcp_sock, h.arch)
    if linux_arch(h.arch) and corrected(h.arch, LINUX_WINDOW_GROWS):
        rcv_window = choose.integer("rcv_window", offered_window(h.arch, cb), rcv_window)

    tt_rexmt_: Timed[tuple[RexmtMode, int]] | None
    if ACK:
        emission_time: Seq32 | None
        if ts is not None:
            _, ts_ecr = ts
            emission_time = ts_ecr - 1
        elif cb.t_rttseg is not None:
            ts0, seq0 = cb.t_rttseg
            emission_time = ts0 if ack > seq0 else None
        else:
            emission_time = None
        if emission_time is not None:
            t_softerror_ = None
            t_rttseg_ = None
            t_rttinf_ = update_rtt(h.arch, real_of_int(ticks_of(h.ticks) - emission_time) / HZ(h.arch), cb.t_rttinf)
        else:
            t_softerror_ = cb.t_softerror
            t_rttseg_ = cb.t_rttseg
            t_rttinf_ = cb.t_rttinf
        if ack == cb.snd_max:
            tt_rexmt_ = None
        elif mode_of(cb.tt_rexmt) == RexmtSyn:
            start = start_tt_rexmt if corrected(h.arch, REXMT_AFTER_SYN) else start_tt_rexmtsyn
            tt_rexmt_ = start(h.arch, 0, True, t_rttinf_)
        elif mode_of(cb.tt_rexmt) in {None, Rexmt}:
            tt_rexmt_ = start_tt_rexmt(h.arch, 0, True, t_rttinf_)
        elif emission_time is not None:
            if cb.tt_rexmt is None:
                tt_rexmt_ = None
            else:
                mode, _ = cb.tt_rexmt.value
                tt_rexmt_ = Timed((mode, 0), cb.tt_rexmt.timer)
        else:
            tt_rexmt_ = cb.tt_rexmt
    else:
        t_softerror_ = cb.t_softerror
        t_rttseg_ = cb.t_rttseg
        t_rttinf_ = cb.t_rttinf
        tt_rexmt_ = start_tt_rexmt(h.arch, 0, True, cb.t_rttinf)

    iobc: Iobc = NO_OOBDATA
    rcvurp: int | None = None
    iobc_: Iobc
    if URG and urp > 0 and urp + 0 <= SB_MAX:
        if seq + urp > cb.rcv_up:
            rcv_up_ = seq + 1 + urp
            # From the rcv_nxt of before the SYN, as in the model.
            rcvurp_: int | None = 0 + Num(seq + urp - cb.rcv_nxt)
        else:
            rcv_up_ = cb.rcv_nxt
            rcvurp_ = rcvurp
        if urp <= len(data) and not sf.b[SO_OOBINLINE]:
            iobc_ = OOBDATA(data[urp - 1])
            data_deoobed = TAKE(urp - 1, data) + DROP(urp, data)
        else:
            iobc_ = NO_OOBDATA if seq + urp > cb.rcv_up else iobc
            data_deoobed = data
    else:
        rcv_up_ = seq + 1
        rcvurp_ = rcvurp
        iobc_ = iobc
        data_deoobed = data
    data_ = TAKE(rcv_window, data_deoobed)
    FIN_ = FIN if data_ == data_deoobed else False
    rcvq_ = data_
    rcv_nxt_ = seq + 1 + len(data_) + (1 if FIN_ else 0)
    if corrected(h.arch, URGENT_IN_SYN):
        rcvurp_ = urp - 1 if rcvurp_ is not None else None
        if data_deoobed != data and urp <= len(data_) + 1:
            rcv_nxt_ = rcv_nxt_ + 1
    rcv_wnd_ = num_minus(rcv_window, len(data_))
    rcv_adv_wnd = rcv_wnd_ >> rcv_scale_
    if deviates(h.arch, WINDOW_CLIPPED):
        rcv_adv_wnd = MIN(rcv_adv_wnd, TCP_MAXWIN)

    cb_ = replace(
        cb,
        tt_rexmt=tt_rexmt_,
        t_idletime=stopwatch_zero,
        tt_keep=Timed((), slow_timer(h.arch, TCPTV_KEEP_IDLE)),
        tt_conn_est=None,
        tt_delack=None,
        snd_una=ack if ACK else cb.snd_una,
        snd_nxt=ack if ACK and cantsndmore else cb.snd_nxt,
        snd_max=ack if ACK and cantsndmore and ack > cb.snd_max else cb.snd_max,
        snd_wl1=seq + 1 if ACK else seq,
        snd_wl2=ack if ACK else cb.snd_wl2,
        # The window of a SYN is never scaled.
        snd_wnd=win,
        snd_cwnd=MIN(snd_cwnd_, TCP_MAXWIN << snd_scale_) if ACK and ack > cb.iss + 1 else snd_cwnd_,
        rcv_scale=rcv_scale_,
        snd_scale=snd_scale_,
        tf_doing_ws=tf_doing_ws_,
        irs=seq,
        rcv_nxt=rcv_nxt_,
        rcv_wnd=rcv_wnd_,
        tf_rxwin0sent=bool(rcv_wnd_ == 0),
        rcv_adv=rcv_nxt_ + (rcv_adv_wnd << rcv_scale_),
        rcv_up=rcv_up_,
        t_maxseg=t_maxseg__,
        ts_recent=cb.ts_recent if ts is None else TimeWindow(ts[0], kern_timer(h.arch, dtsinval)),
        last_ack_sent=rcv_nxt_,
        t_softerror=t_softerror_,
        t_rttseg=t_rttseg_,
        t_rttinf=t_rttinf_,
        tf_req_tstmp=tf_doing_tstmp_,
        tf_doing_tstmp=tf_doing_tstmp_,
    )
    quad = (i1, i2, p1, p2)
    if ACK:
        send_fin = bool(cantsndmore and ack < cb.iss + 2)
        seg_ = make_ack_segment(h.arch, cb_, send_fin, quad, ticks_of(h.ticks), choose)
    else:
        # Linux sends timestamps here even if the SYN of the peer had none.
        own_options = deviates(h.arch, SIMULTANEOUS_OPEN_SYN_ACK)
        if (linux_arch(h.arch) or own_options) and cb.tf_req_tstmp:
            cb___ = replace(cb_, tf_req_tstmp=True, tf_doing_tstmp=True)
        else:
            cb___ = cb_
        if own_options and bsd_arch(h.arch) and cb.request_r_scale is not None:
            cb___ = replace(cb___, tf_doing_ws=True, rcv_scale=cb.request_r_scale)
        if bsd_arch(h.arch) and not own_options:
            seg_ = make_ack_segment(h.arch, cb___, False, quad, ticks_of(h.ticks), choose)
        else:
            seg_ = make_syn_ack_segment(h.arch, cb___, quad, ticks_of(h.ticks), choose)
    cb__, oq_ = enqueue_or_fail(
        True,
        h.arch,
        h.rttab,
        h.ifds,
        (TCP(seg_),),
        h.oq,
        replace(
            cb,
            t_rttinf=cb_.t_rttinf,
            t_maxseg=t_maxseg__,
            snd_nxt=cb.snd_nxt,
            tt_delack=cb.tt_delack,
            last_ack_sent=cb.last_ack_sent,
            rcv_adv=cb.rcv_adv,
        ),
        cb_,
        choose,
    )
    if ACK:
        if not FIN_:
            cantrcvmore_ = cantrcvmore
            if not cantsndmore:
                st_ = ESTABLISHED
            elif cb.snd_max > cb.iss + 1 and ack >= cb.snd_max:
                st_ = FIN_WAIT_2
            else:
                st_ = FIN_WAIT_1
        else:
            cantrcvmore_ = True
            st_ = LAST_ACK if cantsndmore else CLOSE_WAIT
    else:
        if not FIN_:
            st_ = SYN_RECEIVED
            cantrcvmore_ = cantrcvmore
        else:
            st_ = CLOSE_WAIT
            cantrcvmore_ = True
    sock_ = Sock(
        fid,
        sf_,
        i1,
        p1,
        i2,
        p2,
        sock.es,
        cantsndmore,
        cantrcvmore_,
        TCP_Sock(st_, cb__, None, b"", None, rcvq_, rcvurp_, iobc_),
    )
    return replace(h, socks=h.socks.set(sid, sock_), iq=iq_, oq=oq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_2a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connecting socket answers an unacceptable ACK with a RST and ignores a segment without SYN.

    Source: TCP1_hostLTSScript.sml, deliver_in_2a.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    ack = tcp_seq_flip_sense(seg.ack)
    ACK = seg.ACK
    require(not seg.RST)
    SYN = seg.SYN

    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    require(sock.fid is not None)
    sf = sock.sf
    require(sock.is1 == i1)
    require(sock.ps1 == p1)
    require(sock.is2 == i2)
    require(sock.ps2 == p2)
    tcp_sock = tcp_proto(sock)
    require(tcp_sock.st == SYN_SENT)
    cb = tcp_sock.cb
    require(tcp_sock.lis is None)

    require(
        (ACK and not (cb.iss < ack and ack <= cb.snd_max))
        or (not SYN and (not ACK or (ACK and cb.iss < ack and ack <= cb.snd_max)))
    )
    if ACK and not (cb.iss < ack and ack <= cb.snd_max):
        bndlm_, outsegs = dropwithreset(h.arch, seg, h.ifds, ticks_of(h.ticks), BANDLIM_UNLIMITED, h.bndlm, choose)
    else:
        # The other case of the premise above: the model has F in place of a third one.
        bndlm_, outsegs = h.bndlm, ()
    cb_ = replace(cb, t_idletime=stopwatch_zero)
    if not corrected(h.arch, IDLE_TIME_IN_SYN_SENT):
        cb_ = replace(cb_, tt_keep=Timed((), slow_timer(h.arch, TCPTV_KEEP_IDLE)))
    if bsd_arch(h.arch):
        # BSD updates the window before it looks at the segment.
        rcv_window = calculate_bsd_rcv_wnd(sf, tcp_sock, h.arch)
        cb_ = replace(cb_, rcv_wnd=rcv_window, rcv_adv=cb.rcv_nxt + rcv_window)
    sock_ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=cb_)))
    oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs, h.oq, choose)
    return replace(h, socks=h.socks.set(sid, sock_), iq=iq_, oq=oq_, bndlm=bndlm_)
