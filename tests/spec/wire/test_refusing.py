"""Resets where no connection is, and where one is: what each premise allows and forbids."""

from __future__ import annotations

import pytest
from segments import ACK, FIN, HOST, MSS, RFC9293, RST, SYN, UTCP, closed, forbidden, opened, replace

from netspec.wire.endpoint import Endpoint, Phase
from netspec.wire.premise import Forbidden

EXISTS = "what belongs to a connection is not answered with a reset"
GIVEN_UP = "the host resets a connection only when it gives up"
DAY = 86_400_000


def begun_by_a_syn_ack(profile=RFC9293):
    """A capture that begins with a SYN-ACK for the host, which it has not received yet."""
    c = closed(profile)
    c.endpoint = Endpoint(phase=Phase.syn_sent, partial=True, iss=HOST, snd_max=1, own_scale=14, peer_scale=14)
    return c


@pytest.mark.parametrize("profile", [RFC9293, UTCP])
def test_a_syn_ack_that_was_refused_owes_nothing_more(profile):
    c = begun_by_a_syn_ack(profile)
    assert c.sends(1, flags=RST) == "answer_with_reset"
    c.arrives(0, 1, SYN | ACK)
    c.passes(DAY)


def test_a_syn_ack_that_was_not_refused_is_acknowledged():
    c = begun_by_a_syn_ack().arrives(0, 1, SYN | ACK)
    with pytest.raises(Forbidden, match="the SYN of the peer"):
        c.passes(DAY)
    c = begun_by_a_syn_ack()
    c.sends(70, flags=RST)
    c.arrives(0, 1, SYN | ACK)
    assert c.sends(1, 1) == "acknowledge"


def test_in_syn_sent_an_acknowledgement_of_what_was_not_sent_is_refused():
    for flags in (ACK, SYN | ACK, FIN | ACK):
        for ack in (0, 2, 5000):
            c = closed()
            c.sends(0, flags=SYN, options=MSS)
            c.passes(2000).arrives(0, ack, flags)
            with pytest.raises(Forbidden, match="is answered with a reset"):
                c.passes(601)
            c = closed()
            c.sends(0, flags=SYN, options=MSS)
            c.passes(2000).arrives(0, ack, flags)
            assert c.passes(100).sends(ack, flags=RST) == "answer_with_reset"
            c.passes(601)


def test_in_syn_sent_what_is_no_such_acknowledgement_is_not_refused():
    for flags, ack in ((RST | ACK, 5), (ACK, 1), (FIN | ACK, 1), (RST, 0)):
        c = closed()
        c.sends(0, flags=SYN, options=MSS)
        c.passes(2000).arrives(0, ack, flags)
        c.passes(601)


def test_a_host_without_an_abort_does_not_reset_what_exists():
    c = opened(UTCP).arrives(1, 1)
    assert forbidden(c, 1, flags=RST) == EXISTS
    assert forbidden(c, 1, 1, flags=RST | ACK) in {EXISTS, GIVEN_UP}
    assert opened(replace(UTCP, aborts=True)).sends(1, 1, flags=RST | ACK) in {"abort", "answer_with_reset"}


def test_a_host_without_an_abort_resets_what_has_ended():
    c = opened(UTCP)
    c.sends(1, 1, flags=FIN | ACK)
    c.arrives(1, 2, FIN | ACK)
    c.sends(2, 2)
    c.passes(61_000).arrives(2, 2)
    assert c.sends(2, flags=RST) == "answer_with_reset"
    c = opened(UTCP).arrives(1, flags=RST).arrives(1, 1)
    assert c.sends(1, flags=RST) == "answer_with_reset"


def test_a_host_without_an_abort_gives_up():
    c = opened(replace(UTCP, give_up=2))
    c.sends(1, 1, data=b"abc")
    for wait in (3000, 6000):
        c.passes(wait)
        c.sends(1, 1, data=b"abc")
    assert c.passes(12_000).sends(4, 1, flags=RST | ACK) == "abort"
    c = closed(UTCP).arrives(0, flags=SYN, options=MSS)
    c.sends(0, 1, SYN | ACK, options=MSS)
    assert forbidden(c, 1, 1, flags=RST | ACK).startswith("a reset takes its number")
    for wait in (3000, 6000, 12_000):
        c.passes(wait)
        c.sends(0, 1, SYN | ACK, options=MSS)
    assert c.passes(24_000).sends(1, 1, flags=RST | ACK) == "abort"


def test_where_a_syn_that_crosses_is_not_answered_the_connection_may_be_gone():
    c = closed(UTCP)
    c.sends(0, flags=SYN, options=MSS)
    c.arrives(0, flags=SYN, options=MSS).arrives(1, 1)
    assert c.sends(1, flags=RST) == "answer_with_reset"
