"""Premises of the wire rules: what an RFC demands, with the number of its requirement."""

from __future__ import annotations

from netspec.base.choose import PremiseFailed


class Forbidden(PremiseFailed):
    """A premise of a wire rule that does not hold.

    `clause` names what demands it, such as "RFC 9293 MUST-40"; `premise` says it in words; `expected` and `found` are
    the two sides.  Sequence numbers in them count from the connection's initial ones.
    """

    def __init__(self, clause: str, premise: str, expected: object, found: object) -> None:
        """Say what was demanded, by whom, and what was there instead."""
        super().__init__(f"{premise} ({clause}): expected {expected}, found {found}")
        self.clause = clause
        self.premise = premise
        self.expected = expected
        self.found = found


def demand(holds: bool, clause: str, premise: str, expected: object, found: object) -> None:
    """State a premise.  Raises Forbidden where it does not hold."""
    if not holds:
        raise Forbidden(clause, premise, expected, found)
