"""The Internet checksum (RFC 1071), and what a recorder sees where a network card fills it in."""

from __future__ import annotations

from typing import Literal

State = Literal["right", "wrong", "offloaded", "unknown"]
"""`offloaded`: the sender left the checksum to its network card; `unknown`: not all that it covers was captured."""


def ones_complement_sum(data: bytes) -> int:
    """The sum of the 16-bit words modulo 65535, an odd last byte padded with zero: 0 where a checksum in it is right.

    A word's weight in the whole number is a power of 65536, which is 1 modulo 65535: the remainder is the sum.
    """
    number = int.from_bytes(data)
    return (number << 8 if len(data) & 1 else number) % 0xFFFF


def checksum_state(src: bytes, dst: bytes, protocol: int, payload: bytes, length: int, field: int) -> State:
    """Whether a checksum over a payload and the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) is right.

    `field` is the checksum in the payload.  A sender that leaves it to the card puts the pseudo-header's sum there.
    """
    if len(payload) < length:
        return "unknown"
    pseudo = (int.from_bytes(src + dst) + protocol + length) % 0xFFFF
    if (pseudo + ones_complement_sum(payload)) % 0xFFFF == 0:
        return "right"
    return "offloaded" if field % 0xFFFF == pseudo else "wrong"
