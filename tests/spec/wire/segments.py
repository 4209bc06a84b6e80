"""A small vocabulary for connections in a given state: the host has initial number 1000, its peer 5000."""

from __future__ import annotations

from dataclasses import replace

from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.obligations import elapse
from netspec.wire.premise import Forbidden
from netspec.wire.profile import MILLISECOND, SECOND, Vantage, WireProfile
from netspec.wire.profiles import RFC9293, UTCP
from netspec.wire.receive import overheard, receive
from netspec.wire.rules.dispatch import candidates, send
from netspec.wire.segment import ACK, FIN, NO_OPTIONS, PSH, RST, SYN, Options, Segment

HOST, PEER = 1000, 5000
MSS = Options(mss=1460)
FULL = Options(mss=1460, ws=7, sack_permitted=True, ts=(100, 0))

__all__ = [
    "ACK", "FIN", "FULL", "HOST", "MILLISECOND", "MSS", "PEER", "PSH", "RFC9293", "RST", "SECOND", "SYN", "UTCP",
    "Connection", "Options", "Vantage", "closed", "forbidden", "opened", "replace",
]  # fmt: skip


class Connection:
    """A host's side of a connection: segments arrive, the host sends, time passes.  Times are milliseconds."""

    def __init__(self, profile: WireProfile = RFC9293) -> None:
        self.profile = profile
        self.endpoint = Endpoint()
        self.now = 0
        self.frame = 0

    def event(
        self, seq: int, ack: int, flags: int, data: bytes, win: int, options: Options, fault: str | None
    ) -> Event:
        self.frame += 1
        segment = Segment(seq % 2**32, ack % 2**32, flags, win, len(data), data, 0, options, fault)
        return Event(self.frame, self.now * MILLISECOND, segment)

    def arrives(
        self, seq: int, ack: int = 0, flags: int = ACK, data: bytes = b"", win: int = 65535,
        options: Options = NO_OPTIONS, fault: str | None = None,
    ) -> Connection:  # fmt: skip
        """A segment reaches the host; numbers count from the initial ones."""
        event = self.event(PEER + seq, HOST + ack, flags, data, win, options, fault)
        self.endpoint = receive(overheard(self.endpoint, event, self.profile), event, self.profile)
        return self

    def sends(
        self, seq: int, ack: int = 0, flags: int = ACK, data: bytes = b"", win: int = 65535,
        options: Options = NO_OPTIONS, fault: str | None = None,
    ) -> str:  # fmt: skip
        """The host sends a segment: the name of the rule that allows it.  Raises Forbidden where none does."""
        return self._sent(self.event(HOST + seq, PEER + ack, flags, data, win, options, fault))

    def sends_segment(self, segment: Segment) -> str:
        """The host sends a segment with its numbers as they are on the wire."""
        self.frame += 1
        return self._sent(Event(self.frame, self.now * MILLISECOND, segment))

    def _sent(self, event: Event) -> str:
        elapse(self.endpoint, event.time, self.profile)
        failed: Forbidden | None = None
        for rule in candidates(self.endpoint, event, self.profile):
            try:
                self.endpoint = send(self.endpoint, event, self.profile, rule)
            except Forbidden as reason:
                failed = failed or reason
            else:
                return rule
        assert failed is not None
        raise failed

    def passes(self, milliseconds: int) -> Connection:
        """Time passes.  Raises Forbidden where the host owed something before."""
        self.now += milliseconds
        elapse(self.endpoint, self.now * MILLISECOND, self.profile)
        return self


def closed(profile: WireProfile = RFC9293) -> Connection:
    """A host that has no connection."""
    return Connection(profile)


def opened(
    profile: WireProfile = RFC9293, own: Options = MSS, peers: Options = MSS, win: int = 65535, active: bool = False
) -> Connection:
    """A connection whose handshake is done: numbers 1 come next on both sides."""
    c = Connection(profile)
    echo = replace(own, ts=(own.ts[0], peers.ts[0]) if own.ts and peers.ts else None)
    if peers.ws is None:
        echo = replace(echo, ws=None)
    if active:
        c.sends(0, flags=SYN, options=own)
        c.arrives(0, 1, SYN | ACK, win=win, options=replace(peers, ts=(peers.ts[0], 100)) if peers.ts else peers)
    else:
        c.arrives(0, flags=SYN, win=win, options=peers)
        c.sends(0, 1, SYN | ACK, options=echo)
        stamp = Options(ts=(peers.ts[0], 100)) if own.ts and peers.ts else Options()
        c.arrives(1, 1, win=win, options=stamp)
    return c


def forbidden(c: Connection, *arguments: object, **named: object) -> str:
    """The premise that forbids what the host would send; fails where it is allowed."""
    try:
        rule = c.sends(*arguments, **named)  # type: ignore[arg-type]
    except Forbidden as reason:
        return reason.premise
    raise AssertionError(f"{rule} allows it")
