"""The sockets calls that the wire lets one infer: which, on how much data, and when each must have happened.

The application is the most general one.  A call happened somewhere in an interval: after what made it possible, before
the segment that shows it.  Times are nanoseconds since the epoch, None where nothing bounds them.
"""

from __future__ import annotations

from dataclasses import dataclass

from netspec.wire.endpoint import Endpoint, Phase
from netspec.wire.event import Event
from netspec.wire.segment import RST


@dataclass(slots=True)
class Call:
    """An inferred call: its name, the octets it was about, and the interval in which it happened."""

    name: str
    octets: int | None
    after: int | None
    before: int
    frame: int


class Calls:
    """The calls of the application at one end of a connection, as the wire shows them one after the other.

    Successive writes are one entry, which grows: the wire shows until when data was written, not in how many calls.
    """

    __slots__ = ("closed_window", "list", "opened")

    def __init__(self) -> None:
        self.list: list[Call] = []
        self.opened: int | None = None
        self.closed_window: int | None = None

    def note(self, before: Endpoint, after: Endpoint, event: Event, rule: str) -> None:
        """Note what a segment that was explained by a rule tells."""
        if rule == "open_actively":
            self._add("connect", None, None, event)
        elif rule == "answer_syn":
            self._add("listen", None, None, event)
        elif event.seg.flags & RST:
            if rule == "abort" and before.phase is not Phase.closed:
                self._add("abort", None, self.opened, event)
            return
        self._written(before, after, event)
        if after.fin is not None and before.fin is None:
            self._add("close or shutdown(SHUT_WR)", None, self.opened, event)
        self._read(before, after, event)

    def _written(self, before: Endpoint, after: Endpoint, event: Event) -> None:
        if before.phase is Phase.closed:
            return
        fin = after.fin is not None and before.fin is None
        octets = after.snd_max - before.snd_max - fin
        if octets <= 0 or not event.seg.length:
            return
        if self.list and self.list[-1].name == "send" and self.list[-1].octets is not None:
            last = self.list[-1]
            last.octets = (last.octets or 0) + octets
            last.before, last.frame = event.time, event.frame
        else:
            self._add("send", octets, self.opened, event)

    def _read(self, before: Endpoint, after: Endpoint, event: Event) -> None:
        """A window that was closed and opens shows that the application read."""
        if after.phase is not Phase.synchronized:
            return
        if self.opened is None:
            self.opened = event.time
        if event.seg.win == 0:
            if self.closed_window is None:
                self.closed_window = event.time
        elif self.closed_window is not None:
            octets = max(after.rcv_adv - before.rcv_adv, 0)
            self._add("recv", octets or None, self.closed_window, event)
            self.closed_window = None

    def _add(self, name: str, octets: int | None, after: int | None, event: Event) -> None:
        self.list.append(Call(name, octets, after, event.time, event.frame))
