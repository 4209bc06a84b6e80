"""What a segment that reaches the host changes, and what the host owes then."""

from __future__ import annotations

import pytest
from segments import (
    ACK,
    FIN,
    FULL,
    MSS,
    PSH,
    RFC9293,
    RST,
    SYN,
    UTCP,
    Options,
    Vantage,
    closed,
    forbidden,
    opened,
    replace,
)

from netspec.wire.endpoint import Phase
from netspec.wire.premise import Forbidden
from netspec.wire.receive import UNUSABLE

PATH = RFC9293.at(Vantage.path)


def owes(c, milliseconds: int) -> str | None:
    """What the host owed before so much time passed, None where nothing."""
    try:
        c.passes(milliseconds)
    except Forbidden as reason:
        return reason.premise
    return None


@pytest.mark.parametrize("fault", sorted(UNUSABLE))
def test_a_damaged_segment_changes_nothing(fault):
    c = opened()
    before = c.endpoint._replace(damaged=4)
    assert c.arrives(1, 1, data=b"abc", fault=fault).endpoint == before


def test_an_odd_segment_may_be_taken_and_obliges_to_nothing():
    c = opened().arrives(1, 1, data=b"abc", fault="option 8 of length 0")
    assert (c.endpoint.rcv_min, c.endpoint.rcv_max, c.endpoint.dues) == (1, 4, ())
    assert c.sends(1, 1) == "acknowledge"
    assert c.sends(1, 4) == "acknowledge"


def test_data_is_acknowledged_within_half_a_second():
    assert owes(opened().arrives(1, 1, data=b"abc"), 600) is None
    assert owes(opened().arrives(1, 1, data=b"abc"), 601) == "data is to be acknowledged within half a second"
    assert owes(opened(UTCP).arrives(1, 1, data=b"abc"), 401) == "data is to be acknowledged within half a second"
    c = opened().arrives(1, 1, data=b"abc").passes(100)
    c.sends(1, 4)
    assert owes(c, 10_000) is None


def test_an_acknowledgement_of_less_does_not_settle_it():
    c = opened().arrives(1, 1, data=b"abc")
    c.passes(1)
    c.arrives(4, 1, data=b"def")
    with pytest.raises(Forbidden):
        c.sends(1, 4)


@pytest.mark.parametrize(
    ("seq", "data"),
    [(1, b"abc"), (200, b"far"), (70_000, b"beyond the window")],
    ids=["repeated", "out of order", "out of window"],
)
def test_data_that_does_not_fit_is_answered(seq, data):
    def c():
        c = opened(replace(RFC9293, answers_gaps=True)).arrives(1, 1, data=b"abc")
        c.sends(1, 4)
        c.passes(1)
        return c.arrives(seq, 1, data=data)

    assert owes(c(), 601) == "data out of order, out of window or repeated is to be answered"
    answered = c()
    answered.passes(1)
    answered.sends(1, 4)
    assert owes(answered, 10_000) is None


def test_data_behind_a_gap_should_be_answered():
    c = opened().arrives(1, 1, data=b"abc")
    c.sends(1, 4)
    c.passes(1).arrives(200, 1, data=b"far").passes(10_000)
    c.sends(1, 4)
    assert [advice.clause for advice in c.endpoint.advice] == ["RFC 5681 4.2"]
    assert c.endpoint.dues == ()


def test_what_acknowledges_damaged_data_breaks_must_3():
    c = opened().arrives(1, 1, data=b"abc", fault="checksum")
    with pytest.raises(Forbidden, match="MUST-3"):
        c.sends(1, 4)
    with pytest.raises(Forbidden, match=r"\(RFC 9293 3.4\)"):
        c.sends(1, 5)


def test_an_unacceptable_segment_without_data_is_answered_now_and_then():
    c = opened()
    c.sends(1, 1)
    c.passes(2000)
    assert owes(c.arrives(0, 1), 601) == "an unacceptable segment is to be answered"
    c = opened()
    c.sends(1, 1)
    c.passes(900)
    assert owes(c.arrives(0, 1), 10_000) is None


def test_an_acknowledgement_of_what_was_not_sent_is_answered_and_dropped():
    c = opened()
    c.sends(1, 1)
    c.passes(2000)
    c.arrives(1, 50, data=b"abc")
    assert (c.endpoint.snd_una, c.endpoint.rcv_min) == (1, 1)
    assert owes(c, 601) is not None


def test_a_syn_in_an_open_connection_is_answered():
    c = opened()
    c.sends(1, 1)
    c.passes(2000)
    assert owes(c.arrives(3, flags=SYN), 601) == "a SYN in a synchronized state is to be answered"


def test_the_syn_of_the_peer_is_acknowledged():
    c = closed()
    c.sends(0, flags=SYN, options=MSS)
    c.arrives(0, 1, SYN | ACK, options=MSS)
    assert c.endpoint.phase is Phase.synchronized
    assert owes(c, 601) == "the SYN of the peer is to be acknowledged"


def test_a_reset_at_rcv_nxt_ends_the_connection():
    c = opened().arrives(1, flags=RST)
    assert (c.endpoint.phase, c.endpoint.reset_by) == (Phase.closed, "peer")
    assert forbidden(c, 1, 1) == "only a connection that exists sends segments without SYN or RST"


def test_a_reset_in_the_window_may_end_it():
    c = opened().arrives(100, flags=RST)
    assert (c.endpoint.phase, c.endpoint.reset_by) == (Phase.synchronized, "perhaps the peer")
    assert c.sends(1, 1) == "acknowledge"


def test_a_reset_out_of_the_window_does_nothing():
    c = opened().arrives(80_000, flags=RST)
    assert c.endpoint.reset_by is None


def test_a_reset_answers_a_syn_only_if_it_acknowledges_it():
    c = closed()
    c.sends(0, flags=SYN)
    assert c.arrives(0, flags=RST).endpoint.phase is Phase.syn_sent
    assert c.arrives(0, 7, RST | ACK).endpoint.phase is Phase.syn_sent
    assert c.arrives(0, 1, RST | ACK).endpoint.phase is Phase.closed


def test_a_fin_is_received_in_order_and_data_behind_it_is_not():
    c = opened().arrives(1, 1, ACK | FIN, b"abc")
    assert c.sends(1, 5) == "acknowledge"
    assert c.endpoint.state == "CLOSE-WAIT"
    c.arrives(5, 1, data=b"more")
    assert forbidden(c, 1, 9) == "a host acknowledges only what it received"


def test_a_fin_in_the_middle_of_what_was_received_is_none():
    c = opened().arrives(1, 1, data=b"abc")
    c.sends(1, 4)
    c.arrives(3, 1, ACK | FIN)
    assert c.endpoint.peer_fin is None
    c.arrives(4, 1, data=b"def")
    assert c.sends(1, 7) == "acknowledge"


def test_more_than_one_of_syn_fin_rst():
    assert opened().arrives(1, flags=RST | FIN).endpoint.phase is Phase.closed
    assert opened(UTCP).arrives(1, flags=RST | FIN).endpoint.phase is Phase.synchronized


def test_unacknowledged_data_is_sent_again():
    def waiting(profile):
        c = opened(profile)
        c.sends(1, 1, ACK | PSH, data=b"abc")
        return c

    assert owes(waiting(RFC9293), 64_000) is None
    assert owes(waiting(RFC9293), 64_001) == "unacknowledged data is sent again"
    assert owes(waiting(UTCP), 3_601) is None
    assert owes(waiting(UTCP), 3_602) == "unacknowledged data is sent again"
    at_host = UTCP.at(Vantage.host)
    assert owes(waiting(at_host), 2_101) is None
    assert owes(waiting(at_host), 2_102) == "unacknowledged data is sent again"
    acknowledged = waiting(UTCP).arrives(1, 4)
    assert owes(acknowledged, 1_000_000) is None
    assert owes(waiting(PATH), 1_000_000) is None


def test_a_long_round_trip_makes_a_timeout_long():
    c = opened(UTCP)
    c.sends(1, 1, data=b"abc")
    c.passes(2000)
    c.arrives(1, 4)
    c.sends(4, 1, data=b"def")
    assert owes(c, 13_601) is None
    assert owes(c, 1) == "unacknowledged data is sent again"


def test_a_syn_ack_is_sent_again_under_utcp():
    c = closed(UTCP).arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert owes(c, 4_101) is None
    assert owes(c, 1) == "a SYN that is not acknowledged is sent again"
    c = closed().arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert owes(c, 1_000_000) is None


def test_on_a_path_what_is_not_answered_may_have_been_lost():
    c = opened(PATH)
    c.sends(1, 1)
    c.passes(1).arrives(1, 1, data=b"abc").passes(3000)
    assert [due.ack for due in c.endpoint.unanswered] == [None]
    assert c.sends(1, 1) == "acknowledge"
    assert c.endpoint.unanswered == ()


def test_a_closed_window_opens():
    c = opened(win=0)
    assert forbidden(c, 1, 1, data=b"ab") == "data stays within the peer's window"
    c.arrives(1, 1, win=2)
    assert c.sends(1, 1, data=b"ab") == "transmit"


def test_agreed_options_are_in_use():
    c = opened(own=FULL, peers=FULL)
    assert (c.endpoint.timestamps, c.endpoint.snd_scale, c.endpoint.rcv_scale) == (True, 7, 7)
    c = opened(own=MSS, peers=FULL)
    assert (c.endpoint.timestamps, c.endpoint.snd_scale, c.endpoint.rcv_scale) == (False, 0, 0)
    c = opened(own=Options(mss=1460, ws=3), peers=FULL)
    assert (c.endpoint.snd_scale, c.endpoint.rcv_scale) == (7, 3)


def flight(c) -> int:
    """How many full segments the host may send before something forbids one."""
    count = 0
    start = c.endpoint.snd_max
    while True:
        try:
            c.sends(start + 1460 * count, c.endpoint.rcv_min, data=bytes(1460))
        except Forbidden:
            return count
        count += 1


def test_the_congestion_window_of_both_ways_to_open():
    assert flight(opened(win=65535)) == 11
    assert flight(opened(win=65535, active=True)) == 11


def test_the_congestion_window_grows_with_acknowledgements_and_duplicates():
    big = Options(mss=1460, ws=7)
    c = opened(own=big, peers=big)
    c.arrives(1, 1)
    assert c.endpoint.duplicates == 1
    before = c.endpoint.cwnd
    c.sends(1, 1, data=bytes(1460))
    c.arrives(1, 1461)
    assert (c.endpoint.cwnd, c.endpoint.duplicates) == (before + 1460, 0)


def test_selectively_acknowledged_data_is_not_in_flight():
    sack = Options(mss=1460, ws=7, sack_permitted=True)
    c = opened(own=sack, peers=sack)
    c.arrives(1, 1, win=4000)
    sent = flight(c)
    c.arrives(1, 1, win=4000, options=Options(sack=((1000 + 1461, 1000 + 1460 * sent + 1),)))
    assert c.endpoint.snd_fack == 1460 * sent + 1
    assert flight(c) >= sent


def test_data_behind_a_fin_that_was_received_is_ignored():
    c = opened().arrives(1, 1, ACK | FIN, data=b"abc")
    c.sends(1, 5)
    c.passes(1)
    assert owes(c.arrives(5, 1, data=b"XYZ"), 10_000) is None
    assert (c.endpoint.peer_fin, c.endpoint.rcv_max, c.endpoint.queue) == (4, 5, ())
    assert forbidden(c, 1, 6) == "a host acknowledges only what it received"


def test_a_fin_beyond_a_gap_may_be_dropped_and_overtaken_by_data():
    def contradicted():
        return opened().arrives(4, 1, ACK | FIN).arrives(1, 1, data=b"abcXYZ")

    assert contradicted().sends(1, 5) == "acknowledge"
    assert contradicted().sends(1, 7) == "acknowledge"
    assert forbidden(contradicted(), 1, 8) == "a host acknowledges only what it received"


def test_a_repeated_fin_is_answered_now_and_then():
    c = opened().arrives(1, 1, ACK | FIN)
    c.sends(1, 2)
    c.passes(2000)
    assert owes(c.arrives(1, 1, ACK | FIN), 601) == "a repeated FIN is to be answered"
    c = opened().arrives(1, 1, ACK | FIN)
    c.sends(1, 2)
    c.passes(500)
    assert owes(c.arrives(1, 1, ACK | FIN), 10_000) is None


def test_a_pure_acknowledgement_in_order_calls_for_nothing():
    c = opened()
    c.sends(1, 1)
    c.passes(5000)
    assert owes(c.arrives(1, 1), 10_000) is None


def test_in_time_wait_a_reset_may_be_ignored():
    def done(acknowledged):
        c = opened()
        c.sends(1, 1, ACK | FIN)
        c.arrives(1, 2 if acknowledged else 1, ACK | FIN)
        c.sends(2, 2)
        return c.arrives(2, flags=RST)

    assert done(True).endpoint.state == "TIME-WAIT or CLOSED"
    assert done(True).sends(2, 2) == "acknowledge"
    assert done(False).endpoint.phase is Phase.closed


def test_a_connection_that_may_have_ended_is_opened_again():
    c = opened()
    c.sends(1, 1, ACK | FIN)
    c.arrives(1, 2, ACK | FIN)
    c.sends(2, 2)
    assert c.sends(500_000, flags=SYN) == "open_actively"
    c = opened()
    c.sends(1, 1, ACK | FIN)
    assert forbidden(c, 500_000, flags=SYN) == "a connection that exists is not opened again"
    c = opened()
    c.sends(1, 1, ACK | FIN)
    c.arrives(1, 2, ACK | FIN)
    c.arrives(90_000, flags=SYN, options=MSS)
    assert c.sends(700_000, 90_001, SYN | ACK, options=MSS) == "answer_syn"
    assert c.endpoint.irs == 95_000


def test_fin_wait_2_may_time_out():
    c = opened()
    c.sends(1, 1, ACK | FIN)
    c.arrives(1, 2)
    assert c.endpoint.state == "FIN-WAIT-2"
    assert c.sends(500_000, flags=SYN) == "open_actively"


def test_crossing_syns_need_the_right_acknowledgement():
    c = closed()
    c.sends(0, flags=SYN, options=MSS)
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert c.arrives(0, 9, SYN | ACK).endpoint.phase is Phase.syn_received
    assert c.arrives(0, 1, SYN | ACK).endpoint.phase is Phase.synchronized


def test_a_crossing_syn_is_answered():
    def crossed(profile):
        c = closed(profile)
        c.sends(0, flags=SYN, options=MSS)
        return c.arrives(0, flags=SYN, options=MSS)

    assert owes(crossed(RFC9293), 601) == "a SYN that crosses the host's own is answered"
    assert owes(crossed(UTCP), 5000) is None
    dropped = crossed(UTCP).arrives(0, 1, SYN | ACK, options=MSS)
    assert dropped.sends(1, flags=RST) == "answer_with_reset"
    c = crossed(RFC9293)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert owes(c, 10_000) is None


def test_in_syn_received_a_syn_again_calls_for_nothing():
    c = closed().arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    c.passes(2000)
    assert owes(c.arrives(0, flags=SYN, options=MSS), 10_000) is None


def test_a_window_that_was_offered_obliges_to_take_data():
    """Data within the window is in order and certain; beyond it, the host may drop it."""
    c = opened()
    c.sends(1, 1, win=10)
    inside = c.arrives(1, 1, data=b"0123456789")
    assert inside.endpoint.rcv_min == 11
    c = closed().arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, win=4, options=MSS)
    c.arrives(1, 1)
    c.arrives(1, 1, data=b"012345")
    assert (c.endpoint.rcv_min, c.endpoint.rcv_max) == (1, 7)


def test_a_host_that_throttles_nothing_answers_each_unacceptable_segment():
    for profile, owes in ((RFC9293, False), (UTCP, True)):
        c = opened(profile).arrives(1, 1, data=b"x")
        c.sends(1, 2)
        c.passes(100).arrives(0, 1)
        if owes:
            with pytest.raises(Forbidden, match="an unacceptable segment is to be answered"):
                c.passes(1000)
        else:
            c.passes(1000)


def both_closed(first: int) -> object:
    """Both FINs are received and acknowledged; `first`: 0 if the host closed first."""
    c = opened()
    if first:
        c.arrives(1, 1, FIN | ACK)
        c.sends(1, 2, FIN | ACK)
        return c
    c.sends(1, 1, FIN | ACK)
    c.arrives(1, 2, FIN | ACK)
    c.sends(2, 2)
    return c


@pytest.mark.parametrize("first", [0, 1])
def test_what_comes_with_the_last_acknowledgement_is_not_answered(first):
    for seq in (1, 2):
        c = both_closed(first).passes(10)
        c.arrives(seq, 2, ACK, b"abc")
        c.passes(1000)


def test_what_is_out_of_window_after_the_last_acknowledgement_is_answered():
    c = both_closed(1).passes(10).arrives(2, 2)
    c.arrives(-5, 2, ACK, b"abc")
    with pytest.raises(Forbidden, match="out of window"):
        c.passes(1000)


def test_before_the_last_acknowledgement_data_that_comes_again_is_answered():
    c = opened()
    c.arrives(1, 1, FIN | ACK)
    c.sends(1, 2, FIN | ACK)
    c.passes(10).arrives(-5, 1, ACK, b"abc")
    with pytest.raises(Forbidden, match="out of window"):
        c.passes(1000)


def test_a_peer_that_sends_data_across_its_fin_leaves_the_rest_open():
    c = opened().arrives(101, 1, FIN | ACK)
    c.sends(1, 1)
    c.arrives(1, 1, ACK, b"x" * 200)
    c.sends(1, 201)
    c.arrives(201, 1, ACK, b"x" * 50)
    assert c.sends(1, 251) == "acknowledge"
    assert forbidden(c, 1, 252) == "a host acknowledges only what it received"


def test_the_opening_of_the_window_sets_the_timer():
    def probed() -> object:
        c = opened(UTCP, win=3)
        c.sends(1, 1, data=b"abc")
        c.arrives(1, 4, win=0)
        c.passes(5000)
        c.sends(4, 1, data=b"d")
        return c.passes(50_000).arrives(1, 4, win=4000)

    assert probed().passes(1000).sends(4, 1, data=b"def") == "retransmit"
    with pytest.raises(Forbidden, match="unacknowledged data is sent again"):
        probed().passes(10_000)
