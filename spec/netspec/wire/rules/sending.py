"""Segments of an open connection: acknowledgements, data, FIN, and probes."""

from __future__ import annotations

from dataclasses import replace

from netspec.wire import congestion, counted, timing
from netspec.wire.endpoint import Chunk, Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.owing import MOST_ANSWERS
from netspec.wire.premise import demand
from netspec.wire.profile import WireProfile, seconds
from netspec.wire.rules.header import advise, header, may_be_next, no_syn_options
from netspec.wire.rules.rule import wire_rule
from netspec.wire.segment import ACK, FIN, PSH, URG
from netspec.wire.sequence import offset


def _start(s: Endpoint, out: Event) -> int:
    return offset(out.seg.seq, s.iss, s.snd_max)


@wire_rule("deliver_out_1", "deliver_in_3", "timer_tt_delack_1", "timer_tt_keep_1", rfc="RFC 9293 3.8.6.3")
def acknowledge(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """A segment without data: an acknowledgement, a window update, or a probe for the peer's presence or window.

    Its number is SND.NXT; a probe's is one before what was acknowledged (RFC 9293 section 3.8.4).
    """
    if s.phase is Phase.closed and s.left is not None:
        return _after_reset(s, out, p)
    before, s = s, header(s, out, p)
    acked, edge = before.acked, before.rcv_adv
    start = _start(s, out)
    probes = s.snd_una >= s.snd_max and start == s.snd_max - 1
    if probes:
        _idle(before, s, out, p)
    demand(
        p.unprompted
        or s.partial
        or p.on_path
        or s.acked != acked
        or s.rcv_adv > edge
        # The probe that the model's timer_tt_persist_1 sends while the one before is not acknowledged.
        or (s.snd_wnd == 0 and s.snd_una < s.snd_max)
        or out.time <= s.asked + p.lag + p.ack_delay + p.slack,
        "profile",
        "a segment with nothing new answers one that calls for it",
        "data, an acknowledgement, a larger window, or something to answer",
        f"none since {seconds(out.time - s.asked)}" if s.asked else "none",
    )
    demand(
        s.partial or p.on_path or probes or (s.una_min - 1 <= start <= s.snd_max and may_be_next(s, start)),
        "RFC 9293 3.10.7.4",
        "a segment without data is at SND.NXT, or one before SND.UNA if it probes",
        f"{s.una_min - 1} to {s.snd_max}" if may_be_next(s, s.una_min) else s.snd_max,
        start,
    )
    s = _one_for_each(before, s, out, probes or start != s.snd_max, p)
    return s._replace(snd_max=max(s.snd_max, start), empties=(*s.empties[1 - MOST_ANSWERS :], out.time))


def _after_reset(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """A host that has reset a connection should be in TIME-WAIT (RFC 9293 section 3.5.2): there it answers what comes.

    It has received what it had received then, and nothing since.
    """
    no_syn_options(out, p)
    start, ack = _start(s, out), offset(out.seg.ack, s.left or 0, s.rcv_max)
    demand(
        bool(out.seg.flags & ACK) and start == s.snd_max and s.rcv_min <= ack <= s.rcv_max,
        "RFC 9293 3.5.2",
        "after its reset a host acknowledges what it had received, at SND.NXT",
        f"{s.snd_max} acknowledging {s.rcv_min} to {s.rcv_max}",
        f"{start} acknowledging {ack}",
    )
    demand(
        counted.may_acknowledge(s, out.time, p),
        "RFC 9293 3.10",
        "only a connection that exists sends segments without SYN or RST",
        "a segment to answer in TIME-WAIT",
        "none",
    )
    return counted.acknowledged(s, out.time, p, False)


def _one_for_each(before: Endpoint, s: Endpoint, out: Event, probes: bool, p: WireProfile) -> Endpoint:
    """Of each segment received there is one acknowledgement at most, but for new windows (RFC 5681 section 4.2).

    A probe asks, and one that points to urgent data tells of that; so may options that are not known here.  A
    keep-alive may have another number than SND.NXT - 1: RFC 9293 section 3.8.4 says "generally".
    """
    idle = out.time - s.heard + p.lag + p.slack >= p.keep_idle
    asks = probes or (s.snd_una >= s.snd_max and idle and timing.by_timer(s, out, p))
    if asks or s.partial or p.on_path or (s.snd_wnd == 0 and s.snd_una < s.snd_max):
        return s
    if s.acked == before.acked and (s.offers != before.offers or out.seg.flags & URG or out.seg.options.other):
        return s
    anew = s.acked != before.acked
    demand(
        anew or counted.may_acknowledge(s, out.time, p),
        "RFC 5681 4.2, RFC 9293 MUST-58",
        "a segment is acknowledged once",
        "a segment that was not acknowledged yet, or another window",
        "none",
    )
    return counted.acknowledged(s, out.time, p, anew)


@wire_rule("deliver_out_1", rfc="RFC 9293 3.8")
def transmit(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """New data, or the FIN, or both, at SND.NXT, within the peer's window and the congestion window."""
    s = header(s, out, p)
    start = _start(s, out)
    end = start + out.seg.length
    demand(
        s.partial or p.on_path or start == s.snd_max,
        "RFC 9293 3.4",
        "new data follows what was sent before",
        s.snd_max,
        start,
    )
    demand(
        s.phase is Phase.synchronized or s.fast_open or not out.seg.length or s.partial or p.on_path,
        "RFC 9293 3.10.2",
        "data waits until the connection is established",
        "an acknowledgement of the host's SYN",
        "none",
    )
    s = _size(s, out, p)
    _not_after_fin(s, end, out, p)
    demand(
        s.partial or end <= s.snd_edge,
        "RFC 9293 3.8.6",
        "data stays within the peer's window",
        f"up to {s.snd_edge}",
        end,
    )
    s = congestion.fits(s, out, start, p)
    # SND.NXT was here, and is behind this data now.
    return _sent(s, out, start)._replace(went_back=s.went_back and start != s.snd_max)


@wire_rule("timer_tt_rexmt_1", "deliver_in_3", rfc="RFC 9293 3.8.1")
def retransmit(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """Data, or the FIN, that was sent before and is not acknowledged; new data may follow in the same segment."""
    s = header(s, out, p)
    start = _start(s, out)
    end = start + out.seg.length
    demand(s.partial or start >= 1, "RFC 9293 3.4", "the first octet follows the SYN", "at least 1", start)
    demand(
        s.partial or start < s.snd_max,
        "RFC 9293 3.8.1",
        "what is sent again was sent before",
        f"before {s.snd_max}",
        start,
    )
    demand(
        s.partial or end + bool(out.seg.flags & FIN) > s.una_min,
        "RFC 9293 3.10.7.4",
        "what is acknowledged leaves the retransmission queue",
        f"beyond {s.una_min}",
        end,
    )
    s = _size(s, out, p)
    _not_after_fin(s, end, out, p)
    demand(
        s.partial or end <= max(s.snd_edge, s.snd_max),
        "RFC 9293 3.8.6",
        "data stays within the peer's window",
        f"up to {max(s.snd_edge, s.snd_max)}",
        end,
    )
    _same_octets(s, out, start)
    if start < s.snd_una:
        # The host has not taken the acknowledgement that was recorded: its timer is for older data.
        s = s._replace(progress=out.time)
    s = congestion.fits(congestion.timeout(s, out, start, p), out, start, p)
    return timing.backed_off(_sent(s, out, start)._replace(went_back=True), out, start, p)


@wire_rule("timer_tt_persist_1", rfc="RFC 9293 3.8.6.1")
def probe_window(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """One octet, though the peer's window is closed, to hear of its opening."""
    s = header(s, out, p)
    start = _start(s, out)
    end = start + out.seg.length
    demand(out.seg.length == 1, "RFC 9293 3.8.6.1", "a window probe has one octet", 1, out.seg.length)
    s = timing.probes(s, out, p)
    demand(
        s.snd_una - 1 <= start <= s.snd_max and start >= s.snd_una + s.snd_wnd - 1,
        "RFC 9293 3.8.6.1",
        "a window probe is at the edge of the peer's window",
        f"{s.snd_una + s.snd_wnd - 1} to {s.snd_max}",
        start,
    )
    _not_after_fin(s, end, out, p)
    _same_octets(s, out, start)
    return _sent(s, out, start)._replace(went_back=True)


@wire_rule("timer_tt_keep_1", rfc="RFC 9293 3.8.4")
def keep_alive(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """One octet, of any value, before what was acknowledged, on an idle connection.

    On a path it may come late, behind what was sent since.
    """
    before, s = s, header(s, out, p)
    start = _start(s, out)
    demand(out.seg.length <= 1, "RFC 9293 3.8.4", "a keep-alive has at most one octet", 1, out.seg.length)
    demand(not out.seg.flags & FIN, "RFC 9293 3.8.4", "a keep-alive has no FIN", "none", "FIN")
    _idle(before, s, out, p)
    late = p.on_path and start < s.snd_max
    demand(late or start == s.snd_max - 1, "RFC 9293 3.8.4", "a keep-alive is one before SND.NXT", s.snd_max - 1, start)
    demand(
        late or s.snd_una >= s.snd_max or s.partial,
        "RFC 9293 MUST-26",
        "a keep-alive is sent when all is acknowledged",
        s.snd_max,
        s.snd_una,
    )
    return s


def _idle(before: Endpoint, s: Endpoint, out: Event, p: WireProfile) -> None:
    """A keep-alive comes when nothing was received for an interval (RFC 9293 MUST-26).

    What it is the first to acknowledge was received after the host had made the segment before.
    """
    if s.partial or p.on_path:
        return
    demand(
        before.acked is not None,
        "RFC 9293 3.10.7.3",
        "the SYN of the peer is acknowledged at SND.NXT",
        s.snd_max,
        "one before",
    )
    if s.acked == before.acked:
        return
    idle = out.time - before.sent + p.lag + p.slack
    demand(
        idle >= p.keep_idle,
        "RFC 9293 MUST-26",
        "a keep-alive is sent when nothing was received for an interval",
        f"at least {seconds(p.keep_idle)}",
        f"at most {seconds(idle)}",
    )


def _size(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """Data and options are no more than the peer's MSS (RFC 6691), unless the interface splits the segment later on.

    It does not where the checksum is right: that of what is split is left to it.  Where an interface merges what it
    receives, as on the way to the peer, it may make a checksum.
    """
    size = out.seg.length + (out.seg.options_length if out.seg.length else 0)
    if s.partial or size <= s.peer_mss:
        return s
    if p.offload and (p.on_path or not out.seg.summed):
        return advise(s, out, "offload", "segments were merged between host and recorder: their sizes are not judged")
    demand(
        False,
        "RFC 9293 MUST-16" if s.mss_given else "RFC 9293 MUST-15",
        "a segment is no larger than the peer's maximum segment size",
        f"at most {s.peer_mss} with its options",
        size,
    )
    return s


def _not_after_fin(s: Endpoint, end: int, out: Event, p: WireProfile) -> None:
    if s.fin is not None:
        demand(end <= s.fin, "RFC 9293 3.6", "no data follows the FIN", f"up to {s.fin}", end)
        demand(not out.seg.flags & FIN or end == s.fin, "RFC 9293 3.6", "the FIN keeps its number", s.fin, end)
    elif out.seg.flags & FIN:
        demand(end >= s.snd_max or s.partial or p.on_path, "RFC 9293 3.6", "the FIN is after all data", s.snd_max, end)


def _same_octets(s: Endpoint, out: Event, start: int) -> None:
    """What is sent again is what was sent before, as far as both were captured."""
    data = out.seg.data
    for chunk in s.chunks:
        first = max(start, chunk.start)
        last = min(start + len(data), chunk.start + len(chunk.data))
        if first < last:
            again, before = data[first - start : last - start], chunk.data[first - chunk.start : last - chunk.start]
            if again != before:
                place = first + next(i for i, (a, b) in enumerate(zip(again, before, strict=True)) if a != b)
                demand(
                    False,
                    "RFC 9293 3.7",
                    "what is sent again is the same data",
                    f"as sent before at {place}",
                    "other octets",
                )


def _sent(s: Endpoint, out: Event, start: int) -> Endpoint:
    """Note what a segment carried, for its retransmission."""
    seg = out.seg
    fin = bool(seg.flags & FIN)
    end = start + seg.length + fin
    chunks = s.chunks
    waiting = s.waiting if end <= s.snd_max else not seg.flags & (PSH | FIN)
    again = chunks
    if start < s.snd_max:
        again = tuple(
            replace(c, time=out.time, times=c.times + 1) if c.start < end and start < c.end else c for c in chunks
        )
    if end > s.snd_max:
        new = max(start, s.snd_max) if chunks else start
        again = (*again, Chunk(new, end - new, seg.data[new - start :], out.time, 1, out.time))
    return s._replace(
        chunks=again,
        waiting=waiting,
        ready=None,
        snd_max=max(s.snd_max, end),
        fin=start + seg.length if fin else s.fin,
    )
