"""Whether TCP has something to send on a connection, and the segment that it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from netspec.base.base_types import SO_RCVBUF
from netspec.base.choose import FAPPLY, SOME, Choose, require
from netspec.base.seq32 import Seq32
from netspec.base.timers import Timed, stopwatch_val_of
from netspec.base.utils import DROP, MAX, MIN, TAKE, Num, clip_int_to_num, n2w, w2n
from netspec.tcp.aux_fns.buffers import calculate_bsd_rcv_wnd, do_tcp_options, offered_window
from netspec.tcp.aux_fns.rexmt import computed_rxtcur, mode_of, start_tt_persist, start_tt_rexmt
from netspec.tcp.deviations import RECEIVE_WINDOW_ON_INPUT, WINDOW_CLIPPED, WINDOW_KEPT_IN_TIME_WAIT
from netspec.tcp.errata.output import FIN_AFTER_ONE_BYTE, LINUX_WINDOW_GROWS
from netspec.tcp.host_types import TCP_PROTO, Persist, RexmtMode, Socket, Tcpcb, tcp_sock_of
from netspec.tcp.net_types import TCP, Msg, TcpSegment
from netspec.tcp.params import SS_FLTSZ, SS_FLTSZ_LOCAL, TCP_MAXWIN, Arch, corrected, deviates
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    Ifds,
    TcpState,
    bsd_arch,
    is_localnet,
    linux_arch,
)

PersistFun: TypeAlias = Callable[[Tcpcb], Tcpcb]

# The state that sending a FIN leads to.  The model has no case for CLOSED and LISTEN.
_ST_AFTER_FIN: Mapping[TcpState, TcpState] = {
    SYN_SENT: SYN_SENT,
    SYN_RECEIVED: SYN_RECEIVED,
    ESTABLISHED: FIN_WAIT_1,
    CLOSE_WAIT: LAST_ACK,
    FIN_WAIT_1: FIN_WAIT_1,
    FIN_WAIT_2: FIN_WAIT_2,
    CLOSING: CLOSING,
    LAST_ACK: LAST_ACK,
    TIME_WAIT: TIME_WAIT,
}


def _snd_cwnd_(arch: Arch, ifds0: Ifds, sock: Socket) -> int:
    """The congestion window, back at slow start after a round trip of silence (snd_cwnd')."""
    cb = tcp_sock_of(sock).cb
    if not (cb.snd_max == cb.snd_una and stopwatch_val_of(cb.t_idletime) >= computed_rxtcur(cb.t_rttinf, arch)):
        return cb.snd_cwnd
    else:
        return cb.t_maxseg * (SS_FLTSZ_LOCAL if is_localnet(ifds0, SOME(sock.is2)) else SS_FLTSZ)


def tcp_output_required(arch: Arch, ifds0: Ifds, sock: Socket) -> tuple[bool, PersistFun | None]:
    """Whether a segment has to be sent, and the change of the control block that finding out makes.

    Source: TCP1_auxFnsScript.sml, tcp_output_required.
    """
    tcp_sock = tcp_sock_of(sock)
    cb = tcp_sock.cb
    snd_cwnd_ = _snd_cwnd_(arch, ifds0, sock)
    win = MIN(cb.snd_wnd, snd_cwnd_)
    snd_wnd_unused = win - (cb.snd_nxt - cb.snd_una)
    fin_required = sock.cantsndmore and tcp_sock.st not in {FIN_WAIT_2, TIME_WAIT}
    syn_not_acked = bsd_arch(arch) and tcp_sock.st in {SYN_SENT, SYN_RECEIVED}
    last_sndq_data_seq = cb.snd_una + len(tcp_sock.sndq)
    last_sndq_data_and_fin_seq = last_sndq_data_seq + (1 if fin_required else 0) + (1 if syn_not_acked else 0)
    have_data_to_send = cb.snd_nxt < last_sndq_data_seq
    have_data_or_fin_to_send = cb.snd_nxt < last_sndq_data_and_fin_seq
    # The buffer may hold more than its size: this is a subtraction of integers.
    window_update_delta = MIN(TCP_MAXWIN << cb.rcv_scale, sock.sf.n[SO_RCVBUF] - len(tcp_sock.rcvq)) - (
        cb.rcv_adv - cb.rcv_nxt
    )
    need_to_send_a_window_update = (
        window_update_delta >= 2 * cb.t_maxseg or 2 * window_update_delta >= sock.sf.n[SO_RCVBUF]
    )
    do_output = bool(
        (have_data_or_fin_to_send and (not have_data_to_send or snd_wnd_unused > 0))
        or need_to_send_a_window_update
        or tcp_sock.sndurp is not None
        or cb.tf_shouldacknow
    )

    def start_persisting(cb: Tcpcb) -> Tcpcb:
        return replace(cb, tt_rexmt=start_tt_persist(0, cb.t_rttinf, arch))

    def resend_from_snd_una(cb: Tcpcb) -> Tcpcb:
        if cb.tt_rexmt is not None and mode_of(cb.tt_rexmt) == Persist:
            tt_rexmt = Timed((Persist, 0), cb.tt_rexmt.timer)
        else:
            tt_rexmt = start_tt_persist(0, cb.t_rttinf, arch)
        return replace(cb, tt_rexmt=tt_rexmt, snd_nxt=cb.snd_una)

    persist_fun: PersistFun | None
    cant_send = not do_output and tcp_sock.sndq != b"" and mode_of(cb.tt_rexmt) is None
    if cant_send:
        persist_fun = start_persisting
    # window_shrunk
    elif win == 0 and snd_wnd_unused < 0 and (not bsd_arch(arch) or tcp_sock.st != SYN_SENT):
        persist_fun = resend_from_snd_una
    else:
        persist_fun = None
    return do_output, persist_fun


def tcp_output_really(
    arch: Arch,
    window_probe: bool,
    ts_val_: Seq32,
    ifds0: Ifds,
    sock: Socket,
    choose: Choose,
) -> tuple[Socket, tuple[Msg, ...]]:
    """The next segment of a connection, and the socket once it is sent.

    `window_probe` asks for a byte of data even into a closed window.

    Source: TCP1_auxFnsScript.sml, tcp_output_really.
    """
    tcp_sock = tcp_sock_of(sock)
    cb = tcp_sock.cb
    require(sock.is1 is not None)
    require(sock.is2 is not None)
    require(sock.ps1 is not None)
    require(sock.ps2 is not None)
    snd_cwnd_ = _snd_cwnd_(arch, ifds0, sock)
    win0 = MIN(cb.snd_wnd, snd_cwnd_)
    win = 1 if window_probe and win0 == 0 else win0
    snd_wnd_unused = win - (cb.snd_nxt - cb.snd_una)
    fin_required = sock.cantsndmore and tcp_sock.st not in {FIN_WAIT_2, TIME_WAIT}
    last_sndq_data_seq = cb.snd_una + len(tcp_sock.sndq)
    # Where snd_nxt is before snd_una, how much to drop is open; that is no matter if nothing is taken.
    room = MIN(clip_int_to_num(snd_wnd_unused), cb.t_maxseg)
    if tcp_sock.sndq == b"" or room == 0:
        data_to_send = b""
    else:
        data_to_send = TAKE(room, DROP(Num(cb.snd_nxt - cb.snd_una), tcp_sock.sndq))
    FIN = bool(fin_required and cb.snd_nxt + len(data_to_send) >= last_sndq_data_seq)
    ACK = not (bsd_arch(arch) and FIN and tcp_sock.st == SYN_SENT)
    # The number of bytes since iss is likewise open, and asked for last, where snd_nxt is before iss.
    if FIN and (
        (cb.snd_nxt + len(data_to_send) == last_sndq_data_seq + 1 and cb.snd_una != cb.iss)
        or ((cb.snd_una == cb.iss or not corrected(arch, FIN_AFTER_ONE_BYTE)) and Num(cb.snd_nxt - cb.iss) == 2)
    ):
        snd_nxt_ = cb.snd_nxt - 1
    else:
        snd_nxt_ = cb.snd_nxt
    PSH = bool(data_to_send != b"" and cb.snd_nxt + len(data_to_send) == last_sndq_data_seq)
    if tcp_sock.sndurp is None:
        URG, urp = False, 0
    else:
        urp_n = (cb.snd_una + tcp_sock.sndurp) - cb.snd_nxt + 1
        if urp_n < 1:
            URG, urp = False, 0
        elif urp_n < 65536:
            URG, urp = True, Num(urp_n)
        else:
            URG, urp = True, 65535
    rcv_wnd__ = calculate_bsd_rcv_wnd(sock.sf, tcp_sock, arch)
    if deviates(arch, WINDOW_KEPT_IN_TIME_WAIT) and tcp_sock.st == TIME_WAIT:
        rcv_wnd_ = offered_window(arch, cb)
    else:
        # Silly window avoidance: a tiny window is not worth offering.
        rcv_wnd_ = MAX(
            offered_window(arch, cb),
            MIN(
                TCP_MAXWIN << cb.rcv_scale,
                0 if rcv_wnd__ < sock.sf.n[SO_RCVBUF] // 4 and rcv_wnd__ < cb.t_maxseg else rcv_wnd__,
            ),
        )
    if linux_arch(arch) and corrected(arch, LINUX_WINDOW_GROWS):
        rcv_wnd_ = choose.integer("rcv_wnd'", offered_window(arch, cb), rcv_wnd_)
    # A FIN that BSD sends from SYN_SENT goes out before timestamps are negotiated.
    want_tstmp = cb.tf_req_tstmp if bsd_arch(arch) and tcp_sock.st == SYN_SENT else cb.tf_doing_tstmp
    ts = do_tcp_options(want_tstmp, cb.ts_recent, ts_val_)
    scaled_wnd = rcv_wnd_ >> cb.rcv_scale
    if deviates(arch, WINDOW_CLIPPED):
        scaled_wnd = MIN(scaled_wnd, 65535)
    win_ = n2w(scaled_wnd, 16)
    require(w2n(win_) == scaled_wnd)
    urp_ = n2w(urp, 16)
    require(w2n(urp_) == urp)
    seg = TcpSegment(
        is1=sock.is1,
        is2=sock.is2,
        ps1=sock.ps1,
        ps2=sock.ps2,
        seq=snd_nxt_,
        ack=cb.rcv_nxt,
        URG=URG,
        ACK=ACK,
        PSH=PSH,
        RST=False,
        SYN=False,
        FIN=FIN,
        win=win_,
        ws=None,
        urp=urp_,
        mss=None,
        ts=ts,
        data=data_to_send,
    )
    st_ = FAPPLY(_ST_AFTER_FIN, tcp_sock.st) if FIN else tcp_sock.st
    snd_nxt__ = snd_nxt_ + len(data_to_send) + (1 if FIN else 0)
    snd_max_ = MAX(cb.snd_max, snd_nxt__)
    tt_rexmt_: Timed[tuple[RexmtMode, int]] | None
    mode = mode_of(cb.tt_rexmt)
    if (mode is None or (mode == Persist and not window_probe)) and snd_nxt__ > cb.snd_una:
        tt_rexmt_ = start_tt_rexmt(arch, 0, False, cb.t_rttinf)
    elif (window_probe or tcp_sock.sndurp is not None) and win0 != 0 and mode == Persist:
        tt_rexmt_ = None
    else:
        tt_rexmt_ = cb.tt_rexmt
    if cb.t_rttseg is None and (data_to_send != b"" or FIN) and snd_nxt__ > cb.snd_max and not window_probe:
        t_rttseg_: tuple[Seq32, Seq32] | None = (ts_val_, snd_nxt_)
    else:
        t_rttseg_ = cb.t_rttseg
    cb_ = replace(
        cb,
        tt_rexmt=tt_rexmt_,
        snd_cwnd=snd_cwnd_,
        rcv_wnd=cb.rcv_wnd if deviates(arch, RECEIVE_WINDOW_ON_INPUT) else rcv_wnd_,
        tf_rxwin0sent=bool(rcv_wnd_ == 0),
        tf_shouldacknow=False,
        t_rttseg=t_rttseg_,
        snd_max=snd_max_,
        snd_nxt=snd_nxt__,
        tt_delack=None,
        last_ack_sent=cb.rcv_nxt,
        rcv_adv=cb.rcv_nxt + rcv_wnd_,
    )
    sock_ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, st=st_, cb=cb_)))
    return sock_, (TCP(seg),)


def tcp_output_perhaps(
    arch: Arch, ts_val: Seq32, ifds0: Ifds, sock: Socket, choose: Choose
) -> tuple[Socket, tuple[Msg, ...]]:
    """The socket and the segment sent, or none where none is required.

    Source: TCP1_auxFnsScript.sml, tcp_output_perhaps.
    """
    do_output, persist_fun = tcp_output_required(arch, ifds0, sock)
    if persist_fun is None:
        sock__ = sock
    else:
        tcp_sock = tcp_sock_of(sock)
        sock__ = replace(sock, pr=TCP_PROTO(replace(tcp_sock, cb=persist_fun(tcp_sock.cb))))
    if do_output:
        return tcp_output_really(arch, False, ts_val, ifds0, sock__, choose)
    else:
        return sock__, ()
