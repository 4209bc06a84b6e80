"""One end of a connection under judgement, at one vantage or, where none is given, at two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

from netoracle.wire.inferred import Calls
from netoracle.wire.passing import Side
from netoracle.wire.recorder import Direction
from netoracle.wire.result import Quad
from netoracle.wire.track import Silence, Track
from netspec.wire.endpoint import Endpoint, Octets
from netspec.wire.event import Event
from netspec.wire.profile import Vantage, WireProfile

_IPV4 = 4
"""The octets of an address of IPv4."""


class End:
    """One end of a connection.

    With no vantage given, the host is judged as at its interface and, beside that, as at the end of a path on which few
    segments are lost: a host that only loss can explain is reported so.
    """

    __slots__ = ("calls", "last_rule", "quad", "rules", "segments", "tracks")

    def __init__(self, quad: Quad, profile: WireProfile, vantage: Vantage | None, keep: bool) -> None:
        self.quad = quad
        self.segments = 0
        self.last_rule = ""
        self.calls = Calls()
        self.rules: dict[str, int] = {}
        host = ip_address(quad.host).packed, quad.port
        self.tracks = [Track(p, keep) for p in profiles(profile, vantage, host)]

    def arrive(self, event: Event) -> None:
        """A segment passed the recorder on its way to the host."""
        self.segments += 1
        for track in self.tracks:
            if track.violation is None:
                track.arrive(event)

    def leave(self, event: Event) -> None:
        """A segment from the host passed the recorder."""
        self.segments += 1
        told = False
        for track in self.tracks:
            if track.violation is not None:
                continue
            before = track.endpoint
            step = track.leave(event)
            if step is None or told:
                continue
            told = True
            self.last_rule = step.rule
            self.rules[step.rule] = self.rules.get(step.rule, 0) + 1
            if track.endpoint is not None:
                self.calls.note(before or Endpoint(), track.endpoint, event, step.rule)

    def icmp(self, hard: bool) -> None:
        """An ICMP error about the connection passed on its way to the host."""
        for track in self.tracks:
            track.icmp(hard)

    def finish(self, now: int) -> None:
        """The capture ends, or the connection is not followed further."""
        for track in self.tracks:
            if track.violation is None:
                track.wait(now, None)

    @property
    def judged(self) -> Track:
        """The track that decides: the first that allows everything, else the last, which allows most."""
        return next((track for track in self.tracks if track.violation is None), self.tracks[-1])

    @property
    def undecided(self) -> Silence | None:
        """What only loss explains, and more of it than chance, where no vantage says whether it is to be believed."""
        return self.judged.silence if len(self.tracks) > 1 else None


def profiles(profile: WireProfile, vantage: Vantage | None, host: Side) -> tuple[WireProfile, ...]:
    """The profile of a host for the vantage; with none given, the two that an end is judged by."""
    if len(host[0]) > _IPV4:
        profile = replace(profile, default_mss=1220, most_mss=65535)
    if vantage is not None:
        return (profile.at(vantage),)
    path = replace(profile.at(Vantage.path), sent_lost=False)
    return profile.at(Vantage.interface), path


Observe = Callable[[End, Event, bool, "Endpoint | None"], None]
"""Told of every segment: the end, the segment, whether the host sent it, the endpoint before."""


class Conversation:
    """A connection: those of its ends that are judged, and what the recorder saw of both directions."""

    __slots__ = ("directions", "ends", "observe")

    def __init__(self, ends: dict[Side, End], observe: Observe | None = None) -> None:
        self.ends = ends
        self.observe = observe
        self.directions: dict[Side, Direction] = {}

    def pass_by(self, source: Side, target: Side, event: Event) -> None:
        """The recorder saw a segment."""
        forged = source == target
        if not forged:
            self._direction(source).sent(event.seg)
            self._direction(target).acked(event.seg)
        for side, sent in ((target, False),) if forged else ((source, True), (target, False)):
            end = self.ends.get(side)
            if end is None:
                continue
            before = end.judged.endpoint
            if sent:
                end.leave(event)
            else:
                end.arrive(event)
            if self.observe is not None:
                self.observe(end, event, sent, before)

    def _direction(self, side: Side) -> Direction:
        return self.directions.setdefault(side, Direction())

    @property
    def missed(self) -> tuple[Side, Octets] | None:
        """Whose data the recorder missed, and which, where the capture shows that it did."""
        for side, direction in self.directions.items():
            octets = direction.missed
            if octets is not None:
                return side, octets
        return None
