"""Labels of a host."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lark import Token

from netoracle.trace.hol.reading.calls import call, result
from netoracle.trace.hol.reading.messages import message
from netoracle.trace.hol.reading.records import trace_record
from netoracle.trace.hol.reading.terms import Term, rejected, shown_text
from netoracle.trace.hol.reading.values import boolean, duration, ifid, tid
from netoracle.trace.model import TraceLabel
from netspec.tcp.host0 import (
    Lh_call,
    Lh_epsilon,
    Lh_interface,
    Lh_loopdatagram,
    Lh_recvdatagram,
    Lh_return,
    Lh_senddatagram,
    Lh_tau,
)


def label(name: Token, args: tuple[Term, ...]) -> TraceLabel:
    """A label of one host from its name and its arguments."""
    if name not in _LABELS:
        raise rejected(name, f"unknown label {shown_text(name)}")
    count, make = _LABELS[name]
    if len(args) != count and count >= 0:
        raise rejected(name, f"{name} takes {count} arguments, found {len(args)}")
    return make(args, name)


_LABELS: Mapping[str, tuple[int, Callable[[tuple[Term, ...], Token], TraceLabel]]] = {
    "Lh_call": (2, lambda args, _: Lh_call(tid(args[0]), call(args[1]))),
    "Lh_return": (2, lambda args, _: Lh_return(tid(args[0]), result(args[1]))),
    "Lh_senddatagram": (1, lambda args, _: Lh_senddatagram(message(args[0]))),
    "Lh_recvdatagram": (1, lambda args, _: Lh_recvdatagram(message(args[0]))),
    "Lh_loopdatagram": (1, lambda args, _: Lh_loopdatagram(message(args[0]))),
    "Lh_interface": (2, lambda args, _: Lh_interface(ifid(args[0]), boolean(args[1]))),
    "Lh_epsilon": (1, lambda args, _: Lh_epsilon(duration(args[0]))),
    "Lh_tau": (0, lambda args, _: Lh_tau()),
    "Lh_trace": (-1, trace_record),
}
