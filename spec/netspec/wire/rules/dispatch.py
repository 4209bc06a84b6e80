"""Which rules a segment can be explained by."""

from __future__ import annotations

from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.premise import Forbidden, demand
from netspec.wire.profile import WireProfile
from netspec.wire.rules import opening, resetting, sending
from netspec.wire.rules.rule import WIRE_RULES
from netspec.wire.segment import ACK, FIN, FROM_NO_HOST, PADDING, RST, SYN, TO_NO_HOST, Segment
from netspec.wire.sequence import offset

_RESETTING = (resetting.answer_with_reset.name, resetting.abort.name)
_NEW = (sending.transmit.name, sending.probe_window.name)
_AGAIN = (sending.retransmit.name, sending.probe_window.name, sending.keep_alive.name)

_UNASSIGNED = 0b1110
"""The reserved bits that nothing has a use for; the other was NS (RFC 3540), and is that of later work on ECN."""

WELL_FORMED = "a host sends well-formed segments"


def candidates(s: Endpoint, out: Event, p: WireProfile) -> tuple[str, ...]:
    """The names of the rules for such a segment, by its flags and its number alone."""
    flags = out.seg.flags
    if flags & RST:
        return _RESETTING
    if flags & SYN:
        return opening.syn(s, out, p)
    if not out.seg.length and not flags & FIN:
        return (sending.acknowledge.name,)
    return _NEW if offset(out.seg.seq, s.iss, s.snd_max) >= s.snd_max else _AGAIN


def send(s: Endpoint, out: Event, p: WireProfile, rule: str) -> Endpoint:
    """The endpoint after the host sent a segment by the rule of that name.

    Raises Forbidden where that rule does not allow it, and for a segment that is itself malformed; that, on a path, may
    be damage done after the host sent it.
    """
    if out.seg.fault is not None:
        if p.on_path:
            return s
        raise Forbidden(_clause(out.seg), WELL_FORMED, "no fault", out.seg.fault)
    reserved = out.seg.reserved & _UNASSIGNED
    demand(p.on_path or not reserved, "RFC 9293 3.1", WELL_FORMED, "reserved bits of zero", f"{reserved:#x}")
    return WIRE_RULES[rule](s, out, p)


def _clause(seg: Segment) -> str:
    """What demands that a segment does not have its fault."""
    fault = seg.fault or ""
    if fault == "checksum":
        return "RFC 9293 MUST-2"
    if fault == FROM_NO_HOST:
        return "RFC 9293 MUST-57"
    if fault == TO_NO_HOST:
        return "RFC 9293 MUST-46" if seg.flags & (SYN | ACK) == SYN else "RFC 9293 MUST-63"
    if fault == PADDING:
        return "RFC 9293 MUST-69"
    return "RFC 9293 MUST-68" if fault.startswith("option") else "RFC 9293 3.1"
