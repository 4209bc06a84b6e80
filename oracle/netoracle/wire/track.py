"""One host's side of one connection, followed through a capture."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from netspec.wire.acknowledged import premature, text_to_come
from netspec.wire.endpoint import Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.obligations import elapse
from netspec.wire.premise import Forbidden
from netspec.wire.profile import WireProfile
from netspec.wire.receive import UNKNOWN_EDGE, overheard, receive, unreachable
from netspec.wire.rules.dispatch import WELL_FORMED, candidates, send
from netspec.wire.rules.header import ALL_RECEIVED, ONLY_RECEIVED
from netspec.wire.rules.opening import MOST_SHIFT
from netspec.wire.segment import ACK, RST, SYN

_TIME_PASSES = "time passes"

_FAR = UNKNOWN_EDGE
"""Further than any window reaches (RFC 7323 section 2.3): the bound for what an earlier part left open."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A rule that did not allow a segment, and the premise that failed."""

    rule: str
    clause: str
    premise: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class WireViolation:
    """The first frame that no correct host could have sent, or by which it should have sent another.

    `frame` is None at the end of the capture; `line` is that of the frame in the host's log, where one was given.
    """

    frame: int | None
    time: int
    summary: str
    state: str
    nearest: tuple[Nearest, ...]
    line: int | None = None

    @property
    def of_time(self) -> bool:
        """Whether nothing was wrong but that time passed."""
        return any(near.rule == _TIME_PASSES for near in self.nearest)

    @property
    def of_form(self) -> bool:
        """Whether the segment is wrong whatever came before it."""
        return self.summary in {WELL_FORMED, MOST_SHIFT}


@dataclass(frozen=True, slots=True)
class WireStep:
    """A segment that was explained: by which rule, and how many segments the host had certainly received by then."""

    frame: int
    rule: str
    received: int


_PLAUSIBLE = 2
"""How many segments in a row that call for an answer may be lost by chance."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What is missing, and can only have been lost if the host is correct.

    `owed_in_any_case`: the host had to go on by itself; else the segments that called for an answer may have been lost.
    """

    what: str
    owed_in_any_case: bool


class Track:
    """What is known of the host's side so far.

    `silence` is the first thing missing that more than a chance loss has to explain, where loss is not excluded.

    Segments that the host may not have received yet wait in `pending`.  A segment that it sends is explained with as
    few of them received as possible: receiving more is possible at any later moment.  That loses nothing only because a
    segment's effect does not count what the host sent between the recording and the reception for certain: it may have
    been received before that (`rcv_sure` and `offers` of the endpoint).
    """

    __slots__ = ("endpoint", "pending", "profile", "received", "silence", "states", "steps", "violation")

    def __init__(self, profile: WireProfile, keep: bool = False) -> None:
        self.profile = profile
        self.steps: list[WireStep] | None = [] if keep else None
        self.endpoint: Endpoint | None = None
        self.pending: deque[Event] = deque()
        self.received = 0
        self.states = 0
        self.silence: Silence | None = None
        self.violation: WireViolation | None = None

    def arrive(self, event: Event) -> None:
        """The recorder saw a segment on its way to the host.  Sets `violation` where something was due before."""
        s = begun(self.endpoint, event, False)
        event = replace(event, premature=True) if premature(s, event) else event
        self.endpoint = overheard(s, event, self.profile)
        if self.wait(event.time, event.frame):
            self.pending.append(event)

    def leave(self, event: Event) -> WireStep | None:
        """The recorder saw a segment from the host: the step that explains it, None where none does."""
        self.endpoint = begun(self.endpoint, event, True)
        if not self.wait(event.time, event.frame):
            return None
        s = self.endpoint
        nearest: list[Nearest] = []
        for received in range(len(self.pending) + 1):
            if received:
                s = receive(s, self.pending[received - 1], self.profile)
            failures: list[Nearest] = []
            step = self._explained(s, event, received, failures)
            if step is not None:
                return step
            if not nearest or _otherwise_right(failures) or not _otherwise_right(nearest):
                nearest = failures
        step = self._midway(self.endpoint, event)
        if step is None:
            self.violation = WireViolation(event.frame, event.time, nearest[0].premise, s.state, tuple(nearest))
        return step

    def _midway(self, s: Endpoint, event: Event) -> WireStep | None:
        """The step that explains a segment sent while the host was at work on one of the pending segments."""
        for received, one in enumerate(self.pending):
            bare = text_to_come(one)
            if bare is not None:
                taken = receive(s, bare, self.profile)
                taken = taken._replace(dues=s.dues, unanswered=s.unanswered, answerable=s.answerable)
                step = self._explained(taken, event, received, [])
                if step is not None:
                    return step
            s = receive(s, one, self.profile)
        return None

    def _explained(self, s: Endpoint, event: Event, received: int, failures: list[Nearest]) -> WireStep | None:
        """The step by which a host sends a segment after so many of the pending were received; else what forbids it."""
        for rule in candidates(s, event, self.profile):
            self.states += 1
            try:
                self.endpoint = send(s, event, self.profile, rule)
            except Forbidden as reason:
                failures.append(_nearest(rule, reason))
            else:
                for _ in range(received):
                    self.pending.popleft()
                self.received += received
                step = WireStep(event.frame, rule, self.received)
                if self.steps is not None:
                    self.steps.append(step)
                return step
        return None

    def wait(self, now: int, frame: int | None) -> bool:
        """Time has come to `now`: what has lain too long was received.  Whether nothing was due before."""
        s = self.endpoint
        if s is None:
            return True
        while self.pending and self.pending[0].time < now - self.profile.lag:
            s = receive(s, self.pending.popleft(), self.profile)
            self.received += 1
        self.endpoint = s
        late = [due for due in s.unanswered if due.by < now]
        if len(late) > _PLAUSIBLE:
            frames = ", ".join(str(due.frame) for due in late[:5])
            self._missing(Silence(f"frames {frames} call for an answer that is not there ({late[0].clause})", False))
        try:
            elapsed(s, self.pending, now, self.profile)
        except Forbidden as reason:
            if self.profile.on_path:
                self._missing(Silence(f"{reason.premise}, {reason.found} ({reason.clause})", True))
                return True
            self.violation = WireViolation(frame, now, reason.premise, s.state, (_nearest(_TIME_PASSES, reason),))
            return False
        return True

    def _missing(self, silence: Silence) -> None:
        if self.silence is None:
            self.silence = silence

    def icmp(self, hard: bool) -> None:
        """An ICMP error about the connection passed on its way to the host."""
        if self.endpoint is not None:
            self.endpoint = unreachable(self.endpoint, hard)

    def over(self) -> bool:
        """Whether the connection has ended."""
        s = self.endpoint
        return s is None or (s.phase is Phase.closed and not self.pending)


def elapsed(s: Endpoint, pending: Iterable[Event], now: int, p: WireProfile) -> None:
    """Raise Forbidden where something was due before `now`, whichever of the pending segments the host has received."""
    try:
        elapse(s, now, p)
    except Forbidden as reason:
        for event in pending:
            s = receive(s, event, p)
            try:
                return elapse(s, now, p)
            except Forbidden:
                continue
        raise reason from None


def begun(s: Endpoint | None, event: Event, sent: bool) -> Endpoint:
    """The host's side, which begins with the first segment that tells of a connection."""
    if s is None or (s.partial and s.phase is Phase.closed and s.irs is None and s.reset_by is None):
        return beginning(event, sent)
    return s


def beginning(event: Event, sent: bool) -> Endpoint:
    """The host's side before the first segment that was recorded: none, if that is a SYN, else one under way."""
    seg = event.seg
    if seg.flags & (SYN | ACK | RST) == SYN:
        return Endpoint()
    if seg.flags & RST or not seg.flags & ACK:
        return Endpoint(partial=True)
    own, peer = (seg.seq, seg.ack) if sent else (seg.ack, seg.seq)
    if seg.flags & SYN and not sent:
        return Endpoint(phase=Phase.syn_sent, iss=(own - 1) % (1 << 32), **_UNKNOWN)
    if seg.flags & SYN:
        return Endpoint(irs=(peer - 1) % (1 << 32), rcv_min=1, rcv_max=1, snd_wnd=_FAR, peer_ts=True, **_UNKNOWN)
    return Endpoint(
        phase=Phase.synchronized,
        midway=True,
        iss=(own - 1) % (1 << 32),
        irs=(peer - 1) % (1 << 32),
        snd_una=1 - _FAR if sent else 1,
        una_min=1 - _FAR,
        snd_edge=_FAR,
        snd_wnd=_FAR,
        rcv_min=1 - _FAR,
        # A segment of at most one octet may be a probe, one before what the host has received.
        rcv_max=_FAR if sent else 1 + (seg.length <= 1),
        rcv_adv=1,
        snd_scale=None,
        rcv_scale=None,
        cwnd=_FAR,
        **_UNKNOWN,
    )


_UNKNOWN: Final[dict[str, Any]] = {
    "partial": True,
    "snd_max": 1,
    "own_scale": 14,
    "peer_scale": 14,
    "peer_mss": 65535,
    "sack_permitted": True,
    "peer_sack": True,
}
"""What of a connection that was not recorded from its first segment on is not known: the widest bounds."""


def _otherwise_right(failures: Sequence[Nearest]) -> bool:
    """Whether the host had received as much as the segment acknowledges, so that what failed is something else."""
    return failures[0].premise not in {ONLY_RECEIVED, ALL_RECEIVED}


def _nearest(rule: str, reason: Forbidden) -> Nearest:
    return Nearest(rule, reason.clause, reason.premise, str(reason.expected), str(reason.found))
