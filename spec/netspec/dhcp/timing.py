"""When a client sends: back-off, renewal, pauses.

A trace that begins late, or that lost a frame, shows other intervals than the client kept, and clocks differ; so a
breach is noted and proves nothing by itself.  Times are nanoseconds, `tolerance` by how much a time may be off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.dhcp.judgement import Finding, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, INFINITE, SECOND, Sight, named
from netspec.dhcp.message.types import Kind
from netspec.dhcp.profiles import Bounds

FIRST_DELAY = 3 * SECOND
"""The least first delay: 4 s, randomised by 1 s (RFC 2131 section 4.1)."""

RENEWAL_PAUSE = 60 * SECOND
"""The least time between renewals (RFC 2131 section 4.4.5)."""

DECLINE_PAUSE = 10 * SECOND
"""The least time from a DECLINE to a new start (RFC 2131 section 3.1)."""

CONFLICTS = 10
"""Conflicts after which a host slows down (RFC 5227 section 2.1.1, MAX_CONFLICTS)."""

CONFLICT_PAUSE = 60 * SECOND
"""The least time between attempts then (RFC 5227 section 1.1, RATE_LIMIT_INTERVAL)."""

_GAPS = 5


class Leased(NamedTuple):
    """A lease: its address, when its REQUEST was sent, when its ACK came, and T1, T2 and end from the REQUEST."""

    address: int
    asked: int
    given: int
    t1: int
    t2: int
    end: int


class Timing(NamedTuple):
    """What a client sent last and when, the delays since an answer, its lease, and the conflicts that it met."""

    last: Kind | None = None
    renews: bool = False
    rebinds: bool = False
    xid: int = 0
    time: int = 0
    repeats: int = 0
    answered: bool = True
    gaps: tuple[int, ...] = ()
    lease: Leased | None = None
    declined: int | None = None
    conflicts: int = 0


Result = tuple[Timing, list[Finding]]


def sent(state: Timing, seen: Sight, bounds: Bounds, tolerance: int) -> Result:
    """A client sends: the state after, and what is found."""
    if seen.kind is Kind.decline:
        return state._replace(declined=seen.time, conflicts=state.conflicts + 1, answered=True, gaps=(), last=None), []
    if seen.kind not in (Kind.discover, Kind.request):
        return state, []
    renews = seen.kind is Kind.request and seen.message.ciaddr != ANYWHERE
    again = (state.last, state.renews) == (seen.kind, renews) and not state.answered
    gap = seen.time - state.time
    if again and gap <= bounds.reordered:
        return state, []
    found: list[Finding] = []
    gaps = (*state.gaps, gap)[-_GAPS:] if again else ()
    if again and not renews:
        found += _backs_off(gaps, state.repeats == 0, tolerance)
    rebinds = renews and seen.envelope.destination == EVERYONE
    if renews:
        found += _renewal(state, seen, gap if again and rebinds == state.rebinds else None, bounds, tolerance)
    if seen.kind is Kind.discover:
        found += _new_start(state, seen, tolerance)
    same = again and state.xid == seen.message.xid
    after = state._replace(
        last=seen.kind,
        renews=renews,
        rebinds=rebinds,
        xid=seen.message.xid,
        time=seen.time,
        repeats=state.repeats + 1 if same else 0,
        answered=False,
        gaps=gaps,
        declined=None if seen.kind is Kind.discover else state.declined,
    )
    return after, found


def heard(state: Timing, seen: Sight) -> Timing:
    """A reply passes the recorder on its way to the client."""
    if state.last is Kind.request and seen.kind is Kind.offer:
        return state
    state = state._replace(answered=True, gaps=())
    if seen.kind is not Kind.ack or seen.message.yiaddr == ANYWHERE or not seen.lease or seen.lease == INFINITE:
        return state
    # An ACK to the last REQUEST, or to none that shows.
    asked = state.time if state.last is Kind.request and state.xid == seen.message.xid else seen.time
    first, second = seen.number(58), seen.number(59)
    length = seen.lease * SECOND
    t1 = length // 2 if first is None else first * SECOND
    t2 = length * 7 // 8 if second is None else second * SECOND
    return state._replace(
        lease=Leased(seen.message.yiaddr, asked, seen.time, asked + t1, asked + t2, asked + length),
        conflicts=0 if state.declined is None else state.conflicts,
    )


@enforces(27, 28)
def _backs_off(gaps: tuple[int, ...], first: bool, tolerance: int) -> Iterator[Finding]:
    """Delays start at 4 s and double, each randomised by 1 s (RFC 2131 section 4.1).  Requirements 27, 28.

    How fast they grow and where they stop is not a MUST: that five of them have not doubled is not exponential.
    """
    if first and len(gaps) == 1:
        yield Finding(28, gaps[0] >= FIRST_DELAY - tolerance, f"repeated after {_ms(gaps[0])} ms", False)
    if len(gaps) == _GAPS:
        grown = max(gaps[-2:]) + tolerance >= 2 * (min(gaps[:2]) - tolerance)
        yield Finding(27, grown, f"delays of {', '.join(str(_ms(gap)) for gap in gaps)} ms", False)


@enforces(53, 55, 57, 58, 59, 60)
def _renewal(state: Timing, seen: Sight, gap: int | None, bounds: Bounds, tolerance: int) -> Iterator[Finding]:
    """Unicast from T1, broadcast from T2, nothing after the end (RFC 2131 section 4.4.5).

    Between two of a kind half of the time that is left for it passes, and a minute at least; rebinding need not wait
    for what was sent before T2.  Requirements 53, 55, 57, 58, 59, 60.  Renewing before T1 is allowed.
    """
    lease = state.lease
    if gap is not None:
        pause = RENEWAL_PAUSE
        if lease is not None and lease.address == seen.message.ciaddr:
            left = (lease.end if state.rebinds else lease.t2) - state.time
            pause = max(pause, left // 2 - (lease.t1 - lease.asked) // bounds.fuzz)
        yield Finding(60, gap >= pause - tolerance, f"renewed again after {_ms(gap)} ms, not {_ms(pause)} ms")
    if lease is None or lease.address != seen.message.ciaddr:
        return
    now, everyone = seen.time, seen.envelope.destination == EVERYONE
    slack = tolerance + (lease.t1 - lease.asked) // bounds.fuzz
    after = f"{_ms(now - lease.asked)} ms after the REQUEST of its lease"
    first = state.answered or not state.renews
    if first and not everyone:
        yield Finding(58, now <= lease.t1 + slack, f"renews {after}, T1 is {_ms(lease.t1 - lease.asked)} ms", False)
    t2 = f"T2 is {_ms(lease.t2 - lease.asked)} ms"
    if everyone and not seen.relayed:
        yield Finding(53, now >= lease.t2 - slack, f"rebinds {after}, {t2}", False)
    elif not everyone:
        yield Finding(55, now <= lease.t2 + slack, f"unicast {after}, {t2}", False)
    end = f"the lease is {_ms(lease.end - lease.asked)} ms"
    yield Finding(57, now <= lease.end + tolerance, f"renews {after}, {end}", False)
    late = lease.end + tolerance < now <= lease.end + (lease.given - lease.asked) + tolerance
    yield Finding(59, not late, f"renews {after}, {end}, and counts from the ACK", False)


@enforces(41, 69, 126)
def _new_start(state: Timing, seen: Sight, tolerance: int) -> Iterator[Finding]:
    """A new start follows an answer, or a REQUEST repeated in vain, and not a DECLINE at once.

    RFC 2131 sections 3.1, 4.1, RFC 5227 section 2.1.1.  Requirements 41, 69, 126.
    """
    if state.last is Kind.request and not state.renews and not state.answered:
        once = f"{named(seen.kind)} {_ms(seen.time - state.time)} ms after a REQUEST sent once, without an answer"
        yield Finding(41, state.repeats > 0, once, False)
    if state.declined is not None:
        pause = seen.time - state.declined
        yield Finding(69, pause >= DECLINE_PAUSE - tolerance, f"DISCOVER {_ms(pause)} ms after DECLINE")
        if state.conflicts >= CONFLICTS:
            slow = pause >= CONFLICT_PAUSE - tolerance
            yield Finding(126, slow, f"{_ms(pause)} ms after conflict {state.conflicts}", False)


def _ms(time: int) -> int:
    return time // 1_000_000
