"""A connection of a capture as a trace of the host model, with inferred calls between the segments.

The host begins with nothing open, at the first segment of the connection; the trace ends when the capture does.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from netoracle.hosted.calls import THREAD, Inferred
from netoracle.hosted.connections import Connection
from netoracle.hosted.segments import ip_of, model_segment
from netoracle.scenario import Scenario, Switches, prepare
from netoracle.trace.model import Entry, InitialHost, Trace
from netspec.base.base_types import ETH, LO, NETMASK, SO_SNDBUF, SOCK_STREAM
from netspec.base.seq32 import ts_seq
from netspec.profiles import PROFILES
from netspec.tcp.host0 import Lh_call, Lh_epsilon, Lh_recvdatagram, Lh_senddatagram
from netspec.tcp.host_init import simple_ifd_lo
from netspec.tcp.net_types import TCP
from netspec.tcp.params import sf_default_n
from netspec.tcp.pre_host_types import IP, HostParams, Ifd, RoutingTableEntry

_SECOND = 10**9


def build(path: str, connection: Connection, calls: Sequence[Inferred], last: int, profile: str) -> Trace:
    """The trace; `last` is the time of the capture's last frame.  The line of an entry is the number of its frame."""
    entries: list[Entry] = []
    seen = connection.seen
    now = seen[0].time
    waiting = list(calls)
    for at, one in enumerate(seen):
        _pass(entries, now, one.time, one.frame)
        now = one.time
        while waiting and waiting[0].at == at:
            call = waiting.pop(0)
            entries.append(_entry(Lh_call(THREAD, call.call), now, one.frame))
            entries.append(_entry(call.returns, now, one.frame))
        ends = (connection.host, connection.peer) if one.sent else (connection.peer, connection.host)
        message = TCP(model_segment(one.seg, *ends))
        label = Lh_senddatagram(message) if one.sent else Lh_recvdatagram(message)
        entries.append(_entry(label, now, one.frame))
    _pass(entries, now, last, 0)
    base = Fraction(seen[0].time, _SECOND)
    return Trace(path, "hol", (_host(connection, profile),), tuple(entries), base)


def send_buffer(profile: str) -> int:
    """How many octets the send queue of a host holds at first."""
    return sf_default_n(PROFILES[profile].arch, SOCK_STREAM, SO_SNDBUF)


def as_scenario(
    path: str, connection: Connection, calls: Sequence[Inferred], last: int, profile: str, switches: Switches
) -> Scenario:
    """The trace, ready to be checked by the rules of a profile."""
    return prepare(build(path, connection, calls, last, profile), profile, switches)


def _pass(entries: list[Entry], now: int, then: int, frame: int) -> None:
    if then > now:
        entries.append(_entry(Lh_epsilon(Fraction(then - now, _SECOND)), now, frame))


def _entry(label: object, time: int, frame: int) -> Entry:
    return Entry(label, Fraction(time, _SECOND), "wire", line=frame, column=1)  # type: ignore[arg-type]


def _host(connection: Connection, profile: str) -> InitialHost:
    """The host at the start.  Where it sends no timestamps nothing shows its ticker, which then begins at 0."""
    ip = ip_of(connection.host[0])
    localhost = IP(127, 0, 0, 1)
    shows_ticker = any(one.sent and one.seg.options.ts is not None for one in connection.seen)
    return InitialHost(
        name=None,
        ip=ip,
        tid=THREAD,
        arch=PROFILES[profile].arch.base.name,
        privs=True,
        heldports=(),
        ifaces=((ETH(0), Ifd(frozenset({ip}), ip, NETMASK(24), True)), simple_ifd_lo),
        rttab=(
            RoutingTableEntry(localhost, NETMASK(8), LO),
            RoutingTableEntry(IP(0, 0, 0, 0), NETMASK(0), ETH(0)),
        ),
        fds=(),
        ticks="ticks" if shows_ticker else ts_seq(0),
        remdr="remdr",
        params=HostParams(1024, 65535),
    )
