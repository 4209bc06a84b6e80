"""SYNs that a host sends."""

from __future__ import annotations

from netspec.wire import congestion, counted, timing
from netspec.wire.doubt import survived
from netspec.wire.endpoint import Endpoint, Phase, Received
from netspec.wire.event import Event
from netspec.wire.handshake import congestion_noted, settle_options
from netspec.wire.premise import demand
from netspec.wire.profile import WireProfile
from netspec.wire.rules.header import CLOCK_RUNS_ON, advise, bare, echoes, offered
from netspec.wire.rules.rule import wire_rule
from netspec.wire.segment import ACK, CWR, ECE, RST, SYN
from netspec.wire.sequence import clock_not_before, offset

MOST_SHIFT = "the window shift is at most 14"


def _own_options(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """Note what the host's SYN offers.  Raises Forbidden where it offers what no SYN may."""
    options = out.seg.options
    demand(
        (options.mss or 0) <= p.most_mss,
        "RFC 9293 MUST-67",
        "the MSS offered is no more than IP can carry",
        f"at most {p.most_mss}",
        options.mss,
    )
    took = out.seg.flags & (ACK | ECE | CWR) == ACK | ECE
    demand(
        not took or s.ecn_offered or s.partial,
        "RFC 3168 6.1.1",
        "a SYN-ACK takes ECN only where the SYN offered it",
        "no ECE",
        "ECE",
    )
    s = congestion_noted(s, out.seg)
    if p.bare_options:
        bare(out)
    demand(
        options.ws is None or options.ws <= 14,
        "RFC 7323 2.3",
        MOST_SHIFT,
        "at most 14",
        options.ws,
    )
    return s._replace(
        own_scale=options.ws,
        own_mss=536 if options.mss is None else options.mss,
        own_sack=options.sack_permitted,
        own_ts=options.ts is not None,
        ts_val=options.ts[0] if options.ts else None,
        ts_since=out.time,
        ts_sent=out.time,
        ts_ecr=options.ts[1] if options.ts and out.seg.flags & ACK else None,
    )


@wire_rule("connect_1", "deliver_out_1", rfc="RFC 9293 3.10.1")
def open_actively(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The application connects: a SYN with an initial sequence number of the host's choice.

    The connection must not exist, or be one that may have ended: both sides closed, reset, or given up.
    """
    demand(may_have_ended(s, p), "RFC 9293 3.10.1", "a connection that exists is not opened again", "CLOSED", s.state)
    demand(
        s.partial or p.on_path or s.snd_una <= 0 or out.seg.seq != s.iss,
        "RFC 9293 MUST-8",
        "a connection does not begin with the number of the one before",
        f"another number than {s.iss}",
        out.seg.seq,
    )
    fresh = Endpoint(
        phase=Phase.syn_sent,
        iss=out.seg.seq,
        snd_max=1 + out.seg.length,
        rcv_adv=0,
        sent=out.time,
        syn_times=(out.time,),
        advice=s.advice,
        # Data that a SYN carried, and the answer did not acknowledge, is sent from the start (RFC 7413 section 4.1.3).
        went_back=out.seg.length > 0,
    )
    return _own_options(counted.kept(fresh, s), out, p)


@wire_rule("timer_tt_rexmtsyn_1", rfc="RFC 9293 3.8.1")
def retransmit_syn(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The SYN again, with the same sequence number; its options may be fewer."""
    demand(
        s.phase is Phase.syn_sent or _may_wait(s, p),
        "RFC 9293 3.8.1",
        "a SYN is repeated only before it is answered",
        "SYN-SENT",
        s.state,
    )
    demand(out.seg.seq == s.iss, "RFC 9293 3.4.1", "a repeated SYN has the same number", s.iss, out.seg.seq)
    timing.syn_again(s, out, p)
    ts = out.seg.options.ts
    demand(
        p.on_path or ts is None or s.ts_val is None or clock_not_before(ts[0], s.ts_val),
        "RFC 7323 4.1",
        CLOCK_RUNS_ON,
        f"at least {s.ts_val}",
        ts,
    )
    s = s._replace(sent=out.time, syn_times=(*s.syn_times, out.time), went_back=True)
    s = s._replace(snd_max=max(s.snd_max, 1 + out.seg.length))
    return _own_options(s, out, p)


@wire_rule("deliver_in_1", rfc="RFC 9293 3.10.7.2")
def answer_syn(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """A listening socket answers a SYN: a SYN of its own that acknowledges it."""
    if s.phase is not Phase.closed or s.irs is None:
        s = _reopened(s, out, p)
    ack = offset(out.seg.ack, s.irs or 0, 1)
    demand(1 <= ack <= s.rcv_max, "RFC 9293 3.10.7.2", "a SYN-ACK acknowledges the SYN", f"1 to {s.rcv_max}", ack)
    s = s._replace(answerable=_without(s.answerable, s.irs or 0))
    options = out.seg.options
    demand(
        options.ws is None or s.peer_scale is not None,
        "RFC 7323 1.3",
        "a SYN-ACK scales windows only where the SYN did",
        "no Window Scale",
        options.ws,
    )
    demand(
        options.ts is None or s.peer_ts,
        "RFC 7323 3.2",
        "a SYN-ACK has Timestamps only where the SYN did",
        "no Timestamps",
        options.ts,
    )
    if options.ts is not None:
        echoes(s, options.ts[1])
    s = s._replace(
        phase=Phase.syn_received,
        passive=True,
        iss=out.seg.seq,
        snd_max=1 + out.seg.length,
        snd_edge=1 + s.snd_wnd,
        rcv_min=max(s.rcv_min, ack),
        rcv_adv=ack + out.seg.win,
        offers=((out.frame, ack + out.seg.win, ack),),
        acked=ack,
        sent=out.time,
        syn_times=(out.time,),
    )
    return settle_options(_own_options(congestion.opened(counted.covered(s, ack), p), out, p))


@wire_rule("timer_tt_rexmt_1", "deliver_in_2", rfc="RFC 9293 3.8.1")
def retransmit_syn_ack(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The SYN-ACK again, or the SYN of a simultaneous open, now with an acknowledgement."""
    demand(
        (s.phase in {Phase.syn_sent, Phase.syn_received} or s.una_min == 0) and s.irs is not None,
        "RFC 9293 3.10.7",
        "a SYN-ACK is sent only between the peer's SYN and its acknowledgement",
        "SYN-RECEIVED",
        s.state,
    )
    demand(out.seg.seq == s.iss, "RFC 9293 3.4.1", "a repeated SYN has the same number", s.iss, out.seg.seq)
    s = survived(s, out, p)
    if s.phase is Phase.syn_received and s.passive:
        timing.syn_again(s, out, p)
    ack = offset(out.seg.ack, s.irs or 0, s.rcv_max)
    demand(1 <= ack <= s.rcv_max, "RFC 9293 3.4", "a host acknowledges only what it received", f"1 to {s.rcv_max}", ack)
    if out.seg.options.ts is not None:
        echoes(s, out.seg.options.ts[1])
    s = s._replace(
        phase=Phase.synchronized if s.phase is Phase.synchronized else Phase.syn_received,
        snd_edge=max(s.snd_edge, 1 + s.snd_wnd),
        rcv_adv=max(s.rcv_adv, ack + out.seg.win),
        offers=offered(s, out, ack + out.seg.win, ack),
        acked=ack,
        sent=out.time,
        syn_times=(*s.syn_times, out.time),
        went_back=True,
        dues=(),
        unanswered=(),
    )
    return _own_options(counted.covered(s, ack), out, p)


def _reopened(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The endpoint that a SYN found in a connection that may have ended (RFC 9293 section 3.10.7.4, MAY-2)."""
    syns = [
        (seq, length)
        for seq, _, flags, length in s.answerable
        if flags & (SYN | ACK | RST) == SYN and (out.seg.ack - seq) % (1 << 32) in range(1, length + 1)
    ]
    demand(bool(syns), "RFC 9293 3.10.7.2", "a SYN-ACK answers a SYN", "a SYN with the number before", out.seg.ack)
    demand(
        may_have_ended(s, p), "RFC 9293 3.10.7.4", "a SYN for a connection that exists opens none", "CLOSED", s.state
    )
    seq, length = syns[-1]
    fresh = Endpoint(
        irs=seq,
        rcv_min=1,
        rcv_sure=1,
        rcv_max=length,
        peer_scale=14,
        peer_mss=65535,
        peer_sack=True,
        peer_ts=True,
        ecn_offered=True,
        snd_wnd=65535,
        advice=s.advice,
        answerable=s.answerable,
    )
    return counted.kept(fresh, s)


def _without(answerable: Received, number: int) -> Received:
    """What was received but for one SYN of that number, which is answered."""
    for place, (seq, _, flags, _) in enumerate(answerable):
        if flags & (SYN | ACK | RST) == SYN and seq == number:
            return answerable[:place] + answerable[place + 1 :]
    return answerable


def may_have_ended(s: Endpoint, p: WireProfile) -> bool:
    """Whether the host may have no such connection any more, as far as the wire shows: FIN-WAIT-2 may time out."""
    return (
        s.partial
        or s.phase is not Phase.synchronized
        or s.reset_by is not None
        or (s.fin is not None and (s.peer_fin is not None or s.snd_una > s.fin))
        or any(chunk.times > p.give_up for chunk in s.chunks)
    )


def syn(s: Endpoint, out: Event, p: WireProfile) -> tuple[str, ...]:
    """The names of the rules for a SYN, the likeliest first."""
    if out.seg.flags & ACK:
        if s.phase is Phase.closed:
            return ("answer_syn",)
        again = ("retransmit_syn_ack", "answer_syn")
        if not p.aborts and s.phase is Phase.syn_received and out.seg.seq == s.iss:
            # Nothing has ended the connection that is being opened, and a new one has another number.
            return again[:1]
        return again if s.phase is not Phase.synchronized or out.seg.seq == s.iss else again[1:]
    waits = s.phase is Phase.syn_sent or _may_wait(s, p)
    return ("retransmit_syn",) if waits and out.seg.seq == s.iss else ("open_actively",)


def _may_wait(s: Endpoint, p: WireProfile) -> bool:
    """Whether the host may not have received the answer to its SYN, or its SYN may have been duplicated on the way."""
    if p.on_path:
        return s.phase is not Phase.closed
    return s.phase is Phase.synchronized and not s.passive and s.una_min <= 0 and s.acked is None


__all__ = ["advise", "answer_syn", "may_have_ended", "open_actively", "retransmit_syn", "retransmit_syn_ack", "syn"]
