"""Returning from calls."""

from __future__ import annotations

from netspec.base.choose import Choose, PremiseFailed, require
from netspec.base.timers import never_timer
from netspec.tcp.host0 import Label, Lh_return
from netspec.tcp.host_types import Host
from netspec.tcp.pre_host_types import Ret, Run
from netspec.tcp.rule import misc, nonurgent, rp_all, rule
from netspec.tcp.rules.prelude import thread, with_thread


@rule(rp_all, {Lh_return: misc(nonurgent)})
def return_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """The result of a call reaches its thread, which runs again.

    Source: TCP1_hostLTSScript.sml, return_1.
    """
    if not isinstance(lbl, Lh_return):
        raise PremiseFailed
    state = thread(h, lbl.tid).value
    if not isinstance(state, Ret):
        raise PremiseFailed
    require(state.v == lbl.v)
    return with_thread(h, lbl.tid, Run, never_timer)
