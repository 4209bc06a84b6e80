"""What one message alone must be, whoever sends it and whatever came before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netspec.dhcp.judgement import Finding
from netspec.dhcp.labels import Sight
from netspec.dhcp.message.types import COOKIE, Kind
from netspec.dhcp.messages import clients, encoding, extensions, servers

Rule = Callable[[Sight], Iterator[Finding]]

_EVERY: tuple[Rule, ...] = (*encoding.RULES, *extensions.RULES)
_RULES: dict[tuple[bool, Kind | None], tuple[Rule, ...]] = {
    (reply, kind): (*_EVERY, *sender.EVERY, *(() if kind is None else sender.OF_KIND.get(kind, ())))
    for reply, sender in ((False, clients), (True, servers))
    for kind in (None, *Kind)
}
"""What is asked of replies and of other messages, by kind."""


def findings(seen: Sight) -> list[Finding]:
    """Everything that is asked of a message on its own; of its frame too, unless that is a relay's."""
    found = [] if seen.passed_on else [*_of_the_frame(seen)]
    found += encoding.cookie(seen)
    if seen.message.cookie == COOKIE:
        for rule in _RULES[seen.reply, seen.kind]:
            found += rule(seen)
    return found


def relay_findings(seen: Sight) -> Iterator[Finding]:
    """Everything that is asked, of the message alone and of its frame, of the relay that passes it on."""
    yield from _of_the_frame(seen)
    yield from encoding.client_port(seen)
    if seen.message.cookie == COOKIE:
        yield from extensions.agent_information_of_relay(seen)


def _of_the_frame(seen: Sight) -> Iterator[Finding]:
    for rule in encoding.OF_FRAME:
        yield from rule(seen)
