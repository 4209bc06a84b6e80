"""What a host may take its time for, and what it may do: the bounds of a wire profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

MILLISECOND = 1_000_000
SECOND = 1000 * MILLISECOND
"""Durations are integers of nanoseconds."""


def seconds(nanoseconds: int) -> str:
    """A duration for people, to the millisecond."""
    whole, rest = divmod(nanoseconds // MILLISECOND, 1000)
    return f"{whole}.{rest:03} s"


class Vantage(Enum):
    """Where the capture was taken.

    `host`: a segment is received when it is recorded; `interface`: soon after, none is lost;
    `path`: between recorder and host, both ways, segments may be lost, duplicated or reordered.
    """

    host = "host"
    interface = "interface"
    path = "path"


@dataclass(frozen=True, slots=True)
class WireProfile:
    """The bounds of an implementation, durations in nanoseconds."""

    name: str
    vantage: Vantage = Vantage.interface

    recorded: Vantage | None = None
    """Where captures of such a host are taken, unless said otherwise; None where that is not known."""

    lag: int = 500 * MILLISECOND
    """How long a segment may lie between recorder and host."""

    slack: int = 100 * MILLISECOND
    """What scheduling may add to a bound."""

    ack_delay: int = 500 * MILLISECOND
    """The longest delay of an acknowledgement (RFC 9293 MUST-40)."""

    answers_gaps: bool = False
    """Whether data behind a gap is answered, which RFC 5681 section 4.2 only advises."""

    throttle: int = SECOND
    """How long after a segment of its own a host may leave an unacceptable segment without data unanswered (RFC 5961
    section 7)."""

    early: int = 100 * MILLISECOND
    """How much sooner than due a timer may seem to fire, since what started it was recorded late."""

    tick: int = SECOND
    """How coarse the clock of the retransmission timer may be (RFC 6298 section 4 leaves it open)."""

    rexmt: int = 64 * SECOND
    """Within how long unacknowledged data has to be sent again (RFC 6298 section 2.5)."""

    give_up: int = 3
    """After how many retransmissions a host may give up in silence (RFC 9293 SHLD-10)."""

    syn_give_up: int = 3
    """After how many retransmissions of a SYN-ACK a host may give up."""

    rto_max: int = 60 * SECOND
    """From which wait on the back-off need not double (RFC 6298 section 2.5)."""

    initial_window: int = 10
    """Segments in flight before the first acknowledgement (RFC 6928)."""

    initial_octets: int | None = None
    """What those may have in all, if more than two segments (RFC 3390); None for any number."""

    newreno: bool = False
    """Whether the congestion window is that of the model: NewReno without SACK, and nothing undoes a timeout."""

    burst: int = 10
    """Segments in flight beyond slow start: a restart after idling (RFC 5681 section 4.1), limited transmit."""

    sent_lost: bool = False
    """Whether what the host sends may be lost before the recorder."""

    rto: int | None = None
    """The retransmission timeout while no round trip was measured; None where it is not known.  With it, a timeout is
    at most this, or five times the longest round trip that the wire shows, doubled each time (RFC 6298 section 2)."""

    rto_measured: int | None = None
    """The same once a round trip was measured, where five times the longest is less."""

    rto_min: int = 0
    """The least retransmission timeout; RFC 6298 section 2.4 only advises one."""

    granularity: int = 0
    """How much later than due a timer may fire."""

    keep_idle: int = 0
    """How long a connection is idle before a keep-alive, at least; RFC 9293 (MUST-27) lets it be configured."""

    undo: int | None = None
    """How long, beyond half of a round trip, an acknowledgement after a timeout may show that it was needless."""

    syn_backoff: tuple[int, ...] = ()
    """The factors of `rto` by which the waits between SYNs grow; empty where they are not known."""

    connecting: int | None = None
    """After how long an attempt to connect ends; None where the application decides."""

    persist: tuple[int, int] | None = None
    """The least and the longest wait before a window probe, None where RFC 9293 leaves it open."""

    fin_wait_2: int = 0
    """How long FIN-WAIT-2 lasts at least after the last segment received."""

    never_shrinks: bool = False
    """Whether the right edge of the window never moves back, which RFC 9293 only advises (SHLD-14)."""

    one_of_syn_fin_rst: bool = False
    """Whether a segment with more than one of SYN, FIN and RST is dropped."""

    pushes: bool = False
    """Whether PSH is set exactly on what empties the send queue, so that a segment without shows that more waits."""

    exact_resets: bool = False
    """Whether in an open connection only a reset at RCV.NXT ends it; another in the window is answered (RFC 5961)."""

    answers_early: bool = True
    """Whether a SYN outside the window is answered in SYN-RECEIVED too (RFC 9293 section 3.10.7.4)."""

    unprompted: bool = True
    """Whether a segment may be sent that has nothing new and answers nothing, as keep-alives are."""

    aborts: bool = True
    """Whether an application can have a connection that is open reset (RFC 9293 section 3.10.5)."""

    simultaneous_open: bool = True
    """Whether a SYN that crosses the host's own is answered (RFC 9293 MUST-10)."""

    bare_options: bool = False
    """Whether the host sends no options but MSS and Window Scale."""

    default_mss: int = 536
    """What a segment may carry where the peer's SYN does not say: 536 octets, on IPv6 1220 (RFC 9293 MUST-15)."""

    most_mss: int = 65495
    """The largest MSS that a SYN may offer: what a packet of 65535 octets carries; on IPv6 65535 stands for more (RFC
    9293 MUST-67, section 3.7.5)."""

    offload: bool = True
    """Whether segments that the interface merged or split may show."""

    @property
    def on_path(self) -> bool:
        """Whether segments may be lost or reordered between recorder and host."""
        return self.vantage is Vantage.path

    def at(self, vantage: Vantage) -> WireProfile:
        """The same profile for a capture taken elsewhere: on the path a segment may take two seconds, or for ever."""
        if vantage is Vantage.path:
            return replace(self, vantage=vantage, lag=2 * SECOND, sent_lost=True)
        return replace(self, vantage=vantage, lag=0 if vantage is Vantage.host else self.lag)
