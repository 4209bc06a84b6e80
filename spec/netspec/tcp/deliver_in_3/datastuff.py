"""The step of deliver_in_3 that takes the data of the segment, urgent or not, and its window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from netspec.base.base_types import SO_OOBINLINE, SO_RCVBUF
from netspec.base.choose import require
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.base.timers import Timed
from netspec.base.utils import DROP, MAX, MIN, TAKE, Num, num_minus, w2n
from netspec.tcp.aux_fns.monad import (
    Monad,
    andThen,
    chooseM,
    cont,
    get_sock,
    modify_cb,
    modify_tcp_sock,
)
from netspec.tcp.aux_fns.reassembly import tcp_reass, tcp_reass_prune
from netspec.tcp.deliver_in_3.fast_path import predicted_acknowledgement, predicted_data
from netspec.tcp.errata.input import (
    DATA_AFTER_FIN,
    FAST_PATH_BEFORE_ACKNOWLEDGEMENT,
    TIME_WAIT_ACKNOWLEDGES,
    URGENT_AFTER_TRIMMING,
)
from netspec.tcp.host_types import (
    NO_OOBDATA,
    OOBDATA,
    Iobc,
    Socket,
    TcpReassSegment,
    TcpSocket,
    tcp_sock_of,
)
from netspec.tcp.net_types import TcpSegment
from netspec.tcp.params import SB_MAX, TCPTV_DELACK, Arch, corrected
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    LAST_ACK,
    SYN_RECEIVED,
    TIME_WAIT,
    bsd_arch,
    fast_timer,
)

Ststuff: TypeAlias = Callable[[bool], Monad]


def di3_datastuff_really(
    the_ststuff: Ststuff,
    tcp_sock_0: TcpSocket,
    seg: TcpSegment,
    bsd_fast_path: bool,
    arch: Arch,
) -> Monad:
    """Trim the data to the window, pull out an urgent byte, and reassemble, keep or drop the rest.

    `the_ststuff` takes whether the FIN of the peer is now reached.

    Source: TCP1_hostLTSScript.sml, di3_datastuff_really.
    """
    ACK = seg.ACK
    FIN = seg.FIN
    URG = seg.URG
    urp = w2n(seg.urp)
    data = seg.data
    seq = tcp_seq_flip_sense(seg.seq) + (1 if seg.SYN else 0)

    def datastuff_really(sock: Socket) -> Monad:
        tcp_sock = tcp_sock_of(sock)
        cb = tcp_sock.cb
        trim_amt_left = MIN(Num(cb.rcv_nxt - seq), len(data)) if cb.rcv_nxt > seq else 0
        data_trimmed_left = DROP(trim_amt_left, data)
        seq_trimmed = seq + trim_amt_left
        urp_trimmed = urp - trim_amt_left if urp > trim_amt_left else 0
        URG_trimmed = URG if urp_trimmed != 0 else False
        data_trimmed_left_right = TAKE(cb.rcv_wnd, data_trimmed_left)
        FIN_trimmed = FIN if data_trimmed_left_right == data_trimmed_left else False
        urp_valid = bool(URG_trimmed and urp_trimmed > 0 and urp_trimmed + len(tcp_sock.rcvq) <= SB_MAX)
        urp_advanced = bool(urp_valid and seq_trimmed + urp_trimmed > cb.rcv_up)
        if corrected(arch, URGENT_AFTER_TRIMMING):
            urgent, left = urp_trimmed, seq_trimmed
        else:
            urgent, left = urp, cb.rcv_nxt
        can_pull = bool(urp_valid and urp_trimmed <= len(data_trimmed_left_right) and not sock.sf.b[SO_OOBINLINE])
        rseg = TcpReassSegment(
            seq=seq_trimmed,
            spliced_urp=left + urp_trimmed - 1 if can_pull else None,
            FIN=FIN_trimmed,
            data=(
                TAKE(urgent - 1, data_trimmed_left_right) + DROP(urgent, data_trimmed_left_right)
                if can_pull
                else data_trimmed_left_right
            ),
        )

        def take_urgent(s: TcpSocket) -> TcpSocket:
            if not (bsd_arch(arch) and bsd_fast_path):
                rcv_up = seq_trimmed + urp_trimmed if urp_advanced else MAX(cb.rcv_up, cb.rcv_nxt)
            else:
                rcv_up = s.cb.rcv_up
            if urp_advanced:
                rcvurp: int | None = len(tcp_sock.rcvq) + Num(seq_trimmed + urp_trimmed - cb.rcv_nxt - 1)
            else:
                rcvurp = s.rcvurp
            iobc: Iobc
            if urp_valid:
                if can_pull:
                    # Past the end of the trimmed data, which byte this is is open.
                    require(urgent - 1 < len(data_trimmed_left_right))
                    iobc = OOBDATA(data_trimmed_left_right[urgent - 1])
                else:
                    iobc = NO_OOBDATA
            else:
                iobc = s.iobc
            return replace(s, cb=replace(s.cb, rcv_up=rcv_up), rcvurp=rcvurp, iobc=iobc)

        # The model guesses FIN_reass here and has each case assert what it is.  So each case
        # instead goes on to the_ststuff with the one value that it would assert.
        def take_data() -> Monad:
            if (
                seq_trimmed == cb.rcv_nxt
                and seq_trimmed + len(data_trimmed_left_right) + (1 if FIN_trimmed else 0) > cb.rcv_nxt
                and cb.rcv_wnd > 0
            ):
                have_stuff_to_ack = bool(data_trimmed_left_right != b"" or FIN_trimmed)
                delay_ack = bool(
                    tcp_sock.st in {ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, CLOSING, LAST_ACK, FIN_WAIT_2}
                    and have_stuff_to_ack
                    and not FIN_trimmed
                    and cb.t_segq == ()
                    and not cb.tf_rxwin0sent
                    and cb.tt_delack is None
                )
                rsegq = (rseg, *cb.t_segq)

                def reassemble(reass: tuple[bytes, int, bool]) -> Monad:
                    data_reass, len_, FIN_reass = reass
                    len_reass = len_ + (1 if FIN_reass else 0)
                    rcvq_ = tcp_sock.rcvq + data_reass
                    rcv_nxt_ = cb.rcv_nxt + len_reass
                    t_segq_ = tcp_reass_prune(rcv_nxt_, rsegq)
                    rcv_wnd_ = num_minus(cb.rcv_wnd, len(data_reass))
                    return andThen(
                        modify_tcp_sock(
                            lambda s: replace(
                                s,
                                rcvq=rcvq_,
                                cb=replace(
                                    s.cb,
                                    tt_delack=(Timed((), fast_timer(TCPTV_DELACK)) if delay_ack else s.cb.tt_delack),
                                    tf_shouldacknow=(not delay_ack if have_stuff_to_ack else s.cb.tf_shouldacknow),
                                    t_segq=t_segq_,
                                    rcv_nxt=rcv_nxt_,
                                    rcv_wnd=rcv_wnd_,
                                ),
                            )
                        ),
                        the_ststuff(FIN_reass),
                    )

                return chooseM(lambda choose: tcp_reass(cb.rcv_nxt, rsegq, choose), reassemble)
            elif (
                seq_trimmed > cb.rcv_nxt
                and seq_trimmed < cb.rcv_nxt + cb.rcv_wnd
                and len(data_trimmed_left_right) + (1 if FIN_trimmed else 0) > 0
                and cb.rcv_wnd > 0
            ):
                return andThen(
                    modify_cb(lambda cb: replace(cb, t_segq=(rseg, *cb.t_segq), tf_shouldacknow=True)),
                    the_ststuff(False),
                )
            elif ACK and seq_trimmed == cb.rcv_nxt and len(data) + (1 if FIN else 0) == 0:
                return the_ststuff(False)
            else:
                # The model tells old segments and window probes from segments beyond the window,
                # but as its condition is a disjunction with T, it treats all of them like this.
                return andThen(
                    modify_cb(lambda cb: replace(cb, tf_shouldacknow=True)),
                    the_ststuff(False),
                )

        return andThen(modify_tcp_sock(take_urgent), take_data())

    return get_sock(datastuff_really)


def di3_datastuff(
    the_ststuff: Ststuff,
    tcp_sock_0: TcpSocket,
    seg: TcpSegment,
    ourfinisacked: bool,
    arch: Arch,
) -> Monad:
    """Update the send window, and take the data unless the connection is past taking any.

    `tcp_sock_0` is the socket before the segment; `the_ststuff` is what follows the data.

    Source: TCP1_hostLTSScript.sml, di3_datastuff.
    """
    ACK = seg.ACK
    FIN = seg.FIN
    URG = seg.URG
    ack = tcp_seq_flip_sense(seg.ack)
    data = seg.data
    seq = tcp_seq_flip_sense(seg.seq) + (1 if seg.SYN else 0)
    win = w2n(seg.win) << tcp_sock_0.cb.snd_scale
    fast_path_first = corrected(arch, FAST_PATH_BEFORE_ACKNOWLEDGEMENT)

    def datastuff(sock: Socket) -> Monad:
        tcp_sock = tcp_sock_of(sock)
        cb = tcp_sock.cb
        if fast_path_first:
            bsd_fast_path = predicted_acknowledgement(tcp_sock_0, seg) or predicted_data(tcp_sock_0, sock.sf, seg)
        else:
            bsd_fast_path = bool(
                tcp_sock.st == ESTABLISHED
                and not seg.SYN
                and not FIN
                and not seg.RST
                and not URG
                and ACK
                and seq == cb.rcv_nxt
                and cb.snd_wnd == win
                and cb.snd_max == cb.snd_nxt
                and (
                    (ack > cb.snd_una and ack <= cb.snd_max and cb.snd_cwnd >= cb.snd_wnd and cb.t_dupacks < 3)
                    or (
                        ack == cb.snd_una
                        and cb.t_segq == ()
                        and len(data) < num_minus(sock.sf.n[SO_RCVBUF], len(tcp_sock.rcvq))
                    )
                )
            )
        update_send_window = bool(
            not bsd_fast_path
            and seg.ACK
            and seq <= cb.rcv_nxt + cb.rcv_wnd
            and (
                cb.snd_wl1 < seq
                or (cb.snd_wl1 == seq and (cb.snd_wl2 < ack or (cb.snd_wl2 == ack and win > cb.snd_wnd)))
                or (tcp_sock.st == SYN_RECEIVED and not FIN)
            )
        )
        seq_trimmed = MAX(seq, MIN(cb.rcv_nxt, seq + len(data)))
        update_window = modify_cb(
            lambda cb: replace(
                cb,
                snd_wnd=win if update_send_window or (fast_path_first and bsd_fast_path) else cb.snd_wnd,
                snd_wl1=seq_trimmed if update_send_window else cb.snd_wl1,
                snd_wl2=ack if update_send_window else cb.snd_wl2,
            )
        )
        if tcp_sock.st == TIME_WAIT or (tcp_sock.st == CLOSING and ourfinisacked):
            acknowledges = corrected(arch, TIME_WAIT_ACKNOWLEDGES) and (data != b"" or FIN)
            return andThen(
                update_window,
                modify_cb(lambda cb: replace(cb, rcv_up=MAX(cb.rcv_up, cb.rcv_nxt))),
                modify_cb(lambda cb: replace(cb, tf_shouldacknow=True)) if acknowledges else cont,
                the_ststuff(False),
            )
        elif tcp_sock.st in {CLOSE_WAIT, CLOSING, LAST_ACK} and corrected(arch, DATA_AFTER_FIN):
            acknowledges = data != b"" or FIN
            return andThen(
                update_window,
                modify_cb(lambda cb: replace(cb, tf_shouldacknow=True)) if acknowledges else cont,
                the_ststuff(False),
            )
        else:
            return andThen(
                update_window,
                di3_datastuff_really(the_ststuff, tcp_sock_0, seg, bsd_fast_path, arch),
            )

    return get_sock(datastuff)
