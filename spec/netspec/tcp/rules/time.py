"""The passage of time."""

from __future__ import annotations

from functools import partial

from netspec.base.choose import Choose, PremiseFailed, require
from netspec.base.time import Duration
from netspec.tcp.host0 import Label, Lh_epsilon, Lh_tau
from netspec.tcp.host_types import Host
from netspec.tcp.rule import RULES, Rule, misc, nonurgent, rp_all, rule
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


def epsilon_2(dur: Duration, dur_: Duration, dur__: Duration) -> None:
    """State the premises on durations of a run in which an internal step stands inside a passage of time.

    Such a run is: `dur_` passes, an internal step, `dur__` passes; the caller has those steps.

    Source: TCP1_hostLTSScript.sml, epsilon_2.
    """
    require(dur_ < dur)
    require(dur_ + dur__ == dur)
