"""What one message alone must be: its encoding, and tables 3 and 5 of RFC 2131."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from netoracle.dhcp.events import CLIENT_PORT, SERVER_PORT, DhcpEvent
from netoracle.dhcp.facts import Facts, Kind
from netoracle.dhcp.parties import dotted

_ANY, _BROADCAST = bytes(4), b"\xff" * 4
_COOKIE = bytes((99, 130, 83, 99))
_FIXED = {1: 4, 16: 4, 28: 4, 32: 4, 50: 4, 51: 4, 54: 4, 58: 4, 59: 4} | dict.fromkeys(
    (19, 20, 23, 27, 29, 30, 31, 34, 36, 37, 39, 46, 52, 53), 1
)
_FIXED |= dict.fromkeys((13, 22, 26, 57), 2)
_FOURS = frozenset((*range(3, 12), 41, 42, 44, 45, 48, 49, 65, *range(69, 77)))
_EIGHTS = frozenset((21, 33))
_DHCP_ONLY = frozenset({50, 51, 52, 54, 55, 56, 57, 58, 59, 61})


@dataclass(frozen=True, slots=True)
class Test:
    """A requirement tested: whether it holds, whether failing it is a violation, and what was found."""

    requirement: int
    holds: bool
    found: str
    hard: bool = True


def tests(event: DhcpEvent, seen: Facts) -> Iterator[Test]:
    """Everything that is tested of a message on its own."""
    payload = event.payload
    yield Test(17, event.faulty is None, event.faulty or "")
    cookie = payload[236:240]
    yield Test(1, cookie == _COOKIE, f"cookie {cookie.hex()}")
    if cookie != _COOKIE:
        return
    options, whole, ended = walk(payload)
    yield Test(3, ended or bool(options.get(52)), "no END" if whole else "an option runs past the end")
    yield from _encoding(options)
    kind = options.get(53, b"")
    if kind:
        yield Test(2, len(kind) == 1 and 1 <= kind[0] <= 18, f"option 53 is {kind.hex()}")
    elif not seen.reply:
        # Without it this is BOOTP (RFC 1534), which knows none of these.
        alien = sorted(_DHCP_ONLY & options.keys())
        yield Test(2, not alien, f"options {alien} without option 53")
    flags = int.from_bytes(payload[10:12])
    yield Test(8, flags & 0x7FFF == 0, f"flags {flags:#06x}")
    if seen.kind is None:
        yield Test(14, payload[0] in (1, 2), f"op {payload[0]}")
    size = payload[2]
    yield Test(14, size <= 16 and (payload[1] != 1 or size == 6), f"hlen {size} with htype {payload[1]}")
    if seen.kind is not None:
        yield Test(14, payload[0] == (2 if seen.reply else 1), f"op {payload[0]} in {seen.kind.name.upper()}")
        if seen.reply:
            yield from _reply(event, seen, options)
        else:
            yield from _asked(event, seen, options)


def walk(payload: bytes) -> tuple[dict[int, bytes], bool, bool]:
    """The options of the options field, whether the last fits, and whether END follows."""
    found: dict[int, bytes] = {}
    at = 240
    while at < len(payload):
        code = payload[at]
        if code == 255:
            return found, True, True
        if code == 0:
            at += 1
            continue
        if at + 2 > len(payload) or at + 2 + payload[at + 1] > len(payload):
            return found, False, False
        found[code] = found.get(code, b"") + payload[at + 2 : at + 2 + payload[at + 1]]
        at += 2 + payload[at + 1]
    return found, True, False


def _encoding(options: dict[int, bytes]) -> Iterator[Test]:
    for code, value in options.items():
        size = len(value)
        if code in _FIXED:
            yield Test(4, size == _FIXED[code], f"option {code} of {size} octets")
        elif code in _FOURS:
            yield Test(4, size >= 4 and size % 4 == 0, f"option {code} of {size} octets")
        elif code in _EIGHTS:
            yield Test(4, size >= 8 and size % 8 == 0, f"option {code} of {size} octets")
    for code, least in ((22, 576), (57, 576), (26, 68)):
        if len(options.get(code, b"")) == 2:
            number = int.from_bytes(options[code])
            yield Test(5, number >= least, f"option {code} is {number}")


def _asked(event: DhcpEvent, seen: Facts, options: dict[int, bytes]) -> Iterator[Test]:
    payload, kind = event.payload, seen.kind
    yield Test(15, event.destination_port == SERVER_PORT, f"to port {event.destination_port}")
    clear = seen.ciaddr == _ANY
    if not seen.relayed:
        yield Test(14, payload[3] == 0, f"hops {payload[3]} in a message that is not relayed")
    yield Test(23, seen.yiaddr == _ANY, f"yiaddr {dotted(seen.yiaddr)} in {kind.name.upper() if kind else 'a request'}")
    if kind is Kind.discover:
        yield Test(21, 54 not in options, "option 54 in DISCOVER")
        yield Test(19, clear, f"ciaddr {dotted(seen.ciaddr)} in DISCOVER")
        if not seen.relayed:
            right = event.source == _ANY and event.destination == _BROADCAST
            yield Test(19, right, f"DISCOVER from {dotted(event.source)} to {dotted(event.destination)}")
    elif kind is Kind.request and 54 in options:
        if clear or 50 in options:
            yield Test(34, clear, f"ciaddr {dotted(seen.ciaddr)} in a REQUEST that selects")
            yield Test(33, 50 in options, "no option 50 in a REQUEST that selects")
            if not seen.relayed:
                yield Test(16, event.source == _ANY, f"from {dotted(event.source)} without a lease")
        else:
            yield Test(50, False, "option 54 in a renewal")
    elif kind is Kind.request:
        if not clear:
            yield Test(51, 50 not in options, "option 50 in a renewal")
        else:
            yield Test(52, 50 in options, "neither ciaddr nor option 50")
            if not seen.relayed:
                yield Test(16, event.source == _ANY, f"from {dotted(event.source)} without a lease")
    elif kind is Kind.decline:
        yield Test(71, 50 in options and 54 in options and clear, _shown(options, (50, 54), seen))
        yield Test(71, not {51, 55, 57, 60} & options.keys(), "option 51, 55, 57 or 60 in DECLINE")
    elif kind is Kind.release:
        yield Test(72, 54 in options and 50 not in options and not clear, _shown(options, (50, 54), seen))
        yield Test(72, event.destination != _BROADCAST, "RELEASE is broadcast", False)
        yield Test(72, payload[8:10] == b"\0\0", f"secs {int.from_bytes(payload[8:10])} in RELEASE", False)
    elif kind is Kind.inform:
        yield Test(73, not clear, "ciaddr 0 in INFORM")
        yield Test(73, not {50, 51, 54} & options.keys(), _shown(options, (50, 51, 54), seen))


def _reply(event: DhcpEvent, seen: Facts, options: dict[int, bytes]) -> Iterator[Test]:
    kind = seen.kind
    if seen.relayed:
        yield Test(15, event.source_port == SERVER_PORT, f"from port {event.source_port}")
    else:
        yield Test(15, event.source_port == SERVER_PORT, f"from port {event.source_port}")
        yield Test(15, event.destination_port == CLIENT_PORT, f"to port {event.destination_port}")
    yield Test(76, seen.server is not None, "no option 54")
    forbidden = sorted({50, 55, 57} & options.keys())
    yield Test(78, not forbidden, f"options {forbidden}")
    given = seen.yiaddr != _ANY
    if kind is Kind.nak:
        yield Test(81, not given, f"yiaddr {dotted(seen.yiaddr)} in NAK")
        others = sorted(options.keys() - {53, 54, 56, 60, 61, 82})
        yield Test(79, not others, f"options {others} in NAK")
        if seen.relayed:
            yield Test(86, event.payload[10] & 0x80 != 0, "relayed NAK without the BROADCAST flag")
        else:
            yield Test(85, event.destination == _BROADCAST, f"NAK to {dotted(event.destination)}")
        return
    if kind is Kind.offer:
        yield Test(81, given, "yiaddr 0 in OFFER")
    if given:
        yield Test(77, 51 in options or 52 in options, "no option 51")
        lease = seen.lease
        first, second = (int.from_bytes(options[c]) if len(options.get(c, b"")) == 4 else None for c in (58, 59))
        if lease is not None:
            times = [t for t in (first, second, lease) if t is not None]
            rising = all(a < b or b == 0xFFFFFFFF for a, b in pairwise(times))
            yield Test(90, rising, f"T1 {first}, T2 {second}, lease {lease}")


def _shown(options: dict[int, bytes], codes: tuple[int, ...], seen: Facts) -> str:
    present = [code for code in codes if code in options]
    return f"options {present}, ciaddr {dotted(seen.ciaddr)}"
