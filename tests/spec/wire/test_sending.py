"""What each wire rule allows, and what each of its premises forbids."""

from __future__ import annotations

from pathlib import Path

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

from netspec.wire.rules.rule import WIRE_RULES

PATH = RFC9293.at(Vantage.path)
STAMPED = Options(ts=(101, 100))


def test_a_syn_opens_and_may_be_repeated():
    c = closed()
    assert c.sends(0, flags=SYN, options=MSS) == "open_actively"
    assert c.sends(0, flags=SYN, options=MSS) == "retransmit_syn"
    assert forbidden(opened(), 70000, flags=SYN) == "a connection that exists is not opened again"


def test_a_repeated_syn_keeps_its_number():
    c = closed()
    c.sends(0, flags=SYN)
    # Another number is another connection, after the application gave the first one up.
    assert c.sends(5, flags=SYN) == "open_actively"


def test_window_shift_of_a_syn():
    assert closed().sends(0, flags=SYN, options=Options(ws=14)) == "open_actively"
    assert forbidden(closed(), 0, flags=SYN, options=Options(ws=15)) == "the window shift is at most 14"


def test_a_syn_is_answered():
    c = closed().arrives(0, flags=SYN, options=MSS)
    assert c.sends(0, 1, SYN | ACK, options=MSS) == "answer_syn"
    assert c.sends(0, 1, SYN | ACK, options=MSS) == "retransmit_syn_ack"
    assert forbidden(c, 0, 2, SYN | ACK, options=MSS) == "a host acknowledges only what it received"


def test_only_a_syn_is_answered_with_one():
    assert forbidden(closed(), 0, 1, SYN | ACK) == "a SYN-ACK answers a SYN"
    assert forbidden(closed().arrives(0, flags=SYN), 0, 2, SYN | ACK) == "a SYN-ACK acknowledges the SYN"
    assert forbidden(opened(), 1, 9, SYN | ACK) == "a SYN-ACK answers a SYN"
    assert forbidden(opened(), 1, 1, SYN | ACK) == "a SYN-ACK answers a SYN"
    assert forbidden(opened().arrives(0, flags=SYN), 1, 1, SYN | ACK) == "a SYN for a connection that exists opens none"
    assert forbidden(opened().arrives(9000, flags=SYN), 1, 9001, SYN | ACK) == (
        "a SYN for a connection that exists opens none"
    )


@pytest.mark.parametrize(
    ("options", "premise"),
    [
        (Options(ws=3), "a SYN-ACK scales windows only where the SYN did"),
        (Options(ts=(1, 100)), "a SYN-ACK has Timestamps only where the SYN did"),
    ],
)
def test_options_of_a_syn_ack(options, premise):
    assert forbidden(closed().arrives(0, flags=SYN, options=MSS), 0, 1, SYN | ACK, options=options) == premise
    assert closed().arrives(0, flags=SYN, options=FULL).sends(0, 1, SYN | ACK, options=options) == "answer_syn"


def test_syns_cross():
    c = closed()
    c.sends(0, flags=SYN, options=MSS)
    c.arrives(0, flags=SYN, options=MSS)
    assert c.sends(0, 1, SYN | ACK, options=MSS) == "retransmit_syn_ack"
    c.arrives(0, 1, SYN | ACK, options=MSS)
    assert c.sends(1, 1, data=b"x") == "transmit"


def test_nothing_is_sent_without_a_connection():
    premise = "only a connection that exists sends segments without SYN or RST"
    assert forbidden(closed(), 1, 1) == premise
    c = closed()
    c.sends(0, flags=SYN)
    assert forbidden(c, 1, 1) == premise


def test_every_segment_acknowledges():
    assert opened().sends(1, 1) == "acknowledge"
    assert forbidden(opened(), 1, 1, flags=PSH, data=b"x") == "after the first SYN every segment has ACK"


def test_only_what_was_received_is_acknowledged():
    c = opened().arrives(1, 1, data=b"abc")
    assert forbidden(c, 1, 5) == "a host acknowledges only what it received"
    assert forbidden(c, 1, 3) == "a segment acknowledges everything received in order so far"
    assert c.sends(1, 4) == "acknowledge"
    assert opened(PATH).arrives(1, 1, data=b"abc").sends(1, 1) == "acknowledge"


def test_what_came_out_of_order_may_be_kept_or_dropped():
    def holed():
        return opened().arrives(4, 1, data=b"def").arrives(1, 1, data=b"abc")

    assert holed().sends(1, 4) == "acknowledge"
    assert holed().sends(1, 7) == "acknowledge"
    assert forbidden(holed(), 1, 8) == "a host acknowledges only what it received"


@pytest.mark.parametrize(
    ("options", "premise"),
    [
        (Options(mss=1460), "only a SYN has the option MSS"),
        (Options(ws=1), "only a SYN has the option Window Scale"),
        (Options(sack_permitted=True), "only a SYN has the option SACK-permitted"),
        (Options(ts=(1, 1)), "Timestamps only where both SYNs had them"),
        (Options(sack=((5001, 5002),)), "SACK only where the peer's SYN permitted it"),
    ],
)
def test_options_after_the_handshake(options, premise):
    assert forbidden(opened(), 1, 1, options=options) == premise


def test_timestamps_once_agreed():
    def c():
        return opened(own=FULL, peers=FULL)

    assert c().sends(1, 1, options=STAMPED) == "acknowledge"
    assert forbidden(c(), 1, 1) == "once agreed, every segment has Timestamps"
    assert forbidden(c(), 1, 1, options=Options(ts=(99, 100))) == "the timestamp clock does not run backwards"
    assert forbidden(c(), 1, 1, options=Options(ts=(101, 200))) == "TSecr echoes a timestamp that was received"
    later = c().arrives(1, 1, data=b"x", options=Options(ts=(150, 100)))
    later.sends(1, 2, options=Options(ts=(101, 150)))
    assert forbidden(later, 1, 2, options=Options(ts=(101, 120))) == "TS.Recent does not go back"


@pytest.mark.parametrize("echo", [0, 99, 101])
def test_a_syn_ack_echoes_the_timestamp_of_the_syn(echo):
    c = closed().arrives(0, flags=SYN, options=FULL)
    wrong = replace(FULL, ts=(7, echo))
    assert forbidden(c, 0, 1, SYN | ACK, options=wrong) == "TSecr echoes a timestamp that was received"
    assert c.sends(0, 1, SYN | ACK, options=replace(FULL, ts=(7, 100))) == "answer_syn"


def test_sack_reports_what_was_received():
    def c():
        return opened(own=FULL, peers=FULL).arrives(11, 1, data=b"0123456789", options=Options(ts=(101, 100)))

    def block(left, right):
        return Options(ts=(101, 101), sack=((5000 + left, 5000 + right),))

    assert c().sends(1, 1, options=block(11, 21)) == "acknowledge"
    premise = "a SACK block reports data that was received"
    assert forbidden(c(), 1, 1, options=block(11, 22)) == premise
    assert forbidden(c(), 1, 1, options=block(10, 21)) == premise
    assert forbidden(c(), 1, 1, options=block(21, 11)) == premise


def test_the_window_may_move_back_unless_the_profile_forbids_it():
    c = opened()
    c.sends(1, 1, win=60000)
    assert [advice.clause for advice in c.endpoint.advice] == ["RFC 9293 SHLD-14"]
    assert forbidden(opened(UTCP), 1, 1, win=60000) == "the right edge of the window does not move back"


def test_a_segment_without_data_is_at_snd_nxt():
    premise = "a segment without data is at SND.NXT, or one before SND.UNA if it probes"
    assert opened().sends(0, 1) == "acknowledge"
    assert forbidden(opened(), -1, 1) == premise
    assert forbidden(opened(), 2, 1) == premise


def test_new_data_follows_the_old():
    c = opened()
    assert c.sends(1, 1, data=b"abc") == "transmit"
    assert forbidden(c, 5, 1, data=b"e") == "new data follows what was sent before"
    assert c.sends(4, 1, data=b"d") == "transmit"


def test_segments_are_no_larger_than_the_peer_accepts():
    premise = "a segment is no larger than the peer's maximum segment size"
    unmerged = replace(RFC9293, offload=False)
    ipv6 = replace(unmerged, default_mss=1220)
    assert forbidden(opened(UTCP), 1, 1, data=bytes(1461)) == premise
    assert forbidden(opened(unmerged, peers=Options(mss=500)), 1, 1, data=bytes(501)) == premise
    for profile, peers, most in (
        (unmerged, Options(mss=500), 500),
        (unmerged, Options(), 536),
        (unmerged, Options(mss=0), 536),
        (ipv6, Options(), 1220),
    ):
        assert opened(profile, peers=peers).sends(1, 1, data=bytes(most)) == "transmit"
        assert forbidden(opened(profile, peers=peers), 1, 1, data=bytes(most + 1)) == premise


@pytest.mark.parametrize("length", [501, 1460, 1461, 60_000])
def test_segments_that_the_interface_splits_later_are_not_judged_by_size(length):
    c = opened(peers=Options(mss=500))
    c.endpoint = c.endpoint._replace(cwnd=100_000)
    assert c.sends(1, 1, data=bytes(length)) == "transmit"
    assert [advice.clause for advice in c.endpoint.advice] == ["offload"]


def test_data_stays_within_the_window():
    assert opened(win=100).sends(1, 1, data=bytes(100)) == "transmit"
    assert forbidden(opened(win=100), 1, 1, data=bytes(101)) == "data stays within the peer's window"
    c = opened(win=100)
    c.sends(1, 1, data=bytes(50))
    assert forbidden(c, 1, 1, data=bytes(101)) == "data stays within the peer's window"


def test_a_window_is_scaled_after_the_syns_by_at_most_14():
    scaled = Options(mss=1460, ws=30)
    c = opened(own=FULL, peers=scaled, win=1)
    assert c.endpoint.snd_scale == 14
    c.arrives(1, 1, win=2)
    assert c.endpoint.snd_edge == 1 + (2 << 14)


def test_data_in_flight_stays_within_the_congestion_window():
    c = opened()
    for n in range(11):
        assert c.sends(1 + 1460 * n, 1, data=bytes(1460)) == "transmit"
    assert forbidden(c, 1 + 1460 * 11, 1, data=bytes(1460)) == "data in flight stays within the congestion window"
    c.arrives(1, 1461)
    # Later on there may be a burst after idling.
    for n in range(11, 22):
        assert c.sends(1 + 1460 * n, 1, data=bytes(1460)) == "transmit"
    assert forbidden(c, 1 + 1460 * 22, 1, data=bytes(1460)) == "data in flight stays within the congestion window"


def test_what_is_sent_again_was_sent_and_is_not_acknowledged():
    c = opened()
    c.sends(1, 1, data=b"abcdef")
    assert c.sends(1, 1, data=b"abc") == "retransmit"
    assert forbidden(c, 1, 1, data=b"abX") == "what is sent again is the same data"
    c.arrives(1, 4)
    assert forbidden(c, 1, 1, data=b"abc") == "what is acknowledged leaves the retransmission queue"
    assert c.sends(4, 1, data=b"def") == "retransmit"


def test_the_fin_is_after_all_data_and_the_last():
    c = opened()
    c.sends(1, 1, data=b"abc")
    assert forbidden(c, 1, 1, flags=ACK | FIN, data=b"ab") == "the FIN is after all data"
    assert c.sends(4, 1, flags=ACK | FIN) == "transmit"
    assert c.sends(4, 1, flags=ACK | FIN) == "retransmit"
    assert forbidden(c, 5, 1, data=b"x") == "no data follows the FIN"
    assert forbidden(c, 3, 1, flags=ACK | FIN) == "the FIN keeps its number"
    assert c.sends(5, 1) == "acknowledge"


def test_a_closed_window_is_probed_with_one_octet():
    c = opened(win=0)
    assert c.sends(1, 1, data=b"x") == "probe_window"
    assert forbidden(opened(win=0), 1, 1, data=b"xy") == "data stays within the peer's window"
    c = opened(win=0)
    c.sends(1, 1, data=b"x")
    assert forbidden(c, 1, 1, data=b"y") == "what is sent again is the same data"


def test_a_keep_alive_is_one_before_snd_nxt():
    def idle():
        c = opened()
        c.sends(1, 1, data=b"abc")
        return c.arrives(1, 4)

    assert idle().sends(3, 1, data=b"?") == "keep_alive"
    assert idle().sends(3, 1) == "acknowledge"
    assert forbidden(idle(), 2, 1, data=b"?") == "what is acknowledged leaves the retransmission queue"


def test_timeouts_back_off():
    def repeated(*waits):
        c = opened()
        c.sends(1, 1, data=b"abc")
        for wait in waits:
            c.passes(wait)
            c.sends(1, 1, data=b"abc")
        return c

    c = repeated(2000, 4000, 8000, 16000)
    c.passes(16000)
    assert forbidden(c, 1, 1, data=b"abc") == "a timeout waits longer than the one before"
    c = repeated(2000, 4000, 8000, 16000)
    c.passes(32000)
    assert c.sends(1, 1, data=b"abc") == "retransmit"
    c.arrives(1, 1)
    c.passes(200)
    assert c.sends(1, 1, data=b"abc") == "retransmit"


def test_a_coarse_timer_hides_the_first_doublings():
    def repeated(*waits: int):
        c = opened()
        c.sends(1, 1, data=b"abc")
        for wait in waits:
            c.passes(wait)
            c.sends(1, 1, data=b"abc")
        return c

    repeated(480, 1000, 1000, 1000, 2000, 3000, 6000)
    c = repeated(480, 1000, 1000, 1000, 2000)
    assert forbidden(c.passes(1800), 1, 1, data=b"abc") == "a timeout waits longer than the one before"
    c = repeated(480, *(1000 for _ in range(7)))
    assert forbidden(c.passes(1000), 1, 1, data=b"abc") == "a timeout waits longer than the one before"


def test_a_reset_answers_what_belongs_to_no_connection():
    c = closed().arrives(0, 77)
    assert c.sends(77, flags=RST) == "answer_with_reset"
    premise = (
        "a reset takes its number from the acknowledgement of the segment it answers, or is zero and acknowledges it"
    )
    assert forbidden(closed().arrives(0, 77), 78, flags=RST) == premise
    assert forbidden(closed(), 77, flags=RST) == premise
    c = closed().arrives(0, flags=SYN)
    assert c.sends(-1000, 1, flags=RST | ACK) == "answer_with_reset"
    assert forbidden(closed().arrives(0, flags=SYN), -1000, flags=RST) == premise
    assert forbidden(closed().arrives(0, 77, flags=RST | ACK), 77, flags=RST) == premise


def test_an_abort_is_at_snd_nxt():
    c = opened()
    c.sends(1, 1, data=b"abc")
    assert c.sends(4, 1, flags=RST | ACK) == "abort"
    assert c.endpoint.state == "CLOSED"
    assert forbidden(opened(), 9, 1, flags=RST | ACK) != ""
    assert forbidden(opened(), 1, 9, flags=RST | ACK) != ""


def test_what_the_host_sends_is_well_formed():
    assert forbidden(opened(), 1, 1, fault="checksum") == "a host sends well-formed segments"
    assert opened(PATH).sends(1, 1, fault="checksum") == "acknowledge"


def test_utcp_sends_two_options_only():
    premise = "the host sends no options but MSS and Window Scale"
    assert forbidden(opened(UTCP), 1, 1, options=Options(other=((99, b""),))) == premise
    assert opened().sends(1, 1, options=Options(other=((99, b""),))) == "acknowledge"


def test_numbers_wrap():
    c = closed()
    high = 2**32 - 1000 - 2
    c.sends(high, flags=SYN, options=MSS)
    c.arrives(2**32 - 5000 - 1, high + 1, SYN | ACK, options=MSS)
    assert c.sends(high + 1, 2**32 - 5000, data=b"abcdef") == "transmit"
    c.arrives(2**32 - 5000, high + 4, data=b"xyz")
    assert c.sends(high + 4, 2**32 - 5000 + 3, data=b"def") == "retransmit"


def test_every_rule_has_been_asked():
    """Each rule is named by a test of this module."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in WIRE_RULES if f'"{name}"' not in text] == []


def test_a_data_on_a_syn_counts():
    c = closed()
    c.sends(0, flags=SYN, data=b"hello")
    assert c.endpoint.snd_max == 6
    assert c.sends(0, flags=SYN) == "retransmit_syn"
    assert c.endpoint.snd_max == 6


def test_back_off_starts_with_the_third_wait_and_ends_at_the_largest():
    c = opened()
    c.sends(1, 1, data=b"abc")
    for _ in range(3):
        c.passes(1000)
        assert c.sends(1, 1, data=b"abc") == "retransmit"
    c = opened()
    c.sends(1, 1, data=b"abc")
    for _ in range(6):
        c.passes(40_000)
        assert c.sends(1, 1, data=b"abc") == "retransmit"
