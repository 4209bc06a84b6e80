from __future__ import annotations

from dataclasses import fields
from fractions import Fraction

import pytest

from netspec.base.seq32 import tcp_seq_foreign, tcp_seq_local
from netspec.base.timers import Stopwatch, TimeWindowClosed
from netspec.tcp.aux_fns.initial_cb import initial_cb
from netspec.tcp.host_types import RttInf

VALUES: list[tuple[object, str]] = [
    (None, "tt_rexmt tt_keep tt_2msl tt_delack tt_conn_est tt_fin_wait_2"),
    (None, "t_advmss t_rttseg t_softerror request_r_scale"),
    (False, "tf_needfin tf_shouldacknow tf_rxwin0sent tf_doing_ws tf_req_tstmp tf_doing_tstmp bsd_cantconnect"),
    (tcp_seq_local(0), "snd_una snd_max snd_nxt snd_wl2 iss snd_recover"),
    (tcp_seq_foreign(0), "snd_wl1 rcv_nxt rcv_up irs rcv_adv last_ack_sent"),
    (0, "snd_wnd rcv_wnd t_dupacks snd_scale rcv_scale snd_cwnd_prev snd_ssthresh_prev"),
    (65535 * 2**14, "snd_cwnd snd_ssthresh"),
    (512, "t_maxseg"),
    ((), "t_segq"),
    (TimeWindowClosed, "ts_recent t_badrxtwin"),
    (Stopwatch(Fraction(0), Fraction(100, 105), Fraction(105, 100)), "t_idletime"),
    (RttInf(0, False, Fraction(3), Fraction(0), Fraction(1), Fraction(0), 0, False), "t_rttinf"),
]
FIELDS = [(value, name) for value, names in VALUES for name in names.split()]


@pytest.mark.parametrize(("value", "name"), FIELDS)
def test_initial_value(value: object, name: str) -> None:
    initial = getattr(initial_cb, name)
    assert initial == value
    assert type(initial) is type(value)


def test_every_field_is_looked_at() -> None:
    assert sorted(name for _, name in FIELDS) == sorted(field.name for field in fields(initial_cb))
