"""Segments without user data: SYN, SYN+ACK, ACK, RST and the phantom segment of BSD."""

from __future__ import annotations

from typing import TypeAlias

from netspec.base.base_types import Ip, Port
from netspec.base.choose import Choose, require
from netspec.base.seq32 import Seq32, tcp_seq_flip_sense, tcp_seq_foreign, tcp_seq_local
from netspec.base.utils import CHR, MIN, ORD, n2w, w2n
from netspec.tcp.aux_fns.buffers import do_tcp_options
from netspec.tcp.deviations import RESET_ACKNOWLEDGES_FIN, WINDOW_CLIPPED
from netspec.tcp.host_types import Tcpcb
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import TCP_MAXWINSCALE, Arch, deviates

Quad: TypeAlias = tuple[Ip, Ip, Port, Port]


def make_syn_segment(cb: Tcpcb, quad: Quad, ts_val: Seq32, choose: Choose) -> TcpSegment:
    """The SYN that opens a connection.  `quad` is (i1, i2, p1, p2).

    The window is not scaled.  A value that its field cannot hold makes the premise fail.

    Source: TCP1_auxFnsScript.sml, make_syn_segment.
    """
    i1, i2, p1, p2 = quad
    urp_any = choose.integer("urp_any", 0, 65535)
    ack_any = tcp_seq_foreign(choose.integer("ack_any", 0, 2**32 - 1))
    win = n2w(cb.rcv_wnd, 16)
    require(w2n(win) == cb.rcv_wnd)
    ws = None if cb.request_r_scale is None else CHR(cb.request_r_scale)
    require(ws is None or ORD(ws) == cb.request_r_scale)
    require(ws is None or ORD(ws) <= TCP_MAXWINSCALE)
    mss = None if cb.t_advmss is None else n2w(cb.t_advmss, 16)
    require(mss is None or cb.t_advmss == w2n(mss))
    ts = do_tcp_options(cb.tf_req_tstmp, cb.ts_recent, ts_val)
    return TcpSegment(
        is1=i1,
        is2=i2,
        ps1=p1,
        ps2=p2,
        seq=cb.iss,
        ack=ack_any,
        URG=False,
        ACK=False,
        PSH=False,
        RST=False,
        SYN=True,
        FIN=False,
        win=win,
        ws=ws,
        urp=urp_any,
        mss=mss,
        ts=ts,
        data=b"",
    )


def make_syn_ack_segment(arch: Arch, cb: Tcpcb, quad: Quad, ts_val_: Seq32, choose: Choose) -> TcpSegment:
    """The SYN+ACK that answers a SYN.  `quad` is (i1, i2, p1, p2).

    The window is not scaled.  A value that its field cannot hold makes the premise fail.

    Source: TCP1_auxFnsScript.sml, make_syn_ack_segment.
    """
    i1, i2, p1, p2 = quad
    urp_any = choose.integer("urp_any", 0, 65535)
    rcv_wnd = MIN(cb.rcv_wnd, 65535) if deviates(arch, WINDOW_CLIPPED) else cb.rcv_wnd
    win = n2w(rcv_wnd, 16)
    require(w2n(win) == rcv_wnd)
    ws = CHR(cb.rcv_scale) if cb.tf_doing_ws else None
    require(ws is None or ORD(ws) == cb.rcv_scale)
    mss = None if cb.t_advmss is None else n2w(cb.t_advmss, 16)
    require(mss is None or cb.t_advmss == w2n(mss))
    ts = do_tcp_options(cb.tf_doing_tstmp, cb.ts_recent, ts_val_)
    return TcpSegment(
        is1=i1,
        is2=i2,
        ps1=p1,
        ps2=p2,
        seq=cb.iss,
        ack=cb.rcv_nxt,
        URG=False,
        ACK=True,
        PSH=False,
        RST=False,
        SYN=True,
        FIN=False,
        win=win,
        ws=ws,
        urp=urp_any,
        mss=mss,
        ts=ts,
        data=b"",
    )


def make_ack_segment(arch: Arch, cb: Tcpcb, FIN: bool, quad: Quad, ts_val_: Seq32, choose: Choose) -> TcpSegment:
    """A bare ACK, or an ACK with FIN.  `quad` is (i1, i2, p1, p2).

    A scaled window that its field cannot hold makes the premise fail.

    Source: TCP1_auxFnsScript.sml, make_ack_segment.
    """
    i1, i2, p1, p2 = quad
    urp_garbage = choose.integer("urp_garbage", 0, 65535)
    rcv_wnd = cb.rcv_wnd >> cb.rcv_scale
    if deviates(arch, WINDOW_CLIPPED):
        rcv_wnd = MIN(rcv_wnd, 65535)
    win = n2w(rcv_wnd, 16)
    require(w2n(win) == rcv_wnd)
    ts = do_tcp_options(cb.tf_doing_tstmp, cb.ts_recent, ts_val_)
    return TcpSegment(
        is1=i1,
        is2=i2,
        ps1=p1,
        ps2=p2,
        seq=cb.snd_una if FIN else cb.snd_nxt,
        ack=cb.rcv_nxt,
        URG=False,
        ACK=True,
        PSH=False,
        RST=False,
        SYN=False,
        FIN=FIN,
        win=win,
        ws=None,
        urp=urp_garbage,
        mss=None,
        ts=ts,
        data=b"",
    )


def bsd_make_phantom_segment(cb: Tcpcb, quad: Quad, ts_val_: Seq32, cantsndmore: bool, choose: Choose) -> TcpSegment:
    """What BSD sends when a retransmit timer outlives a move to LISTEN.  `quad` is (i1, i2, p1, p2).

    A scaled window that its field cannot hold makes the premise fail.

    Source: TCP1_auxFnsScript.sml, bsd_make_phantom_segment.
    """
    i1, i2, p1, p2 = quad
    urp_garbage = choose.integer("urp_garbage", 0, 65535)
    win = n2w(cb.rcv_wnd >> cb.rcv_scale, 16)
    require(w2n(win) == cb.rcv_wnd >> cb.rcv_scale)
    FIN = bool(cantsndmore and cb.snd_una < cb.snd_max - 1)
    ts = do_tcp_options(cb.tf_doing_tstmp, cb.ts_recent, ts_val_)
    return TcpSegment(
        is1=i1,
        is2=i2,
        ps1=p1,
        ps2=p2,
        seq=cb.snd_una if FIN else cb.snd_max,
        ack=cb.rcv_nxt,
        URG=False,
        ACK=False,
        PSH=False,
        RST=False,
        SYN=False,
        FIN=FIN,
        win=win,
        ws=None,
        urp=urp_garbage,
        mss=None,
        ts=ts,
        data=b"",
    )


def make_rst_segment_from_cb(cb: Tcpcb, quad: Quad, choose: Choose) -> TcpSegment:
    """A RST sent on a connection of our own accord.  `quad` is (i1, i2, p1, p2).

    Source: TCP1_auxFnsScript.sml, make_rst_segment_from_cb.
    """
    i1, i2, p1, p2 = quad
    urp_garbage = choose.integer("urp_garbage", 0, 65535)
    URG_garbage = choose.boolean("URG_garbage")
    PSH_garbage = choose.boolean("PSH_garbage")
    win_garbage = choose.integer("win_garbage", 0, 65535)
    data_garbage = choose.data("data_garbage")
    FIN_garbage = choose.boolean("FIN_garbage")
    return TcpSegment(
        is1=i1,
        is2=i2,
        ps1=p1,
        ps2=p2,
        seq=cb.snd_nxt,
        ack=cb.rcv_nxt,
        URG=URG_garbage,
        ACK=True,
        PSH=PSH_garbage,
        RST=True,
        SYN=False,
        FIN=FIN_garbage,
        win=win_garbage,
        ws=None,
        urp=urp_garbage,
        mss=None,
        ts=None,
        data=data_garbage,
    )


def make_rst_segment_from_seg(arch: Arch, seg: TcpSegment, choose: Choose) -> TcpSegment:
    """A RST that answers `seg`, which must not be a RST itself.

    It acknowledges `seg` where that carries no acknowledgement; otherwise it takes its
    sequence number from there and its own acknowledgement number is arbitrary.

    Source: TCP1_auxFnsScript.sml, make_rst_segment_from_seg.
    """
    require(not seg.RST)
    urp_garbage = choose.integer("urp_garbage", 0, 65535)
    URG_garbage = choose.boolean("URG_garbage")
    PSH_garbage = choose.boolean("PSH_garbage")
    win_garbage = choose.integer("win_garbage", 0, 65535)
    data_garbage = choose.data("data_garbage")
    FIN_garbage = choose.boolean("FIN_garbage")
    ACK_ = not seg.ACK
    seq_ = tcp_seq_flip_sense(seg.ack) if seg.ACK else tcp_seq_local(0)
    if ACK_:
        ack_ = tcp_seq_flip_sense(seg.seq) + len(seg.data) + (1 if seg.SYN else 0)
        if deviates(arch, RESET_ACKNOWLEDGES_FIN):
            ack_ = ack_ + (1 if seg.FIN else 0)
    else:
        ack_ = tcp_seq_foreign(choose.integer("ack'", 0, 2**32 - 1))
    return TcpSegment(
        is1=seg.is2,
        is2=seg.is1,
        ps1=seg.ps2,
        ps2=seg.ps1,
        seq=seq_,
        ack=ack_,
        URG=URG_garbage,
        ACK=ACK_,
        PSH=PSH_garbage,
        RST=True,
        SYN=False,
        FIN=FIN_garbage,
        win=win_garbage,
        ws=None,
        urp=urp_garbage,
        mss=None,
        ts=None,
        data=data_garbage,
    )
