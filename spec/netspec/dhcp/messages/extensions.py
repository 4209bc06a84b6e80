"""Options and messages of other RFCs: requirements 107 to 120, as far as one message shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netspec.dhcp.judgement import Finding, enforces
from netspec.dhcp.labels import Sight
from netspec.dhcp.message.options import wrong_size
from netspec.dhcp.message.structure import STRUCTURES

FORCE_RENEW = 9
LEASE_QUERY = 10

Rule = Callable[[Sight], Iterator[Finding]]


@enforces(107, 108, 110, 111, 112, 113, 114, 117)
def structures(seen: Sight) -> Iterator[Finding]:
    """Values with a structure are whole (RFC 4361, 4702, 3046, 8910, 3397, 3442, 3925).

    Instances are joined first (RFC 3396 section 7): where several do not make one value, that is requirement 107.
    Requirements 107, 108, 110, 111, 112, 113, 114, 117.
    """
    for code, value in seen.values.items():
        if code in STRUCTURES:
            number, wrong = STRUCTURES[code]
            found = wrong(value)
            several = sum(option.code == code for option in seen.message.options) > 1
            yield Finding(107 if several else number, found is None, f"option {code}: {found}")


@enforces(110)
def fqdn_flags(seen: Sight) -> Iterator[Finding]:
    """A client leaves O and the RCODEs of option 81 zero, and then sends no option 12 (RFC 4702).  Requirement 110."""
    value = seen.values.get(81, b"")
    if len(value) >= 3 and not seen.reply:
        yield Finding(110, not value[0] & 2, "flag O from a client")
        yield Finding(110, value[1:3] == b"\0\0", f"RCODEs {value[1]}, {value[2]} from a client", False)
        yield Finding(110, 12 not in seen.values, "options 81 and 12 together", False)
    elif len(value) >= 3:
        yield Finding(110, value[1:3] == b"\xff\xff", f"RCODEs {value[1]}, {value[2]} from a server", False)


@enforces(111)
def routes_asked_first(seen: Sight) -> Iterator[Finding]:
    """Classless routes are asked for before routers and static routes (RFC 3442).  Requirement 111."""
    asked = seen.values.get(55, b"")
    if 121 in asked:
        before = [code for code in (3, 33) if code in asked and asked.index(code) < asked.index(121)]
        yield Finding(111, not before, f"option 55 asks for {before} before 121", False)


@enforces(114)
def agent_information_last(seen: Sight) -> Iterator[Finding]:
    """A relay puts its information last (RFC 3046 section 2.1), so before a relay nobody sends it.  Requirement 114."""
    if 82 in seen.values and not seen.reply:
        yield Finding(114, seen.message.options[-1].code == 82, "option 82 is not the last", False)
        yield Finding(114, seen.relayed, "option 82 in a message that is not relayed", False)


@enforces(115, 116)
def small_ones(seen: Sight) -> Iterator[Finding]:
    """Rapid commit is empty, IPv6-only preferred four octets (RFC 4039 section 4, RFC 8925).  Requirements 115, 116."""
    for code, number in ((80, 115), (108, 116)):
        if code in seen.values:
            wrong = wrong_size(code, seen.values[code])
            yield Finding(number, wrong is None, wrong or "")


@enforces(119, 120)
def other_messages(seen: Sight) -> Iterator[Finding]:
    """FORCERENEW is authenticated (RFC 3203 section 2), LEASEQUERY says whom to answer (RFC 4388 section 6).

    Requirements 119 and 120.
    """
    kind = seen.values.get(53, b"")
    if kind == bytes((FORCE_RENEW,)):
        yield Finding(119, 90 in seen.values, "FORCERENEW without option 90")
    elif kind == bytes((LEASE_QUERY,)):
        yield Finding(120, seen.relayed, "giaddr 0 in LEASEQUERY")


RULES: tuple[Rule, ...] = (
    structures,
    fqdn_flags,
    routes_asked_first,
    agent_information_last,
    small_ones,
    other_messages,
)
