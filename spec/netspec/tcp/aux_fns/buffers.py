"""Buffer, window and segment sizes (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from netspec.base.base_types import SO_RCVBUF, Ip
from netspec.base.choose import Choose
from netspec.base.seq32 import Seq32, ts_seq
from netspec.base.timers import Timewindow, timewindow_val_of
from netspec.base.utils import MAX, MIN, Num, clip_int_to_num, num_minus, rounddown, roundup
from netspec.tcp.deviations import (
    INITIAL_WINDOW_RFC3390,
    INITIAL_WINDOW_RFC6928,
    MSSDFLT_536,
    NO_CLUSTER_ROUNDING,
    OPTIONS_IN_SEGMENT_SIZE,
)
from netspec.tcp.errata.output import SEND_BUFFER_BOUNDS_SEGMENT, WINDOW_AFTER_FIN
from netspec.tcp.host_types import Tcpcb, TcpSocket
from netspec.tcp.params import (
    MCLBYTES,
    MSSDFLT,
    SB_MAX,
    SS_FLTSZ,
    SS_FLTSZ_LOCAL,
    Arch,
    SockFlags,
    corrected,
    deviates,
    oob_extra_sndbuf,
)
from netspec.tcp.pre_host_types import bsd_arch, in_loopback, linux_arch


def do_tcp_options(
    cb_tf_doing_tstmp: bool, cb_ts_recent: Timewindow[Seq32], cb_ts_val: Seq32
) -> tuple[Seq32, Seq32] | None:
    """The timestamp option of a segment, if there is to be one: our clock, and the peer's latest.

    Source: TCP1_auxFnsScript.sml, do_tcp_options.
    """
    if cb_tf_doing_tstmp:
        ts_recent = timewindow_val_of(cb_ts_recent)
        ts_ecr_ = ts_seq(0) if ts_recent is None else ts_recent
        return (cb_ts_val, ts_ecr_)
    else:
        return None


def calculate_tcp_options_len(cb_tf_doing_tstmp: bool) -> int:
    """The bytes of options in an ordinary segment.

    Source: TCP1_auxFnsScript.sml, calculate_tcp_options_len.
    """
    return 12 if cb_tf_doing_tstmp else 0


def calculate_buf_sizes(
    cb_t_maxseg: int,
    seg_mss: int | None,
    bw_delay_product_for_rt: int | None,
    is_local_conn: bool,
    rcvbufsize: int,
    sndbufsize: int,
    cb_tf_doing_tstmp: bool,
    arch: Arch,
) -> tuple[int, int, int, int]:
    """The receive and send buffer sizes, the segment size and the congestion window of a new connection, in bytes.

    Source: TCP1_auxFnsScript.sml, calculate_buf_sizes.
    """
    mssdflt = 536 if deviates(arch, MSSDFLT_536) else MSSDFLT
    maxseg = MIN(cb_t_maxseg, MAX(64, mssdflt if seg_mss is None else seg_mss))
    mss = maxseg if linux_arch(arch) else num_minus(maxseg, calculate_tcp_options_len(cb_tf_doing_tstmp))
    t_maxseg_ = maxseg if deviates(arch, OPTIONS_IN_SEGMENT_SIZE) else mss
    unrounded = linux_arch(arch) or deviates(arch, NO_CLUSTER_ROUNDING)
    t_maxseg__ = t_maxseg_ if unrounded else rounddown(MCLBYTES, t_maxseg_)
    rcvbufsize_ = rcvbufsize if bw_delay_product_for_rt is None else bw_delay_product_for_rt
    if rcvbufsize_ < t_maxseg__:
        rcvbufsize__, t_maxseg___ = rcvbufsize_, rcvbufsize_
    else:
        rcvbufsize__, t_maxseg___ = MIN(SB_MAX, roundup(t_maxseg__, rcvbufsize_)), t_maxseg__
    sndbufsize_ = sndbufsize if bw_delay_product_for_rt is None else bw_delay_product_for_rt
    sndbufsize__ = sndbufsize_ if sndbufsize_ < t_maxseg___ else MIN(SB_MAX, roundup(t_maxseg__, sndbufsize_))
    if bsd_arch(arch) and corrected(arch, SEND_BUFFER_BOUNDS_SEGMENT):
        t_maxseg___ = MIN(t_maxseg__, sndbufsize_)
        sndbufsize__ = MIN(SB_MAX, roundup(t_maxseg___, sndbufsize_))
        rcvbufsize__ = rcvbufsize_ if rcvbufsize_ < t_maxseg___ else MIN(SB_MAX, roundup(t_maxseg___, rcvbufsize_))
    do_rfc3390 = deviates(arch, INITIAL_WINDOW_RFC3390)
    if do_rfc3390:
        snd_cwnd = MIN(4 * t_maxseg___, MAX(2 * t_maxseg___, 4380))
    elif deviates(arch, INITIAL_WINDOW_RFC6928):
        snd_cwnd = MIN(10 * mss, MAX(2 * mss, 10 * 1460))
    else:
        snd_cwnd = t_maxseg___ * (SS_FLTSZ_LOCAL if is_local_conn else SS_FLTSZ)
    return rcvbufsize__, sndbufsize__, t_maxseg___, snd_cwnd


def offered_window(arch: Arch, cb: Tcpcb) -> int:
    """The window that the peer was offered, less what has arrived since: `Num(cb.rcv_adv - cb.rcv_nxt)`."""
    offered = cb.rcv_adv - cb.rcv_nxt
    return clip_int_to_num(offered) if corrected(arch, WINDOW_AFTER_FIN) else Num(offered)


def calculate_bsd_rcv_wnd(sf: SockFlags, tcp_sock: TcpSocket, arch: Arch) -> int:
    """The receive window that a BSD host has room for, in bytes; never less than it has promised.

    Source: TCP1_auxFnsScript.sml, calculate_bsd_rcv_wnd.
    """
    return MAX(
        offered_window(arch, tcp_sock.cb),
        num_minus(sf.n[SO_RCVBUF], len(tcp_sock.rcvq)),
    )


def send_queue_space(sndq_max: int, sndq_size: int, oob: bool, arch: Arch, maxseg: int, i2: Ip, choose: Choose) -> int:
    """A number of bytes that a send may add to the queue.

    Source: TCP1_auxFnsScript.sml, send_queue_space (a set; this chooses a member).
    """
    if bsd_arch(arch):
        limit = num_minus(sndq_max, sndq_size) + (oob_extra_sndbuf if oob else 0)
        return choose.integer("space", 0, limit)
    elif linux_arch(arch):
        if in_loopback(i2):
            return maxseg + (num_minus(sndq_max, sndq_size) // 16816) * maxseg
        else:
            return (2 * maxseg) + (num_minus(num_minus(sndq_max, sndq_size), 1890) // 1888) * maxseg
    else:
        return choose.integer("space", 0, None)
