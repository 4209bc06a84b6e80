"""Clients are alike: states that differ only by their names are one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, permutations

from netoracle.modelcheck.system import Renaming
from netspec.dhcp.abstract.composition import Network, client_name
from netspec.dhcp.abstract.medium import Faults, Medium, normal
from netspec.dhcp.abstract.records import REMEMBERED, Binding, Client, Message, Server
from netspec.dhcp.abstract.setting import Setting


@dataclass(frozen=True, slots=True)
class ClientSymmetry:
    """The clients of a network in which messages stay in order or not."""

    parties: int
    faults: Faults

    def canonical(self, state: Network) -> tuple[Network, Renaming]:
        """The first of the states that differ by the names of clients."""
        orders = _orders(state.clients)
        if len(orders) == 1:
            return self.renamed(state, orders[0]), orders[0]
        return min((self.renamed(state, order), order) for order in orders)

    def renamed(self, state: Network, renaming: Renaming) -> Network:
        """The state in which the client `renaming[n]` has the name of client n."""
        if renaming == _same(len(renaming)):
            return state
        return Network(
            tuple([state.clients[number] for number in renaming]),
            tuple([_server(server, renaming) for server in state.servers]),
            _medium(state.medium, renaming, self.faults),
            state.in_use,
            state.declined,
        )

    def action(self, action: str, renaming: Renaming) -> str:
        """An action with the other clients' names."""
        return " ".join(_name(word, renaming) for word in action.split(" "))


def clients_alike(setting: Setting) -> ClientSymmetry | None:
    """The symmetry of a setting; None where there is one client."""
    return ClientSymmetry(setting.clients, setting.faults) if setting.clients > 1 else None


@lru_cache
def _same(count: int) -> Renaming:
    return tuple(range(count))


@lru_cache(REMEMBERED)
def _orders(clients: tuple[Client, ...]) -> tuple[Renaming, ...]:
    """The renamings after which the clients stand in the order of their states."""
    return tuple(
        order
        for order in permutations(range(len(clients)))
        if all(clients[one] <= clients[other] for one, other in pairwise(order))
    )


@lru_cache(REMEMBERED)
def _medium(medium: Medium, order: Renaming, faults: Faults) -> Medium:
    return normal((_message(message, order) for message in medium), faults)


@lru_cache(REMEMBERED)
def _server(server: Server, order: Renaming) -> Server:
    return server._replace(bindings=tuple(_binding(binding, order) for binding in server.bindings))


def _binding(binding: Binding, order: Renaming) -> Binding:
    return binding._replace(client=_name(binding.client, order), promised=_name(binding.promised, order))


@lru_cache(REMEMBERED)
def _message(message: Message, order: Renaming) -> Message:
    return message._replace(
        source=_name(message.source, order),
        destination=_name(message.destination, order),
        client=_name(message.client, order),
    )


def _name(name: str, order: Renaming) -> str:
    names = {client_name(number): client_name(place) for place, number in enumerate(order)}
    return names.get(name, name)
