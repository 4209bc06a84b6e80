"""The abstract server: what it does by itself, and what on receipt of a message (RFC 2131, 4.3).

A rule yields every way in which it may go: the server after it, and what it sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

from netspec.dhcp.abstract.records import REMEMBERED, Binding, Message, MessageType, Parameters, Server, Status

Outcome: TypeAlias = tuple[Server, tuple[Message, ...]]
Spontaneous: TypeAlias = Callable[[Server, Parameters], Iterator[Outcome]]
Receiving: TypeAlias = Callable[[Server, Message, Parameters], Iterator[Outcome]]


def server_forgets_offer(server: Server, parameters: Parameters) -> Iterator[Outcome]:
    """An offer that was not taken in time is taken back (RFC 2131, 3.1, 3)."""
    for address in server.addresses():
        binding = server.binding(address)
        if binding.status == Status.OFFERED and binding.left == 0:
            yield server.binding_set(address, _freed(binding)), ()


def server_reclaims(server: Server, parameters: Parameters) -> Iterator[Outcome]:
    """The address of a lease that has ended is free again (RFC 2131, 2.2)."""
    if "expired_leases_kept" in parameters.deviations:
        return
    for address in server.addresses():
        binding = server.binding(address)
        if binding.status == Status.BOUND and binding.left == 0:
            yield server.binding_set(address, Binding()), ()


def server_restarts(server: Server, parameters: Parameters) -> Iterator[Outcome]:
    """A server starts again with the leases that it has on record, and no offers (RFC 2131, 1.6, 2.1)."""
    lost = "leases_forgotten" in parameters.deviations
    after = server._replace(bindings=tuple(Binding() if lost else _recorded(binding) for binding in server.bindings))
    if after != server:
        yield after, ()


def server_offers(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A DISCOVER is answered with the client's own address, or with any free one (RFC 2131, 4.3.1)."""
    if message.kind != MessageType.DISCOVER:
        return
    for address in offerable(server, message.client):
        binding = server.binding(address)
        if not (binding.status == Status.BOUND and binding.left > 0):
            if "offers_not_reserved" not in parameters.deviations:
                binding = Binding(Status.OFFERED, message.client, parameters.hold)
            binding = binding._replace(promised=message.client, promised_left=parameters.hold)
        yield server.binding_set(address, binding), (reply(server, message, MessageType.OFFER, address),)


def offerable(server: Server, client: str) -> tuple[int, ...]:
    """The addresses that a client may be offered: the one that it has or had, else every free one."""
    own = tuple(
        address
        for address in server.addresses()
        if server.binding(address).client == client and server.binding(address).status in (Status.OFFERED, Status.BOUND)
    )
    return own or tuple(address for address in server.addresses() if server.binding(address).status == Status.FREE)


def server_withdraws(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A client that asks another server does not want what this one offered (RFC 2131, 4.3.2)."""
    if message.kind != MessageType.REQUEST or message.server in ("", server.name):
        return
    for address in server.addresses():
        binding = server.binding(address)
        if binding.promised == message.client or binding.client == message.client:
            server = server.binding_set(address, _withdrawn(binding, message.client))
    yield server, ()


def server_acks(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A REQUEST for what was offered, or for an address that is still free, is granted (RFC 2131, 4.3.2)."""
    if message.kind == MessageType.REQUEST and message.server == server.name:
        binding = server.binding(message.requested)
        if binding.status == Status.FREE or _is_for(binding, message.client):
            yield _granted(server, message, message.requested, parameters)


def server_refuses(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A REQUEST that cannot be granted is refused; one for a free address that is not offered may be."""
    if message.kind == MessageType.REQUEST and message.server == server.name:
        if not _is_for(server.binding(message.requested), message.client):
            yield server, (reply(server, message, MessageType.NAK),)


def server_extends(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A lease that runs is extended (RFC 2131, 4.3.2)."""
    if _is_renewal(server, message):
        binding = server.binding(message.ciaddr)
        running = binding.left > 0 or "expired_leases_acked" in parameters.deviations
        if binding.status == Status.BOUND and binding.client == message.client and running:
            yield _granted(server, message, message.ciaddr, parameters)


def server_refuses_extension(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A lease that this server does not know of, or that has ended, is not extended."""
    if _is_renewal(server, message):
        binding = server.binding(message.ciaddr)
        if binding.status != Status.BOUND or binding.client != message.client or binding.left == 0:
            yield server, (reply(server, message, MessageType.NAK),)


def server_confirms(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A client that has started again may have its address on, also where its lease has ended (RFC 2131, 3.2, 2)."""
    if _is_verification(server, message):
        binding = server.binding(message.requested)
        if binding.status == Status.BOUND and binding.client == message.client:
            yield _granted(server, message, message.requested, parameters)


def server_denies(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A client that has started again is told that its address is wrong (RFC 2131, 4.3.2).

    It is where the client is on record without a lease on it that runs, or another client has it.
    """
    if _is_verification(server, message) and not _has_lease(server, message):
        known = any(one.status == Status.BOUND and one.client == message.client for one in server.bindings)
        if known or server.binding(message.requested).status == Status.BOUND:
            yield server, (reply(server, message, MessageType.NAK),)


def server_is_silent(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A server says nothing of a client that it has no record of, and need not of a wrong address (RFC 2131, 4.3.2)."""
    if _is_verification(server, message) and not _has_lease(server, message):
        yield server, ()


def server_marks_declined(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """An address that its client found in use is not available any more (RFC 2131, 4.3.3)."""
    if message.kind == MessageType.DECLINE and message.server == server.name:
        if _is_for(server.binding(message.requested), message.client):
            again = "declined_addresses_offered_again" in parameters.deviations
            yield server.binding_set(message.requested, Binding() if again else Binding(Status.DECLINED)), ()


def server_takes_back(server: Server, message: Message, parameters: Parameters) -> Iterator[Outcome]:
    """A lease that its client gives back ends at once (RFC 2131, 4.3.4)."""
    if message.kind == MessageType.RELEASE and message.server == server.name:
        binding = server.binding(message.ciaddr)
        if binding.status == Status.BOUND and binding.client == message.client:
            yield server.binding_set(message.ciaddr, Binding()), ()


@lru_cache(REMEMBERED)
def server_time(server: Server) -> Server:
    """The server a tick later."""
    return server._replace(bindings=tuple(_later(binding) for binding in server.bindings))


def reply(server: Server, message: Message, kind: MessageType, yiaddr: int = 0) -> Message:
    """An answer: it goes the way that the question came, with its xid (RFC 2131, 4.3.1, table 3)."""
    return Message(
        server.name,
        message.source,
        kind,
        message.client,
        message.current,
        yiaddr=yiaddr,
        server=server.name,
        relayed=message.relayed,
    )


def _granted(server: Server, message: Message, address: int, parameters: Parameters) -> Outcome:
    binding = Binding(Status.BOUND, message.client, parameters.lease + parameters.grace)
    return server.binding_set(address, binding), (reply(server, message, MessageType.ACK, address),)


def _is_for(binding: Binding, client: str) -> bool:
    return binding.status in (Status.OFFERED, Status.BOUND) and binding.client == client


def _is_renewal(server: Server, message: Message) -> bool:
    return message.kind == MessageType.REQUEST and message.server == "" and server.owns(message.ciaddr)


def _is_verification(server: Server, message: Message) -> bool:
    return message.kind == MessageType.REQUEST and message.server == "" and server.owns(message.requested)


def _has_lease(server: Server, message: Message) -> bool:
    binding = server.binding(message.requested)
    return binding.status == Status.BOUND and binding.client == message.client and binding.left > 0


def _recorded(binding: Binding) -> Binding:
    if binding.status == Status.OFFERED:
        return Binding()
    return binding._replace(promised="", promised_left=0)


def _freed(binding: Binding) -> Binding:
    return Binding(promised=binding.promised if binding.promised_left else "", promised_left=binding.promised_left)


def _withdrawn(binding: Binding, client: str) -> Binding:
    if binding.promised == client:
        binding = binding._replace(promised="", promised_left=0)
    return _freed(binding) if binding.status == Status.OFFERED and binding.client == client else binding


def _later(binding: Binding) -> Binding:
    promised_left = max(binding.promised_left - 1, 0)
    return binding._replace(
        left=max(binding.left - 1, 0),
        promised=binding.promised if promised_left else "",
        promised_left=promised_left,
    )


SERVER_RULES: dict[str, Spontaneous] = {
    rule.__name__: rule for rule in (server_forgets_offer, server_reclaims, server_restarts)
}
"""What a server does by itself."""

RECEIVING_RULES: dict[str, Receiving] = {
    rule.__name__: rule
    for rule in (
        server_offers,
        server_withdraws,
        server_acks,
        server_refuses,
        server_extends,
        server_refuses_extension,
        server_confirms,
        server_denies,
        server_is_silent,
        server_marks_declined,
        server_takes_back,
    )
}
"""What a server does with a message; one that no rule is for is ignored."""
