"""The Python specification by the names of the HOL4 text that it transcribes.

Each object says in its docstring where it is from: `Source: FILE.sml, name.`, with several
names where it transcribes several.  A constant has its docstring after it.  The modules are
parsed, not imported, so that constants are read as the functions are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

Kind = Literal["rule", "function", "class", "enum", "constant", "alias", "member"]

_SOURCE: Final = re.compile(r"Source:\s+(?P<file>\w+\.sml),\s+(?P<names>[^.()]+?)(?P<note>\s*\([^()]*\))?\.")
_NAME_SEPARATOR: Final = re.compile(r",\s*|\s+and\s+")


@dataclass(frozen=True, slots=True)
class Origin:
    """A name of the HOL4 text, with its file."""

    file: str
    name: str


@dataclass(frozen=True, slots=True)
class SourcedObject:
    """A public object of the specification and the names of the text that it transcribes.

    `parameters` are those of a function or the fields of a record; `types` are the
    annotations of these, `members` the names in an enumeration, `type_parameters` the number
    of types that a class or an alias takes.  A member of an enumeration that has a name of its
    own, such as `LO`, is of kind "member", and `value` is the class.  An alias has its type as
    value.  None stands where there is no annotation.
    """

    module: str
    name: str
    kind: Kind
    origins: tuple[Origin, ...] = ()
    parameters: tuple[str, ...] = ()
    types: tuple[ast.expr | None, ...] = ()
    members: tuple[str, ...] = ()
    type_parameters: tuple[str, ...] = ()
    value: ast.expr | None = None

    @property
    def qualified(self) -> str:
        """The name with that of its module."""
        return f"{self.module}.{self.name}"


OF_RFCS = ("netspec.wire.", "netspec.dhcp.")
"""The packages that transcribe RFCs, of which the model's text says nothing."""


@cache
def python_objects() -> Mapping[str, SourcedObject]:
    """The public objects of the packages that transcribe the text, by their names with those of their modules."""
    found: dict[str, SourcedObject] = {}
    for module, tree in _modules():
        enums = {one.name for one in found.values() if one.kind == "enum"}
        for one in _of_module(module, tree, enums):
            found[one.qualified] = one
    return found


@cache
def by_origin() -> Mapping[Origin, tuple[SourcedObject, ...]]:
    """What transcribes each name of the text."""
    found: dict[Origin, list[SourcedObject]] = {}
    for one in python_objects().values():
        for origin in one.origins:
            found.setdefault(origin, []).append(one)
    return {origin: tuple(objects) for origin, objects in found.items()}


def origins(docstring: str) -> tuple[Origin, ...]:
    """The names of the text that a docstring gives as its source."""
    found = []
    for match in _SOURCE.finditer(" ".join(docstring.split())):
        found += [Origin(match["file"], name) for name in _NAME_SEPARATOR.split(match["names"])]
    return tuple(found)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    root = Path(str(files("netspec")))
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if f"{module}.".startswith(OF_RFCS):
            continue
        yield module, ast.parse(path.read_text("utf-8"), str(path))


def _of_module(module: str, tree: ast.Module, enums: set[str]) -> Iterator[SourcedObject]:
    known = set(enums)
    for position, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef) and not _decorated(node, "overload"):
            one = _function(module, node)
            if not one.name.startswith("_"):
                yield one
        elif isinstance(node, ast.ClassDef):
            one = _class(module, node)
            known |= {one.name} if one.kind == "enum" else set()
            if not one.name.startswith("_"):
                yield one
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            following = tree.body[position + 1] if position + 1 < len(tree.body) else None
            yield from _assigned(module, node, _text_of(following), known)


def _text_of(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return ""


def _decorated(node: ast.FunctionDef | ast.ClassDef, name: str) -> bool:
    called = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    return any(isinstance(each, ast.Name) and each.id == name for each in called)


def _function(module: str, node: ast.FunctionDef) -> SourcedObject:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return SourcedObject(
        module,
        node.name,
        "rule" if _decorated(node, "rule") else "function",
        origins(ast.get_docstring(node) or ""),
        tuple(argument.arg for argument in arguments),
        tuple(argument.annotation for argument in arguments),
    )


def _class(module: str, node: ast.ClassDef) -> SourcedObject:
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    generic = [base for base in node.bases if isinstance(base, ast.Subscript)]
    if "Enum" in bases:
        assigned = [each for each in node.body if isinstance(each, ast.Assign)]
        members = tuple(name for each in assigned for name in _targets(each) if not name.startswith("_"))
        return SourcedObject(module, node.name, "enum", origins(ast.get_docstring(node) or ""), members=members)
    fields = [
        (each.target.id, each.annotation)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]
    return SourcedObject(
        module,
        node.name,
        "class",
        origins(ast.get_docstring(node) or ""),
        tuple(name for name, _ in fields),
        tuple(annotation for _, annotation in fields),
        type_parameters=tuple(name for base in generic for name in _names(base.slice)),
    )


def _assigned(module: str, node: ast.Assign | ast.AnnAssign, text: str, enums: set[str]) -> Iterator[SourcedObject]:
    found = origins(text)
    for name in _targets(node):
        if not name.startswith("_") and node.value is not None:
            kind = _kind(node, enums)
            if kind == "alias":
                yield SourcedObject(module, name, kind, found, value=node.value)
            elif kind is not None:
                yield SourcedObject(module, name, kind, found, value=node.value if kind == "member" else None)


def _targets(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else (node.target,):
        yield from _names(target)


def _names(node: ast.expr) -> Iterator[str]:
    for each in node.elts if isinstance(node, ast.Tuple) else (node,):
        if isinstance(each, ast.Name):
            yield each.id


def _kind(node: ast.Assign | ast.AnnAssign, enums: set[str]) -> Kind | None:
    """What an assignment makes; None for a type variable."""
    value = node.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar":
        return None
    if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias":
        return "alias"
    if isinstance(value, ast.Subscript) or (isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)):
        return "alias"
    owner = value.value if isinstance(value, ast.Attribute) else value
    return "member" if isinstance(owner, ast.Name) and owner.id in enums else "constant"
