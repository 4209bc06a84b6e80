"""What a judge's state keeps as time passes and exchanges end, so that finitely many states remain.

Times stay relative to the present: they move back with each tick, as far as a horizon beyond which nothing compares
them.  Transaction identifiers that nobody uses any more become one, and the others are numbered in a fixed order.
The walk knows times and identifiers by their size (`product_wire`), so that it needs no list of fields; what of some
records no rule looks at any more is in `product_forget`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from netoracle.dhcp.result import Party
from netoracle.modelcheck.product_wire import NOW, XID
from netspec.dhcp.profiles import Bounds

FORGOTTEN: Final = XID
"""Stands for every identifier that is not in use any more."""

_LEAST_TIME: Final = NOW // 2
_LAST_XID: Final = XID + 0xFFFFFF
_XID_AT: Final = slice(4, 8)
_SHORTEST_MESSAGE: Final = 236
_SHARED: Final = (bool, str, Enum, Party, Bounds)
"""What has neither times nor identifiers."""
_PLAIN: Final = frozenset({type(None), bool, int, str, bytes})


class Passage(NamedTuple):
    """What happens to a state: `back` nanoseconds pass, and identifiers in use get new numbers, given in pairs.

    `horizon`: times further back than this are as good as this.  `xids` None: identifiers stay as they are.
    """

    back: int
    horizon: int
    xids: tuple[tuple[int, int], ...] | None = None


class Walk:
    """Copies states deeply, as they are after a passage; `forget` says for some classes what of a record stays."""

    def __init__(self, passage: Passage, forget: Mapping[type, Callable[[Any], Any]]) -> None:
        """Nothing is copied yet."""
        self._back = passage.back
        self._furthest = NOW - passage.horizon
        self._xids = None if passage.xids is None else dict(passage.xids)
        self._forget = forget

    def copy(self, value: Any) -> Any:
        """A value as it is afterwards."""
        kind = type(value)
        if kind is int:
            return self._number(value)
        if value is None or isinstance(value, _SHARED):
            return value
        if kind is bytes:
            return self._octets(value)
        if isinstance(value, tuple):
            parts = [self.copy(one) for one in value]
            after = tuple(parts) if kind is tuple else kind._make(parts)
        elif isinstance(value, dict):
            after = self._mapping(value)
        elif isinstance(value, set | frozenset):
            after = kind(self.copy(one) for one in value)
        else:
            after = self._object(value)
        forget = self._forget.get(kind)
        return after if forget is None else forget(after)

    def _number(self, value: int) -> int:
        if value > _LEAST_TIME:
            return max(value - self._back, self._furthest)
        if self._xids is None or not XID <= value <= _LAST_XID:
            return value
        return self._xids.get(value, FORGOTTEN)

    def _octets(self, value: bytes) -> bytes:
        if len(value) < _SHORTEST_MESSAGE:
            return value
        return value[:4] + self._number(int.from_bytes(value[_XID_AT])).to_bytes(4) + value[8:]

    def _mapping(self, value: dict[Any, Any]) -> dict[Any, Any]:
        """What is looked up by an identifier that is not in use will not be looked up again."""
        after = type(value)()
        for key, item in value.items():
            new = self.copy(key)
            if not _names_forgotten(new):
                after[new] = self.copy(item)
        return after

    def _object(self, value: Any) -> Any:
        after = object.__new__(type(value))
        for name in _attributes(value):
            object.__setattr__(after, name, self.copy(getattr(value, name)))
        return after


def plain(value: Any) -> Any:
    """Tuples of numbers, octets and text, which are equal for equal states of the same party, as is their `repr`."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple):
        return tuple([plain(one) for one in value])
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dict):
        return tuple(sorted([(plain(key), plain(item)) for key, item in value.items()], key=repr))
    if isinstance(value, set | frozenset):
        return tuple(sorted([plain(one) for one in value], key=repr))
    return tuple([plain(getattr(value, name)) for name in _attributes(value)])


def _names_forgotten(key: Any) -> bool:
    if isinstance(key, tuple):
        return any(map(_names_forgotten, key))
    if isinstance(key, bytes):
        return len(key) >= _SHORTEST_MESSAGE and int.from_bytes(key[_XID_AT]) == FORGOTTEN
    return bool(key == FORGOTTEN)


_FIELDS: Final[dict[type, tuple[str, ...]]] = {}
"""Of each class met the fields; none of one that is no dataclass."""


def _attributes(value: Any) -> Iterable[str]:
    known = _FIELDS.get(type(value))
    if known is None:
        known = _FIELDS[type(value)] = tuple(one.name for one in fields(value)) if is_dataclass(value) else ()
    return known or vars(value)
