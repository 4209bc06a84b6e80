"""Traces of the HOL trace language, as text."""

from __future__ import annotations

from netoracle.trace.hol.comments import is_remark, is_source
from netoracle.trace.hol.printing.hosts import print_host_line
from netoracle.trace.hol.printing.labels import print_label
from netoracle.trace.hol.printing.values import (
    print_duration,
    print_epsilon,
    print_host_name,
    print_natural,
    require_short,
)
from netoracle.trace.model import Entry, Trace, seconds
from netspec.tcp.host0 import Lh_epsilon


def print_hol(trace: Trace) -> str:
    """The canonical text of a trace in the HOL trace language; reading it gives an equal trace.

    The text is Latin-1: its strings are ASCII, its remarks may not be.

    Raises ValueError where the language has no words for a part of the trace: a call of another interface, a
    remark that would be read as something else, a result that no call returns.
    """
    joint = len(trace.hosts) > 1 or any(host.name is not None for host in trace.hosts)
    joint = joint or any(entry.host is not None for entry in trace.labels)
    blocks = [*map(_remark, trace.header)]
    blocks += ["(* HOST *)", *map(print_host_line, trace.hosts), "(* TSOH *)", "(* BEGIN *)", "(* BASETIME *)"]
    if trace.base_time is not None:
        blocks.append(f"abstime {print_duration(trace.base_time)}")
    blocks += ["(* EMITESAB *)", ""]
    blocks += [_entry(entry, joint) + ";\n" for entry in trace.labels]
    return "\n".join(blocks)


def _entry(entry: Entry, joint: bool) -> str:
    lines = []
    if entry.time is not None:
        if entry.time < 0 or not is_source(entry.source):
            raise ValueError(f"no comment can say that this was seen at {entry.time} by {entry.source!r}")
        source = f' "{entry.source}"' if entry.source else ""
        require_short(entry.time.numerator, entry.time.denominator)
        lines.append(f"(** {seconds(entry.time)}{source} **)")
    elif entry.source:
        raise ValueError(f"no comment can name the source {entry.source!r} without a time")
    if entry.index is not None:
        lines.append(f"(* Merge Index: {print_natural(entry.index)} *)")
    lines += map(_remark, entry.comments)
    if entry.host is not None:
        lines.append(f"Ln1_host({print_host_name(entry.host)},\n{print_label(entry.label)}\n)")
    elif joint and isinstance(entry.label, Lh_epsilon):
        lines.append(f"Ln1_epsilon({print_epsilon(entry.label.dur)})")
    else:
        lines.append(print_label(entry.label))
    return "\n".join(lines)


def _remark(text: str) -> str:
    if not is_remark(text):
        raise ValueError(f"no comment can hold the remark {text!r}")
    return f"(* {text} *)"
