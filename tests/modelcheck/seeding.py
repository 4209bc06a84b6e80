"""Seeded faults: one-line changes of functions of the specification, made for a while."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from netspec.dhcp.judgement import ENFORCED


@dataclass(frozen=True)
class Fault:
    """A change of one line of a function; `options` make the instance in which `noticed` properties fail.

    `system` is where a fault of the rules that captures are judged by is found.
    """

    module: ModuleType
    function: str
    old: str
    new: str
    noticed: str = "allowed"
    options: dict[str, Any] = field(default_factory=dict)
    system: str = "dhcp-allowed"

    def __str__(self) -> str:
        return f"{self.function}: {self.new.strip() or 'nothing'}"


@contextmanager
def seeded(fault: Fault) -> Iterator[None]:
    """The specification with the fault, wherever it is used, until the end."""
    original = getattr(fault.module, fault.function)
    source = textwrap.dedent(inspect.getsource(original))
    assert source.count(fault.old) == 1, f"{fault.function} has {fault.old!r} {source.count(fault.old)} times"
    enforced = {number: list(names) for number, names in ENFORCED.items()}
    namespace = vars(fault.module)
    exec(compile(source.replace(fault.old, fault.new), fault.function, "exec"), namespace)
    changed = namespace[fault.function]
    namespace[fault.function] = original
    try:
        _replace(original, changed)
        yield
    finally:
        _replace(changed, original)
        ENFORCED.clear()
        ENFORCED.update(enforced)


def _replace(before: object, after: object) -> None:
    """Put one function in the place of another: as a name of any module, and in tables and lists of rules.

    Answers that functions remember are of before.
    """
    for module in [one for name, one in sys.modules.items() if name.startswith(("netspec.", "netoracle."))]:
        for name, value in list(vars(module).items()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()
            if value is before:
                setattr(module, name, after)
            elif isinstance(value, dict):
                for key, item in list(value.items()):
                    if item is before:
                        value[key] = after
                    elif isinstance(item, tuple) and any(one is before for one in item):
                        value[key] = tuple(after if one is before else one for one in item)
            elif isinstance(value, tuple) and any(item is before for item in value):
                setattr(module, name, tuple(after if item is before else item for item in value))
