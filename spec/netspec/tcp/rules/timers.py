"""What happens when a timer of a TCP connection expires."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from netspec.base.choose import SOME, Choose, require
from netspec.base.errors import ETIMEDOUT
from netspec.base.seq32 import tcp_seq_foreign, tcp_seq_local
from netspec.base.time import time_infty
from netspec.base.timers import (
    Timed,
    TimeWindow,
    Timewindow,
    ticks_of,
    timer_expires,
    upper_timer,
)
from netspec.base.utils import DIV, MAX, MIN, n2w, num_minus, w2n
from netspec.tcp.aux_fns.buffers import do_tcp_options
from netspec.tcp.aux_fns.close import tcp_close, tcp_drop_and_close
from netspec.tcp.aux_fns.output import tcp_output_really
from netspec.tcp.aux_fns.queueing import enqueue_and_ignore_fail, enqueue_or_fail, enqueue_or_fail_sock
from netspec.tcp.aux_fns.rexmt import start_tt_persist, start_tt_rexmt, start_tt_rexmtsyn
from netspec.tcp.aux_fns.segments import (
    Quad,
    bsd_make_phantom_segment,
    make_syn_ack_segment,
    make_syn_segment,
)
from netspec.tcp.deviations import SYN_WINDOW_LESS_MSS, SYN_WINDOW_LESS_OPTIONS, SYN_WINDOW_NOT_SAVED
from netspec.tcp.errata.output import (
    DROPPED_AFTER_RETRANSMISSIONS,
    KEEPALIVE_TO_PEER,
    KEEPALIVE_WITHOUT_FILE,
    PERSIST_SHIFT_BOUNDED,
    RCVDSYN_AS_NAMED,
    RETRANSMISSION_IN_CLOSE_WAIT,
    RETRANSMISSION_PAST_FIN,
)
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import (
    TCP_PROTO,
    Host,
    Persist,
    Rexmt,
    RexmtSyn,
    Socket,
    Tcpcb,
    TcpSocket,
    tcp_proto,
)
from netspec.tcp.net_types import TCP, Msg, TcpSegment
from netspec.tcp.params import (
    BSD_RTTVAR_BUG,
    SID,
    TCP_MAXRXTSHIFT,
    TCP_SYNACKMAXRXTSHIFT,
    TCPTV_KEEPINTVL,
    Arch,
    corrected,
    deviates,
)
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSED,
    FIN_WAIT_2,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    bsd_arch,
    kern_timer,
    linux_arch,
    slow_timer,
)
from netspec.tcp.rule import misc, network, nonurgent, rp_tcp, rule
from netspec.tcp.rules.prelude import with_sock


def _a_tcp_sock(h: Host, lbl: Label, choose: Choose) -> tuple[SID, Socket, TcpSocket]:
    """Match `lbl = Lh_tau` and `sock.pr = TCP_PROTO(tcp_sock)` for some socket."""
    require(isinstance(lbl, Lh_tau))
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    return sid, sock, tcp_proto(sock)


def _expired(timer: Timed[tuple[()]] | None) -> None:
    """State the premises `timer = SOME (Timed((),d))` and `timer_expires d`."""
    require(timer_expires(SOME(timer).timer))


def _quad(sock: Socket) -> Quad:
    """Match `(sock.is1,sock.is2,sock.ps1,sock.ps2) = (SOME i1,SOME i2,SOME p1,SOME p2)`."""
    return SOME(sock.is1), SOME(sock.is2), SOME(sock.ps1), SOME(sock.ps2)


def _with_cb(sock: Socket, tcp_sock: TcpSocket, cb: Tcpcb) -> Socket:
    return replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=cb)))


def _bad_retransmit(arch: Arch, cb: Tcpcb, shift: int) -> tuple[int, int, Timewindow[tuple[()]]]:
    """What allows a recovery if the first retransmission turns out to have been needless.

    These are snd_cwnd_prev', snd_ssthresh_prev' and t_badrxtwin'.
    """
    if shift + 1 == 1 and cb.t_rttinf.tf_srtt_valid:
        t_badrxtwin_ = TimeWindow((), kern_timer(arch, cb.t_rttinf.t_srtt * Fraction(1, 2)))
        return cb.snd_cwnd, cb.snd_ssthresh, t_badrxtwin_
    else:
        return cb.snd_cwnd_prev, cb.snd_ssthresh_prev, cb.t_badrxtwin


def _halved_ssthresh(cb: Tcpcb, maxseg: int) -> int:
    """Half of the window in use, in whole segments, but at least two of them."""
    return maxseg * MAX(2, DIV(MIN(cb.snd_wnd, cb.snd_cwnd), 2 * maxseg))


@rule(rp_tcp, {Lh_tau: misc(nonurgent)})
def timer_tt_rexmtsyn_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A SYN that was not answered is sent again, or the attempt to connect is given up.

    From the third time on BSD and Windows offer neither timestamps nor window scaling.

    Source: TCP1_hostLTSScript.sml, timer_tt_rexmtsyn_1.
    """
    sid, sock, tcp_sock = _a_tcp_sock(h, lbl, choose)
    timed = SOME(tcp_sock.cb.tt_rexmt)
    mode, shift = timed.value
    require(mode == RexmtSyn)
    require(timer_expires(timed.timer))
    require(tcp_sock.st == SYN_SENT)
    cb = tcp_sock.cb
    if shift + 1 >= TCP_MAXRXTSHIFT:
        sock_, outsegs = tcp_drop_and_close(h.arch, ETIMEDOUT, sock, choose)
        require(outsegs == ())
        return with_sock(h, sid, sock_)

    if deviates(h.arch, SYN_WINDOW_NOT_SAVED):
        snd_cwnd_prev_, snd_ssthresh_prev_, t_badrxtwin_ = cb.snd_cwnd_prev, cb.snd_ssthresh_prev, cb.t_badrxtwin
    else:
        snd_cwnd_prev_, snd_ssthresh_prev_, t_badrxtwin_ = _bad_retransmit(h.arch, cb, shift)
    if shift + 1 == 3 and not linux_arch(h.arch):
        tf_req_tstmp_ = False
        request_r_scale_ = None
    else:
        tf_req_tstmp_ = cb.tf_req_tstmp
        request_r_scale_ = cb.request_r_scale
    if shift + 1 > TCP_MAXRXTSHIFT // 4:
        t_rttinf_ = replace(cb.t_rttinf, tf_srtt_valid=False)
    else:
        t_rttinf_ = cb.t_rttinf
    if deviates(h.arch, SYN_WINDOW_LESS_OPTIONS):
        options = (12 if cb.tf_req_tstmp else 0) + (0 if cb.request_r_scale is None else 4)
        maxseg = num_minus(cb.t_maxseg, options)
    else:
        maxseg = cb.t_maxseg
    if deviates(h.arch, SYN_WINDOW_LESS_MSS):
        maxseg = num_minus(maxseg, 4)
    cb_ = replace(
        cb,
        tt_rexmt=start_tt_rexmtsyn(h.arch, shift + 1, False, cb.t_rttinf),
        t_badrxtwin=t_badrxtwin_,
        t_rttinf=replace(t_rttinf_, t_lastshift=shift + 1, t_wassyn=True),
        tf_req_tstmp=tf_req_tstmp_,
        request_r_scale=request_r_scale_,
        snd_nxt=cb.iss + 1,
        snd_recover=cb.iss + 1,
        t_rttseg=None,
        snd_cwnd=maxseg,
        snd_ssthresh=_halved_ssthresh(cb, maxseg),
        snd_cwnd_prev=snd_cwnd_prev_,
        snd_ssthresh_prev=snd_ssthresh_prev_,
        t_dupacks=0,
    )
    quad = _quad(sock)
    seg_ = make_syn_segment(cb_, quad, ticks_of(h.ticks), choose)
    cb__, oq_ = enqueue_or_fail(
        False,
        h.arch,
        h.rttab,
        h.ifds,
        (TCP(seg_),),
        h.oq,
        replace(
            cb,
            snd_nxt=cb.iss,
            tt_delack=None,
            last_ack_sent=tcp_seq_foreign(0),
            rcv_adv=tcp_seq_foreign(0),
        ),
        cb_,
        choose,
    )
    return replace(with_sock(h, sid, _with_cb(sock, tcp_sock, cb__)), oq=oq_)


@rule(rp_tcp, {Lh_tau: misc(nonurgent)})
def timer_tt_rexmt_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A segment that was not acknowledged is sent again, or the connection is dropped with a RST.

    BSD may find itself in LISTEN with this timer still running, and sends a segment without flags.

    Source: TCP1_hostLTSScript.sml, timer_tt_rexmt_1.
    """
    sid, sock, tcp_sock = _a_tcp_sock(h, lbl, choose)
    require(
        tcp_sock.st not in {CLOSED, LISTEN, SYN_SENT, CLOSE_WAIT, FIN_WAIT_2, TIME_WAIT}
        or (tcp_sock.st == CLOSE_WAIT and corrected(h.arch, RETRANSMISSION_IN_CLOSE_WAIT))
        or (tcp_sock.st in {FIN_WAIT_2, TIME_WAIT} and corrected(h.arch, RETRANSMISSION_PAST_FIN))
        or (tcp_sock.st == LISTEN and bsd_arch(h.arch))
    )
    timed = SOME(tcp_sock.cb.tt_rexmt)
    mode, shift = timed.value
    require(mode == Rexmt)
    require(timer_expires(timed.timer))
    cb = tcp_sock.cb
    if shift + 1 > (TCP_SYNACKMAXRXTSHIFT if tcp_sock.st == SYN_RECEIVED else TCP_MAXRXTSHIFT):
        sock_, outsegs = tcp_drop_and_close(h.arch, ETIMEDOUT, sock, choose)
        if corrected(h.arch, DROPPED_AFTER_RETRANSMISSIONS):
            oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs, h.oq, choose)
            return replace(with_sock(h, sid, sock_), oq=oq_)
        require(len(outsegs) == 1)
        cb_ = _unconstrained(cb, choose)
    else:
        cb_ = _backed_off(h, cb, shift)
        sock_, outsegs = _retransmission(h, sock, tcp_sock, cb_, choose)
        require(len(outsegs) == 1)
    tcp_sock_ = tcp_proto(sock_)
    cb__, oq_ = enqueue_or_fail(True, h.arch, h.rttab, h.ifds, outsegs, h.oq, cb_, tcp_sock_.cb, choose)
    return replace(with_sock(h, sid, _with_cb(sock_, tcp_sock_, cb__)), oq=oq_)


def _unconstrained(cb: Tcpcb, choose: Choose) -> Tcpcb:
    """A control block with any values in what is restored where the RST is not sent (cb').

    Nothing in the model determines it.
    """
    # A timer that is due at once and can wait forever allows all that any other would.
    timer = upper_timer(time_infty)
    return replace(
        cb,
        snd_nxt=tcp_seq_local(choose.integer("cb'.snd_nxt", 0, 2**32 - 1)),
        tt_delack=Timed((), timer) if choose.boolean("cb'.tt_delack is SOME") else None,
        last_ack_sent=tcp_seq_foreign(choose.integer("cb'.last_ack_sent", 0, 2**32 - 1)),
        rcv_adv=tcp_seq_foreign(choose.integer("cb'.rcv_adv", 0, 2**32 - 1)),
    )


def _backed_off(h: Host, cb: Tcpcb, shift: int) -> Tcpcb:
    """The control block once more time is allowed and everything is to be sent again (cb')."""
    snd_cwnd_prev_, snd_ssthresh_prev_, t_badrxtwin_ = _bad_retransmit(h.arch, cb, shift)
    ri = cb.t_rttinf
    if shift + 1 > TCP_MAXRXTSHIFT // 4:
        t_rttinf_ = replace(
            ri,
            tf_srtt_valid=False,
            t_srtt=ri.t_srtt * Fraction(1, 4) if bsd_arch(h.arch) and BSD_RTTVAR_BUG else ri.t_srtt,
        )
    else:
        t_rttinf_ = ri
    return replace(
        cb,
        tt_rexmt=start_tt_rexmt(h.arch, shift + 1, False, ri),
        t_badrxtwin=t_badrxtwin_,
        t_rttinf=replace(t_rttinf_, t_lastshift=shift + 1, t_wassyn=False),
        snd_nxt=cb.snd_una,
        snd_recover=cb.snd_max,
        t_rttseg=None,
        snd_cwnd=cb.t_maxseg,
        snd_ssthresh=_halved_ssthresh(cb, cb.t_maxseg),
        snd_cwnd_prev=snd_cwnd_prev_,
        snd_ssthresh_prev=snd_ssthresh_prev_,
        t_dupacks=0,
    )


def _retransmission(
    h: Host, sock: Socket, tcp_sock: TcpSocket, cb_: Tcpcb, choose: Choose
) -> tuple[Socket, tuple[Msg, ...]]:
    """The segment that is sent again in this state, and the socket once it is sent."""
    if tcp_sock.st == SYN_RECEIVED:
        # Linux sends timestamps here even if the SYN of the peer had none.
        if linux_arch(h.arch) and tcp_sock.cb.tf_req_tstmp:
            cb___ = replace(cb_, tf_req_tstmp=True, tf_doing_tstmp=True)
        else:
            cb___ = cb_
        seg_ = make_syn_ack_segment(h.arch, cb___, _quad(sock), ticks_of(h.ticks), choose)
        return _with_cb(sock, tcp_sock, replace(cb_, snd_nxt=cb_.snd_nxt + 1)), (TCP(seg_),)
    elif tcp_sock.st == LISTEN:
        require(bsd_arch(h.arch))
        seg_ = bsd_make_phantom_segment(cb_, _quad(sock), ticks_of(h.ticks), sock.cantsndmore, choose)
        cb_in = replace(cb_, tt_rexmt=None if not seg_.FIN else cb_.tt_rexmt)
        return _with_cb(sock, tcp_sock, cb_in), (TCP(seg_),)
    else:
        return tcp_output_really(h.arch, False, ticks_of(h.ticks), h.ifds, _with_cb(sock, tcp_sock, cb_), choose)


@rule(rp_tcp, {Lh_tau: misc(nonurgent)})
def timer_tt_persist_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The closed window of the peer is probed, and the time until the next probe grows.

    Source: TCP1_hostLTSScript.sml, timer_tt_persist_1.
    """
    sid, sock, tcp_sock = _a_tcp_sock(h, lbl, choose)
    timed = SOME(tcp_sock.cb.tt_rexmt)
    mode, shift = timed.value
    require(mode == Persist)
    require(timer_expires(timed.timer))
    bounded = corrected(h.arch, PERSIST_SHIFT_BOUNDED)
    shift_ = MIN(shift + 1, TCP_MAXRXTSHIFT) if bounded else shift + 1
    tt_rexmt = start_tt_persist(shift_, tcp_sock.cb.t_rttinf, h.arch)
    sock0 = _with_cb(sock, tcp_sock, replace(tcp_sock.cb, tt_rexmt=tt_rexmt))
    return _output(h, sid, True, sock0, choose)


def _output(h: Host, sid: SID, window_probe: bool, sock0: Socket, choose: Choose) -> Host:
    """Send a segment of the socket `sid`, whose content is now `sock0`, or undo what that did."""
    sock_, outsegs_ = tcp_output_really(h.arch, window_probe, ticks_of(h.ticks), h.ifds, sock0, choose)
    tcp_sock_ = tcp_proto(sock_)
    # A routing error is kept in the states where no SYN was received, in the model.
    rcvdsyn = tcp_sock_.st in {CLOSED, LISTEN, SYN_SENT}
    if corrected(h.arch, RCVDSYN_AS_NAMED):
        rcvdsyn = not rcvdsyn
    sock__, oq_ = enqueue_or_fail_sock(rcvdsyn, h.arch, h.rttab, h.ifds, outsegs_, h.oq, sock0, sock_, choose)
    return replace(with_sock(h, sid, sock__), oq=oq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def timer_tt_keep_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """An idle connection is probed with an ACK whose number is outside the window.

    The addresses and ports of the probe are exchanged, as in the model.

    Source: TCP1_hostLTSScript.sml, timer_tt_keep_1.
    """
    require(isinstance(lbl, Lh_tau))
    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    require(sock.fid is not None or corrected(h.arch, KEEPALIVE_WITHOUT_FILE))
    i1 = SOME(sock.is1)
    p1 = SOME(sock.ps1)
    i2 = SOME(sock.is2)
    p2 = SOME(sock.ps2)
    tcp_sock = tcp_proto(sock)
    cb = tcp_sock.cb
    require(tcp_sock.lis is None)

    _expired(cb.tt_keep)
    win_ = n2w(cb.rcv_wnd >> cb.rcv_scale, 16)
    require(w2n(win_) == cb.rcv_wnd >> cb.rcv_scale)
    if corrected(h.arch, KEEPALIVE_TO_PEER):
        i1, i2, p1, p2 = i2, i1, p2, p1
    seg = TcpSegment(
        is1=i2,
        is2=i1,
        ps1=p2,
        ps2=p1,
        seq=cb.snd_una - 1,
        ack=cb.rcv_nxt,
        URG=False,
        ACK=True,
        PSH=False,
        RST=False,
        SYN=False,
        FIN=False,
        win=win_,
        ws=None,
        urp=0,
        mss=None,
        ts=do_tcp_options(cb.tf_doing_tstmp, cb.ts_recent, ticks_of(h.ticks)),
        data=b"",
    )
    oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, (TCP(seg),), h.oq, choose)
    cb_ = replace(cb, tt_keep=Timed((), slow_timer(h.arch, TCPTV_KEEPINTVL)), last_ack_sent=seg.ack)
    return replace(with_sock(h, sid, _with_cb(sock, tcp_sock, cb_)), oq=oq_)


@rule(rp_tcp, {Lh_tau: misc(nonurgent)})
def timer_tt_2msl_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connection that has been in TIME_WAIT long enough is closed.

    Source: TCP1_hostLTSScript.sml, timer_tt_2msl_1.
    """
    sid, sock, tcp_sock = _a_tcp_sock(h, lbl, choose)
    _expired(tcp_sock.cb.tt_2msl)
    return with_sock(h, sid, tcp_close(h.arch, sock))


@rule(rp_tcp, {Lh_tau: misc(nonurgent)})
def timer_tt_delack_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """An acknowledgement that was delayed is sent.

    Source: TCP1_hostLTSScript.sml, timer_tt_delack_1.
    """
    sid, sock, tcp_sock = _a_tcp_sock(h, lbl, choose)
    _expired(tcp_sock.cb.tt_delack)
    sock0 = _with_cb(sock, tcp_sock, replace(tcp_sock.cb, tt_delack=None))
    return _output(h, sid, False, sock0, choose)


@rule(rp_tcp, {Lh_tau: misc(nonurgent)})
def timer_tt_conn_est_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connection that takes too long to be established is dropped, with a RST if the peer was heard of.

    Source: TCP1_hostLTSScript.sml, timer_tt_conn_est_1.
    """
    sid, sock, tcp_sock = _a_tcp_sock(h, lbl, choose)
    _expired(tcp_sock.cb.tt_conn_est)
    sock0 = _with_cb(sock, tcp_sock, replace(tcp_sock.cb, tt_conn_est=None))
    sock_, outsegs = tcp_drop_and_close(h.arch, ETIMEDOUT, sock0, choose)
    oq_ = enqueue_and_ignore_fail(h.arch, h.rttab, h.ifds, outsegs, h.oq, choose)
    return replace(with_sock(h, sid, sock_), oq=oq_)


@rule(rp_tcp, {Lh_tau: misc(nonurgent)})
def timer_tt_fin_wait_2_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connection whose peer does not close its half, though this half is closed, is given up.

    Source: TCP1_hostLTSScript.sml, timer_tt_fin_wait_2_1.
    """
    sid, sock, tcp_sock = _a_tcp_sock(h, lbl, choose)
    _expired(tcp_sock.cb.tt_fin_wait_2)
    return with_sock(h, sid, tcp_close(h.arch, sock))
