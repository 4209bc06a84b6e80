from __future__ import annotations

import pytest
from aux_sockets import ARCHS, BSD
from socket_hosts import TAU, a_host, a_udp
from support import Scripted

from netspec.base.base_types import ETH
from netspec.base.choose import PremiseFailed
from netspec.tcp.host0 import Lh_interface
from netspec.tcp.rules.interface import interface_1


def test_interface_1() -> None:
    for arch in ARCHS:
        h = a_host(arch, a_udp())
        down = interface_1(h, Lh_interface(ETH(0), False), Scripted())
        assert [ifid for ifid, ifd in down.ifds.items() if not ifd.up] == [ETH(0)]
        assert interface_1(down, Lh_interface(ETH(0), False), Scripted()) == down
        assert interface_1(down, Lh_interface(ETH(0), True), Scripted()) == h


def test_interface_1_forbids() -> None:
    h = a_host(BSD, a_udp())
    for lbl in (Lh_interface(ETH(7), False), TAU):
        with pytest.raises(PremiseFailed):
            interface_1(h, lbl, Scripted())
