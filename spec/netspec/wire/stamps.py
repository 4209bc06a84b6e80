"""The timestamps that a host has seen (RFC 7323)."""

from __future__ import annotations

from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.sequence import clock_not_before

MOST_STAMPS = 128
"""How many are remembered between two segments of the host."""

_LEAP = 1 << 30
"""Further than any clock goes between two segments: twelve days in milliseconds."""


def stamped(s: Endpoint, value: int) -> Endpoint:
    """The endpoint after a segment with a timestamp, which it may have taken or dropped.

    Timestamps are compared by half of their space.  Where one is far from those before, whether it was taken decides
    which of the later ones are newer, and so nothing is said of them any more.
    """
    if value not in s.ts_known:
        s = s._replace(ts_known=(*s.ts_known[1 - MOST_STAMPS :], value))
    if s.ts_seen is None:
        return s._replace(ts_seen=value)
    if _LEAP <= (value - s.ts_seen) % (1 << 32) <= (1 << 32) - _LEAP:
        return s._replace(ts_leapt=True)
    return s._replace(ts_seen=value) if clock_not_before(value, s.ts_seen) else s


def taken(s: Endpoint, ev: Event, start: int) -> Endpoint:
    """The endpoint after data that certainly arrived in order: TS.Recent, where all before it was acknowledged.

    Source: RFC 7323 section 4.3 (2): SEG.SEQ is not beyond Last.ACK.sent.  The next segment may still echo an older
    one: that it echoes the earliest that is not acknowledged is a SHOULD.
    """
    ts = ev.seg.options.ts
    last = s.offers[0][2] if s.offers and s.offers[0][0] < ev.frame else None
    if ts is None or not ev.seg.length or s.ts_leapt or last is None or start > last:
        return s
    newer = s.ts_recent is None or clock_not_before(ts[0], s.ts_recent)
    return s._replace(ts_recent=ts[0]) if newer else s
