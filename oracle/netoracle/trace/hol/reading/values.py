"""The values that terms can be.

Every function here reads one kind of value from a term, and raises TermError, naming the term, where it is something
else.  Numbers are bounded before they become numbers.  Nothing is evaluated: a name means what a table here says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

from lark import Token

from netoracle.trace.hol.reading.terms import (
    Node,
    Term,
    arguments,
    components,
    fields,
    mismatch,
    parts,
    rejected,
    shown,
)
from netoracle.trace.hol.text import MAX_DIGITS, string_bytes
from netspec.base.base_types import ETH, FD, LO, NETMASK, TID, IfId, Ip, Port
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.tcp.pre_host_types import IP

T = TypeVar("T")
U = TypeVar("U")
E = TypeVar("E", bound=Enum)

Reader: TypeAlias = Callable[[Term], object]


# ---------------------------------------------------------------- numbers


def digits(token: Token, text: str) -> int:
    """The number that a word of the file is."""
    text = text.strip()
    negative = text[0] in "~-"
    if len(text) - negative > MAX_DIGITS:
        raise rejected(token, f"this number has more than {MAX_DIGITS} digits")
    return -int(text[1:]) if negative else int(text)


def integer(term: Term, what: str = "a number") -> int:
    """An integer; negative ones are written `~5` or `-5`."""
    if not isinstance(term, Token) or term.type != "NUMBER":
        raise mismatch(term, what)
    return digits(term, term)


def natural(term: Term, what: str = "a number", most: int | None = None) -> int:
    """A natural number, at most `most`."""
    value = integer(term, what)
    if value < 0:
        raise rejected(term, f"expected {what}, found {value}")
    if most is not None and value > most:
        raise rejected(term, f"expected {what} of at most {most}, found {value}")
    return value


def word(term: Term, bits: int, what: str) -> int:
    """A machine word, `n2w n`."""
    name, args = parts(term)
    if name != "n2w" or len(args) != 1:
        raise mismatch(term, f"{what} (n2w n)")
    return natural(args[0], what, (1 << bits) - 1)


def word16(term: Term) -> int:
    """A 16-bit word, `n2w n`."""
    return word(term, 16, "a 16-bit word")


def character(term: Term) -> int:
    """A byte, `CHR n`."""
    name, args = parts(term)
    if name != "CHR" or len(args) != 1:
        raise mismatch(term, "a byte (CHR n)")
    return natural(args[0], "a byte", 255)


def quotient(token: Token) -> Fraction:
    """A rational number, `n / d`."""
    numerator, denominator = token.split("/")
    divisor = digits(token, denominator)
    if divisor == 0:
        raise rejected(token, "division by zero")
    return Fraction(digits(token, numerator), divisor)


def duration(term: Term) -> Fraction:
    """A length of time in seconds: `duration sec usec`, or a number of seconds, whole or a quotient."""
    what = "a duration (duration sec usec)"
    if isinstance(term, Token) and term.type == "RATIONAL":
        value = quotient(term)
    elif isinstance(term, Token):
        value = Fraction(integer(term, what))
    else:
        name, args = parts(term)
        if len(args) == 1:
            args = arguments(args[0])
        if name != "duration" or len(args) != 2:
            raise mismatch(term, what)
        value = natural(args[0], "seconds") + Fraction(natural(args[1], "microseconds"), 1_000_000)
    if value < 0:
        raise rejected(term, "a duration cannot be negative")
    return value


_SENSES: Mapping[str, Callable[[int], Seq32]] = {
    "tcp_seq_local": tcp_seq_local,
    "tcp_seq_foreign": tcp_seq_foreign,
    "ts_seq": ts_seq,
}


def sequence(sense: str) -> Callable[[Term], Seq32]:
    """The reader of sequence numbers of one sense, `tcp_seq_local(n2w n)`."""
    make = _SENSES[sense]

    def read(term: Term) -> Seq32:
        name, args = parts(term)
        if name != sense or len(args) != 1:
            raise mismatch(term, f"{sense}(n2w n)")
        return make(word(args[0], 32, "a 32-bit word"))

    return read


seq_local = sequence("tcp_seq_local")
seq_foreign = sequence("tcp_seq_foreign")
seq_ts = sequence("ts_seq")


def any_sequence(term: Term) -> Seq32:
    """A sequence number of whichever sense."""
    name, _ = parts(term)
    if name not in _SENSES:
        raise mismatch(term, "a sequence number")
    return sequence(name)(term)


# ---------------------------------------------------------------- names, addresses


def boolean(term: Term) -> bool:
    """`T` or `F`."""
    name, args = parts(term)
    if name not in ("T", "F") or args:
        raise mismatch(term, "T or F")
    return name == "T"


def member(enum: type[E], what: str) -> Callable[[Term], E]:
    """The reader of the names of an enumeration."""
    names = enum.__members__

    def read(term: Term) -> E:
        name, args = parts(term)
        if name not in names or args:
            raise mismatch(term, what)
        return names[name]

    return read


def numbered(name: str, make: Callable[[int], T], what: str, most: int | None = None) -> Callable[[Term], T]:
    """The reader of a constructor of one natural number, `FD 8`."""

    def read(term: Term) -> T:
        found, args = parts(term)
        if found != name or len(args) != 1:
            raise mismatch(term, f"{what} ({name} n)")
        return make(natural(args[0], what, most))

    return read


fd = numbered("FD", FD, "a file descriptor")
tid = numbered("TID", TID, "a thread")
port = numbered("Port", Port, "a port", 65535)
netmask = numbered("NETMASK", NETMASK, "a netmask", 32)
eth = numbered("ETH", ETH, "an interface")


def ip(term: Term) -> Ip:
    """An address, `IP a b c d`."""
    name, args = parts(term)
    if name != "IP" or len(args) != 4:
        raise mismatch(term, "an address (IP a b c d)")
    a, b, c, d = (natural(arg, "an octet", 255) for arg in args)
    return IP(a, b, c, d)


def ifid(term: Term) -> IfId:
    """An interface, `LO` or `ETH n`."""
    name, args = parts(term)
    if name == "LO" and not args:
        return LO
    return eth(term)


def string(term: Term) -> bytes:
    """A string literal."""
    if not isinstance(term, Token) or term.type != "STRING":
        raise mismatch(term, "a string")
    try:
        return string_bytes(term)
    except ValueError as error:
        raise rejected(term, str(error)) from None


# ---------------------------------------------------------------- structure


def option(read: Callable[[Term], T]) -> Callable[[Term], T | None]:
    """The reader of `NONE` or `SOME(v)`."""

    def read_option(term: Term) -> T | None:
        name, args = parts(term)
        if name == "NONE" and not args:
            return None
        if name != "SOME" or len(args) != 1:
            raise mismatch(term, "NONE or SOME(...)")
        return read(args[0])

    return read_option


def pair(first: Callable[[Term], T], second: Callable[[Term], U], what: str) -> Callable[[Term], tuple[T, U]]:
    """The reader of a pair."""

    def read(term: Term) -> tuple[T, U]:
        a, b = components(term, 2, what)
        return first(a), second(b)

    return read


def sequence_of(read: Callable[[Term], T], what: str) -> Callable[[Term], tuple[T, ...]]:
    """The reader of a list."""

    def read_list(term: Term) -> tuple[T, ...]:
        if not isinstance(term, Node) or term.kind != "list":
            raise mismatch(term, what)
        return tuple(read(item) for item in term.items)

    return read_list


def set_of(read: Callable[[Term], T], what: str) -> Callable[[Term], frozenset[T]]:
    """The reader of a set."""

    def read_set(term: Term) -> frozenset[T]:
        if not isinstance(term, Node) or term.kind != "set":
            raise mismatch(term, what)
        return frozenset(read(item) for item in term.items)

    return read_set


_NUMBERS = re.compile(r"[0-9]+")


def octets(term: Term) -> bytes:
    """A datagram's bytes, `[CHR 72; CHR 105]`."""
    if isinstance(term, Node) and term.kind == "list" and not term.items:
        return b""
    if not isinstance(term, Token) or term.type != "BYTES":
        raise mismatch(term, "bytes ([CHR n; ...])")
    found = _NUMBERS.findall(term)
    try:
        return bytes(map(int, found))
    except ValueError:
        raise rejected(term, "a byte of this list is above 255") from None


def record(term: Term, what: str, readers: Mapping[str, Callable[[Term], object]]) -> dict[str, Any]:
    """The fields of a record, each exactly once, in any order."""
    if not isinstance(term, Node) or term.kind != "record":
        raise mismatch(term, f"{what} (<| ... |>)")
    values: dict[str, Any] = {}
    for name, value in fields(term):
        if name not in readers:
            raise rejected(name, f"{what} has no field {shown(name)}")
        if name in values:
            raise rejected(name, f"{what} has the field {shown(name)} twice")
        values[str(name)] = readers[name](value)
    missing = [name for name in readers if name not in values]
    if missing:
        raise rejected(term, f"{what} lacks the field '{missing[0]}'")
    return values


ip_option = option(ip)
port_option = option(port)
