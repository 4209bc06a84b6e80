"""Values of the specification as JSON, and back: numbers keep their kind, and only known classes are made."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any

import immutables

from netoracle.transcription.evaluate.theory import MODULES
from netspec.base import time, utils
from netspec.network import net_types


def encode(value: Any) -> Any:
    """A value as JSON.  Raises TypeError for one that is not of the specification."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Fraction):
        return {"real": str(value)}
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, Enum):
        return {"enum": [type(value).__name__, value.name]}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, frozenset):
        return {"set": sorted((encode(item) for item in value), key=repr)}
    if isinstance(value, immutables.Map):
        return {"map": sorted(([encode(key), encode(item)] for key, item in value.items()), key=repr)}
    if is_dataclass(value) and type(value).__name__ in classes():
        return {"record": [type(value).__name__, *(encode(getattr(value, f.name)) for f in fields(value))]}
    raise TypeError(f"{type(value).__name__} is no value of the specification")


def decode(data: Any) -> Any:
    """The value that `encode` wrote.  Raises ValueError for anything else."""
    if data is None or isinstance(data, bool | str | int):
        return data
    if isinstance(data, list):
        return tuple(map(decode, data))
    if not (isinstance(data, dict) and len(data) == 1):
        raise ValueError("expected a value")
    ((kind, content),) = data.items()
    match kind:
        case "real":
            return Fraction(content)
        case "bytes":
            return bytes.fromhex(content)
        case "set":
            return frozenset(map(decode, content))
        case "map":
            return immutables.Map({decode(key): decode(item) for key, item in content})
        case "enum":
            return _class(content[0])[content[1]]
        case "record":
            return _class(content[0])(*map(decode, content[1:]))
        case _:
            raise ValueError(f"expected a value, found {kind!r}")


def _class(name: str) -> Any:
    if name not in classes():
        raise ValueError(f"{name!r} is no class of the specification")
    return classes()[name]


@cache
def classes() -> dict[str, Any]:
    """The records and enumerations of the specification, by name."""
    found: dict[str, Any] = {}
    for module in (*MODULES, time, utils, net_types):
        for name, value in vars(module).items():
            if isinstance(value, type) and (is_dataclass(value) or issubclass(value, Enum)):
                found[name] = value
    return found
