"""The passage of time."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from netspec.base.choose import Choose, Of, PremiseFailed, require
from netspec.tcp.host0 import Label, Lh_epsilon, Lh_tau
from netspec.tcp.host_types import Host
from netspec.tcp.rule import COMPOSITE_RULES, RULES, Rule, misc, nonurgent, rp_all, rule
from netspec.tcp.time_passage import Time_Pass_host


def urgent_rules() -> tuple[Rule, ...]:
    """The rules that time must wait for while they can fire; all of them are internal steps."""
    return tuple(each for each in RULES.values() if each.is_urgent_for(Lh_tau))


@rule(rp_all, {Lh_epsilon: misc(nonurgent)})
def epsilon_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """Time passes for the whole host, if no deadline and no urgent rule stands against it.

    Source: TCP1_hostLTSScript.sml, epsilon_1.
    """
    if not isinstance(lbl, Lh_epsilon):
        raise PremiseFailed
    h_ = Time_Pass_host(lbl.dur, h, choose)
    require(not any(choose.possible(partial(each, h, Lh_tau())) for each in urgent_rules()))
    return h_


@rule(rp_all, {Lh_epsilon: misc(nonurgent)}, COMPOSITE_RULES)
def epsilon_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """Time passes with an internal step inside: a first part of it, the step, and the rest.

    Both parts may themselves have internal steps inside.  A part of less than no time is not considered.

    Source: TCP1_hostLTSScript.sml, epsilon_2.
    """
    if not isinstance(lbl, Lh_epsilon):
        raise PremiseFailed
    dur_ = choose.real("dur'", Fraction(0), lbl.dur)
    require(dur_ < lbl.dur)
    h1 = host_redn(h, Lh_epsilon(dur_), Of(choose, "before"))
    h2 = host_redn(h1, Lh_tau(), Of(choose, "tau"))
    dur__ = lbl.dur - dur_
    return host_redn(h2, Lh_epsilon(dur__), Of(choose, "after"))


def host_redn(h: Host, lbl: Label, choose: Choose) -> Host:
    """Any step of the host: by a rule of its own, or for the passage of time by epsilon_2.

    Source: TCP1_hostLTSScript.sml, rn.
    """
    rules = {name: each for name, each in (RULES | COMPOSITE_RULES).items() if type(lbl) in each.categories}
    return rules[choose.one_of("rn", rules)](h, lbl, choose)
