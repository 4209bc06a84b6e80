"""A segment is acknowledged once (RFC 5681 section 4.2), and what else may look like a second acknowledgement."""

from __future__ import annotations

from segments import ACK, HOST, PEER, RFC9293, SYN, UTCP, Options, Vantage, forbidden, opened, replace

from netspec.wire.counted import came, covered, may_acknowledge
from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.segment import URG, Segment

ONCE = "a segment is acknowledged once"


def received():
    c = opened().passes(3000).arrives(1, 1, data=b"abc")
    c.sends(1, 4, win=100)
    return c


def test_a_second_acknowledgement_needs_a_second_segment():
    assert forbidden(received(), 1, 4, win=100) == ONCE
    assert received().arrives(1, 1, data=b"abc").sends(1, 4, win=100) == "acknowledge"
    both = received().arrives(1, 1, data=b"a").arrives(1, 1, data=b"b")
    both.sends(1, 4, win=100)
    both.sends(1, 4, win=100)
    assert forbidden(both, 1, 4, win=100) == ONCE
    assert forbidden(opened(UTCP).passes(3000), 1, 1) != ONCE


def test_the_syn_is_acknowledged_by_the_answer_to_it():
    c = opened(UTCP).arrives(1, 1, data=b"abc")
    c.sends(1, 4)
    assert forbidden(c, 1, 4) == ONCE
    assert c.arrives(1, 1, data=b"abc").sends(1, 4) == "acknowledge"


def test_a_second_syn_may_be_acknowledged_besides():
    syn = Event(1, 0, Segment(PEER, 0, SYN, 65535))
    once = came(Endpoint(), syn, RFC9293)
    assert not may_acknowledge(covered(once, 1), 0, RFC9293)
    assert may_acknowledge(covered(came(once, syn, RFC9293), 1), 0, RFC9293)


def test_what_waited_is_acknowledged_together():
    c = opened().passes(3000).arrives(1, 1, data=b"abc").arrives(4, 1, data=b"def")
    assert c.sends(1, 7, win=100) == "acknowledge"
    assert forbidden(c, 1, 7, win=100) == ONCE
    # Each may be acknowledged before the next is there.
    c = opened().passes(3000).arrives(1, 1, data=b"abc")
    assert c.sends(1, 4, win=100) == "acknowledge"
    assert c.arrives(4, 1, data=b"def").sends(1, 7, win=100) == "acknowledge"


def test_behind_a_gap_each_is_answered():
    c = opened().passes(3000).arrives(4, 1, data=b"def").arrives(7, 1, data=b"ghi")
    for _ in range(2):
        assert c.sends(1, 1) == "acknowledge"
    assert forbidden(c, 1, 1) == ONCE
    assert c.arrives(1, 1, data=b"abc").sends(1, 10) == "acknowledge"


def test_a_new_window_is_no_second_acknowledgement():
    assert received().sends(1, 4, win=101) == "acknowledge"
    assert received().sends(1, 4, win=99) == "acknowledge"


def test_a_probe_is_none():
    assert received().sends(0, 4, win=100) == "acknowledge"
    waiting = received()
    waiting.sends(1, 4, win=100, data=b"x")
    assert waiting.arrives(4, 1, win=0).passes(100).sends(2, 4, win=100) == "acknowledge"
    assert waiting.sends(2, 4, win=100) == "acknowledge"
    unknown = Options(other=((30, b"12"),))
    assert received().sends(1, 4, win=100, options=unknown) == "acknowledge"


def test_when_all_is_quiet_it_may_be_a_keep_alive():
    assert forbidden(received().passes(500), 1, 4, win=100) == ONCE
    assert received().passes(700).sends(1, 4, win=100) == "acknowledge"
    busy = received()
    busy.sends(1, 4, win=100, data=b"x")
    assert forbidden(busy.passes(3000), 2, 4, win=100) == ONCE
    # Where keep-alives begin after 75 s, it is none before.
    late = replace(UTCP.at(Vantage.host), unprompted=True)
    quiet = opened(late).arrives(1, 1, data=b"abc")
    quiet.sends(1, 4)
    assert forbidden(quiet.passes(3000), 1, 4) == ONCE
    assert quiet.passes(75_000).sends(1, 4) == "acknowledge"


def test_what_came_long_ago_is_not_answered_any_more():
    c = opened().passes(3000).arrives(1, 1, data=b"abc").arrives(4, 1, data=b"def")
    c.sends(1, 7, win=100)
    c.sends(1, 7, win=100, data=b"x")
    c.passes(2500).arrives(7, 1)
    c.sends(2, 7, win=100)
    assert forbidden(c, 2, 7, win=100) == ONCE


def test_a_merged_segment_is_many():
    c = received().arrives(4, 1, data=bytes(2920)).passes(10)
    c.sends(1, 2924, win=100)
    c.arrives(4, 1, data=bytes(2920))
    for _ in range(3):
        assert c.sends(1, 2924, win=100) == "acknowledge"


def test_a_path_may_repeat_it():
    c = opened(RFC9293.at(Vantage.path)).arrives(1, 1, data=b"abc")
    assert [c.sends(1, 4) for _ in range(3)] == ["acknowledge"] * 3


def test_a_damaged_segment_is_none_to_answer():
    assert forbidden(received().arrives(4, 1, data=b"d", fault="checksum"), 1, 4, win=100) == ONCE


def test_one_that_points_to_urgent_data_tells_of_it():
    c = received()
    c.frame += 1
    urgent = Segment(HOST + 1, PEER + 4, ACK | URG, 100, urp=5)
    assert c.sends_segment(urgent) == "acknowledge"
