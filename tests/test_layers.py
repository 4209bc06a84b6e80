"""The specification depends on nothing but itself, and computes exactly."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "spec"
FILES = sorted(SPEC.rglob("*.py"))

ORACLE = "netoracle"
# Solvers and parsers belong to the oracle; clocks, chance, threads and the outside world to no rule at all.
NOT_FOR_SPEC = {
    ORACLE,
    "z3",
    "lark",
    "time",
    "random",
    "os",
    "sys",
    "io",
    "pathlib",
    "socket",
    "subprocess",
    "threading",
    "asyncio",
    "logging",
}

# The builtins that decide between numbers or convert them do not know of unknown numbers.
NOT_FOR_RULES = {"min", "max", "abs", "sum", "round", "int", "open", "print", "eval", "exec"}
RULE_FOLDERS = ("tcp/rules", "tcp/aux_fns", "tcp/deliver_in_3")
# (file, function called): why it may be.
ALLOWED_CALLS = {
    ("tcp/aux_fns/mtu.py", "max"): "the members are constants of a table",
}


def name_of(path: Path) -> str:
    return path.relative_to(SPEC / "netspec").as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), str(path)))


def imported(path: Path) -> set[str]:
    """The modules that a file imports, with their packages."""
    modules: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            modules.add(node.module or "")
    return modules


def called(path: Path) -> set[str]:
    """The names that a file calls as functions, without those of attributes."""
    return {node.func.id for node in nodes(path) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float | complex)


def is_int(node: ast.AST) -> bool:
    """Whether an expression is an integer by its form."""
    if isinstance(node, ast.UnaryOp):
        return is_int(node.operand)
    if isinstance(node, ast.BinOp):
        return is_int(node.left) and is_int(node.right)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in {"len", "int"}
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def test_there_are_files() -> None:
    assert SPEC / "netspec" / "tcp" / "rule.py" in FILES


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_specification_stands_alone(path: Path) -> None:
    tops = {module.split(".")[0] for module in imported(path)}
    assert tops & NOT_FOR_SPEC == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_floating_point(path: Path) -> None:
    floats = [node for node in nodes(path) if is_float(node)]
    divisions = [
        node
        for node in nodes(path)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_int(node.left) and is_int(node.right)
    ]
    assert [ast.unparse(node) for node in floats + divisions] == []
    assert "float" not in called(path)


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path).startswith(RULE_FOLDERS)], ids=name_of)
def test_no_builtins_that_unknown_numbers_do_not_pass(path: Path) -> None:
    allowed = {function for file, function in ALLOWED_CALLS if file == name_of(path)}
    assert (called(path) & NOT_FOR_RULES) - allowed == set()


@pytest.mark.parametrize(("file", "function"), ALLOWED_CALLS, ids=str)
def test_exceptions_are_still_needed(file: str, function: str) -> None:
    assert function in called(SPEC / "netspec" / file)
