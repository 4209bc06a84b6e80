"""Each deviation of the profile utcp allows what µTCP does; without it the same is forbidden."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from aux_sockets import a_cb, a_segment, a_sock, foreign
from deliver_in_hosts import S0, TAU, a_host, deliver, sent, tcp, with_tcp
from support import Scripted
from test_rules_timers import sending

from netspec.base.base_types import SO_RCVBUF, SOCK_STREAM
from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import tcp_seq_flip_sense
from netspec.profiles import PROFILES
from netspec.profiles.utcp import UTCP
from netspec.tcp import deviations
from netspec.tcp.aux_fns.buffers import calculate_buf_sizes
from netspec.tcp.errata import ERRATA
from netspec.tcp.errata.output import RETRANSMISSION_IN_CLOSE_WAIT
from netspec.tcp.host_types import RexmtMode
from netspec.tcp.params import sf_default_n
from netspec.tcp.pre_host_types import CLOSE_WAIT, CLOSED, ESTABLISHED, TIME_WAIT
from netspec.tcp.rules.deliver_in_7 import deliver_in_7
from netspec.tcp.rules.deliver_in_8 import deliver_in_8, deliver_in_9
from netspec.tcp.rules.deliver_in_drop import deliver_in_4
from netspec.tcp.rules.input_segment import dequeue_segment
from netspec.tcp.rules.timers import timer_tt_rexmt_1

QUEUED = partial(Scripted, queued=True)


def without(name):
    return UTCP.without(name).arch


def test_every_deviation_is_named_justified_and_known_to_the_specification():
    own = {value for key, value in vars(deviations).items() if key.isupper()}
    known = own | set(ERRATA)
    for profile in PROFILES.values():
        for deviation in profile.deviations:
            assert deviation.name in known and deviation.reason and deviation.touches
    assert own <= {deviation.name for profile in PROFILES.values() for deviation in profile.deviations}


def test_a_deviation_that_a_profile_does_not_have_cannot_be_switched_off():
    with pytest.raises(ValueError, match="no such"):
        UTCP.without("no such")


def test_the_receive_buffer_holds_65535_bytes():
    assert sf_default_n(UTCP.arch, SOCK_STREAM, SO_RCVBUF) == 65535
    assert sf_default_n(without(deviations.RECEIVE_BUFFER_65535), SOCK_STREAM, SO_RCVBUF) == 57344


def buf_sizes(arch, advmss=1460, mss=1460):
    return calculate_buf_sizes(advmss, mss, None, False, 65535, 32768, False, arch)


def test_the_initial_window_is_that_of_rfc_3390():
    assert buf_sizes(UTCP.arch)[3] == 4380
    assert buf_sizes(without(deviations.INITIAL_WINDOW_RFC3390))[3] == 1460


def test_the_segment_size_is_not_rounded_to_clusters():
    assert buf_sizes(UTCP.arch, 8960, 8960)[2] == 8960
    assert buf_sizes(without(deviations.NO_CLUSTER_ROUNDING), 8960, 8960)[2] == 8192


def test_a_peer_without_a_segment_size_gets_536():
    assert buf_sizes(UTCP.arch, mss=None)[2] == 536
    assert buf_sizes(without(deviations.MSSDFLT_536), mss=None)[2] == 512


def connected(st=ESTABLISHED):
    cb = a_cb(rcv_nxt=foreign(1000), rcv_wnd=500, rcv_adv=foreign(1500))
    return {S0: a_sock(st, cb=cb)}


def test_a_reset_ends_a_connection_only_at_the_expected_sequence_number():
    exact, inside, outside = (
        a_segment(seq=tcp_seq_flip_sense(foreign(n)), RST=True, ACK=False) for n in (1000, 1100, 1500)
    )
    assert tcp(deliver(deliver_in_7, connected(), exact, QUEUED(), UTCP.arch), S0).st == CLOSED
    challenged = deliver(deliver_in_7, connected(), inside, QUEUED(), UTCP.arch)
    assert tcp(challenged, S0).st == ESTABLISHED
    assert [(one.ACK, one.RST, one.ack) for one in sent(challenged)] == [(True, False, foreign(1000))]
    ignored = deliver(deliver_in_7, connected(), outside, QUEUED(), UTCP.arch)
    assert tcp(ignored, S0).st == ESTABLISHED and sent(ignored) == []
    model = without(deviations.CHALLENGE_ACK)
    assert tcp(deliver(deliver_in_7, connected(), inside, QUEUED(), model), S0).st == CLOSED


@pytest.mark.parametrize("st", [ESTABLISHED, CLOSE_WAIT, TIME_WAIT])
def test_a_syn_is_answered_with_an_acknowledgement(st):
    syn = a_segment(SYN=True, ACK=False)
    answered = deliver(deliver_in_8, connected(st), syn, QUEUED(), UTCP.arch)
    assert [(one.ACK, one.RST) for one in sent(answered)] == [(True, False)]
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_9, connected(TIME_WAIT), syn, QUEUED(), UTCP.arch)
    if st != TIME_WAIT:
        model = deliver(deliver_in_8, connected(st), syn, QUEUED(), without(deviations.CHALLENGE_ACK))
        assert all(one.RST for one in sent(model))


@pytest.mark.parametrize("flags", [{"SYN": True, "FIN": True}, {"SYN": True, "RST": True}, {"FIN": True, "RST": True}])
def test_a_segment_with_two_of_syn_fin_and_rst_is_dropped(flags):
    segment = a_segment(ACK=False, **flags)
    dropped = deliver(deliver_in_4, connected(), segment, QUEUED(), UTCP.arch)
    assert tcp(dropped, S0).st == ESTABLISHED and sent(dropped) == []
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_7, connected(), segment, QUEUED(), UTCP.arch)
    with pytest.raises(PremiseFailed):
        deliver(deliver_in_4, connected(), segment, QUEUED(), without(deviations.ONE_OF_SYN_FIN_RST))


def test_urgent_data_is_like_any_other():
    h = replace(a_host({}, a_segment(URG=True, urp=1)), arch=UTCP.arch)
    assert not dequeue_segment(h)[1].URG
    assert dequeue_segment(replace(h, arch=without(deviations.URGENT_IGNORED)))[1].URG


def test_a_connection_closed_by_the_peer_retransmits():
    sock = with_tcp(sending(), st=CLOSE_WAIT)
    h = replace(a_host({S0: sock}, a_segment()), arch=UTCP.arch)
    assert tcp(timer_tt_rexmt_1(h, TAU, QUEUED()), S0).cb.tt_rexmt.value == (RexmtMode.Rexmt, 1)
    with pytest.raises(PremiseFailed):
        timer_tt_rexmt_1(replace(h, arch=without(RETRANSMISSION_IN_CLOSE_WAIT.name)), TAU, QUEUED())
