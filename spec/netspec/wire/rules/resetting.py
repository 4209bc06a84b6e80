"""Resets that a host sends."""

from __future__ import annotations

from netspec.wire.doubt import perhaps_ended, without_connection
from netspec.wire.endpoint import Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.premise import demand
from netspec.wire.profile import WireProfile
from netspec.wire.rules.header import ALL_RECEIVED, ONLY_RECEIVED, may_be_next, no_syn_options
from netspec.wire.rules.opening import may_have_ended
from netspec.wire.rules.rule import wire_rule
from netspec.wire.segment import ACK, RST
from netspec.wire.sequence import offset


@wire_rule("deliver_in_5", "deliver_in_1b", "deliver_in_7d", rfc="RFC 9293 3.5.2")
def answer_with_reset(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The answer to a segment for which there is no connection, or which cannot belong to it.

    The reset has the number that the segment acknowledged; without one, zero, and acknowledges the segment.
    """
    no_syn_options(out, p)
    ack = out.seg.ack if out.seg.flags & ACK else None
    answered = [received for received in s.answerable if _answers(out.seg.seq, ack, received)]
    demand(
        s.partial or bool(answered),
        "RFC 9293 3.5.2",
        "a reset takes its number from the acknowledgement of the segment it answers, or is zero and acknowledges it",
        _shown(s),
        f"sequence number {out.seg.seq}, " + ("no acknowledgement" if ack is None else f"acknowledging {ack}"),
    )
    demand(
        p.aborts or s.partial or _may_refuse(s, out, answered, p),
        "RFC 9293 3.10.7.4",
        "what belongs to a connection is not answered with a reset",
        "no such connection",
        s.state,
    )
    s = s._replace(refused=out.time, refusal=out.seg.seq)
    if s.phase is Phase.synchronized and s.una_min <= 0 and not (s.partial or p.on_path):
        # What acknowledged its SYN may have been outside the window: in SYN-RECEIVED the connection goes on.
        return perhaps_ended(s, out, False)._replace(sent=out.time)
    if s.phase is Phase.synchronized or _never_asked(s, out):
        return _ended(s, out, p)
    # What is answered like this belongs to no connection, or is no answer to the host's SYN.
    return s._replace(dues=(), sent=out.time, reset_by="host" if s.partial else s.reset_by)


def _may_refuse(s: Endpoint, out: Event, answered: list[tuple[int, int, int, int]], p: WireProfile) -> bool:
    """Whether one of some segments may belong to no connection, or not to this one before it is open."""
    if s.phase is Phase.syn_received:
        acks = [offset(acknowledged, s.iss, s.snd_una) for _, acknowledged, flags, _ in answered if flags & ACK]
        return any(not 0 < ack <= s.snd_max for ack in acks) or s.reset_by is not None
    if s.fin is not None and s.snd_una > s.fin and s.peer_fin is None and s.reset_by is None:
        # FIN-WAIT-2 ends by a timer only.
        return s.pause >= p.fin_wait_2
    late = (
        p.connecting is not None and s.acked is None and bool(s.syn_times) and out.time - s.syn_times[0] >= p.connecting
    )
    return late or may_have_ended(s, p)


def _never_asked(s: Endpoint, out: Event) -> bool:
    """Whether a SYN-ACK with which the capture begins, for a SYN that it may have missed, is refused."""
    return s.partial and s.phase is Phase.syn_sent and offset(out.seg.seq, s.iss, 1) == 1


def _answers(seq: int, ack: int | None, received: tuple[int, int, int, int]) -> bool:
    number, acknowledged, flags, length = received
    if flags & RST:
        return False
    behind = (number + length) % (1 << 32)
    if flags & ACK:
        return seq == acknowledged and (ack is None or ack == behind)
    return seq == 0 and ack == behind


def _shown(s: Endpoint) -> str:
    numbers = {
        f"{acknowledged}" if flags & ACK else f"0 acknowledging {(number + length) % (1 << 32)}"
        for number, acknowledged, flags, length in s.answerable[-4:]
        if not flags & RST
    }
    return "sequence number " + " or ".join(sorted(numbers)) if numbers else "no reset: nothing was received"


@wire_rule("close_3", "close_7", "timer_tt_rexmt_1", "timer_tt_keep_1", rfc="RFC 9293 3.10.5")
def abort(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The host ends the connection: its application aborts it, or it has given up."""
    no_syn_options(out, p)
    if p.sent_lost and s.phase is Phase.closed:
        # What opened the connection was lost before the recorder.
        return s
    demand(
        s.phase in {Phase.syn_received, Phase.synchronized, Phase.syn_sent},
        "RFC 9293 3.10.5",
        "only a connection that exists is aborted",
        "a connection",
        s.state,
    )
    demand(
        p.aborts or s.partial or gave_up(s, p),
        "profile",
        "the host resets a connection only when it gives up",
        f"after {p.syn_give_up} retransmissions of a SYN, {p.give_up} of data",
        f"{len(s.syn_times) - 1} and {max((chunk.times - 1 for chunk in s.chunks), default=0)}",
    )
    start = offset(out.seg.seq, s.iss, s.snd_max)
    # On a path what was sent before the reset may be lost or late: data as far as the window, and a FIN.
    end = max(s.snd_max, s.snd_edge + 1) if p.on_path else s.snd_max
    demand(
        # The number of the SYN itself is that of an answer, after which the host goes on waiting, unless it gives up.
        s.partial or start > 0 or (s.phase is Phase.syn_received and gave_up(s, p)),
        "RFC 9293 3.10.5",
        "the reset of an abort is behind the SYN",
        "at least 1",
        start,
    )
    demand(
        s.partial or (s.una_min <= start <= end and (p.on_path or may_be_next(s, start))),
        "RFC 9293 3.10.5",
        "the reset of an abort is at SND.NXT",
        f"{s.una_min} to {end}" if p.on_path or may_be_next(s, s.una_min) else end,
        start,
    )
    if out.seg.flags & ACK and s.irs is not None and not s.partial:
        ack = offset(out.seg.ack, s.irs, s.rcv_max)
        demand(ack <= s.rcv_max, "RFC 9293 3.4", ONLY_RECEIVED, f"at most {s.rcv_max}", ack)
        demand(p.on_path or ack >= s.rcv_min, "RFC 9293 3.1", ALL_RECEIVED, f"at least {s.rcv_min}", ack)
    return _ended(s, out, p)


def gave_up(s: Endpoint, p: WireProfile) -> bool:
    """Whether the host has sent something as often as it does before it gives a connection up (RFC 9293 MUST-20)."""
    if s.phase is not Phase.synchronized:
        return len(s.syn_times) > p.syn_give_up
    return any(chunk.times > p.give_up for chunk in s.chunks)


def _ended(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """The host has ended the connection; on a path, what it sent before may still come behind its reset."""
    s = s._replace(reset_by="host", dues=(), unanswered=(), sent=out.time)
    if p.on_path:
        return s
    left = p.aborts and not s.partial and offset(out.seg.seq, s.iss, s.snd_max) == s.snd_max
    return without_connection(s)._replace(left=s.irs if left else None)
