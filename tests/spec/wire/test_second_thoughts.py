"""Windows taken back, TIME-WAIT after a reset, timers after a lost SYN, and what timestamps and SACK blocks tell."""

from __future__ import annotations

import pytest
from segments import ACK, FULL, MSS, RST, SYN, UTCP, Options, closed, forbidden, opened, replace

from netspec.wire.premise import Forbidden

ALL = "a segment acknowledges everything received in order so far"
AGAIN = "nothing is sent again earlier than one timeout after it"


def filled(own: Options = MSS, peers: Options = MSS):
    return opened(own=own, peers=peers).passes(100).arrives(1, 1, data=bytes(1000))


def test_a_window_may_be_taken_back_with_what_came_in_it():
    c = filled()
    assert c.sends(1, 1, win=0) == "acknowledge"
    assert c.passes(5000).sends(1, 1, win=4000) == "acknowledge"
    c.arrives(1, 1, data=bytes(1000)).passes(100)
    assert forbidden(c, 1, 1, win=4000) == ALL
    assert filled().sends(1, 601, win=0) == "acknowledge"


def test_what_is_still_in_the_window_is_acknowledged():
    assert forbidden(filled(), 1, 1, win=1000) == ALL
    assert forbidden(filled(), 1, 601, win=400) == ALL
    # With shifts it is honoured as in any window before (RFC 7323 section 2.4); µTCP takes none back.
    scaled = Options(mss=1460, ws=2)
    assert forbidden(filled(scaled, scaled), 1, 1, win=0) == ALL
    c = opened(UTCP).passes(100).arrives(1, 1, data=bytes(1000))
    assert forbidden(c, 1, 1, win=0) == ALL


def aborted():
    c = opened().passes(3000)
    c.sends(1, 1, RST | ACK)
    return c


def test_a_host_that_has_reset_may_answer_in_time_wait():
    assert aborted().arrives(1, 1, data=b"abc").sends(1, 1) == "acknowledge"
    c = aborted().arrives(1, 1, data=b"abc")
    with pytest.raises(Forbidden, match=r"RFC 9293 3\.5\.2"):
        c.sends(1, 4)
    with pytest.raises(Forbidden, match=r"RFC 9293 3\.5\.2"):
        c.sends(2, 1)
    assert forbidden(aborted(), 1, 1) == "only a connection that exists sends segments without SYN or RST"
    assert forbidden(c, 1, 1, data=b"x") == "only a connection that exists sends segments without SYN or RST"
    assert aborted().arrives(1, 1, data=b"abc").sends(1, flags=RST) == "answer_with_reset"


def late(own: Options, repeated: bool, wait: int) -> str:
    """Data sent again after a connection was opened by the first or the second SYN."""
    c = closed()
    c.sends(0, flags=SYN, options=own)
    if repeated:
        c.passes(1000).sends(0, flags=SYN, options=replace(own, ts=(1100, 0)) if own.ts else own)
    answer = replace(FULL, ts=(100, 1100 if repeated else 100)) if own.ts else MSS
    c.passes(20).arrives(0, 1, SYN | ACK, options=answer)
    stamp = Options(ts=(1200, 100)) if own.ts else Options()
    c.sends(1, 1, data=b"abc", options=stamp)
    c.passes(wait)
    return c.sends(1, 1, data=b"abc", options=stamp)


def test_after_a_repeated_syn_data_waits_three_seconds():
    with pytest.raises(Forbidden, match=AGAIN):
        late(MSS, True, 1500)
    assert late(MSS, True, 3000) == "retransmit"
    assert late(MSS, False, 1500) == "retransmit"
    # With timestamps the answer was timed.
    assert late(FULL, True, 1500) == "retransmit"


def stamped():
    c = opened(own=FULL, peers=FULL).passes(100)
    c.arrives(1, 1, data=b"a", options=Options(ts=(110, 100)))
    c.sends(1, 2, options=Options(ts=(200, 110)))
    return c.passes(100).arrives(2, 1, data=b"b", options=Options(ts=(120, 200)))


def test_an_echo_is_of_what_came():
    for echo in (110, 120):
        assert stamped().sends(1, 3, options=Options(ts=(300, echo))) == "acknowledge"
    assert forbidden(stamped(), 1, 3, options=Options(ts=(300, 115))) == "TSecr echoes a timestamp that was received"
    c = stamped()
    c.sends(1, 3, options=Options(ts=(300, 110)))
    assert forbidden(c, 1, 3, data=b"x", options=Options(ts=(300, 110))) == (
        "TSecr is not older than the data that was acknowledged before"
    )


def test_the_timestamp_clock_runs_and_does_not_leap():
    def after(milliseconds: int, value: int) -> str:
        c = opened(own=FULL, peers=FULL)
        c.sends(1, 1, options=Options(ts=(200, 100)))
        c.passes(milliseconds).arrives(1, 1, options=Options(ts=(100, 200)))
        return c.sends(1, 1, data=b"x", options=Options(ts=(value, 100)))

    assert after(9000, 200) == "transmit"
    with pytest.raises(Forbidden, match="the timestamp clock runs"):
        after(11_000, 200)
    assert after(11_000, 211) == "transmit"
    assert after(1000, 30_000_000) == "transmit"
    with pytest.raises(Forbidden, match="not too fast"):
        after(1000, 40_000_000)


def test_a_block_that_is_acknowledged_is_reported_first_or_not_at_all():
    c = opened(own=replace(FULL, ts=None), peers=replace(FULL, ts=None)).passes(100)
    c.arrives(1, 1, data=b"abc").arrives(10, 1, data=b"def")
    assert c.sends(1, 4, options=Options(sack=((5010, 5013),))) == "acknowledge"
    assert c.arrives(1, 1, data=b"abc").sends(1, 4, options=Options(sack=((5001, 5004), (5010, 5013)))) == "acknowledge"
    c.arrives(10, 1, data=b"def")
    assert forbidden(c, 1, 4, options=Options(sack=((5010, 5013), (5001, 5004)))) == (
        "only the first SACK block may report what is acknowledged"
    )
