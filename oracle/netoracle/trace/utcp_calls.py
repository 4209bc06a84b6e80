"""µTCP's own interface seen as sockets calls, so that the same rules judge it.

µTCP has no descriptors and no blocking calls, so its trace log names neither.  Each
flow becomes a thread of its own, whose calls return at once:

* a flow that begins with a segment received has a listening socket behind it, set up
  before the trace; the flow's thread accepts from it before its first call;
* `connect` is a socket, set not to block, and a connect;
* `send`, `receive`, `shutdown_*` and `close` are the sockets calls of the same meaning.

µTCP has no ticker and sends no timestamps, so nothing shows the ticker of the model's host:
it starts at 0.

The log has no results, so returns have any value that the specification allows
(`AnyReturn`): the run that is found says which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import immutables

from netoracle.trace.model import ApiCall, Entry, Flow, Trace, TraceError
from netoracle.trace.observation import AnyReturn, Observation
from netspec.base.base_types import (
    ETH,
    FD,
    LO,
    NETMASK,
    O_NONBLOCK,
    SOCK_STREAM,
    TID,
    IfId,
    Ip,
    OK_fd,
    OK_fdipport,
    OK_one,
    Port,
)
from netspec.base.choose import Choose, require
from netspec.base.seq32 import ts_seq
from netspec.base.timers import Timed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp.host0 import Lh_call, Lh_epsilon, Lh_recvdatagram, Lh_return
from netspec.tcp.host_init import initial_host
from netspec.tcp.host_types import Host
from netspec.tcp.net_types import TCP
from netspec.tcp.params import Arch, tickintvlmax
from netspec.tcp.pre_host_types import IP, HostParams, Ifd, RoutingTableEntry, Run

_EVERYTHING = 2**20
"""More bytes than a receive queue can hold: µTCP's receive takes all there are."""
_CLOSED = FD(10**6)
"""A descriptor that is never open: what a flow has after its close."""
_BACKLOG = 128
_SETUP = TID(0)


@dataclass(slots=True)
class _FlowState:
    """A flow's thread, and its descriptor once it has one."""

    tid: TID
    passive: bool
    established: bool = False
    fd: FD | None = None


class _View:
    """Turns the entries of a µTCP trace into observations of a host with sockets."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.flows: dict[Flow, _FlowState] = {}
        self.open: set[int] = set()
        self.waiting: list[Flow] = []
        self.entries: list[Entry] = []
        self.labels: list[Observation] = []
        self.here = Entry(Lh_epsilon(Fraction(0)))

    def emit(self, label: Observation) -> None:
        self.entries.append(self.here)
        self.labels.append(label)

    def call(self, tid: TID, call: object, value: Observation | None = None) -> None:
        """A call that returns at once, with a known value or any."""
        self.emit(Lh_call(tid, call))  # type: ignore[arg-type]
        self.emit(value or AnyReturn(tid))

    def new_descriptor(self) -> FD:
        """The lowest descriptor that is free, which a Unix host takes."""
        number = 0
        while number in self.open:
            number += 1
        self.open.add(number)
        return FD(number)

    def listen(self, port: Port) -> None:
        """Set up a listening socket before the trace begins."""
        fd = self.new_descriptor()
        self.call(_SETUP, lib.socket(SOCK_STREAM), Lh_return(_SETUP, OK_fd(fd)))
        self.call(_SETUP, lib.bind(fd, None, port), Lh_return(_SETUP, OK_one()))
        self.call(_SETUP, lib.listen(fd, _BACKLOG), Lh_return(_SETUP, OK_one()))
        self.listeners[port] = fd

    listeners: dict[Port, FD]

    def read(self) -> None:
        """Go through the log."""
        self.listeners = {}
        entries = self.trace.labels
        for entry in entries:
            flow = _flow_of(entry)
            if flow not in self.flows:
                passive = isinstance(entry.label, Lh_recvdatagram)
                self.flows[flow] = _FlowState(TID(len(self.flows) + 1), passive)
        if entries:
            self.here = entries[0]
        called = {
            _flow_of(entry) for entry in entries if isinstance(entry.label, ApiCall) and entry.label.kind != "connect"
        }
        answered = {_flow_of(entry) for entry in entries if _is_syn_ack(entry)}
        for flow, state in self.flows.items():
            if state.passive and (flow in called or flow in answered) and flow.local_port not in self.listeners:
                self.listen(flow.local_port)
        now = entries[0].time if entries else None
        for entry in entries:
            self.here = entry
            if entry.time is not None and now is not None:
                if entry.time < now:
                    raise TraceError(self.trace.path, entry.line, entry.column, "time runs backwards")
                if entry.time > now:
                    self.emit(Lh_epsilon(entry.time - now))
                now = entry.time
            self.line(entry)

    def line(self, entry: Entry) -> None:
        """One line of the log."""
        label = entry.label
        if isinstance(label, ApiCall):
            self.api(label)
            return
        flow = _flow_of(entry)
        state = self.flows[flow]
        if isinstance(label, Lh_recvdatagram) and isinstance(label.msg, TCP):
            segment = label.msg.v
            if state.passive and not state.established and segment.ACK and not (segment.SYN or segment.RST):
                state.established = True
                if flow.local_port in self.listeners:
                    self.waiting.append(flow)
        self.emit(label)  # type: ignore[arg-type]

    def api(self, label: ApiCall) -> None:
        """A call of the application."""
        state = self.flows[label.flow]
        if label.kind == "connect":
            fd = self.new_descriptor()
            self.call(state.tid, lib.socket(SOCK_STREAM), Lh_return(state.tid, OK_fd(fd)))
            self.call(state.tid, lib.setfileflags(fd, (O_NONBLOCK,)), Lh_return(state.tid, OK_one()))
            self.call(state.tid, lib.connect(fd, label.flow.remote_ip, label.flow.remote_port))
            state.fd = fd
            return
        if state.fd is None:
            self.accept_until(label.flow)
        fd = state.fd or _CLOSED
        if label.kind == "receive":
            self.call(state.tid, lib.recv(fd, _EVERYTHING, ()))
        elif label.kind in ("send", "force enqueue"):
            self.call(state.tid, lib.send(fd, None, label.data or b"", ()))
        elif label.kind == "close":
            self.call(state.tid, lib.close(fd))
            self.open.discard(fd.n)
            state.fd = _CLOSED
        else:
            read = label.kind in ("shutdown_read", "shutdown_readwrite")
            write = label.kind in ("shutdown_write", "shutdown_readwrite")
            self.call(state.tid, lib.shutdown(fd, read, write))

    def accept_until(self, flow: Flow) -> None:
        """Accept what waits on the port of a flow, in the order in which it was established, up to that flow."""
        ahead = [one for one in self.waiting if one.local_port == flow.local_port]
        if flow not in ahead:
            return
        for one in ahead[: ahead.index(flow) + 1]:
            self.waiting.remove(one)
            state = self.flows[one]
            fd = self.new_descriptor()
            returned = Lh_return(state.tid, OK_fdipport(fd, one.remote_ip, one.remote_port))
            self.call(state.tid, lib.accept(self.listeners[one.local_port]), returned)
            self.call(state.tid, lib.setfileflags(fd, (O_NONBLOCK,)), Lh_return(state.tid, OK_one()))
            state.fd = fd


def _flow_of(entry: Entry) -> Flow:
    """The flow of a line: of a call as it says, of a segment by its addresses."""
    label = entry.label
    if isinstance(label, ApiCall):
        return label.flow
    message = getattr(label, "msg", None)
    assert isinstance(message, TCP)
    segment = message.v
    near, far = (segment.is1, segment.ps1), (segment.is2, segment.ps2)
    if isinstance(label, Lh_recvdatagram):
        near, far = far, near
    assert near[0] is not None and near[1] is not None and far[0] is not None and far[1] is not None
    return Flow(near[0], near[1], far[0], far[1])


def _is_syn_ack(entry: Entry) -> bool:
    """Whether the host answered a connection request."""
    message = getattr(entry.label, "msg", None)
    return isinstance(message, TCP) and not isinstance(entry.label, Lh_recvdatagram) and message.v.SYN and message.v.ACK


@dataclass(frozen=True, slots=True)
class SocketsView:
    """The observations of a µTCP trace, the entries that each comes from, and the host at the start."""

    labels: tuple[Observation, ...]
    entries: tuple[Entry, ...]
    initial: Callable[[Choose], Host]


def sockets_view(trace: Trace, arch: Arch) -> SocketsView:
    """The observations of a µTCP trace as those of a host with sockets, and that host at the start.

    Raises TraceError where the log's times run backwards.
    """
    view = _View(trace)
    view.read()
    addresses = {flow.local_ip for flow in view.flows}
    ip = min(addresses, key=lambda one: one.n) if addresses else IP(127, 0, 0, 1)
    threads = immutables.Map(
        {tid: Timed(Run, never_timer) for tid in (_SETUP, *(state.tid for state in view.flows.values()))}
    )

    def make(choose: Choose) -> Host:
        remdr = choose.real("initial_ticker_remdr", Fraction(0), tickintvlmax(arch))
        require(remdr < tickintvlmax(arch))
        h = initial_host(
            ip,
            _SETUP,
            arch,
            True,
            (),
            _interfaces(frozenset(addresses), ip),
            _ROUTES,
            (),
            ts_seq(0),
            remdr,
            HostParams(1024, 65535),
        )
        return replace(h, ts=threads)

    return SocketsView(tuple(view.labels), tuple(view.entries), make)


def _interfaces(addresses: frozenset[Ip], primary: Ip) -> tuple[tuple[IfId, Ifd], ...]:
    localhost = IP(127, 0, 0, 1)
    return (
        (ETH(0), Ifd(addresses, primary, NETMASK(24), True)),
        (LO, Ifd(frozenset({localhost}), localhost, NETMASK(8), True)),
    )


_ROUTES = (
    RoutingTableEntry(IP(127, 0, 0, 1), NETMASK(8), LO),
    RoutingTableEntry(IP(0, 0, 0, 0), NETMASK(0), ETH(0)),
)
