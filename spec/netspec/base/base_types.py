"""Ports, addresses, descriptors and flags, and the values that calls take and return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeAlias, TypeVar

from netspec.base.errors import Error
from netspec.base.signals import Signal

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

# -- identifiers ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Port:
    """A TCP or UDP port, 16 bits, not zero; None stands for zero.

    Source: TCP1_baseTypesScript.sml, port.
    """

    n: int


@dataclass(frozen=True, slots=True)
class Ip:
    """An IPv4 address, 32 bits, not zero; None stands for zero.

    Source: TCP1_baseTypesScript.sml, ip.
    """

    n: int


class Loopback(Enum):
    """The loopback interface.

    Source: TCP1_baseTypesScript.sml, ifid.
    """

    LO = "LO"


LO: Final = Loopback.LO


@dataclass(frozen=True, slots=True)
class ETH:
    """A numbered Ethernet interface.

    Source: TCP1_baseTypesScript.sml, ifid.
    """

    n: int


IfId: TypeAlias = Loopback | ETH


@dataclass(frozen=True, slots=True)
class NETMASK:
    """A network mask, as its number of leading 1 bits, 0..32.

    Source: TCP1_baseTypesScript.sml, netmask.
    """

    m: int


@dataclass(frozen=True, slots=True)
class FD:
    """A file descriptor; on Windows an arbitrary handle.

    Source: TCP1_baseTypesScript.sml, fd.
    """

    n: int


@dataclass(frozen=True, slots=True)
class TID:
    """A thread.

    Source: TCP1_baseTypesScript.sml, tid.
    """

    n: int


# -- flags -------------------------------------------------------------------------------


class FileBFlag(Enum):
    """Flags of an open file: do not block; signal when input or output is possible.

    Source: TCP1_baseTypesScript.sml, filebflag.
    """

    O_NONBLOCK = "O_NONBLOCK"
    O_ASYNC = "O_ASYNC"


O_NONBLOCK, O_ASYNC = FileBFlag


class SockBFlag(Enum):
    """Socket options that are on or off; SO_BSDCOMPAT is of Linux only.

    Source: TCP1_baseTypesScript.sml, sockbflag.
    """

    SO_BSDCOMPAT = "SO_BSDCOMPAT"
    SO_REUSEADDR = "SO_REUSEADDR"
    SO_KEEPALIVE = "SO_KEEPALIVE"
    SO_OOBINLINE = "SO_OOBINLINE"
    SO_DONTROUTE = "SO_DONTROUTE"


SO_BSDCOMPAT, SO_REUSEADDR, SO_KEEPALIVE, SO_OOBINLINE, SO_DONTROUTE = SockBFlag


class SockNFlag(Enum):
    """Socket options that are numbers of bytes: buffer sizes and low-water marks.

    Source: TCP1_baseTypesScript.sml, socknflag.
    """

    SO_SNDBUF = "SO_SNDBUF"
    SO_RCVBUF = "SO_RCVBUF"
    SO_SNDLOWAT = "SO_SNDLOWAT"
    SO_RCVLOWAT = "SO_RCVLOWAT"


SO_SNDBUF, SO_RCVBUF, SO_SNDLOWAT, SO_RCVLOWAT = SockNFlag


class SockTFlag(Enum):
    """Socket options that are times: how long close, send and recv may block.

    Source: TCP1_baseTypesScript.sml, socktflag.
    """

    SO_LINGER = "SO_LINGER"
    SO_SNDTIMEO = "SO_SNDTIMEO"
    SO_RCVTIMEO = "SO_RCVTIMEO"


SO_LINGER, SO_SNDTIMEO, SO_RCVTIMEO = SockTFlag


class MsgBFlag(Enum):
    """Options of a single send or recv.

    Source: TCP1_baseTypesScript.sml, msgbflag.
    """

    MSG_PEEK = "MSG_PEEK"
    MSG_OOB = "MSG_OOB"
    MSG_WAITALL = "MSG_WAITALL"
    MSG_DONTWAIT = "MSG_DONTWAIT"


MSG_PEEK, MSG_OOB, MSG_WAITALL, MSG_DONTWAIT = MsgBFlag


class SockType(Enum):
    """The type of socket: TCP or UDP.

    Source: TCP1_baseTypesScript.sml, socktype.
    """

    SOCK_STREAM = "SOCK_STREAM"
    SOCK_DGRAM = "SOCK_DGRAM"


SOCK_STREAM, SOCK_DGRAM = SockType


# -- results of calls -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ok(Generic[T_co]):
    """A call's success, with its value.

    Source: TCP1_baseTypesScript.sml, err.
    """

    v: T_co


@dataclass(frozen=True, slots=True)
class Fail:
    """A call's failure, with its error.

    Source: TCP1_baseTypesScript.sml, err.
    """

    e: Error


Err: TypeAlias = Ok[T] | Fail


# -- the language's types ---------------------------------------------------------------------


class TLang_base(Enum):
    """The types without components.

    Source: TCP1_baseTypesScript.sml, TLang_type.
    """

    TLty_int = "TLty_int"
    TLty_bool = "TLty_bool"
    TLty_string = "TLty_string"
    TLty_one = "TLty_one"
    TLty_fd = "TLty_fd"
    TLty_ip = "TLty_ip"
    TLty_port = "TLty_port"
    TLty_error = "TLty_error"
    TLty_netmask = "TLty_netmask"
    TLty_ifid = "TLty_ifid"
    TLty_filebflag = "TLty_filebflag"
    TLty_sockbflag = "TLty_sockbflag"
    TLty_socknflag = "TLty_socknflag"
    TLty_socktflag = "TLty_socktflag"
    TLty_socktype = "TLty_socktype"
    TLty_tid = "TLty_tid"
    TLty_signal = "TLty_signal"


(
    TLty_int,
    TLty_bool,
    TLty_string,
    TLty_one,
    TLty_fd,
    TLty_ip,
    TLty_port,
    TLty_error,
    TLty_netmask,
    TLty_ifid,
    TLty_filebflag,
    TLty_sockbflag,
    TLty_socknflag,
    TLty_socktflag,
    TLty_socktype,
    TLty_tid,
    TLty_signal,
) = TLang_base


@dataclass(frozen=True, slots=True)
class TLty_pair:
    """The type of pairs.

    Source: TCP1_baseTypesScript.sml, TLang_type.
    """

    a: TLang_type
    b: TLang_type


@dataclass(frozen=True, slots=True)
class TLty_list:
    """The type of lists.

    Source: TCP1_baseTypesScript.sml, TLang_type.
    """

    v: TLang_type


@dataclass(frozen=True, slots=True)
class TLty_lift:
    """The type of options.

    Source: TCP1_baseTypesScript.sml, TLang_type.
    """

    v: TLang_type


@dataclass(frozen=True, slots=True)
class TLty_err:
    """The type of results that may be errors.

    Source: TCP1_baseTypesScript.sml, TLang_type.
    """

    v: TLang_type


TLang_type: TypeAlias = TLang_base | TLty_pair | TLty_list | TLty_lift | TLty_err


# -- the language's values -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TL_int:
    """An integer.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: int


@dataclass(frozen=True, slots=True)
class TL_bool:
    """A truth value.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: bool


@dataclass(frozen=True, slots=True)
class TL_string:
    """A string, as bytes.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: bytes


@dataclass(frozen=True, slots=True)
class TL_one:
    """The unit value.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: tuple[()] = ()


@dataclass(frozen=True, slots=True)
class TL_pair:
    """A pair.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    a: TLang
    b: TLang


@dataclass(frozen=True, slots=True)
class TL_list:
    """A list.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: tuple[TLang, ...]


@dataclass(frozen=True, slots=True)
class TL_option:
    """An option.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: TLang | None


@dataclass(frozen=True, slots=True)
class TL_err:
    """A call's result.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: Err[TLang]


@dataclass(frozen=True, slots=True)
class TL_fd:
    """A file descriptor.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: FD


@dataclass(frozen=True, slots=True)
class TL_ip:
    """An address.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: Ip


@dataclass(frozen=True, slots=True)
class TL_port:
    """A port.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: Port


@dataclass(frozen=True, slots=True)
class TL_error:
    """An error.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: Error


@dataclass(frozen=True, slots=True)
class TL_netmask:
    """A network mask.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: NETMASK


@dataclass(frozen=True, slots=True)
class TL_ifid:
    """An interface.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: IfId


@dataclass(frozen=True, slots=True)
class TL_filebflag:
    """A file flag.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: FileBFlag


@dataclass(frozen=True, slots=True)
class TL_sockbflag:
    """A socket option that is on or off.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: SockBFlag


@dataclass(frozen=True, slots=True)
class TL_socknflag:
    """A socket option that is a number.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: SockNFlag


@dataclass(frozen=True, slots=True)
class TL_socktflag:
    """A socket option that is a time.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: SockTFlag


@dataclass(frozen=True, slots=True)
class TL_socktype:
    """A type of socket.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: SockType


@dataclass(frozen=True, slots=True)
class TL_tid:
    """A thread.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: TID


@dataclass(frozen=True, slots=True)
class TL_signal:
    """A signal.

    Source: TCP1_baseTypesScript.sml, TLang.
    """

    v: Signal


TLang: TypeAlias = (
    TL_int
    | TL_bool
    | TL_string
    | TL_one
    | TL_pair
    | TL_list
    | TL_option
    | TL_err
    | TL_fd
    | TL_ip
    | TL_port
    | TL_error
    | TL_netmask
    | TL_ifid
    | TL_filebflag
    | TL_sockbflag
    | TL_socknflag
    | TL_socktflag
    | TL_socktype
    | TL_tid
    | TL_signal
)

_BASE_TYPES: dict[type[object], TLang_base] = {
    TL_int: TLty_int,
    TL_bool: TLty_bool,
    TL_string: TLty_string,
    TL_one: TLty_one,
    TL_fd: TLty_fd,
    TL_ip: TLty_ip,
    TL_port: TLty_port,
    TL_error: TLty_error,
    TL_netmask: TLty_netmask,
    TL_ifid: TLty_ifid,
    TL_filebflag: TLty_filebflag,
    TL_sockbflag: TLty_sockbflag,
    TL_socknflag: TLty_socknflag,
    TL_socktflag: TLty_socktflag,
    TL_socktype: TLty_socktype,
    TL_tid: TLty_tid,
    TL_signal: TLty_signal,
}


def tlang_typing(v: TLang, ty: TLang_type) -> bool:
    """Whether a value is of a type.

    Source: TCP1_baseTypesScript.sml, tlang_typing.
    """
    match v, ty:
        case TL_pair(a, b), TLty_pair(ty_a, ty_b):
            return tlang_typing(a, ty_a) and tlang_typing(b, ty_b)
        case TL_list(es), TLty_list(ty_e):
            return all(tlang_typing(e, ty_e) for e in es)
        case TL_option(p), TLty_lift(ty_p):
            return p is None or tlang_typing(p, ty_p)
        case TL_err(Fail()), TLty_err():
            return True
        case TL_err(Ok(p)), TLty_err(ty_p):
            return tlang_typing(p, ty_p)
    return _BASE_TYPES.get(type(v)) is ty


# -- making results ---------------------------------------------------------------------------------


def OK(v: TLang) -> TLang:
    """The result of a call that succeeds.

    Source: TCP1_baseTypesScript.sml, OK'.
    """
    return TL_err(Ok(v))


def FAIL(e: Error) -> TLang:
    """The result of a call that fails.

    Source: TCP1_baseTypesScript.sml, FAIL'.
    """
    return TL_err(Fail(e))


def OK_int(v: int) -> TLang:
    """The result of a call that returns an integer.

    Source: TCP1_baseTypesScript.sml, OK'_int.
    """
    return OK(TL_int(v))


def OK_bool(v: bool) -> TLang:
    """The result of a call that returns a truth value.

    Source: TCP1_baseTypesScript.sml, OK'_bool.
    """
    return OK(TL_bool(v))


def OK_string(v: bytes) -> TLang:
    """The result of a call that returns a string.

    Source: TCP1_baseTypesScript.sml, OK'_string.
    """
    return OK(TL_string(v))


def OK_one() -> TLang:
    """The result of a call that returns nothing.

    Source: TCP1_baseTypesScript.sml, OK'_one.
    """
    return OK(TL_one())


def OK_pair(a: TLang, b: TLang) -> TLang:
    """The result of a call that returns a pair.

    Source: TCP1_baseTypesScript.sml, OK'_pair.
    """
    return OK(TL_pair(a, b))


def OK_list(v: tuple[TLang, ...]) -> TLang:
    """The result of a call that returns a list.

    Source: TCP1_baseTypesScript.sml, OK'_list.
    """
    return OK(TL_list(v))


def OK_option(v: TLang | None) -> TLang:
    """The result of a call that returns an option.

    Source: TCP1_baseTypesScript.sml, OK'_option.
    """
    return OK(TL_option(v))


def OK_err(v: Err[TLang]) -> TLang:
    """The result of a call that returns a result.

    Source: TCP1_baseTypesScript.sml, OK'_err.
    """
    return OK(TL_err(v))


def OK_fd(v: FD) -> TLang:
    """The result of a call that returns a file descriptor.

    Source: TCP1_baseTypesScript.sml, OK'_fd.
    """
    return OK(TL_fd(v))


def OK_ip(v: Ip) -> TLang:
    """The result of a call that returns an address.

    Source: TCP1_baseTypesScript.sml, OK'_ip.
    """
    return OK(TL_ip(v))


def OK_port(v: Port) -> TLang:
    """The result of a call that returns a port.

    Source: TCP1_baseTypesScript.sml, OK'_port.
    """
    return OK(TL_port(v))


def OK_error(v: Error) -> TLang:
    """The result of a call that returns an error.

    Source: TCP1_baseTypesScript.sml, OK'_error.
    """
    return OK(TL_error(v))


def OK_tid(v: TID) -> TLang:
    """The result of a call that returns a thread.

    Source: TCP1_baseTypesScript.sml, OK'_tid.
    """
    return OK(TL_tid(v))


def OK_netmask(v: NETMASK) -> TLang:
    """The result of a call that returns a network mask.

    Source: TCP1_baseTypesScript.sml, OK'_netmask.
    """
    return OK(TL_netmask(v))


def OK_ifid(v: IfId) -> TLang:
    """The result of a call that returns an interface.

    Source: TCP1_baseTypesScript.sml, OK'_ifid.
    """
    return OK(TL_ifid(v))


def OK_fileflags(v: Iterable[FileBFlag]) -> TLang:
    """The result of a call that returns file flags.

    Source: TCP1_baseTypesScript.sml, OK'_fileflags.
    """
    return OK(TL_list(tuple(map(TL_filebflag, v))))


def OK_sockbflag(v: SockBFlag) -> TLang:
    """The result of a call that returns the name of an option.

    Source: TCP1_baseTypesScript.sml, OK'_sockbflag.
    """
    return OK(TL_sockbflag(v))


def OK_socknflag(v: SockNFlag) -> TLang:
    """The result of a call that returns the name of an option.

    Source: TCP1_baseTypesScript.sml, OK'_socknflag.
    """
    return OK(TL_socknflag(v))


def OK_socktflag(v: SockTFlag) -> TLang:
    """The result of a call that returns the name of an option.

    Source: TCP1_baseTypesScript.sml, OK'_socktflag.
    """
    return OK(TL_socktflag(v))


def OK_int_option(v: int | None) -> TLang:
    """The result of a call that returns an integer or nothing.

    Source: TCP1_baseTypesScript.sml, OK'_int_option.
    """
    return OK(TL_option(None if v is None else TL_int(v)))


def OK_intpair_option(v: tuple[int, int] | None) -> TLang:
    """The result of a call that returns two integers, such as seconds and nanoseconds, or nothing.

    Source: TCP1_baseTypesScript.sml, OK'_intpair_option.
    """
    return OK(TL_option(None if v is None else TL_pair(TL_int(v[0]), TL_int(v[1]))))


def OK_string_ipportpair_pair(s: bytes, ipo: tuple[tuple[Ip | None, Port | None], bool] | None) -> TLang:
    """The result of recv: data and, for UDP, the sender and whether the data are complete.

    Source: TCP1_baseTypesScript.sml, OK'_string_ipportpair_pair.
    """
    if ipo is None:
        return OK_pair(TL_string(s), TL_option(None))
    (i, p), b = ipo
    return OK_pair(TL_string(s), TL_option(TL_pair(_ipport_options(i, p), TL_bool(b))))


def OK_ipport(i1: Ip, p1: Port) -> TLang:
    """The result of a call that returns an address and a port.

    Source: TCP1_baseTypesScript.sml, OK'_ipport.
    """
    return OK_pair(TL_ip(i1), TL_port(p1))


def OK_ipportlift(is1: Ip | None, ps1: Port | None) -> TLang:
    """The result of a call that returns an address and a port, either of which may be unset.

    Source: TCP1_baseTypesScript.sml, OK'_ipportlift.
    """
    return OK(_ipport_options(is1, ps1))


def OK_fdipport(fd: FD, i2: Ip, p2: Port) -> TLang:
    """The result of accept: the new descriptor, and the peer's address and port.

    Source: TCP1_baseTypesScript.sml, OK'_fdipport.
    """
    return OK(TL_pair(TL_fd(fd), TL_pair(TL_ip(i2), TL_port(p2))))


def OK_errorlift(e: Error | None) -> TLang:
    """The result of a call that returns an error or nothing.

    Source: TCP1_baseTypesScript.sml, OK'_errorlift.
    """
    return OK_option(None if e is None else TL_error(e))


def OK_fdlisttriple(fdl1: Iterable[FD], fdl2: Iterable[FD], fdl3: Iterable[FD]) -> TLang:
    """The result of pselect: the descriptors that are readable, writable and exceptional.

    Source: TCP1_baseTypesScript.sml, OK'_fdlisttriple.
    """
    one, two, three = (TL_list(tuple(map(TL_fd, fds))) for fds in (fdl1, fdl2, fdl3))
    return OK(TL_pair(one, TL_pair(two, three)))


def OK_getifaddrs_ret(retlist: Iterable[tuple[IfId, Ip, Iterable[Ip], NETMASK]]) -> TLang:
    """The result of getifaddrs: per interface its primary address, all addresses and mask.

    Source: TCP1_baseTypesScript.sml, OK'_getifaddrs_ret.
    """
    return OK(
        TL_list(
            tuple(
                TL_pair(
                    TL_ifid(ifid),
                    TL_pair(TL_ip(i), TL_pair(TL_list(tuple(map(TL_ip, ipl))), TL_netmask(nm))),
                )
                for ifid, i, ipl, nm in retlist
            )
        )
    )


def _ipport_options(i: Ip | None, p: Port | None) -> TLang:
    return TL_pair(TL_option(None if i is None else TL_ip(i)), TL_option(None if p is None else TL_port(p)))
