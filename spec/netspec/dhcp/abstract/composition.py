"""Clients, servers and a relay on a medium: the steps of the whole network.

A step has the name of its rule, the party whose step it is (for a server with the client or the address that it
concerns, and whether that is about a past exchange) and what an observer would see.  A client whose lease ends at this
very moment acts before anything else happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from netspec.dhcp.abstract import client as clients_
from netspec.dhcp.abstract import medium as medium_
from netspec.dhcp.abstract import server as servers_
from netspec.dhcp.abstract.medium import Medium
from netspec.dhcp.abstract.moves import client_moves, client_receives, seen, server_moves, server_receives
from netspec.dhcp.abstract.records import REMEMBERED, Binding, Client, Message, MessageType, Server
from netspec.dhcp.abstract.relay import RELAY, relay_forwards
from netspec.dhcp.abstract.setting import Setting


class Network(NamedTuple):
    """The state of the whole; `in_use` are the addresses that hosts without DHCP have.

    `declined` are the addresses of which a server took a DECLINE: what an observer remembers; no rule looks at them.
    """

    clients: tuple[Client, ...]
    servers: tuple[Server, ...]
    medium: Medium = ()
    in_use: tuple[int, ...] = ()
    declined: tuple[int, ...] = ()


NetworkStep: TypeAlias = tuple[str, str, str, Network]
"""The rule, the party, what is seen, and the state after."""


def client_name(number: int) -> str:
    """The name of a client, by its number from 0."""
    return f"c{number + 1}"


def server_name(number: int) -> str:
    """The name of a server, by its number from 0."""
    return f"s{number + 1}"


def initial(setting: Setting) -> Iterator[Network]:
    """Nobody has a lease and nothing is on its way."""
    servers = tuple(
        Server(server_name(number), 1 + number * setting.pool, (Binding(),) * setting.pool)
        for number in range(setting.servers)
    )
    start = Network((Client(),) * setting.clients, servers)
    yield start
    if setting.conflict:
        yield start._replace(in_use=(1,))


def steps(network: Network, setting: Setting) -> Iterator[NetworkStep]:
    """Every step of the network."""
    expiring = list(_expiries(network, setting))
    if expiring:
        yield from expiring
        return
    yield from _spontaneous(network, setting)
    yield from _arrivals(network, setting)
    for message, medium in medium_.losses(network.medium, setting.faults):
        yield "medium_loses", "", seen(message), network._replace(medium=medium)
    for message, medium in medium_.duplicates(network.medium, setting.faults):
        yield "medium_duplicates", "", seen(message), network._replace(medium=medium)
    if medium_.may_wait(network.medium, setting.faults):
        later = time_passes(network, setting)
        if later != network:
            yield "time_passes", "", "one tick", later


def time_passes(network: Network, setting: Setting) -> Network:
    """The network a tick later."""
    return network._replace(
        clients=tuple(clients_.client_time(client, setting.parameters) for client in network.clients),
        servers=tuple(servers_.server_time(server) for server in network.servers),
        medium=medium_.medium_time(network.medium, setting.faults),
    )


def _expiries(network: Network, setting: Setting) -> Iterator[NetworkStep]:
    for number, client in enumerate(network.clients):
        name = client_name(number)
        for after, sent in clients_.client_expires(name, client, setting.parameters):
            yield "client_expires", name, "", _client_acts(network, setting, number, after, sent)


def _spontaneous(network: Network, setting: Setting) -> Iterator[NetworkStep]:
    for number, client in enumerate(network.clients):
        name = client_name(number)
        waited, quiet = may_time_out(network, name, setting), may_start_again(network, name, setting)
        for rule, after, sent, detail in client_moves(name, client, waited, quiet, setting):
            yield rule, name, detail, _client_acts(network, setting, number, after, sent)
    for number, server in enumerate(network.servers):
        for party, (rule, server_after, sent, detail) in server_moves(server, setting):
            yield rule, party, detail, _server_acts(network, setting, number, server_after, sent)


def may_time_out(network: Network, name: str, setting: Setting) -> bool:
    """Whether a client may have waited long enough: where it is patient, nothing of its exchange is on its way."""
    if setting.faults.delay is None or setting.impatient:
        return True
    return not any(message.client == name and message.current for message in network.medium)


def may_start_again(network: Network, name: str, setting: Setting) -> bool:
    """Whether a client may start again: where it is patient, nothing is on its way from before its exchange."""
    if not (setting.reboot or setting.forget):
        return False
    if setting.faults.delay is None or setting.impatient:
        return True
    return all(message.client != name or message.current for message in network.medium)


def _arrivals(network: Network, setting: Setting) -> Iterator[NetworkStep]:
    for message, medium in medium_.deliverable(network.medium, setting.faults):
        rest = network._replace(medium=medium)
        if message.destination == RELAY:
            sent = relay_forwards(message, (server.name for server in network.servers))
            party = f"{RELAY} {message.client} {message.kind.name}" + ("" if message.current else " past")
            yield "relay_forwards", party, seen(message), rest._replace(medium=_with(medium, sent, setting))
        elif message.destination == message.client:
            yield from _client_receives(rest, setting, message)
        else:
            yield from _server_receives(rest, setting, message)


def _client_receives(network: Network, setting: Setting, message: Message) -> Iterator[NetworkStep]:
    number = next(n for n in range(len(network.clients)) if client_name(n) == message.client)
    in_use = message.yiaddr in network.in_use
    moves = client_receives(network.clients[number], message, in_use, setting.parameters)
    for rule, after, sent, detail in moves:
        yield rule, message.client, detail, _client_acts(network, setting, number, after, sent)
    if not moves:
        yield "client_ignores", message.client, seen(message), network


def _server_receives(network: Network, setting: Setting, message: Message) -> Iterator[NetworkStep]:
    number = next(n for n, server in enumerate(network.servers) if server.name == message.destination)
    party = f"{message.destination} {message.client}" + ("" if message.current else " past")
    moves = server_receives(network.servers[number], message, setting.parameters)
    noted = network
    if moves and message.kind == MessageType.DECLINE:
        noted = network._replace(declined=tuple(sorted({*network.declined, message.requested})))
    for rule, after, sent, detail in moves:
        yield rule, party, detail, _server_acts(noted, setting, number, after, sent)
    if not moves:
        yield "server_ignores", party, seen(message), network


def _client_acts(network: Network, setting: Setting, number: int, after: Client, sent: tuple[Message, ...]) -> Network:
    clients, medium = network.clients, network.medium
    if clients_.exchange_ends(clients[number], after, setting.parameters):
        medium = _exchange_over(medium, client_name(number))
    changed = (*clients[:number], after, *clients[number + 1 :])
    return Network(changed, network.servers, _with(medium, sent, setting), network.in_use, network.declined)


def _server_acts(network: Network, setting: Setting, number: int, after: Server, sent: tuple[Message, ...]) -> Network:
    servers = (*network.servers[:number], after, *network.servers[number + 1 :])
    return Network(network.clients, servers, _with(network.medium, sent, setting), network.in_use, network.declined)


@lru_cache(REMEMBERED)
def _exchange_over(medium: Medium, name: str) -> Medium:
    """The medium on which the messages of a client's exchange have become ones of the past."""
    return tuple(
        message._replace(current=False) if message.client == name and message.current else message for message in medium
    )


@lru_cache(REMEMBERED)
def _with(medium: Medium, sent: tuple[Message, ...], setting: Setting) -> Medium:
    """The medium with more messages, those to everybody to the relay or to each server.

    Answers of a past exchange are taken off it: their client ignores them.
    """
    placed: list[Message] = []
    for message in sent:
        if message.destination != clients_.BROADCAST:
            placed.append(message)
        elif setting.relay:
            placed.append(message._replace(destination=RELAY))
        else:
            placed.extend(message._replace(destination=server_name(number)) for number in range(setting.servers))
    kept = medium_.without((*medium, *placed), _is_past_answer)
    return medium_.normal(kept, setting.faults)


def _is_past_answer(message: Message) -> bool:
    return not message.current and message.kind.is_answer
