"""Reading µTCP's own trace log, the lines of its `tcp.tracing` log source.

    Nov 23 09:38:04 user.debug 10.9.0.2 tcp.tracing 10.9.0.2:7 -> 10.9.0.1:81 [2885571059153ns] connect

The text in front of `tcp.tracing` is the log's, and is not read.  Then come the connection as µTCP's own host
names it (local, remote, in every line), µTCP's monotonic clock, and what happened.

What becomes of a line

- `handle_buf LEN BASE64`, a segment that µTCP accepted for processing: `Lh_recvdatagram`.
- `out LEN BASE64`, a segment that µTCP hands to IP: `Lh_senddatagram`.
- Everything else, a call of µTCP's interface: `ApiCall`, with the bytes where the line has them.  `kind` is
  the line's word, `force_enqueue` for `force enqueue`.

A segment's fields are named by its sender, for received segments too, as HOL traces have them: `is1` and
`seq` are the sender's.  The options MSS, window scale and timestamps are read, the last of each; others are
skipped.  A port of zero is None.  The checksum is not looked at (µTCP clears it in received segments), nor
are the reserved bits and those of ECN.

What the log does not say

Calls have no results, no descriptors and no threads, and their place between the segments is that of
µTCP's pure functions, which never block: `send` offers all of its bytes each time, and the rest of a
partial write is offered again; `receive` is a poll.  A segment that µTCP rejects as malformed leaves no
line, nor does a tick of its timers.  What a socket, a thread and a result are to be, so that the calls
become calls of the Sockets API, is for the checker to choose: as it is read, the log is a trace of the
wire with remarks.

`Trace.meta` holds what the log implies

- `wire_only_calls`, True: the calls are ApiCalls, not labels of the model.
- `local_ips`, tuple[Ip, ...]: the host's addresses, in order of appearance.
- `flows`, tuple[Flow, ...]: the connections, in order of appearance.
- `listening`, tuple[tuple[Ip, Port], ...]: where a SYN was answered with a SYN, so that there is a listening
  socket.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from os import PathLike, fspath
from typing import NoReturn

from netoracle.trace.files import read_bytes
from netoracle.trace.model import ApiCall, Entry, Flow, Trace, TraceError, TraceLabel
from netspec.base.base_types import Ip, Port
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.tcp.host0 import Lh_recvdatagram, Lh_senddatagram
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.pre_host_types import IP

MARK = "tcp.tracing"
"""The name of the log source: what makes a line one of this log."""

MAX_LINE = 1024 * 1024
"""The longest line that is read, in characters."""

MAX_SHOWN = 30
"""How much of an unexpected word an error shows, in characters."""

_HEADER = 20
_FIELDS = struct.Struct(">HHIIBBHxxH")
_FIN, _SYN, _RST, _PSH, _ACK, _URG = (1 << bit for bit in range(6))

_WITH_DATA = frozenset(("send", "force_enqueue"))
_WITHOUT_DATA = frozenset(("receive", "close", "connect", "shutdown_read", "shutdown_write", "shutdown_readwrite"))
_SEGMENTS = frozenset(("handle_buf", "out"))

_ENDPOINT = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3}):([0-9]{1,5})")
_CLOCK = re.compile(r"\[([0-9]{1,40})ns\]")
_WORD = re.compile(r"\S+")
_LENGTH = re.compile(r"[0-9]{1,9}")


def read_utcp_log(path: str | PathLike[str]) -> Trace:
    """Read a µTCP trace log, gzipped or not.

    Raises TraceError, naming line and column, where it is none.
    """
    return parse_utcp_log(read_bytes(path).decode("latin-1"), fspath(path))


def parse_utcp_log(text: str, path: str = "<text>") -> Trace:
    """Read a µTCP trace log from its text; `path` is what errors call it.

    Raises TraceError, naming line and column, where it is none.
    """
    entries: list[Entry] = []
    local_ips: dict[Ip, None] = {}
    flows: dict[Flow, None] = {}
    listening: dict[tuple[Ip, Port], None] = {}
    opening: set[Flow] = set()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        entry, flow = _Line(path, number, line).read()
        entries.append(entry)
        local_ips[flow.local_ip] = None
        flows[flow] = None
        match entry.label:
            case Lh_recvdatagram(TCP(TcpSegment(SYN=True, ACK=False))):
                opening.add(flow)
            case Lh_senddatagram(TCP(TcpSegment(SYN=True, ACK=True))) if flow in opening:
                listening[flow.local_ip, flow.local_port] = None
    if not entries:
        raise TraceError(path, None, None, f"has no line of {MARK}")
    meta: dict[str, object] = {
        "wire_only_calls": True,
        "local_ips": tuple(local_ips),
        "flows": tuple(flows),
        "listening": tuple(listening),
    }
    return Trace(path, "utcp-log", labels=tuple(entries), meta=meta)


class _Line:
    """One line of the log, read word by word."""

    def __init__(self, path: str, number: int, line: str) -> None:
        self._path = path
        self._number = number
        self._line = line
        self._position = 0
        self._begin = 0

    def fail(self, message: str) -> NoReturn:
        """Reject the word read last."""
        raise TraceError(self._path, self._number, self._begin + 1, message)

    def word(self, what: str) -> str:
        """The next word of the line."""
        match = _WORD.search(self._line, self._position)
        if match is None:
            self._begin = len(self._line)
            self.fail(f"the line ends where {what} should follow")
        self._begin, self._position = match.span()
        return match.group()

    def read(self) -> tuple[Entry, Flow]:
        """What the line says, and of which connection."""
        if len(self._line) > MAX_LINE:
            self.fail(f"a line of more than {MAX_LINE} characters")
        self._skip_to_mark()
        flow = self._flow()
        time = self._clock()
        kind = self.word("a function")
        if kind == "force":
            if self.word("'enqueue'") != "enqueue":
                self.fail("expected 'enqueue' after 'force'")
            kind = "force_enqueue"
        label: TraceLabel
        if kind in _SEGMENTS:
            received = kind == "handle_buf"
            message = TCP(self._segment(flow, received))
            label = Lh_recvdatagram(message) if received else Lh_senddatagram(message)
        elif kind in _WITH_DATA:
            length = self._length()
            data = self._bytes()
            self._agrees(length, len(data))
            label = ApiCall(kind, flow, data)
        elif kind in _WITHOUT_DATA:
            label = ApiCall(kind, flow)
        else:
            self.fail(f"unknown function {kind[:MAX_SHOWN]!r}")
        self._nothing_more()
        return Entry(label, time, kind, line=self._number, column=1), flow

    def _skip_to_mark(self) -> None:
        mark = self._line.find(MARK + " ")
        if mark < 0:
            self.fail(f"expected a line of {MARK}")
        self._position = mark + len(MARK)

    def _flow(self) -> Flow:
        local = self._endpoint("the local address and port")
        if self.word("'->'") != "->":
            self.fail("expected '->'")
        return Flow(*local, *self._endpoint("the remote address and port"))

    def _endpoint(self, what: str) -> tuple[Ip, Port]:
        match = _ENDPOINT.fullmatch(self.word(what))
        if match is None:
            self.fail(f"expected {what} (a.b.c.d:port)")
        a, b, c, d, port = map(int, match.groups())
        if max(a, b, c, d) > 255 or port > 65535:
            self.fail(f"expected {what}, a number is too large")
        return IP(a, b, c, d), Port(port)

    def _clock(self) -> Fraction:
        match = _CLOCK.fullmatch(self.word("the clock"))
        if match is None:
            self.fail("expected the clock ([<nanoseconds>ns])")
        return Fraction(int(match[1]), 1_000_000_000)

    def _length(self) -> int:
        text = self.word("a length")
        if not _LENGTH.fullmatch(text):
            self.fail("expected a length")
        return int(text)

    def _bytes(self) -> bytes:
        """The bytes of a base64 word; none where the line ends, which is how no bytes are written."""
        if not self._line[self._position :].strip():
            return b""
        text = self.word("base64")
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self.fail("this is no base64")

    def _agrees(self, length: int, found: int) -> None:
        if length != found:
            self.fail(f"the length is given as {length}, but there are {found} bytes")

    def _nothing_more(self) -> None:
        rest = _WORD.search(self._line, self._position)
        if rest:
            self._begin = rest.start()
            self.fail("the line should end here")

    def _segment(self, flow: Flow, received: bool) -> TcpSegment:
        """The segment of a line, named by its sender."""
        length = self._length()
        raw = self._bytes()
        if len(raw) < _HEADER:
            self.fail(f"a TCP header has at least {_HEADER} bytes, found {len(raw)}")
        source, destination, seq, ack, offset, flags, win, urp = _FIELDS.unpack_from(raw)
        header = offset // 16 * 4
        if not _HEADER <= header <= len(raw):
            self.fail(f"the TCP header claims {header} bytes of {len(raw)}")
        self._agrees(length, len(raw) - header)
        sender = (flow.remote_ip, flow.remote_port), (flow.local_ip, flow.local_port)
        (is1, ps1), (is2, ps2) = sender if received else sender[::-1]
        if (source, destination) != (ps1.n, ps2.n):
            self.fail(f"the segment's ports are {source} and {destination}, the line has {ps1.n} and {ps2.n}")
        options = self._options(raw[_HEADER:header])
        return TcpSegment(
            is1=is1,
            is2=is2,
            ps1=ps1 if source else None,
            ps2=ps2 if destination else None,
            seq=tcp_seq_local(seq),
            ack=tcp_seq_foreign(ack),
            URG=bool(flags & _URG),
            ACK=bool(flags & _ACK),
            PSH=bool(flags & _PSH),
            RST=bool(flags & _RST),
            SYN=bool(flags & _SYN),
            FIN=bool(flags & _FIN),
            win=win,
            ws=options.ws,
            urp=urp,
            mss=options.mss,
            ts=options.ts,
            data=raw[header:],
        )

    def _options(self, raw: bytes) -> _Options:
        """The options that the model knows."""
        options = _Options()
        position = 0
        while position < len(raw) and raw[position] != 0:
            if raw[position] == 1:
                position += 1
                continue
            size = raw[position + 1] if position + 1 < len(raw) else 0
            if size < 2 or position + size > len(raw):
                self.fail(f"TCP option {raw[position]} does not fit into the header")
            value = raw[position + 2 : position + size]
            match raw[position], len(value):
                case (2, 2):
                    options = replace(options, mss=int.from_bytes(value))
                case (3, 1):
                    options = replace(options, ws=value[0])
                case (8, 8):
                    echo = ts_seq(int.from_bytes(value[4:]))
                    options = replace(options, ts=(ts_seq(int.from_bytes(value[:4])), echo))
            position += size
        return options


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of a TCP header that the model has fields for."""

    mss: int | None = None
    ws: int | None = None
    ts: tuple[Seq32, Seq32] | None = None
