"""Trace records of control blocks.

`FIN_WAIT1` and `FIN_WAIT2` of older traces are `FIN_WAIT_1` and `FIN_WAIT_2`.  A record without flavour and socket
becomes a LegacyTrace: the model has nothing that it could be.
"""

from __future__ import annotations

from collections.abc import Mapping

from lark import Token

from netoracle.trace.hol.reading.terms import Node, Term, components, fields, mismatch, parts, rejected, shown_text
from netoracle.trace.hol.reading.values import (
    Reader,
    any_sequence,
    ip_option,
    member,
    natural,
    numbered,
    option,
    pair,
    port_option,
    record,
    seq_foreign,
    seq_local,
    seq_ts,
)
from netoracle.trace.model import LegacyTrace, Quad
from netspec.base.seq32 import Seq32
from netspec.base.timers import TimeWindow, Timewindow, TimeWindowClosed, never_timer
from netspec.tcp.host0 import Lh_trace
from netspec.tcp.host_types import Tracecb, TraceRecord
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import TcpState, TraceFlavour

_sid = numbered("SID", SID, "a socket")


def _time_window(term: Term) -> Timewindow[Seq32]:
    name, args = parts(term)
    if name == "TimeWindowClosed" and not args:
        return TimeWindowClosed
    if name != "TimeWindow" or len(args) != 1:
        raise mismatch(term, "TimeWindowClosed or TimeWindow(ts_seq(n2w n), never_timer)")
    value, timer = components(args[0], 2, "a timestamp and a timer")
    if parts(timer) != ("never_timer", ()):
        raise mismatch(timer, "never_timer")
    return TimeWindow(seq_ts(value), never_timer)


_TRACECB: Mapping[str, Reader] = {
    "snd_una": seq_local,
    "snd_max": seq_local,
    "snd_nxt": seq_local,
    "snd_wl1": seq_foreign,
    "snd_wl2": seq_local,
    "iss": seq_local,
    "snd_wnd": natural,
    "snd_cwnd": natural,
    "snd_ssthresh": natural,
    "rcv_wnd": natural,
    "rcv_nxt": seq_foreign,
    "rcv_up": seq_foreign,
    "irs": seq_foreign,
    "rcv_adv": seq_foreign,
    "snd_recover": seq_local,
    "t_maxseg": natural,
    "t_dupacks": natural,
    "t_rttseg": option(pair(seq_ts, seq_local, "a timestamp and a sequence number")),
    "snd_scale": natural,
    "rcv_scale": natural,
    "ts_recent": _time_window,
    "last_ack_sent": seq_foreign,
}

_STATES: Mapping[str, TcpState] = {
    **TcpState.__members__,
    "FIN_WAIT1": TcpState.FIN_WAIT_1,
    "FIN_WAIT2": TcpState.FIN_WAIT_2,
}


def _state(term: Term) -> TcpState:
    name, args = parts(term)
    if name not in _STATES or args:
        raise mismatch(term, "a state of a connection")
    return _STATES[name]


def _quad(term: Term) -> Quad:
    is1, ps1, is2, ps2 = components(term, 4, "two addresses with their ports")
    return ip_option(is1), port_option(ps1), ip_option(is2), port_option(ps2)


_FLAVOUR = member(TraceFlavour, "a flavour of trace record")


def trace_record(args: tuple[Term, ...], at: Token) -> Lh_trace | LegacyTrace:
    """A label that is a trace record, of the present form or of an older one."""
    match args:
        case flav, sid, quad, st, cb:
            values = record(cb, "a control block", _TRACECB)
            where = option(_quad)(quad)
            return Lh_trace(TraceRecord(_FLAVOUR(flav), _sid(sid), where, _state(st), Tracecb(**values)))
        case quad, st, cb:
            return LegacyTrace(option(_quad)(quad), _state(st), _legacy_fields(cb))
        case _:
            raise rejected(at, f"Lh_trace takes 5 arguments, found {len(args)}")


def _legacy_fields(term: Term) -> tuple[tuple[str, int | Seq32 | None], ...]:
    if not isinstance(term, Node) or term.kind != "record":
        raise mismatch(term, "a control block (<| ... |>)")
    values: dict[str, int | Seq32 | None] = {}
    for name, value in fields(term):
        if name in values:
            raise rejected(name, f"a control block has the field {shown_text(name)} twice")
        values[str(name)] = _legacy_value(value)
    return tuple(values.items())


def _legacy_value(term: Term) -> int | Seq32 | None:
    """A field of an older control block; the time in `SOME(Timed(x, time_zero))` says nothing and is lost."""
    if isinstance(term, Token):
        return natural(term) if term.type == "NUMBER" else option(any_sequence)(term)
    if parts(term)[0] != "SOME":
        return any_sequence(term)
    name, args = parts(parts(term)[1][0])
    if name != "Timed" or len(args) != 1:
        raise mismatch(term, "SOME(Timed(ts_seq(n2w n), time_zero))")
    value, time = components(args[0], 2, "a timestamp and a time")
    if parts(time) != ("time_zero", ()):
        raise mismatch(time, "time_zero")
    return seq_ts(value)
