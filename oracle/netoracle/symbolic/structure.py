"""Working on whole states: replacing unknowns that are now known, matching, renaming, evaluating."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import immutables

from netoracle.records import field_names
from netoracle.symbolic.constraints import Contradiction
from netoracle.symbolic.numbers import Exact, Truth, Unknown, deciding
from netoracle.symbolic.store import Store
from netspec.base.choose import PremiseFailed, require

T = TypeVar("T")


def rewrite(value: T, leaf: Callable[[Any], Any]) -> T:
    """The same structure with `leaf` applied to what has no parts; parts that stay the same are shared."""
    return _rewrite(value, leaf)  # type: ignore[no-any-return]


_PLAIN = frozenset({int, bool, bytes, str, type(None), Fraction, frozenset})


def _rewrite(value: Any, leaf: Callable[[Any], Any]) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple:
        parts = [_rewrite(part, leaf) for part in value]
        if all(new is old for new, old in zip(parts, value, strict=True)):
            return value
        return tuple(parts)
    if kind is immutables.Map:
        changed = value
        for key, part in value.items():
            new_key, new = _rewrite(key, leaf), _rewrite(part, leaf)
            if new_key is not key:
                changed = changed.delete(key).set(new_key, new)
            elif new is not part:
                changed = changed.set(key, new)
        return changed
    names = field_names(kind)
    if names:
        changes: dict[str, Any] | None = None
        for name in names:
            part = getattr(value, name)
            if type(part) in _PLAIN:
                continue
            new = _rewrite(part, leaf)
            if new is not part:
                changes = changes or {}
                changes[name] = new
        # A record may itself be a leaf that is to be renamed (an identifier).
        if changes is None:
            return leaf(value)
        return kind(**{name: changes.get(name, getattr(value, name)) for name in names})
    return leaf(value)


def resolve(value: T, store: Store) -> T:
    """Replace the unknowns that the store has solved."""

    def leaf(part: Any) -> Any:
        if isinstance(part, Unknown):
            return store.resolve(part)
        if isinstance(part, Truth):
            known = store.known(part)
            return part if known is None else known
        return part

    return rewrite(value, leaf)


def rename(value: T, old: object, new: object) -> T:
    """Replace an identifier everywhere."""
    return rewrite(value, lambda part: new if type(part) is type(old) and part == old else part)


def evaluate(value: T, store: Store, model: dict[int, Exact]) -> T:
    """Replace every unknown by its value in a model of the store."""

    def number(part: Unknown) -> Exact:
        resolved = store.resolve(part)
        if not isinstance(resolved, Unknown):
            return resolved
        total: Exact = resolved.const
        for var, coef in resolved.terms:
            total = total + coef * model[var]
        if isinstance(total, Fraction) and total.denominator == 1 and resolved.integral:
            return total.numerator
        return total

    def leaf(part: Any) -> Any:
        if isinstance(part, Unknown):
            return number(part)
        if isinstance(part, Truth):
            value = number(part.number)
            holds = {"<=": value <= 0, "<": value < 0, "=": value == 0}[part.relation]
            return holds != part.negated
        return part

    return rewrite(value, leaf)


class Mismatch(PremiseFailed):
    """What the host would show differs from what the trace shows."""

    def __init__(self, path: str, expected: object, found: object) -> None:
        super().__init__(path)
        self.path = path
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Possible:
    """What an unknown may be, for people to read."""

    lo: Exact | None
    hi: Exact | None

    def __repr__(self) -> str:
        if self.lo is None:
            return "any value" if self.hi is None else f"at most {self.hi}"
        return f"at least {self.lo}" if self.hi is None else f"from {self.lo} to {self.hi}"


def _described(part: Any) -> Any:
    """A part as it is, but an unknown as the interval that it is known to be in."""
    return Possible(*deciding().interval(part)) if isinstance(part, Unknown) else part


def unify(found: Any, expected: Any, path: str = "") -> None:
    """Assume that two structures are equal, part by part.

    Raises Mismatch, which names the first part that differs.
    """
    if found is expected:
        return
    if isinstance(found, (Unknown, Truth)) or isinstance(expected, (Unknown, Truth)):
        if found is None or expected is None:
            raise Mismatch(path, expected, found)
        try:
            require(found == expected)
        except (PremiseFailed, Contradiction):
            raise Mismatch(path, _described(expected), _described(found)) from None
        return
    kind = type(found)
    if kind is not type(expected):
        if isinstance(found, (int, Fraction)) and isinstance(expected, (int, Fraction)) and found == expected:
            return
        raise Mismatch(path, expected, found)
    names = field_names(kind)
    if names:
        for name in names:
            unify(getattr(found, name), getattr(expected, name), f"{path}.{name}" if path else name)
    elif kind is tuple:
        if len(found) != len(expected):
            raise Mismatch(path, expected, found)
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            unify(one, other, f"{path}[{index}]")
    elif found != expected:
        raise Mismatch(path, expected, found)
