"""The states that can follow a state of the search.

Labels are explained first and internal steps are tried only where that leads nowhere,
so an internal step happens as late as it can, just before the label that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netoracle.trace.observation import shown
import netspec.tcp.rules  # noqa: F401  (entering the rules into the index)
from netoracle.search.lookahead import Lookahead
from netoracle.search.state import State, Step, Trail
from netoracle.symbolic.numbers import Number, Unknown
from netoracle.symbolic.run import Failure, Outcome, outcomes
from netoracle.symbolic.store import Contradiction
from netoracle.symbolic.structure import rename, resolve
from netspec.base.choose import Choose
from netspec.tcp.host0 import Label, Lh_epsilon, Lh_tau, Lh_trace
from netspec.tcp.host_types import Host
from netspec.tcp.params import SID
from netspec.tcp.rule import RULES, Rule

_INTERNAL_LIMIT = 64

OnFailure = Callable[[Rule, Failure], None]


_BY_KIND: dict[type[object], tuple[Rule, ...]] = {}


def rules_for(kind: type[object]) -> tuple[Rule, ...]:
    """The rules that can carry a kind of label, in the order of the model."""
    if kind not in _BY_KIND:
        _BY_KIND[kind] = tuple(rule for rule in RULES.values() if kind in rule.categories)
    return _BY_KIND[kind]


TAU = Lh_tau()


class Successors:
    """Computes successors for one trace.

    `split` allows an internal step inside a passage of time even where the whole of it
    could pass at once: needed for a complete search, and rarely for a successful one.
    """

    def __init__(self, lookahead: Lookahead, split: bool, on_failure: OnFailure | None = None) -> None:
        self.lookahead = lookahead
        self.labels = lookahead.labels
        self.split = split
        self.on_failure = on_failure

    def of(self, state: State) -> Iterator[State]:
        """The successors in the order in which they are to be tried."""
        label = shown(self.labels[state.index], state.host)
        passed = False
        if label is not None:
            for after in self.explaining(state, label):
                passed = True
                yield after
        if state.internal >= _INTERNAL_LIMIT:
            return
        yield from self.internal(state)
        if isinstance(label, Lh_epsilon) and (self.split or not passed):
            yield from self._inside(state, label)

    def explaining(self, state: State, label: Label) -> Iterator[State]:
        """The states after the next label."""
        if isinstance(label, Lh_epsilon):
            yield from self._pass_time(state, self._left(state, label), state.index + 1, None)
        elif isinstance(label, Lh_trace):
            yield from self._trace_record(state, label)
        else:
            for rule in rules_for(type(label)):
                yield from self._apply(state, rule, label, state.index + 1, None)

    def internal(self, state: State) -> Iterator[State]:
        """The states after an internal step."""
        for rule in rules_for(Lh_tau):
            yield from self._apply(state, rule, TAU, state.index, state.remaining)

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

    def _pass_time(
        self, state: State, duration: Number, index: int, remaining: Number | None
    ) -> Iterator[State]:
        label = Lh_epsilon(duration)  # type: ignore[arg-type]
        for rule in rules_for(Lh_epsilon):
            yield from self._apply(state, rule, label, index, remaining, duration)

    def _inside(self, state: State, label: Lh_epsilon) -> Iterator[State]:
        """Some of the time passes, then an internal step happens."""
        left = self._left(state, label)
        store = state.store.copy()
        low, high = store.interval(store.resolve(left))
        try:
            begun = store.unknown(False, 0, high)
            if isinstance(begun, Unknown):
                store.assume_at_most(begun - left, strict=True)
        except Contradiction:
            return
        started = State(state.index, state.remaining, state.host, store, state.trail, state.internal)
        for waited in self._pass_time(started, begun, state.index, left - begun):
            yield from self.internal(waited)

    def _apply(
        self,
        state: State,
        rule: Rule,
        label: Label,
        index: int,
        remaining: Number | None,
        duration: Number | None = None,
        renamed: tuple[SID, SID] | None = None,
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
            yield self._after(state, rule, outcome, index, remaining, duration, renamed, internal)

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
    ) -> State:
        host = outcome.result
        assert isinstance(host, Host)
        store = outcome.store
        if store.changed:
            host = resolve(host, store)
            remaining = None if remaining is None else store.resolve(remaining)
        step = Step(rule.name, state.index, internal, outcome.choices, duration, renamed)
        return State(
            index, remaining, host, store, Trail(state.trail, step), state.internal + 1 if internal else 0
        )
