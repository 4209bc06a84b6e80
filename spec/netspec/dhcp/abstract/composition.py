"""Clients, servers and a relay on a medium: the steps of the whole network.

A step has the name of its rule, the party whose step it is (for a server with the client or the address that it
concerns, and whether that is about a past exchange) and what an observer would see.  A client whose lease ends at this
very moment acts before anything else happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from netspec.dhcp.abstract import client as clients_
from netspec.dhcp.abstract import medium as medium_
from netspec.dhcp.abstract import server as servers_
from netspec.dhcp.abstract.medium import Faults, Medium
from netspec.dhcp.abstract.records import Binding, Client, Message, MessageType, Parameters, Server
from netspec.dhcp.abstract.relay import RELAY, relay_forwards


class Setting(NamedTuple):
    """An instance: how many clients and servers, addresses in each server's pool, and what may happen.

    `release`: clients may give leases back.  `conflict`: another host may have the first address from the start.
    `impatient`: clients may repeat themselves while an answer is on its way.
    """

    clients: int = 2
    servers: int = 1
    pool: int = 2
    relay: bool = False
    release: bool = False
    conflict: bool = False
    faults: Faults = Faults()
    parameters: Parameters = Parameters()
    impatient: bool = False


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


def initial(setting: Setting) -> Iterator[Network]:
    """Nobody has a lease and nothing is on its way."""
    servers = tuple(
        Server(f"s{number + 1}", 1 + number * setting.pool, (Binding(),) * setting.pool)
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
        for outcome in clients_.client_expires(name, client, setting.parameters):
            yield "client_expires", name, "", _client_acts(network, setting, number, *outcome)


def _spontaneous(network: Network, setting: Setting) -> Iterator[NetworkStep]:
    for number, client in enumerate(network.clients):
        name = client_name(number)
        rules = dict(clients_.CLIENT_RULES)
        if not setting.release:
            del rules["client_releases"]
        if may_time_out(network, name, setting):
            rules |= clients_.TIMEOUT_RULES
        for rule_name, rule in rules.items():
            for after, sent in rule(name, client, setting.parameters):
                detail = ", ".join(map(seen, sent))
                yield rule_name, name, detail, _client_acts(network, setting, number, after, sent)
    for number, server in enumerate(network.servers):
        for rule_name, server_rule in servers_.SERVER_RULES.items():
            for server_after, sent in server_rule(server, setting.parameters):
                changed = next(a for a in server.addresses() if server.binding(a) != server_after.binding(a))
                party = f"{server.name} .{changed}"
                yield rule_name, party, "", _server_acts(network, setting, number, server_after, sent)


def may_time_out(network: Network, name: str, setting: Setting) -> bool:
    """Whether a client may have waited long enough: where it is patient, nothing of its exchange is on its way."""
    if setting.faults.delay is None or setting.impatient:
        return True
    return not any(message.client == name and message.current for message in network.medium)


def _arrivals(network: Network, setting: Setting) -> Iterator[NetworkStep]:
    for message, medium in medium_.deliverable(network.medium, setting.faults):
        rest = network._replace(medium=medium)
        if message.destination == RELAY:
            sent = relay_forwards(message, (server.name for server in network.servers))
            party = f"{RELAY} {message.client} {message.kind.name}" + ("" if message.current else " past")
            yield "relay_forwards", party, seen(message), _send(rest, setting, sent)
        elif message.destination == message.client:
            yield from _client_receives(rest, setting, message)
        else:
            yield from _server_receives(rest, setting, message)


def _client_receives(network: Network, setting: Setting, message: Message) -> Iterator[NetworkStep]:
    number = next(n for n in range(len(network.clients)) if client_name(n) == message.client)
    client = network.clients[number]
    in_use = message.yiaddr in network.in_use
    ignored = True
    for rule_name, rule in clients_.RECEIVING_RULES.items():
        for after, sent in rule(message.client, client, message, in_use, setting.parameters):
            ignored = False
            yield rule_name, message.client, seen(message), _client_acts(network, setting, number, after, sent)
    if ignored:
        yield "client_ignores", message.client, seen(message), network


def _server_receives(network: Network, setting: Setting, message: Message) -> Iterator[NetworkStep]:
    number = next(n for n, server in enumerate(network.servers) if server.name == message.destination)
    server = network.servers[number]
    party = f"{server.name} {message.client}" if message.current else f"{server.name} {message.client} past"
    ignored = True
    if not (message.relayed and "relayed_refused" in setting.parameters.deviations):
        for rule_name, rule in servers_.RECEIVING_RULES.items():
            for after, sent in rule(server, message, setting.parameters):
                ignored = False
                detail = " -> ".join(map(seen, (message, *sent)))
                noted = network
                if message.kind == MessageType.DECLINE:
                    noted = network._replace(declined=tuple(sorted({*network.declined, message.requested})))
                yield rule_name, party, detail, _server_acts(noted, setting, number, after, sent)
    if ignored:
        yield "server_ignores", party, seen(message), network


def _client_acts(network: Network, setting: Setting, number: int, after: Client, sent: tuple[Message, ...]) -> Network:
    clients, medium = network.clients, network.medium
    if clients_.exchange_ends(clients[number], after, setting.parameters):
        name = client_name(number)
        medium = tuple(
            message._replace(current=False) if message.client == name and message.current else message
            for message in medium
        )
    changed = network._replace(clients=(*clients[:number], after, *clients[number + 1 :]), medium=medium)
    return _send(changed, setting, sent)


def _server_acts(network: Network, setting: Setting, number: int, after: Server, sent: tuple[Message, ...]) -> Network:
    servers = network.servers
    return _send(network._replace(servers=(*servers[:number], after, *servers[number + 1 :])), setting, sent)


def _send(network: Network, setting: Setting, messages: tuple[Message, ...]) -> Network:
    """Put messages on the medium, those to everybody to the relay or to each server.

    Answers of a past exchange are taken off it: their client ignores them.
    """
    placed: list[Message] = []
    for message in messages:
        if message.destination != clients_.BROADCAST:
            placed.append(message)
        elif setting.relay:
            placed.append(message._replace(destination=RELAY))
        else:
            placed.extend(message._replace(destination=server.name) for server in network.servers)
    kept = medium_.without((*network.medium, *placed), _is_past_answer)
    return network._replace(medium=medium_.normal(kept, setting.faults))


def _is_past_answer(message: Message) -> bool:
    return not message.current and message.kind.is_answer


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
