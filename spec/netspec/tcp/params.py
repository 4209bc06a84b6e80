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
from netspec.tcp.deviations import RECEIVE_BUFFER_65535

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
WinXP_Prof_SP1: Final = Arch("WinXP_Prof_SP1", ArchBase.WinXP_Prof_SP1)
FreeBSD_4_6_RELEASE: Final = Arch("FreeBSD_4_6_RELEASE", ArchBase.FreeBSD_4_6_RELEASE)


def deviates(arch: Arch, name: str) -> bool:
    """Whether an implementation has the deviation of this name."""
    return name in arch.deviations


# -- the model -------------------------------------------------------------------------------------

INFINITE_RESOURCES: bool = True
"""Whether failures for want of memory and the like are excluded."""

BSD_RTTVAR_BUG: bool = True
"""Whether BSD's wrong correction of the round-trip variance after many retransmissions is modelled."""


# -- scheduling ------------------------------------------------------------------------------------

dschedmax: Time = Fraction(1000, 1000)
"""The longest delay until a result reaches its thread."""

diqmax: Time = Fraction(1000, 1000)
"""The longest delay until a message on the input queue is processed."""

doqmax: Time = Fraction(1000, 1000)
"""The longest delay until a message on the output queue is emitted."""


# -- timers ----------------------------------------------------------------------------------------

HZ: Fraction = Fraction(100)
"""The nominal rate of the kernel's clock, in ticks per second."""

tickintvlmin: Duration = 100 / (105 * HZ)
"""The least interval between ticks."""

tickintvlmax: Duration = 105 / (100 * HZ)
"""The greatest interval between ticks."""

stopwatchfuzz: Fraction = Fraction(5, 100)
"""How far the rate of a stopwatch may be from 1."""

stopwatch_zero: Stopwatch = Stopwatch(Fraction(0), 1 / (1 + stopwatchfuzz), 1 + stopwatchfuzz)
"""A stopwatch just started."""

SLOW_TIMER_INTVL: Duration = Fraction(1, 2)
SLOW_TIMER_MODEL_INTVL: Duration = Fraction(1, 1000)
FAST_TIMER_INTVL: Duration = Fraction(1, 5)
FAST_TIMER_MODEL_INTVL: Duration = Fraction(1, 1000)
KERN_TIMER_INTVL: Duration = tickintvlmax
KERN_TIMER_MODEL_INTVL: Duration = the_time(dschedmax)


# -- descriptors -----------------------------------------------------------------------------------

OPEN_MAX: int = 957
"""How many file descriptors a process may have."""

OPEN_MAX_FD: FD = FD(OPEN_MAX)
"""The first descriptor that is too large, where they are numbered in order."""


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
"""The longest listen queue."""


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
"""The size of BSD's large buffers."""

MSIZE: int = 256
"""The size of BSD's small buffers."""

SB_MAX: int = 256 * 1024
"""The most that a BSD socket buffer holds, with overhead."""

oob_extra_sndbuf: int = 1024
"""The additional room in the send buffer for urgent data."""


# -- defaults of flags -----------------------------------------------------------------------------

ff_default_b: immutables.Map[FileBFlag, bool] = immutables.Map({O_NONBLOCK: False, O_ASYNC: False})
"""The flags of a new file."""

ff_default: FileFlags = FileFlags(b=ff_default_b)
"""The flags of a new file."""

sf_default_b: immutables.Map[SockBFlag, bool] = immutables.Map(
    {
        SO_BSDCOMPAT: False,
        SO_REUSEADDR: False,
        SO_KEEPALIVE: False,
        SO_OOBINLINE: False,
        SO_DONTROUTE: False,
    }
)
"""The options of a new socket that are truth values."""

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
"""The options of a new socket that are times."""


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
"""The longest timeout of send and recv."""

pselect_timeo_t_max: Time = Fraction(31 * 24 * 3600)
"""The longest timeout of pselect."""


# -- limits of the protocol ------------------------------------------------------------------------

dtsinval: Time = Fraction(24 * 24 * 60 * 60)
"""How long a timestamp stays valid (RFC 1323, section 4.2.3)."""

TCP_MAXWIN: int = 65535
"""The largest window, before scaling."""

TCP_MAXWINSCALE: int = 14
"""The largest exponent of window scaling."""


# -- parameters of the protocol --------------------------------------------------------------------

MSSDFLT: int = 512
"""The initial segment size; BSD's, where RFC 1122 asks for 536."""

SS_FLTSZ_LOCAL: int = 4
"""The initial congestion window of a local connection, in segments."""

SS_FLTSZ: int = 1
"""The initial congestion window of any other connection, in segments."""

TCP_DO_NEWRENO: bool = True
"""Whether fast recovery is that of NewReno."""

TCP_Q0MINLIMIT: int = 30
"""From this length of the queue of incomplete connections on, one may be dropped."""

TCP_Q0MAXLIMIT: int = 512 * 30
"""From this length of the queue of incomplete connections on, one must be dropped."""


def backlog_fudge(n: int) -> int:
    """The length of the listen queue for the length that was asked for.

    Source: TCP1_paramsScript.sml, backlog_fudge.
    """
    return MIN(SOMAXCONN, clip_int_to_num(n))


# -- time values -----------------------------------------------------------------------------------

TCPTV_DELACK: Time = Fraction(1, 10)
"""How long an acknowledgement is delayed."""

TCPTV_RTOBASE: Duration = Fraction(3)
"""The round-trip time to start from."""

TCPTV_RTTVARBASE: Duration = Fraction(0)
"""The variance of the round-trip time to start from."""

TCPTV_MIN: Duration = Fraction(1)
"""The least round-trip time."""

TCPTV_REXMTMAX: Time = Fraction(64)
"""The greatest retransmission timeout."""

TCPTV_MSL: Time = Fraction(30)
"""How long a segment lives in the network."""

TCPTV_PERSMIN: Time = Fraction(5)
"""The least interval of the persist timer."""

TCPTV_PERSMAX: Time = Fraction(60)
"""The greatest interval of the persist timer."""

TCPTV_KEEP_INIT: Time = Fraction(75)
"""How long a connection may take to be established."""

TCPTV_KEEP_IDLE: Time = Fraction(120 * 60)
"""How long a connection is idle before the first keepalive probe."""

TCPTV_KEEPINTVL: Time = Fraction(75)
"""The time between keepalive probes."""

TCPTV_KEEPCNT: int = 8
"""How many keepalive probes are sent at most."""

TCPTV_MAXIDLE: Time = real_mult_time(Fraction(8), TCPTV_KEEPINTVL)
"""How long a connection may be idle while it is probed, or in FIN_WAIT_2."""


# -- backoff ---------------------------------------------------------------------------------------

TCP_BSD_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 64, 64, 64, 64, 64, 64)
TCP_LINUX_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512)
TCP_WINXP_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16)

TCP_MAXRXTSHIFT: int = 12
"""How often a segment is sent again at most."""

TCP_SYNACKMAXRXTSHIFT: int = 3
"""How often the answer to a SYN is sent again at most."""

TCP_SYN_BSD_BACKOFFS: tuple[int, ...] = (1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 64, 64, 64)
TCP_SYN_LINUX_BACKOFFS: tuple[int, ...] = (1, 2, 4, 8, 16)
TCP_SYN_WINXP_BACKOFFS: tuple[int, ...] = (1, 2)
