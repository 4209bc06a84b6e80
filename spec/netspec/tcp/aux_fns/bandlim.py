"""Limits on the rate of resets (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

import itertools

from netspec.base.choose import Choose
from netspec.base.seq32 import Seq32
from netspec.base.utils import TAKEWHILE, num_floor
from netspec.tcp.deviations import NO_RESET_LIMIT
from netspec.tcp.errata.output import RECENT_RESETS_ONLY, RESETS_COUNTED_WHEN_SENT
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.params import HZ, Arch, corrected, deviates
from netspec.tcp.pre_host_types import (
    BANDLIM_RST_CLOSEDPORT,
    BANDLIM_RST_OPENPORT,
    BANDLIM_UNLIMITED,
    BandlimReason,
    BandlimState,
    MsgQueue,
    enqueue_oq,
)

bandlim_state_init: BandlimState = ()
"""Source: TCP1_auxFnsScript.sml, bandlim_state_init."""


def bandlim_rst_ok_always(
    arch: Arch, seg: TcpSegment, ticks: Seq32, reason: BandlimReason, bndlm: BandlimState
) -> tuple[bool, BandlimState]:
    """Every reset may be sent.

    Source: TCP1_auxFnsScript.sml, bandlim_rst_ok_always.
    """
    return True, ((seg, ticks, reason), *bndlm)


def simple_limit(reason: BandlimReason) -> int | None:
    """How many resets a second may be sent for a reason.

    Source: TCP1_auxFnsScript.sml, simple_limit.
    """
    limits = {BANDLIM_UNLIMITED: None, BANDLIM_RST_CLOSEDPORT: 200, BANDLIM_RST_OPENPORT: 200}
    return limits[reason]


def bandlim_rst_ok_simple(
    arch: Arch, seg: TcpSegment, ticks: Seq32, reason: BandlimReason, bndlm: BandlimState
) -> tuple[bool, BandlimState]:
    """Whether a reset may be sent, counting those of the last second with the same reason.

    Source: TCP1_auxFnsScript.sml, bandlim_rst_ok_simple.
    """
    t0 = ticks - num_floor(1 * HZ(arch))
    takewhile = itertools.takewhile if corrected(arch, RECENT_RESETS_ONLY) else TAKEWHILE
    recent = takewhile(lambda sent: sent[1] > t0, bndlm)
    count = len([sent for sent in recent if sent[2] == reason])
    n = simple_limit(reason)
    emit = n is None or count < n or deviates(arch, NO_RESET_LIMIT)
    if not emit and corrected(arch, RESETS_COUNTED_WHEN_SENT):
        return emit, bndlm
    return emit, ((seg, ticks, reason), *bndlm)


bandlim_rst_ok = bandlim_rst_ok_simple
"""Source: TCP1_auxFnsScript.sml, bandlim_rst_ok."""


def enqueue_oq_bndlim_rst(
    arch: Arch,
    oq: MsgQueue,
    seg: TcpSegment,
    ticks: Seq32,
    reason: BandlimReason,
    bndlm: BandlimState,
    choose: Choose,
) -> tuple[MsgQueue, BandlimState, bool]:
    """Queue a reset if it may be sent: the queue, the limiter's state, and whether it was queued or dropped.

    Source: TCP1_auxFnsScript.sml, enqueue_oq_bndlim_rst.
    """
    emit, bndlm_ = bandlim_rst_ok(arch, seg, ticks, reason, bndlm)
    if emit:
        oq_, queued_or_dropped = enqueue_oq(oq, TCP(seg), choose)
        return oq_, bndlm_, queued_or_dropped
    else:
        return oq, bndlm_, True
