"""What an acknowledgement that reaches the host does: what it frees, what it opens, which round trip it times."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from netspec.wire import congestion, timing
from netspec.wire.endpoint import Chunk, Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.profile import WireProfile
from netspec.wire.segment import ACK, FIN, RST, SYN, span
from netspec.wire.sequence import offset

MAX_SHIFT = 14
"""The largest window shift (RFC 7323 section 2.3)."""


def acceptable(s: Endpoint, ev: Event) -> bool:
    """Whether a segment is certainly in the host's window: of others not even the acknowledgement need be taken."""
    start = offset(ev.seg.seq, s.irs or 0, s.rcv_max)
    end = start + span(ev.seg)
    if s.rcv_sure == s.rcv_max and start <= s.rcv_sure:
        return start == end == s.rcv_sure or s.rcv_sure < end <= least_edge(s)
    # Nothing at the right edge itself is in the window, an empty segment neither (RFC 9293 section 3.4).
    return s.rcv_max <= start < least_edge(s) and end <= least_edge(s)


def premature(s: Endpoint, ev: Event) -> bool:
    """Whether a segment acknowledged, when it was recorded, what the host had not sent.

    The host drops it, unless it has sent that by the time it receives the segment (RFC 9293 section 3.10.7.4).
    """
    if s.partial or s.phase is Phase.closed or not ev.seg.flags & ACK:
        return False
    return offset(ev.seg.ack, s.iss, s.snd_una) > s.snd_max


def least_edge(s: Endpoint) -> int:
    """The least right edge of the windows that were in force since a segment was recorded.

    The host has received it at some moment since then, perhaps long before another segment shows that it did.
    """
    return min((edge for _, edge, _ in s.offers), default=0)


def text_to_come(ev: Event) -> Event | None:
    """A segment without its text, None where it has none, or no acknowledgement.

    A host takes the acknowledgement first, and may then send what that allows before RCV.NXT has moved on over the data
    and the FIN (RFC 9293 section 3.10.7.4: fifth, seventh and eighth check).
    """
    seg = ev.seg
    if seg.flags & (ACK | SYN | RST) != ACK or not span(seg) or seg.fault is not None:
        return None
    return replace(ev, seg=replace(seg, flags=seg.flags & ~FIN, length=0, data=b""))


def acknowledge(s: Endpoint, ev: Event, ack: int, p: WireProfile, certain: bool) -> Endpoint:
    """What the acknowledgement and the window in a segment do (RFC 9293 section 3.10.7.4, RFC 5681)."""
    seg = ev.seg
    shift = MAX_SHIFT if s.snd_scale is None else s.snd_scale
    window = seg.win << shift
    chunks, timeouts, duplicates = s.chunks, s.timeouts, s.duplicates
    if ack > s.snd_una:
        s = timing.undone(s, ev, p)
    s = congestion.acknowledged(s, seg, ack, p)
    if ack > s.snd_una:
        s = round_trip(s, ev, ack)._replace(progress=ev.time)
        chunks = chunks[bisect_right(chunks, ack, key=_end) :]
        timeouts, duplicates = (), 0
    elif seg.length == 0:
        timeouts, duplicates = (), duplicates + 1
    elif seg.options.sack:
        timeouts = ()
    start = offset(seg.seq, s.irs or 0, s.rcv_max)
    newer = ack >= s.snd_una and start >= s.snd_wl1
    if window:
        # Sending into a window that opens starts the retransmission timer (the model's tcp_output_really).
        s = s._replace(progress=s.progress if s.snd_wnd else ev.time, probed=None)
    elif certain and newer and ack > s.snd_una:
        # The same acknowledgement with less of a window may be ignored (the model's di3_datastuff).
        s = s._replace(probed=ev.time)
    fack = s.snd_fack
    for _, right in seg.options.sack:
        fack = max(fack, min(offset(right, s.iss, s.snd_una), s.snd_max))
    # All is acknowledged, more waits, and a full segment fits.
    free = certain and newer and s.waiting and max(ack, s.snd_una) == s.snd_max and window >= s.peer_mss
    return s._replace(
        ready=(s.ready or ev.time) if free else None,
        snd_fack=fack,
        snd_una=max(ack, s.snd_una),
        una_min=max(ack, s.una_min) if certain else s.una_min,
        snd_edge=max(s.snd_edge, ack + window),
        # Of an older segment the window is not taken (SND.WL1 and SND.WL2), or may not be, nor of one that is dropped.
        snd_wnd=window if newer and (certain or s.partial or p.on_path) else min(window, s.snd_wnd),
        snd_wl1=max(start, s.snd_wl1),
        chunks=chunks,
        timeouts=timeouts,
        duplicates=duplicates,
    )


def _end(chunk: Chunk) -> int:
    return chunk.end


def round_trip(s: Endpoint, ev: Event, ack: int) -> Endpoint:
    """What the acknowledgement of data tells of the round trip; of data sent twice it is for the later at best."""
    longest, least = s.rtt, s.rtt_least
    for chunk in s.chunks[: bisect_right(s.chunks, ack, key=_end)]:
        sample = ev.time - chunk.time
        least = sample if least is None else min(sample, least)
        if chunk.times == 1:
            longest = max(sample, longest)
    if s.snd_una == 0 and s.syn_times:
        sample = ev.time - s.syn_times[-1]
        least = sample if least is None else min(sample, least)
        if len(s.syn_times) == 1:
            longest = max(sample, longest)
    return s._replace(rtt=longest, rtt_least=least)
