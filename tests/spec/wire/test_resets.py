"""Resets that are received inside the window, and those that only a host with an abortive close sends."""

from __future__ import annotations

import pytest
from segments import (
    ACK,
    HOST,
    MILLISECOND,
    MSS,
    PEER,
    PSH,
    RFC9293,
    RST,
    SYN,
    UTCP,
    Vantage,
    closed,
    forbidden,
    opened,
    replace,
)

from netspec.wire.premise import Forbidden
from netspec.wire.rules.dispatch import send
from netspec.wire.segment import NO_OPTIONS

IGNORED = "a reset in the window ends the connection or is answered"
KEPT = "what belongs to a connection is not answered with a reset"
ABORTED = "the host resets a connection only when it gives up"
PATH = RFC9293.at(Vantage.path)


def refusal(c, seq: int, ack: int) -> str:
    """The premise of the rule `abort` that forbids a reset."""
    out = c.event(HOST + seq, PEER + ack, RST | ACK, b"", 0, NO_OPTIONS, None)
    with pytest.raises(Forbidden) as reason:
        send(c.endpoint, out, c.profile, "abort")
    return reason.value.premise


def doubtful(profile=RFC9293, seq: int = 100):
    """An open connection that was silent for long, and receives a reset."""
    c = opened(profile)
    c.passes(5000)
    return c.arrives(seq, flags=RST)


def test_a_reset_in_the_window_that_is_ignored():
    c = doubtful().passes(3000)
    assert forbidden(c, 1, 1, data=b"on") == IGNORED


def test_a_reset_in_the_window_that_is_answered_leaves_the_connection():
    c = doubtful()
    assert c.sends(1, 1) == "acknowledge"
    assert c.passes(3000).sends(1, 1, data=b"on") == "transmit"
    assert c.endpoint.reset_by is None


def test_what_was_sent_before_the_reset_can_have_come_says_nothing():
    c = doubtful().passes(1100)
    assert c.sends(1, 1, data=b"on") == "transmit"
    assert c.endpoint.reset_by is not None


@pytest.mark.parametrize("seq", [1, 80_000, -5])
def test_a_reset_that_is_not_inside_the_window_needs_no_answer(seq):
    c = doubtful(seq=seq)
    c.passes(3000)
    if seq == 1:
        assert forbidden(c, 1, 1) == "only a connection that exists sends segments without SYN or RST"
    else:
        assert c.sends(1, 1) == "acknowledge"


def test_an_answer_may_be_held_back_shortly_after_another_segment():
    c = opened().arrives(100, flags=RST)
    assert c.passes(3000).sends(1, 1) == "acknowledge"
    c = opened(replace(RFC9293, throttle=0)).passes(500).arrives(100, flags=RST)
    assert forbidden(c.passes(3000), 1, 1) == IGNORED


def test_on_a_path_the_reset_may_have_been_lost():
    assert doubtful(PATH).passes(9000).sends(1, 1) == "acknowledge"


def test_before_the_connection_is_open_too():
    c = closed(UTCP)
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    c.passes(1000).arrives(100, flags=RST).passes(2100)
    assert forbidden(c, 0, 1, SYN | ACK, options=MSS) == IGNORED


def test_a_host_that_goes_on_after_a_reset_owes_answers_again():
    c = doubtful()
    c.sends(1, 1)
    c.passes(2000).sends(1, 1)
    c.arrives(1, 1, data=b"data")
    assert [due.ack for due in c.endpoint.dues] == [5]


def test_an_acknowledgement_in_time_is_not_answered_with_a_reset():
    c = closed(UTCP)
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    c.passes(3000).sends(0, 1, SYN | ACK, options=MSS)
    c.arrives(1, 1)
    assert forbidden(c, 1, flags=RST) == KEPT


def test_one_that_acknowledges_something_else_is():
    c = closed(UTCP)
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    c.arrives(1, 500)
    assert c.sends(500, flags=RST) == "answer_with_reset"


def test_an_application_may_abort_where_there_is_a_call_for_it():
    c = opened()
    c.sends(1, 1, data=b"data")
    assert c.sends(5, 1, RST | ACK) == "abort"
    assert refusal(opened(UTCP), 1, 1) == ABORTED


def test_a_host_that_has_given_up_resets():
    c = opened(replace(UTCP, give_up=2, rto_max=0))
    c.sends(1, 1, data=b"data")
    for wait in (3000, 6000, 12000):
        c.passes(wait).sends(1, 1, data=b"data")
    assert c.passes(100).sends(5, 1, RST | ACK) == "abort"
    once = opened(UTCP)
    once.sends(1, 1, data=b"data")
    assert refusal(once, 5, 1) == ABORTED


UNPROMPTED = "a segment with nothing new answers one that calls for it"


def test_a_repeated_acknowledgement_answers_something():
    c = opened(UTCP)
    c.arrives(1, 1, data=b"data")
    c.passes(200).sends(1, 5)
    assert forbidden(c.passes(3000), 1, 5) == UNPROMPTED
    assert c.arrives(0, 1).sends(1, 5) == "acknowledge"


def test_an_acknowledgement_at_rcv_nxt_calls_for_no_answer():
    c = opened(UTCP)
    c.arrives(1, 1, data=b"data")
    c.passes(200).sends(1, 5)
    assert forbidden(c.passes(3000).arrives(5, 1), 1, 5) == UNPROMPTED
    assert c.arrives(5, 9).sends(1, 5) == "acknowledge"


def test_a_larger_window_needs_no_question():
    c = opened(UTCP)
    c.arrives(1, 1, data=b"data")
    c.passes(200).sends(1, 5, win=65531)
    assert c.passes(3000).sends(1, 5, win=65535) == "acknowledge"


def test_others_may_probe():
    c = opened()
    c.arrives(1, 1, data=b"data")
    c.passes(200).sends(1, 5)
    assert c.passes(3000).sends(1, 5) == "acknowledge"


def outside(profile):
    c = closed(profile)
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    return c.passes(1500).arrives(500_000, flags=SYN)


def test_a_syn_outside_the_window_is_answered_in_syn_received():
    due = outside(RFC9293).endpoint.dues
    assert [one.reason for one in due] == ["an unacceptable segment is to be answered"]
    assert due[0].by == (1500 + 600) * MILLISECOND


def test_a_profile_may_ignore_it_and_the_same_syn_is_no_other():
    assert not outside(UTCP).endpoint.dues
    c = closed()
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert not c.passes(1500).arrives(0, flags=SYN, options=MSS).endpoint.dues


UNASKED = "what acknowledges another number than that of the SYN is answered with a reset"


def connecting():
    c = closed()
    c.sends(0, flags=SYN, options=MSS)
    return c


def test_an_answer_to_another_syn_is_reset():
    c = connecting().passes(500).arrives(9, 77, SYN | ACK)
    assert [due.reason for due in c.endpoint.dues] == [UNASKED]
    assert c.passes(400).sends(0, flags=SYN, options=MSS) == "retransmit_syn"
    with pytest.raises(Forbidden, match=UNASKED):
        c.passes(300)
    c = connecting().arrives(9, 77, SYN | ACK)
    assert c.sends(77, flags=RST) == "answer_with_reset"
    assert c.passes(500).sends(0, flags=SYN, options=MSS) == "retransmit_syn"


def test_a_reset_or_one_without_acknowledgement_is_not():
    assert not connecting().arrives(9, 77, RST | ACK).endpoint.dues
    assert not connecting().arrives(9, 0, RST).endpoint.dues


def test_nor_is_the_right_answer():
    assert [due.reason for due in connecting().arrives(0, 1, SYN | ACK).endpoint.dues] != [UNASKED]


def test_an_acknowledgement_of_something_else_is_reset_before_the_connection_is_open():
    c = closed()
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert [due.reason for due in c.arrives(1, 500).endpoint.dues] == [UNASKED]
    assert c.sends(500, flags=RST) == "answer_with_reset"
    assert not c.endpoint.dues
    assert not c.arrives(400, 500).endpoint.dues


WAITS = "data that waits is sent when nothing holds it back"


def waiting(flags: int = ACK, win: int = 65535):
    """All that was sent is acknowledged."""
    c = opened(UTCP, win=win)
    c.sends(1, 1, flags, data=bytes(1000))
    return c.passes(10).arrives(1, 1001, win=win)


def test_what_waits_is_sent_when_all_is_acknowledged():
    c = waiting()
    with pytest.raises(Forbidden, match=WAITS):
        c.passes(601)
    c = waiting().passes(100)
    c.sends(1001, 1, ACK | PSH, data=bytes(1000))
    assert c.arrives(1, 2001).passes(60_000).endpoint.ready is None


def test_nothing_waits_behind_a_push_and_a_small_window_holds_back():
    assert waiting(ACK | PSH).passes(60_000).endpoint.ready is None
    assert waiting(win=1200).passes(1000).endpoint.ready is None
    other = opened()
    other.sends(1, 1, data=bytes(1000))
    other.passes(10).arrives(1, 1001).passes(60_000)


def test_each_repeated_syn_ack_has_the_number_of_the_first():
    c = closed()
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert c.passes(1000).sends(0, 1, SYN | ACK, options=MSS) == "retransmit_syn_ack"
    assert forbidden(c.passes(1000), 50, 1, SYN | ACK, options=MSS) == "a repeated SYN has the same number"
    assert c.arrives(0, flags=SYN, options=MSS).sends(50, 1, SYN | ACK, options=MSS) == "answer_syn"


def test_timeouts_that_do_not_grow_add_up():
    c = opened()
    for wait in (0, 2000, 2000, 2000, 2000):
        c.passes(wait).sends(1, 1, data=b"data")
    assert forbidden(c.passes(3000), 1, 1, data=b"data") == "a timeout waits longer than the one before"
    assert c.passes(900).sends(1, 1, data=b"data") == "retransmit"


def test_no_data_begins_before_the_first_octet():
    c = opened()
    c.sends(1, 1, data=b"data")
    assert forbidden(c.passes(2000), 0, 1, data=b"xdata") == "the first octet follows the SYN"
    assert c.sends(1, 1, data=b"data") == "retransmit"


def test_an_unanswered_probe_is_followed_by_empty_ones():
    c = opened(UTCP)
    c.sends(1, 1, data=b"data")
    c.passes(100).arrives(1, 5, win=0)
    c.passes(5000).sends(5, 1, data=b"x")
    assert c.passes(5100).sends(6, 1) == "acknowledge"
    c = opened(UTCP, win=0)
    assert forbidden(c.passes(3000), 1, 1) == UNPROMPTED


def test_a_profile_may_have_exact_resets():
    c = doubtful(UTCP)
    assert c.endpoint.reset_by is None
    assert [due.reason for due in c.endpoint.dues] == ["a reset inside the window is answered"]
    assert not doubtful(UTCP, seq=80_000).endpoint.dues
    assert forbidden(doubtful(UTCP, seq=1), 1, 1) == "only a connection that exists sends segments without SYN or RST"
