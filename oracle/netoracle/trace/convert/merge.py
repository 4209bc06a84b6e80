"""The trace of one host: what its application called, what crossed its interface, in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from netoracle.trace.convert.call_log import Record, read_calls
from netoracle.trace.convert.errors import NotInModel
from netoracle.trace.convert.messages import Message, message
from netoracle.trace.convert.packets import Packet, read_capture
from netoracle.trace.convert.received import Received
from netoracle.trace.convert.sockets import Sockets
from netoracle.trace.model import Entry, InitialHost, Trace, TraceError
from netspec.base.base_types import ETH, FD, LO, NETMASK, TID, Ip
from netspec.tcp.host0 import Lh_call, Lh_recvdatagram, Lh_return, Lh_senddatagram
from netspec.tcp.host_init import simple_ifd_lo
from netspec.tcp.params import Linux_2_4_20_8
from netspec.tcp.pre_host_types import IP, HostParams, Ifd, RoutingTableEntry, ip_localhost

_FIRST_THREAD = TID(0)
_FIRST_DESCRIPTOR = 3
_CALL, _RECEIVED, _SENT, _RETURN = range(4)
"""The order of labels at the same time."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded at a host, and what has to be known of it besides.

    `address` is the host's, on a subnet whose mask has `netmask` bits; `routed` says that it reaches other
    subnets too. `ephemeral` are its ephemeral ports, from the first to the last. `lines` are the first and the
    last line of the log to be converted, with what crossed the interface meanwhile; None is all.
    """

    capture: str
    calls: str | None
    address: Ip
    netmask: int = 24
    routed: bool = False
    ephemeral: tuple[int, int] = (32768, 60999)
    lines: tuple[int, int] | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    packet: Packet
    message: Message
    sent: bool

    @property
    def time(self) -> Fraction:
        """When the host sent it or had all of it."""
        return self.packet.first if self.sent else self.packet.last


def convert(recording: Recording) -> Trace:
    """The timed trace of a host in the HOL trace language.

    What the model has no place for is left out, and a remark says so: calls and packets in the header, parts
    of a segment in front of its label.

    Raises TraceError where a file cannot be used, or a call's data are not in the capture.
    """
    left_out: Counter[str] = Counter()
    seen = _datagrams(recording, left_out)
    records = read_calls(recording.calls) if recording.calls is not None else ()
    _one_thread(records)
    received = Received((one.time, one.message.msg) for one in seen if not one.sent)
    sockets = Sockets(received, [(one.time, one.message.msg) for one in seen if one.sent])
    if recording.lines is not None:
        records, seen = _part(records, seen, recording.lines, sockets)
    entries = [*map(_datagram_entry, seen), *_call_entries(records, sockets, left_out)]
    if not entries:
        raise TraceError(recording.capture, None, None, "holds nothing that the model has a label for")
    entries.sort(key=_order)
    first = entries[0].time
    assert first is not None
    base_time = Fraction(int(first * 1_000_000), 1_000_000)
    header = (recording.title, *(f"left out: {what} ({count})" for what, count in sorted(left_out.items())))
    host = _initial(recording, records)
    return Trace("", "hol", (host,), tuple(entries), base_time, tuple(line for line in header if line))


def _part(
    records: tuple[Record, ...], seen: list[_Seen], lines: tuple[int, int], sockets: Sockets
) -> tuple[tuple[Record, ...], list[_Seen]]:
    """The calls of some lines, and what crossed the interface from the first of them to the next call after them.

    The host at their start has to be as at the very start, so that the lines before must leave nothing behind.
    """
    first, last = lines
    before = tuple(record for record in records if record.line < first)
    part = tuple(record for record in records if first <= record.line <= last)
    after = tuple(record for record in records if record.line > last)
    if not part:
        raise TraceError(records[0].path if records else "", None, None, f"has no calls in lines {first} to {last}")
    _call_entries(before, sockets, Counter())
    if sockets.leave_something:
        raise part[0].fail("calls before this line left a socket or a connection, so that a trace cannot begin here")
    begin = part[0].began if before else Fraction(0)
    return part, [one for one in seen if begin <= one.time and (not after or one.time < after[0].began)]


def _order(entry: Entry) -> tuple[Fraction, int]:
    assert entry.time is not None
    match entry.label:
        case Lh_call():
            kind = _CALL
        case Lh_recvdatagram():
            kind = _RECEIVED
        case Lh_senddatagram():
            kind = _SENT
        case _:
            kind = _RETURN
    return entry.time, kind


# ---------------------------------------------------------------- what crossed the interface


def _datagrams(recording: Recording, left_out: Counter[str]) -> list[_Seen]:
    capture = read_capture(recording.capture)
    for kind, count in capture.others.items():
        left_out[f"frame of {kind}"] += count
    seen = []
    for packet in capture.packets:
        sent = packet.source == recording.address
        if not sent and packet.destination != recording.address:
            left_out["packet to or from another host"] += 1
            continue
        try:
            seen.append(_Seen(packet, message(packet), sent))
        except NotInModel as error:
            left_out[str(error)] += 1
    return seen


def _datagram_entry(seen: _Seen) -> Entry:
    comments = [f"left out: {what}" for what in seen.message.dropped]
    if len(seen.packet.frames) > 1:
        comments.append(f"put together from {len(seen.packet.frames)} fragments")
    label = Lh_senddatagram if seen.sent else Lh_recvdatagram
    return Entry(label(seen.message.msg), seen.time, "wire", comments=tuple(comments))


# ---------------------------------------------------------------- what was called


def _one_thread(records: Sequence[Record]) -> None:
    for record in records:
        if record.pid != records[0].pid:
            raise record.fail(f"a second process, {record.pid}: the model's host begins with one thread")


def _call_entries(records: Iterable[Record], sockets: Sockets, left_out: Counter[str]) -> list[Entry]:
    entries = []
    for record in records:
        try:
            call = sockets.translate(record)
        except NotInModel as error:
            left_out[str(error)] += 1
            continue
        thread = TID(record.pid)
        entries.append(Entry(Lh_call(thread, call.call), record.began, "calls"))
        entries.append(Entry(Lh_return(thread, call.result), record.returned, "calls"))
    return entries


# ---------------------------------------------------------------- the host at the start


def _initial(recording: Recording, records: Sequence[Record]) -> InitialHost:
    """The host: one Ethernet interface and loopback, one thread, the descriptors below the first one returned.

    Linux gives out the lowest descriptor that is free, so those below it were in use.
    """
    new = [record.integer("ret") for record in records if record.op in ("socket", "accept") and not record.failed]
    mask = NETMASK(recording.netmask)
    ethernet = Ifd(frozenset({recording.address}), recording.address, mask, True)
    routes = [
        RoutingTableEntry(ip_localhost, NETMASK(8), LO),
        RoutingTableEntry(_subnet(recording), mask, ETH(0)),
    ]
    if recording.routed:
        routes.append(RoutingTableEntry(IP(0, 0, 0, 0), NETMASK(0), ETH(0)))
    return InitialHost(
        name=None,
        ip=recording.address,
        tid=TID(records[0].pid) if records else _FIRST_THREAD,
        arch=Linux_2_4_20_8.name,
        privs=True,
        heldports=(),
        ifaces=(simple_ifd_lo, (ETH(0), ethernet)),
        rttab=tuple(routes),
        fds=tuple(map(FD, range(min(new, default=_FIRST_DESCRIPTOR)))),
        ticks="initial_ticker_count",
        remdr="initial_ticker_remdr",
        params=HostParams(*recording.ephemeral),
    )


def _subnet(recording: Recording) -> Ip:
    bits = 32 - recording.netmask
    return Ip(recording.address.n >> bits << bits)
