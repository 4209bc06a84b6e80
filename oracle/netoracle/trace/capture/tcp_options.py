"""The options of a TCP header (RFC 9293 section 3.2, RFC 7323, RFC 2018)."""

from __future__ import annotations

import struct

from netspec.wire.segment import PADDING, Options, SackBlock

_END, _NOP, _MSS, _WINDOW_SCALE, _SACK_PERMITTED, _SACK, _TIMESTAMPS = 0, 1, 2, 3, 4, 5, 8
_LENGTHS = {_MSS: (4,), _WINDOW_SCALE: (3,), _SACK_PERMITTED: (2,), _SACK: (10, 18, 26, 34), _TIMESTAMPS: (10,)}
_ALIGNED_TIMESTAMPS = b"\x01\x01\x08\x0a"
_TWO_WORDS = struct.Struct("!II")


def read_options(data: bytes) -> tuple[Options, str | None]:
    """The options in what follows the fixed header, and what is wrong with the first that cannot be.

    What stands behind such an option is not read; what stands behind the end-of-options mark has to be zero (RFC 9293
    section 3.1).  Of an option that stands there twice the last counts.
    """
    if len(data) == 12 and data[:4] == _ALIGNED_TIMESTAMPS:
        return Options(ts=_TWO_WORDS.unpack_from(data, 4)), None
    mss = ws = ts = fault = None
    sack_permitted = False
    sack: tuple[SackBlock, ...] = ()
    other: list[tuple[int, bytes]] = []
    place, end = 0, len(data)
    while place < end:
        kind = data[place]
        if kind == _NOP:
            place += 1
            continue
        if kind == _END:
            fault = PADDING if any(data[place:]) else None
            break
        if place + 1 == end:
            fault = f"option {kind} without a length"
            break
        size = data[place + 1]
        if size < 2 or size not in _LENGTHS.get(kind, (size,)):
            fault = f"option {kind} of length {size}"
            break
        if place + size > end:
            fault = f"option {kind} beyond the header"
            break
        value = data[place + 2 : place + size]
        if kind == _MSS:
            mss = int.from_bytes(value)
        elif kind == _WINDOW_SCALE:
            ws = value[0]
        elif kind == _SACK_PERMITTED:
            sack_permitted = True
        elif kind == _TIMESTAMPS:
            ts = _TWO_WORDS.unpack(value)
        elif kind == _SACK:
            sack = tuple(_TWO_WORDS.iter_unpack(value))
        else:
            other.append((kind, value))
        place += size
    return Options(mss, ws, sack_permitted, ts, sack, tuple(other)), fault
