"""A reset in the window, not at RCV.NXT: it ends the connection, or it is answered; it is never ignored.

Source: RFC 9293 section 3.10.7.4 (second check), RFC 5961 section 3.2; the model's deliver_in_7.
"""

from __future__ import annotations

from netspec.wire.acknowledged import least_edge
from netspec.wire.endpoint import Doubt, Endpoint, Phase, Received
from netspec.wire.event import Event
from netspec.wire.owing import held_back, owe
from netspec.wire.premise import demand
from netspec.wire.profile import WireProfile
from netspec.wire.segment import SYN
from netspec.wire.sequence import offset

PERHAPS = "perhaps the peer"
"""Who ended the connection, where a reset may have."""


def doubted(s: Endpoint, ev: Event, p: WireProfile, certain: bool) -> Endpoint:
    """The endpoint after a reset that may have ended the connection: nothing is due until it shows that it goes on.

    An answer is certainly due where the reset is inside the window and the host has sent nothing shortly before (RFC
    5961 section 7 lets it hold answers back); while it closes, RFC 1337 lets it ignore resets.
    """
    number = offset(ev.seg.seq, s.irs or 0, s.rcv_max)
    if p.exact_resets and s.phase is Phase.synchronized and s.fin is None and s.rcv_max < number:
        inexact = certain and not s.partial and s.rcv_sure == s.rcv_max and number < least_edge(s)
        return owe(s, ev, p, None, "RFC 5961 3.2", "a reset inside the window is answered") if inexact else s
    inside = not s.partial and s.rcv_sure == s.rcv_max < number < least_edge(s)
    s = perhaps_ended(s, ev, certain and inside and s.fin is None and not held_back(s, ev, p))
    return s._replace(answerable=_but_syns(s))


def without_connection(s: Endpoint) -> Endpoint:
    """The endpoint when its connection has ended: a SYN that comes now begins another, whatever its number."""
    return s._replace(phase=Phase.closed, irs=None, answerable=_but_syns(s))


def _but_syns(s: Endpoint) -> Received:
    """What was received but for SYNs: the one that opened the connection opens no other."""
    return tuple(one for one in s.answerable if not one[2] & SYN)


def perhaps_ended(s: Endpoint, ev: Event, must: bool) -> Endpoint:
    """The endpoint after what may have ended the connection: it did, where `must`, unless an answer follows."""
    return s._replace(reset_by=PERHAPS, doubt=Doubt(ev.frame, ev.time, must), dues=())


def survived(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The endpoint when the host sends on the connection: so long after a reset, that did not end it.

    Raises Forbidden where the reset had to be answered, and was not.
    """
    doubt = s.doubt
    if doubt is None or p.on_path or out.time <= doubt.time + p.lag + p.ack_delay + p.slack:
        return s
    demand(
        s.sent >= doubt.time or not doubt.certain,
        "RFC 9293 3.10.7.4",
        "a reset in the window ends the connection or is answered",
        f"an acknowledgement, or no segment after frame {doubt.frame}",
        "the connection goes on",
    )
    return s._replace(reset_by=None if s.reset_by == PERHAPS else s.reset_by, doubt=None)
