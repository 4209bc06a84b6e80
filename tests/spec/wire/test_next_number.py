"""What a host sends next: at which number, after which answer, with which options."""

from __future__ import annotations

import pytest
from segments import ACK, FIN, FULL, MSS, RFC9293, RST, SYN, UTCP, Options, Vantage, closed, forbidden, opened, replace

PATH = RFC9293.at(Vantage.path)
AT_NEXT = "a segment without data is at SND.NXT, or one before SND.UNA if it probes"
ABORT = "the reset of an abort is at SND.NXT"
TWO = b"abcdefgh"


def sent():
    """Two segments are on their way, neither acknowledged."""
    c = opened()
    c.sends(1, 1, data=TWO)
    c.sends(9, 1, data=TWO)
    return c


def test_an_acknowledgement_is_behind_all_that_was_sent():
    assert sent().sends(17, 1) == "acknowledge"
    for start in (0, 1, 9, 16, 18):
        assert forbidden(sent(), start, 1) == AT_NEXT
    c = opened()
    c.sends(1, 1, FIN | ACK)
    assert forbidden(c, 1, 1) == AT_NEXT
    assert c.sends(2, 1) == "acknowledge"


def test_a_timeout_goes_back():
    c = sent().passes(1500)
    assert c.sends(1, 1, data=TWO) == "retransmit"
    assert c.sends(9, 1) == "acknowledge"
    assert c.arrives(1, 17).sends(17, 1, data=b"x") == "transmit"
    assert forbidden(c, 17, 1) == AT_NEXT


def test_a_window_that_is_full_keeps_a_host_within_it():
    assert sent().arrives(1, 1, win=8).sends(9, 1) == "acknowledge"
    assert forbidden(sent().arrives(1, 1, win=17), 9, 1) == AT_NEXT
    assert sent().arrives(1, 17, win=0).sends(16, 1) == "acknowledge"


def test_a_path_may_have_lost_what_came_between():
    c = opened(PATH)
    c.sends(1, 1, data=TWO)
    assert c.sends(1, 1) == "acknowledge"


def test_the_reset_of_an_abort_is_behind_all_that_was_sent():
    assert sent().arrives(1, 9, data=b"x").sends(17, 2, RST | ACK) == "abort"
    # The number 9 is that of an answer.
    assert sent().arrives(1, 9, data=b"x").sends(9, 2, RST | ACK) == "answer_with_reset"
    assert ABORT in _premises(sent().arrives(1, 9, data=b"x"), 12, 2, RST | ACK)
    c = sent().passes(1500)
    c.sends(1, 1, data=TWO)
    assert c.sends(9, 1, RST | ACK) == "abort"


def test_a_reset_that_acknowledges_does_so_with_all_received():
    def received(profile=RFC9293):
        c = opened(profile).arrives(1, 1, data=b"abc")
        c.sends(1, 4, data=TWO)
        return c

    assert received().sends(9, 4, RST | ACK) == "abort"
    assert received().sends(9, 0, RST) == "abort"
    assert "a segment acknowledges everything received in order so far" in _premises(received(), 9, 2, RST | ACK)
    assert received(PATH).sends(9, 2, RST | ACK) == "abort"


def _premises(c, *arguments):
    """Why each of the rules for a segment forbids it."""
    from netspec.wire.premise import Forbidden
    from netspec.wire.rules.dispatch import candidates, send

    seq, ack, flags = arguments
    event = c.event(1000 + seq, 5000 + ack, flags, b"", 65535, Options(), None)
    reasons = []
    for rule in candidates(c.endpoint, event, c.profile):
        with pytest.raises(Forbidden) as raised:
            send(c.endpoint, event, c.profile, rule)
        reasons.append(raised.value.premise)
    return reasons


def crossed(profile=RFC9293):
    """The peer's SYN has crossed the host's own, and the peer acknowledges the latter."""
    c = closed(profile)
    c.sends(0, flags=SYN, options=MSS)
    return c.arrives(0, flags=SYN, options=MSS).arrives(1, 1)


def test_a_syn_that_crosses_is_answered_before_anything_else():
    premise = "a SYN that crosses the host's own is answered with a SYN before anything else is sent"
    assert forbidden(crossed(), 1, 1) == premise
    assert forbidden(crossed(), 1, 1, data=b"x") == premise
    c = crossed()
    assert c.sends(0, 1, SYN | ACK, options=MSS) == "retransmit_syn_ack"
    assert c.arrives(1, 1).sends(1, 1, data=b"x") == "transmit"
    assert crossed(PATH).sends(1, 1) == "acknowledge"


def test_data_waits_for_the_end_of_the_handshake():
    def answered(options=MSS, profile=RFC9293):
        c = closed(profile).arrives(0, flags=SYN, options=options)
        c.sends(0, 1, SYN | ACK, options=MSS)
        return c

    assert forbidden(answered(), 1, 1, data=b"x") == "data waits until the connection is established"
    assert answered().arrives(1, 1).sends(1, 1, data=b"x") == "transmit"
    assert answered().sends(1, 1, FIN | ACK) == "transmit"
    assert answered(replace(MSS, other=((34, bytes(8)),))).sends(1, 1, data=b"x") == "transmit"
    assert answered(profile=PATH).sends(1, 1, data=b"x") == "transmit"


def test_the_first_acknowledgement_is_no_probe():
    def answered():
        c = closed()
        c.sends(0, flags=SYN, options=MSS)
        return c.arrives(0, 1, SYN | ACK, options=MSS)

    assert forbidden(answered(), 0, 1) == "the SYN of the peer is acknowledged at SND.NXT"
    c = answered()
    assert c.sends(1, 1) == "acknowledge"
    assert c.sends(0, 1) == "acknowledge"


def test_no_data_has_the_number_of_the_syn():
    assert forbidden(opened(), 0, 1, data=b"ab") == "the first octet follows the SYN"
    assert opened().sends(0, 1, data=b"a") == "keep_alive"


def test_on_a_path_a_keep_alive_may_come_behind_what_was_sent_since():
    def sent(profile):
        c = opened(profile)
        c.sends(1, 1, data=b"abc")
        return c

    assert sent(PATH).sends(0, 1, data=b"?") == "keep_alive"
    assert forbidden(sent(RFC9293), 0, 1, data=b"?") == "the first octet follows the SYN"
    assert forbidden(sent(PATH), 0, 1, data=b"??") == "the first octet follows the SYN"


def test_a_keep_alive_has_no_fin():
    c = opened()
    c.sends(1, 1, data=b"a")
    c.arrives(1, 2)
    assert forbidden(c, 1, 1, FIN | ACK) == "what is acknowledged leaves the retransmission queue"
    assert c.sends(1, 1) == "acknowledge"
    assert c.sends(1, 1, data=b"?") == "keep_alive"


def test_a_keep_alive_of_utcp_comes_on_an_idle_connection():
    host = UTCP.at(Vantage.host)

    def received(profile):
        return opened(profile).arrives(1, 1, data=b"abc")

    premise = "a keep-alive is sent when nothing was received for an interval"
    assert forbidden(received(host), 0, 4) == premise
    assert received(RFC9293).sends(0, 4) == "acknowledge"
    c = received(replace(host, unprompted=True))
    c.sends(1, 4)
    assert c.passes(76_000).sends(0, 4) == "acknowledge"


@pytest.mark.parametrize(
    ("options", "premise"),
    [
        (MSS, "only a SYN has the option MSS"),
        (Options(ws=3), "only a SYN has the option Window Scale"),
        (Options(sack_permitted=True), "only a SYN has the option SACK-permitted"),
    ],
)
def test_a_reset_has_no_options_of_a_syn(options, premise):
    assert forbidden(opened(), 1, 1, RST | ACK, options=options) == premise
    c = closed().arrives(0, flags=SYN, options=MSS)
    assert forbidden(c, -1000, 1, RST | ACK, options=options) == premise
    assert c.sends(-1000, 1, RST | ACK, options=Options(ts=(1, 1))) == "answer_with_reset"


@pytest.mark.parametrize(
    "options", [FULL, Options(ts=(1, 0)), Options(sack_permitted=True), Options(other=((99, b""),))]
)
def test_a_syn_of_utcp_has_two_options_only(options):
    premise = "the host sends no options but MSS and Window Scale"
    assert forbidden(closed(UTCP), 0, flags=SYN, options=options) == premise
    assert closed().sends(0, flags=SYN, options=options) == "open_actively"
    assert closed(UTCP).sends(0, flags=SYN, options=Options(mss=1460, ws=6)) == "open_actively"


def test_the_timestamps_of_a_repeated_syn_do_not_go_back():
    def repeated(value, profile=RFC9293):
        c = closed(profile)
        c.sends(0, flags=SYN, options=FULL)
        return c.passes(1000), replace(FULL, ts=(value, 0))

    c, options = repeated(100)
    assert c.sends(0, flags=SYN, options=options) == "retransmit_syn"
    c, options = repeated(99)
    assert forbidden(c, 0, flags=SYN, options=options) == "the timestamp clock does not run backwards"
    c, options = repeated(99, PATH)
    assert c.sends(0, flags=SYN, options=options) == "retransmit_syn"


def test_the_second_timeout_in_a_row_does_not_come_at_once():
    def twice(second):
        c = opened()
        c.sends(1, 1, data=TWO)
        c.passes(3000).sends(1, 1, data=TWO)
        c.passes(6000).sends(1, 1, data=TWO)
        return c.passes(second)

    assert twice(12_000).sends(1, 1, data=TWO) == "retransmit"
    assert twice(3000).sends(1, 1, data=TWO) == "retransmit"
    assert forbidden(twice(1), 1, 1, data=TWO) == "a timeout waits longer than the one before"
