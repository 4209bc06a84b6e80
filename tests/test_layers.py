"""Dependencies point downwards only; the specification depends on nothing but itself, and computes exactly."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "spec"
FILES = sorted(SPEC.rglob("*.py"))
MODULES = {
    ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
    for root in (SPEC, ROOT / "oracle")
    for path in sorted(root.rglob("*.py"))
}

# What each package of the oracle and of the specification may use is what stands before it.
LAYERS = {
    "netspec": ("base", "tcp", "network", "wire", "dhcp", "profiles"),
    "netoracle": (
        "records",
        "exit_status",
        "trace",
        "scenario",
        "symbolic",
        "search",
        "certificate",
        "explanation",
        "errata",
        "oracle",
        "wire",
        "hosted",
        "dhcp",
        "captures",
        "modelcheck",
        "mutation",
        "report",
        "transcription",
        "coverage",
        "commands",
        "cli",
        "__main__",
    ),
}
# (module, module it uses from above): why it may.
ALLOWED_ABOVE = {
    ("netoracle.wire.coverage", "netoracle.report.between"): "a program that writes a table of the documentation",
    ("netoracle.dhcp.coverage", "netoracle.report.between"): "a program that writes a table of the documentation",
}

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


def used(name: str) -> set[str]:
    """The modules of the project that one of them imports, wherever in its text."""
    modules: set[str] = set()
    for node in nodes(MODULES[name]):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules.update(inner & MODULES.keys() or {node.module or ""})
    return modules & MODULES.keys()


def layer(name: str) -> int:
    """The place of a module's package in its tree; that of the tree's own face is above all."""
    tree, *rest = name.split(".")
    return LAYERS[tree].index(rest[0]) if rest else len(LAYERS[tree])


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


@pytest.mark.parametrize("name", MODULES)
def test_dependencies_point_downwards(name: str) -> None:
    tree = name.split(".")[0]
    above = {other for other in used(name) if other.split(".")[0] == tree and layer(other) > layer(name)}
    assert {other for other in above if (name, other) not in ALLOWED_ABOVE} == set()


@pytest.mark.parametrize(("name", "other"), ALLOWED_ABOVE, ids=str)
def test_exceptions_to_the_layers_are_still_needed(name: str, other: str) -> None:
    assert other in used(name)
    assert layer(other) > layer(name)


def test_no_modules_import_one_another_in_a_circle() -> None:
    TopologicalSorter({name: used(name) - {name} for name in MODULES}).prepare()


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
