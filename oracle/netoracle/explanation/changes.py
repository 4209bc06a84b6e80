"""What a step of a run changed: the fields of the host that differ, by their names in the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import immutables

from netoracle.explanation.premise import brief, plain


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed: its path from the host, and its values before and after."""

    path: str
    before: str
    after: str


_CLOCKWORK = ("elapsed", "ticks", "remdr", "t_idletime")


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """The fields in which two states differ, leaving out clocks that merely run on."""
    if before is after or before == after:
        return
    if path.rpartition(".")[2] in _CLOCKWORK:
        return
    if isinstance(before, immutables.Map) and isinstance(after, immutables.Map):
        for key in sorted({*before, *after}, key=repr):
            yield from changes(before.get(key), after.get(key), f"{path}[{plain(key)}]")
    elif type(before) is type(after) and (names := _names(before)):
        for name in names:
            yield from changes(getattr(before, name), getattr(after, name), f"{path}.{name}" if path else name)
    else:
        yield Change(path, brief(before), brief(after))


def _names(record: Any) -> tuple[str, ...]:
    """The fields of a record, none where it is something else."""
    if is_dataclass(record):
        return tuple(field.name for field in fields(record))
    names: tuple[str, ...] = getattr(record, "_fields", ())
    return names
