"""What one party may do, by itself or with a message, whatever the others do.

The answers are remembered: few different parties and messages make up many networks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from netspec.dhcp.abstract import client as clients_
from netspec.dhcp.abstract import server as servers_
from netspec.dhcp.abstract.records import REMEMBERED, Client, Message, Parameters, Server
from netspec.dhcp.abstract.setting import Setting, may_happen


class ClientMove(NamedTuple):
    """A rule that applies to a client: the client after it, what it sends, and what is seen."""

    rule: str
    after: Client
    sent: tuple[Message, ...]
    detail: str


class ServerMove(NamedTuple):
    """A rule that applies to a server: the server after it, what it sends, and what is seen."""

    rule: str
    after: Server
    sent: tuple[Message, ...]
    detail: str


@lru_cache(REMEMBERED)
def client_moves(name: str, client: Client, waited: bool, quiet: bool, setting: Setting) -> tuple[ClientMove, ...]:
    """What a client may do by itself.

    `waited`: it may have waited long enough for an answer.  `quiet`: it may start again.
    """
    rules = clients_.CLIENT_RULES | (clients_.TIMEOUT_RULES if waited else {}) | (clients_.START_RULES if quiet else {})
    return tuple(
        ClientMove(rule_name, after, sent, ", ".join(map(seen, sent)))
        for rule_name, rule in rules.items()
        if may_happen(rule_name, setting)
        for after, sent in rule(name, client, setting.parameters)
    )


@lru_cache(REMEMBERED)
def server_moves(server: Server, setting: Setting) -> tuple[tuple[str, ServerMove], ...]:
    """What a server may do by itself, each with whose step that is: the server's about an address, or all of it."""
    moves = []
    for rule_name, rule in servers_.SERVER_RULES.items():
        if may_happen(rule_name, setting):
            for after, sent in rule(server, setting.parameters):
                changed = next(one for one in server.addresses() if server.binding(one) != after.binding(one))
                party = server.name if rule is servers_.server_restarts else f"{server.name} .{changed}"
                moves.append((party, ServerMove(rule_name, after, sent, "")))
    return tuple(moves)


@lru_cache(REMEMBERED)
def client_receives(client: Client, message: Message, in_use: bool, parameters: Parameters) -> tuple[ClientMove, ...]:
    """What a client may do with a message; `in_use`: another host has the address that it gives."""
    return tuple(
        ClientMove(rule_name, after, sent, seen(message))
        for rule_name, rule in clients_.RECEIVING_RULES.items()
        for after, sent in rule(message.client, client, message, in_use, parameters)
    )


@lru_cache(REMEMBERED)
def server_receives(server: Server, message: Message, parameters: Parameters) -> tuple[ServerMove, ...]:
    """What a server may do with a message."""
    if message.relayed and "relayed_refused" in parameters.deviations:
        return ()
    return tuple(
        ServerMove(rule_name, after, sent, " -> ".join(map(seen, (message, *sent))))
        for rule_name, rule in servers_.RECEIVING_RULES.items()
        for after, sent in rule(server, message, parameters)
    )


@lru_cache(REMEMBERED)
def seen(message: Message) -> str:
    """A message as an observer sees it."""
    fields = [("ciaddr", message.ciaddr), ("yiaddr", message.yiaddr), ("requested", message.requested)]
    words = [f"{name} .{value}" for name, value in fields if value]
    if message.server:
        words.append(f"server {message.server}")
    if not message.current:
        words.append("of a past exchange")
    inside = f" ({', '.join(words)})" if words else ""
    return f"{message.kind.name} {message.source} > {message.destination}{inside}"
