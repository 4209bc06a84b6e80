"""Labels in words, one short line each."""

from __future__ import annotations

from netoracle.trace.hol.printing.labels import print_label
from netoracle.trace.model import ApiCall, LegacyTrace, TraceLabel
from netoracle.trace.observation import AnyReturn
from netspec.base.base_types import Ip, Port
from netspec.tcp.host0 import (
    Lh_call,
    Lh_epsilon,
    Lh_loopdatagram,
    Lh_recvdatagram,
    Lh_return,
    Lh_senddatagram,
    Lh_trace,
)
from netspec.tcp.net_types import TCP, Msg, TcpSegment

_FLAGS = ("SYN", "FIN", "RST", "PSH", "ACK", "URG")
_LENGTH = 110


def in_words(label: TraceLabel | AnyReturn) -> str:
    """One line for a label."""
    text = _words(label)
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1] + "…"


def _words(label: TraceLabel | AnyReturn) -> str:
    match label:
        case Lh_epsilon(dur):
            return f"{float(dur):.6f} s pass"
        case Lh_senddatagram(msg):
            return f"sends     {_message(msg)}"
        case Lh_recvdatagram(msg):
            return f"receives  {_message(msg)}"
        case Lh_loopdatagram(msg):
            return f"loops     {_message(msg)}"
        case Lh_trace(record):
            return f"record    {record.flav.name} {record.st.name} of socket {record.sid.n}"
        case AnyReturn(tid):
            return f"returns   to thread {tid.n}"
        case ApiCall(kind, flow, data):
            size = "" if data is None else f" {len(data)} bytes"
            near, far = _end(flow.local_ip, flow.local_port), _end(flow.remote_ip, flow.remote_port)
            return f"calls     {kind}{size} {near} > {far}"
        case LegacyTrace():
            return f"record    {label.st.name} (of an older form)"
        case Lh_call() | Lh_return():
            return ("calls     " if isinstance(label, Lh_call) else "returns   ") + _inside(label)
    return _inside(label)


def _inside(label: TraceLabel) -> str:
    text = " ".join(print_label(label).split())
    return text.partition("(")[2].removesuffix(";").removesuffix(")") or text


def _end(ip: Ip | None, port: Port | None) -> str:
    if ip is None:
        return "?"
    address = ".".join(str(ip.n >> shift & 255) for shift in (24, 16, 8, 0))
    return address if port is None else f"{address}:{port.n}"


def _message(msg: Msg) -> str:
    if isinstance(msg, TCP):
        return segment_in_words(msg.v)
    return f"{type(msg).__name__} {_end(msg.v.is1, None)} > {_end(msg.v.is2, None)}"


def segment_in_words(seg: TcpSegment) -> str:
    """One line for a segment."""
    flags = ",".join(name for name in _FLAGS if getattr(seg, name)) or "none"
    options = "".join(
        [
            "" if seg.mss is None else f" mss {seg.mss}",
            "" if seg.ws is None else f" ws {seg.ws}",
            "" if seg.ts is None else f" ts {seg.ts[0].n},{seg.ts[1].n}",
        ]
    )
    return (
        f"{_end(seg.is1, seg.ps1)} > {_end(seg.is2, seg.ps2)} {flags} seq {seg.seq.n} ack {seg.ack.n} "
        f"win {seg.win} len {len(seg.data)}{options}"
    )
