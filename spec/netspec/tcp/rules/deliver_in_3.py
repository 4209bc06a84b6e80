"""Segments that arrive for a socket in one of the connected states."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import SOME, Choose, require
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.base.timers import ticks_of
from netspec.tcp.aux_fns.close import tcp_close
from netspec.tcp.aux_fns.idle import update_idle
from netspec.tcp.aux_fns.monad import Monad, andThen
from netspec.tcp.aux_fns.ports import sane_socket
from netspec.tcp.aux_fns.reset import dropwithreset_ignore_fail
from netspec.tcp.deliver_in_3.ackstuff import di3_ackstuff
from netspec.tcp.deliver_in_3.datastuff import Ststuff, di3_datastuff
from netspec.tcp.deliver_in_3.socks_update import di3_socks_update
from netspec.tcp.deliver_in_3.ststuff import di3_ststuff
from netspec.tcp.deliver_in_3.topstuff import di3_topstuff
from netspec.tcp.deviations import DATA_AFTER_CLOSE
from netspec.tcp.host0 import Label, Lh_tau
from netspec.tcp.host_types import TCP_PROTO, Host, tcp_proto
from netspec.tcp.params import deviates
from netspec.tcp.pre_host_types import (
    BANDLIM_UNLIMITED,
    CLOSE_WAIT,
    CLOSED,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    LISTEN,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
    enqueue_oq_list_qinfo,
)
from netspec.tcp.rule import network, nonurgent, rp_tcp, rule
from netspec.tcp.rules.input_segment import dequeue_segment


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_3(h: Host, lbl: Label, choose: Choose) -> Host:
    """A connected socket takes the acknowledgement, the window, the data and the FIN of a segment.

    Source: TCP1_hostLTSScript.sml, deliver_in_3.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    seq = tcp_seq_flip_sense(seg.seq)
    ack = tcp_seq_flip_sense(seg.ack)
    ACK = seg.ACK
    require(not seg.RST)
    SYN = seg.SYN
    data = seg.data

    sid = choose.one_of("sid", h.socks)
    sock = h.socks[sid]
    tcp_sock = tcp_proto(sock)
    require(sane_socket(sock))
    require(sock.is1 == i1)
    require(sock.ps1 == p1)
    require(sock.is2 == i2)
    require(sock.ps2 == p2)
    require(tcp_sock.st not in {CLOSED, LISTEN, SYN_SENT})
    require(
        tcp_sock.st
        in {
            SYN_RECEIVED,
            ESTABLISHED,
            CLOSE_WAIT,
            FIN_WAIT_1,
            FIN_WAIT_2,
            CLOSING,
            LAST_ACK,
            TIME_WAIT,
        }
    )
    require(
        not (
            tcp_sock.st == SYN_RECEIVED
            and ((ACK and (ack <= tcp_sock.cb.snd_una or ack > tcp_sock.cb.snd_max)) or seq < tcp_sock.cb.irs)
        )
    )
    require(
        not (
            tcp_sock.st in {FIN_WAIT_1, CLOSING, LAST_ACK, FIN_WAIT_2, TIME_WAIT}
            and sock.fid is None
            and seq + len(data) > tcp_sock.cb.rcv_nxt
            and not deviates(h.arch, DATA_AFTER_CLOSE)
        )
    )
    require(not SYN or tcp_sock.st == SYN_RECEIVED)

    wesentafin = tcp_sock.cb.snd_max > tcp_sock.cb.snd_una + len(tcp_sock.sndq)
    ourfinisacked = bool(wesentafin and ACK and ack >= tcp_sock.cb.snd_max)
    topstuff = di3_topstuff(seg, h.arch, h.rttab, h.ifds, ticks_of(h.ticks))
    ackstuff = di3_ackstuff(tcp_sock, seg, ourfinisacked, h.arch, h.rttab, h.ifds, ticks_of(h.ticks))

    def datastuff(theststuff: Ststuff) -> Monad:
        return di3_datastuff(theststuff, tcp_sock, seg, ourfinisacked, h.arch)

    def ststuff(FIN_reass: bool) -> Monad:
        return di3_ststuff(h.arch, FIN_reass, ourfinisacked, ack)

    sock_, bndlm_, outsegs, _ = andThen(topstuff, ackstuff, datastuff(ststuff))(sock, h.bndlm, choose)
    tcp_sock_ = tcp_proto(sock_)
    if tcp_sock.st == SYN_RECEIVED and tcp_sock_.st in {ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT}:
        socks_ = di3_socks_update(h.arch, sid, h.socks.set(sid, sock_), choose)
    else:
        socks_ = h.socks.set(sid, sock_)
    oq_ = enqueue_oq_list_qinfo(h.oq, outsegs)
    return replace(h, socks=socks_, iq=iq_, oq=oq_, bndlm=bndlm_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_3a(h: Host, lbl: Label, choose: Choose) -> Host:
    """A segment with a bad checksum or offset is dropped; as segments have neither here, this never holds.

    Source: TCP1_hostLTSScript.sml, deliver_in_3a.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    require(not seg.RST)
    require(not seg.SYN)

    sid = choose.one_of("sid", h.socks)
    sock_0 = h.socks[sid]
    require(sock_0.is1 == i1)
    require(sock_0.ps1 == p1)
    require(sock_0.is2 == i2)
    require(sock_0.ps2 == p2)
    tcp_sock_0 = tcp_proto(sock_0)
    require(tcp_sock_0.st not in {CLOSED, LISTEN, SYN_SENT})
    require(
        tcp_sock_0.st
        in {
            SYN_RECEIVED,
            ESTABLISHED,
            CLOSE_WAIT,
            FIN_WAIT_1,
            FIN_WAIT_2,
            CLOSING,
            LAST_ACK,
            TIME_WAIT,
        }
    )
    require(False)
    return replace(h, iq=iq_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_3b(h: Host, lbl: Label, choose: Choose) -> Host:
    """Data that arrives after the process has closed its end closes the connection and is answered by a RST.

    Source: TCP1_hostLTSScript.sml, deliver_in_3b.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    seq = tcp_seq_flip_sense(seg.seq)
    require(not seg.RST)
    require(not seg.SYN)
    data = seg.data

    sid = choose.one_of("sid", h.socks)
    sock_0 = h.socks[sid]
    require(sock_0.is1 == i1)
    require(sock_0.ps1 == p1)
    require(sock_0.is2 == i2)
    require(sock_0.ps2 == p2)
    tcp_sock_0 = tcp_proto(sock_0)
    require(tcp_sock_0.st in {FIN_WAIT_1, CLOSING, LAST_ACK, FIN_WAIT_2, TIME_WAIT})
    require(sock_0.fid is None)
    require(not deviates(h.arch, DATA_AFTER_CLOSE))
    require(seq + len(data) > tcp_sock_0.cb.rcv_nxt)

    socks_ = h.socks.set(sid, tcp_close(h.arch, sock_0))
    bndlm_, outsegs = dropwithreset_ignore_fail(
        seg, h.arch, h.ifds, h.rttab, ticks_of(h.ticks), BANDLIM_UNLIMITED, h.bndlm, choose
    )
    oq_ = enqueue_oq_list_qinfo(h.oq, outsegs)
    return replace(h, socks=socks_, iq=iq_, oq=oq_, bndlm=bndlm_)


@rule(rp_tcp, {Lh_tau: network(nonurgent)})
def deliver_in_3c(h: Host, lbl: Label, choose: Choose) -> Host:
    """In SYN_RECEIVED, a senseless ACK or a number before the SYN of the peer is answered by a RST.

    Source: TCP1_hostLTSScript.sml, deliver_in_3c.
    """
    require(isinstance(lbl, Lh_tau))
    iq_, seg = dequeue_segment(h)
    i2 = SOME(seg.is1)
    i1 = SOME(seg.is2)
    p2 = SOME(seg.ps1)
    p1 = SOME(seg.ps2)
    seq = tcp_seq_flip_sense(seg.seq)
    ack = tcp_seq_flip_sense(seg.ack)
    ACK = seg.ACK
    require(not seg.RST)
    require(not seg.SYN)

    sid = choose.one_of("sid", h.socks)
    sock_0 = h.socks[sid]
    require(sock_0.is1 == i1)
    require(sock_0.ps1 == p1)
    require(sock_0.is2 == i2)
    require(sock_0.ps2 == p2)
    tcp_sock_0 = tcp_proto(sock_0)
    require(tcp_sock_0.st == SYN_RECEIVED)
    require((ACK and (ack <= tcp_sock_0.cb.snd_una or ack > tcp_sock_0.cb.snd_max)) or seq < tcp_sock_0.cb.irs)

    t_idletime_, tt_keep_, tt_fin_wait_2_ = update_idle(h.arch, tcp_sock_0)
    cb_ = replace(tcp_sock_0.cb, t_idletime=t_idletime_, tt_keep=tt_keep_, tt_fin_wait_2=tt_fin_wait_2_)
    socks_ = h.socks.set(sid, replace(sock_0, pr=TCP_PROTO(replace(tcp_sock_0, cb=cb_))))
    bndlm_, outsegs = dropwithreset_ignore_fail(
        seg, h.arch, h.ifds, h.rttab, ticks_of(h.ticks), BANDLIM_UNLIMITED, h.bndlm, choose
    )
    oq_ = enqueue_oq_list_qinfo(h.oq, outsegs)
    return replace(h, socks=socks_, iq=iq_, oq=oq_, bndlm=bndlm_)
