"""States as octets, and the fingerprints that stand for them in a compact store.

Equal values have equal encodings, whatever their identity, the order of a set or map, or the process.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from hashlib import blake2b
from typing import Final

FINGERPRINT_BITS: Final = 64
_REMEMBERED: Final = 100_000


class Encoder:
    """Encodes values; the parts of a value are remembered, because few different ones make up many states."""

    def __init__(self) -> None:
        self._parts: dict[type, dict[Hashable, bytes]] = {}
        self._names: dict[type, bytes] = {}
        self._remembered = 0

    def fingerprint(self, value: Hashable) -> int:
        """A number of 64 bits that differs for different values but by a chance of 2**-64."""
        return int.from_bytes(blake2b(self.encode(value), digest_size=FINGERPRINT_BITS // 8).digest(), "big")

    def encode(self, value: object) -> bytes:
        """The octets that stand for a value.  Raises TypeError for a kind of value that is not known."""
        if isinstance(value, tuple):
            return self._framed(value, b"".join(map(self._part, value)))
        if value is None:
            return b"N"
        if isinstance(value, Enum):
            return _framed(b"E", f"{type(value).__qualname__}.{value.name}".encode())
        if isinstance(value, int):
            return b"i%d;" % value
        if isinstance(value, str):
            return _framed(b"s", value.encode())
        if isinstance(value, bytes):
            return _framed(b"b", value)
        return self._other(value)

    def _other(self, value: object) -> bytes:
        if isinstance(value, Fraction):
            return b"i%d;" % value if value.denominator == 1 else b"q%d/%d;" % (value.numerator, value.denominator)
        if isinstance(value, frozenset):
            return _framed(b"f", b"".join(sorted(map(self._part, value))))
        if isinstance(value, Mapping):
            items = sorted(self._part(key) + self._part(item) for key, item in value.items())
            return _framed(b"m", b"".join(items))
        if is_dataclass(value) and not isinstance(value, type):
            return self._framed(value, b"".join(self._part(getattr(value, one.name)) for one in fields(value)))
        raise TypeError(f"a state holds a {type(value).__name__}, which has no encoding")

    def _part(self, value: Hashable) -> bytes:
        # Values of different classes may be equal, as a record and a tuple; so they are kept apart.
        try:
            return self._parts[type(value)][value]
        except KeyError:
            encoded = self.encode(value)
        if self._remembered >= _REMEMBERED:
            self._parts.clear()
            self._remembered = 0
        self._parts.setdefault(type(value), {})[value] = encoded
        self._remembered += 1
        return encoded

    def _framed(self, value: object, parts: bytes) -> bytes:
        """The parts as those of a tuple, or of a record with its class."""
        kind = type(value)
        if kind is tuple:
            return _framed(b"t", parts)
        name = self._names.get(kind)
        if name is None:
            name = self._names[kind] = _framed(b"n", kind.__qualname__.encode())
        return _framed(b"r", name + parts)


def collision_chance(states: int) -> float:
    """A bound on the chance that two of so many states share a fingerprint, and one was missed for it."""
    return min(1.0, states * (states - 1) / 2 / 2.0**FINGERPRINT_BITS)


def _framed(tag: bytes, content: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(content), content)
