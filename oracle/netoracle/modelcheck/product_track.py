"""Which messages a step of the abstract system puts on the wire, and with which transaction identifiers.

The abstract system says of a message only whether it is of its client's exchange under way.  Here the identifiers of
the messages on their way are kept beside it, so that a recorder can be shown them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from netoracle.modelcheck.product_wire import XID
from netspec.dhcp.abstract import client as clients_
from netspec.dhcp.abstract import medium as medium_
from netspec.dhcp.abstract import server as servers_
from netspec.dhcp.abstract.composition import Network, NetworkStep, client_name
from netspec.dhcp.abstract.medium import Medium
from netspec.dhcp.abstract.moves import seen
from netspec.dhcp.abstract.records import Client, Message, MessageType, Mode
from netspec.dhcp.abstract.relay import RELAY
from netspec.dhcp.abstract.setting import Setting

NONE: Final = 0
"""A client that will take an unused identifier for what it sends next."""

_TAKING: Final = frozenset(
    {*clients_.RECEIVING_RULES, *servers_.RECEIVING_RULES, "client_ignores", "server_ignores", "relay_forwards"}
    | {"medium_loses", "medium_duplicates"}
)

Sent = tuple[tuple[Message, int], ...]
"""Messages as they are written, with their identifiers; those to everybody have no destination."""


class LostTrack(Exception):
    """A step of the abstract system that the identifiers could not follow: the fault is in this module."""


class Tags(NamedTuple):
    """The identifier of each message on its way, in their order, and that of each client's exchange under way."""

    medium: tuple[int, ...] = ()
    exchanges: tuple[int, ...] = ()


class Written(NamedTuple):
    """What a step writes, the network and the identifiers after it, and the new number of each that is in use.

    `lost`: what the step sent was lost before anybody saw it.
    """

    sent: Sent
    after: Network
    tags: Tags
    renamed: Mapping[int, int]
    lost: bool = False


def follow(before: Network, tags: Tags, step: NetworkStep, setting: Setting, losing: bool = False) -> Iterator[Written]:
    """Every way to go on with identifiers: several where messages differ in nothing but those.

    `losing`: also with all that is sent lost at once.  Raises LostTrack where there is no way.
    """
    rule, _, _, after = step
    found = False
    seen_before: set[tuple[Sent, Tags, bool]] = set()
    for place in _places(before.medium, step) if rule in _TAKING else [None]:
        for written in _written(before, tags, step, setting, place):
            found = True
            if losing or not written.lost:
                if (written.sent, written.tags, written.lost) not in seen_before:
                    seen_before.add((written.sent, written.tags, written.lost))
                    yield written
    if not found:
        raise LostTrack(f"{rule}: {step[2]}: {before} to {after}")


def _places(medium: Medium, step: NetworkStep) -> list[int]:
    """Where on the medium the message may be that a step is about."""
    about = step[2].split(" -> ")[0]
    return [place for place, message in enumerate(medium) if seen(message) == about]


def _written(before: Network, tags: Tags, step: NetworkStep, setting: Setting, place: int | None) -> Iterator[Written]:
    rule, _, _, after = step
    pairs = list(zip(before.medium, tags.medium, strict=True))
    taken = None if place is None else pairs.pop(place)
    exchanges = list(tags.exchanges)
    for number, (one, other) in enumerate(zip(before.clients, after.clients, strict=True)):
        if clients_.exchange_ends(one, other, setting.parameters):
            exchanges[number] = NONE
            name = client_name(number)
            pairs = [(m._replace(current=False) if m.client == name else m, xid) for m, xid in pairs]
    if rule == "time_passes":
        aged = [medium_.medium_time((message,), setting.faults)[0] for message, _ in pairs]
        pairs = [(message, xid) for message, (_, xid) in zip(aged, pairs, strict=True)]
    if rule == "medium_duplicates" and taken is not None:
        pairs[place:place] = [(taken[0]._replace(doubled=True), taken[1])] * 2
    left = Counter(after.medium)
    kept: list[tuple[Message, int]] = []
    for message, xid in pairs:
        if left[message]:
            left[message] -= 1
            kept.append((message, xid))
        elif message.current or not message.kind.is_answer:
            return
    new = list(left.elements())
    if new and rule.startswith(("medium", "time")):
        return
    yield from _numbered(before, tags, step, setting, taken, kept, new, exchanges)


def _numbered(
    before: Network,
    tags: Tags,
    step: NetworkStep,
    setting: Setting,
    taken: tuple[Message, int] | None,
    kept: list[tuple[Message, int]],
    new: list[Message],
    exchanges: list[int],
) -> Iterator[Written]:
    """Give new messages their identifiers, and all identifiers their numbers."""
    after = step[3]
    sent: list[tuple[Message, int]] = []
    arriving: list[tuple[Message, int]] = []
    if taken is not None and step[0] in servers_.RECEIVING_RULES:
        sent = [(reply, taken[1]) for reply in _replies(before, taken[0], step, setting)]
        arriving = [(message, taken[1]) for message in new]
    elif taken is not None and step[0] == "relay_forwards":
        sent = arriving = [(message, taken[1]) for message in new]
    elif new:
        number = int(new[0].client[1:]) - 1
        xid = exchanges[number]
        if xid == NONE or not new[0].current:
            used = {*tags.medium, *tags.exchanges}
            xid = next(one for one in (_xid(number, count) for count in range(1, 256)) if one not in used)
            if new[0].kind in (MessageType.DISCOVER, MessageType.REQUEST):
                exchanges[number] = xid
        arriving = [(message, xid) for message in new]
        sent = [(message, xid) for message in _as_written(new, after.clients[number])]
    yield _settled(after, kept + arriving, exchanges, sent)
    if sent:
        yield _settled(_less(after, [message for message, _ in arriving]), kept, exchanges, [])._replace(lost=True)


def _settled(
    after: Network, pairs: list[tuple[Message, int]], exchanges: list[int], sent: list[tuple[Message, int]]
) -> Written:
    """The messages on their way with their identifiers, numbered anew; what is seen has the numbers of before."""
    medium = _aligned(after.medium, pairs)
    renamed = _renaming(medium, exchanges)
    later = Tags(tuple(renamed[xid] for xid in medium), tuple(renamed.get(xid, NONE) for xid in exchanges))
    return Written(tuple(sent), after, later, renamed)


def _less(after: Network, lost: list[Message]) -> Network:
    """The network without some of the messages on their way."""
    medium = list(after.medium)
    for message in lost:
        # The last of equal ones, as identifiers go first to what was there first.
        del medium[len(medium) - 1 - medium[::-1].index(message)]
    return after._replace(medium=tuple(medium))


def _as_written(new: list[Message], after: Client) -> list[Message]:
    """A client's message to everybody is one, without a destination; to its server alone it renews and releases."""
    one = new[0]
    alone = one.kind is MessageType.RELEASE or (after.mode is Mode.RENEWING and one.destination != RELAY)
    return new if alone else [one._replace(destination="")]


def _replies(before: Network, message: Message, step: NetworkStep, setting: Setting) -> tuple[Message, ...]:
    """What the server sends in a step, also where its client would ignore it, which the medium does not carry."""
    rule, _, detail, after = step
    server = next(one for one in before.servers if one.name == message.destination)
    then = next(one for one in after.servers if one.name == message.destination)
    for outcome, sent in servers_.RECEIVING_RULES[rule](server, message, setting.parameters):
        if outcome == then and " -> ".join(map(seen, (message, *sent))) == detail:
            return sent
    raise LostTrack(f"{rule}: {detail}")


def _aligned(medium: Medium, pairs: list[tuple[Message, int]]) -> list[int]:
    """The identifiers in the order of the medium; of equal messages, first what was there first."""
    waiting: dict[Message, list[int]] = {}
    for message, xid in pairs:
        waiting.setdefault(message, []).append(xid)
    return [waiting[message].pop(0) for message in medium]


def _renaming(medium: list[int], exchanges: list[int]) -> dict[int, int]:
    """New numbers for the identifiers in use: for each client its exchange first, then as messages are on their way."""
    renamed: dict[int, int] = {}
    counts: Counter[int] = Counter()
    for xid in (*exchanges, *medium):
        if xid != NONE and xid not in renamed:
            number = (xid >> 8) & 0xFF
            counts[number] += 1
            renamed[xid] = _xid(number, counts[number])
    return renamed


def _xid(client: int, count: int) -> int:
    return XID | client << 8 | count
