"""Answers that a host owes for what it received."""

from __future__ import annotations

from netspec.wire.endpoint import Due, Endpoint
from netspec.wire.event import Event
from netspec.wire.profile import SECOND, WireProfile
from netspec.wire.segment import ACK

MOST_ANSWERS, ANSWERS_IN = 10, 5 * SECOND
"""How many answers in which time are enough, in the example of RFC 5961 section 7."""

_MOST_DUE = 64
"""How many answers are kept account of: what is due after so many others is not missed where they are."""


def owe(
    s: Endpoint, ev: Event, p: WireProfile, ack: int | None, clause: str, reason: str, should: bool = False
) -> Endpoint:
    """Note an answer that is due, unless a segment sent since has given it."""
    if s.sent >= ev.time and (ack is None or (s.acked is not None and s.acked >= ack)):
        return s
    if s.reset_by is not None or (s.refused >= ev.time and (not ev.seg.flags & ACK or ev.seg.ack == s.refusal)):
        # What was sent since may have been the reset that it was answered with, where the host has no connection.
        return s
    due = Due(ev.time + p.ack_delay + p.slack, ev.frame, ev.time, ack, clause, reason, should)
    if p.on_path or len(ev.seg.data) < ev.seg.length:
        return s._replace(unanswered=(*s.unanswered[:_MOST_DUE], due))
    return s._replace(dues=(*s.dues[:_MOST_DUE], due))


def owe_reset(s: Endpoint, ev: Event, p: WireProfile, clause: str, reason: str) -> Endpoint:
    """Note a reset that is due, unless one was sent since."""
    if s.refused >= ev.time:
        return s
    due = Due(ev.time + p.ack_delay + p.slack, ev.frame, ev.time, None, clause, reason)
    return s._replace(dues=(*s.dues[:_MOST_DUE], due))


def held_back(s: Endpoint, ev: Event, p: WireProfile) -> bool:
    """Whether a host may hold an answer back: it has sent a segment shortly before, or many that carried nothing."""
    many = len(s.empties) == MOST_ANSWERS and s.empties[0] + ANSWERS_IN > ev.time
    return p.throttle > 0 and (s.sent + p.throttle > ev.time or many)


def owe_sparingly(s: Endpoint, ev: Event, p: WireProfile, clause: str, reason: str) -> Endpoint:
    """The same for an answer that a host may leave out when it sent one shortly before (RFC 5961 section 7)."""
    if held_back(s, ev, p) or s.dues:
        return s
    if s.unanswered and s.unanswered[-1].since + p.throttle > ev.time:
        return s
    return owe(s, ev, p, None, clause, reason)
