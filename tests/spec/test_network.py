from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import immutables
import pytest
from aux_sockets import BSD, I1, I2, P1, P2, TICKS, WINXP, a_cb, a_segment
from socket_hosts import SOCKET, THREAD, a_dgram, a_host, a_tcp, a_udp, state_of
from support import Scripted

import netspec.tcp.rules  # noqa: F401  (the rules have to be in the index)
from netspec.base.base_types import ETH, FD, TID, OK_fd, OK_one
from netspec.base.choose import Choose, PremiseFailed
from netspec.base.time import time_infty
from netspec.base.timers import Timed, Timer, never_timer, sharp_timer
from netspec.network.labels import (
    Ln0_call,
    Ln0_epsilon,
    Ln0_interface,
    Ln0_return,
    Ln0_tau,
    Ln0_trace,
    NetLabel,
)
from netspec.network.net_types import BAG_EQ, Net, hosts_to_net
from netspec.network.rules import (
    NET_RULES,
    NetRule,
    call,
    interface,
    internal_step,
    loop_datagram,
    receive_datagram,
    return_,
    send_datagram,
    time_passes,
    trace_record,
)
from netspec.tcp.host0 import Lh_epsilon
from netspec.tcp.host_types import Host, Tracecb, TraceRecord
from netspec.tcp.lib_interface import dup
from netspec.tcp.net_types import TCP, UDP, Msg, UdpDatagram
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import (
    ESTABLISHED,
    TA_USER,
    HostId,
    Recv2,
    Ret,
    Run,
    inqueue_timer,
    outqueue_timer,
    sched_timer,
)
from netspec.tcp.rule import RULES, Rule, misc, nonurgent, rp_all

Test, Aux = HostId
TAU = Ln0_tau()
ONE = Fraction(1)
FOR_TEST: Msg = TCP(a_segment())
FOR_AUX: Msg = UDP(UdpDatagram(I1, I2, P1, P2, b"a"))
CB = a_cb()


def a_net(*msgs: Timed[Msg], **of_test: Any) -> Net:
    """Two like hosts at 192.168.0.1, of which one may be changed, and messages between them."""
    h = a_host(BSD, a_tcp(cb=CB))
    return Net(hosts_to_net(replace(h, **of_test), h), msgs)


def queued(*msgs: Msg) -> Timed[tuple[Msg, ...]]:
    return Timed(msgs, outqueue_timer)


def allows(rule: NetRule, net: Net, label: NetLabel, **choices: Any) -> Net:
    return rule(net, label, Scripted(queued=True, **choices), RULES)


def forbids(rule: NetRule, net: Net, label: NetLabel, **choices: Any) -> None:
    with pytest.raises(PremiseFailed):
        allows(rule, net, label, **choices)


def test_hosts_to_net() -> None:
    h1, h2 = a_host(BSD, a_tcp()), a_host(WINXP, a_udp())
    assert hosts_to_net(h1, h2) == immutables.Map({Test: h1, Aux: h2})


def test_multisets() -> None:
    a, b = Timed(FOR_TEST, never_timer), Timed(FOR_AUX, never_timer)
    assert BAG_EQ((a, b, a), (a, a, b))
    assert BAG_EQ((), ())
    for other in ((a, b), (a, b, b), (a, a, b, b)):
        assert not BAG_EQ((a, b, a), other)


def test_call() -> None:
    net = a_net()
    net_ = allows(call, net, Ln0_call(Test, THREAD, dup(FD(3))), rn="dup_1")
    assert state_of(net_.hosts[Test]) == Timed(Ret(OK_fd(FD(4))), sched_timer)
    assert net_.hosts[Aux] == net.hosts[Aux]
    forbids(call, net, Ln0_call(Test, TID(9), dup(FD(3))), rn="dup_1")
    forbids(call, Net(net.hosts.delete(Aux), ()), Ln0_call(Aux, THREAD, dup(FD(3))), rn="dup_1")


def test_return() -> None:
    h = a_net().hosts[Test]
    net = a_net(ts=h.ts.set(THREAD, Timed(Ret(OK_one()), sched_timer)))
    net_ = allows(return_, net, Ln0_return(Test, THREAD, OK_one()))
    assert net_ == a_net(ts=h.ts.set(THREAD, Timed(Run, never_timer)))
    forbids(return_, net, Ln0_return(Test, THREAD, OK_fd(FD(8))))
    forbids(return_, net, Ln0_return(Aux, THREAD, OK_one()))


def test_a_message_that_is_sent_may_be_lost_or_copied() -> None:
    old = Timed(FOR_TEST, sharp_timer(ONE))
    net = a_net(old, oq=queued(FOR_AUX, FOR_TEST))
    lost = allows(send_datagram, net, TAU)
    assert lost.hosts[Test].oq == queued(FOR_TEST)
    assert lost.msgs == (old,)
    delays = {
        "whole seconds of dur of 0": 7,
        "rest of dur of 0": ONE / 2,
        "dur = time_infty of 1": True,
    }
    copied = allows(send_datagram, net, TAU, **{"number of new_msgs": 3}, **delays)
    times = (Fraction(15, 2), time_infty, Fraction(0))
    assert BAG_EQ(copied.msgs, (old, *(Timed(FOR_AUX, sharp_timer(d)) for d in times)))


def test_a_message_that_is_sent_comes_from_its_host() -> None:
    net = a_net(oq=queued(FOR_AUX, FOR_TEST))
    forbids(send_datagram, net, TAU, msg=FOR_TEST)
    forbids(send_datagram, net, TAU, hid=Aux)
    forbids(send_datagram, a_net(oq=queued(FOR_TEST)), TAU)
    forbids(send_datagram, net, TAU, **{"number of new_msgs": -1})


def test_a_message_is_received_once() -> None:
    arrived = Timed(FOR_TEST, sharp_timer(Fraction(0)))
    net = a_net(Timed(FOR_AUX, sharp_timer(ONE)), arrived, arrived)
    net_ = allows(receive_datagram, net, TAU, rn="deliver_in_99", **{"position of msg": 1})
    assert BAG_EQ(net_.msgs, (arrived, Timed(FOR_AUX, sharp_timer(ONE))))
    assert net_.hosts[Test].iq == Timed((FOR_TEST,), inqueue_timer)
    assert net_.hosts[Aux] == net.hosts[Aux]
    early = a_net(Timed(FOR_AUX, sharp_timer(ONE)))
    forbids(receive_datagram, early, TAU, rn="deliver_in_99a")
    forbids(receive_datagram, a_net(), TAU)


def test_a_message_may_be_received_by_a_host_that_has_another_address() -> None:
    net = a_net(Timed(FOR_AUX, sharp_timer(Fraction(0))))
    net_ = allows(receive_datagram, net, TAU, rn="deliver_in_99a")
    assert net_ == a_net()
    forbids(receive_datagram, net, TAU, rn="deliver_in_99")


@pytest.mark.parametrize("timer", [Timer(ONE, ONE, ONE), Timer(Fraction(0), Fraction(-1), ONE), never_timer], ids=str)
def test_a_message_is_received_only_with_a_timer_just_started(timer: Timer) -> None:
    forbids(receive_datagram, a_net(Timed(FOR_TEST, timer)), TAU, rn="deliver_in_99")
    forbids(receive_datagram, a_net(Timed(FOR_AUX, timer)), TAU, rn="deliver_in_99a")


def test_a_host_that_sends_to_itself_does_not_use_the_medium() -> None:
    net_ = allows(loop_datagram, a_net(oq=queued(FOR_TEST)), TAU)
    assert net_.msgs == ()
    assert net_.hosts[Test].iq == Timed((FOR_TEST,), inqueue_timer)
    forbids(loop_datagram, a_net(oq=queued(FOR_AUX)), TAU)
    forbids(loop_datagram, a_net(oq=queued(FOR_TEST)), TAU, hid=Aux)
    forbids(loop_datagram, a_net(oq=queued(FOR_TEST), arch=WINXP), TAU)


def test_interface() -> None:
    net_ = allows(interface, a_net(), Ln0_interface(Aux, ETH(0), False))
    assert not net_.hosts[Aux].ifds[ETH(0)].up
    assert net_.hosts[Test].ifds[ETH(0)].up
    forbids(interface, a_net(), Ln0_interface(Aux, ETH(7), False))


def test_internal_step() -> None:
    blocked = a_host(BSD, a_udp(a_dgram(b"a")), Recv2(SOCKET, 10, frozenset()))
    net = Net(hosts_to_net(a_host(BSD, a_udp()), blocked), ())
    net_ = allows(internal_step, net, TAU, hid=Aux, rn="recv_15")
    assert isinstance(state_of(net_.hosts[Aux]).value, Ret)
    assert net_.hosts[Test] == net.hosts[Test]
    forbids(internal_step, net, TAU, hid=Test, rn="recv_15")


def test_time_passes_for_hosts_and_messages() -> None:
    net = a_net(Timed(FOR_AUX, sharp_timer(ONE)), Timed(FOR_TEST, never_timer))
    net_ = allows(time_passes, net, Ln0_epsilon(ONE), **{"delta of 'Test'": 100, "delta of 'Aux'": 101})
    ticks = {hid: h.ticks.ticks for hid, h in net_.hosts.items()}
    assert ticks == {Test: TICKS + 100, Aux: TICKS + 101}
    after = Timer(ONE, time_infty, time_infty)
    assert BAG_EQ(net_.msgs, (Timed(FOR_AUX, Timer(ONE, ONE, ONE)), Timed(FOR_TEST, after)))


def test_time_waits_for_every_message_and_every_host() -> None:
    ticks = {"delta of 'Test'": 100, "delta of 'Aux'": 100}
    late = Timed(FOR_AUX, sharp_timer(ONE / 2))
    forbids(time_passes, a_net(late), Ln0_epsilon(ONE), **ticks)
    assert allows(time_passes, a_net(), Ln0_epsilon(ONE), **ticks)
    for hid in HostId:
        h = replace(a_net().hosts[hid], oq=Timed((), sharp_timer(ONE / 2)))
        forbids(time_passes, Net(a_net().hosts.set(hid, h), ()), Ln0_epsilon(ONE), **ticks)


def test_time_passes_by_one_rule_for_all_hosts() -> None:
    def stays(arch_name: str) -> Callable[[Host, object, Choose], Host]:
        def body(h: Host, lbl: object, choose: Choose) -> Host:
            if h.arch.name != arch_name:
                raise PremiseFailed
            return h

        return body

    rules = {
        arch.name: Rule(arch.name, rp_all, {Lh_epsilon: (misc(nonurgent),)}, stays(arch.name)) for arch in (BSD, WINXP)
    }
    both = Net(hosts_to_net(a_host(BSD, a_tcp()), a_host(BSD, a_tcp())), ())
    assert time_passes(both, Ln0_epsilon(ONE), Scripted(rn=BSD.name), rules) == both
    mixed = Net(hosts_to_net(a_host(BSD, a_tcp()), a_host(WINXP, a_tcp())), ())
    for name in rules:
        with pytest.raises(PremiseFailed):
            time_passes(mixed, Ln0_epsilon(ONE), Scripted(rn=name), rules)


def test_trace_record() -> None:
    shown = Tracecb(**{field.name: getattr(CB, field.name) for field in fields(Tracecb)})
    record = TraceRecord(TA_USER, SOCKET, (I1, P1, I2, P2), ESTABLISHED, shown)
    for hid in HostId:
        assert allows(trace_record, a_net(), Ln0_trace(record), hid=hid) == a_net()
    forbids(trace_record, a_net(), Ln0_trace(replace(record, sid=SID(7))))
    forbids(trace_record, a_net(socks=immutables.Map()), Ln0_trace(record), hid=Test)


def test_a_rule_of_a_host_has_the_label_of_the_step() -> None:
    forbids(call, a_net(), Ln0_call(Test, THREAD, dup(FD(3))), rn="deliver_in_99")
    forbids(internal_step, a_net(), TAU, rn="epsilon_1")


LABELS: dict[NetRule, NetLabel] = {
    call: Ln0_call(Test, THREAD, dup(FD(3))),
    return_: Ln0_return(Test, THREAD, OK_one()),
    send_datagram: TAU,
    receive_datagram: TAU,
    loop_datagram: TAU,
    interface: Ln0_interface(Test, ETH(0), True),
    internal_step: TAU,
    time_passes: Ln0_epsilon(ONE),
}


@pytest.mark.parametrize("rule", NET_RULES, ids=lambda rule: rule.__name__)
def test_a_clause_has_one_kind_of_label(rule: NetRule) -> None:
    own = LABELS.get(rule)
    busy = a_net(Timed(FOR_TEST, sharp_timer(Fraction(0))), oq=queued(FOR_AUX))
    for label in LABELS.values():
        if type(label) is not type(own):
            forbids(rule, busy, label)
