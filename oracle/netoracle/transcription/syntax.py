"""Terms, types and declarations of the HOL4 text, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: file, line (from 1), and character offsets in the file."""

    file: str
    line: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


NOWHERE = Place("", 0, 0, 0)

# -- types -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type constructor applied to arguments: `num`, `byte list`, `'a timed`, `32`."""

    name: str
    arguments: tuple[HolType, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeVariable:
    """`'a`."""

    name: str


HolType: TypeAlias = TypeName | TypeVariable
"""Functions, products and finite maps are the type constructors `->`, `#` and `|->`."""


def show_type(t: HolType) -> str:
    """The type as the text writes it."""
    if isinstance(t, TypeVariable) or not t.arguments:
        return t.name
    if t.name in ("->", "#", "|->"):
        return f" {t.name} ".join(_show_operand(argument) for argument in t.arguments)
    if len(t.arguments) == 1:
        return f"{_show_operand(t.arguments[0])} {t.name}"
    return f"({', '.join(show_type(argument) for argument in t.arguments)}) {t.name}"


def _show_operand(t: HolType) -> str:
    text = show_type(t)
    return f"({text})" if isinstance(t, TypeName) and t.name in ("->", "#", "|->") else text


# -- terms -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    r"""A variable, constant, constructor or operator (`/\`, `IN`, `+`)."""

    name: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral; `kind` is its suffix (`n`, `w`, `i`) or empty."""

    value: int
    kind: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class String:
    """A string literal."""

    value: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Apply:
    """Application of a function to one argument."""

    function: Term
    argument: Term
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Pair:
    """A tuple of two or more terms, or `()` with none."""

    items: tuple[Term, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a; b]`."""

    items: tuple[Term, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class SetOf:
    """`{a; b}`."""

    items: tuple[Term, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`{element | condition}`."""

    element: Term
    condition: Term
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One field of a record or of an update: `f := v` or `f updated_by v`."""

    name: str
    operator: Literal[":=", "updated_by"]
    value: Term


@dataclass(frozen=True, slots=True)
class Record:
    """`<| f := v; ... |>`."""

    fields: tuple[FieldValue, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class With:
    """`record with <| f := v; ... |>`."""

    record: Term
    fields: tuple[FieldValue, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Field:
    """`record.f`."""

    record: Term
    name: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class If:
    """`if c then t else e`."""

    condition: Term
    then: Term
    otherwise: Term
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Arm:
    """One alternative of a case."""

    pattern: Term
    value: Term


@dataclass(frozen=True, slots=True)
class Case:
    """`case e of p => v | ...`."""

    scrutinee: Term
    arms: tuple[Arm, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Binding:
    """`pattern = value`, or `f p1 p2 = value`, of a let."""

    pattern: Term
    parameters: tuple[Term, ...]
    value: Term


@dataclass(frozen=True, slots=True)
class Let:
    """`let b1 and b2 in body`."""

    bindings: tuple[Binding, ...]
    body: Term
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Quantified:
    r"""A binder: `!`, `?`, `?!`, `@`, `\`, `choose`, `LEAST` or `leastfd`.

    `domain` is the set or finite map of a restricted binder `?x::s.`.
    """

    binder: str
    patterns: tuple[Term, ...]
    domain: Term | None
    body: Term
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Annotated:
    """`term : type`."""

    term: Term
    type: HolType
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class TypeArgument:
    """`(:type)`."""

    type: HolType
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Transition:
    """`name /* protocol, category */ before -- label --> after`; `long` for the arrow `--=>`."""

    rule: Term
    protocol: Term
    category: Term
    before: Term
    label: Term
    after: Term
    long: bool
    place: Place = NOWHERE


Term: TypeAlias = (
    Name
    | Number
    | String
    | Apply
    | Pair
    | ListOf
    | SetOf
    | Comprehension
    | Record
    | With
    | Field
    | If
    | Case
    | Let
    | Quantified
    | Annotated
    | TypeArgument
    | Transition
)


def children(node: object) -> Iterator[object]:
    """The syntax nodes directly inside a node."""
    for field in fields(node):  # type: ignore[arg-type]
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if hasattr(item, "__dataclass_fields__") and not isinstance(item, Place | TypeName | TypeVariable):
                yield item


def spine(term: Term) -> tuple[Term, tuple[Term, ...]]:
    """A curried application taken apart: the function and its arguments."""
    arguments: list[Term] = []
    while isinstance(term, Apply):
        arguments.append(term.argument)
        term = term.function
    return term, tuple(reversed(arguments))


def conjuncts(term: Term) -> tuple[Term, ...]:
    """The conjuncts of a conjunction, in order."""
    head, arguments = spine(term)
    if isinstance(head, Name) and head.name == "/\\" and len(arguments) == 2:
        return (*conjuncts(arguments[0]), *conjuncts(arguments[1]))
    return (term,)


# -- declarations ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clause:
    """One equation of a definition: the patterns of its parameters, and its value."""

    parameters: tuple[Term, ...]
    value: Term
    place: Place


@dataclass(frozen=True, slots=True)
class Definition:
    """A constant or function, by one clause or by several that are tried in order."""

    name: str
    clauses: tuple[Clause, ...]
    place: Place
    type: HolType | None = None


@dataclass(frozen=True, slots=True)
class Constructor:
    """A constructor of a datatype and the types of its (curried) arguments."""

    name: str
    arguments: tuple[HolType, ...]


@dataclass(frozen=True, slots=True)
class Datatype:
    """A datatype with constructors."""

    name: str
    constructors: tuple[Constructor, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record type: its fields in order."""

    name: str
    fields: tuple[tuple[str, HolType], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A name for a type."""

    name: str
    type: HolType
    place: Place


@dataclass(frozen=True, slots=True)
class Overload:
    """A further meaning of a name."""

    name: str
    term: Term
    place: Place


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule of an inductive relation: its variables, transition and premises in order."""

    name: str
    variables: tuple[Term, ...]
    transition: Transition
    premises: tuple[Term, ...]
    place: Place
