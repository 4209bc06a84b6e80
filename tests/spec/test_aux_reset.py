from __future__ import annotations

from dataclasses import replace

import pytest
from aux_sockets import (
    BSD,
    I1,
    I2,
    IFDS,
    P1,
    P2,
    RTTAB,
    TICKS,
    UNROUTABLE,
    a_cb,
    a_segment,
    a_sock,
    foreign,
    local,
)
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.errors import EHOSTUNREACH
from netspec.tcp.aux_fns import reset
from netspec.tcp.aux_fns.output import tcp_output_really
from netspec.tcp.aux_fns.reset import dropwithreset, dropwithreset_ignore_fail, mlift_dropafterack_or_fail
from netspec.tcp.host_types import TCP_PROTO, Socket, tcp_sock_of
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    BANDLIM_RST_OPENPORT,
    BANDLIM_UNLIMITED,
    IP,
    SYN_RECEIVED,
    BandlimState,
)

# The RST for a_segment(), as Scripted() makes it: no garbage, and acknowledgement number 0.
RST = a_segment(is1=I1, is2=I2, ps1=P1, ps2=P2, seq=local(1001), ack=foreign(0), ACK=False, RST=True, win=0)


def test_a_segment_is_answered_with_a_reset() -> None:
    bndlm, outsegs = dropwithreset(BSD, a_segment(), IFDS, TICKS, BANDLIM_UNLIMITED, (), Scripted())
    assert outsegs == (TCP(RST),)
    assert bndlm == ((RST, TICKS, BANDLIM_UNLIMITED),)


def test_the_band_limiter_may_suppress_the_reset() -> None:
    full: BandlimState = ((RST, TICKS, BANDLIM_RST_CLOSEDPORT),) * 200
    bndlm, outsegs = dropwithreset(BSD, a_segment(), IFDS, TICKS, BANDLIM_RST_CLOSEDPORT, full, Scripted())
    assert outsegs == ()
    assert len(bndlm) == 201


@pytest.mark.parametrize(
    "seg",
    [
        a_segment(RST=True),
        a_segment(is1=IP(224, 0, 0, 1)),
        a_segment(is1=IP(255, 255, 255, 255)),
        a_segment(is2=IP(224, 0, 0, 1)),
        a_segment(is2=IP(192, 168, 0, 255)),
        a_segment(is2=IP(192, 168, 0, 0)),
    ],
)
def test_a_reset_or_a_broadcast_is_not_answered(seg: TcpSegment) -> None:
    assert dropwithreset(BSD, seg, IFDS, TICKS, BANDLIM_UNLIMITED, (), Scripted()) == ((), ())


def test_the_broadcast_addresses_of_the_interfaces_do_not_matter_in_the_source() -> None:
    seg = a_segment(is1=IP(192, 168, 0, 255))
    _, outsegs = dropwithreset(BSD, seg, IFDS, TICKS, BANDLIM_UNLIMITED, (), Scripted())
    assert len(outsegs) == 1


@pytest.mark.parametrize("ack", [1000, 1002])
@pytest.mark.parametrize("queued", [False, True])
def test_a_wrong_ack_before_the_connection_is_made_is_reset(ack: int, queued: bool) -> None:
    sock, seg = a_sock(SYN_RECEIVED), a_segment(ack=foreign(ack))
    rst = replace(RST, seq=local(ack))
    op = mlift_dropafterack_or_fail(seg, BSD, RTTAB, IFDS, TICKS)
    bndlm = ((rst, TICKS, BANDLIM_RST_OPENPORT),)
    assert op(sock, (), Scripted(queued=queued)) == (sock, bndlm, ((TCP(rst), queued),), True)


@pytest.mark.parametrize(
    ("sock", "seg"),
    [
        (a_sock(), a_segment(ack=foreign(1002))),
        (a_sock(sndq=b"abc", cb=a_cb(snd_wnd=0)), a_segment()),
        (a_sock(SYN_RECEIVED), a_segment(ack=foreign(1001))),
        (a_sock(SYN_RECEIVED), a_segment(ack=foreign(1002), ACK=False)),
    ],
)
def test_any_other_segment_is_acknowledged_at_once(sock: Socket, seg: TcpSegment) -> None:
    op = mlift_dropafterack_or_fail(seg, BSD, RTTAB, IFDS, TICKS)
    sock_, outsegs = tcp_output_really(BSD, False, TICKS, IFDS, sock, Scripted())
    assert op(sock, (), Scripted(queued=True)) == (sock_, (), ((outsegs[0], True),), True)


def test_an_acknowledgement_that_is_not_queued_quenches() -> None:
    op = mlift_dropafterack_or_fail(a_segment(), BSD, RTTAB, IFDS, TICKS)
    sock_, _, outsegs, _ = op(a_sock(), (), Scripted(queued=False))
    cb = tcp_sock_of(sock_).cb
    assert [queued for _, queued in outsegs] == [False]
    assert (cb.tt_rexmt is not None, cb.snd_cwnd) == (True, cb.t_maxseg)


def test_an_acknowledgement_without_a_route_leaves_a_soft_error() -> None:
    sock = a_sock(is2=UNROUTABLE)
    sock1, _ = tcp_output_really(BSD, False, TICKS, IFDS, sock, Scripted())
    tcp_sock1 = tcp_sock_of(sock1)
    cb = replace(tcp_sock1.cb, last_ack_sent=foreign(5000), t_softerror=EHOSTUNREACH)
    op = mlift_dropafterack_or_fail(a_segment(), BSD, RTTAB, IFDS, TICKS)
    sock_ = replace(sock1, pr=TCP_PROTO(replace(tcp_sock1, cb=cb)))
    assert op(sock, (), Scripted()) == (sock_, (), (), True)


def test_a_socket_without_an_address_cannot_acknowledge() -> None:
    op = mlift_dropafterack_or_fail(a_segment(), BSD, RTTAB, IFDS, TICKS)
    with pytest.raises(PremiseFailed):
        op(a_sock(is1=None), (), Scripted(queued=True))


def ignore_fail(seg: TcpSegment, **script: bool) -> object:
    return dropwithreset_ignore_fail(seg, BSD, IFDS, RTTAB, TICKS, BANDLIM_UNLIMITED, (), Scripted(**script))


@pytest.mark.parametrize("queued", [False, True])
def test_ignore_fail_leaves_open_whether_the_reset_is_queued(queued: bool) -> None:
    bndlm = ((RST, TICKS, BANDLIM_UNLIMITED),)
    assert ignore_fail(a_segment(), queued=queued) == (bndlm, ((TCP(RST), queued),))


def test_ignore_fail_loses_a_reset_without_a_route() -> None:
    rst = replace(RST, is2=UNROUTABLE)
    assert ignore_fail(a_segment(is1=UNROUTABLE)) == (((rst, TICKS, BANDLIM_UNLIMITED),), ())


def test_ignore_fail_loses_a_reset_that_finds_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "INFINITE_RESOURCES", False)
    bndlm = ((RST, TICKS, BANDLIM_UNLIMITED),)
    assert ignore_fail(a_segment(), allocated=False) == (bndlm, ())
    assert ignore_fail(a_segment(), allocated=True, queued=True) == (bndlm, ((TCP(RST), True),))


def test_ignore_fail_sends_nothing_where_there_is_nothing_to_send() -> None:
    assert ignore_fail(a_segment(RST=True)) == ((), ())


def test_ignore_fail_needs_an_address_to_answer() -> None:
    with pytest.raises(PremiseFailed):
        ignore_fail(a_segment(is1=None))
