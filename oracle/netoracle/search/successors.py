"""The states that can follow a state of the search.

Labels are explained first and internal steps are tried only where that leads nowhere,
so an internal step happens as late as it can, just before the label that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import netspec.tcp.rules  # noqa: F401  (entering the rules into the index)
from netoracle.search.lookahead import Lookahead
from netoracle.search.state import State, Step, Trail
from netoracle.symbolic.constraints import Contradiction
from netoracle.symbolic.numbers import Number, Unknown
from netoracle.symbolic.run import Failure, Outcome, outcomes
from netoracle.symbolic.structure import rename, resolve
from netoracle.trace.observation import shown
from netspec.base.choose import Choose
from netspec.base.timers import ticks_of
from netspec.tcp.host0 import Label, Lh_epsilon, Lh_tau, Lh_trace
from netspec.tcp.host_types import Host
from netspec.tcp.params import SID
from netspec.tcp.rule import RULES, Rule

_INTERNAL_LIMIT = 200
_INTERNAL_FEW = 24


class TooDeep(Exception):
    """More internal steps in a row than the search follows."""


OnFailure = Callable[[Rule, Failure], None]


_BY_KIND: dict[type[object], tuple[Rule, ...]] = {}


def rules_for(kind: type[object]) -> tuple[Rule, ...]:
    """The rules that can carry a kind of label, in the order of the model."""
    if kind not in _BY_KIND:
        _BY_KIND[kind] = tuple(rule for rule in RULES.values() if kind in rule.categories)
    return _BY_KIND[kind]


TAU = Lh_tau()


_TIMED_CALLS = frozenset({"close_6", "pselect_3", "intr_1"})


def is_timed(rule: Rule) -> bool:
    """Whether the moment at which an internal step happens makes a difference to what follows.

    The steps of blocked calls start no timer but the one by which the call must return,
    and wait for nothing that time does.  So they may as well happen as late as they can.
    The exceptions are those of calls that are blocked for a limited time.
    """
    return rule.name in _TIMED_CALLS or any(
        category.kind in ("network", "misc") for category in rule.categories[Lh_tau]
    )


class Successors:
    """Computes successors for one trace.

    `complete` tries internal steps at every moment; otherwise they are tried next to labels
    only, or where time cannot pass without one, which is enough for most runs.  `limited` follows
    only a few of them in a row, and says nothing of the rest.
    """

    def __init__(
        self, lookahead: Lookahead, complete: bool, on_failure: OnFailure | None = None, limited: bool = False
    ) -> None:
        self.lookahead = lookahead
        self.labels = lookahead.labels
        self.complete = complete
        self.on_failure = on_failure
        self.limited = limited
        internal = rules_for(Lh_tau)
        self.timed = tuple(rule for rule in internal if is_timed(rule))
        self.timeless = tuple(rule for rule in internal if not is_timed(rule))
        self.urgent = tuple(rule for rule in internal if rule.is_urgent_for(Lh_tau))

    def of(self, state: State) -> Iterator[State]:
        """The successors in the order in which they are to be tried."""
        label = shown(self.labels[state.index], state.host)
        passed = False
        if label is not None and not state.instant:
            for after in self.explaining(state, label):
                passed = True
                yield after
        if self.limited and state.internal >= _INTERNAL_FEW:
            return
        if state.internal >= _INTERNAL_LIMIT:
            raise TooDeep(f"{_INTERNAL_LIMIT} internal steps at label {state.index}")
        if self.complete:
            yield from self._internal_at_any_moment(state, label)
            return
        yield from self._internal(state, (*self.timeless, *self.timed))
        if isinstance(label, Lh_epsilon) and not passed:
            yield from self._inside(state, label, (*self.timeless, *self.timed))

    def _internal_at_any_moment(self, state: State, label: Label | None) -> Iterator[State]:
        """Internal steps now, or inside the passage of time that comes next.

        A step at the beginning or the end of a passage of time is one inside it, at the
        moment 0 or when all of it has passed: so it need not be tried next to a label too,
        unless an urgent rule keeps even no time from passing there.
        """
        yield from self._internal(state, self.timeless, state.instant)
        if state.instant:
            yield from self._internal(state, self.timed)
        elif isinstance(label, Lh_epsilon):
            if self._urgent(state):
                yield from self._internal(state, self.timed)
            else:
                yield from self._inside(state, label, self.timed)
                yield from self._inside(state, label, self.timeless, instant=True)
        else:
            after_time = state.index > 0 and isinstance(self.labels[state.index - 1], Lh_epsilon)
            for after in self._internal(state, self.timed):
                if not after_time or self._urgent(after):
                    yield after

    def _urgent(self, state: State) -> bool:
        """Whether an urgent rule may be able to fire."""
        return any(
            isinstance(outcome, Outcome)
            for rule in self.urgent
            for outcome in outcomes(partial(rule, state.host, TAU), state.store, self.lookahead)
        )

    def explaining(self, state: State, label: Label) -> Iterator[State]:
        """The states after the next label."""
        if isinstance(label, Lh_epsilon):
            yield from self._pass_time(state, self._left(state, label), state.index + 1, None)
        elif isinstance(label, Lh_trace):
            yield from self._trace_record(state, label)
        else:
            for rule in rules_for(type(label)):
                yield from self._apply(state, rule, label, state.index + 1, None)

    def _internal(self, state: State, rules: Sequence[Rule], instant: bool = False) -> Iterator[State]:
        """The states after an internal step."""
        for rule in rules:
            yield from self._apply(state, rule, TAU, state.index, state.remaining, instant=instant)

    @staticmethod
    def _left(state: State, label: Lh_epsilon) -> Number:
        return label.dur if state.remaining is None else state.remaining

    def _trace_record(self, state: State, label: Lh_trace) -> Iterator[State]:
        """A record names its socket; a socket that none has named yet may be the one."""
        sid = label.tr.sid
        if sid in state.host.socks:
            named: list[tuple[State, tuple[SID, SID] | None]] = [(state, None)]
        else:
            named = [
                (
                    State(
                        state.index,
                        state.remaining,
                        rename(state.host, old, sid),
                        state.store,
                        state.trail,
                        state.internal,
                    ),
                    (old, sid),
                )
                for old in sorted(state.host.socks, key=lambda one: one.n)
                if self.lookahead.is_placeholder(old)
            ]
        for before, renamed in named or [(state, None)]:
            for rule in rules_for(Lh_trace):
                yield from self._apply(before, rule, label, state.index + 1, None, renamed=renamed)

    def _pass_time(self, state: State, duration: Number, index: int, remaining: Number | None) -> Iterator[State]:
        label = Lh_epsilon(duration)  # type: ignore[arg-type]
        for rule in rules_for(Lh_epsilon):
            yield from self._apply(state, rule, label, index, remaining, duration)

    def _inside(self, state: State, label: Lh_epsilon, rules: Sequence[Rule], instant: bool = False) -> Iterator[State]:
        """Some of the time passes, then an internal step happens."""
        left = self._left(state, label)
        store = state.store.copy()
        _, high = store.interval(store.resolve(left))
        try:
            begun = store.unknown(False, 0, high)
            if isinstance(begun, Unknown):
                store.assume_at_most(begun - left, strict=False)
        except Contradiction:
            return
        started = State(state.index, state.remaining, state.host, store, state.trail, state.internal)
        for waited in self._pass_time(started, begun, state.index, left - begun):
            yield from self._internal(waited, rules, instant)

    def _apply(
        self,
        state: State,
        rule: Rule,
        label: Label,
        index: int,
        remaining: Number | None,
        duration: Number | None = None,
        renamed: tuple[SID, SID] | None = None,
        instant: bool = False,
    ) -> Iterator[State]:
        internal = label is TAU
        lookahead = self.lookahead

        def body(choose: Choose) -> Host:
            return lookahead.check(rule(state.host, label, choose), index)

        for outcome in outcomes(body, state.store, lookahead):
            if isinstance(outcome, Failure):
                if self.on_failure is not None:
                    self.on_failure(rule, outcome)
                continue
            yield self._after(state, rule, outcome, index, remaining, duration, renamed, internal, instant)

    @staticmethod
    def _after(
        state: State,
        rule: Rule,
        outcome: Outcome,
        index: int,
        remaining: Number | None,
        duration: Number | None,
        renamed: tuple[SID, SID] | None,
        internal: bool,
        instant: bool,
    ) -> State:
        host = outcome.result
        assert isinstance(host, Host)
        store = outcome.store
        ticks = ticks_of(host.ticks).n
        if not internal:
            store.abbreviate(ticks)
        if store.changed:
            host = resolve(host, store)
            remaining = None if remaining is None else store.resolve(remaining)
        step = Step(rule.name, state.index, internal, outcome.choices, duration, renamed)
        trail = Trail(state.trail, step)
        return State(index, remaining, host, store, trail, state.internal + 1 if internal else 0, instant)
