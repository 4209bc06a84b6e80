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
    elif type(before) is type(after) and is_dataclass(before) and fields(before):
        for field in fields(before):
            name = f"{path}.{field.name}" if path else field.name
            yield from changes(getattr(before, field.name), getattr(after, field.name), name)
    else:
        yield Change(path, brief(before), brief(after))
