"""The passage of time for a whole host (TCP1_hostLTSScript.sml).

Where the source gives a set of hosts, these functions choose a member; where it gives
none, because a deadline has come, the premise fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import immutables

from netspec.base.choose import Choose, Of
from netspec.base.time import Duration
from netspec.base.timers import (
    Time_Pass_stopwatch,
    Time_Pass_ticker,
    Time_Pass_timed,
    Time_Pass_timewindow,
    Timed,
)
from netspec.tcp.host_types import TCP_PROTO, Host, Socket, Tcpcb

K = TypeVar("K")
V = TypeVar("V")
W = TypeVar("W")


def Time_Pass_timedoption(dur: Duration, x0: Timed[V] | None) -> Timed[V] | None:
    """Time passes for a timer that may not be running.

    Source: TCP1_hostLTSScript.sml, Time_Pass_timedoption.
    """
    return None if x0 is None else Time_Pass_timed(dur, x0)


def Time_Pass_tcpcb(dur: Duration, cb: Tcpcb, choose: Choose) -> Tcpcb:
    """Time passes for a control block.

    Source: TCP1_hostLTSScript.sml, Time_Pass_tcpcb.
    """
    return replace(
        cb,
        tt_rexmt=Time_Pass_timedoption(dur, cb.tt_rexmt),
        tt_keep=Time_Pass_timedoption(dur, cb.tt_keep),
        tt_2msl=Time_Pass_timedoption(dur, cb.tt_2msl),
        tt_delack=Time_Pass_timedoption(dur, cb.tt_delack),
        tt_conn_est=Time_Pass_timedoption(dur, cb.tt_conn_est),
        tt_fin_wait_2=Time_Pass_timedoption(dur, cb.tt_fin_wait_2),
        ts_recent=Time_Pass_timewindow(dur, cb.ts_recent, choose),
        t_badrxtwin=Time_Pass_timewindow(dur, cb.t_badrxtwin, choose),
        t_idletime=Time_Pass_stopwatch(dur, cb.t_idletime, choose),
    )


def Time_Pass_socket(dur: Duration, s: Socket, choose: Choose) -> Socket:
    """Time passes for a socket.

    Source: TCP1_hostLTSScript.sml, Time_Pass_socket.
    """
    if not isinstance(s.pr, TCP_PROTO):
        return s
    tcp_s = s.pr.v
    return replace(s, pr=TCP_PROTO(replace(tcp_s, cb=Time_Pass_tcpcb(dur, tcp_s.cb, choose))))


def fmap_every(f: Callable[[V], W], fm: immutables.Map[K, V]) -> immutables.Map[K, W]:
    """Apply a partial function to every value; it fails where the function does for one of them.

    Source: TCP1_hostLTSScript.sml, fmap_every.
    """
    return immutables.Map({k: f(v) for k, v in fm.items()})


def fmap_every_pred(f: Callable[[V, Choose], W], fm: immutables.Map[K, V], choose: Choose) -> immutables.Map[K, W]:
    """Choose a result of `f` for every value.

    Source: TCP1_hostLTSScript.sml, fmap_every_pred.
    """
    return immutables.Map({k: f(v, Of(choose, k)) for k, v in fm.items()})


def Time_Pass_host(dur: Duration, h: Host, choose: Choose) -> Host:
    """Time passes for a host.

    Source: TCP1_hostLTSScript.sml, Time_Pass_host.
    """
    return replace(
        h,
        ts=fmap_every(lambda timed: Time_Pass_timed(dur, timed), h.ts),
        socks=fmap_every_pred(lambda s, choose_: Time_Pass_socket(dur, s, choose_), h.socks, choose),
        iq=Time_Pass_timed(dur, h.iq),
        oq=Time_Pass_timed(dur, h.oq),
        ticks=Time_Pass_ticker(dur, h.ticks, choose),
    )
