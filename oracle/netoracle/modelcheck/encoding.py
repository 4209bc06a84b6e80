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
_REMEMBERED: Final = 200_000


class Encoder:
    """Encodes values; records are remembered, because few different ones make up many states."""

    def __init__(self) -> None:
        self._records: dict[Hashable, bytes] = {}

    def fingerprint(self, value: Hashable) -> int:
        """A number of 64 bits that differs for different values but by a chance of 2**-64."""
        return int.from_bytes(blake2b(self.encode(value), digest_size=FINGERPRINT_BITS // 8).digest(), "big")

    def encode(self, value: object) -> bytes:
        """The octets that stand for a value.  Raises TypeError for a kind of value that is not known."""
        if value is None:
            return b"N"
        if isinstance(value, Enum):
            return _framed(b"E", f"{type(value).__qualname__}.{value.name}".encode())
        if isinstance(value, int):
            return b"i%d;" % value
        if isinstance(value, Fraction):
            return b"i%d;" % value if value.denominator == 1 else b"q%d/%d;" % (value.numerator, value.denominator)
        if isinstance(value, str):
            return _framed(b"s", value.encode())
        if isinstance(value, bytes):
            return _framed(b"b", value)
        if type(value) is tuple:
            return _framed(b"t", b"".join(map(self.encode, value)))
        return self._structure(value)

    def _structure(self, value: object) -> bytes:
        if isinstance(value, frozenset):
            return _framed(b"f", b"".join(sorted(map(self.encode, value))))
        if isinstance(value, Mapping):
            items = sorted(self.encode(key) + self.encode(item) for key, item in value.items())
            return _framed(b"m", b"".join(items))
        if isinstance(value, tuple) or (is_dataclass(value) and not isinstance(value, type)):
            return self._record(value)
        raise TypeError(f"a state holds a {type(value).__name__}, which has no encoding")

    def _record(self, value: object) -> bytes:
        # Records of different classes may be equal as tuples; the class is part of the key.
        key = (type(value), value)
        known = self._records.get(key)
        if known is None:
            parts = value if isinstance(value, tuple) else [getattr(value, one.name) for one in fields(value)]  # type: ignore[arg-type]
            name = _framed(b"n", type(value).__qualname__.encode())
            known = _framed(b"r", name + b"".join(map(self.encode, parts)))
            if len(self._records) >= _REMEMBERED:
                self._records.clear()
            self._records[key] = known
        return known


def collision_chance(states: int) -> float:
    """A bound on the chance that two of so many states share a fingerprint, and one was missed for it."""
    return min(1.0, states * (states - 1) / 2 / 2.0**FINGERPRINT_BITS)


def _framed(tag: bytes, content: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(content), content)
