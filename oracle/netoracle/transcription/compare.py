"""The inventory of the HOL4 text compared with the Python specification.

Every name of the text has to be transcribed, under that name, and everything public in the
specification has to transcribe a name of the text.  Where that is not so, or where categories,
parameters, fields, their types or the arguments of constructors differ, there is a difference;
it is unexplained unless `reasons` has a reason for it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

import netspec.tcp.rules  # noqa: F401  (enters the rules into the index)
from netoracle.transcription import reasons
from netoracle.transcription.correspondence import Form, Types, read, show
from netoracle.transcription.inventory import (
    DatatypeFacts,
    DefinitionFacts,
    FileFacts,
    Inventory,
    NameFacts,
    RecordFacts,
    RuleFacts,
)
from netoracle.transcription.parameters import agree, plain
from netoracle.transcription.sources import Origin, SourcedObject, by_origin, python_objects
from netspec.tcp.rule import COMPOSITE_RULES, RULES, Rule

RULES_FILE: Final = "TCP1_hostLTSScript.sml"
NETWORK_FILE: Final = "TCP1_netScript.sml"

Kind = Literal["missing", "extra", "different"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is missing in the specification, extra in it, or different there.

    `what` says what kind of name it is: rule, definition, field, ...; `place` is the file of the
    text or the module of the specification that has it.
    """

    kind: Kind
    what: str
    name: str
    place: str
    detail: str = ""
    reason: str | None = None


@dataclass
class Count:
    """How many names of a kind the text has and how many are transcribed, and what was said of the differences."""

    what: str
    text: int = 0
    transcribed: int = 0
    explained: int = 0
    unexplained: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, and the differences."""

    counts: tuple[Count, ...]
    differences: tuple[Difference, ...]

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """The differences without a reason."""
        return tuple(one for one in self.differences if one.reason is None)


@dataclass
class Specification:
    """The Python side: the objects, by their names and by their sources, and the rules."""

    objects: Mapping[str, SourcedObject] = field(default_factory=python_objects)
    origins: Mapping[Origin, tuple[SourcedObject, ...]] = field(default_factory=by_origin)
    rules: Mapping[str, Rule] = field(default_factory=lambda: RULES | COMPOSITE_RULES)

    def of(self, origin: Origin, kinds: Iterable[str]) -> list[SourcedObject]:
        """The objects of some kinds that transcribe a name."""
        return [one for one in self.origins.get(origin, ()) if one.kind in kinds]


def compare(facts: Inventory, specification: Specification | None = None) -> Comparison:
    """Compare an inventory with the specification."""
    return _Comparison(facts, specification or Specification()).result()


class _Comparison:
    def __init__(self, facts: Inventory, python: Specification) -> None:
        self.facts = facts
        self.python = python
        self.types = Types(facts, python.objects, python.origins)
        self.differences: list[Difference] = []
        self.counts: dict[str, Count] = {}

    def result(self) -> Comparison:
        for rule in self.facts.rules:
            self._rule(rule)
        for file in self.facts.files:
            self._file(file)
        for clause in self.facts.network:
            self._name("network rule", clause.name, NETWORK_FILE, ("function",))
        self._extra()
        return Comparison(tuple(self.counts.values()), tuple(self.differences))

    # -- noting ------------------------------------------------------------------------------------

    def _note(self, kind: Kind, what: str, name: str, place: str, detail: str) -> None:
        reason = reasons.reason(what, name, detail)
        self.differences.append(Difference(kind, what, name, place, detail, reason))
        count = self.counts.setdefault(what, Count(what))
        if reason is None:
            count.unexplained += 1
        else:
            count.explained += 1

    def _compared(self, what: str, name: str, file: str, found: bool, difference: Callable[[], str] = str) -> None:
        """Count a name of the text.  It is missing, or `difference` says in what it differs, if it does."""
        count = self.counts.setdefault(what, Count(what))
        count.text += 1
        if not found:
            self._note("missing", what, name, file, "")
            return
        count.transcribed += 1
        detail = difference()
        if detail:
            self._note("different", what, name, file, detail)

    def _name(self, what: str, name: str, file: str, kinds: Iterable[str]) -> list[SourcedObject]:
        """Count a name of which only its presence is compared."""
        found = self.python.of(Origin(file, name), kinds)
        self._compared(what, name, file, bool(found))
        return found

    # -- what the text has ---------------------------------------------------------------------------

    def _rule(self, rule: RuleFacts) -> None:
        found = self.python.rules.get(rule.name)

        def difference() -> str:
            assert found is not None
            sourced = self.python.of(Origin(RULES_FILE, rule.name), ("rule",))
            said = [_of_rule(rule, found)] if any(one.name == rule.name for one in sourced) else ["it has no source"]
            return "; ".join(filter(None, said))

        self._compared("rule", rule.name, RULES_FILE, found is not None, difference)

    def _file(self, file: FileFacts) -> None:
        for definition in file.definitions:
            self._definition("definition", file.name, definition)
        for relation in file.relations:
            self._definition("relation", file.name, relation)
        for record in file.records:
            self._record(file.name, record)
        for datatype in file.datatypes:
            self._datatype(file.name, datatype)
        for abbreviation in file.abbreviations:
            self._abbreviation(file.name, abbreviation)
        names = {origin.name for origin in self._declared()}
        for overload in file.overloads:
            self._compared("overload", f"{overload.name} = {overload.meaning}", file.name, overload.meaning in names)

    def _definition(self, what: str, file: str, definition: DefinitionFacts) -> None:
        found = self.python.of(Origin(file, definition.name), ("function", "constant", "class"))
        self._compared(what, definition.name, file, bool(found), lambda: _of_definition(definition, found))

    def _record(self, file: str, record: RecordFacts) -> None:
        found = self.python.of(Origin(file, record.name), ("class",))
        self._compared("record", record.name, file, bool(found), lambda: _fields(record, found[0]))
        if not found:
            return
        annotations = dict(zip(map(plain, found[0].parameters), found[0].types, strict=True))
        for name, text in record.fields.items():
            given = annotations.get(name)
            self._compared(
                "field",
                f"{record.name}.{name}",
                file,
                name in annotations,
                partial(self._type, text, given, found[0].module),
            )

    def _type(self, text: str, annotation: ast.expr | None, module: str) -> str:
        wanted = self.types.of_text(read(text))
        given = self.types.of_annotation(annotation, module)
        return "" if wanted == given else f"`{text}` is {show(given)}"

    def _datatype(self, file: str, datatype: DatatypeFacts) -> None:
        if datatype.name == reasons.RULE_NAMES:
            self._compared("datatype", datatype.name, file, True)
            for name in datatype.constructors:
                self._compared("constructor", f"{datatype.name}.{name}", file, name in self.python.rules)
            return
        found = self._name("datatype", datatype.name, file, ("class", "enum", "function", "constant"))
        members = {member for one in found for member in one.members}
        named = {one.name: one for one in found}
        for name, types in datatype.constructors.items():
            python = named.get(reasons.RENAMED.get(name, name))
            self._compared(
                "constructor",
                f"{datatype.name}.{name}",
                file,
                python is not None or name in members,
                partial(self._arguments, types, python),
            )

    def _arguments(self, types: list[str], python: SourcedObject | None) -> str:
        """In what the arguments of a constructor differ; the components of a tuple may be arguments."""
        if python is None or python.kind == "constant":
            return f"it takes {' => '.join(types)}" if types else ""
        variable = python.type_parameters[0] if python.type_parameters else "'a"
        wanted = [variable if text == "'a" else self.types.of_text(read(text)) for text in types]
        given = [self.types.of_annotation(each, python.module) for each in python.types]
        if given in (wanted, [part for form in wanted for part in _parts(form, variable)]):
            return ""
        return f"`{' => '.join(types) or 'nothing'}` is {', '.join(map(show, given)) or 'nothing'}"

    def _abbreviation(self, file: str, abbreviation: NameFacts) -> None:
        found = self.python.of(Origin(file, abbreviation.name), ("alias", "class"))

        def difference() -> str:
            one = found[0]
            if one.kind == "alias":
                return self._type(abbreviation.meaning, one.value, one.module)
            return self._arguments([abbreviation.meaning], one)

        self._compared("abbreviation", abbreviation.name, file, bool(found), difference)

    # -- what only the specification has -------------------------------------------------------------

    def _declared(self) -> Iterator[Origin]:
        """Every name that the text defines."""
        for file in self.facts.files:
            for group in (file.definitions, file.relations, file.records, file.datatypes, file.abbreviations):
                yield from (Origin(file.name, each.name) for each in group)
            for datatype in file.datatypes:
                yield from (Origin(file.name, name) for name in datatype.constructors)
        yield from (Origin(RULES_FILE, rule.name) for rule in self.facts.rules)
        for clause in self.facts.network:
            yield Origin(NETWORK_FILE, clause.name)
            yield Origin(NETWORK_FILE, clause.name.rpartition("_")[0])

    def _extra(self) -> None:
        known = {rule.name for rule in self.facts.rules}
        for name in self.python.rules:
            if name not in known:
                self._note("extra", "rule", name, RULES_FILE, "")
        declared = set(self._declared())
        for one in self.python.objects.values():
            if one.kind != "rule":
                for detail in _unfounded(one, declared):
                    self._note("extra", "object", one.qualified, one.module, detail)


def _unfounded(one: SourcedObject, declared: set[Origin]) -> Iterator[str]:
    for origin in one.origins:
        if origin not in declared:
            yield f"{origin.file} has no {origin.name}"
    if not one.origins and one.kind in ("function", "class", "enum", "constant"):
        yield f"a {one.kind} without a source"


def _of_rule(text: RuleFacts, python: Rule) -> str:
    categories = {kind.__name__: sorted(map(str, each)) for kind, each in python.categories.items()}
    said = []
    if python.proto.value != text.protocol:
        said.append(f"{text.protocol} is {python.proto.value}")
    if categories != text.categories:
        said.append(f"{_show_categories(text.categories)} is {_show_categories(categories)}")
    return "; ".join(said)


def _show_categories(by_kind: Mapping[str, list[str]]) -> str:
    return ", ".join(f"{kind}: {' or '.join(each)}" for kind, each in by_kind.items())


def _of_definition(text: DefinitionFacts, found: list[SourcedObject]) -> str:
    """In what the functions for a definition differ from it."""
    names = [one.name for one in found]
    if _python_name(text.name) not in map(plain, names):
        return f"it is {' and '.join(names)}"
    for one in found:
        if one.kind != "class" and not agree(text.parameters, one.parameters):
            return f"it takes ({', '.join(one.parameters)})"
    return ""


def _python_name(name: str) -> str:
    """The name of a function for a definition: primes inside the name are left out."""
    return plain(name.replace("'", ""))


def _fields(text: RecordFacts, python: SourcedObject) -> str:
    wanted, given = list(text.fields), list(map(plain, python.parameters))
    if wanted == given:
        return ""
    if sorted(wanted) == sorted(given):
        return "the fields are in another order"
    return f"the fields are {', '.join(given)}"


def _parts(form: Form, variable: str) -> tuple[Form, ...]:
    parts = form[1:] if isinstance(form, tuple) and form[0] == "tuple" else (form,)
    return tuple(variable if part == "'a" else part for part in parts)
