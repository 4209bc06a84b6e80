from __future__ import annotations

from dataclasses import replace

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, LINUX, P1, P2, WINXP, a_cb, a_segment, a_sock, foreign, local
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.errors import ECONNREFUSED, EHOSTUNREACH, ENETDOWN, ETIMEDOUT, Error
from netspec.tcp.aux_fns.close import tcp_close, tcp_drop_and_close
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.host_types import tcp_sock_of
from netspec.tcp.net_types import TCP
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import CLOSED, ESTABLISHED, LISTEN, SYN_SENT, TcpState


def test_close_on_bsd_drops_the_local_address() -> None:
    sock = tcp_close(BSD, a_sock(sndq=b"out", rcvq=b"in", es=ENETDOWN))
    closed = a_sock(CLOSED, rcvq=b"in", es=ENETDOWN, cb=replace(initial_cb, bsd_cantconnect=True))
    assert sock == replace(closed, is1=None, ps1=None, cantsndmore=True, cantrcvmore=True)


@pytest.mark.parametrize("arch", [LINUX, WINXP])
def test_close_elsewhere_keeps_the_local_address(arch: Arch) -> None:
    sock = tcp_close(arch, a_sock(sndq=b"out", rcvq=b"in"))
    assert sock == a_sock(CLOSED, rcvq=b"in", cb=initial_cb, cantsndmore=True, cantrcvmore=True)


@pytest.mark.parametrize("arch", ARCHS)
def test_drop_resets_a_synchronised_connection(arch: Arch) -> None:
    sock = a_sock(es=ENETDOWN)
    sock_, outsegs = tcp_drop_and_close(arch, ECONNREFUSED, sock, Scripted(win_garbage=6))
    rst = a_segment(is1=I1, is2=I2, ps1=P1, ps2=P2, seq=local(1001), ack=foreign(5001), RST=True, win=6)
    assert outsegs == (TCP(rst),)
    assert sock_ == replace(tcp_close(arch, sock), es=ECONNREFUSED)


@pytest.mark.parametrize("st", [CLOSED, LISTEN, SYN_SENT])
def test_drop_does_not_reset_any_other(st: TcpState) -> None:
    _, outsegs = tcp_drop_and_close(BSD, None, a_sock(st, is2=None), Scripted())
    assert outsegs == ()


def test_drop_needs_the_addresses_of_a_connection_to_reset() -> None:
    with pytest.raises(PremiseFailed):
        tcp_drop_and_close(BSD, None, a_sock(ESTABLISHED, is2=None), Scripted())


@pytest.mark.parametrize(
    ("err", "t_softerror", "es"),
    [
        (None, EHOSTUNREACH, ENETDOWN),
        (ECONNREFUSED, EHOSTUNREACH, ECONNREFUSED),
        (ETIMEDOUT, EHOSTUNREACH, EHOSTUNREACH),
        (ETIMEDOUT, None, ETIMEDOUT),
    ],
)
def test_drop_reports_a_soft_error_in_place_of_a_timeout(
    err: Error | None, t_softerror: Error | None, es: Error
) -> None:
    sock = a_sock(cb=a_cb(t_softerror=t_softerror), es=ENETDOWN)
    sock_, _ = tcp_drop_and_close(BSD, err, sock, Scripted())
    assert sock_.es == es
    assert tcp_sock_of(sock_).cb.t_softerror is None
