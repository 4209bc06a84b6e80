"""What segments that reach the host do before its connection is open (RFC 9293 sections 3.10.7.1 to 3.10.7.3)."""

from __future__ import annotations

from netspec.wire import congestion, counted
from netspec.wire.acknowledged import MAX_SHIFT, round_trip
from netspec.wire.doubt import without_connection
from netspec.wire.endpoint import Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.owing import owe, owe_reset
from netspec.wire.profile import WireProfile
from netspec.wire.segment import ACK, CWR, ECE, RST, SYN, Segment
from netspec.wire.sequence import clock_not_before, offset

_FAST_OPEN = {34, 254}
"""The option of TCP Fast Open, and the experimental one that came before it (RFC 7413 section 4.1.1)."""

UNASKED = "what acknowledges another number than that of the SYN is answered with a reset"


def while_closed(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """A SYN may find a listening socket; anything else finds nothing (RFC 9293 section 3.10.7.1, 3.10.7.2)."""
    if ev.seg.flags & (SYN | ACK | RST) == SYN:
        again = s.irs == ev.seg.seq
        before = Endpoint(
            advice=s.advice,
            answerable=s.answerable,
            ecn_offered=again and s.ecn_offered,
            ts_known=s.ts_known if again else (),
        )
        fresh = counted.kept(_peer_syn(before, ev, p), s)
        # A SYN that comes again may find the one before already taken, whose timestamp is echoed.
        first = fresh.ts_syn if s.ts_syn is None or not again else s.ts_syn
        older = fresh.ts_syn is None or first is None or clock_not_before(fresh.ts_syn, first)
        return fresh._replace(ts_syn=first) if older else fresh
    return s


def _peer_syn(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """Note the peer's SYN: its number, its options, its window (which is not scaled, RFC 7323 section 2.2)."""
    options = ev.seg.options
    s = s._replace(
        irs=ev.seg.seq,
        rcv_min=1,
        rcv_sure=1,
        offers=(),
        rcv_max=1 + ev.seg.length,
        peer_scale=None if options.ws is None else min(options.ws, MAX_SHIFT),
        # Nobody can send segments of no data: an MSS of 0 is as good as none.
        peer_mss=options.mss or p.default_mss,
        mss_given=bool(options.mss),
        peer_sack=options.sack_permitted,
        peer_ts=options.ts is not None,
        fast_open=ev.seg.length > 0 or any(kind in _FAST_OPEN for kind, _ in options.other),
        ts_seen=options.ts[0] if options.ts else None,
        ts_syn=options.ts[0] if options.ts else None,
        ts_known=(*s.ts_known, options.ts[0]) if options.ts else (),
        snd_wnd=ev.seg.win,
    )
    return congestion_noted(s, ev.seg)


def congestion_noted(s: Endpoint, seg: Segment) -> Endpoint:
    """Note whether a SYN offers ECN, and whether a SYN-ACK takes it, in any of the ways that there are."""
    if seg.flags & ACK:
        return s._replace(ecn_taken=s.ecn_taken or bool(seg.flags & (ECE | CWR) or seg.reserved & 1))
    return s._replace(ecn_offered=s.ecn_offered or seg.flags & (ECE | CWR) == ECE | CWR)


def while_syn_sent(s: Endpoint, ev: Event, p: WireProfile, certain: bool) -> Endpoint:
    """RFC 9293 section 3.10.7.3."""
    seg = ev.seg
    ack = offset(seg.ack, s.iss, s.snd_max)
    acceptable = bool(seg.flags & ACK) and 0 < ack <= s.snd_max
    if seg.flags & RST:
        return ended(s) if acceptable else s
    if seg.flags & ACK and not acceptable:
        if not certain or s.partial:
            return s
        return owe_reset(s, ev, p, "RFC 9293 3.10.7.3", UNASKED)
    if not seg.flags & SYN:
        return s
    s = _peer_syn(s, ev, p)
    if not acceptable:
        s = s._replace(phase=Phase.syn_received, snd_edge=1 + seg.win, crossed=True)
        if not p.simultaneous_open:
            return s._replace(reset_by="perhaps the peer's SYN")
        if seg.fault is not None:
            return s
        return owe(s, ev, p, 1, "RFC 9293 MUST-10", "a SYN that crosses the host's own is answered")
    una_min = ack if certain else s.una_min
    s = round_trip(s, ev, ack)
    s = settle_options(s._replace(phase=Phase.synchronized, snd_una=ack, una_min=una_min, snd_edge=ack + seg.win))
    s = congestion.opened(s._replace(chunks=tuple(c for c in s.chunks if c.end > ack)), p)
    if seg.fault is not None:
        return s
    return owe(s, ev, p, 1, "RFC 9293 3.10.7.3", "the SYN of the peer is to be acknowledged")


def syns_crossed(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """Both sides opened at once: the peer's SYN comes again, now acknowledging the host's (RFC 9293 section 3.5).

    By section 3.10.7.4 it is not acceptable, since the SYN came before: the host may have answered it only.
    """
    ack = offset(ev.seg.ack, s.iss, s.snd_max)
    if not 0 < ack <= s.snd_max:
        return s
    s = congestion_noted(s, ev.seg)._replace(
        phase=Phase.synchronized,
        snd_una=ack,
        snd_edge=max(s.snd_edge, ack + ev.seg.win),
        chunks=tuple(c for c in s.chunks if c.end > ack),
    )
    return congestion.opened(settle_options(s), p)


def settle_options(s: Endpoint) -> Endpoint:
    """Put into use what both SYNs offered (RFC 7323 sections 1.3, 2.2 and 3.2; RFC 2018 section 2)."""
    scaled = s.own_scale is not None and s.peer_scale is not None
    return s._replace(
        snd_scale=s.peer_scale if scaled else 0,
        rcv_scale=s.own_scale if scaled else 0,
        sack_permitted=s.own_sack and s.peer_sack,
    )


def ended(s: Endpoint) -> Endpoint:
    """The endpoint when a reset ended its connection."""
    return without_connection(s)._replace(reset_by="peer", dues=())
