"""The step of deliver_in_3 that takes the acknowledgement number of the segment."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.seq32 import Seq32, tcp_seq_flip_sense
from netspec.base.utils import DIV, MAX, MIN, w2n
from netspec.tcp.aux_fns.monad import Monad, andThen, assert_failure, cont, get_cb, modify_cb, stop
from netspec.tcp.aux_fns.queueing import mlift_tcp_output_perhaps_or_fail
from netspec.tcp.aux_fns.rexmt import mode_of
from netspec.tcp.deliver_in_3.newackstuff import di3_newackstuff
from netspec.tcp.deviations import FIN_NO_DUPLICATE
from netspec.tcp.errata.input import ACK_FLAG_REQUIRED, DUPLICATE_IS_EQUAL
from netspec.tcp.host_types import Rexmt, Tcpcb, TcpSocket
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import TCP_DO_NEWRENO, Arch, corrected, deviates
from netspec.tcp.pre_host_types import CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT, Ifds, RoutingTable, bsd_arch


def di3_ackstuff(
    tcp_sock_0: TcpSocket,
    seg: TcpSegment,
    ourfinisacked: bool,
    arch: Arch,
    rttab: RoutingTable,
    ifds: Ifds,
    ticks: Seq32,
) -> Monad:
    """Count duplicate acknowledgements, with fast retransmit at the third, or take a new one.

    `tcp_sock_0` is the socket before the segment.

    Source: TCP1_hostLTSScript.sml, di3_ackstuff.
    """
    ack = tcp_seq_flip_sense(seg.ack)
    seq = tcp_seq_flip_sense(seg.seq)
    data = seg.data
    win = w2n(seg.win) << tcp_sock_0.cb.snd_scale

    def ackstuff(cb: Tcpcb) -> Monad:
        if corrected(arch, ACK_FLAG_REQUIRED) and not seg.ACK:
            return stop
        has_data = bool(
            data != b"" and (not bsd_arch(arch) or (cb.rcv_nxt < seq + len(data) and seq < cb.rcv_nxt + cb.rcv_wnd))
        )
        maybe_dup_ack = bool(not has_data and win == cb.snd_wnd and mode_of(cb.tt_rexmt) == Rexmt)
        if corrected(arch, DUPLICATE_IS_EQUAL):
            maybe_dup_ack = bool(maybe_dup_ack and ack == cb.snd_una)
        if (
            deviates(arch, FIN_NO_DUPLICATE)
            and ack <= cb.snd_una
            and maybe_dup_ack
            and seg.FIN
            and tcp_sock_0.st not in {CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT}
        ):
            return modify_cb(lambda cb_: replace(cb_, t_dupacks=0))
        elif ack <= cb.snd_una and maybe_dup_ack:
            t_dupacks_ = cb.t_dupacks + 1
            if t_dupacks_ < 3:
                return andThen(modify_cb(lambda cb_: replace(cb_, t_dupacks=t_dupacks_)), cont)
            elif t_dupacks_ > 3 or (t_dupacks_ == 3 and TCP_DO_NEWRENO and ack < cb.snd_recover):
                return andThen(
                    modify_cb(
                        lambda cb_: replace(
                            cb_,
                            t_dupacks=0 if t_dupacks_ == 3 else t_dupacks_,
                            snd_cwnd=cb.snd_cwnd + cb.t_maxseg,
                        )
                    ),
                    mlift_tcp_output_perhaps_or_fail(ticks, arch, rttab, ifds),
                    stop,
                )
            elif t_dupacks_ == 3 and not (TCP_DO_NEWRENO and ack < cb.snd_recover):
                return andThen(
                    modify_cb(
                        lambda cb_: replace(
                            cb_,
                            t_dupacks=t_dupacks_,
                            snd_ssthresh=MAX(2, DIV(MIN(cb.snd_wnd, cb.snd_cwnd) // 2, cb.t_maxseg)) * cb.t_maxseg,
                            snd_recover=cb.snd_max if TCP_DO_NEWRENO else cb_.snd_recover,
                            tt_rexmt=None,
                            t_rttseg=None,
                            snd_nxt=ack,
                            snd_cwnd=cb.t_maxseg,
                        )
                    ),
                    mlift_tcp_output_perhaps_or_fail(ticks, arch, rttab, ifds),
                    modify_cb(
                        lambda cb_: replace(
                            cb_,
                            snd_cwnd=cb_.snd_ssthresh + cb.t_maxseg * t_dupacks_,
                            snd_nxt=MAX(cb.snd_nxt, cb_.snd_nxt),
                        )
                    ),
                    stop,
                )
            else:
                return assert_failure("di3_ackstuff")
        elif ack <= cb.snd_una and not maybe_dup_ack:
            return modify_cb(lambda cb_: replace(cb_, t_dupacks=0))
        else:
            return di3_newackstuff(tcp_sock_0, seg, ourfinisacked, arch, rttab, ifds, ticks)

    return get_cb(ackstuff)
