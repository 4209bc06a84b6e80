"""The categories of a rule of the text, for each kind of label that it may have.

Most rules have one of each.  The others settle `lbl` or `rc` in alternatives of their
premises: a call with a fast category or an internal step with a slow one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from netoracle.transcription import syntax as s
from netoracle.transcription.show import show_pattern

LABEL: Final = "lbl"
CATEGORY: Final = "rc"

Bound: TypeAlias = tuple[str | None, str | None]
"""The kind of label and the category that an alternative settles."""

_NOTHING: Final[frozenset[Bound]] = frozenset({(None, None)})


def categories(rule: s.RuleText) -> dict[str, list[str]]:
    """The categories by kinds of label; what the premises leave open has its variable's name."""
    label = _settled(rule.transition.label, LABEL)
    category = _settled(rule.transition.category, CATEGORY)
    found: dict[str, set[str]] = {}
    for kind, one in _conjunction(map(_alternatives, rule.premises)):
        found.setdefault(label or kind or LABEL, set()).add(category or one or CATEGORY)
    return {kind: sorted(found[kind]) for kind in sorted(found)}


def _settled(term: s.Term, variable: str) -> str | None:
    if isinstance(term, s.Name) and term.name == variable:
        return None
    head, _ = s.spine(term)
    return show_pattern(head if variable == LABEL else term)


def _alternatives(term: s.Term) -> frozenset[Bound]:
    if isinstance(term, s.Quantified) and term.binder in ("?", "choose"):
        return _alternatives(term.body)
    if isinstance(term, s.Let):
        return _alternatives(term.body)
    if isinstance(term, s.If):
        return _alternatives(term.then) | _alternatives(term.otherwise)
    if isinstance(term, s.Case):
        return frozenset().union(*(_alternatives(arm.value) for arm in term.arms))
    head, arguments = s.spine(term)
    operator = head.name if isinstance(head, s.Name) else ""
    if operator == "/\\" and len(arguments) == 2:
        return _conjunction(map(_alternatives, arguments))
    if operator == "\\/" and len(arguments) == 2:
        return _alternatives(arguments[0]) | _alternatives(arguments[1])
    if operator == "=" and len(arguments) == 2:
        return _equation(*arguments)
    return frozenset() if operator == "ASSERTION_FAILURE" else _NOTHING


def _conjunction(parts: Iterable[frozenset[Bound]]) -> frozenset[Bound]:
    """The alternatives of a conjunction: one of each part, where they agree."""
    joined = _NOTHING
    for part in parts:
        joined = frozenset(
            (label or label_, category or category_)
            for label, category in joined
            for label_, category_ in part
            if (not label or not label_ or label == label_) and (not category or not category_ or category == category_)
        )
    return joined


def _equation(left: s.Term, right: s.Term) -> frozenset[Bound]:
    if not isinstance(left, s.Name) or left.name not in (LABEL, CATEGORY):
        return _NOTHING
    if isinstance(right, s.If):
        return _equation(left, right.then) | _equation(left, right.otherwise)
    found = _settled(right, left.name)
    return frozenset({(found, None) if left.name == LABEL else (None, found)})
