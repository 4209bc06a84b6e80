"""What a reply of a server answers, and what the message that it answers asks of it."""

from __future__ import annotations

from typing import NamedTuple

from netspec.dhcp.echoes import Sent, returned
from netspec.dhcp.judgement import Judge, enforces
from netspec.dhcp.labels import ANYWHERE, EVERYONE, Sight, dotted, named
from netspec.dhcp.message.types import BROADCAST, Kind

IPV6_ONLY = 108
"""The option by which a client may do without an address (RFC 8925)."""

EVERY_STATION = b"\xff" * 6
_ETHERNET, _ETHERNET_SIZE = b"\x01", 6
_OVERHEAD = 28
_NOT_PARAMETERS = frozenset({50, 52, 53, 54, 55, 56, 57, 58, 59, 61, 80, 82})


class Asked(NamedTuple):
    """A message that may have reached the server; `largest` octets of datagram are taken.

    `wished`: it asks for a lease of some length; `sent` is what comes back with the reply; `sender` is the hardware
    address that the frame came from.
    """

    kind: Kind | None
    hardware: bytes
    identifier: bytes | None
    xid: int
    flags: int
    giaddr: int
    ciaddr: int
    server: int | None
    requested: int | None
    rapid: bool
    parameters: bytes
    largest: int
    secs: int
    time: int
    wished: bool = False
    sent: Sent = Sent()
    sender: bytes = b""

    @property
    def verifies(self) -> bool:
        """Of a REQUEST, whether it is that of a client in INIT-REBOOT (RFC 2131 table 4)."""
        return self.server is None and self.ciaddr == ANYWHERE


class Offered(NamedTuple):
    """An OFFER that it sent."""

    xid: int
    client: bytes
    address: int
    parameters: tuple[tuple[int, bytes], ...]
    time: int


class Given(NamedTuple):
    """A lease that it acknowledged, until when."""

    client: bytes
    address: int
    until: int


class Server(NamedTuple):
    """The last messages heard, offers and acknowledgements sent, oldest first, addresses declined and to whom.

    `forgot`: when the last of the messages was heard that there was no room for.
    """

    asked: tuple[Asked, ...] = ()
    offered: tuple[Offered, ...] = ()
    given: tuple[Given, ...] = ()
    declined: tuple[tuple[int, int | None], ...] = ()
    forgot: int | None = None


@enforces(12, 74, 84, 95, 116, 135)
def answered(state: Server, seen: Sight, judge: Judge, kinds: tuple[Kind, ...]) -> list[Asked]:
    """The messages that a reply may answer; none where nothing of the client or the exchange was seen.

    RFC 2131 sections 2, 4.1, table 3, RFC 8925 section 3.3, RFC 1534 section 2.  Requirements 12, 74, 84, 95, 116, 135.
    How long a server may take no RFC says: that an answer is late is noted.
    """
    message = seen.message
    same = [asked for asked in state.asked if asked.xid == message.xid]
    if not same:
        _unasked(state, seen, judge)
        return []
    forgotten = _forgotten(state, seen, judge)
    theirs = [asked for asked in same if asked.hardware == seen.hardware]
    if not theirs:
        theirs = _of_another_type(same, seen, judge, forgotten)
    if not theirs:
        (judge.prefer if forgotten else judge.demand)(
            74, False, f"chaddr {seen.hardware[1:].hex(':') or 'empty'}, the client's {same[-1].hardware[1:].hex(':')}"
        )
        return []
    # Behind a relay the client's own message shows, and the reply that the relay passes on.
    via = [asked for asked in theirs if seen.passed_on or asked.giaddr == message.giaddr]
    if not via:
        # A renewal goes to the server itself, and relays may pass on copies of it, and of what is broadcast: where the
        # trace begins between those, one alone may show.
        direct = message.giaddr == ANYWHERE and theirs[-1].ciaddr != ANYWHERE
        copied = ANYWHERE not in (message.giaddr, theirs[-1].giaddr)
        earlier = (direct or copied) and _asked_before(theirs, seen, judge)
        weigh = judge.prefer if forgotten or earlier else judge.demand
        weigh(74, False, f"giaddr {dotted(message.giaddr)}, the request's is {dotted(theirs[-1].giaddr)}")
        return []
    fitting = [asked for asked in via if asked.kind in kinds or asked.kind is None]
    # An OFFER may come after the REQUEST that chose another, and its DISCOVER be from before the trace.
    chosen = seen.kind is Kind.offer and all(asked.kind is Kind.request for asked in via)
    # And where frames may be missing from the trace, so may the message that it answers.
    (judge.prefer if chosen or forgotten else judge.expect)(
        95, bool(fitting), f"{named(seen.kind)} in answer to {named(via[-1].kind)}"
    )
    if not fitting:
        return []
    late = (seen.time - fitting[-1].time) // 1_000_000
    soon = any(in_time(asked, seen, judge) for asked in reversed(fitting))
    judge.prefer(95, soon, f"{named(seen.kind)} {late} ms after what it answers, and nothing else asks for it")
    dhcp = any(asked.kind is not None for asked in fitting)
    judge.expect(135, dhcp, f"{named(seen.kind)} in answer to BOOTP")
    flags = {asked.flags for asked in fitting}
    found = f"flags {message.flags:#06x}, the request's {fitting[-1].flags:#06x}"
    # For a client of which it knows that it needs it a server may tell the relay to broadcast (RFC 1542 section 5.4).
    # It has to where it refuses a client in INIT-REBOOT (requirement 86).
    told = seen.relayed and any(message.flags == one | BROADCAST for one in flags)
    owed = told and seen.kind is Kind.nak and any(asked.verifies for asked in fitting)
    # A client may ask for broadcast replies only when it repeats, and its first try be from before the trace.
    repeated = all(one.secs for one in theirs) and _asked_before(theirs, seen, judge)
    weigh = judge.prefer if seen.kind is Kind.nak or told or repeated else judge.demand
    weigh(74, message.flags in flags or owed, found)
    room = max(asked.largest for asked in fitting) - _OVERHEAD
    judge.prefer(12, seen.envelope.size <= room, f"{seen.envelope.size} octets, the client takes {room}")
    if IPV6_ONLY in seen.values:
        asked_for = any(IPV6_ONLY in asked.parameters for asked in theirs)
        judge.demand(116, asked_for, f"{named(seen.kind)} has option 108, and nothing asks for it")
    returned([asked.sent for asked in fitting], seen, judge)
    if seen.passed_on:
        _past_the_relay(fitting, seen, judge)
    _destination(fitting, seen, judge)
    return fitting


def client_of(asked: list[Asked]) -> bytes:
    """Whom a binding is for: the identifier where there is one, else the hardware address (RFC 2131 section 4.2)."""
    last = asked[-1]
    return last.hardware if last.identifier is None else b"\x3d" + last.identifier


def without(given: tuple[Given, ...], client: bytes) -> tuple[Given, ...]:
    """The leases of the others."""
    return tuple(one for one in given if one.client != client)


def in_time(asked: Asked, seen: Sight, judge: Judge) -> bool:
    """Whether a message was heard as shortly before a reply as answers take.  BOOTP has no such bound."""
    within = judge.bounds.offer_within if asked.kind is Kind.discover else judge.bounds.answer_within
    return asked.kind is None or seen.time - asked.time <= within


@enforces(74)
def _of_another_type(asked: list[Asked], seen: Sight, judge: Judge, forgotten: bool) -> list[Asked]:
    """The messages with the reply's chaddr, but another htype.  Requirement 74.

    Table 3 has htype from the Assigned Numbers: where the request's is not that of the link, the reply's may be.
    """
    theirs = [one for one in asked if one.hardware[1:] == seen.hardware[1:]]
    if theirs:
        of_link = seen.hardware[:1] == _ETHERNET and len(seen.envelope.source_mac) == _ETHERNET_SIZE
        found = f"htype {seen.message.htype}, the request's is {theirs[-1].hardware[0]}"
        (judge.prefer if of_link or forgotten else judge.demand)(74, False, found)
    return theirs


@enforces(84)
def _past_the_relay(asked: list[Asked], seen: Sight, judge: Judge) -> None:
    """A reply through a relay goes to the relay, not past it to the client (RFC 2131 section 4.1).  Requirement 84.

    A relay sends from an address of its own.  That is the server identifier where it asked for it in option 82
    (RFC 5107), and a relay may have several hardware addresses.
    """
    passed = [one for one in asked if one.giaddr == seen.message.giaddr]
    mac = seen.envelope.source_mac
    if mac and passed:
        past = all(one.sender not in (b"", mac) and one.sent.agent is None for one in passed)
        found = f"past the relay {dotted(seen.message.giaddr)} to {dotted(seen.envelope.destination)}"
        judge.demand(84, not past or seen.envelope.source != seen.server, found)


def _unasked(state: Server, seen: Sight, judge: Judge) -> None:
    """A reply with an xid that no message had: not to a client that is seen to use another (RFC 2131 table 3).

    Without a hardware address, or with one that several share (RFC 6842 section 2), nobody can say whose it is.  A NAK
    is broadcast, and may answer a unicast renewal that does not pass the recorder.
    """
    theirs = [asked for asked in state.asked if asked.hardware == seen.hardware]
    alone = len({asked.identifier for asked in theirs}) == 1 and any(seen.hardware[1:])
    if not theirs or not alone or seen.identifier not in (None, theirs[-1].identifier):
        return
    found = f"xid {seen.message.xid:#010x}, the client's is {theirs[-1].xid:#010x}"
    # Who begins with a DISCOVER is taken to have asked nothing before it.
    began = any(asked.kind is Kind.discover for asked in theirs)
    if _forgotten(state, seen, judge) or (not began and _asked_before(theirs, seen, judge)):
        judge.prefer(74, False, found)
    else:
        judge.expect(74, False, found)


def _asked_before(theirs: list[Asked], seen: Sight, judge: Judge) -> bool:
    """Whether what a reply answers may be from before the client's first message that shows, as before the trace."""
    return seen.time - min(asked.time for asked in theirs) <= _longest(seen, judge)


def _forgotten(state: Server, seen: Sight, judge: Judge) -> bool:
    """Whether what a reply answers may be among the messages that there was no room to remember."""
    return state.forgot is not None and seen.time - state.forgot <= _longest(seen, judge)


def _longest(seen: Sight, judge: Judge) -> int:
    return judge.bounds.offer_within if seen.kind is Kind.offer else judge.bounds.answer_within


@enforces(84, 145)
def _destination(asked: list[Asked], seen: Sight, judge: Judge) -> None:
    """Where a reply goes that no relay and no ciaddr directs: whether it is broadcast is a SHOULD (section 4.1).

    So is that its frame goes to chaddr, or to every station.  Requirements 84, 145.
    """
    if seen.relayed or seen.kind is Kind.nak or any(one.ciaddr != ANYWHERE for one in asked):
        return
    to, everyone = seen.envelope.destination, to_everyone(seen)
    judge.demand(84, everyone or to == seen.message.yiaddr, f"to {dotted(to)}, neither yiaddr nor broadcast")
    if all(one.flags & BROADCAST for one in asked):
        judge.prefer(84, everyone, f"to {dotted(to)}, the request has BROADCAST")
    else:
        judge.prefer(84, not everyone, "broadcast, the request lacks BROADCAST")
    mac, right = seen.envelope.destination_mac, EVERY_STATION if everyone else seen.hardware[1:]
    if mac and seen.hardware[:1] == _ETHERNET and len(right) == len(mac):
        judge.prefer(145, mac == right, f"the frame goes to {mac.hex(':')}, the reply to {dotted(to)}")


def to_everyone(seen: Sight) -> bool:
    """Whether a reply goes to everybody: to all ones, or by the mask that it gives to all of the subnet."""
    to, mask, broadcast = seen.envelope.destination, seen.number(1), seen.number(28)
    subnet = None if mask is None else seen.message.yiaddr | ~mask & EVERYONE
    return to in (EVERYONE, subnet, broadcast)


@enforces(101)
def not_declined(state: Server, seen: Sight, judge: Judge) -> None:
    """Ask that an address that was declined to it is not handed out (RFC 2131 section 4.3.3).  Requirement 101."""
    if (seen.message.yiaddr, seen.server) in state.declined:
        found = f"{dotted(seen.message.yiaddr)} was declined"
        (judge.demand if judge.certain else judge.prefer)(101, False, found)
    elif state.declined:
        judge.met.append(101)


def parameters_of(seen: Sight) -> tuple[tuple[int, bytes], ...]:
    """The parameters that a reply configures the client with."""
    return tuple((code, value) for code, value in seen.values.items() if code not in _NOT_PARAMETERS)
