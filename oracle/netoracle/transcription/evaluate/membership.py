"""Sets: what their elements are, and in which ways something may be one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

import immutables

from netoracle.transcription import syntax as s
from netoracle.transcription.evaluate.goals import Alternatives, Equation, Formula, Goal, Membership, Test
from netoracle.transcription.evaluate.values import (
    AnyOf,
    BigUnion,
    Closure,
    Combined,
    Defined,
    Described,
    Env,
    Everything,
    NotEvaluated,
    Partial,
    Unknown,
    Value,
    Variable,
    components,
    deep,
    need,
    walk,
)
from netoracle.transcription.evaluate.ways import Ways


class Memberships(Ways):
    """Takes memberships apart, and lists the elements of sets that have finitely many."""

    @abstractmethod
    def solve(self, goals: Sequence[Goal]) -> Iterator[None]:
        """Stop once for every way in which all goals hold, with the unknowns bound accordingly."""

    # -- an element of a set, as a goal

    def membership_ways(self, goal: Membership) -> Alternatives:
        """The ways in which something may be an element of a set."""
        if isinstance(goal.collection, s.SetOf):
            return self._among(goal)
        collection = need(self.value(goal.collection, goal.collection_env))
        try:
            element = deep(self.value(goal.element, goal.env))
        except Unknown:
            return self._unknown_member(goal, collection)
        if isinstance(collection, Described):
            return iter([self.described_goals(collection, element, goal.premise)])
        if isinstance(collection, Closure | Defined | Partial):
            return self.application_ways(collection, (element,), goal.premise)
        return iter([()] if self.contains(collection, element) else [])

    def _among(self, goal: Membership) -> Alternatives:
        """Membership in `{a; b}`: of a known element, or one alternative for each item."""
        assert isinstance(goal.collection, s.SetOf)
        try:
            element = deep(self.value(goal.element, goal.env))
        except Unknown:
            for item in goal.collection.items:
                value = need(self.later(item, goal.collection_env))
                yield (Equation(goal.element, goal.env, value, goal.premise),)
            return
        waiting: Unknown | None = None
        for item in goal.collection.items:
            try:
                if self.same(element, self.value(item, goal.collection_env)):
                    yield ()
                    return
            except Unknown as unknown:
                waiting = unknown
        if waiting is not None:
            raise waiting

    def _unknown_member(self, goal: Membership, collection: Value) -> Alternatives:
        if isinstance(collection, Everything):
            return iter([()])
        if isinstance(collection, Described):
            element = self._element_variable(goal)
            return iter([self.described_goals(collection, element, goal.premise)])
        if isinstance(collection, Closure | Defined | Partial):
            return self.application_ways(collection, (self._element_variable(goal),), goal.premise)
        if isinstance(collection, Combined) and collection.operator != "UNION":
            return self._combined_member(goal, collection)
        if isinstance(collection, immutables.Map):
            return self._map_member(goal, collection)
        return ((Equation(goal.element, goal.env, item, goal.premise),) for item in self.elements(collection))

    def _combined_member(self, goal: Membership, collection: Combined) -> Alternatives:
        names = {"left": collection.left, "right": collection.right}
        left = Membership(goal.element, goal.env, s.Name("left"), names, goal.premise)
        right = Membership(goal.element, goal.env, s.Name("right"), names, goal.premise)
        if collection.operator == "INTER":
            return iter([(left, right)])
        outside = Test(
            lambda: not self.contains(collection.right, deep(self.value(goal.element, goal.env))), goal.premise
        )
        return iter([(left, outside)])

    def _map_member(self, goal: Membership, collection: Value) -> Alternatives:
        """`(k, v)` in a finite map, or an unknown flag in a set of flags."""
        entries = list(collection.items())
        if isinstance(goal.element, s.Pair):
            return ((Equation(goal.element, goal.env, entry, goal.premise),) for entry in entries)
        return ((Equation(goal.element, goal.env, key, goal.premise),) for key, flag in entries if flag is True)

    def _element_variable(self, goal: Membership) -> Value:
        return self.later(goal.element, goal.env)

    def described_goals(self, collection: Described, element: Value, premise: int) -> tuple[Goal, ...]:
        """Goals for `element` to be in `{e | condition}`."""
        inner = dict(collection.env)
        for name in collection.variables:
            inner[name] = self.store.fresh(name)
        return (
            *self.equation_goals(collection.element, inner, element, premise),
            Formula(collection.condition, inner, premise),
        )

    def equation_goals(self, term: s.Term, env: Env, value: Value, premise: int) -> tuple[Goal, ...]:
        """Goals for `term = value`, where the value may be an unknown."""
        if isinstance(walk(value), Variable):
            return (
                Formula(
                    s.Apply(s.Apply(s.Name("="), s.Name("the element")), term), {**env, "the element": value}, premise
                ),
            )
        return (Equation(term, env, value, premise),)

    # -- sets as values

    def elements(self, collection: Value) -> list[Value]:
        """The elements of a set that has finitely many.  Raises NotEvaluated."""
        collection = need(self.forced(collection))
        if isinstance(collection, frozenset | tuple):
            return list(collection)
        if isinstance(collection, Combined):
            return self._combined_elements(collection)
        if isinstance(collection, BigUnion):
            return [item for part in self.elements(collection.sets) for item in self.elements(part)]
        if isinstance(collection, Described):
            with self.store.asking():
                variable = self.store.fresh("element")
                return [deep(variable) for _ in self.solve(self.described_goals(collection, variable, 0))]
        if isinstance(collection, Closure | Defined | Partial):
            with self.store.asking():
                variable = self.store.fresh("element")
                goals = next(iter(self.application_ways(collection, (variable,), 0)))
                return [deep(variable) for _ in self.solve(goals)]
        raise NotEvaluated("a set whose elements cannot be listed")

    def _combined_elements(self, collection: Combined) -> list[Value]:
        if collection.operator == "UNION":
            return [*self.elements(collection.left), *self.elements(collection.right)]
        wanted = collection.operator == "INTER"
        try:
            left, right = self.elements(collection.left), collection.right
        except NotEvaluated:
            if not wanted:
                raise
            left, right = self.elements(collection.right), collection.left
        return [item for item in left if self.contains(right, item) is wanted]

    def contains(self, collection: Value, element: Value) -> bool:
        """Whether a set has an element.  Raises Unknown, NotEvaluated."""
        collection = need(self.forced(collection))
        match collection:
            case Everything():
                return True
            case Combined(operator=operator, left=left, right=right):
                first, second = self.contains(left, element), self.contains(right, element)
                return {"UNION": first or second, "INTER": first and second, "DIFF": first and not second}[operator]
            case BigUnion(sets=sets):
                return any(self.contains(part, element) for part in self.elements(sets))
            case Described():
                with self.store.asking():
                    return any(True for _ in self.solve(self.described_goals(collection, element, 0)))
            case Closure() | Defined() | Partial():
                return self.truth(self.apply(collection, (element,)))
            case tuple():
                return any(self.same(element, item) for item in collection)
            case immutables.Map():
                return self._map_contains(collection, element)
            case AnyOf():
                raise NotEvaluated("membership in an overloaded set")
            case _:
                return deep(element) in collection

    def _map_contains(self, collection: Value, element: Value) -> bool:
        """`(k, v)` in a finite map, or a flag in a set of flags."""
        element = deep(element)
        if isinstance(element, tuple):
            pair = components(element, 2)
            return pair is not None and pair[0] in collection and self.same(collection[pair[0]], pair[1])
        return bool(collection.get(element, False))
