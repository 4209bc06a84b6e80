"""A canonical text for the values of the specification, and their form in JSON."""

from __future__ import annotations

from dataclasses import is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import immutables

from netoracle.records import field_names, is_record

_PLAIN = frozenset((int, bool, type(None), bytes, str))
"""What is written as Python writes it."""

JSON = None | bool | int | str | list["JSON"] | dict[str, "JSON"]


def encode(value: Any) -> JSON:
    """A value as JSON.  Different values have different encodings.

    Raises TypeError for a value that is not of the specification.
    """
    if value is None or isinstance(value, bool) or type(value) is int:
        return value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}" if value.denominator != 1 else value.numerator
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, str):
        return {"str": value}
    if isinstance(value, Enum):
        return {type(value).__name__: value.name}
    if isinstance(value, tuple):
        return [encode(part) for part in value]
    if isinstance(value, immutables.Map):
        return {"Map": [[encode(key), encode(value[key])] for key in sorted(value, key=canonical)]}
    if isinstance(value, frozenset):
        return {"set": [encode(part) for part in sorted(value, key=canonical)]}
    if is_dataclass(value):
        return {type(value).__name__: [encode(getattr(value, name)) for name in field_names(type(value))]}
    raise TypeError(f"cannot encode {value!r}")


def canonical(value: Any) -> str:
    """A text that is the same in every process for equal values, and differs for different ones."""
    out: list[str] = []
    _write(value, out)
    return "".join(out)


def _write(value: Any, out: list[str]) -> None:
    kind = type(value)
    if kind in _PLAIN:
        out.append(repr(value))
    elif kind is tuple:
        out.append("(")
        for part in value:
            _write(part, out)
            out.append(",")
        out.append(")")
    elif kind is Fraction:
        out.append(str(value))
    elif isinstance(value, Enum):
        out.append(value.name)
    elif kind is immutables.Map:
        out.append("{")
        for key, part in sorted((canonical(key), canonical(part)) for key, part in value.items()):
            out.append(f"{key}:{part},")
        out.append("}")
    elif kind is frozenset:
        out.append("{" + ",".join(sorted(canonical(part) for part in value)) + "}")
    elif is_record(kind):
        out.append(f"{kind.__name__}(")
        for name in field_names(kind):
            part = getattr(value, name)
            if type(part) in _PLAIN:
                out.append(repr(part))
            else:
                _write(part, out)
            out.append(",")
        out.append(")")
    else:
        out.append(repr(value))
