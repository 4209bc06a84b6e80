"""The sockets calls inferred from what a host received and sent: which, with what results, before which segment.

Every call does all that is asked of it, at once: `send` is of what goes out, and the queue takes all of it; `recv` is
of octets that have arrived; `connect` does not wait.  So the results are known, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from netoracle.hosted.connections import Connection, Seen
from netoracle.hosted.reading import Reader
from netoracle.hosted.reception import late
from netoracle.hosted.segments import ip_of
from netoracle.hosted.streams import Incarnation, has, has_fin, incarnations
from netoracle.trace.observation import AnyReturn, Observation
from netspec.base.base_types import (
    FAIL,
    FD,
    MSG_DONTWAIT,
    O_NONBLOCK,
    SO_LINGER,
    SOCK_STREAM,
    TID,
    OK_fd,
    OK_fdipport,
    OK_one,
    OK_string,
    OK_string_ipportpair_pair,
    Port,
    TLang,
)
from netspec.base.errors import EINPROGRESS
from netspec.tcp import lib_interface as lib
from netspec.tcp.host0 import Lh_return
from netspec.wire.segment import ACK, FIN, RST, SYN

THREAD = TID(0)
"""The thread that makes all calls."""

_BACKLOG = 128
_LISTENER = FD(0)


@dataclass(frozen=True, slots=True)
class Placement:
    """A way to place calls.

    `late`: segments reach the host as late as what it sends shows.  `abort`: what resets a connection is a close with
    a linger time of zero, not the host itself.  `half`: a FIN comes from shutdown, not from close; None decides by what
    the host does with data that arrives later.  `eager`: data is written as soon as the queue has room, not when it is
    needed.
    """

    late: bool = True
    abort: bool = False
    half: bool | None = None
    eager: bool = False


@dataclass(frozen=True, slots=True)
class Inferred:
    """A call before the segment at the place `at`, what returns, and for people its name and how many octets."""

    at: int
    call: lib.LIB_interface
    returns: Observation
    name: str
    octets: int | None = None


def infer(connection: Connection, placement: Placement, sndbuf: int) -> list[Inferred]:
    """The calls of a connection that is `ordered`; `sndbuf` is how many octets the send queue holds."""
    calls = _Calls(connection, placement, sndbuf)
    calls.all()
    return calls.list


def ordered(connection: Connection, placement: Placement) -> Connection:
    """The connection with its segments in the order in which the host is taken to have seen them."""
    return replace(connection, seen=late(connection.seen)) if placement.late else connection


def placements(connection: Connection) -> list[Placement]:
    """The ways to place the calls of a connection that make a difference, the likeliest first."""
    seen = connection.seen
    found = incarnations(seen)
    first = Placement()
    result = [first]
    if found and any(one.sent and has(one.seg, RST) for one in seen):
        result.append(replace(first, abort=True))
    if late(seen) != seen:
        result += [replace(one, late=False) for one in result]
    if any(len(one.new) > 1 for one in found):
        result.append(replace(first, eager=True))
    if has_fin(seen, 0, len(seen), sent=True) is not None:
        result += [replace(first, half=half) for half in (False, True)]
    return result


class _Calls:
    """Goes through the segments of a connection and notes the calls that each needs."""

    def __init__(self, connection: Connection, placement: Placement, sndbuf: int) -> None:
        self.connection = connection
        self.placement = placement
        self.sndbuf = sndbuf
        self.list: list[Inferred] = []
        self.open: FD | None = None
        self.next = _LISTENER.n

    def _add(self, at: int, call: lib.LIB_interface, value: TLang, octets: int | None = None) -> None:
        self.list.append(Inferred(at, call, Lh_return(THREAD, value), type(call).__name__, octets))

    def all(self) -> None:
        """Infer the calls of every incarnation."""
        found = incarnations(self.connection.seen)
        if any(not one.active for one in found):
            self._listen()
        for one in found:
            self._incarnation(one)

    def _listen(self) -> None:
        self._add(0, lib.socket(SOCK_STREAM), OK_fd(_LISTENER))
        self._add(0, lib.bind(_LISTENER, None, Port(self.connection.host[1])), OK_one())
        self._add(0, lib.listen(_LISTENER, _BACKLOG), OK_one())
        self.next += 1

    def _incarnation(self, one: Incarnation) -> None:
        seen = self.connection.seen
        self.open = None
        ended = False
        reader, writer = Reader(seen, one), _Writer(one, self.sndbuf, self.placement.eager)
        last_fin = has_fin(seen, one.begin, one.end, sent=True)
        for at in range(one.begin, one.end):
            here = seen[at]
            if not here.sent:
                if has(here.seg, FIN) and self.open is None and one.established(seen, at):
                    # A connection that the peer has closed cannot be accepted.
                    self._descriptor(at, one)
                writer.received(here)
            elif has(here.seg, SYN):
                if one.active and self.open is None:
                    self._connect(at)
            else:
                if not ended:
                    self._read(at, one, reader, here)
                data = writer.before(at)
                if data:
                    fd = self._descriptor(at, one)
                    self._add(at, lib.send(fd, None, data, ()), OK_string(b""), len(data))
                if at == last_fin and not ended:
                    ended = self._finish(at, one)
                if has(here.seg, RST) and self.placement.abort and not ended:
                    fd = self._descriptor(at, one)
                    self._add(at, lib.setsocktopt(fd, SO_LINGER, (0, 0)), OK_one())
                    self._add(at, lib.close(fd), OK_one())
                    ended = True
        if self.open is not None and not ended:
            # The descriptor stays taken.
            self.next += 1

    def _read(self, at: int, one: Incarnation, reader: Reader, here: Seen) -> None:
        begin = reader.read
        count = reader.before(at, here)
        octets = one.octets(begin, begin + count, at) if count > 0 else None
        if octets is None:
            return
        fd = self._descriptor(at, one)
        data, certain = octets
        self._add(at, lib.recv(fd, count, (MSG_DONTWAIT,)), OK_string_ipportpair_pair(data, None), count)
        if not certain:
            self.list[-1] = replace(self.list[-1], returns=AnyReturn(THREAD))

    def _descriptor(self, at: int, one: Incarnation) -> FD:
        """The connection's descriptor; one that came in is accepted first."""
        if self.open is None:
            self.open = FD(self.next)
            if one.active:
                self._connect(at)
            else:
                address, port = self.connection.peer
                result = OK_fdipport(self.open, ip_of(address), Port(port))
                self._add(at, lib.accept(_LISTENER), result)
                self._add(at, lib.setfileflags(self.open, (O_NONBLOCK,)), OK_one())
        return self.open

    def _connect(self, at: int) -> None:
        address, port = self.connection.peer
        self.open = FD(self.next)
        self._add(at, lib.socket(SOCK_STREAM), OK_fd(self.open))
        self._add(at, lib.setfileflags(self.open, (O_NONBLOCK,)), OK_one())
        self._add(at, lib.bind(self.open, None, Port(self.connection.host[1])), OK_one())
        self._add(at, lib.connect(self.open, ip_of(address), Port(port)), FAIL(EINPROGRESS))

    def _finish(self, at: int, one: Incarnation) -> bool:
        """The call that makes a FIN; whether it was a close."""
        fd = self._descriptor(at, one)
        half = self._takes_more(at, one) if self.placement.half is None else self.placement.half
        if half:
            self._add(at, lib.shutdown(fd, False, True), OK_one())
            return False
        self._add(at, lib.close(fd), OK_one())
        return True

    def _takes_more(self, fin: int, one: Incarnation) -> bool:
        """Whether the host acknowledges octets that came after its FIN."""
        seen = self.connection.seen
        before = one.acknowledged(seen[fin].seg)
        for at in range(fin + 1, one.end):
            here = seen[at]
            if here.sent and has(here.seg, ACK) and not here.seg.flags & (SYN | RST):
                if min(one.acknowledged(here.seg), one.whole(at)) > before:
                    return True
        return False


class _Writer:
    """What has to be written before each sent segment.

    A segment with PSH empties the queue, one with data and without PSH leaves octets in it (tcp_output_really).  So up
    to the next PSH all octets are one write, but for what the queue has no room for until more is acknowledged.
    """

    def __init__(self, one: Incarnation, room: int, eager: bool) -> None:
        self.one = one
        self.room = room
        self.eager = eager
        self.written = 0
        self.acked = 0
        self.new = {new.at: new for new in one.new}

    def received(self, here: Seen) -> None:
        """A received segment acknowledges octets."""
        if has(here.seg, ACK) and not here.seg.flags & RST:
            acked = self.one.sent_acked(here.seg)
            self.acked = max(self.acked, acked)

    def before(self, at: int) -> bytes:
        """The octets to be written before a segment."""
        new = self.new.get(at)
        if new is None:
            return b""
        needed = new.end if new.push else new.end + 1
        group = next((later.end for later in self.one.new if later.at >= at and later.push), len(self.one.sent) + 1)
        until = min(group, max(needed, self.acked + self.room)) if self.eager else needed
        if until <= self.written:
            return b""
        # An octet that the missing PSH says was written, and that never went out, may have been any.
        data = bytes(self.one.sent[self.written : until]).ljust(until - self.written, b"\0")
        self.written = until
        return data
