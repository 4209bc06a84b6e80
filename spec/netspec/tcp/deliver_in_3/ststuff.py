"""The last step of deliver_in_3: the state that the segment leads the connection to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from netspec.base.seq32 import Seq32
from netspec.base.timers import Timed
from netspec.tcp.aux_fns.monad import (
    Monad,
    andThen,
    assert_failure,
    cont,
    get_sock,
    modify_sock,
    modify_tcp_sock,
    stop,
)
from netspec.tcp.errata.input import FIN_IN_LAST_ACK
from netspec.tcp.host_types import Socket, TcpSocket, tcp_sock_of
from netspec.tcp.params import TCPTV_MAXIDLE, TCPTV_MSL, Arch, corrected
from netspec.tcp.pre_host_types import (
    CLOSE_WAIT,
    CLOSING,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    TIME_WAIT,
    TcpState,
    slow_timer,
)


def _enter_TIME_WAIT(arch: Arch, s: TcpSocket) -> TcpSocket:
    """Wait out twice the lifetime of a segment, with all other timers off."""
    return replace(
        s,
        st=TIME_WAIT,
        cb=replace(
            s.cb,
            tt_2msl=Timed((), slow_timer(arch, 2 * TCPTV_MSL)),
            tt_rexmt=None,
            tt_keep=None,
            tt_delack=None,
            tt_conn_est=None,
            tt_fin_wait_2=None,
        ),
    )


def di3_ststuff(arch: Arch, FIN_reass: bool, ourfinisacked: bool, ack: Seq32) -> Monad:
    """Change state by whether the FIN of the peer is reached and our own is acknowledged.

    Source: TCP1_hostLTSScript.sml, di3_ststuff.
    """
    enter_TIME_WAIT = modify_tcp_sock(partial(_enter_TIME_WAIT, arch))

    def enter(st: TcpState) -> Monad:
        return modify_tcp_sock(lambda s: replace(s, st=st))

    def next_state(sock: Socket) -> Monad:
        cb = tcp_sock_of(sock).cb
        match tcp_sock_of(sock).st:
            case TcpState.SYN_RECEIVED if not FIN_reass:
                if ack >= cb.iss + 1:
                    if not sock.cantsndmore:
                        return enter(ESTABLISHED)
                    elif ourfinisacked:
                        return enter(FIN_WAIT_2)
                    else:
                        return enter(FIN_WAIT_1)
                else:
                    return stop
            case TcpState.SYN_RECEIVED:
                return enter(CLOSE_WAIT)
            case TcpState.ESTABLISHED if not FIN_reass:
                return cont
            case TcpState.ESTABLISHED:
                return enter(CLOSE_WAIT)
            case TcpState.CLOSE_WAIT:
                return cont
            case TcpState.FIN_WAIT_1 if not FIN_reass:
                if ourfinisacked:
                    return modify_tcp_sock(
                        lambda s: replace(
                            s,
                            st=FIN_WAIT_2,
                            cb=replace(
                                s.cb,
                                tt_fin_wait_2=(
                                    Timed((), slow_timer(arch, TCPTV_MAXIDLE))
                                    if sock.cantrcvmore
                                    else s.cb.tt_fin_wait_2
                                ),
                            ),
                        )
                    )
                else:
                    return cont
            case TcpState.FIN_WAIT_1:
                return enter_TIME_WAIT if ourfinisacked else enter(CLOSING)
            case TcpState.FIN_WAIT_2:
                return enter_TIME_WAIT if FIN_reass else cont
            case TcpState.CLOSING:
                return enter_TIME_WAIT if ourfinisacked else cont
            case TcpState.LAST_ACK if not FIN_reass:
                return cont
            case TcpState.LAST_ACK:
                return cont if corrected(arch, FIN_IN_LAST_ACK) else assert_failure("di3_ststuff")
            case TcpState.TIME_WAIT:
                return cont
            case _:
                # CLOSED, LISTEN and SYN_SENT, for which the model has no case.
                return assert_failure("di3_ststuff")

    def ststuff(sock: Socket) -> Monad:
        return andThen(
            modify_sock(lambda s: replace(s, cantrcvmore=True)) if FIN_reass else cont,
            next_state(sock),
        )

    return get_sock(ststuff)
