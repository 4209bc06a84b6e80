from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aux_sockets import ARCHS, BSD, I1, I2, P1, P2, WINXP, a_segment
from socket_hosts import TAU, a_host, a_udp
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed, never_timer
from netspec.tcp.host0 import Label, Lh_loopdatagram, Lh_recvdatagram, Lh_senddatagram
from netspec.tcp.host_types import Host
from netspec.tcp.net_types import TCP, UDP, Msg, UdpDatagram
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import IP, inqueue_timer, outqueue_timer
from netspec.tcp.rule import Rule
from netspec.tcp.rules.deliver_queue import deliver_in_99, deliver_in_99a, deliver_loop_99, deliver_out_99

QUEUED = Scripted(queued=True)
FOR_US: Msg = TCP(a_segment())
FOR_OTHERS: Msg = UDP(UdpDatagram(I1, I2, P1, P2, b"a"))
FOR_LOOPBACK: Msg = TCP(a_segment(is2=IP(127, 0, 0, 1)))
FOR_NOBODY: Msg = TCP(a_segment(is2=None))


def a_queue(*msgs: Msg) -> Host:
    """A host with these messages on both queues."""
    return of_arch(BSD, *msgs)


def of_arch(arch: Arch, *msgs: Msg) -> Host:
    h = a_host(arch, a_udp())
    return replace(h, iq=Timed(msgs, inqueue_timer), oq=Timed(msgs, outqueue_timer))


def forbids(rule: Rule, h: Host, lbl: Label) -> None:
    with pytest.raises(PremiseFailed):
        rule(h, lbl, QUEUED)


def test_deliver_in_99() -> None:
    h = a_queue(FOR_OTHERS)
    for msg in (FOR_US, FOR_LOOPBACK):
        h_ = deliver_in_99(h, Lh_recvdatagram(msg), QUEUED)
        assert h_ == replace(h, iq=Timed((FOR_OTHERS, msg), inqueue_timer))
    for msg in (FOR_OTHERS, FOR_NOBODY, TCP(a_segment(data=bytes(65536 - 40)))):
        forbids(deliver_in_99, h, Lh_recvdatagram(msg))
    assert deliver_in_99(h, Lh_recvdatagram(TCP(a_segment(data=bytes(65535 - 40)))), QUEUED)
    forbids(deliver_in_99, h, Lh_senddatagram(FOR_US))


def test_deliver_in_99a() -> None:
    h = a_queue(FOR_US)
    assert deliver_in_99a(h, Lh_recvdatagram(FOR_OTHERS), QUEUED) == h
    for msg in (FOR_US, FOR_LOOPBACK, FOR_NOBODY):
        forbids(deliver_in_99a, h, Lh_recvdatagram(msg))
    forbids(deliver_in_99a, h, Lh_senddatagram(FOR_OTHERS))


def test_deliver_out_99() -> None:
    h = a_queue(FOR_OTHERS, FOR_US)
    h_ = deliver_out_99(h, Lh_senddatagram(FOR_OTHERS), QUEUED)
    assert h_ == replace(h, oq=Timed((FOR_US,), outqueue_timer))
    h_ = deliver_out_99(a_queue(FOR_OTHERS), Lh_senddatagram(FOR_OTHERS), QUEUED)
    assert h_.oq == Timed((), never_timer)
    forbids(deliver_out_99, h, Lh_senddatagram(UDP(UdpDatagram(I1, I2, P1, P2, b"b"))))
    forbids(deliver_out_99, h, Lh_loopdatagram(FOR_OTHERS))
    forbids(deliver_out_99, a_queue(), Lh_senddatagram(FOR_OTHERS))
    for msg in (FOR_US, FOR_LOOPBACK, FOR_NOBODY):
        forbids(deliver_out_99, a_queue(msg), Lh_senddatagram(msg))


@pytest.mark.parametrize("arch", ARCHS, ids=lambda arch: arch.name)
def test_deliver_loop_99(arch: Any) -> None:
    visible, hidden = Lh_loopdatagram(FOR_US), TAU
    lbl, other = (hidden, visible) if arch == WINXP else (visible, hidden)
    h = of_arch(arch, FOR_US, FOR_OTHERS)
    h_ = deliver_loop_99(h, lbl, QUEUED)
    assert h_.oq == Timed((FOR_OTHERS,), outqueue_timer)
    assert h_.iq == Timed((FOR_US, FOR_OTHERS, FOR_US), inqueue_timer)
    forbids(deliver_loop_99, h, other)
    forbids(deliver_loop_99, h, Lh_loopdatagram(FOR_LOOPBACK))
    forbids(deliver_loop_99, of_arch(arch), lbl)
    forbids(deliver_loop_99, of_arch(arch, FOR_OTHERS), TAU if arch == WINXP else Lh_loopdatagram(FOR_OTHERS))
