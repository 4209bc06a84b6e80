"""When the timers of a host may fire, as far as the wire shows it: timeouts, back-off, window probes, SYNs.

Source: RFC 6298, RFC 9293 section 3.8.6.1; the model's start_tt_rexmt, start_tt_persist, timer_tt_rexmtsyn_1.
"""

from __future__ import annotations

from itertools import pairwise

from netspec.wire.endpoint import Chunk, Endpoint
from netspec.wire.event import Event
from netspec.wire.premise import demand
from netspec.wire.profile import SECOND, WireProfile, seconds

INITIAL_RTO = SECOND
"""What a host waits that has measured no round trip, at least (RFC 6298 section 2.1)."""

AFTER_SYN_TIMEOUT = 3 * SECOND
"""What it waits for data after its SYN was repeated."""

_DOUBLINGS = 6
"""How often a timeout doubles at least, unless it reaches its maximum (the model's TCP_BSD_BACKOFFS)."""


_BEYOND_A_TICK = 5
"""After so many doublings a wait is longer, however coarse the timer: 32 times the second timeout is beyond a tick."""


def by_timer(s: Endpoint, out: Event, p: WireProfile) -> bool:
    """Whether only a timer can have made the host send: nothing came for it that it could have answered."""
    return not p.on_path and not s.partial and out.time - s.heard > p.lag + p.slack


def least_timeout(s: Endpoint, p: WireProfile) -> int:
    """The least retransmission timeout, in nanoseconds: the shortest round trip (RFC 6298 section 2).

    Where the host's SYN was repeated, and nothing can have been timed since, 3 s (section 5.7).
    """
    timed = s.passive or s.crossed or s.timestamps or s.rtt > 0 or s.snd_fack > 0
    if not timed and len(s.syn_times) > 1:
        return max(p.rto_min, AFTER_SYN_TIMEOUT)
    return max(p.rto_min, min(INITIAL_RTO if s.rtt_least is None else s.rtt_least, INITIAL_RTO))


def longest_timeout(s: Endpoint, chunk: Chunk, p: WireProfile) -> int:
    """The longest that a host may wait before it sends a chunk again, in nanoseconds.

    While the peer's window is closed that is the time of a window probe.  A round trip may be longer than the wire
    shows by what segments lie between recorder and host.
    """
    if s.probed is not None and p.persist is not None:
        return p.persist[1] + p.granularity + p.slack
    if p.rto is None or s.snd_wnd == 0:
        return p.rexmt + p.granularity + (p.slack if p.granularity else 0)
    measured = p.rto_measured is not None and len(s.syn_times) == 1 and s.snd_una > 0
    initial = p.rto_measured if measured and p.rto_measured is not None else p.rto
    doubled: int = max(initial, 5 * (s.rtt + p.lag)) << min(chunk.times - 1, _DOUBLINGS)
    return min(doubled, p.rexmt) + p.granularity + p.slack


def undone(s: Endpoint, ev: Event, p: WireProfile) -> Endpoint:
    """The windows once new data is acknowledged, which soon after a first timeout shows that it was needless.

    Source: the model's di3_newackstuff, revert_rexmt.
    """
    if s.undo is None:
        return s
    when, cwnd, ssthresh = s.undo
    if p.undo is not None and ev.time - when <= s.rtt // 2 + p.undo + p.slack:
        s = s._replace(cwnd=max(cwnd, s.cwnd), ssthresh=max(ssthresh, s.ssthresh))
    return s._replace(undo=None)


def backed_off(s: Endpoint, out: Event, start: int, p: WireProfile) -> Endpoint:
    """Each timeout is about twice the one before (RFC 9293 MUST-19, RFC 6298 section 5.5).

    A wait is longer than its timeout by less than a tick of the host's clock.
    """
    if start > s.snd_una or s.snd_wnd == 0:
        return s
    if not by_timer(s, out, p) and not p.on_path:
        # What came before it may have caused it; that says nothing of the timer.
        return s._replace(timeouts=(), backoffs=0)
    # The oldest data the host knows of may be older than what the capture shows: only the same again is a next timeout.
    again = start == s.repeated and bool(s.timeouts)
    times = (*s.timeouts, out.time) if again else (out.time,)
    backoffs = s.backoffs + 1 if again else 0
    waits = [later - earlier for earlier, later in pairwise(times)]
    least = 0
    if len(waits) == 2 and not p.on_path:
        # The first of them may have been another timer's (RFC 8985 section 7), but none doubles to less than half.
        least = min(waits[-2] // 2, waits[-2] - p.tick, p.rto_max // 2)
    if len(waits) >= 3 and not p.on_path:
        # The first of them may have been a probe, after which the first timeout follows (RFC 8985 section 7).
        shift = min(backoffs if p.newreno else backoffs - 1, _DOUBLINGS)
        least = min(least_timeout(s, p) << shift, p.rto_max)
        for doublings, wait in enumerate(reversed(waits[1:-1]), 1):
            if wait << doublings >= p.rto_max:
                break
            least = max(least, min(wait * 3**doublings // 2**doublings, (wait - p.tick) << doublings))
            if doublings >= _BEYOND_A_TICK:
                least = max(least, 3 * wait // 2)
    if waits:
        demand(
            waits[-1] + p.slack >= least,
            "RFC 9293 MUST-19",
            "a timeout waits longer than the one before",
            f"at least {seconds(least)}",
            seconds(waits[-1]),
        )
    return s._replace(timeouts=times[-_BEYOND_A_TICK - 3 :], repeated=start, backoffs=backoffs)


def probes(s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
    """A window probe waits at least the persist interval since the window closed, or was probed last."""
    if p.persist is None or p.on_path or s.partial or s.probed is None:
        return s
    waited = out.time - s.probed
    demand(
        waited + p.early >= p.persist[0],
        "RFC 9293 MUST-35, start_tt_persist",
        "a window is probed no earlier than the persist interval allows",
        f"at least {seconds(p.persist[0])}",
        seconds(waited),
    )
    return s._replace(probed=out.time)


def syn_wait(s: Endpoint, p: WireProfile) -> int | None:
    """How long a host waits for the answer to the SYN that it sent last, in nanoseconds; None where it is not known."""
    if p.rto is None or not p.syn_backoff:
        return None
    sent = len(s.syn_times)
    factor = 1 << (sent - 1) if s.passive else p.syn_backoff[min(sent, len(p.syn_backoff)) - 1]
    return min(p.rto * factor, p.rexmt)


def syn_again(s: Endpoint, out: Event, p: WireProfile) -> None:
    """A SYN comes again no earlier than its back-off allows, and not once the attempt to connect has ended."""
    wait = syn_wait(s, p)
    if wait is None or p.on_path or s.partial or not by_timer(s, out, p):
        return
    waited = out.time - s.syn_times[-1]
    demand(
        waited + p.early >= wait,
        "RFC 9293 MUST-18, RFC 6298 5",
        "a SYN is not sent again earlier than one timeout after it",
        f"at least {seconds(wait)}",
        seconds(waited),
    )
    if p.connecting is None or s.passive:
        return
    since = out.time - s.syn_times[0]
    demand(
        since <= p.connecting + p.granularity + p.slack,
        "RFC 9293 3.8.3",
        "no SYN is sent once the attempt to connect has ended",
        f"within {seconds(p.connecting)}",
        seconds(since),
    )


def syn_due(s: Endpoint, now: int, p: WireProfile) -> None:
    """A SYN that is not answered is sent again in time, until the host gives up."""
    wait = syn_wait(s, p)
    if wait is None or s.partial or not s.syn_times:
        return
    limit = s.syn_times[-1] + wait + p.granularity + p.slack
    if s.passive:
        over = len(s.syn_times) > p.syn_give_up
    else:
        over = p.connecting is not None and limit >= s.syn_times[0] + p.connecting
    demand(
        over or now <= limit,
        "RFC 9293 3.8.1",
        "a SYN that is not acknowledged is sent again",
        f"a retransmission within {seconds(limit - s.syn_times[-1])}",
        f"none for {seconds(now - s.syn_times[-1])}",
    )
