"""What a host may take its time for, and what it may do: the bounds of a wire profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

MILLISECOND = 1_000_000
SECOND = 1000 * MILLISECOND
"""Durations are integers of nanoseconds."""


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
    """The bounds of an implementation, durations in nanoseconds.

    `lag`: how long a segment may lie between recorder and host; `slack`: what scheduling may add to a bound;
    `ack_delay`: the longest delay of an acknowledgement; `throttle`: within how long after a segment of its own a host
    may leave out an answer to an unacceptable segment without data (RFC 5961 section 7); `rexmt`: within how long
    unacknowledged data has to be sent again; `give_up`: after how many retransmissions a host may give up in silence;
    `initial_window`: segments before the first acknowledgement (RFC 6928); `burst`:
    segments beyond what slow start allows (a restart after idling, RFC 5681 section 4.1, limited transmit, pacing);
    `offload`: whether segments that the
    interface merges or splits may show; `rto_max`: from which interval on the back-off need not double.
    """

    name: str
    vantage: Vantage = Vantage.interface
    lag: int = 250 * MILLISECOND
    slack: int = 100 * MILLISECOND
    ack_delay: int = 500 * MILLISECOND
    throttle: int = 600 * MILLISECOND
    rexmt: int = 64 * SECOND
    give_up: int = 3
    initial_window: int = 10
    burst: int = 10
    offload: bool = True
    rto_max: int = 60 * SECOND

    @property
    def on_path(self) -> bool:
        """Whether segments may be lost or reordered between recorder and host."""
        return self.vantage is Vantage.path

    def at(self, vantage: Vantage) -> WireProfile:
        """The same profile for a capture taken elsewhere: on the path a segment may take two seconds."""
        lags = {Vantage.host: 0, Vantage.interface: self.lag, Vantage.path: 2 * SECOND}
        return replace(self, vantage=vantage, lag=lags[vantage])


RFC9293 = WireProfile("rfc9293")
