"""The line that says how a host was set up, and the time at which a trace begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeVar

from lark import Token

from netoracle.trace.hol.reading.terms import Node, Term, components, mismatch, parts, rejected
from netoracle.trace.hol.reading.values import (
    Reader,
    boolean,
    duration,
    ifid,
    ip,
    ip_option,
    natural,
    netmask,
    pair,
    port,
    record,
    seq_ts,
    sequence_of,
    set_of,
    tid,
)
from netoracle.trace.model import InitialHost
from netspec.base.base_types import FD, IfId
from netspec.tcp.pre_host_types import LOOPBACK_ADDRS, HostParams, Ifd, IpSet, RoutingTableEntry

T = TypeVar("T")

ARCHITECTURES = ("FreeBSD_4_6_RELEASE", "Linux_2_4_20_8", "WinXP_Prof_SP1")


def abstime(args: list[Token]) -> Fraction:
    """The base time in seconds, `abstime sec usec`."""
    if len(args) == 1:
        return duration(args[0])
    return natural(args[0], "seconds") + Fraction(natural(args[1], "microseconds"), 1_000_000)


_addresses = set_of(ip, "a set of addresses ({...})")


def _ipset(term: Term) -> IpSet:
    return LOOPBACK_ADDRS if parts(term) == ("LOOPBACK_ADDRS", ()) else _addresses(term)


_IFD: Mapping[str, Reader] = {
    "ipset": _ipset,
    "primary": ip,
    "netmask": netmask,
    "up": boolean,
}

_ROUTE: Mapping[str, Reader] = {
    "destination_ip": ip,
    "destination_netmask": netmask,
    "ifid": ifid,
}


def _port_number(term: Term) -> int:
    return natural(term, "a port", 65535)


_PARAMS: Mapping[str, Reader] = {"min_eph_port": _port_number, "max_eph_port": _port_number}
_HELD_PORTS = sequence_of(pair(ip_option, port, "an address and a port"), "a list of held ports")


def _architecture(term: Term) -> str:
    name, args = parts(term)
    if name not in ARCHITECTURES or args:
        raise mismatch(term, f"an architecture ({', '.join(ARCHITECTURES)})")
    return name


def _descriptor(term: Term) -> FD:
    return FD(natural(term, "the number of a descriptor"))


_DESCRIPTORS = sequence_of(_descriptor, "a list of open descriptors")


def _symbol_or(read: Callable[[Term], T]) -> Callable[[Term], T | str]:
    """The reader of a value that the line may leave symbolic, as a name that means nothing here."""

    def read_or_symbol(term: Term) -> T | str:
        return str(term) if isinstance(term, Token) and term.type == "NAME" else read(term)

    return read_or_symbol


_TICKS = _symbol_or(seq_ts)
_REMDR = _symbol_or(duration)


def _interface(term: Term) -> tuple[IfId, Ifd]:
    name, ifd = components(term, 2, "an interface and what it is")
    return ifid(name), Ifd(**record(ifd, "an interface", _IFD))


def _route(term: Term) -> RoutingTableEntry:
    return RoutingTableEntry(**record(term, "a route", _ROUTE))


_INTERFACES = sequence_of(_interface, "a list of interfaces")
_ROUTES = sequence_of(_route, "a list of routes")

_HOST = (
    "initial_host takes an address, a thread, an architecture, T or F, held ports, interfaces, routes, "
    "open descriptors (or none), two tickers, and parameters (or none)"
)


def host_line(name: str | None, at: Token, args: tuple[Term, ...]) -> InitialHost:
    """The setup of a host from the arguments of its line, the host's name, and the line's first word."""
    given = list(args)
    if not 9 <= len(given) <= 11:
        raise rejected(at, f"{_HOST}; found {len(given)} arguments")
    lists_fds = isinstance(given[7], Node) and given[7].kind == "list"
    fds = _DESCRIPTORS(given.pop(7)) if lists_fds else None
    params = given.pop() if len(given) == 10 else None
    if len(given) != 9:
        raise rejected(at, f"{_HOST}; found {len(args)} arguments")
    host_ip, thread, arch, privs, heldports, ifaces, rttab, ticks, remdr = given
    return InitialHost(
        name,
        ip(host_ip),
        tid(thread),
        _architecture(arch),
        boolean(privs),
        _HELD_PORTS(heldports),
        _INTERFACES(ifaces),
        _ROUTES(rttab),
        fds,
        _TICKS(ticks),
        _REMDR(remdr),
        None if params is None else HostParams(**record(params, "the host's parameters", _PARAMS)),
    )
