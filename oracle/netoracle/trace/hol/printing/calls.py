"""Calls of the sockets interface, and what they return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from netoracle.trace.hol.printing.values import (
    Show,
    listed,
    maybe,
    paired,
    print_boolean,
    print_fd,
    print_ifid,
    print_integer,
    print_ip,
    print_list,
    print_name,
    print_netmask,
    print_option,
    print_port,
    print_tid,
)
from netoracle.trace.hol.text import string_literal
from netspec.base.base_types import (
    Fail,
    Ok,
    TL_bool,
    TL_err,
    TL_fd,
    TL_ifid,
    TL_int,
    TL_ip,
    TL_list,
    TL_netmask,
    TL_one,
    TL_option,
    TL_pair,
    TL_port,
    TL_string,
    TL_tid,
    TLang,
)
from netspec.tcp import lib_interface as lib

_FDS = listed(print_fd)
_FLAGS = listed(print_name)
_SECONDS = maybe(paired(print_integer, print_integer))

_CALLS: Mapping[type[lib.LIB_interface], tuple[Show, ...]] = {
    lib.accept: (print_fd,),
    lib.bind: (print_fd, maybe(print_ip), maybe(print_port)),
    lib.close: (print_fd,),
    lib.connect: (print_fd, print_ip, maybe(print_port)),
    lib.disconnect: (print_fd,),
    lib.dup: (print_fd,),
    lib.dupfd: (print_fd, print_integer),
    lib.getfileflags: (print_fd,),
    lib.getifaddrs: (),
    lib.getpeername: (print_fd,),
    lib.getsockbopt: (print_fd, print_name),
    lib.getsockerr: (print_fd,),
    lib.getsocklistening: (print_fd,),
    lib.getsockname: (print_fd,),
    lib.getsocknopt: (print_fd, print_name),
    lib.getsocktopt: (print_fd, print_name),
    lib.listen: (print_fd, print_integer),
    lib.pselect: (_FDS, _FDS, _FDS, _SECONDS, maybe(_FLAGS)),
    lib.recv: (print_fd, print_integer, _FLAGS),
    lib.send: (print_fd, maybe(paired(print_ip, print_port)), string_literal, _FLAGS),
    lib.setfileflags: (print_fd, _FLAGS),
    lib.setsockbopt: (print_fd, print_name, print_boolean),
    lib.setsocknopt: (print_fd, print_name, print_integer),
    lib.setsocktopt: (print_fd, print_name, _SECONDS),
    lib.shutdown: (print_fd, print_boolean, print_boolean),
    lib.sockatmark: (print_fd,),
    lib.socket: (print_name,),
}


def print_call(call: lib.LIB_interface) -> str:
    """A sockets call with its arguments."""
    shows = _CALLS[type(call)]
    values = (getattr(call, field.name) for field in fields(call))
    arguments = (show(value) for show, value in zip(shows, values, strict=True))
    return f"{type(call).__name__}({', '.join(arguments)})"


def print_result(value: TLang) -> str:
    """What a call returned.  Raises ValueError where no call returns it."""
    match value:
        case TL_err(Fail(error)):
            return f"FAIL({error.name})"
        case TL_err(Ok(TL_pair(a, b))):
            return f"OK({_tlang(a)}, {_tlang(b)})"
        case TL_err(Ok(TL_one())):
            return "OK()"
        case TL_err(Ok(result)):
            return f"OK({_tlang(result)})"
    raise ValueError(f"no call returns {value!r}")


def _tlang(value: TLang) -> str:
    """A value inside another; a pair is in brackets."""
    match value:
        case TL_pair(a, b):
            return f"({_tlang(a)}, {_tlang(b)})"
        case TL_option(TL_pair(a, b)):
            return f"SOME({_tlang(a)}, {_tlang(b)})"
        case TL_option(some):
            return print_option(_tlang, some)
        case TL_list(items):
            return print_list(_tlang, items)
        case TL_one():
            return "()"
        case TL_int(v):
            return print_integer(v)
        case TL_bool(v):
            return print_boolean(v)
        case TL_string(v):
            return string_literal(v)
        case TL_fd(v):
            return print_fd(v)
        case TL_ip(v):
            return print_ip(v)
        case TL_port(v):
            return print_port(v)
        case TL_netmask(v):
            return print_netmask(v)
        case TL_ifid(v):
            return print_ifid(v)
        case TL_tid(v):
            return print_tid(v)
        case TL_err():
            raise ValueError(f"no call returns {value!r}")
        case _:
            return print_name(value.v)
