"""The declarations of the model, by name, with the Python objects that stand for its types."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from types import ModuleType
from typing import Any, Final

from netoracle.transcription import syntax as s
from netoracle.transcription.reader import SourceFile
from netspec.base import base_types, errors, seq32, signals, timers
from netspec.tcp import host0, host_types, lib_interface, net_types, params, pre_host_types

MODULES: Final[tuple[ModuleType, ...]] = (
    base_types,
    errors,
    signals,
    seq32,
    timers,
    net_types,
    lib_interface,
    params,
    pre_host_types,
    host_types,
    host0,
)
"""Where the types of the specification are."""

RENAMED: Final = {"OK": "Ok", "FAIL": "Fail", "ip": "Ip"}
"""Constructors whose Python name is not the model's."""

PLAIN_NAMES: Final = frozenset({"OK", "FAIL"})
"""Constructors that are overloaded after definitions have used them."""

PLAIN: Final = "plain "


@dataclass(frozen=True, slots=True)
class Opaque:
    """A constructor, with its arguments, of a type that the specification does not have as values."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ConstructorOf:
    """A constructor: its datatype, argument types, and the class or the member that stands for it."""

    name: str
    datatype: s.Datatype
    arguments: tuple[s.HolType, ...]
    python: Any


@dataclass
class Theory:
    """What the model declares, by name."""

    definitions: dict[str, s.Definition] = field(default_factory=dict)
    constructors: dict[str, ConstructorOf] = field(default_factory=dict)
    overloads: dict[str, list[str]] = field(default_factory=dict)
    abbreviations: dict[str, s.HolType] = field(default_factory=dict)
    records: dict[frozenset[str], tuple[s.RecordType, type]] = field(default_factory=dict)
    record_types: dict[type, s.RecordType] = field(default_factory=dict)
    rules: dict[str, s.RuleText] = field(default_factory=dict)

    def expanded(self, t: s.HolType) -> s.HolType:
        """A type with its abbreviations replaced."""
        if isinstance(t, s.TypeName):
            if t.name in self.abbreviations and not t.arguments:
                return self.expanded(self.abbreviations[t.name])
            return s.TypeName(t.name, tuple(map(self.expanded, t.arguments)))
        return t

    def record_of(self, names: Iterable[str]) -> tuple[s.RecordType, type] | None:
        """The record type with exactly these fields, and its class."""
        return self.records.get(frozenset(names))


def theory_of(model: Iterable[SourceFile]) -> Theory:
    """The declarations of the model's files.  Where a name is defined twice the later one counts."""
    theory = Theory()
    for source in model:
        later = {overload.name: overload.place.start for overload in reversed(source.overloads)}
        for definition in source.definitions:
            early = {name for name, start in later.items() if definition.place.start < start}
            theory.definitions[definition.name] = _with_plain_names(definition, early)
        for datatype in source.datatypes:
            if isinstance(datatype, s.RecordType):
                _add_record(theory, datatype)
            else:
                _add_constructors(theory, datatype)
        for abbreviation in source.abbreviations:
            theory.abbreviations[abbreviation.name] = abbreviation.type
        for overload in source.overloads:
            if isinstance(overload.term, s.Name):
                theory.overloads.setdefault(overload.name, []).append(overload.term.name)
        for rule in source.rules:
            theory.rules[rule.name] = rule
    return theory


def _with_plain_names(definition: s.Definition, names: Collection[str]) -> s.Definition:
    """A definition in which some names mean what they did before they were overloaded."""
    clauses = tuple(
        replace(clause, value=_plain(clause.value, names)) if names else clause for clause in definition.clauses
    )
    return replace(definition, clauses=clauses)


def _plain(node: Any, names: Collection[str]) -> Any:
    if isinstance(node, s.Name):
        return s.Name(PLAIN + node.name, node.place) if node.name in names and node.name in PLAIN_NAMES else node
    if isinstance(node, tuple):
        return tuple(_plain(item, names) for item in node)
    if is_dataclass(node) and not isinstance(node, type | s.Place | s.TypeName | s.TypeVariable):
        return replace(node, **{f.name: _plain(getattr(node, f.name), names) for f in fields(node)})
    return node


def _add_constructors(theory: Theory, datatype: s.Datatype) -> None:
    for constructor in datatype.constructors:
        python = _python_constructor(constructor.name)
        entry = ConstructorOf(constructor.name, datatype, constructor.arguments, python)
        theory.constructors[constructor.name] = entry
        if constructor.name in PLAIN_NAMES:
            theory.constructors[PLAIN + constructor.name] = entry


def _python_constructor(name: str) -> Any:
    wanted = RENAMED.get(name, name)
    for module in MODULES:
        found = getattr(module, wanted, None)
        if isinstance(found, Enum | params.Arch) or (isinstance(found, type) and is_dataclass(found)):
            return found
    members = {member for module in MODULES for member in _members(module, wanted)}
    return members.pop() if len(members) == 1 else None


def _members(module: ModuleType, name: str) -> list[Enum]:
    """The members of this name of the enumerations of a module."""
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Enum)]
    return [kind.__members__[name] for kind in kinds if name in kind.__members__]


def _add_record(theory: Theory, record: s.RecordType) -> None:
    python = _python_record(record)
    if python is not None:
        theory.records[frozenset(name for name, _ in record.fields)] = (record, python)
        theory.record_types[python] = record


def _python_record(record: s.RecordType) -> type | None:
    plain = record.name.replace("_", "").lower()
    names = [name for name, _ in record.fields]
    for module in MODULES:
        for name, found in vars(module).items():
            if name.replace("_", "").lower() == plain and isinstance(found, type) and is_dataclass(found):
                if sorted(f.name.rstrip("_") for f in fields(found)) == sorted(names):
                    return found
    return None


def python_field(cls: type, name: str) -> str:
    """The Python name of a record's field: with an underscore where it is a word of Python."""
    return name if name in cls.__dataclass_fields__ else f"{name}_"  # type: ignore[attr-defined]
