"""What a host owes as time passes: answers, and retransmissions."""

from __future__ import annotations

from netspec.wire.endpoint import Chunk, Endpoint, Phase
from netspec.wire.premise import demand
from netspec.wire.profile import WireProfile, seconds


def elapse(s: Endpoint, now: int, p: WireProfile) -> None:
    """Time has come to `now` (nanoseconds), and the host has sent nothing but what the endpoint shows.

    Raises Forbidden where an answer or a retransmission was due before.  Source: RFC 9293 section 3.8.1, 3.8.6.3,
    3.10.7.4; RFC 6298 section 2.5 (a timeout is at most 60 s, unless the host bounds it higher).
    """
    for due in s.dues:
        demand(
            due.should or now <= due.by,
            due.clause,
            due.reason,
            f"an answer to frame {due.frame} within {seconds(due.by - due.since)}",
            f"none for {seconds(now - due.since)}",
        )
    if s.phase is Phase.syn_received and p.rto is not None and not p.sent_lost and s.reset_by is None:
        limit = min(p.rto << (len(s.syn_times) - 1), p.rexmt) + p.granularity + p.slack
        demand(
            len(s.syn_times) > p.syn_give_up or not s.syn_times or now <= s.syn_times[-1] + limit,
            "RFC 9293 3.8.1",
            "a SYN that is not acknowledged is sent again",
            f"a retransmission within {seconds(limit)}",
            f"none for {seconds(now - s.syn_times[-1])}" if s.syn_times else "none",
        )
    if s.phase is not Phase.synchronized or s.reset_by is not None or s.partial or p.sent_lost:
        return
    if p.pushes and s.ready is not None:
        limit = p.lag + p.slack
        demand(
            now <= s.ready + limit,
            "profile",
            "data that waits is sent when nothing holds it back",
            f"a segment within {seconds(limit)}",
            f"none for {seconds(now - s.ready)}",
        )
    for chunk in s.chunks[:1]:
        limit = timeout(s, chunk, p)
        # The acknowledgement of other data starts the timer anew (RFC 6298 section 5.3).
        since = max(chunk.time, s.progress)
        demand(
            chunk.times > p.give_up or s.snd_una >= chunk.end or now <= since + limit,
            "RFC 9293 MUST-35" if s.snd_wnd == 0 else "RFC 9293 3.8.1",
            "unacknowledged data is sent again",
            f"a retransmission of {chunk.start} within {seconds(limit)}",
            f"none for {seconds(now - since)}",
        )


def timeout(s: Endpoint, chunk: Chunk, p: WireProfile) -> int:
    """The longest that a host may wait before it sends a chunk again, in nanoseconds.

    While the peer's window is closed that is the time of a window probe, which only RTO_MAX bounds.
    """
    if p.rto is None or s.snd_wnd == 0:
        return p.rexmt
    doubled: int = max(p.rto, 5 * s.rtt) << min(chunk.times - 1, 6)
    return min(doubled, p.rexmt) + p.granularity + p.slack
