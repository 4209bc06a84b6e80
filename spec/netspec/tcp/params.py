"""The constants that the behaviour of a host depends on, and the types of files and flags.

Times are in seconds and sizes in bytes.  Every constant here is the definition of the same
name in TCP1_paramsScript.sml.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final, TypeAlias

import immutables

from netspec.base.base_types import (
    FD,
    O_ASYNC,
    O_NONBLOCK,
    SO_BSDCOMPAT,
    SO_DONTROUTE,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_OOBINLINE,
    SO_RCVTIMEO,
    SO_REUSEADDR,
    SO_SNDTIMEO,
    FileBFlag,
    SockBFlag,
    SockNFlag,
    SockTFlag,
    SockType,
)
from netspec.base.time import Duration, Time, real_mult_time, the_time, time_infty
from netspec.base.timers import Stopwatch
from netspec.base.utils import MIN, clip_int_to_num
from netspec.tcp.deviations import (
    CLOCK_1000_HZ,
    POLLED_TIMERS,
    RECEIVE_BUFFER_65535,
    SLOW_TIMER_10_MS,
)
from netspec.tcp.errata.erratum import Erratum

# -- files -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FID:
    """An open file description, as an index; never used twice.

    Source: TCP1_paramsScript.sml, fid.
    """

    n: int


@dataclass(frozen=True, slots=True)
class SID:
    """A socket, as an index; never used twice.

    Source: TCP1_paramsScript.sml, sid.
    """

    n: int


class Console(Enum):
    """The type of a file that is the console.

    Source: TCP1_paramsScript.sml, filetype.
    """

    FT_Console = "FT_Console"


FT_Console: Final = Console.FT_Console


@dataclass(frozen=True, slots=True)
class FT_Socket:
    """The type of a file that is a socket.

    Source: TCP1_paramsScript.sml, filetype.
    """

    sid: SID


FileType: TypeAlias = Console | FT_Socket


@dataclass(frozen=True, slots=True)
class FileFlags:
    """The flags of an open file.

    Source: TCP1_paramsScript.sml, fileflags.
    """

    b: immutables.Map[FileBFlag, bool]


@dataclass(frozen=True, slots=True)
class File:
    """An open file description: its type and flags.

    Source: TCP1_paramsScript.sml, file, File.
    """

    ft: FileType
    ff: FileFlags


@dataclass(frozen=True, slots=True)
class SockFlags:
    """The options of a socket: the truth values, the numbers (of bytes) and the times.

    Source: TCP1_paramsScript.sml, sockflags.
    """

    b: immutables.Map[SockBFlag, bool]
    n: immutables.Map[SockNFlag, int]
    t: immutables.Map[SockTFlag, Time]


# -- architectures ---------------------------------------------------------------------------------


class ArchBase(Enum):
    """The implementations that the model describes.

    Source: TCP1_paramsScript.sml, arch.
    """

    Linux_2_4_20_8 = "Linux_2_4_20_8"
    WinXP_Prof_SP1 = "WinXP_Prof_SP1"
    FreeBSD_4_6_RELEASE = "FreeBSD_4_6_RELEASE"


@dataclass(frozen=True, slots=True)
class Arch:
    """An implementation: one that the model describes, or one that deviates from it in named ways."""

    name: str
    base: ArchBase
    deviations: frozenset[str] = frozenset()


Linux_2_4_20_8: Final = Arch("Linux_2_4_20_8", ArchBase.Linux_2_4_20_8)
"""Linux as the model describes it.  Source: TCP1_paramsScript.sml, arch."""

WinXP_Prof_SP1: Final = Arch("WinXP_Prof_SP1", ArchBase.WinXP_Prof_SP1)
"""Windows XP as the model describes it.  Source: TCP1_paramsScript.sml, arch."""

FreeBSD_4_6_RELEASE: Final = Arch("FreeBSD_4_6_RELEASE", ArchBase.FreeBSD_4_6_RELEASE)
"""FreeBSD as the model describes it.  Source: TCP1_paramsScript.sml, arch."""


def deviates(arch: Arch, name: str) -> bool:
    """Whether an implementation has the deviation of this name."""
    return name in arch.deviations


def corrected(arch: Arch, erratum: Erratum) -> bool:
    """Whether an erratum of the text is applied.  Switched off, the text stands to the letter."""
    return erratum.name in arch.deviations


# -- the model -------------------------------------------------------------------------------------

INFINITE_RESOURCES: bool = True
"""Whether failures for want of memory and the like are excluded.  Source: TCP1_paramsScript.sml, INFINITE_RESOURCES."""

BSD_RTTVAR_BUG: bool = True
"""Whether BSD's wrong correction of the round-trip variance after many retransmissions is modelled.

Source: TCP1_paramsScript.sml, BSD_RTTVAR_BUG.
"""


# -- scheduling ------------------------------------------------------------------------------------

dschedmax: Time = Fraction(1000, 1000)
"""The longest delay until a result reaches its thread.  Source: TCP1_paramsScript.sml, dschedmax."""

diqmax: Time = Fraction(1000, 1000)
"""The longest delay until a message on the input queue is processed.  Source: TCP1_paramsScript.sml, diqmax."""

doqmax: Time = Fraction(1000, 1000)
"""The longest delay until a message on the output queue is emitted.  Source: TCP1_paramsScript.sml, doqmax."""


# -- timers ----------------------------------------------------------------------------------------

_HZ: Fraction = Fraction(100)
_HZ_1000: Fraction = Fraction(1000)


def HZ(arch: Arch) -> Fraction:
    """The nominal rate of the kernel's clock, in ticks per second.

    Source: TCP1_paramsScript.sml, HZ.
    """
    return _HZ_1000 if deviates(arch, CLOCK_1000_HZ) else _HZ


def tickintvlmin(arch: Arch) -> Duration:
    """The least interval between ticks.

    Source: TCP1_paramsScript.sml, tickintvlmin.
    """
    return 100 / (105 * HZ(arch))


def tickintvlmax(arch: Arch) -> Duration:
    """The greatest interval between ticks.

    Source: TCP1_paramsScript.sml, tickintvlmax.
    """
    return 105 / (100 * HZ(arch))


stopwatchfuzz: Fraction = Fraction(5, 100)
"""How far the rate of a stopwatch may be from 1.  Source: TCP1_paramsScript.sml, stopwatchfuzz."""

stopwatch_zero: Stopwatch = Stopwatch(Fraction(0), 1 / (1 + stopwatchfuzz), 1 + stopwatchfuzz)
"""A stopwatch just started.  Source: TCP1_paramsScript.sml, stopwatch_zero."""

SLOW_TIMER_INTVL: Duration = Fraction(1, 2)
"""The interval of BSD's slow clock.  Source: TCP1_paramsScript.sml, SLOW_TIMER_INTVL."""

FAST_TIMER_INTVL: Duration = Fraction(1, 5)
"""The interval of BSD's fast clock.  Source: TCP1_paramsScript.sml, FAST_TIMER_INTVL."""

FAST_TIMER_MODEL_INTVL: Duration = Fraction(1, 1000)
"""How late what happens on the fast clock may be in the model.

Source: TCP1_paramsScript.sml, FAST_TIMER_MODEL_INTVL.
"""

KERN_TIMER_MODEL_INTVL: Duration = the_time(dschedmax)
"""How late what happens on the kernel's clock may be in the model.

Source: TCP1_paramsScript.sml, KERN_TIMER_MODEL_INTVL.
"""


def SLOW_TIMER_MODEL_INTVL(arch: Arch) -> Duration:
    """How late what happens on the slow clock may be in the model.

    Source: TCP1_paramsScript.sml, SLOW_TIMER_MODEL_INTVL.
    """
    if deviates(arch, POLLED_TIMERS):
        return Fraction(6, 10)
    return Fraction(1, 100) if deviates(arch, SLOW_TIMER_10_MS) else Fraction(1, 1000)


def KERN_TIMER_INTVL(arch: Arch) -> Duration:
    """The interval of the kernel's clock.

    Source: TCP1_paramsScript.sml, KERN_TIMER_INTVL.
    """
    return tickintvlmax(arch)


# -- descriptors -----------------------------------------------------------------------------------

OPEN_MAX: int = 957
"""How many file descriptors a process may have.  Source: TCP1_paramsScript.sml, OPEN_MAX."""

OPEN_MAX_FD: FD = FD(OPEN_MAX)
"""The first descriptor that is too large, where they are numbered in order.

Source: TCP1_paramsScript.sml, OPEN_MAX_FD.
"""


def FD_SETSIZE(arch: Arch) -> int:
    """The bound of the descriptors in a set for pselect; on Windows, of their number.

    Source: TCP1_paramsScript.sml, FD_SETSIZE.
    """
    match arch.base:
        case ArchBase.Linux_2_4_20_8:
            return 1024
        case ArchBase.WinXP_Prof_SP1:
            return 64
        case ArchBase.FreeBSD_4_6_RELEASE:
            return 1024


SOMAXCONN: int = 128
"""The longest listen queue.  Source: TCP1_paramsScript.sml, SOMAXCONN."""


# -- UDP -------------------------------------------------------------------------------------------


def UDPpayloadMax(arch: Arch) -> int:
    """The most data of a UDP datagram.

    Source: TCP1_paramsScript.sml, UDPpayloadMax.
    """
    match arch.base:
        case ArchBase.Linux_2_4_20_8:
            return 65507
        case ArchBase.WinXP_Prof_SP1:
            return 65507
        case ArchBase.FreeBSD_4_6_RELEASE:
            return 9216


# -- buffers ---------------------------------------------------------------------------------------

MCLBYTES: int = 2048
"""The size of BSD's large buffers.  Source: TCP1_paramsScript.sml, MCLBYTES."""

MSIZE: int = 256
"""The size of BSD's small buffers.  Source: TCP1_paramsScript.sml, MSIZE."""

SB_MAX: int = 256 * 1024
"""The most that a BSD socket buffer holds, with overhead.  Source: TCP1_paramsScript.sml, SB_MAX."""

oob_extra_sndbuf: int = 1024
"""The additional room in the send buffer for urgent data.  Source: TCP1_paramsScript.sml, oob_extra_sndbuf."""


# -- defaults of flags -----------------------------------------------------------------------------

ff_default_b: immutables.Map[FileBFlag, bool] = immutables.Map({O_NONBLOCK: False, O_ASYNC: False})
"""The flags of a new file.  Source: TCP1_paramsScript.sml, ff_default_b."""

ff_default: FileFlags = FileFlags(b=ff_default_b)
"""The flags of a new file.  Source: TCP1_paramsScript.sml, ff_default."""

sf_default_b: immutables.Map[SockBFlag, bool] = immutables.Map(
    {
        SO_BSDCOMPAT: False,
        SO_REUSEADDR: False,
        SO_KEEPALIVE: False,
        SO_OOBINLINE: False,
        SO_DONTROUTE: False,
    }
)
"""The options of a new socket that are truth values.  Source: TCP1_paramsScript.sml, sf_default_b."""

_SF_DEFAULT_N: dict[tuple[SockType, SockNFlag], dict[ArchBase, int]] = {
    (SockType.SOCK_STREAM, SockNFlag.SO_SNDBUF): {
        ArchBase.Linux_2_4_20_8: 16384,
        ArchBase.WinXP_Prof_SP1: 8192,
        ArchBase.FreeBSD_4_6_RELEASE: 32 * 1024,
    },
    (SockType.SOCK_STREAM, SockNFlag.SO_RCVBUF): {
        ArchBase.Linux_2_4_20_8: 43689,
        ArchBase.WinXP_Prof_SP1: 8192,
        ArchBase.FreeBSD_4_6_RELEASE: 57344,
    },
    (SockType.SOCK_STREAM, SockNFlag.SO_SNDLOWAT): {
        ArchBase.Linux_2_4_20_8: 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: 2048,
    },
    (SockType.SOCK_STREAM, SockNFlag.SO_RCVLOWAT): {
        ArchBase.Linux_2_4_20_8: 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: 1,
    },
    (SockType.SOCK_DGRAM, SockNFlag.SO_SNDBUF): {
        ArchBase.Linux_2_4_20_8: 65535,
        ArchBase.WinXP_Prof_SP1: 8192,
        ArchBase.FreeBSD_4_6_RELEASE: 9216,
    },
    (SockType.SOCK_DGRAM, SockNFlag.SO_RCVBUF): {
        ArchBase.Linux_2_4_20_8: 65535,
        ArchBase.WinXP_Prof_SP1: 8192,
        ArchBase.FreeBSD_4_6_RELEASE: 42080,
    },
    (SockType.SOCK_DGRAM, SockNFlag.SO_SNDLOWAT): {
        ArchBase.Linux_2_4_20_8: 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: 2048,
    },
    (SockType.SOCK_DGRAM, SockNFlag.SO_RCVLOWAT): {
        ArchBase.Linux_2_4_20_8: 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: 1,
    },
}


def sf_default_n(arch: Arch, socktype: SockType, f: SockNFlag) -> int:
    """The value that a numeric option has on a new socket.

    Source: TCP1_paramsScript.sml, sf_default_n.
    """
    if f == SockNFlag.SO_RCVBUF and socktype == SockType.SOCK_STREAM and deviates(arch, RECEIVE_BUFFER_65535):
        return 65535
    return _SF_DEFAULT_N[socktype, f][arch.base]


sf_default_t: immutables.Map[SockTFlag, Time] = immutables.Map(
    {SO_LINGER: time_infty, SO_SNDTIMEO: time_infty, SO_RCVTIMEO: time_infty}
)
"""The options of a new socket that are times.  Source: TCP1_paramsScript.sml, sf_default_t."""


def sf_default(arch: Arch, socktype: SockType) -> SockFlags:
    """The options of a new socket.

    Source: TCP1_paramsScript.sml, sf_default.
    """
    return SockFlags(
        b=sf_default_b,
        n=immutables.Map({f: sf_default_n(arch, socktype, f) for f in SockNFlag}),
        t=sf_default_t,
    )


_SF_MIN_N: dict[SockNFlag, dict[ArchBase, int]] = {
    SockNFlag.SO_SNDBUF: {
        ArchBase.Linux_2_4_20_8: 2048,
        ArchBase.WinXP_Prof_SP1: 0,
        ArchBase.FreeBSD_4_6_RELEASE: 1,
    },
    SockNFlag.SO_RCVBUF: {
        ArchBase.Linux_2_4_20_8: 256,
        ArchBase.WinXP_Prof_SP1: 0,
        ArchBase.FreeBSD_4_6_RELEASE: 1,
    },
    SockNFlag.SO_SNDLOWAT: {
        ArchBase.Linux_2_4_20_8: 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: 1,
    },
    SockNFlag.SO_RCVLOWAT: {
        ArchBase.Linux_2_4_20_8: 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: 1,
    },
}


def sf_min_n(arch: Arch, f: SockNFlag) -> int:
    """The least value that a numeric option can be set to.

    Source: TCP1_paramsScript.sml, sf_min_n.
    """
    return _SF_MIN_N[f][arch.base]


_BSD_BUF_MAX = SB_MAX * MCLBYTES // (MCLBYTES + MSIZE)

_SF_MAX_N: dict[SockNFlag, dict[ArchBase, int]] = {
    SockNFlag.SO_SNDBUF: {
        ArchBase.Linux_2_4_20_8: 131070,
        ArchBase.WinXP_Prof_SP1: 131070,
        ArchBase.FreeBSD_4_6_RELEASE: _BSD_BUF_MAX,
    },
    SockNFlag.SO_RCVBUF: {
        ArchBase.Linux_2_4_20_8: 131070,
        ArchBase.WinXP_Prof_SP1: 131070,
        ArchBase.FreeBSD_4_6_RELEASE: _BSD_BUF_MAX,
    },
    SockNFlag.SO_SNDLOWAT: {
        ArchBase.Linux_2_4_20_8: 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: _BSD_BUF_MAX,
    },
    SockNFlag.SO_RCVLOWAT: {
        ArchBase.Linux_2_4_20_8: 2**31 - 1,
        ArchBase.WinXP_Prof_SP1: 1,
        ArchBase.FreeBSD_4_6_RELEASE: _BSD_BUF_MAX,
    },
}


def sf_max_n(arch: Arch, f: SockNFlag) -> int:
    """The greatest value that a numeric option can be set to.

    Source: TCP1_paramsScript.sml, sf_max_n.
    """
    return _SF_MAX_N[f][arch.base]


sndrcv_timeo_t_max: Time = Fraction(655350000)
"""The longest timeout of send and recv.  Source: TCP1_paramsScript.sml, sndrcv_timeo_t_max."""

pselect_timeo_t_max: Time = Fraction(31 * 24 * 3600)
"""The longest timeout of pselect.  Source: TCP1_paramsScript.sml, pselect_timeo_t_max."""


# -- limits of the protocol ------------------------------------------------------------------------

dtsinval: Time = Fraction(24 * 24 * 60 * 60)
"""How long a timestamp stays valid (RFC 1323, section 4.2.3).  Source: TCP1_paramsScript.sml, dtsinval."""

TCP_MAXWIN: int = 65535
"""The largest window, before scaling.  Source: TCP1_paramsScript.sml, TCP_MAXWIN."""

TCP_MAXWINSCALE: int = 14
"""The largest exponent of window scaling.  Source: TCP1_paramsScript.sml, TCP_MAXWINSCALE."""


# -- parameters of the protocol --------------------------------------------------------------------

MSSDFLT: int = 512
"""The initial segment size; BSD's, where RFC 1122 asks for 536.  Source: TCP1_paramsScript.sml, MSSDFLT."""

SS_FLTSZ_LOCAL: int = 4
"""The initial congestion window of a local connection, in segments.  Source: TCP1_paramsScript.sml, SS_FLTSZ_LOCAL."""

SS_FLTSZ: int = 1
"""The initial congestion window of any other connection, in segments.  Source: TCP1_paramsScript.sml, SS_FLTSZ."""

TCP_DO_NEWRENO: bool = True
"""Whether fast recovery is that of NewReno.  Source: TCP1_paramsScript.sml, TCP_DO_NEWRENO."""

TCP_Q0MINLIMIT: int = 30
"""From this length of the queue of incomplete connections on, one may be dropped.

Source: TCP1_paramsScript.sml, TCP_Q0MINLIMIT.
"""

TCP_Q0MAXLIMIT: int = 512 * 30
"""From this length of the queue of incomplete connections on, one must be dropped.

Source: TCP1_paramsScript.sml, TCP_Q0MAXLIMIT.
"""


def backlog_fudge(n: int) -> int:
    """The length of the listen queue for the length that was asked for.

    Source: TCP1_paramsScript.sml, backlog_fudge.
    """
    return MIN(SOMAXCONN, clip_int_to_num(n))


# -- time values -----------------------------------------------------------------------------------

TCPTV_DELACK: Time = Fraction(1, 10)
"""How long an acknowledgement is delayed.  Source: TCP1_paramsScript.sml, TCPTV_DELACK."""

TCPTV_RTOBASE: Duration = Fraction(3)
"""The round-trip time to start from.  Source: TCP1_paramsScript.sml, TCPTV_RTOBASE."""

TCPTV_RTTVARBASE: Duration = Fraction(0)
"""The variance of the round-trip time to start from.  Source: TCP1_paramsScript.sml, TCPTV_RTTVARBASE."""

TCPTV_MIN: Duration = Fraction(1)
"""The least round-trip time.  Source: TCP1_paramsScript.sml, TCPTV_MIN."""

TCPTV_REXMTMAX: Time = Fraction(64)
"""The greatest retransmission timeout.  Source: TCP1_paramsScript.sml, TCPTV_REXMTMAX."""

TCPTV_MSL: Time = Fraction(30)
"""How long a segment lives in the network.  Source: TCP1_paramsScript.sml, TCPTV_MSL."""

TCPTV_PERSMIN: Time = Fraction(5)
"""The least interval of the persist timer.  Source: TCP1_paramsScript.sml, TCPTV_PERSMIN."""

TCPTV_PERSMAX: Time = Fraction(60)
"""The greatest interval of the persist timer.  Source: TCP1_paramsScript.sml, TCPTV_PERSMAX."""

TCPTV_KEEP_INIT: Time = Fraction(75)
"""How long a connection may take to be established.  Source: TCP1_paramsScript.sml, TCPTV_KEEP_INIT."""

TCPTV_KEEP_IDLE: Time = Fraction(120 * 60)
"""How long a connection is idle before the first keepalive probe.  Source: TCP1_paramsScript.sml, TCPTV_KEEP_IDLE."""

TCPTV_KEEPINTVL: Time = Fraction(75)
"""The time between keepalive probes.  Source: TCP1_paramsScript.sml, TCPTV_KEEPINTVL."""

TCPTV_KEEPCNT: int = 8
"""How many keepalive probes are sent at most.  Source: TCP1_paramsScript.sml, TCPTV_KEEPCNT."""

TCPTV_MAXIDLE: Time = real_mult_time(Fraction(8), TCPTV_KEEPINTVL)
"""How long a connection may be idle while it is probed, or in FIN_WAIT_2.

Source: TCP1_paramsScript.sml, TCPTV_MAXIDLE.
"""


# -- backoff ---------------------------------------------------------------------------------------

TCP_BSD_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 64, 64, 64, 64, 64, 64)
"""The factors of BSD's timeout, by how often a segment was sent again.

Source: TCP1_paramsScript.sml, TCP_BSD_BACKOFFS.
"""

TCP_LINUX_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512)
"""The factors of Linux's timeout, by how often a segment was sent again.

Source: TCP1_paramsScript.sml, TCP_LINUX_BACKOFFS.
"""

TCP_WINXP_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16)
"""The factors of Windows's timeout, by how often a segment was sent again.

Source: TCP1_paramsScript.sml, TCP_WINXP_BACKOFFS.
"""

TCP_MAXRXTSHIFT: int = 12
"""How often a segment is sent again at most.  Source: TCP1_paramsScript.sml, TCP_MAXRXTSHIFT."""

TCP_SYNACKMAXRXTSHIFT: int = 3
"""How often the answer to a SYN is sent again at most.  Source: TCP1_paramsScript.sml, TCP_SYNACKMAXRXTSHIFT."""

TCP_SYN_BSD_BACKOFFS: tuple[int, ...] = (1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 64, 64, 64)
"""The factors of BSD's timeout, by how often a SYN was sent again.

Source: TCP1_paramsScript.sml, TCP_SYN_BSD_BACKOFFS.
"""

TCP_SYN_LINUX_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16)
"""The factors of Linux's timeout, by how often a SYN was sent again.

Source: TCP1_paramsScript.sml, TCP_SYN_LINUX_BACKOFFS.
"""

TCP_SYN_WINXP_BACKOFFS: tuple[int, ...] = (1, 2)
"""The factors of Windows's timeout, by how often a SYN was sent again.

Source: TCP1_paramsScript.sml, TCP_SYN_WINXP_BACKOFFS.
"""
