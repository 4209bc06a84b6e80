"""The premise behind a failed rule: its text in the specification, and the values on both sides.

The text is read from the source of the specification at the place where the rule
failed, and its two sides are evaluated there, as a test framework does for a failed
assertion.
"""

from __future__ import annotations

import ast
import linecache
import traceback
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from types import CodeType, FrameType, TracebackType
from typing import Any

import immutables

from netoracle.records import field_names
from netoracle.symbolic.numbers import Truth, Unknown
from netoracle.symbolic.structure import Mismatch, Possible
from netoracle.trace.words import segment_in_words
from netspec.base.base_types import Ip, Port
from netspec.base.seq32 import Seq32
from netspec.tcp.net_types import TcpSegment

_LENGTH = 160
_WHOLE_RULE = 10**6
_HELPERS = ("require", "SOME", "FAPPLY", "tcp_proto", "udp_proto")


@dataclass(frozen=True, slots=True)
class FailedPremise:
    """A premise that failed: where, its text, and the values that were expected and found.

    `progress` says how many lines into the rule it stands, and into the functions that it calls there.
    `shows` says that the rule applies but for showing something else than the trace.
    """

    function: str
    line: int
    text: str
    expected: str | None
    found: str | None
    progress: tuple[int, ...]
    shows: bool = False


@cache
def _statements(path: str) -> dict[int, ast.stmt]:
    """The innermost statement at each line of a source file."""
    tree = ast.parse("".join(linecache.getlines(path)))
    result: dict[int, ast.stmt] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                best = result.get(line)
                if best is None or node.lineno >= best.lineno:
                    result[line] = node
    return result


def premise_of(error: BaseException) -> FailedPremise | None:
    """The premise at which a rule failed; None where it did not get as far as a premise.

    So it is where the label, or the state of every thread, is none that the rule speaks of.
    """
    if isinstance(error, Mismatch):
        return FailedPremise("", 0, error.path, brief(error.expected), brief(error.found), (_WHOLE_RULE,), True)
    frames = _specification_frames(error.__traceback__)
    if not frames:
        return None
    frame, line = frames[-1]
    code = frame.f_code
    statement = _statements(code.co_filename).get(line)
    call = None if statement is None else _failing_call(statement)
    if call is None or not call.args:
        return None
    subject = call.args[0]
    text = ast.unparse(subject)
    progress = tuple(reached - each.f_code.co_firstlineno for each, reached in frames)
    expected = found = None
    if isinstance(subject, ast.Compare) and len(subject.ops) == 1:
        found = _value(subject.left, frame)
        expected = _value(subject.comparators[0], frame)
    elif call is not None and isinstance(call.func, ast.Name) and call.func.id == "SOME":
        text = f"{text} is SOME"
        found = "NONE"
    else:
        found = _value(subject, frame)
    return FailedPremise(code.co_name, line, text, expected, found, progress)


def _specification_frames(trace: TracebackType | None) -> list[tuple[FrameType, int]]:
    """The frames of rules and their auxiliary functions, without the helpers that raise."""
    frames = []
    for frame, line in traceback.walk_tb(trace):
        module = frame.f_globals.get("__name__", "")
        if module.startswith("netspec.") and not _is_helper(module, frame.f_code):
            frames.append((frame, line))
    return frames


def _is_helper(module: str, code: CodeType) -> bool:
    return module in ("netspec.base.choose", "netspec.tcp.rule") or code.co_name in _HELPERS


def _failing_call(statement: ast.stmt) -> ast.Call | None:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _HELPERS:
            return node
    return None


def _value(node: ast.expr, frame: FrameType) -> str | None:
    """The value of a side of a premise, in the frame where it failed.

    The expression is the specification's own source, never anything read from a trace.
    """
    code = compile(ast.Expression(node), "<premise>", "eval")
    try:
        return brief(eval(code, frame.f_globals, frame.f_locals))
    except Exception:
        return None


def plain(value: Any) -> str:
    """A value by the names and numbers of the model."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(plain, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(plain, value)) + ")"
    if isinstance(value, (Unknown, Truth)):
        return "a value not known"
    if isinstance(value, Possible):
        return repr(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, TcpSegment):
        return segment_in_words(value)
    if isinstance(value, immutables.Map):
        return "{" + ", ".join(sorted(f"{plain(key)}: {plain(part)}" for key, part in value.items())) + "}"
    if isinstance(value, Ip):
        return ".".join(str(value.n >> shift & 255) for shift in (24, 16, 8, 0))
    if isinstance(value, (Seq32, Port)):
        return plain(value.n)
    names = field_names(type(value))
    if names:
        return f"{type(value).__name__}({', '.join(plain(getattr(value, name)) for name in names)})"
    return "NONE" if value is None else repr(value)


def brief(value: Any) -> str:
    """A value in one short line."""
    text = plain(value)
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1] + "…"
