"""Acknowledgements counted against the segments that came: no more than one for each (RFC 5681 section 4.2).

New data that one acknowledges calls for no other: what waited was processed before it was sent (RFC 9293 MUST-58, 59).
"""

from __future__ import annotations

from bisect import bisect_right

from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.profile import WireProfile
from netspec.wire.segment import SYN, span
from netspec.wire.sequence import offset

_MOST_TEXT = 1024
"""How many segments of new data are told apart."""

_LEAST_MTU_TEXT = 28
"""The octets of text in the smallest packet that every link of IPv4 carries (RFC 791 section 3.2)."""


def came(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """The endpoint when a segment for the host was recorded, which it may answer with one acknowledgement.

    One that is larger than the host's MSS was merged; the host receives what it was merged from.
    """
    s, length = _aged(s, ev.time, p), ev.seg.length
    if s.irs is None and ev.seg.flags & SYN and not s.unanswered_text:
        # What acknowledges anything acknowledges the SYN; data with it, or another SYN, may be left to the next.
        return s._replace(unanswered_now=s.unanswered_now + (length > 0), unanswered_text=(1,), rcv_heard=1)
    end = None if s.irs is None else offset(ev.seg.seq, s.irs, s.rcv_max) + span(ev.seg)
    known = max(s.rcv_heard, s.rcv_max)
    merged = length // _LEAST_MTU_TEXT if length > s.own_mss else 0
    new = end is not None and bool(span(ev.seg)) and known < end <= s.rcv_adv
    if end is None or not new or len(s.unanswered_text) == _MOST_TEXT:
        return s._replace(unanswered_now=s.unanswered_now + 1 + merged)
    return s._replace(
        unanswered_now=s.unanswered_now + merged, unanswered_text=(*s.unanswered_text, end), rcv_heard=end
    )


def covered(s: Endpoint, ack: int) -> Endpoint:
    """The endpoint after a segment with that acknowledgement, which is for all new data before it."""
    done = bisect_right(s.unanswered_text, ack)
    return s._replace(unanswered_text=s.unanswered_text[done:]) if done else s


def may_acknowledge(s: Endpoint, now: int, p: WireProfile) -> bool:
    """Whether a segment for the host has come that no acknowledgement has answered yet."""
    s = _aged(s, now, p)
    return bool(s.unanswered_text) or s.unanswered_now + s.unanswered_before > 0


def acknowledged(s: Endpoint, now: int, p: WireProfile, anew: bool) -> Endpoint:
    """The endpoint after an acknowledgement: of new data (`anew`), or of what came longest ago."""
    s = _aged(s, now, p)
    if anew:
        return s
    if s.unanswered_text:
        return s._replace(unanswered_text=s.unanswered_text[1:])
    if s.unanswered_before:
        return s._replace(unanswered_before=s.unanswered_before - 1)
    return s._replace(unanswered_now=max(s.unanswered_now - 1, 0))


def _aged(s: Endpoint, now: int, p: WireProfile) -> Endpoint:
    """The counts of what came lately, and before: what came longer ago is not answered any more.

    An acknowledgement comes within the lag, and half a second or what the profile says (RFC 9293 MUST-40).
    """
    passed, longest = now - s.counted_since, p.lag + p.ack_delay + p.slack
    if passed <= longest:
        return s
    before = s.unanswered_now if passed <= 2 * longest else 0
    return s._replace(counted_since=now, unanswered_now=0, unanswered_before=before)


def kept(fresh: Endpoint, s: Endpoint) -> Endpoint:
    """A new connection between the same ends, with the counts of the one before; the SYN that opens it is its own."""
    fresh = fresh._replace(counted_since=s.counted_since, unanswered_before=s.unanswered_before)
    if s.irs is None:
        return fresh._replace(unanswered_now=s.unanswered_now, unanswered_text=s.unanswered_text, rcv_heard=s.rcv_heard)
    return fresh._replace(unanswered_now=s.unanswered_now + len(s.unanswered_text))
