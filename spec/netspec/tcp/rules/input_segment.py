"""Taking a TCP segment from the input queue, as most rules of deliver_in do first."""

from __future__ import annotations

from netspec.base.choose import PremiseFailed
from netspec.base.timers import Timed
from netspec.tcp.host_types import Host
from netspec.tcp.net_types import TCP, Msg, TcpSegment
from netspec.tcp.pre_host_types import dequeue_iq


def dequeue_segment(h: Host) -> tuple[Timed[tuple[Msg, ...]], TcpSegment]:
    """The rest of the input queue and the TCP segment at its head: dequeue_iq(iq,iq',SOME (TCP seg))."""
    iq_, msg = dequeue_iq(h.iq)
    if not isinstance(msg, TCP):
        raise PremiseFailed
    return iq_, msg.v
