"""Patterns, labels and other small terms, as the text writes them."""

from __future__ import annotations

from netoracle.transcription import syntax as s
from netoracle.transcription.precedence import INFIX


def show_pattern(term: s.Term) -> str:
    """A term of names, applications, tuples, lists and literals; `...` stands for anything else."""
    match term:
        case s.Name(name):
            return name
        case s.Number(value, kind):
            return f"{value}{kind}"
        case s.String(value):
            return f'"{value}"'
        case s.Pair(items):
            return f"({','.join(map(show_pattern, items))})"
        case s.ListOf(items):
            return f"[{'; '.join(map(show_pattern, items))}]"
        case s.Annotated(inner, type_):
            return f"{_operand(inner)}:{s.show_type(type_)}"
        case s.Apply():
            return _application(term)
    return "..."


def _application(term: s.Apply) -> str:
    head, arguments = s.spine(term)
    if isinstance(head, s.Name) and head.name in INFIX and len(arguments) == 2:
        return f"{_operand(arguments[0])} {head.name} {_operand(arguments[1])}"
    return " ".join(map(_operand, (head, *arguments)))


def _operand(term: s.Term) -> str:
    text = show_pattern(term)
    return f"({text})" if isinstance(term, s.Apply | s.Annotated) else text
