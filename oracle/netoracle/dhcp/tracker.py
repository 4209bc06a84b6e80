"""One party followed through the capture as the set of states that it may be in."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from typing import Generic, TypeVar

from netoracle.dhcp.choosing import TooManyOptions
from netoracle.dhcp.machine import START, Machine, Way
from netoracle.dhcp.result import Deviation, DhcpStep, DhcpViolation, Near, PartyReport
from netoracle.dhcp.runs import Runs

S = TypeVar("S", bound=Hashable)
L = TypeVar("L")

MOST_STATES = 256
_NEAREST = 4
_SETTLE_EVERY = 32


class Tracker(Generic[S, L]):
    """Follows a party.  What it sends must be explained from a possible state; what it hears it may have missed."""

    def __init__(
        self,
        machine: Machine[S, L],
        report: PartyReport,
        certain: bool,
        frame: int,
        time: Fraction,
        states: Sequence[S] | None = None,
    ) -> None:
        """`certain` says that what is shown arrives, as where the capture is taken in the party's host.

        `frame` and `time` are those of the first frame that concerns the party; `states` those that it may be in then,
        by default the ones that its machine starts in.
        """
        self._machine = machine
        self._report = report
        self._certain = certain
        self._runs: Runs[S, DhcpStep] = self._begin(frame, time, machine.starts() if states is None else states)
        self._since_settled = 0

    @property
    def states(self) -> list[S]:
        """The states that the party may be in."""
        return list(self._runs)

    def sent(self, label: L, frame: int, time: Fraction) -> bool:
        """Take in a frame that the party sent; False where no possible state explains it."""
        ways: list[tuple[S, Way[S]]] = []
        near: list[Near] = []
        try:
            for state in self._runs:
                for way in self._machine.sends(state, label):
                    if isinstance(way, Near):
                        near.append(way)
                    else:
                        ways.append((state, way))
        except TooManyOptions as wide:
            self._lost(frame, time, f"frame {frame}: too many ways to choose {wide}")
            return True
        if not ways:
            self._unexplained(frame, time, near)
            return False
        first, *others = (way.met for _, way in ways)
        for requirement in sorted(set(first).intersection(*others)):
            self._report.meet(frame, requirement)
        for departure in _in_all(way.departures for _, way in ways):
            self._report.deviate(Deviation(frame, self._report.party, *departure))
        self._advance(frame, time, [(state, self._step(frame, time, True, way), way.state) for state, way in ways])
        return True

    def heard(self, label: L, frame: int, time: Fraction) -> None:
        """Take in a frame that was sent to the party and may have reached it."""
        steps: list[tuple[S, DhcpStep | None, S]] = []
        try:
            for state in self._runs:
                ways = list(self._machine.hears(state, label))
                if not self._certain or not ways:
                    steps.append((state, None, state))
                steps.extend((state, self._step(frame, time, False, way), way.state) for way in ways)
        except TooManyOptions as wide:
            self._lost(frame, time, f"frame {frame}: too many ways to choose {wide}")
            return
        self._advance(frame, time, steps)

    def finish(self) -> None:
        """Hand out the rest of a run."""
        self._report.add_steps(self._runs.any_run())

    def _advance(self, frame: int, time: Fraction, steps: Iterable[tuple[S, DhcpStep | None, S]]) -> None:
        self._runs.advance(steps)
        possible = len(self._runs)
        self._report.states += possible
        if possible > MOST_STATES:
            self._lost(frame, time, f"frame {frame}: more than {MOST_STATES} possible states")
            return
        self._since_settled += 1
        if self._since_settled == _SETTLE_EVERY:
            self._since_settled = 0
            self._report.add_steps(self._runs.settled())

    def _step(self, frame: int, time: Fraction, sent: bool, way: Way[S]) -> DhcpStep:
        return DhcpStep(frame, time, self._report.party, sent, way.rule, way.choices)

    def _unexplained(self, frame: int, time: Fraction, near: list[Near]) -> None:
        """Report a violation and go on from not knowing the state."""
        nearest = list(dict.fromkeys(near))
        numbers = {one.requirement for one in nearest if one.requirement is not None}
        summary = nearest[0].found if nearest else "no rule speaks of it"
        self._report.violate(
            DhcpViolation(frame, self._report.party, tuple(sorted(numbers)), summary, tuple(nearest[:_NEAREST]))
        )
        self._restart(frame, time)

    def _lost(self, frame: int, time: Fraction, reason: str) -> None:
        self._report.give_up(reason)
        self._restart(frame, time)

    def _restart(self, frame: int, time: Fraction) -> None:
        self.finish()
        self._runs = self._begin(frame, time, self._machine.starts())

    def _begin(self, frame: int, time: Fraction, states: Sequence[S]) -> Runs[S, DhcpStep]:
        party = self._report.party
        return Runs(
            (state, DhcpStep(frame, time, party, False, START, (("state", place),)))
            for place, state in enumerate(states)
        )


def _in_all(many: Iterable[tuple[tuple[int, str], ...]]) -> list[tuple[int, str]]:
    """The departures, by requirement, that every way has."""
    first, *others = [dict(one) for one in many]
    return [one for one in first.items() if all(one[0] in other for other in others)]
