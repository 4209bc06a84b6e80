"""The timestamps that a host has seen (RFC 7323)."""

from __future__ import annotations

from netspec.wire.endpoint import Endpoint
from netspec.wire.sequence import clock_not_before

_LEAP = 1 << 30
"""Further than any clock goes between two segments: twelve days in milliseconds."""


def stamped(s: Endpoint, value: int) -> Endpoint:
    """The endpoint after a segment with a timestamp, which it may have taken or dropped.

    Timestamps are compared by half of their space.  Where one is far from those before, whether it was taken decides
    which of the later ones are newer, and so nothing is said of them any more.
    """
    if s.ts_seen is None:
        return s._replace(ts_seen=value)
    if _LEAP <= (value - s.ts_seen) % (1 << 32) <= (1 << 32) - _LEAP:
        return s._replace(ts_leapt=True)
    return s._replace(ts_seen=value) if clock_not_before(value, s.ts_seen) else s
