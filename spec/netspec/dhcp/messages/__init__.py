"""What one message alone must be, whoever sends it and whatever came before."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.dhcp.judgement import Finding
from netspec.dhcp.labels import Sight
from netspec.dhcp.message.types import COOKIE
from netspec.dhcp.messages import clients, encoding, extensions, servers


def findings(seen: Sight) -> Iterator[Finding]:
    """Everything that is asked of a message on its own; of its frame too, unless that is a relay's."""
    if not seen.passed_on:
        yield from _of_the_frame(seen)
    yield from encoding.cookie(seen)
    if seen.message.cookie != COOKIE:
        return
    sender = servers if seen.reply else clients
    of_kind = () if seen.kind is None else sender.OF_KIND.get(seen.kind, ())
    for rule in (*encoding.RULES, *extensions.RULES, *sender.EVERY, *of_kind):
        yield from rule(seen)


def relay_findings(seen: Sight) -> Iterator[Finding]:
    """Everything that is asked, of the message alone and of its frame, of the relay that passes it on."""
    yield from _of_the_frame(seen)
    yield from encoding.client_port(seen)
    if seen.message.cookie == COOKIE:
        yield from extensions.agent_information_of_relay(seen)


def _of_the_frame(seen: Sight) -> Iterator[Finding]:
    for rule in encoding.OF_FRAME:
        yield from rule(seen)
