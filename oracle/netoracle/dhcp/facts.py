"""Just enough of a message to say whose it is and what it does to leases, even where it breaks the encoding rules.

What the rules say of a message is the specification's to judge; this reading only sorts messages to parties and
books leases, so it takes what it can find and leaves out the rest.
"""

from __future__ import annotations

from typing import NamedTuple

from netoracle.dhcp.events import DhcpEvent
from netspec.dhcp.labels import Envelope, Sight, sight
from netspec.dhcp.message.codec import FIXED_SIZE, read
from netspec.dhcp.message.types import Kind

__all__ = ["Facts", "Kind", "facts", "see"]


class Facts(NamedTuple):
    """Who and what: addresses as four octets, all zero for none; `lease` in seconds, None where not said.

    `reply` is that of `Sight`.  `passed_on`: a relay sends it.
    """

    kind: Kind | None
    reply: bool
    xid: int
    hardware: bytes
    identifier: bytes | None
    ciaddr: bytes
    yiaddr: bytes
    giaddr: bytes
    server: bytes | None
    requested: bytes | None
    lease: int | None
    relayed: bool
    passed_on: bool

    @property
    def binding(self) -> bytes:
        """What a server keys the binding with as far as the message says: the identifier, else the hardware."""
        return b"\x3d" + self.identifier if self.identifier is not None else self.hardware


def see(event: DhcpEvent) -> Sight | None:
    """The message in a datagram; None where it is too short to be BOOTP."""
    if len(event.payload) < FIXED_SIZE:
        return None
    envelope = Envelope(
        event.time,
        event.source_mac,
        event.destination_mac,
        int.from_bytes(event.source),
        int.from_bytes(event.destination),
        event.source_port,
        event.destination_port,
        len(event.payload),
        event.faulty,
    )
    return sight(envelope, *read(event.payload))


def facts(seen: Sight) -> Facts:
    """The facts in a message."""
    message = seen.message
    return Facts(
        seen.kind,
        seen.reply,
        message.xid,
        seen.hardware,
        seen.identifier,
        message.ciaddr.to_bytes(4),
        message.yiaddr.to_bytes(4),
        message.giaddr.to_bytes(4),
        _address(seen.server),
        _address(seen.requested),
        seen.lease,
        seen.relayed,
        seen.passed_on,
    )


def _address(value: int | None) -> bytes | None:
    return None if value is None else value.to_bytes(4)
