"""What a capture leaves open: when the host received a segment, whether it took it, and what came before."""

from __future__ import annotations

import pytest
from segments import (
    ACK,
    FIN,
    FULL,
    MILLISECOND,
    MSS,
    RFC9293,
    RST,
    SYN,
    Options,
    Vantage,
    closed,
    forbidden,
    opened,
    replace,
)

from netoracle.wire.track import Track
from netspec.wire.event import Event
from netspec.wire.premise import Forbidden
from netspec.wire.profile import WireProfile
from netspec.wire.rules.rule import WIRE_RULES
from netspec.wire.segment import NO_OPTIONS, Segment

PATH = RFC9293.at(Vantage.path)
STAMPED = Options(ts=(101, 100))


def owes(c, milliseconds: int) -> str | None:
    try:
        c.passes(milliseconds)
    except Forbidden as reason:
        return reason.premise
    return None


class Capture:
    """A capture of one host, whose number 0 is 1000 and whose peer's is 5000; `<` arrives, `>` leaves."""

    def __init__(self, profile: WireProfile = RFC9293) -> None:
        self.track = Track(profile)
        self.frame = 0

    def see(
        self, way: str, time: int, seq: int, ack: int, flags: int = ACK, length: int = 0, win: int = 1000,
        options: Options = NO_OPTIONS,
    ) -> Capture:  # fmt: skip
        self.frame += 1
        own, peer = (seq, ack) if way == ">" else (ack, seq)
        numbers = (1000 + own) % 2**32, (5000 + peer) % 2**32
        first, second = numbers if way == ">" else numbers[::-1]
        if not flags & ACK:
            second = 0
        seg = Segment(first, second, flags, win, length, bytes(length), 0, options)
        event = Event(self.frame, time * MILLISECOND, seg)
        if way == ">":
            self.track.leave(event)
        else:
            self.track.arrive(event)
        return self

    def opened(self) -> Capture:
        return self.see("<", 0, 0, 0, SYN, options=MSS).see(">", 0, 0, 1, SYN | ACK, options=MSS).see("<", 0, 1, 1)

    @property
    def summary(self) -> str | None:
        return self.track.violation.summary if self.track.violation else None


def test_data_that_found_the_window_closed_may_be_dropped_though_it_opens_before_long():
    c = Capture().opened().see("<", 10, 1, 1, length=1000).see(">", 20, 1, 1001, win=0)
    c.see("<", 600, 1001, 1, length=1).see(">", 601, 1, 1001, win=0).see(">", 650, 1, 1001, win=1000)
    assert c.see("<", 1300, 1001, 1).see(">", 1301, 1, 1001).summary is None


def test_data_within_the_window_is_taken():
    c = Capture().opened().see("<", 10, 1, 1, length=1000).see(">", 20, 1, 1001, win=1000)
    c.see("<", 600, 1001, 1, length=1).see(">", 601, 1, 1001)
    assert c.see("<", 1300, 1002, 1).summary == "data is to be acknowledged within half a second"


def test_data_that_came_out_of_order_may_be_dropped_though_the_gap_is_filled_before_long():
    c = Capture().opened().see("<", 10, 101, 1, length=100).see(">", 11, 1, 1).see("<", 20, 1, 1, length=100)
    assert c.see(">", 21, 1, 101).see("<", 900, 101, 1, length=100).see(">", 910, 1, 201).summary is None


def test_a_reset_beyond_a_gap_ends_nothing_though_the_gap_is_filled_before_long():
    c = Capture().opened().see("<", 10, 101, 1, length=50).see("<", 11, 151, 0, RST).see(">", 12, 1, 1)
    c.see("<", 13, 1, 1, length=100).see(">", 14, 1, 151)
    assert c.see("<", 900, 151, 1).see(">", 901, 1, 151, length=5).summary is None


def test_a_reset_of_a_syn_sent_answers_a_segment_and_the_connection_goes_on():
    c = Capture().see(">", 0, 0, 0, SYN, options=MSS).see("<", 10, 700, 0, ACK)
    c.see(">", 11, 0, 0, RST).see("<", 20, 0, 1, SYN | ACK, options=MSS)
    assert c.see(">", 30, 1, 1).summary is None


def test_an_answer_with_the_same_time_is_an_answer():
    c = Capture().opened().see("<", 10, 1, 1, length=5).see(">", 20, 1, 6)
    c.see("<", 700, 1, 1, length=5).see(">", 700, 1, 6)
    assert c.see("<", 2000, 6, 1).summary is None
    c = Capture().opened().see("<", 10, 1, 1, length=5).see(">", 20, 1, 6).see("<", 700, 1, 1, length=5)
    assert c.see("<", 2000, 6, 1).summary == "data out of order, out of window or repeated is to be answered"


@pytest.mark.parametrize("first", ["<", ">"])
def test_a_connection_that_began_before_the_capture(first):
    """The first data recorded is an old segment again; the host has received more before."""
    c = Capture().see(first, 0, 1, 1, length=0 if first == ">" else 100)
    c.see("<", 1, 1, 1, length=100).see(">", 2, 1, 3001, win=1000)
    c.see("<", 3, 3001, 1, length=10).see(">", 4, 1, 3011).see(">", 5, 1, 3011, ACK | FIN, length=7)
    assert c.summary is None
    assert c.see(">", 6, 9, 3011, length=3).summary == "no data follows the FIN"


@pytest.mark.parametrize("flags", [RST, FIN])
def test_a_capture_may_begin_with_what_tells_of_no_connection(flags):
    c = Capture().see("<", 0, 9000, 1, flags)
    assert c.see(">", 1, 1, 1, length=10).see("<", 2, 1, 11).see(">", 3, 11, 1, length=10).summary is None


def test_what_a_timestamp_shows_to_be_old_may_be_dropped():
    def c():
        c = opened(own=FULL, peers=FULL).arrives(1, 1, data=b"a", options=Options(ts=(110, 100)))
        c.sends(1, 2, options=Options(ts=(101, 110)))
        c.passes(1)
        return c

    for options in (Options(ts=(105, 100)), Options()):
        old = c().arrives(2, 1, data=b"b", options=options)
        assert old.sends(1, 2, options=Options(ts=(101, 110))) == "acknowledge"
    assert owes(c().arrives(2, 1, data=b"b"), 10_000) is None
    assert owes(c().arrives(2, 1, data=b"b", options=Options(ts=(105, 100))), 601) is not None
    fresh = c().arrives(2, 1, data=b"b", options=Options(ts=(110, 100)))
    assert forbidden(fresh, 1, 2, options=Options(ts=(101, 110))) == (
        "a segment acknowledges everything received in order so far"
    )


def test_the_acknowledgement_in_a_segment_out_of_the_window_need_not_be_taken():
    def c(seq):
        c = opened().arrives(1, 1, data=b"abc")
        c.sends(1, 4, data=b"xyz")
        return c.arrives(seq, 4, data=b"abc")

    assert c(1).sends(1, 4, data=b"xyz") == "retransmit"
    assert forbidden(c(4), 1, 7, data=b"xyz") == "what is acknowledged leaves the retransmission queue"


def test_a_very_old_acknowledgement_may_have_its_segment_dropped():
    c = opened(win=100)
    for n in range(4):
        c.sends(1 + 100 * n, 1, data=bytes(100))
        c.arrives(1, 101 + 100 * n, win=100)
    assert c.arrives(1, 1, data=b"abc", win=100).sends(401, 1) == "acknowledge"
    assert forbidden(c.arrives(1, 350, data=b"abc", win=100), 401, 1) != ""


def test_the_window_of_an_older_segment_does_not_count():
    c = opened(win=100)
    c.sends(1, 1, data=bytes(100))
    c.arrives(1, 101, win=0)
    c.arrives(1, 1, win=100)
    assert c.sends(101, 1, data=b"?") == "probe_window"
    c = opened(win=100)
    assert forbidden(c, 101, 1, data=b"?") == "new data follows what was sent before"


def test_a_syn_waits_where_its_answer_may_be_lost():
    def answered(profile):
        c = closed(profile)
        c.sends(0, flags=SYN, options=MSS)
        return c.arrives(0, 1, SYN | ACK, options=MSS)

    assert answered(PATH).sends(0, flags=SYN, options=MSS) == "retransmit_syn"
    assert forbidden(answered(RFC9293), 0, flags=SYN, options=MSS) == "a connection that exists is not opened again"


def test_behind_a_reset_something_may_come_late_on_a_path_only():
    for profile, late in ((PATH, True), (RFC9293, False)):
        c = opened(profile)
        c.sends(4, 1, flags=RST | ACK) if late else c.sends(1, 1, flags=RST | ACK)
        if late:
            assert c.sends(1, 1, data=b"abc") in ("transmit", "retransmit")
        else:
            assert forbidden(c, 1, 1, data=b"abc") == "only a connection that exists sends segments without SYN or RST"


def test_the_timer_starts_anew_with_each_acknowledgement():
    c = opened()
    c.sends(1, 1, data=b"abc")
    c.sends(4, 1, data=b"def")
    c.passes(60_000)
    c.arrives(1, 4)
    assert owes(c, 64_000) is None
    assert owes(c, 1) == "unacknowledged data is sent again"


def test_a_listener_that_sends_before_the_handshake_ends():
    """With TCP Fast Open, a whole initial window (RFC 7413 section 4.2), its windows scaled."""
    cookie = replace(FULL, other=((34, bytes(8)),))
    c = closed().arrives(0, flags=SYN, options=cookie, win=65535)
    c.sends(0, 1, SYN | ACK, options=replace(FULL, ts=(100, 100)))
    for n in range(10):
        assert c.sends(1 + 1460 * n, 1, data=bytes(1460), win=512, options=STAMPED) == "transmit"
    assert c.endpoint.advice == ()
    assert c.endpoint.rcv_adv == 1 + (512 << 7)


def test_syns_that_cross_may_not_be_acceptable_the_second_time():
    c = closed()
    c.sends(0, flags=SYN, options=MSS)
    c.arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    c.arrives(0, 1, SYN | ACK, options=MSS)
    assert c.sends(0, 1, SYN | ACK, options=MSS) == "retransmit_syn_ack"


def test_an_opening_that_was_lost_before_the_recorder():
    assert replace(PATH, sent_lost=True) == PATH
    assert closed(PATH).arrives(0, flags=SYN, options=MSS).sends(1, 1) == "acknowledge"
    assert closed(PATH).arrives(0, flags=SYN, options=MSS).sends(1, 1, flags=RST | ACK) == "abort"
    assert forbidden(closed().arrives(0, flags=SYN, options=MSS), 1, 1) != ""


def test_a_syn_ack_after_the_handshake():
    premise = "a SYN-ACK is sent only between the peer's SYN and its acknowledgement"
    assert forbidden(opened(), 0, 1, SYN | ACK, options=MSS) == premise


@pytest.mark.parametrize(
    ("rule", "state", "seq", "ack", "flags", "data", "premise"),
    [
        ("retransmit_syn", "open", 0, 0, SYN, b"", "a SYN is repeated only before it is answered"),
        ("retransmit_syn", "SYN-SENT", 7, 0, SYN, b"", "a repeated SYN has the same number"),
        ("retransmit_syn_ack", "SYN-RECEIVED", 7, 1, SYN | ACK, b"", "a repeated SYN has the same number"),
        ("retransmit", "open", 1, 1, ACK, b"x", "what is sent again was sent before"),
        ("keep_alive", "open", 0, 1, ACK, b"xy", "a keep-alive has at most one octet"),
        ("keep_alive", "open", 1, 1, ACK, b"x", "a keep-alive is one before SND.NXT"),
        ("probe_window", "open", 1, 1, ACK, b"xy", "a window probe has one octet"),
        ("probe_window", "open", 1, 1, ACK, b"x", "a window probe is at the edge of the peer's window"),
        ("transmit", "open", 3, 1, ACK, b"x", "new data follows what was sent before"),
    ],
)
def test_a_rule_by_itself_forbids_what_another_may_allow(rule, state, seq, ack, flags, data, premise):
    """As a certificate asks: by this rule and no other."""
    c = opened() if state == "open" else closed()
    if state == "SYN-SENT":
        c.sends(0, flags=SYN)
    elif state == "SYN-RECEIVED":
        c.arrives(0, flags=SYN)
        c.sends(0, 1, SYN | ACK)
    with pytest.raises(Forbidden) as reason:
        WIRE_RULES[rule](c.endpoint, c.event(1000 + seq, 5000 + ack, flags, data, 1000, NO_OPTIONS, None), RFC9293)
    assert reason.value.premise == premise


def test_what_is_sent_again_is_noted_once():
    c = opened()
    c.sends(1, 1, data=b"abc")
    c.sends(1, 1, data=b"abc")
    assert [(chunk.start, chunk.end, chunk.times) for chunk in c.endpoint.chunks] == [(1, 4, 2)]
    c.sends(1, 1, data=b"abcde")
    assert [(chunk.start, chunk.end, chunk.times) for chunk in c.endpoint.chunks] == [(1, 4, 3), (4, 6, 1)]


def test_a_reset_acknowledges_all_of_a_segment_without_acknowledgement():
    c = closed().arrives(0, flags=FIN, data=b"abc")
    assert c.sends(-1000, 4, flags=RST | ACK) == "answer_with_reset"
    assert forbidden(closed().arrives(0, flags=FIN, data=b"abc"), -1000, 3, flags=RST | ACK) != ""


def test_a_host_may_give_up_after_three_retransmissions():
    def repeated(times):
        c = opened()
        c.sends(1, 1, data=b"abc")
        for _ in range(times):
            c.passes(30_000)
            c.sends(1, 1, data=b"abc")
        return c

    assert owes(repeated(2), 64_001) is not None
    assert owes(repeated(3), 640_000) is None


def test_a_wait_is_half_as_long_again_as_the_one_before():
    def waits(last):
        c = opened()
        c.sends(1, 1, data=b"abc")
        for wait in (2000, 2000, 4000, 8000, last):
            c.passes(wait)
            c.sends(1, 1, data=b"abc")

    waits(11_900)
    with pytest.raises(Forbidden, match="a timeout waits longer"):
        waits(11_899)


def test_a_reset_that_acknowledges_must_acknowledge_right():
    assert closed().arrives(0, 77, data=b"abc").sends(77, 3, flags=RST | ACK) == "answer_with_reset"
    assert forbidden(closed().arrives(0, 77, data=b"abc"), 77, 4, flags=RST | ACK) != ""


def test_an_acknowledgement_beyond_a_gap_is_taken():
    """It is in the window, whether or not the data before it was kept."""

    def c(seq):
        c = opened()
        c.sends(1, 1, data=b"xyz")
        return c.arrives(11, 1, data=b"0123456789").arrives(seq, 4)

    premise = "what is acknowledged leaves the retransmission queue"
    assert forbidden(c(21), 1, 1, data=b"xyz") == premise
    assert forbidden(c(400), 1, 1, data=b"xyz") == premise
    assert c(0).sends(1, 1, data=b"xyz") == "retransmit"
    assert c(70_000).sends(1, 1, data=b"xyz") == "retransmit"


def test_a_fin_beyond_a_gap_closes_nothing_yet():
    c = opened().arrives(4, 1, ACK | FIN)
    assert c.endpoint.state == "ESTABLISHED"
    assert c.arrives(1, 1, data=b"abc").endpoint.state == "CLOSE-WAIT"
