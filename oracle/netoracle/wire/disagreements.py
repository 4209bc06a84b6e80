"""What a capture and the host's log of the same time do not agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from netoracle.wire.alignment import Alignment
from netoracle.wire.called import quad
from netoracle.wire.passing import Passing
from netoracle.wire.result import Quad
from netoracle.wire.utcp_log import Logged
from netspec.wire.profile import WireProfile
from netspec.wire.segment import FIN, RST, SYN

MOST_LISTED = 5
"""How many of a kind are named."""

_MARGIN = 10**6
"""How much earlier than possible a segment may seem, in nanoseconds, beside the spread of the clocks."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What one recording has and the other lacks or has otherwise.

    `kind` in words for the plural; `where` names frame and line.  `grave`: both cannot be right, or cannot be whole.
    """

    connection: Quad
    kind: str
    where: str
    grave: bool


def disagreements(
    seen: Sequence[Passing],
    lines: Sequence[Logged],
    alignment: Alignment,
    hosts: frozenset[bytes],
    profile: WireProfile,
) -> Iterator[Disagreement]:
    """All of them: what is missing on either side, what differs, and orders that cannot be."""
    yield from _differing(seen, alignment)
    yield from _lost_lines(seen, alignment)
    yield from _unlogged(seen, lines, alignment, hosts, profile)
    yield from _orders(seen, lines, alignment)


def _differing(seen: Sequence[Passing], alignment: Alignment) -> Iterator[Disagreement]:
    for place, fields in sorted(alignment.differing.items()):
        line = alignment.line_of[place]
        where = f"frame {seen[place].event.frame} and line {line.line} ({fields or 'the checksum on the wire'})"
        yield Disagreement(_of_line(line), "segments differ", where, True)


def _lost_lines(seen: Sequence[Passing], alignment: Alignment) -> Iterator[Disagreement]:
    """A line outside of the capture's time is none; within, the recorder or the way to it lost the segment."""
    first = min((one.event.time for one in seen), default=0)
    last = max((one.event.time for one in seen), default=0)
    for line in alignment.lost_lines:
        what = "handed out" if line.kind == "out" else "processed"
        when = alignment.clock.read(line.time)
        if when < first or when > last:
            yield Disagreement(
                _of_line(line), f"segments {what} outside of the capture's time", f"line {line.line}", False
            )
        else:
            yield Disagreement(_of_line(line), f"segments {what} and never on the wire", f"line {line.line}", False)


def _unlogged(
    seen: Sequence[Passing],
    lines: Sequence[Logged],
    alignment: Alignment,
    hosts: frozenset[bytes],
    profile: WireProfile,
) -> Iterator[Disagreement]:
    last = alignment.clock.read(lines[-1].time)
    for place, one in enumerate(seen):
        if place in alignment.line_of or one.forged:
            continue
        seg, frame = one.event.seg, f"frame {one.event.frame}"
        if one.source[0] in hosts:
            connection = quad(one.source, one.target)
            yield Disagreement(connection, "segments on the wire that the log does not hand out", frame, True)
        if one.target[0] in hosts:
            flags = (seg.flags & (SYN | FIN | RST)).bit_count()
            dropped = "FIN with RST" if profile.one_of_syn_fin_rst and flags > 1 else None
            reason = seg.fault or dropped or ("after the log's last line" if one.event.time > last else "well-formed")
            # After the last line the host may be gone; what asks nothing of it then tells nothing.
            asks = one.event.time <= last or bool((seg.length or seg.flags & (SYN | FIN)) and not seg.flags & RST)
            grave = not seg.fault and not dropped and asks
            kind = f"segments on the wire that the host did not process ({reason})"
            yield Disagreement(quad(one.target, one.source), kind, frame, grave)


def _orders(seen: Sequence[Passing], lines: Sequence[Logged], alignment: Alignment) -> Iterator[Disagreement]:
    margin = _MARGIN + alignment.spread
    for before, after in pairwise(lines):
        if after.time < before.time:
            yield Disagreement(_of_line(after), "lines earlier than the line before them", f"line {after.line}", True)
    furthest: dict[tuple[bytes, bool], int] = defaultdict(lambda: -1)
    for place, line in sorted(alignment.line_of.items(), key=lambda item: item[1].line):
        out, event = line.kind == "out", seen[place].event
        early = event.time - alignment.clock.read(line.time)
        where = f"frame {event.frame} and line {line.line}"
        if early < -margin if out else early > margin:
            kind = (
                "segments on the wire before the log hands them out" if out else "segments processed before they came"
            )
            yield Disagreement(_of_line(line), kind, where, True)
        way = line.host[0], out
        if place < furthest[way]:
            yield Disagreement(_of_line(line), "segments in another order on the wire than in the log", where, True)
        furthest[way] = max(furthest[way], place)


def _of_line(line: Logged) -> Quad:
    return quad(line.host, line.peer)


def told(found: Iterable[Disagreement]) -> list[str]:
    """Disagreements for people: a sentence for each kind."""
    places: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for one in found:
        places[one.kind, one.grave].append(one.where)
    return [
        f"{'disagreement: ' if grave or 'never' in kind else ''}{len(where)} {kind}: {few(where)}"
        for (kind, grave), where in places.items()
    ]


def few(places: Sequence[str]) -> str:
    """The first of several places."""
    return ", ".join(places[:MOST_LISTED]) + (", ..." if len(places) > MOST_LISTED else "")
