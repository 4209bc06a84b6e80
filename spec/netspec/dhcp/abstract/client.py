"""The abstract client: what it does by itself, and what on receipt of a message (RFC 2131, 4.4 and figure 5).

A rule yields every way in which it may go: the client after it, and what it sends.  Messages to everybody have the
destination `BROADCAST`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias

from netspec.dhcp.abstract.records import REMEMBERED, Client, Message, MessageType, Mode, Parameters

BROADCAST: Final = "255.255.255.255"
_ASKING: Final = frozenset({Mode.REQUESTING, Mode.REBOOTING, Mode.RENEWING, Mode.REBINDING})

Outcome: TypeAlias = tuple[Client, tuple[Message, ...]]
Spontaneous: TypeAlias = Callable[[str, Client, Parameters], Iterator[Outcome]]
Receiving: TypeAlias = Callable[[str, Client, Message, bool, Parameters], Iterator[Outcome]]


def client_discovers(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client without a lease asks for offers (RFC 2131, 4.4.1)."""
    if client.mode == Mode.INIT:
        yield Client(Mode.SELECTING), (discover(name),)


def client_renews(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """From T1 on a client asks its server to extend the lease (RFC 2131, 4.4.5)."""
    if client.mode == Mode.BOUND and client.left <= parameters.lease - parameters.t1:
        renewing = client._replace(mode=Mode.RENEWING, since=0)
        yield renewing, (renewal(name, renewing),)


def client_rebinds(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """From T2 on a client asks any server to extend the lease (RFC 2131, 4.4.5)."""
    if client.mode in (Mode.BOUND, Mode.RENEWING) and client.left <= parameters.lease - parameters.t2:
        rebinding = client._replace(mode=Mode.REBINDING, since=0)
        yield rebinding, (renewal(name, rebinding),)


def client_expires(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client whose lease has ended stops using the address and starts again (RFC 2131, 4.4.5)."""
    if client.uses_address and client.left == 0:
        yield Client(), ()


def client_releases(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client gives its lease back (RFC 2131, 4.4.6)."""
    if client.mode == Mode.BOUND:
        yield (
            Client(),
            (
                Message(
                    name, client.server, MessageType.RELEASE, name, False, ciaddr=client.address, server=client.server
                ),
            ),
        )


def client_reboots(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client that has a lease starts again and remembers it (RFC 2131, 3.2)."""
    if client.uses_address or client.mode == Mode.REBOOTING:
        yield client._replace(mode=Mode.INIT_REBOOT, since=0), ()


def client_forgets(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client starts again and remembers nothing (RFC 2131, 4.4.1)."""
    if client.mode != Mode.INIT:
        yield Client(), ()


def client_asks_again(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client that has started again asks whether its address is still good (RFC 2131, 3.2, 1, 4.4.2)."""
    if client.mode == Mode.INIT_REBOOT:
        yield client._replace(mode=Mode.REBOOTING), (verification(name, client),)


def client_retransmits(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client that waits for an answer sends its message again (RFC 2131, 4.1), a first REQUEST only for a while."""
    if client.mode == Mode.SELECTING:
        yield client, (discover(name),)
    elif client.mode == Mode.REQUESTING and client.since <= parameters.patience:
        yield _again(client, parameters), (request(name, client),)
    elif client.mode == Mode.REBOOTING and client.since <= parameters.patience:
        yield _again(client, parameters), (verification(name, client),)
    elif client.mode in (Mode.RENEWING, Mode.REBINDING):
        yield _again(client, parameters), (renewal(name, client),)


def client_gives_up(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client whose REQUEST is not answered starts again (RFC 2131, 3.1, 5, 3.2, 3)."""
    if client.mode in (Mode.REQUESTING, Mode.REBOOTING):
        yield Client(), ()


def client_keeps_lease(name: str, client: Client, parameters: Parameters) -> Iterator[Outcome]:
    """A client that has started again and gets no answer may use its address for what is left (RFC 2131, 3.2, 3)."""
    if client.mode == Mode.REBOOTING and client.left > 0:
        yield client._replace(mode=Mode.BOUND, since=0), ()


def client_selects(
    name: str, client: Client, message: Message, in_use: bool, parameters: Parameters
) -> Iterator[Outcome]:
    """A client takes an offer and asks for it, which tells the other servers that it does not take theirs."""
    if client.mode == Mode.SELECTING and message.current and message.kind == MessageType.OFFER:
        requesting = Client(Mode.REQUESTING, message.yiaddr, message.server)
        yield requesting, (request(name, requesting),)


def client_binds(
    name: str, client: Client, message: Message, in_use: bool, parameters: Parameters
) -> Iterator[Outcome]:
    """The address that was asked for is acknowledged and no other host uses it (RFC 2131, 4.4.1).

    The lease counts from when the REQUEST was sent; one that has ended since is of no use.
    """
    if not (client.mode == Mode.REQUESTING and _acknowledges(client, message)):
        return
    if message.server == client.server and not (in_use and "conflicts_not_probed" not in parameters.deviations):
        left = lease_left(client, parameters)
        if left > 0:
            yield client._replace(mode=Mode.BOUND, left=left, since=0), ()


def client_resumes(
    name: str, client: Client, message: Message, in_use: bool, parameters: Parameters
) -> Iterator[Outcome]:
    """Some server acknowledges the address that was asked for again, and no other host uses it (RFC 2131, 4.4.2)."""
    if not (client.mode == Mode.REBOOTING and _acknowledges(client, message)):
        return
    if not (in_use and "conflicts_not_probed" not in parameters.deviations):
        left = lease_left(client, parameters)
        if left > 0:
            yield client._replace(mode=Mode.BOUND, server=message.server, left=left, since=0), ()


def client_declines(
    name: str, client: Client, message: Message, in_use: bool, parameters: Parameters
) -> Iterator[Outcome]:
    """The address is acknowledged, but another host uses it (RFC 2131, 3.1, 5, 3.2, 3)."""
    if client.mode in (Mode.REQUESTING, Mode.REBOOTING) and _acknowledges(client, message) and in_use:
        if "conflicts_not_probed" not in parameters.deviations:
            decline = Message(
                name, BROADCAST, MessageType.DECLINE, name, False, requested=client.address, server=message.server
            )
            yield Client(), (decline,)


def client_extends(
    name: str, client: Client, message: Message, in_use: bool, parameters: Parameters
) -> Iterator[Outcome]:
    """A lease is extended, maybe by another server (RFC 2131, 4.4.5)."""
    if client.mode in (Mode.RENEWING, Mode.REBINDING) and _acknowledges(client, message):
        left = lease_left(client, parameters)
        if left > 0:
            yield client._replace(mode=Mode.BOUND, server=message.server, left=left, since=0), ()


def client_is_refused(
    name: str, client: Client, message: Message, in_use: bool, parameters: Parameters
) -> Iterator[Outcome]:
    """A NAK: the client stops using the address and starts again (RFC 2131, 3.1, 4, 3.2, 3, and figure 5)."""
    if client.mode in _ASKING:
        if message.current and message.kind == MessageType.NAK:
            yield Client(), ()


def _acknowledges(client: Client, message: Message) -> bool:
    return message.current and message.kind == MessageType.ACK and message.yiaddr == client.address


def lease_left(client: Client, parameters: Parameters) -> int:
    """How long a lease that is acknowledged now still lasts, by the client's clock.  In ticks."""
    since = 0 if "lease_from_ack_arrival" in parameters.deviations else client.since
    return parameters.lease - since + parameters.drift


@lru_cache(REMEMBERED)
def client_time(client: Client, parameters: Parameters) -> Client:
    """The client a tick later."""
    since = min(client.since + 1, parameters.lease) if client.mode in _ASKING else client.since
    ends = "lease_never_ends" not in parameters.deviations
    return client._replace(left=max(client.left - 1, 0) if ends else client.left, since=since)


def exchange_ends(before: Client, after: Client, parameters: Parameters) -> bool:
    """Whether the client will take an xid that is not in use for what it sends next, or accepts nothing before.

    RFC 2131, 4.4.1, 4.4.2 and 4.4.5: an exchange for each lease, each start, each renewal and each rebinding.
    """
    if before.mode == after.mode:
        return False
    if "renewal_keeps_xid" in parameters.deviations:
        return after.mode in (Mode.INIT, Mode.INIT_REBOOT)
    return after.mode in (Mode.INIT, Mode.INIT_REBOOT, Mode.BOUND, Mode.REBINDING)


def discover(name: str) -> Message:
    """A DHCPDISCOVER."""
    return Message(name, BROADCAST, MessageType.DISCOVER, name)


def request(name: str, client: Client) -> Message:
    """A DHCPREQUEST for an address that was offered (RFC 2131, 4.3.2)."""
    return Message(name, BROADCAST, MessageType.REQUEST, name, requested=client.address, server=client.server)


def verification(name: str, client: Client) -> Message:
    """A DHCPREQUEST for an address of before, to all (RFC 2131, 4.3.2)."""
    return Message(name, BROADCAST, MessageType.REQUEST, name, requested=client.address)


def renewal(name: str, client: Client) -> Message:
    """A DHCPREQUEST to extend a lease: to its server while renewing, to all while rebinding (RFC 2131, 4.3.2)."""
    to = client.server if client.mode == Mode.RENEWING else BROADCAST
    return Message(name, to, MessageType.REQUEST, name, ciaddr=client.address)


def _again(client: Client, parameters: Parameters) -> Client:
    return client._replace(since=0) if "lease_from_last_request" in parameters.deviations else client


CLIENT_RULES: dict[str, Spontaneous] = {
    rule.__name__: rule
    for rule in (
        client_discovers,
        client_asks_again,
        client_renews,
        client_rebinds,
        client_releases,
    )
}
"""What a client does by itself at any time."""

START_RULES: dict[str, Spontaneous] = {rule.__name__: rule for rule in (client_reboots, client_forgets)}
"""How a client starts again."""

TIMEOUT_RULES: dict[str, Spontaneous] = {
    rule.__name__: rule for rule in (client_retransmits, client_gives_up, client_keeps_lease)
}
"""What a client does when an answer has not come in time."""

RECEIVING_RULES: dict[str, Receiving] = {
    rule.__name__: rule
    for rule in (client_selects, client_binds, client_resumes, client_declines, client_extends, client_is_refused)
}
"""What a client does with a message; one that no rule is for is ignored."""
