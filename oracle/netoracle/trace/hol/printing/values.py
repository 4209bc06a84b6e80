"""Numbers, names, options, lists and records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from fractions import Fraction

from netoracle.trace.hol.text import MAX_DIGITS, string_literal
from netspec.base.base_types import ETH, FD, NETMASK, TID, IfId, Ip, Port
from netspec.base.seq32 import Seq32, Side

Show = Callable[..., str]


def require_short(*values: int) -> None:
    """Raise ValueError where a number is longer than what is read."""
    if any(abs(value) >= 10**MAX_DIGITS for value in values):
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")


def print_natural(value: int) -> str:
    """`5`.  Raises ValueError where the number is negative."""
    require_short(value)
    if value < 0:
        raise ValueError(f"expected a natural number, found {value}")
    return str(value)


def print_integer(value: int) -> str:
    """`5`, or `~5` where it is negative."""
    require_short(value)
    return f"~{-value}" if value < 0 else str(value)


def print_duration(time: Fraction) -> str:
    """Seconds and microseconds where they are whole, otherwise a quotient of seconds."""
    if time < 0:
        raise ValueError(f"expected a duration, found {time}")
    require_short(time.numerator, time.denominator)
    micros = time * 1_000_000
    if micros.denominator == 1:
        return f"{micros.numerator // 1_000_000} {micros.numerator % 1_000_000}"
    return f"{time.numerator} / {time.denominator}"


def print_epsilon(dur: Fraction) -> str:
    """A duration as an argument: `duration sec usec`, or a quotient of seconds."""
    text = print_duration(dur)
    return text if "/" in text else f"duration {text}"


def print_boolean(value: bool) -> str:
    """`T` or `F`."""
    return "T" if value else "F"


def print_name(value: Enum) -> str:
    """The name of a member of an enumeration."""
    return value.name


def print_host_name(name: str) -> str:
    """A host's name in a joint trace."""
    return string_literal(name.encode("latin-1"))


def print_ip(ip: Ip) -> str:
    """`IP a b c d`."""
    octets = ip.n.to_bytes(4)
    return f"IP {octets[0]} {octets[1]} {octets[2]} {octets[3]}"


def print_port(port: Port) -> str:
    """`Port n`."""
    return f"Port {print_natural(port.n)}"


def print_fd(fd: FD) -> str:
    """`FD n`."""
    return f"FD {print_natural(fd.n)}"


def print_tid(tid: TID) -> str:
    """`TID n`."""
    return f"TID {print_natural(tid.n)}"


def print_netmask(netmask: NETMASK) -> str:
    """`NETMASK n`."""
    return f"NETMASK {print_natural(netmask.m)}"


def print_ifid(ifid: IfId) -> str:
    """`LO` or `ETH n`."""
    return f"ETH {print_natural(ifid.n)}" if isinstance(ifid, ETH) else "LO"


def print_sequence(value: Seq32) -> str:
    """A sequence number with its sense, `tcp_seq_local(n2w n)`."""
    return f"{_SENSES[value.side]}(n2w {print_natural(value.n)})"


_SENSES = {
    Side.TcpLocal: "tcp_seq_local",
    Side.TcpForeign: "tcp_seq_foreign",
    Side.Tstamp: "ts_seq",
}


def print_word(value: int) -> str:
    """A machine word, `n2w n`."""
    return f"n2w {print_natural(value)}"


def print_byte(value: int) -> str:
    """`CHR n`."""
    return f"CHR {print_natural(value)}"


def print_option(show: Callable[..., str], value: object) -> str:
    """`NONE` or `SOME(v)`."""
    return "NONE" if value is None else f"SOME({show(value)})"


def print_list(show: Callable[..., str], values: Iterable[object]) -> str:
    """`[a; b]`."""
    return f"[{'; '.join(map(show, values))}]"


def maybe(show: Show) -> Show:
    """How an option is shown whose value is shown so."""
    return lambda value: print_option(show, value)


def listed(show: Show) -> Show:
    """How a list is shown whose items are shown so."""
    return lambda values: print_list(show, values)


def paired(first: Show, second: Show) -> Show:
    """How a pair is shown whose halves are shown so."""
    return lambda values: f"{first(values[0])}, {second(values[1])}"


def print_record(shows: Mapping[str, Show], value: object, indent: str) -> str:
    """The fields of a record that `shows` names, a line each."""
    lines = [f"{indent}{name} := {show(getattr(value, name))}" for name, show in shows.items()]
    return "<|\n" + ";\n".join(lines) + "\n" + indent[1:] + "|>"
