"""The errata as a whole: their names, and that the text tests each at the places that it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import netspec.tcp
from netspec.tcp.errata import ERRATA, Erratum, datagrams, input, output, sockets

PARTS = (input, output, sockets, datagrams)
FOLDER = Path(next(iter(netspec.tcp.__path__)))
SOURCES = {path: ast.parse(path.read_text()) for path in FOLDER.rglob("*.py") if path.parent.name != "errata"}
CONSTANTS = {name: value for part in PARTS for name, value in vars(part).items() if isinstance(value, Erratum)}
FUNCTIONS = {
    node.name: node for tree in SOURCES.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
}


def names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_every_constant_is_an_erratum_under_its_name() -> None:
    assert sum(len(part.ERRATA) for part in PARTS) == len(ERRATA)
    assert {erratum.name for erratum in CONSTANTS.values()} == set(ERRATA)
    for constant, erratum in CONSTANTS.items():
        assert erratum.name == constant.lower().replace("_", "-")


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=lambda erratum: erratum.name)
def test_an_erratum_is_complete(erratum: Erratum) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", erratum.name)
    for text in (erratum.says, erratum.right, erratum.evidence):
        assert text.endswith(".") and "\n" not in text
    assert erratum.places and len(set(erratum.places)) == len(erratum.places)


@pytest.mark.parametrize("constant", CONSTANTS)
def test_an_erratum_is_tested_somewhere_and_its_places_exist(constant: str) -> None:
    """Each place is a rule or definition, and some rule or definition tests the erratum."""
    assert any(constant in names_in(function) for function in FUNCTIONS.values())
    for place in CONSTANTS[constant].places:
        assert place in FUNCTIONS, place
