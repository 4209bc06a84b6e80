"""The names in a term."""

from __future__ import annotations

from collections.abc import Iterator

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate import library
from netoracle.transcription.evaluate.theory import Theory


def bound_names(pattern: s.Term, theory: Theory) -> Iterator[str]:
    """The variables of a pattern."""
    if isinstance(pattern, s.Name):
        if pattern.name not in theory.constructors and pattern.name not in library.CONSTANTS:
            yield pattern.name
    elif isinstance(pattern, s.Annotated):
        yield from bound_names(pattern.term, theory)
    elif isinstance(pattern, s.Apply):
        yield from bound_names(pattern.argument, theory)
        if isinstance(pattern.function, s.Apply):
            yield from bound_names(pattern.function, theory)
    else:
        for child in s.children(pattern):
            yield from bound_names(child, theory)  # type: ignore[arg-type]


def binder_names(pattern: s.Term) -> Iterator[str]:
    """The variables of a binder, whatever else has their names."""
    if isinstance(pattern, s.Name):
        yield pattern.name
    elif isinstance(pattern, s.Annotated):
        yield from binder_names(pattern.term)
    else:
        for child in s.children(pattern):
            yield from binder_names(child)  # type: ignore[arg-type]


def free_names(term: object) -> Iterator[str]:
    """The names that stand free in a term, constants too."""
    if isinstance(term, s.Name):
        yield term.name
    elif isinstance(term, s.Quantified):
        bound = {name for pattern in term.patterns for name in free_names(pattern)}
        yield from (name for name in free_names(term.body) if name not in bound)
        if term.domain is not None:
            yield from free_names(term.domain)
    elif isinstance(term, s.Let):
        bound = {name for binding in term.bindings for name in free_names(binding.pattern)}
        yield from (name for name in free_names(term.body) if name not in bound)
        for binding in term.bindings:
            yield from free_names(binding.value)
    elif isinstance(term, s.Case):
        yield from free_names(term.scrutinee)
        for arm in term.arms:
            bound = set(free_names(arm.pattern))
            yield from (name for name in free_names(arm.value) if name not in bound)
    else:
        for child in s.children(term):
            yield from free_names(child)
