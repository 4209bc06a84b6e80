"""Sequence numbers as offsets: the 32-bit numbers of a connection, counted on without wrapping."""

from __future__ import annotations

_SPACE = 1 << 32
_HALF = 1 << 31


def offset(number: int, initial: int, near: int) -> int:
    """The offset from `initial` that the 32-bit `number` means: of all those possible, the one nearest to `near`.

    Offsets are integers that may exceed 32 bits and, for numbers before the initial one, be negative.
    Source: RFC 9293 section 3.4 (arithmetic modulo 2**32).
    """
    return near + (number - initial - near + _HALF) % _SPACE - _HALF


def clock_not_before(later: int, earlier: int) -> bool:
    """Whether a 32-bit timestamp value is at or after another.

    Source: RFC 7323 section 5.2 (comparison of timestamps).
    """
    return (later - earlier) % _SPACE < _HALF
