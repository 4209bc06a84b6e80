"""What every segment that arrives on a connection does to the timers of silence."""

from __future__ import annotations

from netspec.base.timers import Stopwatch, Timed
from netspec.tcp.host_types import TcpSocket
from netspec.tcp.params import TCPTV_KEEP_IDLE, TCPTV_MAXIDLE, Arch, stopwatch_zero
from netspec.tcp.pre_host_types import FIN_WAIT_2, SYN_RECEIVED, slow_timer


def update_idle(
    arch: Arch,
    tcp_sock: TcpSocket,
) -> tuple[Stopwatch, Timed[tuple[()]] | None, Timed[tuple[()]] | None]:
    """The idle time and the keepalive and FIN_WAIT_2 timers once a segment has arrived.

    Source: TCP1_auxFnsScript.sml, update_idle.
    """
    t_idletime_ = stopwatch_zero
    if not (tcp_sock.st == SYN_RECEIVED and tcp_sock.cb.tf_needfin):
        tt_keep_: Timed[tuple[()]] | None = Timed((), slow_timer(arch, TCPTV_KEEP_IDLE))
    else:
        tt_keep_ = tcp_sock.cb.tt_keep
    if tcp_sock.st == FIN_WAIT_2:
        tt_fin_wait_2_: Timed[tuple[()]] | None = Timed((), slow_timer(arch, TCPTV_MAXIDLE))
    else:
        tt_fin_wait_2_ = tcp_sock.cb.tt_fin_wait_2
    return t_idletime_, tt_keep_, tt_fin_wait_2_
