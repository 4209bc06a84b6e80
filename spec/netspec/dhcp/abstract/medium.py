"""The medium between the parties: messages on their way, and what may go wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from netspec.dhcp.abstract.records import REMEMBERED, Message

Medium: TypeAlias = tuple[Message, ...]
"""Messages on their way, in normal form: sorted, or where order is kept, sorted by link and each link in order."""


class Faults(NamedTuple):
    """What the medium may do: lose a message, deliver it twice, deliver messages of a link out of order.

    `delay` is the number of ticks after which a message has been delivered or lost at the latest; None: any.
    """

    loss: bool = False
    duplicate: bool = False
    reorder: bool = False
    delay: int | None = 0


def link(message: Message) -> tuple[str, str]:
    """Between which parties a message is on its way."""
    return message.source, message.destination


def normal(messages: Iterable[Message], faults: Faults) -> Medium:
    """Messages in normal form: two media that behave alike are equal."""
    return tuple(sorted(messages) if faults.reorder else sorted(messages, key=link))


@lru_cache(REMEMBERED)
def deliverable(medium: Medium, faults: Faults) -> tuple[tuple[Message, Medium], ...]:
    """Each message that may arrive next, with the medium without it."""
    seen: set[object] = set()
    result = []
    for at, message in enumerate(medium):
        key: object = message if faults.reorder else link(message)
        if key not in seen:
            seen.add(key)
            result.append((message, medium[:at] + medium[at + 1 :]))
    return tuple(result)


def losses(medium: Medium, faults: Faults) -> tuple[tuple[Message, Medium], ...]:
    """Each message that may be lost, with the medium without it: those that could arrive next instead.

    A message that waits behind another is lost, if at all, once it is its turn.
    """
    return deliverable(medium, faults) if faults.loss else ()


def duplicates(medium: Medium, faults: Faults) -> list[tuple[Message, Medium]]:
    """Each message that may be doubled, with the medium in which it is; copies are not, and one pair is on its way."""
    if not faults.duplicate or len(set(medium)) < len(medium):
        return []
    result = []
    for at, message in enumerate(medium):
        if not message.doubled:
            copy = message._replace(doubled=True)
            result.append((message, normal((*medium[:at], copy, copy, *medium[at + 1 :]), faults)))
    return result


def may_wait(medium: Medium, faults: Faults) -> bool:
    """Whether a tick may pass with all messages still on their way."""
    return faults.delay is None or all(message.age < faults.delay for message in medium)


@lru_cache(REMEMBERED)
def medium_time(medium: Medium, faults: Faults) -> Medium:
    """The medium a tick later."""
    if faults.delay is None:
        return medium
    return normal((message._replace(age=message.age + 1) for message in medium), faults)


def without(medium: Medium, unwanted: Callable[[Message], bool]) -> Medium:
    """The medium without some messages."""
    return tuple(message for message in medium if not unwanted(message))
