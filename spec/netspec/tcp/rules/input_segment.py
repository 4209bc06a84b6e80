"""Taking a TCP segment from the input queue, as most rules of deliver_in do first."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.choose import PremiseFailed, require
from netspec.base.timers import Timed
from netspec.tcp.deviations import ONE_OF_SYN_FIN_RST, URGENT_IGNORED
from netspec.tcp.host_types import Host
from netspec.tcp.net_types import TCP, Msg, TcpSegment
from netspec.tcp.params import Arch, deviates
from netspec.tcp.pre_host_types import dequeue_iq


def dequeue_any_segment(h: Host) -> tuple[Timed[tuple[Msg, ...]], TcpSegment]:
    """The rest of the input queue and the TCP segment at its head, whatever its flags."""
    iq_, msg = dequeue_iq(h.iq)
    if not isinstance(msg, TCP):
        raise PremiseFailed
    return iq_, msg.v


def dequeue_segment(h: Host) -> tuple[Timed[tuple[Msg, ...]], TcpSegment]:
    """The rest of the input queue and the TCP segment at its head: dequeue_iq(iq,iq',SOME (TCP seg))."""
    iq_, seg = dequeue_any_segment(h)
    require(not refused_flags(h.arch, seg))
    return iq_, replace(seg, URG=False) if deviates(h.arch, URGENT_IGNORED) else seg


def refused_flags(arch: Arch, seg: TcpSegment) -> bool:
    """Whether the host drops a segment for its flags alone; the model's architectures drop none."""
    return deviates(arch, ONE_OF_SYN_FIN_RST) and (
        (seg.SYN and seg.FIN) or (seg.SYN and seg.RST) or (seg.FIN and seg.RST)
    )
