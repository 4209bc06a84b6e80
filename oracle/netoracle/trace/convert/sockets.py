"""Calls of a log as calls of the model, with their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from netoracle.trace.convert.call_log import Record
from netoracle.trace.convert.errors import NotInModel
from netoracle.trace.convert.received import NotReceived, Received, Stream
from netspec.base.base_types import (
    FAIL,
    FD,
    FileBFlag,
    Ip,
    MsgBFlag,
    OK_bool,
    OK_fd,
    OK_fdipport,
    OK_fdlisttriple,
    OK_ipport,
    OK_one,
    OK_string,
    OK_string_ipportpair_pair,
    Port,
    SockBFlag,
    SockNFlag,
    SockTFlag,
    SockType,
    TLang,
)
from netspec.base.errors import Error
from netspec.tcp import lib_interface as lib
from netspec.tcp.net_types import UDP, Msg

_SOCKET_TYPES = {"tcp": SockType.SOCK_STREAM, "udp": SockType.SOCK_DGRAM}
_MESSAGE_FLAGS = {
    "oob": MsgBFlag.MSG_OOB,
    "peek": MsgBFlag.MSG_PEEK,
    "dontwait": MsgBFlag.MSG_DONTWAIT,
    "waitall": MsgBFlag.MSG_WAITALL,
}
_TRUTH_OPTIONS = {
    "reuseaddr": SockBFlag.SO_REUSEADDR,
    "keepalive": SockBFlag.SO_KEEPALIVE,
    "oobinline": SockBFlag.SO_OOBINLINE,
    "bsdcompat": SockBFlag.SO_BSDCOMPAT,
    "dontroute": SockBFlag.SO_DONTROUTE,
}
_NUMBER_OPTIONS = {"rcvbuf": SockNFlag.SO_RCVBUF, "sndbuf": SockNFlag.SO_SNDBUF}
_TIMEOUTS = {"rcvtimeo": SockTFlag.SO_RCVTIMEO, "sndtimeo": SockTFlag.SO_SNDTIMEO}
_READY = {"in": 0, "out": 1, "pri": 2}
_LONGEST_DATAGRAM = 65536
_SENT = b"abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Call:
    """A call and its result."""

    call: lib.LIB_interface
    result: TLang


@dataclass(slots=True)
class _Socket:
    """What the log and the capture have said of a socket so far."""

    type: SockType
    port: Port | None = None
    peer: tuple[Ip, Port] | None = None
    stream: Stream | None = None


def sent_data(length: int, offset: int) -> bytes:
    """What the program sends: the letters and the digits over and over, from an offset of them."""
    return bytes(_SENT[(offset + index) % len(_SENT)] for index in range(length))


class Sockets:
    """Translates the calls of one host in their order."""

    def __init__(self, received: Received, sent: Sequence[tuple[Fraction, Msg]]) -> None:
        self._received = received
        self._sent = sent
        self._sockets: dict[FD, _Socket] = {}
        self._last_received = b""
        self._had_tcp = False

    def translate(self, record: Record) -> Call:
        """The call and the result of a line of the log.

        Raises NotInModel where the model has no such call, TraceError where the line or the capture lacks what it
        takes.
        """
        translation = _TRANSLATIONS.get(record.op)
        if translation is None:
            raise NotInModel(f"the call {record.op}")
        if record.op not in _WITHOUT_DESCRIPTOR and record.integer("fd") < 0:
            raise NotInModel(f"the descriptor {record.integer('fd')}")
        try:
            return translation(self, record)
        except NotReceived as error:
            raise record.fail(str(error)) from None

    @property
    def leave_something(self) -> bool:
        """Whether a socket is open, or one of TCP ever was, whose connection may outlive it."""
        return bool(self._sockets) or self._had_tcp

    def _socket(self, record: Record, fd: FD) -> _Socket:
        if fd not in self._sockets:
            raise record.fail(f"the log shows no call that returned descriptor {fd.n}")
        return self._sockets[fd]

    # ------------------------------------------------------------ sockets and their names

    def _open(self, record: Record) -> Call:
        words = record.words
        if not words or words[0] not in _SOCKET_TYPES:
            raise record.fail("expected a socket of tcp or udp")
        kind = _SOCKET_TYPES[words[0]]
        if not record.failed:
            self._sockets[record.descriptor()] = _Socket(kind)
            self._had_tcp = self._had_tcp or kind == SockType.SOCK_STREAM
        return Call(lib.socket(kind), _result(record, lambda: OK_fd(record.descriptor())))

    def _bind(self, record: Record) -> Call:
        fd, (address, port) = record.descriptor(), record.endpoint("addr")
        self._named(record, fd)
        call = lib.bind(fd, address if address.n else None, port if port.n else None)
        return Call(call, _result(record, OK_one))

    def _connect(self, record: Record) -> Call:
        fd, peer = record.descriptor(), record.endpoint("addr")
        self._named(record, fd)
        self._socket(record, fd).peer = peer
        self._socket(record, fd).stream = None
        return Call(lib.connect(fd, *peer), _result(record, OK_one))

    def _accept(self, record: Record) -> Call:
        listener, new = record.descriptor("listener"), record.descriptor()

        def accepted() -> TLang:
            peer = record.endpoint("peer")
            self._sockets[new] = _Socket(SockType.SOCK_STREAM, self._socket(record, listener).port, peer)
            return OK_fdipport(new, *peer)

        return Call(lib.accept(listener), _result(record, accepted))

    def _named(self, record: Record, fd: FD) -> None:
        local = record.optional_endpoint("local")
        if local is not None:
            self._socket(record, fd).port = local[1]

    def _listen(self, record: Record) -> Call:
        return Call(lib.listen(record.descriptor(), _number(record, 0)), _result(record, OK_one))

    def _shutdown(self, record: Record) -> Call:
        how = "".join(record.words)
        return Call(lib.shutdown(record.descriptor(), "r" in how, "w" in how), _result(record, OK_one))

    def _close(self, record: Record) -> Call:
        fd = record.descriptor()
        if not record.failed:
            self._sockets.pop(fd, None)
        return Call(lib.close(fd), _result(record, OK_one))

    def _getpeername(self, record: Record) -> Call:
        return Call(lib.getpeername(record.descriptor()), _result(record, lambda: OK_ipport(*record.endpoint("peer"))))

    # ------------------------------------------------------------ sending and receiving

    def _send(self, record: Record) -> Call:
        fd = record.descriptor()
        socket = self._socket(record, fd)
        length = record.integer("len", record.integer("ret"))
        echo = "len" not in record.fields
        data = self._last_received[:length] if echo else sent_data(length, record.integer("off", 0))
        address = record.endpoint("from" if echo else "addr") if record.op == "sendto" else None
        if address is not None and socket.port is None and not record.failed:
            socket.port = self._source_port(address, data, record)
        call = lib.send(fd, address, data, _flags(record))
        return Call(call, _result(record, lambda: OK_string(data[record.integer("ret") :])))

    def _source_port(self, address: tuple[Ip, Port], data: bytes, record: Record) -> Port | None:
        """The port that a datagram left from, which is the one that the socket got when it was sent."""
        for time, msg in self._sent:
            if isinstance(msg, UDP) and (msg.v.is2, msg.v.ps2, msg.v.data) == (*address, data) and time >= record.began:
                return msg.v.ps1
        raise NotReceived("the capture does not have the datagram that was sent")

    def _recv(self, record: Record) -> Call:
        fd, flags = record.descriptor(), _flags(record)
        call = lib.recv(fd, record.integer("len", _LONGEST_DATAGRAM), flags)
        return Call(call, _result(record, lambda: self._data(record, fd, MsgBFlag.MSG_PEEK in flags)))

    def _data(self, record: Record, fd: FD, peek: bool) -> TLang:
        socket, n = self._socket(record, fd), record.integer("ret")
        if socket.type == SockType.SOCK_DGRAM:
            datagram = self._received.datagram(socket.port, record.optional_endpoint("from") or socket.peer, peek)
            self._last_received = datagram.data[:n]
            whole = n == len(datagram.data)
            return OK_string_ipportpair_pair(datagram.data[:n], ((datagram.is1, datagram.ps1), whole))
        if socket.stream is None:
            socket.stream = self._received.stream(socket.peer or (None, None), socket.port, record.returned)
        self._last_received = socket.stream.take(n, peek)
        return OK_string_ipportpair_pair(self._last_received, None)

    def _ioctl(self, record: Record) -> Call:
        if record.text("what") != "atmark":
            raise NotInModel(f"the call ioctl {record.text('what')}")
        return Call(lib.sockatmark(record.descriptor()), _result(record, lambda: OK_bool(bool(record.integer("val")))))

    # ------------------------------------------------------------ options

    def _getsockopt(self, record: Record) -> Call:
        if record.text("opt") != "error":
            raise NotInModel(f"the option {record.text('opt')}")
        pending = record.text("valname")
        result = FAIL(_error(record, pending)) if pending else _result(record, OK_one)
        return Call(lib.getsockerr(record.descriptor()), result)

    def _setsockopt(self, record: Record) -> Call:
        name, value, fd = record.text("opt"), record.integer("val"), record.descriptor()
        call: lib.LIB_interface
        if name in _TRUTH_OPTIONS:
            call = lib.setsockbopt(fd, _TRUTH_OPTIONS[name], bool(value))
        elif name in _NUMBER_OPTIONS:
            call = lib.setsocknopt(fd, _NUMBER_OPTIONS[name], value)
        else:
            raise NotInModel(f"the option {name}")
        return Call(call, _result(record, OK_one))

    def _timeout(self, record: Record) -> Call:
        seconds, milliseconds = divmod(_number(record, 0), 1000)
        call = lib.setsocktopt(record.descriptor(), _TIMEOUTS[record.op], (seconds, milliseconds * 1_000_000))
        return Call(call, _result(record, OK_one))

    def _linger(self, record: Record) -> Call:
        time = (_number(record, 1), 0) if _number(record, 0) else None
        return Call(lib.setsocktopt(record.descriptor(), SockTFlag.SO_LINGER, time), _result(record, OK_one))

    def _nonblock(self, record: Record) -> Call:
        flags = () if record.words == ["off"] else (FileBFlag.O_NONBLOCK,)
        return Call(lib.setfileflags(record.descriptor(), flags), _result(record, OK_one))

    def _poll(self, record: Record) -> Call:
        words = record.words
        if len(words) != 2:
            raise record.fail("expected events and a time in milliseconds")
        fd, watched = record.descriptor(), words[0].split(",")
        if not set(watched) <= set(_READY):
            raise NotInModel(f"polling for {words[0]}")
        seconds, milliseconds = divmod(_number(record, 1), 1000)
        call = lib.pselect(*_sets(fd, watched), (seconds, milliseconds * 1_000_000), None)
        ready = [event for event in record.text("revents").lower().split() if event in watched]
        return Call(call, _result(record, lambda: OK_fdlisttriple(*_sets(fd, ready))))


_TRANSLATIONS: dict[str, Callable[[Sockets, Record], Call]] = {
    "socket": Sockets._open,
    "bind": Sockets._bind,
    "connect": Sockets._connect,
    "accept": Sockets._accept,
    "listen": Sockets._listen,
    "shutdown": Sockets._shutdown,
    "close": Sockets._close,
    "getpeername": Sockets._getpeername,
    "send": Sockets._send,
    "sendto": Sockets._send,
    "recv": Sockets._recv,
    "recvfrom": Sockets._recv,
    "ioctl": Sockets._ioctl,
    "getsockopt": Sockets._getsockopt,
    "setsockopt": Sockets._setsockopt,
    "rcvtimeo": Sockets._timeout,
    "sndtimeo": Sockets._timeout,
    "linger": Sockets._linger,
    "nonblock": Sockets._nonblock,
    "poll": Sockets._poll,
}
_WITHOUT_DESCRIPTOR = frozenset(("socket", "accept"))


def _result(record: Record, value: Callable[[], TLang]) -> TLang:
    """The value of a call that succeeded, the error of one that failed."""
    return FAIL(_error(record, record.text("err"))) if record.failed else value()


def _error(record: Record, name: str) -> Error:
    if name not in Error.__members__:
        raise record.fail(f"expected the name of an error, found {name!r}")
    return Error[name]


def _number(record: Record, index: int) -> int:
    words = record.words
    if index >= len(words) or not words[index].isdecimal():
        raise record.fail(f"expected a number in {record.text('cmd')!r}")
    return int(words[index])


def _flags(record: Record) -> tuple[MsgBFlag, ...]:
    """The flags of a send or receive, which some lines have in their instruction only."""
    if "flags" in record.fields:
        names = record.text("flags")
    else:
        names = next((word for word in record.words if not word[0].isdigit()), "")
    given = [name for name in names.split(",") if name]
    if unknown := [name for name in given if name not in _MESSAGE_FLAGS]:
        raise NotInModel(f"the flag {unknown[0]}")
    return tuple(_MESSAGE_FLAGS[name] for name in given)


def _sets(fd: FD, events: Sequence[str]) -> tuple[tuple[FD, ...], tuple[FD, ...], tuple[FD, ...]]:
    """The descriptor in each of the sets for reading, writing and exceptions that its events stand for."""
    read, write, other = ((fd,) if any(_READY[event] == index for event in events) else () for index in range(3))
    return read, write, other
