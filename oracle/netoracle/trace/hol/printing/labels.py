"""Labels of a host."""

from __future__ import annotations

from netoracle.trace.hol.printing.calls import print_call, print_result
from netoracle.trace.hol.printing.messages import print_message
from netoracle.trace.hol.printing.records import print_legacy_record, print_trace_record
from netoracle.trace.hol.printing.values import print_boolean, print_epsilon, print_ifid, print_tid
from netoracle.trace.model import LegacyTrace, TraceLabel
from netspec.tcp.host0 import (
    Lh_call,
    Lh_epsilon,
    Lh_interface,
    Lh_loopdatagram,
    Lh_recvdatagram,
    Lh_return,
    Lh_senddatagram,
    Lh_tau,
    Lh_trace,
)


def print_label(label: TraceLabel) -> str:
    """One label of a host in the HOL trace language.

    Raises ValueError where the language has no words for it.
    """
    match label:
        case Lh_call(tid, call):
            return f"Lh_call({print_tid(tid)}, {print_call(call)})"
        case Lh_return(tid, v):
            return f"Lh_return({print_tid(tid)}, {print_result(v)})"
        case Lh_senddatagram(msg) | Lh_recvdatagram(msg) | Lh_loopdatagram(msg):
            return f"{type(label).__name__}({print_message(msg)})"
        case Lh_interface(ifid, up):
            return f"Lh_interface({print_ifid(ifid)}, {print_boolean(up)})"
        case Lh_tau():
            return "Lh_tau"
        case Lh_epsilon(dur):
            return f"Lh_epsilon({print_epsilon(dur)})"
        case Lh_trace(tr):
            return print_trace_record(tr)
        case LegacyTrace():
            return print_legacy_record(label)
    raise ValueError(f"the HOL trace language has no label for {label!r}")
