"""What a reply returns of the message that it answers: identifier, relay agent information, subnet, names, port."""

from __future__ import annotations

from typing import NamedTuple

from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import SERVER_PORT, Sight, shown
from netspec.dhcp.message.structure import RELAY_PORT, parts, suboptions
from netspec.dhcp.message.types import Kind

AGENT_INFORMATION, SUBNET, NAME = 82, 118, 81
_SERVERS_OWN = frozenset({8, 151, 152})
"""Suboptions of option 82 of which a server makes its own (RFC 4030 section 11.2, RFC 6607 section 7.2)."""

_SERVER_UPDATES, _OVERRIDDEN, _ENCODED = 1, 2, 4


class Sent(NamedTuple):
    """What of a message comes back: options 61, 82, 118, and the flags of option 81; None for what is not there."""

    identifier: bytes | None = None
    agent: bytes | None = None
    subnet: bytes | None = None
    names: int | None = None


def sent(seen: Sight) -> Sent:
    """What of a message comes back."""
    values = seen.values
    names = values[NAME][0] if len(values.get(NAME, b"")) >= 3 else None
    return Sent(seen.identifier, values.get(AGENT_INFORMATION), values.get(SUBNET), names)


def returned(asked: list[Sent], seen: Sight, judge: Judge) -> None:
    """Everything that is asked of what a reply returns, where one of these messages is answered."""
    _identifier(asked, seen, judge)
    if not seen.passed_on:
        _agent_information(asked, seen, judge)
        _port(asked, seen, judge)
    _subnet(asked, seen, judge)
    _names(asked, seen, judge)


@enforces(82, 109)
def _identifier(asked: list[Sent], seen: Sight, judge: Judge) -> None:
    """The client's identifier comes back as it is (RFC 6842 section 3).  Requirements 82, 109.

    RFC 2131 table 3 forbids it in OFFER and ACK, and allows it in NAK.  Both forbid one where the client sent none,
    except in NAK.
    """
    known = {one.identifier for one in asked}
    if seen.identifier is None:
        judge.prefer(82, None in known, "the client's identifier is not returned")
    elif known == {None}:
        weigh = judge.prefer if seen.kind is Kind.nak else judge.expect
        weigh(82, False, "option 61 where the client sent none")
    else:
        right, last = seen.identifier in known, asked[-1].identifier
        judge.demand(109, right, f"option 61 is {shown(seen.identifier)}, the client's {shown(last)}")
        judge.prefer(82, right, "option 61 is not the client's")


@enforces(147)
def _agent_information(asked: list[Sent], seen: Sight, judge: Judge) -> None:
    """Relay agent information comes back whole, or not at all (RFC 3046 section 2.2, RFC 6607 section 8).

    What a bridge or switch adds behind the recorder it takes out there (RFC 3046 section 2.1); where it does not, that
    is not the server's fault, so that information which no request in sight has proves nothing.  Requirement 147.
    """
    value = seen.values.get(AGENT_INFORMATION)
    if value is None:
        return
    known = [one.agent for one in asked if one.agent is not None]
    found = f"option 82 is {shown(value)}, the request's {shown(known[-1] if known else None)}"
    weigh = judge.expect if known else judge.prefer
    weigh(147, _copied(value) in map(_copied, known), found)


def _copied(value: bytes) -> object:
    """The suboptions that a server copies; a value that has none as it is."""
    return value if suboptions(value) else tuple(one for one in parts(value) if one[0] not in _SERVERS_OWN)


@enforces(15)
def _port(asked: list[Sent], seen: Sight, judge: Judge) -> None:
    """A reply goes to another port of a relay only where a request asks for it (RFC 8357 section 5.1).  Requirement 15.

    With option 82 the reply itself says so; without it, there may have been no room (RFC 3046 section 2.2).
    """
    port = seen.envelope.destination_port
    if seen.relayed and port != SERVER_PORT and AGENT_INFORMATION not in seen.values and seen.kind is not None:
        asks = any(RELAY_PORT in dict(parts(one.agent or b"")) for one in asked)
        judge.expect(15, asks, f"to port {port}, and no request in sight asks for it")


@enforces(154)
def _subnet(asked: list[Sent], seen: Sight, judge: Judge) -> None:
    """The subnet that a client selects comes back as it is (RFC 3011 section 2).  Requirement 154."""
    value, known = seen.values.get(SUBNET), [one.subnet for one in asked if one.subnet is not None]
    if value is not None and known:
        judge.expect(154, value in known, f"option 118 is {shown(value)}, the client's {shown(known[-1])}")


@enforces(110)
def _names(asked: list[Sent], seen: Sight, judge: Judge) -> None:
    """Option 81 has the client's encoding, and says where the server overrides S (RFC 4702 sections 2.1, 4).

    Requirement 110.
    """
    value, known = seen.values.get(NAME, b""), [one.names for one in asked if one.names is not None]
    if len(value) < 3 or not known:
        return
    flags, found = value[0], f"flags of option 81 {value[0]:#04x}, the client's {known[-1]:#04x}"
    right = any(
        not (flags ^ one) & _ENCODED and bool((flags ^ one) & _SERVER_UPDATES) == bool(flags & _OVERRIDDEN)
        for one in known
    )
    judge.expect(110, right, found)
