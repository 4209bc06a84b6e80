"""Clients are alike: states that differ only by their names are one."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise, permutations

from netspec.dhcp.abstract.composition import Network, Setting, client_name
from netspec.dhcp.abstract.medium import normal
from netspec.dhcp.abstract.records import Binding, Message, Server

Renaming = tuple[int, ...]
"""For each client by number, which of them it is to be."""


def canonical_under(setting: Setting) -> Callable[[Network], Network] | None:
    """What maps a state to the first of those that differ by the names of clients; None where there is one client."""
    if setting.clients < 2:
        return None

    def canonical(state: Network) -> Network:
        orders = [order for order in permutations(range(setting.clients)) if _is_sorted(state, order)]
        return min(_renamed(state, order, setting) for order in orders)

    return canonical


def _is_sorted(state: Network, order: Renaming) -> bool:
    """Whether the clients stand in the order of their states after a renaming."""
    clients = [state.clients[number] for number in order]
    return all(one <= other for one, other in pairwise(clients))


def _renamed(state: Network, order: Renaming, setting: Setting) -> Network:
    """The state in which the client `order[n]` has the name of client n."""
    return state._replace(
        clients=tuple(state.clients[number] for number in order),
        servers=tuple(_server(server, order) for server in state.servers),
        medium=normal((_message(message, order) for message in state.medium), setting.faults),
    )


@lru_cache(maxsize=1 << 16)
def _server(server: Server, order: Renaming) -> Server:
    return server._replace(bindings=tuple(_binding(binding, order) for binding in server.bindings))


def _binding(binding: Binding, order: Renaming) -> Binding:
    return binding._replace(client=_name(binding.client, order), promised=_name(binding.promised, order))


@lru_cache(maxsize=1 << 16)
def _message(message: Message, order: Renaming) -> Message:
    return message._replace(
        source=_name(message.source, order),
        destination=_name(message.destination, order),
        client=_name(message.client, order),
    )


def _name(name: str, order: Renaming) -> str:
    names = {client_name(number): client_name(place) for place, number in enumerate(order)}
    return names.get(name, name)
