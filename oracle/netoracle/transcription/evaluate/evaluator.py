"""What the parts of the evaluator have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import immutables

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate.store import Store
from netoracle.transcription.evaluate.theory import Theory
from netoracle.transcription.evaluate.values import (
    AnyOf,
    BigUnion,
    Closure,
    Combined,
    Defined,
    Described,
    Env,
    Partial,
    Value,
    all_equal_by,
    deep,
    equal,
    is_record,
    meanings,
    parts,
)
from netspec.tcp.params import Arch


class Evaluator(ABC):
    """What the parts of an evaluator ask of one another.

    Terms are evaluated in a theory, under environments; `store` has the unknowns.
    """

    def __init__(self, theory: Theory) -> None:
        self.theory = theory
        self.store = Store()

    @abstractmethod
    def value(self, term: s.Term, env: Env) -> Value:
        """The value of a term; parts of it may be unknown.  Raises Unknown, NotEvaluated."""

    @abstractmethod
    def later(self, term: s.Term, env: Env) -> Value:
        """The value of a term, or an unknown one where it is a variable."""

    @abstractmethod
    def forced(self, value: Value, soft: bool = False) -> Value:
        """The value of a delayed term."""

    @abstractmethod
    def delayed(self, term: s.Term, env: Env) -> Value:
        """The value of an argument, computed when it is needed."""

    @abstractmethod
    def declared(self, name: str) -> Value:
        """What a name means that the theory declares.  Raises NotEvaluated where it declares none."""

    @abstractmethod
    def apply(self, function: Value, arguments: tuple[Value, ...]) -> Value:
        """A function applied to arguments, which may be delayed."""

    @abstractmethod
    def holds(self, term: s.Term, env: Env) -> bool:
        """Whether a formula holds.  Raises Unknown, NotEvaluated."""

    @abstractmethod
    def elements(self, collection: Value) -> list[Value]:
        """The elements of a set that has finitely many.  Raises NotEvaluated."""

    @abstractmethod
    def contains(self, collection: Value, element: Value) -> bool:
        """Whether a set has an element.  Raises Unknown, NotEvaluated."""

    @abstractmethod
    def solutions(self, term: s.Term, env: Env, names: Sequence[str]) -> list[tuple[Value, ...]]:
        """The values of variables for which a formula holds.  Raises NotEvaluated."""

    def same(self, a: Value, b: Value) -> bool:
        """Whether two values are the same.  Raises Unknown, NotEvaluated."""
        a, b = self.forced(a, soft=True), self.forced(b, soft=True)
        if a is None or b is None:
            return equal(a, b)
        if isinstance(a, AnyOf) or isinstance(b, AnyOf):
            return any(self.same(x, y) for x in meanings(a) for y in meanings(b))
        if isinstance(a, immutables.Map) and isinstance(b, Closure | Partial | Defined):
            return all(self.same(item, self.apply(b, (key,))) for key, item in a.items())
        if isinstance(b, immutables.Map) and isinstance(a, Closure | Partial | Defined):
            return self.same(b, a)
        if isinstance(a, Described | Combined | BigUnion) or isinstance(b, Described | Combined | BigUnion):
            return frozenset(map(deep, self.elements(a))) == frozenset(map(deep, self.elements(b)))
        if isinstance(a, immutables.Map) and isinstance(b, immutables.Map):
            keys = list(a)
            return set(a) == set(b) and all_equal_by(self.same, [a[key] for key in keys], [b[key] for key in keys])
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
            return all_equal_by(self.same, a, b)
        if is_record(a) and type(a) is type(b) and not isinstance(a, Arch | AnyOf):
            return all_equal_by(self.same, parts(a), parts(b))
        return equal(a, b)
