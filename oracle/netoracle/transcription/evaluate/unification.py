"""Values against values: what the unknowns in two of them must be for these to be the same."""

from __future__ import annotations

from typing import Any

import immutables

from netoracle.transcription.evaluate.evaluation import Evaluation
from netoracle.transcription.evaluate.values import (
    FUNCTIONS,
    AnyOf,
    Value,
    Variable,
    components,
    is_record,
    parts,
    walk,
)
from netspec.base.utils import Some
from netspec.tcp.host_types import TraceRecord


class Unification(Evaluation):
    """Makes values the same."""

    def unify(self, a: Value, b: Value) -> bool:
        """Bind unknowns so that two values are the same; False where they cannot be."""
        a, b = self.forced(a, soft=True), self.forced(b, soft=True)
        if a is b:
            return True
        if isinstance(a, Variable):
            self.store.bind(a, b)
            return True
        if isinstance(b, Variable):
            self.store.bind(b, a)
            return True
        if isinstance(a, AnyOf) or isinstance(b, AnyOf):
            return self.same(a, b)
        if isinstance(a, TraceRecord) and isinstance(b, tuple):
            a = parts(a)
        if isinstance(b, TraceRecord) and isinstance(a, tuple):
            b = parts(b)
        if isinstance(a, tuple | bytes) and isinstance(b, tuple | bytes):
            return self._unify_tuples(a, b)
        if isinstance(a, immutables.Map) and isinstance(b, immutables.Map):
            return set(a) == set(b) and all(self.unify(a[key], b[key]) for key in a)
        if isinstance(a, Some) or isinstance(b, Some):
            if a is None or b is None:
                return False
            return self.unify(a.value if isinstance(a, Some) else a, b.value if isinstance(b, Some) else b)
        if is_record(a) and type(a) is type(b) and not isinstance(a, FUNCTIONS):
            if type(a).__name__ == "Arch":
                return self.same(a, b)
            return all(self.unify(x, y) for x, y in zip(parts(a), parts(b), strict=True))
        return self.same(a, b)

    def _unify_tuples(self, a: Any, b: Any) -> bool:
        if len(a) == len(b):
            return all(self.unify(x, y) for x, y in zip(a, b, strict=True))
        count = max(len(a), len(b))
        short, long = (a, b) if len(a) < len(b) else (b, a)
        found = components(short, count)
        if found is None or isinstance(a, bytes) or isinstance(b, bytes):
            last = walk(short[-1]) if short else None
            if isinstance(last, Variable):
                return self.unify(short, (*long[: len(short) - 1], long[len(short) - 1 :]))
            return False
        return all(self.unify(x, y) for x, y in zip(found, long, strict=True))
