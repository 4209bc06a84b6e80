"""The abstract relay agent: it carries messages between clients and the servers that it knows (RFC 1542, 4)."""

from __future__ import annotations

from collections.abc import Iterable

from netspec.dhcp.abstract.records import Message

RELAY = "relay"


def relay_forwards(message: Message, servers: Iterable[str]) -> tuple[Message, ...]:
    """What a relay sends on: a client's message to every server, a server's answer to the client."""
    if message.source == message.client:
        return tuple(message._replace(source=RELAY, destination=server, relayed=True, age=0) for server in servers)
    return (message._replace(source=RELAY, destination=message.client, relayed=False, age=0),)
