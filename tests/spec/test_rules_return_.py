from __future__ import annotations

from typing import Any

import pytest
from aux_sockets import BSD
from socket_hosts import SOCKET, TAU, THREAD, a_host, a_tcp, state_of
from support import Scripted

from netspec.base.base_types import FAIL, TID, OK_int, OK_one
from netspec.base.choose import PremiseFailed
from netspec.base.errors import EAGAIN
from netspec.base.timers import Timed, never_timer
from netspec.tcp.host0 import Lh_return
from netspec.tcp.pre_host_types import Connect2, Ret, Run
from netspec.tcp.rules.return_ import return_1


def test_return_1() -> None:
    h = a_host(BSD, a_tcp(), Ret(OK_int(5)))
    h_ = return_1(h, Lh_return(THREAD, OK_int(5)), Scripted())
    assert state_of(h_) == Timed(Run, never_timer)


@pytest.mark.parametrize(
    ("state", "lbl"),
    [
        (Ret(OK_int(5)), Lh_return(THREAD, OK_int(6))),
        (Ret(OK_int(5)), Lh_return(THREAD, FAIL(EAGAIN))),
        (Ret(OK_one()), Lh_return(TID(9), OK_one())),
        (Run, Lh_return(THREAD, OK_one())),
        (Connect2(SOCKET), Lh_return(THREAD, OK_one())),
        (Ret(OK_one()), TAU),
    ],
)
def test_return_1_forbids_other_results(state: Any, lbl: Any) -> None:
    with pytest.raises(PremiseFailed):
        return_1(a_host(BSD, a_tcp(), state), lbl, Scripted())
