"""Terms of the HOL trace language, and the values that they can be.

The grammar yields terms without meaning: names, numbers, strings, and what is built of them.  Every function
here reads one kind of value from a term, and raises TermError, naming the term, where it is something else.
Numbers are bounded before they become numbers.  Nothing is evaluated: a name means what a table here says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, Literal, TypeAlias, TypeVar

from lark import Token

from netoracle.trace.hol_text import string_bytes
from netspec.base.base_types import (
    ETH,
    FD,
    LO,
    NETMASK,
    TID,
    FileBFlag,
    IfId,
    Ip,
    Port,
    SockBFlag,
    SockNFlag,
    SockTFlag,
    SockType,
    TL_bool,
    TL_error,
    TL_fd,
    TL_filebflag,
    TL_ifid,
    TL_int,
    TL_ip,
    TL_list,
    TL_netmask,
    TL_one,
    TL_option,
    TL_pair,
    TL_port,
    TL_signal,
    TL_sockbflag,
    TL_socknflag,
    TL_socktflag,
    TL_socktype,
    TL_string,
    TL_tid,
    TLang,
)
from netspec.base.errors import Error
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.base.signals import Signal
from netspec.tcp.pre_host_types import IP

MAX_DIGITS = 40
"""The longest number that is read, in digits."""

MAX_TUPLE = 8
"""The largest tuple among a call's results (the interfaces of getifaddrs have four components)."""

MAX_SHOWN = 30
"""How much of an unexpected word an error shows, in characters."""

T = TypeVar("T")
U = TypeVar("U")
E = TypeVar("E", bound=Enum)


NodeKind: TypeAlias = Literal["application", "tuple", "list", "set", "record", "field"]


@dataclass(frozen=True, slots=True)
class Node:
    """A compound term; `first` is the token that it begins with.

    A tuple has no items (the unit value) or at least two: brackets around one term are that term.
    """

    kind: NodeKind
    first: Token
    items: tuple[Term, ...]


Term: TypeAlias = Token | Node


class TermError(Exception):
    """A term that does not belong where it stands."""

    def __init__(self, at: Token, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def rejected(term: Term, message: str) -> TermError:
    """The error for a term, at its place."""
    return TermError(term if isinstance(term, Token) else term.first, message)


def shown(term: Term) -> str:
    """A term as errors name it: short, whatever its size."""
    if isinstance(term, Token):
        return shown_text(term)
    if term.kind == "application":
        return f"{shown(term.items[0])} ..."
    if term.kind == "tuple" and not term.items:
        return "()"
    return f"a {term.kind}"


def shown_text(text: str) -> str:
    """A word of the file as errors quote it."""
    return repr(str(text)) if len(text) <= MAX_SHOWN else repr(str(text[:MAX_SHOWN])) + "..."


def mismatch(term: Term, what: str) -> TermError:
    """The error for a term where something else should stand."""
    return rejected(term, f"expected {what}, found {shown(term)}")


def parts(term: Term) -> tuple[str, tuple[Term, ...]]:
    """A term as a name and its arguments; the name is empty where the term is neither name nor call."""
    if isinstance(term, Token):
        return (str(term), ()) if term.type == "NAME" else ("", ())
    if term.kind == "application" and isinstance(term.items[0], Token) and term.items[0].type == "NAME":
        return str(term.items[0]), term.items[1:]
    return "", ()


def arguments(term: Term) -> tuple[Term, ...]:
    """The components of an argument: of a tuple its items, of anything else itself."""
    if isinstance(term, Node) and term.kind == "tuple":
        return term.items
    return (term,)


def applied(terms: tuple[Term, ...]) -> Term:
    """Terms that stand next to each other as one term: `A B c` where brackets would say `A (B c)`."""
    if len(terms) == 1:
        return terms[0]
    first = terms[0]
    return Node("application", first if isinstance(first, Token) else first.first, terms)


def components(term: Term, count: int, what: str) -> tuple[Term, ...]:
    """The components of a tuple of `count`."""
    if not isinstance(term, Node) or term.kind != "tuple" or len(term.items) != count:
        raise mismatch(term, what)
    return term.items


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


def fields(term: Node) -> list[tuple[Token, Term]]:
    """The fields of a record as they stand."""
    found: list[tuple[Token, Term]] = []
    for item in term.items:
        assert isinstance(item, Node)
        found.append((item.first, item.items[0]))
    return found


# ---------------------------------------------------------------- values of the language

_CONSTANTS: dict[str, TLang] = {
    "T": TL_bool(True),
    "F": TL_bool(False),
    "NONE": TL_option(None),
    "LO": TL_ifid(LO),
    **{name: TL_error(value) for name, value in Error.__members__.items()},
    **{name: TL_signal(value) for name, value in Signal.__members__.items()},
    **{name: TL_filebflag(value) for name, value in FileBFlag.__members__.items()},
    **{name: TL_sockbflag(value) for name, value in SockBFlag.__members__.items()},
    **{name: TL_socknflag(value) for name, value in SockNFlag.__members__.items()},
    **{name: TL_socktflag(value) for name, value in SockTFlag.__members__.items()},
    **{name: TL_socktype(value) for name, value in SockType.__members__.items()},
}


def tlang(term: Term) -> TLang:
    """A value that a call returns; what it looks like says what it is.

    A tuple is pairs nested to the right.  `one` is an older way to write `()`.
    """
    if isinstance(term, Token):
        if term.type == "NUMBER":
            return TL_int(integer(term))
        if term.type == "STRING":
            return TL_string(string(term))
    elif term.kind == "tuple":
        if not term.items:
            return TL_one()
        if len(term.items) > MAX_TUPLE:
            raise rejected(term, f"no call returns a tuple of {len(term.items)}")
        value = tlang(term.items[-1])
        for item in reversed(term.items[:-1]):
            value = TL_pair(tlang(item), value)
        return value
    elif term.kind == "list":
        return TL_list(tuple(tlang(item) for item in term.items))
    name, args = parts(term)
    if not args:
        if name == "one":
            return TL_one()
        if name in _CONSTANTS:
            return _CONSTANTS[name]
    elif name == "SOME" and len(args) == 1:
        return TL_option(tlang(args[0]))
    elif name in _BUILT:
        return _BUILT[name](term)
    raise mismatch(term, "a value that a call can return")


_BUILT: dict[str, Callable[[Term], TLang]] = {
    "FD": lambda term: TL_fd(fd(term)),
    "TID": lambda term: TL_tid(tid(term)),
    "IP": lambda term: TL_ip(ip(term)),
    "Port": lambda term: TL_port(port(term)),
    "NETMASK": lambda term: TL_netmask(netmask(term)),
    "ETH": lambda term: TL_ifid(eth(term)),
}
