"""What the pages name exists: links, files, commands with their options, targets of make."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from netoracle.cli import app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = ("spec", "oracle", "tests", "traces", "docs", "benchmarks")
PYTHON = [path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\n]+)`|^ {4}(.+)$", re.MULTILINE)
FILE = re.compile(rf"(?<![\w./<>-])(?:{'|'.join(FOLDERS)})/[\w./*+-]*[\w*]")
MODULE = re.compile(r"(?<![\w./*+-])(?:[\w-]+/)*\w+\.py\b")
COMMAND = re.compile(r"(?<!from )\bnetoracle ((?:[a-z]+ )*[a-z]+)\b([^#]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")

ROOT_COMMAND = typer.main.get_command(app)
OF_OTHERS = {"--hol4", "--hol4-profile", "--rule-coverage", "--hypothesis-profile"}
"""Options of pytest, make and other programs that the pages mention alone."""


def code(page: Path) -> Iterator[str]:
    """What stands in code on a page: between backquotes, or a line of a block with its continuation."""
    text = page.read_text("utf-8").replace("\\\n", " ")
    for match in CODE.finditer(text):
        yield match[1] or match[2]


def commands_of(command: Any) -> dict[str, Any]:
    """The commands of a group, by name; none of another command."""
    return getattr(command, "commands", {})


def options_of(command: Any) -> set[str]:
    """The options of a command, and of those below it."""
    found = {option for one in command.params for option in one.opts if option.startswith("--")}
    return found.union({"--help"}, *map(options_of, commands_of(command).values()))


def command_of(words: list[str]) -> Any:
    """The command that some words begin with, None where there is none."""
    command = ROOT_COMMAND
    for word in words:
        below = commands_of(command)
        if not below:
            break
        if word not in below:
            return None
        command = below[word]
    return command


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def page(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_links_lead_somewhere(page: Path) -> None:
    links = {link for link in LINK.findall(page.read_text("utf-8")) if not link.startswith("http")}
    assert {link for link in links if not (page.parent / link).exists()} == set()


def test_files_exist(page: Path) -> None:
    named = {name for text in code(page) for name in FILE.findall(text)}
    assert {name for name in named if not any(ROOT.glob(name))} == set()


def test_modules_exist(page: Path) -> None:
    named = {name for text in code(page) for name in MODULE.findall(text)}
    assert {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in PYTHON)} == set()


def test_commands_have_their_options(page: Path) -> None:
    wrong = []
    for text in code(page):
        for words, rest in COMMAND.findall(text):
            command = command_of(words.split())
            known = options_of(command) if command is not None else set()
            if command is None or not set(OPTION.findall(rest)) <= known:
                wrong.append(f"netoracle {words}{rest}")
    assert wrong == []


def test_options_that_stand_alone_are_of_some_command(page: Path) -> None:
    named = {text.split()[0] for text in code(page) if OPTION.fullmatch(text.split()[0])}
    assert named - options_of(ROOT_COMMAND) - OF_OTHERS == set()


def test_programs_and_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for text in code(page):
        for module in re.findall(r"python -m (netoracle[\w.]*)", text):
            assert importlib.util.find_spec(module) is not None
        for target in re.findall(r"(?:^|\s)make ([a-z0-9-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_readme_names_commands_files_and_modules() -> None:
    """The expressions above find something, or nothing would be tested."""
    texts = list(code(ROOT / "README.md"))
    for expression in (FILE, COMMAND, OPTION):
        assert any(expression.search(text) for text in texts)
    assert any(MODULE.search(text) for text in code(ROOT / "docs" / "architecture.md"))


def test_the_architecture_has_every_package() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    packages = {
        path.parent.name for tree in ("spec/netspec", "oracle/netoracle") for path in ROOT.glob(f"{tree}/*/__init__.py")
    }
    assert {name for name in packages if f" {name}/" not in text} == set()
