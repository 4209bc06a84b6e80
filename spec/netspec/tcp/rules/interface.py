"""Interfaces that are brought up or taken down."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import Choose, PremiseFailed, require
from netspec.tcp.host0 import Label, Lh_interface
from netspec.tcp.host_types import Host
from netspec.tcp.rule import misc, nonurgent, rp_all, rule


@rule(rp_all, {Lh_interface: misc(nonurgent)})
def interface_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """An interface comes up or goes down.

    Source: TCP1_hostLTSScript.sml, interface_1.
    """
    if not isinstance(lbl, Lh_interface):
        raise PremiseFailed
    require(lbl.ifid in h.ifds)
    ifds_ = h.ifds.set(lbl.ifid, replace(h.ifds[lbl.ifid], up=lbl.up))
    return replace(h, ifds=ifds_)
