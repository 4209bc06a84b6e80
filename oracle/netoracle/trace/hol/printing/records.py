"""Trace records of control blocks."""

from __future__ import annotations

from collections.abc import Mapping

from netoracle.trace.hol.printing.values import (
    Show,
    maybe,
    paired,
    print_ip,
    print_natural,
    print_option,
    print_port,
    print_record,
    print_sequence,
)
from netoracle.trace.model import LegacyTrace, Quad
from netspec.base.seq32 import Seq32, Side
from netspec.base.timers import TimeWindow, Timewindow, TimeWindowClosed, never_timer
from netspec.tcp.host_types import TraceRecord


def _time_window(window: Timewindow[Seq32]) -> str:
    if window is TimeWindowClosed:
        return "TimeWindowClosed"
    if not isinstance(window, TimeWindow) or window.timer != never_timer:
        raise ValueError(f"no trace record holds {window!r}")
    return f"TimeWindow({print_sequence(window.value)}, never_timer)"


_TRACECB: Mapping[str, Show] = {
    "snd_una": print_sequence,
    "snd_max": print_sequence,
    "snd_nxt": print_sequence,
    "snd_wl1": print_sequence,
    "snd_wl2": print_sequence,
    "iss": print_sequence,
    "snd_wnd": print_natural,
    "snd_cwnd": print_natural,
    "snd_ssthresh": print_natural,
    "rcv_wnd": print_natural,
    "rcv_nxt": print_sequence,
    "rcv_up": print_sequence,
    "irs": print_sequence,
    "rcv_adv": print_sequence,
    "snd_recover": print_sequence,
    "t_maxseg": print_natural,
    "t_dupacks": print_natural,
    "t_rttseg": maybe(paired(print_sequence, print_sequence)),
    "snd_scale": print_natural,
    "rcv_scale": print_natural,
    "ts_recent": _time_window,
    "last_ack_sent": print_sequence,
}


def print_quad(quad: Quad) -> str:
    """Two addresses with their ports."""
    is1, ps1, is2, ps2 = quad
    address, port = maybe(print_ip), maybe(print_port)
    return f"{address(is1)}, {port(ps1)}, {address(is2)}, {port(ps2)}"


def _legacy_field(value: int | Seq32 | None) -> str:
    if value is None:
        return "NONE"
    if isinstance(value, Seq32):
        shown = print_sequence(value)
        return f"SOME(Timed({shown}, time_zero))" if value.side is Side.Tstamp else shown
    return print_natural(value)


def print_legacy_record(trace: LegacyTrace) -> str:
    """A record of an older form."""
    lines = [f"   {name} := {_legacy_field(value)}" for name, value in trace.fields]
    record = "<|\n" + ";\n".join(lines) + "\n  |>"
    return f"Lh_trace({print_option(print_quad, trace.quad)},\n  {trace.st.name},\n {record})"


def print_trace_record(trace: TraceRecord) -> str:
    """A record of the present form."""
    where = print_option(print_quad, trace.quad)
    cb = print_record(_TRACECB, trace.cb, "   ")
    return f"Lh_trace({trace.flav.name}, SID {print_natural(trace.sid.n)}, {where},\n  {trace.st.name},\n {cb})"
