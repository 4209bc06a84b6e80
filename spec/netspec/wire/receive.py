"""What a segment that reaches the host does to its side of the connection.

Where the RFC leaves the receiver a choice, or where it is not certain that the host received the segment, the bounds
of the endpoint widen instead.  Source: RFC 9293 section 3.10.7; the model's rules deliver_in_1 to deliver_in_9.
"""

from __future__ import annotations

from dataclasses import replace

from netspec.wire import congestion, counted
from netspec.wire.acknowledged import acceptable, acknowledge, least_edge
from netspec.wire.doubt import doubted, perhaps_ended
from netspec.wire.endpoint import Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.handshake import UNASKED, ended, settle_options, syns_crossed, while_closed, while_syn_sent
from netspec.wire.intervals import insert
from netspec.wire.owing import owe, owe_reset, owe_sparingly
from netspec.wire.profile import WireProfile
from netspec.wire.segment import ACK, FIN, FROM_NO_HOST, RST, SYN, TO_NO_HOST, Segment, span
from netspec.wire.sequence import clock_not_before, offset
from netspec.wire.stamps import stamped, taken

_REMEMBERED = 32
"""How many received segments may still be answered with a reset."""

UNKNOWN_EDGE = 1 << 30
"""`rcv_max` of a connection of which no data was recorded so far: further than any window reaches."""

_AGREED = {Phase.syn_received, Phase.synchronized}
"""Where the host knows the options of both SYNs."""

_JUST_NOW = 1 << 63
"""Later than any time of a capture: what the host sends may have been caused by what is no segment."""

UNUSABLE = frozenset(
    {
        "checksum",
        "IP checksum",
        "data offset below 5",
        "data offset beyond the segment",
        "shorter than a TCP header",
        FROM_NO_HOST,
        TO_NO_HOST,
    }
)
"""Faults with which a receiver has to drop a segment (RFC 9293 MUST-3, MUST-57, MUST-63)."""


def receive(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """The endpoint after a segment has reached the host, or may have where that is not certain."""
    seg = ev.seg
    if seg.fault in UNUSABLE:
        return s if s.irs is None else s._replace(damaged=offset(seg.seq, s.irs, s.rcv_max) + span(seg))
    if p.one_of_syn_fin_rst and (seg.flags & (SYN | FIN | RST)).bit_count() > 1:
        return s
    ts = seg.options.ts
    if s.timestamps and ts is None and s.phase in _AGREED and not seg.flags & (SYN | RST):
        # It may be dropped in silence (RFC 7323 section 3.2).
        seg = replace(seg, fault=seg.fault or "no Timestamps")
        ev = replace(ev, seg=seg)
    certain = seg.fault is None and not p.on_path and len(seg.data) == seg.length
    if s.timestamps and ts is not None and s.ts_seen is not None and not clock_not_before(ts[0], s.ts_seen):
        # What is older than TS.Recent is dropped (RFC 7323 section 5.3); what is older than any seen may be.
        certain = certain and bool(seg.flags & RST)
    if ts is not None:
        s = stamped(s, ts[0])
        certain = certain and (not s.ts_leapt or bool(seg.flags & RST))
    s = _meanwhile(s, ev)
    s = s._replace(answerable=(*s.answerable[-_REMEMBERED:], (seg.seq, seg.ack, seg.flags, span(seg))))
    if s.phase is Phase.closed:
        return while_closed(s, ev, p)
    if s.phase is Phase.syn_sent:
        return while_syn_sent(s, ev, p, certain)
    if seg.flags & RST:
        return _reset(s, ev, p, certain)
    if s.phase is Phase.syn_received and seg.flags & (SYN | ACK) == SYN | ACK and seg.seq == s.irs:
        return syns_crossed(s, ev, p)
    if seg.flags & SYN:
        return _syn_again(s, ev, p, certain)
    if not seg.flags & ACK:
        return s
    return _acknowledged_segment(s, ev, p, certain)


def _meanwhile(s: Endpoint, ev: Event) -> Endpoint:
    """Forget the windows that were no longer in force when a segment was recorded, which the host received since then.

    What it had acknowledged before that, it has certainly received first; of what it acknowledged later, nobody knows.
    """
    before = [offer for offer in s.offers if offer[0] < ev.frame]
    sure = max([s.rcv_sure, *(ack for _, _, ack in before)])
    return s._replace(rcv_sure=sure, offers=s.offers[max(len(before) - 1, 0) :])


def unreachable(s: Endpoint, hard: bool) -> Endpoint:
    """The endpoint after an ICMP error about a segment of the connection has reached the host.

    It may send again sooner than its back-off says (RFC 6069); an error that says "never" may end the connection
    (RFC 1122 section 4.2.3.9).
    """
    reset_by = "perhaps ICMP" if hard else s.reset_by
    return s._replace(timeouts=(), heard=_JUST_NOW, loss_window=None, went_back=True, reset_by=reset_by)


def overheard(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """The endpoint when a segment for the host is recorded, which it receives later."""
    idle = _calls_for_nothing(s, ev.seg)
    asked = s.asked if idle else ev.time
    pause = max(s.pause, ev.time - s.heard if s.heard else 0)
    unanswered = ev.seg.fault in UNUSABLE or (idle and not p.unprompted)
    counts = s if unanswered else counted.came(s, ev, p)
    return counts._replace(heard=ev.time, asked=asked, pause=pause)


def _calls_for_nothing(s: Endpoint, seg: Segment) -> bool:
    """Whether a segment is an acknowledgement at RCV.NXT, and nothing else: it is never answered."""
    if seg.length or seg.flags & (SYN | FIN | RST | ACK) != ACK or seg.fault is not None or s.irs is None:
        return False
    return (
        offset(seg.seq, s.irs, s.rcv_max) == s.rcv_min == s.rcv_max and offset(seg.ack, s.iss, s.snd_una) <= s.snd_max
    )


def _both_closed(s: Endpoint) -> bool:
    """Whether both FINs were received: TIME-WAIT, or the connection is over."""
    return s.fin is not None and s.snd_una > s.fin and s.peer_fin is not None and s.rcv_max > s.peer_fin


def _reset(s: Endpoint, ev: Event, p: WireProfile, certain: bool) -> Endpoint:
    """A reset at RCV.NXT ends the connection; elsewhere in the window it may (RFC 9293 section 3.10.7.4, RFC 5961)."""
    number = offset(ev.seg.seq, s.irs or 0, s.rcv_max)
    if certain and s.rcv_sure == s.rcv_max == number:
        if _both_closed(s):
            # In TIME-WAIT a host may ignore it (RFC 1337 section 3).
            return doubted(s, ev, p, False)
        return ended(s)
    if s.partial or s.rcv_min <= number <= max(s.rcv_adv, s.rcv_max):
        return doubted(s, ev, p, certain)
    return s


def _syn_again(s: Endpoint, ev: Event, p: WireProfile, certain: bool) -> Endpoint:
    """A SYN for a connection that exists is answered, never accepted (RFC 9293 section 3.10.7.4, RFC 5961)."""
    if ev.seg.fault is not None or s.fin is not None:
        return s
    if s.phase is Phase.syn_received:
        number = offset(ev.seg.seq, s.irs or 0, s.rcv_max)
        if number == 0 or not p.answers_early:
            # The peer's SYN again is answered with the SYN-ACK, in time.
            return s
        if 0 < number <= s.rcv_adv:
            # Another in the window may end the attempt, in silence if the host was listening.
            return perhaps_ended(s, ev, False)
        if not certain:
            return s
        return owe_sparingly(s, ev, p, "RFC 9293 3.10.7.4", "an unacceptable segment is to be answered")
    return owe_sparingly(s, ev, p, "RFC 9293 3.10.7.4", "a SYN in a synchronized state is to be answered")


def _acknowledged_segment(s: Endpoint, ev: Event, p: WireProfile, certain: bool) -> Endpoint:
    seg = ev.seg
    ack = offset(seg.ack, s.iss, s.snd_una)
    if ack > s.snd_max:
        if not s.partial:
            if s.phase is Phase.syn_received:
                at = offset(seg.seq, s.irs or 0, s.rcv_max)
                expected = certain and at == s.rcv_sure == s.rcv_max and s.reset_by is None
                return owe_reset(s, ev, p, "RFC 9293 3.10.7.4", UNASKED) if expected else s
            s = _unasked_text(s, ev, p)
            if seg.fault is not None or (s.fin is not None and s.peer_fin is not None):
                # What has to be dropped is not answered. Where both have closed, only the text for ESTABLISHED asks for
                # an answer, and not in each state.
                return s
            return owe_sparingly(s, ev, p, "RFC 9293 3.10.7.4", "an acknowledgement of what was not sent")
        if ack > s.snd_max + UNKNOWN_EDGE:
            # Whatever the host has sent, that is further than any window reaches.
            return s
        s = s._replace(snd_max=ack)
    if s.phase is Phase.syn_received:
        if ack <= s.snd_una or (s.syn_unanswered and not p.on_path):
            # Before it has answered a SYN that crossed its own, the host has sent nothing that could be acknowledged.
            return s
        s = congestion.opened(settle_options(s._replace(phase=Phase.synchronized)), p)
    if ack < max(1, s.snd_una - s.snd_wnd):
        # It is too old, or of what was never sent: the segment may be dropped, and answered (RFC 5961 section 5).
        s, closed = acknowledge(s, ev, ack, p, False), s.peer_fin is not None
        s = _unasked_text(s, ev, p)
        if not span(seg) or closed or seg.fault is not None:
            return s
        return owe_sparingly(s, ev, p, "RFC 9293 3.10.7.4", "data is to be answered, or its acknowledgement if too old")
    certain = certain and not ev.premature
    taken = certain and acceptable(s, ev)
    return _text(acknowledge(s, ev, ack, p, taken), ev, p, certain)


def _unasked_text(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """What data does that may be dropped for the acknowledgement beside it: nothing is due for the data."""
    return _text(s, ev, p, False)._replace(dues=s.dues, unanswered=s.unanswered)


def _text(s: Endpoint, ev: Event, p: WireProfile, certain: bool) -> Endpoint:
    """What the data and the FIN of a segment do, and the acknowledgement they call for."""
    seg = ev.seg
    start = offset(seg.seq, s.irs or 0, s.rcv_max)
    length = seg.length + bool(seg.flags & FIN)
    if length == 0:
        if seg.fault is None and s.acked is not None and start < s.acked and s.fin is None:
            return owe_sparingly(s, ev, p, "RFC 9293 3.10.7.4", "an unacceptable segment is to be answered")
        return s
    end = start + length
    if _both_closed(s) and end > s.rcv_min:
        # Once the host's FIN is acknowledged, the connection is over in LAST-ACK, and the text ignored in TIME-WAIT.
        return s
    peer_fin = s.peer_fin
    if peer_fin is not None and end > peer_fin + 1:
        if s.rcv_min <= peer_fin:
            # The peer contradicts itself, and the host may have dropped the FIN or may keep it: much is open from here.
            peer_fin = None
            s = s._replace(partial=True)
        else:
            end = peer_fin + 1
            if start >= end:
                # Behind the FIN that was received, what is in the window is ignored (RFC 9293 section 3.10.7.4).
                return s
    elif seg.flags & FIN and peer_fin is None and end > s.rcv_max:
        # One before what was received would be in the middle of data: it is out of window, and only answered.
        peer_fin = end - 1
    edge = s.rcv_max
    if s.partial and edge >= UNKNOWN_EDGE:
        # The first data that is recorded: all before it may have been received before the capture.
        edge = max(start, s.acked or start)
    rcv_max, queue = insert(edge, s.queue, (start, end))
    in_order = certain and not s.partial and start <= s.rcv_sure < end <= least_edge(s)
    rcv_sure = end if in_order else s.rcv_sure
    s = s._replace(rcv_sure=rcv_sure, rcv_min=max(rcv_sure, s.rcv_min), rcv_max=rcv_max, queue=queue, peer_fin=peer_fin)
    s = taken(s, ev, start) if in_order and end > edge else s
    if seg.fault is not None:
        return s
    if seg.length == 0 and not in_order:
        return owe_sparingly(s, ev, p, "RFC 9293 3.10.7.4", "a repeated FIN is to be answered")
    if in_order:
        return owe(s, ev, p, rcv_sure, "RFC 9293 MUST-40", "data is to be acknowledged within half a second")
    if s.rcv_sure < start < s.rcv_adv and not p.answers_gaps:
        # It may be behind a gap, and in the window (RFC 9293 MAY-13, RFC 5681 section 4.2).
        return owe(s, ev, p, None, "RFC 5681 4.2", "data behind a gap is to be answered", should=True)
    return owe(s, ev, p, None, "RFC 9293 3.10.7.4", "data out of order, out of window or repeated is to be answered")
