"""What every segment of a connection must have right, whatever it carries."""

from __future__ import annotations

from netspec.wire import counted
from netspec.wire.doubt import survived
from netspec.wire.endpoint import Advice, Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.intervals import covers
from netspec.wire.premise import demand
from netspec.wire.profile import SECOND, WireProfile, seconds
from netspec.wire.segment import ACK, CWR, ECE, URG
from netspec.wire.sequence import clock_not_before, offset
from netspec.wire.stamps import MOST_STAMPS

_MOST_OFFERS = 64
"""How many windows are told apart; of more, the two oldest count as the smaller of both."""

ONLY_RECEIVED = "a host acknowledges only what it received"
ALL_RECEIVED = "a segment acknowledges everything received in order so far"
"""The premises of an acknowledgement number, which depend on how much the host has received."""

CLOCK_RUNS_ON = "the timestamp clock does not run backwards"

_LONGEST_TICK = 10 * SECOND
"""Ten times the longest tick of a timestamp clock in RFC 7323 section 5.4."""

_SHORTEST_TICK = 59
"""The shortest, in nanoseconds."""

_FAR = 1 << 30
"""Further than any window reaches (RFC 7323 section 2.3)."""


def header(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The header of a segment of a connection that is not a SYN: its acknowledgement, window and options.

    Raises Forbidden.  Source: RFC 9293 section 3.4, 3.8.6; RFC 7323; RFC 2018.
    """
    if p.sent_lost and s.phase is Phase.closed and out.seg.flags & ACK:
        s = _opened_unseen(s, out)
    demand(
        s.phase in {Phase.syn_received, Phase.synchronized},
        "RFC 9293 MUST-66" if _reset_at_a_closed_window(s) else "RFC 9293 3.10",
        "only a connection that exists sends segments without SYN or RST",
        "SYN-RECEIVED or a synchronized state",
        s.state,
    )
    demand(
        p.on_path or not s.syn_unanswered,
        "RFC 9293 3.10.7.3",
        "a SYN that crosses the host's own is answered with a SYN before anything else is sent",
        "a SYN-ACK",
        "none",
    )
    demand(bool(out.seg.flags & ACK), "RFC 9293 3.4", "after the first SYN every segment has ACK", "ACK", "none")
    congestion_flags(s, out)
    s = acknowledgement(survived(s, out, p), out, p)
    options(s, out, p)
    return urgent(note_timestamps(s, out), out, p)


def _reset_at_a_closed_window(s: Endpoint) -> bool:
    return s.reset_by == "peer" and bool(s.offers) and s.offers[-1][1] <= s.rcv_max


def congestion_flags(s: Endpoint, out: Event) -> None:
    """The flags of ECN only where a SYN has offered it and a SYN-ACK has taken it."""
    flags = out.seg.flags & (ECE | CWR)
    demand(
        not flags or s.partial or (s.ecn_offered and s.ecn_taken),
        "RFC 3168 6.1.1",
        "ECE and CWR only where ECN was agreed",
        "neither",
        "ECE" if flags == ECE else "CWR" if flags == CWR else "ECE and CWR",
    )


def urgent(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The urgent pointer is behind urgent data, one octet at least, and does not recede in new segments.

    What is sent again may have the pointer of the first time.  Where more is urgent than the field can say, it says as
    much as it can.
    """
    if not out.seg.flags & URG:
        return s
    start = offset(out.seg.seq, s.iss, s.snd_max)
    pointer = start + out.seg.urp
    if not s.partial and not p.on_path:
        demand(
            out.seg.urp > 0 or s.snd_up is not None,
            "RFC 9293 MUST-62",
            "the urgent pointer is behind at least one octet of urgent data",
            f"beyond {start}",
            pointer,
        )
        demand(
            s.snd_up is None or pointer >= s.snd_up or start < s.snd_max,
            "RFC 9293 3.8.5",
            "the urgent pointer does not recede",
            f"at least {s.snd_up}",
            pointer,
        )
    return s._replace(snd_up=pointer if s.snd_up is None else max(pointer, s.snd_up))


def _opened_unseen(s: Endpoint, out: Event) -> Endpoint:
    """A connection under way, whose opening was lost before the recorder."""
    return s._replace(
        phase=Phase.synchronized,
        partial=True,
        midway=True,
        iss=(out.seg.seq - 1) % (1 << 32),
        irs=(out.seg.ack - 1) % (1 << 32),
        snd_una=1 - _FAR,
        una_min=1 - _FAR,
        snd_max=1,
        snd_edge=_FAR,
        snd_wnd=_FAR,
        rcv_min=1 - _FAR,
        rcv_max=_FAR,
        snd_scale=None,
        rcv_scale=None,
        peer_mss=65535,
        cwnd=_FAR,
        peer_sack=True,
    )


def acknowledgement(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The acknowledgement number is RCV.NXT, and the window's right edge does not move back."""
    ack = offset(out.seg.ack, s.irs or 0, s.rcv_max)
    if s.partial and s.acked is None:
        # The first segment seen tells what was received before the capture.
        s = s._replace(rcv_min=ack)
    demand(
        # What was received before the capture may lie behind a gap that is filled only now.
        s.midway or ack <= s.rcv_max,
        "RFC 9293 MUST-3" if s.damaged is not None and ack <= s.damaged else "RFC 9293 3.4",
        ONLY_RECEIVED,
        f"at most {s.rcv_max}",
        ack,
    )
    shift = 14 if s.rcv_scale is None else s.rcv_scale
    edge = ack + (out.seg.win << shift)
    if _refuses(s, ack, edge, p):
        dues = tuple(due for due in s.dues if due.ack is None or due.ack <= ack)
        s = s._replace(rcv_min=ack, rcv_sure=min(ack, s.rcv_sure), dues=dues)
    demand(
        p.on_path or ack >= s.rcv_min,
        "RFC 9293 3.10.7.4",
        ALL_RECEIVED,
        f"at least {s.rcv_min}",
        ack,
    )
    if not s.partial and not p.on_path and edge + (1 << shift) <= s.rcv_adv:
        text = "the right edge of the window does not move back"
        demand(not p.never_shrinks, "RFC 9293 SHLD-14", text, f"at least {s.rcv_adv}", edge)
        s = advise(s, out, "RFC 9293 SHLD-14", f"the right edge of the window moves back from {s.rcv_adv} to {edge}")
    s = counted.covered(s, ack)
    for due in s.dues:
        if due.should and due.by < out.time:
            s = advise(s, out, due.clause, f"{due.reason}: frame {due.frame} is not, within half a second")
    dues = tuple(due for due in s.dues if out.time < due.since or (due.ack is not None and ack < due.ack))
    return s._replace(
        rcv_min=max(ack, s.rcv_min),
        rcv_max=max(ack, s.rcv_max),
        rcv_adv=max(s.rcv_adv, edge),
        offers=offered(s, out, edge, ack),
        acked=ack if s.acked is None else max(ack, s.acked),
        sent=out.time,
        dues=dues,
        unanswered=(),
    )


def _refuses(s: Endpoint, ack: int, edge: int, p: WireProfile) -> bool:
    """Whether a host takes back a window, and drops what had arrived in it (RFC 9293 section 3.8.6, SHLD-14).

    With windows that are shifted it may not: what is in any window that it offered is honoured (RFC 7323 section 2.4).
    """
    if p.never_shrinks or p.on_path or s.rcv_scale != 0 or s.phase is not Phase.synchronized:
        return False
    return (s.acked or 1) <= ack < s.rcv_min and edge < s.rcv_min


def offered(s: Endpoint, out: Event, edge: int, ack: int) -> tuple[tuple[int, int, int], ...]:
    """The windows that may be in force for what is still under way, with the one that a segment offers now."""
    if s.offers and s.offers[-1][1:] == (edge, ack):
        return s.offers
    kept = s.offers
    if len(kept) >= _MOST_OFFERS:
        (frame, first, least), (_, second, _), *rest = kept
        kept = ((frame, min(first, second), least), *rest)
    return (*kept, (out.frame, edge, ack))


def options(s: Endpoint, out: Event, p: WireProfile) -> None:
    """Options that only a SYN may have, Timestamps as agreed, SACK blocks that were received."""
    chosen, ack = out.seg.options, offset(out.seg.ack, s.irs or 0, s.rcv_max)
    no_syn_options(out, p)
    timestamps(s, out, p)
    if chosen.sack and not s.partial:
        demand(s.peer_sack, "RFC 2018 2", "SACK only where the peer's SYN permitted it", "no SACK", chosen.sack)
        for place, (left, right) in enumerate(chosen.sack):
            block = offset(left, s.irs or 0, s.rcv_max), offset(right, s.irs or 0, s.rcv_max)
            demand(
                block[0] < block[1] and covers(s.rcv_max, s.queue, block),
                "RFC 2018 4",
                "a SACK block reports data that was received",
                f"within {s.rcv_max} or {s.queue}",
                block,
            )
            demand(
                not place or block[1] > ack,
                "RFC 2018 3, RFC 2883 4",
                "only the first SACK block may report what is acknowledged",
                f"beyond {ack}",
                block,
            )


def no_syn_options(out: Event, p: WireProfile) -> None:
    """A segment without SYN, a reset among them, has none of the options that open a connection."""
    chosen = out.seg.options
    demand(chosen.mss is None, "RFC 9293 MUST-65", "only a SYN has the option MSS", "none", chosen.mss)
    demand(chosen.ws is None, "RFC 7323 2.2", "only a SYN has the option Window Scale", "none", chosen.ws)
    demand(
        not chosen.sack_permitted, "RFC 2018 2", "only a SYN has the option SACK-permitted", "none", "SACK-permitted"
    )
    if p.bare_options:
        bare(out)


def bare(out: Event) -> None:
    """Of a host that has MSS and Window Scale only: no other option."""
    chosen = out.seg.options
    extra = chosen.ts is not None or bool(chosen.sack) or chosen.sack_permitted or bool(chosen.other)
    demand(not extra, "profile", "the host sends no options but MSS and Window Scale", "none", chosen)


def timestamps(s: Endpoint, out: Event, p: WireProfile) -> None:
    """Timestamps in every segment once agreed, else in none; the echo is of a timestamp that was received."""
    ts = out.seg.options.ts
    if s.partial:
        return
    if not s.timestamps:
        demand(ts is None, "RFC 7323 3.2", "Timestamps only where both SYNs had them", "none", ts)
        return
    if ts is None:
        demand(False, "RFC 7323 3.2", "once agreed, every segment has Timestamps", "TSval and TSecr", "none")
        return
    value, echo = ts
    if not p.on_path and s.ts_val is not None:
        demand(
            clock_not_before(value, s.ts_val),
            "RFC 7323 4.1",
            CLOCK_RUNS_ON,
            f"at least {s.ts_val}",
            value,
        )
        _clock_ticks(s, out, value)
    echoes(s, echo)
    if not p.on_path and s.ts_seen is not None and s.ts_ecr is not None and not s.ts_leapt:
        demand(
            clock_not_before(echo, s.ts_ecr),
            "RFC 7323 4.3",
            "TS.Recent does not go back",
            f"at least {s.ts_ecr}",
            echo,
        )
    if not p.on_path and not s.ts_leapt:
        demand(
            echo in s.ts_known or not s.ts_known or len(s.ts_known) >= MOST_STAMPS,
            "RFC 7323 3.2",
            "TSecr echoes a timestamp that was received",
            f"one of {s.ts_known[-4:]}",
            echo,
        )
        demand(
            s.ts_least is None or clock_not_before(echo, s.ts_least),
            "RFC 7323 4.3",
            "TSecr is not older than the data that was acknowledged before",
            f"at least {s.ts_least}",
            echo,
        )


def _clock_ticks(s: Endpoint, out: Event, value: int) -> None:
    """The timestamp clock ticks at least once a second, and does not come round within 255 (RFC 7323 section 5.4)."""
    still = out.time - s.ts_since
    demand(
        value != s.ts_val or still <= _LONGEST_TICK,
        "RFC 7323 4.1",
        "the timestamp clock runs",
        f"a tick within {seconds(_LONGEST_TICK)}",
        f"none for {seconds(still)}",
    )
    ticks = (value - (s.ts_val or 0)) % (1 << 32)
    most = (out.time - s.ts_sent + SECOND) // _SHORTEST_TICK
    demand(ticks <= most, "RFC 7323 5.4", "the timestamp clock is not too fast", f"at most {most} ticks", ticks)


def echoes(s: Endpoint, echo: int) -> None:
    """The echo is of a timestamp that was received, at the earliest that of the peer's SYN (RFC 7323)."""
    if s.ts_leapt:
        return
    if s.ts_seen is not None:
        demand(
            clock_not_before(s.ts_seen, echo),
            "RFC 7323 4.3",
            "TSecr echoes a timestamp that was received",
            f"at most {s.ts_seen}",
            echo,
        )
    if s.ts_syn is not None:
        demand(
            clock_not_before(echo, s.ts_syn),
            "RFC 7323 3.2",
            "TSecr echoes a timestamp that was received",
            f"at least {s.ts_syn}",
            echo,
        )


def note_timestamps(s: Endpoint, out: Event) -> Endpoint:
    """Remember the timestamps sent, against which later ones are compared."""
    ts = out.seg.options.ts
    if ts is None:
        return s
    since = s.ts_since if ts[0] == s.ts_val else out.time
    known = (ts[1], *(one for one in s.ts_known if one != ts[1] and clock_not_before(one, ts[1])))
    return s._replace(
        ts_val=ts[0], ts_ecr=ts[1], ts_since=since, ts_sent=out.time, ts_known=known, ts_least=s.ts_recent
    )


def may_be_next(s: Endpoint, start: int) -> bool:
    """Whether SND.NXT may be at `start`: behind all that was sent, unless the host has gone back.

    A timeout, or a window that shrank, sets SND.NXT back to SND.UNA (the model's timer_tt_rexmt_1 and
    tcp_output_required); a host may also stay within a window that is full or has shrunk.
    """
    return start == s.snd_max or s.went_back or s.snd_una + s.snd_wnd <= s.snd_max


def advise(s: Endpoint, out: Event, clause: str, text: str) -> Endpoint:
    """Note a SHOULD that was not followed, the first time for each clause."""
    if any(advice.clause == clause for advice in s.advice):
        return s
    return s._replace(advice=(*s.advice, Advice(out.frame, clause, text)))
