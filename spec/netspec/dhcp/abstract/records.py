"""Messages and states of the abstract parties.  Parties are names; addresses are numbers from 1, 0 is none."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

REMEMBERED: Final = 1 << 16
"""How many answers a function keeps, where few parties and messages make up many networks."""


class MessageType(IntEnum):
    """DHCP message types, with their numbers in option 53 (RFC 2132, 9.6)."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    DECLINE = 4
    ACK = 5
    NAK = 6
    RELEASE = 7

    @property
    def is_answer(self) -> bool:
        """Whether servers send it."""
        return self in (MessageType.OFFER, MessageType.ACK, MessageType.NAK)


class Mode(IntEnum):
    """States of a client (RFC 2131, figure 5)."""

    INIT = 0
    SELECTING = 1
    REQUESTING = 2
    INIT_REBOOT = 3
    REBOOTING = 4
    BOUND = 5
    RENEWING = 6
    REBINDING = 7


class Status(IntEnum):
    """What a server knows of an address of its pool."""

    FREE = 0
    OFFERED = 1
    BOUND = 2
    DECLINED = 3


class Message(NamedTuple):
    """A message on its way, and for how many ticks it has been.

    `current`: its xid is that of the client's exchange under way.  An xid serves only for that comparison, and a
    client that begins an exchange takes an unused one; so those of past exchanges need not be told apart.
    `server` is the server identifier (option 54), `requested` the address in option 50, `relayed` whether giaddr
    is set, `doubled` whether the medium made two of the message.
    """

    source: str
    destination: str
    kind: MessageType
    client: str
    current: bool = True
    ciaddr: int = 0
    yiaddr: int = 0
    requested: int = 0
    server: str = ""
    relayed: bool = False
    age: int = 0
    doubled: bool = False


class Client(NamedTuple):
    """A client: its address and server, ticks until its lease ends, ticks since it first sent the REQUEST under way.

    In INIT_REBOOT and REBOOTING address, server and lease are those that it remembers.
    """

    mode: Mode = Mode.INIT
    address: int = 0
    server: str = ""
    left: int = 0
    since: int = 0

    @property
    def uses_address(self) -> bool:
        """Whether the client's interface has the address."""
        return self.mode >= Mode.BOUND


class Binding(NamedTuple):
    """One address of a pool: its status, for which client, and ticks until the offer or the lease ends.

    `promised` is the client that was last offered the address, and `promised_left` the ticks for which that was to
    hold: what an observer remembers.  No rule looks at them.
    """

    status: Status = Status.FREE
    client: str = ""
    left: int = 0
    promised: str = ""
    promised_left: int = 0


class Server(NamedTuple):
    """A server: its name, the first address of its pool, and what it knows of each address."""

    name: str
    first: int
    bindings: tuple[Binding, ...]

    def owns(self, address: int) -> bool:
        """Whether an address is of the pool."""
        return self.first <= address < self.first + len(self.bindings)

    def binding(self, address: int) -> Binding:
        """What the server knows of an address of its pool."""
        return self.bindings[address - self.first]

    def binding_set(self, address: int, binding: Binding) -> Server:
        """The server with another binding for an address."""
        at = address - self.first
        return self._replace(bindings=(*self.bindings[:at], binding, *self.bindings[at + 1 :]))

    def addresses(self) -> range:
        """The pool."""
        return range(self.first, self.first + len(self.bindings))


class Parameters(NamedTuple):
    """Durations in ticks, and which deviations the parties have.

    A lease lasts `lease`; its client renews from `t1` and rebinds from `t2` on.  A server keeps an offered address
    for `hold`, and a binding for `grace` longer than the lease.  A client's clock may be late by `drift` at the end
    of a lease.  It sends its first REQUEST again for `patience`, after which it starts again (RFC 2131,
    3.1, 5: about a minute, so less than a lease).
    """

    lease: int = 3
    t1: int = 1
    t2: int = 2
    hold: int = 1
    patience: int = 0
    grace: int = 0
    drift: int = 0
    deviations: frozenset[str] = frozenset()
