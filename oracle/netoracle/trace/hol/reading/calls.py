"""Calls of the sockets interface, and what they return.

Where older traces mean what the model still has, they are read as it:

- `socket()` is `socket(SOCK_STREAM)`: there were no other sockets then;
- `connect(fd, i, Port p)` is `connect(fd, i, SOME(Port p))`, `send(fd, data, flags)` has no address;
- `OK(one)` is `OK()`;
- a getsockname that returned an address and a port without SOME has both, a recv that returned a string alone
  has no sender.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lark import Token

from netoracle.trace.hol.reading.terms import Term, arguments, mismatch, parts, rejected
from netoracle.trace.hol.reading.values import (
    Reader,
    boolean,
    eth,
    fd,
    integer,
    ip,
    ip_option,
    member,
    netmask,
    option,
    pair,
    port,
    port_option,
    sequence_of,
    string,
    tid,
)
from netspec.base.base_types import (
    FAIL,
    LO,
    OK,
    SOCK_STREAM,
    FileBFlag,
    MsgBFlag,
    Ok,
    SockBFlag,
    SockNFlag,
    SockTFlag,
    SockType,
    TL_bool,
    TL_err,
    TL_error,
    TL_fd,
    TL_filebflag,
    TL_ifid,
    TL_int,
    TL_ip,
    TL_list,
    TL_netmask,
    TL_one,
    TL_option,
    TL_pair,
    TL_port,
    TL_signal,
    TL_sockbflag,
    TL_socknflag,
    TL_socktflag,
    TL_socktype,
    TL_string,
    TL_tid,
    TLang,
)
from netspec.base.errors import Error
from netspec.base.signals import Signal
from netspec.tcp import lib_interface as lib

MAX_TUPLE = 8
"""The largest tuple among a call's results (the interfaces of getifaddrs have four components)."""

_error = member(Error, "an error code")
_signal = member(Signal, "a signal")
_fds = sequence_of(fd, "a list of file descriptors")
_filebflags = sequence_of(member(FileBFlag, "a file flag"), "a list of file flags")
_msgbflags = sequence_of(member(MsgBFlag, "a message flag"), "a list of message flags")
_sockbflag = member(SockBFlag, "a boolean socket option")
_socknflag = member(SockNFlag, "a numeric socket option")
_socktflag = member(SockTFlag, "a timed socket option")
_socktype = member(SockType, "a type of socket")
_seconds = option(pair(integer, integer, "a pair of numbers"))


def _port_of_connect(term: Term) -> object:
    return port(term) if parts(term)[0] == "Port" else port_option(term)


_CALLS: Mapping[str, tuple[Callable[..., lib.LIB_interface], tuple[Reader, ...]]] = {
    "accept": (lib.accept, (fd,)),
    "bind": (lib.bind, (fd, ip_option, port_option)),
    "close": (lib.close, (fd,)),
    "connect": (lib.connect, (fd, ip, _port_of_connect)),
    "disconnect": (lib.disconnect, (fd,)),
    "dup": (lib.dup, (fd,)),
    "dupfd": (lib.dupfd, (fd, integer)),
    "getfileflags": (lib.getfileflags, (fd,)),
    "getifaddrs": (lib.getifaddrs, ()),
    "getpeername": (lib.getpeername, (fd,)),
    "getsockbopt": (lib.getsockbopt, (fd, _sockbflag)),
    "getsockerr": (lib.getsockerr, (fd,)),
    "getsocklistening": (lib.getsocklistening, (fd,)),
    "getsockname": (lib.getsockname, (fd,)),
    "getsocknopt": (lib.getsocknopt, (fd, _socknflag)),
    "getsocktopt": (lib.getsocktopt, (fd, _socktflag)),
    "listen": (lib.listen, (fd, integer)),
    "pselect": (lib.pselect, (_fds, _fds, _fds, _seconds, option(sequence_of(_signal, "a list of signals")))),
    "recv": (lib.recv, (fd, integer, _msgbflags)),
    "send": (lib.send, (fd, option(pair(ip, port, "an address and a port")), string, _msgbflags)),
    "setfileflags": (lib.setfileflags, (fd, _filebflags)),
    "setsockbopt": (lib.setsockbopt, (fd, _sockbflag, boolean)),
    "setsocknopt": (lib.setsocknopt, (fd, _socknflag, integer)),
    "setsocktopt": (lib.setsocktopt, (fd, _socktflag, _seconds)),
    "shutdown": (lib.shutdown, (fd, boolean, boolean)),
    "sockatmark": (lib.sockatmark, (fd,)),
    "socket": (lib.socket, (_socktype,)),
}


def call(term: Term) -> lib.LIB_interface:
    """A sockets call with its arguments."""
    name, args = parts(term)
    if name not in _CALLS or len(args) != 1:
        raise mismatch(term, "a sockets call")
    make, readers = _CALLS[name]
    given = arguments(args[0])
    if name == "socket" and not given:
        return make(SOCK_STREAM)
    if name == "send" and len(given) == 3:
        sender, data, flags = given
        return make(fd(sender), None, string(data), _msgbflags(flags))
    if len(given) != len(readers):
        raise rejected(term, f"{name} takes {len(readers)} arguments, found {len(given)}")
    return make(*(read(arg) for read, arg in zip(readers, given, strict=True)))


def result(term: Term) -> TLang:
    """What a call returned, typed by its looks."""
    name, args = parts(term)
    if name == "FAIL" and len(args) == 1:
        return FAIL(_error(args[0]))
    if name != "OK" or len(args) != 1:
        raise mismatch(term, "OK(...) or FAIL(...)")
    return OK(tlang(args[0]))


def typed_result(value: TLang, of: lib.LIB_interface | None) -> TLang:
    """A result as the model types it for the call `of`, where older traces wrote it without its options."""
    match of, value:
        case lib.getsockname(), TL_err(Ok(TL_pair(TL_ip() as i, TL_port() as p))):
            return OK(TL_pair(TL_option(i), TL_option(p)))
        case lib.recv(), TL_err(Ok(TL_string() as data)):
            return OK(TL_pair(data, TL_option(None)))
    return value


# ---------------------------------------------------------------- values that calls return

_CONSTANTS: dict[str, TLang] = {
    "T": TL_bool(True),
    "F": TL_bool(False),
    "NONE": TL_option(None),
    "LO": TL_ifid(LO),
    **{name: TL_error(value) for name, value in Error.__members__.items()},
    **{name: TL_signal(value) for name, value in Signal.__members__.items()},
    **{name: TL_filebflag(value) for name, value in FileBFlag.__members__.items()},
    **{name: TL_sockbflag(value) for name, value in SockBFlag.__members__.items()},
    **{name: TL_socknflag(value) for name, value in SockNFlag.__members__.items()},
    **{name: TL_socktflag(value) for name, value in SockTFlag.__members__.items()},
    **{name: TL_socktype(value) for name, value in SockType.__members__.items()},
}


def tlang(term: Term) -> TLang:
    """A value that a call returns; what it looks like says what it is.

    A tuple is pairs nested to the right.  `one` is an older way to write `()`.
    """
    if isinstance(term, Token):
        if term.type == "NUMBER":
            return TL_int(integer(term))
        if term.type == "STRING":
            return TL_string(string(term))
    elif term.kind == "tuple":
        if not term.items:
            return TL_one()
        if len(term.items) > MAX_TUPLE:
            raise rejected(term, f"no call returns a tuple of {len(term.items)}")
        value = tlang(term.items[-1])
        for item in reversed(term.items[:-1]):
            value = TL_pair(tlang(item), value)
        return value
    elif term.kind == "list":
        return TL_list(tuple(tlang(item) for item in term.items))
    name, args = parts(term)
    if not args:
        if name == "one":
            return TL_one()
        if name in _CONSTANTS:
            return _CONSTANTS[name]
    elif name == "SOME" and len(args) == 1:
        return TL_option(tlang(args[0]))
    elif name in _BUILT:
        return _BUILT[name](term)
    raise mismatch(term, "a value that a call can return")


_BUILT: dict[str, Callable[[Term], TLang]] = {
    "FD": lambda term: TL_fd(fd(term)),
    "TID": lambda term: TL_tid(tid(term)),
    "IP": lambda term: TL_ip(ip(term)),
    "Port": lambda term: TL_port(port(term)),
    "NETMASK": lambda term: TL_netmask(netmask(term)),
    "ETH": lambda term: TL_ifid(eth(term)),
}
