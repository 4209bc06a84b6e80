"""What a host knows of one connection, as far as the wire determines it.

The record has the part of the model's `tcpcb` that shows in segments.  Sequence numbers are offsets (`sequence.py`):
those with `snd` count from the host's initial sequence number, those with `rcv` from its peer's; a SYN is at 0, the
first octet of data at 1.  What the wire leaves open is an interval or absent, never a guess: `rcv_min` and `rcv_max`
bound what the host may acknowledge, since a receiver may keep or drop what arrives out of order (RFC 9293 SHLD-31).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

Octets = tuple[int, int]
"""A range of sequence numbers: the first, and the one after the last."""


Received = tuple[tuple[int, int, int, int], ...]
"""Segments that were received: number, acknowledgement, flags and length of each."""


class Phase(Enum):
    """How far a connection is, for the host that is judged.

    `closed`: no connection, or one that a reset or a timeout ended; `syn_sent`, `syn_received` as in RFC 9293;
    `synchronized`: ESTABLISHED and what follows, which `Endpoint.state` tells apart.
    """

    closed = "closed"
    syn_sent = "SYN-SENT"
    syn_received = "SYN-RECEIVED"
    synchronized = "synchronized"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Data that was sent: its first number, its octets as far as captured, its length, when last sent and how often.

    `first`: when it was sent first.
    """

    start: int
    length: int
    data: bytes
    time: int
    times: int
    first: int

    @property
    def end(self) -> int:
        """The number after the last octet."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Due:
    """An answer that the host owes: by when (nanoseconds), for which frame, which acknowledgement, and why.

    `ack` is the least acknowledgement number that settles it, None where any segment does; `should`: an RFC only
    advises to answer.
    """

    by: int
    frame: int
    since: int
    ack: int | None
    clause: str
    reason: str
    should: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reset that may have ended the connection: its frame, its time, and whether it did unless an answer follows."""

    frame: int
    time: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """A SHOULD that the host did not follow: allowed, and worth knowing."""

    frame: int
    clause: str
    text: str


class Endpoint(NamedTuple):
    """The host's side of a connection.

    `partial`: the connection began before the capture, so that options and earlier numbers are unknown; `midway`: and
    neither SYN was recorded; `crossed`: the peer's SYN crossed the host's own. `iss`, `irs`: the initial 32-bit
    numbers. `snd_una`, `snd_max` as in the model; `una_min`: what the host certainly knows to be acknowledged;
    `snd_fack`: the highest number in a SACK block of the peer; `snd_edge`: the highest number that a window of the
    peer ever allowed; `snd_wnd`: that window in octets when last seen, and `snd_wl1`: the number of the segment that
    it was in; `waiting`: whether the last new segment had no PSH, so that more waits where a profile says so, and
    `ready`: since when nothing holds that back, None where something may; `fin`: the number of the host's FIN.
    `queue`: what arrived beyond a gap; `rcv_adv`: the right edge of the windows the host offered, `offers`: of those
    that may have been in force for what it has not received yet, each with the frame of the offer and its
    acknowledgement; `rcv_sure`: the least that RCV.NXT was when the host received the last segment, which may be less
    than what it has acknowledged since; `peer_fin`: the number of the peer's FIN. `snd_scale`, `rcv_scale`: window
    shifts, None while unknown; `peer_mss`: what the host's segments may carry, and `mss_given` whether the peer said
    so; `own_mss`: what the host announced; `damaged`: the number behind the last segment that it had to drop as
    damaged. `cwnd`, `ssthresh`: the most that its congestion window and slow start threshold can be, in octets;
    `loss_window`: the octets it may still send after a timeout, None where no timeout limits them, and `loss_acks`:
    how often more was acknowledged since. `acked`: the acknowledgement number it sent last, and `sent` when;
    `empties`: when it sent the last segments without data; `refused`: when it last answered with a reset, and
    `refusal` the number of that. `rtt`: the longest round trip of data that was sent once, in nanoseconds,
    `rtt_least`: the shortest of any; `heard`: when a segment for the host was last recorded, `asked`: one that may
    call for an answer, `pause`: the longest time without one; `progress`: when its timer was last set for other data
    than the oldest that is not acknowledged, or for a window that opened; `timeouts`: when it repeated its oldest
    data, with nothing received between, and `repeated`: that data's number; `backoffs`: how many of them followed
    another; `undo`: when the first was, with `cwnd` and `ssthresh` before it; `probed`: when the window certainly
    closed, or was probed since; `went_back`: whether SND.NXT may be before `snd_max`, since something was sent again,
    or a window probed; `answerable`: what it received last, as (number, acknowledgement, flags, length), for resets
    to answer. `ts_syn`: the timestamp of the peer's SYN; `ts_leapt`: whether later ones cannot be compared;
    `ts_known`: those that may still be echoed, `ts_recent`: what TS.Recent is at least, and `ts_least`: what it was
    at least when the host sent its last segment; `ts_sent`: when the host sent its last, and `ts_since`: since when
    it is that; `ecn_offered`, `ecn_taken`: whether a SYN offered ECN, and a SYN-ACK took it; `snd_up`: the number
    that the host's urgent pointer had last, None where it was not urgent. `fast_open`: whether the peer asked for
    Fast Open. `unanswered_now`, `unanswered_before`: how many segments came since `counted_since`, and in as long
    before, that no acknowledgement was for, `unanswered_text`: where the new data of others ends, the last at
    `rcv_heard`; `left`: the peer's initial number in a connection that the host has reset, and may answer for (RFC
    9293 section 3.5.2). `doubt`: the last reset that may have ended the connection, while nothing shows that it did
    not. `dues`: answers that the host owes; `unanswered`: those it owes unless the segments that call for them were
    lost on the way.
    """

    phase: Phase = Phase.closed
    partial: bool = False
    midway: bool = False
    passive: bool = False
    crossed: bool = False
    reset_by: str | None = None
    doubt: Doubt | None = None
    iss: int = 0
    irs: int | None = None
    snd_una: int = 0
    una_min: int = 0
    snd_max: int = 0
    snd_fack: int = 0
    snd_edge: int = 0
    snd_wnd: int = 0
    snd_wl1: int = 0
    waiting: bool = False
    ready: int | None = None
    fin: int | None = None
    chunks: tuple[Chunk, ...] = ()
    rcv_min: int = 0
    rcv_max: int = 0
    queue: tuple[Octets, ...] = ()
    rcv_adv: int = 0
    rcv_sure: int = 0
    offers: tuple[tuple[int, int, int], ...] = ()
    peer_fin: int | None = None
    snd_scale: int | None = 0
    rcv_scale: int | None = 0
    own_scale: int | None = None
    peer_scale: int | None = None
    peer_mss: int = 536
    mss_given: bool = False
    own_mss: int = 536
    damaged: int | None = None
    sack_permitted: bool = False
    own_sack: bool = False
    peer_sack: bool = False
    own_ts: bool = False
    peer_ts: bool = False
    fast_open: bool = False
    ts_val: int | None = None
    ts_ecr: int | None = None
    ts_seen: int | None = None
    ts_syn: int | None = None
    ts_leapt: bool = False
    ts_known: tuple[int, ...] = ()
    ts_recent: int | None = None
    ts_least: int | None = None
    ts_sent: int = 0
    ts_since: int = 0
    ecn_offered: bool = False
    ecn_taken: bool = False
    snd_up: int | None = None
    left: int | None = None
    cwnd: int = 0
    ssthresh: int = 0
    loss_window: int | None = None
    loss_acks: int = 0
    duplicates: int = 0
    acked: int | None = None
    sent: int = 0
    refused: int = -1
    refusal: int = 0
    empties: tuple[int, ...] = ()
    syn_times: tuple[int, ...] = ()
    timeouts: tuple[int, ...] = ()
    repeated: int = 0
    went_back: bool = False
    backoffs: int = 0
    undo: tuple[int, int, int] | None = None
    probed: int | None = None
    rtt: int = 0
    rtt_least: int | None = None
    heard: int = 0
    asked: int = 0
    pause: int = 0
    progress: int = 0
    counted_since: int = 0
    unanswered_now: int = 0
    unanswered_before: int = 0
    unanswered_text: tuple[int, ...] = ()
    rcv_heard: int = 0
    answerable: Received = ()
    dues: tuple[Due, ...] = ()
    unanswered: tuple[Due, ...] = ()
    advice: tuple[Advice, ...] = ()

    @property
    def timestamps(self) -> bool:
        """Whether the Timestamps option is in use (RFC 7323 section 3.2)."""
        return self.own_ts and self.peer_ts

    @property
    def syn_unanswered(self) -> bool:
        """Whether the peer's SYN has crossed the host's own, and the host has not answered it yet."""
        crossed = self.phase is Phase.syn_received and not self.passive and not self.partial
        return crossed and self.acked is None

    @property
    def state(self) -> str:
        """The state of RFC 9293 section 3.3.2 that the wire shows."""
        if self.phase is not Phase.synchronized:
            return str(self.phase.value).upper()
        peer_closed = self.peer_fin is not None and self.rcv_max > self.peer_fin
        if self.fin is None:
            return "CLOSE-WAIT" if peer_closed else "ESTABLISHED"
        if self.snd_una > self.fin:
            return "TIME-WAIT or CLOSED" if peer_closed else "FIN-WAIT-2"
        return "LAST-ACK or CLOSING" if peer_closed else "FIN-WAIT-1"
