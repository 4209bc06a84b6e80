"""Reassembling segments into the data that is in order (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.base.choose import Choose
from netspec.base.seq32 import Seq32
from netspec.base.utils import MAX, MIN
from netspec.tcp.host_types import TcpReassSegment

Reassembled = tuple[bytes, int, bool]


class _Piece(NamedTuple):
    """What a segment says of the positions from `start` to `end`, counted from the sequence number asked for.

    Where an urgent byte was pulled out, `data` is empty; where the model leaves the byte open, so that the
    segment gives no result, None.
    """

    start: int
    end: int
    data: bytes | None


def _length(rseg: TcpReassSegment) -> int:
    """The sequence numbers that a segment's data takes: a byte pulled out as urgent counts."""
    return len(rseg.data) + (1 if rseg.spliced_urp is not None else 0)


def _pieces(seq: Seq32, rseg: TcpReassSegment) -> Iterator[_Piece]:
    """What a segment says: one piece, or what is before, at and after a byte pulled out.

    A byte pulled out before the segment makes its first byte EL (Num ~1), and one pulled out after it makes
    its last byte EL (LENGTH data): both are open.
    """
    start = rseg.seq - seq
    if rseg.spliced_urp is None:
        yield _Piece(start, start + len(rseg.data), rseg.data)
        return
    n = rseg.spliced_urp - rseg.seq
    gap = MIN(MAX(n, 0), len(rseg.data))
    yield _Piece(start, start + gap, rseg.data[:gap])
    yield _Piece(start + gap, start + gap + 1, b"" if n == gap else None)
    yield _Piece(start + gap + 1, start + _length(rseg), rseg.data[gap:])


def _stretches(seq: Seq32, rsegq: tuple[TcpReassSegment, ...]) -> tuple[list[tuple[bytes, ...]], int]:
    """What each stretch of the longest run of data from `seq` on may be, and the sequence numbers that they take.

    It is more than one thing only where segments overlap and disagree, and then byte by byte.
    """
    pieces = [piece for rseg in rsegq for piece in _pieces(seq, rseg)]
    alternatives: list[tuple[bytes, ...]] = []
    position = 0
    for edge in sorted(edge for piece in pieces for edge in (piece.start, piece.end)):
        if edge <= position:
            continue
        covering = [piece for piece in pieces if piece.start <= position and position < piece.end]
        if not covering:
            break
        said = dict.fromkeys(data[position - start : edge - start] for start, _, data in covering if data is not None)
        if len(said) == 1 or edge - position == 1:
            alternatives.append(tuple(said))
        else:
            alternatives += (
                tuple(bytes([byte]) for byte in dict.fromkeys(column)) for column in zip(*said, strict=True)
            )
        position = edge
    return alternatives, position


def tcp_reass(seq: Seq32, rsegq: tuple[TcpReassSegment, ...], choose: Choose) -> Reassembled:
    """The data that is in order from `seq` on, the sequence numbers it takes, and whether a FIN follows.

    Source: TCP1_auxFnsScript.sml, tcp_reass (a set; this chooses a member).
    """
    stretches, length = _stretches(seq, rsegq)
    data = b"".join(
        options[0] if len(options) == 1 else choose.one_of(f"data_reass, stretch {n}", options)
        for n, options in enumerate(stretches)
    )
    FIN = any(rseg.seq + _length(rseg) == seq + length and rseg.FIN for rseg in rsegq)
    return data, length, FIN


def tcp_reass_prune(seq: Seq32, rsegq: tuple[TcpReassSegment, ...]) -> tuple[TcpReassSegment, ...]:
    """The segments that reach past `seq`.

    Source: TCP1_auxFnsScript.sml, tcp_reass_prune.
    """
    return tuple(rseg for rseg in rsegq if rseg.seq + _length(rseg) + (1 if rseg.FIN else 0) > seq)
