"""What the HOL4 text declares, as plain facts: names, parameters, fields, categories, labels.

An inventory is made from the text by `inventory`, and kept as JSON beside this module for
comparisons without the text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Final, TypeAlias

from netoracle.transcription import syntax as s
from netoracle.transcription.categories import categories
from netoracle.transcription.reader import SourceFile
from netoracle.transcription.show import show_pattern

Parameter: TypeAlias = "str | tuple[Parameter, ...] | None"
"""A parameter's name, or those of a tuple; None where it is matched with a pattern."""

MAIN: Final = "inventory.json"
BRANCH: Final = "inventory_freebsd_current.json"
"""The text of the branch FreeBSD-CURRENT."""


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """A rule: its categories for each kind of label, its label as the text has it, and its variables."""

    name: str
    protocol: str
    categories: dict[str, list[str]]
    label: str
    variables: list[str]


@dataclass(frozen=True, slots=True)
class DefinitionFacts:
    """A definition: its parameters, and the number of its clauses."""

    name: str
    parameters: tuple[Parameter, ...]
    clauses: int


@dataclass(frozen=True, slots=True)
class DatatypeFacts:
    """A datatype: its constructors and the types of their arguments."""

    name: str
    constructors: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """A record type: its fields in order, with their types."""

    name: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class NameFacts:
    """An abbreviation or an overload: a name and what it stands for."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one file declares; `relations` are the inductive ones that are not of hosts."""

    name: str
    definitions: tuple[DefinitionFacts, ...]
    relations: tuple[DefinitionFacts, ...]
    datatypes: tuple[DatatypeFacts, ...]
    records: tuple[RecordFacts, ...]
    abbreviations: tuple[NameFacts, ...]
    overloads: tuple[NameFacts, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the text declares: file by file, the rules of the host, and those of the network."""

    files: tuple[FileFacts, ...]
    rules: tuple[RuleFacts, ...]
    network: tuple[RuleFacts, ...]


# -- from the text ---------------------------------------------------------------------------------


def inventory(model: Iterable[SourceFile]) -> Inventory:
    """The facts of the files of a model."""
    sources = tuple(model)
    constructors = {
        each.name
        for source in sources
        for datatype in source.datatypes
        if isinstance(datatype, s.Datatype)
        for each in datatype.constructors
    }
    rules = [rule for source in sources for rule in source.rules]
    return Inventory(
        tuple(_file(source, constructors) for source in sources),
        tuple(_rule(rule) for rule in rules if not _of_network(rule)),
        tuple(_rule(rule) for rule in rules if _of_network(rule)),
    )


def _of_network(rule: s.RuleText) -> bool:
    return isinstance(rule.transition.rule, s.Name) and rule.transition.rule.name == "net_redn"


def _rule(rule: s.RuleText) -> RuleFacts:
    return RuleFacts(
        rule.name,
        show_pattern(rule.transition.protocol),
        categories(rule),
        show_pattern(rule.transition.label),
        [show_pattern(variable) for variable in rule.variables],
    )


def _file(source: SourceFile, constructors: Collection[str]) -> FileFacts:
    datatypes = [each for each in source.datatypes if isinstance(each, s.Datatype)]
    records = [each for each in source.datatypes if isinstance(each, s.RecordType)]
    return FileFacts(
        source.name,
        tuple(_definition(each, constructors) for each in source.definitions),
        tuple(_definition(each, constructors) for each in source.relations),
        tuple(
            DatatypeFacts(each.name, {one.name: [s.show_type(t) for t in one.arguments] for one in each.constructors})
            for each in datatypes
        ),
        tuple(RecordFacts(each.name, {name: s.show_type(t) for name, t in each.fields}) for each in records),
        tuple(NameFacts(each.name, s.show_type(each.type)) for each in source.abbreviations),
        tuple(NameFacts(each.name, show_pattern(each.term)) for each in source.overloads),
    )


def _definition(definition: s.Definition, constructors: Collection[str]) -> DefinitionFacts:
    return DefinitionFacts(definition.name, _parameters(definition.clauses, constructors), len(definition.clauses))


def _parameters(clauses: Sequence[s.Clause], constructors: Collection[str]) -> tuple[Parameter, ...]:
    each = [tuple(_parameter(one, constructors) for one in clause.parameters) for clause in clauses]
    joined: tuple[Parameter, ...] = each[0]
    for other in each[1:]:
        joined = _joined(joined, other)
    return joined


def _parameter(pattern: s.Term, constructors: Collection[str]) -> Parameter:
    if isinstance(pattern, s.Annotated):
        return _parameter(pattern.term, constructors)
    if isinstance(pattern, s.Pair):
        return tuple(_parameter(item, constructors) for item in pattern.items)
    return pattern.name if isinstance(pattern, s.Name) and pattern.name not in constructors else None


def _joined(first: tuple[Parameter, ...], second: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The parameters of two clauses: named where both name them alike."""
    return tuple(_joined_one(a, b) for a, b in zip(first, second, strict=False))


def _joined_one(a: Parameter, b: Parameter) -> Parameter:
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return _joined(a, b)
    return a if a == b else None


# -- as JSON ---------------------------------------------------------------------------------------


def to_json(facts: Inventory) -> str:
    """The inventory as JSON, a line for each name."""
    plain = asdict(facts)
    return "{\n" + ",\n".join(f' "{key}": {_lines(value, 1)}' for key, value in plain.items()) + "\n}\n"


def _lines(value: Any, depth: int) -> str:
    """Lists of names a line each; what a name has stays on its line."""
    indent = " " * (depth + 1)
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(indent + _lines(item, depth + 1) for item in value) + f"\n{' ' * depth}]"
    if isinstance(value, dict) and "definitions" in value:
        inner = ",\n".join(f"{indent}{json.dumps(key)}: {_lines(one, depth + 1)}" for key, one in value.items())
        return "{\n" + inner + f"\n{' ' * depth}}}"
    return json.dumps(value)


def from_json(text: str) -> Inventory:
    """The inventory that JSON holds."""
    plain = json.loads(text)
    return Inventory(
        tuple(map(_file_of, plain["files"])),
        tuple(RuleFacts(**rule) for rule in plain["rules"]),
        tuple(RuleFacts(**rule) for rule in plain["network"]),
    )


def _file_of(plain: dict[str, Any]) -> FileFacts:
    return FileFacts(
        plain["name"],
        tuple(map(_definition_of, plain["definitions"])),
        tuple(map(_definition_of, plain["relations"])),
        tuple(DatatypeFacts(**one) for one in plain["datatypes"]),
        tuple(RecordFacts(**one) for one in plain["records"]),
        tuple(NameFacts(**one) for one in plain["abbreviations"]),
        tuple(NameFacts(**one) for one in plain["overloads"]),
    )


def _definition_of(plain: dict[str, Any]) -> DefinitionFacts:
    return DefinitionFacts(plain["name"], _tuples(plain["parameters"]), plain["clauses"])


def _tuples(value: list[Any]) -> tuple[Parameter, ...]:
    return tuple(_tuples(item) if isinstance(item, list) else item for item in value)


def kept(branch: bool = False) -> Inventory:
    """The inventory kept with the project: of the main text, or of the branch."""
    name = BRANCH if branch else MAIN
    return from_json(files(__package__).joinpath(name).read_text("utf-8"))
