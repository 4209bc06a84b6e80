"""The TCP connections of a host in a capture: for each pair of ends, what it received and sent, in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address
from os import PathLike

from netoracle.scenario import UsageError
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import Reassembler, packets
from netoracle.wire.passing import Passing, Side, Unreachable, passing
from netoracle.wire.result import Quad
from netspec.wire.segment import PADDING, Segment

MOST_SEGMENTS = 5_000
"""The most segments of a connection that are judged."""

MOST_CONNECTIONS = 2_000
"""The most connections of a capture that are judged."""

_DELIVERED = frozenset(("SYN with FIN", "SYN with RST", "no flags", "port 0", PADDING))
"""Faults of segments that a host's TCP sees and has rules for."""

_IPV4 = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """A segment at the recorder: its frame, the time in nanoseconds since 1970, whether the host sent it."""

    frame: int
    time: int
    sent: bool
    seg: Segment


@dataclass(slots=True)
class Connection:
    """What passed between a host and a peer, over all incarnations.

    `count` has the segments of the capture, `seen` at most one more than `MOST_SEGMENTS` of them, those aside that a
    host drops unread.  `broken` is the first frame that makes the rest no trace of a host, and why.
    """

    host: Side
    peer: Side
    seen: list[Seen] = field(default_factory=list)
    count: int = 0
    broken: tuple[int, str] | None = None

    @property
    def quad(self) -> Quad:
        """The ends, as they are written."""
        (host, port), (peer, peer_port) = self.host, self.peer
        return Quad(str(ip_address(host)), port, str(ip_address(peer)), peer_port)


@dataclass(slots=True)
class Recorded:
    """The connections of a capture by host, the time of its last frame, and what is to be said of it."""

    connections: dict[tuple[Side, Side], Connection] = field(default_factory=dict)
    last: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)


def read_connections(path: str | PathLike[str], hosts: frozenset[bytes]) -> Recorded:
    """The connections of `hosts` in a capture, of every end where there are none.

    Raises CaptureError where the file is no capture, UsageError for a host that is none of IPv4, as the model has no
    other, and for more connections than are judged.
    """
    if any(len(host) != _IPV4 for host in hosts):
        raise UsageError("--rules host: the model of a host has no addresses but those of IPv4")
    frames = read_frames(path)
    reassembler = Reassembler()
    recorded = Recorded()
    for one in passing(packets(frames, reassembler)):
        if isinstance(one, Unreachable):
            if not hosts or one.source[0] in hosts:
                recorded.left_out["ICMP errors about connections"] += 1
            continue
        recorded.last = max(recorded.last, one.event.time)
        for host, sent in _roles(one, hosts):
            _enter(recorded, one, host, sent)
    recorded.warnings += frames.warnings
    recorded.left_out.update({f"packets unusable: {why}": count for why, count in reassembler.unusable.items()})
    return recorded


def _roles(one: Passing, hosts: frozenset[bytes]) -> list[tuple[Side, bool]]:
    """The hosts that a segment concerns, and whether they sent it; one from a host to itself is forged."""
    ends = [(one.target, False)] if one.source[0] == one.target[0] else [(one.source, True), (one.target, False)]
    return [(side, sent) for side, sent in ends if side[0] in hosts or (not hosts and len(side[0]) == _IPV4)]


def _enter(recorded: Recorded, one: Passing, host: Side, sent: bool) -> None:
    peer = one.target if sent else one.source
    connection = recorded.connections.get((host, peer))
    if connection is None:
        if len(recorded.connections) >= MOST_CONNECTIONS:
            raise UsageError(f"--rules host: more than {MOST_CONNECTIONS} connections")
        connection = recorded.connections[host, peer] = Connection(host, peer)
    connection.count += 1
    event = one.event
    fault = event.seg.fault
    if connection.broken is not None or len(connection.seen) > MOST_SEGMENTS:
        return
    if len(event.seg.data) < event.seg.length:
        connection.broken = event.frame, "was not captured whole"
    elif fault is not None and fault not in _DELIVERED:
        if sent:
            connection.broken = event.frame, f"was sent by the host with a fault: {fault}"
        else:
            recorded.left_out[f"received segments that a host drops unread: {fault}"] += 1
    elif connection.seen and event.time < connection.seen[-1].time:
        connection.broken = event.frame, "is earlier than the one before it"
    else:
        connection.seen.append(Seen(event.frame, event.time, sent, event.seg))
