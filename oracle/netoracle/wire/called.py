"""What a host sent, held against the calls in its log: no SYN, data or FIN without the call behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address

from netoracle.wire.passing import Passing, Side
from netoracle.wire.result import Finding, Quad
from netoracle.wire.track import Nearest, WireViolation
from netoracle.wire.utcp_log import Logged
from netoracle.wire.written import Written
from netspec.wire.event import Event
from netspec.wire.receive import UNUSABLE
from netspec.wire.segment import ACK, FIN, RST, SYN
from netspec.wire.sequence import offset

CLOSING = frozenset({"close", "shutdown_write", "shutdown_readwrite"})
WRITING = frozenset({"send", "force_enqueue"})


@dataclass(slots=True)
class _Calling:
    """One connection, from its opening on: the calls made, what was written, how much of it was sent.

    `initial`: the host's initial number; `sent`: the offset after the last octet sent in order; `followed`: whether
    all of the stream so far was seen; `wrong`: whether it is known not to be what was written.
    """

    made: set[str] = field(default_factory=set)
    written: Written = field(default_factory=Written)
    initial: int | None = None
    sent: int = 1
    followed: bool = True
    wrong: bool = False


Key = tuple[Side, Side]
"""The host's end of a connection, and the peer's."""


class Called:
    """The calls of each connection so far, and what was sent without the call that it needs.

    `unchecked`: connections whose data could not be followed to the end.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counts: Counter[tuple[bytes, str]] = Counter()
        self.unchecked: set[Key] = set()
        self._connections: dict[Key, _Calling] = {}

    def call(self, line: Logged) -> None:
        """A call, in the order of the log."""
        key = line.host, line.peer
        one = self._connections.get(key)
        if one is None or line.kind == "connect":
            one = self._connections[key] = _Calling()
        self.counts[line.host[0], line.kind] += 1
        if line.kind in WRITING and not one.made & CLOSING:
            one.written.offer(line.data)
        one.made.add(line.kind)

    def received(self, passed: Passing, line: int | None) -> None:
        """A segment that the host processed."""
        seg = passed.event.seg
        key = passed.target, passed.source
        if seg.fault in UNUSABLE:
            near = Nearest("receive", "RFC 9293 MUST-3", _UNSOUND, "no line in the log", f"processed ({seg.fault})")
            self._found(key, passed.event, line, near)

    def sent(self, passed: Passing, line: int | None) -> None:
        """A segment that the host sent."""
        seg, key = passed.event.seg, (passed.source, passed.target)
        one = self._connections.setdefault(key, _Calling())
        if seg.flags & RST:
            return
        if seg.flags & SYN:
            if one.initial not in (None, seg.seq):
                one = self._connections[key] = _Calling()
            one.initial = seg.seq
            if not seg.flags & ACK and "connect" not in one.made:
                self._missing(key, passed.event, line, "a SYN is sent only after the application connects", "connect")
        if one.initial is None:
            self.unchecked.add(key)
            return
        self._data(key, one, passed.event, line)
        if not seg.flags & FIN:
            return
        if not one.made & CLOSING:
            self._missing(
                key, passed.event, line, "a FIN is sent only after the application closes", "close or shutdown"
            )
        end = offset(seg.seq, one.initial, one.sent) + bool(seg.flags & SYN) + seg.length
        if one.followed and not one.wrong and end == one.sent and not one.written.ended():
            one.wrong = True
            self._missing(
                key, passed.event, line, "what was written is sent before the FIN", "all buffers offered before close"
            )

    def _data(self, key: Key, one: _Calling, event: Event, line: int | None) -> None:
        """New octets of the stream; those that were sent before are for the wire rules."""
        seg = event.seg
        assert one.initial is not None
        start = offset(seg.seq, one.initial, one.sent) + bool(seg.flags & SYN)
        end = start + seg.length
        if end <= one.sent or not seg.length:
            return
        if start > one.sent or len(seg.data) < seg.length:
            one.followed = False
        if one.followed and not one.wrong and not one.written.take(seg.data[one.sent - start :]):
            one.wrong = True
            self._missing(key, event, line, "the data sent is what the application wrote", "the octets offered by send")
        if not one.followed or one.written.unchecked:
            self.unchecked.add(key)
        one.sent = end

    def _missing(self, key: Key, event: Event, line: int | None, premise: str, expected: str) -> None:
        near = Nearest("the log", "RFC 9293 3.9.1", premise, expected, "none before it in the log")
        self._found(key, event, line, near)

    def _found(self, key: Key, event: Event, line: int | None, near: Nearest) -> None:
        violation = WireViolation(event.frame, event.time, near.premise, "unknown state", (near,), line)
        self.findings.append(Finding(quad(*key), violation))


_UNSOUND = "a segment with a wrong checksum or header is not processed"


def quad(host: Side, peer: Side) -> Quad:
    """A connection as reports name it."""
    return Quad(str(ip_address(host[0])), host[1], str(ip_address(peer[0])), peer[1])
