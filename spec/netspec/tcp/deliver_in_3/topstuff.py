"""The first step of deliver_in_3: whether the segment is worth processing at all."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.seq32 import Seq32, tcp_seq_flip_sense
from netspec.base.timers import TimeWindow, Timewindow, timewindow_val_of
from netspec.tcp.aux_fns.buffers import calculate_bsd_rcv_wnd
from netspec.tcp.aux_fns.idle import update_idle
from netspec.tcp.aux_fns.monad import Monad, andThen, cont, get_sock, modify_cb, stop
from netspec.tcp.aux_fns.reset import mlift_dropafterack_or_fail
from netspec.tcp.deviations import RECEIVE_WINDOW_ON_INPUT, RECEIVE_WINDOW_ON_INPUT_TOO
from netspec.tcp.host_types import Socket, tcp_sock_of
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import Arch, deviates, dtsinval
from netspec.tcp.pre_host_types import Ifds, RoutingTable, kern_timer


def di3_topstuff(seg: TcpSegment, arch: Arch, rttab: RoutingTable, ifds: Ifds, ticks: Seq32) -> Monad:
    """Drop the segment if its timestamp is old or it lies beyond the window; else note its timestamp.

    In either case the segment is activity: it resets the idle time and its timers.

    Source: TCP1_hostLTSScript.sml, di3_topstuff.
    """

    def topstuff(sock: Socket) -> Monad:
        tcp_sock = tcp_sock_of(sock)
        cb = tcp_sock.cb
        # With a SYN, the number of the first byte of data rather than of the SYN.
        seq = tcp_seq_flip_sense(seg.seq) + (1 if seg.SYN else 0)
        rseq = seq + len(seg.data)
        ts = seg.ts
        ts_recent = timewindow_val_of(cb.ts_recent)
        paws_failed = ts is not None and ts_recent is not None and ts[0] < ts_recent

        window_on_input = deviates(arch, RECEIVE_WINDOW_ON_INPUT) or deviates(arch, RECEIVE_WINDOW_ON_INPUT_TOO)
        rcv_wnd_set = calculate_bsd_rcv_wnd(sock.sf, tcp_sock, arch) if window_on_input else cb.rcv_wnd

        # A function, since the window is open where rcv_adv is before rcv_nxt.
        def segment_off_right_hand_edge() -> bool:
            rcv_wnd_ = calculate_bsd_rcv_wnd(sock.sf, tcp_sock, arch)
            return seq >= cb.rcv_nxt + rcv_wnd_ and rseq > cb.rcv_nxt + rcv_wnd_ and rcv_wnd_ != 0

        drop_it = bool(paws_failed or segment_off_right_hand_edge())
        ts_recent_: Timewindow[Seq32]
        if not drop_it and ts is not None and seq <= cb.last_ack_sent:
            ts_recent_ = TimeWindow(ts[0], kern_timer(arch, dtsinval))
        else:
            ts_recent_ = cb.ts_recent
        t_idletime_, tt_keep_, tt_fin_wait_2_ = update_idle(arch, tcp_sock)
        return andThen(
            modify_cb(
                lambda cb_: replace(
                    cb_,
                    tt_keep=tt_keep_,
                    tt_fin_wait_2=tt_fin_wait_2_,
                    t_idletime=t_idletime_,
                    ts_recent=ts_recent_,
                    rcv_wnd=rcv_wnd_set,
                )
            ),
            andThen(mlift_dropafterack_or_fail(seg, arch, rttab, ifds, ticks), stop) if drop_it else cont,
        )

    return get_sock(topstuff)
