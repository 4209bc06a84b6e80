"""32-bit sequence numbers that wrap around, and their arithmetic.

A sequence number belongs to a side: the local or the foreign end of a connection, or the
timestamps.  Numbers of different sides do not mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import overload

MODULUS = 2**32
HALF = 2**31


class Side(Enum):
    """What a sequence number counts.

    Source: TCP1_baseTypesScript.sml, tcpLocal, tcpForeign, tstamp.
    """

    TcpLocal = "TcpLocal"
    TcpForeign = "TcpForeign"
    Tstamp = "Tstamp"


TcpLocal, TcpForeign, Tstamp = Side


@dataclass(frozen=True, slots=True, eq=False)
class Seq32:
    """A sequence number, 0 <= n < 2**32.

    The order is that of the signed difference modulo 2**32, so it is not transitive.

    Source: TCP1_baseTypesScript.sml, seq32, seq32_plus, seq32_plus', seq32_minus, seq32_minus',
    seq32_lt, seq32_leq, seq32_gt and seq32_geq.
    """

    side: Side
    n: int

    def __add__(self, m: int) -> Seq32:
        return Seq32(self.side, (self.n + m) % MODULUS)

    @overload
    def __sub__(self, other: Seq32) -> int: ...

    @overload
    def __sub__(self, other: int) -> Seq32: ...

    def __sub__(self, other: Seq32 | int) -> Seq32 | int:
        if isinstance(other, Seq32):
            return seq32_diff(self, other)
        return Seq32(self.side, (self.n - other) % MODULUS)

    def __lt__(self, other: Seq32) -> bool:
        return seq32_diff(self, other) < 0

    def __le__(self, other: Seq32) -> bool:
        return seq32_diff(self, other) <= 0

    def __gt__(self, other: Seq32) -> bool:
        return seq32_diff(self, other) > 0

    def __ge__(self, other: Seq32) -> bool:
        return seq32_diff(self, other) >= 0

    # The comparison of the numbers is the result itself, so that equality with an unknown
    # can be assumed rather than decided.

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Seq32):
            return NotImplemented
        return self.side is other.side and self.n == other.n

    def __ne__(self, other: object) -> bool:
        if not isinstance(other, Seq32):
            return NotImplemented
        return self.side is not other.side or self.n != other.n

    def __hash__(self) -> int:
        return hash((self.side, self.n))


def seq32_diff(s: Seq32, t: Seq32) -> int:
    """The signed difference, from -2**31 to 2**31 - 1.

    Raises TypeError where the sides differ.

    Source: TCP1_baseTypesScript.sml, seq32_diff.
    """
    if s.side is not t.side:
        raise TypeError(f"a number of {s.side.name} and one of {t.side.name} have no difference")
    return (s.n - t.n + HALF) % MODULUS - HALF


def seq32_fromto(a: Side, b: Side, s: Seq32) -> Seq32:
    """A sequence number of side `a` as the same number of side `b`.

    Raises TypeError where it is not of side `a`.

    Source: TCP1_baseTypesScript.sml, seq32_fromto.
    """
    if s.side is not a:
        raise TypeError(f"a number of {s.side.name} is not one of {a.name}")
    return Seq32(b, s.n)


def tcp_seq_local(n: int) -> Seq32:
    """A sequence number of the local end.

    Source: TCP1_baseTypesScript.sml, tcp_seq_local.
    """
    return Seq32(Side.TcpLocal, n)


def tcp_seq_foreign(n: int) -> Seq32:
    """A sequence number of the foreign end.

    Source: TCP1_baseTypesScript.sml, tcp_seq_foreign.
    """
    return Seq32(Side.TcpForeign, n)


def ts_seq(n: int) -> Seq32:
    """A timestamp.

    Source: TCP1_baseTypesScript.sml, ts_seq.
    """
    return Seq32(Side.Tstamp, n)


def tcp_seq_flip_sense(s: Seq32) -> Seq32:
    """The same number seen from the other end of the connection.

    Raises TypeError for a timestamp.

    Source: TCP1_baseTypesScript.sml, tcp_seq_local_to_foreign, tcp_seq_foreign_to_local.
    """
    if s.side is Side.TcpLocal:
        return seq32_fromto(Side.TcpLocal, Side.TcpForeign, s)
    return seq32_fromto(Side.TcpForeign, Side.TcpLocal, s)
