"""Operators put in their order of precedence, as the theories declare them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from netoracle.transcription.syntax import (
    Annotated,
    Apply,
    FieldValue,
    HolType,
    Name,
    Place,
    Term,
    Transition,
    With,
)

Side = Literal["left", "right", "none"]

INFIX: Final[dict[str, tuple[int, Side]]] = {
    "andThen": (97, "left"),
    "<=>": (100, "none"),
    "<==": (199, "left"),
    "==>": (200, "right"),
    "\\/": (300, "right"),
    "/\\": (400, "right"),
    "IN": (425, "none"),
    "NOTIN": (425, "none"),
    "=": (450, "none"),
    "<>": (450, "none"),
    "<": (450, "none"),
    "<=": (450, "none"),
    ">": (450, "none"),
    ">=": (450, "none"),
    "SUBSET": (450, "none"),
    "IN'": (450, "none"),
    "NOTIN'": (450, "none"),
    "onlywhen": (461, "none"),
    "++": (480, "left"),
    "::": (490, "right"),
    "INSERT": (490, "right"),
    "+": (500, "left"),
    "-": (500, "left"),
    "UNION": (500, "left"),
    "DIFF": (500, "left"),
    "|++": (500, "left"),
    "INTER": (600, "left"),
    "*": (600, "left"),
    "/": (600, "left"),
    "DIV": (600, "left"),
    "|+": (600, "left"),
    "\\\\": (600, "left"),
    "MOD": (650, "left"),
    "<<": (680, "left"),
    ">>": (680, "left"),
    "EXP": (700, "right"),
    "o_f": (750, "left"),
    "'": (2000, "left"),
}
"""Precedence and associativity: 420 is that of a transition, 450 of `with f :=`, 899 of a type, 2000 of application."""

TRANSITION: Final = 420
ASSIGNMENT: Final = 450
ANNOTATION: Final = 899
PREFIX: Final = 900
UPDATE: Final = 1500
APPLICATION: Final = 2000


@dataclass(frozen=True, slots=True)
class OperatorItem:
    """An operator in a sequence."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class AnnotationItem:
    """`: type` in a sequence."""

    type: HolType
    place: Place


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """`with ...` in a sequence."""

    fields: tuple[FieldValue, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class SingleUpdateItem:
    """`with f :=` in a sequence; the value follows."""

    name: str
    operator: Literal[":=", "updated_by"]
    place: Place


@dataclass(frozen=True, slots=True)
class CategoryItem:
    """`/* protocol, category */` in a sequence."""

    protocol: Term
    category: Term
    place: Place


@dataclass(frozen=True, slots=True)
class TransitionItem:
    """`-- label -->` in a sequence."""

    label: Term
    long: bool
    place: Place


Item = Term | OperatorItem | AnnotationItem | UpdateItem | SingleUpdateItem | CategoryItem | TransitionItem


class Misplaced(ValueError):
    """A sequence that is not a term; `place` says where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


def between(first: Term, last: Term) -> Place:
    """The place from the beginning of one term to the end of another."""
    return Place(first.place.file, first.place.line, first.place.start, last.place.end)


class _Sequence:
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.next = 0

    def peek(self) -> Item | None:
        return self.items[self.next] if self.next < len(self.items) else None

    def take(self) -> Item:
        if self.next == len(self.items):
            raise Misplaced("a term is missing at the end", self.items[-1].place)
        item = self.items[self.next]
        self.next += 1
        return item

    def operand(self) -> Term:
        item = self.take()
        if isinstance(item, OperatorItem) and item.name in ("~", "-"):
            argument = self.expression(PREFIX)
            return Apply(Name("~", item.place), argument, _join(item.place, argument.place))
        if isinstance(
            item, OperatorItem | AnnotationItem | UpdateItem | SingleUpdateItem | CategoryItem | TransitionItem
        ):
            raise Misplaced("an operator stands where a term should", item.place)
        return item

    def expression(self, floor: int) -> Term:
        left = self.operand()
        while (item := self.peek()) is not None:
            continued = self._continued(left, item, floor)
            if continued is None:
                return left
            left = continued
        return left

    def _continued(self, left: Term, item: Item, floor: int) -> Term | None:
        if isinstance(item, AnnotationItem):
            return self._postfix(Annotated(left, item.type, _join(left.place, item.place)), ANNOTATION, floor)
        if isinstance(item, UpdateItem):
            return self._postfix(With(left, item.fields, _join(left.place, item.place)), UPDATE, floor)
        if isinstance(item, SingleUpdateItem):
            return self._single_update(left, item) if floor <= UPDATE else None
        if isinstance(item, CategoryItem):
            return self._transition(left, item) if floor <= TRANSITION else None
        if isinstance(item, TransitionItem):
            return None
        if isinstance(item, OperatorItem) and item.name != "~":
            return self._infix(left, item, floor)
        if floor > APPLICATION:
            return None
        argument = self.expression(PREFIX) if isinstance(item, OperatorItem) else self.operand()
        return Apply(left, argument, between(left, argument))

    def _postfix(self, term: Term, level: int, floor: int) -> Term | None:
        if floor > level:
            return None
        self.take()
        return term

    def _single_update(self, record: Term, item: SingleUpdateItem) -> Term:
        self.take()
        value = self.expression(ASSIGNMENT + 1)
        return With(record, (FieldValue(item.name, item.operator, value),), between(record, value))

    def _infix(self, left: Term, item: OperatorItem, floor: int) -> Term | None:
        level, side = INFIX[item.name]
        if level < floor:
            return None
        self.take()
        right = self.expression(level if side == "right" else level + 1)
        applied = Apply(Name(item.name, item.place), left, left.place)
        return Apply(applied, right, between(left, right))

    def _transition(self, rule: Term, category: CategoryItem) -> Term:
        self.take()
        before = self.expression(TRANSITION + 1)
        arrow = self.take()
        if not isinstance(arrow, TransitionItem):
            raise Misplaced("-- label --> is missing", arrow.place)
        after = self.expression(TRANSITION + 1)
        place = between(rule, after)
        return Transition(rule, category.protocol, category.category, before, arrow.label, after, arrow.long, place)


def _join(first: Place, last: Place) -> Place:
    return Place(first.file, first.line, first.start, last.end)


def grouped(items: Sequence[Item]) -> Term:
    """The term that a sequence of operands and operators is.  Raises Misplaced."""
    sequence = _Sequence(items)
    term = sequence.expression(0)
    left_over = sequence.peek()
    if left_over is not None:
        raise Misplaced("what follows does not belong to the term", left_over.place)
    return term
