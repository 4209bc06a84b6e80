"""The incarnations of a connection, and the octets of each in both directions, counted from 0 behind the SYN."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netoracle.hosted.connections import Seen
from netspec.wire.segment import ACK, FIN, PSH, RST, SYN, Segment

_MODULUS = 2**32
_MOST_SCALE = 14
"""The largest shift of a window (RFC 7323 section 2.3)."""

_BEYOND = 2**25
"""Received octets that are further than this from the first are none of the connection's: no queue holds so many."""


def offset(seq: int, base: int) -> int:
    """How far a sequence number is behind `base`, from -2^31 to 2^31-1."""
    return (seq - base + _MODULUS // 2) % _MODULUS - _MODULUS // 2


def has(seg: Segment, flags: int) -> bool:
    """Whether a segment has all of some flags."""
    return seg.flags & flags == flags


@dataclass(frozen=True, slots=True)
class NewData:
    """A sent segment with new octets: its place, where its octets end, and whether it has PSH."""

    at: int
    end: int
    push: bool


@dataclass(slots=True)
class Incarnation:
    """A connection from the host's SYN on: `begin` to `end` are the places of its segments in the capture.

    `active` says that the host began; `iss` and `irs` are the initial sequence numbers, `irs` None where no SYN of the
    peer was seen; `scale` is the shift of the host's windows, `mss` what the peer's SYN announced.
    """

    begin: int
    end: int
    active: bool
    iss: int
    irs: int | None
    scale: int
    mss: int | None
    sent: bytearray = field(default_factory=bytearray)
    new: list[NewData] = field(default_factory=list)
    pieces: list[tuple[int, int, bytes]] = field(default_factory=list)

    def sent_end(self, seg: Segment) -> int:
        """Where the octets of a sent segment end."""
        return offset(seg.seq, self.iss + 1) + seg.length + has(seg, SYN)

    def sent_acked(self, seg: Segment) -> int:
        """How many octets of the host a received segment acknowledges, at most."""
        return min(offset(seg.ack, self.iss + 1), len(self.sent))

    def acknowledged(self, seg: Segment) -> int:
        """The number that a sent segment acknowledges, counted from the peer's first octet."""
        return offset(seg.ack, (self.irs or 0) + 1)

    def established(self, seen: Sequence[Seen], at: int) -> bool:
        """Whether before the place `at` a segment without SYN and RST acknowledged the host's SYN."""
        return any(
            not one.sent and has(one.seg, ACK) and not one.seg.flags & (SYN | RST) and offset(one.seg.ack, self.iss) > 0
            for one in seen[self.begin : at]
        )

    def received(self, seg: Segment) -> int:
        """The number of a received segment, counted from the peer's first octet."""
        return offset(seg.seq, (self.irs or 0) + 1)

    def octets(self, begin: int, end: int, at: int) -> tuple[bytes, bool] | None:
        """Octets received before the place `at`, and whether segments agree on them; None where some are missing."""
        found = bytearray(end - begin)
        known = bytearray(end - begin)
        same = True
        for place, first, data in self.pieces:
            low, high = max(first, begin), min(first + len(data), end)
            if place >= at or low >= high:
                continue
            here, part = slice(low - begin, high - begin), data[low - first : high - first]
            # What came first stands; later octets fill what is missing.
            for number, octet in enumerate(part, here.start):
                if not known[number]:
                    known[number], found[number] = 1, octet
                elif found[number] != octet:
                    same = False
        return (bytes(found), same) if all(known) else None

    def whole(self, at: int) -> int:
        """How many octets from the first on were received before the place `at`, without a gap."""
        end = 0
        for first, last in sorted((first, first + len(data)) for place, first, data in self.pieces if place < at):
            if first > end:
                break
            end = max(end, last)
        return end


def incarnations(seen: Sequence[Seen]) -> list[Incarnation]:
    """The incarnations that the host took part in: each has a SYN of the host with a number of its own."""
    begins: list[tuple[int, int, int]] = []
    request = 0
    for at, one in enumerate(seen):
        if not has(one.seg, SYN):
            continue
        if not one.sent:
            request = at
        elif not begins or begins[-1][2] != one.seg.seq:
            begins.append((request if has(one.seg, ACK) and not seen[request].sent else at, at, one.seg.seq))
    ends = (*(begin for begin, _, _ in begins[1:]), len(seen))
    return [_incarnation(seen, *begin, end) for begin, end in zip(begins, ends, strict=False)]


def _incarnation(seen: Sequence[Seen], begin: int, syn: int, iss: int, end: int) -> Incarnation:
    own = seen[syn].seg
    request = next(_requests(seen, begin, end, iss), None)
    scales = own.options.ws, None if request is None else request.options.ws
    result = Incarnation(
        begin,
        end,
        not has(own, ACK),
        iss,
        None if request is None else request.seq,
        min(own.options.ws or 0, _MOST_SCALE) if None not in scales else 0,
        None if request is None else request.options.mss,
    )
    for at in range(begin, end):
        seg = seen[at].seg
        if not seg.data or has(seg, RST):
            continue
        if seen[at].sent:
            _sent(result, at, seg)
        elif result.irs is not None:
            first = offset(seg.seq, result.irs + 1) + has(seg, SYN)
            if -len(seg.data) < first < _BEYOND:
                result.pieces.append((at, first, seg.data))
    return result


def _requests(seen: Sequence[Seen], begin: int, end: int, iss: int) -> Iterator[Segment]:
    """The peer's SYNs, those aside that acknowledge another SYN than the host's."""
    for one in seen[begin:end]:
        if not one.sent and has(one.seg, SYN) and (not has(one.seg, ACK) or one.seg.ack == (iss + 1) % _MODULUS):
            yield one.seg


def _sent(result: Incarnation, at: int, seg: Segment) -> None:
    end = result.sent_end(seg)
    known = len(result.sent)
    if known < end and end - seg.length <= known:
        result.sent += seg.data[known - end :]
        result.new.append(NewData(at, end, has(seg, PSH)))


def has_fin(seen: Sequence[Seen], begin: int, end: int, sent: bool) -> int | None:
    """The place of the first FIN in one direction."""
    return next((at for at in range(begin, end) if seen[at].sent is sent and has(seen[at].seg, FIN)), None)
