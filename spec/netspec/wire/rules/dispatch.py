"""Which rules a segment can be explained by."""

from __future__ import annotations

from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.premise import Forbidden
from netspec.wire.profile import WireProfile
from netspec.wire.rules import opening, resetting, sending
from netspec.wire.rules.rule import WIRE_RULES
from netspec.wire.segment import FIN, RST, SYN
from netspec.wire.sequence import offset

_RESETTING = (resetting.answer_with_reset.name, resetting.abort.name)
_NEW = (sending.transmit.name, sending.probe_window.name)
_AGAIN = (sending.retransmit.name, sending.probe_window.name, sending.keep_alive.name)

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
        raise Forbidden(_clause(out.seg.fault), WELL_FORMED, "no fault", out.seg.fault)
    return WIRE_RULES[rule](s, out, p)


def _clause(fault: str) -> str:
    """What demands that a segment does not have a fault."""
    if fault == "checksum":
        return "RFC 9293 MUST-2"
    return "RFC 9293 MUST-68" if fault.startswith("option") else "RFC 9293 3.1"
