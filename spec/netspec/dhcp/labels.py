"""What an observer of DHCP sees: a message with its envelope.

Addresses are 32 bit numbers, times nanoseconds, hardware addresses octets (empty where the link has none).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from netspec.dhcp.message.codec import MalformedMessage
from netspec.dhcp.message.types import BROADCAST, REPLIES, Kind, Message

CLIENT_PORT = 68
SERVER_PORT = 67
ANYWHERE = 0
EVERYONE = 0xFFFFFFFF
CLASS_D = 0xE
"""The first four bits of an address of a group of hosts (RFC 1122 section 3.2.1.3)."""

INFINITE = 0xFFFFFFFF
"""The lease that does not end (RFC 2131 section 3.3)."""

SECOND = 1_000_000_000
"""In nanoseconds."""

_KINDS = {bytes((kind,)): kind for kind in Kind}
_NAMES = ("", *(kind.name.upper() for kind in Kind))


class Envelope(NamedTuple):
    """The frame around a message; `faulty` says what of IP or UDP is wrong, `size` counts the octets of the payload."""

    time: int
    source_mac: bytes
    destination_mac: bytes
    source: int
    destination: int
    source_port: int
    destination_port: int
    size: int
    faulty: str | None = None


class Sight(NamedTuple):
    """A message seen: envelope, message, joined values of its options, and what keeps it from being read whole.

    `reply` goes by option 53, and by `op` without it: a party is not taken for another for a wrong `op`.  Nor for a
    wrong option 53: where `op` and both ports say otherwise, they are believed.
    `passed_on`: a relay sends it, a request that has the relay's address, or such a reply that does not go there.
    """

    envelope: Envelope
    message: Message
    values: Mapping[int, bytes]
    malformed: MalformedMessage | None
    kind: Kind | None
    reply: bool
    hardware: bytes
    server: int | None
    requested: int | None
    lease: int | None
    passed_on: bool

    @property
    def relayed(self) -> bool:
        """Whether a relay has put its address in."""
        return self.message.giaddr != ANYWHERE

    @property
    def broadcast(self) -> bool:
        """Whether BROADCAST is set."""
        return self.message.flags & BROADCAST != 0

    @property
    def identifier(self) -> bytes | None:
        """The client identifier."""
        return self.values.get(61)

    @property
    def time(self) -> int:
        """When, in nanoseconds."""
        return self.envelope.time

    def number(self, code: int) -> int | None:
        """A value of four octets as a number; None where there is none, or none of that size."""
        return _long(self.values, code)


def sight(envelope: Envelope, message: Message, malformed: MalformedMessage | None) -> Sight:
    """A message with what the rules ask of it most."""
    values = message.joined()
    kind = _KINDS.get(values.get(53, b""))
    reply = _from_server(envelope, message, kind)
    giaddr, to = message.giaddr, envelope.destination
    to_client = envelope.destination_port == CLIENT_PORT or envelope.source == giaddr
    return Sight(
        envelope,
        message,
        values,
        malformed,
        kind,
        reply,
        bytes((message.htype,)) + message.chaddr[: min(message.hlen, 16)],
        _long(values, 54),
        _long(values, 50),
        _long(values, 51),
        giaddr != ANYWHERE and (not reply or (to_client and to != giaddr)),
    )


def _long(values: Mapping[int, bytes], code: int) -> int | None:
    value = values.get(code, b"")
    return int.from_bytes(value) if len(value) == 4 else None


def of_a_host(address: int) -> bool:
    """Whether it may be the address of one host that others reach: not of network 0 or 127, not of a group or of all.

    RFC 1122 section 3.2.1.3, which leaves class E to experiments.
    """
    return address >> 24 not in (0, 127) and address >> 28 != CLASS_D and address != EVERYONE


def _from_server(envelope: Envelope, message: Message, kind: Kind | None) -> bool:
    if kind is None:
        return message.op == 2
    server = kind in REPLIES
    way = (message.op, envelope.source_port, envelope.destination_port)
    return server != (way == ((1, CLIENT_PORT, SERVER_PORT) if server else (2, SERVER_PORT, CLIENT_PORT)))


@lru_cache(4096)
def dotted(address: int | None) -> str:
    """An address for people."""
    return "not there" if address is None else ".".join(map(str, address.to_bytes(4)))


def named(kind: Kind | None) -> str:
    """A kind of message for people."""
    return "BOOTP" if kind is None else _NAMES[kind]


def shown(value: bytes | None) -> str:
    """Octets for people."""
    return "not there" if value is None else value.hex()
