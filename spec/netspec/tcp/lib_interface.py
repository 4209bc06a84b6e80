"""The sockets calls: their arguments, the types of their results, and groups of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from netspec.base.base_types import (
    FD,
    FileBFlag,
    Ip,
    MsgBFlag,
    Port,
    SockBFlag,
    SockNFlag,
    SockTFlag,
    SockType,
    TLang_type,
    TLty_bool,
    TLty_fd,
    TLty_filebflag,
    TLty_ifid,
    TLty_int,
    TLty_ip,
    TLty_lift,
    TLty_list,
    TLty_netmask,
    TLty_one,
    TLty_pair,
    TLty_port,
    TLty_string,
)
from netspec.base.signals import Signal


@dataclass(frozen=True, slots=True)
class accept:
    """Take a completed connection from a listening socket.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class bind:
    """Set the local address and port.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    is1: Ip | None
    ps1: Port | None


@dataclass(frozen=True, slots=True)
class close:
    """Close a descriptor.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class connect:
    """Connect to a peer.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    i2: Ip
    ps2: Port | None


@dataclass(frozen=True, slots=True)
class disconnect:
    """Forget the peer of a UDP socket.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class dup:
    """Make another descriptor for the same file.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class dupfd:
    """Make another descriptor, `n` or above, for the same file.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    n: int


@dataclass(frozen=True, slots=True)
class getfileflags:
    """The flags of the file.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class getifaddrs:
    """The interfaces and their addresses.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """


@dataclass(frozen=True, slots=True)
class getpeername:
    """The peer's address and port.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class getsockbopt:
    """The value of an option.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    f: SockBFlag


@dataclass(frozen=True, slots=True)
class getsockerr:
    """The pending error, which is cleared.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class getsocklistening:
    """Whether the socket listens.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class getsockname:
    """The local address and port.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class getsocknopt:
    """The value of an option.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    f: SockNFlag


@dataclass(frozen=True, slots=True)
class getsocktopt:
    """The value of an option.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    f: SockTFlag


@dataclass(frozen=True, slots=True)
class listen:
    """Wait for connections, `n` of them in the queue.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    n: int


@dataclass(frozen=True, slots=True)
class pselect:
    """Wait for a descriptor to be ready; the timeout is seconds and nanoseconds.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    readfds: tuple[FD, ...]
    writefds: tuple[FD, ...]
    exceptfds: tuple[FD, ...]
    timeout: tuple[int, int] | None
    sigmask: tuple[Signal, ...] | None


@dataclass(frozen=True, slots=True)
class recv:
    """Receive up to `n` bytes.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    n: int
    opts: tuple[MsgBFlag, ...]


@dataclass(frozen=True, slots=True)
class send:
    """Send data, for UDP to the address if given.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    addr: tuple[Ip, Port] | None
    data: bytes
    opts: tuple[MsgBFlag, ...]


@dataclass(frozen=True, slots=True)
class setfileflags:
    """Set the flags of the file.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    flags: tuple[FileBFlag, ...]


@dataclass(frozen=True, slots=True)
class setsockbopt:
    """Set an option.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    f: SockBFlag
    b: bool


@dataclass(frozen=True, slots=True)
class setsocknopt:
    """Set an option.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    f: SockNFlag
    n: int


@dataclass(frozen=True, slots=True)
class setsocktopt:
    """Set an option, to seconds and nanoseconds or to no limit.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    f: SockTFlag
    t: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class shutdown:
    """End receiving (`r`), sending (`w`) or both.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD
    r: bool
    w: bool


@dataclass(frozen=True, slots=True)
class sockatmark:
    """Whether the next byte is the urgent one.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    fd: FD


@dataclass(frozen=True, slots=True)
class socket:
    """Make a socket.

    Source: TCP1_LIBinterfaceScript.sml, LIB_interface.
    """

    socktype: SockType


LIB_interface: TypeAlias = (
    accept
    | bind
    | close
    | connect
    | disconnect
    | dup
    | dupfd
    | getfileflags
    | getifaddrs
    | getpeername
    | getsockbopt
    | getsockerr
    | getsocklistening
    | getsockname
    | getsocknopt
    | getsocktopt
    | listen
    | pselect
    | recv
    | send
    | setfileflags
    | setsockbopt
    | setsocknopt
    | setsocktopt
    | shutdown
    | sockatmark
    | socket
)

_RET_TYPES: dict[type[object], TLang_type] = {
    accept: TLty_pair(TLty_fd, TLty_pair(TLty_ip, TLty_port)),
    bind: TLty_one,
    close: TLty_one,
    connect: TLty_one,
    disconnect: TLty_one,
    dup: TLty_fd,
    dupfd: TLty_fd,
    getfileflags: TLty_list(TLty_filebflag),
    getifaddrs: TLty_list(TLty_pair(TLty_ifid, TLty_pair(TLty_ip, TLty_pair(TLty_list(TLty_ip), TLty_netmask)))),
    getpeername: TLty_pair(TLty_ip, TLty_port),
    getsockbopt: TLty_bool,
    getsockerr: TLty_one,
    getsocklistening: TLty_bool,
    getsockname: TLty_pair(TLty_lift(TLty_ip), TLty_lift(TLty_port)),
    getsocknopt: TLty_int,
    getsocktopt: TLty_lift(TLty_pair(TLty_int, TLty_int)),
    listen: TLty_one,
    pselect: TLty_pair(TLty_list(TLty_fd), TLty_pair(TLty_list(TLty_fd), TLty_list(TLty_fd))),
    recv: TLty_pair(TLty_string, TLty_lift(TLty_pair(TLty_pair(TLty_ip, TLty_port), TLty_bool))),
    send: TLty_string,
    setfileflags: TLty_one,
    setsockbopt: TLty_one,
    setsocknopt: TLty_one,
    setsocktopt: TLty_one,
    shutdown: TLty_one,
    sockatmark: TLty_bool,
    socket: TLty_fd,
}


def retType(opn: LIB_interface) -> TLang_type:
    """The type of a call's value where it succeeds.

    Source: TCP1_LIBinterfaceScript.sml, retType.
    """
    return _RET_TYPES[type(opn)]


_FD_SOCKOPS = (
    accept,
    bind,
    connect,
    disconnect,
    getsockname,
    getpeername,
    getsockbopt,
    getsocknopt,
    getsocktopt,
    setsockbopt,
    setsocknopt,
    setsocktopt,
    listen,
    recv,
    send,
    shutdown,
    sockatmark,
    getsockerr,
    getsocklistening,
)
_FD_OPS = (*_FD_SOCKOPS, close, dup, dupfd, getfileflags, setfileflags)


def fd_op(fd: FD, opn: LIB_interface) -> bool:
    """Whether it is a call on this one descriptor.

    Source: TCP1_LIBinterfaceScript.sml, fd_op.
    """
    return isinstance(opn, _FD_OPS) and opn.fd == fd


def fd_sockop(fd: FD, opn: LIB_interface) -> bool:
    """Whether it is a call on this one descriptor that only sockets have.

    Source: TCP1_LIBinterfaceScript.sml, fd_sockop.
    """
    return isinstance(opn, _FD_SOCKOPS) and opn.fd == fd
