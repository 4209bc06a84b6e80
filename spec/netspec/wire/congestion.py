"""What a host may have in flight: its congestion window and its timeouts, as far as the wire shows them.

All of it is a bound from above: what the host counts itself may be less.  Source: RFC 5681 section 3.1, RFC 6298
section 5; the model's expand_cwnd, di3_newackstuff and timer_tt_rexmt_1.
"""

from __future__ import annotations

from netspec.wire import timing
from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.premise import demand
from netspec.wire.profile import WireProfile, seconds
from netspec.wire.segment import Segment

UNLIMITED = 1 << 30
"""A threshold that no window reaches."""


def initial_window(mss: int, p: WireProfile) -> int:
    """The congestion window when a connection opens, in octets (RFC 5681 section 3.1, RFC 3390, RFC 6928)."""
    segments = p.initial_window * mss
    return min(segments, max(2 * mss, p.initial_octets)) if p.initial_octets is not None else segments


def opened(s: Endpoint, p: WireProfile) -> Endpoint:
    """The endpoint when its connection opens."""
    return s._replace(cwnd=initial_window(max(s.peer_mss, 1), p), ssthresh=UNLIMITED)


def acknowledged(s: Endpoint, seg: Segment, ack: int, p: WireProfile) -> Endpoint:
    """The windows after an acknowledgement (RFC 5681 sections 3.1 and 3.2, RFC 3465).

    Where nothing undoes a timeout, the model's expand_cwnd: a segment for each acknowledgement in slow start, a segment
    for each window after it, and one for each duplicate from the third on.
    """
    mss = max(s.peer_mss, 1)
    if ack <= s.snd_una:
        if seg.length:
            return s
        third = s.duplicates >= 2
        grown = mss if third or not p.newreno else 0
        floor = 5 * mss if third and p.newreno else 0
        # Fast retransmit sets the window anew (RFC 5681 section 3.2).
        recovers = s.loss_window is None or (third and not p.newreno)
        room = None if recovers else (s.loss_window or 0) + mss
        return s._replace(cwnd=max(s.cwnd + grown, floor), loss_window=room)
    room, acks = s.loss_window, s.loss_acks + 1
    if room is not None:
        # What may show that the timeout was none (RFC 3522, 3708, 5682) gives the window back.
        undone = not p.newreno and (s.timestamps or s.sack_permitted or acks > 1)
        # What was sent since the timeout has left the network, and the window grows by what is acknowledged.
        room = None if undone or p.newreno else room + mss + max(ack - s.snd_una, mss)
    if s.snd_una == 0 and not s.partial:
        # The acknowledgement of the SYN does not open the congestion window (RFC 5681 section 3.1).
        return s._replace(loss_window=room, loss_acks=acks)
    if not p.newreno:
        cwnd = s.cwnd + max(ack - s.snd_una, mss)
    elif s.cwnd <= s.ssthresh:
        cwnd = s.cwnd + mss
    else:
        cwnd = max(s.cwnd + max(1, mss * mss // s.cwnd), s.ssthresh + mss)
    return s._replace(cwnd=cwnd, loss_window=room, loss_acks=acks)


def fits(s: Endpoint, out: Event, start: int, p: WireProfile) -> Endpoint:
    """Data stays within the congestion window, which a timeout closes.

    After a timeout that is one segment (RFC 5681 section 3.1: the loss window) until something is acknowledged.
    """
    length = out.seg.length
    if length == 0 or s.partial or p.on_path:
        return s
    s = timing.probes(s, out, p)
    end = start + length
    again = start < s.snd_max
    # While the first data is under way nothing was idle, and no duplicate has let another segment go (RFC 3042): one
    # segment may be a probe for loss (RFC 8985 section 7.3).
    first = s.snd_una <= 1 and not s.duplicates
    limit = s.cwnd + (min(p.burst, 1) if first else p.burst) * s.peer_mss
    flight = end - (s.snd_una if p.newreno else max(s.snd_una, s.snd_fack))
    demand(
        flight <= limit or (again and not p.newreno),
        "RFC 9293 MUST-19",
        "data in flight stays within the congestion window",
        f"at most {limit} octets",
        flight,
    )
    if s.loss_window is None:
        return s
    demand(
        length <= s.loss_window,
        "RFC 9293 MUST-19, RFC 5681 3.1",
        "after a timeout the congestion window is one segment",
        f"at most {s.loss_window} octets more",
        length,
    )
    return s._replace(loss_window=s.loss_window - length)


def timeout(s: Endpoint, out: Event, start: int, p: WireProfile) -> Endpoint:
    """What a retransmission shows of the host's timer, where only a timer can have caused it.

    A segment is never sent again earlier than one timeout after it was sent (RFC 6298 section 5), which is longer than
    the shortest round trip (section 2); and a timeout closes the congestion window.
    """
    mss = max(s.peer_mss, 1)
    if s.snd_wnd == 0 or not (timing.by_timer(s, out, p) or _unprompted(s, start, p)):
        # It may be a timeout all the same, after which one segment is allowed anew.
        again = s.loss_window is not None and start == s.snd_una
        return s._replace(loss_window=max(s.loss_window or 0, mss)) if again else s
    for chunk in s.chunks:
        # A part of what was sent again says nothing of the rest, nor does what an acknowledgement had sent again.
        since = s.timeouts[-1] if s.timeouts and start == s.repeated else chunk.first
        if chunk.start == start and s.rtt_least is not None:
            waited = out.time - since
            least = timing.least_timeout(s, p)
            demand(
                waited + p.early >= least,
                "RFC 9293 MUST-18, RFC 6298 5",
                "nothing is sent again earlier than one timeout after it",
                f"at least {seconds(least)}",
                seconds(waited),
            )
    if start < s.snd_una and not p.newreno:
        # The host has not taken the acknowledgement that the wire showed, which counts when it comes again.
        return s._replace(loss_window=None)
    if start != s.snd_una:
        return s
    anew = s if s.loss_window is None else s._replace(loss_window=max(s.loss_window, mss))
    if s.una_min < start and not p.newreno:
        # That the host has taken the last acknowledgement is not certain; one segment is allowed anew if it has.
        return anew
    if p.newreno:
        # A timeout of what a timeout sent before leaves the threshold (RFC 5681 section 3.1).
        once_more = bool(s.timeouts) and start == s.repeated
        undo = None if once_more else (out.time, s.cwnd, s.ssthresh)
        return s._replace(cwnd=mss, ssthresh=s.ssthresh if once_more else max(2 * mss, s.cwnd // 2), undo=undo)
    if start + out.seg.length >= s.snd_max and not s.timeouts:
        # The last segment may be sent again as a probe, before any timeout (RFC 8985 section 7).
        return anew
    return s._replace(loss_window=mss, loss_acks=0)


def _unprompted(s: Endpoint, start: int, p: WireProfile) -> bool:
    """Whether nothing that came can have had the oldest data sent again: nothing since it was sent, and no duplicate.

    After a timeout what follows is sent again without another, and so is what SACK blocks leave out.
    """
    if p.on_path or s.partial or s.went_back or s.duplicates or start != s.snd_una or s.snd_fack > start:
        return False
    return any(chunk.start == start and chunk.first > s.heard for chunk in s.chunks)
