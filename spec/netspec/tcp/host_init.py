"""The state of a host at the start of a trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import immutables

from netspec.base.base_types import (
    ETH,
    FD,
    LO,
    NETMASK,
    TID,
    FileBFlag,
    IfId,
    Ip,
    Port,
    SockBFlag,
    SockNFlag,
    SockTFlag,
)
from netspec.base.seq32 import Seq32, tcp_seq_foreign, tcp_seq_local
from netspec.base.time import Duration, Time, time_infty
from netspec.base.timers import Stopwatch, Ticker, Timed, TimeWindowClosed, never_timer
from netspec.tcp.aux_fns.bandlim import bandlim_state_init
from netspec.tcp.host_types import NO_OOBDATA, TCP_PROTO, Host, RttInf, Socket, Tcpcb, TcpSocket
from netspec.tcp.params import (
    FID,
    SID,
    Arch,
    File,
    FileFlags,
    FreeBSD_4_6_RELEASE,
    FT_Console,
    SockFlags,
    tickintvlmax,
    tickintvlmin,
)
from netspec.tcp.pre_host_types import (
    IP,
    LISTEN,
    LOOPBACK_ADDRS,
    HostParams,
    HostThreadState,
    Ifd,
    RoutingTable,
    RoutingTableEntry,
    Run,
    SocketListen,
    ip_localhost,
)

ZERO = Fraction(0)


def simple_ifd_eth(i: Ip) -> tuple[IfId, Ifd]:
    """An Ethernet interface with one address.

    Source: TCP1_evalSupportScript.sml, simple_ifd_eth.
    """
    return ETH(0), Ifd(ipset=frozenset({i}), primary=i, netmask=NETMASK(24), up=True)


simple_ifd_lo: tuple[IfId, Ifd] = (
    LO,
    Ifd(ipset=LOOPBACK_ADDRS, primary=ip_localhost, netmask=NETMASK(8), up=True),
)
"""A loopback interface.  Source: TCP1_evalSupportScript.sml, simple_ifd_lo."""

simple_rttab: RoutingTable = (
    RoutingTableEntry(destination_ip=ip_localhost, destination_netmask=NETMASK(8), ifid=LO),
    RoutingTableEntry(destination_ip=IP(0, 0, 0, 0), destination_netmask=NETMASK(0), ifid=ETH(0)),
)
"""Routes for these two interfaces.  Source: TCP1_evalSupportScript.sml, simple_rttab."""

tid_initial = TID(0)
"""The thread of a simple host.  Source: TCP1_evalSupportScript.sml, tid_initial."""


def _ticker(arch: Arch, tick0: Seq32, remdr0: Duration) -> Ticker:
    return Ticker(tick0, remdr0, tickintvlmin(arch), tickintvlmax(arch))


def simple_host(i: Ip, tick0: Seq32, remdr0: Duration) -> Host:
    """A FreeBSD host with one Ethernet address, one thread and nothing open.

    Source: TCP1_evalSupportScript.sml, simple_host.
    """
    return Host(
        arch=FreeBSD_4_6_RELEASE,
        privs=False,
        ifds=immutables.Map([simple_ifd_lo, simple_ifd_eth(i)]),
        rttab=simple_rttab,
        ts=immutables.Map[TID, Timed[HostThreadState]]({tid_initial: Timed(Run, never_timer)}),
        files=immutables.Map(),
        socks=immutables.Map(),
        listen=(),
        bound=(),
        iq=Timed((), never_timer),
        oq=Timed((), never_timer),
        bndlm=bandlim_state_init,
        ticks=_ticker(FreeBSD_4_6_RELEASE, tick0, remdr0),
        fds=immutables.Map(),
        params=HostParams(min_eph_port=1024, max_eph_port=5000),
    )


dummy_cb: Tcpcb = Tcpcb(
    tt_rexmt=None,
    tt_keep=None,
    tt_2msl=None,
    tt_delack=None,
    tt_conn_est=None,
    tt_fin_wait_2=None,
    t_idletime=Stopwatch(ZERO, Fraction(1), Fraction(1)),
    tf_needfin=False,
    tf_shouldacknow=False,
    bsd_cantconnect=False,
    snd_una=tcp_seq_local(0),
    snd_max=tcp_seq_local(0),
    snd_nxt=tcp_seq_local(0),
    snd_wl1=tcp_seq_foreign(0),
    snd_wl2=tcp_seq_local(0),
    iss=tcp_seq_local(0),
    snd_wnd=0,
    snd_cwnd=0,
    snd_ssthresh=0,
    rcv_wnd=0,
    tf_rxwin0sent=False,
    rcv_nxt=tcp_seq_foreign(0),
    rcv_up=tcp_seq_foreign(0),
    irs=tcp_seq_foreign(0),
    rcv_adv=tcp_seq_foreign(0),
    last_ack_sent=tcp_seq_foreign(0),
    t_maxseg=0,
    t_advmss=None,
    tf_doing_ws=False,
    request_r_scale=None,
    snd_scale=0,
    rcv_scale=0,
    tf_doing_tstmp=False,
    tf_req_tstmp=False,
    ts_recent=TimeWindowClosed,
    t_rttseg=None,
    t_rttinf=RttInf(
        t_rttupdated=0,
        tf_srtt_valid=False,
        t_srtt=ZERO,
        t_rttvar=ZERO,
        t_rttmin=ZERO,
        t_lastrtt=ZERO,
        t_lastshift=0,
        t_wassyn=False,
    ),
    t_dupacks=0,
    t_badrxtwin=TimeWindowClosed,
    snd_cwnd_prev=0,
    snd_ssthresh_prev=0,
    snd_recover=tcp_seq_local(0),
    t_segq=(),
    t_softerror=None,
)
"""A control block without timers; fields that the model leaves open are zero, false or None.

Source: TCP1_evalSupportScript.sml, dummy_cb.
"""


def dummy_socket(held: tuple[Ip | None, Port]) -> Socket:
    """A listening socket that does no more than hold a port; what the model leaves open is none or empty.

    Source: TCP1_evalSupportScript.sml, dummy_socket.
    """
    is_, p = held
    t: immutables.Map[SockTFlag, Time] = immutables.Map(dict.fromkeys(SockTFlag, time_infty))
    return Socket(
        fid=None,
        sf=SockFlags(
            b=immutables.Map(dict.fromkeys(SockBFlag, False)),
            n=immutables.Map(dict.fromkeys(SockNFlag, 0)),
            t=t,
        ),
        is1=is_,
        ps1=p,
        is2=None,
        ps2=None,
        es=None,
        cantsndmore=False,
        cantrcvmore=False,
        pr=TCP_PROTO(
            TcpSocket(
                st=LISTEN,
                cb=dummy_cb,
                lis=SocketListen(q0=(), q=(), qlimit=10),
                sndq=b"",
                sndurp=None,
                rcvq=b"",
                rcvurp=None,
                iobc=NO_OOBDATA,
            )
        ),
    )


def dummy_sockets(n: int, ps: Iterable[tuple[Ip | None, Port]]) -> tuple[tuple[SID, Socket], ...]:
    """Sockets that hold ports, numbered from `n`.

    Source: TCP1_evalSupportScript.sml, dummy_sockets.
    """
    return tuple((SID(k), dummy_socket(p)) for k, p in enumerate(ps, n))


def initial_host(
    i: Ip,
    t: TID,
    arch: Arch,
    ispriv: bool,
    heldports: Iterable[tuple[Ip | None, Port]],
    ifaces: Iterable[tuple[IfId, Ifd]],
    rt: RoutingTable,
    prealloc_fds: Iterable[int],
    init_tick: Seq32,
    init_tick_remdr: Duration,
    params: HostParams,
) -> Host:
    """The host at the start of a trace.

    `heldports` are in use by others, `prealloc_fds` are descriptors open already.

    Source: TCP1_evalSupportScript.sml, initial_host.
    """
    return replace(
        simple_host(i, init_tick, init_tick_remdr),
        arch=arch,
        ticks=_ticker(arch, init_tick, init_tick_remdr),
        privs=ispriv,
        ifds=immutables.Map(ifaces),
        rttab=rt,
        ts=immutables.Map[TID, Timed[HostThreadState]]({t: Timed(Run, never_timer)}),
        fds=immutables.Map((FD(x), FID(0)) for x in prealloc_fds),
        files=immutables.Map({FID(0): File(FT_Console, FileFlags(b=immutables.Map(dict.fromkeys(FileBFlag, False))))}),
        socks=immutables.Map(dummy_sockets(0, heldports)),
        params=params,
    )
