"""Round-trip estimation and the retransmission and persist timers (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from netspec.base.choose import SOME
from netspec.base.time import Duration, the_time
from netspec.base.timers import Timed
from netspec.base.utils import ABS, MAX, MIN
from netspec.tcp.deviations import BACKOFFS_TO_512, CONGESTION_WINDOW_GROWS
from netspec.tcp.host_types import RexmtMode, RttInf
from netspec.tcp.params import (
    HZ,
    TCP_BSD_BACKOFFS,
    TCP_LINUX_BACKOFFS,
    TCP_SYN_BSD_BACKOFFS,
    TCP_SYN_LINUX_BACKOFFS,
    TCP_SYN_WINXP_BACKOFFS,
    TCP_WINXP_BACKOFFS,
    TCPTV_PERSMAX,
    TCPTV_PERSMIN,
    TCPTV_REXMTMAX,
    Arch,
    deviates,
)
from netspec.tcp.pre_host_types import bsd_arch, linux_arch, slow_timer, windows_arch

RexmtTimer = Timed[tuple[RexmtMode, int]]


def tcp_backoffs(arch: Arch) -> tuple[int, ...]:
    """The factors by which successive retransmission intervals grow.

    Source: TCP1_auxFnsScript.sml, tcp_backoffs.
    """
    if deviates(arch, BACKOFFS_TO_512):
        return (*TCP_LINUX_BACKOFFS, 512, 512)
    elif bsd_arch(arch):
        return TCP_BSD_BACKOFFS
    elif linux_arch(arch):
        return TCP_LINUX_BACKOFFS
    elif windows_arch(arch):
        return TCP_WINXP_BACKOFFS
    else:
        return TCP_BSD_BACKOFFS


def tcp_syn_backoffs(arch: Arch) -> tuple[int, ...]:
    """The factors by which successive retransmission intervals of a SYN grow.

    Source: TCP1_auxFnsScript.sml, tcp_syn_backoffs.
    """
    if bsd_arch(arch):
        return TCP_SYN_BSD_BACKOFFS
    elif linux_arch(arch):
        return TCP_SYN_LINUX_BACKOFFS
    elif windows_arch(arch):
        return TCP_SYN_WINXP_BACKOFFS
    else:
        return TCP_SYN_BSD_BACKOFFS


def mode_of(timer: RexmtTimer | None) -> RexmtMode | None:
    """What the retransmission timer is running for, if it is.

    Source: TCP1_auxFnsScript.sml, mode_of.
    """
    return None if timer is None else timer.value[0]


def shift_of(timer: RexmtTimer | None) -> int:
    """How often the timer has been restarted with a longer interval; left open where it is not running.

    Source: TCP1_auxFnsScript.sml, shift_of.
    """
    return SOME(timer).value[1]


def computed_rto(backoffs: tuple[int, ...], shift: int, ri: RttInf) -> Duration:
    """The retransmission interval, in seconds, before it is bounded.

    The model leaves the factor of a shift past the end of the list open; here it is the last one.

    Source: TCP1_auxFnsScript.sml, computed_rto.
    """
    factor = backoffs[shift] if shift < len(backoffs) else backoffs[-1]
    return Fraction(factor) * MAX(ri.t_rttmin, ri.t_srtt + 4 * ri.t_rttvar)


def computed_rxtcur(ri: RttInf, arch: Arch) -> Duration:
    """The retransmission interval in use, in seconds.

    Source: TCP1_auxFnsScript.sml, computed_rxtcur.
    """
    return MAX(
        ri.t_rttmin,
        MIN(
            the_time(TCPTV_REXMTMAX),
            computed_rto(tcp_syn_backoffs(arch) if ri.t_wassyn else tcp_backoffs(arch), ri.t_lastshift, ri),
        ),
    )


def start_tt_rexmt_gen(
    arch: Arch, mode: RexmtMode, backoffs: tuple[int, ...], shift: int, wantmin: bool, ri: RttInf
) -> RexmtTimer:
    """The retransmission timer, started.

    Source: TCP1_auxFnsScript.sml, start_tt_rexmt_gen.
    """
    rxtcur = MAX(
        MAX(ri.t_rttmin, ri.t_lastrtt + 2 / HZ(arch)) if wantmin else ri.t_rttmin,
        MIN(the_time(TCPTV_REXMTMAX), computed_rto(backoffs, shift, ri)),
    )
    return Timed((mode, shift), slow_timer(arch, rxtcur))


def start_tt_rexmt(arch: Arch, shift: int, wantmin: bool, ri: RttInf) -> RexmtTimer:
    """The retransmission timer of data.

    Source: TCP1_auxFnsScript.sml, start_tt_rexmt.
    """
    return start_tt_rexmt_gen(arch, RexmtMode.Rexmt, tcp_backoffs(arch), shift, wantmin, ri)


def start_tt_rexmtsyn(arch: Arch, shift: int, wantmin: bool, ri: RttInf) -> RexmtTimer:
    """The retransmission timer of a SYN.

    Source: TCP1_auxFnsScript.sml, start_tt_rexmtsyn.
    """
    return start_tt_rexmt_gen(arch, RexmtMode.RexmtSyn, tcp_syn_backoffs(arch), shift, wantmin, ri)


def start_tt_persist(shift: int, ri: RttInf, arch: Arch) -> RexmtTimer:
    """The timer of window probes.

    Source: TCP1_auxFnsScript.sml, start_tt_persist.
    """
    cur = MAX(
        the_time(TCPTV_PERSMIN),
        MIN(the_time(TCPTV_PERSMAX), computed_rto(tcp_backoffs(arch), shift, ri)),
    )
    return Timed((RexmtMode.Persist, shift), slow_timer(arch, cur))


def update_rtt(arch: Arch, rtt: Duration, ri: RttInf) -> RttInf:
    """The estimates after a round trip of `rtt` seconds was measured.

    Source: TCP1_auxFnsScript.sml, update_rtt.
    """
    if ri.tf_srtt_valid:
        delta = (rtt - 1 / HZ(arch)) - ri.t_srtt
        vardelta = ABS(delta) - ri.t_rttvar
        t_srtt_ = MAX(1 / (32 * HZ(arch)), ri.t_srtt + Fraction(1, 8) * delta)
        t_rttvar_ = MAX(1 / (16 * HZ(arch)), ri.t_rttvar + Fraction(1, 4) * vardelta)
    else:
        t_srtt_ = rtt
        t_rttvar_ = rtt * Fraction(1, 2)
    return replace(
        ri,
        t_rttupdated=ri.t_rttupdated + 1,
        tf_srtt_valid=True,
        t_srtt=t_srtt_,
        t_rttvar=t_rttvar_,
        t_lastrtt=rtt,
        t_lastshift=0,
        t_wassyn=False,
    )


def expand_cwnd(arch: Arch, ssthresh: int, maxseg: int, maxwin: int, cwnd: int) -> int:
    """The congestion window after new data was acknowledged: slow start or congestion avoidance.

    Source: TCP1_auxFnsScript.sml, expand_cwnd.
    """
    if cwnd > ssthresh:
        increment = (maxseg * maxseg) // cwnd
        if deviates(arch, CONGESTION_WINDOW_GROWS):
            increment = MAX(1, increment)
    else:
        increment = maxseg
    return MIN(maxwin, cwnd + increment)
