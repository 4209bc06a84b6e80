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


class _Text:
    """A state as text, in which new unknowns are numbered in order of appearance."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.numbers: dict[int, int] = {}
        self.out: list[str] = []

    def unknown(self, number: Unknown) -> str:
        parts = []
        for var, coef in number.terms:
            name = f"old{var}" if var < self.store.since else f"new{self.numbers.setdefault(var, len(self.numbers))}"
            parts.append(f"{coef}*{name}")
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

    def known(self) -> None:
        """Write what is known of the new unknowns that bear on the state.

        These are its own, and those that constraints connect with them or with old unknowns.
        """
        store = self.store
        connected = self._connected_with_old()
        done: set[int] = set()
        lines: set[str] = set()
        while len(done) < len(self.numbers) or self._number_another(connected):
            for var in [var for var in self.numbers if var not in done]:
                done.add(var)
                lo, hi = store.bounds[var]
                lines.add(f"{self.numbers[var]}:{var in store.ints}:{lo}:{hi}")
                for key in store.watch.get(var, ()):
                    if key in store.constraints:
                        constraint, strict = store.constraints[key]
                        resolved = store.resolve(constraint)
                        if isinstance(resolved, Unknown):
                            lines.add(f"{self.unknown(resolved)}{'<' if strict else '<='}")
        for var, operation, left, right in store.definitions:
            ends = [self.unknown(x) if isinstance(x, Unknown) else str(x) for x in (left, right)]
            lines.add(f"{self.numbers.get(var, var)}={operation}({ends})")
        self.out.append("|".join(sorted(lines)))

    def _connected_with_old(self) -> list[int]:
        """The new unknowns that share a constraint with an old one."""
        store = self.store
        return [
            var
            for var in range(store.since, store.count)
            if store.since
            and var not in store.solved
            and any(key in store.constraints and key[0][0][0] < store.since for key in store.watch.get(var, ()))
        ]

    def _number_another(self, candidates: list[int]) -> bool:
        """Give a number to one that has none yet; False where all have."""
        for var in candidates:
            if var not in self.numbers:
                self.numbers[var] = len(self.numbers)
                return True
        return False


def fingerprint(state: State) -> bytes:
    """A digest that two states share only if they differ in the numbers of new unknowns alone.

    So equal digests mean equal futures.
    """
    store = state.store
    text = _Text(store)
    text.write((state.index, state.remaining, state.instant, store.epoch, store.old))
    text.write(state.host)
    text.known()
    return blake2b("".join(text.out).encode(), digest_size=16).digest()
