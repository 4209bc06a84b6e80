"""Options and messages of other RFCs: requirements 107 to 120, as far as one message shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netspec.dhcp.judgement import Finding, enforces
from netspec.dhcp.labels import ANYWHERE, Sight, named
from netspec.dhcp.message.options import wrong_size
from netspec.dhcp.message.structure import STRUCTURES
from netspec.dhcp.message.types import Field, Kind
from netspec.dhcp.messages.encoding import RELAYED

FORCE_RENEW = 9
LEASE_QUERY = 10
_RAPID_COMMIT = 80
_IPV6_ONLY = 108
_LEAST_WAIT = 300
"""Seconds for which a client does without an address at least (RFC 8925 section 3.4)."""

_LATER = frozenset({61, 77})
"""Options that an RFC gave a structure which those before it left open."""


Rule = Callable[[Sight], Iterator[Finding]]


@enforces(4, 107, 108, 110, 111, 112, 113, 117)
def structures(seen: Sight) -> Iterator[Finding]:
    """Values with a structure are whole (RFC 3004, 4361, 4702, 8910, 3397, 3442, 3925).

    Instances are joined first (RFC 3396 section 7): where several do not make one value, that is requirement 107.
    By RFC 2132 section 9.14 a client identifier may be any octets; option 77 was in use before RFC 3004 (section 5).
    Requirements 4, 107, 108, 110, 111, 112, 113, 117.
    """
    for code, value in seen.values.items():
        if code in STRUCTURES and code != RELAYED:
            number, wrong = STRUCTURES[code]
            found = wrong(value)
            several = sum(option.code == code for option in seen.message.options) > 1
            yield Finding(107 if several else number, found is None, f"option {code}: {found}", code not in _LATER)


@enforces(110)
def fqdn_flags(seen: Sight) -> Iterator[Finding]:
    """A client leaves O and the RCODEs of option 81 zero, and then sends no option 12.  Requirement 110.

    RFC 4702 sections 2.1, 2.2 (RCODEs: a SHOULD), 3.1.
    """
    value = seen.values.get(81, b"")
    if len(value) >= 3 and not seen.reply:
        yield Finding(110, not value[0] & 2, "flag O from a client")
        yield Finding(110, value[1:3] == b"\0\0", f"RCODEs {value[1]}, {value[2]} from a client", False)
        yield Finding(110, 12 not in seen.values, "options 81 and 12 together")
    elif len(value) >= 3:
        yield Finding(110, value[1:3] == b"\xff\xff", f"RCODEs {value[1]}, {value[2]} from a server", False)


@enforces(111)
def routes_asked_first(seen: Sight) -> Iterator[Finding]:
    """Classless routes are asked for with routers, before them and static routes (RFC 3442).  Requirement 111.

    RFC 7844 section 3.6 asks for a list in random order, for whose sake a breach is only noted.
    """
    asked = seen.values.get(55, b"")
    if 121 in asked:
        yield Finding(111, 3 in asked, "option 55 asks for 121 and not for 3", False)
        before = [code for code in (3, 33) if code in asked and asked.index(code) < asked.index(121)]
        yield Finding(111, not before, f"option 55 asks for {before} before 121", False)


@enforces(114, 148)
def agent_information(seen: Sight) -> Iterator[Finding]:
    """A client sends none (a bridge before it may), a server echoes it among the options, as the last of them.

    RFC 3046 sections 2.1, 2.2.  Requirements 114, 148.
    """
    if RELAYED in seen.values and not seen.reply:
        yield Finding(114, seen.relayed, "option 82 in a message that is not relayed", False)
    elif RELAYED in seen.values:
        places = {one.field for one in seen.message.options if one.code == RELAYED}
        yield Finding(114, places == {Field.options}, "option 82 in file or sname")
        last = [one for one in seen.message.options if one.field is Field.options][-1]
        yield Finding(148, last.code == RELAYED, f"option {last.code} after option 82 in a reply")


@enforces(114)
def agent_information_of_relay(seen: Sight) -> Iterator[Finding]:
    """What a relay adds is whole and the last option (RFC 3046 sections 2.0, 2.1).  Requirement 114.

    An element nearer to the client may have added it, and where it likes.  A reply has what the request had.
    """
    if RELAYED in seen.values and not seen.reply:
        value = seen.values[RELAYED]
        wrong = wrong_size(RELAYED, value) or STRUCTURES[RELAYED][1](value)
        yield Finding(114, wrong is None, f"option 82: {wrong}")
        yield Finding(114, seen.message.options[-1].code == RELAYED, "option 82 is not the last", False)


@enforces(115, 116)
def small_ones(seen: Sight) -> Iterator[Finding]:
    """Rapid commit is empty, IPv6-only preferred four octets (RFC 4039 section 4, RFC 8925 section 3.1).

    Rapid commit is in DISCOVER and in ACK only, and not asked for (RFC 4039 section 3).  IPv6-only preferred is 0 or no
    less than MIN_V6ONLY_WAIT (RFC 8925 sections 3.1, 3.4); a client that sends it may mean what the code was for
    before.  Requirements 115, 116.
    """
    wait = seen.number(_IPV6_ONLY)
    if wait is not None:
        yield Finding(116, seen.reply, f"option 108 in {named(seen.kind)}", False)
        yield Finding(116, wait == 0 or wait >= _LEAST_WAIT or not seen.reply, f"option 108 is {wait} s")
    for code, number in ((_RAPID_COMMIT, 115), (_IPV6_ONLY, 116)):
        if code in seen.values:
            wrong = wrong_size(code, seen.values[code])
            yield Finding(number, wrong is None, wrong or "")
    if _RAPID_COMMIT in seen.values and seen.kind is not None:
        yield Finding(115, seen.kind in (Kind.discover, Kind.ack), f"rapid commit in {seen.kind.name.upper()}")
    if 55 in seen.values:
        yield Finding(115, _RAPID_COMMIT not in seen.values[55], "option 55 asks for rapid commit")


@enforces(119, 120)
def other_messages(seen: Sight) -> Iterator[Finding]:
    """FORCERENEW is authenticated (RFC 3203 section 6), LEASEQUERY says whom to answer (RFC 4388 section 6.2).

    It asks for an address, a hardware address or an identifier, and for one of them only (section 6.3).
    Requirements 119 and 120.
    """
    kind = seen.values.get(53, b"")
    if kind == bytes((FORCE_RENEW,)):
        yield Finding(119, 90 in seen.values, "FORCERENEW without option 90")
    elif kind == bytes((LEASE_QUERY,)):
        message = seen.message
        hardware = any((message.htype, message.hlen, *message.chaddr))
        asked = (message.ciaddr != ANYWHERE, hardware, seen.identifier is not None)
        yield Finding(120, seen.relayed, "giaddr 0 in LEASEQUERY")
        yield Finding(120, sum(asked) == 1, f"LEASEQUERY by {sum(asked)} of ciaddr, hardware address and option 61")


RULES: tuple[Rule, ...] = (
    structures,
    fqdn_flags,
    routes_asked_first,
    agent_information,
    small_ones,
    other_messages,
)
