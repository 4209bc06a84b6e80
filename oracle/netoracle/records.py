"""The fields of the specification's records."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum

_FIELDS: dict[type, tuple[str, ...]] = {}
_RECORDS: dict[type, bool] = {}


def field_names(kind: type) -> tuple[str, ...]:
    """The names of a record type's fields, in order; none for any other type."""
    names = _FIELDS.get(kind)
    if names is None:
        record = is_dataclass(kind) and not issubclass(kind, Enum)
        names = tuple(field.name for field in fields(kind)) if record else ()
        _FIELDS[kind] = names
    return names


def is_record(kind: type) -> bool:
    """Whether a type is that of a record, even of one without fields."""
    known = _RECORDS.get(kind)
    if known is None:
        known = _RECORDS[kind] = is_dataclass(kind)
    return known
