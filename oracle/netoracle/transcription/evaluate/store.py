"""Which variables have values, and how to take them back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from netoracle.transcription.evaluate.values import Unknown, Value, Variable


@dataclass
class Store:
    """The values of variables, in the order in which they got them.

    Variables up to the serial number `floor` belong to a question that encloses the present
    one: what is asked about them is whether it holds, so they are not given values here.
    """

    trail: list[Variable] = field(default_factory=list)
    stamps: list[int] = field(default_factory=list)
    count: int = 0
    floor: int = 0

    def fresh(self, name: str) -> Variable:
        """A new variable."""
        self.count += 1
        return Variable(name, self.count)

    def bind(self, variable: Variable, value: Value) -> None:
        """Give a variable its value.  Raises Unknown for one of an enclosing question."""
        if variable.serial <= self.floor:
            raise Unknown(variable)
        variable.value = value
        variable.bound = True
        self.trail.append(variable)
        self.count += 1
        self.stamps.append(self.count)

    def now(self) -> tuple[int, int]:
        """A mark of what is known now."""
        return len(self.stamps), self.stamps[-1] if self.stamps else 0

    def holds_still(self, mark: tuple[int, int]) -> bool:
        """Whether nothing that was known at a mark has been taken back since."""
        length, stamp = mark
        return len(self.stamps) >= length and (length == 0 or self.stamps[length - 1] == stamp)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A question of its own: variables from before are not given values, and no value outlives it."""
        floor, mark = self.floor, len(self.trail)
        self.floor = self.count
        try:
            yield
        finally:
            self.floor = floor
            self.undo(mark)

    def undo(self, mark: int) -> None:
        """Take back all values given since the trail had this length."""
        while len(self.trail) > mark:
            self.stamps.pop()
            variable = self.trail.pop()
            variable.bound = False
            variable.value = None
