"""What the rest of a trace says about a state: it orders choices and prunes states that it cannot follow.

Look-ahead never decides a verdict by itself.  A state is pruned only where every run
from it must fail:

* a thread that is about to return a value can only return that value, so the next
  return of that thread in the trace must show it;
* the output queue is first in, first out, so its messages must be the next ones that
  the trace shows leaving, in order.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import TypeVar

from netoracle.search.budget import Meter
from netoracle.symbolic.numbers import Truth, Unknown
from netoracle.symbolic.run import Hints
from netoracle.symbolic.store import Store
from netoracle.symbolic.structure import Mismatch, unify
from netoracle.trace.observation import AnyReturn, Observation
from netspec.base.base_types import FD, TID, Port
from netspec.base.choose import require
from netspec.base.timers import ticks_of
from netspec.tcp.host0 import (
    Lh_call,
    Lh_epsilon,
    Lh_loopdatagram,
    Lh_return,
    Lh_senddatagram,
)
from netspec.tcp.host_types import Host, PortRange
from netspec.tcp.net_types import TCP, UDP, Msg, msg_is2
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import Ret, local_ips, windows_arch

T = TypeVar("T")

_NARROW = 8
_PLACEHOLDER = 10**10


class Lookahead(Hints):
    """The labels of a trace, indexed by what a search asks."""

    def __init__(self, labels: Sequence[Observation]) -> None:
        self.labels = labels
        self.meter: Meter | None = None
        self.skips_wide = False
        self._returns: dict[TID, list[int]] = {}
        self._calls: dict[TID, list[int]] = {}
        self._outputs: list[int] = []
        payloads: dict[bytes, None] = {b"": None}
        self._fds: dict[FD, None] = {}
        for index, label in enumerate(labels):
            if isinstance(label, AnyReturn):
                self._returns.setdefault(label.tid, []).append(index)
            elif isinstance(label, Lh_return):
                self._returns.setdefault(label.tid, []).append(index)
                for fd in _descriptors(label.v):
                    self._fds[fd] = None
            elif isinstance(label, Lh_call):
                self._calls.setdefault(label.tid, []).append(index)
            elif isinstance(label, (Lh_senddatagram, Lh_loopdatagram)):
                self._outputs.append(index)
                message = label.msg
                if (isinstance(message, TCP) and message.v.RST) or isinstance(message, UDP):
                    payloads[message.v.data] = None
        self._payloads = tuple(payloads)

    def tick(self) -> None:
        """Raise Exhausted where the search's time is up, however long a single step takes."""
        if self.meter is not None:
            self.meter.check_time()

    def narrow(self, h: Host) -> Host:
        """The first host, its ticker narrowed by the first timestamp that the trace shows it sending.

        A timestamp that is sent is the ticker at some moment until then, and the ticker
        counts at least 0 and at most one tick in its shortest interval.
        """
        elapsed = Fraction(0)
        for label in self.labels:
            if isinstance(label, Lh_epsilon):
                elapsed += label.dur
            elif isinstance(label, Lh_senddatagram) and isinstance(label.msg, TCP) and label.msg.v.ts:
                last = label.msg.v.ts[0].n
                first = last - math.ceil(elapsed / h.ticks.intvlmin) - 1
                if first >= 0:
                    ticks = ticks_of(h.ticks).n
                    require(ticks <= last)
                    require(ticks >= first)
                break
        return h

    # -- pruning ----------------------------------------------------------------

    def check(self, h: Host, index: int) -> Host:
        """The host itself, assuming that it can show the labels from `index` on.

        Raises Mismatch where it cannot.
        """
        for tid, timed in h.ts.items():
            if isinstance(timed.value, Ret):
                self._check_return(tid, timed.value, index)
        self._check_outputs(h, index)
        return h

    def _check_return(self, tid: TID, state: Ret, index: int) -> None:
        returns = self._returns.get(tid, [])
        position = bisect_left(returns, index)
        calls = self._calls.get(tid, [])
        call_position = bisect_left(calls, index)
        next_call = calls[call_position] if call_position < len(calls) else None
        if position == len(returns) or (next_call is not None and next_call < returns[position]):
            if next_call is not None:
                raise Mismatch("return", None, state.v)
            return
        label = self.labels[returns[position]]
        if isinstance(label, Lh_return):
            unify(state.v, label.v, "return")

    def _check_outputs(self, h: Host, index: int) -> None:
        queue: tuple[Msg, ...] = h.oq.value
        if not queue:
            return
        position = bisect_left(self._outputs, index)
        hidden_loops = windows_arch(h.arch)
        local = local_ips(h.ifds)
        for message in queue:
            loops = msg_is2(message) in local
            if loops and hidden_loops:
                continue
            if position == len(self._outputs):
                return
            label = self.labels[self._outputs[position]]
            assert isinstance(label, (Lh_senddatagram, Lh_loopdatagram))
            if loops != isinstance(label, Lh_loopdatagram):
                raise Mismatch("datagram", label.msg, message)
            unify(message, label.msg, "msg")
            position += 1

    # -- hints --------------------------------------------------------------------

    def wide(self, options: object, store: Store) -> object | None:
        """A port of a wide range, as an unknown."""
        if not isinstance(options, PortRange) or options.hi - options.lo < _NARROW:
            return None
        number = store.unknown(True, options.lo, options.hi)
        for excluded in options.excluded:
            difference = number - excluded
            if isinstance(difference, Unknown):
                store.assume(Truth(difference, "=", negated=True))
        return Port(number)  # type: ignore[arg-type]

    def payloads(self) -> tuple[bytes, ...]:
        """The payloads that the trace's resets and UDP datagrams show, and none."""
        return self._payloads

    def identifiers(self, make: Callable[[int], T], used: Collection[T], store: Store) -> tuple[T, ...]:
        """Unused identifiers: those that can be told apart in the trace.

        A socket identifier gets a placeholder, renamed when a trace record shows it.
        """
        if make is SID:
            return (make(_PLACEHOLDER + store.placeholder()),)
        shown = [make(fd.n) for fd in self._fds] if make is FD else []
        candidates = [one for one in shown if one not in used]
        number = 0
        while make(number) in used or make(number) in shown:
            number += 1
        return (*candidates, make(number))

    def is_placeholder(self, sid: SID) -> bool:
        """Whether a socket identifier stands for one that no trace record has shown yet."""
        return sid.n >= _PLACEHOLDER


def _descriptors(value: object) -> list[FD]:
    """The file descriptors in a returned value."""
    if isinstance(value, FD):
        return [value]
    parts = [getattr(value, name, None) for name in ("v", "a", "b")]
    return [fd for part in parts if part is not None and part is not value for fd in _descriptors(part)]
