"""The transitions of the network, one function for each clause of `net_redn`.

A clause lets one host, or for the passage of time every host, make a step by some rule of the
host relation.  Those rules are given, as the map from their names that `netspec.tcp.rule.RULES`
is.  The host rule epsilon_2 is not among them: an internal step inside a passage of time is the
clause for internal steps between two passages of time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final, TypeAlias

import immutables

from netspec.base.choose import FAPPLY, Choose, Of, PremiseFailed, require
from netspec.base.time import Time, time_infty
from netspec.base.timers import Time_Pass_timed, Timed, sharp_timer, timer_expires
from netspec.network.labels import (
    Ln0_call,
    Ln0_epsilon,
    Ln0_interface,
    Ln0_return,
    Ln0_tau,
    Ln0_trace,
    NetLabel,
)
from netspec.network.net_types import Msgs, Net
from netspec.tcp.host0 import (
    Label,
    Lh_call,
    Lh_epsilon,
    Lh_interface,
    Lh_loopdatagram,
    Lh_recvdatagram,
    Lh_return,
    Lh_senddatagram,
    Lh_tau,
    Lh_trace,
)
from netspec.tcp.net_types import Msg
from netspec.tcp.pre_host_types import HostId
from netspec.tcp.rule import Rule

HostRules: TypeAlias = Mapping[str, Rule]
NetRule: TypeAlias = Callable[[Net, NetLabel, Choose, HostRules], Net]


def call(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """A thread of a host makes a call.  The first clause.

    Source: TCP1_netScript.sml, net_redn_1.
    """
    if not isinstance(label, Ln0_call):
        raise PremiseFailed
    return _step(net, label.hid, Lh_call(label.tid, label.call), choose, host_rules)


def return_(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """A call returns to a thread of a host.  The second clause.

    Source: TCP1_netScript.sml, net_redn_2.
    """
    if not isinstance(label, Ln0_return):
        raise PremiseFailed
    return _step(net, label.hid, Lh_return(label.tid, label.v), choose, host_rules)


def send_datagram(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """A host sends a message: the medium gets any number of copies, none too, each with its own delay.

    The third clause.

    Source: TCP1_netScript.sml, net_redn_3.
    """
    hid = _unseen(net, label, choose)
    msg = _queued(net, hid, choose)
    net_ = _step(net, hid, Lh_senddatagram(msg), choose, host_rules)
    return Net(net_.hosts, net.msgs + _copies(msg, choose))


def receive_datagram(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """A message leaves the medium for a host, any host: the host looks at the address.  The fourth clause.

    The timer of the message has to be one that was just started, so that a message for which
    any time has passed is not received.

    Source: TCP1_netScript.sml, net_redn_4.
    """
    hid = _unseen(net, label, choose)
    n = choose.one_of("position of msg", range(len(net.msgs)))
    timed = net.msgs[n]
    d = timed.timer.deadmin
    require(timed.timer == sharp_timer(d))
    require(timer_expires(sharp_timer(d)))
    net_ = _step(net, hid, Lh_recvdatagram(timed.value), choose, host_rules)
    return Net(net_.hosts, net.msgs[:n] + net.msgs[n + 1 :])


def loop_datagram(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """A host sends itself a message, which does not enter the medium.  The fifth clause.

    Source: TCP1_netScript.sml, net_redn_5.
    """
    hid = _unseen(net, label, choose)
    return _step(net, hid, Lh_loopdatagram(_queued(net, hid, choose)), choose, host_rules)


def interface(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """An interface of a host goes up or down.  The sixth clause.

    Source: TCP1_netScript.sml, net_redn_6.
    """
    if not isinstance(label, Ln0_interface):
        raise PremiseFailed
    return _step(net, label.hid, Lh_interface(label.ifid, label.up), choose, host_rules)


def internal_step(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """A host makes an internal step.  The seventh clause.

    Source: TCP1_netScript.sml, net_redn_7.
    """
    return _step(net, _unseen(net, label, choose), Lh_tau(), choose, host_rules)


def time_passes(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """Time passes for all hosts, by one rule, and for all messages.  The eighth clause.

    Source: TCP1_netScript.sml, net_redn_8.
    """
    if not isinstance(label, Ln0_epsilon):
        raise PremiseFailed
    lbl = Lh_epsilon(label.dur)
    rn = _rule_for(lbl, choose, host_rules)
    hosts_ = immutables.Map({hid: rn(net.hosts[hid], lbl, Of(choose, hid.name)) for hid in _hosts(net)})
    return Net(hosts_, tuple(Time_Pass_timed(label.dur, timed) for timed in net.msgs))


def trace_record(net: Net, label: NetLabel, choose: Choose, host_rules: HostRules) -> Net:
    """The kernel of some host writes a trace record.  The ninth clause.

    Source: TCP1_netScript.sml, net_redn_9.
    """
    if not isinstance(label, Ln0_trace):
        raise PremiseFailed
    hid = choose.one_of("hid", _hosts(net))
    return _step(net, hid, Lh_trace(label.tr), choose, host_rules)


NET_RULES: Final[tuple[NetRule, ...]] = (
    call,
    return_,
    send_datagram,
    receive_datagram,
    loop_datagram,
    interface,
    internal_step,
    time_passes,
    trace_record,
)
"""The clauses, in the order of the text; their union is the relation `net_redn`."""


def _hosts(net: Net) -> tuple[HostId, ...]:
    """The hosts of the network, in an order that is the same in every run."""
    return tuple(hid for hid in HostId if hid in net.hosts)


def _unseen(net: Net, label: NetLabel, choose: Choose) -> HostId:
    """Match `Ln0_tau`: the host that makes the step."""
    if not isinstance(label, Ln0_tau):
        raise PremiseFailed
    return choose.one_of("hid", _hosts(net))


def _queued(net: Net, hid: HostId, choose: Choose) -> Msg:
    """A message that a host may send: rules send queued ones only."""
    return choose.one_of("msg", net.hosts[hid].oq.value)


def _rule_for(lbl: Label, choose: Choose, host_rules: HostRules) -> Rule:
    """Some rule that has such labels."""
    return host_rules[choose.one_of("rn", [name for name, each in host_rules.items() if type(lbl) in each.categories])]


def _step(net: Net, hid: HostId, lbl: Label, choose: Choose, host_rules: HostRules) -> Net:
    """State `rn /* rp, rc */ h -- lbl --=> h'` of a host for some rule: the network with `h'`."""
    h = FAPPLY(net.hosts, hid)
    rn = _rule_for(lbl, choose, host_rules)
    return Net(net.hosts.set(hid, rn(h, lbl, choose)), net.msgs)


def _copies(msg: Msg, choose: Choose) -> Msgs:
    """Match `new_msgs`: copies of a message, each with a delay."""
    number = choose.integer("number of new_msgs", 0, None)
    new_msgs: Msgs = ()
    while len(new_msgs) < number:
        new_msgs += (Timed(msg, sharp_timer(_delay(Of(choose, len(new_msgs))))),)
    return new_msgs


def _delay(choose: Choose) -> Time:
    """Any time; the text says of its type that times are not negative."""
    if choose.boolean("dur = time_infty"):
        return time_infty
    return choose.integer("whole seconds of dur", 0, None) + choose.real("rest of dur", Fraction(0), Fraction(1))
