"""The encoding of a message and its envelope: requirements 1 to 17."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from netspec.dhcp.judgement import Finding, enforces
from netspec.dhcp.labels import ANYWHERE, CLASS_D, CLIENT_PORT, EVERYONE, SERVER_PORT, Sight, dotted, named
from netspec.dhcp.message.codec import options_in
from netspec.dhcp.message.options import OPTIONS, Form, wrong_size, wrong_value
from netspec.dhcp.message.structure import RELAY_PORT, parts
from netspec.dhcp.message.types import COOKIE, END, MESSAGE_TYPE, REPLIES, Field

MOST_HOPS = 16
"""Hops after which a relay must discard a message (RFC 1542 section 4.1.1)."""

LARGEST = 576 - 28
"""Octets of payload that every client accepts (RFC 2131 section 2)."""

SMALLEST = 300
_TYPES = 18
RELAYED = 82
"""The option that neither client nor server makes: a relay does, and a server echoes it (RFC 3046)."""

DHCP_ONLY = frozenset({50, 51, 52, 54, 55, 56, 57, 58, 59, 61})
_ETHERNET, _ETHERNET_SIZE = 1, 6
_EVERY_STATION = b"\xff" * 6

Rule = Callable[[Sight], Iterator[Finding]]


@enforces(17)
def envelope(seen: Sight) -> Iterator[Finding]:
    """IP and UDP say the right lengths and checksums (RFC 791, RFC 768).  Requirement 17.

    No RFC forbids fragments (RFC 951 section 3 takes it that there are none); they are not put together here.
    """
    yield Finding(17, seen.envelope.faulty is None, seen.envelope.faulty or "")


@enforces(1)
def cookie(seen: Sight) -> Iterator[Finding]:
    """The options field begins with the magic cookie (RFC 2131 section 3).  Requirement 1.

    Where the area holds nothing but zeros, there are no options: this is BOOTP (RFC 951 section 3).  BOOTP may have
    another cookie and what a vendor chooses after it (RFC 1542 section 3.5): only options that say which message of
    DHCP this is show that it is none.
    """
    after = seen.message.tail(Field.options) or b""
    right = seen.message.cookie == COOKIE or not any(seen.message.cookie + after)
    dhcp = not right and any(option.code == MESSAGE_TYPE for option in options_in(after, Field.options)[0])
    yield Finding(1, right, f"cookie {seen.message.cookie.hex()}", dhcp)


@enforces(2)
def message_type(seen: Sight) -> Iterator[Finding]:
    """Option 53 is one octet of a known value; without it this is BOOTP, which knows no DHCP options (RFC 1534).

    RFC 2131 section 3, RFC 2132 section 9.6.  Requirement 2.
    """
    kind = seen.values.get(53)
    if kind is not None:
        yield Finding(2, len(kind) == 1 and 1 <= kind[0] <= _TYPES, f"option 53 is {kind.hex()}")
        if seen.kind is not None:
            whose = "a server" if seen.reply else "a client"
            yield Finding(2, (seen.kind in REPLIES) == seen.reply, f"{named(seen.kind)} from {whose}")
    elif not seen.reply:
        alien = sorted(DHCP_ONLY & seen.values.keys())
        yield Finding(2, not alien, f"options {alien} without option 53")


@enforces(3)
def end(seen: Sight) -> Iterator[Finding]:
    """END follows the last option, and zeros follow END (RFC 2131 section 4.1, RFC 2132 section 3.2).  Requirement 3.

    Also where option 52 gives more areas: then section 4.1 asks for it with a MUST.  BOOTP is not asked.
    """
    tail = (seen.message.tail(Field.options) or b"").lstrip(b"\0")
    wrong = seen.malformed.reason if seen.malformed is not None else "no END"
    asked = 53 in seen.values or seen.malformed is not None
    yield Finding(3, tail[:1] == bytes((END,)), wrong, asked)
    if tail[:1] == bytes((END,)):
        yield Finding(3, not tail[1:].strip(b"\0"), "octets other than 0 after END", False)


@enforces(4)
def sizes(seen: Sight) -> Iterator[Finding]:
    """Values have the size that their option's definition gives (RFC 2132).  Requirement 4."""
    yield from _each(4, (wrong_size(code, value) for code, value in seen.values.items() if code != RELAYED))


@enforces(5)
def limits(seen: Sight) -> Iterator[Finding]:
    """Numbers are within the limits of their option (RFC 2132).  Requirement 5."""
    yield from _each(5, (wrong_value(code, value) for code, value in seen.values.items() if code != MESSAGE_TYPE))


@enforces(6)
def strings(seen: Sight) -> Iterator[Finding]:
    """Text does not end with NUL (RFC 2132 section 2).  Requirement 6."""
    text = [code for code in seen.values if code in OPTIONS and OPTIONS[code].form is Form.text]
    if text:
        wrong = (f"option {code} ends with NUL" for code in text if seen.values[code].endswith(b"\0"))
        yield from _each(6, wrong)


def _each(number: int, wrong: Iterable[str | None]) -> Iterator[Finding]:
    """A finding for each option that is wrong; one that the requirement holds where none is."""
    found = [one for one in wrong if one is not None]
    if not found:
        yield Finding(number, True, "")
    for one in found:
        yield Finding(number, False, one)


@enforces(7)
def mask_before_routers(seen: Sight) -> Iterator[Finding]:
    """The subnet mask precedes the routers (RFC 2132 section 3.3).  Requirement 7."""
    if seen.reply and 1 in seen.values and 3 in seen.values:
        order = list(seen.values)
        yield Finding(7, order.index(1) < order.index(3), "option 3 before option 1")


@enforces(8)
def flags(seen: Sight) -> Iterator[Finding]:
    """A client sets no flag but BROADCAST; a reply copies the flags (RFC 2131 section 2, table 3).  Requirement 8."""
    if not seen.reply:
        yield Finding(8, seen.message.flags & 0x7FFF == 0, f"flags {seen.message.flags:#06x}")


@enforces(9)
def once(seen: Sight) -> Iterator[Finding]:
    """An option that fits is neither split nor repeated (RFC 3396 section 4).  Requirement 9.

    Section 1 there takes back that options appear once only.  Instances are joined by who reads them, so that a value
    that is the worse for it shows in its size.
    """
    needless: list[int] = []
    if len(seen.values) < len(seen.message.options):
        places = Counter((one.code, one.field) for one in seen.message.options)
        again = sorted({code for (code, _), n in places.items() if n > 1})
        needless = [code for code in again if len(seen.values[code]) <= 255]
    yield Finding(9, not needless, f"options {needless} more than once", False)


@enforces(10)
def overloaded_areas(seen: Sight) -> Iterator[Finding]:
    """Options in file and sname start the field and END closes it (RFC 2131 section 4.1).  Requirement 10."""
    for field, tail in seen.message.tails:
        if field is not Field.options:
            first = next((one for one in seen.message.options if one.field is field), None)
            yield Finding(10, first is None or not first.pads, f"pads before the first option in {field.value}")
            closed = tail.lstrip(b"\0")
            yield Finding(10, closed[:1] == bytes((END,)), f"no END in {field.value}")
            yield Finding(10, not closed[1:].strip(b"\0"), f"octets other than 0 after END in {field.value}")


@enforces(12, 13)
def size(seen: Sight) -> Iterator[Finding]:
    """A client's message fits what everybody accepts; none is smaller than BOOTP's (RFC 2131 section 2, RFC 1542 2.1).

    Requirements 12 and 13.  How large a reply may be depends on the request: that is for the server's rules.
    """
    if not seen.reply:
        yield Finding(12, seen.envelope.size <= LARGEST, f"{seen.envelope.size} octets", False)
    yield Finding(13, seen.envelope.size >= SMALLEST, f"{seen.envelope.size} octets", False)


@enforces(14)
def sender(seen: Sight) -> Iterator[Finding]:
    """Field op is that of the kind of message, hops is 0 before a relay, hlen fits htype (RFC 2131, tables).

    A client that needs no hardware address to be answered may leave it out (section 4.4.1, RFC 6842 section 2).
    Requirement 14.
    """
    message = seen.message
    if seen.kind is None:
        yield Finding(14, message.op in (1, 2), f"op {message.op}")
    else:
        yield Finding(14, message.op == (2 if seen.reply else 1), f"op {message.op} in {named(seen.kind)}")
    right = message.hlen <= 16 and (message.htype != _ETHERNET or message.hlen in (0, _ETHERNET_SIZE))
    yield Finding(14, right, f"hlen {message.hlen} with htype {message.htype}")
    if not seen.reply and not seen.relayed:
        yield Finding(14, message.hops == 0, f"hops {message.hops} in a message that is not relayed")


@enforces(138)
def names(seen: Sight) -> Iterator[Finding]:
    """What stands in sname and file, unless options do, is ended by NUL (RFC 2131 table 1).  Requirement 138."""
    for name, value in (("sname", seen.message.sname), ("file", seen.message.file)):
        if any(value):
            yield Finding(138, b"\0" in value, f"{name} has no NUL")


@enforces(15)
def ports(seen: Sight) -> Iterator[Finding]:
    """Clients send to the server's port, servers to the client's, or to a relay's (RFC 2131 section 4.1).

    That servers send from their port is custom.  A relay may ask for another port, by a suboption that comes back with
    the reply (RFC 8357 section 5.1, RFC 3046 section 2.2), unless there was no room for option 82.  Requirement 15.
    """
    envelope = seen.envelope
    port, found = envelope.destination_port, f"to port {envelope.destination_port}"
    if not seen.reply:
        yield Finding(15, port == SERVER_PORT, found)
        return
    yield Finding(15, envelope.source_port == SERVER_PORT, f"from port {envelope.source_port}", False)
    if not seen.relayed:
        yield Finding(15, port == CLIENT_PORT, found)
    elif not seen.passed_on:
        asked = RELAY_PORT in dict(parts(seen.values.get(RELAYED, b"")))
        bootp = port == CLIENT_PORT and seen.kind is None
        yield Finding(15, port == SERVER_PORT or asked or bootp, found, port == CLIENT_PORT or RELAYED in seen.values)


@enforces(151)
def client_port(seen: Sight) -> Iterator[Finding]:
    """A relay passes a reply on to the client's port (RFC 1542 section 4.1.2).  Requirement 151."""
    if seen.reply:
        port = seen.envelope.destination_port
        yield Finding(151, port == CLIENT_PORT, f"to port {port}")


@enforces(146)
def addresses(seen: Sight) -> Iterator[Finding]:
    """Nothing goes to 0.0.0.0 or comes from an address of several hosts (RFC 1122 section 3.2.1.3).  Requirement 146.

    Only who does not have an address sends from 0.0.0.0.  What every station gets goes to a broadcast address (section
    3.3.6), for which 0.0.0.0 is an old form that may be configured.
    """
    envelope, message = seen.envelope, seen.message
    source, to = envelope.source, envelope.destination
    every_station = envelope.destination_mac == _EVERY_STATION
    right = True
    if to >> 24 == 0:
        right = False
        yield Finding(146, False, f"to {dotted(to)}", bool(envelope.destination_mac) and not every_station)
    if source >> 28 == CLASS_D or source == EVERYONE or (seen.reply and source == ANYWHERE):
        right = False
        yield Finding(146, False, f"from {dotted(source)}")
    hosts = (message.ciaddr, message.yiaddr, message.giaddr, seen.server)
    if every_station and to not in (ANYWHERE, EVERYONE) and to in hosts:
        right = False
        yield Finding(146, False, f"to {dotted(to)}, which is one host's, and to every station")
    if right:
        yield Finding(146, True, "")


OF_FRAME: tuple[Rule, ...] = (envelope, ports, addresses)
"""What is asked of the frame, whoever sends it."""


RULES: tuple[Rule, ...] = (
    message_type,
    end,
    sizes,
    limits,
    strings,
    mask_before_routers,
    flags,
    once,
    overloaded_areas,
    size,
    sender,
    names,
)
