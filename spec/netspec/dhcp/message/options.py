"""The options that RFCs define: name, form of the value, least size, source."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import NamedTuple


class Form(Enum):
    """What a value consists of."""

    address = "an address"
    addresses = "addresses"
    pairs = "pairs of addresses"
    boolean = "0 or 1"
    byte = "a number of one octet"
    word = "a number of two octets"
    long = "a number of four octets"
    words = "numbers of two octets"
    text = "text"
    octets = "octets"
    empty = "nothing"


SIZE = {Form.address: 4, Form.boolean: 1, Form.byte: 1, Form.word: 2, Form.long: 4, Form.empty: 0}
"""Octets of the forms that have a fixed size."""

UNIT = {Form.addresses: 4, Form.pairs: 8, Form.words: 2}
"""Octets of which forms are made that repeat."""


class Defined(NamedTuple):
    """An option as an RFC defines it; `least` in octets, `fixed` too, where there is one size, and `unit`."""

    name: str
    form: Form
    least: int
    source: str
    fixed: int | None
    unit: int


def _defined(name: str, form: Form, least: int, source: str) -> Defined:
    return Defined(name, form, least, source, SIZE.get(form), UNIT.get(form, 1))


_F = Form
_TABLE: tuple[tuple[str, Form, dict[int, str]], ...] = (
    (
        "2132",
        _F.address,
        {1: "subnet mask", 16: "swap server", 28: "broadcast address", 32: "router solicitation address"}
        | {50: "requested address", 54: "server identifier"},
    ),
    (
        "2132",
        _F.addresses,
        {3: "routers", 4: "time servers", 5: "IEN 116 name servers", 6: "DNS servers", 7: "log servers"}
        | {8: "cookie servers", 9: "LPR servers", 10: "Impress servers", 11: "resource location servers"}
        | {41: "NIS servers", 42: "NTP servers", 44: "NetBIOS name servers", 45: "NetBIOS datagram servers"}
        | {48: "X font servers", 49: "X display managers", 65: "NIS+ servers", 69: "SMTP servers"}
        | {70: "POP3 servers", 71: "NNTP servers", 72: "WWW servers", 73: "finger servers", 74: "IRC servers"}
        | {75: "StreetTalk servers", 76: "STDA servers"},
    ),
    ("2132", _F.pairs, {21: "policy filter", 33: "static routes"}),
    (
        "2132",
        _F.boolean,
        {19: "IP forwarding", 20: "non-local source routing", 27: "all subnets are local", 29: "mask discovery"}
        | {30: "mask supplier", 31: "router discovery", 34: "trailer encapsulation", 36: "Ethernet encapsulation"}
        | {39: "TCP keepalive garbage"},
    ),
    (
        "2132",
        _F.byte,
        {23: "default TTL", 37: "TCP default TTL", 46: "NetBIOS node type", 52: "overload", 53: "message type"},
    ),
    (
        "2132",
        _F.word,
        {13: "boot file size", 22: "largest reassembly", 26: "interface MTU", 57: "largest message"},
    ),
    (
        "2132",
        _F.long,
        {2: "time offset", 24: "path MTU aging", 35: "ARP cache timeout", 38: "TCP keepalive interval"}
        | {51: "lease time", 58: "T1", 59: "T2"},
    ),
    ("2132", _F.words, {25: "path MTU plateaus"}),
    (
        "2132",
        _F.text,
        {12: "host name", 14: "merit dump file", 15: "domain name", 17: "root path", 18: "extensions path"}
        | {40: "NIS domain", 56: "message", 64: "NIS+ domain", 66: "TFTP server name", 67: "boot file name"},
    ),
    ("2132", _F.octets, {43: "vendor specific", 47: "NetBIOS scope", 55: "parameters asked for", 60: "vendor class"}),
    ("3442", _F.octets, {121: "classless static routes"}),
    ("3925", _F.octets, {124: "vendor-identifying class", 125: "vendor-identifying options"}),
    ("4702", _F.octets, {81: "client FQDN"}),
    ("3046", _F.octets, {82: "relay agent information"}),
    ("3397", _F.octets, {119: "domain search list"}),
    ("3361", _F.octets, {120: "SIP servers"}),
    ("3004", _F.octets, {77: "user class"}),
    ("3118", _F.octets, {90: "authentication"}),
    ("4578", _F.words, {93: "client architecture"}),
    ("4578", _F.octets, {97: "machine identifier"}),
    ("4388", _F.long, {91: "seconds since the last transaction"}),
    ("4388", _F.addresses, {92: "addresses of the client"}),
    ("4833", _F.text, {100: "POSIX time zone", 101: "time zone name"}),
    ("8910", _F.text, {114: "captive portal"}),
    ("8925", _F.long, {108: "IPv6-only preferred"}),
    ("2563", _F.boolean, {116: "auto-configuration"}),
    ("2937", _F.words, {117: "name service search"}),
    ("3011", _F.address, {118: "subnet selection"}),
    ("4039", _F.empty, {80: "rapid commit"}),
    ("2241", _F.addresses, {85: "NDS servers"}),
    ("5417", _F.addresses, {138: "CAPWAP controllers"}),
)
_LEAST = {43: 1, 47: 1, 55: 1, 60: 1, 77: 2, 81: 3, 82: 2, 90: 11, 97: 1, 119: 1, 120: 3, 121: 5, 124: 5, 125: 5}

OPTIONS: dict[int, Defined] = {
    code: _defined(name, form, _LEAST.get(code, SIZE.get(form, UNIT.get(form, 1))), f"RFC {source}")
    for source, form, names in _TABLE
    for code, name in names.items()
} | {
    61: _defined("client identifier", Form.octets, 2, "RFC 2132"),
    68: _defined("mobile IP home agents", Form.addresses, 0, "RFC 2132"),
    94: Defined("client network interface", Form.octets, 3, "RFC 4578", 3, 1),
}
"""Options by code; what is not here has no form that could be broken.

Code 150 is not: IANA's registry has three uses of it, of different forms.
"""

LIMITS: dict[int, tuple[int, int]] = {
    22: (576, 65535),
    23: (1, 255),
    26: (68, 65535),
    37: (1, 255),
    52: (1, 3),
    57: (576, 65535),
}
"""The least and greatest value of options that are numbers (RFC 2132)."""

SMALLEST_MTU = 68
"""The least entry of option 25 (RFC 2132 section 4.7)."""

NODE_TYPES = frozenset({1, 2, 4, 8})
"""The values of option 46 (RFC 2132 section 8.7)."""

_LIMITED = frozenset({*LIMITS, 25, 28, 33, 46})
"""Options whose value has limits, besides those that are 0 or 1."""


def wrong_size(code: int, value: bytes) -> str | None:
    """What is wrong with the size of a value, None where nothing is."""
    defined = OPTIONS.get(code)
    if defined is None:
        return None
    size = len(value)
    if size < defined.least or size % defined.unit or defined.fixed not in (None, size) or _unfit(code, value):
        return f"option {code}, {defined.form.value}, of {size} octets"
    return None


def _unfit(code: int, value: bytes) -> bool:
    """Sizes that the first octet gives: of a GUID (RFC 4578 section 2.3), of SIP servers' addresses (RFC 3361 3.2)."""
    size = len(value)
    return (code == 97 and value[0] == 0 and size != 17) or (code == 120 and value[0] == 1 and size % 4 != 1)


def wrong_value(code: int, value: bytes) -> str | None:
    """What is wrong with a value of the right size, None where nothing is."""
    defined = OPTIONS.get(code)
    if defined is None or (defined.form is not Form.boolean and code not in _LIMITED) or wrong_size(code, value):
        return None
    number = int.from_bytes(value)
    if code in LIMITS and not LIMITS[code][0] <= number <= LIMITS[code][1]:
        return f"option {code} is {number}"
    if defined.form is Form.boolean and number not in (0, 1):
        return f"option {code} is {number}, neither 0 nor 1"
    if code == 28 and not number & 1:
        # All forms of a broadcast address end in ones (RFC 1122 section 3.2.1.3, to which RFC 2132 section 5.3 refers).
        return f"option 28 is {value.hex()}, which ends in a zero"
    if code == 46 and number not in NODE_TYPES:
        return f"option 46 is {number}"
    if code == 25:
        return _wrong_plateaus(value)
    if code == 33 and any(value[at : at + 4] == bytes(4) for at in range(0, len(value), 8)):
        return "option 33 has a route to 0.0.0.0"
    return None


def _wrong_plateaus(value: bytes) -> str | None:
    """Sizes from the smallest to the largest (RFC 2132 section 4.7)."""
    sizes = [int.from_bytes(value[at : at + 2]) for at in range(0, len(value), 2)]
    if min(sizes) < SMALLEST_MTU:
        return f"option 25 has {min(sizes)}"
    fall = next(((one, other) for one, other in pairwise(sizes) if one > other), None)
    return None if fall is None else f"option 25 has {fall[0]} before {fall[1]}"
