"""Segments that strangers, old connections and broken peers send: what a correct host may make of them."""

from __future__ import annotations

import pytest
from segments import (
    ACK,
    FIN,
    FULL,
    MSS,
    RST,
    SYN,
    Connection,
    Options,
    closed,
    forbidden,
    opened,
    replace,
)

from netspec.wire.acknowledged import premature, text_to_come
from netspec.wire.endpoint import Phase
from netspec.wire.premise import Forbidden
from netspec.wire.receive import receive

NO_CONNECTION = "only a connection that exists sends segments without SYN or RST"
ACKED = "what is acknowledged leaves the retransmission queue"
DATA = "data is to be acknowledged within half a second"


def answered() -> Connection:
    """SYN-RECEIVED: a SYN came and is answered."""
    c = closed()
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    return c


def test_what_is_out_of_window_may_leave_a_host_in_syn_received():
    c = answered().passes(100).arrives(-70_000, 1, FIN | ACK)
    assert c.endpoint.phase is Phase.synchronized and c.endpoint.una_min == 0
    assert c.sends(1, 1) == "acknowledge"
    assert c.arrives(1, 500).sends(500, flags=RST) == "answer_with_reset"
    assert c.passes(10).sends(1, 1) == "acknowledge"
    assert c.passes(1000).sends(0, 1, SYN | ACK, options=MSS) == "retransmit_syn_ack"


def test_a_reset_ends_what_is_certainly_open():
    c = opened().passes(100).arrives(1, 500)
    assert c.sends(500, flags=RST) == "answer_with_reset"
    assert forbidden(c, 1, 1) == NO_CONNECTION


def test_a_syn_in_the_window_may_take_the_host_back_to_listen():
    c = answered().passes(100).arrives(50, flags=SYN, options=MSS)
    c.arrives(1, 1, data=b"data")
    assert not c.endpoint.dues
    assert c.sends(1, flags=RST) == "answer_with_reset"
    c = answered().passes(100).arrives(1, 1, data=b"data")
    with pytest.raises(Forbidden, match=DATA):
        c.passes(601)


def test_a_host_that_goes_on_after_a_syn_in_the_window_owes_answers_again():
    c = answered().passes(100).arrives(50, flags=SYN, options=MSS)
    c.arrives(1, 1).passes(2000).sends(1, 1)
    c.arrives(1, 1, data=b"data")
    with pytest.raises(Forbidden, match=DATA):
        c.passes(601)


def test_a_reset_may_answer_what_is_received_after_it_was_sent():
    c = closed()
    c.sends(0, flags=SYN, options=MSS)
    c.arrives(9, 1).sends(1, flags=RST)
    c.arrives(0, 1, SYN | ACK, options=MSS).passes(9000)
    other = closed()
    other.sends(0, flags=SYN, options=MSS)
    other.arrives(9, 7).sends(7, flags=RST)
    with pytest.raises(Forbidden, match="the SYN of the peer"):
        other.arrives(0, 1, SYN | ACK, options=MSS).passes(9000)


def test_the_reset_of_an_abort_is_behind_the_syn():
    c = answered().passes(1000)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert forbidden(c, 0, flags=RST) != ""
    assert c.arrives(1, 0).sends(0, flags=RST) == "answer_with_reset"
    assert c.sends(1, flags=RST) == "abort"


def test_after_an_abort_the_peer_may_use_its_number_again():
    c = opened()
    c.sends(1, 1, RST | ACK)
    assert forbidden(c, 90, 1, SYN | ACK, options=MSS) == "a SYN-ACK answers a SYN"
    c.passes(2000).arrives(0, flags=SYN, options=MSS)
    assert c.sends(90_000, 1, SYN | ACK, options=MSS) == "answer_syn"
    assert (c.endpoint.snd_una, c.endpoint.una_min) == (0, 0)


def early(c: Connection, ack: int) -> None:
    """A segment is recorded, and then received only after the host has sent more."""
    event = c.event(5001, 1000 + ack, ACK, b"", 65535, Options(), None)
    event = replace(event, premature=premature(c.endpoint, event))
    c.sends(1, 1, data=b"data")
    c.endpoint = receive(c.endpoint, event, c.profile)


def test_an_acknowledgement_of_what_was_not_sent_yet_may_have_been_dropped():
    c = opened()
    early(c, 5)
    assert (c.endpoint.snd_una, c.endpoint.una_min) == (5, 1)
    assert c.passes(2000).sends(1, 1, data=b"data") == "retransmit"
    c = opened()
    c.sends(1, 1, data=b"data")
    c.arrives(1, 5)
    assert forbidden(c.passes(2000), 1, 1, data=b"data") == ACKED


@pytest.mark.parametrize(("at", "taken"), [(65_536, False), (65_535, True), (1, True)])
def test_an_empty_segment_at_the_right_edge_is_out_of_window(at, taken):
    c = opened()
    c.sends(1, 1, data=b"data", win=65_535)
    c.arrives(at, 5)
    assert (c.endpoint.una_min == 5) is taken


def test_an_acknowledgement_of_nothing_that_was_ever_sent_may_drop_the_segment():
    c = opened().passes(2000).arrives(1, 0, data=b"data")
    assert c.endpoint.rcv_min == 1
    assert c.sends(1, 1) == "acknowledge"
    c = opened().passes(2000).arrives(1, 1, data=b"data")
    assert forbidden(c, 1, 1, data=b"x") == "a segment acknowledges everything received in order so far"


@pytest.mark.parametrize("ack", [0, 500])
def test_data_with_a_wrong_acknowledgement_is_answered_unless_another_answer_was_sent_just_before(ack):
    c = opened().passes(2000).arrives(1, ack, data=b"data")
    with pytest.raises(Forbidden, match="expected an answer to"):
        c.passes(601)
    c = opened().passes(2000)
    c.sends(1, 1)
    c.passes(10).arrives(1, ack, data=b"data").passes(9000)


def challenged(times: int) -> Connection:
    """So many challenges in half of a second, each answered; two seconds later another."""
    c = opened().passes(5000)
    for _ in range(times):
        c.passes(50).arrives(-1, 1).sends(1, 1)
    return c.passes(2000).arrives(-1, 1)


def test_ten_answers_in_five_seconds_are_enough():
    challenged(10).passes(9000)
    with pytest.raises(Forbidden, match="an unacceptable segment"):
        challenged(9).passes(9000)
    with pytest.raises(Forbidden, match="an unacceptable segment"):
        challenged(10).passes(3000).arrives(-1, 1).passes(9000)


def test_in_time_wait_an_acknowledgement_of_what_was_not_sent_needs_no_answer():
    c = opened()
    c.sends(1, 1, FIN | ACK)
    c.arrives(1, 2, FIN | ACK).sends(2, 2)
    c.passes(3000).arrives(2, 500).passes(9000)
    with pytest.raises(Forbidden, match="not sent"):
        opened().passes(3000).arrives(1, 500).passes(9000)


def stamped(*values: int) -> Connection:
    """Segments out of window, with such timestamps."""
    c = opened(own=FULL, peers=FULL)
    for value in values:
        c.arrives(-90_000, 1, options=Options(ts=(value % 2**32, 100)))
    return c


def test_timestamps_that_leap_are_not_compared():
    c = stamped(2**31 + 90, 2**31 + 2**30)
    assert c.endpoint.ts_leapt
    assert c.sends(1, 1, options=Options(ts=(200, 100))) == "acknowledge"
    text = "TSecr echoes a timestamp that was received"
    assert forbidden(stamped(100 + 2**30 - 1), 1, 1, options=Options(ts=(200, 2**31 - 1))) == text


def test_the_window_of_a_segment_that_may_be_dropped_may_be_the_old_one():
    c = opened(win=4)
    c.sends(1, 1, data=b"data")
    c.arrives(-1, 1, win=60_000)
    assert c.endpoint.snd_wnd == 4
    c.arrives(1, 1, win=60_000)
    assert c.endpoint.snd_wnd == 60_000


def test_an_acknowledgement_can_be_taken_before_the_text_of_its_segment():
    c = closed()
    whole = c.event(5001, 1005, FIN | ACK, b"data", 100, Options(), None)
    bare = text_to_come(whole)
    assert bare is not None
    assert (bare.seg.ack, bare.seg.flags, bare.seg.length, bare.seg.data) == (1005, ACK, 0, b"")
    for flags in (ACK, RST | ACK, SYN | ACK):
        assert text_to_come(c.event(5001, 1005, flags, b"", 100, Options(), None)) is None


def test_the_loss_window_grows_from_one_segment_by_what_is_acknowledged():
    def after(parts: int) -> Connection:
        c = opened()
        for part in range(6):
            c.sends(1 + 1460 * part, 1, data=bytes(1460))
        c.passes(2000).sends(1, 1, data=bytes(1460))
        c.passes(4000).sends(1, 1, data=bytes(1460))
        return c.passes(10).arrives(1, 1 + 1460 * parts)

    c = after(3)
    for part in range(6, 10):
        assert c.sends(1 + 1460 * part, 1, data=bytes(1460)) == "transmit"
    assert forbidden(c, 1 + 1460 * 10, 1, data=bytes(1460)) == "after a timeout the congestion window is one segment"


@pytest.mark.parametrize(("stamp", "due"), [(None, False), ((200, 100), True)])
def test_what_lacks_an_agreed_timestamp_may_be_dropped_in_silence(stamp, due):
    c = opened(own=FULL, peers=FULL).passes(3000).arrives(1, 500, options=Options(ts=stamp))
    assert bool(c.endpoint.dues) is due


def test_a_probe_of_the_last_segment_may_be_a_timeout():
    """With others outstanding it was the first timeout that closed the window; a later one allows a segment anew."""
    c = opened()
    c.sends(1, 1, data=bytes(1000))
    c.passes(2000).sends(1, 1, data=bytes(1000))
    c.endpoint = c.endpoint._replace(loss_window=0, timeouts=())
    assert c.passes(4000).sends(1, 1, data=bytes(1000)) == "retransmit"
    assert forbidden(c, 1001, 1, data=bytes(1000)) == "after a timeout the congestion window is one segment"
