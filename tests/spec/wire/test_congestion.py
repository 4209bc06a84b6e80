"""The congestion window and timeouts: what each premise allows and forbids."""

from __future__ import annotations

import pytest
from segments import (
    ACK,
    FULL,
    MSS,
    RFC9293,
    SYN,
    UTCP,
    Connection,
    Options,
    Vantage,
    closed,
    forbidden,
    opened,
    replace,
)

FLIGHT = "data in flight stays within the congestion window"
LOSS = "after a timeout the congestion window is one segment"
EARLY = "nothing is sent again earlier than one timeout after it"
PART = b"x" * 1460


def sends(c: Connection, *parts: int) -> None:
    """Full segments, each given by its place."""
    for part in parts:
        assert c.sends(1 + 1460 * part, 1, data=PART) in {"transmit", "retransmit"}


def acked(c: Connection, parts: int) -> None:
    """The peer has received so many full segments."""
    c.passes(10).arrives(1, 1 + 1460 * parts)


@pytest.mark.parametrize(("profile", "most"), [(RFC9293, 11), (UTCP, 3)])
def test_the_initial_window(profile, most):
    c = opened(profile)
    sends(c, *range(most))
    assert forbidden(c, 1 + 1460 * most, 1, data=PART) == FLIGHT


def test_the_initial_window_of_small_segments():
    c = opened(UTCP, peers=Options(mss=500))
    for part in range(4):
        c.sends(1 + 500 * part, 1, data=b"x" * 500)
    assert forbidden(c, 2001, 1, data=b"x") == FLIGHT


def test_slow_start_opens_the_window_by_a_segment_for_each_acknowledgement():
    c = opened(UTCP)
    sends(c, 0, 1, 2)
    acked(c, 2)
    sends(c, 3, 4, 5)
    assert forbidden(c, 1 + 1460 * 6, 1, data=PART) == FLIGHT
    acked(c, 3)
    sends(c, 6, 7)


def lost(profile=UTCP, sent: int = 3, **named: object) -> Connection:
    """A connection on which nothing came for three seconds, after some segments were sent."""
    c = opened(profile, **named)
    c.passes(10)
    sends(c, *range(sent))
    return c.passes(3000)


def test_after_a_timeout_only_one_segment_is_sent():
    c = lost()
    sends(c, 0)
    assert forbidden(c, 1461, 1, data=PART) == FLIGHT
    acked(c.passes(1200), 1)
    sends(c, 1, 2)
    assert forbidden(c, 1 + 1460 * 3, 1, data=PART) == FLIGHT


@pytest.mark.parametrize(("late", "most"), [(1000, 5), (1200, 3)])
def test_an_acknowledgement_soon_after_a_timeout_shows_that_it_was_needless(late, most):
    """The model's t_badrxtwin: half of a round trip, which its clock may end a second later."""
    c = lost()
    sends(c, 0)
    acked(c.passes(late), 1)
    sends(c, *range(1, most))
    assert forbidden(c, 1 + 1460 * most, 1, data=PART) == FLIGHT


def test_an_acknowledgement_after_two_timeouts_undoes_nothing():
    c = lost()
    sends(c, 0)
    sends(c.passes(5000), 0)
    acked(c, 1)
    sends(c, 1, 2)
    assert forbidden(c, 1 + 1460 * 3, 1, data=PART) == FLIGHT


def test_after_a_second_timeout_slow_start_ends_at_two_segments():
    c = lost()
    sends(c, 0)
    sends(c.passes(5000), 0)
    for parts in (1, 2, 3):
        acked(c, parts)
    # Two segments, then in slow start or not a third, and a third of a segment more.
    sends(c, 3, 4, 5)
    assert forbidden(c, 1 + 1460 * 6, 1, data=PART) == FLIGHT


def test_what_duplicate_acknowledgements_caused_is_no_timeout():
    c = opened(UTCP)
    c.passes(10)
    sends(c, 0, 1, 2)
    for _ in range(4):
        c.passes(1).arrives(1, 1)
    sends(c, 0, 3, 4)


@pytest.mark.parametrize("options", [MSS, FULL])
def test_under_rfc9293_a_timeout_leaves_one_segment_until_more_is_acknowledged(options):
    c = opened(RFC9293, own=options, peers=options)
    stamps = Options(ts=(200, 100)) if options is FULL else Options()

    def send(part: int) -> str:
        return c.sends(1 + 1460 * part, 1, data=PART, options=stamps)

    c.passes(10)
    for part in range(4):
        send(part)
    c.passes(3000)
    assert send(0) == "retransmit"
    assert forbidden(c, 1461, 1, data=PART, options=stamps) == LOSS
    c.passes(10).arrives(1, 1461, options=Options(ts=(300, 200)) if options is FULL else Options())
    assert send(1) == "retransmit"
    assert send(2) == "retransmit"
    if options is FULL:
        # Timestamps may have shown that the timeout was none.
        assert send(3) == "retransmit"
    else:
        assert forbidden(c, 1 + 1460 * 3, 1, data=PART) == LOSS


def test_the_last_segment_may_be_sent_again_as_a_probe():
    c = lost(RFC9293, sent=1)
    sends(c, 0, 1, 2)


def test_on_a_path_an_acknowledgement_may_not_have_been_recorded():
    c = lost(RFC9293.at(Vantage.path))
    sends(c, 0, 1, 2)


def test_nothing_is_sent_again_before_a_round_trip():
    slow = replace(RFC9293, lag=0, slack=0, early=0)
    c = closed(slow)
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    c.passes(400).arrives(1, 1)
    c.passes(10)
    sends(c, 0, 1)
    c.passes(399)
    assert forbidden(c, 1, 1, data=PART) == EARLY
    c.passes(1)
    sends(c, 0)
