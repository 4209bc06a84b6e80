"""The part of deliver_in_3 that takes an acknowledgement of new data."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from netspec.base.seq32 import Seq32, tcp_seq_flip_sense
from netspec.base.timers import Timed, TimeWindowClosed, timewindow_open
from netspec.base.utils import DROP, MAX, MIN, Num, clip_int_to_num, num_minus, real_of_int
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.monad import (
    Monad,
    andThen,
    assert_failure,
    cont,
    get_cb,
    modify_cb,
    modify_sock,
    modify_tcp_sock,
    stop,
)
from netspec.tcp.aux_fns.queueing import mlift_tcp_output_perhaps_or_fail
from netspec.tcp.aux_fns.reset import mlift_dropafterack_or_fail
from netspec.tcp.aux_fns.rexmt import expand_cwnd, mode_of, shift_of, start_tt_rexmt, update_rtt
from netspec.tcp.deliver_in_3.fast_path import predicted_acknowledgement
from netspec.tcp.deviations import HANDSHAKE_KEEPS_WINDOW, NUMBER_RESTORED
from netspec.tcp.errata.input import (
    ACKNOWLEDGEMENT_IN_RANGE_FIRST,
    FAST_PATH_BEFORE_ACKNOWLEDGEMENT,
    PARTIAL_ACKNOWLEDGEMENT_RESTORES,
    PARTIAL_ACKNOWLEDGEMENT_SENDS,
)
from netspec.tcp.host_types import Rexmt, RexmtMode, RexmtSyn, Tcpcb, TcpSocket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import HZ, TCP_DO_NEWRENO, TCP_MAXWIN, TCPTV_MSL, Arch, corrected, deviates
from netspec.tcp.pre_host_types import LAST_ACK, SYN_RECEIVED, TIME_WAIT, Ifds, RoutingTable, bsd_arch, slow_timer


def di3_newackstuff(
    tcp_sock_0: TcpSocket,
    seg: TcpSegment,
    ourfinisacked: bool,
    arch: Arch,
    rttab: RoutingTable,
    ifds: Ifds,
    ticks: Seq32,
) -> Monad:
    """Take new data as acknowledged: leave or go on with fast recovery, time the round trip, open the window.

    `tcp_sock_0` is the socket before the segment.

    Source: TCP1_hostLTSScript.sml, di3_newackstuff.
    """
    ack = tcp_seq_flip_sense(seg.ack)
    ts = seg.ts

    def deflated(before: Tcpcb, cb_: Tcpcb) -> Tcpcb:
        if corrected(arch, PARTIAL_ACKNOWLEDGEMENT_RESTORES):
            return replace(
                cb_,
                snd_cwnd=clip_int_to_num(before.snd_cwnd - (ack - cb_.snd_una)) + cb_.t_maxseg,
                snd_nxt=MAX(before.snd_nxt, cb_.snd_nxt),
            )
        return replace(
            cb_,
            snd_cwnd=Num(cb_.snd_cwnd - (ack - cb_.snd_una) + cb_.t_maxseg),
            snd_nxt=before.snd_nxt if deviates(arch, NUMBER_RESTORED) else cb_.snd_nxt,
        )

    def fast_recovery(cb_: Tcpcb) -> Monad:
        if not TCP_DO_NEWRENO or cb_.t_dupacks < 3:
            return modify_cb(
                lambda cb_: replace(
                    cb_,
                    t_dupacks=0,
                    snd_cwnd=MIN(cb_.snd_cwnd, cb_.snd_ssthresh) if cb_.t_dupacks >= 3 else cb_.snd_cwnd,
                )
            )
        elif TCP_DO_NEWRENO and cb_.t_dupacks >= 3 and ack < cb_.snd_recover:
            # A partial acknowledgement: send the next missing segment at once.
            return andThen(
                modify_cb(
                    lambda cb_: replace(
                        cb_,
                        tt_rexmt=None,
                        t_rttseg=None,
                        snd_nxt=ack,
                        snd_cwnd=cb_.t_maxseg
                        + (ack - cb_.snd_una if corrected(arch, PARTIAL_ACKNOWLEDGEMENT_SENDS) else 0),
                    )
                ),
                mlift_tcp_output_perhaps_or_fail(ticks, arch, rttab, ifds),
                modify_cb(partial(deflated, cb_)),
            )
        elif TCP_DO_NEWRENO and cb_.t_dupacks >= 3 and ack >= cb_.snd_recover:
            return modify_cb(
                lambda cb_: replace(
                    cb_,
                    t_dupacks=0,
                    snd_cwnd=(
                        Num(cb_.snd_max - ack + cb_.t_maxseg)
                        if cb_.snd_max - ack < cb_.snd_ssthresh
                        else cb_.snd_ssthresh
                    ),
                )
            )
        else:
            return assert_failure("di3_newackstuff")

    def acknowledge(cb_: Tcpcb) -> Monad:
        # BSD's fast path leaves the congestion window alone.
        on_fast_path = (
            corrected(arch, FAST_PATH_BEFORE_ACKNOWLEDGEMENT)
            and bsd_arch(arch)
            and predicted_acknowledgement(tcp_sock_0, seg)
        )
        of_handshake = deviates(arch, HANDSHAKE_KEEPS_WINDOW) and tcp_sock_0.st == SYN_RECEIVED
        revert_rexmt = bool(
            mode_of(cb_.tt_rexmt) in {Rexmt, RexmtSyn}
            and shift_of(cb_.tt_rexmt) == 1
            and timewindow_open(cb_.t_badrxtwin)
        )
        emission_time: Seq32 | None
        if ts is not None:
            _, ts_ecr = ts
            emission_time = ts_ecr - 1
        elif cb_.t_rttseg is not None:
            ts0, seq0 = cb_.t_rttseg
            emission_time = ts0 if ack > seq0 else None
        else:
            emission_time = None
        if emission_time is not None:
            t_rttinf_ = update_rtt(arch, real_of_int(ticks - emission_time) / HZ(arch), cb_.t_rttinf)
        else:
            t_rttinf_ = cb_.t_rttinf
        tt_rexmt_: Timed[tuple[RexmtMode, int]] | None
        if ack == cb_.snd_max:
            tt_rexmt_ = None
        elif mode_of(cb_.tt_rexmt) in {None, Rexmt}:
            tt_rexmt_ = start_tt_rexmt(arch, 0, True, t_rttinf_)
        else:
            tt_rexmt_ = cb_.tt_rexmt
        if ourfinisacked:
            snd_wnd_ = num_minus(cb_.snd_wnd, len(tcp_sock_0.sndq))
            sndq_ = b""
        else:
            snd_wnd_ = num_minus(cb_.snd_wnd, Num(ack - tcp_sock_0.cb.snd_una))
            sndq_ = DROP(Num(ack - tcp_sock_0.cb.snd_una), tcp_sock_0.sndq)
        return andThen(
            modify_cb(
                lambda cb: replace(
                    cb,
                    snd_cwnd=cb.snd_cwnd_prev if revert_rexmt else cb.snd_cwnd,
                    snd_ssthresh=cb.snd_ssthresh_prev if revert_rexmt else cb.snd_ssthresh,
                    snd_nxt=cb_.snd_max if revert_rexmt else cb.snd_nxt,
                    t_badrxtwin=TimeWindowClosed if revert_rexmt else cb.t_badrxtwin,
                )
            ),
            modify_cb(
                lambda cb: replace(
                    cb,
                    t_rttinf=t_rttinf_,
                    tt_rexmt=tt_rexmt_,
                    t_softerror=None if emission_time is not None else cb.t_softerror,
                    t_rttseg=None if emission_time is not None else cb.t_rttseg,
                    snd_cwnd=(
                        expand_cwnd(
                            arch,
                            cb.snd_ssthresh,
                            tcp_sock_0.cb.t_maxseg,
                            TCP_MAXWIN << tcp_sock_0.cb.snd_scale,
                            cb.snd_cwnd,
                        )
                        if (not TCP_DO_NEWRENO or cb_.t_dupacks == 0) and not on_fast_path and not of_handshake
                        else cb.snd_cwnd
                    ),
                    snd_wnd=snd_wnd_,
                    snd_una=ack,
                    snd_nxt=MAX(ack, cb.snd_nxt),
                    tt_2msl=(Timed((), slow_timer(arch, 2 * TCPTV_MSL)) if tcp_sock_0.st == TIME_WAIT else cb.tt_2msl),
                )
            ),
            modify_tcp_sock(lambda s: replace(s, sndq=sndq_)),
            finish(),
        )

    def finish() -> Monad:
        if tcp_sock_0.st == LAST_ACK and ourfinisacked:
            return andThen(modify_sock(partial(tcp_close, arch)), stop)
        elif tcp_sock_0.st == TIME_WAIT and ack > tcp_sock_0.cb.snd_una:
            return andThen(mlift_dropafterack_or_fail(seg, arch, rttab, ifds, ticks), stop)
        else:
            return cont

    def newackstuff(cb_: Tcpcb) -> Monad:
        drop = andThen(mlift_dropafterack_or_fail(seg, arch, rttab, ifds, ticks), stop)
        if corrected(arch, ACKNOWLEDGEMENT_IN_RANGE_FIRST) and ack > cb_.snd_max:
            return drop
        return andThen(fast_recovery(cb_), drop if ack > cb_.snd_max else acknowledge(cb_))

    return get_cb(newackstuff)
