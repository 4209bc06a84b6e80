"""What a host owes as time passes: answers, and retransmissions."""

from __future__ import annotations

from netspec.wire.endpoint import Endpoint, Phase
from netspec.wire.premise import demand
from netspec.wire.profile import WireProfile, seconds
from netspec.wire.timing import longest_timeout, syn_due


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
    if s.phase in {Phase.syn_sent, Phase.syn_received} and not p.sent_lost and s.reset_by is None:
        syn_due(s, now, p)
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
        limit = longest_timeout(s, chunk, p)
        # The acknowledgement of other data starts the timer anew (RFC 6298 section 5.3).
        since = max(chunk.time, s.progress)
        demand(
            chunk.times > p.give_up or s.snd_una >= chunk.end or now <= since + limit,
            "RFC 9293 MUST-35" if s.snd_wnd == 0 else "RFC 9293 3.8.1",
            "unacknowledged data is sent again",
            f"a retransmission of {chunk.start} within {seconds(limit)}",
            f"none for {seconds(now - since)}",
        )
