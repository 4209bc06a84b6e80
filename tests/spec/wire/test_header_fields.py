"""Reserved bits, padding, addresses, urgent pointers and the flags of ECN: what a header may have in it."""

from __future__ import annotations

import pytest
from segments import (
    ACK,
    HOST,
    MSS,
    PEER,
    RFC9293,
    RST,
    SYN,
    Connection,
    Options,
    Vantage,
    closed,
    forbidden,
    opened,
    replace,
)

from netspec.wire.premise import Forbidden
from netspec.wire.rules.dispatch import WELL_FORMED
from netspec.wire.segment import CWR, ECE, FROM_NO_HOST, PADDING, TO_NO_HOST, URG, Segment

PATH = RFC9293.at(Vantage.path)
WHERE_AGREED = "ECE and CWR only where ECN was agreed"


@pytest.mark.parametrize("bits", [0b1000, 0b0100, 0b0010])
def test_reserved_bits_are_zero(bits):
    odd = Segment(HOST + 1, PEER + 1, ACK, 100, reserved=bits)
    with pytest.raises(Forbidden, match=WELL_FORMED):
        opened().sends_segment(odd)
    # One that was NS once is in use again.
    assert opened().sends_segment(replace(odd, reserved=1)) == "acknowledge"
    assert opened(PATH).sends_segment(odd) == "acknowledge"


@pytest.mark.parametrize(
    ("fault", "flags", "clause"),
    [
        (PADDING, ACK, "MUST-69"),
        (FROM_NO_HOST, SYN | ACK, "MUST-57"),
        (TO_NO_HOST, SYN, "MUST-46"),
        (TO_NO_HOST, SYN | ACK, "MUST-63"),
    ],
)
def test_faults_by_their_clause(fault, flags, clause):
    with pytest.raises(Forbidden, match=clause):
        closed().sends(0, 1, flags, fault=fault)


def test_a_syn_from_no_host_is_not_answered():
    c = closed().arrives(0, flags=SYN, options=MSS, fault=FROM_NO_HOST)
    assert forbidden(c, 0, 1, SYN | ACK) == "a SYN-ACK answers a SYN"
    assert forbidden(c, 0, 1, RST | ACK).startswith("a reset takes its number")
    # Nonzero padding may be overlooked, and an answer is not due.
    c = closed().arrives(0, flags=SYN, options=MSS, fault=PADDING)
    assert c.sends(0, 1, SYN | ACK) == "answer_syn"


def urgent(c: Connection, seq: int, urp: int, data: bytes = b"x") -> str:
    return c.sends_segment(Segment(HOST + seq, PEER + 1, ACK | URG, 100, len(data), data, urp))


def test_the_urgent_pointer_is_behind_urgent_data_and_does_not_recede():
    c = opened()
    with pytest.raises(Forbidden, match="at least one octet of urgent data"):
        urgent(c, 1, 0)
    assert urgent(c, 1, 3) == "transmit"
    with pytest.raises(Forbidden, match="does not recede"):
        urgent(c, 2, 1)
    assert urgent(c, 2, 2) == "transmit"
    assert urgent(c, 3, 1) == "transmit"
    assert urgent(c, 1, 1) == "retransmit"
    assert urgent(c, 4, 0, b"") == "acknowledge"
    assert urgent(opened(PATH), 1, 0) == "transmit"


def ecn(ours: int, theirs: int) -> Connection:
    """A connection that the host opened with these flags in its SYN, and those in the answer."""
    c = closed()
    c.sends(0, flags=SYN | ours, options=MSS)
    return c.arrives(0, 1, SYN | ACK | theirs, options=MSS)


def test_the_flags_of_ecn_only_where_it_was_agreed():
    assert ecn(ECE | CWR, ECE).sends(1, 1, ACK | ECE) == "acknowledge"
    assert ecn(ECE | CWR, ECE).sends(1, 1, ACK | CWR, data=b"x") == "transmit"
    for ours, theirs in ((0, 0), (0, ECE), (ECE | CWR, 0), (ECE, ECE)):
        assert forbidden(ecn(ours, theirs), 1, 1, ACK | ECE) == WHERE_AGREED
        assert forbidden(ecn(ours, theirs), 1, 1, ACK | CWR, data=b"x") == WHERE_AGREED
        assert ecn(ours, theirs).sends(1, 1) == "acknowledge"


def test_a_syn_ack_takes_ecn_only_where_it_was_offered():
    premise = "a SYN-ACK takes ECN only where the SYN offered it"
    assert closed().arrives(0, flags=SYN | ECE | CWR).sends(0, 1, SYN | ACK | ECE) == "answer_syn"
    assert forbidden(closed().arrives(0, flags=SYN), 0, 1, SYN | ACK | ECE) == premise
    assert forbidden(closed().arrives(0, flags=SYN | ECE), 0, 1, SYN | ACK | ECE) == premise
    # A host that reflects what it does not know takes nothing (RFC 3168 section 6.1.1.2).
    assert closed().arrives(0, flags=SYN).sends(0, 1, SYN | ACK | ECE | CWR) == "answer_syn"
    twice = closed().arrives(0, flags=SYN | ECE | CWR).arrives(0, flags=SYN)
    assert twice.sends(0, 1, SYN | ACK | ECE) == "answer_syn"


def test_the_mss_that_is_offered_fits_into_a_packet():
    premise = "the MSS offered is no more than IP can carry"
    assert closed().sends(0, flags=SYN, options=Options(mss=65495)) == "open_actively"
    assert forbidden(closed(), 0, flags=SYN, options=Options(mss=65496)) == premise
    assert forbidden(closed().arrives(0, flags=SYN), 0, 1, SYN | ACK, options=Options(mss=65535)) == premise
    six = closed(replace(RFC9293, most_mss=65535))
    assert six.sends(0, flags=SYN, options=Options(mss=65535)) == "open_actively"


def test_the_mss_counts_options_where_no_interface_splits_segments():
    premise = "a segment is no larger than the peer's maximum segment size"

    def part(length: int, options: int, summed: bool = True) -> Segment:
        data = bytes(length)
        return Segment(HOST + 1, PEER + 1, ACK, 100, length, data, options_length=options, summed=summed)

    assert opened().sends_segment(part(1448, 12)) == "transmit"
    with pytest.raises(Forbidden, match=premise):
        opened().sends_segment(part(1449, 12))
    with pytest.raises(Forbidden, match=premise):
        opened().sends_segment(part(1461, 0))
    split = opened()
    assert split.sends_segment(part(2920, 12, summed=False)) == "transmit"
    assert "offload" in [advice.clause for advice in split.endpoint.advice]
    assert opened(PATH).sends_segment(part(2920, 12)) == "transmit"


def test_a_connection_begins_with_another_number_than_the_one_before():
    c = opened(active=True).arrives(1, 1, flags=RST)
    assert forbidden(c, 0, flags=SYN) == "a connection does not begin with the number of the one before"
    assert c.sends(1, flags=SYN) == "open_actively"
    # One that was refused may be asked for again without ECN (RFC 3168 section 6.1.1.1).
    c = closed()
    c.sends(0, flags=SYN | ECE | CWR)
    c.arrives(0, 1, flags=RST | ACK)
    assert c.sends(0, flags=SYN) == "open_actively"


def test_a_reset_counts_though_the_window_is_closed():
    c = opened()
    c.arrives(1, 1, data=bytes(100)).sends(1, 101, win=0)
    c.arrives(101, 1, flags=RST)
    with pytest.raises(Forbidden, match="MUST-66"):
        c.sends(1, 101, win=0)
