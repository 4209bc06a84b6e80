"""Traces of the HOL trace language, from their text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from os import PathLike, fspath
from typing import Literal, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from netoracle.trace.files import read_bytes
from netoracle.trace.hol.comments import CommentError, distribute
from netoracle.trace.hol.reading.calls import typed_result
from netoracle.trace.hol.reading.hosts import abstime, host_line
from netoracle.trace.hol.reading.labels import label
from netoracle.trace.hol.reading.terms import Node, NodeKind, Term, TermError, rejected, shown_text
from netoracle.trace.hol.reading.values import duration, string
from netoracle.trace.hol.text import Places, blank_comments
from netoracle.trace.model import Entry, InitialHost, Trace, TraceError, TraceLabel
from netspec.base.base_types import TID
from netspec.tcp.host0 import Lh_call, Lh_epsilon, Lh_return
from netspec.tcp.lib_interface import LIB_interface


def read_hol(path: str | PathLike[str]) -> Trace:
    """Read a HOL trace file, gzipped or not.

    Raises TraceError, naming line and column, where it is none.
    """
    return parse_hol(read_bytes(path).decode("latin-1"), fspath(path))


def parse_hol(text: str, path: str = "<text>") -> Trace:
    """Read a HOL trace from its text; `path` is what errors call it.

    Raises TraceError, naming line and column, where it is none.
    """
    blanked, comments = blank_comments(text, path)
    try:
        items = _parse(blanked)
        frame = [item for item in items if item.kind != "label"]
        labelled = [item for item in items if item.kind == "label"]
        if not labelled:
            raise _Misplaced(len(blanked.rstrip()), "the trace ends before its first label")
        hosts, base_time = _setup(frame)
        entries = _entries(labelled, hosts)
        setup = _begin(frame[-1].first) if frame else -1
        spans = [(_begin(item.first), item.end) for item in labelled]
        header, remarks = distribute(comments, setup, spans)
    except TermError as error:
        raise TraceError(path, error.at.line, error.at.column, error.message) from None
    except (_Misplaced, CommentError) as error:
        raise TraceError(path, *Places(text).of(error.offset), str(error)) from None
    labels = tuple(
        replace(entry, time=said.time, source=said.source, index=said.index, comments=said.texts)
        for entry, said in zip(entries, remarks, strict=True)
    )
    return Trace(path, "hol", hosts, labels, base_time, header)


# ---------------------------------------------------------------- from tokens to items


@dataclass(frozen=True, slots=True)
class _Item:
    """Something at the top of a trace: where it begins, where it ends, and what it is."""

    kind: Literal["host", "abstime", "label"]
    value: object
    first: Token
    end: int
    host: Token | None = None


class _Terms(Transformer[Token, list[_Item]]):
    """Builds terms, and turns each label into its value as soon as it is complete."""

    def start(self, items: list[_Item]) -> list[_Item]:
        return items

    def host(self, found: list[Token]) -> _Item:
        return _Item("host", host_line(None, found[0], tuple(found[1:])), found[0], 0)

    def net_host(self, found: list[Token]) -> _Item:
        return _Item("host", host_line(_name(found[1]), found[0], tuple(found[2:])), found[0], 0)

    def net_host_in_brackets(self, found: list[Token]) -> _Item:
        return _Item("host", host_line(_name(found[1]), found[0], tuple(found[3:])), found[0], 0)

    def abstime(self, found: list[Token]) -> _Item:
        return _Item("abstime", abstime(found[1:]), found[0], 0)

    def label(self, found: list[Token]) -> _Item:
        return _Item("label", label(found[0], tuple(found[2:-1])), found[0], _end(found[-1]))

    def label_of_host(self, found: list[Token]) -> _Item:
        item = found[2]
        assert isinstance(item, _Item)
        return replace(item, first=found[0], end=_end(found[-1]), host=found[1])

    def epsilon_of_network(self, found: list[Token]) -> _Item:
        return _Item("label", Lh_epsilon(duration(found[1])), found[0], _end(found[-1]))

    def application(self, found: list[Term]) -> Node:
        return Node("application", _first(found[0]), tuple(found))

    def group(self, found: list[Term]) -> Term:
        return found[1] if len(found) == 2 else _node("tuple", found)

    def listed(self, found: list[Term]) -> Node:
        return _node("list", found)

    def braced(self, found: list[Term]) -> Node:
        return _node("set", found)

    def record(self, found: list[Term]) -> Node:
        return _node("record", found)

    def field(self, found: list[Term]) -> Node:
        return _node("field", found)


def _first(term: Term) -> Token:
    return term if isinstance(term, Token) else term.first


def _node(kind: NodeKind, found: list[Term]) -> Node:
    """A term of a kind that begins with a token of its own."""
    return Node(kind, _first(found[0]), tuple(found[1:]))


def _begin(token: Token) -> int:
    """Where a token begins."""
    return token.start_pos or 0


def _end(token: Token) -> int:
    """Where a token ends."""
    return _begin(token) + len(token)


def _name(token: Token) -> str:
    """A host's name."""
    return string(token).decode("latin-1")


@cache
def _parser() -> Lark:
    grammar = files("netoracle.trace.hol").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False, transformer=_Terms())


class _Misplaced(Exception):
    """Something in the text that the grammar does not allow there."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def _parse(text: str) -> list[_Item]:
    try:
        return cast(list[_Item], _parser().parse(text))
    except UnexpectedToken as error:
        raise _misplaced(error, text) from None
    except UnexpectedCharacters as error:
        offset = error.pos_in_stream or 0
        raise _Misplaced(offset, f"unexpected character {shown_text(text[offset])}") from None


_WORDS = {
    "SEMICOLON": "';'",
    "COMMA": "','",
    "ASSIGN": "':='",
    "RPAR": "')'",
    "RSQB": "']'",
    "RBRACE": "'}'",
    "CLOSING": "'|>'",
    "LPAR": "'('",
    "RECORD": "'<|'",
    "STRING": "a string",
    "NAME": "a name",
    "NUMBER": "a number",
    "RATIONAL": "a quotient",
    "INITIAL_HOST": "a host line",
    "NET_INITIAL_HOST": "a host line",
    "ABSTIME": "a base time",
    "LABEL": "a label",
    "LN1_HOST": "a label",
    "LN1_EPSILON": "a label",
    "$END": "the end",
}
_VALUE = frozenset(("NAME", "NUMBER", "RATIONAL", "STRING", "BYTES", "LPAR", "LSQB", "LBRACE", "RECORD"))
_CLOSING = frozenset(("SEMICOLON", "COMMA", "RPAR", "RSQB", "RBRACE", "CLOSING"))


def _misplaced(error: UnexpectedToken, text: str) -> _Misplaced:
    """The error for a token that cannot follow what precedes it, or for the end of the text."""
    allowed = set(error.expected)
    words = set()
    if allowed >= _VALUE:
        allowed -= _VALUE
        words.add("a value")
    if len(allowed & _CLOSING) > 2:
        allowed -= _CLOSING
        words.add("the end of a value")
    words |= {_WORDS[name] for name in allowed}
    what = " or ".join(sorted(words))
    if error.token.type == "$END":
        return _Misplaced(len(text.rstrip()), f"the trace ends where {what} should follow")
    return _Misplaced(_begin(error.token), f"expected {what}, found {shown_text(error.token)}")


# ---------------------------------------------------------------- from items to a trace


def _setup(items: list[_Item]) -> tuple[tuple[InitialHost, ...], Fraction | None]:
    """The host lines and the base time in front of the labels."""
    hosts: list[InitialHost] = []
    base_time: Fraction | None = None
    for item in items:
        if isinstance(item.value, InitialHost):
            name = item.value.name
            if hosts and (name is None or hosts[0].name is None):
                raise rejected(item.first, "a second host, and they are not both named")
            if any(host.name == name for host in hosts):
                raise rejected(item.first, f"a second host with the name {shown_text(name or '')}")
            hosts.append(item.value)
        elif base_time is not None:
            raise rejected(item.first, "a second base time")
        else:
            assert isinstance(item.value, Fraction)
            base_time = item.value
    return tuple(hosts), base_time


def _entries(items: list[_Item], hosts: tuple[InitialHost, ...]) -> list[Entry]:
    """The labels, each return typed by the call that its thread waits in."""
    names = {host.name for host in hosts} - {None}
    pending: dict[tuple[str | None, TID], LIB_interface] = {}
    entries: list[Entry] = []
    for item in items:
        value = cast(TraceLabel, item.value)
        host = None if item.host is None else _name(item.host)
        if item.host is not None and names and host not in names:
            raise rejected(item.host, f"no host line names {shown_text(item.host)}")
        if isinstance(value, Lh_call):
            pending[host, value.tid] = value.call
        elif isinstance(value, Lh_return):
            value = replace(value, v=typed_result(value.v, pending.pop((host, value.tid), None)))
        entries.append(Entry(value, host=host, line=item.first.line or 0, column=item.first.column or 0))
    return entries
