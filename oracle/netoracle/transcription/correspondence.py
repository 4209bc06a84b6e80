"""Types of the text and annotations of the specification, in one form that can be compared.

A form is a name, a tuple of a type constructor and forms, or a set of forms, which is their
union: `'a option` is the union with `None`, and a datatype that of the classes that transcribe
its constructors.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias, cast

from netoracle.transcription import syntax as s
from netoracle.transcription.inventory import Inventory
from netoracle.transcription.reader import read_type
from netoracle.transcription.sources import Origin, SourcedObject

Form: TypeAlias = "str | tuple[Form, ...] | frozenset[Form]"

BASIC: Final[Mapping[str, Form]] = {
    "num": "int",
    "int": "int",
    "char": "int",
    "word8": "int",
    "word16": "int",
    "word32": "int",
    "bool": "bool",
    "real": "Fraction",
    "string": "bytes",
    "one": ("tuple",),
    "time": frozenset({"Fraction", "TimeInfty"}),
    "seq32": "Seq32",
    "arch": "Arch",
}
"""Types of the text that the specification has as types of Python, or as one class of its own."""

BYTES: Final = ("list", "int")
"""Lists of bytes are `bytes`."""

_COLLECTIONS: Final = {"list": "list", "multiset": "list", "set": "set", "|->": "map", "->": "map"}
_PYTHON_COLLECTIONS: Final = {"frozenset": "set", "Map": "map", "Mapping": "map"}


def union(*parts: Form) -> Form:
    """The union of forms."""
    flat: set[Form] = set()
    for part in parts:
        flat |= part if isinstance(part, frozenset) else {part}
    return flat.pop() if len(flat) == 1 else frozenset(flat)


@dataclass(frozen=True)
class Types:
    """The forms of the types of an inventory, and of the annotations of the specification."""

    facts: Inventory
    objects: Mapping[str, SourcedObject]
    origins: Mapping[Origin, tuple[SourcedObject, ...]]

    def of_text(self, t: s.HolType) -> Form:
        """The form of a type of the text."""
        if isinstance(t, s.TypeVariable):
            return t.name
        if t.name in BASIC:
            return BASIC[t.name]
        if t.name == "option":
            inner = self.of_text(t.arguments[0])
            return union("None", ("Some", inner) if isinstance(inner, frozenset) and "None" in inner else inner)
        arguments = tuple(map(self.of_text, t.arguments))
        if t.name == "#":
            return ("tuple", *arguments)
        if t.name in _COLLECTIONS:
            form = (_COLLECTIONS[t.name], *arguments)
            return "bytes" if form == BYTES and self._is_byte(t.arguments[0]) else form
        return self._declared(t.name, arguments)

    def _is_byte(self, t: s.HolType) -> bool:
        return isinstance(t, s.TypeName) and t.name in ("byte", "char")

    def _declared(self, name: str, arguments: tuple[Form, ...]) -> Form:
        for file in self.facts.files:
            found = self.origins.get(Origin(file.name, name), ())
            classes = [one for one in found if one.kind in ("class", "enum")]
            if classes:
                return union(*(self._class(one, arguments) for one in classes))
            for abbreviation in file.abbreviations:
                if abbreviation.name == name:
                    return self.of_text(read(abbreviation.meaning))
        return name

    def _class(self, one: SourcedObject, arguments: tuple[Form, ...]) -> Form:
        return (one.name, *arguments) if one.type_parameters else one.name

    def of_annotation(self, node: ast.expr | None, module: str) -> Form:
        """The form of an annotation in a module of the specification."""
        match node:
            case None | ast.Constant(value=None):
                return "None"
            case ast.BinOp(left, ast.BitOr(), right):
                return union(self.of_annotation(left, module), self.of_annotation(right, module))
            case ast.Name(name):
                return self._named(name, (), module)
            case ast.Attribute(attr=name):
                return name
            case ast.Subscript(base, index):
                name = base.attr if isinstance(base, ast.Attribute) else cast(ast.Name, base).id
                return self._subscripted(name, index, module)
        return ast.unparse(node)

    def _subscripted(self, name: str, index: ast.expr, module: str) -> Form:
        items = index.elts if isinstance(index, ast.Tuple) else [index]
        if name == "tuple" and len(items) == 2 and isinstance(items[1], ast.Constant):
            return ("list", self.of_annotation(items[0], module))
        arguments = tuple(self.of_annotation(item, module) for item in items)
        if name in ("tuple", *_PYTHON_COLLECTIONS):
            return (_PYTHON_COLLECTIONS.get(name, name), *arguments)
        return self._named(name, arguments, module)

    def _named(self, name: str, arguments: tuple[Form, ...], module: str) -> Form:
        alias = self.objects.get(f"{module}.{name}") or next(
            (one for one in self.objects.values() if one.name == name), None
        )
        if alias is None or alias.kind != "alias" or alias.value is None:
            return (name, *arguments) if arguments else name
        form = self.of_annotation(alias.value, alias.module)
        return _substituted(form, arguments[0]) if arguments else form


def _substituted(form: Form, argument: Form) -> Form:
    """An alias of one parameter, `T` or `T_co`, applied."""
    if form in ("T", "T_co"):
        return argument
    if isinstance(form, tuple):
        return tuple(_substituted(part, argument) for part in form)
    if isinstance(form, frozenset):
        return union(*(_substituted(part, argument) for part in form))
    return form


def show(form: Form) -> str:
    """A form for people."""
    if isinstance(form, str):
        return form
    if isinstance(form, frozenset):
        return " | ".join(sorted(map(show, form), key=lambda text: (text == "None", text)))
    return f"{show(form[0])}[{', '.join(map(show, form[1:]))}]"


@cache
def read(text: str) -> s.HolType:
    """A type that an inventory has as text."""
    return read_type(f" {text}", "inventory")
