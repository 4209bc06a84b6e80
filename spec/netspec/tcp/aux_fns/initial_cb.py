"""The control block of a socket that is not connected (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from netspec.base.seq32 import tcp_seq_foreign, tcp_seq_local
from netspec.base.timers import TimeWindowClosed
from netspec.tcp.deviations import INITIAL_SEGMENT_SIZE_536, MINIMUM_TIMEOUT_30_MS
from netspec.tcp.host_types import RttInf, Tcpcb
from netspec.tcp.params import (
    MSSDFLT,
    TCP_MAXWIN,
    TCP_MAXWINSCALE,
    TCPTV_MIN,
    TCPTV_RTOBASE,
    TCPTV_RTTVARBASE,
    Arch,
    deviates,
    stopwatch_zero,
)

initial_cb = Tcpcb(
    t_segq=(),
    tt_rexmt=None,
    tt_keep=None,
    tt_2msl=None,
    tt_delack=None,
    tt_conn_est=None,
    tt_fin_wait_2=None,
    tf_needfin=False,
    tf_shouldacknow=False,
    snd_una=tcp_seq_local(0),
    snd_max=tcp_seq_local(0),
    snd_nxt=tcp_seq_local(0),
    snd_wl1=tcp_seq_foreign(0),
    snd_wl2=tcp_seq_local(0),
    iss=tcp_seq_local(0),
    snd_wnd=0,
    snd_cwnd=TCP_MAXWIN << TCP_MAXWINSCALE,
    snd_ssthresh=TCP_MAXWIN << TCP_MAXWINSCALE,
    rcv_wnd=0,
    tf_rxwin0sent=False,
    rcv_nxt=tcp_seq_foreign(0),
    rcv_up=tcp_seq_foreign(0),
    irs=tcp_seq_foreign(0),
    rcv_adv=tcp_seq_foreign(0),
    snd_recover=tcp_seq_local(0),
    t_maxseg=MSSDFLT,
    t_advmss=None,
    t_rttseg=None,
    t_rttinf=RttInf(
        t_rttupdated=0,
        tf_srtt_valid=False,
        t_srtt=TCPTV_RTOBASE,
        t_rttvar=TCPTV_RTTVARBASE,
        t_rttmin=TCPTV_MIN,
        t_lastrtt=Fraction(0),
        t_lastshift=0,
        t_wassyn=False,
    ),
    t_dupacks=0,
    t_idletime=stopwatch_zero,
    t_softerror=None,
    snd_scale=0,
    rcv_scale=0,
    request_r_scale=None,
    tf_doing_ws=False,
    ts_recent=TimeWindowClosed,
    tf_req_tstmp=False,
    tf_doing_tstmp=False,
    last_ack_sent=tcp_seq_foreign(0),
    bsd_cantconnect=False,
    snd_cwnd_prev=0,
    snd_ssthresh_prev=0,
    t_badrxtwin=TimeWindowClosed,
)
"""Source: TCP1_auxFnsScript.sml, initial_cb."""


def initial_cb_of(arch: Arch) -> Tcpcb:
    """The control block of a socket that is not connected, on an implementation.

    Source: TCP1_auxFnsScript.sml, initial_cb.
    """
    cb = initial_cb
    if deviates(arch, INITIAL_SEGMENT_SIZE_536):
        cb = replace(cb, t_maxseg=536)
    if deviates(arch, MINIMUM_TIMEOUT_30_MS):
        cb = replace(cb, t_rttinf=replace(cb.t_rttinf, t_rttmin=Fraction(3, 100)))
    return cb
