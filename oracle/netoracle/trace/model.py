"""What a trace is, whatever it was read from.

A trace is what an observer wrote down of one host (or of two, in a joint trace): how the host was set up, and
the labels in the order in which they were seen.  Every label knows where in the file it stands, so that
whoever judges it can say so.  Places and paths say nothing about the trace itself: two traces that differ in
nothing else are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from netspec.base.base_types import FD, TID, IfId, Ip, Port
from netspec.base.seq32 import Seq32
from netspec.tcp.host0 import Label, Lh_epsilon
from netspec.tcp.pre_host_types import HostParams, Ifd, RoutingTableEntry, TcpState

Format: TypeAlias = Literal["hol", "utcp-log"]

Quad: TypeAlias = tuple[Ip | None, Port | None, Ip | None, Port | None]
"""Local address and port, remote address and port."""


class TraceError(Exception):
    """A file that is no trace, or not one that can be read; `str` of it is one line.

    `line` and `column` count from 1; both are None where the whole file is at fault (it is missing, empty,
    ...).
    """

    def __init__(self, path: str, line: int | None, column: int | None, message: str) -> None:
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        place = path if line is None else f"{path}:{line}:{column}"
        text = f"{place}: {message}"
        super().__init__("".join(c if c.isprintable() else repr(c)[1:-1] for c in text))

    def __reduce__(self) -> tuple[type[TraceError], tuple[str, int | None, int | None, str]]:
        """How the error travels between processes."""
        return type(self), (self.path, self.line, self.column, self.message)


@dataclass(frozen=True, slots=True)
class InitialHost:
    """The host line of a trace: exactly what it says, nothing filled in.

    `name` is the host's name in a joint trace.  `arch` is the name of one of the model's architectures.
    `fds` are the descriptors that are open at the start and `params` the ephemeral ports: None where the line
    has none.  `ticks` and `remdr` are the ticker's count and remainder (seconds): a str where the line leaves
    them symbolic.
    """

    name: str | None
    ip: Ip
    tid: TID
    arch: str
    privs: bool
    heldports: tuple[tuple[Ip | None, Port], ...]
    ifaces: tuple[tuple[IfId, Ifd], ...]
    rttab: tuple[RoutingTableEntry, ...]
    fds: tuple[FD, ...] | None
    ticks: Seq32 | str
    remdr: Fraction | str
    params: HostParams | None


@dataclass(frozen=True, slots=True)
class LegacyTrace:
    """A trace record as it was written before 2004, which is no trace record of today's model.

    It names neither flavour nor socket, and its control block has fields that the model no longer has
    (`snd_up`, `t_rtseq`).  `fields` are the control block's, in the file's order: a number, a sequence
    number, or None for `NONE`.
    """

    quad: Quad | None
    st: TcpState
    fields: tuple[tuple[str, int | Seq32 | None], ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection as its own host names it: local address and port, remote address and port."""

    local_ip: Ip
    local_port: Port
    remote_ip: Ip
    remote_port: Port


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of a stack's own interface for a connection, without its result.

    `kind` is the stack's word for it; `data` are the bytes that were offered, None where the call takes none.
    """

    kind: str
    flow: Flow
    data: bytes | None = None


TraceLabel: TypeAlias = Label | LegacyTrace | ApiCall


@dataclass(frozen=True, slots=True)
class Entry:
    """One label of a trace, with what the recorder said about it.

    `time` is absolute, in seconds of the recorder's clock.  `source` says which recorder saw it (`ns0`,
    `slurp3`, `handle_buf`), `index` is its number in the merged recording, `host` the host it belongs to in a
    joint trace.  `comments` are the recorder's other remarks in front of it.
    """

    label: TraceLabel
    time: Fraction | None = None
    source: str = ""
    index: int | None = None
    host: str | None = None
    comments: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Trace:
    """A recorded trace.

    `hosts` are the host lines: none in traces that do not have any, two in a joint trace.  `base_time` is the
    absolute time (seconds) at which the host is in its initial state.  `header` holds the remarks in front of
    the first label.  `meta` holds what a format knows beyond labels; the module that reads the format says
    what.
    """

    path: str = field(compare=False)
    format: Format
    hosts: tuple[InitialHost, ...] = ()
    labels: tuple[Entry, ...] = ()
    base_time: Fraction | None = None
    header: tuple[str, ...] = ()
    meta: Mapping[str, object] = field(default_factory=dict)

    @property
    def initial(self) -> InitialHost | None:
        """The host line of a trace of one host; None where there is no host line, or more than one."""
        return self.hosts[0] if len(self.hosts) == 1 else None


def with_epsilons(trace: Trace) -> Trace:
    """The trace with the passage of time as labels: the exact differences of the labels' absolute times.

    A trace that has such labels already, or no times at all, is returned as it is.  The first label is
    preceded by the time since `base_time`, where the trace has one.  Labels at the same time have nothing
    between them.

    Raises TraceError where a label has no time, or an earlier one than the label before it.
    """
    if any(isinstance(entry.label, Lh_epsilon) for entry in trace.labels):
        return trace
    if all(entry.time is None for entry in trace.labels):
        return trace
    labels: list[Entry] = []
    now = trace.base_time
    for entry in trace.labels:
        if entry.time is None:
            message = "this label has no absolute time, others have one"
            raise TraceError(trace.path, entry.line, entry.column, message)
        if now is not None and entry.time < now:
            raise TraceError(
                trace.path,
                entry.line,
                entry.column,
                f"time runs backwards: this label is {seconds(now - entry.time)} s before what precedes it",
            )
        if now is not None and entry.time > now:
            labels.append(Entry(Lh_epsilon(entry.time - now), line=entry.line, column=entry.column))
        labels.append(entry)
        now = entry.time
    return replace(trace, labels=tuple(labels))


_MAX_DECIMALS = 18


def seconds(time: Fraction) -> str:
    """A number of seconds as it is written in traces: decimal where that is short, otherwise a quotient.

    A decimal number has at least six decimals, as the recorders of HOL traces write them.
    """
    denominator = time.denominator
    twos = fives = 0
    while denominator % 2 == 0:
        denominator //= 2
        twos += 1
    while denominator % 5 == 0:
        denominator //= 5
        fives += 1
    digits = max(6, twos, fives)
    if denominator != 1 or digits > _MAX_DECIMALS:
        return f"{time.numerator}/{time.denominator}"
    scaled = abs(time.numerator) * 10**digits // time.denominator
    sign = "-" if time < 0 else ""
    return f"{sign}{scaled // 10**digits}.{scaled % 10**digits:0{digits}d}"
