from __future__ import annotations

from typing import Any

import pytest
from aux_sockets import EMPTY_OQ, I1, I2, IFDS, P1, P2, RTTAB, UNROUTABLE
from support import Scripted

from netspec.base.base_types import Port
from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed
from netspec.tcp.aux_fns.udp_send import dosend
from netspec.tcp.net_types import UDP, UdpDatagram
from netspec.tcp.pre_host_types import IP, outqueue_timer

I3, P3 = IP(192, 168, 0, 3), Port(90)


def send(addr: Any, quad: Any, **choices: Any) -> object:
    return dosend(IFDS, RTTAB, (addr, b"data"), quad, EMPTY_OQ, Scripted(**choices))


def queued(is1: Any, ps1: Any, is2: Any, ps2: Any) -> object:
    dgm = UdpDatagram(is1=is1, is2=is2, ps1=ps1, ps2=ps2, data=b"data")
    return Timed((UDP(dgm),), outqueue_timer), True


def test_without_an_address_it_goes_to_the_peer() -> None:
    assert send(None, (I1, P1, I2, P2)) == queued(I1, P1, I2, P2)
    assert send(None, (I1, P1, I2, None)) == queued(I1, P1, I2, None)


def test_from_an_unbound_address_it_has_that_of_the_interface() -> None:
    assert send((I2, P2), (None, P1, None, None)) == queued(I1, P1, I2, P2)
    with pytest.raises(PremiseFailed):
        send((I2, P2), (None, P1, None, None), **{"i1'": I3})


def test_from_an_unbound_address_there_must_be_a_route() -> None:
    with pytest.raises(PremiseFailed):
        send((UNROUTABLE, P2), (None, P1, None, None))


def test_an_address_goes_before_the_peer() -> None:
    assert send((I3, P3), (I1, P1, I2, P2)) == queued(I1, P1, I3, P3)
    assert send((I3, P3), (I1, P1, None, None)) == queued(I1, P1, I3, P3)
    assert send((UNROUTABLE, P3), (I1, P1, None, P2)) == queued(I1, P1, UNROUTABLE, P3)


@pytest.mark.parametrize(
    ("addr", "quad"),
    [
        (None, (I1, P1, None, None)),
        (None, (None, P1, I2, P2)),
        (None, (I1, None, I2, P2)),
        ((I2, P2), (None, P1, I2, P2)),
        ((I2, P2), (None, P1, I2, None)),
        ((I2, P2), (None, P1, None, P2)),
        ((I2, P2), (None, None, None, None)),
        ((I2, P2), (I1, None, I2, P2)),
    ],
)
def test_other_cases_are_left_open(addr: Any, quad: Any) -> None:
    with pytest.raises(PremiseFailed):
        send(addr, quad)
