from __future__ import annotations

import pytest
from aux_sockets import BSD, EMPTY_OQ, a_segment
from support import Scripted

from netspec.base.seq32 import ts_seq
from netspec.base.timers import Timed
from netspec.tcp.aux_fns.bandlim import (
    bandlim_rst_ok,
    bandlim_rst_ok_always,
    bandlim_rst_ok_simple,
    bandlim_state_init,
    enqueue_oq_bndlim_rst,
    simple_limit,
)
from netspec.tcp.net_types import TCP
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    BANDLIM_RST_OPENPORT,
    BANDLIM_UNLIMITED,
    BandlimReason,
    BandlimState,
    outqueue_timer,
)

SEG = a_segment(RST=True)
NOW = ts_seq(1000)
CLOSED, OPEN = BANDLIM_RST_CLOSEDPORT, BANDLIM_RST_OPENPORT


def sent(times: int, ticks: int, reason: BandlimReason = CLOSED) -> BandlimState:
    return ((SEG, ts_seq(ticks), reason),) * times


def ok(state: BandlimState, reason: BandlimReason = CLOSED, ticks: int = 1000) -> bool:
    return bandlim_rst_ok_simple(BSD, SEG, ts_seq(ticks), reason, state)[0]


def test_limits_of_each_reason() -> None:
    assert [simple_limit(reason) for reason in (BANDLIM_UNLIMITED, CLOSED, OPEN)] == [None, 200, 200]


def test_nothing_was_sent_at_first() -> None:
    assert bandlim_state_init == ()
    assert bandlim_rst_ok is bandlim_rst_ok_simple


def test_two_hundred_may_be_sent_in_a_second() -> None:
    assert ok(sent(199, 950))
    assert not ok(sent(200, 950))


def test_a_second_is_a_hundred_ticks() -> None:
    assert not ok(sent(200, 901))
    assert ok(sent(200, 900))


def test_ticks_wrap_around() -> None:
    assert not ok(sent(200, 2**32 - 50), ticks=49)
    assert ok(sent(200, 2**32 - 51), ticks=49)


def test_only_the_same_reason_counts() -> None:
    assert ok(sent(200, 950, OPEN))
    assert not ok(sent(200, 950, OPEN), OPEN)
    assert ok(sent(500, 950, BANDLIM_UNLIMITED), BANDLIM_UNLIMITED)


def test_older_ones_in_between_do_not_end_the_count() -> None:
    assert not ok(sent(100, 950) + sent(1, 10) + sent(100, 950))
    assert ok(sent(100, 950) + sent(1, 10) + sent(99, 950))


@pytest.mark.parametrize("state", [sent(1, 950), sent(200, 950)])
def test_what_is_not_sent_is_counted_too(state: BandlimState) -> None:
    assert bandlim_rst_ok_simple(BSD, SEG, NOW, OPEN, state)[1] == ((SEG, NOW, OPEN), *state)


def test_always_has_no_limit() -> None:
    state = sent(1000, 999)
    assert bandlim_rst_ok_always(BSD, SEG, NOW, CLOSED, state) == (True, ((SEG, NOW, CLOSED), *state))


def test_a_reset_within_the_limit_is_queued() -> None:
    assert enqueue_oq_bndlim_rst(BSD, EMPTY_OQ, SEG, NOW, CLOSED, (), Scripted()) == (
        Timed((TCP(SEG),), outqueue_timer),
        ((SEG, NOW, CLOSED),),
        True,
    )


def test_a_reset_beyond_the_limit_is_dropped() -> None:
    state = sent(200, 999)
    assert enqueue_oq_bndlim_rst(BSD, EMPTY_OQ, SEG, NOW, CLOSED, state, Scripted()) == (
        EMPTY_OQ,
        ((SEG, NOW, CLOSED), *state),
        True,
    )
