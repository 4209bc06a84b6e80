"""Terms of the HOL trace language, without meaning: names, numbers, strings, and what is built of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lark import Token

MAX_SHOWN = 30
"""How much of an unexpected word an error shows, in characters."""

NodeKind: TypeAlias = Literal["application", "tuple", "list", "set", "record", "field"]


@dataclass(frozen=True, slots=True)
class Node:
    """A compound term; `first` is the token that it begins with.

    A tuple has no items (the unit value) or at least two: brackets around one term are that term.
    """

    kind: NodeKind
    first: Token
    items: tuple[Term, ...]


Term: TypeAlias = Token | Node


class TermError(Exception):
    """A term that does not belong where it stands."""

    def __init__(self, at: Token, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def rejected(term: Term, message: str) -> TermError:
    """The error for a term, at its place."""
    return TermError(term if isinstance(term, Token) else term.first, message)


def shown(term: Term) -> str:
    """A term as errors name it: short, whatever its size."""
    if isinstance(term, Token):
        return shown_text(term)
    if term.kind == "application":
        return f"{shown(term.items[0])} ..."
    if term.kind == "tuple" and not term.items:
        return "()"
    return f"a {term.kind}"


def shown_text(text: str) -> str:
    """A word of the file as errors quote it."""
    return repr(str(text)) if len(text) <= MAX_SHOWN else repr(str(text[:MAX_SHOWN])) + "..."


def mismatch(term: Term, what: str) -> TermError:
    """The error for a term where something else should stand."""
    return rejected(term, f"expected {what}, found {shown(term)}")


def parts(term: Term) -> tuple[str, tuple[Term, ...]]:
    """A term as a name and its arguments; the name is empty where the term is neither name nor call."""
    if isinstance(term, Token):
        return (str(term), ()) if term.type == "NAME" else ("", ())
    if term.kind == "application" and isinstance(term.items[0], Token) and term.items[0].type == "NAME":
        return str(term.items[0]), term.items[1:]
    return "", ()


def arguments(term: Term) -> tuple[Term, ...]:
    """The components of an argument: of a tuple its items, of anything else itself."""
    if isinstance(term, Node) and term.kind == "tuple":
        return term.items
    return (term,)


def applied(terms: tuple[Term, ...]) -> Term:
    """Terms that stand next to each other as one term: `A B c` where brackets would say `A (B c)`."""
    if len(terms) == 1:
        return terms[0]
    first = terms[0]
    return Node("application", first if isinstance(first, Token) else first.first, terms)


def components(term: Term, count: int, what: str) -> tuple[Term, ...]:
    """The components of a tuple of `count`."""
    if not isinstance(term, Node) or term.kind != "tuple" or len(term.items) != count:
        raise mismatch(term, what)
    return term.items


def fields(term: Node) -> list[tuple[Token, Term]]:
    """The fields of a record as they stand."""
    found: list[tuple[Token, Term]] = []
    for item in term.items:
        assert isinstance(item, Node)
        found.append((item.first, item.items[0]))
    return found
