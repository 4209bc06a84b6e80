from __future__ import annotations

from dataclasses import replace

import pytest
from aux_sockets import BSD, I2, LINUX, TICKS, WINXP, a_cb, a_sock, foreign
from support import Scripted

from netspec.base.base_types import SO_RCVBUF, Ip
from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import ts_seq
from netspec.base.timers import TimeWindow, TimeWindowClosed, never_timer
from netspec.tcp.aux_fns.buffers import (
    calculate_bsd_rcv_wnd,
    calculate_buf_sizes,
    calculate_tcp_options_len,
    do_tcp_options,
    send_queue_space,
)
from netspec.tcp.host_types import Socket, tcp_sock_of
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import IP

LOOPBACK = IP(127, 0, 0, 1)


def test_timestamps_echo_the_latest_of_the_peer() -> None:
    assert do_tcp_options(True, TimeWindow(ts_seq(5), never_timer), TICKS) == (TICKS, ts_seq(5))


def test_timestamps_echo_zero_where_there_is_none() -> None:
    assert do_tcp_options(True, TimeWindowClosed, TICKS) == (TICKS, ts_seq(0))


def test_no_timestamps_unless_agreed() -> None:
    assert do_tcp_options(False, TimeWindow(ts_seq(5), never_timer), TICKS) is None


def test_timestamps_take_twelve_bytes() -> None:
    assert (calculate_tcp_options_len(True), calculate_tcp_options_len(False)) == (12, 0)


@pytest.mark.parametrize(
    ("maxseg", "mss", "bw", "is_local", "rcv", "snd", "tstmp", "arch", "expected"),
    [
        # 1460 - 12 = 1448; 40 and 23 times that are the multiples from 57344 and 32768 on.
        (1460, 1460, None, False, 57344, 32768, True, BSD, (57920, 33304, 1448, 1448)),
        (1460, 1460, None, False, 57344, 32768, True, WINXP, (57920, 33304, 1448, 1448)),
        # Linux does not count the options: 30 * 1460, 12 * 1460, 4 * 1460.
        (1460, 1460, None, True, 43689, 16384, True, LINUX, (43800, 17520, 1460, 5840)),
        # 16344 rounds down to 7 * 2048 = 14336, but not on Linux; 57344 = 4 * 14336 exactly.
        (16344, 16344, None, True, 57344, 32768, False, BSD, (57344, 43008, 14336, 57344)),
        (16344, 16344, None, True, 57344, 32768, False, LINUX, (65376, 49032, 16344, 65376)),
        # Without the option the peer's is 512: 512 - 12 = 500.
        (1460, None, None, False, 57344, 32768, True, BSD, (57500, 33000, 500, 500)),
        # It is taken to be 64 at least: 64 - 12 = 52; the send buffer is smaller than a segment.
        (1460, 10, None, False, 100, 40, True, BSD, (104, 40, 52, 52)),
        # The receive buffer is smaller than a segment: it bounds the segment; the send buffer is rounded
        # to the segment size from before.
        (1460, 1460, None, False, 1000, 1200, False, BSD, (1000, 1460, 1000, 1000)),
        (1460, 1460, None, False, 1000, 900, False, BSD, (1000, 900, 1000, 1000)),
        # A recorded bandwidth-delay product stands for both buffers.
        (1460, 1460, 5000, False, 1, 1, False, BSD, (5840, 5840, 1460, 1460)),
        # 180 * 1460 = 262800 is more than SB_MAX.
        (1460, 1460, None, False, 262144, 32768, False, BSD, (262144, 33580, 1460, 1460)),
        # A buffer of exactly a segment is not smaller than one, so SB_MAX bounds it and the segment size stays.
        (300000, 300000, None, False, 300000, 300000, False, LINUX, (262144, 262144, 300000, 300000)),
        # 10 - 12 is 0 for natural numbers, and (x DIV 0) * 0 is 0.
        (10, 1460, None, False, 100, 100, True, BSD, (0, 0, 0, 0)),
    ],
)
def test_sizes_of_a_new_connection(
    maxseg: int,
    mss: int | None,
    bw: int | None,
    is_local: bool,
    rcv: int,
    snd: int,
    tstmp: bool,
    arch: Arch,
    expected: tuple[int, int, int, int],
) -> None:
    assert calculate_buf_sizes(maxseg, mss, bw, is_local, rcv, snd, tstmp, arch) == expected


def window(sock: Socket) -> int:
    return calculate_bsd_rcv_wnd(sock.sf, tcp_sock_of(sock), BSD)


def test_the_window_is_the_room_in_the_buffer() -> None:
    assert window(a_sock(rcvq=b"x" * 344, cb=a_cb(rcv_adv=foreign(5001 + 1000)))) == 57000


def test_the_window_is_never_less_than_was_promised() -> None:
    assert window(a_sock(rcvq=b"x" * 100)) == 57344
    small = a_sock(rcvq=b"x" * 100, cb=a_cb(rcv_adv=foreign(5001 + 5)))
    assert window(replace(small, sf=replace(small.sf, n=small.sf.n.set(SO_RCVBUF, 50)))) == 5


def test_the_window_is_open_where_more_was_received_than_promised() -> None:
    with pytest.raises(PremiseFailed):
        window(a_sock(cb=a_cb(rcv_adv=foreign(5000))))


@pytest.mark.parametrize(("oob", "most"), [(False, 768), (True, 1792)])
def test_bsd_takes_up_to_the_space_and_more_for_urgent_data(oob: bool, most: int) -> None:
    for space in (0, most):
        assert send_queue_space(32768, 32000, oob, BSD, 1000, I2, Scripted(space=space)) == space
    for space in (-1, most + 1):
        with pytest.raises(PremiseFailed):
            send_queue_space(32768, 32000, oob, BSD, 1000, I2, Scripted(space=space))


def test_bsd_has_no_space_in_a_queue_that_is_too_long() -> None:
    assert send_queue_space(100, 200, False, BSD, 1000, I2, Scripted()) == 0
    with pytest.raises(PremiseFailed):
        send_queue_space(100, 200, False, BSD, 1000, I2, Scripted(space=1))


@pytest.mark.parametrize(
    ("sndq_max", "sndq_size", "i2", "space"),
    [
        (65536, 0, LOOPBACK, 1000 + 3 * 1000),  # 65536 DIV 16816 = 3
        (16815, 0, LOOPBACK, 1000),
        (16816, 0, LOOPBACK, 1000 + 1000),
        (100, 200, LOOPBACK, 1000),
        (16384, 0, I2, 2 * 1000 + 7 * 1000),  # 14494 DIV 1888 = 7
        (1890 + 1887, 0, I2, 2 * 1000),
        (1890 + 1888, 0, I2, 2 * 1000 + 1000),
        (16384, 16384, I2, 2 * 1000),
        (100, 200, I2, 2 * 1000),
    ],
)
def test_linux_has_one_space(sndq_max: int, sndq_size: int, i2: Ip, space: int) -> None:
    assert send_queue_space(sndq_max, sndq_size, True, LINUX, 1000, i2, Scripted(space=1)) == space


def test_windows_takes_any_amount() -> None:
    for space in (0, 10**9):
        assert send_queue_space(10, 10, False, WINXP, 1000, I2, Scripted(space=space)) == space
    with pytest.raises(PremiseFailed):
        send_queue_space(10, 10, False, WINXP, 1000, I2, Scripted(space=-1))
