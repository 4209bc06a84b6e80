"""Seeded single changes of what one host sent in a capture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from netoracle.wire.passing import Passing
from netspec.wire.event import Event
from netspec.wire.segment import ACK, FIN, RST, SYN, Options, Segment

_WORD = 1 << 32
_STEPS = (1, -1, 100, -100, 1448, 2**20, 2**31)
_SECOND = 10**9

Changed = tuple[list[Passing], str]
Operator = Callable[[Sequence[Passing], int, Random], Changed | None]
"""From what passed, the place of one of the host's segments, and chance: what passes then, and what was done."""


@dataclass(frozen=True, slots=True)
class CaptureMutant:
    """A changed capture: the kind of change, what was done at which frame, and what passes the recorder then."""

    kind: str
    what: str
    passing: list[Passing]


def capture_mutants(passing: Sequence[Passing], host: bytes, seed: str, count: int) -> Iterator[CaptureMutant]:
    """`count` different mutants, the kinds in turn; fewer where there are not so many."""
    random = Random(seed)
    own = [index for index, one in enumerate(passing) if one.source[0] == host]
    seen: set[tuple[str, str]] = set()
    kinds = list(OPERATORS)
    made = attempts = 0
    while own and made < count and attempts < 40 * count:
        kind = kinds[attempts % len(kinds)]
        attempts += 1
        changed = OPERATORS[kind](passing, random.choice(own), random)
        if changed is None or (kind, changed[1]) in seen:
            continue
        seen.add((kind, changed[1]))
        made += 1
        yield CaptureMutant(kind, changed[1], changed[0])


def _with(passing: Sequence[Passing], index: int, segment: Segment, what: str) -> Changed:
    one = passing[index]
    new = replace(one, event=replace(one.event, seg=segment))
    return [*passing[:index], new, *passing[index + 1 :]], f"frame {one.event.frame}: {what}"


def _segment(passing: Sequence[Passing], index: int) -> Segment:
    return passing[index].event.seg


def _sequence(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    seg, step = _segment(passing, index), random.choice(_STEPS)
    return _with(passing, index, replace(seg, seq=(seg.seq + step) % _WORD), f"seq {step:+}")


def _acknowledgement(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    seg, step = _segment(passing, index), random.choice(_STEPS)
    if not seg.flags & ACK:
        return None
    return _with(passing, index, replace(seg, ack=(seg.ack + step) % _WORD), f"ack {step:+}")


def _window(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    seg, win = _segment(passing, index), random.choice((0, 1, 65535))
    return None if win == seg.win else _with(passing, index, replace(seg, win=win), f"win {seg.win} -> {win}")


def _flag(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    seg = _segment(passing, index)
    name, bit = random.choice((("FIN", FIN), ("SYN", SYN), ("RST", RST), ("ACK", ACK)))
    flags = seg.flags ^ bit
    fault = "SYN with FIN" if flags & SYN and flags & FIN else "SYN with RST" if flags & SYN and flags & RST else None
    changed = replace(seg, flags=flags, fault=fault)
    return _with(passing, index, changed, f"{name} {'cleared' if seg.flags & bit else 'set'}")


def _octet(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    """An octet of data that was sent before is another one."""
    seg = _segment(passing, index)
    if not seg.data or not _sent_before(passing, index):
        return None
    place = random.randrange(len(seg.data))
    data = seg.data[:place] + bytes([seg.data[place] ^ 1]) + seg.data[place + 1 :]
    return _with(passing, index, replace(seg, data=data), f"octet {place} of repeated data")


def _sent_before(passing: Sequence[Passing], index: int) -> bool:
    seg, one = _segment(passing, index), passing[index]
    return any(
        other.source == one.source and other.event.seg.seq == seg.seq and other.event.seg.length >= seg.length
        for other in passing[:index]
    )


def _longer(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    seg, more = _segment(passing, index), random.choice((1, 1460))
    if not seg.length:
        return None
    longer = replace(seg, length=seg.length + more, data=seg.data + bytes(more))
    return _with(passing, index, longer, f"{more} octets more")


def _shorter(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    seg = _segment(passing, index)
    if seg.length < 2:
        return None
    less = random.randrange(1, seg.length)
    shorter = replace(seg, length=seg.length - less, data=seg.data[: seg.length - less])
    return _with(passing, index, shorter, f"{less} octets less")


def _checksum(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    return _with(passing, index, replace(_segment(passing, index), fault="checksum"), "wrong checksum")


def _option(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    seg = _segment(passing, index)
    options = seg.options
    choices: dict[str, Options] = {}
    if not seg.flags & SYN:
        choices["MSS added"] = replace(options, mss=1460)
        choices["Window Scale added"] = replace(options, ws=7)
    else:
        choices["Window Scale 15"] = replace(options, ws=15)
    if options.ts is None:
        choices["Timestamps added"] = replace(options, ts=(1, 1))
    else:
        choices["Timestamps removed"] = replace(options, ts=None)
        choices["TSval - 1000"] = replace(options, ts=((options.ts[0] - 1000) % _WORD, options.ts[1]))
        choices["TSecr + 1000"] = replace(options, ts=(options.ts[0], (options.ts[1] + 1000) % _WORD))
    if options.sack:
        (left, right), *rest = options.sack
        choices["SACK block longer"] = replace(options, sack=((left, (right + 1448) % _WORD), *rest))
    name = random.choice(list(choices))
    return _with(passing, index, replace(seg, options=choices[name]), name)


def _missing(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    return [*passing[:index], *passing[index + 1 :]], f"frame {passing[index].event.frame} is missing"


def _silence(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    """From here on the host sends nothing, though its peer goes on."""
    own = passing[index].source[0]
    rest = [one for one in passing[index:] if one.source[0] != own]
    return [*passing[:index], *rest], f"silent from frame {passing[index].event.frame} on"


def _repeated(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    one = passing[index]
    again = replace(one, event=replace(one.event, time=one.event.time + 1000))
    return [*passing[: index + 1], again, *passing[index + 1 :]], f"frame {one.event.frame} twice"


def _swapped(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    """Two successive segments of the host's change places."""
    later = next((i for i in range(index + 1, len(passing)) if passing[i].source == passing[index].source), None)
    if later is None or passing[later].event.seg == passing[index].event.seg:
        return None
    first, second = passing[index], passing[later]
    changed = list(passing)
    changed[index] = replace(second, event=replace(second.event, time=first.event.time))
    changed[later] = replace(first, event=replace(first.event, time=second.event.time))
    return changed, f"frames {first.event.frame} and {second.event.frame} change places"


def _late(passing: Sequence[Passing], index: int, random: Random) -> Changed | None:
    """A segment, and all that follows it, comes later."""
    delay = random.choice((700_000_000, 5 * _SECOND, 100 * _SECOND))
    moved = [_later(one, delay) for one in passing[index:]]
    return [*passing[:index], *moved], f"from frame {passing[index].event.frame} on {delay / 1e9:g} s later"


def _later(one: Passing, delay: int) -> Passing:
    event = one.event
    return replace(one, event=Event(event.frame, event.time + delay, event.seg))


OPERATORS: dict[str, Operator] = {
    "sequence number": _sequence,
    "acknowledgement number": _acknowledgement,
    "window": _window,
    "flag": _flag,
    "repeated data": _octet,
    "more data": _longer,
    "less data": _shorter,
    "checksum": _checksum,
    "option": _option,
    "missing frame": _missing,
    "silence": _silence,
    "repeated frame": _repeated,
    "order of two frames": _swapped,
    "delay": _late,
}
