"""A state of the search: how far the trace is explained, the host, and what is known of the unknowns."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from enum import Enum
from hashlib import blake2b
from typing import Any

import immutables

from netoracle.records import field_names
from netoracle.symbolic.numbers import Number, Truth, Unknown
from netoracle.symbolic.run import Choice
from netoracle.symbolic.store import Store
from netspec.tcp.host_types import Host
from netspec.tcp.params import SID


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run: a rule, what it chose, and the label it explains (or, internal, stands before)."""

    rule: str
    index: int
    internal: bool
    choices: tuple[Choice, ...]
    duration: Number | None
    renamed: tuple[SID, SID] | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """The steps so far, last first."""

    before: Trail | None
    step: Step

    def steps(self) -> list[Step]:
        """The steps in order."""
        result: list[Step] = []
        trail: Trail | None = self
        while trail is not None:
            result.append(trail.step)
            trail = trail.before
        result.reverse()
        return result


@dataclass(frozen=True, slots=True)
class State:
    """A state of the search.

    `index` is the next label to explain; `remaining` is what is left of it where it is a
    passage of time that has been begun; `internal` counts internal steps since then;
    `instant` says that time has been interrupted for an internal step that is still to come.
    """

    index: int
    remaining: Number | None
    host: Host
    store: Store
    trail: Trail | None
    internal: int
    instant: bool = False

    def steps(self) -> list[Step]:
        """The steps that led here, in order."""
        return [] if self.trail is None else self.trail.steps()


class _Canonical:
    """A state's text with its unknowns numbered in order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.out: list[str] = []

    def unknown(self, number: Unknown) -> str:
        parts = [f"{c}?{self.numbers.setdefault(v, len(self.numbers))}" for v, c in number.terms]
        return "+".join([*parts, str(number.const)])

    def write(self, value: Any) -> None:
        kind = type(value)
        if kind is Unknown:
            self.out.append(self.unknown(value))
        elif kind is Truth:
            self.out.append(f"{value.negated}{self.unknown(value.number)}{value.relation}")
        elif kind is tuple:
            self.out.append("(")
            for part in value:
                self.write(part)
                self.out.append(",")
            self.out.append(")")
        elif kind is immutables.Map:
            self.out.append("{")
            for key, part in sorted(value.items(), key=lambda item: repr(item[0])):
                self.out.append(repr(key))
                self.write(part)
                self.out.append(",")
            self.out.append("}")
        elif isinstance(value, Enum):
            self.out.append(value.name)
        elif is_dataclass(value):
            self.out.append(kind.__name__)
            self.out.append("(")
            for name in field_names(kind):
                self.write(getattr(value, name))
                self.out.append(",")
            self.out.append(")")
        elif kind is frozenset:
            self.out.append(repr(sorted(map(repr, value))))
        else:
            self.out.append(repr(value))


def fingerprint(state: State) -> bytes:
    """A digest that two states share only if they are the same but for the names of unknowns.

    It covers the constraints that reach the unknowns of the state, so equal digests mean
    equal futures.
    """
    text = _Canonical()
    text.write(state.index)
    text.write(state.remaining)
    text.write(state.instant)
    text.write(state.host)
    store = state.store
    pending = list(text.numbers)
    seen = set(pending)
    lines = []
    while pending:
        var = pending.pop(0)
        number = text.numbers.setdefault(var, len(text.numbers))
        lo, hi = store.bounds[var]
        lines.append(f"{number}:{var in store.ints}:{lo}:{hi}")
        related = []
        for key in store.watch.get(var, ()):
            if key in store.constraints:
                constraint, strict = store.constraints[key]
                resolved = store.resolve(constraint)
                if isinstance(resolved, Unknown):
                    related.append((resolved, strict))
        for resolved, strict in related:
            for other, _ in resolved.terms:
                if other not in seen:
                    seen.add(other)
                    pending.append(other)
            lines.append(f"{text.unknown(resolved)}{'<' if strict else '<='}")
    for var, operation, left, right in store.definitions:
        ends = [text.unknown(x) if isinstance(x, Unknown) else str(x) for x in (left, right)]
        lines.append(f"{text.numbers.get(var, var)}={operation}({ends})")
    digest = blake2b("".join(text.out).encode(), digest_size=16)
    digest.update("|".join(sorted(set(lines))).encode())
    return digest.digest()
