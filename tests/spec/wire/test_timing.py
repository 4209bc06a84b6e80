"""When timers fire: what each bound of profile utcp allows, and what it forbids."""

from __future__ import annotations

import pytest
from segments import ACK, FIN, MSS, RFC9293, RST, SYN, UTCP, Connection, closed, forbidden, opened, replace

from netspec.wire.premise import Forbidden

EARLY = "nothing is sent again earlier than one timeout after it"
SYN_EARLY = "a SYN is not sent again earlier than one timeout after it"
PROBE_EARLY = "a window is probed no earlier than the persist interval allows"
BACK_OFF = "a timeout waits longer than the one before"
EXISTS = "what belongs to a connection is not answered with a reset"


def owes(c: Connection, milliseconds: int) -> str | None:
    """What the host owed before so much time passed, None where nothing."""
    try:
        c.passes(milliseconds)
    except Forbidden as reason:
        return reason.premise
    return None


def test_the_least_timeout_is_30_ms():
    def again(after: int, profile=UTCP) -> Connection:
        c = opened(profile).passes(10_000)
        c.sends(1, 1, data=b"abc")
        return c.passes(after)

    assert again(20).sends(1, 1, data=b"abc") == "retransmit"
    assert forbidden(again(19), 1, 1, data=b"abc") == EARLY
    assert again(1, RFC9293).sends(1, 1, data=b"abc") == "retransmit"


def test_what_came_before_data_was_sent_has_nothing_of_it_sent_again():
    def busy(came_later: bool) -> Connection:
        c = opened(UTCP).arrives(1, 1, data=b"x")
        c.passes(1).sends(1, 2, data=b"abc")
        return c.passes(1).arrives(2, 1) if came_later else c.passes(1)

    assert forbidden(busy(False), 1, 2, data=b"abc") == EARLY
    assert busy(False).passes(19).sends(1, 2, data=b"abc") == "retransmit"
    # A duplicate acknowledgement may.
    assert busy(True).sends(1, 2, data=b"abc") == "retransmit"


def repeated(*waits: int, profile=UTCP) -> Connection:
    c = opened(profile).passes(10_000)
    c.sends(1, 1, data=b"abc")
    for wait in waits:
        c.passes(wait).sends(1, 1, data=b"abc")
    return c


def test_short_timeouts_on_a_coarse_clock_back_off():
    """30 ms, doubled each time, on a clock of one tick a second."""
    assert repeated(1000, 1000, 1000, 1000, 1000, 1000).passes(2000).sends(1, 1, data=b"abc") == "retransmit"
    assert forbidden(repeated(*[1000] * 6).passes(1000), 1, 1, data=b"abc") == BACK_OFF


def test_what_an_acknowledgement_caused_is_no_timeout():
    c = repeated(3000, 6000, profile=RFC9293)
    c.arrives(-4, 1, data=b"abc", flags=ACK)
    c.sends(1, 1, data=b"abc")
    for wait in (5000, 12_000, 24_000):
        assert c.passes(wait).sends(1, 1, data=b"abc") == "retransmit"


def connecting(*waits: int) -> Connection:
    c = closed(UTCP)
    c.sends(0, flags=SYN, options=MSS)
    for wait in waits:
        c.passes(wait).sends(0, flags=SYN, options=MSS)
    return c


def test_syns_follow_the_table():
    steps = (3000, 3000, 3000, 3000, 3000, 6000, 12_000, 24_000)
    assert connecting(*steps).endpoint.syn_times[-1] == 57_000_000_000
    for most in range(len(steps)):
        early = connecting(*steps[:most]).passes(steps[most] - 11)
        assert forbidden(early, 0, flags=SYN, options=MSS) == SYN_EARLY
        late = connecting(*steps[:most])
        assert owes(late, steps[most] + 1101) is None
        assert owes(late, 1) == ("a SYN that is not acknowledged is sent again" if most < 8 else None)


def test_an_attempt_to_connect_ends_after_75_seconds():
    c = connecting(3000, 3000, 3000, 3000, 3000, 6000, 12_000, 24_000)
    assert owes(c, 1_000_000) is None
    assert forbidden(c, 0, flags=SYN, options=MSS) == "no SYN is sent once the attempt to connect has ended"


def test_syn_acks_wait_twice_as_long_each_time():
    def answering(*waits: int) -> Connection:
        c = closed(UTCP).arrives(0, flags=SYN, options=MSS)
        c.sends(0, 1, SYN | ACK, options=MSS)
        for wait in waits:
            c.passes(wait).sends(0, 1, SYN | ACK, options=MSS)
        return c

    assert answering(3000, 6000, 12_000).passes(24_000).sends(0, 1, RST | ACK) == "abort"
    assert forbidden(answering(3000, 6000).passes(12_000), 0, 1, RST | ACK) != ""
    assert forbidden(answering(3000).passes(5989), 0, 1, SYN | ACK, options=MSS) == SYN_EARLY
    again = answering().passes(1000).arrives(0, flags=SYN, options=MSS)
    assert again.sends(0, 1, SYN | ACK, options=MSS) == "retransmit_syn_ack"


def shut(win: int = 0) -> Connection:
    """A connection whose peer has closed its window, with all data acknowledged."""
    c = opened(UTCP)
    c.sends(1, 1, data=b"abc")
    return c.passes(10).arrives(1, 4, win=win)


def test_window_probes_wait_5_to_60_seconds():
    assert shut().passes(4990).sends(4, 1, data=b"d") in {"transmit", "probe_window"}
    assert forbidden(shut().passes(4989), 4, 1, data=b"d") == PROBE_EARLY
    probed = shut().passes(5000)
    probed.sends(4, 1, data=b"d")
    assert forbidden(probed.passes(4989), 4, 1, data=b"d") == PROBE_EARLY
    assert probed.passes(1).sends(4, 1, data=b"d") in {"retransmit", "probe_window"}
    assert owes(probed, 61_101) is None
    assert owes(probed, 1) == "unacknowledged data is sent again"


def test_a_window_that_opens_starts_the_retransmission_timer():
    c = shut().passes(5000)
    c.sends(4, 1, data=b"d")
    c.passes(40_000).arrives(1, 4, win=1000)
    assert owes(c, 3_651) is None
    assert owes(c, 1) == "unacknowledged data is sent again"


def test_only_a_host_whose_application_can_abort_resets_an_open_connection():
    def sending(profile) -> Connection:
        c = opened(profile)
        c.sends(1, 1, data=b"abc")
        return c

    assert sending(RFC9293).sends(4, 1, RST | ACK) == "abort"
    assert forbidden(sending(UTCP), 4, 1, RST | ACK) != ""
    assert forbidden(sending(UTCP).arrives(1, 1), 1, flags=RST) == EXISTS


def test_giving_up_takes_twelve_retransmissions():
    c = opened(UTCP)
    c.sends(1, 1, data=b"abc")
    for wait in (3000, 5000, 10_000, 20_000, 40_000, *[64_000] * 6):
        c.passes(wait).sends(1, 1, data=b"abc")
    assert forbidden(c.passes(64_000), 4, 1, RST | ACK) != ""
    c.sends(1, 1, data=b"abc")
    assert c.passes(64_000).sends(4, 1, RST | ACK) == "abort"


@pytest.mark.parametrize(("silent", "allowed"), [(599_999, False), (600_000, True)])
def test_fin_wait_2_lasts_ten_minutes(silent, allowed):
    c = opened(UTCP).passes(1)
    c.sends(1, 1, ACK | FIN)
    c.passes(1).arrives(1, 2).passes(silent).arrives(1, 2, data=b"abc")
    if allowed:
        assert c.sends(2, flags=RST) == "answer_with_reset"
    else:
        assert forbidden(c, 2, flags=RST) == EXISTS


def test_the_acknowledgement_of_a_syn_ack_is_not_reset():
    def answered(ack: int) -> Connection:
        c = closed(UTCP).arrives(0, flags=SYN, options=MSS)
        c.sends(0, 1, SYN | ACK, options=MSS)
        c.passes(3000).sends(0, 1, SYN | ACK, options=MSS)
        return c.arrives(1, ack)

    assert forbidden(answered(1), 1, flags=RST) == EXISTS
    assert answered(77).sends(77, flags=RST) == "answer_with_reset"


def test_a_wait_may_be_longer_than_its_timeout_by_a_tick():
    """At most: 3.9 s may be 3 s and a tick, so that 5.7 s may follow, and no less."""
    fine = replace(RFC9293, tick=100_000_000)
    waits = (2000, 2000, 2000, 3900)
    assert repeated(*waits, profile=RFC9293).passes(5750).sends(1, 1, data=b"abc") == "retransmit"
    assert forbidden(repeated(*waits, profile=RFC9293).passes(5690), 1, 1, data=b"abc") == BACK_OFF
    assert forbidden(repeated(*waits, profile=fine).passes(5740), 1, 1, data=b"abc") == BACK_OFF
