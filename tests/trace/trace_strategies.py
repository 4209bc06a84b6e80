"""Hypothesis strategies for labels, host lines and traces."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from netoracle.trace import Entry, InitialHost, LegacyTrace, Trace
from netoracle.trace.hol.comments import is_remark
from netspec.base.base_types import (
    ETH,
    FAIL,
    FD,
    LO,
    NETMASK,
    TID,
    FileBFlag,
    Ip,
    MsgBFlag,
    OK_bool,
    OK_fd,
    OK_fdipport,
    OK_fdlisttriple,
    OK_fileflags,
    OK_getifaddrs_ret,
    OK_int,
    OK_intpair_option,
    OK_ipport,
    OK_ipportlift,
    OK_one,
    OK_string,
    OK_string_ipportpair_pair,
    Port,
    SockBFlag,
    SockNFlag,
    SockTFlag,
    SockType,
)
from netspec.base.errors import Error
from netspec.base.seq32 import tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.base.signals import Signal
from netspec.base.timers import TimeWindow, TimeWindowClosed, never_timer
from netspec.tcp import lib_interface as lib
from netspec.tcp import net_types as net
from netspec.tcp.host0 import (
    Lh_call,
    Lh_epsilon,
    Lh_interface,
    Lh_loopdatagram,
    Lh_recvdatagram,
    Lh_return,
    Lh_senddatagram,
    Lh_tau,
    Lh_trace,
)
from netspec.tcp.host_types import Tracecb, TraceRecord
from netspec.tcp.params import SID
from netspec.tcp.pre_host_types import (
    LOOPBACK_ADDRS,
    HostParams,
    Ifd,
    RoutingTableEntry,
    TcpState,
    TraceFlavour,
)

naturals = st.integers(0, 10**12)
integers = st.integers(-(10**12), 10**12)
word16 = st.integers(0, 2**16 - 1)
word32 = st.integers(0, 2**32 - 1)
byte = st.integers(0, 255)
ips = st.builds(Ip, word32)
ports = st.builds(Port, word16)
fds = st.builds(FD, naturals)
tids = st.builds(TID, st.integers(0, 3))
ifids = st.one_of(st.just(LO), st.builds(ETH, naturals))
netmasks = st.builds(NETMASK, st.integers(0, 32))
local = st.builds(tcp_seq_local, word32)
foreign = st.builds(tcp_seq_foreign, word32)
stamps = st.builds(ts_seq, word32)
data = st.binary(max_size=20)
sizes = st.tuples(integers, integers)
durations = st.one_of(
    st.fractions(0, 10**6),
    st.integers(0, 10**15).map(lambda n: Fraction(n, 10**6)),
    st.integers(0, 10**15).map(lambda n: Fraction(n, 10**9)),
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def tuples_of(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=3).map(tuple)


CALLS = {
    "accept": st.builds(lib.accept, fds),
    "bind": st.builds(lib.bind, fds, maybe(ips), maybe(ports)),
    "close": st.builds(lib.close, fds),
    "connect": st.builds(lib.connect, fds, ips, maybe(ports)),
    "disconnect": st.builds(lib.disconnect, fds),
    "dup": st.builds(lib.dup, fds),
    "dupfd": st.builds(lib.dupfd, fds, integers),
    "getfileflags": st.builds(lib.getfileflags, fds),
    "getifaddrs": st.builds(lib.getifaddrs),
    "getpeername": st.builds(lib.getpeername, fds),
    "getsockbopt": st.builds(lib.getsockbopt, fds, st.sampled_from(SockBFlag)),
    "getsockerr": st.builds(lib.getsockerr, fds),
    "getsocklistening": st.builds(lib.getsocklistening, fds),
    "getsockname": st.builds(lib.getsockname, fds),
    "getsocknopt": st.builds(lib.getsocknopt, fds, st.sampled_from(SockNFlag)),
    "getsocktopt": st.builds(lib.getsocktopt, fds, st.sampled_from(SockTFlag)),
    "listen": st.builds(lib.listen, fds, integers),
    "pselect": st.builds(
        lib.pselect,
        tuples_of(fds),
        tuples_of(fds),
        tuples_of(fds),
        maybe(sizes),
        maybe(tuples_of(st.sampled_from(Signal))),
    ),
    "recv": st.builds(lib.recv, fds, integers, tuples_of(st.sampled_from(MsgBFlag))),
    "send": st.builds(lib.send, fds, maybe(st.tuples(ips, ports)), data, tuples_of(st.sampled_from(MsgBFlag))),
    "setfileflags": st.builds(lib.setfileflags, fds, tuples_of(st.sampled_from(FileBFlag))),
    "setsockbopt": st.builds(lib.setsockbopt, fds, st.sampled_from(SockBFlag), st.booleans()),
    "setsocknopt": st.builds(lib.setsocknopt, fds, st.sampled_from(SockNFlag), integers),
    "setsocktopt": st.builds(lib.setsocktopt, fds, st.sampled_from(SockTFlag), maybe(sizes)),
    "shutdown": st.builds(lib.shutdown, fds, st.booleans(), st.booleans()),
    "sockatmark": st.builds(lib.sockatmark, fds),
    "socket": st.builds(lib.socket, st.sampled_from(SockType)),
}
"""A strategy for each call of LIB_interface."""

_ONE = st.just(OK_one())
_FD = st.builds(OK_fd, fds)
_BOOL = st.builds(OK_bool, st.booleans())

RESULTS = {
    "accept": st.builds(OK_fdipport, fds, ips, ports),
    "bind": _ONE,
    "close": _ONE,
    "connect": _ONE,
    "disconnect": _ONE,
    "dup": _FD,
    "dupfd": _FD,
    "getfileflags": st.builds(OK_fileflags, tuples_of(st.sampled_from(FileBFlag))),
    "getifaddrs": st.builds(OK_getifaddrs_ret, tuples_of(st.tuples(ifids, ips, tuples_of(ips), netmasks))),
    "getpeername": st.builds(OK_ipport, ips, ports),
    "getsockbopt": _BOOL,
    "getsockerr": _ONE,
    "getsocklistening": _BOOL,
    "getsockname": st.builds(OK_ipportlift, maybe(ips), maybe(ports)),
    "getsocknopt": st.builds(OK_int, integers),
    "getsocktopt": st.builds(OK_intpair_option, maybe(sizes)),
    "listen": _ONE,
    "pselect": st.builds(OK_fdlisttriple, tuples_of(fds), tuples_of(fds), tuples_of(fds)),
    "recv": st.builds(
        OK_string_ipportpair_pair,
        data,
        maybe(st.tuples(st.tuples(maybe(ips), maybe(ports)), st.booleans())),
    ),
    "send": st.builds(OK_string, data),
    "setfileflags": _ONE,
    "setsockbopt": _ONE,
    "setsocknopt": _ONE,
    "setsocktopt": _ONE,
    "shutdown": _ONE,
    "sockatmark": _BOOL,
    "socket": _FD,
}
"""A strategy for what each call returns when it succeeds."""

failures = st.builds(FAIL, st.sampled_from(Error))

segments = st.builds(
    net.TcpSegment,
    is1=maybe(ips),
    is2=maybe(ips),
    ps1=maybe(ports),
    ps2=maybe(ports),
    seq=local,
    ack=foreign,
    **{flag: st.booleans() for flag in ("URG", "ACK", "PSH", "RST", "SYN", "FIN")},
    win=word16,
    ws=maybe(byte),
    urp=word16,
    mss=maybe(word16),
    ts=maybe(st.tuples(stamps, stamps)),
    data=data,
)
datagrams = st.builds(net.UdpDatagram, maybe(ips), maybe(ips), maybe(ports), maybe(ports), data)
icmp_types = st.one_of(
    st.builds(
        net.ICMP_UNREACH,
        st.one_of(
            st.sampled_from(net.IcmpUnreach),
            st.builds(net.NEEDFRAG, maybe(word16)),
            st.builds(net.OTHER, byte, word32),
        ),
    ),
    st.builds(
        net.ICMP_SOURCE_QUENCH,
        st.one_of(st.sampled_from(net.IcmpSourceQuench), st.builds(net.SQ_OTHER, byte, word32)),
    ),
    st.builds(
        net.ICMP_REDIRECT,
        st.one_of(st.sampled_from(net.IcmpRedirect), st.builds(net.RD_OTHER, byte, word32)),
    ),
    st.builds(
        net.ICMP_TIME_EXCEEDED,
        st.one_of(st.sampled_from(net.IcmpTimeExceeded), st.builds(net.TX_OTHER, byte, word32)),
    ),
    st.builds(
        net.ICMP_PARAMPROB,
        st.one_of(st.sampled_from(net.IcmpParamProb), st.builds(net.PP_OTHER, byte, word32)),
    ),
)
icmps = st.builds(
    net.IcmpDatagram,
    is1=maybe(ips),
    is2=maybe(ips),
    is3=maybe(ips),
    is4=maybe(ips),
    ps3=maybe(ports),
    ps4=maybe(ports),
    proto=st.sampled_from(net.Protocol),
    seq=maybe(local),
    t=icmp_types,
)
messages = st.one_of(st.builds(net.TCP, segments), st.builds(net.UDP, datagrams), st.builds(net.ICMP, icmps))

quads = maybe(st.tuples(maybe(ips), maybe(ports), maybe(ips), maybe(ports)))
states = st.sampled_from(TcpState)
control_blocks = st.builds(
    Tracecb,
    snd_una=local,
    snd_max=local,
    snd_nxt=local,
    snd_wl1=foreign,
    snd_wl2=local,
    iss=local,
    snd_wnd=naturals,
    snd_cwnd=naturals,
    snd_ssthresh=naturals,
    rcv_wnd=naturals,
    rcv_nxt=foreign,
    rcv_up=foreign,
    irs=foreign,
    rcv_adv=foreign,
    snd_recover=local,
    t_maxseg=naturals,
    t_dupacks=naturals,
    t_rttseg=maybe(st.tuples(stamps, local)),
    snd_scale=naturals,
    rcv_scale=naturals,
    ts_recent=st.one_of(st.just(TimeWindowClosed), st.builds(TimeWindow, stamps, st.just(never_timer))),
    last_ack_sent=foreign,
)
records = st.builds(TraceRecord, st.sampled_from(TraceFlavour), st.builds(SID, naturals), quads, states, control_blocks)
legacy_records = st.builds(
    LegacyTrace,
    quads,
    states,
    st.dictionaries(
        st.sampled_from(["snd_una", "snd_up", "t_rtseq", "t_dupacks", "ts_recent"]),
        st.one_of(st.none(), naturals, local, foreign, stamps),
        min_size=1,
    ).map(lambda fields: tuple(fields.items())),
)

LABELS = {
    "Lh_senddatagram": st.builds(Lh_senddatagram, messages),
    "Lh_recvdatagram": st.builds(Lh_recvdatagram, messages),
    "Lh_loopdatagram": st.builds(Lh_loopdatagram, messages),
    "Lh_interface": st.builds(Lh_interface, ifids, st.booleans()),
    "Lh_tau": st.builds(Lh_tau),
    "Lh_epsilon": st.builds(Lh_epsilon, durations),
    "Lh_trace": st.builds(Lh_trace, records),
    "LegacyTrace": legacy_records,
}
"""A strategy for each kind of label besides calls and returns."""

_OLDER_FORMS = {"getpeername", "send"}
"""Calls whose results a getsockname or a recv returned in older traces, and which are then read as theirs."""

labels = st.one_of(
    *LABELS.values(),
    st.builds(Lh_call, tids, st.one_of(*CALLS.values())),
    st.builds(
        Lh_return,
        tids,
        st.one_of(failures, *(result for name, result in RESULTS.items() if name not in _OLDER_FORMS)),
    ),
)

remarks = st.text("abc XYZ.:->0123456789()[]<>|;*'\"\xe9", min_size=1, max_size=20).map(str.strip).filter(is_remark)


@st.composite
def entries(draw: st.DrawFn, hosts: tuple[str, ...] = ()) -> Entry:
    label = draw(labels)
    time = draw(maybe(durations))
    host = draw(st.sampled_from(hosts)) if hosts and not isinstance(label, Lh_epsilon) else None
    source = draw(st.sampled_from(["", "ns0", "debug12"])) if time is not None else ""
    return Entry(label, time, source, draw(maybe(naturals)), host, draw(tuples_of(remarks)))


interfaces = st.builds(
    Ifd,
    st.one_of(st.just(LOOPBACK_ADDRS), st.frozensets(ips, max_size=3)),
    ips,
    netmasks,
    st.booleans(),
)
routes = st.builds(RoutingTableEntry, ips, netmasks, ifids)


def host_lines(name: str | None) -> st.SearchStrategy[InitialHost]:
    return st.builds(
        InitialHost,
        name=st.just(name),
        ip=ips,
        tid=tids,
        arch=st.sampled_from(["FreeBSD_4_6_RELEASE", "Linux_2_4_20_8", "WinXP_Prof_SP1"]),
        privs=st.booleans(),
        heldports=tuples_of(st.tuples(maybe(ips), ports)),
        ifaces=tuples_of(st.tuples(ifids, interfaces)),
        rttab=tuples_of(routes),
        fds=maybe(tuples_of(fds)),
        ticks=st.one_of(st.just("initial_ticker_count"), stamps),
        remdr=st.one_of(st.just("initial_ticker_remdr"), durations),
        params=maybe(st.builds(HostParams, word16, word16)),
    )


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    names: tuple[str, ...] = draw(st.sampled_from([(), ("alan",), ("pinky", 'the "brain"')]))
    if names:
        hosts = tuple(draw(host_lines(name)) for name in names)
    else:
        hosts = tuple(draw(st.lists(host_lines(None), max_size=1)))
    found = draw(st.lists(entries(names), min_size=1, max_size=4))
    return Trace(
        "generated",
        "hol",
        hosts,
        tuple(found),
        draw(maybe(durations)),
        draw(tuples_of(remarks)),
    )
