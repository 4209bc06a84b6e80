"""Reads the source files of the model: what they declare, as syntax.

A file is read in two steps: `outline.lark` finds the quotations and what they are for,
`terms.lark` reads each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from netoracle.transcription import syntax as s
from netoracle.transcription.comments import without_comments
from netoracle.transcription.errors import SourceError
from netoracle.transcription.precedence import (
    AnnotationItem,
    CategoryItem,
    Item,
    Misplaced,
    OperatorItem,
    SingleUpdateItem,
    TransitionItem,
    UpdateItem,
    grouped,
)

FILES: Final = (
    "TCP1_utilsScript.sml",
    "TCP1_errorsScript.sml",
    "TCP1_signalsScript.sml",
    "TCP1_baseTypesScript.sml",
    "TCP1_timersScript.sml",
    "TCP1_netTypesScript.sml",
    "TCP1_LIBinterfaceScript.sml",
    "TCP1_paramsScript.sml",
    "TCP1_preHostTypesScript.sml",
    "TCP1_hostTypesScript.sml",
    "TCP1_auxFnsScript.sml",
    "TCP1_ruleidsScript.sml",
    "TCP1_host0Script.sml",
    "TCP1_hostLTSScript.sml",
    "TCP1_evalSupportScript.sml",
    "TCP1_netScript.sml",
)
"""The source files of the specification proper, each after those that it builds on."""

MAX_BYTES: Final = 4_000_000
"""Larger files are refused: the largest of the model has 600 kB."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What one file declares, in its order."""

    name: str
    definitions: tuple[s.Definition, ...]
    datatypes: tuple[s.Datatype | s.RecordType, ...]
    abbreviations: tuple[s.Abbreviation, ...]
    overloads: tuple[s.Overload, ...]
    rules: tuple[s.RuleText, ...]
    relations: tuple[s.Definition, ...] = ()
    """Inductive relations that are not of hosts: the clauses' values are their premises."""


@cache
def _parser(start: str) -> Lark:
    grammar = files(__package__).joinpath("outline.lark" if start == "start" else "terms.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", start=start, propagate_positions=True, maybe_placeholders=False)


@dataclass
class _Quotation:
    """The text of a quotation and where it stands in its file."""

    file: str
    text: str
    line: int
    start: int

    def place(self, meta: Any) -> s.Place:
        if meta.empty:
            return s.Place(self.file, self.line, self.start, self.start)
        return s.Place(self.file, self.line + meta.line - 1, self.start + meta.start_pos, self.start + meta.end_pos)

    def token_place(self, token: Token) -> s.Place:
        assert token.line is not None and token.start_pos is not None and token.end_pos is not None
        return s.Place(self.file, self.line + token.line - 1, self.start + token.start_pos, self.start + token.end_pos)


@v_args(meta=True)
class _Build(Transformer[Token, Any]):
    """Parse trees into syntax."""

    def __init__(self, quotation: _Quotation) -> None:
        super().__init__()
        self.quotation = quotation

    def _at(self, meta: Any) -> s.Place:
        return self.quotation.place(meta)

    # terms

    def pair(self, meta: Any, items: list[s.Term]) -> s.Term:
        return items[0] if len(items) == 1 else s.Pair(tuple(items), self._at(meta))

    def sequence(self, _meta: Any, items: list[Item]) -> s.Term:
        return grouped(items)

    def operator(self, _meta: Any, items: list[Token]) -> OperatorItem:
        return OperatorItem(str(items[0]), self.quotation.token_place(items[0]))

    def annotation(self, meta: Any, items: list[s.HolType]) -> AnnotationItem:
        return AnnotationItem(items[0], self._at(meta))

    def update(self, meta: Any, items: list[Any]) -> UpdateItem:
        return UpdateItem(items[0] if items else (), self._at(meta))

    def single_update(self, meta: Any, items: list[Token]) -> SingleUpdateItem:
        return SingleUpdateItem(str(items[0]), ":=" if items[1] == ":=" else "updated_by", self._at(meta))

    def category(self, meta: Any, items: list[s.Term]) -> CategoryItem:
        return CategoryItem(items[0], items[1], self._at(meta))

    def transition(self, meta: Any, items: list[Any]) -> TransitionItem:
        return TransitionItem(items[0], items[1] == "--=>", self._at(meta))

    def conditional(self, meta: Any, items: list[s.Term]) -> s.Term:
        return s.If(items[0], items[1], items[2], self._at(meta))

    def let(self, meta: Any, items: list[Any]) -> s.Term:
        return s.Let(tuple(items[:-1]), items[-1], self._at(meta))

    def binding(self, _meta: Any, items: list[Any]) -> s.Binding:
        patterns = [item for item in items if not isinstance(item, Token)]
        return s.Binding(patterns[0], tuple(patterns[1:-1]), patterns[-1])

    def case(self, meta: Any, items: list[Any]) -> s.Term:
        return s.Case(items[0], tuple(items[1:]), self._at(meta))

    def arm(self, _meta: Any, items: list[s.Term]) -> s.Arm:
        return s.Arm(items[0], items[1])

    def quantified(self, meta: Any, items: list[Any]) -> s.Term:
        restricted = any(isinstance(item, Token) and item.type == "CONS" for item in items)
        terms = [item for item in items if not isinstance(item, Token)]
        body = terms.pop()
        domain = terms.pop() if restricted else None
        return _restricted(str(items[0]), terms, domain, body, self._at(meta))

    def annotated_name(self, meta: Any, items: list[Any]) -> s.Term:
        name = s.Name(str(items[0]), self.quotation.token_place(items[0]))
        return s.Annotated(name, items[1], self._at(meta))

    def name(self, meta: Any, items: list[Token]) -> s.Term:
        return s.Name(str(items[0]), self._at(meta))

    def operator_name(self, meta: Any, items: list[Token]) -> s.Term:
        return s.Name(str(items[0])[1:], self._at(meta))

    def number(self, meta: Any, items: list[Token]) -> s.Term:
        text = str(items[0])
        digits = text.rstrip("nwi")
        if len(digits) > 40:
            raise Misplaced("a numeral of more than 40 digits", self._at(meta))
        return s.Number(int(digits), text[len(digits) :], self._at(meta))

    def string(self, meta: Any, items: list[Token]) -> s.Term:
        return s.String(str(items[0])[1:-1], self._at(meta))

    def unit(self, meta: Any, _items: list[Any]) -> s.Term:
        return s.Pair((), self._at(meta))

    def group(self, _meta: Any, items: list[s.Term]) -> s.Term:
        return items[0]

    def type_argument(self, meta: Any, items: list[s.HolType]) -> s.Term:
        return s.TypeArgument(items[0], self._at(meta))

    def field(self, meta: Any, items: list[Any]) -> s.Term:
        return s.Field(items[0], str(items[-1]), self._at(meta))

    def list_of(self, meta: Any, items: list[s.Term]) -> s.Term:
        return s.ListOf(tuple(items), self._at(meta))

    def empty_set(self, meta: Any, _items: list[Any]) -> s.Term:
        return s.SetOf((), self._at(meta))

    def set_of(self, meta: Any, items: list[s.Term]) -> s.Term:
        return s.SetOf(tuple(items), self._at(meta))

    def comprehension(self, meta: Any, items: list[s.Term]) -> s.Term:
        return s.Comprehension(items[0], items[1], self._at(meta))

    def record(self, meta: Any, items: list[Any]) -> s.Term:
        return s.Record(items[0] if items else (), self._at(meta))

    def updates(self, _meta: Any, items: list[s.FieldValue]) -> tuple[s.FieldValue, ...]:
        return tuple(items)

    def one_update(self, _meta: Any, items: list[Any]) -> s.FieldValue:
        return s.FieldValue(str(items[0]), ":=" if items[1] == ":=" else "updated_by", items[2])

    # types

    def type_name(self, _meta: Any, items: list[Token]) -> s.HolType:
        return s.TypeName(str(items[0]))

    type_number = type_name

    def type_variable(self, _meta: Any, items: list[Token]) -> s.HolType:
        return s.TypeVariable(str(items[0]))

    def applied_type(self, _meta: Any, items: list[Any]) -> s.HolType:
        applied: s.HolType = items[0]
        for name in items[1:]:
            applied = s.TypeName(str(name), (applied,))
        return applied

    def product_type(self, _meta: Any, items: list[s.HolType]) -> s.HolType:
        return items[0] if len(items) == 1 else s.TypeName("#", tuple(items))

    def map_type(self, _meta: Any, items: list[s.HolType]) -> s.HolType:
        return s.TypeName("|->", tuple(items))

    def function_type(self, _meta: Any, items: list[s.HolType]) -> s.HolType:
        return s.TypeName("->", tuple(items))

    # datatypes

    def record_type(self, meta: Any, items: list[Any]) -> s.RecordType:
        return s.RecordType(str(items[0]), tuple(item for item in items if isinstance(item, tuple)), self._at(meta))

    def datatype_field(self, _meta: Any, items: list[Any]) -> tuple[str, s.HolType]:
        return str(items[0]), items[1]

    def sum_of_constructors(self, meta: Any, items: list[Any]) -> s.Datatype:
        constructors = tuple(item for item in items if isinstance(item, s.Constructor))
        return s.Datatype(str(items[0]), constructors, self._at(meta))

    def constructor(self, _meta: Any, items: list[Any]) -> s.Constructor:
        return s.Constructor(str(items[0]), tuple(items[1:]))


def _restricted(
    binder: str, patterns: Sequence[s.Term], domain: s.Term | None, body: s.Term, place: s.Place
) -> s.Quantified:
    """A binder of which single variables may be restricted: `?(x :: s) y. P` is `?x::s. ?y. P`."""
    for position, pattern in enumerate(patterns):
        head, arguments = s.spine(pattern)
        if isinstance(head, s.Name) and head.name == "::":
            rest = patterns[position + 1 :]
            inner = _restricted(binder, rest, domain, body, place) if rest else body
            restricted = s.Quantified(binder, (arguments[0],), arguments[1], inner, place)
            before = tuple(patterns[:position])
            return s.Quantified(binder, before, None, restricted, place) if before else restricted
    return s.Quantified(binder, tuple(patterns), domain, body, place)


def _read(quotation: _Quotation, start: str) -> Any:
    try:
        return _Build(quotation).transform(_parser(start).parse(quotation.text))
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            raise SourceError(f"{quotation.file}:{quotation.line}: the quotation ends too early") from error
        line = quotation.line + max(error.line, 1) - 1
        found = quotation.text[error.pos_in_stream or 0 :][:20].split("\n")[0]
        raise SourceError(f"{quotation.file}:{line}: this is not HOL4 as the model uses it: {found!r}") from error
    except VisitError as error:
        if isinstance(error.orig_exc, Misplaced):
            raise SourceError(f"{error.orig_exc.place}: {error.orig_exc}") from error
        if isinstance(error.orig_exc, RecursionError):
            raise SourceError(f"{quotation.file}:{quotation.line}: nested too deeply") from None
        raise
    except RecursionError:
        raise SourceError(f"{quotation.file}:{quotation.line}: nested too deeply") from None


def read_term(text: str, file: str = "", line: int = 1, start: int = 0) -> s.Term:
    """One term.  Raises SourceError."""
    term: s.Term = _read(_Quotation(file, text, line, start), "term")
    return term


def read_type(text: str, file: str = "", line: int = 1) -> s.HolType:
    """One type.  Raises SourceError."""
    result: s.HolType = _read(_Quotation(file, text, line, 0), "type")
    return result


def _head(term: s.Term) -> tuple[str, tuple[s.Term, ...], s.HolType | None]:
    """The name that a clause defines, its parameters, and its type where the text gives it."""
    function, arguments = s.spine(term)
    annotation: s.HolType | None = None
    if isinstance(function, s.Annotated):
        annotation = function.type
        function, more = s.spine(function.term)
        arguments = (*more, *arguments)
    if not isinstance(function, s.Name):
        raise Misplaced("a definition begins with the name that it defines", function.place)
    if function.name in ("onlywhen", "andThen", "<==", "NOTIN'") and len(arguments) == 2:
        return function.name, arguments, annotation
    return function.name, arguments, annotation


def _definitions(term: s.Term) -> list[s.Definition]:
    """The definitions of one quotation: its clauses, joined by name."""
    names: list[str] = []
    clauses: dict[str, list[s.Clause]] = {}
    types: dict[str, s.HolType] = {}
    for equation in s.conjuncts(term):
        head, arguments = s.spine(equation)
        if not (isinstance(head, s.Name) and head.name in ("=", "<=>") and len(arguments) == 2):
            raise Misplaced("a definition is an equation", equation.place)
        name, parameters, annotation = _head(arguments[0])
        if name not in clauses:
            names.append(name)
            clauses[name] = []
        if annotation is not None:
            types[name] = annotation
        clauses[name].append(s.Clause(parameters, arguments[1], equation.place))
    return [s.Definition(name, tuple(clauses[name]), clauses[name][0].place, types.get(name)) for name in names]


def _rule(conjunct: s.Term, number: int) -> s.RuleText:
    variables: tuple[s.Term, ...] = ()
    body = conjunct
    if isinstance(body, s.Quantified) and body.binder == "!":
        variables, body = body.patterns, body.body
    head, arguments = s.spine(body)
    operator = head.name if isinstance(head, s.Name) else ""
    if operator == "<==" and isinstance(arguments[0], s.Transition):
        transition, premise = arguments[0], arguments[1]
    elif operator == "==>":
        return s.RuleText(
            f"net_redn_{number}", variables, _net_transition(arguments[1]), s.conjuncts(arguments[0]), conjunct.place
        )
    else:
        raise Misplaced("a rule is a transition and its premises", conjunct.place)
    name = transition.rule.name if isinstance(transition.rule, s.Name) else ""
    return s.RuleText(name, variables, transition, s.conjuncts(premise), conjunct.place)


def _relations(term: s.Term) -> list[s.Definition]:
    """The relations of one quotation that are not transitions, with a clause for each way to hold."""
    clauses: dict[str, list[s.Clause]] = {}
    for part in s.conjuncts(term):
        conclusion = part.body if isinstance(part, s.Quantified) and part.binder == "!" else part
        premises: s.Term = s.Name("T", part.place)
        head, arguments = s.spine(conclusion)
        if isinstance(head, s.Name) and head.name == "==>" and len(arguments) == 2:
            premises = arguments[0]
            head, arguments = s.spine(arguments[1])
        if not isinstance(head, s.Name):
            raise Misplaced("the conclusion of a clause is a relation", part.place)
        clauses.setdefault(head.name, []).append(s.Clause(arguments, premises, part.place))
    return [s.Definition(name, tuple(each), each[0].place) for name, each in clauses.items()]


def _net_transition(term: s.Term) -> s.Transition:
    """`net_redn before label after`, the relation of the network, as a transition."""
    head, arguments = s.spine(term)
    if not (isinstance(head, s.Name) and len(arguments) == 3):
        raise Misplaced("the conclusion of a rule is a relation of three", term.place)
    return s.Transition(head, s.Pair(()), s.Pair(()), arguments[0], arguments[1], arguments[2], False, term.place)


@dataclass
class _Outline(Transformer[Token, None]):
    """Reads each quotation of a file as what it is for."""

    file: str
    definitions: list[s.Definition] = field(default_factory=list)
    datatypes: list[s.Datatype | s.RecordType] = field(default_factory=list)
    abbreviations: list[s.Abbreviation] = field(default_factory=list)
    overloads: list[s.Overload] = field(default_factory=list)
    rules: list[s.RuleText] = field(default_factory=list)
    relations: list[s.Definition] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def _quotation(self, token: Token, quotes: int) -> _Quotation:
        assert token.line is not None and token.start_pos is not None
        return _Quotation(self.file, str(token)[quotes:-quotes], token.line, token.start_pos + quotes)

    def definition(self, tokens: list[Token]) -> None:
        term = _read(self._quotation(tokens[-1], 1), "term")
        self.definitions.extend(_definitions(term))

    def datatype(self, tokens: list[Token]) -> None:
        self.datatypes.append(_read(self._quotation(tokens[-1], 1), "datatype"))

    def relation(self, tokens: list[Token]) -> None:
        term = _read(self._quotation(tokens[-1], 1), "term")
        if self.file == "TCP1_baseTypesScript.sml":
            self.relations.extend(_relations(term))
            return
        parts = s.conjuncts(term)
        self.rules.extend(_rule(part, number) for number, part in enumerate(parts, 1))

    def abbreviation(self, tokens: list[Token]) -> None:
        quotation = self._quotation(tokens[1], 2)
        quotation.text = " " + quotation.text.removeprefix(":")
        place = s.Place(self.file, quotation.line, quotation.start, quotation.start + len(quotation.text))
        self.abbreviations.append(s.Abbreviation(str(tokens[0])[1:-1], _read(quotation, "type"), place))

    def overload(self, tokens: list[Token]) -> None:
        quotation = self._quotation(tokens[1], 2)
        place = s.Place(self.file, quotation.line, quotation.start, quotation.start + len(quotation.text))
        text = quotation.text
        term = s.Name(text, place) if "$" in text else _read(quotation, "term")
        self.overloads.append(s.Overload(str(tokens[0])[1:-1], term, place))

    def field(self, tokens: list[Token]) -> None:
        self.overload(tokens)


def _transformed(tree: Any, outline: _Outline) -> None:
    transform: Callable[[Any], object] = outline.transform
    try:
        transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, Misplaced):
            raise SourceError(f"{error.orig_exc.place}: {error.orig_exc}") from error
        if isinstance(error.orig_exc, SourceError):
            raise error.orig_exc from None
        if isinstance(error.orig_exc, RecursionError):
            raise SourceError(f"{outline.file}: nested too deeply") from None
        raise


def read_source(text: str, name: str) -> SourceFile:
    """What a source file declares.  Raises SourceError naming file and line."""
    try:
        tree = _parser("start").parse(without_comments(text))
    except ValueError as error:
        raise SourceError(f"{name}: {error}") from error
    except UnexpectedInput as error:
        raise SourceError(f"{name}:{error.line}: this is not a source file of the model") from error
    outline = _Outline(name)
    _transformed(tree, outline)
    return SourceFile(
        name,
        tuple(outline.definitions),
        tuple(outline.datatypes),
        tuple(outline.abbreviations),
        tuple(outline.overloads),
        tuple(outline.rules),
        tuple(outline.relations),
    )


def read_file(path: Path) -> SourceFile:
    """What a source file declares.  Raises SourceError naming file and line."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path}: larger than {MAX_BYTES} bytes: not a source file of the model")
        return read_source(path.read_text("utf-8", errors="replace"), path.name)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error


def read_model(checkout: Path, names: Sequence[str] = FILES) -> tuple[SourceFile, ...]:
    """The source files of the specification proper in a checkout of the model.

    `checkout` is its top folder, or the folder with the files.  Raises SourceError.
    """
    folder = checkout / "specification"
    return tuple(read_file((folder if folder.is_dir() else checkout) / name) for name in names)
