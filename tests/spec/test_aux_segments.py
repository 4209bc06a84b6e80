from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aux_sockets import BSD, I1, I2, P1, P2, QUAD, TICKS, a_cb, a_segment, foreign, local
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import ts_seq
from netspec.base.timers import TimeWindow, never_timer
from netspec.tcp.aux_fns.segments import (
    bsd_make_phantom_segment,
    make_ack_segment,
    make_rst_segment_from_cb,
    make_rst_segment_from_seg,
    make_syn_ack_segment,
    make_syn_segment,
)
from netspec.tcp.host_types import Tcpcb
from netspec.tcp.net_types import TcpSegment


def ours(**fields: Any) -> TcpSegment:
    """A segment of ours with an ACK and no other flag."""
    return a_segment(**{"is1": I1, "is2": I2, "ps1": P1, "ps2": P2, "seq": local(1001), "ack": foreign(5001)} | fields)


def syn_cb(**fields: Any) -> Tcpcb:
    return a_cb(**{"rcv_wnd": 65535, "t_advmss": 1460, "request_r_scale": 14, "tf_req_tstmp": True} | fields)


def test_syn_carries_what_is_asked_for() -> None:
    seg = make_syn_segment(syn_cb(), QUAD, TICKS, Scripted(urp_any=9, ack_any=4))
    assert seg == ours(
        seq=local(1000),
        ack=foreign(4),
        ACK=False,
        SYN=True,
        win=65535,
        ws=14,
        urp=9,
        mss=1460,
        ts=(TICKS, ts_seq(0)),
    )


def test_syn_without_options() -> None:
    cb = syn_cb(t_advmss=None, request_r_scale=None, tf_req_tstmp=False)
    seg = make_syn_segment(cb, QUAD, TICKS, Scripted())
    assert (seg.mss, seg.ws, seg.ts) == (None, None, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"rcv_wnd": 65536},
        {"request_r_scale": 15},
        {"request_r_scale": 256},
        {"t_advmss": 65536},
    ],
)
def test_syn_fails_where_a_value_does_not_fit(fields: dict[str, int]) -> None:
    with pytest.raises(PremiseFailed):
        make_syn_segment(syn_cb(**fields), QUAD, TICKS, Scripted())


def syn_ack_cb(**fields: Any) -> Tcpcb:
    window = TimeWindow(ts_seq(77), never_timer)
    scales = {"tf_doing_ws": True, "rcv_scale": 3, "request_r_scale": 5}
    return syn_cb(**scales | {"tf_doing_tstmp": True, "ts_recent": window} | fields)


def test_syn_ack_carries_what_was_agreed_and_an_unscaled_window() -> None:
    seg = make_syn_ack_segment(BSD, syn_ack_cb(), QUAD, TICKS, Scripted(urp_any=9))
    assert seg == ours(seq=local(1000), SYN=True, win=65535, ws=3, urp=9, mss=1460, ts=(TICKS, ts_seq(77)))


def test_syn_ack_without_options() -> None:
    cb = syn_ack_cb(tf_doing_ws=False, t_advmss=None, tf_doing_tstmp=False)
    seg = make_syn_ack_segment(BSD, cb, QUAD, TICKS, Scripted())
    assert (seg.mss, seg.ws, seg.ts) == (None, None, None)


def test_syn_ack_allows_any_scale_that_a_byte_holds() -> None:
    assert make_syn_ack_segment(BSD, syn_ack_cb(rcv_scale=255), QUAD, TICKS, Scripted()).ws == 255


@pytest.mark.parametrize("fields", [{"rcv_wnd": 65536}, {"rcv_scale": 256}, {"t_advmss": 65536}])
def test_syn_ack_fails_where_a_value_does_not_fit(fields: dict[str, int]) -> None:
    with pytest.raises(PremiseFailed):
        make_syn_ack_segment(BSD, syn_ack_cb(**fields), QUAD, TICKS, Scripted())


@pytest.mark.parametrize(("FIN", "seq"), [(False, 1004), (True, 1001)])
def test_ack_has_a_scaled_window(FIN: bool, seq: int) -> None:
    cb = a_cb(rcv_wnd=131071, rcv_scale=1, snd_nxt=local(1004), tf_doing_tstmp=True)
    seg = make_ack_segment(BSD, cb, FIN, QUAD, TICKS, Scripted(urp_garbage=3))
    assert seg == ours(seq=local(seq), FIN=FIN, win=65535, urp=3, ts=(TICKS, ts_seq(0)))


def test_ack_fails_where_the_scaled_window_does_not_fit() -> None:
    with pytest.raises(PremiseFailed):
        make_ack_segment(BSD, a_cb(rcv_wnd=131072, rcv_scale=1), False, QUAD, TICKS, Scripted())


@pytest.mark.parametrize(
    ("cantsndmore", "snd_max", "FIN", "seq"),
    [(False, 1005, False, 1005), (True, 1002, False, 1002), (True, 1003, True, 1001)],
)
def test_phantom_has_no_ack_flag(cantsndmore: bool, snd_max: int, FIN: bool, seq: int) -> None:
    cb = a_cb(rcv_wnd=1000, snd_max=local(snd_max))
    seg = bsd_make_phantom_segment(cb, QUAD, TICKS, cantsndmore, Scripted(urp_garbage=3))
    assert seg == ours(seq=local(seq), ACK=False, FIN=FIN, urp=3)


def test_phantom_fails_where_the_window_does_not_fit() -> None:
    with pytest.raises(PremiseFailed):
        bsd_make_phantom_segment(a_cb(rcv_wnd=65536), QUAD, TICKS, False, Scripted())


GARBAGE: dict[str, Any] = {
    "urp_garbage": 1,
    "URG_garbage": True,
    "PSH_garbage": True,
    "win_garbage": 2,
    "data_garbage": b"why",
    "FIN_garbage": True,
}
GARBAGE_FIELDS: dict[str, Any] = {"urp": 1, "URG": True, "PSH": True, "win": 2, "data": b"why", "FIN": True}


def test_rst_from_a_control_block_may_carry_garbage() -> None:
    seg = make_rst_segment_from_cb(a_cb(snd_nxt=local(1004)), QUAD, Scripted(**GARBAGE))
    assert seg == ours(**{"seq": local(1004), "RST": True} | GARBAGE_FIELDS)


def test_rst_for_a_segment_with_an_ack_takes_its_place_from_there() -> None:
    seg = a_segment(ack=foreign(1234), data=b"abc")
    rst = make_rst_segment_from_seg(BSD, seg, Scripted(**GARBAGE | {"ack'": 99}))
    assert rst == ours(**{"seq": local(1234), "ack": foreign(99), "ACK": False, "RST": True} | GARBAGE_FIELDS)


@pytest.mark.parametrize(("SYN", "ack"), [(False, 5004), (True, 5005)])
def test_rst_for_a_segment_without_an_ack_acknowledges_it(SYN: bool, ack: int) -> None:
    seg = a_segment(ACK=False, SYN=SYN, data=b"abc")
    rst = make_rst_segment_from_seg(BSD, seg, Scripted(**GARBAGE))
    assert rst == ours(**{"seq": local(0), "ack": foreign(ack), "RST": True} | GARBAGE_FIELDS)


def test_rst_never_answers_a_rst() -> None:
    with pytest.raises(PremiseFailed):
        make_rst_segment_from_seg(BSD, a_segment(RST=True), Scripted())


def words(bits: int) -> tuple[tuple[int, bool], ...]:
    """Numbers, and whether a field of so many bits holds them."""
    return ((-1, False), (0, True), (2**bits - 1, True), (2**bits, False))


MAKERS: dict[str, tuple[Callable[[Scripted], TcpSegment], dict[str, int]]] = {
    "syn": (lambda choose: make_syn_segment(syn_cb(), QUAD, TICKS, choose), {"urp_any": 16, "ack_any": 32}),
    "syn_ack": (lambda choose: make_syn_ack_segment(BSD, syn_ack_cb(), QUAD, TICKS, choose), {"urp_any": 16}),
    "ack": (lambda choose: make_ack_segment(BSD, a_cb(), False, QUAD, TICKS, choose), {"urp_garbage": 16}),
    "phantom": (lambda choose: bsd_make_phantom_segment(a_cb(), QUAD, TICKS, False, choose), {"urp_garbage": 16}),
    "rst_from_cb": (
        lambda choose: make_rst_segment_from_cb(a_cb(), QUAD, choose),
        {"urp_garbage": 16, "win_garbage": 16},
    ),
    "rst_from_seg": (
        lambda choose: make_rst_segment_from_seg(BSD, a_segment(), choose),
        {"urp_garbage": 16, "win_garbage": 16, "ack'": 32},
    ),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_a_field_that_is_left_open_has_any_value_that_it_holds(maker: str) -> None:
    make, fields = MAKERS[maker]
    for name, bits in fields.items():
        for value, held in words(bits):
            if held:
                seg = make(Scripted(**{name: value}))
                assert {"urp": seg.urp, "win": seg.win, "ack": seg.ack.n}[name[:3]] == value
            else:
                with pytest.raises(PremiseFailed):
                    make(Scripted(**{name: value}))
