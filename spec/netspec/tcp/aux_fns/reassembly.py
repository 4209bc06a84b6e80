"""Reassembling segments into the data that is in order (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from itertools import product

from netspec.base.choose import Choose, require
from netspec.base.seq32 import Seq32
from netspec.base.utils import CONCAT_OPTIONAL
from netspec.tcp.host_types import TcpReassSegment

Reassembled = tuple[bytes, int, bool]


def _length(rseg: TcpReassSegment) -> int:
    """The sequence numbers that a segment's data takes: a byte pulled out as urgent counts."""
    return len(rseg.data) + (1 if rseg.spliced_urp is not None else 0)


def _at(rseg: TcpReassSegment, offset: int) -> int | None:
    """The byte at an offset; None for the one that was pulled out."""
    if rseg.spliced_urp is None:
        return _el(offset, rseg.data)
    n = rseg.spliced_urp - rseg.seq
    if offset > n:
        return _el(offset - 1, rseg.data)
    elif offset == n:
        return None
    else:
        return _el(offset, rseg.data)


def _el(n: int, data: bytes) -> int:
    """`EL (Num n) data`: left open outside the list."""
    require(0 <= n < len(data))
    return data[n]


def _plain(rseg: TcpReassSegment, start: int, end: int) -> bytes | None:
    """The bytes from one offset to another; None where one was pulled out of the segment."""
    return rseg.data[start:end] if rseg.spliced_urp is None else None


def _possible(seq: Seq32, rsegq: tuple[TcpReassSegment, ...]) -> tuple[list[bytes], int]:
    """What the longest run of data from `seq` on may be, and how many sequence numbers it takes.

    It is more than one only where segments overlap and disagree.
    """
    spans = [(rseg.seq - seq, rseg.seq - seq + _length(rseg), rseg) for rseg in rsegq]
    position = 0
    results = [b""]
    while True:
        covering = [span for span in spans if span[0] <= position < span[1]]
        if not covering:
            return results, position
        ends = [end for _, end, _ in covering] + [start for start, _, _ in spans if start > position]
        end = min(ends)
        pieces = [_plain(rseg, position - start, end - start) for start, _, rseg in covering]
        first = pieces[0]
        if first is not None and all(piece == first for piece in pieces):
            results = [result + first for result in results]
        else:
            for at in range(position, end):
                values = list(dict.fromkeys(_at(rseg, at - start) for start, _, rseg in covering))
                results = [result + bytes(CONCAT_OPTIONAL([value])) for result, value in product(results, values)]
        position = end


def tcp_reass(seq: Seq32, rsegq: tuple[TcpReassSegment, ...], choose: Choose) -> Reassembled:
    """The data that is in order from `seq` on, the sequence numbers it takes, and whether a FIN follows.

    Source: TCP1_auxFnsScript.sml, tcp_reass (a set; this chooses a member).
    """
    datas, length = _possible(seq, rsegq)
    FIN = any(rseg.seq + _length(rseg) == seq + length and rseg.FIN for rseg in rsegq)
    return choose.one_of("data_reass", tuple((data, length, FIN) for data in dict.fromkeys(datas)))


def tcp_reass_prune(seq: Seq32, rsegq: tuple[TcpReassSegment, ...]) -> tuple[TcpReassSegment, ...]:
    """The segments that reach past `seq`.

    Source: TCP1_auxFnsScript.sml, tcp_reass_prune.
    """
    return tuple(rseg for rseg in rsegq if rseg.seq + _length(rseg) + (1 if rseg.FIN else 0) > seq)
